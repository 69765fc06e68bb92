"""Tests of the fusion in index/retriever.py: its bounds, and that no language drowns another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from index.ranking_weights import WEIGHTS
from index.retriever import dense, fuse


def row(*values):
    return np.array(values, np.float32)


cosines = arrays.arrays(np.float32, 5, elements=st.floats(-1, 1, width=32))
shares = arrays.arrays(np.float32, 5, elements=st.floats(0, 1, width=32))


@settings(deadline=None)
@given(passage=cosines, sentence=cosines)
def test_dense_lies_between_passage_and_best_sentence(passage, sentence):
    fused = dense(passage, sentence)
    assert fused.dtype == np.float32
    assert (fused <= np.maximum(passage, sentence) + 1e-6).all()
    assert (fused >= np.minimum(passage, sentence) - 1e-6).all()


def test_what_a_passage_lacks_of_the_best_of_its_language_is_taken_off():
    """From each, what it lacks of the best, times the weight."""
    fused = fuse(row(0.8, 0.8, 0.8), row(1.0, 0.5, 0.0), row(1.0, 1.0, 1.0))
    assert fused.dtype == np.float32
    assert fused == pytest.approx(
        [0.8, 0.8 - WEIGHTS.passage_lexical / 2, 0.8 - WEIGHTS.passage_lexical]
    )


@settings(deadline=None)
@given(cosine=cosines, lexical=shares)
def test_the_best_of_a_language_keeps_its_cosine_and_no_one_gains(cosine, lexical):
    best = np.full_like(lexical, lexical.max())
    fused = fuse(cosine, lexical, best)
    assert fused[lexical.argmax()] == cosine[lexical.argmax()]
    assert (fused <= cosine).all()
    assert (fused >= cosine - WEIGHTS.passage_lexical - 1e-6).all()


@settings(deadline=None)
@given(cosine=cosines)
def test_where_words_are_silent_the_cosine_decides_alone(cosine):
    silent = np.zeros_like(cosine)
    assert fuse(cosine, silent, silent).tobytes() == (cosine + 0).tobytes()


def test_a_passage_without_its_best_sentence_loses_that_share_and_keeps_the_rest():
    """Worked out by hand: 0.6 · 0.5 + 0.4 · 1.0, and the other way round."""
    assert dense(row(0.5, 1.0), row(1.0, 0.5)) == pytest.approx([0.7, 0.8])


def test_a_language_that_shares_words_does_not_drown_one_that_shares_none():
    """Two Kazakh passages hold the question's words; the English one can hold none of them."""
    cosine, lexical, best = row(0.80, 0.79, 0.81), row(0.9, 0.6, 0), row(0.9, 0.9, 0)
    assert fuse(cosine, lexical, best) == pytest.approx(
        [0.80, 0.79 - WEIGHTS.passage_lexical * 0.3, 0.81]
    )


@pytest.mark.parametrize("size", [0, 1, 7])
def test_any_number_of_candidates_will_do(size):
    zeros = np.zeros(size, np.float32)
    assert dense(zeros, zeros).shape == fuse(zeros, zeros, zeros).shape == (size,)
