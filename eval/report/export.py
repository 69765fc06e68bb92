"""The rows of a run as a table for people's own programs: CSV, a line a question."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any, Final

from eval.metrics.case import Record
from eval.report.outcome import cited_places, failed_stage, gold_places

COLUMNS: Final = (
    "id",
    "question",
    "language",
    "direction",
    "tags",
    "answerable",
    "expected",
    "expected_quotes",
    "answer",
    "short_answer",
    "abstained",
    "confidence",
    "cited",
    "failures",
    "stage",
    "milliseconds",
)

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With one of these a spreadsheet begins a formula, which what a document says must not be."""


def csv_rows(records: Iterable[Record]) -> bytes:
    """Return the rows as CSV in UTF-8, with the mark by which spreadsheets know that it is."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for record in records:
        writer.writerow(_cell(value) for value in _row(record))
    return text.getvalue().encode("utf-8-sig", "backslashreplace")


def _row(record: Record) -> tuple[Any, ...]:
    answer = record["answer"]
    return (
        record["id"],
        record["question"],
        record["language"],
        record["direction"],
        " ".join(record["tags"]),
        record["answerable"],
        " | ".join(record["answers"]),
        " | ".join(place.text for place in gold_places(record)),
        answer["answer"],
        answer.get("short_answer") or "",
        answer["abstained"],
        answer["confidence"],
        " | ".join(place.text for place in cited_places(record)),
        " ".join(record["failures"]),
        failed_stage(record) or "",
        "" if record["milliseconds"] is None else record["milliseconds"],
    )


def _cell(value: object) -> object:
    is_formula = isinstance(value, str) and value.startswith(_FORMULA_STARTS)
    return f"'{value}" if is_formula else value
