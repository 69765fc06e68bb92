"""How evaluations look on a terminal: tables of figures, and what is wrong with a set.

In: summaries, comparisons, problems. Out: text on standard output, problems on standard error.
"""

import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from chat.show import count, plain, print_out
from eval.example import EvalSet, Problem
from eval.legend import HEADLINE, MEASURES, written
from eval.measure import FAILURES

_PROBLEMS_SHOWN: Final = 20


def summary(found: dict[str, Any], report: Path) -> None:
    """Show a run: a table by direction, all figures, what went wrong, where the report is."""
    print_out(plain(f"{found['set']}: {count(found['n'], 'question')}", "bold"))
    print_out(_by_direction(found))
    print_out(_all_figures(found["figures"]))
    for name, times in found["failures"].items():
        print_out(plain(f"{times:5}  {FAILURES[name]}"))
    if found["skipped"]:
        print_out(plain(f"{found['skipped']:5}  Near misses left out: nothing is left to ask"))
    _place(report)


_COLUMNS: Final = {
    "right": "right",
    "right_sentence@1": "first",
    "answer_in_citation@all": "answer",
    "error": "refused",
    "hallucination": "invented",
    "recall@10": "R@10",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
}
"""What HEADLINE is called where a table must fit 80 columns."""


def _by_direction(found: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False)
    names = [name for name in HEADLINE if name in found["figures"]]
    table.add_column("direction", no_wrap=True)
    for name in ("n", *(_COLUMNS[name] for name in names)):
        table.add_column(name, justify="right", no_wrap=True)
    rows = {**found["directions"], "all": found["figures"]}
    for direction, figures in rows.items():
        n = figures.get("answer_language", {"n": 0})["n"]
        cells = [written(figures.get(name, {"value": None})["value"]) for name in names]
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
            written(figure["value"], measure.unit),
            interval(figure, measure.unit),
            str(figure["n"]),
        )
    return table


def interval(figure: dict[str, Any], unit: str = "") -> str:
    """Write an interval.

    >>> interval({"interval": [0.1, 0.25]})
    '0.10–0.25'
    >>> interval({"interval": [-0.1, 0.25]})
    '-0.10 to 0.25'
    """
    if figure["interval"] is None:
        return "–"
    low, high = figure["interval"]
    return f"{low:.0f}–{high:.0f}" if unit else f"{low:.2f}{' to ' if low < 0 else '–'}{high:.2f}"


def comparison(found: dict[str, Any]) -> None:
    """Show a comparison: a line for each figure that changed, in bold if hardly by chance."""
    print_out(
        plain(
            f"{found['a']['name']} → {found['b']['name']}: {count(found['n'], 'question')}", "bold"
        )
    )
    for note in found["notes"]:
        print_out(plain(note, "yellow"))
    table = Table(box=None, pad_edge=False)
    table.add_column("figure")
    for name in ("A", "B", "B - A", "95 % interval", "p", "adj. p", "+/-"):
        table.add_column(name, justify="right", no_wrap=True)
    same = [row for row in found["figures"] if not row["better"] and not row["worse"]]
    for row in (row for row in found["figures"] if row not in same):
        style = "bold" if row["certain"] else ""
        table.add_row(
            Text(MEASURES[row["name"]].label, style),
            written(row["a"]),
            written(row["b"]),
            Text(f"{row['difference']['value']:+.3f}", style),
            interval(row["difference"]),
            f"{row['p']:.3f}",
            f"{row['p_adjusted']:.3f}",
            f"{row['better']}/{row['worse']}",
        )
    print_out(table)
    names = ", ".join(MEASURES[row["name"]].label for row in same)
    print_out(plain(f"Unchanged: {names or 'nothing'}.", "dim"))
    print_out(plain(f"Another answer: {count(len(found['changed']), 'question')}."))
    _place(found["report"])


def checked(found: EvalSet, problems: Sequence[Problem]) -> None:
    """Show what is wrong with a set, all of it."""
    for problem in problems:
        print_out(plain(problem.line()))
    good = "no problem found" if not problems else count(len(problems), "problem")
    print_out(plain(f"{found.name}: {count(len(found.examples), 'question')}, {good}."))


def problems(found: Sequence[Problem]) -> None:
    """Tell, on standard error, which rows are left out."""
    sys.stderr.writelines(f"dalel: left out: {each.line()}\n" for each in _first(found))
    if len(found) > _PROBLEMS_SHOWN:
        sys.stderr.write(f"dalel: … and {len(found) - _PROBLEMS_SHOWN} more; see --check\n")


def interrupted(done: int, total: int) -> None:
    """Tell how far it came, and that nothing is lost."""
    sys.stderr.write(
        f"dalel: interrupted after {done} of {count(total, 'question')}; the same command goes on"
        " there\n"
    )


def _first(found: Sequence[Problem]) -> Iterable[Problem]:
    return islice(found, _PROBLEMS_SHOWN)


def _place(path: Path | str) -> None:
    print_out(plain(f"Report: {path}"))
