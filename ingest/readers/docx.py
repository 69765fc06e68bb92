"""DOCX: headings, lists with their numbers, tables, footnotes and text boxes of a Word document.

python-docx opens the file and knows its styles; the body is walked element by element, since its
paragraphs leave out what was inserted under tracking, content controls and text boxes. What was
deleted under tracking, hidden text, headers and footers are no part of the text.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from ingest.document import Parsed
from ingest.readers.container import open_office
from ingest.readers.numbering import CountedList, Level, Numbering
from ingest.readers.readable_text import ReadableText, could_be_names, one_line
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
_GONE: Final = frozenset(["del", "moveFrom", "vanish"])
_CHARACTERS: Final = dict(tab="\t", ptab="\t", br="\n", cr="\n", noBreakHyphen="-", rad="√")
_RAISED: Final = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_RAISED_WORDS: Final = frozenset(["st", "nd", "rd", "th", "TM"])  # they mean the same when not
# The signs of the font Symbol by their codes, a row from each code on.
_SYMBOLS: Final = {
    code + at: sign
    for code, signs in {
        0x20: " !∀#∃%&∋()∗+,−./0123456789:;<=>?",
        0x40: "≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_",
        0x61: "αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}~",
        0xA2: "′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…",
        0xC4: "⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓",
        0xE5: "∑",
        0xF2: "∫",
    }.items()
    for at, sign in enumerate(signs)
}
_PICTURE_FONTS = re.compile(r"wingdings|webdings|symbol\Z", re.IGNORECASE)
# A cell with as many characters, or with paragraphs of its own, is text in a column, no value.
_LONG_CELL: Final = 200
_HEADING_NAME = re.compile(r"heading (\d)")
_START_DIGITS: Final = 5
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
    title = one_line(body.title or document.core_properties.title or "") or text.first_heading(1)
    yield text.parsed(title, _left_out(document.element.body))


def _left_out(body: Element) -> list[str]:
    """Return what of a document is not read, a line each."""
    names = {"chart": "charts", "relIds": "SmartArt drawings", "altChunk": "embedded documents"}
    found = Counter(local_name(each) for each in body.iter() if local_name(each) in names)
    return [
        f"{found[each]} {names[each]}: only words and tables of its own are read" for each in found
    ]


class _Body:
    """Writes paragraphs and tables, in their order, as blocks."""

    def __init__(self, document: "Document", text: ReadableText) -> None:
        self.title = ""
        self._text = text
        lists = _related(document.part, "numbering")
        self._styles = _styles(document.styles.element, {} if lists is None else _linked(lists))
        self._notes = {kind: _notes(document.part, kind) for kind in _NOTES}
        self._marks = self._counted(document.element.body, {} if lists is None else _lists(lists))

    def _counted(self, body: Element, lists: Mapping[str, CountedList]) -> dict[Element, str]:
        """Return what stands before each paragraph, counted in the order of the file.

        Tables are written in another order. Word counts a paragraph without words too.
        """
        numbering = Numbering(lists)
        marks = {}
        for paragraph in _paragraphs(body, _UNREAD - {"txbxContent"}):
            numbered = self._style_of(paragraph).numbering
            if numbered and (_words(paragraph).strip() or not _is_gone(paragraph)):
                marks[paragraph] = numbering.next(*numbered)
        return marks

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
        mark = self._marks.get(element, "") if words else ""
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
        level, (name, depth) = _own_level(properties), _own_numbering(properties)
        numbering = style.numbering
        if name is not None:
            numbering = name, depth or 0
        elif depth is not None and numbering:
            numbering = numbering[0], depth
        return _Style(style.level if level is None else level, numbering, style.is_title)

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
        if not marked and self._is_text_in_columns(cells):  # each column is one text
            for at in range(max(map(len, cells))):
                for row in cells:
                    if at < len(row) and not _goes_on(row[at]):
                        self.write(row[at])
            return
        self._text.table(self._lines(rows, cells), has_header=True if marked else None)
        self._beside(table)

    def _is_text_in_columns(self, rows: list[list[Element]]) -> bool:
        """Return whether a table sets texts side by side, as contracts in two languages do.

        Then most of its rows have two cells that are paragraphs, not values.
        """
        first = [" ".join(self._lines_of(cell)) for cell in rows[0]]
        if len(first) > 2 and could_be_names(first):
            return False
        long_rows = [sum(map(self._is_long, row)) > 1 for row in rows if any(map(_words, row))]
        return 2 * sum(long_rows) > len(long_rows)

    def _is_long(self, cell: Element) -> bool:
        paragraphs = self._lines_of(cell)
        return len(paragraphs) > 1 or sum(map(len, paragraphs)) > _LONG_CELL

    def _lines_of(self, cell: Element) -> list[str]:
        """Return the paragraphs of a cell that have words or a number, each with its number."""
        lines = []
        for paragraph in _paragraphs(cell):
            mark = self._marks.get(paragraph, "")
            lines.append(f"{mark} {_words(paragraph)}" if mark != "-" else _words(paragraph))
        return [line for line in map(one_line, lines) if line]

    def _lines(self, rows: list[Element], cells: list[list[Element]]) -> Iterator[list[str]]:
        """Yield the words of each row's cells; a cell over several rows stands in each of them."""
        above: list[str] = []
        for row, row_cells in zip(rows, cells, strict=True):
            line = [""] * _number(row.find(f"{_W}trPr/{_W}gridBefore"), 0)
            for cell in row_cells:
                at = len(line)
                known = _goes_on(cell) and at < len(above)
                line.append(above[at] if known else " ".join(self._lines_of(cell)))
                line += [""] * (_number(cell.find(f"{_W}tcPr/{_W}gridSpan"), 1) - 1)
            yield line
            above = line


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


def _goes_on(cell: Element) -> bool:
    """Return whether a cell is the lower part of one over several rows."""
    merged = cell.find(f"{_W}tcPr/{_W}vMerge")
    return merged is not None and merged.get(f"{_W}val") != "restart"


def _paragraphs(parent: Element, unread: frozenset[str] = _UNREAD) -> Iterator[Element]:
    """Yield the paragraphs inside an element, in the order of the file."""
    waiting = [parent]
    while waiting:
        each = waiting.pop()
        name = local_name(each)
        if name in unread or (name == "tc" and each is not parent and _goes_on(each)):
            continue
        if name == "p" and each.tag.startswith(_W):
            yield each
        waiting.extend(reversed(each))


def _is_gone(paragraph: Element) -> bool:
    """Return whether the end of a paragraph is hidden, or was deleted or moved."""
    end = paragraph.find(f"{_W}pPr/{_W}rPr")
    return end is not None and any(local_name(each) in _GONE for each in end)


def _words(element: Element) -> str:
    """Return the words of a paragraph or a cell that are seen, in their order."""
    words: list[tuple[str, bool]] = []
    waiting = [(element, False)]
    while waiting:
        each, raised = waiting.pop()
        name = local_name(each)
        if each is not element and (name in _UNREAD or _is_hidden(each, name)):
            continue
        raised = raised or _is_raised(each, name)
        if name == "t":
            words.append((each.text or "", raised))
        elif name in ("num", "den") and each is not element:
            inside = _words(each)
            inside = inside if inside.isalnum() else f"({inside})"
            words.append((inside if name == "num" else f"/{inside}", raised))
            continue
        elif name == "sym":
            words.append((_symbol(each), raised))
        elif name == "p" and each is not element:
            words.append((" ", False))
        elif name in _CHARACTERS:
            words.append((_CHARACTERS[name], raised))
        waiting.extend((child, raised) for child in reversed(each))
    runs = groupby((word for word in words if word[0]), key=lambda word: word[1])
    written = [("".join(word for word, _ in group), raised) for raised, group in runs]
    return "".join(_raised(text) if raised else text for text, raised in written)


def _is_hidden(element: Element, name: str) -> bool:
    hidden = element.find(f"{_W}rPr/{_W}vanish") if name == "r" else None
    return hidden is not None and hidden.get(f"{_W}val", "1") not in ("0", "false", "off")


def _is_raised(element: Element, name: str) -> bool:
    """Return whether an element is written above the line, as the 6 of 10⁶ is."""
    if name == "sup":  # of a formula
        return True
    place = element.find(f"{_W}rPr/{_W}vertAlign") if name == "r" else None
    return place is not None and place.get(f"{_W}val") == "superscript"


def _raised(text: str) -> str:
    """Return a text above the line in a way that is not read as a part of the line.

    >>> _raised("-6"), _raised("ші"), _raised("2 ")
    ('⁻⁶', '^(ші)', '² ')
    """
    inside = text.strip()
    if not inside or inside in _RAISED_WORDS:
        return text
    plain = all(ord(character) in _RAISED for character in inside)
    return text.replace(inside, inside.translate(_RAISED) if plain else f"^({inside})")


def _symbol(element: Element) -> str:
    """Return a sign that a font's own code names; a space for one that is a mere picture."""
    font, code = element.get(f"{_W}font", ""), element.get(f"{_W}char", "")
    if not re.fullmatch(r"[0-9A-Fa-f]{1,4}", code):
        return " "
    number = int(code, 16)
    if 0xF000 <= number <= 0xF0FF or _PICTURE_FONTS.match(font):
        return _SYMBOLS.get(number & 0xFF, " ") if font.lower() == "symbol" else " "
    return chr(number)


def _number(element: Element, otherwise: int, digits: int = 2) -> int:
    """Return the value of an element that is a number of few digits, or another number."""
    value = "" if element is None else element.get(f"{_W}val", "")
    return int(value) if re.fullmatch(rf"[0-9]{{1,{digits}}}", value) else otherwise


# --- styles, lists, notes ---------------------------------------------------------------------


def _styles(root: Element, linked: Mapping[str, int]) -> dict[str, _Style]:
    """Return the paragraph styles by id; the default one also by "".

    Args:
        root: The styles.
        linked: The level of a list that belongs to a style, by the style's id.
    """
    elements = {style.get(f"{_W}styleId"): style for style in root.iter(f"{_W}style")}
    styles = {}
    for name, element in elements.items():
        level, title = None, False
        in_list: str | None = None
        depth: int | None = None
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
                own_list, own_depth = _own_numbering(properties)
                in_list = own_list if in_list is None else in_list
                depth = own_depth if depth is None else depth
            level = int(heading[1]) if heading and level is None else level
            depth = linked.get(element.get(f"{_W}styleId")) if depth is None else depth
            based = element.find(f"{_W}basedOn")
            element = None if based is None else elements.get(based.get(f"{_W}val"))
        styles[name] = _Style(level or 0, (in_list, depth or 0) if in_list else None, title)
    default = next((n for n, e in elements.items() if e.get(f"{_W}default") == "1"), "")
    return styles | {"": styles.get(default, _PLAIN)}


def _own_level(properties: Element) -> int | None:
    """Return the level that a paragraph's own properties give it: 0 for body text."""
    outline = properties.find(f"{_W}outlineLvl")
    if outline is None:
        return None
    level = _number(outline, _BODY_LEVEL) + 1
    return 0 if level >= _BODY_LEVEL else level


def _own_numbering(properties: Element) -> tuple[str | None, int | None]:
    """Return the list that properties name, and the level; list "0" takes it out of all."""
    numbering = properties.find(f"{_W}numPr")
    if numbering is None:
        return None, None
    name, level = numbering.find(f"{_W}numId"), numbering.find(f"{_W}ilvl")
    return (
        None if name is None else name.get(f"{_W}val", ""),
        None if level is None else _number(level, 0),
    )


def _linked(root: Element) -> dict[str, int]:
    """Return the levels of lists that belong to a style, by its id."""
    return {
        style.get(f"{_W}val"): _number_of(level, "ilvl")
        for level in root.iter(f"{_W}lvl")
        for style in level.iterchildren(f"{_W}pStyle")
    }


def _lists(root: Element) -> dict[str, CountedList]:
    """Return the lists by their id. Those of one abstract list are counted together."""
    kinds = {kind.get(f"{_W}abstractNumId"): kind for kind in root.iter(f"{_W}abstractNum")}
    by_style = {
        style.get(f"{_W}val"): kind
        for kind in kinds.values()
        for style in kind.iterchildren(f"{_W}styleLink")
    }
    lists = {}
    for each in root.iter(f"{_W}num"):
        kind = each.find(f"{_W}abstractNumId")
        counter = "" if kind is None else kind.get(f"{_W}val")
        found = kinds.get(counter)
        link = None if found is None else found.find(f"{_W}numStyleLink")
        if link is not None:  # The list stands where its style is defined.
            found = by_style.get(link.get(f"{_W}val"))
        if found is not None:
            lists[each.get(f"{_W}numId")] = _counted_list(each, found, counter)
    return lists


def _counted_list(each: Element, kind: Element, counter: str) -> CountedList:
    """Return a list with the levels of its kind, or its own in their place."""
    levels = {_number_of(level, "ilvl"): _level(level) for level in kind.iter(f"{_W}lvl")}
    anew = set()
    for own in each.iter(f"{_W}lvlOverride"):
        at, level = _number_of(own, "ilvl"), own.find(f"{_W}lvl")
        if level is not None:
            levels[at] = _level(level)
        start = own.find(f"{_W}startOverride")
        if start is not None and at in levels:
            anew.add(at)
            levels[at] = levels[at]._replace(start=_number(start, 1, _START_DIGITS))
    all_levels = [levels.get(at, Level("none", "")) for at in range(max(levels, default=-1) + 1)]
    return CountedList(all_levels, counter, frozenset(anew))


def _level(level: Element) -> Level:
    def value(name: str, otherwise: str) -> str:
        found = level.find(f"{_W}{name}")
        return otherwise if found is None else str(found.get(f"{_W}val", otherwise))

    restart = level.find(f"{_W}lvlRestart")
    return Level(
        value("numFmt", "decimal"),
        value("lvlText", ""),
        _number(level.find(f"{_W}start"), 1, _START_DIGITS),
        None if restart is None else _number(restart, 0),
        value("isLgl", "0" if level.find(f"{_W}isLgl") is None else "1") != "0",
    )


def _number_of(element: Element, name: str) -> int:
    """Return an attribute that is the number of a level, 0 to 8."""
    value = element.get(f"{_W}{name}", "")
    return int(value) if re.fullmatch("[0-8]", value) else 0


def _related(part: "Part", name: str) -> Element | None:
    """Return what a part of the file by the document's side has in it, if there is one."""
    try:
        blob = part.part_related_by(f"{_RELATED}{name}").blob
    except KeyError:
        return None
    return parse_xml(blob, f"{name}.xml")


def _notes(part: "Part", kind: str) -> dict[str, str]:
    """Return the words of the footnotes, or endnotes, by their id."""
    root = _related(part, f"{kind}s")
    if root is None:
        return {}
    return {
        note.get(f"{_W}id", ""): _words(note)
        for note in root.iter(f"{_W}{kind}")
        if note.get(f"{_W}type", "normal") == "normal"  # The others are lines that set notes apart.
    }
