"""Tests of ingest/readers/numbering.py: the numbers that Word and LibreOffice count."""

import pytest

from ingest.readers.numbering import CountedList, Level, Numbering, ordinal

LEVELS = [Level("decimal", "%1."), Level("decimal", "%1.%2."), Level("upperRoman", "%3)")]


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
        (7, "decimalZero", "07"),
        (781, "russianLower", "781"),
        (40_000, "upperRoman", "40000"),
    ],
)
def test_a_number_is_written_as_the_list_says(number, kind, written):
    assert ordinal(number, kind) == written


def test_levels_count_by_themselves_and_begin_anew_below_the_next_one():
    lists = Numbering({"а": CountedList(LEVELS, "а")})
    steps = [0, 1, 1, 2, 2, 0, 1, 2]
    assert [lists.next("а", level) for level in steps] == [
        *("1.", "1.1.", "1.2.", "I)", "II)"),
        *("2.", "2.1.", "I)"),
    ]


def test_a_level_whose_outer_one_has_no_item_counts_from_its_first():
    assert Numbering({"а": CountedList(LEVELS, "а")}).next("а", 1) == "1.1."


def test_lists_count_apart():
    lists = Numbering(
        {"а": CountedList(LEVELS, "а"), "ә": CountedList([Level("decimal", "№%1", 5)], "ә")}
    )
    assert [lists.next(name, 0) for name in ("а", "ә", "а", "ә")] == ["1.", "№5", "2.", "№6"]


@pytest.mark.parametrize(
    ("levels", "name", "level", "mark"),
    [
        ([Level("bullet", "•")], "а", 0, "-"),
        ([Level("none", "")], "а", 0, ""),
        ([Level("decimal", "")], "а", 0, ""),
        ([Level("decimal", "%9.")], "а", 0, "."),
        (LEVELS, "а", 7, ""),
        (LEVELS, "жоқ", 0, ""),
    ],
)
def test_what_has_no_number(levels, name, level, mark):
    assert Numbering({"а": CountedList(levels, "а")}).next(name, level) == mark


def test_lists_with_one_counter_go_on_unless_one_begins_anew():
    second = [Level("decimal", "%1.", 5), LEVELS[1]]
    lists = Numbering(
        {
            "а": CountedList(LEVELS, "қ"),
            "ә": CountedList(LEVELS, "қ"),
            "б": CountedList(second, "қ", frozenset([0])),
        }
    )
    assert [lists.next(name, 0) for name in "аәәббаә"] == [
        *("1.", "2.", "3.", "5.", "6.", "7.", "8."),
    ]


def test_a_level_that_outer_ones_do_not_restart_goes_on():
    levels = [Level("upperRoman", "%1-тарау"), Level("decimal", "%2-бап", restart=0)]
    lists = Numbering({"а": CountedList(levels, "а")})
    assert [lists.next("а", level) for level in (0, 1, 1, 0, 1)] == [
        *("I-тарау", "1-бап", "2-бап", "II-тарау", "3-бап"),
    ]


def test_a_legal_level_writes_outer_numbers_in_digits():
    levels = [Level("upperRoman", "%1"), Level("decimal", "%1.%2", legal=True)]
    lists = Numbering({"а": CountedList(levels, "а")})
    assert [lists.next("а", level) for level in (0, 1)] == ["I", "1.1"]


def test_an_item_may_say_its_number_and_what_counts_it():
    lists = Numbering({"а": CountedList(LEVELS, "")})
    assert lists.next("а", 0, counter="1", at=145) == "145."
    assert lists.next("а", 0, counter="1") == "146."
    assert lists.next("а", 0, counter="2") == "1."
