"""EPUB: the chapters of a book in the order in which they are read.

A book is a ZIP of XHTML pages and of a list that orders them; ingest/readers/html_page.py reads
each page.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from ingest.document import Parsed
from ingest.encoding import decode
from ingest.errors import CorpusError
from ingest.readers import html_page
from ingest.readers.container import member_bytes, open_container
from ingest.readers.readable_text import ReadableText, one_line
from ingest.readers.xml_tree import Element, parse_xml

_CONTAINER: Final = "META-INF/container.xml"
# A book must have a title: what programs write in its place.
_NO_TITLE: Final = re.compile(r"(?:unknown title|untitled)?", re.IGNORECASE)
_PAGE_TYPES: Final = frozenset(["application/xhtml+xml", "text/html"])


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield a book as one document; its title is the book's, else its first heading.

    Raises:
        CorpusError: The bytes are no EPUB, or a chapter is missing or damaged.
    """
    book = open_container(data, "EPUB")
    package_name = _package_name(book)
    package = parse_xml(member_bytes(book, package_name), package_name)
    text, left_out, notes = ReadableText(), list[str](), list[str]()
    for name in _pages(package, posixpath.dirname(package_name)):
        try:
            markup = decode(member_bytes(book, name), encoding)
            html_page.write_blocks(html_page.parse(markup.text), text)
            notes += (f"{name}: {note}" for note in markup.notes)
        except CorpusError as error:
            left_out.append(f"{name}: {error}")
    title = next((each.text for each in package.iter("{*}title") if each.text), "")
    if _NO_TITLE.fullmatch(one_line(title)):
        title = text.first_heading()
    yield text.parsed(title, left_out, _first_of(notes))


def _first_of(notes: list[str]) -> list[str]:
    """Return the first note, and of how many more pages there is one: a book has hundreds."""
    more = len(notes) - 1
    return [f"{notes[0]} (and {more} more of its pages have a note)"] if more > 0 else notes


def _package_name(book: zipfile.ZipFile) -> str:
    root = parse_xml(member_bytes(book, _CONTAINER), _CONTAINER)
    name = next((each.get("full-path") for each in root.iter("{*}rootfile")), None)
    if not name:
        raise CorpusError(f"{_CONTAINER!r} names no book, expected one", hint="save it anew")
    return str(name)


def _pages(package: Element, folder: str) -> Iterator[str]:
    """Yield the member of each page, in reading order; the table of contents is none."""
    items = {item.get("id"): item for item in package.iter("{*}item")}
    for reference in package.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "nav" in (item.get("properties") or "").split():
            continue
        if item.get("media-type") in _PAGE_TYPES:
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
