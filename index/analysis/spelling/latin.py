"""Kazakh words typed without the Kazakh alphabet: how they may be spelt in it.

In: a word in a Latin alphabet (2017 with apostrophes, 2018 with acutes, 2021, or as people type),
or in the Russian letters of a keyboard that lacks the nine Kazakh ones. Out: Cyrillic spellings,
most plausible first; the skeleton that all spellings of a word share; what a spelling costs.

A letter that stands for several is judged by the vowels around it: Kazakh words are back (а о ы ұ,
with қ ғ) or front (ә е ө і ү, with к г). Knows no words: whether a spelling exists, and borrowed
words, which keep no harmony, are for a vocabulary to tell.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

MOST: Final = 24
"""Spellings proposed for a word, at most."""

Choices = Sequence[Sequence[tuple[str, float]]]
"""For every grapheme of a word, what it may stand for, and what that costs."""

_MARKS = re.compile("['’‘ʼʻ`´ʹ′]")
_MARKED = dict(zip("agscyouni", "äğşçýöüñï", strict=True))  # 2017: a' g' s' c' y' o' u' n' i'
_SAME: Final = str.maketrans(
    {
        letter: one
        for one, others in {
            "ä": "áəå", "ğ": "ǵġģ", "ş": "śșš", "ç": "ćč", "ö": "óøɵő", "ü": "úű", "ñ": "ńňŋņ",
            "ï": "īî", "ž": "żź", "ū": "ûůŭ",
        }.items()
        for letter in others
    }
)  # fmt: skip

# A grapheme and what it may stand for; the likely first. Costs grow along the row.
_LATIN: Final = {
    "a": "а ә", "ä": "ә", "b": "б", "c": "ц к с", "ç": "ч ш", "d": "д", "e": "е э", "f": "ф",
    "g": "г ғ", "ğ": "ғ", "h": "х һ", "i": "і и й ы", "ı": "і й ы и", "ï": "и й", "j": "ж й",
    "k": "к қ", "l": "л ль", "m": "м", "n": "н ң нь", "ñ": "ң", "o": "о ө", "ö": "ө", "p": "п пь",
    "q": "қ", "r": "р рь", "s": "с сь", "ş": "ш щ", "t": "т ть", "u": "у ұ ү", "ū": "ұ",
    "ü": "ү", "v": "в",
    "w": "у", "x": "х", "y": "ы й и", "ý": "у", "z": "з", "ž": "ж",
    "sh": "ш щ", "ch": "ч ш", "zh": "ж", "kh": "х қ һ", "gh": "ғ", "ts": "тс ц", "shch": "щ",
    "'": "- ь ъ",
}  # fmt: skip
_RUSSIAN: Final = {
    "а": "а ә", "г": "г ғ", "и": "і и ы", "к": "к қ", "н": "н ң", "о": "о ө", "у": "у ұ ү",
    "х": "х һ", "ы": "ы і",
}  # fmt: skip
_GLIDES = {
    f"{first}{second}": spellings
    for first in "iıyï"
    for second, spellings in {
        "a": "я ия йа ыа", "ä": "я ия йә", "u": "ю иу ыу йу йұ йү", "ý": "ю иу ыу", "o": "ё ио йо",
        "i": "и ій ий йі иі", "ı": "и йі ій ый иі", "y": "и йы ый ій ий иы", "ï": "и ій ый",
        "ia": "ия", "ıa": "ия", "ya": "ия", "ïa": "ия", "iu": "ию", "ıu": "ию", "ıý": "ию",
    }.items()
}  # fmt: skip
_SPELLINGS: Final = {
    grapheme: tuple("" if each == "-" else each for each in spellings.split())
    for grapheme, spellings in {**_LATIN, **_GLIDES, **_RUSSIAN}.items()
}
_GRAPHEME = re.compile(
    "|".join("ts(?!h)" if each == "ts" else each for each in sorted(_SPELLINGS, key=len)[::-1])
    + "|.",
    re.DOTALL,
)

_BACK: Final = frozenset("қғаоыұ")
_FRONT: Final = frozenset("кгәөіүе")
_BACK_SIGNS: Final = frozenset("ayаыұяūqğқғ")
_FRONT_VOWELS: Final = frozenset("eäöüiеәөіүэи")
_UNTOLD: Final = frozenset("aouоуа")
"""Vowels that may be either; those around them tell."""
_VOWELS: Final = _BACK_SIGNS - set("qğқғ") | _FRONT_VOWELS | _UNTOLD | set("ıïýwю") | set(_GLIDES)
_GENITIVE = re.compile("(?:[yiınmыиінм][nн]|[^aeyiıаеыи][dtдт]|[aeouаеоу][iй]d|йд)[yiıыиі][nн]$")
_OTHER_CLASS, _LATER_IN_ROW, _UNUSUAL = 0.5, 0.12, 0.6

# Letters that are one in the skeleton: those of a Russian keyboard, and ы, і, и, й, which are all
# typed i or y.
_FOLDED: Final = str.maketrans(
    {
        letter: one
        for one, others in {
            "а": "әaä", "б": "b", "в": "v", "г": "ғgğ", "д": "d", "е": "эe", "ж": "jž", "з": "z",
            "и": "ыійiıyï", "к": "қckq", "л": "l", "м": "m", "н": "ңnñ", "о": "өoö", "п": "p",
            "р": "r", "с": "s", "т": "t", "у": "ұүuūüwý", "ф": "f", "х": "һhx", "ч": "ç", "ш": "ş",
            "иа": "я", "иу": "ю", "ио": "ё", "тс": "ц", "шч": "щ", "": "ъь'",
        }.items()
        for letter in others
    }
)  # fmt: skip
_DIGRAPHS = (("shch", "щ"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("kh", "х"), ("gh", "г"))
_RUN = re.compile("и{2,}")


def cyrillic(word: str) -> tuple[str, ...]:
    """Return Cyrillic spellings of a word in Latin script, lower case, most plausible first.

    >>> cyrillic("Qazaqstannyn'")[0], cyrillic("ulken")[0], cyrillic("Kazak")[0]
    ('қазақстанның', 'үлкен', 'қазақ')
    """
    return tuple(spelt for _, spelt in ranked(choices(graphemes(word))))


def plain(word: str) -> str:
    """Return a word in lower case, its marked letters as one code point of one alphabet each.

    >>> plain("So'z"), plain("SÓZ")
    ('söz', 'söz')
    """
    composed = unicodedata.normalize("NFC", word).replace("İ", "i")
    folded = unicodedata.normalize("NFC", composed.casefold()).translate(_SAME)
    letters = _MARKS.sub("'", folded)
    return re.sub("([agscyouni])'", lambda found: _MARKED[found[1]], letters)


def graphemes(word: str) -> list[str]:
    """Split a word into letters, and pairs of letters that stand for one.

    >>> graphemes("Syrtqy aişa")
    ['s', 'y', 'r', 't', 'q', 'y', ' ', 'a', 'i', 'ş', 'a']
    """
    return _GRAPHEME.findall(plain(word))


def skeleton(word: str) -> str:
    """Return what all spellings of a word have in common.

    >>> {skeleton(each) for each in ("сыртқы", "syrtqy", "sirtki", "сырткы")}
    {'сиртки'}
    """
    folded = word
    if word[:1] < "Ѐ" or not word.islower():  # A vocabulary's words are not slowed down.
        folded = plain(word)
        for pair, letter in _DIGRAPHS:
            folded = folded.replace(pair, letter)
    bones = folded.translate(_FOLDED)
    return _RUN.sub("и", bones) if "ии" in bones else bones


def choices(typed: Sequence[str], *, front: bool | None = None) -> Choices:
    """Return what each grapheme of a word may stand for, cheapest first.

    Args:
        typed: The graphemes.
        front: Whether front letters are expected; None: the vowels around a letter tell.
    """
    found = []
    for place, grapheme in enumerate(typed):
        expected = _front_at(typed, place) if front is None else front
        row = [
            (letters, _LATER_IN_ROW * order + _unharmonious(letters, expected))
            for order, letters in enumerate(_SPELLINGS.get(grapheme, (grapheme,)))
        ]
        found.append(sorted(_in_place(row, typed, place), key=lambda each: each[1]))
    return found


def ranked(of: Choices, most: int = MOST) -> list[tuple[float, str]]:
    """Return the cheapest spellings with their costs, cheapest first."""
    best = [(0.0, "")]
    for row in of:
        longer = [(cost + more, spelt + letters) for cost, spelt in best for letters, more in row]
        best = sorted(longer, key=lambda each: each[0])[:most]
    return list({spelt: (cost, spelt) for cost, spelt in reversed(best)}.values())[::-1]


def cost(of: Choices, target: str) -> float | None:
    """Return what it costs to read a word as a certain spelling; None: it can't be read so."""
    reached = {0: 0.0}
    for row in of:
        after: dict[int, float] = {}
        for place, paid in reached.items():
            for letters, more in row:
                if target.startswith(letters, place):
                    end = place + len(letters)
                    after[end] = min(after.get(end, paid + more), paid + more)
        reached = after
    return reached.get(len(target))


def is_front(word: str) -> bool | None:
    """Say whether endings after a Cyrillic word are front; None: it has no vowel that tells.

    >>> is_front("мемлекет"), is_front("қала"), is_front("кітапхана")
    (True, False, False)
    """
    for letter in reversed(word):
        if letter in "әеөіүэ":
            return True
        if letter in "аоыұяё":
            return False
    return True if "и" in word else None


def _unharmonious(letters: str, front: bool | None) -> float:
    if front is None:
        return 0.0
    return _OTHER_CLASS * any(letter in (_BACK if front else _FRONT) for letter in letters)


def _front_at(typed: Sequence[str], place: int) -> bool | None:
    """Tell the class of a place by the next vowel of a class, or else by the one before."""
    around = [*range(place + 1, len(typed)), *range(place - 1, -1, -1)]
    if typed[place] in _VOWELS and typed[place] not in _UNTOLD:
        around.insert(0, place)
    told = [found for near in around if (found := _class_of(typed, near)) is not None]
    if told:
        return told[0]
    return False if any(letter in "oо" for letter in typed) else None


def _class_of(typed: Sequence[str], place: int) -> bool | None:
    letter = typed[place]
    if place and typed[place - 1] in _VOWELS and letter in "iıïyи":
        return None  # a glide
    if letter in _FRONT_VOWELS:
        return True
    return False if letter in _BACK_SIGNS else None


def _in_place(
    row: list[tuple[str, float]], typed: Sequence[str], place: int
) -> list[tuple[str, float]]:
    """Add what a letter costs for where it stands."""
    before = typed[place - 1] if place else ""
    after = typed[place + 1] if place + 1 < len(typed) else ""
    return [
        (letters, more + _misplaced(letters, typed, place, before, after)) for letters, more in row
    ]


def _misplaced(letters: str, typed: Sequence[str], place: int, before: str, after: str) -> float:
    first = not any(each in _VOWELS for each in typed[:place])
    match letters:
        case "у" | "ұ" | "ү":
            return _misplaced_u(letters, place, before, after, first=first)
        case "й" | "я" | "ю" | "ё" | "йы" | "йі":
            return _misplaced_glide(letters, before, typed[place])
        case "ө" | "ә":
            return 0.0 if first else _UNUSUAL
        case "і":
            return _UNUSUAL if after in _VOWELS else 0.0
        case "э":
            return _UNUSUAL if place else 0.0
    return _misplaced_consonant(letters, typed, place, after)


def _misplaced_glide(letters: str, before: str, typed: str) -> float:
    if letters != "й":
        return -_UNUSUAL / 2 if before in _VOWELS else _UNUSUAL
    if before not in _VOWELS or typed == "j":
        return 2 * _UNUSUAL
    return 0.0 if before in "uýw" and typed == "y" else -_UNUSUAL


def _misplaced_consonant(letters: str, typed: Sequence[str], place: int, after: str) -> float:
    if letters == "ң":
        genitive = place + 1 == len(typed) and _GENITIVE.search("".join(typed))
        return -_UNUSUAL / 2 if genitive or after in {"g", "ğ", "г"} else _UNUSUAL / 2
    if letters in {"қ", "ғ"}:
        return _UNUSUAL if typed[place] in {"k", "g"} and _is_plain(typed, place) else 0.0
    return _UNUSUAL if letters[1:] == "ь" else 0.0


def _is_plain(typed: Sequence[str], place: int) -> bool:
    """Say whether k is к, not қ: the word has a q besides, or a front vowel is before it."""
    before = [found for near in range(place) if (found := _class_of(typed, near)) is not None]
    return "q" in typed or "ğ" in typed or (bool(before) and before[-1])


def _misplaced_u(letters: str, place: int, before: str, after: str, *, first: bool) -> float:
    """Tell у, which stands beside vowels and at the end, from ұ and ү, of a first syllable."""
    by_vowel = before in _VOWELS or after in _VOWELS
    if letters == "у":
        return 0.0 if (by_vowel and place) or not after or not first else _UNUSUAL / 2
    return 0.0 if first and not (by_vowel and after[:1] not in {"i", "y", "ı"}) else _UNUSUAL
