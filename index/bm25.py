"""The BM25 index: how much of a question's weight the words of a chunk match.

A score is BM25 divided by the most that the question could have scored, Σ idf of its distinct terms
(Lucene's variant, where each term adds less than its idf; Kamphuis et al. 2020,
doi:10.1007/978-3-030-45442-5_4). So it is the matched share of the question's weight, 0 to 1, and
near 0 where question and text are in different languages: fusion (index/retriever.py) relies on
that.

bm25s works out what each term adds to each text, once, when texts are indexed; it is imported then
only. A search adds up columns of that matrix, which are mapped, not read.
"""

import json
from collections.abc import Collection, Sequence
from math import log
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import terms
from ingest.document import Language

_MATRIX: Final = "{}.csc.index.npy"
_VOCABULARY: Final = "vocab.index.json"
_SETTINGS: Final = "params.index.json"
"""The files' names are bm25s's own."""


class _Matrix(NamedTuple):
    """What terms add to texts: a sparse matrix by columns, one a term.

    Attributes:
        data: float32 (m,), what is added.
        indices: int32 (m,), the row of the text that it is added to.
        indptr: int64 (terms + 1,), where each column begins, and where the last one ends.
    """

    data: NDArray[np.float32]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]


class BM25Index:
    """A BM25 index over texts."""

    def __init__(self, matrix: _Matrix, count: int, vocabulary: dict[str, int]) -> None:
        """Take the matrix, the number of texts and the column of each term; see `build`, `load`."""
        self._matrix = matrix
        self._count = count
        self._vocabulary = vocabulary
        self._occurs_in = np.diff(matrix.indptr)

    @classmethod
    def build(cls, texts: Sequence[tuple[str, Language]]) -> Self:
        """Index texts, each with the language it is in; a text's row is its place in the list."""
        import bm25s

        # bm25s cannot index a text without terms: such a text gets the empty term.
        vocabulary = {"": 0}
        rows = [
            [vocabulary.setdefault(term, len(vocabulary)) for term in terms(text, language)] or [0]
            for text, language in texts
        ]
        bm25 = bm25s.BM25(method="lucene")
        bm25.index((rows, vocabulary), show_progress=False)
        matrix = _Matrix(*(bm25.scores[name] for name in _Matrix._fields))
        return cls(matrix, len(texts), vocabulary)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what `save` wrote. The caller checks the files before: here they are trusted."""
        arrays = (
            np.load(folder / _MATRIX.format(name), mmap_mode="r", allow_pickle=False)
            for name in _Matrix._fields
        )
        settings = json.loads((folder / _SETTINGS).read_bytes())
        vocabulary = json.loads((folder / _VOCABULARY).read_bytes())
        return cls(_Matrix(*arrays), int(settings["num_docs"]), vocabulary)

    def save(self, folder: Path) -> None:
        """Write everything into a folder, without pickles."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in self._matrix._asdict().items():
            np.save(folder / _MATRIX.format(name), array, allow_pickle=False)
        (folder / _SETTINGS).write_text(json.dumps({"num_docs": self._count}))
        vocabulary = json.dumps(self._vocabulary, ensure_ascii=False)
        (folder / _VOCABULARY).write_text(vocabulary, "utf-8")

    def scores(self, query_terms: Collection[str]) -> NDArray[np.float32]:
        """Return the matched share of the terms' weight for every text: float32 (n,), 0 to 1."""
        known = [self._vocabulary[term] for term in query_terms if term in self._vocabulary]
        bm25 = np.zeros(self._count, np.float32)
        if not known:
            return bm25
        for column in known:
            start, end = self._matrix.indptr[column : column + 2]
            bm25[self._matrix.indices[start:end]] += self._matrix.data[start:end]
        return bm25 / np.float32(sum(map(self.idf, query_terms)))

    def idf(self, term: str) -> float:
        """Return a term's weight: ln(1 + (N - n + 0.5) / (n + 0.5)), n of N texts contain it."""
        row = self._vocabulary.get(term)
        n = 0 if row is None else int(self._occurs_in[row])
        return log(1 + (self._count - n + 0.5) / (n + 0.5))

    def weights(self, query_terms: Collection[str]) -> dict[str, float]:
        """Return each term's share of the weight of all, above 0, 1 together."""
        idf = {term: self.idf(term) for term in query_terms}
        total = sum(idf.values())
        return {term: weight / total for term, weight in idf.items()}
