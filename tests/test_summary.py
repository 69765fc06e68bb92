"""Tests of eval/summary.py: counts and means of records made by hand."""

import json
import random
from statistics import fmean

import numpy as np
import pytest

from eval.metrics import interval
from eval.metrics.abstention import (
    area_under_risk_coverage,
    auroc,
    confidence_and_loss,
    coverage_at_risk,
    risk_coverage,
)
from eval.metrics.correctness import is_right_outcome
from eval.metrics.registry import FAILURES, MEASURES
from eval.summary import figures, summarise


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Do not wait for a thousand resamples."""
    for function in (interval.mean, interval.statistic):
        monkeypatch.setitem(function.__kwdefaults__, "resamples", 50)


MILLISECONDS = {"milliseconds_p50", "milliseconds_p95"}


def record(right=1, confidence=0.9, *, answerable=True, abstained=False, **named):
    """Return a record; `right` None where nobody can tell."""
    told = {"answer_language": 1.0}
    if not answerable:
        told["hallucination"] = float(not abstained)
    elif right is not None:
        told |= {"right": float(right), "error": float(abstained)}
    made = {
        "direction": "kk->kk",
        "tags": ["kk->kk", "what"],
        "answerable": answerable,
        "answer": {"confidence": confidence, "abstained": abstained},
        "milliseconds": 10.0,
        "metrics": told,
        "would_be_right": None if right is None else bool(right) and answerable,
        "failures": [],
    }
    return made | named


def not_asked():
    answer = {"confidence": 0.0, "abstained": True}
    return record(
        metrics={}, answer=answer, milliseconds=None, would_be_right=None, failures=["not-asked"]
    )


def value(summary, name):
    return summary["figures"][name]["value"]


# --- figures --------------------------------------------------------------------------------------


def test_a_figure_is_a_mean_with_its_interval_and_how_many():
    rights = [1, 0, 1, 1]
    found = summarise([record(right) for right in rights])
    right = found["figures"]["right"]
    assert list(right) == ["value", "interval", "n"]
    assert (right["value"], right["n"]) == (fmean(rights), len(rights))
    low, high = right["interval"]
    assert 0 <= low < right["value"] < high <= 1
    assert found["n"] == len(rights)


def test_a_figure_counts_those_that_have_it():
    records = [record(metrics={"right": 1.0, "chrf": share}) for share in (0.25, 0.5)]
    records += [record(0), not_asked()]
    found = summarise(records)
    assert found["figures"]["chrf"]["n"] == 2
    assert value(found, "chrf") == fmean([0.25, 0.5])
    assert found["figures"]["right"]["n"] == 3
    assert value(found, "right") == pytest.approx(2 / 3, abs=1e-4)
    assert found["n"] == 4


def test_figures_are_in_the_order_of_the_registry_and_only_where_measured():
    names = list(summarise([record(), record(0, answerable=False)])["figures"])
    assert names == [name for name in MEASURES if name in names]
    assert "chrf" not in names
    assert "auroc" in names
    assert set(names) >= MILLISECONDS


def test_nothing_measured_is_no_figure():
    assert figures([]) == {}
    only = figures([not_asked()])
    assert only == {}
    found = summarise([])
    assert found == {"n": 0, "figures": {}, "directions": {}, "tags": {}, "failures": {}}


def test_a_summary_is_plain_data():
    found = summarise([record(), record(0, abstained=True), not_asked()])
    assert json.loads(json.dumps(found)) == found


def test_the_same_records_give_the_same_summary():
    draw = random.Random(7)
    records = [record(n % 3 > 0, confidence=draw.random()) for n in range(40)]
    assert summarise(records) == summarise(records)


def test_times_are_quantiles_of_what_was_asked():
    times = [5.0, 1.0, 2.0, 100.0]
    found = summarise([*(record(milliseconds=time) for time in times), not_asked()])
    for percent in (50, 95):
        figure = found["figures"][f"milliseconds_p{percent}"]
        assert figure["value"] == pytest.approx(float(np.quantile(times, percent / 100)))
        assert figure["n"] == len(times)


# --- abstention -----------------------------------------------------------------------------------

MIXED = [
    record(1, 0.9),
    record(0, 0.8),
    record(1, 0.7),
    record(1, 0.3, abstained=True, metrics={"right": 0.0, "error": 1.0}),
    record(0, 0.75, answerable=False),
    record(0, 0.2, answerable=False, abstained=True),
    record(None, 0.1),
    not_asked(),
]
OUTCOMES = [(0.9, 0), (0.8, 1), (0.7, 0), (0.3, 0), (0.75, 1), (0.2, 1)]
"""Confidence and loss of those of MIXED that can be judged."""


def test_confidence_is_held_against_what_can_be_answered():
    known, unknown = [0.9, 0.8, 0.7, 0.3, 0.1], [0.75, 0.2]
    assert value(summarise(MIXED), "auroc") == pytest.approx(auroc(known, unknown), abs=1e-4)


def test_risk_is_of_what_the_answer_would_be():
    curve = risk_coverage(*zip(*OUTCOMES, strict=True))
    known = [row for row in map(confidence_and_loss, MIXED) if row is not None]
    assert known == OUTCOMES
    found = summarise(MIXED)
    assert value(found, "aurc") == pytest.approx(area_under_risk_coverage(curve), abs=1e-4)
    assert value(found, "coverage@5%risk") == pytest.approx(coverage_at_risk(curve), abs=1e-4)
    assert value(found, "coverage@5%risk") == pytest.approx(1 / 6, abs=1e-4)
    assert value(found, "risk@50%coverage") == pytest.approx(2 / 3, abs=1e-4)  # 0.9, 0.8, 0.75
    gaps = [abs(confidence - (1 - loss)) for confidence, loss in OUTCOMES]
    assert value(found, "ece") == pytest.approx(fmean(gaps), abs=1e-4), "a bin each"


def test_right_less_wrong_counts_refusals():
    rights = 2 + 1  # a rightful refusal is right
    wrongs = 1 + 1
    judged = 6
    assert value(summarise(MIXED), "crag") == pytest.approx((rights - wrongs) / judged, abs=1e-4)
    assert summarise(MIXED)["figures"]["crag"]["n"] == judged


def test_rates_are_of_those_they_are_about():
    found = summarise(MIXED)
    assert value(found, "hallucination") == 1 / 2
    assert value(found, "error") == 1 / 4


@pytest.mark.parametrize("answerable", [True, False])
def test_with_one_kind_of_questions_confidence_tells_nothing_apart(answerable):
    found = summarise([record(answerable=answerable), record(0, 0.1, answerable=answerable)])
    assert "auroc" not in found["figures"]
    assert "auroc_near_miss" not in found["figures"]
    assert {"aurc", "risk@50%coverage", "ece"} <= set(found["figures"])


UNKNOWN = [
    ("answered_near_miss", 0.85, True),
    ("answered_near_miss", 0.3, False),
    ("answered_withheld", 0.45, False),
    ("answered_off_topic", 0.05, False),
]


def test_unanswerable_questions_are_summed_up_by_kind():
    known = [record(1, 0.1 * tenth) for tenth in range(1, 11)]
    unknown = [
        record(0, confidence, answerable=False, abstained=not answered)
        for _, confidence, answered in UNKNOWN
    ]
    for made, (name, _, answered) in zip(unknown, UNKNOWN, strict=True):
        made["metrics"][name] = float(answered)
    found = summarise([*known, *unknown, not_asked()])
    assert value(found, "answered_near_miss") == 1 / 2
    assert value(found, "answered_withheld") == value(found, "answered_off_topic") == 0
    # One of ten is refused at a threshold of 0.2.
    assert value(found, "answered_near_miss@10%refused") == 2 / 2
    assert value(found, "answered_withheld@10%refused") == 1 / 1
    assert value(found, "answered_off_topic@10%refused") == 0 / 1
    assert value(found, "hallucination@10%refused") == 3 / 4
    assert found["figures"]["answered_near_miss@10%refused"]["n"] == 2
    assert found["figures"]["hallucination@10%refused"]["n"] == len(UNKNOWN)
    near = [confidence for _, confidence, _ in UNKNOWN[:3]]
    expected = auroc([0.1 * tenth for tenth in range(1, 11)], near)
    assert value(found, "auroc_near_miss") == pytest.approx(expected, abs=1e-4)
    assert not [name for name in found["figures"] if "nonsense" in name]


# --- groups ---------------------------------------------------------------------------------------


def test_directions_are_summed_up_by_themselves():
    records = [
        record(1, direction="kk->en"),
        record(0, direction="kk->en"),
        record(1, direction="en->kk"),
        record(answerable=False, abstained=True, direction="kk->none"),
    ]
    found = summarise(records)["directions"]
    assert list(found) == ["en->kk", "kk->en", "kk->none"]
    assert (found["kk->en"]["right"]["value"], found["kk->en"]["right"]["n"]) == (1 / 2, 2)
    assert found["en->kk"] == figures(records[2:3])
    assert "right" not in found["kk->none"]


def test_tags_say_how_often_a_question_went_right():
    records = [
        record(1, tags=["kk->en", "when", "typo"]),
        record(0, tags=["kk->en", "when"]),
        record(answerable=False, abstained=True, tags=["unanswerable", "when"]),
        record(answerable=False, tags=["unanswerable", "variant-of:сұрақ-1"]),
        record(None, tags=["ұзын"]),
    ]
    found = summarise(records)["tags"]
    assert {name: (each["value"], each["n"]) for name, each in found.items()} == {
        "typo": (1, 1),
        "unanswerable": (1 / 2, 2),
        "when": (pytest.approx(2 / 3, abs=1e-4), 3),
        "ұзын": (None, 0),
    }
    assert list(found) == sorted(found)


def test_failures_are_counted_in_the_order_of_their_table():
    records = [
        record(failures=["refused", "not-found"]),
        record(failures=["wrong-language"]),
        record(failures=["refused"]),
        not_asked(),
        record(),
    ]
    found = summarise(records)["failures"]
    assert found == {"not-asked": 1, "refused": 2, "not-found": 1, "wrong-language": 1}
    assert list(found) == [name for name in FAILURES if name in found]


@pytest.mark.parametrize(
    ("made", "right"),
    [
        (record(1), True),
        (record(0), False),
        (record(None), None),
        (record(0, answerable=False), False),
        (record(answerable=False, abstained=True), True),
        (not_asked(), None),
    ],
)
def test_what_went_right(made, right):
    assert is_right_outcome(made) is right
