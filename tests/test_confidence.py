"""Tests of chat/confidence.py: the features by hand, the model by formula, the file as it is."""

import json
from dataclasses import replace
from math import exp

import pytest
from fakes import HashEmbedder, document
from hypothesis import given
from hypothesis import strategies as st

from chat.confidence import TRAINED, ConfidenceModel, Features, features, trained_model
from chat.reader import Evidence
from index.analysis.analyzer import terms
from index.calibration import Calibration
from index.indexer import Indexer
from index.retriever import Hit, Retriever

TEXT = "Шекара туралы шарт 1994 жылы жасалды."
numbers = st.floats(-1, 1)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Return an index of one sentence, in which chance reaches known levels."""
    indexer = Indexer(tmp_path_factory.mktemp("home"), load=lambda _: HashEmbedder())
    indexer.put([document(TEXT)])
    opened = indexer.open()
    levels = Calibration({"kk": 0.8, "en": 0.75, "ru": 0.7})
    return Retriever(replace(opened.generation, calibration=levels), opened.embedder)


def of(index, hits, evidence, language="kk", question="?"):
    return features(index.analyse(question, language), hits, evidence, index)


def hits(*scores, lexical=0.0):
    return [Hit(None, 0, rank, score, score, lexical) for rank, score in enumerate(scores, start=1)]


def ranked(*scores):
    return [Evidence(document(TEXT), (0, len(TEXT)), score, "kk", {}, 0, 0) for score in scores]


def test_the_features_by_hand(index):
    measured = of(index, hits(0.9, 0.8, 0.7), ranked(0.6, 0.5, 0.2), "en")
    assert measured.level == pytest.approx(0.9 - 0.75)
    assert measured.lead == pytest.approx(0.9 - (0.8 + 0.7) / 2)
    assert measured.sentence == pytest.approx(0.6 - (0.5 + 0.2) / 2)
    assert measured.missing == 0


def test_the_level_is_that_of_the_askers_language(index):
    languages = ("kk", "en", "ru")
    levels = [of(index, hits(0.9), ranked(0.6), language).level for language in languages]
    assert levels == pytest.approx([0.9 - 0.8, 0.9 - 0.75, 0.9 - 0.7])


def test_one_hit_and_one_sentence_lead_nobody(index):
    measured = of(index, hits(0.9), ranked(0.6))
    assert (measured.lead, measured.sentence) == (0, 0)


def test_the_order_of_the_hits_is_nothing(index):
    """A second stage may have put them in another one."""
    one, other = hits(0.7, 0.9), hits(0.9, 0.7)
    assert of(index, one, ranked(0.6)) == of(index, other, ranked(0.6))


def test_five_hits_and_twenty_sentences_are_looked_at(index):
    measured = of(index, hits(0.9, *[0.5] * 4, -9), ranked(1.0, *[0.5] * 19, -9))
    assert measured.lead == pytest.approx(0.9 - 0.5)
    assert measured.sentence == pytest.approx(1.0 - 0.5)


@pytest.mark.parametrize(
    ("question", "language", "held", "missing"),
    [
        ("Шекара туралы шарт", "kk", {"=border", "=treaty"}, set()),
        ("Is the border in the treaty of 1994?", "en", {"=border", "=treaty", "#"}, set()),
        ("Is the border on the moon?", "en", {"=border"}, {"=moon"}),
        ("Граница и луна", "ru", {"=border"}, {"=moon"}),
        ("Шекара 2001 жылы", "kk", {"=border"}, {"#"}),
    ],
)
def test_what_nothing_found_names_is_missing(index, question, language, held, missing):
    """As a share of the weight that the question has; words without a concept say nothing."""
    weights = index.term_weights(index.analyse(question, language).terms.bridge)
    there = set(terms(TEXT, "kk"))
    named = {term for term in weights if term[0] in "=#~"}
    assert bool(named & there) == bool(held)
    assert bool(named - there) == bool(missing)
    value = of(index, hits(0.9), ranked(0.6), language, question).missing
    assert value == pytest.approx(sum(weights[term] for term in named - there))


@given(weights=st.tuples(*[numbers] * 4), values=st.tuples(*[numbers] * 4), intercept=numbers)
def test_the_formula(weights, values, intercept):
    value = ConfidenceModel(Features(*weights), intercept, 0.5).confidence(Features(*values))
    logit = intercept + sum(w * v for w, v in zip(weights, values, strict=True))
    assert value == pytest.approx(1 / (1 + exp(-logit)))


@pytest.mark.parametrize(("level", "limit"), [(1e9, 1), (-1e9, 0)])
def test_nothing_overflows(level, limit):
    value = ConfidenceModel(Features(1.0, 0.0, 0.0, 0.0), 0.0, 0.5).confidence(
        Features(level, 0.0, 0.0, 0.0)
    )
    assert value == pytest.approx(limit)


def test_each_feature_counts_the_way_it_points():
    weights = trained_model().weights
    assert min(weights.level, weights.lead, weights.sentence, -weights.missing) > 0


def test_what_chance_reaches_is_no_answer():
    trained = trained_model()
    assert trained.confidence(Features(0.0, 0.02, 0.1, 0.2)) < trained.threshold
    assert trained.confidence(Features(0.06, 0.06, 0.2, 0.0)) > trained.threshold


def test_the_file_says_how_it_came_about():
    data = json.loads(TRAINED.read_text("utf-8"))
    record = data["record"]
    assert set(data) == {"weights", "intercept", "threshold", "record"}
    assert min(record["samples"].values()) > 500
    assert f"{data['threshold']:.2f}" in record["risk"]["by_threshold"]
    assert record["risk"]["by_set"]["foreign_policy.dev"]["answerable_refused"] <= 0.1
    steps = sorted(record["risk"]["by_threshold"].items())
    errors = [row["answerable_refused"] for _, row in steps]
    assert errors == sorted(errors)
    assert all(
        sorted((row[name] for _, row in steps), reverse=True) == [row[name] for _, row in steps]
        for name in ("near_miss_answered", "off_topic_answered")
    )
