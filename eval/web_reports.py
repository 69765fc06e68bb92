"""Reports of runs and of comparisons as the page serves them: each place leads to its document.

A report is made anew when it is asked for in a language; without one, it is the file as it was
written, which is read where no such page is, and has no links.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from chat.web.evidence import link_to as link_to_place
from chat.web.i18n import LANGUAGES, Translations
from chat.web.site import Site
from eval.compare import Comparison, compare, comparison_page
from eval.report.export import csv_rows
from eval.report.html import report
from eval.report.outcome import LinkTo, Place
from eval.run_store import RunFolder
from eval.web_runs import Evaluation

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.responses import Response

_REPORT: Final = "report.html"

_COMPARISON: Final = re.compile(r"compared-with-([^/\\]+)\.html")

_COMPARED: Final = 4
"""Comparisons at hand: each is opened as it was just made, in full and in other languages."""


def run_address(run: str) -> str:
    """Return where what is served of a run is, as seen from the page."""
    return f"../more/runs/{quote(run, errors='replace')}"


def compared(before: RunFolder, after: RunFolder) -> Comparison:
    """Compare two finished runs; what was just compared is at hand: it takes a second.

    Raises:
        EvalError: As `compare` raises it.
    """
    paths = (before.path, after.path)
    return _compared(*paths, *((path / "summary.json").stat().st_mtime_ns for path in paths))


@lru_cache(_COMPARED)
def _compared(before: Path, after: Path, _done: int, _done_after: int) -> Comparison:
    return compare(RunFolder(before), RunFolder(after))


def comparison_file(before: RunFolder, after: RunFolder) -> Path:
    """Return where the report of a comparison is kept: with the second run."""
    return after.path / f"compared-with-{before.path.name}.html"


def document_links(site: Site, language: str, up: str = "") -> LinkTo:
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


def add_routes(app: "FastAPI", site: Site) -> None:
    """Serve the reports of runs, of comparisons, and the rows of runs."""
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
        folder, finished = RunFolder(site.home / "runs" / name), Evaluation(site).finished()
        if name in finished and file in ("rows.jsonl", "rows.csv"):
            return rows(folder, file.removeprefix("rows."))
        other = _COMPARISON.fullmatch(file)
        is_there = (file == _REPORT or other) and (folder.path / file).is_file()
        if name not in finished or not is_there:
            known = language if language in LANGUAGES else "en"
            return PlainTextResponse(Translations(known).text("no_report"), 404)
        if language not in LANGUAGES or (other and other[1] not in finished):
            return FileResponse(folder.path / file)
        links = None if download else document_links(site, language, "../../")
        if other:
            before = RunFolder(site.home / "runs" / other[1])
            page = comparison_page(compared(before, folder), language, links)
        else:
            page = report(folder.summary(), folder.records(), language, links)
        kept_as = f"{name}-{file}" if other else f"{name}.html"
        headers = _as_file(kept_as) if download else {}
        return HTMLResponse(page.encode("utf-8", "backslashreplace"), 200, headers)


def _as_file(name: str) -> dict[str, str]:
    """Return the header that lets a browser keep an answer under a name (RFC 6266)."""
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
