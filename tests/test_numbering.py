"""Tests of ingest/readers/numbering.py: the numbers that Word and LibreOffice count."""

import pytest

from ingest.readers.numbering import Numbering, ordinal

LEVELS = [("decimal", "%1.", 1), ("decimal", "%1.%2.", 1), ("upperRoman", "%3)", 1)]


@pytest.mark.parametrize(
    ("number", "kind", "written"),
    [
        (1, "decimal", "1"),
        (4, "lowerRoman", "iv"),
        (1999, "upperRoman", "MCMXCIX"),
        (26, "lowerLetter", "z"),
        (27, "upperLetter", "AA"),
        (4, "russianLower", "г"),
        (10, "russianUpper", "К"),
        (7, "ordinalText", "7"),
    ],
)
def test_a_number_is_written_as_the_list_says(number, kind, written):
    assert ordinal(number, kind) == written


def test_levels_count_by_themselves_and_begin_anew_below_the_next_one():
    lists = Numbering({"а": LEVELS})
    steps = [0, 1, 1, 2, 2, 0, 1, 2]
    assert [lists.next("а", level) for level in steps] == [
        *("1.", "1.1.", "1.2.", "I)", "II)"),
        *("2.", "2.1.", "I)"),
    ]


def test_a_level_whose_outer_one_has_no_item_counts_from_its_first():
    assert Numbering({"а": LEVELS}).next("а", 1) == "1.1."


def test_lists_count_apart():
    lists = Numbering({"а": LEVELS, "ә": [("decimal", "№%1", 5)]})
    assert [lists.next(name, 0) for name in ("а", "ә", "а", "ә")] == ["1.", "№5", "2.", "№6"]


@pytest.mark.parametrize(
    ("levels", "name", "level", "mark"),
    [
        ([("bullet", "•", 1)], "а", 0, "-"),
        ([("none", "", 1)], "а", 0, ""),
        ([("decimal", "", 1)], "а", 0, ""),
        ([("decimal", "%9.", 1)], "а", 0, "."),
        (LEVELS, "а", 7, ""),
        (LEVELS, "жоқ", 0, ""),
    ],
)
def test_what_has_no_number(levels, name, level, mark):
    assert Numbering({"а": levels}).next(name, level) == mark
