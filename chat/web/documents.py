"""The tab that shows what is indexed, lets it be chosen what is asked, adds and removes.

Everything that goes wrong is told in a line, file by file; what was indexed stays until the new
index is whole.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chat.web import viewer
from chat.web.document_list import documents_html
from chat.web.gradio_adapter import QUIET, choice_label, html_block
from chat.web.i18n import Translations
from chat.web.reasons import reason_in
from chat.web.site import MAX_UPLOAD_MEGABYTES, Site
from index.embedders.embedder import Progress
from index.retriever import Retriever
from index.sync import read_files_again
from ingest.code_pages import CODE_PAGES
from ingest.deduplication import Reading
from ingest.document import Document
from ingest.errors import CorpusError, DalelError
from ingest.loader import read_files
from ingest.readers import ENDINGS
from ingest.source_file import FileReading, Skipped

if TYPE_CHECKING:
    from gradio import Component

_LOG = logging.getLogger("dalel.web")

_PROGRESS_SECONDS: Final = 0.2
"""How often the page is told how far the work is."""

MAX_NAMED: Final = 5
"""Documents named at most where it is told which are asked."""

ENCODINGS: Final[Mapping[str, str]] = {"utf-8": "UTF-8", "utf-16": "UTF-16", **CODE_PAGES}
"""Encodings that can be chosen for text files, and what they are called."""

Work = Callable[[Progress], object]
"""A change of the index; it is given what to report its progress to."""


class _Adding(NamedTuple):
    """Where files are added."""

    files: Any
    encoding: Any
    again: Any
    status: Any


class _Choosing(NamedTuple):
    """Where documents are chosen, to be asked or removed; what shows what is indexed."""

    summary: Any
    documents: Any
    asked: Any
    only: Any
    everything: Any
    remove: Any


class _Removal(NamedTuple):
    """Where it is asked whether documents are really to be removed."""

    row: Any
    question: Any
    yes: Any
    keep: Any


def documents_tab(i18n: Translations, site: Site, key: "Component") -> None:
    """Build the tab.

    Args:
        i18n: The language of the page.
        site: What is served.
        key: What holds the key of the session, with which it is kept which documents are asked.
    """
    import gradio

    handlers = _Handlers(i18n, site)
    with gradio.Tab(i18n.text("documents_tab"), id="documents") as tab:
        adding = _adding(i18n) if site.uploads else None
        if adding is None:
            html_block(viewer.note_html(i18n.text("uploads_off")))
        choosing = _choosing(i18n, uploads=site.uploads)
        removal = _removal(i18n) if site.uploads else None
        search = gradio.Textbox(
            placeholder=i18n.text("find_document"), label=i18n.text("find_document"),
            show_label=False, container=False,
        )  # fmt: skip
        table = html_block(elem_id="dalel-documents")
    overview = [choosing.summary, choosing.documents, choosing.asked, table]
    tab.select(handlers.overview, [search, key], overview, **QUIET)
    search.change(handlers.table, [search], [table], **QUIET)
    chosen, asked = choosing.documents, choosing.asked
    choosing.only.click(handlers.ask_only, [chosen, key], [key, asked], **QUIET)
    choosing.everything.click(handlers.ask_all, [key], [key, asked, chosen], **QUIET)
    if adding and removal:
        _connect_changes(handlers, key, adding, choosing, removal, overview)


def _adding(i18n: Translations) -> _Adding:
    """Build where files are added, and read again."""
    import gradio

    told = (i18n.text("encoding_told"), "")
    with gradio.Row():
        files = gradio.File(
            file_count="multiple", label=i18n.text("add_files"), show_label=False,
            height=150, scale=3, elem_id="dalel-add",
        )  # fmt: skip
        with gradio.Column(scale=2, min_width=240):
            encoding = gradio.Dropdown(
                [told, *((name, codec) for codec, name in ENCODINGS.items())],
                value="", label=i18n.text("encoding"), interactive=True,
            )  # fmt: skip
            again = gradio.Button(i18n.text("index_again"), size="md")
    help_text = i18n.text("add_help", kinds=" ".join(ENDINGS), most=MAX_UPLOAD_MEGABYTES)
    html_block(viewer.note_html(help_text))
    return _Adding(files, encoding, again, html_block())


def _choosing(i18n: Translations, *, uploads: bool) -> _Choosing:
    """Build where documents are chosen."""
    import gradio

    summary = html_block()
    documents = gradio.Dropdown(
        [], label=i18n.text("choose_documents"), multiselect=True, interactive=True
    )
    with gradio.Row():
        only = gradio.Button(i18n.text("ask_only"), size="md")
        everything = gradio.Button(i18n.text("ask_all"), size="md")
        remove = gradio.Button(i18n.text("remove"), size="md", visible=uploads)
    return _Choosing(summary, documents, html_block(), only, everything, remove)


def _removal(i18n: Translations) -> _Removal:
    """Build the question whether documents are really to be removed; it is hidden at first."""
    import gradio

    with gradio.Row(visible=False) as row:
        with gradio.Column(scale=3, min_width=240):  # Else a narrow screen leaves it no room.
            question = html_block()
        yes = gradio.Button(i18n.text("remove_yes"), variant="stop", size="md")
        keep = gradio.Button(i18n.text("keep"), size="md")
    return _Removal(row, question, yes, keep)


def _connect_changes(
    handlers: "_Handlers",
    key: "Component",
    adding: _Adding,
    choosing: _Choosing,
    removal: _Removal,
    overview: list[Any],
) -> None:
    """Let the index be changed: one change at a time, of whatever kind."""
    import gradio

    changed = [adding.files, adding.status, removal.row, *overview]
    one: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "index", **QUIET}
    files, chosen = [adding.files, adding.encoding, key], choosing.documents
    adding.files.upload(handlers.add, files, changed, **one)
    adding.again.click(handlers.index_again, [key], changed, **one)
    removal.yes.click(handlers.remove, [chosen, key], changed, **one)
    asking = [adding.status, removal.row, removal.question]
    choosing.remove.click(handlers.ask_to_remove, [chosen], asking, **QUIET)
    removal.keep.click(lambda: gradio.update(visible=False), None, [removal.row], **QUIET)


class _Handlers:
    """What happens when something is pressed; clients may send any value for a component."""

    def __init__(self, i18n: Translations, site: Site) -> None:
        self._i18n = i18n
        self._site = site

    def overview(self, search: Any, key: Any) -> list[Any]:  # noqa: ANN401
        """Show what is indexed, and which of it is asked."""
        import gradio

        retriever, chosen = self._site.live.retriever(), self._site.chosen(key)
        choices = gradio.update(choices=_choices(retriever.documents), value=chosen)
        return [_summary(self._i18n, retriever), choices, self._asked(chosen), self.table(search)]

    def table(self, search: Any) -> str:  # noqa: ANN401
        """List the documents that a search finds."""
        sought = search if isinstance(search, str) else ""
        return documents_html(self._site.live.retriever(), self._i18n, search=sought)

    def ask_only(self, ids: Any, key: Any) -> list[Any]:  # noqa: ANN401
        """Let the session ask these documents only."""
        names = _names(ids)
        if not names:
            return [key, viewer.note_html(self._i18n.text("choose_first"))]
        try:
            self._site.live.retriever().within(names)
        except DalelError as error:
            reason = reason_in(self._i18n.language, error.line())
            return [key, viewer.note_html(self._i18n.text("not_done", reason=reason), "bad")]
        key = self._site.sessions.choose(key, names)
        return [key, self._asked(self._site.chosen(key))]

    def ask_all(self, key: Any) -> list[Any]:  # noqa: ANN401
        """Let the session ask all documents."""
        import gradio

        key = self._site.sessions.choose(key, ())
        return [key, self._asked([]), gradio.update(value=[])]

    def add(self, paths: Any, encoding: Any, key: Any) -> Iterator[list[Any]]:  # noqa: ANN401
        """Add the files that were uploaded."""
        codec = encoding if isinstance(encoding, str) and encoding in ENCODINGS else None
        yield from self._then_overview(_add(paths, self._i18n, self._site, codec), key)

    def remove(self, ids: Any, key: Any) -> Iterator[list[Any]]:  # noqa: ANN401
        """Remove documents."""
        yield from self._then_overview(_remove(_names(ids), self._i18n, self._site), key)

    def index_again(self, key: Any) -> Iterator[list[Any]]:  # noqa: ANN401
        """Read the files again that are still there, and index all documents anew."""
        yield from self._then_overview(_index_again(self._i18n, self._site), key)

    def ask_to_remove(self, ids: Any) -> list[Any]:  # noqa: ANN401
        """Ask whether documents are really to be removed."""
        import gradio

        if not ids:
            note = viewer.note_html(self._i18n.text("choose_first"))
            return [note, gradio.update(visible=False), ""]
        documents = self._i18n.count("documents_count", len(ids))
        question = self._i18n.text("remove_sure", documents=documents)
        return ["", gradio.update(visible=True), viewer.note_html(question)]

    def _then_overview(self, notes: Iterator[str], key: object) -> Iterator[list[Any]]:
        """Show how work goes, then the index as it is after it."""
        import gradio

        hidden, same = gradio.update(visible=False), gradio.skip()
        for note in notes:  # The place for files is free for others from the start.
            yield [None, note, hidden, same, same, same, same]
        yield [None, same, hidden, *self.overview("", key)]

    def _asked(self, ids: Sequence[str]) -> str:
        """Say which documents are asked."""
        if not ids:
            return viewer.note_html(self._i18n.text("asked_all"))
        documents = self._site.live.retriever().documents
        names = [documents[name].name for name in ids[:MAX_NAMED]]
        if len(ids) > MAX_NAMED:
            names.append(self._i18n.text("more_copies", n=self._i18n.number(len(ids) - MAX_NAMED)))
        count = self._i18n.count("documents_count", len(ids))
        return viewer.note_html(
            self._i18n.text("asked_only", documents=count, names="; ".join(names))
        )


def _names(ids: object) -> list[str]:
    """Return the ids that were sent, whatever was sent."""
    return [name for name in ids if isinstance(name, str)] if isinstance(ids, list) else []


def _summary(i18n: Translations, retriever: Retriever) -> str:
    """Return how much is indexed."""
    counts = retriever.counts()
    return viewer.note_html(
        " · ".join(
            (
                i18n.count("documents_count", counts.documents),
                i18n.count("passages_count", counts.chunks),
                i18n.count("sentences_count", counts.sentences),
            )
        )
    )


def _choices(documents: Mapping[str, Document]) -> list[tuple[str, str]]:
    return [
        (choice_label(f"{document.name} ({name})" if document.title else name), name)
        for name, document in documents.items()
    ]


def _add(
    paths: object, i18n: Translations, site: Site, encoding: str | None = None
) -> Iterator[str]:
    """Read the files that were uploaded, each by itself, and index what they hold."""
    readings: list[FileReading] = []
    files = [Path(path) for path in paths] if isinstance(paths, list) else []
    lines = [(i18n.text("waiting", name=path.name), "") for path in files]
    for place, path in enumerate(files):
        name = path.name
        lines[place] = (i18n.text("reading", name=name), "")
        yield _notes(lines)
        try:
            reading = _read_upload(path, encoding)
        except DalelError as error:
            reason = reason_in(i18n.language, error.line())
            lines[place] = (i18n.text("file_failed", name=name, reason=reason), "bad")
            continue
        readings.append(reading)
        count = i18n.count("documents_count", len(reading.documents))
        lines[place] = (i18n.text("file_read", name=name, documents=count), "")
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
        yield i18n.text(key, name=skip.path, reason=reason_in(i18n.language, skip.reason)), tone


def _index_again(i18n: Translations, site: Site) -> Iterator[str]:
    """Read the indexed files again, and index all documents anew."""
    lines: list[tuple[str, str]] = []

    def index_again(progress: Progress) -> None:
        lines.extend(_not_read(read_files_again(site.live.indexer, progress), i18n))

    for line in _change_index(index_again, i18n, site):
        yield _notes(lines) + line


def _read_upload(path: Path, encoding: str | None) -> FileReading:
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
        [reading] = read_files([path], encoding)
    except DalelError as error:
        reason = str(error).replace(f"cannot read {str(path)!r}: ", "")
        raise CorpusError(reason, hint=error.hint) from None
    # Where it lies is no place to find it again.
    return replace(reading, file=replace(reading.file, path="", root="", stat=None))


def _remove(names: list[str], i18n: Translations, site: Site) -> Iterator[str]:
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
            reason = reason_in(i18n.language, error.line())
            failures.append(i18n.text("not_done", reason=reason))
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
