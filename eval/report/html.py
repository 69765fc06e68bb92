"""A run as one HTML page that needs nothing else: figures, plots, and every question by itself.

Document text in it is hostile: all of it is escaped, and the page's policy lets no script run but
its own.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from chat.sanitize import sanitize
from chat.web.i18n import Translations
from chat.web.templates import render_template
from eval.metrics.abstention import confidence_and_loss, risk_coverage
from eval.metrics.calibration_error import calibration_bins
from eval.metrics.case import Measure, Record
from eval.metrics.ranking import recall
from eval.metrics.registry import HEADLINE
from eval.report.outcome import LinkTo, with_links
from eval.report.plot import Axis, Guide, Series, bars, histogram, lines, round_ticks
from eval.report.texts import WriteValue, failures_in, measures_in, report_texts, value_writer
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


def report(
    summary: Summary,
    records: Sequence[Record],
    language: str = "en",
    link_to: LinkTo | None = None,
) -> str:
    """Return the page of a run.

    Args:
        summary: Its figures.
        records: Its questions.
        language: One of chat/web/i18n.py's LANGUAGES.
        link_to: Where places in documents can be read; None for a file, which is read where no such
            page is.
    """
    texts = report_texts(language)
    failure_names = failures_in(language)
    return fill_page(
        "report",
        language,
        summary=summary,
        records=[
            with_links(record, link_to) if link_to else record
            for record in sorted(records, key=lambda record: not record["failures"])
        ],
        cards=[name for name in _CARDS if name in summary["figures"]],
        headline=[name for name in HEADLINE if name in summary["figures"]],
        groups=_groups(summary["figures"], measures_in(language)),
        plots=_plots(summary, records, texts),
        failed=[
            *((name, failure_names[name]) for name in summary["failures"]),
            ("right", texts.text("outcome_right")),
        ],
        tags=sorted({tag for record in records for tag in record["tags"] if names_kind(tag)}),
    )


def fill_page(
    name: str,
    language: str,
    **values: Any,  # noqa: ANN401  (whatever a template shows)
) -> str:
    """Fill in a page of PAGES with style and script inside, and nothing from outside."""
    texts = report_texts(language)
    write = value_writer(texts)
    style, script = ((PAGES / file).read_text("utf-8") for file in ("page.css", "page.js"))
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none';"
        f" style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    )
    sanitized: dict[str, Any] = {key: _sanitize_all(value) for key, value in values.items()}
    return render_template(
        name,
        texts,
        folder=PAGES,
        style=Markup(style),
        script=Markup(script),
        policy=Markup(policy),
        measures=measures_in(language),
        failure_names=failures_in(language),
        format_value=write,
        format_change=partial(_write_change, texts),
        format_threshold=partial(_write_threshold, texts),
        format_range=partial(_write_range, texts, write),
        **sanitized,
    )


def _write_range(
    texts: Translations, write: WriteValue, figure: Mapping[str, Any], unit: str = ""
) -> str:
    """Write the interval of a figure; empty if it has none."""
    if not figure["interval"]:
        return ""
    low, high = figure["interval"]
    written = (f"{low:.0f}" if unit else write(low), write(high, unit))
    return texts.text("from_to", low=written[0], high=written[1]) if low < 0 else "–".join(written)


def _write_threshold(texts: Translations, value: float) -> str:
    """Write a threshold with all of its decimals."""
    return str(value) if texts.language == "en" else str(value).replace(".", ",")


def _write_change(texts: Translations, value: float) -> str:
    """Write a difference, with its sign."""
    if texts.language == "en":
        return f"{value:+.3f}"
    return f"{'+' if value > 0 else ''}{texts.decimal(value)}"


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


def _groups(figures: Mapping[str, Any], measures: Mapping[str, Measure]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in figures:
        groups[measures[name].group].append(name)
    return dict(groups)


# --- plots ------------------------------------------------------------------------------------

_SHARE: Final = "{:.0%}".format
_COUNT: Final = "{:.0f}".format
_QUARTERS: Final = (0, 0.25, 0.5, 0.75, 1)


def _plots(summary: Summary, records: Sequence[Record], texts: Translations) -> list[Markup]:
    asked = [record for record in records if record["metrics"]]
    judged = [record for record in asked if confidence_and_loss(record)]
    plots = [
        _plot_risk(judged, texts) if judged else None,
        _plot_calibration(judged, texts) if judged else None,
        _plot_recall(asked, texts) if any(_is_ranked(record) for record in asked) else None,
        _plot_confidences(summary, asked, texts) if asked else None,
        _plot_times(summary, asked, texts) if asked else None,
    ]
    return [plot for plot in plots if plot]


def _plot_risk(records: Sequence[Record], texts: Translations) -> Markup:
    curve = risk_coverage(*_confidences_and_losses(records).T)
    answered_now = Guide(texts.text("answered_now"), x=_answered_share(records))
    return lines(
        texts.text("risk_plot"),
        Axis(texts.text("risk_x"), _QUARTERS, _SHARE),
        Axis(texts.text("risk_y"), _QUARTERS, _SHARE),
        [Series(texts.text("risk_series"), curve.tolist())],
        [Guide("5 %", y=0.05), answered_now],
    )


def _answered_share(records: Sequence[Record]) -> float:
    return sum(not record["answer"]["abstained"] for record in records) / len(records)


def _plot_calibration(records: Sequence[Record], texts: Translations) -> Markup:
    confidences, losses = _confidences_and_losses(records).T
    bins = calibration_bins(confidences, 1 - losses)
    return lines(
        texts.text("calibration_plot"),
        Axis(texts.text("calibration_x"), _QUARTERS, _SHARE),
        Axis(texts.text("calibration_y"), _QUARTERS, _SHARE),
        [
            Series(texts.text("calibration_right"), bins[:, 1:].tolist()),
            Series(texts.text("calibration_ideal"), [(0.0, 0.0), (1.0, 1.0)]),
        ],
    )


def _confidences_and_losses(judged: Sequence[Record]) -> NDArray[np.float64]:
    return np.asarray([confidence_and_loss(record) for record in judged], float)


def _is_ranked(record: Record) -> bool:
    return any(gain > 0 for gain in record["relevant"].values())


def _plot_recall(records: Sequence[Record], texts: Translations) -> Markup:
    by_direction: dict[str, list[Record]] = defaultdict(list)
    for record in filter(_is_ranked, records):
        by_direction[record["direction"]].append(record)
    largest = sorted(by_direction.items(), key=lambda item: -len(item[1]))[:_MAX_DIRECTIONS_DRAWN]
    series = [
        Series(f"{name.replace('->', ' → ')} ({len(group)})", _recall_by_rank(group))
        for name, group in sorted(largest)
    ]
    return lines(
        texts.text("recall_plot"),
        Axis(texts.text("recall_x"), (1, 5, 10, 15, _MAX_RANK_DRAWN), _COUNT),
        Axis(texts.text("recall_y"), _QUARTERS, _SHARE),
        series,
    )


def _recall_by_rank(records: Sequence[Record]) -> list[tuple[float, float]]:
    rankings = [([name for name, _ in r["ranked"]], r["relevant"]) for r in records]
    points = []
    for k in range(1, _MAX_RANK_DRAWN + 1):
        recalls = [recall(ids, relevant, k) for ids, relevant in rankings]
        points.append((float(k), sum(recalls) / len(recalls)))
    return points


def _plot_confidences(summary: Summary, records: Sequence[Record], texts: Translations) -> Markup:
    axis = Axis(texts.text("confidence_x"), _QUARTERS, "{:.2f}".format)
    answerable = [record for record in records if record["answerable"]]
    kinds = {
        "kind_right": [record for record in answerable if record["would_be_right"]],
        "kind_wrong": [record for record in answerable if record["would_be_right"] is False],
        "kind_not_judged": [record for record in answerable if record["would_be_right"] is None],
        "kind_unanswerable": [record for record in records if not record["answerable"]],
    }
    series = [
        Series(
            f"{texts.text(name)} ({len(group)})",
            histogram([r["answer"]["confidence"] for r in group], axis, 20),
        )
        for name, group in kinds.items()
        if group
    ]
    return bars(
        texts.text("confidence_plot"),
        axis,
        Axis(texts.text("confidence_y"), _count_ticks(series), _COUNT),
        series,
        [Guide(texts.text("threshold"), x=summary["config"]["threshold"])],
    )


def _plot_times(summary: Summary, records: Sequence[Record], texts: Translations) -> Markup:
    times = [record["milliseconds"] for record in records]
    axis = Axis(texts.text("time_x"), round_ticks(max(times)), _COUNT)
    series = [Series(texts.text("time_series", n=len(times)), histogram(times, axis, 30))]
    guides = [
        Guide(f"p{percent}", x=summary["figures"][f"milliseconds_p{percent}"]["value"])
        for percent in (50, 95)
    ]
    return bars(
        texts.text("time_plot"),
        axis,
        Axis(texts.text("time_y"), _count_ticks(series), _COUNT),
        series,
        guides,
    )


def _count_ticks(series: Sequence[Series]) -> list[float]:
    return round_ticks(max(4.0, *(height for one in series for _, height in one.points)))
