"""Tests of the words for a confidence: what was measured of them, and how it is counted."""

from typing import get_args

import pytest
from fakes import document

from chat.answer import Answer, cite
from chat.web.confidence_steps import (
    LIKELY,
    SURE,
    ConfidenceStep,
    confidence_step,
    measured,
    measured_questions,
)
from eval.dataset import Example, Gold
from eval.measured_steps import counts

TEXT = "Үкі түнде ұшады. Ғарыш алыс."
STEPPE = document(TEXT, "дала")
GOLD = (Gold("дала", 0, 16, TEXT[:16]),)


def answered(confidence, *spans, mode="extractive"):
    return Answer(
        question="Үкі қашан ұшады?",
        language="kk",
        mode=mode,
        abstained=not spans,
        confidence=confidence,
        text="",
        citations=tuple(cite(mark, STEPPE, span) for mark, span in enumerate(spans, start=1)),
        passages=(),
        timings_ms={},
    )


def example(gold=(), answerable=True):
    return Example("1", "Үкі қашан ұшады?", "kk", gold=gold, answerable=answerable)


RIGHT, WRONG = (0, 16), (17, 28)


def test_every_step_was_measured_and_surer_answers_are_less_often_wrong():
    steps = measured()
    assert set(steps) == {*get_args(ConfidenceStep)} - {""}
    assert sum(step.n for step in steps.values()) == measured_questions()
    shares = [steps[name].wrong / steps[name].n for name in ("sure", "likely", "uncertain")]
    assert shares == sorted(shares)


@pytest.mark.parametrize(
    ("asked", "came", "step", "wrong"),
    [
        (example(GOLD), answered(SURE, RIGHT), "sure", 0),
        (example(GOLD), answered(SURE, WRONG), "sure", 1),
        (example(GOLD), answered(LIKELY, WRONG, RIGHT), "likely", 0),
        (example(answerable=False), answered(0.4, RIGHT), "uncertain", 1),
        (example(answerable=False), answered(0.1), "refused", 0),
        (example(GOLD), answered(0.1), "refused", 1),
    ],
)
def test_what_came_of_a_question_is_counted_by_its_step(asked, came, step, wrong):
    assert confidence_step(came) == step
    found = counts([(asked, came)] * 3)
    assert found == {"questions": 3, "steps": {step: {"n": 3, "wrong": 3 * wrong}}}


def test_what_nothing_tells_of_is_left_out():
    of_nothing = (example(), answered(SURE, RIGHT))
    of_the_collection = (example(GOLD), answered(SURE, RIGHT, mode="collection"))
    assert counts([of_nothing, of_the_collection]) == {"questions": 0, "steps": {}}
