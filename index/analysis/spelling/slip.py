"""Slips of the finger: what a mistyped word may have been.

In: a word. Out: words one slip away with how odd the slip is; how many slips are between two words.
A slip is a letter too many, one too few, another one, or two swapped (Damerau 1964,
doi:10.1145/363958.363994). Knows no words: which of them exist is for a vocabulary to tell.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

from ingest.document import Language

SHORTEST: Final = 5
"""Letters of the shortest word that is looked at: shorter ones have too many neighbours."""

_LONG: Final = 7
"""Letters from which on a first letter may be wrong, and any letter stand for any other."""
_ROWS: Final = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"
)  # fmt: skip
_ALIKE: Final = ("аәеэ", "оөуұү", "ыіий", "кқ", "гғ", "нң", "хһ", "aeiouy", "сз", "пб", "тд", "ck")
_ALPHABETS: Final[dict[Language, str]] = {
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "en": "abcdefghijklmnopqrstuvwxyz",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
}
_DOUBLED, _SWAPPED, _USUAL, _EXTRA, _FAR, _AT_START = 0.65, 0.8, 1.0, 1.1, 1.3, 0.3


def slips(word: str, language: Language, *, name: bool) -> Iterator[tuple[float, str]]:
    """Yield what one slip may have turned into a word, and how odd the slip is, 0.65 to 1.6.

    Args:
        word: What was typed, in lower case.
        language: Whose letters may be missing.
        name: Whether it may be a name: then no letter is taken for another.

    >>> min(slips("grain", "en", name=False))
    (0.65, 'ggrain')
    >>> (0.8, "grain") in slips("grian", "en", name=False)
    True
    """
    for place in range(len(word) < _LONG, len(word) + 1):
        head, tail = word[:place], word[place:]
        odd = 0.0 if place else _AT_START
        yield from _missing(head, tail, _ALPHABETS[language], odd)
        if tail and not name:
            yield from _another(head, tail, _ALPHABETS[language], odd)
        if head and tail:  # One too many at the start would make another word of many.
            yield _DOUBLED if head[-1] == tail[0] else _EXTRA, head + tail[1:]
        if len(tail) > 1 and tail[0] != tail[1]:
            yield _SWAPPED + odd, head + tail[1] + tail[0] + tail[2:]


def _missing(head: str, tail: str, alphabet: str, odd: float) -> Iterator[tuple[float, str]]:
    beside = head[-1:] + tail[:1]
    for letter in alphabet:
        yield (_DOUBLED if letter in beside else _USUAL) + odd, head + letter + tail


def _another(head: str, tail: str, alphabet: str, odd: float) -> Iterator[tuple[float, str]]:
    length = len(head) + len(tail)
    for letter in alphabet:
        near = letter + tail[0] in _near()
        if letter != tail[0] and (length > SHORTEST if near else length >= _LONG and head):
            yield (_USUAL if near else _FAR) + odd, head + letter + tail[1:]


@cache
def _near() -> frozenset[str]:
    """Return pairs of letters that are taken for each other: by the keyboard, or by the ear."""
    rows = [row[place : place + 2] for row in _ROWS for place in range(len(row) - 1)]
    return frozenset(one + other for group in (*rows, *_ALIKE) for one in group for other in group)


def distance(one: str, other: str) -> int:
    """Return how many slips apart two words are: optimal string alignment.

    >>> distance("халқарлық", "халықаралық"), distance("grian", "grain")
    (2, 1)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            least = min(row[-1] + 1, before[j] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                least = min(least, older[j - 2] + 1)
            row.append(least)
    return row[-1]
