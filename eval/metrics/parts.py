"""Answers that take several sentences, judged part by part."""

from typing import Final

from eval.metrics.case import Case, Figures, Measure
from eval.metrics.correctness import Places, citation_places, covers_gold, gold_places

MEASURES: Final = {
    "parts_cited": Measure(
        "parts cited",
        "Evidence",
        "Where all gold sentences are needed: share of them that is cited.",
    ),
    "all_parts_cited": Measure(
        "all parts cited", "Evidence", "Of the same questions: all gold sentences are cited."
    ),
}


def figures(case: Case) -> Figures:
    """Return which parts of the answer are cited; nothing where one gold sentence is enough."""
    cited, gold = citation_places(case.answer), gold_places(case.example)
    if not case.example.answerable or case.example.need == "any" or not gold:
        return {}
    share = parts_cited(cited, gold)
    return {"parts_cited": share, "all_parts_cited": float(share == 1)}


def parts_cited(cited: Places, gold: Places) -> float:
    """Return the share of gold places that are covered, 0 to 1, as correctness.covers_gold has it.

    Args:
        cited: Places that an answer cites.
        gold: Places that answer together; at least one.
    """
    return sum(covers_gold(cited, [place], need_all=True) for place in gold) / len(gold)
