"""Tests of eval/training/lexical_match.py: what words add to the cosines of a batch."""

import numpy as np
import pytest

from eval.training.lexical_match import FULL_MATCH, Words, lexical_bonus

RARE = {"көпір": 3.0}


def words(question, *texts):
    return Words.of(question, texts, lambda term: RARE.get(term, 1.0))


def test_a_text_has_the_share_of_the_weight_of_the_words_that_it_has():
    one = words("Ескі көпір қайда?", "Ескі көпір осында.", "Көпір жаңа.", "Ескі үй.", "Өзен.")
    weights = {term: one.weights[term] for term in one.query.words}
    assert weights == {"ескі": 1.0, "көпір": 3.0}
    assert [one.share(*text) for text in one.texts] == [1.0, 3 / 4, 1 / 4, 0.0]


def test_languages_are_bridged_by_what_means_the_same():
    one = words("Шекара қайда?", "The border is here.", "The weather is fine.")
    assert [language for language, _ in one.texts] == ["en", "en"]
    assert [one.share(*text) for text in one.texts] == [1.0, 0.0]


def test_a_text_is_held_against_the_best_of_its_language_in_the_batch():
    kazakh = words("Ескі көпір қайда?", "Ескі көпір осында.", "The weather is fine.")
    other = words("Ескі үй?", "Ескі үй осында тұр.", "Rain fell.")
    bonus = lexical_bonus([kazakh, other])
    assert bonus.shape == (2, 4)
    np.testing.assert_allclose(
        bonus, FULL_MATCH * np.array([[0, 0, 1 / 4 - 1, 0], [1 / 2 - 1, 0, 0, 0]]), atol=1e-7
    )


@pytest.mark.parametrize("question", ["", "?", "ма"])
def test_a_question_without_words_adds_nothing(question):
    assert not lexical_bonus([words(question, "Ескі көпір.", "Өзен.")]).any()
