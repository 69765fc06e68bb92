"""The tab of the page that evaluates: run a set, see what went wrong, compare two runs, make a set.

Runs go where `dalel eval` puts its own, and go on where they were cancelled. The tab shows a short
form of each report; the whole report, in the reader's language too, and its rows as files are
served at /more/.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any, Final
from urllib.parse import quote

from chat.web.gradio_adapter import QUIET, choice_label, html_block
from chat.web.i18n import Translations
from chat.web.reasons import reason_in
from chat.web.site import Part, Site
from chat.web.templates import render_on_one_line
from chat.web.viewer import note_html
from eval.compare import Comparison, changes, comparison_page
from eval.metrics.case import Record
from eval.metrics.registry import HEADLINE, MEASURES
from eval.report.outcome import failed_stage, gold_places, with_links
from eval.report.texts import measures_in
from eval.run_store import RunFolder
from eval.set_form import set_form
from eval.web_reports import (
    add_routes,
    compared,
    comparison_file,
    document_links,
    run_address,
)
from eval.web_runs import Evaluation, OfferedSet, Running, expected_seconds, seconds_left
from ingest.errors import DalelError

MAX_FAILING_SHOWN: Final = 40
"""Questions that went wrong shown at most; the report has all."""

SHOWN_FIGURES: Final = (*HEADLINE, "citation_validity", "milliseconds_p50")
"""The figures of the tab's tables, in their order."""

_PAGES: Final = Path(__file__).parent / "report" / "pages"

_PROGRESS_SECONDS: Final = 0.3
"""How often the page is told how far a run is."""


def evaluation_tab(i18n: Translations, site: Site) -> None:
    """Build the tab."""
    import gradio

    evaluation = Evaluation(site)
    with gradio.Tab(i18n.text("evaluate_tab"), id="evaluate") as tab:
        chosen, about, start, stop = _set_row(i18n, evaluation)
        status = html_block()
        saved, saving = set_form(i18n, evaluation, tab)
        before, after, both, comparison = _comparison_rows(i18n)
        earlier, show = _earlier_row(i18n)
        results = html_block()
        runs, progress = [earlier, before, after], [status, stop]
        opened = tab.select(
            partial(_lists, i18n, evaluation), [chosen], [chosen, about, *runs], **QUIET
        )
        opened.then(partial(_watch, i18n, evaluation), None, [*progress, results, *runs], **QUIET)
        chosen.change(partial(_about, i18n, evaluation), [chosen], [about], **QUIET)
        start.click(
            partial(_start, i18n, evaluation), [chosen], [*progress, results, *runs],
            concurrency_limit=1, concurrency_id="evaluate", **QUIET,
        )  # fmt: skip
        stop.click(partial(_stop, i18n, evaluation), None, [status], **QUIET)
        show.click(partial(_show, i18n, evaluation), [earlier], [results], **QUIET)
        both.click(partial(_compare, i18n, evaluation), [before, after], [comparison], **QUIET)
        saving.then(partial(_offer_saved, i18n, evaluation), [saved], [chosen, about], **QUIET)


def _set_row(i18n: Translations, evaluation: Evaluation) -> tuple[Any, Any, Any, Any]:
    """Build where a set is chosen; return the list, what is told of it, run and cancel."""
    import gradio

    choices, first = _set_choices(i18n, evaluation)
    with gradio.Row(elem_classes="dalel-line"):
        chosen = gradio.Dropdown(
            choices, value=first, label=i18n.text("set"), scale=4, min_width=320, interactive=True
        )
        start = gradio.Button(i18n.text("run"), variant="primary", scale=1)
        stop = gradio.Button(i18n.text("cancel"), scale=1, visible=False)
    about = html_block(_about(i18n, evaluation, first))
    return chosen, about, start, stop


def _earlier_row(i18n: Translations) -> tuple[Any, Any]:
    import gradio

    with gradio.Row(elem_classes="dalel-line"):
        earlier = gradio.Dropdown(
            [], label=i18n.text("results_of"), scale=4, min_width=320, interactive=True
        )
        show = gradio.Button(i18n.text("show_results"), scale=1)
    return earlier, show


def _comparison_rows(i18n: Translations) -> tuple[Any, Any, Any, Any]:
    import gradio

    with gradio.Accordion(i18n.text("compare_runs"), open=False):
        with gradio.Row(elem_classes="dalel-line"):
            before = gradio.Dropdown(
                [], label=i18n.text("run_before"), min_width=320, scale=2, interactive=True
            )
            after = gradio.Dropdown(
                [], label=i18n.text("run_after"), min_width=320, scale=2, interactive=True
            )
            both = gradio.Button(i18n.text("compare"), scale=1)
        comparison = html_block()
    return before, after, both, comparison


# --- what can be chosen ---------------------------------------------------------------------------


def _set_choices(
    i18n: Translations, evaluation: Evaluation
) -> tuple[list[tuple[str, str]], str | None]:
    """Return the sets as a list of Gradio's has them, and the first one's key."""
    offered = evaluation.offered()
    choices = [(choice_label(_set_label(i18n, one)), one.key) for one in offered]
    return choices, offered[0].key if offered else None


def _set_label(i18n: Translations, one: OfferedSet) -> str:
    if not one.questions:
        return one.path.name
    questions = i18n.count("set_questions", one.questions)
    languages = ", ".join(i18n.text(f"written_{name}") for name in one.languages)
    return i18n.text(
        "set_label_languages", name=one.path.name, questions=questions, languages=languages
    )


def _about(i18n: Translations, evaluation: Evaluation, chosen: object) -> str:
    """Say what a set is for, if that is known, and what a run of it takes."""
    one = evaluation.find(chosen)
    if one is None or not one.questions:
        return ""
    time = _duration(i18n, expected_seconds(one.questions))
    notes = [i18n.text("takes_about", time=time)]
    if one.purpose:
        notes.insert(0, i18n.text(f"set_about_{one.purpose}"))
    return "".join(map(note_html, notes))


def _duration(i18n: Translations, seconds: float) -> str:
    if seconds < 90:
        return i18n.count("seconds_count", max(5, 5 * round(seconds / 5)))
    return i18n.count("minutes_count", round(seconds / 60))


def _lists(i18n: Translations, evaluation: Evaluation, chosen: object) -> list[Any]:
    """Return what can be chosen, what is chosen staying so: sets, and three times the runs."""
    import gradio

    choices, first = _set_choices(i18n, evaluation)
    runs = _run_lists(i18n, evaluation)
    if chosen in [key for _, key in choices]:
        # Not its value: on a busy machine another one may be chosen before this comes.
        return [gradio.update(choices=choices), _about(i18n, evaluation, chosen), *runs]
    sets = gradio.update(choices=choices, value=first)
    return [sets, _about(i18n, evaluation, first), *runs]


def _run_lists(i18n: Translations, evaluation: Evaluation, shown: str | None = None) -> list[Any]:
    """Return the updates of the lists of runs; what is shown is chosen in the first of them."""
    import gradio

    runs = [(run_label(RunFolder(evaluation.runs / name), i18n), name)
            for name in evaluation.finished()]  # fmt: skip
    first = gradio.update(choices=runs, value=shown) if shown else gradio.update(choices=runs)
    return [first, gradio.update(choices=runs), gradio.update(choices=runs)]


def run_label(folder: RunFolder, i18n: Translations) -> str:
    """Return what a run is called: its set, when it was begun, how much of it was right."""
    try:
        summary = folder.summary()
    except DalelError:
        return choice_label(folder.path.name)
    begun = datetime.fromisoformat(summary["config"]["started"]).astimezone()
    when = i18n.moment(begun.replace(tzinfo=None))  # As the clock of the server shows it.
    name, right = summary.get("set", folder.path.name), summary["figures"].get("right")
    if right is None:
        return choice_label(i18n.text("run_label", set=name, when=when))
    share = i18n.percent(right["value"])
    return choice_label(i18n.text("run_label_right", set=name, when=when, share=share))


def _offer_saved(i18n: Translations, evaluation: Evaluation, key: object) -> list[Any]:
    """Offer a set that was saved, and choose it."""
    import gradio

    if not key:
        return [gradio.skip()] * 2
    choices, _ = _set_choices(i18n, evaluation)
    return [gradio.update(choices=choices, value=key), _about(i18n, evaluation, key)]


# --- a run ----------------------------------------------------------------------------------------


def _start(i18n: Translations, evaluation: Evaluation, chosen: object) -> Iterator[list[Any]]:
    """Run a set, and tell how far it is."""
    import gradio

    one = evaluation.find(chosen)
    if one is None:
        yield [note_html(i18n.text("no_sets"), "bad"), *[gradio.skip()] * 5]
        return
    yield from _follow(i18n, evaluation, evaluation.start(one.path, i18n))


def _watch(i18n: Translations, evaluation: Evaluation) -> Iterator[list[Any]]:
    """Tell how far the run is that goes on, if one does, whoever started it."""
    import gradio

    running = evaluation.going_on()
    if running:
        yield from _follow(i18n, evaluation, running)
    else:
        yield [gradio.skip()] * 6


def _follow(i18n: Translations, evaluation: Evaluation, running: Running) -> Iterator[list[Any]]:
    """Yield how far a run is until it has ended, then what came of it."""
    import gradio

    same, shown, hidden = gradio.skip(), gradio.update(visible=True), gradio.update(visible=False)
    for note in _progress_notes(i18n, running):
        yield [note, shown, *[same] * 4]
    # Another run may go on where this one was not begun.
    stop = shown if evaluation.going_on() else hidden
    if running.folder is None:
        yield [_end_note(i18n, running), stop, *[same] * 4]
        return
    results = results_html(running.folder, i18n, evaluation.site)
    yield ["", stop, results, *_run_lists(i18n, evaluation, running.folder.path.name)]


def _progress_notes(i18n: Translations, running: Running) -> Iterator[str]:
    """Yield how far a run is, until it has ended."""
    while not running.ended:
        counts = {"done": i18n.number(running.done), "total": i18n.number(running.total)}
        left = seconds_left(running)
        if not running.total:
            note = i18n.text("preparing")
        elif left is None:
            note = i18n.text("asked_of", **counts)
        else:
            note = i18n.text("asked_of_left", **counts, time=_duration(i18n, left))
        yield render_on_one_line("progress", i18n, folder=_PAGES, note=note, running=running)
        sleep(_PROGRESS_SECONDS)


def _end_note(i18n: Translations, running: Running) -> str:
    """Say why a run ended before it was done."""
    if running.failure:
        return note_html(i18n.text("not_done", reason=running.failure), "bad")
    counts = {"done": i18n.number(running.done), "total": i18n.number(running.total)}
    return note_html(i18n.text("cancelled", **counts))


def _stop(i18n: Translations, evaluation: Evaluation) -> Any:  # noqa: ANN401  (Gradio's own)
    """Let the run that goes on stop after the question it is at."""
    import gradio

    running = evaluation.going_on()
    if running is None:
        return note_html(i18n.text("nothing_runs"))
    running.cancelled = True
    return gradio.skip()


def _show(i18n: Translations, evaluation: Evaluation, name: object) -> str:
    """Show the results of a run that is done."""
    if name not in evaluation.finished():
        return note_html(i18n.text("choose_run"), "bad")
    try:
        return results_html(RunFolder(evaluation.runs / str(name)), i18n, evaluation.site)
    except DalelError as error:
        return note_html(i18n.text("not_done", reason=evaluation.reason(error, i18n)), "bad")


def _compare(i18n: Translations, evaluation: Evaluation, before: object, after: object) -> str:
    """Compare two runs, and keep the report with the second."""
    runs = evaluation.finished()
    if before == after or before not in runs or after not in runs:
        return note_html(i18n.text("choose_runs"), "bad")
    first, second = (RunFolder(evaluation.runs / str(name)) for name in (before, after))
    try:
        comparison = compared(first, second)
        page = comparison_file(first, second)
        html = comparison_page(comparison, i18n.language)
        page.write_text(html, "utf-8", "backslashreplace")
    except DalelError as error:
        return note_html(i18n.text("not_done", reason=evaluation.reason(error, i18n)), "bad")
    except OSError as error:
        reason = reason_in(i18n.language, str(error.strerror))
        return note_html(i18n.text("not_done", reason=reason), "bad")
    return comparison_html(comparison, page, i18n, evaluation.site)


# --- what is shown --------------------------------------------------------------------------------


def results_html(folder: RunFolder, i18n: Translations, site: Site) -> str:
    """Return a run's figures, and the questions that went wrong, with their evidence."""
    summary = folder.summary()
    figures = summary["figures"]
    failing = [record for record in folder.records() if record["failures"]]
    link_to = document_links(site, i18n.language)
    return render_on_one_line(
        "results",
        i18n,
        folder=_PAGES,
        summary=summary,
        rows=[_row(name, figures[name], i18n) for name in SHOWN_FIGURES if name in figures],
        measures=measures_in(i18n.language),
        failing=[with_links(record, link_to) for record in failing[:MAX_FAILING_SHOWN]],
        total=len(failing),
        run=run_address(folder.path.name),
        expected=_expected,
        failed_stage=failed_stage,
    )


def comparison_html(comparison: Comparison, page: Path, i18n: Translations, site: Site) -> str:
    """Return what changed between two runs.

    Args:
        comparison: The comparison.
        page: The file of its report, in the folder of the second run.
        i18n: The language of the page.
        site: The page, whose documents are led to.
    """
    figures = {row["name"]: row for row in comparison["figures"]}
    changed = changes(comparison, document_links(site, i18n.language))
    kinds = Counter(change["kind"] for change in changed)
    return render_on_one_line(
        "compared",
        i18n,
        folder=_PAGES,
        compared=comparison,
        names=[
            run_label(RunFolder(page.parents[1] / comparison[side]["name"]), i18n)
            for side in ("a", "b")
        ],
        rows=[figures[name] for name in SHOWN_FIGURES if name in figures],
        kinds={kind: kinds[kind] for kind in ("worse", "better", "other")},
        changed=changed[:MAX_FAILING_SHOWN],
        report=f"{run_address(page.parent.name)}/{quote(page.name)}?language={i18n.language}",
    )


def _expected(record: Record) -> str:
    """Return what would have been right; empty for a refusal."""
    return " · ".join(record["answers"] or [place.text for place in gold_places(record)])


def _row(name: str, figure: dict[str, Any], i18n: Translations) -> dict[str, Any]:
    """Return a line of the table: its name, value, interval, and where a bar begins and ends."""
    value, interval = figure["value"], figure["interval"]
    if MEASURES[name].unit == "ms":
        duration = i18n.text("milliseconds", n=i18n.number(round(value)))
        return {"name": name, "value": duration, "interval": "", "bar": None, "n": figure["n"]}
    low, high = interval or (value, value)
    return {
        "name": name,
        "value": i18n.decimal(value),
        "interval": f"{i18n.decimal(low)}–{i18n.decimal(high)}" if interval else "",
        "bar": [round(100 * number, 1) for number in (value, low, high)],
        "n": figure["n"],
    }


PART: Final = Part(tab=evaluation_tab, routes=add_routes)
"""What `dalel chat` hands to the page."""
