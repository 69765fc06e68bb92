"""All metrics, in the order of reports; one answer measured by all of them, and what went wrong.

Formulas and sources are in the docstrings of the metrics' own modules.
"""

from collections.abc import Mapping
from typing import Final, Protocol, runtime_checkable

from eval.metrics import (
    abstention,
    calibration_error,
    citations,
    cited_sentences,
    correctness,
    faithfulness,
    latency,
    necessity,
    parts,
    ranking,
    short_answer,
    unanswerable,
    wording,
)
from eval.metrics.case import Case, Figures, Measure
from eval.metrics.interval import Statistic


@runtime_checkable
class AnswerMetric(Protocol):
    """A module that measures one answer."""

    @property
    def MEASURES(self) -> Mapping[str, Measure]:
        """Describe its figures."""

    def figures(self, case: Case, /) -> Figures:
        """Return the figures of one answer, as far as they can be told."""


@runtime_checkable
class RunMetric(Protocol):
    """A module that measures all questions of a run together."""

    @property
    def MEASURES(self) -> Mapping[str, Measure]:
        """Describe its figures."""

    @property
    def STATISTICS(self) -> Mapping[str, Statistic]:
        """Say how figures come of all questions, by name."""


METRICS: Final[tuple[AnswerMetric | RunMetric, ...]] = (
    correctness,
    cited_sentences,
    parts,
    short_answer,
    citations,
    faithfulness,
    necessity,
    abstention,
    calibration_error,
    unanswerable,
    ranking,
    wording,
    latency,
)
"""Modules of metrics: a new one is named here, and its figures are in every report."""

MEASURES: Final[Mapping[str, Measure]] = {
    name: measure for metric in METRICS for name, measure in metric.MEASURES.items()
}
"""What each figure is called, means and is better for, in the order of reports."""

STATISTICS: Final[Mapping[str, Statistic]] = {
    name: statistic
    for metric in METRICS
    if isinstance(metric, RunMetric)
    for name, statistic in metric.STATISTICS.items()
}
"""How each figure comes of all questions of a run that is no mean of theirs."""

HEADLINE: Final = (
    "right",
    "right_sentence@1",
    "answer_in_citation@all",
    "error",
    "hallucination",
    "recall@10",
    "mrr@10",
    "ndcg@10",
)
"""What a table by direction shows, where it was measured."""


def format_value(value: float | None, unit: str = "") -> str:
    """Write a value for people.

    >>> format_value(0.5), format_value(12.34, "ms"), format_value(None)
    ('0.500', '12 ms', '–')
    """
    if value is None:
        return "–"
    return f"{value:.0f} {unit}" if unit else f"{value:.3f}"


FAILURES: Final = {
    "not-asked": "The question could not be asked",
    "answered-unanswerable": "Answered, though the documents do not say",
    "refused": "Refused, though the documents say",
    "not-found": "What answers is not among the first ten",
    "not-cited": "Found, but not cited",
    "part-missing": "Only a part of what is needed is cited",
    "short-answer-missing": "The short answer is not in what is cited",
    "bad-citation": "A citation is not what its document says",
    "wrong-language": "Answered in another language",
}
"""What can go wrong with an answer, in the order in which a report tells it."""


def measure(case: Case) -> Figures:
    """Return the figures of one answer by all metrics; what cannot be told of it is left out."""
    return {
        name: value
        for metric in METRICS
        if isinstance(metric, AnswerMetric)
        for name, value in metric.figures(case).items()
    }


def failures(case: Case, figures: Figures) -> list[str]:
    """Name what went wrong, worst first; nothing if all is well."""
    example = case.example
    answered = not case.answer.abstained
    wrong = example.answerable and figures.get("right") == 0
    retrieved = figures.get("recall@10", 1) > 0
    not_cited = wrong and retrieved and answered and bool(example.gold or example.relevant)
    partly_cited = example.need == "all" and figures.get("evidence_recall", 0) > 0
    happened = {
        "answered-unanswerable": not example.answerable and answered,
        "refused": example.answerable and not answered,
        "not-found": wrong and not retrieved,
        "not-cited": not_cited and not partly_cited,
        "part-missing": not_cited and partly_cited,
        "short-answer-missing": not not_cited
        and answered
        and figures.get("answer_in_citation@all") == 0,
        "bad-citation": figures.get("citation_validity", 1) < 1,
        "wrong-language": figures["answer_language"] == 0,
    }
    return [name for name in FAILURES if happened.get(name)]
