"""Answering or abstaining, judged: does confidence tell what will be right from what will not?

NoMIRACL, Thakur et al. 2023, arXiv:2312.11361: the hallucination rate is the share of unanswerable
questions that are answered, the error rate the share of answerable ones that are refused.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from eval.metrics.case import Case, Figures, Measure, Record
from eval.metrics.correctness import is_right_outcome
from eval.metrics.interval import Figure, statistic

MEASURES: Final = {
    "hallucination": Measure(
        "hallucination rate", "Abstention", "Unanswerable questions that are answered.", "lower"
    ),
    "error": Measure("error rate", "Abstention", "Answerable questions that are refused.", "lower"),
    "auroc": Measure(
        "AUROC of confidence",
        "Abstention",
        "How often an answerable question has more confidence than an unanswerable one.",
    ),
    "coverage@5%risk": Measure(
        "coverage at 5 % risk",
        "Abstention",
        "Share of questions that could be answered if at most 1 in 20 answers may be wrong.",
    ),
    "aurc": Measure(
        "area under risk-coverage",
        "Abstention",
        "Mean share of wrong answers over all thresholds.",
        "lower",
    ),
    "crag": Measure(
        "right less wrong",
        "Abstention",
        "(right - wrong) / all; a rightful refusal is right, a wrongful one is neither.",
    ),
}

_ALLOWED_RISK: Final = 0.05

Curve = Sequence[tuple[float, float]]
"""Points (coverage, risk), each from 0 to 1, coverage rising."""


def figures(case: Case) -> Figures:
    """Return whether an answer is where none should be, or none where one should be."""
    if case.example.answerable:
        return {"error": float(case.answer.abstained)}
    return {"hallucination": float(not case.answer.abstained)}


def aggregate(records: Sequence[Record]) -> dict[str, Figure]:
    """Return what confidence tells of all questions that could be asked."""
    asked = [record for record in records if record["metrics"]]
    confidences = [(record["answer"]["confidence"], record["answerable"]) for record in asked]
    outcomes = [
        (right, record["answer"]["abstained"])
        for record in asked
        if (right := is_right_outcome(record)) is not None
    ]
    aggregated = {
        "auroc": statistic(confidences, _auroc_of_rows),
        "crag": statistic(outcomes, _crag_of_rows),
    }
    if any(not record["answerable"] for record in asked):
        losses = confidence_and_loss(asked)
        aggregated["coverage@5%risk"] = statistic(losses, _coverage_of_rows)
        aggregated["aurc"] = statistic(losses, _area_of_rows)
    return aggregated


def confidence_and_loss(records: Iterable[Record]) -> list[tuple[float, float]]:
    """Return confidence and loss of each question whose answer can be judged, forced if need be."""
    return [
        (record["answer"]["confidence"], float(not record["would_be_right"]))
        for record in records
        if record["would_be_right"] is not None
    ]


def _auroc_of_rows(rows: Sequence[tuple[float, bool]]) -> float | None:
    answerable = [confidence for confidence, is_answerable in rows if is_answerable]
    return auroc(
        answerable, [confidence for confidence, is_answerable in rows if not is_answerable]
    )


def _crag_of_rows(rows: Sequence[tuple[bool, bool]]) -> float | None:
    right = sum(right for right, _ in rows)
    wrong = sum(not right and not abstained for right, abstained in rows)
    return crag_score(right, wrong, len(rows))


def _curve_of_rows(rows: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    confidences, losses = zip(*rows, strict=True)
    return risk_coverage(confidences, losses)


def _coverage_of_rows(rows: Sequence[tuple[float, float]]) -> float:
    return coverage_at_risk(_curve_of_rows(rows), _ALLOWED_RISK)


def _area_of_rows(rows: Sequence[tuple[float, float]]) -> float | None:
    return area_under_risk_coverage(_curve_of_rows(rows))


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Return the area under the ROC curve, 0 to 1; chance is 0.5.

    The probability that a positive has more confidence than a negative, ties half:
    AUROC = Σ over positives (negatives below + negatives equal / 2) / (|positives| · |negatives|),
    which is Mann and Whitney's U, scaled. Hanley & McNeil 1982,
    doi:10.1148/radiology.143.1.7063747. None if either has none. O(n log n). It is what
    sklearn.metrics.roc_auc_score gives, 40 times as fast, and a bootstrap asks a thousand times.

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
