"""CSV tables with ragas' column names: questions, references, contexts and responses.

    user_input, reference, retrieved_contexts?, response?, id?, answerable?

In: a table. Out: examples; and, where rows hold `retrieved_contexts` (a list, as JSON, Python or
NumPy writes it), each distinct context as a document, so that the table stands by itself. ragas'
older names (`question`, `ground_truth`, `contexts`, `answer`) are read too. A `response` is
another system's answer: it is scored beside ours. Es et al. 2024, arXiv:2309.15217.
"""

import ast
import csv
import io
import json
import re
import warnings
from collections.abc import Iterator

from eval.example import Example, Problem
from eval.formats.row import Row, examples_of
from ingest.document import Document, text_sha256
from ingest.errors import EvalError
from ingest.language import detect

_OLDER = {
    "question": "user_input",
    "ground_truth": "reference",
    "contexts": "retrieved_contexts",
    "answer": "response",
}
_COLUMNS = ("user_input", "reference", "retrieved_contexts", "response", "id", "answerable")
_FLAGS = {"true": True, "1": True, "": True, "false": False, "0": False}
_STRING = r"""(?:'(?:[^'\\\r\n]++|\\.)*+'|"(?:[^"\\\r\n]++|\\.)*+")"""
_LIST = re.compile(rf"\[\s*+(?:{_STRING}\s*+,?\s*+)*+\]")
"""A list as Python writes it, or NumPy, which puts no commas."""


def read(text: str, name: str) -> tuple[list[Example], list[Document], list[Problem]]:
    """Read a table.

    Raises:
        EvalError: It has not the columns that are needed.
    """
    documents: dict[str, Document] = {}
    rows = _rows(text, name, ("user_input", "reference"))
    examples, problems = examples_of(rows, lambda row: _example(row, documents))
    return examples, list(documents.values()), problems


def read_questions(text: str, name: str) -> tuple[list[Example], list[Problem]]:
    """Read a table for its questions alone.

    Raises:
        EvalError: It has no column of questions.
    """
    return examples_of(_rows(text, name, ("user_input",)), _question)


def _rows(text: str, name: str, needed: tuple[str, ...]) -> Iterator[Row | Problem]:
    records = _records(text, name)
    header = next(records, (name, []))
    if isinstance(header, Problem):
        raise EvalError(header.line())
    columns = _columns(header[1], name, needed)
    for number, record in enumerate(records, start=1):
        if isinstance(record, Problem):
            yield record
            continue
        place, cells = record
        if len(cells) != len(columns):
            yield Problem(place, f"{len(cells)} cells, expected {len(columns)}")
        else:
            yield Row(place, {"id": f"row-{number}"} | _filled(columns, cells))


def _records(text: str, name: str) -> Iterator[tuple[str, list[str]] | Problem]:
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
            yield Problem(place, f"not CSV ({error}); {lost}")
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield place, cells


def _columns(header: list[str], name: str, needed: tuple[str, ...]) -> list[str]:
    given = [column.strip().lower() for column in header]
    columns = [_OLDER.get(column, column) for column in given]
    if not set(needed) <= set(columns):
        raise EvalError(
            f"{name} has the columns {', '.join(given)!r:.80}, expected {' and '.join(needed)}",
            hint="name them in the first line, with commas between them",
        )
    for column in _COLUMNS:
        if columns.count(column) > 1:
            raise EvalError(f"{name} has the column {column} twice, expected once")
    return columns


def _filled(columns: list[str], cells: list[str]) -> dict[str, str]:
    return {column: cell for column, cell in zip(columns, cells, strict=True) if cell.strip()}


def _question(row: Row) -> Example:
    question = row.question("user_input")
    return Example(row.name("id"), question, detect(question))


def _example(row: Row, documents: dict[str, Document]) -> Example:
    question = row.question("user_input")
    flag = row.text("answerable", "").strip().lower()
    if flag not in _FLAGS:
        raise row.bad("answerable", "true or false")
    contexts = _contexts(row)
    name = row.name("id")
    reference = row.text("reference", "") if not _FLAGS[flag] else row.text("reference")
    for context in contexts:
        digest = text_sha256(context)
        document_id = f"context-{digest[:12]}"
        documents[document_id] = Document(
            document_id, "", detect(context), context, source=row.place, sha256=digest
        )
    return Example(
        id=name,
        question=question,
        language=detect(question),
        answers=(reference,) if _FLAGS[flag] else (),
        answerable=_FLAGS[flag],
        tags=("reference",),
        response=row.text("response", "") or None,
    )


def _contexts(row: Row) -> list[str]:
    """Return the contexts of a cell: a JSON list, a Python list, or the one context it is."""
    cell = row.text("retrieved_contexts", "").strip()
    if not cell.startswith("["):
        return [cell] if cell else []
    try:
        values = json.loads(cell)
    except (ValueError, RecursionError):
        values = _literal(cell)
    if values is None:
        raise row.bad("retrieved_contexts", "a list of strings")
    return list(Row(row.place, {"retrieved_contexts": values}).texts("retrieved_contexts"))


def _literal(cell: str) -> list[str] | None:
    """Return a list that Python or NumPy wrote; None if it is none. Nothing is run."""
    if not _LIST.fullmatch(cell):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that mean nothing, such as \d
        try:
            return [ast.literal_eval(each) for each in re.findall(_STRING, cell)]
        except (ValueError, SyntaxError):
            return None
