"""XLSX: each row of each sheet is a passage, its cells after the names of their columns.

openpyxl reads it. Of a formula, the value that was saved with it is read. Hidden sheets and rows
that nobody sees are left out, and told.
"""

import datetime
import io
from collections.abc import Iterator
from typing import Any

from ingest.document import Parsed
from ingest.readers.container import open_office
from ingest.readers.readable_text import ReadableText
from ingest.readers.table import write_records


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield a workbook as one document; a sheet begins with its name as a heading.

    Raises:
        CorpusError: The bytes are no workbook.
    """
    del encoding  # XML says its own.
    from openpyxl import load_workbook

    open_office(data, "XLSX", "spreadsheetml.")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    text, left_out = ReadableText(), []
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        if len(sheets) > 1:
            text.heading(sheet.title, 1)
        # Files may lie about how many rows and columns there are: those that are there count.
        sheet.reset_dimensions()
        write_records(map(_cells, sheet.iter_rows()), text)
    hidden = [sheet.title for sheet in book.worksheets if sheet not in sheets]
    if hidden:
        left_out.append(f"hidden sheets: {', '.join(hidden)}")
    yield text.parsed(book.properties.title or "", left_out)


def _cells(row: tuple[Any, ...]) -> list[str]:
    cells = [_shown(cell) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _shown(cell: Any) -> str:  # noqa: ANN401  (openpyxl has no types)
    """Return a cell as people see it, but dates as the standard writes them.

    What "5/6/2024" means depends on who reads it; "2024-06-05" is the same for all.
    """
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float) and "%" in (cell.number_format or ""):
        return f"{value * 100:.6g}%"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.12g}"
    return str(value)
