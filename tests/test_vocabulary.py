"""Tests of index/analysis/vocabulary.py: what arrays tell of words is what the words themselves do.

What spelling makes of it is tested in tests/test_spelling.py.
"""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.lexicon import stopwords
from index.analysis.spelling import Speller, count_words
from index.analysis.suffixes import stem_candidates
from index.analysis.transliteration import skeleton
from index.analysis.vocabulary import Vocabulary, _lexicon_counts, _lexicon_stems, _stems
from index.string_table import mapped
from ingest.loader import read_shipped

KAZAKH = "дала даланың далаларымызға өзен өзендер үкілер ғылым ғылыми қазақстанның әке һәм іңір ұлт"
OTHER = "borders quivving zorblets договора ёлка пограничного ковыль x sea"
words = st.dictionaries(st.sampled_from(f"{KAZAKH} {OTHER}".split()), st.integers(1, 500))
asked = st.text(st.sampled_from("далнөзеұкғқһімborsёвг"), min_size=1, max_size=9)


@given(words, asked)
def test_words_are_counted_as_they_are_given(counts, other):
    vocabulary = Vocabulary.of(counts)
    for word in [*counts, other, "және", "шекара"]:
        of_lexicon = _lexicon_counts("kk").get(word, 0)
        assert vocabulary.count(word, "kk") == max(counts.get(word, 0), of_lexicon)
        assert vocabulary.has(word, "kk") == (word in counts or of_lexicon > 0)
        is_cyrillic = "Ѐ" <= word[0] <= "ӿ"
        expected = max(counts.get(word, 0) if is_cyrillic else 0, of_lexicon)
        assert vocabulary.kazakh_count(word) == expected


@given(words, asked)
def test_stems_are_those_of_the_words_and_of_the_lexicon(counts, other):
    vocabulary, stems = Vocabulary.of(counts), _stems(counts)
    for stem in [*stems, other]:
        assert vocabulary.stem_count(stem) == stems.get(stem, 0)
    for letters in {skeleton(stem) for stem in [*counts, other, "шекара"]}:
        expected = {stem for stem in stems if skeleton(stem) == letters}
        assert {*vocabulary.stems_of_skeleton(letters)} == expected
        kazakh = {*_lexicon_counts("kk"), *(word for word in counts if word[0] > "ʰ")}
        found = {word for word in kazakh if skeleton(word) == letters}
        assert {*vocabulary.words_of_skeleton(letters)} == found


@given(words, st.sampled_from(["дал", "дала", "өзе", "үкі", "zor", "x", "жоқ"]))
def test_words_with_a_beginning_are_found(counts, letters):
    found = [*Vocabulary.of(counts).words_beginning(letters)]
    assert found == sorted(word for word in counts if word.startswith(letters))


@pytest.mark.parametrize(
    ("word", "language", "is_plausible"),
    [
        ("далаларда", "kk", True),  # A stem with other endings.
        ("қазаққлар", "kk", False),
        ("қазақстлар", "kk", True),  # The beginning of a word, with an ending.
        ("zorbling", "en", False),
        ("zorblet", "en", True),
        ("ковылью", "ru", True),
        ("ковша", "ru", False),
    ],
)
def test_a_word_that_shares_a_stem_is_plausible(word, language, is_plausible):
    vocabulary = Vocabulary.of(count_words([KAZAKH, OTHER]))
    assert vocabulary.is_plausible(word, language) == is_plausible


def test_of_the_lexicon_nothing_is_written(tmp_path):
    """It is the program's own: what an index holds grows with its own words."""
    assert not any(len(array) > 2 for array in Vocabulary.of({}).arrays().values())
    known = {stem for language in ("en", "ru") for stem in stem_candidates("дала", language)}
    own = Vocabulary.of({"дала": 1})._strings
    assert {*own} <= {*known, *_stems({"дала": 1})} - {*_lexicon_stems()} | {"дала"}
    assert Vocabulary.of({}).has("және", "kk")
    assert "және" in stopwords("kk")


def test_from_files_it_respells_the_same(tmp_path):
    counts = count_words(document.text for document in read_shipped().documents)
    vocabulary = Vocabulary.of(counts)
    for name, array in vocabulary.arrays().items():
        np.save(tmp_path / f"{name}.npy", array)
    again = Vocabulary.of_arrays({path.stem: mapped(path) for path in tmp_path.glob("*.npy")})
    asked = [word for word, _ in Counter(counts).most_common(120) if len(word) > 5]
    for spoil in (str.upper, lambda word: word[:2] + word[3:], lambda word: word + word[-1]):
        for word in map(spoil, asked):
            for language in ("kk", "en", "ru"):
                expected = Speller(vocabulary).repair(word, language)
                assert Speller(again).repair(word, language) == expected
