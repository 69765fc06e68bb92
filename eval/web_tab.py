"""The tab of the page that evaluates: run a set, see what went wrong, compare two runs.

Runs go where `dalel eval` puts its own, and go on where they were cancelled. The tab shows a short
form of each report in the reader's language; the whole report, in English, is served at /more/.
"""

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from time import sleep
from typing import TYPE_CHECKING, Any, Final

from chat.web.gradio_adapter import QUIET, choice_label, html_block
from chat.web.i18n import Translations
from chat.web.site import Part, Site
from chat.web.templates import render_on_one_line
from chat.web.viewer import note_html
from eval.baselines import SETS
from eval.compare import Comparison, compare, comparison_page
from eval.dataset import check, usable
from eval.formats import read_set
from eval.metrics.registry import HEADLINE, MEASURES
from eval.run_store import RunFolder
from eval.runner import configuration, folder_for, open_index, run
from index.embedders.embedder import no_progress
from ingest.document import Language
from ingest.errors import DalelError, EvalError

if TYPE_CHECKING:
    from fastapi import FastAPI

_LOG = logging.getLogger("dalel.web")

MAX_FAILING_SHOWN: Final = 40
"""Questions that went wrong shown at most; the report has all."""

SHOWN_FIGURES: Final = (*HEADLINE, "citation_validity", "milliseconds_p50")
"""The figures of the tab's tables, in their order."""

_PAGES: Final = Path(__file__).parent / "report" / "pages"

_PROGRESS_SECONDS: Final = 0.3
"""How often the page is told how far a run is."""

_RUN_LOCK: Final = Lock()
"""Held by the one run that goes on in this process: two would share a folder."""

_REPORT_FILE: Final = re.compile(r"report\.html|compared-with-[\w.-]+\.html")


class _Cancelled(Exception):
    """Somebody pressed the button."""


@dataclass(slots=True)
class Running:
    """A run that goes on.

    Attributes:
        done, total: Questions asked, and all.
        cancelled: Whether it is to stop.
        folder: Where it goes; None before it is known.
        failure: Why it ended early.
        ended: Whether it goes on no longer.
    """

    done: int = 0
    total: int = 0
    cancelled: bool = False
    folder: RunFolder | None = None
    failure: str = ""
    ended: bool = False

    def progress(self, done: int, total: int) -> None:
        """Take note of how far it is, and stop if it is to."""
        self.done, self.total = done, total
        if self.cancelled:
            raise _Cancelled


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the tab needs to know.

    Attributes:
        site: The page.
        running: What runs now, by browser session.
    """

    site: Site
    running: dict[str, Running] = field(default_factory=dict)

    @property
    def runs(self) -> Path:
        """Where runs are kept."""
        return self.site.home / "runs"

    def sets(self) -> list[Path]:
        """Return the sets that can be chosen: those that ship, feedback, one's own."""
        own = self.site.home / "sets"
        shipped = [*sorted(SETS.glob("*.jsonl")), self.site.home / "feedback.jsonl"]
        return [path for path in (*shipped, *sorted(own.glob("*"))) if path.exists()]

    def finished(self) -> list[str]:
        """Return the names of the runs that are done, the latest first."""
        finished = [path for path in self.runs.glob("*") if RunFolder(path).finished]
        return [path.name for path in sorted(finished, key=lambda path: -path.stat().st_mtime)]

    def start(self, session: str, path: Path, i18n: Translations) -> Running:
        """Start a run in a thread of its own, if none goes on."""
        running = self.running[session] = Running()
        if _RUN_LOCK.acquire(blocking=False):
            Thread(target=self._run, args=(path, running, i18n.language), daemon=True).start()
        else:
            running.failure, running.ended = i18n.text("runs_already"), True
        return running

    def _run(self, path: Path, running: Running, language: Language) -> None:
        try:
            running.folder = self._run_set(path, running)
        except _Cancelled:
            pass
        except DalelError as error:
            running.failure = error.line().replace(f"{self.site.home}{os.sep}", "")
        except Exception:  # noqa: BLE001  (a thread's would be lost; the log has the traceback)
            _LOG.exception("a run failed")
            running.failure = Translations(language).text("failure")
        finally:
            _RUN_LOCK.release()
            running.ended = True

    def _run_set(self, path: Path, running: Running) -> RunFolder:
        settings = self.site.settings
        dataset = read_set(path)
        retriever = self.site.live.retriever()
        if dataset.documents:
            retriever = open_index(dataset.documents, settings, no_progress)
        problems = [*dataset.problems, *check(dataset.examples, retriever.documents)]
        examples = usable(dataset.examples, problems)
        if not examples:
            raise EvalError(f"no question of {dataset.name} can be asked of what is indexed")
        config = configuration(dataset, examples, retriever, settings.threshold)
        folder = folder_for(settings.home, config)
        run(examples, retriever, folder, config, running.progress)
        return folder


def evaluation_tab(i18n: Translations, site: Site) -> None:
    """Build the tab."""
    import gradio

    evaluation = Evaluation(site)
    with gradio.Tab(i18n.text("evaluate_tab"), id="evaluate") as tab:
        with gradio.Row(equal_height=True):
            chosen = gradio.Dropdown([], label=i18n.text("set"), scale=4, interactive=True)
            start = gradio.Button(i18n.text("run"), variant="primary", scale=1)
            stop = gradio.Button(i18n.text("cancel"), scale=1)
        html_block(note_html(i18n.text("own_sets_help", folder="sets/")))
        status, results = html_block(), html_block()
        with gradio.Row(equal_height=True):
            before = gradio.Dropdown([], label=i18n.text("run_before"), scale=2, interactive=True)
            after = gradio.Dropdown([], label=i18n.text("run_after"), scale=2, interactive=True)
            both = gradio.Button(i18n.text("compare"), scale=1)
        comparison = html_block()
        tab.select(lambda: _lists(evaluation), None, [chosen, before, after], **QUIET)
        start.click(
            _start_handler(i18n, evaluation), [chosen], [status, results, before, after],
            concurrency_limit=1, concurrency_id="evaluate", **QUIET,
        )  # fmt: skip
        stop.click(_stop_handler(evaluation), None, None, **QUIET)
        both.click(lambda a, b: _compare(i18n, evaluation, a, b), [before, after], [comparison],
                   **QUIET)  # fmt: skip


def _lists(evaluation: Evaluation) -> list[Any]:
    """Return what can be chosen: sets, and twice the runs."""
    import gradio

    sets = [(choice_label(path.name), str(number)) for number, path in enumerate(evaluation.sets())]
    runs = gradio.update(choices=evaluation.finished())
    return [gradio.update(choices=sets), runs, runs]


def _start_handler(i18n: Translations, evaluation: Evaluation) -> Any:  # noqa: ANN401
    import gradio

    def start(chosen: Any, request: gradio.Request) -> Iterator[list[Any]]:  # noqa: ANN401
        """Run a set, and tell how far it is."""
        same, sets = gradio.skip(), evaluation.sets()
        number = int(chosen) if isinstance(chosen, str) and chosen.isdecimal() else len(sets)
        if number >= len(sets):
            yield [note_html(i18n.text("no_sets"), "bad"), same, same, same]
            return
        session = request.session_hash or ""
        running = evaluation.start(session, sets[number], i18n)
        for note in _progress_notes(i18n, running):
            yield [note, same, same, same]
        evaluation.running.pop(session, None)
        if running.folder is None:
            yield [_end_note(i18n, running), same, same, same]
            return
        runs = gradio.update(choices=evaluation.finished())
        yield ["", results_html(running.folder, i18n), runs, runs]

    return start


def _progress_notes(i18n: Translations, running: Running) -> Iterator[str]:
    """Yield how far a run is, until it has ended."""
    while not running.ended:
        counts = {"done": i18n.number(running.done), "total": i18n.number(running.total)}
        yield note_html(
            i18n.text("asked_of", **counts) if running.total else i18n.text("preparing")
        )
        sleep(_PROGRESS_SECONDS)


def _end_note(i18n: Translations, running: Running) -> str:
    """Say why a run ended before it was done."""
    if running.failure:
        return note_html(i18n.text("not_done", reason=running.failure), "bad")
    counts = {"done": i18n.number(running.done), "total": i18n.number(running.total)}
    return note_html(i18n.text("cancelled", **counts))


def _stop_handler(evaluation: Evaluation) -> Any:  # noqa: ANN401  (a function that Gradio inspects)
    import gradio

    def stop(request: gradio.Request) -> None:
        """Let the run of this browser stop after the question it is at."""
        running = evaluation.running.get(request.session_hash or "")
        if running:
            running.cancelled = True

    return stop


def _compare(i18n: Translations, evaluation: Evaluation, before: object, after: object) -> str:
    """Compare two runs, and keep the report with the second."""
    runs = evaluation.finished()
    if before == after or before not in runs or after not in runs:
        return note_html(i18n.text("choose_runs"), "bad")
    first, second = (RunFolder(evaluation.runs / str(name)) for name in (before, after))
    try:
        comparison = compare(first, second)
        page = second.path / f"compared-with-{first.path.name}.html"
        page.write_text(comparison_page(comparison), "utf-8", "backslashreplace")
    except (DalelError, OSError) as error:
        reason = error.line() if isinstance(error, DalelError) else str(error.strerror)
        return note_html(i18n.text("not_done", reason=reason), "bad")
    return comparison_html(comparison, page, i18n)


def results_html(folder: RunFolder, i18n: Translations) -> str:
    """Return a run's figures, and the questions that went wrong, with their evidence."""
    summary = folder.summary()
    figures = summary["figures"]
    failing = [record for record in folder.records() if record["failures"]]
    return render_on_one_line(
        "results",
        i18n,
        folder=_PAGES,
        summary=summary,
        rows=[_row(name, figures[name], i18n) for name in SHOWN_FIGURES if name in figures],
        failing=failing[:MAX_FAILING_SHOWN],
        total=len(failing),
        report=f"../more/runs/{folder.path.name}/report.html",
    )


def comparison_html(comparison: Comparison, page: Path, i18n: Translations) -> str:
    """Return what changed between two runs.

    Args:
        comparison: The comparison.
        page: The file of its report, in the folder of the second run.
        i18n: The language of the page.
    """
    figures = {row["name"]: row for row in comparison["figures"]}
    return render_on_one_line(
        "compared",
        i18n,
        folder=_PAGES,
        compared=comparison,
        rows=[figures[name] for name in SHOWN_FIGURES if name in figures],
        report=f"../more/runs/{page.parent.name}/{page.name}",
    )


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


def add_routes(app: "FastAPI", site: Site) -> None:
    """Serve the reports of runs."""
    from fastapi.responses import FileResponse, PlainTextResponse, Response

    @app.get("/more/runs/{name}/{file}", include_in_schema=False)
    async def report(name: str, file: str) -> Response:
        finished = Evaluation(site).finished()
        if name not in finished or not _REPORT_FILE.fullmatch(file):
            return PlainTextResponse("no such report", 404)
        path = site.home / "runs" / name / file
        return FileResponse(path) if path.is_file() else PlainTextResponse("no such report", 404)


PART: Final = Part(tab=evaluation_tab, routes=add_routes)
"""What `dalel chat` hands to the page."""
