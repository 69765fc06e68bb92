"""What is searched of documents: their passages and sentences, in the letters that are searched.

Where Kazakh is typed without its alphabet, that is not what is shown and quoted: see
index/analysis/script.py. It is worked out when documents are indexed and kept with them; all other
text is searched as it stands.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ingest.chunker import Chunk, in_context
from ingest.document import Document

if TYPE_CHECKING:
    from index.analysis.script import Writing

_MIN_JUDGED: Final = 200
"""Characters from which on a passage of a clean document is judged by itself; a shorter one may
lack a letter by chance, and Kyrgyz without its ө and ү looks like Kazakh."""


@dataclass(frozen=True, slots=True)
class Respelt:
    """What is searched of a chunk, if that is not what is written.

    Attributes:
        row: The chunk's place among the chunks of the index.
        passage: The chunk, in its context.
        sentences: Each of its sentences.
    """

    row: int
    passage: str
    sentences: tuple[str, ...]


def respelt_passages(documents: Sequence[Document], chunks: Sequence[Chunk]) -> tuple[Respelt, ...]:
    """Return what is searched of the chunks that are not searched as they are written."""
    from index.analysis.script import in_cyrillic

    by_id = {document.id: document for document in documents}
    found = []
    for row, chunk in enumerate(chunks):
        document = by_id[chunk.document_id]
        writing = _writing_of_passage(document, chunk)
        written = [in_context(document, chunk), *_sentences(document, chunk)]
        searched = [in_cyrillic(text, chunk.language, writing) for text in written]
        if searched != written:
            found.append(Respelt(row, searched[0], tuple(searched[1:])))
    return tuple(found)


def searched_passages(
    documents: Sequence[Document], chunks: Sequence[Chunk], respelt: Sequence[Respelt]
) -> Iterator[str]:
    """Yield what is embedded of each chunk: the chunk in its context."""
    for document, chunk, one in _with_respelt(documents, chunks, respelt):
        yield one.passage if one else in_context(document, chunk)


def searched_sentences(
    documents: Sequence[Document], chunks: Sequence[Chunk], respelt: Sequence[Respelt]
) -> Iterator[str]:
    """Yield what is embedded of the sentences of each chunk: each by itself."""
    for document, chunk, one in _with_respelt(documents, chunks, respelt):
        yield from one.sentences if one else _sentences(document, chunk)


def _with_respelt(
    documents: Sequence[Document], chunks: Sequence[Chunk], respelt: Sequence[Respelt]
) -> Iterator[tuple[Document, Chunk, Respelt | None]]:
    by_id, by_row = {one.id: one for one in documents}, {one.row: one for one in respelt}
    for row, chunk in enumerate(chunks):
        yield by_id[chunk.document_id], chunk, by_row.get(row)


def text_in_place(document: Document, chunk: Chunk, places: range, respelt: Respelt) -> str:
    """Return what is searched of some sentences of a chunk, with every word where it is written.

    Args:
        document: The document.
        chunk: One of its chunks.
        places: Which of its sentences, one behind the other.
        respelt: What is searched of the chunk.

    Returns:
        The text with letters for letters; a sentence in which a word is longer or shorter, and what
        is between sentences, as it stands.
    """
    parts, end = [], chunk.sentences[places.start][0]
    for place in places:
        start, stop = chunk.sentences[place]
        written, searched = document.text[start:stop], respelt.sentences[place]
        is_in_place = [*map(str.isalpha, written)] == [*map(str.isalpha, searched)]
        parts += [document.text[end:start], searched if is_in_place else written]
        end = stop
    return "".join(parts)


def spelt_texts(
    documents: Sequence[Document], chunks: Sequence[Chunk], respelt: Sequence[Respelt]
) -> Iterator[str]:
    """Yield the texts that show how words are spelt: documents, or passages if some are respelt."""
    by_row = {one.row: one for one in respelt}
    are_in_parts = {chunks[row].document_id for row in by_row}
    yield from (one.text for one in documents if one.id not in are_in_parts)
    if not are_in_parts:
        return
    by_id = {one.id: one for one in documents if one.id in are_in_parts}
    for row, chunk in enumerate(chunks):
        if chunk.document_id in are_in_parts:
            written = in_context(by_id[chunk.document_id], chunk)
            yield by_row[row].passage if row in by_row else written


def _sentences(document: Document, chunk: Chunk) -> list[str]:
    return [document.text[slice(*span)] for span in chunk.sentences]


def _writing_of_passage(document: Document, chunk: Chunk) -> "Writing":
    from index.analysis.script import writing_of, writing_of_document
    from ingest.look_alikes import in_one_script

    if chunk.language != "kk":
        return "cyrillic"
    around: Writing | None = writing_of_document(document.text, document.language)
    if around == "cyrillic" and chunk.end - chunk.start >= _MIN_JUDGED:
        around = None
    passage = unicodedata.normalize("NFC", document.text[chunk.start : chunk.end])
    return writing_of(in_one_script(passage), chunk.language, around)
