"""Attribution: is a claim, one sentence that a model wrote, supported by what it cites?

A claim is held against the passages it names, then against all that were found. It is supported if

    facts    every number, date and address of it, and every name that its language shares with
             the source, stands in what is cited, however it is written there
    support  a cited sentence says much the same: the cosine of claim and sentence, less what its
             language has in common, plus the share of the claim's weight that it holds, which must
             be more than next to nothing; held against what claims about cooking, cats and
             bicycles reach in the same index
    nearest  no sentence of another passage says it clearly better

What fails is cited anew, if a sentence of another passage passes. The weights are in
index/ranking_weights.py (`claim_…`).
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

from chat.reader import Evidence, matched_terms, passage_sentences
from index.analysis.analyzer import terms
from index.analysis.entities import Entity
from index.analysis.entities.extractor import entities
from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Retriever, Scores
from ingest.document import Language
from ingest.language import detect

_ADDRESS: Final = re.compile(r"(?:\b\w+:/+|\bwww\.)[^\s<>\"'»”]+|\b[\w.+-]+@[\w-]+\.[\w.-]+")
"""Addresses of pages and people: nobody may be sent where the documents do not."""

_IDIOMATIC: Final = frozenset(("1", "2", "10"))
"""Numbers that idioms hold when they are written as words: one another, on the other hand."""

_UNRELATED: Final = 9
"""Taken off the support of a sentence that shares next to nothing, so that it comes last."""

Place = tuple[str, int, int]
"""A document's id, and where in its text a sentence starts and ends."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """What a claim stands on.

    Attributes:
        sentences: What supports it, in the order of the documents; none if nothing does.
        cited_anew: Whether that is elsewhere than where the model said.
        missing: Its numbers, dates and names that no cited sentence holds.
    """

    sentences: tuple[Evidence, ...]
    cited_anew: bool
    missing: tuple[str, ...]

    @property
    def supported(self) -> bool:
        """Whether the claim stands."""
        return bool(self.sentences)


class Attributor:
    """The passages found for a question, ready for claims to be held against them."""

    def __init__(self, hits: Sequence[Hit], retriever: Retriever) -> None:
        """Take the passages that a model was shown; at least one."""
        self._hits = hits
        self._retriever = retriever
        self._sentences = [
            sentence for hit in hits for sentence in passage_sentences(hit, retriever)
        ]

    def attribute(self, claim: str, cited: Collection[int]) -> Attribution:
        """Hold a claim against the passages it cites, by their rows in the index."""
        language = detect(claim)
        nowhere = self._figures_nowhere(claim, language)
        if nowhere:
            return Attribution((), False, nowhere)
        support, shares = self._weigh(claim, language)
        best_anywhere = float(support.max())
        # What shares next to nothing with the claim comes last, however near it seems.
        unrelated = shares < WEIGHTS.claim_min_shared
        order = np.argsort(-np.where(unrelated, support - _UNRELATED, support), kind="stable")
        named = [row for row in order if self._sentences[row].row in cited]
        least = self._least_support(language)
        missing: tuple[str, ...] = ()
        for rows in (named, self._passage_of(order)):
            if not rows or unrelated[rows[0]]:
                continue
            if support[rows[0]] < max(least, best_anywhere - WEIGHTS.claim_clearly_better):
                continue
            chosen, missing = self._cover(claim, language, rows)
            if not missing:
                cited_anew = not {self._sentences[row].row for row in chosen} <= set(cited)
                sentences = sorted((self._sentences[row] for row in chosen), key=_place)
                return Attribution(tuple(sentences), cited_anew, ())
        missing = missing or self._cover(claim, language, named or [int(order[0])])[1]
        return Attribution((), False, missing)

    def _passage_of(self, order: Iterable[int]) -> list[int]:
        """Return those of some sentences that are in the first one's passage."""
        first, *rest = order
        passage = self._sentences[first].row
        return [first, *(row for row in rest if self._sentences[row].row == passage)]

    def supports(self, claim: str, places: Collection[Place]) -> bool:
        """Say whether some sentences, taken together and whatever others say, support a claim."""
        language = detect(claim)
        rows = [row for row, sentence in enumerate(self._sentences) if _place(sentence) in places]
        if not rows or self._missing(claim, language, rows):
            return False
        support, shares = self._weigh(claim, language)
        related = [row for row in rows if shares[row] >= WEIGHTS.claim_min_shared]
        return bool(related) and float(support[related].max()) >= self._least_support(language)

    def _weigh(self, claim: str, language: Language) -> tuple[Scores, Scores]:
        """Return how much each sentence says what a claim says, and how much of it to the word.

        Returns:
            The support and the share of the claim's weight, 0 to 1: float32 (sentences,) both.
        """
        query = self._retriever.analyse_claim(claim, language)
        cosines = self._retriever.sentence_cosines(query, self._hits)
        matched = matched_terms(query, self._sentences, self._retriever)
        shares = np.array([sum(weights.values()) for weights in matched], np.float32)
        support: Scores = cosines + np.float32(WEIGHTS.claim_lexical) * shares
        return support, shares

    def _least_support(self, language: Language) -> float:
        """Return the support from which on a sentence says a claim and not just anything."""

        def best_support(claim: str) -> float:
            hits = self._retriever.search(claim, WEIGHTS.passages_written_from)
            support, _ = Attributor(hits, self._retriever)._weigh(claim, language)
            return float(support.max())

        chance = self._retriever.off_topic_level("claim support", language, best_support)
        return chance + WEIGHTS.claim_above_chance

    def _cover(
        self, claim: str, language: Language, rows: Sequence[int]
    ) -> tuple[list[int], tuple[str, ...]]:
        """Choose the best sentence of some, and others of them that hold what it lacks.

        Returns:
            What is chosen, best first, and what of the claim stands in none of it.
        """
        chosen = [rows[0]]
        missing = self._missing(claim, language, chosen)
        for row in rows[1:]:
            if not missing or len(chosen) == WEIGHTS.max_claim_citations:
                break
            left = self._missing(claim, language, [*chosen, row])
            if len(left) < len(missing):
                chosen.append(row)
                missing = left
        return chosen, tuple(missing)

    def _figures_nowhere(self, claim: str, language: Language) -> tuple[str, ...]:
        """Return the figures of a claim that stand in no passage at all: it need not be read."""
        missing = self._missing(claim, language, range(len(self._sentences)))
        return tuple(fact for fact in missing if any(character.isdigit() for character in fact))

    def _missing(self, claim: str, language: Language, rows: Sequence[int]) -> list[str]:
        sentences = [self._sentences[row] for row in rows]
        sources = [(sentence.text, sentence.language) for sentence in sentences]
        return missing_facts(claim, language, sources, self._retriever.sentence_terms)


def missing_facts(
    claim: str,
    language: Language,
    sources: Sequence[tuple[str, Language]],
    terms_of: Callable[[str, Language], Iterable[str]] = terms,
) -> list[str]:
    """Return the numbers, dates, names and addresses of a claim that some texts do not hold.

    A name may be translated (Жаңа Зеландия, New Zealand), so of texts in another language only
    names with digits are asked for.

    Args:
        claim: A sentence.
        language: The language it is in.
        sources: Texts, each with its language.
        terms_of: Returns the terms of a text; a retriever keeps those it has seen.
    """
    held = frozenset(term for source in sources for term in terms_of(*source))
    abroad = bool(sources) and all(source_language != language for _, source_language in sources)
    missing = []
    for (start, end), readings in groupby(
        entities(claim, language), lambda entity: (entity.start, entity.end)
    ):
        written = claim[start:end]
        must_stand = not abroad or any(character.isdigit() for character in written)
        if must_stand and not any(_stands(entity, written, held, language) for entity in readings):
            missing.append(written)
    text = "\n".join(text for text, _ in sources).casefold()
    return missing + [
        address for address in _ADDRESS.findall(claim) if address.casefold() not in text
    ]


def _stands(entity: Entity, written: str, held: Collection[str], language: Language) -> bool:
    """Say whether a number, date or name is among the terms that some sentences hold."""
    if entity.kind == "name":
        known = {term for word in written.split() for term in terms(word, language)}
        return entity.key in held or not known.isdisjoint(held)
    if entity.key in _IDIOMATIC and not written.strip().isdigit():
        return True
    return f"#{entity.key}" in held


def _place(sentence: Evidence) -> Place:
    return (sentence.document.id, *sentence.span)
