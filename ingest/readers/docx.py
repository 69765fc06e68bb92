"""DOCX: headings, lists with their numbers, tables, footnotes and text boxes of a Word document.

python-docx opens the file and knows its styles; the body is walked element by element, since its
paragraphs leave out what was inserted under tracking, content controls and text boxes. What was
deleted under tracking, hidden text, headers and footers are no part of the text.
"""

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from ingest.document import Parsed
from ingest.readers.container import open_office
from ingest.readers.numbering import Numbering
from ingest.readers.readable_text import ReadableText, one_line
from ingest.readers.xml_tree import Element, local_name, parse_xml

if TYPE_CHECKING:
    from docx.document import Document
    from docx.opc.part import Part

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NOTES: Final = ("footnote", "endnote")
_RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
# Old text stands in `del` and `moveFrom`; `Fallback` says for old programs what `Choice` says.
_UNREAD: Final = frozenset(
    ["del", "moveFrom", "Fallback", "txbxContent", "rPr", "pPr", "instrText"]
)
_CHARACTERS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_HEADING_NAME = re.compile(r"heading (\d)")
_BODY_LEVEL: Final = 10  # "outline level 9" of the file is that of body text


class _Style(NamedTuple):
    """What a paragraph style says: a heading's level or 0, a list, whether it is the title's."""

    level: int
    numbering: tuple[str, int] | None
    is_title: bool


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield a Word document as one document.

    Its title is the paragraph in the style Title, else that of its properties, else its first
    heading of level 1.

    Raises:
        CorpusError: The bytes are no DOCX.
    """
    del encoding  # XML says its own.
    import docx

    open_office(data, "DOCX", "wordprocessingml.")
    document = docx.Document(io.BytesIO(data))
    text = ReadableText()
    body = _Body(document, text)
    body.write(document.element.body)
    parsed = text.parsed(body.title or document.core_properties.title or "")
    chapters = [block for block in text.blocks if block.kind == "heading" and block.level == 1]
    if not parsed.title and chapters:
        parsed = text.parsed(parsed.text[chapters[0].start : chapters[0].end])
    yield parsed


class _Body:
    """Writes paragraphs and tables, in their order, as blocks."""

    def __init__(self, document: "Document", text: ReadableText) -> None:
        self.title = ""
        self._text = text
        self._styles = _styles(document.styles.element)
        self._notes = {kind: _notes(document.part, kind) for kind in _NOTES}
        self._numbering = Numbering(_list_levels(document.part))

    def write(self, parent: Element) -> None:
        """Write what lies inside an element; content controls and the like are looked into."""
        for element in parent:
            name = local_name(element)
            if name == "p":
                self._paragraph(element)
            elif name == "tbl":
                self._table(element)
            elif name not in _UNREAD and not name.endswith("Pr"):
                self.write(element)

    def _paragraph(self, element: Element) -> None:
        words = _words(element)
        style = self._style_of(element)
        mark = self._numbering.next(*style.numbering) if style.numbering and words else ""
        if style.is_title and words:
            self.title = self.title or one_line(words)
            self._text.heading(words, 1)
        elif style.level:
            # The number of «2.1 Демалыс» is no letter of the file: Word counts it.
            self._text.heading(
                f"{mark} {words}" if mark not in ("", "-") and words else words, style.level
            )
        elif mark:
            self._text.item(words, mark=mark, depth=style.numbering[1] if style.numbering else 0)
        else:
            self._text.paragraph(words)
        self._beside(element)

    def _beside(self, element: Element) -> None:
        """Write the footnotes that an element refers to, and the text boxes that hang on it."""
        for kind in _NOTES:
            for reference in element.iter(f"{_W}{kind}Reference"):
                self._text.paragraph(self._notes[kind].get(reference.get(f"{_W}id", ""), ""))
        for box in _boxes(element):
            self.write(box)

    def _style_of(self, element: Element) -> _Style:
        properties = element.find(f"{_W}pPr")
        if properties is None:
            return self._styles.get("", _PLAIN)
        named = properties.find(f"{_W}pStyle")
        style = self._styles.get("" if named is None else named.get(f"{_W}val", ""), _PLAIN)
        level, numbering = _own_level(properties), _own_numbering(properties)
        return _Style(
            style.level if level is None else level,
            style.numbering if numbering is None else numbering,
            style.is_title,
        )

    def _table(self, table: Element) -> None:
        rows = [row for row in table.iter(f"{_W}tr") if _table_of(row) is table]
        cells = [[cell for cell in row.iter(f"{_W}tc") if _row_of(cell) is row] for row in rows]
        nested = any(True for cell_row in cells for cell in cell_row for _ in cell.iter(f"{_W}tbl"))
        if nested or all(len(row) <= 1 for row in cells):
            # A frame around text, or a table of tables: its cells are read one after the other.
            for cell_row in cells:
                for cell in cell_row:
                    self.write(cell)
            return
        marked = bool(rows) and rows[0].find(f"{_W}trPr/{_W}tblHeader") is not None
        self._text.table(_lines(cells), has_header=True if marked else None)
        self._beside(table)


_PLAIN: Final = _Style(0, None, False)


def _boxes(element: Element) -> Iterator[Element]:
    """Yield the text boxes inside an element; those that are inside others are theirs."""
    waiting = [element]
    while waiting:
        each = waiting.pop()
        name = local_name(each)
        if name == "txbxContent":
            yield each
        elif name != "Fallback":
            waiting.extend(reversed(each))


def _table_of(row: Element) -> Element:
    return next(row.iterancestors(f"{_W}tbl"), None)


def _row_of(cell: Element) -> Element:
    return next(cell.iterancestors(f"{_W}tr"), None)


def _words(element: Element) -> str:
    """Return the words of a paragraph or a cell that are seen, in their order."""
    words: list[str] = []
    waiting = [element]
    while waiting:
        each = waiting.pop()
        name = local_name(each)
        if each is not element and (name in _UNREAD or _is_hidden(each, name)):
            continue
        if name == "t":
            words.append(each.text or "")
        elif name == "p" and each is not element:
            words.append(" ")
        words.append(_CHARACTERS.get(name, ""))
        waiting.extend(reversed(each))
    return "".join(words)


def _is_hidden(element: Element, name: str) -> bool:
    hidden = element.find(f"{_W}rPr/{_W}vanish") if name == "r" else None
    return hidden is not None and hidden.get(f"{_W}val", "1") not in ("0", "false", "off")


def _lines(rows: list[list[Element]]) -> Iterator[list[str]]:
    """Yield the words of each row's cells; a cell over several rows stands in each of them."""
    above: list[str] = []
    for row in rows:
        line: list[str] = []
        for cell in row:
            merged = cell.find(f"{_W}tcPr/{_W}vMerge")
            goes_on = merged is not None and merged.get(f"{_W}val") != "restart"
            at = len(line)
            line.append(above[at] if goes_on and at < len(above) else _words(cell))
            line += [""] * (_number(cell.find(f"{_W}tcPr/{_W}gridSpan"), 1) - 1)
        yield line
        above = line


def _number(element: Element, otherwise: int) -> int:
    """Return the value of an element that is a number below 100, or another number."""
    value = "" if element is None else element.get(f"{_W}val", "")
    return int(value) if re.fullmatch(r"[0-9]{1,2}", value) else otherwise


# --- styles, lists, notes ---------------------------------------------------------------------


def _styles(root: Element) -> dict[str, _Style]:
    """Return the paragraph styles by id; the default one also by ""."""
    elements = {style.get(f"{_W}styleId"): style for style in root.iter(f"{_W}style")}
    styles = {}
    for name, element in elements.items():
        level, numbering, title = None, None, False
        seen = set()  # styles may be based on each other in a circle
        while element is not None and id(element) not in seen:
            seen.add(id(element))
            named = element.find(f"{_W}name")
            label = "" if named is None else named.get(f"{_W}val", "").lower()
            heading = _HEADING_NAME.fullmatch(label)
            title = title or label == "title"
            properties = element.find(f"{_W}pPr")
            if properties is not None:
                level = _own_level(properties) if level is None else level
                numbering = numbering or _own_numbering(properties)
            level = int(heading[1]) if heading and level is None else level
            based = element.find(f"{_W}basedOn")
            element = None if based is None else elements.get(based.get(f"{_W}val"))
        styles[name] = _Style(level or 0, numbering, title)
    default = next((n for n, e in elements.items() if e.get(f"{_W}default") == "1"), "")
    return styles | {"": styles.get(default, _PLAIN)}


def _own_level(properties: Element) -> int | None:
    """Return the level that a paragraph's own properties give it: 0 for body text."""
    outline = properties.find(f"{_W}outlineLvl")
    if outline is None:
        return None
    level = _number(outline, _BODY_LEVEL) + 1
    return 0 if level >= _BODY_LEVEL else level


def _own_numbering(properties: Element) -> tuple[str, int] | None:
    """Return the list that a paragraph is in, and its level; list "0" takes it out of all."""
    numbering = properties.find(f"{_W}numPr")
    if numbering is None:
        return None
    number = numbering.find(f"{_W}numId")
    name = "" if number is None else number.get(f"{_W}val", "")
    return name, _number(numbering.find(f"{_W}ilvl"), 0)


def _list_levels(part: "Part") -> dict[str, list[tuple[str, str, int]]]:
    """Return for each list its levels: the kind of number, its pattern, where it starts."""
    try:
        blob = part.part_related_by(f"{_RELATED}numbering").blob
    except KeyError:
        return {}
    root = parse_xml(blob, "numbering.xml")
    kinds = {
        kind.get(f"{_W}abstractNumId"): [_list_level(level) for level in kind.iter(f"{_W}lvl")]
        for kind in root.iter(f"{_W}abstractNum")
    }
    lists = {}
    for each in root.iter(f"{_W}num"):
        kind = each.find(f"{_W}abstractNumId")
        lists[each.get(f"{_W}numId")] = kinds.get("" if kind is None else kind.get(f"{_W}val"), [])
    return lists


def _list_level(level: Element) -> tuple[str, str, int]:
    def value(name: str, otherwise: str) -> str:
        found = level.find(f"{_W}{name}")
        return otherwise if found is None else str(found.get(f"{_W}val", otherwise))

    return value("numFmt", "decimal"), value("lvlText", ""), _number(level.find(f"{_W}start"), 1)


def _notes(part: "Part", kind: str) -> dict[str, str]:
    """Return the words of the footnotes, or endnotes, by their id."""
    try:
        blob = part.part_related_by(f"{_RELATED}{kind}s").blob
    except KeyError:
        return {}
    root = parse_xml(blob, f"{kind}s.xml")
    return {
        note.get(f"{_W}id", ""): _words(note)
        for note in root.iter(f"{_W}{kind}")
        if note.get(f"{_W}type", "normal") == "normal"  # The others are lines that set notes apart.
    }
