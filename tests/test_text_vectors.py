"""Tests of index/text_vectors.py: each text is embedded once, and vectors stay on the disk."""

import random
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from fakes import HashEmbedder, _vector, document, stored
from hypothesis import given
from hypothesis import strategies as st

from index import text_vectors
from index.calibration import off_topic_questions
from index.indexer import Indexer
from index.ranking_weights import WEIGHTS
from index.text_vectors import TextVectors
from ingest.errors import StoreError

WORDS = "әже ғалым қала таң өзен ұлт үкі һәм ірі sea Дала ДАЛА".split()

texts = st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=12)


def rows_of(vectors):
    return vectors.rows(np.arange(len(vectors)))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(text_vectors, "_TEXTS_OF_A_BLOCK", 3)


@given(old=texts, first=texts, second=texts, data=st.data())
def test_vectors_are_those_of_their_texts_in_any_order(old, first, second, data):
    embedder = HashEmbedder()
    vectors = TextVectors(embedder)
    vectors.reuse(old, stored(embedder.embed_queries(old)))
    vectors.embed(first)
    vectors.embed(iter(second))
    assert sorted(embedder.embedded) == sorted({*first, *second} - {*old})
    known = [*old, *first, *second]
    wanted = data.draw(st.lists(st.sampled_from(known), max_size=20)) if known else []
    read = vectors.of(iter(wanted))
    assert len(read) == len(wanted)
    assert rows_of(read).tobytes() == embedder.embed_queries(wanted).tobytes()


def test_progress_is_of_the_texts_that_are_new():
    vectors, steps = TextVectors(HashEmbedder()), []
    vectors.embed(WORDS[:4])
    vectors.embed([*WORDS, *WORDS], lambda *step: steps.append(step))
    assert steps == [(3, 8), (6, 8), (8, 8)]


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(StoreError, match="No such file or directory") as told:
        TextVectors(HashEmbedder(), tmp_path / "жоқ")
    assert "жоқ" in told.value.line()


class WideEmbedder(HashEmbedder):
    """An embedder whose vectors are far larger than texts: 32 KB each."""

    dimension = 8_192

    def embed_queries(self, texts):
        wide = np.zeros((len(texts), self.dimension), np.float32)
        for row, vector in enumerate(map(_vector, texts)):
            wide[row, : HashEmbedder.dimension] = vector
        return wide


def test_the_vectors_of_an_index_are_never_all_in_memory(tmp_path, monkeypatch):
    """Neither when it is made, nor when it is read, nor when a part of it changes."""
    monkeypatch.setattr("index.faiss_index._ROWS_OF_A_BLOCK", 16)
    monkeypatch.setattr(text_vectors, "_TEXTS_OF_A_BLOCK", 16)
    monkeypatch.setattr("index.language_means._ROWS_OF_A_MEAN", 16)
    monkeypatch.setattr("index.retriever.WEIGHTS", replace(WEIGHTS, candidates_per_leg=5))
    few = {language: some[:1] for language, some in off_topic_questions().items()}
    monkeypatch.setattr("index.calibration.off_topic_questions", lambda: few)
    peaks = {count: peak_memory(tmp_path / str(count), count) for count in (20, 60, 180)}
    one_vector = 4 * WideEmbedder.dimension
    # The first one loads what is needed once; each passage has a vector, and its sentence another.
    assert peaks[180] - peaks[60] < 2 * one_vector * (180 - 60) / 4


def peak_memory(home, count):
    """Return the most memory that it takes to index documents, and some of them anew."""
    chance = random.Random("жад")
    each = [
        document(f"{' '.join(chance.sample(WORDS, 6))} {number}.", f"құжат {number}")
        for number in range(count)
    ]
    tracemalloc.start()
    try:
        for documents in (each, [*each[5:], document("Жаңа.", "жаңа")]):
            indexer = Indexer(home, load=lambda name: WideEmbedder(name))
            indexer.put(documents)
            assert len(indexer.open().search("өзен", 3)) == 3
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
