"""How long an answer takes, once everything is loaded."""

from typing import Final

import numpy as np

from eval.metrics.case import Measure, Record
from eval.metrics.interval import Function, Statistic

MEASURES: Final = {
    "milliseconds_p50": Measure("time, median", "Time", "Of an answer, warm.", "lower", "ms"),
    "milliseconds_p95": Measure(
        "time, 95th percentile", "Time", "1 in 20 takes longer.", "lower", "ms"
    ),
}


def _time(record: Record) -> tuple[float] | None:
    """Return the milliseconds that an answer took."""
    milliseconds = record["milliseconds"]
    return None if milliseconds is None else (milliseconds,)


def _quantile(share: float) -> Function:
    return lambda rows: float(np.quantile(rows, share))


STATISTICS: Final = {
    f"milliseconds_p{percent}": Statistic(_time, _quantile(percent / 100)) for percent in (50, 95)
}
