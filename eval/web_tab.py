"""The tab of the page that evaluates: run a set, see what went wrong, compare two runs, make a set.

Runs go where `dalel eval` puts its own, and go on where they were cancelled. The tab shows a short
form of each report; the whole report, in the reader's language too, and its rows as files are
served at /more/.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from chat.web.evidence import link_to as link_to_place
from chat.web.gradio_adapter import QUIET, choice_label, html_block
from chat.web.i18n import LANGUAGES, Translations
from chat.web.site import Part, Site
from chat.web.templates import render_on_one_line
from chat.web.viewer import note_html
from eval.compare import Comparison, compare, comparison_page
from eval.metrics.case import Record
from eval.metrics.registry import HEADLINE, MEASURES
from eval.report.export import csv_rows
from eval.report.html import report
from eval.report.outcome import LinkTo, Place, failed_stage, gold_places, with_links
from eval.run_store import RunFolder
from eval.set_form import set_form
from eval.web_runs import Evaluation, OfferedSet, Running, expected_seconds, seconds_left
from ingest.errors import DalelError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.responses import Response

MAX_FAILING_SHOWN: Final = 40
"""Questions that went wrong shown at most; the report has all."""

SHOWN_FIGURES: Final = (*HEADLINE, "citation_validity", "milliseconds_p50")
"""The figures of the tab's tables, in their order."""

_PAGES: Final = Path(__file__).parent / "report" / "pages"

_PROGRESS_SECONDS: Final = 0.3
"""How often the page is told how far a run is."""

_COMPARISON: Final = re.compile(r"compared-with-[^/\\]+\.html")


def evaluation_tab(i18n: Translations, site: Site) -> None:
    """Build the tab."""
    import gradio

    evaluation = Evaluation(site)
    with gradio.Tab(i18n.text("evaluate_tab"), id="evaluate") as tab:
        chosen, about, start, stop = _set_row(i18n, evaluation)
        status = html_block()
        saved, saving = set_form(i18n, evaluation)
        before, after, both, comparison = _comparison_rows(i18n)
        earlier, show = _earlier_row(i18n)
        results = html_block()
        runs = [earlier, before, after]
        opened = tab.select(
            partial(_lists, i18n, evaluation), [chosen], [chosen, about, *runs], **QUIET
        )
        opened.then(partial(_watch, i18n, evaluation), None, [status, results, *runs], **QUIET)
        chosen.change(partial(_about, i18n, evaluation), [chosen], [about], **QUIET)
        start.click(
            partial(_start, i18n, evaluation), [chosen], [status, results, *runs],
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
    with gradio.Row(equal_height=True):
        chosen = gradio.Dropdown(
            choices, value=first, label=i18n.text("set"), scale=4, min_width=320, interactive=True
        )
        start = gradio.Button(i18n.text("run"), variant="primary", scale=1)
        stop = gradio.Button(i18n.text("cancel"), scale=1)
    about = html_block(_about(i18n, evaluation, first))
    return chosen, about, start, stop


def _earlier_row(i18n: Translations) -> tuple[Any, Any]:
    import gradio

    with gradio.Row(equal_height=True):
        earlier = gradio.Dropdown(
            [], label=i18n.text("results_of"), scale=4, min_width=320, interactive=True
        )
        show = gradio.Button(i18n.text("show_results"), scale=2)
    return earlier, show


def _comparison_rows(i18n: Translations) -> tuple[Any, Any, Any, Any]:
    import gradio

    with gradio.Accordion(i18n.text("compare_runs"), open=False):
        with gradio.Row(equal_height=True):
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
    """Say what a run of a set takes."""
    one = evaluation.find(chosen)
    if one is None or not one.questions:
        return ""
    time = _duration(i18n, expected_seconds(one.questions))
    return note_html(i18n.text("takes_about", time=time))


def _duration(i18n: Translations, seconds: float) -> str:
    if seconds < 90:
        return i18n.count("seconds_count", max(5, 5 * round(seconds / 5)))
    return i18n.count("minutes_count", round(seconds / 60))


def _lists(i18n: Translations, evaluation: Evaluation, chosen: object) -> list[Any]:
    """Return what can be chosen, what is chosen staying so: sets, and three times the runs."""
    import gradio

    choices, first = _set_choices(i18n, evaluation)
    key = chosen if chosen in [key for _, key in choices] else first
    sets = gradio.update(choices=choices, value=key)
    return [sets, _about(i18n, evaluation, key), *_run_lists(evaluation)]


def _run_lists(evaluation: Evaluation, shown: str | None = None) -> list[Any]:
    """Return the updates of the lists of runs; what is shown is chosen in the first of them."""
    import gradio

    names = evaluation.finished()
    first = gradio.update(choices=names, value=shown) if shown else gradio.update(choices=names)
    return [first, gradio.update(choices=names), gradio.update(choices=names)]


def _offer_saved(i18n: Translations, evaluation: Evaluation, key: object) -> list[Any]:
    """Offer a set that was saved, and choose it."""
    import gradio

    if not key:
        return [gradio.skip()] * 2
    return _lists(i18n, evaluation, key)[:2]


# --- a run ----------------------------------------------------------------------------------------


def _start(i18n: Translations, evaluation: Evaluation, chosen: object) -> Iterator[list[Any]]:
    """Run a set, and tell how far it is."""
    import gradio

    one = evaluation.find(chosen)
    if one is None:
        yield [note_html(i18n.text("no_sets"), "bad"), *[gradio.skip()] * 4]
        return
    yield from _follow(i18n, evaluation, evaluation.start(one.path, i18n))


def _watch(i18n: Translations, evaluation: Evaluation) -> Iterator[list[Any]]:
    """Tell how far the run is that goes on, if one does, whoever started it."""
    import gradio

    running = evaluation.going_on()
    if running:
        yield from _follow(i18n, evaluation, running)
    else:
        yield [gradio.skip()] * 5


def _follow(i18n: Translations, evaluation: Evaluation, running: Running) -> Iterator[list[Any]]:
    """Yield how far a run is until it has ended, then what came of it."""
    import gradio

    same = [gradio.skip()] * 4
    for note in _progress_notes(i18n, running):
        yield [note, *same]
    if running.folder is None:
        yield [_end_note(i18n, running), *same]
        return
    results = results_html(running.folder, i18n, evaluation.site)
    yield ["", results, *_run_lists(evaluation, running.folder.path.name)]


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
        yield note_html(note)
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
        return note_html(i18n.text("not_done", reason=_without_home(error, evaluation)), "bad")


def _compare(i18n: Translations, evaluation: Evaluation, before: object, after: object) -> str:
    """Compare two runs, and keep the report with the second."""
    runs = evaluation.finished()
    if before == after or before not in runs or after not in runs:
        return note_html(i18n.text("choose_runs"), "bad")
    first, second = (RunFolder(evaluation.runs / str(name)) for name in (before, after))
    try:
        comparison = compare(first, second)
        page = second.path / f"compared-with-{first.path.name}.html"
        html = comparison_page(comparison, i18n.language)
        page.write_text(html, "utf-8", "backslashreplace")
    except DalelError as error:
        return note_html(i18n.text("not_done", reason=_without_home(error, evaluation)), "bad")
    except OSError as error:
        return note_html(i18n.text("not_done", reason=str(error.strerror)), "bad")
    return comparison_html(comparison, page, i18n)


def _without_home(error: DalelError, evaluation: Evaluation) -> str:
    """Return what an error says, without where the server keeps its files."""
    return error.line().replace(f"{evaluation.site.home}/", "")


# --- what is shown --------------------------------------------------------------------------------


def results_html(folder: RunFolder, i18n: Translations, site: Site) -> str:
    """Return a run's figures, and the questions that went wrong, with their evidence."""
    summary = folder.summary()
    figures = summary["figures"]
    failing = [record for record in folder.records() if record["failures"]]
    link_to = _links(site, i18n.language)
    return render_on_one_line(
        "results",
        i18n,
        folder=_PAGES,
        summary=summary,
        rows=[_row(name, figures[name], i18n) for name in SHOWN_FIGURES if name in figures],
        failing=[with_links(record, link_to) for record in failing[:MAX_FAILING_SHOWN]],
        total=len(failing),
        run=_address(folder.path.name),
        expected=_expected,
        failed_stage=failed_stage,
    )


def comparison_html(comparison: Comparison, page: Path, i18n: Translations) -> str:
    """Return what changed between two runs.

    Args:
        comparison: The comparison.
        page: The file of its report, in the folder of the second run.
        i18n: The language of the page.
    """
    figures = {row["name"]: row for row in comparison["figures"]}
    order = ("worse", "better", "other")
    changed = sorted(comparison["changed"], key=lambda change: order.index(change["kind"]))
    kinds = Counter(change["kind"] for change in changed)
    return render_on_one_line(
        "compared",
        i18n,
        folder=_PAGES,
        compared=comparison,
        rows=[figures[name] for name in SHOWN_FIGURES if name in figures],
        kinds={kind: kinds[kind] for kind in order},
        changed=changed[:MAX_FAILING_SHOWN],
        report=f"{_address(page.parent.name)}/{quote(page.name)}",
    )


def _expected(record: Record) -> str:
    """Return what would have been right; empty for a refusal."""
    return " · ".join(record["answers"] or [place.text for place in gold_places(record)])


def _address(run: str) -> str:
    return f"../more/runs/{quote(run, errors='replace')}"


def _links(site: Site, language: str, up: str = "") -> LinkTo:
    """Return what tells where a place of a run can be read, in documents as they are now.

    Args:
        site: The page.
        language: The language of the page.
        up: Where the page's own address lies from where the links stand: "../" for a folder up.
    """
    documents = site.live.retriever().documents

    def link_to(place: Place) -> str:
        document = documents.get(place.document_id)
        if document is None:
            return ""
        end = place.start + len(place.text)
        is_there = document.text[place.start : end] == place.text
        return up + link_to_place(document, (place.start, end) if is_there else None, language)

    return link_to


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


# --- files ----------------------------------------------------------------------------------------


def add_routes(app: "FastAPI", site: Site) -> None:
    """Serve the reports of runs, and their rows."""
    from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

    def rows(folder: RunFolder, kind: str) -> "Response":
        if kind == "jsonl":
            path = folder.path / "questions.jsonl"
            return FileResponse(path, media_type="application/x-ndjson",
                                filename=f"{folder.path.name}.jsonl")  # fmt: skip
        headers = _as_file(f"{folder.path.name}.csv")
        return Response(csv_rows(folder.records()), 200, headers, "text/csv; charset=utf-8")

    @app.get("/more/runs/{name}/{file}", include_in_schema=False)
    def run_file(name: str, file: str, language: str = "", download: bool = False) -> "Response":
        folder = RunFolder(site.home / "runs" / name)
        if name not in Evaluation(site).finished():
            return PlainTextResponse("no such report", 404)
        if file in ("rows.jsonl", "rows.csv"):
            return rows(folder, file.removeprefix("rows."))
        if file == "report.html" and language in LANGUAGES:
            links = None if download else _links(site, language, "../../")
            page = report(folder.summary(), folder.records(), language, links)
            headers = _as_file(f"{name}.html") if download else {}
            return HTMLResponse(page.encode("utf-8", "backslashreplace"), 200, headers)
        path = folder.path / file
        is_report = file == "report.html" or _COMPARISON.fullmatch(file)
        if not is_report or not path.is_file():
            return PlainTextResponse("no such report", 404)
        return FileResponse(path)


def _as_file(name: str) -> dict[str, str]:
    """Return the header that lets a browser keep an answer under a name (RFC 6266)."""
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


PART: Final = Part(tab=evaluation_tab, routes=add_routes)
"""What `dalel chat` hands to the page."""
