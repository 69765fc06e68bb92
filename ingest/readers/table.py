"""CSV and TSV: each row is a passage, its cells after the names of their columns.

Excel's ways are read too: semicolons or tabs between the cells, a first line `sep=;`, a byte order
mark, UTF-16, an 8-bit code page.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from typing import Final

from ingest.document import Parsed
from ingest.encoding import Decoded, decode
from ingest.errors import CorpusError
from ingest.readers.readable_text import (
    MAX_CHARACTERS,
    ReadableText,
    could_be_names,
    labelled,
    names_columns,
    one_line,
)

_SEPARATORS: Final = ";\t,|"
_NAMED_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_TRIED_ROWS: Final = 50


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    r"""Yield a table as one document.

    >>> next(read("Өзен;Ұзындығы\nЖайық;2428 км\nЕртіс;4248 км\n".encode())).text
    'Өзен: Жайық; Ұзындығы: 2428 км\nӨзен: Ертіс; Ұзындығы: 4248 км'

    Raises:
        CorpusError: The bytes are not text.
    """
    source = decode(data, encoding)
    named = _NAMED_SEPARATOR.match(source.text)
    body = source.text[named.end() :] if named else source.text
    yield _parsed(source._replace(text=body), named[1] if named else None)


def read_tsv(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield a table whose cells tabs set apart as one document.

    Raises:
        CorpusError: The bytes are not text.
    """
    yield _parsed(decode(data, encoding), "\t")


def _parsed(source: Decoded, separator: str | None = None) -> Parsed:
    text = ReadableText()
    # A cell is as long as a text may be: the csv module's own limit, 128 KB, is too little.
    csv.field_size_limit(MAX_CHARACTERS)
    # Python on Windows ends lines so: the blank rows between them are none of the table's.
    lines = io.StringIO(source.text.replace("\r\r\n", "\r\n"), newline="").readlines()
    try:
        rows = _rows(lines, separator or _separator(lines))
        write_records(((row, False) for row in rows), text)
    except csv.Error as error:
        raise CorpusError(f"no table ({error})", hint="save it as CSV or TSV anew") from None
    return text.parsed(notes=source.notes)


def write_records(rows: Iterable[tuple[list[str], bool]], text: ReadableText) -> None:
    """Write rows as records, each with the names of its columns where the first row gives them.

    A blank row ends what the names are valid for: another table may follow. Lines of a single cell
    before the first row are a caption. Rows without names are written as they are.

    Args:
        rows: Rows of cells, each with whether it is marked (bold) as one that names columns.
        text: What is written to.
    """
    clean = (([one_line(cell) for cell in row], marked) for row, marked in rows)
    for filled, part in groupby(clean, lambda row: any(row[0])):
        if filled:
            _write_part(part, text)


def _write_part(rows: Iterator[tuple[list[str], bool]], text: ReadableText) -> None:
    for row in rows:
        if sum(map(bool, row[0])) > 1:
            break
        text.paragraph("".join(row[0]))
    else:
        return
    first, marked = row
    ahead = list(islice(rows, _TRIED_ROWS))
    if marked and ahead and not ahead[0][1]:
        named = could_be_names(first)
    else:
        named = names_columns(first, [cells for cells, _ in ahead])
    names = first if named else []
    if not named:
        text.record(labelled(names, first))
    for cells, _ in chain(ahead, rows):
        text.record(labelled(names, cells))


def _rows(lines: Sequence[str], separator: str) -> Iterator[list[str]]:
    """Yield the cells of each row; a line that opens a quote and never ends it, as it is.

    Otherwise all rows up to the next quote, or to the end, would be one cell.
    """
    at = 0
    while at < len(lines):
        rest = map(lines.__getitem__, range(at, len(lines)))
        reader = csv.reader(rest, delimiter=separator, strict=True)
        begin = at
        try:
            for row in reader:
                yield row
                begin = at + reader.line_num
        except csv.Error:
            yield from csv.reader([lines[begin]], delimiter=separator, quoting=csv.QUOTE_NONE)
            at = begin + 1
        else:
            return


def _separator(lines: Sequence[str]) -> str:
    """Return what stands between the cells: what cuts most rows into the same number of cells.

    Of those that do so equally, a semicolon and a tab go before a comma, which may be part of a
    number («1,5;2,5»). Where nothing does, the table has one column: then it is what cuts the
    fewest rows.
    """

    def fitness(separator: str) -> tuple[float, int]:
        rows = csv.reader(lines[:_TRIED_ROWS], delimiter=separator)
        widths = [len(row) for row in rows if row]
        [(width, alike)] = Counter(widths or [1]).most_common(1)
        return (alike / len(widths), 0) if width > 1 else (0.0, -sum(widths))

    return max(_SEPARATORS, key=fitness)
