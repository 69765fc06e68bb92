"""How things look on a terminal.

In: answers, hits, documents, facts. Out: text on standard output, at any width. Document text is
shown letter for letter, but for control characters, which could steer a terminal.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chat.answer import Answer
from chat.cite import Citation
from chat.legible import legible
from index.generation import Contents
from index.retrieve import Hit
from ingest.document import Document
from ingest.paragraph import paragraphs
from ingest.read import Skipped

_CONTEXT_CHARACTERS: Final = 160


def answer(growing: Iterable[Answer], documents: Mapping[str, Document]) -> None:
    """Show an answer as it grows, then its numbered sources, each sentence in its context.

    Args:
        growing: The answer, time and again, with more sentences each time; the last one whole.
        documents: What it cites, by id.
    """
    shown = 0
    for answered in growing:
        if answered.mode == "llm" and answered.statements:
            blocks = answered.text.split("\n\n")  # One a sentence: no sentence holds a line break.
            for each in blocks[shown:]:
                print_out(plain(f"\n{each}" if shown else each))
                shown += 1
    _rest(answered, documents, begun=shown > 0)


def _rest(answered: Answer, documents: Mapping[str, Document], *, begun: bool) -> None:
    """Show what there is to say once an answer is whole."""
    parts: list[RenderableType] = []
    if answered.note:
        parts.append(plain(f"\n{answered.note}" if begun else answered.note, "yellow"))
    if not answered.statements or answered.mode == "extractive":
        parts.append(plain(f"\n{answered.text}" if parts or begun else answered.text))
    if answered.citations:
        parts.append(Text(f"\n{_SOURCES[answered.language]}", style="bold"))
        parts += [_source(each, documents[each.document_id]) for each in answered.citations]
    elif answered.hits:
        parts.append(Text(f"\n{_NEAREST[answered.language]}", style="bold"))
        parts.append(_passage(answered.hits[0], documents))
    print_out(Group(*parts))


_SOURCES: Final = {"kk": "Дереккөздер", "en": "Sources", "ru": "Источники"}
_NEAREST: Final = {
    "kk": "Сұраққа ең жақын үзінді",
    "en": "The nearest passage, which is no answer",
    "ru": "Ближайший отрывок, но не ответ",
}


def hits(found: Sequence[Hit], documents: Mapping[str, Document]) -> None:
    """Show ranked passages."""
    print_out(Group(*(_passage(hit, documents) for hit in found)))


def documents(listed: Iterable[Document]) -> None:
    """Show what is indexed, a line each."""
    table = Table(box=None, pad_edge=False)
    for name in ("id", "language", "characters", "title"):
        table.add_column(name, justify="right" if name == "characters" else "left", overflow="fold")
    for document in listed:
        title = plain(document.name)
        table.add_row(plain(document.id), document.language, f"{len(document.text):,}", title)
    print_out(table)


def indexed(contents: Contents, skipped: Iterable[Skipped]) -> None:
    """Show what an index holds now, and what was left out."""
    sentences = len(contents.sentence_vectors)
    lines = [
        plain(
            f"Indexed {count(len(contents.documents), 'document')}:"
            f" {count(len(contents.chunks), 'passage')}, {count(sentences, 'sentence')}."
        )
    ]
    lines += [plain(f"Skipped {skip.path}: {skip.reason}") for skip in skipped]
    print_out(Group(*lines))


def info(facts: Mapping[str, Any]) -> None:
    """Show facts, nested ones indented."""
    console = _console()
    for line in _lines(facts, ""):
        # A hash or a path must stay whole in a pipe, to be searched for and copied.
        console.print(plain(line), soft_wrap=not console.is_terminal)


def _lines(facts: Mapping[str, Any], indent: str) -> Iterable[str]:
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{name}: {value}"


def _source(citation: Citation, document: Document) -> RenderableType:
    head = Text.assemble(
        (f"[{citation.mark}] ", "bold"),
        plain(document.name),
        plain(f" · {_position(document, citation.start, citation.end)}", "dim"),
    )
    return Group(head, Padding(_in_context(citation, document), (0, 0, 0, 4)))


def _in_context(citation: Citation, document: Document) -> Text:
    """Return the quote, bold, between the words around it in its paragraph."""
    start, end = next(
        span for span in paragraphs(document.text) if span[0] <= citation.start < span[1]
    )
    before = document.text[start : citation.start]
    after = document.text[citation.end : max(end, citation.end)]
    if len(before) > _CONTEXT_CHARACTERS:
        before = "… " + before[-_CONTEXT_CHARACTERS:].partition(" ")[2]
    if len(after) > _CONTEXT_CHARACTERS:
        after = after[:_CONTEXT_CHARACTERS].rpartition(" ")[0] + " …"
    quote = plain(citation.quote)
    quote.stylize("bold")
    return Text.assemble(plain(before, "dim"), quote, plain(after, "dim"))


def _passage(hit: Hit, documents: Mapping[str, Document]) -> RenderableType:
    document = documents[hit.chunk.document_id]
    head = Text.assemble(
        (f"{hit.rank}. ", "bold"),
        plain(document.name),
        plain(f" · {_position(document, hit.chunk.start, hit.chunk.end)}", "dim"),
        (f" · {hit.score:.3f}", "dim"),
    )
    text = plain(document.text[hit.chunk.start : hit.chunk.end])
    return Group(head, Padding(text, (0, 0, 0, 4)))


def _position(document: Document, start: int, end: int) -> str:
    spans = paragraphs(document.text)
    number = sum(span[0] <= start for span in spans)
    return f"{document.id}, ¶ {number}/{len(spans)}, {start}-{end}"


def count(number: int, noun: str) -> str:
    """Write how many there are.

    >>> count(1, "question"), count(2000, "question")
    ('1 question', '2,000 questions')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def plain(text: str, style: str = "") -> Text:
    """Return a text to be shown as it is; control characters are shown as such."""
    return Text(legible(text), style=style)


def as_json(data: object) -> None:
    """Write plain data for programs."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def print_out(renderable: RenderableType) -> None:
    """Write to standard output."""
    _console().print(renderable)


def _console() -> Console:
    return Console(highlight=False, emoji=False, markup=False)
