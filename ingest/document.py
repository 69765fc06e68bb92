"""The document: one immutable text, its hash, where it came from.

In: text that a reader has decoded. Out: `Document`, the thing that every offset counts in.
Knows nothing of files, sentences or chunks.
"""

import hashlib
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
        title: What people call it; empty if it has no title of its own.
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
