"""Tests of chat/confidence.py: the two sums by formula, and the file as it is."""

import json
from dataclasses import astuple, fields
from math import exp, nan

import pytest
from fakes import features_of
from hypothesis import given
from hypothesis import strategies as st

from chat.confidence import TRAINED, ConfidenceModel, Features, confidence_model

numbers = st.floats(-1, 1)
values_of_all = st.tuples(*[numbers] * len(fields(Features)))


@given(ranking=values_of_all, weights=values_of_all, values=values_of_all, intercept=numbers)
def test_the_formulas(ranking, weights, values, intercept):
    model = ConfidenceModel(Features(*ranking), Features(*weights), intercept, 0.5)
    features = Features(*values)
    assert model.score(features) == pytest.approx(
        sum(w * v for w, v in zip(ranking, values, strict=True))
    )
    logit = intercept + sum(w * v for w, v in zip(weights, values, strict=True))
    assert model.confidence(features) == pytest.approx(1 / (1 + exp(-logit)))


@pytest.mark.parametrize(("found", "limit"), [(1e9, 1), (-1e9, 0), (nan, 0)])
def test_nothing_overflows_and_no_number_is_no_confidence(found, limit):
    one = features_of(found=1.0)
    value = ConfidenceModel(one, one, 0.0, 0.5).confidence(features_of(found=found))
    assert value == pytest.approx(limit)


def test_what_the_reader_finds_counts_for_an_answer():
    model = confidence_model()
    assert model.ranking.found > 0
    assert model.weights.found > 0
    nothing, plenty = (
        features_of(found=-8.0, needed=-8.0),
        features_of(found=8.0, needed=8.0, passage=0.05),
    )
    assert model.confidence(nothing) < model.threshold < model.confidence(plenty)
    assert model.score(nothing) < model.score(plenty)


def test_the_file_says_how_it_came_about():
    data = json.loads(TRAINED.read_text("utf-8"))
    record = data["record"]
    assert set(data) == {"ranking", "weights", "intercept", "threshold", "record"}
    assert len(astuple(confidence_model().weights)) == len(data["weights"])
    assert min(record["samples"].values()) > 400
    assert f"{data['threshold']:.2f}" in record["risk"]["by_threshold"]
    assert record["risk"]["by_set"]["foreign_policy.dev"]["answerable_refused"] <= 0.1
    steps = sorted(record["risk"]["by_threshold"].items())
    errors = [row["answerable_refused"] for _, row in steps]
    assert errors == sorted(errors)
    assert all(
        sorted((row[name] for _, row in steps), reverse=True) == [row[name] for _, row in steps]
        for name in ("near_miss_answered", "off_topic_answered")
    )
