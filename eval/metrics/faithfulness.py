"""How faithful an answer is to its sources: which sentences of a model stand, and which facts.

The judge is the one that marks sentences for readers (chat/attribution.py): there is no other here
that reads Kazakh. So citation recall says how much of what was written stands before that judge,
not before a person.
"""

from typing import Final

from chat.answer import Answer
from chat.attribution import Attributor
from chat.facts import missing_facts
from chat.pipeline import retrieve
from eval.metrics.case import Case, Figures, Judge, Measure
from index.ranking_weights import WEIGHTS
from index.retriever import Retriever

MEASURES: Final = {
    "named_rightly": Measure(
        "passage named rightly",
        "Citations",
        "A model's sentences that stand on a passage it named itself; the others were cited anew or"
        " marked.",
    ),
    "unsupported_facts": Measure(
        "unsupported facts",
        "Citations",
        "Numbers, dates, names and addresses of the answer that what they cite does not hold.",
        "lower",
    ),
}


def figures(case: Case) -> Figures:
    """Return the figures of one answer."""
    values = {
        "named_rightly": named_rightly(case.answer),
        "unsupported_facts": unsupported_facts(case.answer),
    }
    return {name: value for name, value in values.items() if value is not None}


def attribution_judge(answer: Answer, retriever: Retriever) -> Judge:
    """Return a judge of an answer's sentences: the attributor, held to what is cited alone."""
    hits = retrieve(answer.question, retriever).hits[: WEIGHTS.passages_written_from]
    attributor = Attributor(hits, retriever)
    places = {
        citation.quote: (citation.document_id, citation.start, citation.end)
        for citation in answer.citations
    }
    return lambda quotes, text: attributor.supports(text, [places[quote] for quote in quotes])


def named_rightly(answer: Answer) -> float | None:
    """Return the share of a model's sentences that stand on a passage it named itself, 0 to 1.

    None if it wrote nothing.
    """
    statements = answer.statements if answer.mode == "llm" else ()
    right = [statement.supported and not statement.cited_anew for statement in statements]
    return sum(right) / len(right) if right else None


def unsupported_facts(answer: Answer) -> float | None:
    """Return the share of an answer's facts (chat/facts.py) that what they cite does not hold.

    From 0 to 1. Names count where the source is in the answer's language: others may be
    translated. None if the answer has no such thing.
    """
    facts, missing = 0, 0
    for statement in answer.statements:
        cited = [citation for citation in answer.citations if citation.mark in statement.marks]
        sources = [(citation.quote, citation.language) for citation in cited]
        language = cited[0].language if answer.mode != "llm" else answer.language
        # Held against empty sources, every fact that could be missed is missed: that counts them.
        nothing = [("", source_language) for _, source_language in sources]
        facts += len(missing_facts(statement.text, language, nothing))
        missing += len(missing_facts(statement.text, language, sources))
    return missing / facts if facts else None
