"""Headings of a PDF: the titles of its outline, found on the pages that they name.

A PDF does not say which of its lines are headings, but many have an outline (the table of contents
that a viewer shows beside the pages). In: the outline, and the text of the pages. Out: blocks,
where titles were found; else none, and headings are told from the text.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ingest.document import Block, Span

if TYPE_CHECKING:
    from pypdf import PdfReader

_MAX_TITLES: Final = 10_000
_MAX_LEVEL: Final = 20
_MAX_LINES: Final = 3  # of one heading


class Title(NamedTuple):
    """A title of an outline.

    Attributes:
        text: The title.
        page: The index of the page that it leads to.
        level: 1 for a chapter, more for what lies inside it.
    """

    text: str
    page: int
    level: int


def damages() -> tuple[type[Exception], ...]:
    """Return what pypdf and Pillow raise at a part of a file that is damaged, or made to harm."""
    from PIL.Image import DecompressionBombError
    from pypdf.errors import PyPdfError

    ours = (ArithmeticError, AttributeError, LookupError, NotImplementedError, OSError)
    return (PyPdfError, DecompressionBombError, RecursionError, TypeError, ValueError, *ours)


def outline(reader: "PdfReader") -> list[Title]:
    """Return the titles of a file's outline, in its order; none of an outline that is damaged."""
    try:
        titles: list[Title] = []
        for title in _titles(reader, reader.outline, 1):
            titles.append(title)
            if len(titles) == _MAX_TITLES:
                break
    except damages():
        return []
    return titles


def _titles(reader: "PdfReader", items: list[Any], level: int) -> Iterator[Title]:
    for item in items:
        if isinstance(item, list):
            if level < _MAX_LEVEL:
                yield from _titles(reader, item, level + 1)
            continue
        page = reader.get_destination_page_number(item)
        if page is not None and item.title:
            yield Title(str(item.title), page, level)


def blocks(text: str, pages: tuple[Span, ...], titles: list[Title]) -> tuple[Block, ...]:
    r"""Return the headings that the titles name, and what stands between them as paragraphs.

    Args:
        text: The text of all pages.
        pages: The span of each page.
        titles: Titles in the order of the pages; one that its page does not have is passed by.

    >>> found = blocks("I. Жер\nМәтін.", ((0, 13),), [Title("I.  ЖЕР", 0, 1)])
    >>> [(block.start, block.end, block.kind) for block in found]
    [(0, 6, 'heading'), (7, 13, 'paragraph')]
    """
    headings: list[Block] = []
    at = 0
    for title in titles:
        if title.page >= len(pages):
            continue
        start, end = pages[title.page]
        found = _find(text, max(start, at), end, title.text)
        if found is not None:
            headings.append(Block(*found, "heading", title.level))
            at = found[1]
    return tuple(_with_paragraphs(text, headings)) if headings else ()


def _find(text: str, start: int, end: int, title: str) -> Span | None:
    """Return where lines of a text read as a title, but for case and spaces."""
    sought = _plain(title)
    lines: list[Span] = []
    for line in text[start:end].split("\n"):
        lines.append((start, start + len(line)))
        start += len(line) + 1
        for first in lines[-1 : -_MAX_LINES - 1 : -1]:
            if sought and _plain(text[first[0] : lines[-1][1]]) == sought:
                return first[0], lines[-1][1]
    return None


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def _with_paragraphs(text: str, headings: list[Block]) -> Iterator[Block]:
    """Yield headings, and between them what is not blank."""
    edges = [0, *(edge for heading in headings for edge in (heading.start, heading.end)), len(text)]
    for number, (start, end) in enumerate(zip(edges[::2], edges[1::2], strict=True)):
        between = text[start:end]
        if between.strip():
            lead = len(between) - len(between.lstrip())
            yield Block(start + lead, start + len(between.rstrip()), "paragraph")
        if number < len(headings):
            yield headings[number]
