"""Answer or abstain: the probability that some sentence of the hits answers, 0 to 1.

A logistic model weighs four features, none of which depends on the language of the question:

    level     how far the best passage scores above what off-topic questions in the same language
              reach in the same index (index/calibration.py)
    lead      how far it scores above the next ones: the passage that answers stands out
    sentence  how far the best sentence scores above the next ones
    missing   how much of the question are concepts, numbers and names that no sentence contains

The model is data, confidence.json, with the record of its training:
`python -m eval.training.train_confidence` writes both.
"""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cache
from math import exp
from pathlib import Path
from statistics import fmean
from typing import Final

from chat.reader import Evidence
from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Query, Retriever

TRAINED: Final = Path(__file__).with_name("confidence.json")
"""The model, and the record of its training."""

_CROSS_LINGUAL: Final = "=#~"
"""First characters of the terms that mean the same in all languages: concepts, numbers and dates,
names."""


@dataclass(frozen=True, slots=True)
class Features:
    """What distinguishes a question that is answered from one that is not.

    Attributes:
        level: Score of the best passage above chance, in cosine.
        lead: Score of the best passage above the mean of the next 4; 0 if it is alone.
        sentence: Score of the best sentence above the mean of the next 19; 0 if it is alone.
        missing: The share of the question's weight in concepts, numbers and names that no sentence
            of the hits contains, 0 to 1.
    """

    level: float
    lead: float
    sentence: float
    missing: float


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """A logistic model of the features.

    Attributes:
        weights: The logit's factor for each feature.
        intercept: The logit where all features are 0.
        threshold: The confidence below which an answer abstains by default.
    """

    weights: Features
    intercept: float
    threshold: float

    def confidence(self, features: Features) -> float:
        """Return the confidence: 1 / (1 + exp(-(intercept + Σ weight · feature))).

        >>> model = ConfidenceModel(Features(2.0, 0.0, 0.0, 0.0), -1.0, 0.5)
        >>> model.confidence(Features(0.5, 9.0, 9.0, 9.0))
        0.5
        """
        pairs = zip(astuple(self.weights), astuple(features), strict=True)
        logit = self.intercept + sum(weight * feature for weight, feature in pairs)
        return 1 / (1 + exp(-max(-700.0, min(700.0, logit))))


@cache
def trained_model() -> ConfidenceModel:
    """Return the model of confidence.json."""
    data = json.loads(TRAINED.read_text("utf-8"))
    return ConfidenceModel(Features(**data["weights"]), data["intercept"], data["threshold"])


def confidence_of(
    query: Query, hits: Sequence[Hit], evidence: Sequence[Evidence], retriever: Retriever
) -> float:
    """Return the probability that some evidence answers a question, 0 to 1."""
    return trained_model().confidence(features(query, hits, evidence, retriever))


def features(
    query: Query, hits: Sequence[Hit], evidence: Sequence[Evidence], retriever: Retriever
) -> Features:
    """Return the features of a question and what was retrieved for it.

    Args:
        query: The question.
        hits: Its passages, at least one, in any order.
        evidence: Their sentences, best first, at least one.
        retriever: The index that the hits are from.
    """
    scores = sorted((hit.score for hit in hits), reverse=True)[: WEIGHTS.rival_passages]
    best, *others = scores
    best_sentence, *next_sentences = [
        sentence.score for sentence in evidence[: WEIGHTS.rival_sentences]
    ]
    return Features(
        level=retriever.above_chance(best, query.language),
        lead=best - fmean(others) if others else 0.0,
        sentence=best_sentence - fmean(next_sentences) if next_sentences else 0.0,
        missing=_missing(query, evidence, retriever),
    )


def _missing(query: Query, evidence: Sequence[Evidence], retriever: Retriever) -> float:
    """Return the weight of a question's cross-lingual terms that are in no sentence, 0 to 1."""
    weights = retriever.term_weights(query.terms.bridge)
    covered = {
        term
        for sentence in evidence
        for term in retriever.sentence_terms(sentence.text, sentence.language)
    }
    return sum(
        weight
        for term, weight in weights.items()
        if term[0] in _CROSS_LINGUAL and term not in covered
    )
