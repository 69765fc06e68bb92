"""What people thought of answers, kept on this machine as an evaluation set of their own.

Each judgement is a line of JSON in feedback.jsonl below the home, a row that `dalel eval` reads: a
right answer's quotes are gold, a right refusal is a question that no document answers; of a wrong
answer only the question is known, and the reason if one was given.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

from chat.session import Turn
from ingest.errors import StoreError

FILE_NAME: Final = "feedback.jsonl"

MAX_REASON_CHARACTERS: Final = 2_000
"""Characters kept of a reason."""

_WRITE_LOCK: Final = Lock()
"""Held while a line is written: two at once would be written into each other."""


def save(home: Path, turn: Turn, *, right: bool, reason: str = "") -> Path:
    """Write down what somebody thought of an answer; return the file.

    Raises:
        StoreError: The file cannot be written.
    """
    path = home / FILE_NAME
    row = _row(turn, right=right, reason=reason[:MAX_REASON_CHARACTERS])
    line = json.dumps(row) + "\n"
    try:
        with _WRITE_LOCK, path.open("a+b") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
            torn = file.read(1) not in (b"", b"\n")  # Whoever wrote last was cut off.
            file.write(b"\n" * torn + line.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(
            f"cannot write {str(path)!r}: {error.strerror}", hint="free space, or name another home"
        ) from None
    return path


def _row(turn: Turn, *, right: bool, reason: str) -> dict[str, Any]:
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
        "reason": " ".join(reason.split()),
    }
