"""What is searched of documents: their passages and sentences, in the letters that are searched.

Where Kazakh is typed without its alphabet, that is not what is shown and quoted: see
index/analysis/script.py. All other text is searched as it stands.
"""

from collections.abc import Mapping, Sequence

from index.analysis.analyzer import terms
from index.analysis.script import in_cyrillic, writing_of, writing_of_document
from ingest.chunker import Chunk, in_context
from ingest.document import Document, Span


def passage_text(document: Document, chunk: Chunk) -> str:
    """Return what is searched of a chunk: its document's title, its heading, its text."""
    around = writing_of_document(document.text, document.language)
    return in_cyrillic(in_context(document, chunk), chunk.language, around)


def text_within(document: Document, chunk: Chunk, span: Span) -> str:
    """Return what is searched of a part of a chunk.

    Args:
        document: The document.
        chunk: One of its chunks.
        span: Where the part is in the document: a sentence, or several.
    """
    around = writing_of_document(document.text, document.language)
    passage = document.text[chunk.start : chunk.end]
    writing = writing_of(passage, chunk.language, around)
    return in_cyrillic(document.text[slice(*span)], chunk.language, writing)


def whole_text(document: Document) -> str:
    """Return what is searched of a document."""
    return in_cyrillic(document.text, document.language)


def terms_of_sentence(
    documents: Mapping[str, Document], chunks: Sequence[Chunk], row: int, place: int
) -> frozenset[str]:
    """Return the terms of a sentence, each once.

    Args:
        documents: The documents by id.
        chunks: The chunks.
        row: Which chunk it is in.
        place: Which of its sentences it is.
    """
    chunk = chunks[row]
    text = text_within(documents[chunk.document_id], chunk, chunk.sentences[place])
    return frozenset(terms(text, chunk.language))
