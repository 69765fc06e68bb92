"""Tests of index/faiss_index.py: exact cosines in exact order, and every bit kept."""

import numpy as np
import pytest
from fakes import HashEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.faiss_index import FaissIndex

SENTENCES = [
    "Қазақстан – Орталық Азиядағы мемлекет.",
    "Ғалымдар Арал теңізін зерттеді.",
    "Өзен үлкен көлге құяды.",
    "Һәм інім ұшаққа отырды.",
    "Kazakhstan is a state in Central Asia.",
]


def unit(rows, dimension, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=50, deadline=None)
@given(
    rows=st.integers(1, 60),
    queries=st.integers(1, 40),
    dimension=st.sampled_from([1, 3, 64, 384]),
    k=st.integers(1, 80),
    seed=st.integers(0, 99),
)
def test_search_is_numpys_ranking(rows, queries, dimension, k, seed):
    vectors, questions = unit(rows, dimension, seed), unit(queries, dimension, seed + 100)
    scores, nearest = FaissIndex.build(vectors).search(questions, k)
    exact = questions.astype(np.float64) @ vectors.T.astype(np.float64)
    assert scores.shape == nearest.shape == (queries, min(k, rows))
    assert scores.dtype == np.float32
    best = -np.sort(-exact, axis=1)[:, :k]
    np.testing.assert_allclose(scores, best, atol=1e-6)
    # Rows whose cosines differ in the last bit may change places; their cosines may not.
    np.testing.assert_allclose(np.take_along_axis(exact, nearest, axis=1), best, atol=1e-6)
    assert all(len(set(row)) == len(row) for row in nearest.tolist())


def test_a_text_is_nearest_to_itself_with_cosine_one():
    vectors = HashEmbedder().embed_passages(SENTENCES)
    scores, rows = FaissIndex.build(vectors).search(vectors, 1)
    assert rows[:, 0].tolist() == list(range(len(SENTENCES)))
    np.testing.assert_allclose(scores[:, 0], 1, atol=1e-6)


def test_opposite_and_orthogonal_vectors_have_cosine_minus_one_and_zero():
    vectors = np.array([[1, 0], [0, 1], [-1, 0]], np.float32)
    scores, rows = FaissIndex.build(vectors).search(vectors[:1], 3)
    assert scores.tolist() == [[1, 0, -1]]
    assert rows.tolist() == [[0, 1, 2]]


@pytest.mark.parametrize(("k", "expected"), [(0, 1), (1, 1), (5, 5), (6, 5), (10**9, 5), (-3, 1)])
def test_k_is_cut_to_what_there_is(k, expected):
    store = FaissIndex.build(unit(5, 8))
    assert store.search(unit(1, 8), k)[1].shape == (1, expected)


@settings(deadline=None)
@given(rows=st.lists(st.integers(0, 9), min_size=1))
def test_rows_are_read_back_bit_by_bit_in_any_order(rows):
    vectors = unit(10, 7)
    read = FaissIndex.build(vectors).rows(np.array(rows))
    assert read.tobytes() == vectors[rows].tobytes()


def test_no_rows_are_read_back_as_none():
    read = FaissIndex.build(unit(3, 7)).rows(np.empty(0, np.int64))
    assert read.shape == (0, 7)


@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_bytes_bring_everything_back(rows):
    vectors = unit(rows, 384)
    store = FaissIndex.build(vectors)
    again = FaissIndex.from_bytes(store.to_bytes())
    assert len(again) == len(store) == rows
    assert again.rows(np.arange(rows)).tobytes() == vectors.tobytes()
    assert again.to_bytes() == store.to_bytes()
    for one, other in zip(again.search(vectors[:3], 9), store.search(vectors[:3], 9), strict=True):
        np.testing.assert_array_equal(one, other)


LAYOUTS = {
    "every other row": lambda vectors: np.repeat(vectors, 2, axis=0)[::2],
    "columns first": np.asfortranarray,
    "backwards": lambda vectors: vectors[::-1].copy()[::-1],
    "double precision": lambda vectors: vectors.astype(np.float64),
    "big-endian": lambda vectors: vectors.astype(">f4"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_in_memory_is_kept_right(layout):
    vectors = unit(6, 16)
    store = FaissIndex.build(LAYOUTS[layout](vectors))
    assert store.rows(np.arange(6)).tobytes() == vectors.tobytes()


def test_later_changes_to_the_array_do_not_reach_the_store():
    vectors = unit(4, 8)
    kept = vectors.copy()
    store = FaissIndex.build(vectors)
    vectors[:] = 0
    assert store.rows(np.arange(4)).tobytes() == kept.tobytes()
