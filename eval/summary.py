"""All records of a run put together: every figure with its interval and n.

In: records, as eval/ask.py makes them. Out: a summary, plain data. Knows nothing of files.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np

from eval.ask import Record
from eval.legend import MEASURES
from eval.measure import FAILURES
from eval.metrics.abstention import (
    area_under_risk_coverage,
    auroc,
    coverage_at_risk,
    crag_score,
    risk_coverage,
)
from eval.metrics.interval import Figure, mean, statistic

Summary = dict[str, Any]

_ALLOWED_RISK: Final = 0.05


def summarise(records: Sequence[Record]) -> Summary:
    """Return the figures of all questions, of each direction, and of each tag.

    `{n, figures, directions, tags, failures}`; a figure is `{value, interval, n}`.
    """
    directions: dict[str, list[Record]] = defaultdict(list)
    tags: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        directions[record["direction"]].append(record)
        for tag in record["tags"]:
            if "->" not in tag and ":" not in tag:
                tags[tag].append(record)
    failed = Counter(name for record in records for name in record["failures"])
    return {
        "n": len(records),
        "figures": figures(records),
        "directions": {name: figures(held) for name, held in sorted(directions.items())},
        "tags": {name: _tag(held) for name, held in sorted(tags.items())},
        "failures": {name: failed[name] for name in FAILURES if failed[name]},
    }


def figures(records: Sequence[Record]) -> dict[str, Any]:
    """Return all figures that some records allow, in the legend's order."""
    values: dict[str, list[float]] = defaultdict(list)
    for record in records:
        for name, value in record["metrics"].items():
            values[name].append(value)
    found = {name: mean(each) for name, each in values.items()} | _abstention(records)
    times = [r["milliseconds"] for r in records if r["milliseconds"] is not None]
    for percent in (50, 95):
        found[f"milliseconds_p{percent}"] = statistic(times, _quantile(percent / 100))
    return {
        name: found[name].data()
        for name in MEASURES
        if name in found and found[name].value is not None
    }


def points(records: Iterable[Record]) -> list[tuple[float, float]]:
    """Return confidence and loss of each question whose answer can be judged, forced if need be."""
    return [
        (record["answer"]["confidence"], float(not record["would_be_right"]))
        for record in records
        if record["would_be_right"] is not None
    ]


def _tag(records: Sequence[Record]) -> dict[str, Any]:
    """Return how often a tag's questions went right: answered rightly, or rightly refused."""
    return mean([float(right) for right in map(went_right, records) if right is not None]).data()


def went_right(record: Record) -> bool | None:
    """Say whether a question went right; None if nothing tells."""
    if not record["answerable"]:
        return bool(record["answer"]["abstained"])
    right = record["metrics"].get("right")
    return None if right is None else right == 1


def _abstention(records: Sequence[Record]) -> dict[str, Figure]:
    asked = [record for record in records if record["metrics"]]
    sure = [(record["answer"]["confidence"], record["answerable"]) for record in asked]
    found = {"auroc": statistic(sure, _auroc)}
    outcomes = [
        (right, record["answer"]["abstained"])
        for record in asked
        if (right := went_right(record)) is not None
    ]
    found["crag"] = statistic(outcomes, _crag)
    if any(not record["answerable"] for record in asked):
        curve = points(asked)
        found["coverage@5%risk"] = statistic(curve, _coverage)
        found["aurc"] = statistic(curve, _area)
    return found


def _auroc(rows: Sequence[tuple[float, bool]]) -> float | None:
    answerable = [confidence for confidence, known in rows if known]
    return auroc(answerable, [confidence for confidence, known in rows if not known])


def _crag(rows: Sequence[tuple[bool, bool]]) -> float | None:
    right = sum(right for right, _ in rows)
    wrong = sum(not right and not abstained for right, abstained in rows)
    return crag_score(right, wrong, len(rows))


def _curve(rows: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    confidences, losses = zip(*rows, strict=True)
    return risk_coverage(confidences, losses)


def _coverage(rows: Sequence[tuple[float, float]]) -> float:
    return coverage_at_risk(_curve(rows), _ALLOWED_RISK)


def _area(rows: Sequence[tuple[float, float]]) -> float | None:
    return area_under_risk_coverage(_curve(rows))


def _quantile(share: float) -> Callable[[Sequence[float]], float | None]:
    return lambda values: float(np.quantile(values, share)) if len(values) else None
