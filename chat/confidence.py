"""How sure it is that a sentence answers, and that some sentence does: answer, or abstain.

What the reader reads in a sentence and what retrieval says of it are weighed twice: one sum ranks
the sentences of all passages (the fusion of reader and retrieval), the other, of a sentence, is the
log-odds that it answers. Of the sentence ranked first that is the confidence of the answer. The
model is data, confidence.json, with the record of its training:
`python -m eval.training.train_confidence` writes both.
"""

import json
from dataclasses import astuple, dataclass
from functools import cache
from math import exp
from pathlib import Path
from typing import Final

TRAINED: Final = Path(__file__).with_name("confidence.json")
"""The model, and the record of its training."""


@dataclass(frozen=True, slots=True)
class Features:
    """What distinguishes a sentence that answers from one that does not.

    Attributes:
        found: Log-odds that the answer stands in it, as read (chat/reader_output.py).
        needed: Log-odds that a reader must see it, as read.
        sentence: Its cosine with the question, centred by language (index/retriever.py).
        passage: Its passage's score above what off-topic questions reach, in cosine.
        lacking: The share of the question's terms, weighed by rarity, that it lacks, 0 to 1.
        asks: 1 if it is a question itself, as in a FAQ, else 0.
        missing: The share of the question's concepts, numbers and names that no sentence that was
            read has, 0 to 1; of all sentences the same.
        lead: How far the best passage scores above the mean of the next ones, in cosine; of all
            sentences the same.
    """

    found: float
    needed: float
    sentence: float
    passage: float
    lacking: float
    asks: float
    missing: float
    lead: float


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """Two linear models of the features.

    Attributes:
        ranking: The factor for each feature in what sentences are ranked by.
        weights: The factor for each feature in the log-odds that a sentence answers.
        intercept: The logit where all features are 0.
        threshold: The confidence below which an answer abstains by default.
    """

    ranking: Features
    weights: Features
    intercept: float
    threshold: float

    def score(self, features: Features) -> float:
        """Return what a sentence is ranked by: Σ ranking · feature."""
        return _dot(self.ranking, features)

    def confidence(self, features: Features) -> float:
        """Return how likely a sentence answers: 1 / (1 + exp(-(intercept + Σ weight · feature))).

        >>> by_found = Features(2.0, *7 * [0.0])
        >>> ConfidenceModel(by_found, by_found, -1.0, 0.5).confidence(Features(0.5, *7 * [9.0]))
        0.5
        """
        logit = self.intercept + _dot(self.weights, features)
        # In this order what is not a number is no confidence.
        return 1 / (1 + exp(-min(700.0, max(-700.0, logit))))


def _dot(weights: Features, features: Features) -> float:
    return float(sum(w * f for w, f in zip(astuple(weights), astuple(features), strict=True)))


@cache
def confidence_model() -> ConfidenceModel:
    """Return the model of confidence.json."""
    data = json.loads(TRAINED.read_text("utf-8"))
    return ConfidenceModel(
        Features(**data["ranking"]),
        Features(**data["weights"]),
        data["intercept"],
        data["threshold"],
    )
