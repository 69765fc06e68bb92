"""The part of the page that evaluates: run a set, see what went wrong, compare two runs.

In: choices made on the page. Out: Gradio components, and the reports at /more/. Runs go where
`dalel eval` puts its own, and go on where they were cancelled. Knows nothing of how answers are
made.
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

from chat.web.component import QUIET, choice, markdown
from chat.web.site import Part, Site
from chat.web.view import note_html
from chat.web.words import Words
from eval.baselines import SETS
from eval.check import check, usable
from eval.compare import compare, comparison_page
from eval.folder import RunFolder
from eval.read import read_set
from eval.results_view import comparison_html, results_html
from eval.run import configuration, folder_for, open_index, run
from index.embed import no_progress
from ingest.document import Language
from ingest.errors import DalelError, EvalError
from prompts.render import render

if TYPE_CHECKING:
    from fastapi import FastAPI

_LOG = logging.getLogger("dalel.web")

_TOLD_EVERY_SECONDS: Final = 0.3
_ONE: Final = Lock()
"""Held by the one run that goes on in this process."""

_FILE: Final = re.compile(r"report\.html|compared-with-[\w.-]+\.html")


class _Cancelled(Exception):
    """Somebody pressed the button."""


@dataclass(slots=True)
class Running:
    """A run that goes on.

    Attributes:
        done, total: Questions asked, and all.
        cancelled: Whether it is to stop.
        folder: Where it goes; None before it is known.
        failed: Why it ended early.
        ended: Whether it goes on no longer.
    """

    done: int = 0
    total: int = 0
    cancelled: bool = False
    folder: RunFolder | None = None
    failed: str = ""
    ended: bool = False

    def progress(self, done: int, total: int) -> None:
        """Take note of how far it is, and stop if so told."""
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
        """Return the sets that can be chosen: those that ship, what people said, one's own."""
        own = self.site.home / "sets"
        found = [*sorted(SETS.glob("*.jsonl")), self.site.home / "feedback.jsonl"]
        return [path for path in (*found, *sorted(own.glob("*"))) if path.exists()]

    def finished(self) -> list[str]:
        """Return the names of the runs that are done, the latest first."""
        found = [path for path in self.runs.glob("*") if RunFolder(path).finished]
        return [path.name for path in sorted(found, key=lambda path: -path.stat().st_mtime)]

    def start(self, session: str, path: Path, words: Words) -> Running:
        """Start a run in a thread of its own, if none goes on: two would share a folder."""
        running = self.running[session] = Running()
        if _ONE.acquire(blocking=False):
            Thread(target=self._run, args=(path, running, words.language), daemon=True).start()
        else:
            running.failed, running.ended = words.say("runs_already"), True
        return running

    def _run(self, path: Path, running: Running, language: Language) -> None:
        try:
            running.folder = self._ask(path, running)
        except _Cancelled:
            pass
        except DalelError as error:
            running.failed = error.line().replace(f"{self.site.home}{os.sep}", "")
        except Exception:  # noqa: BLE001  (a thread's would be lost; the log has the traceback)
            _LOG.exception("a run failed")
            running.failed = render("failure", language)
        finally:
            _ONE.release()
            running.ended = True

    def _ask(self, path: Path, running: Running) -> RunFolder:
        settings = self.site.settings
        found = read_set(path)
        retriever = self.site.live.retriever()
        if found.documents:
            retriever = open_index(found.documents, settings, no_progress)
        problems = [*found.problems, *check(found.examples, retriever.documents)]
        examples = usable(found.examples, problems)
        if not examples:
            raise EvalError(f"no question of {found.name} can be asked of what is indexed")
        config = configuration(found, examples, retriever, settings.threshold)
        folder = folder_for(settings.home, config)
        run(examples, retriever, folder, config, running.progress)
        return folder


def tab(words: Words, site: Site) -> None:
    """Build the tab."""
    import gradio

    evaluation = Evaluation(site)
    with gradio.Tab(words.say("evaluate_tab"), id="evaluate") as here:
        with gradio.Row(equal_height=True):
            chosen = gradio.Dropdown([], label=words.say("set"), scale=4, interactive=True)
            start = gradio.Button(words.say("run"), variant="primary", scale=1)
            stop = gradio.Button(words.say("cancel"), scale=1)
        markdown(note_html(words.say("own_sets_help", folder="sets/")))
        told, results = markdown(), markdown()
        with gradio.Row(equal_height=True):
            before = gradio.Dropdown([], label=words.say("run_before"), scale=2, interactive=True)
            after = gradio.Dropdown([], label=words.say("run_after"), scale=2, interactive=True)
            both = gradio.Button(words.say("compare"), scale=1)
        compared = markdown()
        lists = [chosen, before, after]
        here.select(lambda: _lists(evaluation), None, lists, **QUIET)
        start.click(
            _started(words, evaluation), [chosen], [told, results, before, after],
            concurrency_limit=1, concurrency_id="evaluate", **QUIET,
        )  # fmt: skip
        stop.click(_stopped(evaluation), None, None, **QUIET)
        both.click(lambda a, b: _compared(words, evaluation, a, b), [before, after], [compared],
                   **QUIET)  # fmt: skip


def _lists(evaluation: Evaluation) -> list[Any]:
    import gradio

    named = [(choice(path.name), str(number)) for number, path in enumerate(evaluation.sets())]
    runs = gradio.update(choices=evaluation.finished())
    return [gradio.update(choices=named), runs, runs]


def _started(words: Words, evaluation: Evaluation) -> Any:  # noqa: ANN401  (Gradio inspects it)
    import gradio

    def started(chosen: Any, request: gradio.Request) -> Iterator[list[Any]]:  # noqa: ANN401
        """Run a set, and tell how far it is."""
        left, sets = gradio.skip(), evaluation.sets()
        number = int(chosen) if isinstance(chosen, str) and chosen.isdecimal() else len(sets)
        if number >= len(sets):
            yield [note_html(words.say("no_sets"), "bad"), left, left, left]
            return
        running = evaluation.start(request.session_hash or "", sets[number], words)
        for line in _told(words, running):
            yield [line, left, left, left]
        evaluation.running.pop(request.session_hash or "", None)
        if running.folder is None:
            yield [_ended(words, running), left, left, left]
            return
        runs = gradio.update(choices=evaluation.finished())
        yield ["", results_html(running.folder, words), runs, runs]

    return started


def _told(words: Words, running: Running) -> Iterator[str]:
    """Tell how far a run is, until it has ended."""
    while not running.ended:
        counts = {"done": words.number(running.done), "total": words.number(running.total)}
        told = words.say("asked_of", **counts) if running.total else words.say("preparing")
        yield note_html(told)
        sleep(_TOLD_EVERY_SECONDS)


def _ended(words: Words, running: Running) -> str:
    if running.failed:
        return note_html(words.say("not_done", reason=running.failed), "bad")
    counts = {"done": words.number(running.done), "total": words.number(running.total)}
    return note_html(words.say("cancelled", **counts))


def _stopped(evaluation: Evaluation) -> Any:  # noqa: ANN401  (a function that Gradio inspects)
    import gradio

    def stopped(request: gradio.Request) -> None:
        """Let the run of this browser stop after the question it is at."""
        running = evaluation.running.get(request.session_hash or "")
        if running:
            running.cancelled = True

    return stopped


def _compared(words: Words, evaluation: Evaluation, a: object, b: object) -> str:
    """Compare two runs, and keep the report with the second."""
    runs = evaluation.finished()
    if a == b or a not in runs or b not in runs:
        return note_html(words.say("choose_runs"), "bad")
    first, second = (RunFolder(evaluation.runs / str(name)) for name in (a, b))
    try:
        compared = compare(first, second)
        page = second.path / f"compared-with-{first.path.name}.html"
        page.write_text(comparison_page(compared), "utf-8", "backslashreplace")
    except (DalelError, OSError) as error:
        reason = error.line() if isinstance(error, DalelError) else str(error.strerror)
        return note_html(words.say("not_done", reason=reason), "bad")
    return comparison_html(compared, page, words)


def routes(app: "FastAPI", site: Site) -> None:
    """Serve the reports of runs."""
    from fastapi.responses import FileResponse, PlainTextResponse, Response

    @app.get("/more/runs/{name}/{file}", include_in_schema=False)
    async def report(name: str, file: str) -> Response:
        known = Evaluation(site).finished()
        if name not in known or not _FILE.fullmatch(file):
            return PlainTextResponse("no such report", 404)
        path = site.home / "runs" / name / file
        return FileResponse(path) if path.is_file() else PlainTextResponse("no such report", 404)


PART: Final = Part(tab=tab, routes=routes)
"""What `dalel chat` hands to the page."""
