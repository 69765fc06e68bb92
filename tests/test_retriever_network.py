"""Tests of eval/training/retriever_network.py: what the losses of a batch are."""

from math import exp, log

import numpy as np
import pytest
import torch

from eval.training.lexical_match import FULL_MATCH, Words
from eval.training.retriever_examples import RetrievalExample
from eval.training.retriever_network import TEACHER_TEMPERATURE, TEMPERATURE, losses_of
from index.analysis.analyzer import QueryTerms

IDS = np.array([0, 2])
NOTHING = QueryTerms("kk", (), (), ())


def example(passage, *others, teacher=None):
    count = 1 + len(others)
    words = Words(NOTHING, {}, [("kk", frozenset())] * count)
    return RetrievalExample(IDS, [IDS] * count, passage, list(others), words, teacher)


def softmax(*values):
    total = sum(map(exp, values))
    return [exp(value) / total for value in values]


def test_a_question_is_compared_with_all_texts_of_the_batch():
    cosines = [[0.80, 0.78, 0.76], [0.70, 0.79, 0.81]]
    batch = [example("ә", "ғ"), example("қ")]
    losses = losses_of(torch.tensor(cosines), batch)
    shares = [softmax(*(cosine / TEMPERATURE for cosine in row)) for row in cosines]
    expected = -(log(shares[0][0]) + log(shares[1][2])) / 2
    # Without any words, the sum of both legs is the vectors' alone; each is half of the loss.
    assert losses.keys() == {"dense", "both"}
    for loss in losses.values():
        assert loss.item() == pytest.approx(expected / 2, rel=1e-5)


def test_half_of_the_loss_is_of_the_sum_with_what_words_add():
    """The second text lacks the word asked for, and so it needs to be less far away."""
    words = Words(
        QueryTerms("kk", ("көпір",), (), ()),
        {"көпір": 2.0},
        [("kk", frozenset({"көпір"})), ("kk", frozenset({"өзен"}))],
    )
    one = RetrievalExample(IDS, [IDS, IDS], "ә", ["ғ"], words)
    losses = losses_of(torch.tensor([[0.8, 0.8]]), [one])
    share = softmax(0.8 / TEMPERATURE, (0.8 - FULL_MATCH) / TEMPERATURE)[0]
    assert losses["both"].item() == pytest.approx(-log(share) / 2, abs=1e-6)
    assert losses["dense"].item() == pytest.approx(log(2) / 2, rel=1e-5)


@pytest.mark.parametrize("second", [example("ә"), example("қ", "ә")], ids=["answer", "other"])
def test_a_text_of_the_passage_that_answers_is_not_held_against_it(second):
    """Another question's text may answer this one too, if it is of the same passage."""
    batch = [example("ә", "ғ"), second]
    cosines = torch.full((2, 2 + len(second.texts)), 0.5)
    cosines[0] = 0.9
    here = softmax(0.9 / TEMPERATURE, 0.9 / TEMPERATURE)[0]
    of_second = [0.5 / TEMPERATURE] * (len(second.texts) + (1 if second.passage == "ә" else 2))
    there = softmax(*of_second)[0]
    if second.passage == "қ":  # Of its texts, only «қ» is held against the first question.
        here = softmax(*[0.9 / TEMPERATURE] * 3)[0]
    expected = -(log(here) + log(there)) / 2
    losses = losses_of(cosines, batch)
    assert losses["dense"].item() == pytest.approx(expected / 2, rel=1e-5)


def test_the_student_learns_the_shares_of_the_teacher():
    teacher = [3.0, -1.0]
    gap = (teacher[0] - teacher[1]) / TEACHER_TEMPERATURE * TEMPERATURE
    alike = losses_of(torch.tensor([[0.8, 0.8 - gap]]), [example("ә", "ғ", teacher=teacher)])
    assert alike["teacher"].item() == pytest.approx(0, abs=1e-6)
    apart = losses_of(torch.tensor([[0.8, 0.8]]), [example("ә", "ғ", teacher=teacher)])
    share = softmax(*(value / TEACHER_TEMPERATURE for value in teacher))
    expected = sum(p * log(p / 0.5) for p in share)
    assert apart["teacher"].item() == pytest.approx(expected, rel=1e-5)
