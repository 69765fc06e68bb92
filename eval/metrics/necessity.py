"""Whether an answer needs the passages that it cites, found out by asking again without them.

Cohen-Wang et al. 2024, arXiv:2409.00729, without a model.
"""

from typing import Final

from chat.pipeline import answer
from eval.metrics.case import Case, Figures, Measure
from eval.metrics.correctness import citation_places, overlapping_rows

MEASURES: Final = {
    "necessity": Measure(
        "necessity", "Citations", "Without the cited passages, nothing of the answer comes again."
    ),
    "sufficiency": Measure(
        "sufficiency", "Citations", "From the cited passages alone, the same answer comes."
    ),
}


def figures(case: Case) -> Figures:
    """Ask again without the cited passages, and with them alone.

    Necessary: without them nothing of the answer comes again. Sufficient: from them alone the same
    answer comes. Nothing is told of an answer that cites nothing, nor where a language model
    writes: whether it would have found the answer elsewhere would take as long again.
    """
    retriever = case.retriever
    if retriever is None or case.has_llm or not case.answer.citations:
        return {}
    question, places = case.answer.question, set(citation_places(case.answer))
    cited_rows = overlapping_rows(list(places), retriever)
    from_cited = answer(question, retriever.seeing(cited_rows), threshold=case.threshold)
    other_rows = retriever.visible - cited_rows
    cited_again = set()
    if other_rows:
        from_others = answer(question, retriever.seeing(other_rows), threshold=case.threshold)
        cited_again = set(citation_places(from_others)) & places
    return {
        "necessity": float(not cited_again),
        "sufficiency": float(set(citation_places(from_cited)) == places),
    }
