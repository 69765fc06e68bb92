"""Unanswerable questions, judged by their kind: how often is each answered all the same?

Two systems that refuse differently often cannot be held against each other by how much they
answer. So each rate is also given at the threshold that refuses one in ten answerable questions of
the same run: a point of the ROC curve, as "FPR at 95 % TPR" is (Liang et al. 2018,
arXiv:1706.02690), at 90 %.

The kinds are tags of the questions (eval/sets/README.md), but for those that ask again what the
set answers, with what answers it taken out of the index.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from eval.dataset import Example
from eval.metrics.abstention import auroc_of_rows
from eval.metrics.case import Case, Figures, Measure, Record
from eval.metrics.interval import Rows, Statistic

WITHHELD: Final = "withheld"

KINDS: Final = {
    "near-miss": "Near misses: a fact of the documents' topics that they do not state.",
    WITHHELD: "Near misses by removal: what answers is taken out of the index.",
    "false-premise": "Questions that suppose what is not so.",
    "underspecified": "Questions that do not say what they are about.",
    "off-topic": "Questions about other things.",
    "nonsense": "Questions without a meaning.",
}
"""What each kind of unanswerable question is, nearest to the documents first."""

REFUSED_IN: Final = 10
"""One in so many answerable questions is refused at the threshold where kinds are compared."""

_GROUP: Final = "Unanswerable questions"
_AT: Final = "@10%refused"
_NEAR: Final = ("near-miss", WITHHELD)


def name_of(kind: str) -> str:
    """Return the name of the figure that says how often a kind is answered."""
    return f"answered_{kind.replace('-', '_')}"


def name_at_refusal(kind: str) -> str:
    """Return the name of the same figure at the threshold where kinds are compared."""
    return f"{name_of(kind)}{_AT}"


def _label(kind: str) -> str:
    return "near misses by removal" if kind == WITHHELD else kind.replace("-", " ")


MEASURES: Final = {
    **{
        name_of(kind): Measure(f"answered: {_label(kind)}", _GROUP, meaning, "lower")
        for kind, meaning in KINDS.items()
    },
    f"hallucination{_AT}": Measure(
        "at 10 % refused: all",
        _GROUP,
        "Unanswerable questions that would be answered at the threshold that refuses one in ten"
        " answerable ones.",
        "lower",
    ),
    **{
        name_at_refusal(kind): Measure(
            f"at 10 % refused: {_label(kind)}", _GROUP, f"The same. {meaning}", "lower"
        )
        for kind, meaning in KINDS.items()
    },
    "auroc_near_miss": Measure(
        "AUROC, near misses",
        _GROUP,
        "How often an answerable question has more confidence than a near miss of either sort.",
    ),
}


def kind_of(example: Example) -> str | None:
    """Return of which of KINDS an unanswerable question is; None if nothing tells."""
    if example.withheld:
        return WITHHELD
    return next((kind for kind in KINDS if kind in example.tags), None)


def figures(case: Case) -> Figures:
    """Return whether an unanswerable question of a known kind is answered."""
    kind = None if case.example.answerable else kind_of(case.example)
    return {} if kind is None else {name_of(kind): float(not case.answer.abstained)}


def answered_at_refusal(
    answerable: ArrayLike, unanswerable: ArrayLike, refused_in: int = REFUSED_IN
) -> float | None:
    """Return the share of unanswerable questions that a comparable threshold lets through, 0 to 1.

    The threshold is the highest confidence below which at most one in `refused_in` answerable
    questions lies; an unanswerable one is answered if its confidence is not below it. None if
    there is none of either.

    Args:
        answerable: Confidence in each answerable question's answer.
        unanswerable: Confidence in each unanswerable question's answer.
        refused_in: Of how many answerable questions one may be refused, above 1.
    """
    assert refused_in > 1
    kept, others = np.sort(np.asarray(answerable, float)), np.asarray(unanswerable, float)
    if not len(kept) or not len(others):
        return None
    threshold = kept[len(kept) // refused_in]
    return float((others >= threshold).mean())


def _answered_of_rows(rows: Rows) -> float | None:
    is_answerable = rows[:, 1] > 0
    return answered_at_refusal(rows[is_answerable, 0], rows[~is_answerable, 0])


def _count_unanswerable(rows: Rows) -> int:
    return int((rows[:, 1] == 0).sum())


def _against(*names: str) -> Callable[[Record], tuple[float, float] | None]:
    """Return what makes rows (confidence, answerable) of answerable questions and some others.

    Args:
        *names: Figures of which the others have one.
    """

    def row(record: Record) -> tuple[float, float] | None:
        told = record["metrics"]
        if not told or not (record["answerable"] or any(name in told for name in names)):
            return None
        return record["answer"]["confidence"], float(record["answerable"])

    return row


STATISTICS: Final = {
    f"hallucination{_AT}": Statistic(
        _against("hallucination"), _answered_of_rows, _count_unanswerable
    ),
    **{
        name_at_refusal(kind): Statistic(
            _against(name_of(kind)), _answered_of_rows, _count_unanswerable
        )
        for kind in KINDS
    },
    "auroc_near_miss": Statistic(_against(*map(name_of, _NEAR)), auroc_of_rows),
}
