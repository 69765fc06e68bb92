"""What became of a question of a run: where it was to be answered, where it was, what failed.

A record holds of the documents only the passages that eval/report/passages.py cut; places are told
from their pieces, so that a run can be read without the documents it was of.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from eval.metrics.case import Record

Stage = Literal["question", "retrieval", "choice", "decision", "citation", "language"]
"""A step of answering: the question is understood, passages are found, sentences are chosen, it is
decided whether to answer, quotes are cut, and words are put around them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Consecutive text of a document that is marked: `text` begins at the character `start`."""

    document_id: str
    title: str
    start: int
    text: str


LinkTo = Callable[[Place], str]
"""Returns the address at which a place can be read; empty where it cannot."""


def failed_stage(record: Record) -> Stage | None:
    """Name the first step of answering that went wrong; None if all went well.

    A refusal is the decision's fault where what it held back was right; else whatever came before.
    """
    failed = set(record["failures"])
    if "not-asked" in failed:
        return "question"
    if "answered-unanswerable" in failed or ("refused" in failed and record["would_be_right"]):
        return "decision"
    if "not-found" in failed or ("refused" in failed and record["metrics"].get("recall@10") == 0):
        return "retrieval"
    if failed & {"refused", "not-cited", "part-missing", "short-answer-missing"}:
        return "choice"
    if "bad-citation" in failed:
        return "citation"
    return "language" if failed else None


def gold_places(record: Record) -> list[Place]:
    """Return the places that answer, as far as they are known."""
    return _places(record, lambda piece: bool(piece["gold"]))


def cited_places(record: Record) -> list[Place]:
    """Return the places that were cited."""
    return _places(record, lambda piece: bool(piece["marks"]))


def with_links(record: Record, link_to: LinkTo) -> Record:
    """Return a record whose passages have a `link` each: to what is marked in it first."""
    passages = [
        passage | {"link": next((link_to(place) for place in _marked(passage)), "")}
        for passage in record["passages"]
    ]
    return record | {"passages": passages}


def _marked(passage: Mapping[str, Any]) -> Iterator[Place]:
    return _places_in(passage, lambda piece: bool(piece["marks"] or piece["gold"]))


def _places(record: Record, is_meant: Callable[[Mapping[str, Any]], bool]) -> list[Place]:
    return [place for passage in record["passages"] for place in _places_in(passage, is_meant)]


def _places_in(
    passage: Mapping[str, Any], is_meant: Callable[[Mapping[str, Any]], bool]
) -> Iterator[Place]:
    start = passage["start"]
    pieces: Sequence[Mapping[str, Any]] = passage["pieces"]
    for meant, group in groupby(pieces, key=is_meant):
        text = "".join(piece["text"] for piece in group)
        if meant:
            yield Place(passage["document_id"], passage["title"], start, text)
        start += len(text)
