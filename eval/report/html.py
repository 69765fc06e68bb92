"""A run as one HTML page that needs nothing else: figures, plots, and every question by itself.

Document text in it is hostile: all of it is escaped, and the page's policy lets no script run but
its own.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from chat.sanitize import sanitize
from chat.web.templates import render_template
from eval.metrics.abstention import confidence_and_loss, risk_coverage
from eval.metrics.calibration_error import calibration_bins
from eval.metrics.case import Record
from eval.metrics.ranking import recall
from eval.metrics.registry import FAILURES, HEADLINE, MEASURES, format_value
from eval.report.plot import Axis, Guide, Series, bars, histogram, lines, round_ticks
from eval.summary import Summary, names_kind

PAGES: Final = Path(__file__).parent / "pages"
"""Templates of the report, of the comparison, and of the evaluation tab."""

_MAX_RANK_DRAWN: Final = 20
"""How far down recall is drawn."""

_MAX_DIRECTIONS_DRAWN: Final = 6
"""Directions drawn at most, those with the most questions."""

_CARDS: Final = (
    "right",
    "right_sentence@all",
    "answer_in_citation@all",
    "short_answer_f1",
    "sentence_precision",
    "ndcg@10",
    "hallucination",
    "error",
    "citation_validity",
    "milliseconds_p50",
)
"""Figures at the top of a report."""


def report(summary: Summary, records: Sequence[Record]) -> str:
    """Return the page of a run."""
    return fill_page(
        "report",
        summary=summary,
        records=[*sorted(records, key=lambda record: not record["failures"])],
        cards=[name for name in _CARDS if name in summary["figures"]],
        headline=[name for name in HEADLINE if name in summary["figures"]],
        groups=_groups(summary["figures"]),
        plots=_plots(summary, records),
        failed=[*((name, FAILURES[name]) for name in summary["failures"]), ("right", "Went right")],
        tags=sorted({tag for record in records for tag in record["tags"] if names_kind(tag)}),
    )


def fill_page(name: str, **values: Any) -> str:  # noqa: ANN401  (whatever a template shows)
    """Fill in a page of PAGES with style and script inside, and nothing from outside."""
    style, script = ((PAGES / file).read_text("utf-8") for file in ("page.css", "page.js"))
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none';"
        f" style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    )
    sanitized: dict[str, Any] = {key: _sanitize_all(value) for key, value in values.items()}
    return render_template(
        name,
        None,
        folder=PAGES,
        style=Markup(style),
        script=Markup(script),
        policy=Markup(policy),
        measures=MEASURES,
        failure_names=FAILURES,
        format_value=format_value,
        **sanitized,
    )


def _sanitize_all(value: Any) -> Any:  # noqa: ANN401  (plain data of any shape)
    """Return plain data with every text sanitized.

    What a template prints is sanitized anyway; here it is what filters and links go by as well.
    """
    if isinstance(value, str):
        return value if isinstance(value, Markup) else sanitize(value)
    if isinstance(value, dict):
        return {_sanitize_all(key): _sanitize_all(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_sanitize_all(inner) for inner in value]
    return value


def _digest(text: str) -> str:
    """Return a source as a content security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def _groups(figures: Mapping[str, Any]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in figures:
        groups[MEASURES[name].group].append(name)
    return dict(groups)


# --- plots ------------------------------------------------------------------------------------

_SHARE: Final = "{:.0%}".format
_COUNT: Final = "{:.0f}".format
_QUARTERS: Final = (0, 0.25, 0.5, 0.75, 1)


def _plots(summary: Summary, records: Sequence[Record]) -> list[Markup]:
    asked = [record for record in records if record["metrics"]]
    judged = [record for record in asked if confidence_and_loss(record)]
    plots = [
        _plot_risk(judged) if judged else None,
        _plot_calibration(judged) if judged else None,
        _plot_recall(asked) if any(_is_ranked(record) for record in asked) else None,
        _plot_confidences(summary, asked) if asked else None,
        _plot_times(summary, asked) if asked else None,
    ]
    return [plot for plot in plots if plot]


def _plot_risk(records: Sequence[Record]) -> Markup:
    curve = risk_coverage(*_confidences_and_losses(records).T)
    return lines(
        "Risk and coverage",
        Axis("share of questions answered, surest first", _QUARTERS, _SHARE),
        Axis("share of answers that are wrong", _QUARTERS, _SHARE),
        [Series("wrong among those answered", curve.tolist())],
        [Guide("5 %", y=0.05), Guide("answered now", x=_answered_share(records))],
    )


def _answered_share(records: Sequence[Record]) -> float:
    return sum(not record["answer"]["abstained"] for record in records) / len(records)


def _plot_calibration(records: Sequence[Record]) -> Markup:
    confidences, losses = _confidences_and_losses(records).T
    bins = calibration_bins(confidences, 1 - losses)
    return lines(
        "Calibration",
        Axis("confidence, mean of a tenth of the questions", _QUARTERS, _SHARE),
        Axis("share of answers that are right, or would be", _QUARTERS, _SHARE),
        [
            Series("right", bins[:, 1:].tolist()),
            Series("as sure as right", [(0.0, 0.0), (1.0, 1.0)]),
        ],
    )


def _confidences_and_losses(judged: Sequence[Record]) -> NDArray[np.float64]:
    return np.asarray([confidence_and_loss(record) for record in judged], float)


def _is_ranked(record: Record) -> bool:
    return any(gain > 0 for gain in record["relevant"].values())


def _plot_recall(records: Sequence[Record]) -> Markup:
    by_direction: dict[str, list[Record]] = defaultdict(list)
    for record in filter(_is_ranked, records):
        by_direction[record["direction"]].append(record)
    largest = sorted(by_direction.items(), key=lambda item: -len(item[1]))[:_MAX_DIRECTIONS_DRAWN]
    series = [
        Series(f"{name.replace('->', ' → ')} ({len(group)})", _recall_by_rank(group))
        for name, group in sorted(largest)
    ]
    return lines(
        "Recall by rank",
        Axis("rank", (1, 5, 10, 15, _MAX_RANK_DRAWN), _COUNT),
        Axis("share of what is relevant that is found so far", _QUARTERS, _SHARE),
        series,
    )


def _recall_by_rank(records: Sequence[Record]) -> list[tuple[float, float]]:
    rankings = [([name for name, _ in r["ranked"]], r["relevant"]) for r in records]
    points = []
    for k in range(1, _MAX_RANK_DRAWN + 1):
        recalls = [recall(ids, relevant, k) for ids, relevant in rankings]
        points.append((float(k), sum(recalls) / len(recalls)))
    return points


def _plot_confidences(summary: Summary, records: Sequence[Record]) -> Markup:
    axis = Axis("confidence", _QUARTERS, "{:.2f}".format)
    kinds = {
        "right, or would be": [r for r in records if r["answerable"] and r["would_be_right"]],
        "wrong": [r for r in records if r["answerable"] and r["would_be_right"] is False],
        "not judged": [r for r in records if r["answerable"] and r["would_be_right"] is None],
        "unanswerable": [r for r in records if not r["answerable"]],
    }
    series = [
        Series(
            f"{name} ({len(group)})",
            histogram([r["answer"]["confidence"] for r in group], axis, 20),
        )
        for name, group in kinds.items()
        if group
    ]
    return bars(
        "Confidence",
        axis,
        Axis("questions", _count_ticks(series), _COUNT),
        series,
        [Guide("threshold", x=summary["config"]["threshold"])],
    )


def _plot_times(summary: Summary, records: Sequence[Record]) -> Markup:
    times = [record["milliseconds"] for record in records]
    axis = Axis("milliseconds", round_ticks(max(times)), _COUNT)
    series = [Series(f"answers ({len(times)})", histogram(times, axis, 30))]
    guides = [
        Guide(f"p{percent}", x=summary["figures"][f"milliseconds_p{percent}"]["value"])
        for percent in (50, 95)
    ]
    return bars("Time", axis, Axis("answers", _count_ticks(series), _COUNT), series, guides)


def _count_ticks(series: Sequence[Series]) -> list[float]:
    return round_ticks(max(4.0, *(height for one in series for _, height in one.points)))
