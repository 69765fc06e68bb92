"""Answering or abstaining, judged: does confidence tell what will be right from what will not?

In: confidences, losses, counts. Out: numbers from 0 to 1 and curves, or None where there is nothing
to judge. Knows nothing of how an answer is judged right.

Two rates need no function, as each is a mean of 0 and 1 over questions (interval.mean). NoMIRACL,
Thakur et al. 2023, arXiv:2312.11361: the hallucination rate is the share of unanswerable questions
that are answered, the error rate the share of answerable ones that are refused.
"""

from collections.abc import Sequence

import numpy as np

Curve = Sequence[tuple[float, float]]
"""Points (coverage, risk), each from 0 to 1, coverage rising."""


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Return the area under the ROC curve, 0 to 1; chance is 0.5.

    The probability that a positive has more confidence than a negative, ties half:
    AUROC = Σ over positives (negatives below + negatives equal / 2) / (|positives| · |negatives|),
    which is Mann and Whitney's U, scaled. Hanley & McNeil 1982,
    doi:10.1148/radiology.143.1.7063747. None if either has none. O(n log n).

    Args:
        positives: Confidence in each answerable question's answer.
        negatives: Confidence in each unanswerable question's answer.
    """
    if not positives or not negatives:
        return None
    ranked = np.sort(np.asarray(negatives, float))
    below = np.searchsorted(ranked, positives, side="left")
    not_above = np.searchsorted(ranked, positives, side="right")
    return float((below + not_above).mean() / 2 / len(negatives))


def risk_coverage(
    confidences: Sequence[float], losses: Sequence[float]
) -> list[tuple[float, float]]:
    """Return the risk-coverage curve: what goes wrong if only the surest questions are answered.

    One point for each threshold on the confidence, highest first: coverage = answered / all, risk =
    mean loss of the answered. Equal confidences enter together. El-Yaniv & Wiener 2010,
    https://jmlr.org/papers/v11/el-yaniv10a.html. No questions give no points.

    Args:
        confidences: One for each question.
        losses: What answering each costs, 0 (right) to 1 (wrong), in the same order.
    """
    assert len(confidences) == len(losses)
    order = np.argsort(-np.asarray(confidences, float), kind="stable")
    ranked, lost = np.asarray(confidences, float)[order], np.asarray(losses, float)[order]
    answered = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)[: len(ranked)]) + 1
    risks = lost.cumsum()[answered - 1] / answered
    return [(float(n) / len(losses), float(risk)) for n, risk in zip(answered, risks, strict=True)]


def coverage_at_risk(curve: Curve, risk: float = 0.05) -> float:
    """Return the largest coverage whose risk is at most so high, 0 to 1; 0.0 if there is none.

    Args:
        curve: As of risk_coverage; no points give 0.0.
        risk: The highest risk that is good enough, 0 to 1.
    """
    return max((coverage for coverage, point_risk in curve if point_risk <= risk), default=0.0)


def area_under_risk_coverage(curve: Curve) -> float | None:
    """Return AURC, 0 (best) to 1: the mean risk over all coverages.

    AURC = Σ (coverage(i) - coverage(i - 1)) · risk(i), coverage(0) = 0; without equal confidences
    this is the mean of the risks, Geifman et al. 2019, arXiv:1805.08206. None for no points.

    Args:
        curve: As of risk_coverage.
    """
    if not curve:
        return None
    coverages, risks = zip(*curve, strict=True)
    return float(np.diff(coverages, prepend=0.0) @ np.asarray(risks))


def crag_score(right: int, wrong: int, n: int) -> float | None:
    """Return (right - wrong) / n, -1 to 1: a wrong answer costs what a right one earns.

    Yang et al. 2024, arXiv:2406.04744, without their halves for acceptable answers. None if n is 0.

    Args:
        right: Questions answered rightly; a refusal of an unanswerable one is for the caller to
            count here or not.
        wrong: Questions answered wrongly.
        n: All questions, refused ones too.
    """
    assert 0 <= right <= right + wrong <= n
    return (right - wrong) / n if n else None
