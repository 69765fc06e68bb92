"""Confidence in words: three steps, and how often answers of each were wrong when it was measured.

The figures are data, confidence_steps.json: `python -m eval.measured_steps` asks the project's
own test set, which no setting was chosen on, and writes them.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from chat.answer import Answer

MEASURED: Final = Path(__file__).with_name("confidence_steps.json")
"""What came of the questions of a test set, step by step."""

SURE: Final = 0.8
"""Confidence from which an answer is called sure."""

LIKELY: Final = 0.5
"""Confidence from which it is called likely; below, uncertain."""

ConfidenceStep = Literal["", "sure", "likely", "uncertain", "refused"]
"""What is told of a confidence in words; `refused` where it does not suffice for an answer."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of the questions of one step.

    Attributes:
        n: How many of the test's questions were told this step.
        wrong: How many of them were answered wrongly; of refusals, how many had an answer.
    """

    n: int
    wrong: int


def confidence_step(answer: Answer) -> ConfidenceStep:
    """Return what is told of an answer's confidence in words; empty for nothing.

    Where a language model writes or refuses, the confidence is not about what it says; what is told
    of the collection is known.
    """
    if answer.mode != "extractive":
        return ""
    if answer.abstained:
        return "refused"
    if answer.confidence >= SURE:
        return "sure"
    return "likely" if answer.confidence >= LIKELY else "uncertain"


def measured() -> dict[str, Measured]:
    """Return what was measured of each step."""
    return {step: Measured(**counts) for step, counts in _data()["steps"].items()}


def measured_questions() -> int:
    """Return how many questions it was measured with."""
    questions: int = _data()["questions"]
    return questions


@cache  # Of a file that ships with the program: no content of a user is kept.
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(MEASURED.read_text("utf-8"))
    return data
