"""Tests of index/calibration.py: what chance is, by formula and with the real model."""

from collections import Counter
from importlib import resources
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.calibration import Calibration, calibrate, off_topic_questions
from ingest.language import detect

QUESTIONS = (resources.files("index") / "calibration_questions.txt").read_text("utf-8").splitlines()


@given(
    level=st.floats(-1, 1),
    score=st.floats(-1, 1),
    language=st.sampled_from(["kk", "en", "ru"]),
)
def test_a_score_stands_above_the_level_of_its_language(level, score, language):
    others = {name: 9.0 for name in ("kk", "en", "ru") if name != language}
    background = Calibration({**others, language: level})
    assert background.above(score, language) == pytest.approx(score - level)


def test_the_median_of_each_language_is_its_level():
    scores = {question: number / 7 for number, question in enumerate(QUESTIONS)}
    for language, level in calibrate(scores.__getitem__).levels.items():
        own = [score for question, score in scores.items() if detect(question) == language]
        assert level == pytest.approx(median(own))


def test_a_few_questions_that_are_answered_change_nothing():
    """A document about cooking answers some of them."""
    answered = {questions[0] for questions in off_topic_questions().values()}
    scores = {question: 0.5 + number / 1000 for number, question in enumerate(QUESTIONS)}
    high = {question: 1.0 if question in answered else 0.5 for question in QUESTIONS}
    flat = dict.fromkeys(QUESTIONS, 0.5)
    assert calibrate(high.__getitem__) == calibrate(flat.__getitem__)
    assert calibrate(scores.__getitem__) != calibrate(flat.__getitem__)


def test_every_question_is_asked_once_as_it_stands():
    searched = []
    calibrate(lambda question: searched.append(question) or 0.0)
    assert sorted(searched) == sorted(QUESTIONS)
    assert all(line == line.strip() != "" for line in QUESTIONS)
    assert len(set(QUESTIONS)) == len(QUESTIONS)


def test_the_questions_are_in_three_languages_alike():
    counts = Counter(map(detect, QUESTIONS))
    assert set(counts) == {"kk", "en", "ru"}
    assert max(counts.values()) == min(counts.values())
    assert {name: len(questions) for name, questions in off_topic_questions().items()} == counts


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?", "kk"),
        ("Арал теңізінің тартылуы неге әкелді?", "kk"),
        ("What is Kazakhstan's foreign policy?", "en"),
        ("Какова внешняя политика Казахстана?", "ru"),
    ],
)
def test_what_a_document_is_about_stands_above_chance(retriever, question, language):
    background = retriever.generation.calibration
    assert set(background.levels) == {"kk", "en", "ru"}
    assert background.above(retriever.search(question, 1)[0].score, language) > 0.01
