"""Whether `make campaign` runs the tests: then at full length, else a part of it."""

import os

CAMPAIGN = "DALEL_CAMPAIGN" in os.environ


def at_length(whole, part):
    """Return the first under `make campaign`, else the second."""
    return whole if CAMPAIGN else part
