"""What a reader of a report sees of the documents: the cited and the gold places, in context.

In: an example, its citations, documents. Out: passages as plain data, cut into pieces, each piece
with the marks of what it is. Knows nothing of HTML.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from chat.cite import Citation
from eval.example import Example
from ingest.document import Document, Span
from ingest.paragraph import paragraphs

_CONTEXT: Final = 240
"""Characters shown before and after a place, within its paragraph."""

_RELEVANT_SHOWN: Final = 700
"""Characters shown of a document that is judged relevant as a whole."""

_DOCUMENTS_SHOWN: Final = 3
"""Relevant documents shown at most."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A span to show: `mark` of a citation, or 0 for gold."""

    start: int
    end: int
    mark: int


def shown(
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
        _passage(documents[name], window, found)
        for name, found in places.items()
        for window in _windows(documents[name].text, found)
    ]
    return passages + [_whole(documents[name]) for name in _judged(example, documents)]


def _judged(example: Example, documents: Mapping[str, Document]) -> list[str]:
    judged = [name for name, gain in example.relevant.items() if gain > 0 and name in documents]
    return judged[:_DOCUMENTS_SHOWN]


def _windows(text: str, places: Iterable[_Place]) -> list[Span]:
    """Return what to show around some places; windows that meet become one."""
    blocks = paragraphs(text)
    windows: list[Span] = []
    for place in sorted(places, key=lambda place: place.start):
        inside = [b for b in blocks if b[0] < place.end and place.start < b[1]]
        low, high = (inside[0][0], inside[-1][1]) if inside else (place.start, place.end)
        start = max(low, place.start - _CONTEXT) if place.start > low else place.start
        end = min(high, place.end + _CONTEXT) if place.end < high else place.end
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
        held = [place for place in inside if place.start <= low and high <= place.end]
        pieces.append(
            {
                "text": document.text[low:high],
                "marks": sorted({place.mark for place in held if place.mark}),
                "gold": any(not place.mark for place in held),
            }
        )
    return _data(document, start, pieces)


def _whole(document: Document) -> dict[str, Any]:
    """Show the beginning of a document that is relevant, nobody says which sentence."""
    text = document.text[:_RELEVANT_SHOWN]
    return _data(document, 0, [{"text": text, "marks": [], "gold": True}])


def _data(document: Document, start: int, pieces: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "document_id": document.id,
        "title": document.name,
        "language": document.language,
        "start": start,
        "pieces": pieces,
    }
