"""What the commands print: answers, passages, documents and facts, as text or JSON; and progress.

Text fits any width of a terminal. Document text is shown letter for letter, but for control
characters, which could steer a terminal. Results go to standard output, the progress bar to
standard error.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chat.answer import MAX_COPIES, Answer, Citation, Passage
from chat.highlight import Excerpt, answer_parts, excerpt
from chat.sanitize import sanitize
from index.embedders.embedder import Progress, no_progress
from index.storage.generation import IndexContents
from ingest.document import Document, Language, Span
from ingest.errors import DalelError
from ingest.source_file import Skipped

if TYPE_CHECKING:
    from index.sync import Update

_QUOTE_CONTEXT_CHARACTERS: Final = 160
"""How much of its paragraph is shown before a quote, and how much after it."""

_MAX_NOTES: Final = 10
"""Notes on how files were read that are shown."""


def show_answer(partial_answers: Iterable[Answer], documents: Mapping[str, Document]) -> None:
    """Show an answer as it grows, then its numbered sources, each quote in its context.

    The words that answer are lit in their quote. Where nothing can be lit, as in a pipe, the quotes
    are written out before the sources as well, so that they can be told from their context.

    Args:
        partial_answers: The answer, time and again, with more sentences each time; the last one
            is whole.
        documents: What it cites, by id.
    """
    blocks_shown = 0
    for answer in partial_answers:
        if answer.mode == "llm" and answer.statements:
            blocks = answer.text.split("\n\n")  # One a sentence: no sentence holds a line break.
            for block in blocks[blocks_shown:]:
                print_text(plain(f"\n{block}" if blocks_shown else block))
                blocks_shown += 1
    _show_rest(answer, documents, begun=blocks_shown > 0)


def _show_rest(answer: Answer, documents: Mapping[str, Document], *, begun: bool) -> None:
    """Show what there is to say once an answer is whole."""
    parts: list[RenderableType] = []
    if answer.note:
        parts.append(plain(f"\n{answer.note}" if begun else answer.note, "yellow"))
    if not answer.statements or answer.mode != "llm":
        lit = answer.short_answer and _console().color_system
        text = plain(answer.short_answer, "bold") if lit else plain(answer.text)
        parts.append(Text("\n") + text if parts or begun else text)
    if answer.citations:
        parts.append(Text(f"\n{_SOURCES[answer.language]}", style="bold"))
        parts += [
            _source(citation, documents[citation.document_id], answer.language)
            for citation in answer.citations
        ]
    elif answer.passages:
        parts.append(Text(f"\n{_NEAREST[answer.language]}", style="bold"))
        parts.append(_passage(answer.passages[0], documents))
    print_text(Group(*parts))


_SOURCES: Final = {"kk": "Дереккөздер", "en": "Sources", "ru": "Источники"}
_NEAREST: Final = {
    "kk": "Сұраққа ең жақын үзінді, бірақ жауап емес",
    "en": "The nearest passage, which is no answer",
    "ru": "Ближайший отрывок, но не ответ",
}
_ALSO_IN: Final = {"kk": "Мына құжаттарда да бар", "en": "Also in", "ru": "Также в документах"}
_MORE: Final = {"kk": "тағы {n}", "en": "{n} more", "ru": "ещё {n}"}


def show_passages(passages: Sequence[Passage], documents: Mapping[str, Document]) -> None:
    """Show ranked passages."""
    print_text(Group(*(_passage(passage, documents) for passage in passages)))


def show_documents(documents: Sequence[Document]) -> None:
    """Show what is indexed, a line each; the other files of a text only where there are any."""
    copied = any(document.other_sources for document in documents)
    table = Table(box=None, pad_edge=False)
    for name in ("id", "language", "characters", "title", *(["also in"] if copied else [])):
        table.add_column(name, justify="right" if name == "characters" else "left", overflow="fold")
    for document in documents:
        cells = [plain(document.id), document.language, f"{len(document.text):,}"]
        also_in = [plain("; ".join(document.other_sources))] if copied else []
        table.add_row(*cells, plain(document.name), *also_in)
    print_text(table)


def show_indexed(contents: IndexContents, skipped: Iterable[Skipped]) -> None:
    """Show what an index holds now, what was left out, and what is to be known of the rest."""
    sentences = len(contents.sentence_vectors)
    lines = [
        plain(
            f"Indexed {count(len(contents.documents), 'document')}:"
            f" {count(len(contents.chunks), 'passage')}, {count(sentences, 'sentence')}."
        )
    ]
    copies = [
        f"The same text as {document.source}: {source}"
        for document in contents.documents
        for source in document.other_sources
    ]
    lines += [_line(line) for line in (*copies, *_skipped_lines([*skipped]))]
    print_text(Group(*lines))


def show_update(update: "Update", *, as_json: bool, on_one_line: bool = False) -> None:
    """Show what came of indexing files; as JSON on one line where more lines follow."""
    files = update.counts()
    if as_json:
        contents = update.contents
        data = {
            "documents": len(contents.documents),
            "chunks": len(contents.chunks),
            "sentences": len(contents.sentence_vectors),
            "skipped": [_told(skip) for skip in update.skipped if not skip.is_read],
            "notes": [_told(skip) for skip in update.skipped if skip.is_read],
            "files": files,
        }
        print_json(data, indent=None if on_one_line else 2)
        return
    show_indexed(update.contents, update.skipped)
    told = ", ".join(f"{number:,} {kind}" for kind, number in files.items() if number)
    if told:
        print_text(plain(f"Files: {told}."))


def show_change(outcome: "Update | DalelError", *, as_json: bool) -> None:
    """Show what has changed while files are watched, and what was left out, a line each."""
    rows: list[dict[str, str]] = []
    if isinstance(outcome, DalelError):
        rows = [{"change": "failed", "reason": outcome.line()}]
    else:
        changed = {name for kind, name in outcome.changes if kind != "removed"}
        for kind, name in outcome.changes:
            told = [s.reason for s in outcome.skipped if s.path == name and name in changed]
            why = {"reason": "; ".join(told)} if told else {}
            rows.append({"change": kind, "path": name, **why})
        rows += [
            {"change": "note" if skip.is_read else "skipped", **_told(skip)}
            for skip in outcome.skipped
            if skip.path not in changed
        ]
    console = _console()
    for row in rows:
        if as_json:
            print_json(row, indent=None)
        else:
            text = " ".join(filter(None, (row["change"], row.get("path"))))
            line = _line(f"{text}: {row['reason']}" if "reason" in row else text)
            console.print(line, soft_wrap=not console.is_terminal)


def _skipped_lines(skipped: Sequence[Skipped]) -> Iterator[str]:
    """Yield a line for each file, but of the notes only the first: a folder may have thousands.

    What was not read comes last, where it is seen.
    """
    notes = [skip for skip in skipped if skip.is_read]
    yield from (f"Note on {note.path}: {note.reason}" for note in notes[:_MAX_NOTES])
    if len(notes) > _MAX_NOTES:
        more = count(len(notes) - _MAX_NOTES, "more file")
        yield f"Notes on {more}: --json has them all."
    yield from (f"Skipped {skip.path}: {skip.reason}" for skip in skipped if not skip.is_read)


def _told(skip: Skipped) -> dict[str, str]:
    return {"path": skip.path, "reason": skip.reason}


def show_info(facts: Mapping[str, Any]) -> None:
    """Show facts, nested ones indented."""
    console = _console()
    for line in _fact_lines(facts, ""):
        # A hash or a path must stay whole in a pipe, to be searched for and copied.
        console.print(plain(line), soft_wrap=not console.is_terminal)


def _fact_lines(facts: Mapping[str, Any], indent: str) -> Iterable[str]:
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from _fact_lines(value, indent + "  ")
        else:
            yield f"{indent}{name}: {value}"


def _source(citation: Citation, document: Document, language: Language) -> RenderableType:
    """Return a citation: where it stands, the quote in its paragraph, and where else it stands.

    What matters most is bold: the words that answer, or where none are known, the quote.
    """
    span = citation.start, citation.end
    context = excerpt(document, span, _QUOTE_CONTEXT_CHARACTERS)
    head = Text.assemble(
        (f"[{citation.mark}] ", "bold"),
        plain(document.name),
        plain(f" · {_position(document, span, context)}", "dim"),
    )
    words = citation.answer
    answer = (words.start, words.end) if words else None
    parts = answer_parts(context.text, citation.start, answer)
    quote_style = "" if words else "bold"
    text = Text.assemble(
        plain(context.before, "dim"),
        plain(parts[0], quote_style),
        plain(parts[1], "bold underline"),
        plain(parts[2], quote_style),
        plain(context.after, "dim"),
    )
    also_in = (*citation.sources[1:], *(copy.title for copy in citation.copies))
    below = [_also_in(also_in, language)] if also_in else []
    return Group(head, Padding(Group(text, *below), (0, 0, 0, 4)))


def _also_in(names: Sequence[str], language: Language) -> Text:
    """Return the line that names the other files and documents of a quote."""
    shown = [*names[:MAX_COPIES]]
    if len(names) > MAX_COPIES:
        shown.append(_MORE[language].format(n=len(names) - MAX_COPIES))
    return plain(f"{_ALSO_IN[language]}: {'; '.join(shown)}", "dim")


def _passage(passage: Passage, documents: Mapping[str, Document]) -> RenderableType:
    document = documents[passage.document_id]
    span = passage.start, passage.end
    head = Text.assemble(
        (f"{passage.rank}. ", "bold"),
        plain(document.name),
        plain(f" · {_position(document, span, excerpt(document, span, 0))}", "dim"),
        (f" · {passage.score:.3f}", "dim"),
    )
    return Group(head, Padding(plain(passage.text), (0, 0, 0, 4)))


def _position(document: Document, span: Span, context: Excerpt) -> str:
    paragraph = f"¶ {context.paragraph_number}/{context.paragraph_count}"
    return f"{document.id}, {paragraph}, {span[0]}-{span[1]}"


def count(number: int, noun: str) -> str:
    """Write how many there are.

    >>> count(1, "question"), count(2000, "question")
    ('1 question', '2,000 questions')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def plain(text: str, style: str = "") -> Text:
    """Return a text to be shown as it is; control characters are shown as such."""
    return Text(sanitize(text), style=style)


def _line(text: str) -> Text:
    """Return foreign text that is to stay on one line: a file's name may hold a line feed."""
    return plain(text.replace("\n", "\N{REPLACEMENT CHARACTER}"))


def print_json(data: object, *, indent: int | None = 2) -> None:
    """Write plain data for programs; without indent on one line."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=indent) + "\n")


def print_text(renderable: RenderableType) -> None:
    """Write to standard output."""
    _console().print(renderable)


def _console() -> Console:
    return Console(highlight=False, emoji=False, markup=False)


@contextmanager
def progress_bar(task: str) -> Iterator[Progress]:
    """Show on standard error how far a task has come while the block runs; nothing in a pipe.

    Args:
        task: What is being done, such as "indexing".

    Yields:
        A function of how many steps are done, and of how many there are.
    """
    if not sys.stderr.isatty():
        yield no_progress
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task_id = bar.add_task(task, total=None)
        yield lambda done, total: bar.update(task_id, completed=done, total=total)
