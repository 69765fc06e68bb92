"""Metrics: from what was answered and what is known to numbers.

A metric is one module here, imported and named in `registry.METRICS`. The module has

    MEASURES              name of a figure -> `case.Measure`: its label, group, meaning
    figures(case)         the figures of one answer, by name; what cannot be told is left out
    STATISTICS            how figures come of all questions of a run, by name: `interval.Statistic`

with one of the last two, or both. The figures of answers are averaged. Reports, tables and
comparisons show what is named there.
"""
