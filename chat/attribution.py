"""Attribution: is a claim, one sentence that a model wrote, supported by what it cites?

Windows of whole sentences are taken from the passages that the model was shown, those nearest to
the claim, and the trained claim head (chat/reader_output.py) says how likely each supports the
claim, refutes it, or does neither.

    supported     a window supports it (log of the probability + `claim_lead` · how much nearer it
                  is than the others, in cosine), and its numbers, dates, names and addresses stand
                  there (chat/facts.py); one of the passages that the model named, unless another
                  supports it clearly better (`claim_cited`)
    contradicted  none does, and a window refutes it: its nearest sentence is shown
    unstated      neither, or the claim is too long to be read to its end

The levels are in index/ranking_weights.py (`claim_…`).
"""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log
from statistics import fmean
from typing import Final

from chat.answer import Verdict
from chat.facts import KnownNames, Text, missing_facts
from chat.reader_input import windows
from chat.reader_model import ReaderModel, reader_model
from chat.reader_output import VERDICT_PLACES, judge
from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Retriever
from ingest.document import Document, Language, Span
from ingest.language import detect

Place = tuple[str, int, int]
"""A document's id, and where in its text a sentence starts and ends."""

_LEAST: Final = 1e-6  # Of a probability, so that it has a logarithm.
_SUPPORTED, _REFUTED = VERDICT_PLACES["supported"], VERDICT_PLACES["refuted"]


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence that a claim may stand on.

    Attributes:
        document: Where it stands.
        span: Where in that document.
        language: The language of its passage.
        row: The row of its passage in the index.
        near: Its cosine with the claim.
    """

    document: Document
    span: Span
    language: Language
    row: int
    near: float

    @property
    def text(self) -> str:
        """What it says, to the letter."""
        return self.document.text[slice(*self.span)]


@dataclass(frozen=True, slots=True)
class Attribution:
    """What a claim stands on, or what speaks against it.

    Attributes:
        verdict: Whether the passages support it, contradict it, or do neither.
        sentences: What supports it, or the one that contradicts it, in the order of the document.
        cited_anew: Whether what supports it is elsewhere than where the model said.
        missing: Its numbers, dates, names and addresses that the nearest passage does not hold.
    """

    verdict: Verdict
    sentences: tuple[Source, ...] = ()
    cited_anew: bool = False
    missing: tuple[str, ...] = ()

    @property
    def supported(self) -> bool:
        """Whether the claim stands."""
        return self.verdict == "supported"


@dataclass(frozen=True, slots=True)
class _Window:
    """Some sentences of a passage that follow each other.

    Attributes:
        sentences: They, in their order.
        context: What may hold the names that they leave out: titles, and the passage before them.
    """

    sentences: tuple[Source, ...]
    context: tuple[Text, ...]

    @property
    def text(self) -> str:
        first, last = self.sentences[0], self.sentences[-1]
        return first.document.text[first.span[0] : last.span[1]]

    @property
    def nearest(self) -> Source:
        return max(self.sentences, key=lambda sentence: sentence.near)


class Attributor:
    """The passages found for a question, ready for claims to be held against them."""

    def __init__(
        self, hits: Sequence[Hit], retriever: Retriever, model: ReaderModel | None = None
    ) -> None:
        """Take the passages that a model was shown.

        Args:
            hits: The passages; at least one.
            retriever: What found them.
            model: What judges; by default the model that ships.
        """
        self._hits = hits
        self._retriever = retriever
        self._model = model
        self._known = KnownNames.of(
            (
                retriever.documents[hit.chunk.document_id].text[hit.chunk.start : hit.chunk.end],
                hit.chunk.language,
            )
            for hit in hits
        )

    def attribute(self, claim: str, cited: Collection[int]) -> Attribution:
        """Hold a claim against the passages it cites, by their rows in the index, then all."""
        language = detect(claim)
        near = self._windows(claim, language, cited)
        odds = judge(self._model or reader_model(), claim, [window.text for window in near])
        chance = _chance(near)
        support = [
            _support(float(odds[place, _SUPPORTED]), window.nearest.near - chance)
            for place, window in enumerate(near)
        ]
        order = [
            value + WEIGHTS.claim_cited * (window.nearest.row in cited)
            for value, window in zip(support, near, strict=True)
        ]
        for place in sorted(range(len(near)), key=lambda place: -order[place]):
            if support[place] < WEIGHTS.claim_supported:
                continue
            chosen, missing = self._cover(claim, language, near[place])
            if not missing:
                return Attribution("supported", chosen, near[place].nearest.row not in cited)
        missing = self._cover(claim, language, near[0])[1]
        against = int(odds[:, _REFUTED].argmax())
        if odds[against, _REFUTED] >= WEIGHTS.claim_contradicted:
            return Attribution("contradicted", (near[against].nearest,), missing=missing)
        return Attribution("unstated", missing=missing)

    def supports(self, claim: str, places: Collection[Place]) -> bool:
        """Say whether some sentences, taken together and whatever others say, support a claim."""
        language = detect(claim)
        sentences = [
            sentence
            for passage in self._sentences(claim, language)
            for sentence in passage
            if _place(sentence) in places
        ]
        if not sentences or self._missing(claim, language, sentences):
            return False
        text = " ".join(sentence.text for sentence in sentences)
        odds = judge(self._model or reader_model(), claim, [text])
        lead = max(one.near for one in sentences) - _chance(self._windows(claim, language, ()))
        return _support(float(odds[0, _SUPPORTED]), lead) >= WEIGHTS.claim_supported

    def _sentences(self, claim: str, language: Language) -> list[list[Source]]:
        """Return the sentences of each passage, with how near they are to a claim."""
        query = self._retriever.analyse_claim(claim, language)
        cosines = iter(self._retriever.sentence_cosines(query, self._hits).tolist())
        return [
            [
                Source(
                    self._retriever.documents[hit.chunk.document_id],
                    span,
                    hit.chunk.language,
                    hit.row,
                    next(cosines),
                )
                for span in hit.chunk.sentences
            ]
            for hit in self._hits
        ]

    def _windows(self, claim: str, language: Language, cited: Collection[int]) -> list[_Window]:
        """Return the windows that are nearest to a claim, best first.

        Of equal texts the first, or the first that is cited: a copy makes no citation wrong.
        """
        found: dict[str, _Window] = {}
        passages = zip(self._hits, self._sentences(claim, language), strict=True)
        for hit, sentences in sorted(passages, key=lambda passage: passage[0].row not in cited):
            document = self._retriever.documents[hit.chunk.document_id]
            titles = (document.title, hit.chunk.heading)
            for places in windows(hit.chunk.sentences):
                chosen = tuple(sentences[place] for place in places)
                before = document.text[hit.chunk.start : chosen[-1].span[1]]
                context = tuple((text, hit.chunk.language) for text in (*titles, before) if text)
                window = _Window(chosen, context)
                found.setdefault(unicodedata.normalize("NFC", window.text).casefold(), window)
        return sorted(found.values(), key=lambda window: -window.nearest.near)[
            : WEIGHTS.claim_windows
        ]

    def _cover(
        self, claim: str, language: Language, window: _Window
    ) -> tuple[tuple[Source, ...], tuple[str, ...]]:
        """Choose the nearest sentence of a window, and others of it that hold what it lacks.

        Returns:
            What is chosen, in its order, and what of the claim stands in none of it.
        """
        first, *rest = sorted(window.sentences, key=lambda sentence: -sentence.near)
        chosen = [first]
        missing = self._missing(claim, language, chosen, window.context)
        for sentence in rest:
            if not missing or len(chosen) == WEIGHTS.max_claim_citations:
                break
            left = self._missing(claim, language, [*chosen, sentence], window.context)
            if len(left) < len(missing):
                chosen.append(sentence)
                missing = left
        return tuple(sorted(chosen, key=_place)), tuple(missing)

    def _missing(
        self,
        claim: str,
        language: Language,
        sentences: Sequence[Source],
        context: Sequence[Text] = (),
    ) -> list[str]:
        sources = [(sentence.text, sentence.language) for sentence in sentences]
        return missing_facts(claim, language, sources, context, self._known)


def _support(probability: float, lead: float) -> float:
    """Return how well a text supports a claim: as the head says, and as it resembles it.

    How near texts are depends on languages and collection, so what counts is the lead over others.
    """
    return log(max(probability, _LEAST)) + WEIGHTS.claim_lead * lead


def _chance(windows: Sequence[_Window]) -> float:
    """Return how near the windows are to a claim on average, in cosine."""
    return fmean(window.nearest.near for window in windows)


def _place(sentence: Source) -> Place:
    return (sentence.document.id, *sentence.span)
