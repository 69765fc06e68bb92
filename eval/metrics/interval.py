"""How sure a figure is: bootstrap intervals, and tests of a difference between two systems.

Questions are what is drawn anew, so questions that hang together (on one document) make intervals
too narrow. Every draw is seeded: the same run has the same figures twice. Of means,
scipy.stats.bootstrap draws the same and gives the same figures; it is not used, since it warns
where a draw has no value (the AUROC of answerable questions alone), cannot draw from one question,
and takes 0.7 s to load.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.metrics.case import Record

Rows: TypeAlias = NDArray[np.float64]
"""What a statistic is of: float64 (n,) or (n, k), a row a question."""

Function: TypeAlias = Callable[[Rows], float | None]
"""A statistic of rows, in its own unit; None if these rows have none."""

_MAX_DRAWN: Final = 2_000_000
"""Numbers drawn at once: 16 MB of them, however many questions there are."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval.

    Attributes:
        value: The figure itself; None if there is nothing to measure.
        low: Lower end of the interval; None if there is no interval.
        high: Upper end.
        n: How many questions it rests on.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    def data(self) -> dict[str, Any]:
        """Return it as results hold it: value and interval to four digits, or None, and n."""
        interval = None
        if self.low is not None and self.high is not None:
            interval = [_rounded(self.low), _rounded(self.high)]
        value = None if self.value is None else _rounded(self.value)
        return {"value": value, "interval": interval, "n": self.n}


@dataclass(frozen=True, slots=True)
class Statistic:
    """A figure of all questions of a run together, such as a quantile.

    Attributes:
        row: The numbers that it needs to know of one question; None if that does not count.
        function: What it is of the rows of all questions, float64 (n, k).
        count: How many of these questions it is about: of a rate, those of which it is a share.
    """

    row: Callable[[Record], Sequence[float] | None]
    function: Function
    count: Callable[[Rows], int] = len

    def rows(self, records: Iterable[Record]) -> list[Sequence[float]]:
        """Return the rows of the questions that count, in their order."""
        return [row for record in records if (row := self.row(record)) is not None]

    def figure(self, records: Iterable[Record]) -> Figure:
        """Return the figure of some questions, with its interval."""
        rows = np.asarray(self.rows(records), float)
        return replace(statistic(rows, self.function), n=self.count(rows) if len(rows) else 0)


def mean(values: Sequence[float], *, resamples: int = 1000, seed: int = 0) -> Figure:
    """Return the mean and its 95 % percentile bootstrap interval, in the values' unit.

    The interval is from the 2.5 % to the 97.5 % quantile of the means of `resamples` draws of n
    values, with replacement. Efron 1979, doi:10.1214/aos/1176344552. No values give no figure,
    n = 0.

    Args:
        values: One a question.
        resamples: How often to draw.
        seed: Of the draws.
    """
    if not values:
        return Figure(None, None, None, 0)
    measured = np.asarray(values, float)
    draws = _draws(len(values), resamples, seed)
    means = np.concatenate([measured[places].mean(axis=1) for places in draws])
    return _figure(float(measured.mean()), means, len(values))


def statistic(
    rows: ArrayLike, function: Function, *, resamples: int = 1000, seed: int = 0
) -> Figure:
    """Return any statistic of rows and its 95 % percentile bootstrap interval, in its own unit.

    As for mean, which draws the same. A draw that the function has no value for is left out; if it
    has none for the rows themselves, there is no figure. No rows give no figure, n = 0.

    Args:
        rows: One a question: a number, or all that the function needs to know of it.
        function: The statistic: of as many rows as there are, some of them repeated.
        resamples: How often to draw.
        seed: Of the draws.
    """
    measured = np.asarray(rows, float)
    value = function(measured) if len(measured) else None
    if value is None:
        return Figure(None, None, None, len(measured))
    drawn = _of_draws(len(measured), lambda places: function(measured[places]), resamples, seed)
    return _figure(value, drawn, len(measured))


def paired_bootstrap(
    a: Sequence[float], b: Sequence[float], *, resamples: int = 1000, seed: int = 0
) -> Figure:
    """Return the mean difference b - a and its 95 % interval, in the values' unit.

    Questions are drawn with both of their values. As for mean.

    Args:
        a: One value a question.
        b: The other system's, questions in the same order.
        resamples: How often to draw.
        seed: Of the draws.
    """
    differences = [second - first for first, second in zip(a, b, strict=True)]
    return mean(differences, resamples=resamples, seed=seed)


def paired_statistic(
    a: ArrayLike, b: ArrayLike, function: Function, *, resamples: int = 1000, seed: int = 0
) -> Figure:
    """Return the difference of a statistic, of b less of a, and its 95 % interval.

    Questions are drawn with both of their rows. As for statistic; there is no figure where one of
    the two has no value.

    Args:
        a: The rows of one system.
        b: The other system's, questions in the same order.
        function: The statistic.
        resamples: How often to draw.
        seed: Of the draws.
    """
    before, after = np.asarray(a, float), np.asarray(b, float)
    assert len(before) == len(after)

    def difference(places: NDArray[np.int64]) -> float | None:
        return _difference(before[places], after[places], function)

    value = difference(np.arange(len(before))) if len(before) else None
    if value is None:
        return Figure(None, None, None, len(before))
    return _figure(value, _of_draws(len(before), difference, resamples, seed), len(before))


def randomisation(
    a: Sequence[float], b: Sequence[float], resamples: int = 10_000, seed: int = 0
) -> float:
    """Return the two-sided p-value of Fisher's paired randomisation test, above 0, up to 1.

    How often |d*| >= |d|, d = mean(b - a), d* = the same after each difference has changed its sign
    at random: p = (1 + #{|d*| >= |d| - 1e-12}) / (1 + resamples). Smucker, Allan & Carterette 2007,
    doi:10.1145/1321440.1321528. No questions give 1.0.

    Args:
        a: One value a question.
        b: The other system's, questions in the same order.
        resamples: How often to change signs.
        seed: Of the signs.
    """
    assert len(a) == len(b)
    if not a:
        return 1.0
    differences = np.asarray(b, float) - np.asarray(a, float)
    least = abs(differences.mean()) - 1e-12
    random = np.random.default_rng(seed)
    reached = 0
    for n in _batches(len(a), resamples):
        signs = np.where(random.random((n, len(a))) < 0.5, -1.0, 1.0)
        reached += int((abs(signs @ differences) / len(a) >= least).sum())
    return (1 + reached) / (1 + resamples)


def swapping(
    a: ArrayLike, b: ArrayLike, function: Function, *, resamples: int = 2000, seed: int = 0
) -> float:
    """Return the two-sided p-value of the paired randomisation test for any statistic.

    As for randomisation, where changing the sign of a difference is the same as swapping its two
    values: here each question's rows are swapped at random, and the statistic is taken anew. Swaps
    that it has no value for are left out. No questions, or no value, give 1.0.

    Args:
        a: The rows of one system.
        b: The other system's, questions in the same order.
        function: The statistic.
        resamples: How often to swap.
        seed: Of the swaps.
    """
    before, after = np.asarray(a, float), np.asarray(b, float)
    assert before.shape == after.shape
    observed = _difference(before, after, function) if len(before) else None
    if observed is None:
        return 1.0
    both = np.stack([before, after])
    places = np.arange(len(before))
    random = np.random.default_rng(seed)
    reached = counted = 0
    for _ in range(resamples):
        side = random.integers(0, 2, len(before))
        difference = _difference(both[side, places], both[1 - side, places], function)
        if difference is not None:
            counted += 1
            reached += abs(difference) >= abs(observed) - 1e-12
    return (1 + reached) / (1 + counted)


def _difference(a: Rows, b: Rows, function: Function) -> float | None:
    before, after = function(a), function(b)
    return None if before is None or after is None else after - before


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values adjusted for how many there are, 0 to 1, in the order given.

    Step-down: with m tests and p(1) <= … <= p(m), adjusted p(i) = max over j <= i of
    min(1, (m - j + 1) · p(j)). Holm 1979, https://www.jstor.org/stable/4615733. None give none.

    Args:
        p_values: By the name of the test.
    """
    adjusted: dict[str, float] = {}
    highest = 0.0
    for rank, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[name]))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}


def _of_draws(
    n: int, value: Callable[[NDArray[np.int64]], float | None], resamples: int, seed: int
) -> NDArray[np.float64]:
    """Return what each draw of n places gives, float64 (at most resamples,)."""
    values = (value(places) for draws in _draws(n, resamples, seed) for places in draws)
    return np.asarray([one for one in values if one is not None], float)


def _draws(n: int, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield `resamples` rows of n places below n, some at a time."""
    random = np.random.default_rng(seed)
    for rows in _batches(n, resamples):
        yield random.integers(0, n, (rows, n))


def _batches(n: int, rows: int) -> Iterator[int]:
    """Yield how many rows of n numbers to draw at once, until it is all of them."""
    size = max(1, _MAX_DRAWN // n)
    for done in range(0, rows, size):
        yield min(size, rows - done)


def _figure(value: float, drawn: NDArray[np.float64], n: int) -> Figure:
    if not len(drawn):
        return Figure(value, None, None, n)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(value, float(low), float(high), n)


def _rounded(value: float) -> float:
    return round(value, 4) + 0.0  # adding 0 takes the sign from -0.0
