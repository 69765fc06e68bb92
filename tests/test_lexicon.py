"""The lexicon: words that mean the same in Kazakh, English and Russian, and stop words."""

import unicodedata
from importlib import resources

import pytest

from index.analysis.lexicon import concepts, stem, stopwords, voiced

BRIDGES = [
    # Kazakh, English, Russian, as they stand in texts, with their endings.
    ("шекарасының", "borders", "границей"),
    ("шарттарға", "treaties", "договоров"),
    ("Қытаймен", "China", "Китаем"),
    ("теңізі", "seas", "морей"),
    ("мұнайды", "oil", "нефть"),
    ("тәуелсіздігін", "independence", "независимости"),
    ("қауіпсіздікті", "security", "безопасность"),
    ("армияны", "army", "армию"),
    ("қыркүйекте", "September", "сентябре"),
    ("Назарбаевтың", "Nazarbayev", "Назарбаева"),
    ("кітабы", "books", "книги"),
    ("өзеннің", "river", "реки"),
    ("елшілермен", "ambassadors", "послами"),
    ("ядролық", "nuclear", "ядерное"),
    ("БҰҰ", "UN", "ООН"),
]


@pytest.mark.parametrize(("kazakh", "english", "russian"), BRIDGES)
def test_words_that_mean_the_same_share_a_concept(kazakh, english, russian):
    assert set(concepts(kazakh, "kk")) & set(concepts(english, "en")) & set(concepts(russian, "ru"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("шекара", "kk"), ("peace", "en")),
        (("теңіз", "kk"), ("steppe", "en")),
        (("мир", "ru"), ("war", "en")),
        (("құс", "kk"), ("fish", "en")),
    ],
)
def test_words_that_differ_share_none(first, second):
    assert not set(concepts(*first)) & set(concepts(*second))


def test_an_acronym_needs_its_capitals():
    assert concepts("US", "en")
    assert not set(concepts("us", "en")) & set(concepts("US", "en"))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("шекарасының", "шекара"),
        ("мұнайымыздан", "мұнай"),
        ("қаласындағы", "қала"),
        ("кітабынан", "кітаб"),
        ("ғғғғғ", "ғғғғғ"),
    ],
)
def test_the_longest_known_stem_is_found(word, expected):
    assert stem(word, "kk") == expected


@pytest.mark.parametrize("word", ["процестерге", "қоюдан", "қызықтырмай"])
def test_the_stemmer_finds_concepts_that_no_chain_of_suffixes_leads_to(word):
    assert concepts(word, "kk")


@pytest.mark.parametrize(
    ("word", "expected"),
    [("кітап", "кітаб"), ("жүрек", "жүрег"), ("халық", "халығ"), ("қала", "қала")],
)
def test_a_last_consonant_is_voiced_before_a_vowel(word, expected):
    assert voiced(word) == expected


@pytest.mark.parametrize("language", ["kk", "en", "ru"])
def test_stop_words_are_folded_and_composed(language):
    words = stopwords(language)
    assert len(words) > 50
    assert all(word == unicodedata.normalize("NFC", word.casefold()) for word in words)


def test_the_glossary_is_well_formed():
    """Three columns, NFC, no look-alike letters, no empty or doubled variants, no line twice."""
    lines = (resources.files("index.analysis") / "glossary.tsv").read_text("utf-8").splitlines()
    assert len(lines) > 1500
    assert len(set(lines)) == len(lines)
    for line in lines:
        assert unicodedata.is_normalized("NFC", line)
        columns = [column.split(";") for column in line.split("\t")]
        assert len(columns) == 3, line
        for variants, script in zip(columns, ("CYRILLIC", "LATIN", "CYRILLIC"), strict=True):
            assert len(set(variants)) == len(variants), line
            letters = [letter for variant in variants for letter in variant if letter.isalpha()]
            assert letters, line
            assert all(unicodedata.name(letter).startswith(script) for letter in letters), line
            assert not any(" " in variant or not variant for variant in variants), line


def test_what_a_question_asks_with_is_no_topic():
    assert {*"такое такой такая такие такого такую таких".split()} <= stopwords("ru")
    assert {*"дегеніміз не қандай неше".split()} <= stopwords("kk")
    assert {*"what is a an the".split()} <= stopwords("en")
