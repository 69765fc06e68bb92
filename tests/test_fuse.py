"""Tests of index/fuse.py: two formulas, their bounds, and that no language drowns another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from index.fuse import LEXICAL_WEIGHT, SENTENCE_WEIGHT, dense, fuse


def row(*values):
    return np.array(values, np.float32)


cosines = arrays.arrays(np.float32, 5, elements=st.floats(-1, 1, width=32))
shares = arrays.arrays(np.float32, 5, elements=st.floats(0, 1, width=32))


@settings(deadline=None)
@given(passage=cosines, sentence=cosines)
def test_dense_is_the_weighted_mean_of_passage_and_best_sentence(passage, sentence):
    found = dense(passage, sentence)
    assert found.dtype == np.float32
    expected = (1 - SENTENCE_WEIGHT) * passage + SENTENCE_WEIGHT * sentence
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert (found <= np.maximum(passage, sentence) + 1e-6).all()
    assert (found >= np.minimum(passage, sentence) - 1e-6).all()


@settings(deadline=None)
@given(cosine=cosines, lexical=shares, best=shares)
def test_fused_is_cosine_plus_what_is_gained_or_lost_to_the_best_of_the_language(
    cosine, lexical, best
):
    found = fuse(cosine, lexical, best)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, cosine + LEXICAL_WEIGHT * (lexical - best), atol=1e-6)


@settings(deadline=None)
@given(cosine=cosines, lexical=shares)
def test_the_best_of_a_language_keeps_its_cosine_and_no_one_gains(cosine, lexical):
    best = np.full_like(lexical, lexical.max())
    found = fuse(cosine, lexical, best)
    assert found[lexical.argmax()] == cosine[lexical.argmax()]
    assert (found <= cosine).all()
    assert (found >= cosine - LEXICAL_WEIGHT - 1e-6).all()


@settings(deadline=None)
@given(cosine=cosines)
def test_where_words_are_silent_the_cosine_decides_alone(cosine):
    silent = np.zeros_like(cosine)
    assert fuse(cosine, silent, silent).tobytes() == (cosine + 0).tobytes()


def test_both_weights_are_shares():
    assert 0 < SENTENCE_WEIGHT < 1
    assert 0 < LEXICAL_WEIGHT < 1


def test_a_language_that_shares_words_does_not_drown_one_that_shares_none():
    """Two Kazakh passages hold the question's words; the English one can hold none of them."""
    cosine, lexical, best = row(0.80, 0.79, 0.81), row(0.9, 0.6, 0), row(0.9, 0.9, 0)
    assert fuse(cosine, lexical, best) == pytest.approx(
        [0.80, 0.79 + LEXICAL_WEIGHT * (0.6 - 0.9), 0.81]
    )


@pytest.mark.parametrize("size", [0, 1, 7])
def test_any_number_of_candidates_will_do(size):
    zeros = np.zeros(size, np.float32)
    assert dense(zeros, zeros).shape == fuse(zeros, zeros, zeros).shape == (size,)
