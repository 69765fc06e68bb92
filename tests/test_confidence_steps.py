"""Tests of the words for a confidence: how they are learnt and measured, and how it is counted."""

from math import log
from typing import get_args

import pytest
from fakes import document

from chat.answer import Answer, cite
from chat.web.confidence_steps import (
    ConfidenceStep,
    LikelihoodModel,
    confidence_step,
    features,
    likelihood_model,
    measured,
    measured_questions,
)
from eval.dataset import Example, Gold
from eval.measured_steps import counts, judged, learn

TEXT = "Үкі түнде ұшады. Ғарыш алыс."
STEPPE = document(TEXT, "дала")
GOLD = (Gold("дала", 0, 16, TEXT[:16]),)


def answered(confidence, *spans, margin=0.0, mode="extractive"):
    return Answer(
        question="Үкі қашан ұшады?",
        language="kk",
        mode=mode,
        abstained=not spans,
        confidence=confidence,
        margin=margin,
        text="",
        citations=tuple(cite(mark, STEPPE, span) for mark, span in enumerate(spans, start=1)),
        passages=(),
        timings_ms={},
    )


def example(gold=(), answerable=True):
    return Example("1", "Үкі қашан ұшады?", "kk", gold=gold, answerable=answerable)


RIGHT, WRONG = (0, 16), (17, 28)

AS_CONFIDENT = LikelihoodModel(0.0, 1.0, 0.0)
"""An answer is as likely to be right as the documents are to answer."""


@pytest.mark.parametrize(
    ("model", "confidence", "margin", "expected"),
    [
        (AS_CONFIDENT, 0.8, 3.0, 0.8),
        (LikelihoodModel(log(3), 0.0, 0.0), 0.1, 0.0, 3 / (3 + 1)),
        (LikelihoodModel(-1.0, 0.0, 0.5), 0.9, 2.0, 1 / 2),
        (LikelihoodModel(log(2), 1.0, log(2)), 0.5, 1.0, 4 / (4 + 1)),
    ],
)
def test_an_answer_is_as_likely_right_as_confidence_and_margin_say(
    model, confidence, margin, expected
):
    answer = answered(confidence, RIGHT, margin=margin)
    assert model.likelihood(answer) == pytest.approx(expected)


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_no_confidence_is_beyond_all_doubt(confidence):
    assert 0 < AS_CONFIDENT.likelihood(answered(confidence, RIGHT)) < 1


def test_the_model_that_ships_believes_confidence_and_a_margin():
    model = likelihood_model()
    assert min(model.confidence, model.margin) > 0
    alone, rivalled = (answered(0.9, RIGHT, margin=margin) for margin in (5.0, 0.0))
    assert confidence_step(alone) == "sure"
    assert confidence_step(rivalled) != "sure"


def test_what_tells_right_from_wrong_is_learnt_from_what_is_quoted():
    right, wrong = answered(0.6, RIGHT, margin=4.0), answered(0.6, WRONG, margin=0.5)
    others = [
        (example(GOLD), answered(0.1)),
        (example(), right),
        (example(GOLD), answered(0.6, RIGHT, mode="llm")),
    ]
    known, was_right = judged([(example(GOLD), right), (example(GOLD), wrong), *others])
    assert known == [features(right), features(wrong)]
    assert was_right == [True, False]
    model = learn(20 * known, 20 * was_right)
    assert model.likelihood(right) > 0.9
    assert model.likelihood(wrong) < 0.1


def test_every_step_was_measured_and_surer_answers_are_less_often_wrong():
    steps = measured()
    assert set(steps) == {*get_args(ConfidenceStep)} - {""}
    assert sum(step.n for step in steps.values()) == measured_questions()
    shares = [steps[name].wrong / steps[name].n for name in ("sure", "likely", "uncertain")]
    assert shares == sorted(shares)


@pytest.mark.parametrize(
    ("asked", "came", "step", "wrong"),
    [
        (example(GOLD), answered(0.9, RIGHT), "sure", 0),
        (example(GOLD), answered(0.9, WRONG), "sure", 1),
        (example(GOLD), answered(0.6, WRONG, RIGHT), "likely", 0),
        (example(answerable=False), answered(0.4, RIGHT), "uncertain", 1),
        (example(answerable=False), answered(0.1), "refused", 0),
        (example(GOLD), answered(0.1), "refused", 1),
    ],
)
def test_what_came_of_a_question_is_counted_by_its_step(asked, came, step, wrong):
    assert confidence_step(came, AS_CONFIDENT) == step
    found = counts([(asked, came)] * 3, AS_CONFIDENT)
    assert found == {"questions": 3, "steps": {step: {"n": 3, "wrong": 3 * wrong}}}


def test_what_nothing_tells_of_is_left_out():
    of_nothing = (example(), answered(0.9, RIGHT))
    of_the_collection = (example(GOLD), answered(0.9, RIGHT, mode="collection"))
    assert counts([of_nothing, of_the_collection]) == {"questions": 0, "steps": {}}
