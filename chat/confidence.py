"""Answer or abstain: how likely it is that what was found answers at all.

In: what was found for a question, and the index it was found in. Out: 0 to 1. Four signs count, and
none of them depends on the language asked in:

    level     how far the best passage scores above what off-topic questions in the asker's
              language reach in the same index (index/background.py)
    lead      how far it scores above the next ones: what is answered stands out
    sentence  how far the best sentence scores above those behind it
    missing   how much of the question are concepts, numbers and names that nothing found holds

A logistic model weighs them. It is data, confidence.json, with the record of its training:
`python -m eval.train` writes both.
"""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cache
from math import exp
from pathlib import Path
from statistics import fmean
from typing import Final

from chat.evidence import Evidence, held_terms
from chat.question import Question
from index.analysis.terms import asked
from index.generation import Generation
from index.lexical import Lexical
from index.retrieve import Hit

TRAINED: Final = Path(__file__).with_name("confidence.json")
"""The model, and the record of its training."""

_RIVALS: Final = 5
"""How many passages are compared, the best among them: eval/LOG.md, 2026-11-22, "confidence"."""

_BEHIND: Final = 20
"""How many sentences are compared, the best among them."""

_NAMED: Final = "=#~"
"""Signs of the terms that mean the same in all languages: concepts, numbers and dates, names."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells an answer from chance.

    Attributes:
        level: Score of the best passage above chance, in cosine.
        lead: Score of the best passage above the mean of the next 4; 0 if it is alone.
        sentence: Score of the best sentence above the mean of the next 19; 0 if it is alone.
        missing: The share of the question's weight that is in concepts, numbers and names that no
            sentence of the hits holds, 0 to 1.
    """

    level: float
    lead: float
    sentence: float
    missing: float


@dataclass(frozen=True, slots=True)
class Model:
    """What the signs weigh.

    Attributes:
        weights: The logit's factor for each sign.
        intercept: The logit where all signs are 0.
        threshold: The confidence below which an answer abstains, unless told otherwise.
    """

    weights: Signs
    intercept: float
    threshold: float

    def confidence(self, signs: Signs) -> float:
        """Return the confidence: 1 / (1 + exp(-(intercept + Σ weight · sign))).

        >>> Model(Signs(2.0, 0.0, 0.0, 0.0), -1.0, 0.5).confidence(Signs(0.5, 9.0, 9.0, 9.0))
        0.5
        """
        pairs = zip(astuple(self.weights), astuple(signs), strict=True)
        logit = self.intercept + sum(weight * sign for weight, sign in pairs)
        return 1 / (1 + exp(-max(-700.0, min(700.0, logit))))


@cache
def model() -> Model:
    """Return the trained model."""
    data = json.loads(TRAINED.read_text("utf-8"))
    return Model(Signs(**data["weights"]), data["intercept"], data["threshold"])


def signs(
    question: Question,
    hits: Sequence[Hit],
    ranked: Sequence[Evidence],
    index: Generation,
) -> Signs:
    """Return what tells whether a question is answered.

    Args:
        question: What was asked.
        hits: The passages found, at least one, in any order.
        ranked: Their sentences, best first.
        index: Where they were found.
    """
    best, *others = sorted((hit.score for hit in hits), reverse=True)[:_RIVALS]
    first, *behind = [each.score for each in ranked[:_BEHIND]]
    return Signs(
        level=index.background.above(best, question.language),
        lead=best - fmean(others) if others else 0.0,
        sentence=first - fmean(behind) if behind else 0.0,
        missing=_missing(question, ranked, index.lexical),
    )


def _missing(question: Question, ranked: Sequence[Evidence], lexical: Lexical) -> float:
    weights = lexical.weights(asked(question.text, question.language).bridge)
    held = {term for each in ranked for term in held_terms(each.text, each.language)}
    return sum(weight for term, weight in weights.items() if term[0] in _NAMED and term not in held)
