"""Dalel's own sets: one example a line, gold as places in documents.

    {"id", "question", "language"?, "gold": [{"document_id", "start", "end", "quote"?}],
     "need": "any"|"all", "answers": […], "answerable": true, "judged": true,
     "tags": ["kk->en", "when"]}

eval/sets/README.md explains every field.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from eval.dataset import DatasetProblem, EvalSet, Example, Gold, Need
from eval.formats import beir_folder
from eval.formats.rows import (
    Flag,
    Id,
    NamedLanguage,
    Offset,
    Question,
    RowModel,
    SetRow,
    SetSource,
    Text,
    Texts,
    expected,
    read_examples,
)
from ingest.language import detect

EXPECTED: Final = "a .jsonl of questions (id, question, gold, …)"

WRITTEN_FIELDS: Final = frozenset(
    ("id", "question", "language", "gold", "need", "answers", "answerable", "tags")
)
"""What `write` writes of an example; a row may have others."""

JSON_SUFFIXES: Final = (".jsonl", ".json", ".ndjson")


class _GoldRow(RowModel):
    document_id: Id
    start: Offset
    end: Offset
    quote: Text = ""

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if self.start >= self.end:
            raise expected(f"more than start, which is {self.start}", field="end")
        return self


class _QuestionRow(RowModel):
    question: Question
    id: Id
    language: NamedLanguage = None


class _ExampleRow(_QuestionRow):
    gold: Annotated[tuple[_GoldRow, ...], Field(description="a list of objects")] = ()
    answerable: Flag = True
    answers: Texts = ()
    judged: Flag = True
    need: Annotated[Need, Field(description='"any" or "all"')] = "any"
    tags: Texts = ()

    @model_validator(mode="after")
    def _says_what_answers(self) -> Self:
        if self.answerable and self.judged and not self.gold and not self.answers:
            raise expected(
                "at least one sentence or short answer, or answerable false", field="gold"
            )
        if not self.answerable and self.gold:
            raise expected("none where answerable is false", field="gold")
        return self


def recognises(source: SetSource) -> bool:
    """Say whether it is a file of JSON lines; other formats of lines are asked before."""
    return source.suffix in JSON_SUFFIXES


def read(source: SetSource) -> EvalSet:
    """Read a set.

    Raises:
        EvalError: The file cannot be read.
    """
    return source.as_set(*read_examples(source.json_rows, _read_row))


def write(examples: Iterable[Example]) -> bytes:
    """Return examples as a file of this format."""
    rows = (
        {
            "id": example.id,
            "question": example.question,
            "language": example.language,
            "gold": [asdict(gold) for gold in example.gold],
            "need": example.need,
            "answers": list(example.answers),
            "answerable": example.answerable,
            "tags": list(example.tags),
        }
        for example in examples
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode(
        "utf-8",
        "backslashreplace",  # As JSON spells what no file can hold.
    )


def read_questions(source: SetSource) -> tuple[list[Example], list[DatasetProblem]]:
    """Read lines for their questions alone, be they ours, of a reading set, or of BEIR.

    Raises:
        EvalError: The file cannot be read.
    """
    return read_examples(source.json_rows, _read_question)


def _read_row(row: SetRow) -> Example:
    fields = row.parse(_ExampleRow)
    return Example(
        id=fields.id,
        question=fields.question,
        language=fields.language or detect(fields.question),
        gold=tuple(Gold(**gold.model_dump()) for gold in fields.gold),
        need=fields.need,
        answers=fields.answers,
        answerable=fields.answerable,
        tags=fields.tags,
    )


def _read_question(row: SetRow) -> Example:
    if "text" in row.data and "question" not in row.data:
        return beir_folder.read_query(row, {})
    fields = row.parse(_QuestionRow)
    return Example(fields.id, fields.question, fields.language or detect(fields.question))
