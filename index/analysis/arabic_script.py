"""Kazakh in Arabic script (төте жазу, the alphabet of 1924), and how it is spelt in Cyrillic.

A hamza before a word says that its vowels are front ones; so do ك, گ and ە in it. Some letters
stand for two: ي is й or и, and loans keep neither their ц nor their soft signs.
"""

import re
import unicodedata
from typing import Final

from index.analysis.transliteration import Lattice

# A letter, or two that stand for one, and the Cyrillic that it may be: back and front vowels are
# told apart below.
_SPELLINGS: Final = {
    "ا": "а ә", "ٵ": "ә", "ب": "б", "ۆ": "в", "گ": "г", "ع": "ғ", "غ": "ғ", "د": "д", "ە": "е э",
    "ج": "ж", "ز": "з", "ي": "й и", "ك": "к", "ق": "қ", "ل": "л ль", "م": "м", "ن": "н", "ڭ": "ң",
    "و": "о ө", "ٶ": "ө", "پ": "п", "ر": "р рь", "س": "с", "ت": "т ть", "ۋ": "у", "ۇ": "ұ ү",
    "ٷ": "ү", "ف": "ф", "ح": "х", "خ": "х", "ھ": "һ х", "چ": "ч", "ش": "ш", "ى": "ы і", "ٸ": "і",
    "ىي": "и", "ۇۋ": "у", "يا": "я йа", "يۋ": "ю йу", "يو": "ё йо", "تس": "тс ц", "شش": "щ",
}  # fmt: skip
_FRONT: Final = frozenset("әөүіеэгк")
_OTHER_CLASS: Final = 1.0
_LATER_IN_ROW: Final = 0.2
_HAMZA: Final = "ء"
_SHOWS_FRONT = re.compile(f"[{_HAMZA}كگەٵٶٷٸ]")
_GRAPHEME = re.compile("|".join(sorted(_SPELLINGS, key=len)[::-1]) + "|.", re.DOTALL)
# Letters of other keyboards (Persian, Arabic, Uyghur), and what is written along without a sound.
_SAME_LETTER: Final = str.maketrans(
    {"ی": "ي", "ې": "ي", "ک": "ك", "ه": "ھ", "ہ": "ھ", "ـ": "", "\u200c": "", "\u200d": ""}
)
_HIGH_HAMZA = re.compile("[\u0674\u0654]")
MARKS: Final = str.maketrans("،؛؟٪٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", ",;?%01234567890123456789")
"""Marks and figures of the Arabic script, and those of ours."""


def spelling_lattice_of_arabic(word: str) -> Lattice:
    """Return what each letter of a word in Arabic script may stand for, with costs.

    >>> ["".join(letters for letters, _ in row) for row in spelling_lattice_of_arabic("ءۇي")]
    ['үұ', 'йи']
    """
    letters = unicodedata.normalize("NFKC", word).translate(_SAME_LETTER)
    letters = _HIGH_HAMZA.sub(_HAMZA, letters)
    is_front = bool(_SHOWS_FRONT.search(letters))
    return [
        sorted(
            (
                (spelling, _LATER_IN_ROW * order + _class_cost(spelling, is_front=is_front))
                for order, spelling in enumerate(_SPELLINGS.get(grapheme, grapheme).split())
            ),
            key=lambda choice: choice[1],
        )
        for grapheme in _GRAPHEME.findall(letters.replace(_HAMZA, ""))
    ]


def _class_cost(spelling: str, *, is_front: bool) -> float:
    """Return what a vowel costs that is of the other class than its word."""
    if spelling not in {"а", "ә", "о", "ө", "ұ", "ү", "ы", "і"}:
        return 0.0
    return _OTHER_CLASS if (spelling in _FRONT) != is_front else 0.0
