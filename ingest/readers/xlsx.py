"""XLSX: each row of each sheet is a passage, its cells after the names of their columns.

openpyxl reads it. Of a formula, the value that was saved with it is read. Hidden sheets and rows
that nobody sees are left out, and told.
"""

import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from ingest.document import Parsed
from ingest.readers.container import member_bytes, open_office
from ingest.readers.readable_text import ReadableText
from ingest.readers.table import write_records

_ALL_ZEROS = re.compile("0{2,}")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
# A formula's value that is an empty text has the type "str".
_UNSAVED = re.compile(
    rb"""<c\b(?![^>]*\bt="str")[^>]*><f\b[^>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>"""
)


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield a workbook as one document; a sheet begins with its name as a heading.

    Raises:
        CorpusError: The bytes are no workbook.
    """
    del encoding  # XML says its own.
    from openpyxl import load_workbook

    container = open_office(data, "XLSX", "spreadsheetml.")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    text, left_out = ReadableText(), []
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        if len(sheets) > 1:
            text.heading(sheet.title, 1)
        # Files may lie about how many rows and columns there are: those that are there count.
        sheet.reset_dimensions()
        write_records(((_cells(row), _bold(row)) for row in sheet.iter_rows()), text)
    hidden = [sheet.title for sheet in book.worksheets if sheet not in sheets]
    if hidden:
        left_out.append(f"hidden sheets: {', '.join(hidden)}")
    unsaved = _formulas_without_value(container)
    if unsaved:
        left_out.append(f"{unsaved} formulas without a saved value: open the file and save it anew")
    yield text.parsed(book.properties.title or "", left_out)


def _cells(row: tuple[Any, ...]) -> list[str]:
    cells = [_shown(cell) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _bold(row: tuple[Any, ...]) -> bool:
    """Return whether all that a row says is bold."""
    return all(cell.font.b for cell in row if cell.value is not None)


def _formulas_without_value(container: zipfile.ZipFile) -> int:
    """Return how many formulas of all sheets have no value: programs that do not calculate."""
    sheets = filter(_SHEET.fullmatch, container.namelist())
    return sum(len(_UNSAVED.findall(member_bytes(container, name))) for name in sheets)


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
    if isinstance(value, int | float) and _ALL_ZEROS.fullmatch(cell.number_format or ""):
        return f"{value:.0f}".zfill(len(cell.number_format))  # ЖСН and codes begin with zeros
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.12g}"
    return str(value)
