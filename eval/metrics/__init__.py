"""Metrics: pure functions from what was answered and what is known, to numbers."""
