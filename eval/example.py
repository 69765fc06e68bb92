"""Examples: questions whose answers are known, as spans of documents.

In: JSON lines. Out: `Example`. Gold is where the answer stands, in characters, not which chunk
holds it: cutting documents another way never spoils a set.

    {"id", "question", "language", "gold": [{"document_id", "start", "end"}], "answers": […],
     "answerable": true, "tags": ["kk->en", "when"]}
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.document import Language
from ingest.errors import EvalError


@dataclass(frozen=True, slots=True)
class Gold:
    """A sentence that answers."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """One question and what is known of its answer.

    Attributes:
        id: Unique in its set.
        question: As a person would ask it.
        language: The language it is asked in.
        gold: Sentences that answer it; none if the documents do not.
        answers: Short answers, each good enough; none where there is no short form.
        answerable: Whether the documents answer it.
        tags: Direction first (`kk->en`), then kinds.
    """

    id: str
    question: str
    language: Language
    gold: tuple[Gold, ...]
    answers: tuple[str, ...]
    answerable: bool
    tags: tuple[str, ...]


def read_examples(path: Path) -> list[Example]:
    """Read a set.

    Raises:
        EvalError: A line is not an example; the message names file, line and field.
    """
    lines = path.read_text("utf-8").splitlines()
    return [
        _example(line, f"{path.name}, line {number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]


def _example(line: str, place: str) -> Example:
    try:
        row: dict[str, Any] = json.loads(line)
        return Example(
            id=row["id"],
            question=row["question"],
            language=row["language"],
            gold=tuple(Gold(**gold) for gold in row["gold"]),
            answers=tuple(row["answers"]),
            answerable=row["answerable"],
            tags=tuple(row["tags"]),
        )
    except KeyError as error:
        raise EvalError(f"{place}: the field {error} is missing") from None
    except (ValueError, TypeError) as error:
        raise EvalError(f"{place}: {error}") from None
