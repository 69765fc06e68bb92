"""Calibration: the error by hand, bins of equally many, and ties that no order decides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.calibration_error import BINS, calibration_bins, expected_calibration_error

# Few values, so that there are ties.
QUESTIONS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1), st.booleans()), max_size=40
)


def sides(questions):
    return [confidence for confidence, _ in questions], [right for _, right in questions]


@pytest.mark.parametrize(
    ("confidences", "rights", "bins", "expected"),
    [
        ([0.8, 0.6], [True, False], 1, abs(0.7 - 1 / 2)),
        ([0.8, 0.6], [True, False], 2, (abs(0.8 - 1) + abs(0.6 - 0)) / 2),
        ([0.9, 0.1, 0.7, 0.3], [1, 0, 0, 1], 2, (abs(0.2 - 1 / 2) + abs(0.8 - 1 / 2)) / 2),
        # 3 questions in 2 bins: 0.1 | 0.5 0.6
        ([0.5, 0.1, 0.6], [1, 0, 0], 2, 1 / 3 * abs(0.1 - 0) + 2 / 3 * abs(0.55 - 1 / 2)),
        # Equal ones count as right as they are on average, whichever bin they are in.
        ([0.5, 0.5, 0.5, 0.5], [1, 1, 1, 0], 2, abs(0.5 - 3 / 4)),
        ([1.0, 1.0, 0.0], [1, 1, 0], BINS, 0),
        ([0.9], [False], BINS, 0.9),
    ],
)
def test_the_error_by_hand(confidences, rights, bins, expected):
    assert expected_calibration_error(confidences, rights, bins) == pytest.approx(expected)


def test_nothing_known_has_no_error():
    assert expected_calibration_error([], []) is None
    assert calibration_bins([], []).shape == (0, 3)
    with pytest.raises(AssertionError):
        expected_calibration_error([0.5], [])


def test_with_equal_confidences_in_no_two_bins_it_is_guos_sum():
    random = np.random.default_rng(3)
    confidences = np.sort(random.random(200))
    rights = random.random(200) < confidences**2
    expected = sum(
        len(part) / 200 * abs(confidences[part].mean() - rights[part].mean())
        for part in np.array_split(np.arange(200), BINS)
    )
    assert expected_calibration_error(confidences, rights) == pytest.approx(expected)


@given(QUESTIONS, st.integers(1, 12))
def test_bins_hold_all_questions_and_equally_many(questions, bins):
    sizes, confidence, right = calibration_bins(*sides(questions), bins).T
    assert len(sizes) == min(bins, len(questions))
    assert sizes.sum() == len(questions)
    if questions:
        assert sizes.max() - sizes.min() <= 1
        assert (np.diff(confidence) >= -1e-12).all()
        assert sizes @ confidence == pytest.approx(sum(sides(questions)[0]))
        assert sizes @ right == pytest.approx(sum(sides(questions)[1]))


@given(QUESTIONS, st.randoms())
def test_the_order_of_questions_changes_nothing(questions, random):
    error = expected_calibration_error(*sides(questions))
    shuffled = random.sample(questions, len(questions))
    assert expected_calibration_error(*sides(shuffled)) == (error and pytest.approx(error))
    assert error is None or 0 <= error <= 1
