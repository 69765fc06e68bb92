"""What `dalel eval` and `dalel compare` do; pyproject.toml adds them to the command line.

`dalel --help` imports this file, so what a command needs is imported when it runs.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args

import typer

from chat.arguments import (
    AsJson,
    Home,
    Llm,
    LlmBaseUrl,
    LlmSeconds,
    LlmUnsupported,
    Model,
    Reranker,
    Threshold,
    file_path,
)
from eval.robustness import TYPING_WAYS
from ingest.document import Language
from ingest.errors import EvalError

if TYPE_CHECKING:
    from chat.llm import LLM
    from chat.settings import Settings
    from eval.dataset import DatasetProblem, EvalSet, Example
    from eval.run_store import RunFolder
    from index.retriever import Retriever

QUOTING: Final = "quoting"
"""Where a model's run keeps the run that it is compared with."""


def typing_way(argument: str) -> str:
    """Read the name of a way of typing.

    Raises:
        ValueError: There is no such way.
    """
    if argument not in TYPING_WAYS:
        raise ValueError(f"{argument!r:.40} is not one of {', '.join(TYPING_WAYS)}")
    return argument


def report_language(argument: str) -> str:
    """Read the language of a report.

    Raises:
        ValueError: There are no reports in it.
    """
    if argument not in get_args(Language):
        raise ValueError(f"{argument!r:.40} is not one of {', '.join(get_args(Language))}")
    return argument


ReportLanguage = Annotated[
    str,
    typer.Option(
        "--language",
        metavar="NAME",
        parser=report_language,
        help=f"Language of the report: {', '.join(get_args(Language))}.",
    ),
]


def evaluate(
    set_path: Annotated[
        Path,
        typer.Argument(
            metavar="SET",
            parser=file_path,
            help="A .jsonl (Dalel's own, reading rows or passages with questions), a ragas .csv,"
            " or a BEIR folder.",
        ),
    ],
    home: Home = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", parser=file_path, help="Folder of the run.")
    ] = None,
    off_topic_path: Annotated[
        Path | None,
        typer.Option(
            "--off-topic",
            metavar="SET",
            parser=file_path,
            help="Ask these questions too: not one is answered by the documents.",
        ),
    ] = None,
    near_miss: Annotated[
        bool,
        typer.Option(
            "--near-miss",
            help="Ask each question once more, with what answers it taken out of the index.",
        ),
    ] = False,
    given: Annotated[
        bool,
        typer.Option(
            "--given",
            help="Ask each question of its own passage only: reading by itself."
            " With --threshold 0 nothing is refused.",
        ),
    ] = False,
    indexed: Annotated[
        bool,
        typer.Option(
            "--indexed",
            help="Ask what is indexed, not the documents that come with the set.",
        ),
    ] = False,
    way: Annotated[
        str | None,
        typer.Option(
            "--typed",
            metavar="WAY",
            parser=typing_way,
            help=f"Ask as people type: {', '.join(TYPING_WAYS)} (Kazakh alphabets, one slip).",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="A bad row is an error.")] = False,
    only_check: Annotated[bool, typer.Option("--check", help="Only check the set.")] = False,
    model: Model = None,
    reranker: Reranker = None,
    threshold: Threshold = None,
    llm: Llm = None,
    llm_base_url: LlmBaseUrl = None,
    llm_seconds: LlmSeconds = None,
    llm_unsupported: LlmUnsupported = None,
    language: ReportLanguage = "en",
    as_json: AsJson = False,
) -> None:
    """Run an evaluation set."""
    from chat.llm import open_llm
    from chat.settings import read_settings
    from eval import tables
    from eval.dataset import check
    from eval.formats import read_set

    if given and (near_miss or off_topic_path):
        option = "--near-miss" if near_miss else "--off-topic"
        raise EvalError(
            f"--given asks passages that answer, {option} what does not",
            hint="leave out one of the two",
        )
    settings = read_settings(
        home=home,
        model=model,
        reranker=reranker,
        threshold=threshold,
        llm=llm,
        llm_base_url=llm_base_url,
        llm_seconds=llm_seconds,
        llm_unsupported=llm_unsupported,
    )
    language_model = open_llm(settings)
    eval_set = read_set(set_path, strict=strict, given=given)
    off_topic_examples = _off_topic_examples(off_topic_path)
    retriever = _open_retriever(eval_set, settings, indexed=indexed)
    problems = [*eval_set.problems, *check(eval_set.examples, retriever.documents)]
    if only_check:
        tables.checked(eval_set, problems)
        raise typer.Exit(2 if problems else 0)
    examples = _usable_examples(eval_set, problems, strict=strict)
    examples = _with_variants(examples, way, near_miss=near_miss) + off_topic_examples
    _run_set(
        eval_set, examples, retriever, settings, language_model, output,
        language=language, as_json=as_json,
    )  # fmt: skip


def compare(
    a: Annotated[
        Path,
        typer.Argument(metavar="A", parser=file_path, help="Folder of a run, the one before."),
    ],
    b: Annotated[
        Path, typer.Argument(metavar="B", parser=file_path, help="Folder of another run.")
    ],
    # Every command takes a home, though both folders say all that is needed here.
    home: Home = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", parser=file_path, help="The report.  [default: in B's folder]"
        ),
    ] = None,
    language: ReportLanguage = "en",
    as_json: AsJson = False,
) -> None:
    """Compare two runs of an evaluation set."""
    from chat.terminal import print_json
    from eval import tables
    from eval.run_store import RunFolder

    before, after = RunFolder(a), RunFolder(b)
    name = before.path.absolute().name
    page = output or after.path / f"compared-with-{name}.html"
    comparison = _compare_folders(before, after, page, language)
    if as_json:
        print_json(comparison)
    else:
        tables.comparison(comparison)


def _run_set(
    eval_set: "EvalSet",
    examples: "tuple[Example, ...]",
    retriever: "Retriever",
    settings: "Settings",
    language_model: "LLM | None",
    output: Path | None,
    *,
    language: str,
    as_json: bool,
) -> None:
    """Ask all examples, and print what came of it; a model's run is compared with quoting.

    Raises:
        typer.Exit: Interrupted, code 130; the same command goes on where it stopped.
    """
    from chat.terminal import print_json, progress_bar
    from eval import tables
    from eval.run_store import RunFolder
    from eval.runner import configuration, folder_for, run

    config = configuration(eval_set, examples, retriever, settings.threshold, language_model)
    folder = RunFolder(output) if output else folder_for(settings.home, config)
    try:
        with progress_bar("asking") as progress:
            summary = run(examples, retriever, folder, config, progress, language_model, language)
        result = summary | {"report": str(folder.report)}
        if language_model:
            result["compared"] = _compare_with_quoting(
                folder, config, examples, retriever, language
            )
    except KeyboardInterrupt:
        tables.interrupted(len(folder.records()), len(examples))
        raise typer.Exit(130) from None
    if as_json:
        print_json(result)
        return
    tables.summary(summary, folder.report)
    if language_model:
        tables.comparison(result["compared"])


def _compare_with_quoting(
    folder: "RunFolder",
    config: dict[str, Any],
    examples: "Sequence[Example]",
    retriever: "Retriever",
    language: str,
) -> dict[str, Any]:
    """Ask all again without the model, and compare."""
    from chat.terminal import progress_bar
    from eval.run_store import RunFolder
    from eval.runner import run

    quoting = RunFolder(folder.path / QUOTING)
    with progress_bar("asking without the model") as progress:
        run(examples, retriever, quoting, config | {"llm": None}, progress, language=language)
    page = folder.path / f"compared-with-{QUOTING}.html"
    return _compare_folders(quoting, folder, page, language)


def _compare_folders(a: "RunFolder", b: "RunFolder", page: Path, language: str) -> dict[str, Any]:
    """Compare two runs, and write the page of it."""
    from eval import compare as comparing

    comparison = comparing.compare(a, b)
    try:
        html = comparing.comparison_page(comparison, language)
        page.write_text(html, "utf-8", "backslashreplace")
    except OSError as error:
        raise EvalError(
            f"cannot write {str(page)!r}: {error.strerror}", hint="name another file with --output"
        ) from None
    return comparison | {"report": str(page)}


def _open_retriever(eval_set: "EvalSet", settings: "Settings", *, indexed: bool) -> "Retriever":
    """Open what is asked: what is indexed, or the set's own documents."""
    from chat.terminal import progress_bar
    from eval.runner import open_index

    with progress_bar("indexing") as progress:
        return open_index(None if indexed else eval_set.documents, settings, progress)


def _off_topic_examples(path: Path | None) -> "tuple[Example, ...]":
    from eval.formats import off_topic, read_questions

    return tuple(off_topic(read_questions(path))) if path else ()


def _with_variants(
    examples: "tuple[Example, ...]", way: str | None, *, near_miss: bool
) -> "tuple[Example, ...]":
    """Return the examples as they are typed, and each again without what answers it."""
    from eval.formats import near_misses
    from eval.robustness import retype

    if way:
        examples = tuple(retype(example, way) for example in examples)
    return (*examples, *near_misses(examples)) if near_miss else examples


def _usable_examples(
    eval_set: "EvalSet", problems: "Sequence[DatasetProblem]", *, strict: bool
) -> "tuple[Example, ...]":
    """Return the examples that can be asked; tell of those that cannot."""
    from eval import tables
    from eval.dataset import usable

    fatal = [problem for problem in problems if problem.fatal]
    if strict and fatal:
        raise EvalError(f"{len(fatal)} bad rows in {eval_set.name}; first: {fatal[0].line()}")
    examples = usable(eval_set.examples, problems)
    if not examples:
        raise EvalError(
            f"no question of {eval_set.name} can be asked; {fatal[0].line()}",
            hint="index the documents that the set is about with `dalel index PATH`",
        )
    tables.problems(fatal)
    return examples
