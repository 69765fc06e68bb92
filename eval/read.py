"""A set's path in, its examples out, whatever format it is in; bad rows are told, not fatal.

In: a JSON-lines file (own or reading), a CSV table, or a BEIR folder. Out: `EvalSet`.
"""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from eval.example import EvalSet, Example, Problem
from eval.formats import beir, own, ragas, reading
from eval.formats.row import Row, decode, examples_of, json_rows, name_of, path_of, read_bytes
from ingest.document import Document
from ingest.errors import EvalError

EXPECTED = (
    "expected a .jsonl of questions (id, question, gold, …) or reading rows (question, context,"
    " answers), a .csv (user_input, reference) or a BEIR folder"
)


def read_set(path: Path, *, strict: bool = False) -> EvalSet:
    """Read a set.

    Args:
        path: A .jsonl or .csv file, or a BEIR folder.
        strict: Whether a bad row is an error; otherwise it is told and the others are used.

    Raises:
        EvalError: The set cannot be read, no row is good, or `strict` and one is bad.
        CorpusError: Documents that come with it cannot be read.
    """
    found = beir.read(path) if os.path.isdir(path) else _read_file(path)
    if strict and found.problems:
        raise EvalError(
            f"{len(found.problems)} bad rows in {found.name}; first: {found.problems[0].line()}",
            hint="leave out --strict to run the good ones",
        )
    if not found.examples:
        first = f"; {found.problems[0].line()}" if found.problems else ""
        raise EvalError(f"{path_of(path)} holds no question that can be used{first}", hint=EXPECTED)
    return found


def read_questions(path: Path) -> list[Example]:
    """Read a file or a folder for its questions alone, whatever is known of their answers.

    Raises:
        EvalError: It cannot be read, or holds no question.
    """
    if os.path.isdir(path):  # Path.is_dir() raises if the path is too long.
        path = path / "queries.jsonl"
    text = decode(read_bytes(path), path)
    if path.suffix.lower() == ".csv":
        examples, problems = ragas.read_questions(text, name_of(path))
    else:
        examples, problems = examples_of(json_rows(text, name_of(path)), _question)
    if not examples:
        first = f"; {problems[0].line()}" if problems else ""
        raise EvalError(f"{path_of(path)} holds no question{first}")
    return examples


def _question(row: Row) -> Example:
    if "text" in row.data and "question" not in row.data:
        return beir.question_of(row, {})
    question = row.question("question")
    return Example(row.name("id"), question, row.language("language", question))


def _read_file(path: Path) -> EvalSet:
    suffix, name = path.suffix.lower(), name_of(path)
    if suffix not in (".csv", ".jsonl", ".json", ".ndjson") and os.path.isfile(path):
        raise EvalError(f"no set can be read from {path_of(path)}", hint=EXPECTED)
    data = read_bytes(path)
    text = decode(data, path)
    read = ragas.read if suffix == ".csv" else _read_lines
    examples, documents, problems = read(text, name)
    return EvalSet(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        examples=tuple(examples),
        documents=tuple(documents) or None,
        problems=tuple(problems),
    )


def _read_lines(text: str, name: str) -> tuple[list[Example], list[Document], list[Problem]]:
    """Tell the two kinds of lines apart by most of them: reading rows bring a context."""
    rows = list(json_rows(text, name))
    bring = ["context" in row.data for row in rows if isinstance(row, Row)]
    if any(bring) and 2 * sum(bring) >= len(bring):
        return reading.read(iter(rows))
    examples, problems = examples_of(iter(rows), own.read)
    return examples, [], problems


def off_topic(examples: list[Example]) -> list[Example]:
    """Turn another corpus' questions into unanswerable ones."""
    return [
        Example(
            id=f"off-topic:{each.id}",
            question=each.question,
            language=each.language,
            answerable=False,
            tags=("off-topic",),
        )
        for each in examples
    ]


def near_misses(examples: tuple[Example, ...]) -> list[Example]:
    """Ask each answerable question once more, with what answers it taken out of the index."""
    return [
        replace(
            each,
            id=f"near-miss:{each.id}",
            answerable=False,
            withheld=True,
            tags=(*each.tags, "near-miss"),
        )
        for each in examples
        if each.answerable and each.documents
    ]
