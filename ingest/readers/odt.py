"""ODT: headings, lists, tables and footnotes of an OpenDocument text, as LibreOffice writes it.

The format is a ZIP with XML, which lxml reads: no library for it is kept up that does more. What
was deleted under tracking, comments, headers and footers are no part of the text.
"""

import re
from collections.abc import Iterator
from itertools import count
from typing import Final

from ingest.document import Parsed
from ingest.errors import CorpusError
from ingest.readers.container import member_bytes, open_container
from ingest.readers.numbering import CountedList, Level, Numbering
from ingest.readers.readable_text import ReadableText, one_line
from ingest.readers.xml_tree import Element, parse_xml

_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_SVG: Final = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_LOEXT: Final = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
_ID: Final = "{http://www.w3.org/XML/1998/namespace}id"
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_UNREAD: Final = frozenset(
    f"{space}{name}"
    for space, names in (
        (_TEXT, ("tracked-changes", "hidden-text", "hidden-paragraph", "note-citation", "note")),
        (_OFFICE, ("annotation", "annotation-end", "forms")),
        (_SVG, ("title", "desc")),  # what describes a picture to those who do not see it
    )
    for name in names
)
_CHARACTERS: Final = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n", f"{_TEXT}s": " "}
_KINDS: Final = dict(a="lowerLetter", A="upperLetter", i="lowerRoman", I="upperRoman") | {
    "1": "decimal"
}
_MAX_REPEATED: Final = 100
_MAX_LEVELS: Final = 9  # a pattern names a level by one digit
_MAX_NESTED: Final = 200


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield an OpenDocument text as one document.

    Its title is that of its properties, else the paragraph in the style Title, else its first
    heading of level 1.

    Raises:
        CorpusError: The bytes are no ODT.
    """
    del encoding  # XML says its own.
    file = open_container(data, "ODT")
    content = parse_xml(member_bytes(file, "content.xml"), "content.xml")
    body = content.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise CorpusError("no text document in it, expected one", hint="save it as ODT")
    roots = [content]
    title = ""
    if "styles.xml" in file.namelist():
        roots.append(parse_xml(member_bytes(file, "styles.xml"), "styles.xml"))
    if "meta.xml" in file.namelist():
        meta = parse_xml(member_bytes(file, "meta.xml"), "meta.xml")
        title = next((each.text or "" for each in meta.iter(_TITLE)), "")
    text = ReadableText()
    writer = _Body(text, roots)
    writer.write(body)
    yield text.parsed(one_line(title) or one_line(writer.title) or text.first_heading(1))


class _Body:
    """Writes paragraphs, lists and tables, in their order, as blocks."""

    def __init__(self, text: ReadableText, roots: list[Element]) -> None:
        self.title = ""
        self._text = text
        self._numbering = Numbering(
            {
                style.get(f"{_STYLE}name"): CountedList(_levels(style), "")
                for root in roots
                for style in root.iter(f"{_TEXT}list-style")
            }
        )
        # A list may go on with the numbers of another one, or of the last one of its style.
        self._counters = map(str, count())
        self._counter_of: dict[str, str] = {}
        self._titles = {"Title"} | {
            style.get(f"{_STYLE}name")
            for root in roots
            for style in root.iter(f"{_STYLE}style")
            if style.get(f"{_STYLE}parent-style-name") == "Title"
        }

    def write(self, parent: Element) -> None:
        """Write what lies inside an element; sections and frames are looked into."""
        for element in parent:
            if element.tag == f"{_TEXT}h":
                self._text.heading(_words(element), _number(element, f"{_TEXT}outline-level", 1))
                self._notes(element)
            elif element.tag == f"{_TEXT}p":
                self._paragraph(element)
            elif element.tag == f"{_TEXT}list":
                self._list(element, element.get(f"{_TEXT}style-name"), 0)
            elif element.tag == f"{_TABLE}table":
                self._table(element)
            elif element.tag not in _UNREAD:
                self.write(element)

    def _paragraph(self, element: Element) -> None:
        words = _words(element)
        if element.get(f"{_TEXT}style-name") in self._titles and words.strip():
            self.title = self.title or words
            self._text.heading(words, 1)
        else:
            self._text.paragraph(words)
        self._notes(element)

    def _notes(self, element: Element) -> None:
        for note in element.iter(f"{_TEXT}note-body"):
            self._text.paragraph(_words(note))

    def _list(
        self, element: Element, style: str | None, depth: int, counter: str | None = None
    ) -> None:
        if depth > _MAX_NESTED:
            raise CorpusError(f"lists nested {depth} deep, expected at most {_MAX_NESTED}")
        counter = self._counter(element, style) if counter is None else counter
        for item in element:
            if item.tag == f"{_TEXT}list-item":
                self._item(item, style, depth, counter)
            elif item.tag == f"{_TEXT}list-header":
                self.write(item)

    def _counter(self, element: Element, style: str | None) -> str:
        """Return what counts the items of an outermost list."""
        earlier = self._counter_of.get(f"id {element.get(f'{_TEXT}continue-list')}")
        if earlier is None and element.get(f"{_TEXT}continue-numbering") == "true":
            earlier = self._counter_of.get(f"style {style}")
        counter = next(self._counters) if earlier is None else earlier
        self._counter_of[f"style {style}"] = counter
        if element.get(_ID):
            self._counter_of[f"id {element.get(_ID)}"] = counter
        return counter

    def _item(self, item: Element, style: str | None, depth: int, counter: str) -> None:
        mark: str | None = None  # until its first paragraph: an item without one counts for nothing
        for child in item:
            if child.tag == f"{_TEXT}list":
                own = child.get(f"{_TEXT}style-name") or style
                self._list(child, own, depth + 1, counter)
            elif child.tag in (f"{_TEXT}p", f"{_TEXT}h") and mark is None:
                mark = self._mark(item, style, depth, counter)
                self._first(child, mark, depth)
            elif child.tag != f"{_TEXT}number":
                self.write([child])

    def _mark(self, item: Element, style: str | None, depth: int, counter: str) -> str:
        """Count an item, and return what stands before it: "-" too where that cannot be told."""
        at = _number(item, f"{_TEXT}start-value", -1)
        counted = self._numbering.next(
            style or "", depth, counter=counter, at=None if at < 0 else at
        )
        return item.findtext(f"{_TEXT}number") or counted or "-"

    def _first(self, element: Element, mark: str, depth: int) -> None:
        words = _words(element)
        if element.tag == f"{_TEXT}p":
            self._text.item(words, mark=mark, depth=depth)
        else:
            level = _number(element, f"{_TEXT}outline-level", 1)
            self._text.heading(words if mark == "-" or not words else f"{mark} {words}", level)
        self._notes(element)

    def _table(self, table: Element) -> None:
        rows = [row for row in table.iter(f"{_TABLE}table-row") if _table_of(row) is table]
        if any(True for inner in table.iter(f"{_TABLE}table") if inner is not table):
            for row in rows:
                self.write(row)  # A table of tables: its cells are read one after the other.
            return
        named = next(table.iter(f"{_TABLE}table-header-rows"), None) is not None
        self._text.table(map(_cells, rows), has_header=True if named else None)
        self._notes(table)


def _table_of(row: Element) -> Element:
    return next(row.iterancestors(f"{_TABLE}table"), None)


def _levels(style: Element) -> list[Level]:
    """Return the levels of a list style, the outermost first; an unknown one writes nothing."""
    found = {
        _number(level, f"{_TEXT}level", 1): level
        for level in style
        if isinstance(level.tag, str) and level.tag.startswith(f"{_TEXT}list-level-style-")
    }
    levels: list[Level] = []
    for at in range(1, min(max(found, default=0), _MAX_LEVELS) + 1):
        levels.append(_level(found[at], at, levels) if at in found else Level("none", ""))
    return levels


def _level(level: Element, at: int, outer: list[Level]) -> Level:
    if not level.tag.endswith("-number"):
        return Level("bullet", "")
    kind = _KINDS.get(level.get(f"{_STYLE}num-format", ""), "none")
    first = at - min(_number(level, f"{_TEXT}display-levels", 1), at)
    # Only kinds that are known make a number: one with a wrong part is worse than none.
    if any(each.kind in ("none", "bullet") for each in outer[first:]):
        kind = "none"
    shown = ".".join(f"%{each}" for each in range(first + 1, at + 1))
    prefix, suffix = (level.get(f"{_STYLE}num-{end}", "") for end in ("prefix", "suffix"))
    whole = level.get(f"{_LOEXT}num-list-format")
    pattern = f"{prefix}{shown}{suffix}" if whole is None else re.sub(r"(%\d+)%", r"\1", whole)
    return Level(kind, pattern, _number(level, f"{_TEXT}start-value", 1))


def _cells(row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            times = _number(cell, f"{_TABLE}number-columns-repeated", 1)
            cells += [_words(cell)] * min(times, _MAX_REPEATED)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _words(element: Element) -> str:
    """Return the words inside an element, without notes and comments."""
    words: list[str] = []
    waiting: list[Element] = [element]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            words.append(each)
            continue
        if each is not element:
            waiting.append(each.tail or "")
        if each is not element and each.tag in _UNREAD:
            continue
        if each.tag == f"{_TEXT}p":
            words.append(" ")
        words += [each.text or "", _CHARACTERS.get(each.tag, "")]
        waiting.extend(reversed(each))
    return "".join(words)


def _number(element: Element, name: str, otherwise: int) -> int:
    value = element.get(name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else otherwise
