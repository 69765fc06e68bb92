"""What the index holds for a question: the passages, and their sentences by how well they answer.

In: a question and an index. Out: `Found`. Knows neither whether it is enough nor what to quote.
"""

from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final

from chat import evidence
from chat.evidence import Evidence
from chat.question import Question, understand
from index.retrieve import Hit, IndexRetriever

HITS: Final = 10
"""Passages that are searched for sentences: eval/LOG.md, 2026-11-22, "evidence"."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question.

    Attributes:
        question: As it was asked.
        meant: As it was searched for: slips of the keyboard and other scripts read back.
        hits: The passages, best first; at least one.
        ranked: Their sentences, best first.
        timings_ms: Milliseconds to embed the question, and to search and rank.
    """

    question: Question
    meant: Question
    hits: tuple[Hit, ...]
    ranked: tuple[Evidence, ...]
    timings_ms: dict[str, float]


def find(raw: str, retriever: IndexRetriever, most: int = HITS) -> Found:
    """Find the passages for a question, and rank their sentences.

    Args:
        raw: What was asked.
        retriever: Where to look; at least one chunk.
        most: Passages to find.

    Raises:
        QuestionError: It is empty, has no letter or digit, or is too long.
    """
    started = perf_counter()
    question = understand(raw)
    meant = replace(question, text=retriever.respell(question.text))
    vector = retriever.embedder.embed_queries([meant.text])
    embedded = perf_counter()
    hits = retriever.rank(meant.text, vector, most)
    ranked = evidence.rank(meant, vector, hits, retriever)
    timings = {
        "embed": 1000 * (embedded - started),
        "search": 1000 * (perf_counter() - embedded),
    }
    return Found(question, meant, tuple(hits), tuple(ranked), timings)
