"""Tests of index/background.py: what chance is, measured by formula and with the real model."""

from collections import Counter
from importlib import resources

import numpy as np
import pytest
from fakes import HashEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.background import Background, measure
from index.vectors import FlatVectors
from ingest.language import detect

QUESTIONS = (resources.files("index") / "background.txt").read_text("utf-8").splitlines()


class PlannedEmbedder(HashEmbedder):
    """Questions whose cosines with the vector (1, 0) are planned."""

    dimension = 2

    def __init__(self, cosines):
        super().__init__()
        self.cosines, self.asked = cosines, []

    def embed_queries(self, texts):
        self.asked = list(texts)
        cosines = np.resize(np.array(self.cosines, np.float32), len(texts))
        return np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1)


ONE = FlatVectors.build(np.array([[1, 0]], np.float32))


@settings(deadline=None)
@given(
    mean=st.floats(-1, 1),
    deviation=st.floats(1e-3, 1),
    cosine=st.floats(-1, 1),
    more=st.floats(0, 1),
)
def test_standing_counts_deviations_above_chance(mean, deviation, cosine, more):
    background = Background(mean, deviation)
    standing = background.standing(cosine)
    assert standing == pytest.approx((cosine - mean) / deviation, abs=1e-6)
    assert background.standing(cosine + more) >= standing
    assert background.standing(mean) == 0


def test_median_and_quartiles_are_measured():
    cosines = np.random.default_rng(3).uniform(0.1, 0.9, len(QUESTIONS))
    low, median, high = np.quantile(cosines, [0.25, 0.5, 0.75])
    found = measure(PlannedEmbedder(cosines), ONE)
    assert found.mean == pytest.approx(median, abs=1e-6)
    assert found.deviation == pytest.approx((high - low) / 1.349, abs=1e-6)


def test_a_normal_distribution_gives_back_its_own_mean_and_deviation():
    normal = np.random.default_rng(1).normal(0.8, 0.02, len(QUESTIONS))
    found = measure(PlannedEmbedder(normal), ONE)
    assert found.mean == pytest.approx(0.8, abs=0.01)
    assert found.deviation == pytest.approx(0.02, rel=0.4)


def test_a_few_questions_that_are_answered_change_nothing():
    """A document about cooking answers some of them."""
    cosines = np.linspace(0.4, 0.6, len(QUESTIONS))
    answered = np.sort(cosines)
    answered[-5:] = 0.99
    assert measure(PlannedEmbedder(answered), ONE) == measure(PlannedEmbedder(cosines), ONE)


@pytest.mark.parametrize("cosine", [-1.0, 0.0, 0.75, 1.0])
def test_no_spread_at_all_still_divides(cosine):
    found = measure(PlannedEmbedder([cosine]), ONE)
    assert found == Background(pytest.approx(cosine), 1e-3)
    assert np.isfinite(found.standing(1.0))


def test_the_nearest_sentence_counts_for_each_question():
    both = FlatVectors.build(np.array([[1, 0], [0, 1]], np.float32))
    assert measure(PlannedEmbedder([0.6]), both).mean == pytest.approx(0.8)


def test_the_questions_are_those_of_the_file_one_a_line():
    embedder = PlannedEmbedder([0.5])
    measure(embedder, ONE)
    assert embedder.asked == QUESTIONS
    assert all(line == line.strip() != "" for line in QUESTIONS)
    assert len(set(QUESTIONS)) == len(QUESTIONS)


def test_the_questions_are_in_three_languages_alike():
    counts = Counter(map(detect, QUESTIONS))
    assert set(counts) == {"kk", "en", "ru"}
    assert max(counts.values()) == min(counts.values())


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?",
        "Арал теңізінің тартылуы неге әкелді?",
        "What is Kazakhstan's foreign policy?",
    ],
)
def test_what_a_document_is_about_stands_above_chance(retriever, question):
    background = retriever.generation.background
    vector = retriever.embedder.embed_queries([question])
    scores, _ = retriever.generation.sentence_vectors.search(vector, 1)
    assert background.standing(float(scores[0, 0])) > 1
    assert 0 < background.deviation < 0.1
