"""The `dalel` command: each command is a function here, its annotations are its arguments.

Exit codes: 0; 2 with one line on standard error for what the user can put right; 130 when
interrupted; a traceback means a bug. What a command needs is imported when it runs, so that --help
answers at once. Other folders add commands by the entry-point group `dalel.commands` of
pyproject.toml, and tabs of the web page by `dalel.page_tabs`.
"""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer
from typer.core import TyperGroup
from typer.main import get_command

from chat.arguments import (
    AsJson,
    Home,
    InDocuments,
    Llm,
    LlmBaseUrl,
    LlmSeconds,
    LlmUnsupported,
    Model,
    Question,
    Reranker,
    RootPath,
    Store,
    Threshold,
    TrustedProxies,
    file_path,
    utf8_text,
    whole_number,
)
from ingest.errors import ConfigError, DalelError
from ingest.readers import ENDINGS

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

    from chat.llm import LLM
    from chat.settings import Settings
    from index.indexer import Indexer
    from index.retriever import Legs, Retriever

COMMANDS_GROUP: Final = "dalel.commands"
"""Entry points whose names are commands and whose values are the functions that do them."""

TABS_GROUP: Final = "dalel.page_tabs"
"""Entry points whose values are `chat.web.site.Part`: tabs of the page that others bring."""

_ENDINGS: Final = " ".join(ENDINGS)


class CommandGroup(TyperGroup):
    """Commands of this file, and those of the entry points, which are looked up when needed.

    Reading the entry points of all that is installed takes some 30 ms, a tenth of `dalel ask`.
    """

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401  (Typer keeps its type private)
        """Return the names of all commands, in the order in which --help lists them."""
        return [*super().list_commands(ctx), *(entry.name for entry in _entry_points())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401
        """Return a command, None where there is none of that name."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        for entry in _entry_points():
            if entry.name == cmd_name:
                added = typer.Typer(add_completion=False, rich_markup_mode=None)
                added.command(entry.name)(entry.load())
                return get_command(added)
        return None


def _entry_points(group: str = COMMANDS_GROUP) -> "EntryPoints":
    from importlib.metadata import entry_points

    return entry_points(group=group)


app = typer.Typer(
    cls=CommandGroup,
    add_completion=False,
    rich_markup_mode=None,
    subcommand_metavar="COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="The index lives in --home, else $DALEL_HOME, else your data folder.",
)


# --- commands -------------------------------------------------------------------------------------


def _print_version(asked_for: bool) -> None:
    """Print the installed version; looked up only when asked for."""
    if asked_for:
        from importlib.metadata import version

        sys.stdout.write(f"dalel {version('dalel')}\n")
        raise typer.Exit


@app.callback()
def dalel(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """Ask your documents in Kazakh, English or Russian.

    Every sentence of the answer is quoted from a passage that you can open.
    """


@app.command()
def index(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            parser=file_path,
            show_default=False,
            help=f"Files and folders ({_ENDINGS}); none: the two documents that ship.",
        ),
    ] = None,
    home: Home = None,
    store: Store = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Embedding model: a name or a folder.")
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Let so many processes embed, or ray, or ray:ADDRESS.  [default: this one]",
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Of text files that are not Unicode; none: their letters tell."
        ),
    ] = None,
    add: Annotated[
        bool, typer.Option("--add", help="Keep what is indexed from elsewhere.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until Ctrl-C: index again what changes.")
    ] = False,
    reread: Annotated[
        bool, typer.Option("--reread", help="Read files again that have not changed, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Index documents, and only these; files that have not changed are not read again."""
    from chat.interrupt import ends_interrupt
    from chat.settings import read_settings
    from chat.terminal import progress_bar, show_update
    from index.sync import index_files, index_shipped

    if not paths and (add or watch):
        raise ConfigError(
            f"{'--add' if add else '--watch'} without a PATH, expected a file or a folder"
        )
    indexer = open_indexer(read_settings(home=home, store=store, model=model, workers=workers))
    if paths and watch:
        with ends_interrupt():
            _watch(indexer, paths, encoding, add=add, reread=reread, as_json=as_json)
        return
    with ends_interrupt(), progress_bar("indexing") as progress:
        if paths:
            update = index_files(
                indexer, paths, encoding, add=add, reread=reread, progress=progress
            )
        else:
            update = index_shipped(indexer, reread=reread, progress=progress)
    show_update(update, as_json=as_json)


@app.command()
def documents(home: Home = None, as_json: AsJson = False) -> None:
    """List what is indexed."""
    from chat.answer import indexed_document
    from chat.settings import read_settings
    from chat.terminal import print_json, show_documents

    index = open_indexer(read_settings(home=home)).store.load()
    if as_json:
        added = index.added
        print_json([indexed_document(d, added.get(d.id, "")).data() for d in index.documents])
    else:
        show_documents(index.documents)


@app.command()
def remove(
    ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID", parser=utf8_text, help="Ids, as `dalel documents` lists them."
        ),
    ],
    home: Home = None,
    store: Store = None,
) -> None:
    """Take documents out of the index."""
    from chat.settings import read_settings
    from chat.terminal import show_indexed

    show_indexed(open_indexer(read_settings(home=home, store=store)).remove(ids), ())


@app.command()
def search(
    question: Question = None,
    home: Home = None,
    store: Store = None,
    k: Annotated[
        int, typer.Option("-k", metavar="N", parser=whole_number, help="How many passages.")
    ] = 10,
    legs: Annotated[
        Literal["both", "dense", "lexical"],
        typer.Option(help="Rank by meaning, by words, or by both."),
    ] = "both",
    batch: Annotated[
        Path | None,
        typer.Option(metavar="FILE", parser=file_path, help="Questions, {_id, text} a line."),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(metavar="FILE", parser=file_path, help="Where the TREC run goes."),
    ] = None,
    document: InDocuments = None,
    model: Model = None,
    reranker: Reranker = None,
    as_json: AsJson = False,
) -> None:
    """Rank passages for a question."""
    from chat.answer import passage
    from chat.question import understand
    from chat.settings import read_settings
    from chat.terminal import print_json, show_passages

    if k < 1:
        raise ConfigError(f"-k is {k}, expected 1 or more")
    settings = read_settings(home=home, store=store, model=model, reranker=reranker)
    if question is None and batch and run:
        _search_batch(batch, run, settings, k, legs, document or ())
        return
    if question is None or batch or run:
        raise _neither_question_nor_batch("search", "run")
    text = understand(question)
    retriever = open_retriever(open_indexer(settings)).within(document or ())
    hits = retriever.search(text, k, legs)
    if as_json:
        print_json([passage(hit, retriever).data() for hit in hits])
    else:
        show_passages([passage(hit, retriever) for hit in hits], retriever.documents)


@app.command()
def ask(
    question: Question = None,
    home: Home = None,
    store: Store = None,
    batch: Annotated[
        Path | None,
        typer.Option(metavar="FILE", parser=file_path, help="Questions, {id, question} a line."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", parser=file_path, help="Where the answers go."),
    ] = None,
    document: InDocuments = None,
    model: Model = None,
    reranker: Reranker = None,
    threshold: Threshold = None,
    llm: Llm = None,
    llm_base_url: LlmBaseUrl = None,
    llm_seconds: LlmSeconds = None,
    llm_unsupported: LlmUnsupported = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question, with citations."""
    from chat.settings import read_settings

    settings = read_settings(
        home=home,
        store=store,
        model=model,
        reranker=reranker,
        threshold=threshold,
        llm=llm,
        llm_base_url=llm_base_url,
        llm_seconds=llm_seconds,
        llm_unsupported=llm_unsupported,
    )
    if question is None and batch and output:
        _answer_batch(batch, output, settings, document or ())
    elif question is None or batch or output:
        raise _neither_question_nor_batch("ask", "output")
    else:
        _answer_one(question, settings, document or (), as_json=as_json)


@app.command()
def chat(
    home: Home = None,
    store: Store = None,
    host: Annotated[str, typer.Option(metavar="HOST", help="Address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", parser=whole_number, help="Port.")] = 7860,
    name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A name by which others ask for it, with --host and a login (see README).",
        ),
    ] = None,
    root_path: RootPath = None,
    trusted_proxy: TrustedProxies = None,
    no_uploads: Annotated[
        bool,
        typer.Option("--no-uploads", help="Let nobody add or remove documents on the page."),
    ] = False,
    model: Model = None,
    reranker: Reranker = None,
    threshold: Threshold = None,
    llm: Llm = None,
    llm_base_url: LlmBaseUrl = None,
    llm_seconds: LlmSeconds = None,
    llm_unsupported: LlmUnsupported = None,
) -> None:
    """Serve the web page."""
    from chat.settings import read_settings
    from chat.web.app import check_address

    check_address(host, port, name or [])
    settings = read_settings(
        home=home,
        store=store,
        root_path=root_path,
        trusted_proxies=",".join(trusted_proxy or ()),
        model=model,
        reranker=reranker,
        threshold=threshold,
        llm=llm,
        llm_base_url=llm_base_url,
        llm_seconds=llm_seconds,
        llm_unsupported=llm_unsupported,
    )
    _serve_page(settings, host, port, name or [], uploads=not no_uploads)


@app.command()
def info(home: Home = None, store: Store = None, as_json: AsJson = False) -> None:
    """Say what is installed and indexed, and where."""
    from chat.info import collect_info
    from chat.settings import read_settings
    from chat.terminal import print_json, show_info

    facts = collect_info(read_settings(home=home, store=store))
    if as_json:
        print_json(facts)
    else:
        show_info(facts)


# --- what commands do -----------------------------------------------------------------------------


def open_indexer(settings: "Settings") -> "Indexer":
    """Return the index of a home, whether or not there is one yet."""
    from index.indexer import Indexer

    return Indexer(
        settings.home,
        model=settings.model,
        reranker=settings.reranker,
        store=settings.store,
        workers=settings.workers,
    )


def open_retriever(indexer: "Indexer") -> "Retriever":
    """Open the index; on an empty home, index the two documents that ship first."""
    from chat.terminal import progress_bar
    from ingest.loader import read_shipped

    with progress_bar("indexing") as progress:
        return indexer.open_or_put(lambda: read_shipped().documents, progress)


def _watch(
    indexer: "Indexer",
    paths: Sequence[Path],
    encoding: str | None,
    *,
    add: bool,
    reread: bool,
    as_json: bool,
) -> None:
    """Index files, then go on as they change, until Ctrl-C."""
    from time import sleep

    from chat.terminal import progress_bar, show_change, show_update
    from index.sync import WATCH_SECONDS, Update, index_files, watch

    first = True

    def bring_up_to_date() -> Update:
        with progress_bar("indexing") as progress:
            return index_files(
                indexer, paths, encoding, add=add, reread=reread and first, progress=progress
            )

    try:
        for outcome in watch(paths, bring_up_to_date, lambda: sleep(WATCH_SECONDS)):
            if first and isinstance(outcome, Update):
                show_update(outcome, as_json=as_json, on_one_line=True)
            else:
                show_change(outcome, as_json=as_json)
            first = False
            sys.stdout.flush()
    except KeyboardInterrupt:
        if first:  # Nothing is indexed yet.
            raise


def _neither_question_nor_batch(command: str, target: str) -> ConfigError:
    return ConfigError(
        f"expected either a QUESTION, or both --batch FILE and --{target} FILE",
        hint=f"see `dalel {command} --help`",
    )


def _search_batch(
    batch: Path, run: Path, settings: "Settings", k: int, legs: "Legs", documents: Sequence[str]
) -> None:
    """Write a TREC run: the `k` best documents for each question of a file."""
    from chat.batch import read_batch, trec_lines, write_lines

    questions = read_batch(batch, id_field="_id", text_field="text")
    retriever = open_retriever(open_indexer(settings)).within(documents)
    groups = (trec_lines(question, retriever, k, legs) for question in questions)
    write_lines(run, groups, total=len(questions))


def _answer_one(
    question: str, settings: "Settings", documents: Sequence[str], *, as_json: bool
) -> None:
    from chat.question import understand

    understand(question)  # A question that cannot be asked is told before anything loads.
    llm = _open_llm_and_models(settings)
    from chat.pipeline import stream_answer
    from chat.terminal import print_json, show_answer

    retriever = open_retriever(open_indexer(settings)).within(documents)
    partial_answers = stream_answer(question, retriever, llm, threshold=settings.threshold)
    if as_json:
        *_, answer = partial_answers
        print_json(answer.data())
    else:
        show_answer(partial_answers, retriever.documents)


def _answer_batch(
    batch: Path, output: Path, settings: "Settings", documents: Sequence[str]
) -> None:
    """Write an answer a line for each question of a file, in its order."""
    from chat.batch import answer_line, read_batch, write_lines
    from chat.llm import open_llm

    questions = read_batch(batch, id_field="id", text_field="question")
    retriever = open_retriever(open_indexer(settings)).within(documents)
    llm = open_llm(settings)
    groups = (
        [answer_line(question, retriever, llm, threshold=settings.threshold)]
        for question in questions
    )
    write_lines(output, groups, total=len(questions))


def _open_llm_and_models(settings: "Settings") -> "LLM | None":
    """Open the language model, if one is set; the others load while more is imported."""
    from chat.llm import open_llm
    from chat.reader_model import load_in_background
    from index.embedders.embedder import EMBEDDED

    llm = open_llm(settings)
    load_in_background(embedder=settings.model in (None, EMBEDDED))
    return llm


def _serve_page(
    settings: "Settings", host: str, port: int, names: Sequence[str], *, uploads: bool
) -> None:
    """Serve the page, with the tabs that other folders bring."""
    llm = _open_llm_and_models(settings)
    from chat.reader_model import reader_model
    from chat.web.app import serve
    from chat.web.site import MAX_RUNNING, MAX_RUNNING_WITH_LLM, ConcurrencyLimit, Site
    from index.indexer import LiveIndex

    indexer = open_indexer(settings)
    reader_model()  # A page that could answer nothing is told of here.
    site = Site(
        live=LiveIndex(indexer, open_retriever(indexer)),
        settings=settings,
        uploads=uploads,
        parts=tuple(entry.load() for entry in _entry_points(TABS_GROUP)),
        llm=llm,
        # Whoever waits for a model's server keeps no processor busy.
        concurrency=ConcurrencyLimit(MAX_RUNNING_WITH_LLM if settings.llm else MAX_RUNNING),
    )
    serve(site, host=host, port=port, names=names)


# --- the process ----------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    gc.set_threshold(50_000)  # Of new objects: imports make 77,000 that stay (eval/LOG.md).
    _write_utf8()
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return code
    except DalelError as error:
        sys.stderr.write(f"dalel: {error.line()}\n")
        return 2
    except KeyboardInterrupt as interrupt:
        done = f": {interrupt}" if interrupt.args else ""
        sys.stderr.write(f"dalel: interrupted{done}\n")
        return 130
    except BrokenPipeError:  # Whoever read our output has seen enough.
        _discard_output()
        return 0
    except OSError as error:  # A full disk below our output, a path too long: no bug of ours.
        _discard_output()
        where = f" ({str(error.filename)!r:.80})" if error.filename else ""
        sys.stderr.write(f"dalel: the system refuses: {error.strerror or error}{where}\n")
        return 2


def _run(arguments: Sequence[str]) -> int:
    """Run a command; Typer's own `main` would print usage errors in several lines.

    Raises:
        ConfigError: There is no such command or option, or its value cannot be read.
    """
    command = get_command(app)
    try:
        # Left to itself, --help is never narrower than 50 columns.
        width = min(typer.get_terminal_size().columns, 80)
        with command.make_context("dalel", list(arguments), terminal_width=width) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as error:
        failed = getattr(error, "ctx", None)  # None where no command was found yet.
        path = failed.command_path if failed else "dalel"
        message = error.format_message().replace("Value error, ", "").rstrip(".")  # Pydantic's.
        raise ConfigError(message, hint=f"see `{path} --help`") from None
    return 0


def _discard_output() -> None:
    """Throw away what could not be written: Python would try again, and complain, at its end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_utf8() -> None:
    """Write UTF-8 whatever the locale says, and never fail on what it cannot hold."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # Closed by whoever started us.
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  (open as long as we run)
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
