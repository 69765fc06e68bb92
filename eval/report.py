"""A run as one HTML page that needs nothing else: figures, plots, and every question by itself.

In: a summary and its records. Out: HTML. Document text in it is hostile: all of it is escaped, and
the page's policy lets no script run but its own. Knows nothing of indexes; asks nothing.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.ask import Record
from eval.legend import HEADLINE, MEASURES, written
from eval.measure import FAILURES
from eval.metrics.abstention import risk_coverage
from eval.metrics.ranking import recall
from eval.plot import Axis, Guide, Series, bars, counted, lines, round_ticks
from eval.summary import Summary, points, went_right

_RANKS: Final = 20
"""How far down recall is drawn."""

_LINES: Final = 6
"""Directions drawn at most, those with the most questions."""

_CARDS: Final = (
    "right",
    "right_sentence@all",
    "answer_in_citation@all",
    "ndcg@10",
    "hallucination",
    "error",
    "citation_validity",
    "milliseconds_p50",
)


def report(summary: Summary, records: Sequence[Record]) -> str:
    """Return the page of a run."""
    return page(
        "report",
        summary=summary,
        records=[*sorted(records, key=lambda record: not record["failures"])],
        cards=[name for name in _CARDS if name in summary["figures"]],
        headline=[name for name in HEADLINE if name in summary["figures"]],
        groups=_groups(summary["figures"]),
        plots=_plots(summary, records),
        failed=[*((name, FAILURES[name]) for name in summary["failures"]), ("right", "Went right")],
        tags=sorted({tag for record in records for tag in record["tags"] if is_kind(tag)}),
    )


def page(name: str, **values: object) -> str:
    """Fill in a page of eval/page/ with style and script inside, and nothing from outside."""
    folder = Path(__file__).parent / "page"
    style, script = ((folder / file).read_text("utf-8") for file in ("page.css", "page.js"))
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none';"
        f" style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    )
    return _environment().get_template(f"{name}.html.jinja").render(
        style=Markup(style), script=Markup(script), policy=Markup(policy), **values
    )  # fmt: skip


def _digest(text: str) -> str:
    """Return a source as a content security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "page"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {"measures": MEASURES, "failure_names": FAILURES, "written": written}
    found.globals["went_right"] = went_right
    found.tests["kind"] = is_kind
    return found


def is_kind(tag: str) -> bool:
    """Say whether a tag names a kind of question, not a direction or another question."""
    return "->" not in tag and ":" not in tag


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
    made = [
        _risk(asked) if points(asked) else None,
        _recall(asked) if any(_is_ranked(record) for record in asked) else None,
        _confidences(summary, asked) if asked else None,
        _times(summary, asked) if asked else None,
    ]
    return [plot for plot in made if plot]


def _risk(records: Sequence[Record]) -> Markup:
    confidences, losses = zip(*points(records), strict=True)
    curve = risk_coverage(confidences, losses)
    return lines(
        "Risk and coverage",
        Axis("share of questions answered, surest first", _QUARTERS, _SHARE),
        Axis("share of answers that are wrong", _QUARTERS, _SHARE),
        [Series("wrong among those answered", curve)],
        [Guide("5 %", y=0.05), Guide("answered now", x=_answered(records))],
    )


def _answered(records: Sequence[Record]) -> float:
    judged = [record for record in records if record["would_be_right"] is not None]
    return sum(not record["answer"]["abstained"] for record in judged) / len(judged)


def _is_ranked(record: Record) -> bool:
    return any(gain > 0 for gain in record["relevant"].values())


def _recall(records: Sequence[Record]) -> Markup:
    by_direction: dict[str, list[Record]] = defaultdict(list)
    for record in filter(_is_ranked, records):
        by_direction[record["direction"]].append(record)
    most = sorted(by_direction.items(), key=lambda item: -len(item[1]))[:_LINES]
    series = [
        Series(f"{name.replace('->', ' → ')} ({len(held)})", _recall_by_rank(held))
        for name, held in sorted(most)
    ]
    return lines(
        "Recall by rank",
        Axis("rank", (1, 5, 10, 15, _RANKS), _COUNT),
        Axis("share of what is relevant that is found so far", _QUARTERS, _SHARE),
        series,
    )


def _recall_by_rank(records: Sequence[Record]) -> list[tuple[float, float]]:
    found = []
    for k in range(1, _RANKS + 1):
        values = [recall([r[0] for r in each["ranked"]], each["relevant"], k) for each in records]
        found.append((float(k), sum(values) / len(values)))
    return found


def _confidences(summary: Summary, records: Sequence[Record]) -> Markup:
    axis = Axis("confidence", _QUARTERS, "{:.2f}".format)
    kinds = {
        "right, or would be": [r for r in records if r["answerable"] and r["would_be_right"]],
        "wrong": [r for r in records if r["answerable"] and r["would_be_right"] is False],
        "not judged": [r for r in records if r["answerable"] and r["would_be_right"] is None],
        "unanswerable": [r for r in records if not r["answerable"]],
    }
    series = [
        Series(
            f"{name} ({len(held)})", counted([r["answer"]["confidence"] for r in held], axis, 20)
        )
        for name, held in kinds.items()
        if held
    ]
    return bars(
        "Confidence",
        axis,
        Axis("questions", _counts(series), _COUNT),
        series,
        [Guide("threshold", x=summary["config"]["threshold"])],
    )


def _times(summary: Summary, records: Sequence[Record]) -> Markup:
    times = [record["milliseconds"] for record in records]
    axis = Axis("milliseconds", round_ticks(max(times)), _COUNT)
    series = [Series(f"answers ({len(times)})", counted(times, axis, 30))]
    guides = [
        Guide(f"p{percent}", x=summary["figures"][f"milliseconds_p{percent}"]["value"])
        for percent in (50, 95)
    ]
    return bars("Time", axis, Axis("answers", _counts(series), _COUNT), series, guides)


def _counts(series: Sequence[Series]) -> list[float]:
    return round_ticks(max(4.0, *(point[1] for each in series for point in each.points)))
