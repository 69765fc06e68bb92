"""Tests of index/string_table.py: what is found is what a set and a sorted list of strings say."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.string_table import HashBuckets, StringTable, mapped

WORDS = ["дала", "даланың", "Дала", "ұлт", "үкі", "ә", "", "sea", "sеa", "🌍", "\udcff", "й"]
texts = st.text(st.sampled_from("әғқңөұүһі аДa\udcff🌍"), max_size=6)


def through_files(table, folder):
    """Return a table as an index has it: mapped from files."""
    for name, array in table.arrays("сөз").items():
        np.save(folder / f"{name}.npy", array)
    arrays = {path.stem: mapped(path) for path in folder.glob("*.npy")}
    return type(table).of_arrays(arrays, "сөз")


@given(st.lists(texts), st.lists(texts))
def test_a_string_is_found_where_it_stands_and_no_other(strings, others):
    table, in_order = StringTable.of(strings), sorted(set(strings))
    assert [*table] == in_order
    assert len(table) == len(in_order)
    for text in [*strings, *others]:
        place = in_order.index(text) if text in in_order else None
        assert table.place(text) == place
        assert (text in table) == (place is not None)


@given(st.lists(texts), texts)
def test_the_strings_with_a_beginning_stand_together(strings, beginning):
    table = StringTable.of(strings)
    found = [table[place] for place in table.beginning_with(beginning)]
    assert found == [text for text in sorted(set(strings)) if text.startswith(beginning)]
    among = table.beginning_with(beginning[:1])
    assert table.beginning_with(beginning, among) == table.beginning_with(beginning)


@pytest.mark.parametrize("strings", [WORDS, [], [""]])
def test_a_table_is_the_same_from_files(tmp_path, strings):
    table = through_files(StringTable.of(strings), tmp_path)
    assert [*table] == sorted(set(strings))
    assert [table.place(text) for text in table] == [*range(len(table))]
    assert table.place("жоқ") is None


def test_letters_in_parts_are_another_string():
    one, two = (unicodedata.normalize(form, "қайың") for form in ("NFC", "NFD"))
    table = StringTable.of([one])
    assert (one in table, two in table) == (True, False)


@given(st.lists(texts), texts)
def test_all_places_of_a_string_are_among_those_that_are_found(strings, other):
    buckets = HashBuckets.of(strings)
    for text in [*strings, other]:
        there = [place for place, each in enumerate(strings) if each == text]
        places = buckets.places(text)
        assert set(there) <= set(places)
        assert buckets.place(text, strings.__getitem__) in (there or [None])


def test_places_may_be_given(tmp_path):
    buckets = HashBuckets.of(["үкі", "ән", "үкі"], np.array([70, 80, 90]))
    assert through_files(buckets, tmp_path).places("үкі") == [70, 90]


def test_buckets_are_about_as_many_as_strings():
    """So that a look-up touches one or two strings, however many there are."""
    strings = [f"сөз {number}" for number in range(3_000)]
    buckets = HashBuckets.of(strings)
    starts = buckets.arrays("сөз")["сөз.buckets"]
    assert len(strings) <= len(starts) < 2 * len(strings)
    assert np.diff(starts.astype(int)).max() <= 8
    assert [buckets.places(text) for text in strings] == [[place] for place in range(3_000)]
    assert sum(len(buckets.places(f"жоқ {text}")) for text in strings) <= 1
