"""The BM25 leg: how much of a question's words a chunk holds.

In: texts, then the terms of questions. Out: a score from 0 to 1 for every text. The only file that
imports bm25s. Knows nothing of vectors or of how texts were cut.

A score is BM25 over the most that the question could have scored, Σ idf of its distinct terms
(Lucene's variant, where each term adds less than its idf; Kamphuis et al. 2020,
doi:10.1007/978-3-030-45442-5_4). So it says what share of the question's weight was found, and is
near 0 where question and text share no language, which is what lets fusion leave it out.
"""

from collections.abc import Collection, Sequence
from math import log
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from index.analysis.terms import terms
from ingest.document import Language


class Lexical:
    """A BM25 index over texts."""

    def __init__(self, bm25: Any, vocabulary: dict[str, int]) -> None:  # noqa: ANN401  (untyped)
        """Wrap a bm25s index; use `build` or `load`."""
        self._bm25 = bm25
        self._vocabulary = vocabulary
        self._occurs_in = np.diff(bm25.scores["indptr"])
        self._count = int(bm25.scores["num_docs"])

    @classmethod
    def build(cls, texts: Sequence[tuple[str, Language]]) -> Self:
        """Index texts, each with its language, in order."""
        import bm25s

        # The empty term holds the place that bm25s needs where no text has a term.
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
        """Read what `save` wrote. The files must be checked before."""
        import bm25s

        bm25 = bm25s.BM25.load(folder, allow_pickle=False)
        return cls(bm25, bm25.vocab_dict)

    def save(self, folder: Path) -> None:
        """Write everything into a folder, in bm25s's own format, without pickles."""
        self._bm25.save(folder, allow_pickle=False, show_progress=False)

    def scores(self, asked: Collection[str]) -> NDArray[np.float32]:
        """Score every text: float32 (n,), 0 to 1, the share of the asked terms' weight found."""
        known = [self._vocabulary[term] for term in asked if term in self._vocabulary]
        if not known:
            return np.zeros(self._count, np.float32)
        found: NDArray[np.float32] = self._bm25.get_scores_from_ids(known)
        return found / np.float32(sum(map(self.idf, asked)))

    def idf(self, term: str) -> float:
        """Return a term's weight: ln(1 + (N - n + 0.5) / (n + 0.5)), n texts of N hold it."""
        row = self._vocabulary.get(term)
        n = 0 if row is None else int(self._occurs_in[row])
        return log(1 + (self._count - n + 0.5) / (n + 0.5))

    def weights(self, asked: Collection[str]) -> dict[str, float]:
        """Return each term's share of the weight of all, above 0, 1 together."""
        idf = {term: self.idf(term) for term in asked}
        most = sum(idf.values())
        return {term: weight / most for term, weight in idf.items()}
