"""PPTX: the slides of a presentation, each a page that begins with its title as a heading.

python-pptx reads it. Lists, tables and the speaker's notes are read, pictures and charts are not.
"""

import io
from collections.abc import Iterator
from typing import Any

from ingest.document import Parsed
from ingest.readers.container import open_office
from ingest.readers.readable_text import ReadableText, one_line


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
    text, charts = ReadableText(), 0
    for slide in deck.slides:
        text.start_page()
        title = slide.shapes.title
        if title is not None:
            text.heading(title.text_frame.text, 1)
        for shape in _shapes(slide.shapes):
            charts += bool(getattr(shape, "has_chart", False))
            if title is None or shape.shape_id != title.shape_id:
                _write_shape(shape, text)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            for line in slide.notes_slide.notes_text_frame.text.splitlines():
                text.paragraph(line)
    parsed = text.parsed(
        deck.core_properties.title or "",
        [f"{charts} charts: only words and tables are read"] if charts else [],
    )
    headings = [block for block in text.blocks if block.kind == "heading"]
    # "PowerPoint Presentation" and its translations are what the program calls each new file.
    if headings and (not parsed.title or "PowerPoint" in parsed.title):
        parsed = text.parsed(parsed.text[headings[0].start : headings[0].end], parsed.left_out)
    yield parsed


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
