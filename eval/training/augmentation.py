"""More to learn from the same rows: questions with one slot changed, and texts of mixed languages.

- A question whose name or number is exchanged for another one is nearly answered by its passage,
  and is not: what the reader must notice. SQuAD 2.0's writers did so by hand (Rajpurkar et al.
  2018, arXiv:1806.03822, "entity swap").
- Words exchanged for their translations bring languages together for which there are few rows
  (Qin et al. 2020, arXiv:2006.06402). The glossary translates them, word by word, without endings.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from random import Random
from typing import Final

from eval.training.reading_rows import QuestionRow
from index.analysis.lexicon import concepts, concepts_in, stopwords
from ingest.document import Language, Span

_NUMBER: Final = re.compile(r"\d+")
_WORD: Final = re.compile(r"[^\W\d_]+")
_YEARS: Final = range(1000, 2101)
_STEM_LETTERS: Final = 4
"""Letters by which a name is the same name, whatever its ending."""

_ENDING_LETTERS: Final = 2
"""Last letters that two names share, so that the new one fits into the question."""

_SWITCHED: Final = 0.5
"""Share of the words with a translation that are exchanged."""

_LANGUAGES: Final[tuple[Language, ...]] = ("kk", "en", "ru")


class SlotChanges:
    """Changes a name or a number of questions, as other questions have them."""

    def __init__(self, rows: Sequence[QuestionRow]) -> None:
        """Collect the names of questions, by language and ending."""
        self._names: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for row in rows:
            for start, end in _names(row):
                name = row.question[start:end]
                self._names[row.language, name[-_ENDING_LETTERS:]].append((row.group, name))

    def changed(self, row: QuestionRow, random: Random) -> QuestionRow | None:
        """Return the question with one slot changed, unanswered; None if it has no slot.

        The new name or number does not stand in the passage; in a passage of another script it
        could, under its other spelling, so it is of another passage.
        """
        slots = [*_names(row), *(match.span() for match in _NUMBER.finditer(row.question))]
        if not slots:
            return None
        start, end = random.choice(slots)
        old = row.question[start:end]
        new = self._number(old, row, random) if old.isdigit() else self._name(old, row, random)
        if new is None:
            return None
        question = row.question[:start] + new + row.question[end:]
        return replace(row, pair="", question=question, answers=(), evidence=())

    def _name(self, old: str, row: QuestionRow, random: Random) -> str | None:
        known = row.context.casefold() + row.question.casefold()
        names = self._names[row.language, old[-_ENDING_LETTERS:]]
        for group, name in random.sample(names, min(20, len(names))):
            new = not any(word[:_STEM_LETTERS] in known for word in _WORD.findall(name.casefold()))
            if group != row.group and new:
                return name
        return None

    def _number(self, old: str, row: QuestionRow, random: Random) -> str | None:
        for _ in range(20):
            if int(old[:4]) in _YEARS and len(old) == 4:
                new = str(int(old) + random.choice((-1, 1)) * random.randint(1, 30))
            else:
                new = str(random.randrange(10 ** (len(old) - 1), 10 ** len(old)))
            if new != old and new not in row.context:
                return new
        return None


def _names(row: QuestionRow) -> Iterator[Span]:
    """Yield the runs of capitalised words of a question; at its start those that the passage has.

    A first word is a name if the passage writes it with a capital inside a sentence.
    """
    question = row.question
    runs: list[list[int]] = []
    for start, end in (match.span() for match in _WORD.finditer(question)):
        if not question[start].isupper() or not _is_name(question, start, end, row.context):
            continue
        if runs and question[runs[-1][1] : start] in (" ", "-"):
            runs[-1][1] = end
        else:
            runs.append([start, end])
    yield from ((start, end) for start, end in runs if end - start > 2)


def _is_name(question: str, start: int, end: int, context: str) -> bool:
    before = question[:start].rstrip(" «»\"'“”(—-")
    if before and before[-1] not in ".?!:":
        return True
    stem = re.escape(question[start:end][:_STEM_LETTERS])
    return end - start > 2 and re.search(rf"[\w,] {stem}", context) is not None


def code_switched(row: QuestionRow, language: Language, random: Random) -> QuestionRow:
    """Return a row whose question or passage has words of another language, its answers marked.

    Args:
        row: A question with its passage, both in one language that the glossary knows.
        language: The language of the new words.
        random: What draws.
    """
    if random.random() < 0.5:
        question, _ = _switched(row.question, row.language, language, random)
        return replace(row, pair="", question=question)
    context, places = _switched(row.context, row.language, language, random)
    answers = tuple((places[start], places[end]) for start, end in row.answers)
    evidence = row.evidence and tuple((places[start], places[end]) for start, end in row.evidence)
    return replace(row, pair="", context=context, answers=answers, evidence=evidence)


def term_pairs() -> list[tuple[str, str]]:
    """Return the words of different languages that the glossary says mean the same: the first ones.

    >>> ("алма", "apple") in term_pairs()
    True
    """
    return [
        (_terms(first, concept)[0], _terms(second, concept)[0])
        for first, second in combinations(_LANGUAGES, 2)
        for concept in _glossary(first)
        if _terms(first, concept) and _terms(second, concept)
    ]


def _switched(text: str, source: str, target: Language, random: Random) -> tuple[str, list[int]]:
    """Exchange words; return the new text and for each place of the old one its place there."""
    new: list[str] = []
    places: list[int] = []
    length = at = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        places += range(length, length + start - at)
        new.append(text[at:start])
        length += start - at
        word = _translation(match[0], source, target, random) or match[0]
        # Places inside the word: its start, so that an answer that ends with it ends with the new.
        places += [length] * (end - start)
        new.append(word)
        length += len(word)
        at = end
    new.append(text[at:])
    places += range(length, length + len(text) - at + 1)
    return "".join(new), places


def _translation(word: str, source: str, target: Language, random: Random) -> str | None:
    if source not in _LANGUAGES or random.random() >= _SWITCHED:
        return None
    language: Language = source
    known = word if word.isupper() else word.lower()
    if known in stopwords(language):
        return None
    found = [
        variants for concept in concepts(known, language) for variants in _terms(target, concept)
    ]
    if not found:
        return None
    new = random.choice(found)
    return new[:1].upper() + new[1:] if word[:1].isupper() else new


@cache
def _terms(language: Language, concept: str) -> tuple[str, ...]:
    return _glossary(language).get(concept, ())


@cache
def _glossary(language: Language) -> Mapping[str, tuple[str, ...]]:
    return {f"={number}": tuple(v) for number, v in enumerate(concepts_in(language), start=1)}
