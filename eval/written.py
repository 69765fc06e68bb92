"""What a language model wrote, judged: which of its sentences stand, and which facts do not.

In: an answer, and the index it is from. Out: figures by name, 0 to 1. The judge is the one that
marks sentences for readers (chat/verify.py): there is no other here that reads Kazakh. So citation
recall says how much of what was written stands before that judge, not before a person.
"""

from chat.answer import Answer
from chat.compose import PASSAGES
from chat.verify import Verifier, lacking
from eval.metrics.citations import Judge
from index.retrieve import IndexRetriever


def judge_of(answered: Answer, retriever: IndexRetriever) -> Judge:
    """Return a judge of an answer's sentences: the verifier, held to what is cited alone."""
    verifier = Verifier(answered.hits[:PASSAGES], retriever)
    places = {each.quote: (each.document_id, each.start, each.end) for each in answered.citations}
    return lambda quotes, text: verifier.stands(text, [places[quote] for quote in quotes])


def named_rightly(answered: Answer) -> float | None:
    """Return the share of a model's sentences that stand on a passage it named itself.

    None if it wrote nothing.
    """
    said = answered.statements if answered.mode == "llm" else ()
    right = [each.supported and not each.cited_anew for each in said]
    return sum(right) / len(right) if right else None


def unsupported_facts(answered: Answer) -> float | None:
    """Return the share of an answer's numbers, dates and names that what they cite does not hold.

    Names count where the source is in the answer's language: others may be translated. None if the
    answer has no such thing.
    """
    asked_for, lost = 0, 0
    for statement in answered.statements:
        cited = [each for each in answered.citations if each.mark in statement.marks]
        sources = [(each.quote, each.language) for each in cited]
        quoting = answered.mode == "extractive"
        language = cited[0].language if quoting else answered.language
        asked_for += len(lacking(statement.text, language, [("", spoken) for _, spoken in sources]))
        lost += len(lacking(statement.text, language, sources))
    return lost / asked_for if asked_for else None
