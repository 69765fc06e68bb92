"""A question in, ranked chunks out: the dense and the lexical leg, and their fusion.

In: a question. Out: hits, best first, with what each leg said. Knows nothing of answers.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis.spelling.speller import Speller, count_words
from index.analysis.terms import Asked, asked
from index.embed import Embedder, Vectors
from index.fuse import Scores, dense, fuse
from index.generation import Generation
from index.rerank import DEPTH, Reranker, second_look
from ingest.chunk import Chunk, in_context
from ingest.document import Language
from ingest.language import detect

Rows = NDArray[np.int64]

Legs = Literal["both", "dense", "lexical"]
"""Which legs rank; one alone is for experiments."""

_CANDIDATES: Final = 200
"""Chunks that each leg proposes; the fused ranking is exact among them."""

_SENTENCES_TRUSTED: Final = 5
"""Sentences of a language from which on its mean is trusted more than not."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a question found.

    Attributes:
        chunk: The chunk.
        row: Its row in the index.
        rank: From 1.
        score: What it was ranked by; comparable between the hits of one question only.
        dense: Cosine of the question with the chunk and its best sentence, -1 to 1.
        lexical: Share of the question's weight that the chunk holds, 0 to 1.
    """

    chunk: Chunk
    row: int
    rank: int
    score: float
    dense: float
    lexical: float


class Retriever(Protocol):
    """Anything that ranks chunks for a question."""

    def search(self, question: str, k: int, legs: Legs = "both") -> list[Hit]:
        """Return the k best chunks, best first."""
        ...


class IndexRetriever:
    """A `Retriever` over one generation of an index.

    Attributes:
        generation: The index.
        embedder: The model that the index was made with.
        reranker: The second stage; None for none.
        documents: The documents by id.
    """

    def __init__(
        self, generation: Generation, embedder: Embedder, reranker: Reranker | None = None
    ) -> None:
        """Take an index and the model it was made with."""
        self.generation = generation
        self.embedder = embedder
        self.reranker = reranker
        self.documents = {document.id: document for document in generation.documents}
        chunks = generation.chunks
        languages = np.array([chunk.language for chunk in chunks])
        self._rows: dict[Language, Rows] = {
            name: np.flatnonzero(languages == name) for name in sorted({c.language for c in chunks})
        }
        # Row of each chunk's first sentence; one more at the end closes the last.
        self._first_sentence = np.cumsum([0, *(len(chunk.sentences) for chunk in chunks)])
        self._visible: Rows | None = None

    def seeing(self, rows: Iterable[int]) -> "IndexRetriever":
        """Return a retriever that finds these chunks only, exactly: for experiments.

        What is known of the whole index stays: how rare its words are, and what chance reaches.
        """
        _ = self._speller  # Made once, for all views.
        view = copy(self)
        view._visible = np.array(sorted(set(rows)), np.int64)
        return view

    def __len__(self) -> int:
        """Return how many chunks can be found."""
        return len(self.generation.chunks) if self._visible is None else len(self._visible)

    @property
    def visible(self) -> set[int]:
        """The rows of the chunks that can be found."""
        if self._visible is None:
            return set(range(len(self.generation.chunks)))
        return set(map(int, self._visible))

    @cached_property
    def _speller(self) -> Speller:
        return Speller(count_words(document.text for document in self.generation.documents))

    def respell(self, question: str) -> str:
        """Return a question as it was meant: in the letters and the spelling of the documents."""
        return self._speller.repair(question, detect(question))

    def search(self, question: str, k: int, legs: Legs = "both") -> list[Hit]:
        """Return the k best chunks, best first."""
        meant = self.respell(question)
        return self.rank(meant, self.embedder.embed_queries([meant]), k, legs)

    def search_documents(self, question: str, k: int, legs: Legs = "both") -> list[Hit]:
        """Return the best chunk of each of the k best documents, best first."""
        meant = self.respell(question)
        vector = self.embedder.embed_queries([meant])
        depth = k
        while True:
            hits = self._rank(meant, vector, depth, legs)
            best = list({hit.chunk.document_id: hit for hit in reversed(hits)}.values())[::-1]
            if len(best) >= k or len(hits) < depth:
                best = sorted(best, key=lambda hit: hit.rank)[:k]
                best = [replace(hit, rank=rank) for rank, hit in enumerate(best, start=1)]
                return self._look_again(meant, best, legs)
            depth *= 2

    def rank(self, question: str, vector: Vectors, k: int, legs: Legs = "both") -> list[Hit]:
        """Rank for a question, respelt, that has been embedded: float32 (1, d)."""
        depth = max(k, DEPTH) if self.reranker else k
        return self._look_again(question, self._rank(question, vector, depth, legs), legs)[:k]

    def _look_again(self, question: str, hits: list[Hit], legs: Legs) -> list[Hit]:
        """Let the second stage put hits of both legs in order."""
        if self.reranker is None or legs != "both":
            return hits
        return second_look(
            self.reranker,
            question,
            hits,
            lambda hit: in_context(self.documents[hit.chunk.document_id], hit.chunk),
            lambda hit, place: replace(hit, rank=place + 1, score=hits[place].score),
        )

    def _rank(self, question: str, vector: Vectors, k: int, legs: Legs) -> list[Hit]:
        """Rank by the first stage alone."""
        lexical = self._lexical(asked(question, detect(question)))
        rows = self._candidates(vector, lexical, max(k, _CANDIDATES), legs)
        cosine = self._cosines(vector, rows)
        scores = {
            "both": lambda: fuse(cosine, lexical[rows], self._best_lexical(lexical)[rows]),
            "dense": lambda: cosine,
            "lexical": lambda: lexical[rows],
        }[legs]()
        best = np.argsort(-scores, kind="stable")[:k]
        return [
            Hit(
                chunk=self.generation.chunks[rows[place]],
                row=int(rows[place]),
                rank=rank,
                score=float(scores[place]),
                dense=float(cosine[place]),
                lexical=float(lexical[rows[place]]),
            )
            for rank, place in enumerate(best, start=1)
        ]

    @cached_property
    def _centres(self) -> dict[Language, Vectors]:
        """Map each language to the mean of its sentences' vectors, float32 (d,), shrunk.

        A language with few sentences would be its own mean; so the means of all are shrunk alike.
        """
        store = self.generation.sentence_vectors
        sentences = {name: self._sentence_rows(rows) for name, rows in self._rows.items()}
        fewest = min(map(len, sentences.values()))
        shrunk = fewest / (fewest + _SENTENCES_TRUSTED)
        return {name: shrunk * store.rows(rows).mean(axis=0) for name, rows in sentences.items()}

    def centred_cosines(self, hit: Hit, vector: Vectors) -> Scores:
        """Return the cosines of a question with what sets a hit's sentences apart.

        Sentences of one language have a direction in common, which draws questions of that
        language to all of them alike; taken out, languages can be compared, and so can sentences.

        Args:
            hit: Where the sentences stand.
            vector: The question, float32 (1, d).

        Returns:
            float32 (len(chunk.sentences),), -1 to 1.
        """
        apart = self.sentence_vectors(hit) - self._centres[hit.chunk.language]
        cosines: Scores = apart @ vector[0] / np.linalg.norm(apart, axis=1)
        return cosines

    def sentence_vectors(self, hit: Hit) -> Vectors:
        """Return the vectors of a hit's sentences: float32 (len(chunk.sentences), d)."""
        return self.generation.sentence_vectors.rows(self._sentence_rows(np.array([hit.row])))

    def _candidates(self, vector: Vectors, lexical: Scores, depth: int, legs: Legs) -> Rows:
        """Return the rows that a leg proposes, each once, in order."""
        if self._visible is not None:
            return self._visible
        proposed = [np.empty(0, np.int64)]
        if legs != "lexical":
            passages = self.generation.chunk_vectors.search(vector, depth)[1][0]
            sentences = self.generation.sentence_vectors.search(vector, depth)[1][0]
            proposed += [passages, np.searchsorted(self._first_sentence, sentences, "right") - 1]
        if legs != "dense":
            best = np.argsort(-lexical, kind="stable")[:depth]
            proposed.append(best[lexical[best] > 0])
        return np.unique(np.concatenate(proposed))

    def _cosines(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the dense score of some rows: float32 (len(rows),)."""
        if not len(rows):
            return np.empty(0, np.float32)
        query = vector[0]
        passage = self.generation.chunk_vectors.rows(rows) @ query
        cosines = self.generation.sentence_vectors.rows(self._sentence_rows(rows)) @ query
        counts = self._first_sentence[rows + 1] - self._first_sentence[rows]
        starts = np.cumsum([0, *counts[:-1]])
        return dense(passage, np.maximum.reduceat(cosines, starts))

    def _sentence_rows(self, rows: Rows) -> Rows:
        """Return the rows of the sentences of some chunks, chunk by chunk."""
        spans = zip(self._first_sentence[rows], self._first_sentence[rows + 1], strict=True)
        return np.concatenate([np.arange(first, end) for first, end in spans])

    def _lexical(self, question: Asked) -> Scores:
        """Return every chunk's lexical score, words or concepts as its language asks for."""
        scores = self.generation.lexical.scores(question.bridge)
        own = self._rows.get(question.language)
        if own is not None:
            scores[own] = self.generation.lexical.scores(question.words)[own]
        if self._visible is not None:
            scores[np.setdiff1d(np.arange(len(scores)), self._visible)] = 0
        return scores

    def _best_lexical(self, lexical: Scores) -> Scores:
        """Return the highest lexical score in each chunk's language: float32 (chunks,)."""
        best = np.zeros_like(lexical)
        for rows in self._rows.values():
            best[rows] = lexical[rows].max()
        return best
