"""Metrics: pure functions of rankings and judgements.

In: document ids as ranked, and what is relevant. Out: numbers from 0 to 1, and intervals. Knows
nothing of files.
"""

from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

import numpy as np


def ndcg(ranked: Sequence[str], relevant: Mapping[str, int], k: int = 10) -> float:
    """Return the normalised discounted cumulated gain of a ranking, 0 to 1.

    nDCG@k = DCG@k / ideal DCG@k, DCG@k = Σ gain(i) / log2(i + 1) over ranks i = 1..k, gains linear
    as in trec_eval. Järvelin & Kekäläinen 2002, doi:10.1145/582415.582418.

    Args:
        ranked: Document ids, best first, each once.
        relevant: Gain of each relevant document; at least one above 0.
        k: Depth.
    """
    found = _dcg([relevant.get(name, 0) for name in ranked[:k]])
    return found / _dcg(sorted(relevant.values(), reverse=True)[:k])


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def mean_with_interval(values: Sequence[float]) -> dict[str, Any]:
    """Return mean, 95 % bootstrap interval and n, as results hold them; n = 0 has no mean."""
    if not values:
        return {"mean": None, "interval": None, "n": 0}
    low, high = bootstrap_interval(values)
    return {
        "mean": round(sum(values) / len(values), 4),
        "interval": [round(low, 4), round(high, 4)],
        "n": len(values),
    }


def bootstrap_interval(
    values: Sequence[float], *, resamples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of a mean.

    Efron 1979, doi:10.1214/aos/1176344552.

    Args:
        values: One figure a question; at least one.
        resamples: How often to draw questions anew, with replacement.
        seed: Of the draws, so that a report is the same twice.
    """
    drawn = np.random.default_rng(seed).choice(np.asarray(values, float), (resamples, len(values)))
    low, high = np.quantile(drawn.mean(axis=1), [0.025, 0.975])
    return float(low), float(high)
