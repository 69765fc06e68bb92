"""Tests of ingest/letter_statistics.py and of the counts that it reads."""

import json
import unicodedata
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.letter_pairs import counted
from ingest.letter_statistics import PAIRS_FILE, legibility, words_of

REAL = {
    "kk": "Ұлы даланың көне жолдары әлі де үнсіз жатыр, һәм ғажап, ішкі сыры терең",
    "ru": "Старые дороги великой степи молчат и теперь, объём и глубина их тайны неясны",
    "en": "The old roads of the great steppe are silent even now, and keep their secrets",
}


def test_the_counts_that_ship_are_those_of_the_passages():
    shipped = (resources.files("ingest") / PAIRS_FILE).read_text("utf-8")
    assert json.loads(shipped) == counted()


@pytest.mark.parametrize("language", REAL)
def test_a_text_reads_best_in_its_own_language(language):
    words = words_of(REAL[language])
    means = {each: legibility(words, [each]).mean for each in REAL}
    assert max(means, key=means.get) == language
    assert legibility(words).likelihood >= legibility(words, [language]).likelihood
    assert legibility(words).mean > -3 > legibility([word[::-1] for word in words]).mean


@pytest.mark.parametrize("text", [*REAL.values(), "ЙОД, йод", "Ёлка"])
def test_capitals_and_decomposed_letters_make_no_difference(text):
    for form in ("NFC", "NFD"):
        assert words_of(unicodedata.normalize(form, text)) == words_of(text)
    assert words_of(text.upper()) == words_of(text.lower())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("«Қазақ» – 5 №1", ["*қазақ*", "*", "#"]),
        ("қАЗАҚ ҚазМұнай", ["қ^азақ", "қаз^мұнай"]),
        (
            "M„dchen Bras”lia “one” „бір“ №5 §а",
            ["m?dchen", "bras?lia", "*one*", "*бір*", "#", "?а"],
        ),
        (
            "a\u00a0b, в\u00a0степи it’s day—night 5\u00a0км",
            ["a?b", "в*степи", "it*s", "day*night", "*км"],
        ),
        ("ќазаќ ¶ \x01", ["?аза?", "?", "?"]),
        ("a*b#c^d?e", ["a", "b", "c", "d", "e"]),
        ("don\u2019t don't", ["don*t", "don", "t"]),
    ],
)
def test_words_are_in_the_symbols_that_are_counted(text, words):
    assert words_of(text) == words
    unmarked = [part for word in words for part in word.split("*") if part]
    assert words_of(text, marked=False) == unmarked


def test_letters_that_no_language_has_are_much_less_likely():
    assert (
        legibility(words_of("Ќазаќстан")).likelihood
        < legibility(words_of("Қазақстан")).likelihood - 15
    )


def test_no_words_are_no_evidence():
    assert legibility([]) == (0.0, 0)
    assert legibility([]).mean == 0


@given(st.text())
def test_any_text_has_a_reading(text):
    found = legibility(words_of(text))
    assert found.likelihood <= 0
    assert found.pairs == sum(len(word) + 1 for word in words_of(text))
