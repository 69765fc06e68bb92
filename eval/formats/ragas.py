"""CSV tables with ragas' column names: questions, references, contexts and responses.

    user_input, reference, retrieved_contexts?, response?, id?, answerable?

Where rows hold `retrieved_contexts` (a list, as JSON, Python or NumPy writes it), each distinct
context becomes a document, so that the table stands by itself. ragas' older names (`question`,
`ground_truth`, `contexts`, `answer`) are read too. A `response` is another system's answer: it is
scored beside ours. Es et al. 2024, arXiv:2309.15217.
"""

import ast
import csv
import io
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, model_validator

from eval.dataset import DatasetProblem, EvalSet, Example
from eval.formats.rows import (
    Flag,
    Id,
    Question,
    RowModel,
    SetRow,
    SetSource,
    Text,
    Texts,
    expected,
    read_examples,
)
from ingest.document import Document, text_sha256
from ingest.errors import EvalError
from ingest.language import detect

EXPECTED: Final = "a .csv (user_input, reference)"

_OLDER_NAMES: Final = {
    "question": "user_input",
    "ground_truth": "reference",
    "contexts": "retrieved_contexts",
    "answer": "response",
}
_COLUMNS: Final = ("user_input", "reference", "retrieved_contexts", "response", "id", "answerable")
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_STRING: Final = r"""(?:'(?:[^'\\\r\n]++|\\.)*+'|"(?:[^"\\\r\n]++|\\.)*+")"""
_LIST: Final = re.compile(rf"\[\s*+(?:{_STRING}\s*+,?\s*+)*+\]")
"""A list as Python writes it, or NumPy, which puts no commas."""


def _parse_flag(cell: Any) -> bool | None:  # noqa: ANN401  (of any row)
    return _FLAGS.get(str(cell).strip().lower())


class _QuestionRow(RowModel):
    user_input: Question
    id: Id


class _TableRow(_QuestionRow):
    """A row of the table; a blank cell is left out of it."""

    answerable: Annotated[Flag, BeforeValidator(_parse_flag)] = True
    retrieved_contexts: Texts = ()
    reference: Text = ""
    response: Text | None = None

    @model_validator(mode="after")
    def _has_a_reference(self) -> Self:
        if self.answerable and not self.reference:
            raise expected("a string that is not empty", field="reference")
        return self


def recognises(source: SetSource) -> bool:
    """Say whether it is a table."""
    return source.suffix == ".csv"


def read(source: SetSource) -> EvalSet:
    """Read a table.

    Raises:
        EvalError: It cannot be read, or has not the columns that are needed.
    """
    documents: dict[str, Document] = {}
    rows = _rows(source, ("user_input", "reference"))
    examples, problems = read_examples(rows, lambda row: _read_row(row, documents))
    return source.as_set(examples, problems, [*documents.values()])


def read_questions(source: SetSource) -> tuple[list[Example], list[DatasetProblem]]:
    """Read a table for its questions alone.

    Raises:
        EvalError: It cannot be read, or has no column of questions.
    """
    return read_examples(_rows(source, ("user_input",)), _read_question)


def _rows(source: SetSource, required: tuple[str, ...]) -> Iterator[SetRow | DatasetProblem]:
    records = _records(source.text, source.name)
    header = next(records, (source.name, []))
    if isinstance(header, DatasetProblem):
        raise EvalError(header.line())
    columns = _column_names(header[1], source.name, required)
    for number, record in enumerate(records, start=1):
        if isinstance(record, DatasetProblem):
            yield record
            continue
        place, cells = record
        if len(cells) != len(columns):
            yield DatasetProblem(place, f"{len(cells)} cells, expected {len(columns)}")
        else:
            yield SetRow(place, {"id": f"row-{number}"} | _filled_cells(columns, cells))


def _records(text: str, name: str) -> Iterator[tuple[str, list[str]] | DatasetProblem]:
    """Give each record that is not blank, and its place; one that is no CSV is a problem.

    A quotation mark that is not closed swallows the lines below it. Where its cell should have
    ended is not guessed: what was swallowed is told.
    """
    csv.field_size_limit(100_000_000)
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        first = table.line_num + 1
        place = f"{name}, line {first}"
        try:
            cells = next(table, None)
        except csv.Error as error:
            lost = f"lines {first} to {table.line_num} are left out"
            yield DatasetProblem(place, f"not CSV ({error}); {lost}")
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield place, cells


def _column_names(header: list[str], name: str, required: tuple[str, ...]) -> list[str]:
    header_names = [column.strip().lower() for column in header]
    columns = [_OLDER_NAMES.get(column, column) for column in header_names]
    if not set(required) <= set(columns):
        raise EvalError(
            f"{name} has the columns {', '.join(header_names)!r:.80},"
            f" expected {' and '.join(required)}",
            hint="name them in the first line, with commas between them",
        )
    for column in _COLUMNS:
        if columns.count(column) > 1:
            raise EvalError(f"{name} has the column {column} twice, expected once")
    return columns


def _filled_cells(columns: list[str], cells: list[str]) -> dict[str, str]:
    return {column: cell for column, cell in zip(columns, cells, strict=True) if cell.strip()}


def _read_question(row: SetRow) -> Example:
    fields = row.parse(_QuestionRow)
    return Example(fields.id, fields.user_input, detect(fields.user_input))


def _read_row(row: SetRow, documents: dict[str, Document]) -> Example:
    fields = _with_list_of_contexts(row).parse(_TableRow)
    for context in fields.retrieved_contexts:
        sha256 = text_sha256(context)
        name = f"context-{sha256[:12]}"
        documents[name] = Document(
            name, "", detect(context), context, source=row.place, sha256=sha256
        )
    return Example(
        id=fields.id,
        question=fields.user_input,
        language=detect(fields.user_input),
        answers=(fields.reference,) if fields.answerable else (),
        answerable=fields.answerable,
        tags=("reference",),
        response=fields.response,
    )


def _with_list_of_contexts(row: SetRow) -> SetRow:
    """Read the cell of contexts: a JSON list, a Python list, or the one context it is."""
    if "retrieved_contexts" not in row.data:
        return row
    cell = row.data["retrieved_contexts"].strip()
    contexts: Any = [cell]
    if cell.startswith("["):
        try:
            contexts = json.loads(cell)
        except (ValueError, RecursionError):
            contexts = _literal(cell)
        if contexts is None:
            raise row.error("retrieved_contexts", "a list of strings")
    return replace(row, data={**row.data, "retrieved_contexts": contexts})


def _literal(cell: str) -> list[str] | None:
    """Return a list that Python or NumPy wrote; None if it is none. Nothing is run."""
    if not _LIST.fullmatch(cell):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that mean nothing, such as \d
        try:
            return [ast.literal_eval(string) for string in re.findall(_STRING, cell)]
        except (ValueError, SyntaxError):
            return None
