"""Citations: a place in a document and the very characters that stand there.

In: documents and spans. Out: `Citation`, whose quote is the text at its place, byte for byte.
Knows nothing of questions.
"""

from dataclasses import dataclass

from ingest.document import Document, Language, Span


@dataclass(frozen=True, slots=True)
class Citation:
    """One numbered quote; `document.text[start:end] == quote`, always.

    Attributes:
        mark: The number that stands in the answer, from 1.
        document_id: Where it is quoted from.
        title: What that document is called.
        language: The document's language.
        start: First character of the quote.
        end: One past the last.
        quote: The text there, unchanged.
    """

    mark: int
    document_id: str
    title: str
    language: Language
    start: int
    end: int
    quote: str


def cite(mark: int, document: Document, span: Span) -> Citation:
    """Quote a document.

    Args:
        mark: Number in the answer, from 1.
        document: What to quote.
        span: Where; inside the text and not empty.
    """
    start, end = span
    assert 0 <= start < end <= len(document.text)
    return Citation(
        mark=mark,
        document_id=document.id,
        title=document.name,
        language=document.language,
        start=start,
        end=end,
        quote=document.text[start:end],
    )


def is_valid(citation: Citation, document: Document) -> bool:
    """Say whether a citation's quote is what its document says at its place."""
    at_place = document.text[citation.start : citation.end]
    return citation.document_id == document.id and at_place == citation.quote != ""
