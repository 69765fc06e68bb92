"""What each command does: options in, something printed, exit code out.

Knows the index and the answer; how things look on a terminal is in chat/show.py.
"""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chat import show
from chat.author import Author, author_of
from chat.batch import Row, read_rows, write_lines
from chat.compose import answer_by, answers
from chat.config import Settings, read_settings
from chat.output import answer_data, document_data, failure_data, passages_data
from chat.progress import progress_bar
from chat.question import understand
from index.generation import Contents
from index.library import Library
from index.retrieve import IndexRetriever
from ingest.errors import ConfigError, QuestionError
from ingest.read import Reading, read_paths, read_shipped

if TYPE_CHECKING:
    from chat.web.site import Part


def run_index(options: Namespace) -> int:
    """Index documents, and only these."""
    reading = read_paths(options.paths, options.encoding) if options.paths else read_shipped()
    contents = _put(_library(options), reading)
    if options.json:
        show.as_json(
            {
                "documents": len(contents.documents),
                "chunks": len(contents.chunks),
                "sentences": len(contents.sentence_vectors),
                "skipped": [{"path": skip.path, "reason": skip.reason} for skip in reading.skipped],
            }
        )
    else:
        show.indexed(contents, reading.skipped)
    return 0


def run_documents(options: Namespace) -> int:
    """List what is indexed."""
    generation = _library(options).store.load()
    if options.json:
        show.as_json([document_data(document) for document in generation.documents])
    else:
        show.documents(generation.documents)
    return 0


def run_remove(options: Namespace) -> int:
    """Take documents out of the index."""
    contents = _library(options).remove(options.ids)
    show.indexed(contents, ())
    return 0


def run_search(options: Namespace) -> int:
    """Rank passages for a question, or documents for a batch of them."""
    if options.k < 1:
        raise ConfigError(f"-k is {options.k}, expected 1 or more")
    if _is_batch(options, "run"):
        rows = read_rows(options.batch, id_field="_id", text_field="text")
        retriever = _open(options)
        groups = (_run_lines(row, retriever, options) for row in rows)
        write_lines(options.run, groups, total=len(rows))
        return 0
    question = understand(options.question)
    retriever = _open(options)
    hits = retriever.search(question.text, options.k, options.legs)
    if options.json:
        show.as_json(passages_data(hits, retriever.documents))
    else:
        show.hits(hits, retriever.documents)
    return 0


def run_ask(options: Namespace) -> int:
    """Answer a question, or a batch of them."""
    if _is_batch(options, "output"):
        rows = read_rows(options.batch, id_field="id", text_field="question")
        retriever = _open(options)
        settings, author = settings_of(options), author_of(settings_of(options))
        groups = ([_dumps(_answer_row(row, retriever, settings, author))] for row in rows)
        write_lines(options.output, groups, total=len(rows))
        return 0
    understand(options.question)  # A question that cannot be asked is told before anything loads.
    settings = settings_of(options)
    author = author_of(settings)
    retriever = _open(options)
    growing = answers(author, options.question, retriever, threshold=settings.threshold)
    if options.json:
        *_, whole = growing
        show.as_json(answer_data(whole, retriever.documents))
    else:
        show.answer(growing, retriever.documents)
    return 0


def run_chat(options: Namespace, parts: "tuple[Part, ...]" = ()) -> int:
    """Serve the web page, with what other folders bring to it."""
    from chat.web.serve import check_address, serve
    from chat.web.site import Site
    from chat.web.turnstile import WRITING_AT_ONCE, Turnstile
    from index.live import Live

    check_address(options.host, options.port, options.name)
    settings = settings_of(options)
    site = Site(
        live=Live(_library(options), _open(options)),
        settings=settings,
        uploads=options.uploads,
        parts=parts,
        author=author_of(settings),
        # Whoever waits for a model's server keeps no processor busy.
        turnstile=Turnstile(WRITING_AT_ONCE) if settings.llm else Turnstile(),
    )
    serve(site, host=options.host, port=options.port, names=options.name)
    return 0


def run_info(options: Namespace) -> int:
    """Say what is installed and indexed, and where."""
    from chat.info import gather

    facts = gather(settings_of(options))
    if options.json:
        show.as_json(facts)
    else:
        show.info(facts)
    return 0


def settings_of(options: Namespace) -> Settings:
    """Read the settings; a command that has not an option leaves it to the environment."""
    names = ["home", "model", "reranker", "threshold"]
    names += ["llm", "llm_base_url", "llm_seconds", "llm_unsupported"]
    return read_settings(**{name: getattr(options, name, None) for name in names})


def _library(options: Namespace) -> Library:
    settings = settings_of(options)
    return Library(settings.home, model=settings.model, reranker=settings.reranker)


def _open(options: Namespace) -> IndexRetriever:
    """Open the index; on an empty home, index the two documents that ship first."""
    with progress_bar("indexing") as progress:
        return _library(options).open_or_put(lambda: read_shipped().documents, progress)


def _put(library: Library, reading: Reading) -> Contents:
    with progress_bar("indexing") as progress:
        return library.put(reading.documents, progress)


def _is_batch(options: Namespace, target: str) -> bool:
    """Say whether files were named instead of a question; both or neither is an error."""
    files = (options.batch, getattr(options, target))
    if options.question is None and all(files):
        return True
    if options.question is not None and not any(files):
        return False
    raise ConfigError(
        f"expected either a QUESTION, or both --batch FILE and --{target} FILE",
        hint=f"see `dalel {options.command} --help`",
    )


def _run_lines(row: Row, retriever: IndexRetriever, options: Namespace) -> Iterator[str]:
    try:
        question = understand(row.text)
    except QuestionError as error:
        sys.stderr.write(f"dalel: {options.batch}, line {row.number}: {error.line()}\n")
        return
    for hit in retriever.search_documents(question.text, options.k, options.legs):
        names = (row.id, "Q0", hit.chunk.document_id)
        # White space separates the fields of a TREC run: a file's name must not hold any.
        fields = ("_".join(name.split()) for name in names)
        yield " ".join([*fields, str(hit.rank), f"{hit.score:.6f}", "dalel"])


def _answer_row(
    row: Row, retriever: IndexRetriever, settings: Settings, author: Author | None
) -> dict[str, Any]:
    try:
        answered = answer_by(author, row.text, retriever, threshold=settings.threshold)
        return answer_data(answered, retriever.documents, name=row.id)
    except QuestionError as error:
        return failure_data(row.id, row.text, error.line())


def _dumps(data: object) -> str:
    return json.dumps(data, ensure_ascii=False)
