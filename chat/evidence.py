"""Which sentences of the hits answer the question.

In: a question and its hits. Out: sentences with a score, the best first. Knows the index, but
neither the words around an answer nor whether the sentences are good enough to be one.

A sentence's score is put together as a passage's is (index/fuse.py): its cosine with the question,
and the share of the question's weight that it holds, counted against the best in its language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from chat.question import Question
from index.embed import Vectors
from index.retrieve import Hit, IndexRetriever
from ingest.document import Document, Language, Span

LEXICAL_WEIGHT: Final = 0.2
"""What holding all of the question's words is worth, in cosine."""

MARGIN: Final = 0.03
"""How far below the best a sentence may score and still be quoted beside it."""

MOST: Final = 3
"""Sentences quoted at most: an answer is to be read, not searched."""

# All three: eval/LOG.md, 2026-11-22, "evidence".


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence that may answer.

    Attributes:
        document: Where it stands.
        span: Where in that document.
        score: What it was ranked by.
        cosine: Of the question and the sentence, -1 to 1.
    """

    document: Document
    span: Span
    score: float
    cosine: float


def rank(
    question: Question, vector: Vectors, hits: Sequence[Hit], retriever: IndexRetriever
) -> list[Evidence]:
    """Rank every sentence of the hits, best first.

    Args:
        question: What was asked.
        vector: Its vector, float32 (1, d).
        hits: Where to look.
        retriever: What found them.
    """
    places = [(hit, span) for hit in hits for span in hit.chunk.sentences]
    if not places:
        return []
    cosines = np.concatenate([retriever.sentence_vectors(hit) for hit in hits]) @ vector[0]
    held = [
        retriever.generation.lexical.coverage(question.text, _text(retriever, hit, span))
        for hit, span in places
    ]
    best: dict[Language, float] = {}
    for (hit, _), share in zip(places, held, strict=True):
        best[hit.chunk.language] = max(share, best.get(hit.chunk.language, 0.0))
    ranked = [
        Evidence(
            document=retriever.documents[hit.chunk.document_id],
            span=span,
            score=cosine + LEXICAL_WEIGHT * (share - best[hit.chunk.language]),
            cosine=cosine,
        )
        for (hit, span), cosine, share in zip(places, cosines.tolist(), held, strict=True)
    ]
    return sorted(ranked, key=lambda evidence: -evidence.score)


def choose(ranked: Sequence[Evidence]) -> list[Evidence]:
    """Choose the sentences to quote: the best, and those that come close to it."""
    return [each for each in ranked[:MOST] if each.score >= ranked[0].score - MARGIN]


def _text(retriever: IndexRetriever, hit: Hit, span: Span) -> str:
    return retriever.documents[hit.chunk.document_id].text[slice(*span)]
