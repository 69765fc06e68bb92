"""RTF: the paragraphs and tables of a Rich Text file; striprtf reads it.

The format marks no headings that programs agree on: they are told from the text. Footnotes are not
read.
"""

import re
from collections.abc import Iterator

from ingest.document import Parsed
from ingest.encoding import refuse_misdeclared
from ingest.errors import CorpusError
from ingest.readers.readable_text import ReadableText
from ingest.readers.signature import expect

_PAGE = re.compile(r"\\ansicpg(\d{3,5})")
_ROW = re.compile(r".*\|\s*")


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    r"""Yield a Rich Text file as one document.

    >>> next(read(rb"{\rtf1\ansi\ansicpg1251 \u1178?\'e0\'e7\'e0\u1179?\par}")).text
    'Қазақ'

    Raises:
        CorpusError: The bytes are no RTF.
    """
    from striprtf.striprtf import rtf_to_text

    expect(data, b"{\\rtf", "RTF")
    # All of RTF is ASCII; other characters are written as codes of the page that it names.
    source = data.decode("latin-1")
    declared = _PAGE.search(source)
    if encoding:
        source = _PAGE.sub("", source)
    try:
        text = rtf_to_text(source, encoding=encoding or "cp1252", errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, LookupError) as error:
        raise CorpusError(f"a damaged RTF ({error})", hint="open it and save it anew") from None
    if declared and not encoding:
        refuse_misdeclared(text, f"cp{declared[1]}")
    yield _readable(text).parsed()


def _readable(lines: str) -> ReadableText:
    text, rows = ReadableText(), list[list[str]]()
    for line in [*lines.splitlines(), ""]:
        if _ROW.fullmatch(line):
            rows.append(line.rstrip().removesuffix("|").split("|"))
        else:
            text.table(rows)
            rows.clear()
            text.paragraph(line)
    return text
