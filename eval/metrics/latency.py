"""How long an answer takes, once everything is loaded."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from eval.metrics.case import Measure, Record
from eval.metrics.interval import Figure, statistic

MEASURES: Final = {
    "milliseconds_p50": Measure("time, median", "Time", "Of an answer, warm.", "lower", "ms"),
    "milliseconds_p95": Measure(
        "time, 95th percentile", "Time", "1 in 20 takes longer.", "lower", "ms"
    ),
}


def aggregate(records: Sequence[Record]) -> dict[str, Figure]:
    """Return quantiles of the milliseconds that answers took."""
    times = [r["milliseconds"] for r in records if r["milliseconds"] is not None]
    return {
        f"milliseconds_p{percent}": statistic(times, _quantile(percent / 100))
        for percent in (50, 95)
    }


def _quantile(share: float) -> Callable[[Sequence[float]], float | None]:
    return lambda values: float(np.quantile(values, share)) if len(values) else None
