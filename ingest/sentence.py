"""Where the sentences of a text are: Kazakh, Russian and English mixed, scanned or typed.

In: any text. Out: the half-open character spans of its sentences; they are in order, they do not
overlap, and together they hold every character of the text that is not white space.

First the line ends cut the text into blocks, which no sentence leaves (headings, table rows, list
items, paragraphs). Then every run of . ! ? … in a block is a candidate, unless a lower-case letter
follows, and the functions in _RULES look at it in their order; the first one with an opinion
decides. A rule sees a bounded neighbourhood only, so the time is linear in the text.

It does not know the language, the grammar or the meaning, and has no dictionary but
abbreviations.py. In doubt it does not split: see there.

>>> text = "Шартқа қол қойылды.1998 жылдың 12 қазанында Н.Ә. Назарбаев келді. Бұл т.б. маңызды."
>>> [text[start:end] for start, end in sentences(text)][1:]
['1998 жылдың 12 қазанында Н.Ә. Назарбаев келді.', 'Бұл т.б. маңызды.']
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple
from unicodedata import category

from ingest.abbreviations import (
    Ending,
    ending_before,
    has_cyrillic,
    is_function_word,
    is_glued,
    word_before,
    wording_from,
)

Span = tuple[int, int]

# A form feed after a line end is a page break inside a paragraph, not an empty line.
_LINE = re.compile(
    r"[^\n\r\x0b\x0c\x85\u2028\u2029]*+(?:(?:\r\n|[\n\r])\x0c?|[\x0b\x0c\x85\u2028\u2029])?"
)
_ALONE = re.compile(r"\#{1,6}(?:\s|\Z)|\|[^|]*+\||[-=*_~•·\s]{3,}+\Z")  # heading, table row, rule
_LIST_ITEM = re.compile(
    r"""
      [-–—―•▪●◦‣·]
    | \*(?:\s|[^*]*+\Z)                            # not the *emphasis* of Markdown
    | \d{1,3}(?:[.-]\d{1,3})*+(?:\)|\.(?!\d))      # four digits are a year
    | [^\W\d_]\)
    """,
    re.VERBOSE,
)
_CLOSERS = "»”’›)]}\"'“*_"
_NARROWEST, _WIDEST = 40, 100  # the longest line of a text that counts as hard-wrapped
_FILLED = 0.85  # a proportional font leaves lines of unequal length


class _Line(NamedTuple):
    start: int
    text: str  # without the white space around it
    alone: bool  # neither neighbour can continue it


def _is_filled(line: _Line, following: _Line, width: int) -> bool:
    """Return whether the next line's first word had no room left on this line."""
    first_word = following.text[:_WIDEST].split(maxsplit=1)[0]
    full = len(line.text) + 1 + len(first_word) > width * _FILLED
    return full and not is_function_word(first_word)  # a capital there: the line was a heading


def _wrap_width(lines: list[_Line]) -> int:
    """Return the width that the text is hard-wrapped to, 0 if each line is a paragraph.

    Wrapped means: no line over 100 characters, and two thirds of the lines that another one
    follows are full. From three such lines on, one of the followers must start in lower case,
    or it is a list of headings of like length.
    """
    prose = (line.text for line in lines if " " in line.text and not line.alone)
    width = max(map(len, prose), default=0)
    if not _NARROWEST <= width <= _WIDEST:
        return 0
    pairs = [
        (line, following)
        for line, following in pairwise(lines)
        if line.text and following.text and not (line.alone or following.alone)
        if line.text[-1] not in ".!?…:;" and not _LIST_ITEM.match(following.text)
    ]
    full = [following for line, following in pairs if _is_filled(line, following, width)]
    runs_on = len(full) < 3 or any(line.text[0].islower() for line in full)
    return width if len(full) * 3 >= len(pairs) * 2 and runs_on else 0


def _separates(line: _Line, following: _Line, width: int) -> bool:
    """Return whether the newline between two lines ends the sentence."""
    if not following.text or line.alone or following.alone:
        return True
    if wording_from(line.text, 0, len(line.text)) == len(line.text):
        return False  # «1.» and its heading, as pdf readers give them
    if _LIST_ITEM.match(following.text):
        return True
    bare = line.text.rstrip(_CLOSERS)
    if bare.endswith("."):
        ending = ending_before(bare, 0, len(bare) - 1)
        if ending in (Ending.NEVER, Ending.INITIAL, None):
            return ending is None
    elif bare.endswith(("!", "?", "…", ":", ";")):
        return True
    return not (following.text[0].islower() or (width and _is_filled(line, following, width)))


def _blocks(text: str) -> Iterator[Span]:
    """Yield the spans that no sentence leaves."""
    lines = [
        _Line(found.start() + found.group().find(bare), bare, bool(_ALONE.match(bare)))
        for found in _LINE.finditer(text)  # the last match is empty
        for bare in [found.group().strip()]
    ]
    width = _wrap_width(lines)
    start = -1
    for line, following in pairwise(lines):
        if line.text and start < 0:
            start = line.start
        if line.text and _separates(line, following, width):
            yield start, line.start + len(line.text)
            start = -1


# The zero-width characters stay with the mark before them.
_MARK = re.compile(
    r"""
    [.!?…]++
    (?: [.!?…»”’›)\]}"'*_\u200b-\u200f\u2060\ufeff]
      | \[\d{1,3}\]                                # the number of a footnote
      | [ \u00a0][»)\]]                            # a space too many before a bracket
      | [ ]"(?=\s)                                 # a quote between two spaces
    )*+
    """,
    re.VERBOSE,
)
_NEXT = re.compile(
    r"""
    (?P<gap>\s*+)
    (?P<opener>(?:[«“„‟‘‹”"'(\[{¿¡*_]|[-–—―][ \t\u00a0]?){0,6}+)
    (?P<word>(?:[^\W_][\u0300-\u036f]*+){0,40}+)
    """,
    re.VERBOSE,
)
_ADDRESS = re.compile(
    r"""
      (?:https?://|ftp://|www\.)[!\#-;=?-Z\\\]_a-z~]++
    | (?<![\w.+-])[\w.+-]{1,64}+@[a-z0-9-]{1,63}+(?:\.[a-z0-9-]{1,63}+)*+
    """,
    re.VERBOSE | re.IGNORECASE,
)


class _Stop(NamedTuple):
    """A candidate: a run of marks with the quotes that close after it, and what comes next."""

    text: str
    start: int  # of the sentence so far
    at: int  # of the first mark
    tail: str  # the marks and the closing quotes and brackets
    gap: str  # the white space that follows
    opener: str  # quotes, brackets and dashes before the next word
    word: str  # the next word, empty if a symbol follows
    after: str  # the two characters after that word

    @property
    def strong(self) -> bool:
        """Return whether a mark other than one full stop is here: «болды?», «т.б.).», "Oh..."."""
        tail = self.tail
        return tail != "." and (tail.count(".") > 1 or not set("!?…").isdisjoint(tail))

    @property
    def proven(self) -> bool:
        """Return whether the next word is sure to start a sentence; «В» is, «В.» an initial."""
        whole = len(self.word) > 1 or self.after[:1].isspace()
        return whole and not self.opener and is_function_word(self.word)


# Each rule returns True (the sentence ends), False (it goes on) or None (no opinion).


def _weak_start(stop: _Stop) -> bool | None:
    """A digit after a dash goes on, and any symbol but those of "$5", «№ 5» and the like."""
    if stop.word:
        return False if stop.word[0].isdigit() and stop.opener[:1] in tuple("-–—―") else None
    symbol = stop.after[:1] if stop.gap else ""
    return None if symbol and (symbol in "№§#@" or category(symbol) in ("Sc", "So")) else False


def _aside(stop: _Stop) -> bool | None:
    """A bracket or a title opened in mid-sentence does not end it: роман «Что делать?» Н. Г."""
    opening_mark = {")": "(", "]": "[", "»": "«", "”": "“"}.get(stop.tail[-1])
    if opening_mark is None:
        return None
    opening = stop.text.rfind(opening_mark, max(stop.start, stop.at - 300), stop.at)
    before = stop.text[max(stop.start, opening - 3) : max(stop.start, opening)].rstrip()
    if not before:
        return None
    speech = before[-1] in ":,;–—-" or not stop.strong
    return None if speech and opening_mark in "«“" else stop.proven


def _strong_mark(stop: _Stop) -> bool | None:
    """! ? … and repeated dots end it before any start; without a space only after a word."""
    if not stop.strong:
        return None
    before = stop.text[max(stop.start, stop.at - 1) : stop.at]
    return bool(stop.gap) or (stop.word[:1].isupper() and (before.islower() or before in _CLOSERS))


def _abbreviation(stop: _Stop) -> bool | None:
    """What the table says: Mr. never, т.б. before a capital letter, ж. before «Бұл»."""
    ending = ending_before(stop.text, stop.start, stop.at)
    if ending is None or ending is Ending.UNLESS_NUMBER:
        return False if ending and stop.word[:1].isdigit() else None
    if ending is Ending.NEVER:
        return False
    if stop.proven:
        return ending is not Ending.INITIAL or len(stop.word) > 2
    if ending is not Ending.CAPITAL or stop.opener or not stop.word[:1].isupper():
        return False
    return bool(stop.gap) or has_cyrillic(stop.word)


def _number(stop: _Stop) -> bool | None:
    """«25. 05. 1992» and «Күн тәртібі: 1. Есеп» go on, «1991. 16 ел» does not."""
    before, first = word_before(stop.text, stop.start, stop.at)
    listed = stop.text[max(stop.start, first - 2) : first].strip() in (":", ";")
    if before.isdigit() and (listed or stop.word[:1].isdigit()):
        return bool(stop.gap) and len(before) > 2
    return None


def _missing_space(stop: _Stop) -> bool | None:
    """«етті.Бұған», «отыр.150млн.», "reforms.The"; else what has no space is one word."""
    if stop.gap:
        return None
    quoted = stop.opener + stop.tail[1:]
    return is_glued(stop.text, stop.start, stop.at, quoted, stop.word, stop.after)


_RULES: tuple[Callable[[_Stop], bool | None], ...] = (
    _weak_start,
    _aside,
    _strong_mark,
    _abbreviation,
    _number,
    _missing_space,
)


def _closing_end(stop: _Stop) -> int:
    """Return where the sentence ends: before a straight quote if it opens the next one."""
    paired = stop.text.count('"', max(stop.start, stop.at - 400), stop.at) % 2 == 0
    opens = paired and not stop.gap and stop.tail[-1] == '"'
    return stop.at + len(stop.tail) - opens


def _split(text: str, start: int, end: int, no_marks: set[int]) -> Iterator[Span]:
    """Yield the sentences of one block."""
    wording = wording_from(text, start, end)
    for mark in _MARK.finditer(text, start, end):
        following = _NEXT.match(text, mark.end(), end)
        if not following or mark.start() < wording:
            continue
        gap, opener, word = following.groups()
        if word[:1].islower() or (not gap and mark.start() in no_marks):
            continue
        after = text[following.end() : min(following.end() + 2, end)]
        stop = _Stop(text, start, mark.start(), mark.group(), gap, opener, word, after)
        if next((verdict for rule in _RULES if (verdict := rule(stop)) is not None), True):
            yield start, _closing_end(stop)
            start = following.end("gap") if gap else _closing_end(stop)
            wording = wording_from(text, start, end)
    yield start, end


def sentences(text: str) -> list[Span]:
    """Return the half-open character spans of the sentences of a text.

    Args:
        text: Any text, in any mixture of Kazakh, Russian and English.

    Returns:
        Spans in order, disjoint, not empty, without white space at either end. Every character
        that is not white space lies in exactly one of them.
    """
    no_marks = {
        found.start() + at
        for found in _ADDRESS.finditer(text)
        for at, character in enumerate(found.group().rstrip(".,:;!?)"))
        if character in ".!?"
    }
    spans: list[Span] = []
    for start, end in _blocks(text):
        whole = _ALONE.match(text, start, end)
        spans += [(start, end)] if whole else _split(text, start, end, no_marks)
    return spans
