"""Cited sentences, judged one by one: how much of what a reader is shown answers?

A citation may span several sentences, such as a heading with its items. Evidence precision counts
characters, and so the long sentences most; this counts sentences.
"""

from collections.abc import Sequence
from typing import Final

from chat.answer import Citation
from eval.metrics.case import Case, Figures, Measure
from eval.metrics.correctness import Place, Places, gold_places
from ingest.sentence import sentences

MEASURES: Final = {
    "sentence_precision": Measure(
        "cited sentences that answer",
        "Evidence",
        "Share of the sentences cited that are gold; of answers to answerable questions.",
    ),
}


def figures(case: Case) -> Figures:
    """Return the share of an answer's cited sentences that answer; none where it cites nothing."""
    gold = gold_places(case.example)
    precision = sentence_precision(cited_sentences(case.answer.citations), gold)
    if not case.example.answerable or not gold or precision is None:
        return {}
    return {"sentence_precision": precision}


def cited_sentences(citations: Sequence[Citation]) -> list[Place]:
    """Return the sentences that citations consist of, each once, in their order."""
    return list(
        dict.fromkeys(
            (citation.document_id, citation.start + start, citation.start + end)
            for citation in citations
            for start, end in sentences(citation.quote)
        )
    )


def sentence_precision(cited: Places, gold: Places) -> float | None:
    """Return the share of sentences that answer, 0 to 1; None for no sentences.

    A sentence answers if it shares more than half of its own characters, or of the gold place's,
    with one gold place: sets do not always cut sentences as the product does. Where each gold place
    is enough by itself, several may be cited rightly.

    Args:
        cited: The sentences that an answer cites, none empty.
        gold: Places that answer, none empty.
    """
    right = [any(_overlap(sentence, place) for place in gold) for sentence in cited]
    return sum(right) / len(right) if right else None


def _overlap(sentence: Place, gold: Place) -> bool:
    """Say whether two places share more than half of the shorter one."""
    (name, start, end), (other, gold_start, gold_end) = sentence, gold
    shared = min(end, gold_end) - max(start, gold_start)
    return name == other and 2 * shared > min(end - start, gold_end - gold_start)
