"""ODT: headings, lists, tables and footnotes of an OpenDocument text, as LibreOffice writes it.

The format is a ZIP with XML, which lxml reads: no library for it is kept up that does more. What
was deleted under tracking, comments, headers and footers are no part of the text.
"""

from collections.abc import Iterator
from typing import Final

from ingest.document import Parsed
from ingest.errors import CorpusError
from ingest.readers.container import member_bytes, open_container
from ingest.readers.readable_text import ReadableText
from ingest.readers.xml_tree import Element, parse_xml

_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_UNREAD: Final = frozenset(
    f"{space}{name}"
    for space, names in (
        (_TEXT, ("tracked-changes", "hidden-text", "hidden-paragraph", "note-citation", "note")),
        (_OFFICE, ("annotation", "annotation-end", "forms")),
    )
    for name in names
)
_CHARACTERS: Final = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n", f"{_TEXT}s": " "}
_MAX_REPEATED: Final = 100
_MAX_NESTED: Final = 200


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield an OpenDocument text as one document.

    Its title is that of its properties, else the paragraph in the style Title.

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
    yield text.parsed(title or writer.title)


class _Body:
    """Writes paragraphs, lists and tables, in their order, as blocks."""

    def __init__(self, text: ReadableText, roots: list[Element]) -> None:
        self.title = ""
        self._text = text
        self._numbered = {
            style.get(f"{_STYLE}name"): [level.tag.endswith("-number") for level in style]
            for root in roots
            for style in root.iter(f"{_TEXT}list-style")
        }
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

    def _list(self, element: Element, style: str | None, depth: int) -> None:
        if depth > _MAX_NESTED:
            raise CorpusError(f"lists nested {depth} deep, expected at most {_MAX_NESTED}")
        levels = self._numbered.get(style, [])
        numbered = depth < len(levels) and levels[depth]
        for number, item in enumerate(element.iterchildren(f"{_TEXT}list-item"), start=1):
            mark = f"{number}." if numbered else "-"
            for child in item:
                if child.tag == f"{_TEXT}list":
                    self._list(child, child.get(f"{_TEXT}style-name") or style, depth + 1)
                elif child.tag == f"{_TEXT}h":
                    self.write([child])
                elif mark:
                    self._text.item(_words(child), mark=mark, depth=depth)
                    self._notes(child)
                    mark = ""
                else:
                    self.write([child])

    def _table(self, table: Element) -> None:
        rows = list(table.iter(f"{_TABLE}table-row"))
        if any(True for inner in table.iter(f"{_TABLE}table") if inner is not table):
            for row in table.iterchildren(f"{_TABLE}table-row"):
                self.write(row)  # A table of tables: its cells are read one after the other.
            return
        named = next(table.iter(f"{_TABLE}table-header-rows"), None) is not None
        self._text.table(map(_cells, rows), has_header=True if named else None)
        self._notes(table)


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
