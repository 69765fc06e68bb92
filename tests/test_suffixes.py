"""Suffixes: what may be an ending, and which words may be forms of one."""

import pytest

from index.analysis.suffixes import (
    differ_only_in_endings,
    is_front,
    is_suffix_chain,
    is_valid_ending,
    stem_splits,
)


@pytest.mark.parametrize("rest", ["", "лар", "ларымыздың", "ымыздағы", "ына", "сының", "лық", "ды"])
def test_chains_of_suffixes(rest):
    assert is_suffix_chain(rest)


@pytest.mark.parametrize("rest", ["граф", "ұстан", "хх", "лары7", "ө"])
def test_no_chains_of_suffixes(rest):
    assert not is_suffix_chain(rest)


@pytest.mark.parametrize(
    ("stem", "ending", "fits"),
    [
        ("қала", "лардың", True),
        ("ел", "дерімізде", True),
        ("ел", "лардың", False),
        ("кітап", "тар", True),
        ("кітап", "дар", False),
        ("қала", "ым", False),
        ("Қазақстан".casefold(), "мен", True),
        ("жер", "не", False),
    ],
)
def test_endings_suit_stems(stem, ending, fits):
    assert is_valid_ending(stem, ending) is fits


def test_splits_and_forms():
    assert ("қала", "лардың") in stem_splits("қалалардың")
    assert stem_splits("а") == []
    assert differ_only_in_endings("қалада", "қаланы", "kk")
    assert differ_only_in_endings("договора", "договоров", "ru")
    assert not differ_only_in_endings("brain", "train", "en")


@pytest.mark.parametrize(
    ("word", "front"),
    [("мемлекет", True), ("қала", False), ("біреу", True), ("ми", True), ("", None), ("БҰҰ", None)],
)
def test_the_class_of_a_word(word, front):
    assert is_front(word) is front
