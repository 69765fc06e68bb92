"""Citations, judged: true to their document, to what they stand for, and to what was asked.

In: places that were cited, places that are known to answer (gold), sentences with what they cite.
Out: numbers from 0 to 1, or None where there is nothing to judge. An answer's words are compared
as strings: it does not know meaning, so it judges answers that quote; those that rephrase need a
judge from elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from eval.metrics.wording import holds, normalised

Place = tuple[str, int, int]
"""A document's id, and a half-open range of characters of its text."""

Spans = Sequence[Place]
"""Places, in any order; they may overlap."""

Judge = Callable[[Sequence[str], str], bool]
"""Says whether quotes, taken together, support a sentence."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, and what it cites.

    Attributes:
        text: The sentence, without its citation marks.
        quotes: The text of each citation that it has.
        out_of_range: Whether it also has a mark that stands for no citation.
    """

    text: str
    quotes: tuple[str, ...]
    out_of_range: bool = False


# --- against the document ---------------------------------------------------------------------


def validity(cited: Spans, quotes: Sequence[str], texts: Mapping[str, str]) -> float | None:
    """Return the share of citations whose quote is what the document says there, 0 to 1.

    A citation is valid if text[start:end] == quote, character for character, 0 <= start < end <=
    len(text). None if nothing is cited.

    Args:
        cited: Where each citation says that it stands.
        quotes: What each citation says, in the same order.
        texts: Text of each document by its id; a citation of any other is invalid.
    """
    valid = [
        0 <= start < end <= len(text) and text[start:end] == quote
        for (document_id, start, end), quote in zip(cited, quotes, strict=True)
        for text in [texts.get(document_id, "")]
    ]
    return sum(valid) / len(valid) if valid else None


# --- against the answer: ALCE -----------------------------------------------------------------


def supports(quotes: Sequence[str], text: str) -> bool:
    """Say whether quotes, one after the other, contain a sentence: N(text) in N(all quotes).

    It stands for "entails" in ALCE, with N of wording.normalised. A sentence of white space is
    supported by nothing.
    """
    wanted = normalised(text)
    return wanted != "" and wanted in normalised(" ".join(quotes))


def citation_recall(statements: Sequence[Statement], judge: Judge = supports) -> float | None:
    """Return the share of an answer's sentences that their citations support, 0 to 1.

    Recall of a sentence is 1 if it cites something, no mark is out of range, and all that it cites
    supports it. Gao et al. 2023, arXiv:2305.14627, section 4. None if nothing was said.
    """
    if not statements:
        return None
    return sum(_is_supported(each, judge) for each in statements) / len(statements)


def citation_precision(statements: Sequence[Statement], judge: Judge = supports) -> float | None:
    """Return the share of an answer's citations that are right, 0 to 1.

    A citation is right if its sentence has recall 1 and it is not irrelevant: it is irrelevant if
    (A) it alone does not support the sentence and (B) the others without it do. Over all citations
    of the answer. Gao et al. 2023, arXiv:2305.14627, section 4; their code leaves the citations of
    a sentence with a mark out of range out of the count, here these are wrong. As there, an answer
    that cites nothing has 0; None if nothing was said.
    """
    if not statements:
        return None
    cited = sum(len(statement.quotes) for statement in statements)
    return sum(_right_citations(each, judge) for each in statements) / cited if cited else 0.0


def _is_supported(statement: Statement, judge: Judge) -> bool:
    return not statement.out_of_range and judge(statement.quotes, statement.text)


def _right_citations(statement: Statement, judge: Judge) -> int:
    """Count the right citations of a sentence."""
    if not _is_supported(statement, judge):
        return 0
    text, quotes = statement.text, statement.quotes
    return sum(
        judge([quote], text) or not judge([*quotes[:at], *quotes[at + 1 :]], text)
        for at, quote in enumerate(quotes)
    )


# --- against what is known to answer ----------------------------------------------------------


def covers(cited: Place, gold: Place) -> bool:
    """Say whether a citation shares more than half of the characters of a gold place."""
    return _is_covered(gold, [cited])


def right(cited: Spans, gold: Spans, need_all: bool) -> float:
    """Return 1.0 if what is cited, taken together, covers what answers, else 0.0.

    A gold place is covered if more than half of its characters are cited. Nothing cited, or no
    gold, gives 0.0.

    Args:
        cited: Places that an answer cites.
        gold: Places that answer, each with at least one character.
        need_all: Whether it takes all of them to answer; else each is good enough.
    """
    covered = [_is_covered(place, cited) for place in gold]
    return float(bool(covered) and (all(covered) if need_all else any(covered)))


def evidence_precision(cited: Spans, gold: Spans) -> float | None:
    """Return the share of the cited characters that are gold, 0 to 1.

    A character that is cited twice counts once. None if nothing is cited; no gold gives 0.0.

    Args:
        cited: Places that an answer cites.
        gold: Places that answer.
    """
    length = _length(cited)
    return _shared(cited, gold) / length if length else None


def evidence_recall(cited: Spans, gold: Spans, need_all: bool) -> float:
    """Return the share of the gold characters that are cited, 0 to 1.

    Of all gold together if all is needed, else of the gold place with the highest share. Nothing
    cited, or no gold, gives 0.0. Arguments as for right.
    """
    alternatives = [gold] if need_all else [[place] for place in gold]
    lengths = [(places, _length(places)) for places in alternatives]
    return max((_shared(cited, places) / n for places, n in lengths if n), default=0.0)


def f1(precision: float | None, recall: float | None) -> float:
    """Return the harmonic mean 2PR / (P + R), 0 to 1; 0.0 if either is None or both are 0."""
    if not precision or not recall:
        return 0.0
    return 2 * precision * recall / (precision + recall)


def answer_in_citation(
    quotes: Sequence[str], answers: Sequence[str], first: int | None = None
) -> float:
    """Return 1.0 if a quote holds a short answer as wording.holds has it, else 0.0.

    Nothing cited, or no short answer, gives 0.0.

    Args:
        quotes: What is cited, in the answer's order.
        answers: Short answers, each good enough.
        first: How many of the quotes to look at; None for all.
    """
    return float(any(holds(quote, answers) for quote in quotes[:first]))


def _is_covered(gold: Place, cited: Spans) -> bool:
    return 2 * _shared(cited, [gold]) > _length([gold])


def _length(places: Spans) -> int:
    """Count the characters of places, each once."""
    return sum(end - start for _, start, end in _merged(places))


def _shared(places: Spans, others: Spans) -> int:
    """Count the characters that are in both."""
    return sum(
        max(0, min(end, other_end) - max(start, other_start))
        for (name, start, end), (other, other_start, other_end) in product(
            _merged(places), _merged(others)
        )
        if name == other
    )


def _merged(places: Spans) -> list[Place]:
    """Return the same characters as places that do not overlap."""
    merged: list[Place] = []
    for name, start, end in sorted(places):
        if merged and merged[-1][0] == name and start <= merged[-1][2]:
            merged[-1] = (name, merged[-1][1], max(end, merged[-1][2]))
        elif start < end:
            merged.append((name, start, end))
    return merged
