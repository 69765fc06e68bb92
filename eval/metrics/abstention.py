"""Answering or abstaining, judged: does confidence tell what will be right from what will not?

NoMIRACL, Thakur et al. 2023, arXiv:2312.11361: the hallucination rate is the share of unanswerable
questions that are answered, the error rate the share of answerable ones that are refused.
"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.metrics.case import Case, Figures, Measure, Record
from eval.metrics.correctness import is_right_outcome
from eval.metrics.interval import Rows, Statistic

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
    "risk@50%coverage": Measure(
        "risk at half coverage",
        "Abstention",
        "Share of wrong answers among the surest half of the questions.",
        "lower",
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
_COVERAGE: Final = 0.5

Curve: TypeAlias = NDArray[np.float64]
"""Points (coverage, risk), float64 (n, 2), each from 0 to 1, coverage rising."""


def figures(case: Case) -> Figures:
    """Return whether an answer is where none should be, or none where one should be."""
    if case.example.answerable:
        return {"error": float(case.answer.abstained)}
    return {"hallucination": float(not case.answer.abstained)}


def confidence_and_loss(record: Record) -> tuple[float, float] | None:
    """Return the confidence of an answer, forced if need be, and its loss: 1.0 if it is wrong.

    None where nothing tells.
    """
    right = record.get("would_be_right")
    return None if right is None else (record["answer"]["confidence"], float(not right))


def _confidence_and_answerable(record: Record) -> tuple[float, float] | None:
    """Return the confidence of an answer, and 1.0 if its question is answerable, else 0.0."""
    if not record["metrics"]:  # It could not be asked.
        return None
    return record["answer"]["confidence"], float(record["answerable"])


def _right_and_abstained(record: Record) -> tuple[float, float] | None:
    right = is_right_outcome(record) if record["metrics"] else None
    return None if right is None else (float(right), float(record["answer"]["abstained"]))


def auroc_of_rows(rows: Rows) -> float | None:
    """Return the AUROC of rows (confidence, whether it is a positive); None as for auroc."""
    positive = rows[:, 1] > 0
    return auroc(rows[positive, 0], rows[~positive, 0])


def _crag_of_rows(rows: Rows) -> float | None:
    right, abstained = rows.T
    wrong = int(((right == 0) & (abstained == 0)).sum())
    return crag_score(int(right.sum()), wrong, len(rows))


STATISTICS: Final = {
    "auroc": Statistic(_confidence_and_answerable, auroc_of_rows),
    "coverage@5%risk": Statistic(
        confidence_and_loss, lambda rows: coverage_at_risk(risk_coverage(*rows.T), _ALLOWED_RISK)
    ),
    "risk@50%coverage": Statistic(
        confidence_and_loss, lambda rows: risk_at_coverage(risk_coverage(*rows.T), _COVERAGE)
    ),
    "aurc": Statistic(
        confidence_and_loss, lambda rows: area_under_risk_coverage(risk_coverage(*rows.T))
    ),
    "crag": Statistic(_right_and_abstained, _crag_of_rows),
}


def auroc(positives: ArrayLike, negatives: ArrayLike) -> float | None:
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
    wanted, ranked = np.asarray(positives, float), np.sort(np.asarray(negatives, float))
    if not len(wanted) or not len(ranked):
        return None
    below = np.searchsorted(ranked, wanted, side="left")
    not_above = np.searchsorted(ranked, wanted, side="right")
    return float((below + not_above).mean() / 2 / len(ranked))


def risk_coverage(confidences: ArrayLike, losses: ArrayLike) -> Curve:
    """Return the risk-coverage curve: what goes wrong if only the surest questions are answered.

    One point for each threshold on the confidence, highest first: coverage = answered / all, risk =
    mean loss of the answered. Equal confidences enter together. El-Yaniv & Wiener 2010,
    https://jmlr.org/papers/v11/el-yaniv10a.html. No questions give no points.

    Args:
        confidences: One for each question.
        losses: What answering each costs, 0 (right) to 1 (wrong), in the same order.
    """
    known, lost = np.asarray(confidences, float), np.asarray(losses, float)
    assert len(known) == len(lost)
    order = np.argsort(-known, kind="stable")
    ranked = known[order]
    answered = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)[: len(ranked)]) + 1
    risks = lost[order].cumsum()[answered - 1] / answered
    return np.stack([answered / max(1, len(lost)), risks], axis=1)


def coverage_at_risk(curve: Curve, risk: float = 0.05) -> float:
    """Return the largest coverage whose risk is at most so high, 0 to 1; 0.0 if there is none.

    Args:
        curve: As of risk_coverage; no points give 0.0.
        risk: The highest risk that is good enough, 0 to 1.
    """
    return float(curve[curve[:, 1] <= risk, 0].max(initial=0.0))


def risk_at_coverage(curve: Curve, coverage: float = 0.5) -> float | None:
    """Return the risk of answering just the surest share of the questions, 0 to 1.

    Where that share ends among equal confidences, some of them are drawn at random: what is lost
    grows evenly from point to point. None for no points.

    Args:
        curve: As of risk_coverage.
        coverage: The share of questions that are answered, above 0, up to 1.
    """
    assert 0 < coverage <= 1
    if not len(curve):
        return None
    coverages, risks = curve.T
    lost = np.interp(coverage, np.append(0, coverages), np.append(0, coverages * risks))
    return float(lost / coverage)


def area_under_risk_coverage(curve: Curve) -> float | None:
    """Return AURC, 0 (best) to 1: the mean risk over all coverages.

    AURC = Σ (coverage(i) - coverage(i - 1)) · risk(i), coverage(0) = 0; without equal confidences
    this is the mean of the risks, Geifman et al. 2019, arXiv:1805.08206. None for no points.

    Args:
        curve: As of risk_coverage.
    """
    if not len(curve):
        return None
    coverages, risks = curve.T
    return float(np.diff(coverages, prepend=0.0) @ risks)


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
