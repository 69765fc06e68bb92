"""The reader: which sentences of the passages answer, with which words, and how surely.

The passages are cut into windows of whole sentences (chat/reader_input.py). Those whose sentences
are nearest to the question are read by the trained model (chat/reading.py), which says of each
sentence how likely the answer stands in it and how likely it must be seen. What retrieval
says of it is added in one formula (chat/confidence.py).

`select` takes what is quoted: the sentence that answers best; beside it, of the same passage, what
must be seen with it (the items of a list and its heading, the sentence that «Ол …» speaks of); and
others only where they answer too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chat.confidence import Features, confidence_model
from chat.reader_input import windows
from chat.reader_model import ReaderModel, reader_model
from chat.reading import SentenceReading, Window, read
from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Query, Retriever
from ingest.document import Document, Language, Span


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence that may answer.

    Attributes:
        document: Where it stands.
        span: Where in that document.
        language: The language of its passage.
        row: The row of its chunk in the index.
        position: Its place among the chunk's sentences, from 0.
        answer: The words of it that answer best, in the document.
        features: What is known of it.
        score: What it is ranked by.
    """

    document: Document
    span: Span
    language: Language
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

    @property
    def answer_text(self) -> str:
        """The words that answer, to the letter."""
        return self.document.text[slice(*self.answer)]


# --- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A window that may be read.

    Attributes:
        hit: Its passage.
        sentences: Their places in the passage.
        near: How near each is to the question, as retrieval has it.
    """

    hit: Hit
    sentences: range
    near: tuple[float, ...]


def read_passages(
    query: Query,
    hits: Sequence[Hit],
    retriever: Retriever,
    model: ReaderModel | None = None,
) -> list[Evidence]:
    """Read the passages for a question; return their sentences, best first.

    Only the sentences of the windows that are read are returned, each once.

    Args:
        query: What is asked.
        hits: Where to look; at least one.
        retriever: What found them.
        model: What reads; by default the model that ships.
    """
    chosen = _windows_to_read(query, hits, retriever)
    texts = [_window(candidate, retriever) for candidate in chosen]
    readings = read(model or reader_model(), query.searched, texts)
    best: dict[tuple[int, int], Evidence] = {}
    for candidate, window in zip(chosen, readings, strict=True):
        start = candidate.hit.chunk.sentences[candidate.sentences.start][0]
        for place, reading in enumerate(window):
            if reading is None:
                continue
            evidence = _evidence(candidate, place, start, reading, query, retriever)
            key = evidence.row, evidence.position
            if key not in best or best[key].score < evidence.score:
                best[key] = evidence
    return sorted(best.values(), key=lambda evidence: -evidence.score)


def _windows_to_read(query: Query, hits: Sequence[Hit], retriever: Retriever) -> list[_Candidate]:
    """Return the windows that are nearest to the question; of equal texts the first."""
    cosines = iter(retriever.sentence_cosines(query, hits).tolist())
    candidates: dict[str, _Candidate] = {}
    for hit in hits:
        near = [next(cosines) for _ in hit.chunk.sentences]
        for window in windows(hit.chunk.sentences):
            candidate = _Candidate(hit, window, tuple(near[place] for place in window))
            candidates.setdefault(_window(candidate, retriever).text.casefold(), candidate)
    return sorted(
        candidates.values(),
        key=lambda one: -(max(one.near) + WEIGHTS.sentence_passage * one.hit.score),
    )[: WEIGHTS.windows_read]


def _window(candidate: _Candidate, retriever: Retriever) -> Window:
    chunk = candidate.hit.chunk
    document = retriever.documents[chunk.document_id]
    spans = [chunk.sentences[place] for place in candidate.sentences]
    start, end = spans[0][0], spans[-1][1]
    return Window(
        title=" ".join(dict.fromkeys(filter(None, (document.title, chunk.heading)))),
        text=document.text[start:end],
        sentences=[(a - start, b - start) for a, b in spans],
    )


def _evidence(
    candidate: _Candidate,
    place: int,
    start: int,
    reading: SentenceReading,
    query: Query,
    retriever: Retriever,
) -> Evidence:
    hit = candidate.hit
    position = candidate.sentences[place]
    features = Features(
        found=reading.found,
        needed=reading.needed,
        sentence=candidate.near[place],
        passage=retriever.above_chance(hit.score, query.language),
    )
    return Evidence(
        document=retriever.documents[hit.chunk.document_id],
        span=hit.chunk.sentences[position],
        language=hit.chunk.language,
        row=hit.row,
        position=position,
        answer=(start + reading.answer[0], start + reading.answer[1]),
        features=features,
        score=confidence_model().score(features),
    )


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


def select(evidence: Sequence[Evidence]) -> list[Quote]:
    """Return what is quoted, best first; no two say the same word for word.

    Args:
        evidence: What `read_passages` returns; the first, if any, is quoted in any case.
    """
    groups: list[list[Evidence]] = []
    said: set[str] = set()
    first, others = evidence[:1], evidence[1:]
    for best in [*first, *(one for one in others if one.confidence >= WEIGHTS.answers_too)]:
        if wording(best.text) in said:
            continue
        groups.append(_with_needed(best, evidence))
        said |= {wording(one.text) for one in groups[-1]}
        if len(groups) == WEIGHTS.max_quotes:
            break
    return [_quote(group) for group in groups]


def _with_needed(best: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return a sentence with those around it that must be seen with it, in the text's order."""
    passage = {one.position: one for one in evidence if one.row == best.row}
    group = [best]
    for step in (-1, 1):
        position = best.position + step
        while position in passage and passage[position].features.needed >= WEIGHTS.least_needed:
            group.append(passage[position])
            position += step
    return sorted(group, key=lambda one: one.position)


def _quote(group: Sequence[Evidence]) -> Quote:
    best = max(group, key=lambda one: one.score)
    answers = [one.answer for one in group if one is best or one.features.found >= 0]
    return Quote(best.document, (group[0].span[0], group[-1].span[1]), tuple(answers))


def wording(text: str) -> str:
    """Return what two texts have in common that differ in spaces and capitals only."""
    return " ".join(text.casefold().split())
