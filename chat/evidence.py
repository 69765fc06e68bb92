"""Which sentences of the hits answer the question.

In: a question and its hits. Out: sentences with a score, the best first. Knows the index, but
neither the words around an answer nor whether the sentences are good enough to be one.

A sentence's score is put together as a passage's is (index/fuse.py): its cosine with the question,
less what it lacks of the question's words and of the kind of thing asked for, plus some of its
passage's own score.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from chat.expect import asked_for, lacks
from chat.question import Question
from index.analysis.terms import asked, terms
from index.embed import Vectors
from index.retrieve import Hit, IndexRetriever
from ingest.document import Document, Language, Span

LEXICAL_WEIGHT: Final = 0.4
"""What lacking all of the question's words costs, in cosine."""

PASSAGE_WEIGHT: Final = 0.4
"""How much of its passage's score a sentence gets."""

KIND_COST: Final = 0.06
"""What holding no date costs where one is asked for; so with numbers."""

MARGIN: Final = 0.15
"""How far below the best a sentence may score and still be quoted beside it."""

REACH: Final = 0.2
"""How far below the best the best sentence of another document may score."""

MOST: Final = 3
"""Sentences quoted at most: an answer is to be read, not searched."""

# All of them: eval/LOG.md, 2026-11-22, "evidence".


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence that may answer.

    Attributes:
        document: Where it stands.
        span: Where in that document.
        score: What it was ranked by.
        cosine: Of the question and the sentence, -1 to 1.
        share: Of the question's weight that it holds, 0 to 1.
    """

    document: Document
    span: Span
    score: float
    cosine: float
    share: float


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence of a hit."""

    hit: Hit
    document: Document
    span: Span

    @property
    def text(self) -> str:
        return self.document.text[slice(*self.span)]


def rank(
    question: Question, vector: Vectors, hits: Sequence[Hit], retriever: IndexRetriever
) -> list[Evidence]:
    """Rank every sentence of the hits, best first.

    Args:
        question: What was asked.
        vector: Its vector, float32 (1, d).
        hits: Where to look; at least one.
        retriever: What found them.
    """
    places = [
        _Place(hit, retriever.documents[hit.chunk.document_id], span)
        for hit in hits
        for span in hit.chunk.sentences
    ]
    cosines = np.concatenate([retriever.sentence_vectors(hit) for hit in hits]) @ vector[0]
    centred = np.concatenate([retriever.centred_cosines(hit, vector) for hit in hits])
    shares = _shares(question, places, retriever)
    missing = _short_of_best(shares, [place.hit.chunk.language for place in places])
    kinds = asked_for(question.text)
    ranked = [
        Evidence(
            document=place.document,
            span=place.span,
            score=float(centred[row])
            - LEXICAL_WEIGHT * missing[row]
            + PASSAGE_WEIGHT * place.hit.score
            - KIND_COST * lacks(kinds, place.text),
            cosine=float(cosines[row]),
            share=shares[row],
        )
        for row, place in enumerate(places)
    ]
    return sorted(ranked, key=lambda evidence: -evidence.score)


def close(ranked: Sequence[Evidence]) -> list[Evidence]:
    """Return the best sentence and those that come close to it, as many as are to be quoted."""
    return [each for each in ranked[:MOST] if each.score >= ranked[0].score - MARGIN]


def hear_others(
    chosen: list[Evidence], ranked: Sequence[Evidence], answers_alone: Callable[[Evidence], bool]
) -> list[Evidence]:
    """Let another document be heard where all chosen sentences are from one.

    Its best sentence has the last place if it comes within reach of the best of all and would be
    answer enough by itself.

    Args:
        chosen: What `close` returned.
        ranked: What `rank` returned.
        answers_alone: Whether a sentence would be answer enough by itself.
    """
    best = chosen[0]
    if any(each.document.id != best.document.id for each in chosen):
        return chosen
    other = next((each for each in ranked if each.document.id != best.document.id), None)
    if other and other.score >= best.score - REACH and answers_alone(other):
        return [*chosen[: MOST - 1], other]
    return chosen


def _shares(question: Question, places: Sequence[_Place], retriever: IndexRetriever) -> list[float]:
    """Return the share of the question's weight that each sentence holds, 0 to 1.

    A sentence is short: that it says the same in other words counts here in every language, so
    concepts are compared, not words.
    """
    found = asked(question.text, question.language)
    coverage = retriever.generation.lexical.coverage
    return [
        coverage(
            found.concepts if place.hit.chunk.language == question.language else found.bridge,
            _held(place.text, place.hit.chunk.language),
        )
        for place in places
    ]


@lru_cache(maxsize=10_000)  # One question after the other looks at the same sentences.
def _held(sentence: str, language: Language) -> frozenset[str]:
    return frozenset(terms(sentence, language))


def _short_of_best(shares: Sequence[float], languages: Sequence[Language]) -> list[float]:
    """Return how much less each share is than the best: half of its language, half of all."""
    best: dict[Language, float] = {}
    for share, language in zip(shares, languages, strict=True):
        best[language] = max(share, best.get(language, 0.0))
    overall = max(best.values())
    return [
        (best[language] + overall) / 2 - share
        for share, language in zip(shares, languages, strict=True)
    ]
