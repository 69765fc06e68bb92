"""Tests of chat/question.py: what is asked twice is cut, what is asked once is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.question import MAX_PARTS, decompose

TWO = [
    ("kk", "Қойма қай жылы салынды", " және ", "онда неше тонна астық сақталады?"),
    ("kk", "Өзенге кім көпір салды", ", ал ", "ауыл тұрғындары не өсіреді?"),
    ("kk", "Ұшақ неге кешікті", " әрі ", "жолаушылар қайда түнеді?"),
    ("kk", "Ескі диірмен қай жерде", " және ", "онда қандай астық тартылды?"),
    ("en", "How many wells were dug", ", and ", "who paid for them?"),
    ("en", "In which year did the mill open", " and ", "for whom was the flour ground?"),
    ("en", "What does the ticket cost", "; ", "when does the ferry leave?"),
    ("en", "Who wrote the anthem?", " ", "When was it first sung?"),
    ("ru", "Сколько колодцев выкопали", " и ", "кто за них заплатил?"),
    ("ru", "В каком году открыли мельницу", ", а ", "для кого мололи муку?"),
]


@pytest.mark.parametrize(("language", "first", "between", "second"), TWO)
def test_two_questions_in_one_are_cut(language, first, between, second):
    assert decompose(f"{first}{between}{second}", language) == [first, second]


@pytest.mark.parametrize(("language", "first", "between", "second"), TWO)
def test_capitals_are_cut_too(language, first, between, second):
    assert len(decompose(f"{first}{between}{second}".upper(), language)) == 2


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("kk", "Қойма мен диірмен қай жылы салынды?"),
        ("kk", "Көпір мен жол және өткел қашан жөнделді?"),
        ("kk", "Қашан және қайда?"),
        ("kk", "Ұлттық қор туралы айтыңыз және мысал келтіріңіз."),
        ("en", "When and where was the poet born?"),
        ("en", "Which wells and mills were built?"),
        ("en", "Name the man who dug the well and who paid for it."),
        ("en", "Is the man who dug the well and who paid for it alive?"),
        ("en", "In which year and in which town was the mill built?"),
        ("kk", "Диірмен емес, көпір қай жылы және қай жерде салынды?"),
        ("ru", "Когда и где родился поэт?"),
        ("ru", "В каком году и в каком городе открыли мельницу?"),
        ("ru", "Какие колодцы и мельницы построили?"),
        ("ru", "Назовите того, кто выкопал колодец, и кто за него заплатил."),
    ],
)
def test_one_question_stays_whole(language, question):
    assert decompose(question, language) == [question]


def test_the_last_part_has_the_rest():
    asked = ["Who came first", "who came last", "what did they eat", "when did they leave?"]
    parts = decompose(" and ".join(asked), "en")
    assert len(parts) == MAX_PARTS
    assert parts == [*asked[: MAX_PARTS - 1], " and ".join(asked[MAX_PARTS - 1 :])]


@given(
    st.text("әғқңөұүһі не қайand whoиктоAЯ,;?. \u0301", max_size=60),
    st.sampled_from(["kk", "en", "ru"]),
)
def test_no_word_is_lost(question, language):
    parts = decompose(question, language)
    assert 1 <= len(parts) <= MAX_PARTS
    place = 0
    for part in parts:
        assert part.strip() == part or len(parts) == 1
        place = question.index(part, place) + len(part)
