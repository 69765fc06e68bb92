"""The reader: which sentences of the passages answer, with which words, and how surely.

The passages are cut into windows of whole sentences (chat/reader_input.py). Those whose sentences
are nearest to the question are read by the model (chat/reader_output.py), which says of each
sentence how likely the answer stands in it and how likely it must be seen. What retrieval
says of it is added in one formula (chat/confidence.py).

`select` takes what is quoted: the sentence that answers best; beside it, of the same passage, what
must be seen with it (the items of a list and its heading, the sentence that «Ол …» speaks of); and
others only where they answer too.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from statistics import fmean
from typing import Final

from chat.confidence import Features, confidence_model
from chat.reader_input import read_as, windows
from chat.reader_model import ReaderModel, reader_model
from chat.reader_output import SentenceReading, Window, read
from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Query, Retriever
from ingest.document import Document, Span
from ingest.sentence import is_field

_FIELD_SIZE: Final = 0.25
"""How many windows a line «Label: value» counts for: it is as much shorter than one."""

_FIRST_WINDOWS: Final = 2
"""Windows that are read first, side by side: one for each processor of a small machine."""

READ_UNTIL: Final = 0.8
"""Confidence of the best sentence from which no further window is read, if no other scores nearer
than `answers_too` (eval/LOG.md, 2026-11-30, "reading until it is clear")."""

MAX_MARGIN: Final = 5.0
"""Beyond it a sentence's margin over the next one tells no more
(eval/LOG.md, 2026-11-30, "what tells a right answer from a wrong one")."""

_CROSS_LINGUAL: Final = "=#~"
"""First characters of the terms that mean the same in all languages: concepts, numbers and dates,
names."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence that may answer.

    Attributes:
        document: Where it stands.
        span: Where in that document.
        row: The row of its chunk in the index.
        position: Its place among the chunk's sentences, from 0.
        answer: The words of it that answer best, in the document.
        features: What is known of it.
        score: What it is ranked by.
    """

    document: Document
    span: Span
    row: int
    position: int
    answer: Span
    features: Features
    score: float

    @property
    def text(self) -> str:
        """What it says, to the letter."""
        return self.document.text[slice(*self.span)]

    @property
    def confidence(self) -> float:
        """How likely it answers, 0 to 1."""
        return confidence_model().confidence(self.features)


# --- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A window that may be read.

    Attributes:
        hit: Its passage.
        sentences: Their places in the passage.
        near: How near each is to the question, as retrieval has it.
        window: What is read.
    """

    hit: Hit
    sentences: range
    near: tuple[float, ...]
    window: Window


def read_passages(
    query: Query,
    hits: Sequence[Hit],
    retriever: Retriever,
    model: ReaderModel | None = None,
    *,
    until: float = READ_UNTIL,
) -> list[Evidence]:
    """Read the passages for a question; return their sentences, best first.

    The nearest windows are read first, and others only until a sentence surely answers and no other
    comes near it. Only the sentences of the windows that are read are returned, each once.

    Args:
        query: What is asked.
        hits: Where to look; at least one.
        retriever: What found them.
        model: What reads; by default the model that ships.
        until: The confidence of the best sentence from which no more is read; above 1, all is.

    Raises:
        ModelError: The model that ships cannot be loaded.
    """
    left = _windows_to_read(query, hits, retriever)
    best: dict[tuple[int, int], _Read] = {}
    evidence: list[Evidence] = []
    count, reading = 0, left[:_FIRST_WINDOWS]
    while reading:
        _read_windows(reading, query, model or reader_model(), best)
        weighed = _weighed(list(best.values()), query, hits, retriever)
        evidence = sorted(weighed, key=lambda one: -one.score)
        count += len(reading)
        left = [one for one in left if one not in reading]
        # As many again as were read: with more processors, they take no longer than the first.
        reading = _continued(evidence, left) if _is_clear(evidence, until) else left[:count]
    return evidence


def _read_windows(
    candidates: Sequence[_Candidate],
    query: Query,
    model: ReaderModel,
    best: dict[tuple[int, int], "_Read"],
) -> None:
    """Read windows; keep of each sentence, by row and place, the reading in which most is found."""
    readings = read(model, query.searched, [candidate.window for candidate in candidates])
    for candidate, window in zip(candidates, readings, strict=True):
        for place, reading in zip(candidate.sentences, window, strict=True):
            key = candidate.hit.row, place
            if reading and (key not in best or best[key].reading.found < reading.found):
                best[key] = _Read(candidate, place, reading)


def margin(evidence: Sequence[Evidence]) -> float:
    """Return how far the best sentence scores above the next one, 0 to `MAX_MARGIN`.

    Best versus second best (Joshi et al. 2009, CVPR). How likely the documents answer it does not
    tell: what only resembles the question stands alone as well.

    Args:
        evidence: What `read_passages` returns, at least one.
    """
    scores = [one.score for one in evidence[:2]]
    return min(MAX_MARGIN, scores[0] - scores[1]) if scores[1:] else MAX_MARGIN


def _is_clear(evidence: Sequence[Evidence], until: float) -> bool:
    """Return whether the best sentence surely answers, and no other comes near it."""
    return (
        bool(evidence)
        and evidence[0].confidence >= until
        and margin(evidence) > WEIGHTS.answers_too
    )


def _continued(evidence: Sequence[Evidence], left: Sequence[_Candidate]) -> list[_Candidate]:
    """Return the windows into which the items of a list may go on that is the best answer."""
    run = _with_needed(evidence[0], evidence)
    read_places = {one.position for one in evidence if one.row == run[0].row}
    beside = {run[0].position - 1, run[-1].position + 1} - read_places
    return [
        one
        for one in left
        if len(run) > 1 and one.hit.row == run[0].row and beside.intersection(one.sentences)
    ]


def _windows_to_read(query: Query, hits: Sequence[Hit], retriever: Retriever) -> list[_Candidate]:
    """Return the windows that are nearest to the question; of equal texts the first."""
    cosines = iter(retriever.sentence_cosines(query, hits).tolist())
    candidates: dict[str, _Candidate] = {}
    for hit in hits:
        near = [next(cosines) for _ in hit.chunk.sentences]
        text = retriever.documents[hit.chunk.document_id].text
        for places in _places(hit.chunk.sentences, text):
            window = _window(hit, places, retriever)
            candidate = _Candidate(hit, places, tuple(near[place] for place in places), window)
            candidates.setdefault(wording(window.text), candidate)
    nearest = sorted(
        candidates.values(),
        key=lambda one: -(max(one.near) + WEIGHTS.sentence_passage * one.hit.score),
    )
    sizes = accumulate(_FIELD_SIZE if is_field(one.window.text) else 1 for one in nearest)
    return [one for one, read in zip(nearest, sizes, strict=True) if read <= WEIGHTS.windows_read]


def _places(sentences: Sequence[Span], text: str) -> Iterator[range]:
    """Yield the places of the sentences of each window; a line «Label: value» is one by itself.

    It says all that it says, and the lines around it answer other questions: with them in view, the
    director's name is read as the secretary's (eval/LOG.md, "lines of a label and a value").
    """
    for places in windows(sentences):
        alone = {place for place in places if is_field(text[slice(*sentences[place])])}
        for _, run in groupby(places, key=lambda place: place if place in alone else None):
            first, *others = run
            yield range(first, first + 1 + len(others))


def _window(hit: Hit, places: range, retriever: Retriever) -> Window:
    chunk = hit.chunk
    document = retriever.documents[chunk.document_id]
    spans = [chunk.sentences[place] for place in places]
    start = spans[0][0]
    return Window(
        title=" ".join(dict.fromkeys(filter(None, (document.title, chunk.heading)))),
        text=retriever.readable(hit, places),
        sentences=[(a - start, b - start) for a, b in spans],
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence that was read.

    Attributes:
        candidate: The window in which most was found in it.
        position: Its place among the passage's sentences.
        reading: What was read.
    """

    candidate: _Candidate
    position: int
    reading: SentenceReading

    @property
    def span(self) -> Span:
        """Where it stands in its document."""
        return self.candidate.hit.chunk.sentences[self.position]

    @property
    def near(self) -> float:
        """How near it is to the question, as retrieval has it."""
        return self.candidate.near[self.position - self.candidate.sentences.start]

    def text(self, retriever: Retriever) -> str:
        """What it says, to the letter."""
        document = retriever.documents[self.candidate.hit.chunk.document_id]
        return document.text[slice(*self.span)]


def _weighed(
    sentences: Sequence[_Read], query: Query, hits: Sequence[Hit], retriever: Retriever
) -> list[Evidence]:
    """Return what was read with what retrieval says of it."""
    concepts = retriever.term_weights(query.terms.concepts)
    bridge = retriever.term_weights(query.terms.bridge)
    held = [retriever.sentence_terms(one.candidate.hit, one.position) for one in sentences]
    common = frozenset().union(*held)
    missing = sum(w for t, w in bridge.items() if t[0] in _CROSS_LINGUAL and t not in common)
    scores = sorted((hit.score for hit in hits), reverse=True)[: WEIGHTS.rival_passages]
    lead = scores[0] - fmean(scores[1:]) if scores[1:] else 0.0
    model = confidence_model()
    evidence = []
    for one, terms in zip(sentences, held, strict=True):
        chunk = one.candidate.hit.chunk
        asked = concepts if chunk.language == query.language else bridge
        features = Features(
            found=one.reading.found,
            needed=one.reading.needed,
            sentence=one.near,
            passage=retriever.above_chance(one.candidate.hit.score, query.language),
            lacking=sum(weight for term, weight in asked.items() if term not in terms),
            asks=float(_ends_in("?", one.text(retriever))),
            missing=missing,
            lead=lead,
        )
        start = chunk.sentences[one.candidate.sentences.start][0]
        evidence.append(
            Evidence(
                document=retriever.documents[chunk.document_id],
                span=one.span,
                row=one.candidate.hit.row,
                position=one.position,
                answer=(start + one.reading.answer[0], start + one.reading.answer[1]),
                features=features,
                score=model.score(features),
            )
        )
    return evidence


# --- choosing what to quote -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quote:
    """What is quoted at one place: a sentence, or several that follow each other.

    Attributes:
        document: Where it stands.
        span: Where in that document.
        answers: The words of it that answer, in the order of the text; at least one.
    """

    document: Document
    span: Span
    answers: tuple[Span, ...]


def select(parts: Sequence[Sequence[Evidence]]) -> list[Quote]:
    """Return what is quoted, best first; no two overlap, follow each other or say the same.

    Args:
        parts: For each part of the question, what `read_passages` returns; the first of each is
            quoted in any case.
    """
    runs: list[list[Evidence]] = []
    said: set[str] = set()
    first = [(part[0], part) for part in parts]
    others = [(one, part) for part in parts for one in part[1:] if _answers_too(one, part[0])]
    for best, part in first + others:
        if wording(best.text) in said:
            continue
        run = _with_needed(best, part)
        beside = [place for place, other in enumerate(runs) if _meet(other, run)]
        if beside:
            merged = {one.span: one for met in (run, *(runs[at] for at in beside)) for one in met}
            runs[beside[0]] = [merged[span] for span in sorted(merged)]
            runs = [other for place, other in enumerate(runs) if place not in beside[1:]]
        elif len(runs) < max(WEIGHTS.max_quotes, len(parts)):
            runs.append(run)
        else:
            continue
        said |= {wording(one.text) for one in run}
    return [_quote(run) for run in runs]


def _answers_too(one: Evidence, first: Evidence) -> bool:
    """Return whether a sentence of another place than the first is worth quoting beside it."""
    found = one.features.found
    near = found >= 0 and one.score >= first.score - WEIGHTS.answers_too
    return near or found >= WEIGHTS.answers_surely


def _with_needed(best: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return a sentence with those around it, in its passage, that must be seen with it."""
    passage = sorted((one for one in evidence if one.row == best.row), key=lambda one: one.span)
    place = passage.index(best)
    run = [best]
    for others in (passage[place + 1 :], passage[:place][::-1]):
        for one in others:
            if one.features.needed < WEIGHTS.least_needed or not _meet(run, [one]):
                break
            run = sorted([*run, one], key=lambda one: one.span)
    return run


def _meet(run: Sequence[Evidence], other: Sequence[Evidence]) -> bool:
    """Return whether two runs of sentences overlap, or nothing is between them that can be read."""
    if run[0].document.id != other[0].document.id:
        return False
    (_, end), (start, _) = sorted([(one[0].span[0], one[-1].span[1]) for one in (run, other)])
    return start < end or not any(map(str.isalnum, read_as(run[0].document.text[end:start])[0]))


def _quote(group: Sequence[Evidence]) -> Quote:
    best = max(group, key=lambda one: one.score)
    found = [one for one in group if one is best or one.features.found >= 0]
    # What asks or announces answers only where nothing else does.
    said = [one for one in found if not _ends_in("?:", one.text)]
    if _ends_in("?:", best.text) and not said:
        said = [one for one in group if not _ends_in("?:", one.text)]
    answers = [one.answer for one in said or found]
    return Quote(best.document, (group[0].span[0], group[-1].span[1]), tuple(answers))


def _ends_in(signs: str, text: str) -> bool:
    """Return whether a text ends in one of some signs, as it is read; quotes may follow it."""
    return read_as(text)[0].rstrip(" \n\"'»”’)")[-1:] in tuple(signs)


def wording(text: str) -> str:
    """Return what two texts have in common that differ in spaces, capitals and normal form only."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
