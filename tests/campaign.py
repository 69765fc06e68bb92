"""Whether `make campaign` runs the tests: then all of them, at full length; else a part of it."""

import os

import pytest

CAMPAIGN = "DALEL_CAMPAIGN" in os.environ


def at_length(whole, part):
    """Return the first under `make campaign`, else the second."""
    return whole if CAMPAIGN else part


def only_at_length(test):
    """Let a test run under `make campaign` alone: one that takes long, whose parts have others."""
    skipped = pytest.mark.skipif(not CAMPAIGN, reason="takes long: make campaign runs it")
    return pytest.mark.campaign(skipped(test))
