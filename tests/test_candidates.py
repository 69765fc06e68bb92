"""Tests of index/candidates.py: which passages come into question."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.candidates import _highest


@given(
    arrays(np.float32, st.integers(0, 60), elements=st.sampled_from([0, 0.25, 0.5, 0.75, 1])),
    st.integers(1, 70),
)
def test_the_highest_are_found_without_sorting_all(scores, count):
    best = np.argsort(-scores, kind="stable")[:count]
    assert _highest(scores, count).tolist() == best[scores[best] > 0].tolist()
