"""Two runs of a set, question by question: what differs, and whether that could be chance.

In: two run folders. Out: a comparison, plain data, and its page. Only questions that both asked
count. Knows nothing of how they were asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from eval.ask import Record
from eval.folder import RunFolder
from eval.legend import MEASURES
from eval.metrics.interval import holm, mean, paired_bootstrap, randomisation
from eval.report import is_kind, page
from eval.summary import went_right
from ingest.errors import EvalError

Comparison = dict[str, Any]

CERTAIN: Final = 0.05
"""A difference whose adjusted p-value is below this is told as one."""

_TOLD: Final = (
    "set",
    "questions",
    "documents",
    "embedder",
    "reranker",
    "threshold",
    "llm",
    "code_sha256",
)
"""Entries of a config that are told when they differ."""


def compare(a: RunFolder, b: RunFolder) -> Comparison:
    """Compare two finished runs.

    Returns:
        `{a, b, n, notes, figures, changed}`. A figure is `{name, a, b, difference, p, p_adjusted,
        certain, better, worse, n}`: means, the paired difference b - a with its bootstrap
        interval, the p-value of the randomisation test, plain and adjusted (Holm) for how many
        figures changed, and how many questions got better and worse.

    Raises:
        EvalError: One is no finished run, or they have no question in common.
    """
    configs = [folder.summary()["config"] for folder in (a, b)]
    first, second = ({record["id"]: record for record in each.records()} for each in (a, b))
    common = [name for name in first if name in second and _same(first[name], second[name])]
    if not common:
        raise EvalError(
            f"{str(a.path)!r} and {str(b.path)!r} have no question in common",
            hint="compare two runs of the same set",
        )
    pairs = [(first[name], second[name]) for name in common]
    return {
        "a": {"name": a.path.absolute().name, "config": configs[0]},
        "b": {"name": b.path.absolute().name, "config": configs[1]},
        "n": len(common),
        "notes": _notes(configs[0], configs[1], len(first), len(second), len(common)),
        "figures": _figures(pairs),
        "changed": [_change(*pair) for pair in pairs if _differ(*pair)],
    }


def comparison_page(compared: Comparison) -> str:
    """Return the page of a comparison."""
    order = ("worse", "better", "other")
    changed = sorted(compared["changed"], key=lambda change: order.index(change["kind"]))
    return page(
        "compare",
        compared=compared | {"changed": changed},
        tags=sorted({tag for change in changed for tag in change["b"]["tags"] if is_kind(tag)}),
        directions=sorted({change["b"]["direction"] for change in changed}),
    )


def _same(a: Record, b: Record) -> bool:
    return bool(a["question"] == b["question"] and a["answerable"] == b["answerable"])


def _notes(
    a: Mapping[str, Any], b: Mapping[str, Any], in_a: int, in_b: int, common: int
) -> list[str]:
    differing = [name.removesuffix("_sha256") for name in _TOLD if a.get(name) != b.get(name)]
    notes = [f"The runs differ in: {', '.join(differing)}."] if differing else []
    if common < max(in_a, in_b):
        notes.append(f"Only the {common} questions of both count; A has {in_a}, B has {in_b}.")
    return notes


def _figures(pairs: Sequence[tuple[Record, Record]]) -> list[dict[str, Any]]:
    rows = [row for name in MEASURES if (row := _figure(name, pairs))]
    # What is the same for every question is no test, and would only make the others' p higher.
    tested = {row["name"]: row["p"] for row in rows if row["better"] or row["worse"]}
    adjusted = holm(tested)
    for row in rows:
        row["p_adjusted"] = adjusted.get(row["name"], 1.0)
        row["certain"] = row["p_adjusted"] < CERTAIN
    return rows


def _figure(name: str, pairs: Sequence[tuple[Record, Record]]) -> dict[str, Any] | None:
    values = [
        (a["metrics"][name], b["metrics"][name])
        for a, b in pairs
        if name in a["metrics"] and name in b["metrics"]
    ]
    if not values:
        return None
    before, after = (list(side) for side in zip(*values, strict=True))
    sign = -1 if MEASURES[name].better == "lower" else 1
    return {
        "name": name,
        "a": mean(before).data()["value"],
        "b": mean(after).data()["value"],
        "difference": paired_bootstrap(before, after).data(),
        "p": randomisation(before, after),
        "better": sum(sign * (y - x) > 1e-9 for x, y in values),
        "worse": sum(sign * (x - y) > 1e-9 for x, y in values),
        "n": len(values),
    }


def _differ(a: Record, b: Record) -> bool:
    """Say whether a reader would see another answer."""
    return went_right(a) != went_right(b) or _said(a) != _said(b)


def _said(record: Record) -> tuple[bool, list[tuple[str, int, int]]]:
    answer = record["answer"]
    cited = [(each["document_id"], each["start"], each["end"]) for each in answer["citations"]]
    return answer["abstained"], cited


def _change(a: Record, b: Record) -> dict[str, Any]:
    before, after = went_right(a), went_right(b)
    kind: Literal["better", "worse", "other"] = "other"
    if before is not None and after is not None and before != after:
        kind = "better" if after else "worse"
    return {"kind": kind, "a": a, "b": b}
