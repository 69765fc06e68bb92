"""What is searched of documents: their passages and sentences, in the letters that are searched.

Where Kazakh is typed without its alphabet, that is not what is shown and quoted: see
index/analysis/script.py. All other text is searched as it stands, and nothing here runs for it
when a question is asked.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from index.analysis.script import Writing, in_cyrillic, writing_of, writing_of_document
from ingest.chunker import Chunk, in_context
from ingest.document import Document, Span
from ingest.look_alikes import in_one_script

_MIN_JUDGED: Final = 200
"""Characters from which on a passage of a clean document is judged by itself; a shorter one may
lack a letter by chance, and Kyrgyz without its ө and ү looks like Kazakh."""


class Respelt(NamedTuple):
    """What is searched of a chunk, if that is not what is written.

    Attributes:
        passage: The chunk, in its context.
        sentences: Each of its sentences.
    """

    passage: str
    sentences: list[str]


def searched_texts(
    documents: Sequence[Document], chunks: Sequence[Chunk]
) -> tuple[list[str], list[str]]:
    """Return the texts that are embedded: each chunk in its context, each sentence by itself."""
    by_id = {document.id: document for document in documents}
    return (
        [passage_text(by_id[chunk.document_id], chunk) for chunk in chunks],
        [text for chunk in chunks for text in sentence_texts(by_id[chunk.document_id], chunk)],
    )


def written_texts(
    documents: Sequence[Document], chunks: Sequence[Chunk]
) -> tuple[list[str], list[str]]:
    """Return the same texts as they are written."""
    by_id = {document.id: document for document in documents}
    return (
        [in_context(by_id[chunk.document_id], chunk) for chunk in chunks],
        [
            by_id[chunk.document_id].text[start:end]
            for chunk in chunks
            for start, end in chunk.sentences
        ],
    )


def passage_text(document: Document, chunk: Chunk) -> str:
    """Return what is searched of a chunk: its document's title, its heading, its text."""
    writing = _writing_of_passage(document, chunk)
    return in_cyrillic(in_context(document, chunk), chunk.language, writing)


def sentence_texts(document: Document, chunk: Chunk) -> list[str]:
    """Return what is searched of each of a chunk's sentences, which are written as the chunk is."""
    writing = _writing_of_passage(document, chunk)
    return [
        in_cyrillic(document.text[slice(*span)], chunk.language, writing)
        for span in chunk.sentences
    ]


def text_in_place(document: Document, chunk: Chunk, span: Span) -> str:
    """Return what is searched of a part of a chunk, if all its words are where they were.

    Args:
        document: The document.
        chunk: One of its chunks.
        span: Where the part is in the document.

    Returns:
        The text with letters for letters; as it stands, if a word became longer or shorter.
    """
    text = document.text[slice(*span)]
    searched = in_cyrillic(text, chunk.language, _writing_of_passage(document, chunk))
    places = [list(map(str.isalpha, each)) for each in (text, searched)]
    return searched if places[0] == places[1] else text


def respelt_passages(
    documents: Mapping[str, Document], chunks: Sequence[Chunk]
) -> Mapping[int, Respelt]:
    """Map the rows of chunks that are not searched as they stand to what is searched of them."""
    respelt = {}
    for row, chunk in enumerate(chunks):
        document = documents[chunk.document_id]
        searched = passage_text(document, chunk)
        if searched != in_context(document, chunk):
            respelt[row] = Respelt(searched, sentence_texts(document, chunk))
    return respelt


def spelt_texts(
    documents: Mapping[str, Document], chunks: Sequence[Chunk], respelt: Mapping[int, Respelt]
) -> Iterator[str]:
    """Yield the texts that show how words are spelt: documents, or passages if some are respelt.

    Args:
        documents: The documents by id.
        chunks: The chunks.
        respelt: What `respelt_passages` returns for them.
    """
    are_in_parts = {chunks[row].document_id for row in respelt}
    yield from (one.text for one in documents.values() if one.id not in are_in_parts)
    for row, chunk in enumerate(chunks):
        if chunk.document_id in are_in_parts:
            written = in_context(documents[chunk.document_id], chunk)
            yield respelt[row].passage if row in respelt else written


def _writing_of_passage(document: Document, chunk: Chunk) -> Writing:
    if chunk.language != "kk":
        return "cyrillic"
    around: Writing | None = writing_of_document(document.text, document.language)
    if around == "cyrillic" and chunk.end - chunk.start >= _MIN_JUDGED:
        around = None
    passage = unicodedata.normalize("NFC", document.text[chunk.start : chunk.end])
    return writing_of(in_one_script(passage), chunk.language, around)
