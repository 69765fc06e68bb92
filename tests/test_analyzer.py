"""Terms: words, numbers, and the concepts that bridge Kazakh, English and Russian."""

import unicodedata
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from other_letters import LOOK_ALIKE

from index.analysis.analyzer import ANALYZER, PREFIX_LETTERS, query_terms, terms
from index.analysis.lexicon import concepts

ROOT = Path(__file__).parent.parent


def test_terms_are_beginnings_numbers_and_concepts():
    text_terms = set(terms("Қазақстанның 1,5 млн. шекарасы", "kk"))
    assert {"Қазақстанның".lower()[:PREFIX_LETTERS], "#1500000", "шекар"} <= text_terms
    assert set(concepts("шекара", "kk")) <= text_terms


def test_stop_words_carry_no_weight():
    assert terms("және не үшін қандай", "kk") == []
    assert terms("What is the", "en") == []
    assert terms("и в на что", "ru") == []


def test_a_question_is_words_at_home_and_concepts_abroad():
    question = query_terms("Шекара туралы 1994 жылғы шарт қайда жасалды?", "kk")
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
    shared = set(query_terms(question, language).of(other)) & set(terms(text, other))
    assert any(term[0] in "#~" for term in shared)


def test_decomposed_text_gives_the_same_terms():
    text = "Семейдің әйгілі ғалымы, Өзбекстанның мәдениеті"
    assert terms(unicodedata.normalize("NFD", text), "kk") == terms(text, "kk")


def test_look_alike_letters_give_the_same_terms():
    text = "Семейдің әйгілі ғалымы, Өзбекстанның мәдениеті, теңіз һәм ұлт"
    assert terms(text.translate(LOOK_ALIKE), "kk") == terms(text, "kk")


def test_the_name_tells_by_which_counts_of_letters_texts_are_respelt():
    tables = ("index/analysis/kazakh_letters.tsv", "ingest/kazakh_in_latin.tsv")
    data = b"".join((ROOT / path).read_bytes() for path in tables)
    assert ANALYZER.endswith(f"-{crc32(data):08x}")


@given(st.text(), st.sampled_from(["kk", "en", "ru"]))
def test_no_term_is_empty_whatever_the_text(text, language):
    assert all(terms(text, language))
    assert all(query_terms(text, language).words)
