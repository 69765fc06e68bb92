"""Repeated measurements: their median and how they spread; the time of calls and of processes.

Seconds are of a clock and depend on what else runs; processor seconds are those that were worked,
by all threads together, and hold on a busy machine too.
"""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median, quantiles
from tempfile import TemporaryFile
from typing import Any

Spread = dict[str, float]
"""As it is written to the results: median, quartiles `low` and `high`, and `n` measurements."""


def spread(values: Sequence[float], digits: int = 6) -> Spread:
    """Return the median and the quartiles of measurements.

    >>> spread([3.0, 1.0, 2.0, 5.0])
    {'median': 2.5, 'low': 1.75, 'high': 3.5, 'n': 4}
    """
    low, _, high = quantiles(values, n=4, method="inclusive") if values[1:] else 3 * [values[0]]
    rounded = (round(float(value), digits) for value in (median(values), low, high))
    return {**dict(zip(("median", "low", "high"), rounded, strict=True)), "n": len(values)}


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value below which a share of the values lies; there are two at least."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds and the processor seconds of a call in this process."""
    started, worked = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - started, time.process_time() - worked


def spreads(times: Sequence[tuple[float, float]]) -> dict[str, Spread]:
    """Return the spread of seconds and of processor seconds."""
    seconds, processor = zip(*times, strict=True)
    return {"seconds": spread(seconds), "processor_seconds": spread(processor)}


def processes(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Any]:
    """Run commands in turn, round after round, and return what each takes, starting included.

    Before several rounds is one that does not count: it brings files into memory. In turn, so that
    a machine that grows busy is busy for all of them.

    Raises:
        RuntimeError: A command failed.
    """
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for round_ in range(0 if rounds > 1 else 1, rounds + 1):
        for name, command in commands.items():
            took = _process(command)
            if round_:
                times[name].append(took)
    return {name: spreads(took) for name, took in times.items()}


def _process(command: Sequence[str]) -> tuple[float, float]:
    started = time.perf_counter()
    with (
        TemporaryFile() as told,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=told) as process,
    ):
        # `wait4` tells what this child took, and its own children.
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            raise RuntimeError(
                f"{' '.join(command):.200} ended with {process.returncode}, expected 0:"
                f" {told.read().decode(errors='replace')[-2000:]}"
            )
    return took, usage.ru_utime + usage.ru_stime
