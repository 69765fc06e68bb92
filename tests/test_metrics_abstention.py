"""Abstention: the rank formula against the definition, curves by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.abstention import (
    area_under_risk_coverage,
    auroc,
    coverage_at_risk,
    crag_score,
    risk_at_coverage,
    risk_coverage,
)

# Few values, so that there are ties.
CONFIDENCES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]) | st.floats(0, 1), max_size=30)


@given(CONFIDENCES, CONFIDENCES)
def test_auroc_is_the_share_of_pairs_in_order(positives, negatives):
    from sklearn.metrics import roc_auc_score

    pairs = [(p > n) + (p == n) / 2 for p, n in product(positives, negatives)]
    expected = sum(pairs) / len(pairs) if pairs else None
    assert auroc(positives, negatives) == (expected and pytest.approx(expected))
    if pairs:
        known = [True] * len(positives) + [False] * len(negatives)
        assert roc_auc_score(known, positives + negatives) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("positives", "negatives", "expected"),
    [
        ([0.9, 0.8], [0.1], 1),
        ([0.1], [0.9, 0.8], 0),
        ([0.5], [0.5], 1 / 2),
        ([0.9, 0.5], [0.5, 0.7], (1 + 1 + 1 / 2 + 0) / 4),
        ([], [0.5], None),
        ([0.5], [], None),
        ([], [], None),
    ],
)
def test_auroc(positives, negatives, expected):
    assert auroc(positives, negatives) == expected


@pytest.mark.parametrize(
    ("confidences", "losses", "expected"),
    [
        ([], [], []),
        ([0.3], [1], [(1, 1)]),
        ([0.1, 0.9, 0.5], [1, 0, 1], [(1 / 3, 0 / 1), (2 / 3, 1 / 2), (3 / 3, 2 / 3)]),
        ([0.5, 0.9, 0.5, 0.1], [1, 0, 0, 1], [(1 / 4, 0 / 1), (3 / 4, 1 / 3), (4 / 4, 2 / 4)]),
        ([0.5, 0.5], [0, 1], [(1, 1 / 2)]),
        ([0.2, 0.1], [0.5, 0.25], [(1 / 2, 0.5), (1, 0.75 / 2)]),
    ],
)
def test_risk_coverage(confidences, losses, expected):
    curve = risk_coverage(confidences, losses)
    assert curve.shape == (len(expected), 2)
    assert curve.tolist() == [pytest.approx(point) for point in expected]


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]) | st.floats(0, 1), st.floats(0, 1))))
def test_a_point_is_what_a_threshold_gives(questions):
    expected = []
    for threshold in sorted({confidence for confidence, _ in questions}, reverse=True):
        lost = [loss for confidence, loss in questions if confidence >= threshold]
        expected.append((len(lost) / len(questions), sum(lost) / len(lost)))
    curve = risk_coverage([one for one, _ in questions], [loss for _, loss in questions])
    assert curve.tolist() == [pytest.approx(point) for point in expected]


CURVE = np.array([(0.2, 0.0), (0.4, 0.06), (0.6, 0.05), (0.8, 0.1), (1.0, 0.3)])
NO_CURVE = risk_coverage([], [])


@pytest.mark.parametrize(
    ("risk", "coverage"), [(0.05, 0.6), (0.049, 0.2), (0.0, 0.2), (0.1, 0.8), (1.0, 1.0)]
)
def test_coverage_at_risk(risk, coverage):
    assert coverage_at_risk(CURVE, risk) == coverage


def test_coverage_at_risk_where_there_is_none():
    assert coverage_at_risk(CURVE) == 0.6
    assert coverage_at_risk(NO_CURVE) == coverage_at_risk(np.array([(1.0, 0.06)])) == 0


def test_one_wrong_in_twenty_is_a_risk_of_five_per_cent():
    curve = risk_coverage(np.linspace(1, 0, 20).tolist(), [0] * 19 + [1])
    assert coverage_at_risk(curve, 0.05) == 1


def test_the_area_is_the_mean_risk():
    losses = [0, 0, 1, 0, 1]
    curve = risk_coverage([0.9, 0.8, 0.7, 0.6, 0.5], losses)
    expected = (0 / 1 + 0 / 2 + 1 / 3 + 1 / 4 + 2 / 5) / 5
    assert area_under_risk_coverage(curve) == pytest.approx(expected)
    two = np.array([(0.5, 0.2), (1.0, 0.4)])
    assert area_under_risk_coverage(two) == 0.5 * 0.2 + 0.5 * 0.4
    assert area_under_risk_coverage(NO_CURVE) is None


@pytest.mark.parametrize(
    ("confidences", "losses", "risk"),
    [
        ([0.9, 0.8, 0.2, 0.1], [0, 1, 1, 1], 1 / 2),
        ([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0], 0 / 2),
        ([0.9, 0.5, 0.1], [0, 1, 1], (0 + 1 / 2) / 1.5),  # half of three: one and a half
        ([0.5] * 4, [0, 0, 0, 1], 1 / 4),  # any two of them
        ([0.9, 0.5, 0.5, 0.5], [0, 1, 1, 0], (0 + 2 / 3) / 2),  # one of the three that are equal
        ([0.3], [1], 1),
    ],
)
def test_risk_at_half_coverage_is_that_of_the_surest_half(confidences, losses, risk):
    curve = risk_coverage(confidences, losses)
    assert risk_at_coverage(curve, 0.5) == pytest.approx(risk)
    assert risk_at_coverage(curve, 1.0) == pytest.approx(sum(losses) / len(losses))


def test_of_no_questions_no_share_has_a_risk():
    assert risk_at_coverage(NO_CURVE) is None
    with pytest.raises(AssertionError):
        risk_at_coverage(CURVE, 0.0)


def test_an_oracle_is_as_sure_as_it_is_right():
    curve = risk_coverage([0.9, 0.8, 0.2, 0.1], [0, 0, 0, 0])
    assert coverage_at_risk(curve) == coverage_at_risk(curve, 0) == 1
    assert area_under_risk_coverage(curve) == 0
    assert auroc([0.9, 0.8], [0.2, 0.1]) == crag_score(4, 0, 4) == 1


@pytest.mark.parametrize(
    ("right", "wrong", "n", "expected"),
    [(6, 1, 10, (6 - 1) / 10), (0, 4, 4, -1), (0, 0, 5, 0), (2, 2, 9, 0), (0, 0, 0, None)],
)
def test_crag_score(right, wrong, n, expected):
    assert crag_score(right, wrong, n) == expected


@pytest.mark.parametrize("counts", [(3, 2, 4), (-1, 0, 4), (1, -1, 4)])
def test_counts_that_cannot_be_are_refused(counts):
    with pytest.raises(AssertionError):
        crag_score(*counts)


def test_each_confidence_has_its_loss():
    with pytest.raises(AssertionError):
        risk_coverage([0.1, 0.2], [0])
