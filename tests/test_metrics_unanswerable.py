"""Tests of eval/metrics/unanswerable.py: kinds, and the threshold where they are compared."""

import pytest
from fakes import answered, case, document
from hypothesis import given
from hypothesis import strategies as st

from eval.dataset import Example
from eval.formats import near_misses, off_topic
from eval.metrics.registry import MEASURES, STATISTICS
from eval.metrics.unanswerable import (
    KINDS,
    WITHHELD,
    answered_at_refusal,
    figures,
    kind_of,
)

QUESTION = "ҰЛЫ ДАЛАНЫҢ ӘНІ ҚАШАН ЖАЗЫЛДЫ?"
TENTHS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
CONFIDENCES = st.lists(st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1), max_size=40)


def asked(*tags, **named):
    return Example("1", QUESTION, "kk", tags=tags, answerable=False, **named)


def told(example, *, abstained):
    places = [] if abstained else [(document("Ұлы даланың әні."), (0, 16))]
    return figures(case(example, answered(*places)))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != WITHHELD])
@pytest.mark.parametrize("abstained", [True, False])
def test_a_tag_says_the_kind(kind, abstained):
    example = asked("unanswerable", kind)
    assert kind_of(example) == kind
    name = f"answered_{kind.replace('-', '_')}"
    assert told(example, abstained=abstained) == {name: 1 - abstained}
    assert {name, f"{name}@10%refused"} <= MEASURES.keys()
    assert f"{name}@10%refused" in STATISTICS


def test_what_is_withheld_is_a_kind_of_its_own():
    (near,) = near_misses((Example("1", QUESTION, "kk", relevant={"ән": 1}),))
    assert "near-miss" in near.tags
    assert told(near, abstained=False) == {"answered_withheld": 1}


def test_questions_of_another_set_are_off_topic():
    (other,) = off_topic([Example("1", QUESTION, "kk")])
    assert told(other, abstained=True) == {"answered_off_topic": 0}


def test_nothing_is_told_of_no_kind_nor_of_what_is_answerable():
    assert told(asked("unanswerable"), abstained=False) == {}
    assert told(Example("1", QUESTION, "kk", tags=("near-miss",)), abstained=False) == {}


@pytest.mark.parametrize(
    ("answerable", "unanswerable", "expected"),
    [
        (TENTHS, [0.2, 0.19, 0.95, 0.0], 2 / 4),  # one of ten is refused: the threshold is 0.2
        (TENTHS[:9], [0.1, 0.05], 1 / 2),  # of nine, none may be
        (TENTHS * 2, [0.1, 0.2], 1 / 2),  # two of twenty, both 0.1
        ([0.5] * 10, [0.5, 0.4], 1 / 2),  # equal ones are answered together
        ([0.0] + [0.9] * 9, [0.9, 0.8, 0.1], 1 / 3),
        (TENTHS, [], None),
        ([], [0.5], None),
    ],
)
def test_the_threshold_refuses_one_in_ten(answerable, unanswerable, expected):
    assert answered_at_refusal(answerable, unanswerable) == expected
    assert answered_at_refusal(answerable[::-1], unanswerable[::-1]) == expected


def test_another_share_may_be_refused():
    assert answered_at_refusal(TENTHS, TENTHS, refused_in=2) == 5 / 10
    with pytest.raises(AssertionError):
        answered_at_refusal(TENTHS, TENTHS, refused_in=1)


@given(CONFIDENCES.filter(bool), CONFIDENCES.filter(bool))
def test_no_higher_threshold_refuses_as_few(answerable, unanswerable):
    allowed = [
        threshold
        for threshold in answerable
        if 10 * sum(one < threshold for one in answerable) <= len(answerable)
    ]
    expected = sum(one >= max(allowed) for one in unanswerable) / len(unanswerable)
    assert answered_at_refusal(answerable, unanswerable) == pytest.approx(expected)


@given(CONFIDENCES.filter(bool))
def test_against_themselves_at_least_nine_in_ten_are_answered(confidences):
    assert answered_at_refusal(confidences, confidences) >= 9 / 10 - 1e-12
