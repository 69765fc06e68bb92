"""The readable text of a structured document, built block by block.

In: headings, paragraphs, list items, tables and code, in the order in which people read them. Out:
`Parsed`: one text, and where each block of it lies. Knows no file format. Markup, addresses behind
links and characters that nobody sees are no part of the text; every word that is seen is.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from ingest.document import Block, BlockKind, Parsed, Span
from ingest.errors import CorpusError
from ingest.sentence import is_field

MAX_CHARACTERS: Final = 20_000_000
"""Longest text of one document: some 5,000 pages. More comes from a bomb, not from a writer."""

Row = Sequence[str]
"""The cells of a table's row, from left to right."""

# Nobody sees these, and they split words or hide text: controls, the soft hyphen, zero widths,
# direction marks, byte order marks, tags. Lone surrogates are no characters at all.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
# A column's name has a letter and is no address, or it is a year, or «№».
_NAME = re.compile(r"\A(?:(?:19|20)\d\d|[№#%]|[^@]*[^\W\d_][^@]*)\Z")
_MAX_NAME: Final = 80
_MAX_DEPTH: Final = 6


def visible(text: str) -> str:
    r"""Return a text without the characters that nobody sees, and with plain hyphens.

    >>> visible("мемле\u00adкет 15\u2011үй")
    'мемлекет 15-үй'
    """
    return _INVISIBLE.sub("", text).replace("\u2011", "-")


def one_line(text: str) -> str:
    r"""Return the words of a text with single spaces between them, without invisible characters.

    >>> one_line(" Ұлы\u00a0дала,\n  көк аспан ")
    'Ұлы дала, көк аспан'
    """
    return " ".join(visible(text).split())


def fields(text: str) -> list[str]:
    r"""Return a text on one line; of one that begins with «Label: value», each such line apart.

    A line that is none goes on with the one above: a value may be wrapped, as prose is.

    >>> fields("Мекенжай: Орал,\nАбай көшесі 5\nТелефон: 55-44-33")
    ['Мекенжай: Орал, Абай көшесі 5', 'Телефон: 55-44-33']
    >>> fields("Ұлы дала,\nкөк аспан")
    ['Ұлы дала, көк аспан']
    """
    lines = [line for line in visible(text).splitlines() if line.strip()]
    if not lines or not is_field(lines[0]):
        return [one_line(text)]
    found: list[list[str]] = []
    for line in lines:
        if is_field(line):
            found.append([line])
        else:
            found[-1].append(line)
    return [one_line(" ".join(each)) for each in found]


class ReadableText:
    """Collects the blocks of one document; `parsed` returns them as one text.

    An empty block is left out. Blocks stand apart by a blank line; items of a list and rows of a
    table follow each other line by line.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0
        self._pages: list[int] = []

    def first_heading(self, deepest: int = 6) -> str:
        """Return the first heading of a level up to some level; empty if there is none."""
        for part, block in zip(self._parts, self._blocks, strict=True):
            if block.kind == "heading" and block.level <= deepest:
                return part.strip()
        return ""

    def heading(self, text: str, level: int) -> None:
        """Add a heading; `level` is 1 for a chapter, and more for what lies inside it."""
        self._add("heading", one_line(text), max(1, level))

    def paragraph(self, text: str) -> None:
        """Add a paragraph; «Label: value», line by line, is a paragraph a line."""
        for each in fields(text):
            self._add("paragraph", each)

    def item(self, text: str, *, mark: str = "-", depth: int = 0) -> None:
        """Add an item of a list: its mark ("-" or "3."), and how many lists it lies inside."""
        words = one_line(text)
        if words:
            depth = min(depth, _MAX_DEPTH)
            self._add("item", f"{mark} {words}", depth, indent="  " * depth)

    def code(self, text: str) -> None:
        """Add lines that are no prose, as they are: code, or a text set by hand."""
        lines = [line.rstrip() for line in visible(text).expandtabs(4).splitlines()]
        self._add("code", "\n".join(line for line in lines if line).strip("\n"))

    def table(self, rows: Iterable[Row], *, has_header: bool | None = None) -> None:
        """Add a table, each row with the header of its columns: «Қала: Орал; Жыл: 1613».

        Args:
            rows: All rows, a header too.
            has_header: Whether the first row names the columns; None to tell by its cells.
        """
        lines = [[one_line(cell) for cell in row] for row in rows]
        if has_header and lines and not any(lines[0]):
            has_header = False  # Markdown cannot write a table without a header: it is left blank.
        for line in labelled_rows([row for row in lines if any(row)], has_header):
            self._add("row", line)

    def record(self, text: str) -> None:
        """Add a row of data that is a passage by itself, with its labels in it."""
        self._add("record", one_line(text))

    def start_page(self) -> None:
        """Let a page begin here; the first one begins where the text does."""
        self._pages.append(len(self._blocks))

    def parsed(
        self, title: str = "", left_out: Iterable[str] = (), notes: Iterable[str] = ()
    ) -> Parsed:
        """Return the text with its blocks and pages.

        Args:
            title: The title that the format gives; empty if it gives none.
            left_out: What of the file was not read, and why, a line each.
            notes: What people are to know of how it was read, a line each.
        """
        return Parsed(
            "".join(self._parts),
            title=one_line(title),
            pages=self._page_spans(),
            blocks=tuple(self._blocks),
            left_out=tuple(left_out),
            notes=tuple(notes),
        )

    def _add(self, kind: BlockKind, text: str, level: int = 0, *, indent: str = "") -> None:
        if not text:
            return
        gap = ""
        if self._blocks:
            close = kind in ("item", "row", "record") and self._blocks[-1].kind == kind
            gap = "\n" if close else "\n\n"
        start = self._length + len(gap) + len(indent)
        self._length = start + len(text)
        if self._length > MAX_CHARACTERS:
            raise CorpusError(
                f"over {MAX_CHARACTERS:,} characters of text, expected fewer",
                hint="cut the file into parts",
            )
        self._parts.append(gap + indent + text)
        self._blocks.append(Block(start, self._length, kind, level))

    def _page_spans(self) -> tuple[Span, ...]:
        """Return the span of each page: up to the next one; a page without text is empty."""
        begins = [
            self._blocks[first].start if first < len(self._blocks) else self._length
            for first in self._pages
        ]
        return tuple(pairwise([*begins, self._length]))


# --- tables -----------------------------------------------------------------------------------


def labelled_rows(rows: Sequence[Row], has_header: bool | None = None) -> list[str]:
    """Return each row of a table as one line that can be understood without the others.

    Where columns have names, a cell follows the name of its column. Without names, two columns are
    a label and its value; more are set apart by semicolons.

    Args:
        rows: Rows of cells without line ends; empty cells are left out of a line.
        has_header: Whether the first row names the columns; None to tell by its cells.

    >>> labelled_rows([["Қала", "Жылы"], ["Орал", "1613"], ["Өскемен", ""]])
    ['Қала: Орал; Жылы: 1613', 'Қала: Өскемен']
    >>> labelled_rows([["Директор", "Ерлан Маратұлы"], ["Хатшы", "Динара Болатқызы"]])
    ['Директор: Ерлан Маратұлы', 'Хатшы: Динара Болатқызы']
    """
    if has_header is None:
        has_header = bool(rows) and names_columns(rows[0], rows[1:])
    if has_header and len(rows) > 1:
        return [labelled(rows[0], row) for row in rows[1:]]
    if max(map(len, rows), default=0) == 2:
        return [": ".join(cell.removesuffix(":") for cell in row if cell) for row in rows]
    return ["; ".join(cell for cell in row if cell) for row in rows]


def labelled(names: Row, cells: Row) -> str:
    """Return a row's cells, each after the name of its column; cells beyond the names stay bare.

    >>> labelled(["Өзен", "Ұзындығы"], ["Жайық", "2428 км", "картада бар"])
    'Өзен: Жайық; Ұзындығы: 2428 км; картада бар'
    """
    padded = [*names, *[""] * max(0, len(cells) - len(names))]
    pairs = zip(padded, cells, strict=False)
    return "; ".join(
        f"{name.removesuffix(':')}: {cell}" if name else cell for name, cell in pairs if cell
    )


def could_be_names(row: Row) -> bool:
    """Return whether a row's cells may name columns: short, different, and no mere values.

    >>> could_be_names(["Облыс", "2023", "2024 жыл"]), could_be_names(["Орал", "8 7112 50"])
    (True, False)
    """
    names = [cell for cell in row if cell]
    return (
        2 * len(names) > len(row) > 1
        and len(set(names)) == len(names)
        and all(len(name) <= _MAX_NAME and _NAME.search(name) for name in names)
    )


def names_columns(row: Row, below: Sequence[Row]) -> bool:
    """Return whether a row names the columns of the rows below it, as far as their cells tell.

    Words over words may as well be the first of the rows, and a name taken from there would make
    each row a false statement. So one column must hold digits below a name without any, or, of
    three or more, other numbers below a year.

    >>> names_columns(["Өзен", "Ұзындығы"], [["Жайық", "2428 км"]])
    True
    >>> names_columns(["Ахметов", "инженер"], [["Петров", "бухгалтер"]])
    False
    """
    if not below or not could_be_names(row):
        return False
    for at, name in enumerate(row):
        cells = [each[at] for each in below if at < len(each) and each[at]]
        if not name or not _most_hold_digits(cells):
            continue
        if not _DIGIT.search(name):
            return True
        if _YEAR.fullmatch(name) and len(row) > 2 and not any(map(_YEAR.fullmatch, cells)):
            return True
    return False


def _most_hold_digits(cells: Sequence[str]) -> bool:
    """Return whether cells hold digits; one in ten may be «жоқ» or a dash."""
    without = sum(not _DIGIT.search(cell) for cell in cells)
    return bool(cells) and 10 * without <= len(cells)
