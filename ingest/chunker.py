"""Documents cut into chunks of whole sentences, with exact offsets.

`document.text[chunk.start:chunk.end]` is the chunk, always, and its sentences lie inside it. The
function that counts tokens is an argument, so that nothing here depends on a model.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from ingest.document import Document, Language, Span
from ingest.language import detect
from ingest.sentence import sentences

CountTokens = Callable[[str], int]
"""Counts the tokens that the embedding model reads for a text, with its prompt and special ones."""


@dataclass(frozen=True, slots=True)
class Chunking:
    """How documents are cut; recorded with an index.

    Attributes:
        max_tokens: Most tokens of a chunk with its context, in the model's own count. The default
            was chosen on dev data: eval/LOG.md, 2026-11-22, "chunk size".
    """

    max_tokens: int = 384


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive whole sentences of one document; of a sentence that is too long, a part.

    Attributes:
        id: `document_id:start-end`.
        document_id: The document it is cut from.
        start: First character, in the document's text.
        end: One past the last character.
        heading: The nearest heading above; empty if there is none.
        language: The language of most of it.
        sentences: Spans of its sentences, in the document's text; at least one.
    """

    id: str
    document_id: str
    start: int
    end: int
    heading: str
    language: Language
    sentences: tuple[Span, ...]


@dataclass(slots=True)
class _Section:
    """The sentences below one heading."""

    heading: str
    sentences: list[Span]


def split(document: Document, count_tokens: CountTokens, chunking: Chunking) -> list[Chunk]:
    """Cut a document into chunks, in order, without overlap.

    A chunk ends where the next sentence would not fit, where a section ends, and at the end of a
    paragraph once it is a quarter full. A sentence that is too long by itself is cut between words.
    """
    chunks: list[Chunk] = []
    for section in _sections(document.text):
        context = _context(document.title, section.heading)
        packer = _Packer(document.text, context, count_tokens, chunking.max_tokens)
        chunks += [_chunk(document, section.heading, run) for run in packer.runs(section.sentences)]
    return chunks


def in_context(document: Document, chunk: Chunk) -> str:
    """Return the text that is indexed for a chunk: its document's title, its heading, its text."""
    return _context(document.title, chunk.heading) + document.text[chunk.start : chunk.end]


def _context(title: str, heading: str) -> str:
    lines = dict.fromkeys(line for line in (title, heading) if line)
    return "".join(f"{line[:_MAX_HEADING]}\n" for line in lines)


def _chunk(document: Document, heading: str, run: list[Span]) -> Chunk:
    start, end = run[0][0], run[-1][1]
    text = document.text[start:end]
    return Chunk(
        id=f"{document.id}:{start}-{end}",
        document_id=document.id,
        start=start,
        end=end,
        heading=heading,
        # A short chunk may be all names, and names do not show the language.
        language=detect(text) if len(text) >= 200 else document.language,
        sentences=tuple(run),
    )


# --- sections ---------------------------------------------------------------------------------

_MAX_HEADING = 120
_MARKDOWN_HEADING = re.compile(r"#{1,6}[ \t]+(.*?)(?:(?<=[ \t])#+)?")  # not the sign of "C#"
_ENDS_OPEN = re.compile(r"[^.!?…:;,»”\")\]]\Z")
_LIST_MARK = re.compile(r"[-–—•*|>]|\d+[.)]")


def _sections(text: str) -> Iterator[_Section]:
    """Group sentences by the heading above them; a heading with nothing below it is a sentence."""
    section, heading_span = _Section("", []), None
    for span in sentences(text):
        heading = _heading(text, span)
        if heading is None:
            section.sentences.append(span)
            continue
        if section.sentences:
            yield section
        elif heading_span is not None and section.heading:
            yield _Section("", [heading_span])
        section, heading_span = _Section(heading, []), span
    if section.sentences:
        yield section
    elif heading_span is not None:
        yield _Section("", [heading_span])


def _heading(text: str, span: Span) -> str | None:
    """Return a heading's words, or None for a sentence.

    A heading is a Markdown heading, or a short line without a mark at its end that has a blank line
    (or the start of the text) above it and a blank line below it.
    """
    start, end = span
    if end - start > _MAX_HEADING:
        return None
    line = text[start:end]
    markdown = _MARKDOWN_HEADING.fullmatch(line)
    if markdown:
        return markdown[1].strip()
    plain = _ENDS_OPEN.search(line) and not _LIST_MARK.match(line) and "\n" not in line
    return line if plain and _stands_alone(text, start, end) else None


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 80) : start], text[end : end + 80]
    above = before[len(before.rstrip()) :]
    below = after[: len(after) - len(after.lstrip())]
    first = start == len(above)
    return (first or above.count("\n") >= 2) and below.count("\n") >= 2 and bool(after.strip())


# --- packing ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Packer:
    """Packs the sentences of one section into runs of at most `max_tokens`."""

    text: str
    context: str
    count_tokens: CountTokens
    max_tokens: int

    def runs(self, spans: Iterable[Span]) -> Iterator[list[Span]]:
        run: list[Span] = []
        for span in chain.from_iterable(self._pieces(*whole) for whole in spans):
            if run and self._ends(run, span):
                yield run
                run = []
            run.append(span)
        if run:
            yield run

    def _ends(self, run: list[Span], span: Span) -> bool:
        """Return whether a chunk ends before this sentence."""
        start, end = run[0][0], run[-1][1]
        if not self._fits(start, span[1]):
            return True
        new_paragraph = "\n" in self.text[end : span[0]] and not _LIST_MARK.match(
            self.text, span[0]
        )
        return new_paragraph and 4 * self._tokens(start, end) >= self.max_tokens

    def _fits(self, start: int, end: int) -> bool:
        # A token has at most 16 characters, the longest piece of the vocabulary: so texts that are
        # much too long need no counting, which would be slow.
        return end - start <= 16 * self.max_tokens and self._tokens(start, end) <= self.max_tokens

    def _tokens(self, start: int, end: int) -> int:
        return self.count_tokens(self.context + self.text[start:end])

    def _pieces(self, start: int, end: int) -> Iterator[Span]:
        """Yield a sentence, or the parts of one that is too long."""
        if self._fits(start, end):
            yield start, end
            return
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        # It counts characters, not tokens, so that its work stays linear; a token is seldom under
        # two characters long, and what is still too long is halved.
        splitter = RecursiveCharacterTextSplitter(
            separators=["\n", "; ", ", ", " ", ""],
            chunk_size=2 * self.max_tokens,
            chunk_overlap=0,
            keep_separator="end",
            strip_whitespace=False,
        )
        for piece in splitter.split_text(self.text[start:end]):
            yield from self._halves(start, start + len(piece))
            start += len(piece)

    def _halves(self, start: int, end: int) -> Iterator[Span]:
        piece = self.text[start:end]
        start, end = end - len(piece.lstrip()), start + len(piece.rstrip())
        if start >= end:
            return
        if end - start == 1 or self._fits(start, end):
            yield start, end
            return
        middle = (start + end) // 2
        yield from self._halves(start, middle)
        yield from self._halves(middle, end)
