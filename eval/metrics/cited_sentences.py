"""Cited sentences, judged one by one: how much of what a reader is shown answers?

A citation may span several sentences, such as a heading with its items. Evidence precision counts
characters, and so the long sentences most; this counts sentences.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from chat.answer import Citation
from eval.metrics.case import Case, Figures, Measure
from eval.metrics.correctness import Place, Places, gold_places
from ingest.document import Document, Span
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
    precision = sentence_precision(cited_sentences(case.answer.citations, case.documents), gold)
    if not case.example.answerable or not gold or precision is None:
        return {}
    return {"sentence_precision": precision}


def cited_sentences(
    citations: Sequence[Citation], documents: Mapping[str, Document]
) -> list[Place]:
    """Return the sentences that citations consist of, each once, in their order.

    They are those of the document: whether a line end ends a sentence depends on the lines around
    it, so a quote by itself may be cut elsewhere. Of a sentence quoted in part, it is that part.

    Args:
        citations: What is cited.
        documents: All that is indexed, by id; what is cited from elsewhere counts as one sentence.
    """
    cited = (place for citation in citations for place in _cut(citation, documents))
    return list(dict.fromkeys(cited))


def _cut(citation: Citation, documents: Mapping[str, Document]) -> list[Place]:
    name, start, end = citation.document_id, citation.start, citation.end
    whole = _sentences(documents[name].text) if name in documents else []
    inside = [(name, max(a, start), min(b, end)) for a, b in whole if a < end and start < b]
    return inside or [(name, start, end)]


@lru_cache(maxsize=64)  # Many answers cite the same few documents.
def _sentences(text: str) -> list[Span]:
    return sentences(text)


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
