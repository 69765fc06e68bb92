"""RTF: the paragraphs and tables of a Rich Text file; striprtf reads it.

The format marks no headings that programs agree on: they are told from the text. Footnotes and text
boxes are not read, and told. What was deleted under tracking and hidden text are no part of it.
"""

import re
from collections.abc import Iterator
from typing import Final

from ingest.document import Parsed
from ingest.encoding import refuse_misdeclared
from ingest.errors import CorpusError
from ingest.readers.readable_text import ReadableText
from ingest.readers.signature import expect

_PAGE = re.compile(r"\\ansicpg(\d{3,5})")
# striprtf takes a field of this form for a link, and writes its address after a result that begins
# with a space. A space after the word keeps it from that, and means nothing.
_FIELD: Final = "\\fldinst{"
_HIDING = re.compile(r"\\(?:v|deleted)(?![a-z0-9])")
_TOKEN = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'[0-9a-f]{2}|\\[^a-z]|[{}]|[^\\{}]+", re.I | re.S
)
_UNREAD: Final = (
    ("footnotes", re.compile(r"\\footnote(?![a-z])")),
    ("text boxes", re.compile(r"\\(?:shptxt|dptxbxtext)(?![a-z])")),
)
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
    left_out = [
        f"{count} {name}: not read in RTF, save it as DOCX"
        for name, found in _UNREAD
        if (count := len(found.findall(source)))
    ]
    source = _without_hidden(source.replace(_FIELD, _FIELD.replace("{", " {")))
    try:
        text = rtf_to_text(source, encoding=encoding or "cp1252", errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, LookupError) as error:
        raise CorpusError(f"a damaged RTF ({error})", hint="open it and save it anew") from None
    if declared and not encoding:
        refuse_misdeclared(text, f"cp{declared[1]}")
    yield _readable(text).parsed(left_out=left_out)


def _without_hidden(source: str) -> str:
    """Return a file without hidden and deleted text: a property that ends with its group."""
    if not _HIDING.search(source):
        return source
    kept: list[str] = []
    hidden, outer = frozenset[str](), list[frozenset[str]]()
    for token in _TOKEN.finditer(source):
        word, number = token[1], token[2]
        if token[0] == "{":
            outer.append(hidden)
        elif token[0] == "}":
            hidden = outer.pop() if outer else hidden
        elif word in ("v", "deleted"):
            hidden = hidden - {word} if number == "0" else hidden | {word}
        elif word == "plain":
            hidden = frozenset()
        elif hidden and (not word or word == "u"):
            continue
        kept.append(token[0])
    return "".join(kept)


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
