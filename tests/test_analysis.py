"""Terms: words, numbers, and the concepts that bridge Kazakh, English and Russian."""

import unicodedata
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.glossary import concepts, stem
from index.analysis.suffix import is_suffixes
from index.analysis.terms import PREFIX_LETTERS, asked, terms

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
    found = [
        set(concepts(word, lang))
        for word, lang in ((kazakh, "kk"), (english, "en"), (russian, "ru"))
    ]
    assert found[0] & found[1] & found[2]


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


@pytest.mark.parametrize("rest", ["", "лар", "ларымыздың", "ымыздағы", "ына", "сының", "лық", "ды"])
def test_chains_of_suffixes(rest):
    assert is_suffixes(rest)


@pytest.mark.parametrize("rest", ["граф", "ұстан", "хх", "лары7", "ө"])
def test_no_chains_of_suffixes(rest):
    assert not is_suffixes(rest)


def test_terms_are_beginnings_numbers_and_concepts():
    found = terms("Қазақстанның 1,5 млн. шекарасы", "kk")
    number = f"#{15 * 10**5}"
    assert {"Қазақстанның".lower()[:PREFIX_LETTERS], number, "шекар"} <= set(found)
    assert set(concepts("шекара", "kk")) <= set(found)


def test_stop_words_carry_no_weight():
    assert terms("және не үшін қандай", "kk") == []
    assert terms("What is the", "en") == []
    assert terms("и в на что", "ru") == []


def test_a_question_is_words_at_home_and_concepts_abroad():
    question = asked("Шекара туралы 1994 жылғы шарт қайда жасалды?", "kk")
    assert "шекар" in question.of("kk")
    assert not any(term.startswith("=") for term in question.of("kk"))
    assert set(concepts("шекара", "kk")) <= set(question.of("en"))
    assert "шекар" not in question.of("en")
    assert "#1994" in question.of("en")


@pytest.mark.parametrize(
    ("question", "language", "text", "other"),
    [
        ("Which ten Asian countries?", "en", "Азияның он елін біріктіретін ұйым", "kk"),
        ("What was signed on May 25, 1992?", "en", "1992 жылғы 25 мамырда қол қойылды", "kk"),
        ("Что было в мае 1992 года?", "ru", "1992 жылғы 25 мамырда қол қойылды", "kk"),
        ("Ермекбаев не деді?", "kk", "Deputy Foreign Minister Nurlan Ermekbayev said", "en"),
        ("1,5 миллиард тонна", "kk", "1.5 billion tonnes", "en"),
    ],
)
def test_numbers_dates_and_names_cross_languages(question, language, text, other):
    shared = set(asked(question, language).of(other)) & set(terms(text, other))
    assert any(term[0] in "#~" for term in shared)


def test_decomposed_text_gives_the_same_terms():
    text = "Семейдің әйгілі ғалымы, Өзбекстанның мәдениеті"
    assert terms(unicodedata.normalize("NFD", text), "kk") == terms(text, "kk")


@given(st.text(), st.sampled_from(["kk", "en", "ru"]))
def test_terms_never_fail_and_are_never_empty(text, language):
    assert all(terms(text, language)) or not terms(text, language)


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
