"""What people thought of answers, kept on this machine as an evaluation set of their own.

Each judgement is a line of JSON in feedback.jsonl below the home, a row that `dalel eval` reads: a
right answer's quotes are gold, a right refusal is a question that no document answers; of a wrong
answer only the question is known, and the reason if one is given after.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

from chat.session import Turn
from index.storage import atomic_file
from ingest.errors import StoreError

FILE_NAME: Final = "feedback.jsonl"

MAX_REASON_CHARACTERS: Final = 2_000
"""Characters kept of a reason."""

_WRITE_LOCK: Final = Lock()
"""Held while a line is written: two at once would be written into each other."""


def save(home: Path, turn: Turn, *, right: bool) -> str:
    """Write down what somebody thought of an answer; return the id of the row.

    Raises:
        StoreError: The file cannot be written.
    """
    row = _row(turn, right=right)
    line = json.dumps(row) + "\n"
    with _writing(home) as path, path.open("a+b") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        torn = file.read(1) not in (b"", b"\n")  # Whoever wrote last was cut off.
        file.write(b"\n" * torn + line.encode())
        file.flush()
        os.fsync(file.fileno())
    return str(row["id"])


def explain(home: Path, judged: str, reason: str) -> None:
    """Write into a row why somebody thought so; nothing happens if there is no such row.

    Args:
        home: Where the file lies.
        judged: The id of the row, as `save` returned it.
        reason: Why; its first MAX_REASON_CHARACTERS are kept, on one line.

    Raises:
        StoreError: The file cannot be written.
    """
    with _writing(home) as path:
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        start = f'{{"id": {json.dumps(judged)}, '.encode()
        for number, line in enumerate(lines):
            if line.startswith(start):
                row = json.loads(line) | {
                    "reason": " ".join(reason[:MAX_REASON_CHARACTERS].split())
                }
                lines[number] = json.dumps(row).encode() + b"\n"
                atomic_file.write(path.with_suffix(".new"), b"".join(lines))
                path.with_suffix(".new").replace(path)
                return


@contextmanager
def _writing(home: Path) -> Iterator[Path]:
    """Keep others from writing meanwhile, and say what is wrong in the project's own words."""
    path = home / FILE_NAME
    try:
        with _WRITE_LOCK:
            yield path
    except OSError as error:
        raise StoreError(
            f"cannot write {str(path)!r}: {error.strerror}", hint="free space, or name another home"
        ) from None


def _row(turn: Turn, *, right: bool) -> dict[str, Any]:
    assert turn.answer is not None
    answer, now = turn.answer, datetime.now(UTC)
    quotes = [
        {
            "document_id": citation.document_id,
            "start": citation.start,
            "end": citation.end,
            "quote": citation.quote,
        }
        for citation in answer.citations
    ]
    return {
        "id": f"feedback-{now:%Y%m%d-%H%M%S-%f}",
        "question": answer.question,
        "language": answer.language,
        "gold": quotes if right else [],
        "need": "any",
        "answers": [],
        "answerable": not (right and answer.abstained),
        "judged": right,
        "tags": ["feedback", "right" if right else "wrong"],
        "asked": turn.question,
        "cited": quotes,
        "confidence": round(answer.confidence, 4),
        "reason": "",
    }
