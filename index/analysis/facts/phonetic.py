"""Keys of names that do not depend on the alphabet: Назарбаев, Nazarbayev and Nazarbaıev meet.

In: one word, in Kazakh Cyrillic, Russian Cyrillic, any Kazakh Latin alphabet, or English. Out: a
key, such as `~nsrbv`: its consonants in coarse classes, behind an A if a vowel comes first; for a
name with few consonants, the classes of its vowels but the last too (`~Ab`). Knows sounds as
letters show them, so names that differ in more than spelling do not meet: Қытай and China.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from index.analysis.facts.tokens import plain_word
from ingest.document import Language

ENOUGH: Final = 3
"""Consonants that make a key by themselves; with fewer, vowels are part of it."""

_LONGEST: Final = 40
_LONGEST_ACRONYM: Final = 4
_SHORTEST_STEM: Final = 3

# Sounds as one sign each: capitals for the classes of vowels, j for ж, x for ш, c for ч, C for ц.
_CYRILLIC: Final = str.maketrans(
    "аәяеэёиіыйоөуұүюўбвгғдзкқлмнңпрстфхһжцчшщьъ",
    "AAAIIIIIIIOOOOOOObvggdzkklmnnprstfhhjCcxx''",
)
_LATIN_LETTERS: Final = str.maketrans(
    {"ş": "sh", "š": "sh", "ç": "ch", "č": "ch", "ž": "zh", "ğ": "g", "ǵ": "g", "ñ": "n", "ń": "n"}
    | {"ı": "i", "ß": "ss", "ł": "l", "ø": "o", "æ": "e", "œ": "e", "đ": "d", "þ": "t", "ð": "d"}
)
_LATIN: Final = re.compile(
    r"""(?P<x> shch | sh | sch | s['’] )
    | (?P<c> tsch | tch | cz | c['’] | ch )
    | (?P<j> dzh | dj | zh | j )
    | (?P<C> tz | ts )
    | (?P<s> sc(?=[eiy]) | c(?=[eiy]) | s )
    | (?P<k> ck | k(?!h) | q(?!u[aeio]) | c )
    | (?P<kv> qu )
    | (?P<ks> x )
    | (?P<f> ph | f )
    | (?P<t> th | t )
    | (?P<r> rh | r )
    | (?P<g> gh? )
    | (?P<h> kh | (?<![aeiouy])h | h(?!n|$) )
    | (?P<v> wh | w(?=[aeiouy]) | v )
    | (?P<A> y?a ) | (?P<O> y?[ou] ) | (?P<I> y?[ei] | y )
    | (?P<same> [bdzlmnp] )
    | .""",
    re.VERBOSE | re.DOTALL,
)
# Sounds that languages render by turns: Қазақстан, Kazakhstan; Цюрих, Zurich; Израиль, Israel.
# Measured on 488 parallel passages (names found in the Kazakh one, in an unrelated one; capitalised
# words whose key is an unlike word's too): 48.6%, 0.30%, 11.5%. Before the last change, which
# merges only letters that are double: with г as к 48.9%, 0.37%, 18.4%; г apart 48.6%, 0.34%, 14.5%,
# and with the vowels of names with three consonants 46.7%, 0.30%, 6.0%; no endings 37.6%, 0.26%.
# About half of those names are translated, such as "Ocean", and meet in no spelling.
_COARSER: Final = str.maketrans("hCz", "kss")
_FIRST_W = re.compile(r"^[уў](?=[аәеэиіыоөүю])")
_VELAR_N = re.compile(r"n[gk](?!k)")
_TWICE = re.compile(r"(.)\1+")
_GLIDE = re.compile(r"(?<=[AI])v(?![AIO]|$)")
_VOWEL = re.compile("[AIO]")
_FIRST_VOWEL = re.compile("^[AIO]")
_LAST_VOWEL = re.compile("(?<=..)[AIO]$")
_VOWELS = re.compile(r"([AIO])[AIO]+")

# What a name's ending may be, longest first; the letter before decides which shapes can follow.
_CASE: Final = (
    "(?<=[птксшқфхцчщвбгд])(?:[тқк][ае]|т[ае]н|т[ае]ғы|т[ыі]ң|т[ыі]|пен)"
    "|(?<=[^птксшқфхцчщ])(?:[дғг][ае]|д[ае]н|н[ае]н|д[ае]ғы|д[ае]гі|[дн][ыі]ң|[дн][ыі]|[мб]ен)"
    "|(?<=[ыі])(?:н[ае]|нд[ае]|нд[ае]ғы|нд[ае]гі|н)"
)
_ENDINGS: Final[dict[Language, tuple[re.Pattern[str], ...]]] = {
    "kk": (
        re.compile(f"(?:{_CASE})$"),
        re.compile(f"(?:с[ыі]|[лдт][ае]р(?:[ыі])?|[лдт][ыі]қ|[лдт]ік|ша|ше)(?:{_CASE})?$"),
    ),
    "ru": (
        re.compile("(?:[оеыи]м|[ая]м[и]?|[ая]х|[ое]го|[ое]му)$"),
        re.compile("(?:ск[а-я]{1,3})$"),
    ),
    "en": (re.compile("['’]s$"), re.compile("(?:i?ans?|ish|s)$")),
}


@lru_cache(maxsize=100_000)
def name_keys(word: str, language: Language) -> tuple[str, ...]:
    """Return the keys a name may have: with its ending, then without it.

    >>> name_keys("Назарбаевтың", "kk")
    ('~nsrbtn', '~nsrbv')
    >>> name_keys("Nazarbayev's", "en")
    ('~nsrbv',)
    """
    folded = _fold(word)
    stems = [] if language == "en" and folded.endswith(("'s", "’s")) else [folded]
    for ending in _ENDINGS[language]:
        match = ending.search(folded)
        if match and match.start() >= _SHORTEST_STEM:
            stems.append(folded[: match.start()])
    # Russian, and Kazakh after it, writes a foreign h as г: Hitler, Гитлер.
    stems += [stem.replace("г", "х", 1) for stem in stems if "г" in stem]
    return tuple(dict.fromkeys(key for key in map(name_key, stems) if key))


@lru_cache(maxsize=100_000)
def name_key(word: str) -> str:
    """Return the key of one spelling; empty if it has no letters of either alphabet.

    >>> name_key("Қазақстан") == name_key("Kazakhstan") == name_key("Qazaqstan")
    True
    >>> name_key("Абай"), name_key("Abay"), name_key("Ельцин") == name_key("Yeltsin")
    ('~Ab', '~Ab', True)
    """
    folded = _fold(word[:_LONGEST])
    sounds = "".join(_sounds(folded))
    sounds = _VELAR_N.sub("n", _GLIDE.sub("", sounds.translate(_COARSER)))
    if not (word.isupper() and len(word) <= _LONGEST_ACRONYM):  # ҚХР is not ҚР
        sounds = _TWICE.sub(r"\1", sounds)
    sounds = _VOWELS.sub(r"\1", sounds)
    consonants = sounds[:1] + _VOWEL.sub("", sounds[1:])
    if len(_VOWEL.sub("", consonants)) >= ENOUGH:
        return "~" + _FIRST_VOWEL.sub("A", consonants)
    return "~" + (_LAST_VOWEL.sub("", sounds) or sounds) if sounds else ""


def _fold(word: str) -> str:
    return plain_word(unicodedata.normalize("NFC", unicodedata.normalize("NFC", word).lower()))


def _sounds(folded: str) -> list[str]:
    """Return the sounds of a word, one sign each; other letters are left out."""
    cyrillic = _FIRST_W.sub("в", folded).replace("дж", "ж").translate(_CYRILLIC)
    if cyrillic != folded:
        return [sign for sign in cyrillic if sign.isascii() and sign.isalpha()]
    bare = unicodedata.normalize("NFD", folded.translate(_LATIN_LETTERS))
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return [
        match.lastgroup if match.lastgroup != "same" else match[0]
        for match in _LATIN.finditer(bare)
        if match.lastgroup
    ]
