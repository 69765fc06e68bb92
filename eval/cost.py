"""What it costs to type Kazakh otherwise than it is written.

In: examples and the index they are asked of. Out: Recall@5 of their questions as they are and as
eval/typed.py types them. Knows nothing of answers.
"""

from collections.abc import Sequence
from typing import Any, Final

from eval.ask import rank, relevant_to
from eval.example import Example
from eval.metrics.interval import mean, paired_bootstrap
from eval.metrics.ranking import recall
from eval.typed import WAYS, typed
from index.retrieve import IndexRetriever

DEPTH: Final = 5
"""Where recall is measured."""


def cost(examples: Sequence[Example], retriever: IndexRetriever) -> dict[str, Any]:
    """Return what each way of typing costs Kazakh questions that have an answer.

    Returns:
        `{clean, ways: {way: {recall, change}}}`: Recall@5 of the questions as they are and as they
        are typed, and the paired change, each with n and interval; empty if none is Kazakh.
    """
    kazakh = [each for each in examples if each.language == "kk" and each.answerable]
    kazakh = [each for each in kazakh if relevant_to(each, retriever)]
    if not kazakh:
        return {}

    def recalls(asked: Sequence[Example]) -> list[float]:
        ranked = ([name for name, _ in rank(each, retriever, DEPTH)] for each in asked)
        relevant = (relevant_to(each, retriever) for each in asked)
        return [recall(*pair, DEPTH) for pair in zip(ranked, relevant, strict=True)]

    clean = recalls(kazakh)
    ways = {way: recalls([typed(each, way) for each in kazakh]) for way in WAYS}
    return {
        "clean": mean(clean).data(),
        "ways": {
            way: {"recall": mean(found).data(), "change": paired_bootstrap(clean, found).data()}
            for way, found in ways.items()
        },
    }
