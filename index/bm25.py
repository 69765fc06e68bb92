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
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from math import log
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import terms
from index.string_table import StringTable, mapped
from ingest.document import Language

K1: Final = 1.5
B: Final = 0.75
"""BM25's two constants, as bm25s has them."""

_MATRIX: Final = "{}.csc.index.npy"
_SETTINGS: Final = "params.index.json"
"""The files' names are bm25s's own."""

_TERMS: Final = "texts.{}.npy"
_VOCABULARY: Final = "vocabulary"


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


def _columns(texts: _Terms, row: int) -> NDArray[np.int32]:
    """Return the terms of one text."""
    start, end = texts.indptr[row : row + 2]
    return texts.columns[start:end]


class _Columns(Sequence[list[int]]):
    """The terms of texts as bm25s asks for them: lists, one text after the other, never all."""

    def __init__(self, texts: _Terms) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts.indptr) - 1

    def __getitem__(self, row: int) -> list[int]:  # type: ignore[override]  # No slices.
        if row >= len(self):
            raise IndexError(row)
        columns: list[int] = _columns(self._texts, row).tolist()
        return columns


class _Tokenized(NamedTuple):
    """What bm25s takes for texts that are cut into terms; the names are its own."""

    ids: _Columns
    vocab: dict[str, int]


class BM25Index:
    """A BM25 index over texts."""

    def __init__(self, matrix: _Matrix, texts: _Terms, count: int, vocabulary: StringTable) -> None:
        """Take the matrix, the terms of texts, the number of texts, and the term of each column.

        See `build` and `load`.
        """
        self._matrix = matrix
        self._texts = texts
        self._count = count
        self._vocabulary = vocabulary

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
        numbers = {"": 0}
        numbers_of_old: dict[int, int] = {}

        def number(term: str) -> int:
            return numbers.setdefault(term, len(numbers))

        def numbered(text: tuple[str, Language] | int) -> list[int]:
            if isinstance(text, tuple):
                return [number(term) for term in terms(*text)]
            assert old
            columns = old._columns(text).tolist()
            for column in columns:
                if column not in numbers_of_old:
                    numbers_of_old[column] = number(old._vocabulary[column])
            return [numbers_of_old[column] for column in columns]

        found, ends = array("i"), array("q", [0])
        for text in texts:
            found.extend(numbered(text) or [0])
            ends.append(len(found))
        vocabulary = StringTable.of(numbers)
        column_of = np.empty(len(numbers), np.int32)
        column_of[[*map(numbers.__getitem__, vocabulary)]] = np.arange(len(numbers))
        of_texts = _Terms(column_of[np.array(found, np.int32)], np.array(ends, np.int64))
        tokenized = _Tokenized(
            _Columns(of_texts), {term: column for column, term in enumerate(vocabulary)}
        )
        bm25 = bm25s.BM25(method="lucene", k1=K1, b=B)
        bm25.index(tokenized, show_progress=False)
        matrix = _Matrix(*(bm25.scores[name] for name in _Matrix._fields))
        return cls(matrix, of_texts, len(tokenized.ids), vocabulary)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what `save` wrote. The caller checks the files before: here they are trusted."""

        def arrays(file: str, names: Iterable[str]) -> Iterator[NDArray[Any]]:
            return (mapped(folder / file.format(name)) for name in names)

        parts = {path.stem: mapped(path) for path in folder.glob(f"{_VOCABULARY}.*.npy")}
        settings = json.loads((folder / _SETTINGS).read_bytes())
        return cls(
            _Matrix(*arrays(_MATRIX, _Matrix._fields)),
            _Terms(*arrays(_TERMS, _Terms._fields)),
            int(settings["num_docs"]),
            StringTable.of_arrays(parts, _VOCABULARY),
        )

    def save(self, folder: Path) -> None:
        """Write everything into a folder, without pickles."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {
            file.format(name): array
            for file, of in ((_MATRIX, self._matrix), (_TERMS, self._texts))
            for name, array in of._asdict().items()
        }
        arrays |= {f"{name}.npy": own for name, own in self._vocabulary.arrays(_VOCABULARY).items()}
        for name, values in arrays.items():
            np.save(folder / name, values, allow_pickle=False)
        (folder / _SETTINGS).write_text(json.dumps({"num_docs": self._count}))

    def __contains__(self, term: str) -> bool:
        """Return whether a text has a term."""
        return term in self._vocabulary

    def terms(self, row: int) -> list[str]:
        """Return the terms of a text, repeats kept."""
        return [self._vocabulary[column] for column in self._columns(row).tolist()]

    def _columns(self, row: int) -> NDArray[np.int32]:
        return _columns(self._texts, row)

    def _known(self, query_terms: Iterable[str]) -> list[int]:
        """Return the columns of the terms that a text has."""
        columns = map(self._vocabulary.place, query_terms)
        return [column for column in columns if column is not None]

    def scores(self, query_terms: Collection[str]) -> NDArray[np.float32]:
        """Return the matched share of the terms' weight for every text: float32 (n,), 0 to 1."""
        known = self._known(query_terms)
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
        known = self._known(query_terms)
        for column in known:
            start, end = self._matrix.indptr[column : column + 2]
            texts = self._matrix.indices[start:end]
            # Rows of the same kind of number: for others the texts would be copied.
            among = np.searchsorted(texts, rows.astype(texts.dtype))
            places = np.minimum(among, len(texts) - 1)
            has_it = texts[places] == rows
            bm25[has_it] += self._matrix.data[start:end][places[has_it]]
        return bm25 / np.float32(sum(map(self.idf, query_terms))) if known else bm25

    @property
    def average_length(self) -> float:
        """Mean number of terms of a text, repeats counted."""
        return len(self._texts.columns) / self._count

    def saturation(self, row: int, average_length: float) -> dict[str, float]:
        """Return what each term of a text adds to a score for each unit of its idf, 0 to 1.

        That is tf / (tf + k1 · (1 - b + b · length / average length)). Given another average than
        that of the index, it is off by a smaller share than |average / given one - 1|.
        """
        in_text = self._columns(row)
        columns, counts = np.unique(in_text, return_counts=True)
        shares = counts / (counts + K1 * (1 - B + B * len(in_text) / average_length))
        return {
            self._vocabulary[column]: share
            for column, share in zip(columns.tolist(), shares.tolist(), strict=True)
        }

    def idf(self, term: str) -> float:
        """Return a term's weight: ln(1 + (N - n + 0.5) / (n + 0.5)), n of N texts contain it."""
        column = self._vocabulary.place(term)
        n = 0
        if column is not None:
            n = self._matrix.indptr.item(column + 1) - self._matrix.indptr.item(column)
        return log(1 + (self._count - n + 0.5) / (n + 0.5))

    def weights(self, query_terms: Collection[str]) -> dict[str, float]:
        """Return each term's share of the weight of all, above 0, 1 together."""
        idf = {term: self.idf(term) for term in query_terms}
        total = sum(idf.values())
        return {term: weight / total for term, weight in idf.items()}
