"""Two runs of a set, question by question: what differs, and whether that could be chance.

Only questions that both runs asked count.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np

from chat.web.i18n import Translations
from eval.metrics.case import Record
from eval.metrics.correctness import is_right_outcome
from eval.metrics.interval import (
    holm,
    mean,
    paired_bootstrap,
    paired_statistic,
    randomisation,
    swapping,
)
from eval.metrics.registry import MEASURES, STATISTICS
from eval.report.html import fill_page
from eval.report.outcome import LinkTo, with_links
from eval.report.texts import report_texts
from eval.run_store import RunFolder
from eval.summary import names_kind
from ingest.errors import EvalError

Comparison = dict[str, Any]

SIGNIFICANCE_LEVEL: Final = 0.05
"""A difference whose adjusted p-value is below this is called certain."""

_COMPARED_ENTRIES: Final = (
    "set",
    "questions",
    "given",
    "documents",
    "embedder",
    "reranker",
    "threshold",
    "llm",
    "code_sha256",
)
"""Entries of a config that are named when they differ."""


def compare(a: RunFolder, b: RunFolder) -> Comparison:
    """Compare two finished runs.

    Returns:
        `{a, b, n, asked, notes, figures, changed}`: the runs, how many questions they have in
        common and how many each has, and what else differs, in English. A figure is `{name, a, b,
        difference, p, p_adjusted, certain, changed, better, worse, n}`: values, the paired
        difference b - a with its bootstrap interval, the p-value of the randomisation test, plain
        and adjusted (Holm) for how many figures changed, whether any question's part in it did,
        and how many questions got better and worse: None where it is of all questions together.

    Raises:
        EvalError: One is no finished run, or they have no question in common.
    """
    configs = [folder.summary()["config"] for folder in (a, b)]
    first, second = ({record["id"]: record for record in run.records()} for run in (a, b))
    common = [name for name in first if name in second and _ask_the_same(first[name], second[name])]
    if not common:
        raise EvalError(
            f"{str(a.path)!r} and {str(b.path)!r} have no question in common",
            hint="compare two runs of the same set",
        )
    pairs = [(first[name], second[name]) for name in common]
    compared: Comparison = {
        "a": {"name": a.path.absolute().name, "config": configs[0]},
        "b": {"name": b.path.absolute().name, "config": configs[1]},
        "n": len(common),
        "asked": [len(first), len(second)],
        "figures": _figures(pairs),
        "changed": [_change(*pair) for pair in pairs if _answers_differ(*pair)],
    }
    return compared | {"notes": _notes(compared, report_texts("en"))}


def comparison_page(
    compared: Comparison, language: str = "en", link_to: LinkTo | None = None
) -> str:
    """Return the page of a comparison.

    Args:
        compared: What differs.
        language: One of chat/web/i18n.py's LANGUAGES.
        link_to: As for `report`.
    """
    changed = changes(compared, link_to)
    return fill_page(
        "compare",
        language,
        compared=compared | {"changed": changed},
        notes=_notes(compared, report_texts(language)),
        tags=sorted({tag for change in changed for tag in change["b"]["tags"] if names_kind(tag)}),
        directions=sorted({change["b"]["direction"] for change in changed}),
    )


def changes(compared: Comparison, link_to: LinkTo | None) -> list[dict[str, Any]]:
    """Return the questions that are answered otherwise, the worse ones first, with their links."""
    order = ("worse", "better", "other")
    changed = sorted(compared["changed"], key=lambda change: order.index(change["kind"]))
    if link_to is None:
        return changed
    return [
        change | {side: with_links(change[side], link_to) for side in ("a", "b")}
        for change in changed
    ]


def _ask_the_same(a: Record, b: Record) -> bool:
    return bool(a["question"] == b["question"] and a["answerable"] == b["answerable"])


def _notes(compared: Comparison, texts: Translations) -> list[str]:
    a, b = (compared[side]["config"] for side in ("a", "b"))
    differing = [
        texts.text(f"entry_{name.removesuffix('_sha256')}")
        for name in _COMPARED_ENTRIES
        if a.get(name) != b.get(name)
    ]
    notes = [texts.text("runs_differ", entries=", ".join(differing))] if differing else []
    common, (in_a, in_b) = compared["n"], compared["asked"]
    if common < max(in_a, in_b):
        notes.append(texts.text("common_only", n=common, a=in_a, b=in_b))
    return notes


def _figures(pairs: Sequence[tuple[Record, Record]]) -> list[dict[str, Any]]:
    rows = [row for name in MEASURES if (row := _figure(name, pairs))]
    # What is the same for every question is no test, and would only make the others' p higher.
    tested = {row["name"]: row["p"] for row in rows if row["changed"]}
    adjusted = holm(tested)
    for row in rows:
        row["p_adjusted"] = adjusted.get(row["name"], 1.0)
        row["certain"] = row["p_adjusted"] < SIGNIFICANCE_LEVEL
    return rows


def _figure(name: str, pairs: Sequence[tuple[Record, Record]]) -> dict[str, Any] | None:
    """Compare a figure; None where it was not measured, or is a time, which is the machine's."""
    if MEASURES[name].unit:
        return None
    return _of_all(name, pairs) if name in STATISTICS else _of_each(name, pairs)


def _of_all(name: str, pairs: Sequence[tuple[Record, Record]]) -> dict[str, Any] | None:
    """Compare a figure of all questions together."""
    of_all = STATISTICS[name]
    known = [
        (x, y)
        for a, b in pairs
        if (x := of_all.row(a)) is not None and (y := of_all.row(b)) is not None
    ]
    if not known:
        return None
    before, after = (np.asarray(side, float) for side in zip(*known, strict=True))
    a, b = of_all.function(before), of_all.function(after)
    if a is None or b is None:
        return None
    changed = not np.array_equal(before, after)
    return {
        "name": name,
        "a": round(a, 4),
        "b": round(b, 4),
        "difference": paired_statistic(before, after, of_all.function).data(),
        "p": swapping(before, after, of_all.function) if changed else 1.0,
        "changed": changed,
        "better": None,
        "worse": None,
        "n": of_all.count(before),
    }


def _of_each(name: str, pairs: Sequence[tuple[Record, Record]]) -> dict[str, Any] | None:
    """Compare a figure that each question has."""
    values = [
        (a["metrics"][name], b["metrics"][name])
        for a, b in pairs
        if name in a["metrics"] and name in b["metrics"]
    ]
    if not values:
        return None
    before, after = (list(side) for side in zip(*values, strict=True))
    sign = -1 if MEASURES[name].better == "lower" else 1
    better = sum(sign * (y - x) > 1e-9 for x, y in values)
    worse = sum(sign * (x - y) > 1e-9 for x, y in values)
    return {
        "name": name,
        "a": mean(before).data()["value"],
        "b": mean(after).data()["value"],
        "difference": paired_bootstrap(before, after).data(),
        "p": randomisation(before, after),
        "changed": better + worse > 0,
        "better": better,
        "worse": worse,
        "n": len(values),
    }


def _answers_differ(a: Record, b: Record) -> bool:
    """Say whether a reader would see another answer."""
    return is_right_outcome(a) != is_right_outcome(b) or _shown_answer(a) != _shown_answer(b)


def _shown_answer(record: Record) -> tuple[bool, list[tuple[str, int, int]]]:
    answer = record["answer"]
    cited = [(c["document_id"], c["start"], c["end"]) for c in answer["citations"]]
    return answer["abstained"], cited


def _change(a: Record, b: Record) -> dict[str, Any]:
    before, after = is_right_outcome(a), is_right_outcome(b)
    kind: Literal["better", "worse", "other"] = "other"
    if before is not None and after is not None and before != after:
        kind = "better" if after else "worse"
    return {"kind": kind, "a": a, "b": b}
