"""RTF: the paragraphs and tables of a Rich Text file; striprtf reads it.

A heading is a paragraph with an outline level, or in a style that has one or is called «heading 1».
A paragraph that begins with a bullet is an item of a list. Footnotes and text boxes are not read,
and told. What was deleted under tracking and hidden text are no part of it.
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
# What tells the properties of a paragraph, and where it ends.
_PARAGRAPH = re.compile(
    r"\\(?:(intbl|pard|par|row)(?![a-z])|(s|outlinelevel)(\d{1,5}))|[{}]|\\[\\{}]"
)
_STYLE = re.compile(r"\{\\s(\d{1,5})(?![\d])([^{}]*);\}")
_STYLE_LEVEL = re.compile(r"\\outlinelevel([0-8])(?!\d)|\bheading ([1-9])\Z", re.IGNORECASE)
_BODY_TEXT: Final = 9  # the outline level of what is no heading
_HEADING = re.compile("\ue000([1-9])")  # how a heading ends on its way through striprtf
# Fonts of pictures have their bullets at private codes.
_BULLET = re.compile("[\u2022\u2023\u25aa\u25cf\u25e6\uf020-\uf0ff]\\s+")


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
    source = _with_marks(source)
    try:
        text = rtf_to_text(source, encoding=encoding or "cp1252", errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, LookupError) as error:
        raise CorpusError(f"a damaged RTF ({error})", hint="open it and save it anew") from None
    if declared and not encoding:
        refuse_misdeclared(text, f"cp{declared[1]}")
    readable = _readable(text)
    yield readable.parsed(readable.first_heading(1), left_out)


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


def _with_marks(source: str) -> str:
    """Return a file whose headings end with a mark, and whose cells have spaces, not paragraphs.

    For striprtf the end of a paragraph ends the row, and the cells are no table. pandoc ends each
    cell so, and other programs do where a cell has several paragraphs.
    """
    styles = _heading_styles(source)
    now, outer = (False, 0), list[tuple[bool, int]]()  # in a cell; the level of a heading

    def written(token: re.Match[str]) -> str:
        nonlocal now
        in_cell, level = now
        if token[0] == "{":
            outer.append(now)
        elif token[0] == "}":
            now = outer.pop() if outer else now
        elif token[1] == "par":
            mark = f"\ue000{level}" if level else ""
            return r"\~" if in_cell else f"{mark}{token[0]}"
        elif token[1]:
            now = token[1] == "intbl", level if token[1] == "intbl" else 0
        elif token[2]:
            number = int(token[3])
            outline = number + 1 if number < _BODY_TEXT else 0
            now = in_cell, styles.get(number, 0) if token[2] == "s" else outline
        return token[0]

    return _PARAGRAPH.sub(written, source)


def _heading_styles(source: str) -> dict[int, int]:
    """Return the levels of the styles of headings, by their numbers."""
    levels = {int(style[1]): _STYLE_LEVEL.search(style[2]) for style in _STYLE.finditer(source)}
    return {number: int(level[2] or int(level[1]) + 1) for number, level in levels.items() if level}


def _readable(lines: str) -> ReadableText:
    text, rows = ReadableText(), list[list[str]]()
    for line in [*lines.splitlines(), ""]:
        if _ROW.fullmatch(line):
            rows.append(line.rstrip().removesuffix("|").split("|"))
        else:
            text.table(rows)
            rows.clear()
            _write_line(line, text)
    return text


def _write_line(line: str, text: ReadableText) -> None:
    bullet, heading = _BULLET.match(line.lstrip()), _HEADING.search(line)
    if heading:
        text.heading(_HEADING.sub("", line), int(heading[1]))
    elif bullet:
        text.item(line.lstrip()[bullet.end() :])
    else:
        text.paragraph(line)
