"""Tokens: the words, numbers and marks of a text, folded for reading, each with its place.

A text may come in any Unicode form and language. Its tokens are in lower case and NFC, with spans
that count the characters of the text as it was given. In a word with Cyrillic letters a Latin
letter that looks like one is taken for it; soft hyphens and zero-width characters are left out; a
combining mark that nothing composes with is dropped.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

DASHES: Final = frozenset("-–—‑−")
"""Texts of the marks that join a range or an ending."""

_INVISIBLE: Final = r"[\xad\u200b-\u200d\u2060\ufeff]"  # soft hyphen, zero-width characters
_PIECE = re.compile(_INVISIBLE + r"|(?s:.)[\u0300-\u036f]*")  # what composes to one character
_IS_INVISIBLE = re.compile(_INVISIBLE)
_COMBINING_MARKS = re.compile(r"[\u0300-\u036f]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LOOK_ALIKE: Final = str.maketrans("aceopxyihkmtə\u0275", "асеорхуіһкмтәө")

# What parts groups of three digits: spaces, some of fixed width, and the Swiss apostrophe.
_SPACE = r"[ \xa0\u2007\u2009\u202f'’]"
_KINDS: Final[dict[str, Literal["number", "word", "mark"]]] = {
    "number": "number",
    "word": "word",
    "mark": "mark",
}
# Possessive quantifiers (++) keep the time linear in any text. Digits that fit no layout, such as
# 1.2.3 or 1,23,4, are read one run at a time.
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


BOUNDARY: Final = Token("mark", "", 0, 0, False, False)
"""What stands before the first token and behind the last."""


def token_at(tokens: Sequence[Token], place: int) -> Token:
    """Return a token, or `BOUNDARY` where there is none."""
    return tokens[place] if 0 <= place < len(tokens) else BOUNDARY


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text.

    >>> [token.text for token in tokenize("1 600,5 млн.тонна")]
    ['1 600,5', 'млн', '.', 'тонна']
    """
    folded, starts, ends = _fold(text)
    result: list[Token] = []
    before = -1
    for match in _TOKEN.finditer(folded):
        start, end = starts[match.start()], ends[match.end() - 1]
        kind = _KINDS[match.lastgroup or "mark"]
        read = plain_word(match[0]) if kind == "word" else match[0]
        tight = match.start() == before
        result.append(Token(kind, read, start, end, tight, text[start].isupper()))
        before = match.end()
    return result


def plain_word(word: str) -> str:
    """Return a word without stray marks, its look-alike letters replaced.

    >>> plain_word("тәуeлсіз") == "тәуелсіз"
    True
    """
    word = word if word.isascii() else _COMBINING_MARKS.sub("", word)
    return word.translate(_LOOK_ALIKE) if _CYRILLIC.search(word) else word


def _fold(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return the text in lower case and NFC, and where each character starts and ends in it."""
    lower = text.lower()
    # Nearly every text keeps its length: then each character is its own place.
    if (
        len(lower) == len(text)
        and unicodedata.is_normalized("NFC", lower)
        and not _IS_INVISIBLE.search(lower)
    ):
        return lower, range(len(text)), range(1, len(text) + 1)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _PIECE.finditer(text):
        piece = "" if _IS_INVISIBLE.match(match[0]) else _composed(match[0])
        pieces.append(piece)
        starts += [match.start()] * len(piece)
        ends += [match.end()] * len(piece)
    return "".join(pieces), starts, ends


def _composed(piece: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", piece).lower())
