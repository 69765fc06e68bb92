"""The document: one immutable text, its hash, where it came from, and its paragraphs.

The reader of a format returns `Parsed` texts (ingest/readers/); the loader turns each into a
`Document`. Every offset in the program counts the characters of a document's text.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

Language = Literal["kk", "en", "ru"]
"""The languages Dalel reads and answers in: Kazakh, English, Russian (ISO 639-1)."""

Span = tuple[int, int]
"""A half-open range of characters (code points, not bytes) of one document's text."""

BlockKind = Literal["heading", "paragraph", "item", "row", "record", "code"]
"""What a block is: a `row` belongs to a table in a text, a `record` is a passage by itself."""


class Block(NamedTuple):
    """A part of a text that its format tells apart, such as a heading or an item of a list.

    Attributes:
        start: First character, in the document's text.
        end: One past the last character.
        kind: What it is.
        level: Of a heading, 1 for the highest; of an item, how many lists it lies inside; else 0.
    """

    start: int
    end: int
    kind: BlockKind
    level: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One text that can be cited. The text never changes; offsets count its characters.

    Attributes:
        id: Unique in an index; a file's relative path, or the `_id` of a BEIR line.
        title: Its title; empty if it has none.
        language: The language most of the text is in.
        text: What citations are cut from. A plain text as decoded: no normalisation, no trimming.
            Of a format with markup, the readable text that its reader made.
        source: Where it came from, for people: a path relative to what was indexed, or a URL.
        sha256: Hex digest of the text in UTF-8.
        pages: Where each page starts and ends, first page first; empty if there are no pages.
        blocks: The blocks of the text, in order; empty if they are to be told from the text.
        other_sources: The other files that hold the same text.
    """

    id: str
    title: str
    language: Language
    text: str
    source: str
    sha256: str
    pages: tuple[Span, ...] = ()
    blocks: tuple[Block, ...] = ()
    other_sources: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Every file that holds the text."""
        return (self.source, *self.other_sources)

    @property
    def name(self) -> str:
        """The title, or the id of a document that has none."""
        return self.title or self.id


def text_sha256(text: str) -> str:
    """Hash a text: hex SHA-256 of its UTF-8 bytes.

    >>> text_sha256("Дәлел")[:8]
    'ec841c4f'
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Parsed:
    """One document as its format gives it.

    Attributes:
        text: The text: as decoded, or the readable text that the reader made of the markup.
        title: The title that the format gives; empty if it gives none.
        id: The id that the format gives; empty to use the file's path.
        language: The language that the format gives; None if it must be detected from the text.
        pages: Character spans of the pages, if the format has pages.
        blocks: The blocks of the text, if the format tells them apart.
        left_out: What of the file was not read, and why, a line each, for people.
        notes: What people are to know of how it was read, a line each.
    """

    text: str
    title: str = ""
    id: str = ""
    language: Language | None = None
    pages: tuple[Span, ...] = ()
    blocks: tuple[Block, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


# A paragraph is a line, or, in a text whose lines are wrapped, the lines between blank lines.
_PARAGRAPH_LINE = r"\S(?:[^\r\n]*\S)?"
_LINE_PARAGRAPH = re.compile(_PARAGRAPH_LINE)
_WRAPPED_PARAGRAPH = re.compile(rf"{_PARAGRAPH_LINE}(?:(?:\r\n|\r|\n)[^\S\r\n]*{_PARAGRAPH_LINE})*")


def paragraphs(text: str) -> list[Span]:
    r"""Return the span of each paragraph, in order, without the white space around it.

    >>> paragraphs("Бір.\nЕкі.\n"), paragraphs("ұзын\nжол\nекі\n\nүш")
    ([(0, 4), (5, 9)], [(0, 12), (14, 16)])
    """
    lines = [match.span() for match in _LINE_PARAGRAPH.finditer(text)]
    # Wrapped text goes on in lower case on most of its lines; other text starts a sentence there.
    lower = sum(text[start].islower() for start, _ in lines[1:])
    if 2 * lower <= len(lines) - 1:
        return lines
    return [match.span() for match in _WRAPPED_PARAGRAPH.finditer(text)]


# Base64 and its likes: 64 characters and more without a space, where letters of both cases and
# digits mix. Words, addresses and hashes do not: they have few capitals, or one case only.
_ENCODED = re.compile(r"(?:data:[\w/+.-]{1,80};base64,)?(?<![\w+/=-])[A-Za-z0-9+/_-]{64,}+=*+")
_ENDS_ADDRESS = re.compile(r"[\s\"'<>(){}\[\],|]")
_HOST_END = re.compile(r"[a-z]{2,20}/")  # the «com/» of «docs.google.com/»
_MAX_ADDRESS = 500  # characters


def encoded_data(text: str) -> list[Span]:
    r"""Return the spans of data that is encoded as letters: nobody reads it, and it says nothing.

    >>> encoded_data("Сурет: " + "iVBORw0KGgoAAAANSUhEUgAAAAUA" * 4 + "\nҰлы дала")
    [(7, 119)]
    """
    return [
        match.span()
        for match in _ENCODED.finditer(text)
        if _is_encoded(match[0]) and not _in_address(text, match.start())
    ]


def _in_address(text: str, start: int) -> bool:
    """Return whether a run belongs to an address on the web, such as a shared file's.

    The run of an address starts within it: after the last full stop in the name of its host.
    """
    before = _ENDS_ADDRESS.split(text[max(0, start - _MAX_ADDRESS) : start])[-1]
    host = before.endswith(".") and _HOST_END.match(text, start)
    return "://" in before or before.startswith("www.") or bool(host)


def _is_encoded(run: str) -> bool:
    upper = sum("A" <= character <= "Z" for character in run)
    lower = sum("a" <= character <= "z" for character in run)
    return 5 * upper >= len(run) and 8 * lower >= len(run) and any(map(str.isdigit, run))
