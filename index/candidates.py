"""Which passages come into question: the one step of a search that looks at all of them.

`CandidateSearch` is the seam between a question and where passages are searched. `ExactSearch`
compares them on this machine, with faiss and the BM25 index; index/milvus_search.py asks Milvus.
Either only proposes rows: the retriever scores them itself, from the vectors of the index on disk,
so that a passage scores the same whoever proposed it.
"""

from typing import Final, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import QueryTerms
from index.chunk_columns import LANGUAGES, ChunkColumns, Rows
from index.embedders.embedder import Vectors
from index.storage.generation import Generation
from ingest.document import Language

Scores = NDArray[np.float32]

ON_THIS_MACHINE: Final = "faiss"
"""The setting of the store that searches on this machine."""

Legs = Literal["both", "dense", "lexical"]
"""Which legs rank; one alone is for experiments."""


class Candidates(NamedTuple):
    """The chunks that either leg proposes.

    Attributes:
        rows: int64 (n,), each once, ascending.
        lexical: float32 (n,), the share of the question's weight that each matches, 0 to 1.
        best_lexical: float32 (n,), the highest such share in each one's language.
    """

    rows: Rows
    lexical: Scores
    best_lexical: Scores


class CandidateSearch(Protocol):
    """Proposes chunks of one generation of an index."""

    @property
    def store(self) -> str:
        """Where passages are searched, as the setting names it."""
        ...

    def find(
        self, vector: Vectors, terms: QueryTerms, depth: int, legs: Legs, visible: Rows | None
    ) -> Candidates:
        """Return the chunks that come into question.

        Args:
            vector: Embedding of the question: float32 (1, d), of length 1.
            terms: Its terms.
            depth: Chunks that each leg proposes at least, if there are so many.
            legs: Which legs propose.
            visible: Rows of the chunks that are searched; None for all.

        Raises:
            StoreError: What is searched cannot be reached.
        """
        ...


class LanguageRows(NamedTuple):
    """In which languages the chunks of an index are.

    Attributes:
        rows: Rows of the chunks in each language, in the order of its name.
        also_in: Rows of chunks in another language that hold a sentence in this one.
        places: uint8 (chunks,), the place of each chunk's language in `rows`.
    """

    rows: dict[Language, Rows]
    also_in: dict[Language, Rows]
    places: NDArray[np.uint8]

    @classmethod
    def of(cls, columns: ChunkColumns) -> "LanguageRows":
        """Sort the chunks of an index by language."""
        of_language = {
            language: np.flatnonzero(columns.languages == number)
            for number, language in enumerate(LANGUAGES)
        }
        names = [language for language, rows in of_language.items() if len(rows)]
        also_in = {
            language: np.flatnonzero(columns.others & np.uint8(1 << number))
            for number, language in enumerate(LANGUAGES)
        }
        place_of = np.array([sum(each < name for each in names) for name in LANGUAGES], np.uint8)
        return cls(
            {language: of_language[language] for language in names},
            {language: rows for language, rows in also_in.items() if len(rows)},
            place_of[columns.languages],
        )


class ExactSearch:
    """Compares every chunk, on this machine.

    Attributes:
        store: Its name as a setting.
    """

    store = ON_THIS_MACHINE

    def __init__(self, generation: Generation, languages: LanguageRows) -> None:
        """Take an index, and the languages of its chunks."""
        self._generation = generation
        self._languages = languages
        self._first_sentence = generation.tables.columns.first_sentences

    def find(
        self, vector: Vectors, terms: QueryTerms, depth: int, legs: Legs, visible: Rows | None
    ) -> Candidates:
        """Return the chunks that come into question: see `CandidateSearch`."""
        lexical = self._lexical(terms, visible)
        rows = self._proposed(vector, lexical, depth, legs) if visible is None else visible
        return Candidates(rows, lexical[rows], self._best_lexical(lexical)[rows])

    def _proposed(self, vector: Vectors, lexical: Scores, depth: int, legs: Legs) -> Rows:
        """Return the rows that either leg proposes, each once, ascending."""
        proposed = [np.empty(0, np.int64)]
        if legs != "lexical":
            passages = self._generation.chunk_vectors.search(vector, depth)[1][0]
            sentences = self._generation.sentence_vectors.search(vector, depth)[1][0]
            proposed += [passages, np.searchsorted(self._first_sentence, sentences, "right") - 1]
        if legs != "dense":
            proposed.append(_highest(lexical, depth))
        return np.unique(np.concatenate(proposed))

    def _lexical(self, terms: QueryTerms, visible: Rows | None) -> Scores:
        """Return the lexical score of every chunk: float32 (chunks,), 0 to 1.

        Chunks in the question's language are compared by words, the others by the terms that mean
        the same in all languages; those that hold a sentence in it by whichever find more.
        """
        lexical = self._generation.lexical
        scores, by_words = lexical.scores(terms.bridge), lexical.scores(terms.words)
        none = np.zeros(0, np.int64)
        own = self._languages.rows.get(terms.language, none)
        also = self._languages.also_in.get(terms.language, none)
        scores[own] = by_words[own]
        scores[also] = np.maximum(scores[also], by_words[also])
        if visible is not None:
            scores[np.setdiff1d(np.arange(len(scores)), visible)] = 0
        return scores

    def _best_lexical(self, lexical: Scores) -> Scores:
        """Return the highest lexical score in each chunk's language: float32 (chunks,)."""
        best = np.zeros_like(lexical)
        for rows in self._languages.rows.values():
            best[rows] = lexical[rows].max()
        return best


def _highest(scores: Scores, count: int) -> Rows:
    """Return the rows of the highest scores above 0, the first of equal ones."""
    above = np.flatnonzero(scores)
    if len(above) > count:  # So that a large index is not sorted as a whole.
        least = np.partition(scores[above], -count)[-count]
        above = above[scores[above] >= least]
    return above[np.argsort(-scores[above], kind="stable")[:count]]
