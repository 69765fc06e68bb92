"""The tab that shows what is indexed, adds to it, and removes from it.

Everything that goes wrong is told in a line, file by file; what was indexed stays until the new
index is whole.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from chat.web import viewer
from chat.web.i18n import Translations
from chat.web.site import MAX_UPLOAD_MEGABYTES, Site
from chat.web.templates import QUIET, choice_label, html_block
from index.embedders.embedder import Progress
from index.sync import read_files_again
from ingest.deduplication import Reading
from ingest.errors import CorpusError, DalelError
from ingest.loader import read_files
from ingest.readers import ENDINGS
from ingest.source_file import FileReading, Skipped

if TYPE_CHECKING:
    from gradio import Component

_LOG = logging.getLogger("dalel.web")

_PROGRESS_SECONDS: Final = 0.2
"""How often the page is told how far the work is."""

Work = Callable[[Progress], object]
"""A change of the index; it is given what to report its progress to."""


def documents_tab(i18n: Translations, site: Site) -> None:
    """Build the tab."""
    import gradio

    with gradio.Tab(i18n.text("documents_tab"), id="documents") as tab:
        summary, table = html_block(), html_block()
        search = gradio.Textbox(
            placeholder=i18n.text("find_document"), label=i18n.text("find_document"),
            show_label=False, container=False,
        )  # fmt: skip
        overview = [summary, table]
        search.change(lambda text: _overview(i18n, site, text), [search], overview, **QUIET)
        if site.uploads:
            chosen = _controls(i18n, site, overview)
            tab.select(
                lambda text: [*_overview(i18n, site, text), _choices(site)],
                [search], [*overview, chosen], **QUIET,
            )  # fmt: skip
        else:
            html_block(viewer.note_html(i18n.text("uploads_off")))
            tab.select(lambda text: _overview(i18n, site, text), [search], overview, **QUIET)


def _controls(i18n: Translations, site: Site, overview: list[Any]) -> "Component":
    """Build what changes the index; return the list that documents are chosen from."""
    import gradio

    formats = " ".join(ENDINGS)
    help_text = i18n.text("add_help", kinds=formats, most=MAX_UPLOAD_MEGABYTES)
    html_block(viewer.note_html(help_text))
    with gradio.Row():
        add = gradio.UploadButton(
            i18n.text("add_files"), file_count="multiple", file_types=[*ENDINGS],
            variant="primary", size="md",
        )  # fmt: skip
        again = gradio.Button(i18n.text("index_again"), size="md")
    status = html_block()
    chosen = gradio.Dropdown(
        [], label=i18n.text("choose_documents"), multiselect=True, interactive=True
    )
    remove = gradio.Button(i18n.text("remove"), size="md")
    with gradio.Row(visible=False) as confirmation:
        question = html_block()
        yes = gradio.Button(i18n.text("remove_yes"), variant="stop", size="md")
        keep = gradio.Button(i18n.text("keep"), size="md")
    changed = [status, *overview, chosen, confirmation]
    handlers = _Handlers(i18n, site)
    # One change of the index at a time, of whatever kind.
    one: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "index", **QUIET}
    add.upload(handlers.add, [add], changed, **one)
    again.click(handlers.index_again, None, changed, **one)
    remove.click(handlers.ask_to_remove, [chosen], [status, confirmation, question], **QUIET)
    yes.click(handlers.remove, [chosen], changed, **one)
    keep.click(lambda: gradio.update(visible=False), None, [confirmation], **QUIET)
    return chosen


class _Handlers:
    """What happens when something is pressed; clients may send any value for a component."""

    def __init__(self, i18n: Translations, site: Site) -> None:
        self._i18n = i18n
        self._site = site

    def add(self, paths: Any) -> Iterator[list[Any]]:  # noqa: ANN401
        """Add the files that were uploaded."""
        yield from self._then_overview(_add(paths, self._i18n, self._site))

    def remove(self, ids: Any) -> Iterator[list[Any]]:  # noqa: ANN401
        """Remove documents."""
        yield from self._then_overview(_remove(ids, self._i18n, self._site))

    def index_again(self) -> Iterator[list[Any]]:
        """Read the files again that are still there, and index all documents anew."""
        yield from self._then_overview(_index_again(self._i18n, self._site))

    def ask_to_remove(self, ids: Any) -> list[Any]:  # noqa: ANN401
        """Ask whether documents are really to be removed."""
        import gradio

        if not ids:
            note = viewer.note_html(self._i18n.text("choose_first"))
            return [note, gradio.update(visible=False), ""]
        documents = self._i18n.count("documents_count", len(ids))
        question = self._i18n.text("remove_sure", documents=documents)
        return ["", gradio.update(visible=True), viewer.note_html(question)]

    def _then_overview(self, notes: Iterator[str]) -> Iterator[list[Any]]:
        """Show how work goes, then the index as it is after it."""
        import gradio

        hidden, same = gradio.update(visible=False), gradio.skip()
        for note in notes:
            yield [note, same, same, same, hidden]
        overview = _overview(self._i18n, self._site, "")
        yield [same, *overview, _choices(self._site), hidden]


def _overview(i18n: Translations, site: Site, search: object) -> list[str]:
    """Return the summary of what is indexed, and its table."""
    retriever = site.live.retriever()
    counts = retriever.counts()
    summary = " · ".join(
        (
            i18n.count("documents_count", counts.documents),
            i18n.count("passages_count", counts.chunks),
            i18n.count("sentences_count", counts.sentences),
        )
    )
    table = viewer.documents_html(
        [*retriever.documents.values()],
        retriever.added_at,
        i18n,
        search=search if isinstance(search, str) else "",
    )
    return [viewer.note_html(summary), table]


def _choices(site: Site) -> Any:  # noqa: ANN401  (Gradio's own)
    import gradio

    choices = [
        (choice_label(f"{document.name} ({name})" if document.title else name), name)
        for name, document in site.live.retriever().documents.items()
    ]
    return gradio.update(choices=choices, value=[])


def _add(paths: object, i18n: Translations, site: Site) -> Iterator[str]:
    """Read the files that were uploaded, each by itself, and index what they hold."""
    lines: list[tuple[str, str]] = []
    readings: list[FileReading] = []
    files = [Path(path) for path in paths] if isinstance(paths, list) else []
    for path in files:
        name = path.name
        yield _notes([*lines, (i18n.text("reading", name=name), "")])
        try:
            reading = _read_upload(path)
        except DalelError as error:
            lines.append((i18n.text("file_failed", name=name, reason=error.line()), "bad"))
            continue
        readings.append(reading)
        count = i18n.count("documents_count", len(reading.documents))
        lines.append((i18n.text("file_read", name=name, documents=count), ""))
    for path in files:  # Gradio keeps each in a folder, those with the same text in one.
        shutil.rmtree(path.parent, ignore_errors=True)
    if not readings:
        yield _notes([*lines, (i18n.text("nothing_added"), "")])
        return

    def add(progress: Progress) -> None:
        _, reading = site.live.indexer.add_files(readings, progress)
        lines.extend(_not_read(reading.skipped, i18n))
        lines.extend(_called_otherwise(readings, reading, i18n))

    for line in _change_index(add, i18n, site):
        yield _notes(lines) + line


def _called_otherwise(
    readings: Sequence[FileReading], reading: Reading, i18n: Translations
) -> Iterator[tuple[str, str]]:
    """Yield a line for each upload that has another name in the index, since its own was taken."""
    for sent in (reading.file for reading in readings):
        of_its_bytes = (file for file in reading.files if file.sha256 == sent.sha256)
        names = [file.name for file in of_its_bytes if not file.path]
        if names and sent.name not in names:
            yield i18n.text("called_otherwise", name=sent.name, id=names[-1]), ""


def _not_read(skipped: Sequence[Skipped], i18n: Translations) -> Iterator[tuple[str, str]]:
    for skip in skipped:
        key, tone = ("note_on_file", "") if skip.is_read else ("part_not_read", "bad")
        yield i18n.text(key, name=skip.path, reason=skip.reason), tone


def _index_again(i18n: Translations, site: Site) -> Iterator[str]:
    """Read the indexed files again, and index all documents anew."""
    lines: list[tuple[str, str]] = []

    def index_again(progress: Progress) -> None:
        lines.extend(_not_read(read_files_again(site.live.indexer, progress), i18n))

    for line in _change_index(index_again, i18n, site):
        yield _notes(lines) + line


def _read_upload(path: Path) -> FileReading:
    """Read a file that was uploaded, or the files in an archive.

    Raises:
        CorpusError: It is too large, or cannot be read; the message names no path of the server.
    """
    try:
        megabytes = path.stat().st_size / 1e6
    except OSError as error:
        raise CorpusError(f"{error.strerror}", hint="send it again") from None
    if megabytes > MAX_UPLOAD_MEGABYTES:
        raise CorpusError(
            f"the file has {megabytes:.0f} MB, expected at most {MAX_UPLOAD_MEGABYTES}",
            hint="index it with `dalel index PATH`",
        )
    try:
        [reading] = read_files([path])
    except DalelError as error:
        reason = str(error).replace(f"cannot read {str(path)!r}: ", "")
        raise CorpusError(reason, hint=error.hint) from None
    # Where it lies is no place to find it again.
    return replace(reading, file=replace(reading.file, path="", root="", stat=None))


def _remove(ids: object, i18n: Translations, site: Site) -> Iterator[str]:
    names = [name for name in ids if isinstance(name, str)] if isinstance(ids, list) else []

    def remove(_: Progress) -> object:
        return site.live.indexer.remove(names)

    yield from _change_index(remove, i18n, site, removed=len(names))


def _change_index(work: Work, i18n: Translations, site: Site, *, removed: int = 0) -> Iterator[str]:
    """Change the index in a thread of its own, and yield how far it is, then what came of it."""
    shares: SimpleQueue[float] = SimpleQueue()
    failures: list[str] = []

    def worker() -> None:
        try:
            work(lambda done, total: shares.put(done / max(1, total)))
            site.live.reopen()
        except DalelError as error:
            failures.append(i18n.text("not_done", reason=error.line()))
        except Exception:  # noqa: BLE001  (a thread's would be lost; the log has the traceback)
            _LOG.exception("the index could not be changed")
            failures.append(i18n.text("failure"))

    thread = Thread(target=worker, daemon=True)
    thread.start()
    share = 0.0
    while thread.is_alive():
        yield viewer.note_html(i18n.text("embedding", share=i18n.percent(share)))
        thread.join(_PROGRESS_SECONDS)
        share = _latest(shares, share)
    if failures:
        yield viewer.note_html(failures[0], "bad")
        return
    count = len(site.live.retriever().documents)
    key, number = ("removed", removed) if removed else ("indexed_now", count)
    yield viewer.note_html(i18n.text(key, documents=i18n.count("documents_count", number)))


def _latest(shares: "SimpleQueue[float]", share: float) -> float:
    """Return the last share that was reported, or the one before if none was."""
    while True:
        try:
            share = shares.get_nowait()
        except Empty:
            return share


def _notes(lines: Sequence[tuple[str, str]]) -> str:
    return "".join(viewer.note_html(text, tone) for text, tone in lines)
