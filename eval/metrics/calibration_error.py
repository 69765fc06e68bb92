"""Calibration: is an answer with a confidence of 0.8 right 8 times in 10?"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.metrics.abstention import confidence_and_loss
from eval.metrics.case import Measure
from eval.metrics.interval import Statistic

MEASURES: Final = {
    "ece": Measure(
        "expected calibration error",
        "Abstention",
        "Mean distance between confidence and the share of right answers, in ten bins of equally"
        " many questions.",
        "lower",
    ),
}

BINS: Final = 10

Bins: TypeAlias = NDArray[np.float64]
"""Bins (size, mean confidence, share that is right), float64 (n, 3), confidence rising."""


def calibration_bins(confidences: ArrayLike, rights: ArrayLike, bins: int = BINS) -> Bins:
    """Return bins of equally many questions, the least sure first; sizes differ by one at most.

    Of equal confidences, which ones a bin gets would be chance: each counts as right as they are
    on average. No bin is empty, so there are no more than questions.

    Args:
        confidences: One for each question, 0 to 1.
        rights: Whether each answer is right, or would be, in the same order.
        bins: How many, at least 1.
    """
    known, right = np.asarray(confidences, float), np.asarray(rights, float)
    assert len(known) == len(right)
    values, place = np.unique(known, return_inverse=True)
    shares = np.bincount(place, right, len(values)) / np.bincount(place, minlength=len(values))
    order = np.sort(place)
    edges = np.unique(np.arange(bins + 1) * len(known) // bins)
    sums = np.stack([values[order], shares[order]])
    sizes = np.diff(edges)
    means = np.add.reduceat(sums, edges[:-1], axis=1) / sizes if len(sizes) else sums
    return np.vstack([sizes, means]).T


def expected_calibration_error(
    confidences: ArrayLike, rights: ArrayLike, bins: int = BINS
) -> float | None:
    """Return the expected calibration error, 0 (best) to 1.

    ECE = Σ over bins of size / n · |mean confidence - share that is right|. Guo et al. 2017,
    arXiv:1706.04599, equation 3, but in bins of equally many questions: bins of equal width
    (theirs) are nearly empty where confidence seldom is. It is never quite 0 by chance alone, the
    less so the fewer questions a bin has. None for no questions. Arguments as for
    calibration_bins.
    """
    sizes, confidence, right = calibration_bins(confidences, rights, bins).T
    return float(sizes @ abs(confidence - right) / sizes.sum()) if len(sizes) else None


STATISTICS: Final = {
    "ece": Statistic(
        confidence_and_loss, lambda rows: expected_calibration_error(rows[:, 0], 1 - rows[:, 1])
    ),
}
