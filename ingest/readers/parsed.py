"""What a reader hands over: one text, and what its format says about it."""

from dataclasses import dataclass

from ingest.document import Language, Span


@dataclass(frozen=True, slots=True)
class Parsed:
    """One document as its format gives it.

    Attributes:
        text: The text, exactly as decoded.
        title: The title that the format gives; empty if it gives none.
        id: The id that the format gives; empty if the file's path shall be it.
        language: The language that the format gives; None if it must be told from the text.
        pages: Character spans of the pages, if the format has pages.
    """

    text: str
    title: str = ""
    id: str = ""
    language: Language | None = None
    pages: tuple[Span, ...] = ()
