"""Confidence: relative to chance, growing with cosine and share."""

from math import exp

import pytest
from fakes import document

from chat.confidence import _MIDDLE, _SHARE_WEIGHT, _SLOPE, THRESHOLD, confidence
from chat.evidence import Evidence
from index.background import Background

CHANCE = Background(mean=0.8, deviation=0.02)


def evidence(cosine, share=0.0):
    return Evidence(document=document("Дәлел."), span=(0, 6), score=0.0, cosine=cosine, share=share)


@pytest.mark.parametrize(("cosine", "share"), [(0.8, 0), (0.84, 0.5), (0.7, 1), (0.9, 0.2)])
def test_the_formula(cosine, share):
    strength = (cosine - 0.8) / 0.02 + _SHARE_WEIGHT * share
    expected = 1 / (1 + exp(-_SLOPE * (strength - _MIDDLE)))
    assert confidence(evidence(cosine, share), CHANCE) == pytest.approx(expected, abs=1e-5)


def test_what_chance_reaches_is_no_answer():
    assert confidence(evidence(0.8), CHANCE) < THRESHOLD < confidence(evidence(0.84), CHANCE)
    assert confidence(evidence(0.8, share=1.0), CHANCE) > THRESHOLD


def test_it_means_the_same_on_another_models_scale():
    other = Background(mean=0.2, deviation=0.1)
    assert confidence(evidence(0.3), other) == pytest.approx(confidence(evidence(0.82), CHANCE))
