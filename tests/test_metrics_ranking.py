"""Ranking metrics: formulas by hand, and trec_eval on a thousand random runs."""

from math import log2

import numpy as np
import pytest
import pytrec_eval

from eval.metrics.ranking import ndcg, recall, reciprocal_rank

ONE, TWO, GRADED = {"a": 1}, {"a": 1, "b": 1}, {"a": 2, "b": 1, "z": 0, "y": -1}


@pytest.mark.parametrize(
    ("ranked", "relevant", "k", "expected"),
    [
        (["a"], ONE, 1, 1),
        (["x", "a"], ONE, 1, 0),
        (["x", "a"], ONE, 2, 1),
        (["x", "a", "b"], TWO, 2, 1 / 2),
        (["z", "y", "b"], GRADED, 3, 1 / 2),
        (["a", "b"], GRADED, 10, 1),
        ([], TWO, 5, 0),
    ],
)
def test_recall(ranked, relevant, k, expected):
    assert recall(ranked, relevant, k) == expected


@pytest.mark.parametrize(
    ("ranked", "relevant", "expected"),
    [
        (["a"], ONE, 1),
        (["x", "b", "a"], TWO, 1 / 2),
        (["z", "y", "b"], GRADED, 1 / 3),
        ([*"xyzuvwrst", "a"], ONE, 1 / 10),
        ([*"xyzuvwrstq", "a"], ONE, 0),
        ([], ONE, 0),
    ],
)
def test_reciprocal_rank(ranked, relevant, expected):
    assert reciprocal_rank(ranked, relevant) == expected


@pytest.mark.parametrize(
    ("ranked", "relevant", "expected"),
    [
        (["a"], ONE, 1),
        (["x", "a"], ONE, (1 / log2(3)) / 1),
        (["x", "a", "b"], TWO, (1 / log2(3) + 1 / log2(4)) / (1 + 1 / log2(3))),
        (["b", "a"], GRADED, (1 + 2 / log2(3)) / (2 + 1 / log2(3))),
        (["z", "y", "a"], GRADED, (2 / log2(4)) / (2 + 1 / log2(3))),
        ([*"xyzuvwrstq", "a"], ONE, 0),
        ([], ONE, 0),
    ],
)
def test_ndcg(ranked, relevant, expected):
    assert ndcg(ranked, relevant) == pytest.approx(expected)


def test_the_depth_counts_in_the_ideal_too():
    relevant = {name: 1 for name in "abc"}
    assert ndcg(["a", "b"], relevant, k=2) == 1
    assert reciprocal_rank(["x", "a"], relevant, k=1) == 0


@pytest.mark.parametrize("relevant", [{}, {"a": 0}, {"a": 0, "b": -1}])
@pytest.mark.parametrize("metric", [recall, reciprocal_rank, ndcg])
def test_a_question_with_nothing_relevant_is_refused(metric, relevant):
    with pytest.raises(AssertionError):
        metric(["a"], relevant, 10)


@pytest.mark.parametrize("metric", [recall, reciprocal_rank, ndcg])
def test_a_document_counts_once_and_a_depth_is_above_0(metric):
    with pytest.raises(AssertionError, match="twice"):
        metric(["a", "a"], TWO, 10)
    with pytest.raises(AssertionError):
        metric(["a"], TWO, 0)


def judgements(random):
    """Return graded judgements, some of them 0 or below, one at least above 0."""
    names = random.choice(40, int(random.integers(1, 25)), replace=False)
    gains = random.choice([-1, 0, 0, 1, 1, 2, 3], len(names))
    gains[0] = max(1, gains[0])
    return {f"құжат{name}": int(gain) for name, gain in zip(names, gains, strict=True)}


def ranking(random):
    """Return a ranking of none to thirty documents."""
    depth = int(random.choice([0, 1, 3, 10, 11, 30]))
    return [f"құжат{name}" for name in random.permutation(40)[:depth]]


def test_trec_eval_agrees_on_a_thousand_runs():
    random = np.random.default_rng(0)
    qrels = {f"q{number}": judgements(random) for number in range(1000)}
    runs = {question: ranking(random) for question in qrels}
    scored = {
        question: {name: 1 / rank for rank, name in enumerate(ranked, start=1)}
        for question, ranked in runs.items()
    }
    cut = {question: dict(list(scores.items())[:10]) for question, scores in scored.items()}
    expected = pytrec_eval.RelevanceEvaluator(qrels, {"recall.1,5,10", "ndcg_cut.10"}).evaluate(
        scored
    )
    expected_cut = pytrec_eval.RelevanceEvaluator(qrels, {"recip_rank"}).evaluate(cut)
    assert len(expected) == len(expected_cut) == 1000
    for question, ranked in runs.items():
        relevant, figures = qrels[question], expected[question]
        for k in (1, 5, 10):
            assert recall(ranked, relevant, k) == pytest.approx(figures[f"recall_{k}"], abs=1e-6)
        assert ndcg(ranked, relevant) == pytest.approx(figures["ndcg_cut_10"], abs=1e-6)
        assert reciprocal_rank(ranked, relevant) == pytest.approx(
            expected_cut[question]["recip_rank"], abs=1e-6
        )


def test_an_oracle_has_all_there_is():
    random = np.random.default_rng(1)
    for _ in range(100):
        relevant = judgements(random)
        oracle = sorted(relevant, key=lambda name: -relevant[name])
        assert recall(oracle, relevant, 40) == reciprocal_rank(oracle, relevant) == 1
        assert ndcg(oracle, relevant) == pytest.approx(1)
