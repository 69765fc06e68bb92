"""Whether an answer is right: its citations held against the places that are known to answer.

Places are half-open ranges of characters of a document. Where no place is known, a judged document
or a short answer says what is right.
"""

from collections.abc import Sequence
from itertools import product
from typing import Final

from chat.answer import Answer
from chat.pipeline import retrieve
from eval.dataset import Example
from eval.metrics.case import Case, Figures, Measure, Record, split_answer
from eval.metrics.wording import contains_answer, short_answers
from index.retriever import Retriever
from ingest.language import detect

MEASURES: Final = {
    "right": Measure(
        "right",
        "Answers",
        "Answerable: cites a gold sentence (all of them where all are needed), else a relevant"
        " document, else the short answer.",
    ),
    "answer_in_citation@1": Measure(
        "answer in first citation",
        "Answers",
        "A short answer stands in the first citation; Kazakh endings are allowed for.",
    ),
    "answer_in_citation@all": Measure(
        "answer in citations",
        "Answers",
        "A short answer stands in one of the citations. What an extractive answer is worth.",
    ),
    "answer_language": Measure(
        "answer in asker's language",
        "Answers",
        "The answer's own words, around the quotes, are in the language asked in.",
    ),
    "right_sentence@1": Measure(
        "right sentence first", "Evidence", "The first citation holds a gold sentence."
    ),
    "right_sentence@all": Measure(
        "right sentence cited", "Evidence", "A gold sentence is cited; where all are needed, all."
    ),
    "sentence_in_passage@1": Measure(
        "right sentence, passage given",
        "Evidence",
        "A gold sentence is ranked first within its own passage: choosing sentences by itself.",
    ),
    "evidence_precision": Measure(
        "evidence precision", "Evidence", "Share of the characters cited that are gold."
    ),
    "evidence_recall": Measure(
        "evidence recall", "Evidence", "Share of the gold characters that are cited."
    ),
    "evidence_f1": Measure("evidence F1", "Evidence", "Of the two."),
}

Place = tuple[str, int, int]
"""A document's id, and a half-open range of characters of its text."""

Places = Sequence[Place]
"""Places, in any order; they may overlap."""


def figures(case: Case) -> Figures:
    """Return the figures of one answer."""
    values: dict[str, float | None] = {"answer_language": _is_in_language_asked(case)}
    if case.example.answerable:
        values |= _evidence_figures(case) | _short_answer_figures(case)
        right = is_right(case.example, case.answer)
        values["right"] = None if right is None else float(right)
    values["sentence_in_passage@1"] = _sentence_in_passage(case)
    return {name: value for name, value in values.items() if value is not None}


def is_right(example: Example, answer: Answer) -> bool | None:
    """Say whether an answer is right, by the best that is known; None if nothing tells.

    Unanswerable: it abstains. Else it cites the gold sentences (or one, as needed), else a
    relevant document, else a sentence that holds a short answer. What tells of the collection
    itself quotes whatever its documents begin with, which answers nothing that is asked of them.
    """
    if not example.answerable:
        return answer.abstained
    if answer.mode == "collection":
        return False
    cited = citation_places(answer)
    if example.gold:
        return covers_gold(cited, gold_places(example), example.need == "all") > 0
    if example.relevant:
        return any(example.relevant.get(document_id, 0) > 0 for document_id, *_ in cited)
    answers = short_answers(example)
    quotes = [citation.quote for citation in answer.citations]
    return answer_in_citation(quotes, answers, None) > 0 if answers else None


def is_right_outcome(record: Record) -> bool | None:
    """Say whether a question of a run was answered rightly, or rightly refused.

    None if nothing tells.
    """
    if not record["answerable"]:
        return bool(record["answer"]["abstained"])
    right = record["metrics"].get("right")
    return None if right is None else right == 1


def citation_places(answer: Answer) -> list[Place]:
    """Return where the citations of an answer stand."""
    return [(citation.document_id, citation.start, citation.end) for citation in answer.citations]


def gold_places(example: Example) -> list[Place]:
    """Return where the gold sentences of an example stand."""
    return [(gold.document_id, gold.start, gold.end) for gold in example.gold]


def gold_rows(example: Example, retriever: Retriever) -> set[int]:
    """Return the rows of the chunks that hold an answer: gold, or all of a relevant document."""
    relevant = [(name, 0, 1 << 60) for name, gain in example.relevant.items() if gain > 0]
    return overlapping_rows([*gold_places(example), *relevant], retriever)


def overlapping_rows(places: Places, retriever: Retriever) -> set[int]:
    """Return the rows of the chunks that share a character with one of some places."""
    chunks = retriever.generation.chunks
    return {
        row
        for document_id, start, end in places
        for row in retriever.rows_of(document_id)
        if chunks[row].start < end and start < chunks[row].end
    }


def _is_in_language_asked(case: Case) -> float:
    """Compare the language of the answer's own words, or of all of it if it has none."""
    own_words, _ = split_answer(case.answer)
    return float(detect(own_words or case.answer.text) == case.example.language)


def _evidence_figures(case: Case) -> dict[str, float | None]:
    cited, gold = citation_places(case.answer), gold_places(case.example)
    if not gold:
        return {}
    need_all = case.example.need == "all"
    precision = evidence_precision(cited, gold)
    recall = evidence_recall(cited, gold, need_all)
    return {
        "right_sentence@1": covers_gold(cited[:1], gold, need_all),
        "right_sentence@all": covers_gold(cited, gold, need_all),
        "evidence_precision": precision,
        "evidence_recall": recall,
        "evidence_f1": f1(precision, recall),
    }


def _short_answer_figures(case: Case) -> dict[str, float | None]:
    answers = short_answers(case.example)
    if not answers or "yes-no" in case.example.tags:
        return {}
    quotes = [citation.quote for citation in case.answer.citations]
    return {
        "answer_in_citation@1": answer_in_citation(quotes, answers, 1),
        "answer_in_citation@all": answer_in_citation(quotes, answers, None),
    }


def _sentence_in_passage(case: Case) -> float | None:
    """Return the share of gold passages in which a gold sentence is ranked first.

    It is what choosing sentences is worth by itself, once the passage is found.
    """
    example, retriever = case.example, case.retriever
    if retriever is None or not example.gold or example.withheld:
        return None
    gold, rights = gold_places(example), []
    for row in sorted(gold_rows(example, retriever)):
        # A passage of invisible signs alone has nothing to read, and so no sentence that is right.
        first = retrieve(example.question, retriever.seeing([row]), 1).parts[0][1][:1]
        places = [(sentence.document.id, *sentence.span) for sentence in first]
        rights.append(covers_gold(places, gold, need_all=False))
    return sum(rights) / len(rights) if rights else 0.0


# --- places against places --------------------------------------------------------------------


def covers(cited: Place, gold: Place) -> bool:
    """Say whether a citation shares more than half of the characters of a gold place."""
    return _is_covered(gold, [cited])


def covers_gold(cited: Places, gold: Places, need_all: bool) -> float:
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


def evidence_precision(cited: Places, gold: Places) -> float | None:
    """Return the share of the cited characters that are gold, 0 to 1.

    A character that is cited twice counts once. None if nothing is cited; no gold gives 0.0.

    Args:
        cited: Places that an answer cites.
        gold: Places that answer.
    """
    length = _length(cited)
    return _shared(cited, gold) / length if length else None


def evidence_recall(cited: Places, gold: Places, need_all: bool) -> float:
    """Return the share of the gold characters that are cited, 0 to 1.

    Of all gold together if all is needed, else of the gold place with the highest share. Nothing
    cited, or no gold, gives 0.0. Arguments as for covers_gold.
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
    """Return 1.0 if a quote holds a short answer as wording.contains_answer has it, else 0.0.

    Nothing cited, or no short answer, gives 0.0.

    Args:
        quotes: What is cited, in the answer's order.
        answers: Short answers, each good enough.
        first: How many of the quotes to look at; None for all.
    """
    return float(any(contains_answer(quote, answers) for quote in quotes[:first]))


def _is_covered(gold: Place, cited: Places) -> bool:
    return 2 * _shared(cited, [gold]) > _length([gold])


def _length(places: Places) -> int:
    """Count the characters of places, each once."""
    return sum(end - start for _, start, end in _merged(places))


def _shared(places: Places, others: Places) -> int:
    """Count the characters that are in both."""
    return sum(
        max(0, min(end, other_end) - max(start, other_start))
        for (name, start, end), (other_name, other_start, other_end) in product(
            _merged(places), _merged(others)
        )
        if name == other_name
    )


def _merged(places: Places) -> list[Place]:
    """Return the same characters as places that do not overlap."""
    merged: list[Place] = []
    for name, start, end in sorted(places):
        if merged and merged[-1][0] == name and start <= merged[-1][2]:
            merged[-1] = (name, merged[-1][1], max(end, merged[-1][2]))
        elif start < end:
            merged.append((name, start, end))
    return merged
