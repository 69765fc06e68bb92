"""Confidence in words: three steps, and how often answers of each were wrong when it was measured.

An answer is told to be as sure as it is likely to be right. That the documents answer (its
confidence) is one part of that, and that no other sentence comes near (its margin) the other:

    logit(likelihood) = intercept + c · logit(confidence) + m · margin

The weights and the figures are data, confidence_steps.json: `python -m eval.measured_steps` learns
the former from the project's development sets, measures the latter with its test set, which no
setting was chosen on, and writes both.
"""

import json
from dataclasses import dataclass
from functools import cache
from math import exp, log
from pathlib import Path
from typing import Any, Final, Literal

from chat.answer import Answer

MEASURED: Final = Path(__file__).with_name("confidence_steps.json")
"""The weights, and what came of the questions of a test set, step by step."""

SURE: Final = 0.8
"""Likelihood from which an answer is called sure."""

LIKELY: Final = 0.5
"""Likelihood from which it is called likely; below, uncertain."""

_LEAST: Final = 1e-4
"""Confidences are stored with four digits; 0 and 1 have no logit."""

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


@dataclass(frozen=True, slots=True)
class LikelihoodModel:
    """How likely an answer is right.

    Attributes:
        intercept: The log-odds where the other two are 0.
        confidence: The factor of the logit of the confidence.
        margin: The factor of the margin.
    """

    intercept: float
    confidence: float
    margin: float

    def likelihood(self, answer: Answer) -> float:
        """Return how likely an answer is right, 0 to 1.

        >>> answer = Answer.model_construct(confidence=0.5, margin=2.0)
        >>> LikelihoodModel(-1.0, 9.0, 0.5).likelihood(answer)
        0.5
        """
        sure, margin = features(answer)
        return 1 / (1 + exp(-(self.intercept + self.confidence * sure + self.margin * margin)))


def features(answer: Answer) -> tuple[float, float]:
    """Return what tells how likely an answer is right: the logit of its confidence, its margin."""
    confidence = min(max(answer.confidence, _LEAST), 1 - _LEAST)
    return log(confidence / (1 - confidence)), answer.margin


def likelihood_model() -> LikelihoodModel:
    """Return the model of confidence_steps.json."""
    return LikelihoodModel(**_data()["likelihood"])


def likelihood(answer: Answer) -> float:
    """Return how likely an answer is right, 0 to 1, by the model that ships."""
    return likelihood_model().likelihood(answer)


def confidence_step(answer: Answer, model: LikelihoodModel | None = None) -> ConfidenceStep:
    """Return what is told of an answer's confidence in words; empty for nothing.

    Where a language model writes or refuses, the confidence is not about what it says; what is told
    of the collection is known.

    Args:
        answer: The answer.
        model: What tells how likely it is right; None for the one that ships.
    """
    if answer.mode != "extractive":
        return ""
    if answer.abstained:
        return "refused"
    right = (model or likelihood_model()).likelihood(answer)
    if right >= SURE:
        return "sure"
    return "likely" if right >= LIKELY else "uncertain"


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
