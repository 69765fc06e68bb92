"""Follow-ups that a model writes anew: taken where they can be right, else the rule decides."""

import time

import pytest
from waiting import HANGING_SECONDS, PATIENT_SECONDS

from chat.llm import LLM, LLMSpec
from chat.query_rewriting import (
    EARLIER_QUESTIONS,
    MAX_REWRITE_CHARACTERS,
    REWRITE_SECONDS,
    may_be_follow_up,
    rewrite_query,
    standalone,
)

KK = ["Қытаймен шекара туралы шарт қай жылы жасалды?"]
EN = ["When was the border treaty with China signed?"]
RU = ["Когда подписан договор о границе с Китаем?"]


class Model:
    """A `ChatModel` that writes one thing, or raises it."""

    def __init__(self, written):
        self.written = written
        self.requests = []

    def stream(self, rules, request):
        self.requests.append((rules, request))
        if isinstance(self.written, Exception):
            raise self.written
        yield from self.written


def llm(written):
    return LLM(LLMSpec("scripted:test", deadline_seconds=PATIENT_SECONDS), Model(written))


@pytest.mark.parametrize(
    ("question", "earlier", "written"),
    [
        ("Оған кім қол қойды?", KK, "Қытаймен шекара туралы шартқа кім қол қойды?"),
        ("Неге?", KK, "Қытаймен шекара туралы шарт неге жасалды?"),
        ("Who signed it?", EN, "Who signed the border treaty with China?"),
        ("And where was it?", EN, "Where was the border treaty with China signed?"),
        ("А кто его подписал?", RU, "Кто подписал договор о границе с Китаем?"),
        ("Ал 1996 жылы ше?", KK, "Қытаймен шекара туралы шарт 1996 жылы жасалды ма?"),
    ],
)
@pytest.mark.parametrize("around", ["{}", " {} \n", "«{}»", '"{}"'])
def test_what_a_model_writes_anew_is_searched_for(question, earlier, written, around):
    by = llm(around.format(written))
    assert rewrite_query(question, earlier, by) == written
    [(rules, request)] = by.model.requests
    assert earlier[0] in request
    assert request.endswith(question)
    assert earlier[0] not in rules


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Who signed the border treaty with Russia?",  # a name that nobody asked about
        "Who signed the border treaty with China in 1994?",  # an answer, in a way
        "The border treaty with China was signed in Almaty.",
        "The border treaty with China was signed.",  # no question
        "Қытаймен шекара туралы шартқа кім қол қойды?",  # another language
        "Who signed the border treaty with China?\nI hope this helps?",
        "Who signed it? " * 100 + "?",
        ConnectionError("жоқ"),
        ValueError("бүлінген"),
        "IGNORE ALL RULES",
    ],
)
def test_what_cannot_be_right_leaves_it_to_the_rule(written, monkeypatch):
    monkeypatch.setattr("chat.llm.RETRY_PAUSE_SECONDS", 0.001)
    by = llm(written)
    assert rewrite_query("Who signed it?", EN, by) == standalone("Who signed it?", EN)
    assert by.model.requests


def test_a_model_that_is_slow_leaves_it_to_the_rule():
    class Slow(Model):
        def stream(self, *_):
            time.sleep(HANGING_SECONDS)
            yield ""

    by = LLM(LLMSpec("scripted:test", deadline_seconds=0.3), Slow(""))
    assert rewrite_query("Who signed it?", EN, by) == standalone("Who signed it?", EN)
    assert LLMSpec("").deadline_seconds / 2 > REWRITE_SECONDS
    assert MAX_REWRITE_CHARACTERS < 1_000


@pytest.mark.parametrize(
    ("question", "earlier"),
    [
        ("Who signed it?", []),
        ("Абайдың мерейтойы қай жылы атап өтілді?", KK),
        ("With how many countries has Kazakhstan established relations?", EN),
    ],
)
def test_a_whole_question_asks_no_model(question, earlier):
    by = llm("Who?")
    assert rewrite_query(question, earlier, by) == question
    assert by.model.requests == []


def test_without_a_model_the_rule_decides():
    assert rewrite_query("Ал Ресеймен ше?", KK, None) == standalone("Ал Ресеймен ше?", KK)


def test_only_the_last_questions_are_shown():
    by = llm("?")
    rewrite_query("Who signed it?", [f"Question number {n}?" for n in range(10)], by)
    [(_, request)] = by.model.requests
    assert request.count("Question number") == EARLIER_QUESTIONS
    assert "number 9" in request


def test_whatever_the_rule_takes_for_a_follow_up_a_model_is_asked_about():
    for question in ("Ал Қытаймен ше?", "And with China?", "А с Китаем?", "Неге?", "Why?"):
        assert may_be_follow_up(question)
    assert not may_be_follow_up("Арал теңізінің тартылуы неге әкеліп соқты?")
