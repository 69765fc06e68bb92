"""What the vectors of a language have in common, and those of all: means of many of them.

Vectors of one language are alike by that alone; what is common to them is taken off when passages
are ranked and sentences compared (index/retriever.py). The means are taken when documents are
indexed, since that reads thousands of vectors from all over the files.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from index.chunk_columns import LANGUAGES, ChunkColumns, Rows
from index.embedders.embedder import Vectors
from index.faiss_index import VectorStore
from index.string_table import Arrays

_ROWS_OF_A_MEAN: Final = 10_000
"""Vectors that a mean is taken of at most: a hundredth of their spread is left in it."""


@dataclass(frozen=True, slots=True, eq=False)
class LanguageMeans:
    """Mean vectors: in row 0 of all, then of each of `LANGUAGES`; zeros where there are none.

    Attributes:
        passages: float32 (1 + languages, d), of the vectors of passages.
        sentences: float32 (1 + languages, d), of those of their sentences.
    """

    passages: Vectors
    sentences: Vectors

    @classmethod
    def of(cls, columns: ChunkColumns, passages: VectorStore, sentences: VectorStore) -> Self:
        """Take the means of an index."""
        each = [np.flatnonzero(columns.languages == place) for place in range(len(LANGUAGES))]
        rows = [np.arange(len(columns)), *each]
        return cls(
            _means(passages, rows, lambda of: of),
            _means(sentences, rows, columns.sentence_rows),
        )

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """Return the means that `arrays` gave."""
        return cls(arrays["means.passages"], arrays["means.sentences"])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the means by the names of their files."""
        return {"means.passages": self.passages, "means.sentences": self.sentences}


def _means(store: VectorStore, of: list[Rows], rows_of: Callable[[Rows], Rows]) -> Vectors:
    means = np.zeros((len(of), store.dimension), np.float32)
    for row, chunks in enumerate(of):
        if len(chunks):
            means[row] = _mean(store, rows_of(chunks))
    return means


def _mean(vectors: VectorStore, rows: Rows) -> Vectors:
    """Return the mean of some rows, of many an even sample: float32 (d,)."""
    every = -(-len(rows) // _ROWS_OF_A_MEAN)
    mean: Vectors = vectors.rows(rows[::every]).mean(axis=0)
    return mean
