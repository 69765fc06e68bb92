"""The words, numbers and marks of a text, folded for reading, each with its place.

In: a text in any Unicode form. Out: tokens in order, in lower case and NFC, with spans that count
the characters of the text as it was given. Knows no language. In a word with Cyrillic letters a
Latin letter that looks like one is taken for it; soft hyphens and zero-width characters are left
out; a combining mark that nothing composes with is dropped.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

_PIECE = re.compile(r"[\xad\u200b-\u200d\u2060\ufeff]|(?s:.)[\u0300-\u036f]*")
_UNSEEN = re.compile(r"[\xad\u200b-\u200d\u2060\ufeff]")
_MARKS = re.compile(r"[\u0300-\u036f]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LOOK_ALIKE: Final = str.maketrans("aceopxyihkmtə\u0275", "асеорхуіһкмтәө")

_SPACE = r"[ \xa0\u2007\u2009\u202f'’]"
_KINDS: Final[dict[str, Literal["number", "word", "mark"]]] = {
    "number": "number",
    "word": "word",
    "mark": "mark",
}
_TOKEN = re.compile(
    rf"""
    (?P<number>
        (?<! \d[.,] ) (?:
        \d{{1,3}} (?: {_SPACE} \d{{3}} (?!\d) )++ (?: [.,] \d++ (?!\.\d) )?   # 1 600 000,5
      | \d{{1,3}} (?: ,\d{{3}} (?!\d) )++ (?: \.\d++ )? (?! ,\d )             # 1,600,000.5
      | \d{{1,3}} (?: \.\d{{3}} (?!\d) )++ (?: ,\d++ )? (?! \.\d )            # 1.600.000,5
      | \d++ [.,] \d++ (?! [.,]\d )                                           # 1,5
        )
      | \d++
    )
    | (?P<word> (?: [^\W\d_] [\u0300-\u036f]* )++ )
    | (?P<mark> [^\w\s] | _ )
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """One word, number or mark.

    Attributes:
        kind: Which of the three; a number may hold separators, a mark is one character.
        text: As read: lower case, NFC, look-alikes replaced.
        start: Where it starts in the text that was given.
        end: Where it ends there.
        tight: No space before it.
        capital: Its first letter is a capital.
    """

    kind: Literal["number", "word", "mark"]
    text: str
    start: int
    end: int
    tight: bool
    capital: bool


END: Final = Token("mark", "", 0, 0, False, False)
"""What stands before the first token and behind the last."""


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text.

    >>> [token.text for token in tokens("1 600,5 млн.тонна")]
    ['1 600,5', 'млн', '.', 'тонна']
    """
    folded, starts, ends = _folded(text)
    found, before = [], -1
    for match in _TOKEN.finditer(folded):
        start, end = starts[match.start()], ends[match.end() - 1]
        kind = _KINDS[match.lastgroup or "mark"]
        read = plain_word(match[0]) if kind == "word" else match[0]
        found.append(Token(kind, read, start, end, match.start() == before, text[start].isupper()))
        before = match.end()
    return found


def plain_word(word: str) -> str:
    """Return a word without stray marks, its look-alike letters replaced.

    >>> plain_word("тәуeлсіз") == "тәуелсіз"
    True
    """
    word = word if word.isascii() else _MARKS.sub("", word)
    return word.translate(_LOOK_ALIKE) if _CYRILLIC.search(word) else word


def _folded(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return the text in lower case and NFC, and where each character starts and ends in it."""
    lower = text.lower()
    if (
        len(lower) == len(text)
        and unicodedata.is_normalized("NFC", lower)
        and not _UNSEEN.search(lower)
    ):
        return lower, range(len(text)), range(1, len(text) + 1)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _PIECE.finditer(text):
        piece = "" if _UNSEEN.match(match[0]) else _composed(match[0])
        pieces.append(piece)
        starts += [match.start()] * len(piece)
        ends += [match.end()] * len(piece)
    return "".join(pieces), starts, ends


def _composed(piece: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", piece).lower())
