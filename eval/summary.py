"""All records of a run put together: every figure with its interval and n."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from eval.metrics.case import Record
from eval.metrics.correctness import is_right_outcome
from eval.metrics.interval import mean
from eval.metrics.registry import FAILURES, MEASURES, STATISTICS

Summary = dict[str, Any]


def summarise(records: Sequence[Record]) -> Summary:
    """Return the figures of all questions, of each direction, and of each tag.

    `{n, figures, directions, tags, failures}`; a figure is `{value, interval, n}`.
    """
    directions: dict[str, list[Record]] = defaultdict(list)
    tags: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        directions[record["direction"]].append(record)
        for tag in filter(names_kind, record["tags"]):
            tags[tag].append(record)
    counts = Counter(name for record in records for name in record["failures"])
    return {
        "n": len(records),
        "figures": figures(records),
        "directions": {name: figures(group) for name, group in sorted(directions.items())},
        "tags": {name: _right_share(group) for name, group in sorted(tags.items())},
        "failures": {name: counts[name] for name in FAILURES if counts[name]},
    }


def figures(records: Sequence[Record]) -> dict[str, Any]:
    """Return all figures that some records allow, in the order of MEASURES."""
    values: dict[str, list[float]] = defaultdict(list)
    for record in records:
        for name, value in record["metrics"].items():
            values[name].append(value)
    by_name = {name: mean(of_answers) for name, of_answers in values.items()}
    for name, of_all in STATISTICS.items():
        by_name[name] = of_all.figure(records)
    return {
        name: by_name[name].data()
        for name in MEASURES
        if name in by_name and by_name[name].value is not None
    }


def names_kind(tag: str) -> bool:
    """Say whether a tag names a kind of question, not a direction or another question."""
    return "->" not in tag and ":" not in tag


def _right_share(records: Sequence[Record]) -> dict[str, Any]:
    """Return how often questions went right: answered rightly, or rightly refused."""
    outcomes = [float(right) for right in map(is_right_outcome, records) if right is not None]
    return mean(outcomes).data()
