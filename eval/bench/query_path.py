"""A question's way through indexes of several sizes, and how what it takes grows with them.

Vectors of passages lie between those of two real ones, as near each other as real ones do, for it
depends on that what may be passed over; questions are embedded by the model that ships. What grows
like n^x, n passages, has the exponent x: the slope of a line through the logarithms (least
squares), and that between the two largest sizes, where what does not grow weighs least.
"""

from collections.abc import Callable, Sequence
from functools import cache
from math import log
from pathlib import Path
from statistics import linear_regression
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from chat.reader import read_passages
from eval.baselines import OWN, SETS
from eval.bench.bulk_embedding import written_passages
from eval.bench.plan import Plan
from eval.bench.spread import spread, timed
from eval.bench.work import counted
from eval.formats import read_set
from eval.sizing import ChanceEmbedder, made_documents
from index.embedders.embedded import embedded_model
from index.embedders.embedder import Progress, Vectors, no_progress
from index.indexer import Indexer
from index.ranking_weights import WEIGHTS
from index.retriever import Query, Retriever

STAGES: Final = ("embed", "analyse", "dense", "lexical", "both", "read")
"""To embed the question; to do so, respell it and take its terms; to search by vectors, by words
and by both, fused; to read what was found. What the second and the last find is remembered."""

_QUESTIONS: Final = 24
"""At most so many are asked of each index."""

_REAL_PASSAGES: Final = 400
"""Passages between whose vectors others lie."""

_NOISE: Final = 0.2
"""Length of what is added to each by chance: 0.01 for each of 384 numbers."""

_REPEATS: Final = 3
"""Of each other stage the quickest of so many counts: some wake threads that sleep."""


class _MixedEmbedder(ChanceEmbedder):
    """Questions as they are; passages between two real ones (LOG, "searching fewer bytes")."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of the model that ships."""
        return embedded_model().embed_queries(texts)

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Return vectors of length 1: of one real passage, with up to half of another's."""
        real, count = _real_vectors(), len(texts)
        first, second = real[self._chance.integers(0, len(real), (2, count))]
        share = self._chance.uniform(0, 0.5, (count, 1)).astype(np.float32)
        mixed = (1 - share) * first + share * second + _NOISE * super().embed_queries(texts)
        vectors: Vectors = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        return vectors


@cache
def _real_vectors() -> Vectors:
    return embedded_model().embed_passages(written_passages(_REAL_PASSAGES))


def measure(plan: Plan, _home: Path) -> dict[str, Any]:
    """Return by size what each stage takes, and the exponents of all stages."""
    examples = read_set(SETS / f"{OWN[0]}.jsonl", strict=True).examples
    questions = [example.question for example in examples][: min(_QUESTIONS, 2 * plan.questions)]
    sizes = [_of_size(size, questions) for size in plan.sizes]
    counts = [size["passages"] for size in sizes]
    return {
        "sizes": sizes,
        "exponents": {
            stage: {
                "all": round(exponent(counts, took), 2),
                "last": round(exponent(counts[-2:], took[-2:]), 2),
            }
            for stage in STAGES
            for took in [[size["stages"][stage]["median"] for size in sizes]]
        },
    }


def exponent(counts: list[int], took: list[float]) -> float:
    """Return the x of n^x that fits best, in the logarithms.

    >>> exponent([10, 100, 1000], [3.0, 30.0, 300.0])
    1.0
    """
    slope, _ = linear_regression([log(n) for n in counts], [log(one) for one in took])
    return round(slope, 6)


def _of_size(passages: int, questions: list[str]) -> dict[str, Any]:
    """Make an index, and ask it; seconds are the processor's, for others may be at work too."""
    with TemporaryDirectory() as folder:
        indexer = Indexer(Path(folder), load=lambda _: _MixedEmbedder())
        indexer.put(made_documents(passages))
        retriever = indexer.open()
        _ask(questions[0], retriever)  # It opens files.
        asked = [_ask(question, retriever) for question in questions[1:]]
        with counted(retriever) as work:
            retriever.search(questions[1], WEIGHTS.passages_read)
        generation = retriever.generation
        vectors = len(generation.chunk_vectors) + len(generation.sentence_vectors)
        return {
            "passages": len(generation.chunks),
            "vectors": vectors,
            "flat_bytes": 4 * vectors * ChanceEmbedder.dimension,
            "vector_bytes": work.vector_bytes,
            "stages": {stage: spread([one[stage][1] for one in asked]) for stage in STAGES},
            "seconds": {stage: spread([one[stage][0] for one in asked]) for stage in STAGES},
        }


def _ask(question: str, retriever: Retriever) -> dict[str, tuple[float, float]]:
    """Return the seconds and processor seconds of each stage."""
    k = WEIGHTS.passages_read
    queries: list[Query] = []
    analysed = timed(lambda: queries.append(retriever.analyse(question)))
    hits = retriever.search(queries[0], k)
    read = timed(lambda: read_passages(queries[0], hits, retriever))
    stages: dict[str, Callable[[], object]] = {
        "embed": lambda: embedded_model().embed_queries([question]),
        "dense": lambda: retriever.search(queries[0], k, "dense"),
        "lexical": lambda: retriever.search(queries[0], k, "lexical"),
        "both": lambda: retriever.search(queries[0], k),
    }
    return {
        "analyse": analysed,
        "read": read,
        **{stage: min(timed(run) for _ in range(_REPEATS)) for stage, run in stages.items()},
    }
