"""How evaluations look on a terminal: tables of figures, and what is wrong with a set.

All goes to standard output, but the rows that are left out, which go to standard error.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from chat.terminal import count, plain, print_text
from eval.dataset import DatasetProblem, EvalSet
from eval.metrics.registry import FAILURES, HEADLINE, MEASURES, format_value

_MAX_PROBLEMS: Final = 20


def summary(run_summary: dict[str, Any], report: Path) -> None:
    """Show a run: a table by direction, all figures, what went wrong, where the report is."""
    print_text(plain(f"{run_summary['set']}: {count(run_summary['n'], 'question')}", "bold"))
    if run_summary["config"].get("given"):
        print_text(plain("Each question was asked of its own passage only."))
    print_text(_by_direction(run_summary))
    print_text(_all_figures(run_summary["figures"]))
    for name, count_failed in run_summary["failures"].items():
        print_text(plain(f"{count_failed:5}  {FAILURES[name]}"))
    if run_summary["skipped"]:
        print_text(
            plain(f"{run_summary['skipped']:5}  Near misses left out: nothing is left to ask")
        )
    _print_place(report)


_SHORT_LABELS: Final = {
    "right": "right",
    "right_sentence@1": "first",
    "answer_in_citation@all": "answer",
    "error": "refused",
    "hallucination": "invented",
    "recall@10": "R@10",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
}
"""What the figures of HEADLINE are called where a table must fit 80 columns."""


def _by_direction(run_summary: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False)
    names = [name for name in HEADLINE if name in run_summary["figures"]]
    table.add_column("direction", no_wrap=True)
    for label in ("n", *(_SHORT_LABELS[name] for name in names)):
        table.add_column(label, justify="right", no_wrap=True)
    rows = {**run_summary["directions"], "all": run_summary["figures"]}
    for direction, figures in rows.items():
        n = figures.get("answer_language", {"n": 0})["n"]
        cells = [format_value(figures.get(name, {"value": None})["value"]) for name in names]
        table.add_row(direction.replace("->", " → "), str(n), *cells)
    return table


def _all_figures(figures: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, title_justify="left")
    for name, side in (("figure", "left"), ("value", "right"), ("95 % interval", "right")):
        table.add_column(name, justify=side)  # type: ignore[arg-type]
    table.add_column("n", justify="right")
    for name, figure in figures.items():
        measure = MEASURES[name]
        table.add_row(
            measure.label,
            format_value(figure["value"], measure.unit),
            format_interval(figure, measure.unit),
            str(figure["n"]),
        )
    return table


def format_interval(figure: dict[str, Any], unit: str = "") -> str:
    """Write an interval.

    >>> format_interval({"interval": [0.1, 0.25]})
    '0.10–0.25'
    >>> format_interval({"interval": [-0.1, 0.25]})
    '-0.10 to 0.25'
    """
    if figure["interval"] is None:
        return "–"
    low, high = figure["interval"]
    return f"{low:.0f}–{high:.0f}" if unit else f"{low:.2f}{' to ' if low < 0 else '–'}{high:.2f}"


def comparison(compared: dict[str, Any]) -> None:
    """Show a comparison: a line for each figure that changed, in bold if hardly by chance."""
    print_text(
        plain(
            f"{compared['a']['name']} → {compared['b']['name']}:"
            f" {count(compared['n'], 'question')}",
            "bold",
        )
    )
    for note in compared["notes"]:
        print_text(plain(note, "yellow"))
    table = Table(box=None, pad_edge=False)
    table.add_column("figure")
    for name in ("A", "B", "B - A", "95 % interval", "p", "adj. p", "+/-"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in (row for row in compared["figures"] if row["changed"]):
        style = "bold" if row["certain"] else ""
        table.add_row(
            Text(MEASURES[row["name"]].label, style),
            format_value(row["a"]),
            format_value(row["b"]),
            Text(f"{row['difference']['value']:+.3f}", style),
            format_interval(row["difference"]),
            f"{row['p']:.3f}",
            f"{row['p_adjusted']:.3f}",
            "–" if row["better"] is None else f"{row['better']}/{row['worse']}",
        )
    print_text(table)
    unchanged = (row["name"] for row in compared["figures"] if not row["changed"])
    names = ", ".join(MEASURES[name].label for name in unchanged)
    print_text(plain(f"Unchanged: {names or 'nothing'}.", "dim"))
    print_text(plain(f"Another answer: {count(len(compared['changed']), 'question')}."))
    _print_place(compared["report"])


def checked(eval_set: EvalSet, problems: Sequence[DatasetProblem]) -> None:
    """Show what is wrong with a set, all of it."""
    for problem in problems:
        print_text(plain(problem.line()))
    outcome = "no problem found" if not problems else count(len(problems), "problem")
    print_text(plain(f"{eval_set.name}: {count(len(eval_set.examples), 'question')}, {outcome}."))


def problems(left_out: Sequence[DatasetProblem]) -> None:
    """Name the first rows that are left out, on standard error."""
    for problem in left_out[:_MAX_PROBLEMS]:
        sys.stderr.write(f"dalel: left out: {problem.line()}\n")
    if len(left_out) > _MAX_PROBLEMS:
        sys.stderr.write(f"dalel: … and {len(left_out) - _MAX_PROBLEMS} more; see --check\n")


def interrupted(done: int, total: int) -> None:
    """Say how far it came, and that nothing is lost."""
    sys.stderr.write(
        f"dalel: interrupted after {done} of {count(total, 'question')}; the same command goes on"
        " there\n"
    )


def _print_place(path: Path | str) -> None:
    print_text(plain(f"Report: {path}"))
