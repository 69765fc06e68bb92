"""The part of the page that shows what is indexed, adds to it, and takes out of it.

In: files that a browser sent, and choices. Out: Gradio components. Everything that goes wrong is
told in a line, file by file; what was indexed stays until the new index is whole.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from chat.web import view
from chat.web.component import QUIET, choice, markdown
from chat.web.site import UPLOAD_MEGABYTES, Site
from chat.web.words import Words
from index.embed import Progress
from ingest.document import Document
from ingest.errors import CorpusError, DalelError
from ingest.read import read_paths
from ingest.readers import READERS
from prompts.render import render

if TYPE_CHECKING:
    from gradio import Component

_LOG = logging.getLogger("dalel.web")

_TOLD_EVERY_SECONDS: Final = 0.2

Work = Callable[[Progress], object]


def documents_tab(words: Words, site: Site) -> None:
    """Build the tab."""
    import gradio

    with gradio.Tab(words.say("documents_tab"), id="documents") as tab:
        summary, table = markdown(), markdown()
        wanted = gradio.Textbox(
            placeholder=words.say("find_document"), label=words.say("find_document"),
            show_label=False, container=False,
        )  # fmt: skip
        listed = [summary, table]
        wanted.change(lambda text: _listed(words, site, text), [wanted], listed, **QUIET)
        if site.uploads:
            chosen = _controls(words, site, listed)
            tab.select(
                lambda text: [*_listed(words, site, text), _choices(site)],
                [wanted], [*listed, chosen], **QUIET,
            )  # fmt: skip
        else:
            markdown(view.note_html(words.say("uploads_off")))
            tab.select(lambda text: _listed(words, site, text), [wanted], listed, **QUIET)


def _controls(words: Words, site: Site, listed: list[Any]) -> "Component":
    """Build what changes the index; return the list that documents are chosen from."""
    import gradio

    kinds = " ".join(sorted(READERS))
    markdown(view.note_html(words.say("add_help", kinds=kinds, most=UPLOAD_MEGABYTES)))
    with gradio.Row():
        add = gradio.UploadButton(
            words.say("add_files"), file_count="multiple", file_types=sorted(READERS),
            variant="primary", size="md",
        )  # fmt: skip
        again = gradio.Button(words.say("index_again"), size="md")
    told = markdown()
    chosen = gradio.Dropdown(
        [], label=words.say("choose_documents"), multiselect=True, interactive=True
    )
    remove = gradio.Button(words.say("remove"), size="md")
    with gradio.Row(visible=False) as sure:
        question = markdown()
        yes = gradio.Button(words.say("remove_yes"), variant="stop", size="md")
        keep = gradio.Button(words.say("keep"), size="md")
    changed = [told, *listed, chosen, sure]

    def then(work: Iterator[str]) -> Iterator[list[Any]]:
        """Tell how work goes, then show the index as it is after it."""
        hidden, left = gradio.update(visible=False), gradio.skip()
        for line in work:
            yield [line, left, left, left, hidden]
        yield [left, *_listed(words, site, ""), _choices(site), hidden]

    def adding(paths: Any) -> Iterator[list[Any]]:  # noqa: ANN401  (whatever a client sends)
        yield from then(_add(paths, words, site))

    def removing(ids: Any) -> Iterator[list[Any]]:  # noqa: ANN401
        yield from then(_remove(ids, words, site))

    def indexing() -> Iterator[list[Any]]:
        yield from then(_work(site.live.library.again, words, site))

    def asking(ids: Any) -> list[Any]:  # noqa: ANN401
        if not ids:
            return [view.note_html(words.say("choose_first")), gradio.update(visible=False), ""]
        documents = words.count("documents_count", len(ids))
        asked = view.note_html(words.say("remove_sure", documents=documents))
        return ["", gradio.update(visible=True), asked]

    one: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "index", **QUIET}
    add.upload(adding, [add], changed, **one)
    again.click(indexing, None, changed, **one)
    remove.click(asking, [chosen], [told, sure, question], **QUIET)
    yes.click(removing, [chosen], changed, **one)
    keep.click(lambda: gradio.update(visible=False), None, [sure], **QUIET)
    return chosen


def _listed(words: Words, site: Site, wanted: object) -> list[str]:
    """Return the summary of what is indexed, and its table."""
    index = site.live.retriever().generation
    counts = {
        "documents_count": len(index.documents),
        "passages_count": len(index.chunks),
        "sentences_count": len(index.sentence_vectors),
    }
    summary = " · ".join(words.count(name, number) for name, number in counts.items())
    sought = wanted if isinstance(wanted, str) else ""
    table = view.documents_html(index.documents, index.added, words, wanted=sought)
    return [view.note_html(summary), table]


def _choices(site: Site) -> Any:  # noqa: ANN401  (Gradio's own)
    import gradio

    documents = site.live.retriever().generation.documents
    named = [(choice(f"{each.name} ({each.id})" if each.title else each.id), each.id)
             for each in documents]  # fmt: skip
    return gradio.update(choices=named, value=[])


def _add(paths: object, words: Words, site: Site) -> Iterator[str]:
    """Read the files that were sent, each by itself, and index what they hold."""
    lines: list[tuple[str, str]] = []
    documents: dict[str, Document] = {}
    files = [Path(path) for path in paths] if isinstance(paths, list) else []
    for path in files:
        name = path.name
        yield _notes([*lines, (words.say("reading", name=name), "")])
        try:
            read = _read(path)
        except DalelError as error:
            lines.append((words.say("file_failed", name=name, reason=error.line()), "bad"))
            continue
        documents |= {document.id: document for document in read}
        count = words.count("documents_count", len(read))
        lines.append((words.say("file_read", name=name, documents=count), ""))
    for path in files:  # Gradio keeps each in a folder, those with the same text in one.
        shutil.rmtree(path.parent, ignore_errors=True)
    if not documents:
        yield _notes([*lines, (words.say("nothing_added"), "")])
        return
    add = site.live.library.add
    for line in _work(lambda progress: add([*documents.values()], progress), words, site):
        yield _notes(lines) + line


def _read(path: Path) -> Sequence[Document]:
    """Read a file that was sent."""
    try:
        megabytes = path.stat().st_size / 1e6
    except OSError as error:
        raise CorpusError(f"{error.strerror}", hint="send it again") from None
    if megabytes > UPLOAD_MEGABYTES:
        raise CorpusError(
            f"the file has {megabytes:.0f} MB, expected at most {UPLOAD_MEGABYTES}",
            hint="index it with `dalel index PATH`",
        )
    try:
        return read_paths([path]).documents
    except DalelError as error:  # Its message names a path of the server.
        reason = str(error).replace(f"cannot read {str(path)!r}: ", "")
        raise CorpusError(reason, hint=error.hint) from None


def _remove(ids: object, words: Words, site: Site) -> Iterator[str]:
    names = [name for name in ids if isinstance(name, str)] if isinstance(ids, list) else []

    def remove(_: Progress) -> object:
        return site.live.library.remove(names)

    yield from _work(remove, words, site, removed=len(names))


def _work(work: Work, words: Words, site: Site, *, removed: int = 0) -> Iterator[str]:
    """Change the index in a thread of its own, and tell how far it is."""
    shares: SimpleQueue[float] = SimpleQueue()
    failed: list[str] = []

    def worker() -> None:
        try:
            work(lambda done, total: shares.put(done / max(1, total)))
            site.live.reopen()
        except DalelError as error:
            failed.append(words.say("not_done", reason=error.line()))
        except Exception:  # noqa: BLE001  (a thread's would be lost; the log has the traceback)
            _LOG.exception("the index could not be changed")
            failed.append(render("failure", words.language))

    thread = Thread(target=worker, daemon=True)
    thread.start()
    share = 0.0
    while thread.is_alive():
        yield view.note_html(words.say("embedding", share=words.percent(share)))
        thread.join(_TOLD_EVERY_SECONDS)
        while True:
            try:
                share = shares.get_nowait()
            except Empty:
                break
    if failed:
        yield view.note_html(failed[0], "bad")
        return
    count = len(site.live.retriever().documents)
    name, number = ("removed", removed) if removed else ("indexed_now", count)
    yield view.note_html(words.say(name, documents=words.count("documents_count", number)))


def _notes(lines: Sequence[tuple[str, str]]) -> str:
    return "".join(view.note_html(text, kind) for text, kind in lines)
