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
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import chain
from math import log
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import terms
from ingest.document import Language

K1: Final = 1.5
B: Final = 0.75
"""BM25's two constants, as bm25s has them."""

_MATRIX: Final = "{}.csc.index.npy"
_VOCABULARY: Final = "vocab.index.json"
_SETTINGS: Final = "params.index.json"
"""The files' names are bm25s's own."""

_TERMS: Final = "texts.{}.npy"


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


class _Terms(NamedTuple):
    """The terms of the texts: what need not be worked out again when other texts change.

    Attributes:
        columns: int32 (m,), the terms of all texts, one text behind the other, repeats kept.
        indptr: int64 (texts + 1,), where each text begins, and where the last one ends.
    """

    columns: NDArray[np.int32]
    indptr: NDArray[np.int64]


class BM25Index:
    """A BM25 index over texts."""

    def __init__(
        self, matrix: _Matrix, texts: _Terms | None, count: int, vocabulary: dict[str, int]
    ) -> None:
        """Take the matrix, the terms, the number of texts and the column of each term.

        See `build` and `load`. Indexes before 0.13 do not remember the terms of texts.
        """
        self._matrix = matrix
        self._texts = texts
        self._count = count
        self._vocabulary = vocabulary
        self._occurs_in = np.diff(matrix.indptr)

    @classmethod
    def build(
        cls, texts: Iterable[tuple[str, Language] | int], old: "BM25Index | None" = None
    ) -> Self:
        """Index texts; a text's row is its place among them.

        Args:
            texts: Texts, each with the language it is in; in place of one, its row in `old`.
            old: An index of the same analyzer that holds some of them.
        """
        import bm25s

        # bm25s cannot index a text without terms: such a text gets the empty term.
        vocabulary = {"": 0}

        def terms_of(text: tuple[str, Language] | int) -> list[str]:
            if isinstance(text, tuple):
                return terms(*text)
            assert old
            return old.terms(text)

        rows = [
            [vocabulary.setdefault(term, len(vocabulary)) for term in terms_of(text)] or [0]
            for text in texts
        ]
        bm25 = bm25s.BM25(method="lucene", k1=K1, b=B)
        bm25.index((rows, vocabulary), show_progress=False)
        matrix = _Matrix(*(bm25.scores[name] for name in _Matrix._fields))
        columns = np.fromiter(chain.from_iterable(rows), np.int32)
        of_texts = _Terms(columns, np.cumsum([0, *map(len, rows)]))
        return cls(matrix, of_texts, len(rows), vocabulary)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what `save` wrote. The caller checks the files before: here they are trusted."""

        def mapped(file: str, names: Iterable[str]) -> Iterator[NDArray[Any]]:
            for name in names:
                yield np.load(folder / file.format(name), mmap_mode="r", allow_pickle=False)

        matrix = _Matrix(*mapped(_MATRIX, _Matrix._fields))
        remembers = (folder / _TERMS.format("indptr")).exists()
        of_texts = _Terms(*mapped(_TERMS, _Terms._fields)) if remembers else None
        settings = json.loads((folder / _SETTINGS).read_bytes())
        vocabulary = json.loads((folder / _VOCABULARY).read_bytes())
        return cls(matrix, of_texts, int(settings["num_docs"]), vocabulary)

    def save(self, folder: Path) -> None:
        """Write everything into a folder, without pickles."""
        folder.mkdir(parents=True, exist_ok=True)
        for file, arrays in ((_MATRIX, self._matrix), (_TERMS, self._texts)):
            for name, array in arrays._asdict().items() if arrays else ():
                np.save(folder / file.format(name), array, allow_pickle=False)
        (folder / _SETTINGS).write_text(json.dumps({"num_docs": self._count}))
        vocabulary = json.dumps(self._vocabulary, ensure_ascii=False)
        (folder / _VOCABULARY).write_text(vocabulary, "utf-8")

    def __contains__(self, term: str) -> bool:
        """Return whether a text has a term."""
        return term in self._vocabulary

    @property
    def remembers_terms(self) -> bool:
        """Whether it knows the terms of its texts."""
        return self._texts is not None

    def terms(self, row: int) -> list[str]:
        """Return the terms of a text of an index that remembers them, repeats kept."""
        assert self._texts
        start, end = self._texts.indptr[row : row + 2]
        return [self._terms[column] for column in self._texts.columns[start:end].tolist()]

    @cached_property
    def _terms(self) -> list[str]:
        """The term of each column: they were numbered as they came."""
        return list(self._vocabulary)

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

    def scores_at(
        self, query_terms: Collection[str], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return what `scores` returns for some texts only: float32 (len(rows),).

        It looks the texts up among those that contain a term, so that few of those are read.
        """
        bm25 = np.zeros(len(rows), np.float32)
        known = [self._vocabulary[term] for term in query_terms if term in self._vocabulary]
        for column in known:
            start, end = self._matrix.indptr[column : column + 2]
            texts = self._matrix.indices[start:end]
            places = np.minimum(np.searchsorted(texts, rows), len(texts) - 1)
            has_it = texts[places] == rows
            bm25[has_it] += self._matrix.data[start:end][places[has_it]]
        return bm25 / np.float32(sum(map(self.idf, query_terms))) if known else bm25

    @property
    def average_length(self) -> float:
        """Mean number of terms of a text of an index that remembers them, repeats counted."""
        assert self._texts
        return len(self._texts.columns) / self._count

    def saturation(self, row: int, average_length: float) -> dict[str, float]:
        """Return what each term of a text adds to a score for each unit of its idf, 0 to 1.

        That is tf / (tf + k1 · (1 - b + b · length / average length)). Given another average than
        that of the index, it is off by a smaller share than |average / given one - 1|.
        """
        assert self._texts
        start, end = self._texts.indptr[row : row + 2]
        columns, counts = np.unique(self._texts.columns[start:end], return_counts=True)
        shares = counts / (counts + K1 * (1 - B + B * (end - start) / average_length))
        return {
            self._terms[column]: share
            for column, share in zip(columns.tolist(), shares.tolist(), strict=True)
        }

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
