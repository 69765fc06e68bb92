"""A run and a comparison as parts of the page, in the reader's language.

In: a run's folder, or a comparison. Out: HTML on one line, all text escaped. The report, a page of
its own in English, has the rest.
"""

from pathlib import Path
from typing import Any, Final

from chat.web.template import on_one_line
from chat.web.words import Words
from eval.compare import Comparison
from eval.folder import RunFolder
from eval.legend import HEADLINE, MEASURES

_PAGES: Final = Path(__file__).parent / "page"

FAILING_SHOWN: Final = 40
"""Questions that went wrong shown at most; the report has all."""

_SHOWN: Final = (*HEADLINE, "citation_validity", "milliseconds_p50")


def results_html(folder: RunFolder, words: Words) -> str:
    """Return a run's figures, and the questions that went wrong, with their evidence."""
    summary = folder.summary()
    figures = summary["figures"]
    failing = [record for record in folder.records() if record["failures"]]
    return on_one_line(
        "results",
        words,
        folder=_PAGES,
        summary=summary,
        rows=[_row(name, figures[name], words) for name in _SHOWN if name in figures],
        failing=failing[:FAILING_SHOWN],
        total=len(failing),
        report=f"/more/runs/{folder.path.name}/report.html",
    )


def comparison_html(compared: Comparison, page: Path, words: Words) -> str:
    """Return what changed between two runs."""
    figures = {row["name"]: row for row in compared["figures"]}
    rows = [figures[name] for name in _SHOWN if name in figures]
    return on_one_line(
        "compared",
        words,
        folder=_PAGES,
        compared=compared,
        rows=rows,
        report=f"/more/runs/{page.parent.name}/{page.name}",
    )


def _row(name: str, figure: dict[str, Any], words: Words) -> dict[str, Any]:
    """Return a line of the table: its name, value, interval, and where a bar begins and ends."""
    value, interval = figure["value"], figure["interval"]
    if MEASURES[name].unit == "ms":
        told = words.say("milliseconds", n=words.number(round(value)))
        return {"name": name, "value": told, "interval": "", "bar": None, "n": figure["n"]}
    low, high = interval or (value, value)
    return {
        "name": name,
        "value": words.decimal(value),
        "interval": f"{words.decimal(low)}–{words.decimal(high)}" if interval else "",
        "bar": [round(100 * each, 1) for each in (value, low, high)],
        "n": figure["n"],
    }
