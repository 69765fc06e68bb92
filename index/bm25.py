"""The BM25 index: how much of a question's weight the words of a chunk match.

A score is BM25 divided by the most that the question could have scored, Σ idf of its distinct terms
(Lucene's variant, where each term adds less than its idf; Kamphuis et al. 2020,
doi:10.1007/978-3-030-45442-5_4). So it is the matched share of the question's weight, 0 to 1, and
near 0 where question and text are in different languages: fusion (index/retriever.py) relies on
that. This is the only file that imports bm25s.
"""

from collections.abc import Collection, Sequence
from math import log
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import terms
from ingest.document import Language


class BM25Index:
    """A BM25 index over texts."""

    def __init__(self, bm25: Any, vocabulary: dict[str, int]) -> None:  # noqa: ANN401  (untyped)
        """Wrap a bm25s index; use `build` or `load`."""
        self._bm25 = bm25
        self._vocabulary = vocabulary
        self._occurs_in = np.diff(bm25.scores["indptr"])
        self._count = int(bm25.scores["num_docs"])

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
        return cls(bm25, vocabulary)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. The caller checks the files before: bm25s trusts them."""
        import bm25s

        bm25 = bm25s.BM25.load(folder, allow_pickle=False)
        return cls(bm25, bm25.vocab_dict)

    def save(self, folder: Path) -> None:
        """Write everything into a folder, in bm25s's own format, without pickles."""
        self._bm25.save(folder, allow_pickle=False, show_progress=False)

    def scores(self, query_terms: Collection[str]) -> NDArray[np.float32]:
        """Return the matched share of the terms' weight for every text: float32 (n,), 0 to 1."""
        known = [self._vocabulary[term] for term in query_terms if term in self._vocabulary]
        if not known:
            return np.zeros(self._count, np.float32)
        bm25: NDArray[np.float32] = self._bm25.get_scores_from_ids(known)
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
