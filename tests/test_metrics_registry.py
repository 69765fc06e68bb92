"""Tests of eval/metrics/registry.py: every metric has its place in reports, and none another's."""

from itertools import groupby

from eval.metrics.registry import HEADLINE, MEASURES, METRICS, AnswerMetric, RunMetric
from eval.report.html import _CARDS
from eval.tables import _SHORT_LABELS


def test_no_figure_is_described_twice():
    names = [name for metric in METRICS for name in metric.MEASURES]
    assert len(names) == len(set(names)) == len(MEASURES) > 30


def test_a_module_of_metrics_measures_answers_or_runs():
    for metric in METRICS:
        assert isinstance(metric, AnswerMetric | RunMetric), metric
        assert metric.MEASURES


def test_the_figures_of_a_group_stand_together():
    groups = [group for group, _ in groupby(measure.group for measure in MEASURES.values())]
    assert len(groups) == len(set(groups))


def test_what_is_shown_first_is_measured():
    assert set(HEADLINE) <= MEASURES.keys()
    assert set(_CARDS) <= MEASURES.keys()
    assert set(_SHORT_LABELS) == set(HEADLINE)
