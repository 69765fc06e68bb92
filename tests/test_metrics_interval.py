"""Intervals and tests: the same twice, as wide as they should be, honest where nothing differs."""

import tracemalloc
from fractions import Fraction
from itertools import product
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from eval.metrics import interval
from eval.metrics.abstention import auroc
from eval.metrics.interval import (
    Figure,
    Statistic,
    holm,
    mean,
    paired_bootstrap,
    paired_statistic,
    randomisation,
    statistic,
    swapping,
)


def test_a_figure_as_results_hold_it():
    figure = Figure(2 / 3, 0.12344, 1.0, 7)
    assert figure.data() == {"value": 0.6667, "interval": [0.1234, 1.0], "n": 7}
    assert Figure(0.5, None, None, 1).data() == {"value": 0.5, "interval": None, "n": 1}
    assert Figure(None, None, None, 0).data() == {"value": None, "interval": None, "n": 0}
    assert str(Figure(-0.00001, -0.00001, 0.0, 1).data()["value"]) == "0.0"


@given(st.lists(st.floats(0, 1), min_size=2, max_size=50))
def test_a_mean_is_what_scipy_gives(values):
    drawn = bootstrap(
        (values,), np.mean, n_resamples=1000, method="percentile", rng=np.random.default_rng(0)
    )
    figure = mean(values)
    assert (figure.low, figure.high) == pytest.approx(tuple(drawn.confidence_interval))


def test_a_mean_holds_its_interval_and_is_the_same_twice():
    values = [0.0, 1.0, 1.0, 1.0] * 20
    figure = mean(values)
    assert 0 < figure.low < figure.value == 0.75 < figure.high < 1
    assert figure == mean(values)
    assert mean([0.5] * 9) == Figure(0.5, 0.5, 0.5, 9)
    assert mean([1.0]) == Figure(1.0, 1.0, 1.0, 1)
    assert mean([]) == Figure(None, None, None, 0)


def test_the_interval_is_that_of_the_means_of_draws():
    values = np.random.default_rng(3).random(50)
    places = np.random.default_rng(0).integers(0, 50, (1000, 50))
    low, high = np.quantile(values[places].mean(axis=1), [0.025, 0.975])
    figure = mean(values.tolist())
    assert figure == Figure(pytest.approx(values.mean()), float(low), float(high), 50)
    assert figure.low != mean(values.tolist(), seed=1).low
    standard_error = values.std() / np.sqrt(50)
    assert figure.high - figure.low == pytest.approx(2 * 1.96 * standard_error, rel=0.1)


def test_95_of_100_intervals_hold_the_truth():
    random = np.random.default_rng(5)
    figures = [mean(random.random(60).tolist()) for _ in range(400)]
    held = sum(figure.low <= 1 / 2 <= figure.high for figure in figures) / 400
    assert 0.91 <= held <= 0.98


def test_a_statistic_draws_as_the_mean_does():
    values = np.random.default_rng(3).random(50).tolist()
    assert statistic(values, lambda rows: sum(rows) / len(rows)) == Figure(
        *(pytest.approx(end) for end in (mean(values).value, mean(values).low, mean(values).high)),
        50,
    )
    figure = statistic([1.0, 2.0, 3.0, 4.0, 50.0] * 9, median)
    assert 1 < figure.low <= figure.value == 3 <= figure.high < 50


def test_a_statistic_of_pairs_leaves_out_draws_without_a_value():
    def area(rows):
        return auroc(
            [one for one, known in rows if known], [one for one, known in rows if not known]
        )

    rows = [(0.9, True), (0.8, True), (0.1, False), (0.85, False)]
    figure = statistic(rows, area)
    assert figure.value == 3 / 4
    assert 0 <= figure.low < figure.value < figure.high == 1
    assert statistic(rows[:2], area) == Figure(None, None, None, 2)
    # Of one row, answerable half of the time: no draw has both kinds.
    calls = iter([0.5] + [None] * 1000)
    assert statistic([1], lambda _: next(calls)) == Figure(0.5, None, None, 1)
    assert next(calls, "all drawn") == "all drawn"
    assert statistic([0.0, 1.0], max) == Figure(1.0, 0.0, 1.0, 2)  # 0 is a value
    assert statistic([], area) == Figure(None, None, None, 0)


def test_a_difference_is_of_pairs():
    random = np.random.default_rng(7)
    a = random.random(40)
    figure = paired_bootstrap(a.tolist(), (a + 0.1).tolist())
    assert figure.data() == {"value": 0.1, "interval": [0.1, 0.1], "n": 40}
    assert paired_bootstrap([1.0], [0.0]).value == -1
    assert paired_bootstrap([], []) == Figure(None, None, None, 0)
    with pytest.raises(ValueError, match="zip"):
        paired_bootstrap([1.0], [])


def test_the_difference_of_a_statistic_is_of_pairs():
    random = np.random.default_rng(7)
    a, b = random.random((2, 40))
    assert paired_statistic(a, b, np.mean) == Figure(
        *(pytest.approx(end) for end in _ends(paired_bootstrap(a.tolist(), b.tolist()))), 40
    )
    shifted = paired_statistic(a, a + 0.25, median)
    assert shifted.data() == {"value": 0.25, "interval": [0.25, 0.25], "n": 40}
    assert paired_statistic([], [], median) == Figure(None, None, None, 0)
    assert paired_statistic(a, b, lambda _: None) == Figure(None, None, None, 40)
    with pytest.raises(AssertionError):
        paired_statistic(a, b[1:], median)


def _ends(figure):
    return figure.value, figure.low, figure.high


def test_swapping_is_randomisation_for_the_mean():
    random = np.random.default_rng(9)
    a = random.random(30)
    for b in (a, a + 0.5, a + random.normal(0.05, 0.2, 30)):
        assert swapping(a, b, np.mean) == pytest.approx(randomisation([*a], [*b]), abs=0.03)
    assert swapping(a, a + 0.5, np.mean) == 1 / (1 + 2000)
    assert swapping(a, a, np.mean) == swapping([], [], np.mean) == 1
    assert swapping(a, a + 1, lambda _: None) == 1


def test_swapping_finds_a_difference_that_no_question_has_by_itself():
    random = np.random.default_rng(2)
    known = np.repeat([1.0, 0.0], 40)
    chance, again, sure = random.random(80), random.random(80), known + random.random(80) / 2
    rows = [np.stack([confidence, known], axis=1) for confidence in (chance, again, sure)]

    def area(of):
        return auroc(of[of[:, 1] > 0, 0], of[of[:, 1] == 0, 0])

    assert swapping(rows[0], rows[2], area) < 0.01
    assert swapping(rows[0], rows[1], area) > 0.05
    assert paired_statistic(rows[0], rows[2], area).value == 1 - area(rows[0])


def test_a_statistic_knows_which_questions_count():
    of_even = Statistic(lambda record: None if record["n"] % 2 else (record["n"],), np.mean)
    records = [{"n": n} for n in range(6)]
    assert of_even.rows(records) == [(0,), (2,), (4,)]
    assert of_even.figure(records) == statistic([0, 2, 4], np.mean)
    assert of_even.figure(records[1:2]) == Figure(None, None, None, 0)
    above = Statistic(of_even.row, np.mean, lambda rows: int((rows > 0).sum()))
    assert above.figure(records).n == 2


@pytest.mark.parametrize("size", [1, 7, 333])
def test_batches_change_nothing(monkeypatch, size):
    a, b = np.random.default_rng(1).random((2, 37)).tolist()
    whole = mean(a), statistic(a, median), randomisation(a, b, resamples=500)
    monkeypatch.setattr(interval, "_MAX_DRAWN", 37 * size + 5)
    assert (mean(a), statistic(a, median), randomisation(a, b, resamples=500)) == whole


def test_ten_thousand_questions_need_less_than_100_mb():
    a, b = np.random.default_rng(1).random((2, 10_000)).tolist()
    tracemalloc.start()
    randomisation(a, b, resamples=2_000)
    mean(a)
    statistic(a, median, resamples=300)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


# --- randomisation ----------------------------------------------------------------------------


def exact(a, b):
    """Return the p-value over all changes of sign."""
    differences = [Fraction(second) - Fraction(first) for first, second in zip(a, b, strict=True)]
    sums = [
        abs(sum(sign * one for sign, one in zip(signs, differences, strict=True)))
        for signs in product([1, -1], repeat=len(differences))
    ]
    return sum(one >= abs(sum(differences)) for one in sums) / len(sums)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([0, 0, 0, 0], [1, 1, 1, 1]),
        ([0, 0, 0, 0, 1], [1, 1, 1, 1, 0]),
        ([1, 1, 1, 0, 1, 1], [0, 0, 0, 0, 0, 1]),
        ([0.25, 0.5, 0.75, 1, 0, 0.5], [0.5, 0.5, 1, 0.25, 0.5, 1]),
        ([3, 1, 4, 1, 5], [3, 1, 4, 1, 5]),
    ],
)
def test_a_p_value_is_close_to_the_exact_one(a, b):
    # Four standard errors of a share of 10,000 are below 0.02.
    assert randomisation(a, b) == pytest.approx(exact(a, b), abs=0.02)
    assert randomisation(a, b) == randomisation(b, a) == randomisation(a, b, 10_000, 0)


@pytest.mark.parametrize(
    "values", [[0.9, 0.2, 0.1, 0.7], [0.9, 0.1, 0.1, 0.1], [0.1, 0.6, 0.4, 0.6]]
)
def test_equal_sums_in_another_order_are_as_far(values):
    # All signs equal is farthest, but summed in another order it may differ in the last bit.
    assert randomisation([0.0] * 4, values) == pytest.approx(2 / 2**4, abs=0.02)


def test_no_difference_and_no_questions_have_a_p_of_1():
    assert randomisation([0.3, 0.7], [0.3, 0.7]) == randomisation([], []) == 1
    with pytest.raises(AssertionError):
        randomisation([1.0], [])


def test_no_p_value_is_0():
    assert randomisation([0.0] * 100, [1.0] * 100, resamples=999) == 1 / 1000


def test_p_values_are_uniform_where_nothing_differs():
    random = np.random.default_rng(11)
    p_values = np.asarray(
        [randomisation(*random.normal(size=(2, 30)).tolist(), resamples=400) for _ in range(500)]
    )
    for share in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9):
        error = np.sqrt(share * (1 - share) / 500)
        assert (p_values <= share).mean() == pytest.approx(share, abs=3.5 * error)


def test_p_values_are_small_where_something_differs():
    random = np.random.default_rng(12)
    a = random.random((50, 40))
    b = a + random.normal(0.1, 0.1, (50, 40))
    p_values = [randomisation(*pair, 2_000) for pair in zip(a.tolist(), b.tolist(), strict=True)]
    assert max(p_values) < 0.01


# --- Holm -------------------------------------------------------------------------------------


def test_holm_by_hand():
    p_values = {"ә": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}
    expected = {"ә": 3 * 0.01, "b": 2 * 0.03, "c": 2 * 0.03, "d": 4 * 0.005}
    assert holm(p_values) == pytest.approx(expected)
    assert list(holm(p_values)) == list(p_values)


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        ({}, {}),
        ({"a": 0.2}, {"a": 0.2}),
        ({"a": 0.6, "b": 0.7}, {"a": 1, "b": 1}),
        ({"a": 0.02, "b": 0.02}, {"a": 0.04, "b": 0.04}),
        ({"a": 0.0, "b": 1.0}, {"a": 0.0, "b": 1.0}),
    ],
)
def test_holm(p_values, expected):
    assert holm(p_values) == pytest.approx(expected)


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_is_between_the_p_value_and_bonferronis(p_values):
    adjusted = holm(p_values)
    for name, p_value in p_values.items():
        assert p_value <= adjusted[name] <= min(1, len(p_values) * p_value)
        assert all(adjusted[name] <= adjusted[one] for one in p_values if p_value < p_values[one])
