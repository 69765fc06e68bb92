"""Rankings, judged: is what is relevant found, and how early? As trec_eval has it."""

from collections.abc import Mapping, Sequence
from math import log2
from typing import Final

from eval.metrics.case import Case, Figures, Measure

_LANGUAGES: Final = {"kk": "Kazakh", "en": "English", "ru": "Russian"}

MEASURES: Final = {
    "recall@1": Measure("Recall@1", "Retrieval", "Share of what is relevant that is found first."),
    "recall@5": Measure("Recall@5", "Retrieval", "… among the first five."),
    "recall@10": Measure("Recall@10", "Retrieval", "… among the first ten."),
    **{
        f"recall_{language}@10": Measure(
            f"Recall@10, {name}",
            "Retrieval",
            f"… of what is {name}, where documents of several languages are relevant.",
        )
        for language, name in _LANGUAGES.items()
    },
    "success@3": Measure(
        "Success@3", "Retrieval", "Questions of which something relevant is among the first three."
    ),
    "mrr@10": Measure("MRR@10", "Retrieval", "1 / rank of the first relevant one, 0 below ten."),
    "ndcg@10": Measure("nDCG@10", "Retrieval", "Gains of the first ten, discounted by rank."),
    "ndcg_dense@10": Measure("nDCG@10, dense", "Retrieval", "… ranked by vectors alone."),
}


def figures(case: Case) -> Figures:
    """Return the figures of one ranking; none where nothing relevant was there to be found."""
    ids, relevant = case.ranking.ids, case.ranking.relevant
    if case.example.withheld or not any(gain > 0 for gain in relevant.values()):
        return {}
    return {
        **{f"recall@{k}": recall(ids, relevant, k) for k in (1, 5, 10)},
        **_recall_by_language(case),
        "success@3": success(ids, relevant, 3),
        "mrr@10": reciprocal_rank(ids, relevant),
        "ndcg@10": ndcg(ids, relevant),
        **({"ndcg_dense@10": ndcg(case.ranking.dense, relevant)} if case.ranking.dense else {}),
    }


def _recall_by_language(case: Case) -> Figures:
    """Return recall by language where documents of several answer: none may drown another."""
    by_language: dict[str, dict[str, int]] = {}
    for name, gain in case.ranking.relevant.items():
        if gain > 0 and name in case.documents:
            by_language.setdefault(case.documents[name].language, {})[name] = gain
    if len(by_language) < 2:
        return {}
    return {
        f"recall_{language}@10": recall(case.ranking.ids, relevant, 10)
        for language, relevant in by_language.items()
    }


def recall(ranked: Sequence[str], relevant: Mapping[str, int], k: int) -> float:
    """Return the share of the relevant documents among the first k, 0 to 1.

    Recall@k = |first k ∩ relevant| / |relevant|; trec_eval's `recall_k`. An empty ranking has 0.

    Args:
        ranked: Document ids, best first, each once.
        relevant: Gain of each judged document, at least one above 0; a document with a gain of 0
            or less, or with none, is irrelevant.
        k: Depth, at least 1.
    """
    hits = sum(gain > 0 for gain in _gains(ranked, relevant, k))
    return hits / len(_ideal(relevant))


def success(ranked: Sequence[str], relevant: Mapping[str, int], k: int) -> float:
    """Return 1 if a relevant document is among the first k, else 0; trec_eval's `success_k`.

    Args:
        ranked: As for recall.
        relevant: As for recall.
        k: Depth, at least 1.
    """
    return float(recall(ranked, relevant, k) > 0)


def reciprocal_rank(ranked: Sequence[str], relevant: Mapping[str, int], k: int = 10) -> float:
    """Return 1 / rank of the first relevant document among the first k, 0 to 1.

    It is 0 if there is none, or no ranking. The mean over questions is MRR@k; trec_eval's
    `recip_rank` of a run that is cut to k. Voorhees 1999, https://trec.nist.gov/pubs/trec8/.

    Args:
        ranked: As for recall.
        relevant: As for recall.
        k: Depth, at least 1.
    """
    _ideal(relevant)
    ranks = (rank for rank, gain in enumerate(_gains(ranked, relevant, k), start=1) if gain > 0)
    return 1 / next(ranks, float("inf"))


def ndcg(ranked: Sequence[str], relevant: Mapping[str, int], k: int = 10) -> float:
    """Return the normalised discounted cumulated gain of a ranking, 0 to 1.

    nDCG@k = DCG@k / ideal DCG@k, DCG@k = Σ gain(i) / log2(i + 1) over ranks i = 1..k, gains linear
    as in trec_eval's `ndcg_cut_k`. An empty ranking has 0. Järvelin & Kekäläinen 2002,
    doi:10.1145/582415.582418.

    Args:
        ranked: As for recall.
        relevant: As for recall.
        k: Depth, at least 1; it cuts the ideal ranking too.
    """
    return _dcg(_gains(ranked, relevant, k)) / _dcg(_ideal(relevant)[:k])


def _gains(ranked: Sequence[str], relevant: Mapping[str, int], k: int) -> list[int]:
    """Return the gains of the first k; what is judged irrelevant has 0."""
    assert k > 0
    assert len(set(ranked)) == len(ranked), "a document is ranked twice"
    return [max(0, relevant.get(name, 0)) for name in ranked[:k]]


def _ideal(relevant: Mapping[str, int]) -> list[int]:
    """Return the gains of what is relevant, highest first."""
    gains = sorted((gain for gain in relevant.values() if gain > 0), reverse=True)
    assert gains, "nothing is relevant"
    return gains


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))
