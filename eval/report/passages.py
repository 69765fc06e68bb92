"""What a reader of a report sees of the documents: the cited and the gold places, in context.

Passages are plain data, cut into pieces, each with the marks of what it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from chat.answer import Citation
from eval.dataset import Example
from ingest.document import Document, Span, paragraphs

_CONTEXT_CHARACTERS: Final = 240
"""Characters shown before and after a place, within its paragraph."""

_MAX_DOCUMENT_CHARACTERS: Final = 700
"""Characters shown of a document that is judged relevant as a whole."""

_MAX_DOCUMENTS: Final = 3
"""Relevant documents shown at most."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A span to show: `mark` of a citation, or 0 for gold."""

    start: int
    end: int
    mark: int


def passages_in_context(
    example: Example, cited: Sequence[Citation], documents: Mapping[str, Document]
) -> list[dict[str, Any]]:
    """Return the passages to show: `{document_id, title, language, start, pieces}`.

    A piece is `{text, marks, gold}`: the citations that hold it, and whether it answers.
    """
    places: dict[str, list[_Place]] = {}
    for citation in cited:
        place = _Place(citation.start, citation.end, citation.mark)
        places.setdefault(citation.document_id, []).append(place)
    for gold in example.gold:
        places.setdefault(gold.document_id, []).append(_Place(gold.start, gold.end, 0))
    passages = [
        _passage(documents[name], window, in_document)
        for name, in_document in places.items()
        for window in _windows(documents[name].text, in_document)
    ]
    return passages + [_beginning(documents[name]) for name in _relevant(example, documents)]


def _relevant(example: Example, documents: Mapping[str, Document]) -> list[str]:
    relevant = [name for name, gain in example.relevant.items() if gain > 0 and name in documents]
    return relevant[:_MAX_DOCUMENTS]


def _windows(text: str, places: Iterable[_Place]) -> list[Span]:
    """Return what to show around some places; windows that meet become one."""
    blocks = paragraphs(text)
    windows: list[Span] = []
    for place in sorted(places, key=lambda place: place.start):
        around = [b for b in blocks if b[0] < place.end and place.start < b[1]]
        low, high = (around[0][0], around[-1][1]) if around else (place.start, place.end)
        start = max(low, place.start - _CONTEXT_CHARACTERS) if place.start > low else place.start
        end = min(high, place.end + _CONTEXT_CHARACTERS) if place.end < high else place.end
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(windows[-1][1], end))
        else:
            windows.append((start, end))
    return windows


def _passage(document: Document, window: Span, places: Sequence[_Place]) -> dict[str, Any]:
    start, end = window
    inside = [place for place in places if place.start < end and start < place.end]
    edges = {start, end, *(edge for place in inside for edge in (place.start, place.end))}
    borders = sorted(edge for edge in edges if start <= edge <= end)
    pieces = []
    for low, high in pairwise(borders):
        over_piece = [place for place in inside if place.start <= low and high <= place.end]
        pieces.append(
            {
                "text": document.text[low:high],
                "marks": sorted({place.mark for place in over_piece if place.mark}),
                "gold": any(not place.mark for place in over_piece),
            }
        )
    return _data(document, start, pieces)


def _beginning(document: Document) -> dict[str, Any]:
    """Show the beginning of a document that is relevant, where nobody says which sentence."""
    text = document.text[:_MAX_DOCUMENT_CHARACTERS]
    return _data(document, 0, [{"text": text, "marks": [], "gold": True}])


def _data(document: Document, start: int, pieces: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "document_id": document.id,
        "title": document.name,
        "language": document.language,
        "start": start,
        "pieces": pieces,
    }
