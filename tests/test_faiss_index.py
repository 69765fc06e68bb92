"""Tests of index/faiss_index.py: exact cosines in exact order, every bit kept, on disk."""

import errno
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import Mock

import numpy as np
import pytest
from fakes import HashEmbedder, stored
from hypothesis import given, settings
from hypothesis import strategies as st

from index.faiss_index import DEPTH, MIN_RECALL, Codes, FaissIndex, VectorFile, faiss_file
from ingest.errors import StoreError

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


def saved(vectors):
    """Return vectors as they are read from a saved index."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "өлеңдер.faiss"
        path.write_bytes(b"".join(faiss_file(stored(vectors))))
        return FaissIndex.read(path)


def codes_of(vectors, coded_from):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.faiss_index.CODED_FROM", coded_from)
        return Codes.of(stored(vectors))


def coded(vectors):
    """Return vectors as they are read from a saved index, with codes that find them all."""
    codes = codes_of(vectors, 1)
    assert codes
    with TemporaryDirectory() as folder:
        path, codes_path = Path(folder) / "өлеңдер.faiss", Path(folder) / "өлеңдер.codes"
        path.write_bytes(b"".join(faiss_file(stored(vectors))))
        codes_path.write_bytes(codes.file)
        return FaissIndex.read(path, codes_path, codes.margin)


STORES = {"being made": stored, "saved": saved}


@pytest.fixture(params=STORES)
def build(request):
    """Return what makes a store of vectors."""
    return STORES[request.param]


@settings(max_examples=50, deadline=None)
@given(
    build=st.sampled_from(list(STORES.values())),
    rows=st.integers(1, 60),
    queries=st.integers(1, 40),
    dimension=st.sampled_from([1, 3, 64, 384]),
    k=st.integers(1, 80),
    seed=st.integers(0, 99),
)
def test_search_is_numpys_ranking(build, rows, queries, dimension, k, seed):
    vectors, questions = unit(rows, dimension, seed), unit(queries, dimension, seed + 100)
    scores, nearest = build(vectors).search(questions, k)
    exact = questions.astype(np.float64) @ vectors.T.astype(np.float64)
    assert scores.shape == nearest.shape == (queries, min(k, rows))
    assert scores.dtype == np.float32
    best = -np.sort(-exact, axis=1)[:, :k]
    np.testing.assert_allclose(scores, best, atol=1e-6)
    # Rows whose cosines differ in the last bit may change places; their cosines may not.
    np.testing.assert_allclose(np.take_along_axis(exact, nearest, axis=1), best, atol=1e-6)
    assert all(len(set(row)) == len(row) for row in nearest.tolist())


def test_a_text_is_nearest_to_itself_with_cosine_one(build):
    vectors = HashEmbedder().embed_passages(SENTENCES)
    scores, rows = build(vectors).search(vectors, 1)
    assert rows[:, 0].tolist() == list(range(len(SENTENCES)))
    np.testing.assert_allclose(scores[:, 0], 1, atol=1e-6)


def test_opposite_and_orthogonal_vectors_have_cosine_minus_one_and_zero(build):
    vectors = np.array([[1, 0], [0, 1], [-1, 0]], np.float32)
    scores, rows = build(vectors).search(vectors[:1], 3)
    assert scores.tolist() == [[1, 0, -1]]
    assert rows.tolist() == [[0, 1, 2]]


@pytest.mark.parametrize(("k", "expected"), [(0, 1), (1, 1), (5, 5), (6, 5), (10**9, 5), (-3, 1)])
def test_k_is_cut_to_what_there_is(build, k, expected):
    store = build(unit(5, 8))
    assert store.search(unit(1, 8), k)[1].shape == (1, expected)


@settings(deadline=None)
@given(build=st.sampled_from(list(STORES.values())), rows=st.lists(st.integers(0, 9), min_size=1))
def test_rows_are_read_back_bit_by_bit_in_any_order(build, rows):
    vectors = unit(10, 7)
    read = build(vectors).rows(np.array(rows))
    assert read.tobytes() == vectors[rows].tobytes()


def test_no_rows_are_read_back_as_none(build):
    read = build(unit(3, 7)).rows(np.empty(0, np.int64))
    assert read.shape == (0, 7)


@pytest.mark.parametrize("rows", [0, 1, 2, 4096, 4097, 10_000])
def test_the_file_is_the_one_that_faiss_writes(rows):
    import faiss

    vectors = unit(rows, 24)
    index = faiss.IndexFlatIP(24)
    index.add(vectors)
    assert b"".join(faiss_file(stored(vectors))) == bytes(faiss.serialize_index(index))


@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_a_file_brings_everything_back(rows):
    vectors = unit(rows, 384)
    store, again = stored(vectors), saved(vectors)
    assert len(again) == len(store) == rows
    assert again.dimension == store.dimension == 384
    assert again.rows(np.arange(rows)).tobytes() == vectors.tobytes()
    assert b"".join(faiss_file(again)) == b"".join(faiss_file(store))
    for one, other in zip(again.search(vectors[:3], 9), store.search(vectors[:3], 9), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        FaissIndex.read(tmp_path / "жоқ.faiss")


def test_what_is_no_index_is_told(tmp_path):
    (tmp_path / "өзге.faiss").write_bytes(b"no index")
    with pytest.raises(OSError, match=r"not recognized|read error"):
        FaissIndex.read(tmp_path / "өзге.faiss")


def test_vectors_that_are_appended_stand_behind_the_others(tmp_path):
    vectors = unit(9, 8)
    file = VectorFile(8, tmp_path)
    for start in (0, 4, 4, 7):
        rows = file.append(vectors[len(file) : start + 2])
        assert rows.tolist() == list(range(len(file) - len(rows), len(file)))
    assert file.rows(np.arange(9)).tobytes() == vectors.tobytes()
    assert [*tmp_path.iterdir()] == []  # It has no name, so that a crash leaves nothing.


def _raise(error):
    raise error


def test_what_was_cut_off_by_an_error_is_written_over(tmp_path):
    vectors, file = unit(6, 8), VectorFile(8, tmp_path)
    file.append(vectors[:2])
    whole, file._file = file._file, Mock(wraps=file._file)
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    file._file.write.side_effect = lambda data: whole.write(data[: len(data) // 2]) and _raise(full)
    with pytest.raises(StoreError, match="No space left") as told:
        file.append(vectors[2:4])
    assert str(tmp_path) in told.value.line()
    file._file = whole
    file.append(vectors[4:])
    assert file.rows(np.arange(4)).tobytes() == vectors[[0, 1, 4, 5]].tobytes()


def clustered(rows, dimension=384, seed=0):
    """Return vectors that lie around some others, as those of texts do."""
    chance = np.random.default_rng(seed)
    centres = unit(40, dimension, seed=7)
    vectors = centres[chance.integers(0, 40, rows)] + 0.8 * unit(rows, dimension, seed)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_codes_find_what_is_nearest_and_few_vectors_are_compared():
    vectors, questions = clustered(20_000), clustered(30, seed=1)
    index, exact = coded(vectors), saved(vectors)
    cosines, rows = index.search(questions, DEPTH)
    nearest = exact.search(questions, DEPTH)[1]
    assert np.mean([np.isin(*pair).mean() for pair in zip(nearest, rows, strict=True)]) > 0.97
    # What is found has the cosine that it has, best first.
    true = np.einsum("qd,qkd->qk", questions, vectors[rows])
    np.testing.assert_allclose(cosines, true, atol=1e-6)
    assert (np.diff(cosines) <= 0).all()
    assert (rows[:, 0] == nearest[:, 0]).all()
    assert index.compared(DEPTH) <= len(vectors) / 2
    assert index.code_bytes == len(vectors) * (384 / 8 + 8)
    assert (exact.compared(DEPTH), exact.code_bytes) == (len(vectors), 0)
    codes = codes_of(vectors, 1)
    assert codes.recall >= MIN_RECALL
    assert len(codes.file) < vectors.nbytes / 20


def test_few_vectors_get_no_codes():
    assert codes_of(clustered(999), 1000) is None


def test_codes_that_would_miss_too_much_are_not_made():
    """Two bits tell four directions apart."""
    assert codes_of(unit(60_000, 2), 1) is None


def test_more_than_codes_propose_can_be_asked_for():
    vectors = clustered(3_000)
    cosines, rows = coded(vectors).search(vectors[:2], 3_000)
    assert sorted(rows[0].tolist()) == list(range(3_000))
    np.testing.assert_allclose(cosines, saved(vectors).search(vectors[:2], 3_000)[0], atol=1e-6)


LAYOUTS = {
    "every other row": lambda vectors: np.repeat(vectors, 2, axis=0)[::2],
    "columns first": np.asfortranarray,
    "backwards": lambda vectors: vectors[::-1].copy()[::-1],
    "double precision": lambda vectors: vectors.astype(np.float64),
    "big-endian": lambda vectors: vectors.astype(">f4"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_in_memory_is_kept_right(build, layout):
    vectors = unit(6, 16)
    store = build(LAYOUTS[layout](vectors))
    assert store.rows(np.arange(6)).tobytes() == vectors.tobytes()


def test_later_changes_to_the_array_do_not_reach_the_store(build):
    vectors = unit(4, 8)
    kept = vectors.copy()
    store = build(vectors)
    vectors[:] = 0
    assert store.rows(np.arange(4)).tobytes() == kept.tobytes()
