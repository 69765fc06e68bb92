"""CSV and TSV: each row is a passage, its cells after the names of their columns.

Excel's ways are read too: semicolons or tabs between the cells, a first line `sep=;`, a byte order
mark, UTF-16. An 8-bit code page must be named, as everywhere.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

from ingest.document import Parsed
from ingest.encoding import decode
from ingest.errors import CorpusError
from ingest.readers.readable_text import (
    MAX_CHARACTERS,
    ReadableText,
    could_be_names,
    labelled,
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
    named = _NAMED_SEPARATOR.match(source)
    body = source[named.end() :] if named else source
    yield _parsed(body, named[1] if named else _separator(body))


def read_tsv(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield a table whose cells tabs set apart as one document.

    Raises:
        CorpusError: The bytes are not text.
    """
    yield _parsed(decode(data, encoding), "\t")


def _parsed(source: str, separator: str) -> Parsed:
    text = ReadableText()
    write_records(_rows(source, separator), text)
    return text.parsed()


def write_records(rows: Iterator[list[str]], text: ReadableText) -> None:
    """Write rows as records, each with the names that the first one gives.

    Lines of a single cell before that one are a caption. Rows without names are written as they
    are.

    Args:
        rows: Rows of cells.
        text: What is written to.
    """
    names: list[str] | None = None
    for row in rows:
        cells = [one_line(cell) for cell in row]
        if names is not None:
            text.record(labelled(names, cells))
        elif sum(map(bool, cells)) == 1:
            text.paragraph("".join(cells))
        elif could_be_names(cells):
            names = cells
        elif any(cells):
            names = []
            text.record(labelled(names, cells))
    if names and not any(block.kind == "record" for block in text.blocks):
        text.record("; ".join(filter(None, names)))


def _rows(source: str, separator: str) -> Iterator[list[str]]:
    # A cell is as long as a text may be: the csv module's own limit, 128 KB, is too little.
    csv.field_size_limit(MAX_CHARACTERS)
    try:
        yield from csv.reader(io.StringIO(source, newline=""), delimiter=separator)
    except csv.Error as error:
        raise CorpusError(f"no table ({error})", hint="save it as CSV or TSV anew") from None


def _separator(source: str) -> str:
    """Return what stands between the cells: what cuts most rows into the same number of cells.

    Where nothing does, the table has one column: then it is what cuts the fewest rows.
    """

    def fitness(separator: str) -> tuple[float, int]:
        widths = [len(row) for row in islice(_rows(source, separator), _TRIED_ROWS) if row]
        [(width, alike)] = Counter(widths or [1]).most_common(1)
        return (alike / len(widths), width) if width > 1 else (0.0, -sum(widths))

    return max(_SEPARATORS, key=fitness)
