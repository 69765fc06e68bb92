"""Which sentences of the hits answer the question.

In: a question and its hits. Out: sentences with a score, the best first. Knows the index, but
neither the words around an answer nor whether the sentences are good enough to be one.

A sentence's score is put together as a passage's is (index/fuse.py): its cosine with the question,
less what it lacks of the question's words and of the kind of thing asked for, plus some of its
passage's own score.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from chat.expect import asked_for, lacks
from chat.question import Question
from index.analysis.terms import asked, terms
from index.embed import Vectors
from index.rerank import second_look
from index.retrieve import Hit, IndexRetriever
from ingest.document import Document, Language, Span

LEXICAL_WEIGHT: Final = 0.4
"""What lacking all of the question's words costs, in cosine."""

PASSAGE_WEIGHT: Final = 0.4
"""How much of its passage's score a sentence gets."""

KIND_COST: Final = 0.06
"""What holding no date costs where one is asked for; so with numbers."""

# All of them: eval/LOG.md, 2026-11-22, "evidence".


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence that may answer.

    Attributes:
        document: Where it stands.
        span: Where in that document.
        score: What it was ranked by.
        language: The language of its passage.
        holds: The terms of the question that it holds, each with its share of their weight.
        row: The row of its chunk in the index.
        position: Its place among the chunk's sentences, from 0.
    """

    document: Document
    span: Span
    score: float
    language: Language
    holds: Mapping[str, float]
    row: int
    position: int

    @property
    def text(self) -> str:
        """What it says, to the letter."""
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
    seen = [each for hit in hits for each in sentences(hit, retriever)]
    centred = np.concatenate([retriever.centred_cosines(hit, vector) for hit in hits])
    held = holds(question, seen, retriever)
    missing = _short_of_best([sum(each.values()) for each in held], seen)
    kinds = asked_for(question.text)
    ranked = [
        replace(
            each,
            holds=held[row],
            score=float(centred[row])
            - LEXICAL_WEIGHT * missing[row]
            + PASSAGE_WEIGHT * each.score
            - KIND_COST * lacks(kinds, each.text),
        )
        for row, each in enumerate(seen)
    ]
    ranked.sort(key=lambda evidence: -evidence.score)
    if retriever.reranker is None:
        return ranked
    return second_look(
        retriever.reranker,
        question.text,
        ranked,
        lambda evidence: evidence.text,
        lambda evidence, place: replace(evidence, score=ranked[place].score),
    )


def sentences(hit: Hit, retriever: IndexRetriever) -> Iterator[Evidence]:
    """Yield the sentences of a passage, each with the passage's score and nothing held yet."""
    for position, span in enumerate(hit.chunk.sentences):
        yield Evidence(
            document=retriever.documents[hit.chunk.document_id],
            span=span,
            score=hit.score,
            language=hit.chunk.language,
            holds={},
            row=hit.row,
            position=position,
        )


def holds(
    question: Question, there: Sequence[Evidence], retriever: IndexRetriever
) -> list[dict[str, float]]:
    """Return what of a question, or of a claim, each sentence holds: terms, with their weights.

    A sentence is short: that it says the same in other words counts here in every language, so
    concepts are compared, not words.
    """
    found = asked(question.text, question.language)
    weigh = retriever.generation.lexical.weights
    own, abroad = weigh(found.concepts), weigh(found.bridge)
    held = []
    for each in there:
        known = held_terms(each.text, each.language)
        weights = own if each.language == question.language else abroad
        held.append({term: share for term, share in weights.items() if term in known})
    return held


@lru_cache(maxsize=10_000)  # One question after the other looks at the same sentences.
def held_terms(sentence: str, language: Language) -> frozenset[str]:
    """Return the terms of a sentence, each once."""
    return frozenset(terms(sentence, language))


def _short_of_best(shares: Sequence[float], sentences: Sequence[Evidence]) -> list[float]:
    """Return how much less each share is than the best: half of its language, half of all."""
    best: dict[Language, float] = {}
    for share, each in zip(shares, sentences, strict=True):
        best[each.language] = max(share, best.get(each.language, 0.0))
    overall = max(best.values())
    return [
        (best[each.language] + overall) / 2 - share
        for share, each in zip(shares, sentences, strict=True)
    ]
