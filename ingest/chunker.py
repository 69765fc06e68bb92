"""Documents cut into chunks of whole sentences, with exact offsets.

`document.text[chunk.start:chunk.end]` is the chunk, always, and its sentences lie inside it. Where
a reader has told the blocks of a text apart, a chunk knows the headings above it and what announces
its list, and a row is one sentence; else both are told from the text. Encoded data is in no chunk.
The function that counts tokens is an argument, so that nothing here depends on a model.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, compress, zip_longest
from operator import itemgetter

from ingest.document import Block, Document, Language, Span, encoded_data
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
        heading: The nearest heading above; empty if there is none. In a document with blocks, the
            path to it: «Демалыс › Құжаттар», and at its end what announces the list it begins in.
        language: The language of most of it.
        sentences: Spans of its sentences, in the document's text; at least one.
        other_languages: Those that some of its sentences are in, beside its own.
    """

    id: str
    document_id: str
    start: int
    end: int
    heading: str
    language: Language
    sentences: tuple[Span, ...]
    other_languages: tuple[Language, ...] = ()


@dataclass(slots=True)
class _Section:
    """Sentences that may share a chunk: below one heading, or of one list.

    Attributes:
        heading: The heading, or the path of headings.
        sentences: Their spans.
        announced: How many of the first ones announce the others, which are a list's items.
        instead: The headings right above it, which are sentences where nothing of it is left.
    """

    heading: str
    sentences: list[Span]
    announced: int = 0
    instead: "_Section | None" = None


def split(document: Document, count_tokens: CountTokens, chunking: Chunking) -> list[Chunk]:
    """Cut a document into chunks, in order, without overlap.

    A chunk ends where the next sentence would not fit, where a section ends, and at the end of a
    paragraph once it is a quarter full. A sentence that is too long by itself is cut between words.
    """
    chunks: list[Chunk] = []
    for section in _sections(document):
        path = _path_of_items(document.text, section)
        # The first chunk stands below the heading, and there may be no room for that in the path.
        above = dict.fromkeys(_context(document.title, each) for each in (path, section.heading))
        context = max(above, key=count_tokens)
        packer = _Packer(document.text, context, count_tokens, chunking.max_tokens)
        first = section.sentences[0][0]
        for run in packer.runs(section.sentences):
            # What announces the list stands in the first chunk itself.
            chunks.append(_chunk(document, section.heading if run[0][0] == first else path, run))
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
    # A short chunk may be all names, and names do not show the language.
    language = detect(text) if len(text) >= 200 else document.language
    return Chunk(
        id=f"{document.id}:{start}-{end}",
        document_id=document.id,
        start=start,
        end=end,
        heading=heading,
        language=language,
        sentences=tuple(run),
        other_languages=tuple(_other_languages(document.text, run, language)),
    )


_TELLING = 25
"""Characters of a sentence that tell its language; fewer may be a name."""


def _other_languages(text: str, sentences: list[Span], language: Language) -> list[Language]:
    told = {detect(text[start:end]) for start, end in sentences if end - start >= _TELLING}
    return sorted(told - {language})


# --- sections ---------------------------------------------------------------------------------

_MAX_HEADING = 120
_MARKDOWN_HEADING = re.compile(r"#{1,6}[ \t]+(.*?)(?:(?<=[ \t])#+)?")  # not the sign of "C#"
_ENDS_OPEN = re.compile(r"[^.!?…:;,»”\")\]]\Z")
_LIST_MARK = re.compile(r"[-–—•*|>]|\d+[.)]")


def _sections(document: Document) -> Iterator[_Section]:
    """Group the sentences of a document, without encoded data and without rules such as "---"."""
    encoded = encoded_data(document.text)
    has_words = any(map(str.isalnum, document.text))
    sections = _blocks(document) if document.blocks else _told_sections(document.text)
    for section in sections:
        left = _left(document.text, section, encoded, has_words=has_words)
        if not left and section.instead:
            left = _left(document.text, section.instead, encoded, has_words=has_words)
        yield from left


def _left(text: str, section: _Section, encoded: list[Span], *, has_words: bool) -> list[_Section]:
    """Return what is left of a section; a sentence without letters and digits answers nothing."""
    parts = list(_without(text, section, encoded))
    if has_words:
        for part in parts:
            worded = [any(map(str.isalnum, text[start:end])) for start, end in part.sentences]
            part.announced = sum(worded[: part.announced])
            part.sentences = [*compress(part.sentences, worded)]
    return [part for part in parts if part.sentences]


def _without(text: str, section: _Section, encoded: list[Span]) -> Iterator[_Section]:
    """Yield a section, or what is left of it before, between and after encoded data.

    A chunk is one span of the text: so none may go on after data that it must not hold.
    """
    spans = section.sentences
    start, end = spans[0][0], spans[-1][1]
    inside = encoded[_first_after(encoded, start) : _first_from(encoded, end)]
    if not inside:
        yield section
        return
    edges = [start, *chain.from_iterable(inside), end]
    for after, before in zip(edges[::2], edges[1::2], strict=True):
        near = spans[_first_after(spans, after) : _first_from(spans, before)]
        pieces = (_stripped(text, max(start, after), min(end, before)) for start, end in near)
        part = [(start, end) for start, end in pieces if start < end]
        if part:
            yield _Section(section.heading, part)


def _first_after(spans: list[Span], place: int) -> int:
    """Return the index of the first span that ends after a place."""
    return bisect_right(spans, place, key=itemgetter(1))


def _first_from(spans: list[Span], place: int) -> int:
    """Return the index of the first span that starts at a place or after it."""
    return bisect_left(spans, place, key=itemgetter(0))


def _stripped(text: str, start: int, end: int) -> Span:
    """Return a span without the white space around it."""
    piece = text[start:end]
    return end - len(piece.lstrip()), start + len(piece.rstrip())


def _told_sections(text: str) -> Iterator[_Section]:
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
        section, heading_span = _Section(heading, [], instead=_Section("", [span])), span
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


# --- sections of documents whose blocks are known ------------------------------------------------

_PATH_SIGN = " › "
_MAX_ROW = 400  # characters; a longer row holds prose, which is cut into sentences
_TELLS = re.compile(r":\s+\S|[.!…]\Z")  # a heading that answers: «Мекенжай: Абай 5», a clause


def _blocks(document: Document) -> Iterator[_Section]:
    """Group the sentences of a document by its headings; each list and each record is apart."""
    text, grouping = document.text, _Grouping(document)
    marked = any(block.kind == "heading" for block in document.blocks)
    for block, following in zip_longest(document.blocks, document.blocks[1:]):
        if block.kind == "heading":
            yield from grouping.heading(block)
        elif not marked and following is not None and _reads_as_heading(text, block, following):
            yield from grouping.heading(block)
            yield from grouping.content(block)  # It may be none: so it can be quoted, too.
        else:
            announces = following is not None and following.kind == "item" != block.kind
            yield from grouping.content(block, announces=announces)
    yield from grouping.rest()


def _reads_as_heading(text: str, block: Block, following: Block) -> bool:
    """Return whether a paragraph may be a heading of the next one, where no headings are marked.

    Many people set headings in bold letters. «Телефон: 55-44-33» is none.
    """
    words = text[block.start : block.end]
    return (
        block.kind == following.kind == "paragraph"
        and ": " not in words
        and len(words) < following.end - following.start
        and text[following.end - 1] in ".!?…"
        and _heading(text, (block.start, block.end)) is not None
    )


class _Grouping:
    """Collects the sentences of a document, block by block, and gives out sections when done."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        self._title = document.title
        self._path = _Path(document.title)
        self._section = _Section("", [])
        self._above = ""  # the path to the last heading
        self._bare: list[Span] = []  # headings, one in the other, that nothing stands below yet
        self._in_list = False

    def heading(self, block: Block) -> Iterator[_Section]:
        """Enter a heading."""
        if self._section.sentences or self._path.level() >= block.level:
            yield from self.rest()
            self._bare = []
        self._bare.append((block.start, block.end))
        self._above = self._path.above(block.level)
        self._path.enter(self._text[block.start : block.end], block.level)
        self._start()

    def content(self, block: Block, *, announces: bool = False) -> Iterator[_Section]:
        """Add a block that is no heading; one that announces a list begins a section with it."""
        item = block.kind == "item"
        if block.kind == "record" or announces or (self._in_list and not item):
            if self._section.sentences:
                yield self._section
            self._start()
        if self._bare:
            self._section.instead = self._headings_alone()
            said = [span for span in self._bare if span[0] < block.start]
            self._section.sentences += self._not_shown(said, self._section.heading)
            self._bare = []
        self._section.sentences += _sentences_of(self._text, block)
        self._section.announced = (
            len(self._section.sentences) if announces else self._section.announced
        )
        self._in_list = item or announces

    def rest(self) -> Iterator[_Section]:
        """Yield the section so far; a heading with nothing below it is a sentence."""
        if self._section.sentences:
            yield self._section
        elif self._bare:
            yield self._headings_alone()

    def _headings_alone(self) -> _Section:
        """Return the headings that nothing stands below, as far as no path shows them."""
        *outer, last = self._bare
        return _Section(self._above, [*self._not_shown(outer, self._above), last])

    def _not_shown(self, headings: list[Span], path: str) -> list[Span]:
        """Return the headings that a path does not show whole, or that tell something."""
        shown = {*path.split(_PATH_SIGN), self._title[:_MAX_HEADING]}
        words = [" ".join(self._text[start:end].split()) for start, end in headings]
        return [
            span
            for span, each in zip(headings, words, strict=True)
            if each not in shown or _TELLS.search(each)
        ]

    def _start(self) -> None:
        self._section, self._in_list = _Section(self._path.shown(), []), False


def _sentences_of(text: str, block: Block) -> list[Span]:
    whole = (block.start, block.end)
    short = block.end - block.start <= _MAX_ROW
    if block.kind == "code" or (block.kind in ("row", "record") and short):
        return [whole]
    found = sentences(text[block.start : block.end])
    return [(block.start + start, block.start + end) for start, end in found]


class _Path:
    """The headings above a place: of each level the last one, if no higher one came after it."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._headings: list[tuple[int, str]] = []

    def enter(self, heading: str, level: int) -> None:
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._headings.append((level, " ".join(heading.split())))

    def level(self) -> int:
        """Return the level of the last heading, 0 before the first."""
        return self._headings[-1][0] if self._headings else 0

    def above(self, level: int) -> str:
        """Return the path to a heading of a level that comes next."""
        return self._shown([words for each, words in self._headings if each < level])

    def shown(self) -> str:
        """Return the path, from the outermost heading that there is room for; no title in it."""
        return self._shown([words for _, words in self._headings])

    def _shown(self, headings: list[str]) -> str:
        return _shown_path([words for words in headings if words != self._title])


def _shown_path(parts: list[str]) -> str:
    """Return parts of a path as one line of at most 120 characters; the outer ones go first."""
    shown = ""
    for part in reversed(parts):
        longer = f"{part}{_PATH_SIGN}{shown}" if shown else part[:_MAX_HEADING]
        if len(longer) > _MAX_HEADING:
            break
        shown = longer
    return shown


def _path_of_items(text: str, section: _Section) -> str:
    """Return the path of a list's items, with what announces them at its end."""
    if not section.announced:
        return section.heading
    start, end = section.sentences[section.announced - 1]
    return _shown_path([section.heading, text[start:end]] if section.heading else [text[start:end]])


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
