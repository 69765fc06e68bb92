"""One sentence that a model wrote, held against what it cites.

In: a claim, the passages it names, and all passages that were found. Out: a verdict: the sentences
of the documents that support it, or that none does. Knows nothing of models and prompts. A claim
is supported if

    facts    every number, date and address of it, and every name that its language shares with
             the source, stands in what is cited, however it is written there
    support  a cited sentence says much the same: the cosine of claim and sentence, less what its
             language has in common, plus the share of the claim's weight that it holds, which must
             be more than next to nothing; held against what sentences about cooking, cats and
             bicycles reach in the same index
    nearest  no sentence of another passage says it clearly better

What fails is cited anew, if a sentence of another passage passes. Constants: eval/LOG.md,
2026-11-22, "verification".
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from chat.evidence import Evidence, held_terms, holds, sentences
from chat.question import Question
from index.analysis.facts.find import Fact, facts
from index.analysis.terms import terms
from index.background import questions
from index.fuse import Scores
from index.retrieve import Hit, IndexRetriever
from ingest.document import Language
from ingest.language import detect

ABOVE_CHANCE: Final = 0.03
"""By how much a sentence must say a claim better than the best one says what is about something
else entirely: what chance reaches is another thing in every index."""

CLEARLY: Final = 0.05
"""By how much another passage must say it better for a citation to be wrong."""

LEAST_SHARED: Final = 0.05
"""Share of a claim's weight that a cited sentence must hold: long sentences are near everything."""

LEXICAL_WEIGHT: Final = 0.3
"""What holding all of the claim's words is worth, in cosine."""

_CHANCES: Final = 6
"""Passages looked at for what chance reaches: as many as a model is shown."""

MOST: Final = 3
"""Sentences cited for one claim at most."""

_ADDRESS: Final = re.compile(r"(?:\b\w+:/+|\bwww\.)[^\s<>\"'»”]+|\b[\w.+-]+@[\w-]+\.[\w.-]+")
"""Addresses of pages and people: nobody may be sent where the documents do not."""

_SMALL: Final = frozenset(("1", "2", "10"))
"""Numbers that idioms hold when they are written as words: one another, on the other hand."""


Place = tuple[str, int, int]
"""A document's id, and where in its text a sentence starts and ends."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a claim.

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


class Verifier:
    """The passages found for a question, ready to be held against claims."""

    def __init__(self, hits: Sequence[Hit], retriever: IndexRetriever) -> None:
        """Take the passages that a model was shown; at least one."""
        self._hits = hits
        self._retriever = retriever
        self._sentences = [each for hit in hits for each in sentences(hit, retriever)]

    def check(self, claim: str, cited: Collection[int]) -> Verdict:
        """Hold a claim against the passages it cites, by their rows in the index."""
        language = detect(claim)
        nowhere = self._nowhere(claim, language)
        if nowhere:
            return Verdict((), False, nowhere)
        support, shares = self._weigh(claim, language)
        best_anywhere = float(support.max())
        # What shares next to nothing with the claim comes last, however near it seems.
        order = np.argsort(-np.where(shares < LEAST_SHARED, support - 9, support), kind="stable")
        named = [row for row in order if self._sentences[row].row in cited]
        least = _chance(self._retriever, language) + ABOVE_CHANCE
        missing: tuple[str, ...] = ()
        for rows in (named, self._passage_of(order)):
            if not rows or shares[rows[0]] < LEAST_SHARED:
                continue
            if support[rows[0]] < max(least, best_anywhere - CLEARLY):
                continue
            chosen, missing = self._cover(claim, language, rows)
            if not missing:
                anew = not {self._sentences[row].row for row in chosen} <= set(cited)
                found = sorted((self._sentences[row] for row in chosen), key=_place)
                return Verdict(tuple(found), anew, ())
        missing = missing or self._cover(claim, language, named or [int(order[0])])[1]
        return Verdict((), False, missing)

    def _passage_of(self, order: Iterable[int]) -> list[int]:
        """Return those of some sentences that are in the first one's passage."""
        first, *rest = order
        passage = self._sentences[first].row
        return [first, *(each for each in rest if self._sentences[each].row == passage)]

    def stands(self, claim: str, places: Collection[Place]) -> bool:
        """Say whether some sentences, taken together and whatever others say, support a claim."""
        language = detect(claim)
        rows = [row for row, each in enumerate(self._sentences) if _place(each) in places]
        if not rows or self._lacking(claim, language, rows):
            return False
        support, shares = self._weigh(claim, language)
        fit = [row for row in rows if shares[row] >= LEAST_SHARED]
        least = _chance(self._retriever, language) + ABOVE_CHANCE
        return bool(fit) and float(support[fit].max()) >= least

    def _weigh(self, claim: str, language: Language) -> tuple[Scores, Scores]:
        """Return how much each sentence says what a claim says, and how much of it to the word.

        Returns:
            The support and the share of the claim's weight, 0 to 1: float32 (sentences,) both.
        """
        vector = self._retriever.embedder.embed_queries([claim])
        cosines = np.concatenate(
            [self._retriever.centred_cosines(hit, vector) for hit in self._hits]
        )
        held = holds(Question(claim, language), self._sentences, self._retriever)
        shares = np.array([sum(each.values()) for each in held], np.float32)
        support: Scores = cosines + np.float32(LEXICAL_WEIGHT) * shares
        return support, shares

    def _cover(
        self, claim: str, language: Language, rows: Sequence[int]
    ) -> tuple[list[int], tuple[str, ...]]:
        """Choose the best sentence of some, and others of them that hold what it lacks.

        Returns:
            What was chosen, best first, and what of the claim stands in none of it.
        """
        chosen = [rows[0]]
        missing = self._lacking(claim, language, chosen)
        for row in rows[1:]:
            if not missing or len(chosen) == MOST:
                break
            left = self._lacking(claim, language, [*chosen, row])
            if len(left) < len(missing):
                chosen.append(row)
                missing = left
        return chosen, tuple(missing)

    def _nowhere(self, claim: str, language: Language) -> tuple[str, ...]:
        """Return the figures of a claim that stand in no passage at all: it need not be read."""
        lost = self._lacking(claim, language, range(len(self._sentences)))
        return tuple(each for each in lost if any(character.isdigit() for character in each))

    def _lacking(self, claim: str, language: Language, rows: Sequence[int]) -> list[str]:
        there = [self._sentences[row] for row in rows]
        return lacking(claim, language, [(each.text, each.language) for each in there])


_CHANCE: "WeakKeyDictionary[IndexRetriever, dict[Language, float]]" = WeakKeyDictionary()


def _chance(retriever: IndexRetriever, language: Language) -> float:
    """Return how well the best sentence says what it does not: the median of 20 off-topic claims.

    Asked once of an index for a language, half a second; forgotten with the index.
    """
    known = _CHANCE.setdefault(retriever, {})
    if language not in known:
        known[language] = median(
            float(Verifier(hits, retriever)._weigh(claim, language)[0].max())
            for claim in questions()[language]
            for hits in [retriever.search(claim, _CHANCES)]
        )
    return known[language]


def lacking(claim: str, language: Language, there: Sequence[tuple[str, Language]]) -> list[str]:
    """Return the numbers, dates, names and addresses of a claim that some texts do not hold.

    A name may be translated (Жаңа Зеландия, New Zealand), so of texts in another language only
    names with digits are asked for.
    """
    held = frozenset(term for each in there for term in held_terms(*each))
    abroad = bool(there) and all(written_in != language for _, written_in in there)
    lost = []
    for (start, end), readings in groupby(
        facts(claim, language), lambda fact: (fact.start, fact.end)
    ):
        written = claim[start:end]
        asked_for = not abroad or any(character.isdigit() for character in written)
        if asked_for and not any(_stands(each, written, held, language) for each in readings):
            lost.append(written)
    said = "\n".join(text for text, _ in there).casefold()
    return lost + [each for each in _ADDRESS.findall(claim) if each.casefold() not in said]


def _stands(fact: Fact, written: str, held: Collection[str], language: Language) -> bool:
    """Say whether a fact is among the terms that some sentences hold."""
    if fact.kind == "name":
        known = {term for word in written.split() for term in terms(word, language)}
        return fact.key in held or not known.isdisjoint(held)
    if fact.key in _SMALL and not written.strip().isdigit():
        return True
    return f"#{fact.key}" in held


def _place(sentence: Evidence) -> Place:
    return (sentence.document.id, *sentence.span)
