"""The document: one immutable text, its hash, where it came from, and its paragraphs.

The reader of a format returns `Parsed` texts (ingest/readers/); the loader turns each into a
`Document`. Every offset in the program counts the characters of a document's text.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

Language = Literal["kk", "en", "ru"]
"""The languages Dalel reads and answers in: Kazakh, English, Russian (ISO 639-1)."""

Span = tuple[int, int]
"""A half-open range of characters (code points, not bytes) of one document's text."""


@dataclass(frozen=True, slots=True)
class Document:
    """One text that can be cited. The text never changes; offsets count its characters.

    Attributes:
        id: Unique in an index; a file's relative path, or the `_id` of a BEIR line.
        title: Its title; empty if it has none.
        language: The language most of the text is in.
        text: What citations are cut from, exactly as decoded: no normalisation, no trimming.
        source: Where it came from, for people: a path relative to what was indexed, or a URL.
        sha256: Hex digest of the text in UTF-8.
        pages: Where each page starts and ends, first page first; empty if there are no pages.
    """

    id: str
    title: str
    language: Language
    text: str
    source: str
    sha256: str
    pages: tuple[Span, ...] = ()

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
        text: The text, exactly as decoded.
        title: The title that the format gives; empty if it gives none.
        id: The id that the format gives; empty to use the file's path.
        language: The language that the format gives; None if it must be detected from the text.
        pages: Character spans of the pages, if the format has pages.
    """

    text: str
    title: str = ""
    id: str = ""
    language: Language | None = None
    pages: tuple[Span, ...] = ()


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
