"""PPTX: the slides of a presentation, each a page that begins with its title as a heading.

python-pptx reads it. Lists, tables, SmartArt and the speaker's notes are read, pictures, charts and
formulas are not.
"""

import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Final

from ingest.document import Parsed
from ingest.errors import CorpusError
from ingest.readers.container import open_office
from ingest.readers.readable_text import ReadableText, one_line
from ingest.readers.xml_tree import Element, local_name, parse_xml

_NEWER: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DRAWING: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM: Final = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_RELATED: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_UNREAD: Final = {"chart": "charts", "oMath": "formulas"}


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield a presentation as one document.

    Its title is that of its properties, or of the first slide that has one.

    Raises:
        CorpusError: The bytes are no PPTX.
    """
    del encoding  # XML says its own.
    from pptx import Presentation

    open_office(data, "PPTX", "presentationml.")
    deck = Presentation(io.BytesIO(data))
    text, unread = ReadableText(), Counter[str]()
    for slide in deck.slides:
        text.start_page()
        _choose(slide.element)
        unread.update(_unread(slide))
        title = slide.shapes.title
        if title is not None:
            text.heading(title.text_frame.text, 1)
        for shape in _shapes(slide.shapes):
            if title is None or shape.shape_id != title.shape_id:
                _write_shape(shape, text)
                unread["drawings of SmartArt"] += not _write_diagram(shape, text)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            for line in slide.notes_slide.notes_text_frame.text.splitlines():
                text.paragraph(line)
    title, first = one_line(deck.core_properties.title or ""), text.first_heading()
    # "PowerPoint Presentation" and its translations are what the program calls each new file.
    if first and (not title or "PowerPoint" in title):
        title = first
    left_out = [f"{unread[each]} {each}: only words and tables are read" for each in +unread]
    yield text.parsed(title, left_out)


def _choose(slide: Element) -> None:
    """Put the shapes of newer programs, which python-pptx overlooks, in place of their wrappers."""
    for wrapper in list(slide.iter(f"{_NEWER}AlternateContent")):
        if local_name(wrapper.getparent()) not in ("spTree", "grpSp"):
            continue
        options = wrapper.findall(f"{_NEWER}Choice") + wrapper.findall(f"{_NEWER}Fallback")
        for child in next((list(each) for each in options if len(each)), []):
            wrapper.addprevious(child)
        wrapper.getparent().remove(wrapper)


def _unread(slide: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield the kind of each thing on a slide that is not read."""
    for each in slide.element.iter():
        if local_name(each) in _UNREAD:
            yield _UNREAD[local_name(each)]


def _shapes(shapes: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the shapes of a slide in the order that screen readers follow, groups looked into."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _write_shape(shape: Any, text: ReadableText) -> None:  # noqa: ANN401
    if getattr(shape, "has_table", False):
        table = shape.table
        rows = [[cell.text_frame.text for cell in row.cells] for row in table.rows]
        text.table(rows, has_header=True if table.first_row else None)
        return
    if not shape.has_text_frame:
        return
    paragraphs = [each for each in shape.text_frame.paragraphs if one_line(each.text)]
    for paragraph in paragraphs:
        # The lines of a placeholder are the points of a slide; other boxes have sentences.
        if shape.is_placeholder and len(paragraphs) > 1:
            text.item(paragraph.text, depth=paragraph.level)
        else:
            text.paragraph(paragraph.text)


def _write_diagram(shape: Any, text: ReadableText) -> bool:  # noqa: ANN401
    """Write the points of SmartArt as a list; return whether nothing of it was lost."""
    named = next(shape.element.iter(f"{_DIAGRAM}relIds"), None)
    if named is None:
        return True
    try:
        data = shape.part.related_part(named.get(f"{_RELATED}dm")).blob
        root = parse_xml(data, "the data of SmartArt")
    except (KeyError, ValueError, CorpusError):  # not there, elsewhere, or no XML
        return False
    for words, depth in _points(root):
        text.item(words, depth=depth)
    return True


def _points(root: Element) -> Iterator[tuple[str, int]]:
    """Yield the words of the points of SmartArt, in their order, and how deep they lie."""
    points = {each.get("modelId"): each for each in root.iter(f"{_DIAGRAM}pt")}
    inside = defaultdict(list)
    for line in root.iter(f"{_DIAGRAM}cxn"):
        if line.get("type", "parOf") == "parOf":
            order = line.get("srcOrd", "0")
            place = int(order) if order.isascii() and order.isdigit() else 0
            inside[line.get("srcId")].append((place, line.get("destId")))
    first = [name for name, each in points.items() if each.get("type") == "doc"]
    waiting = [(name, -1) for name in first]
    while waiting:
        name, depth = waiting.pop()
        point = points.pop(name, None)  # so that a circle ends
        if point is None:
            continue
        yield _words(point), max(0, depth)
        below = sorted(inside[name], key=lambda each: each[0], reverse=True)
        waiting.extend((inner, depth + 1) for _, inner in below)
    for point in points.values():  # what hangs on nothing
        if point.get("type", "node") in ("node", "asst"):
            yield _words(point), 0


def _words(point: Element) -> str:
    paragraphs = point.iter(f"{_DRAWING}p")
    return " ".join(
        "".join(each.text or "" for each in paragraph.iter(f"{_DRAWING}t"))
        for paragraph in paragraphs
    )
