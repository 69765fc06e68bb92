"""Tests of eval/training/retriever_network.py: what the losses of a batch are."""

from math import exp, log

import numpy as np
import pytest

from eval.training.lexical_match import FULL_MATCH, Words
from eval.training.retriever_examples import RetrievalExample
from index.analysis.analyzer import QueryTerms

IDS = np.array([0, 2])
NOTHING = QueryTerms("kk", (), (), ())


@pytest.fixture(scope="module")
def network():
    """Return the module: it loads torch, which takes seconds."""
    from eval.training import retriever_network

    return retriever_network


@pytest.fixture(scope="module")
def losses_of(network):
    """Return the losses of a batch, of the cosines of its questions with its texts."""
    import torch

    return lambda cosines, batch: network.losses_of(torch.tensor(cosines), batch)


def example(passage, *others, teacher=None):
    count = 1 + len(others)
    words = Words(NOTHING, {}, [("kk", frozenset())] * count)
    return RetrievalExample(IDS, [IDS] * count, passage, list(others), words, teacher)


def softmax(*values):
    total = sum(map(exp, values))
    return [exp(value) / total for value in values]


def test_a_question_is_compared_with_all_texts_of_the_batch(network, losses_of):
    cosines = [[0.80, 0.78, 0.76], [0.70, 0.79, 0.81]]
    batch = [example("ә", "ғ"), example("қ")]
    losses = losses_of(cosines, batch)
    shares = [softmax(*(cosine / network.TEMPERATURE for cosine in row)) for row in cosines]
    expected = -(log(shares[0][0]) + log(shares[1][2])) / 2
    # Without any words, the sum of both legs is the vectors' alone; each is half of the loss.
    assert losses.keys() == {"dense", "both"}
    for loss in losses.values():
        assert loss.item() == pytest.approx(expected / 2, rel=1e-5)


def test_half_of_the_loss_is_of_the_sum_with_what_words_add(network, losses_of):
    """The second text lacks the word asked for, and so it needs to be less far away."""
    words = Words(
        QueryTerms("kk", ("көпір",), (), ()),
        {"көпір": 2.0},
        [("kk", frozenset({"көпір"})), ("kk", frozenset({"өзен"}))],
    )
    one = RetrievalExample(IDS, [IDS, IDS], "ә", ["ғ"], words)
    losses = losses_of([[0.8, 0.8]], [one])
    share = softmax(0.8 / network.TEMPERATURE, (0.8 - FULL_MATCH) / network.TEMPERATURE)[0]
    assert losses["both"].item() == pytest.approx(-log(share) / 2, abs=1e-6)
    assert losses["dense"].item() == pytest.approx(log(2) / 2, rel=1e-5)


@pytest.mark.parametrize("second", [example("ә"), example("қ", "ә")], ids=["answer", "other"])
def test_a_text_of_the_passage_that_answers_is_not_held_against_it(network, losses_of, second):
    """Another question's text may answer this one too, if it is of the same passage."""
    batch = [example("ә", "ғ"), second]
    cosines = [[cosine] * (2 + len(second.texts)) for cosine in (0.9, 0.5)]
    here = softmax(0.9 / network.TEMPERATURE, 0.9 / network.TEMPERATURE)[0]
    of_second = [0.5 / network.TEMPERATURE] * (
        len(second.texts) + (1 if second.passage == "ә" else 2)
    )
    there = softmax(*of_second)[0]
    if second.passage == "қ":  # Of its texts, only «қ» is held against the first question.
        here = softmax(*[0.9 / network.TEMPERATURE] * 3)[0]
    expected = -(log(here) + log(there)) / 2
    losses = losses_of(cosines, batch)
    assert losses["dense"].item() == pytest.approx(expected / 2, rel=1e-5)


def test_the_student_learns_the_shares_of_the_teacher(network, losses_of):
    teacher = [3.0, -1.0]
    gap = (teacher[0] - teacher[1]) / network.TEACHER_TEMPERATURE * network.TEMPERATURE
    alike = losses_of([[0.8, 0.8 - gap]], [example("ә", "ғ", teacher=teacher)])
    assert alike["teacher"].item() == pytest.approx(0, abs=1e-6)
    apart = losses_of([[0.8, 0.8]], [example("ә", "ғ", teacher=teacher)])
    share = softmax(*(value / network.TEACHER_TEMPERATURE for value in teacher))
    expected = sum(p * log(p / 0.5) for p in share)
    assert apart["teacher"].item() == pytest.approx(expected, rel=1e-5)
