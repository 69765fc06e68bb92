"""What `dalel eval` and `dalel compare` do: options in, something printed, exit code out.

Knows sets, runs and reports; how things look on a terminal is in eval/show.py.
"""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from chat.author import author_of
from chat.commands import settings_of
from chat.config import Settings
from chat.progress import progress_bar
from chat.show import as_json
from eval import show
from eval.check import check, usable
from eval.compare import compare, comparison_page
from eval.example import EvalSet, Example, Problem
from eval.folder import RunFolder
from eval.read import near_misses, off_topic, read_questions, read_set
from eval.run import configuration, folder_for, open_index, run
from eval.typed import typed
from index.retrieve import IndexRetriever
from ingest.errors import EvalError


def run_chat(options: Namespace) -> int:
    """Serve the page, with the part that evaluates."""
    from chat.commands import run_chat as serve_page
    from eval.tab import PART

    return serve_page(options, (PART,))


QUOTING: Final = "quoting"
"""Where a model's run keeps the run that it is compared with."""


def run_eval(options: Namespace) -> int:
    """Run an evaluation set, or only check it."""
    settings = settings_of(options)
    author = author_of(settings)
    found = read_set(options.set, strict=options.strict)
    strangers = off_topic(read_questions(options.off_topic)) if options.off_topic else []
    retriever = _open(found, settings, indexed=options.indexed)
    problems = [*found.problems, *check(found.examples, retriever.documents)]
    if options.check:
        show.checked(found, problems)
        return 2 if problems else 0
    examples = _to_ask(found, problems, strict=options.strict)
    if options.typed:
        examples = tuple(typed(each, options.typed) for each in examples)
    near = near_misses(examples) if options.near_miss else []
    examples = (*examples, *near, *strangers)
    config = configuration(found, examples, retriever, settings.threshold, author)
    folder = RunFolder(options.output) if options.output else folder_for(settings.home, config)
    try:
        with progress_bar("asking") as progress:
            summary = run(examples, retriever, folder, config, progress, author)
        told = summary | {"report": str(folder.report)}
        if author:
            told["compared"] = _beside_quoting(folder, config, examples, retriever)
    except KeyboardInterrupt:
        show.interrupted(len(folder.records()), len(examples))
        return 130
    if options.json:
        as_json(told)
    else:
        show.summary(summary, folder.report)
        if author:
            show.comparison(told["compared"])
    return 0


def _beside_quoting(
    folder: RunFolder,
    config: dict[str, Any],
    examples: Sequence[Example],
    retriever: IndexRetriever,
) -> dict[str, Any]:
    """Ask all again without the model, and compare."""
    quoting = RunFolder(folder.path / QUOTING)
    with progress_bar("asking without the model") as progress:
        run(examples, retriever, quoting, config | {"llm": None}, progress)
    return _compared(quoting, folder, folder.path / f"compared-with-{QUOTING}.html")


def run_compare(options: Namespace) -> int:
    """Compare two runs."""
    a, b = RunFolder(options.a), RunFolder(options.b)
    name = a.path.absolute().name
    told = _compared(a, b, options.output or b.path / f"compared-with-{name}.html")
    if options.json:
        as_json(told)
    else:
        show.comparison(told)
    return 0


def _compared(a: RunFolder, b: RunFolder, page: Path) -> dict[str, Any]:
    """Compare two runs, and write the page of it."""
    compared = compare(a, b)
    try:
        page.write_text(comparison_page(compared), "utf-8", "backslashreplace")
    except OSError as error:
        raise EvalError(
            f"cannot write {str(page)!r}: {error.strerror}", hint="name another file with --output"
        ) from None
    return compared | {"report": str(page)}


def _open(found: EvalSet, settings: Settings, *, indexed: bool) -> IndexRetriever:
    with progress_bar("indexing") as progress:
        return open_index(None if indexed else found.documents, settings, progress)


def _to_ask(found: EvalSet, problems: Sequence[Problem], *, strict: bool) -> tuple[Example, ...]:
    """Return the examples that can be asked; tell of those that cannot."""
    fatal = [problem for problem in problems if problem.fatal]
    if strict and fatal:
        raise EvalError(f"{len(fatal)} bad rows in {found.name}; first: {fatal[0].line()}")
    examples = usable(found.examples, problems)
    if not examples:
        raise EvalError(
            f"no question of {found.name} can be asked; {fatal[0].line()}",
            hint="index the documents that the set is about with `dalel index PATH`",
        )
    show.problems(fatal)
    return examples
