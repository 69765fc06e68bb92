"""Tests of chat/word_alignment.py: which word of a question is which word of a quote."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.highlight import MAX_PAIRS
from chat.word_alignment import align
from index.analysis.analyzer import query_terms

pytestmark = pytest.mark.model

BORDER_KK = "Қытаймен мемлекеттік шекара туралы шарт 1994 жылы 26 сәуірде жасалды."
BORDER_EN = "The treaty with China on the state border was made on 26 April 1994."

# Question, its language, quote, its language, and pairs that must be found.
ROWS = [
    ("Шекара туралы келісімге қашан қол қойылды?", "kk",
     "The treaty on the border was signed in 1997.", "en", "Шекара=border келісімге=treaty"),
    ("When was the treaty on the border with China made?", "en", BORDER_KK, "kk",
     "treaty=шарт border=шекара China=Қытаймен"),
    ("Когда заключён договор о границе с Китаем?", "ru", BORDER_KK, "kk",
     "договор=шарт границе=шекара Китаем=Қытаймен"),
    ("Какой договор о границе заключён в 1994 году?", "ru", BORDER_EN, "en",
     "договор=treaty границе=border 1994=1994"),
    ("1997 жылы Қытай не істеді?", "kk", "In 1997 China signed it.", "en", "1997=1997 Қытай=China"),
    ("Назарбаев қашан сайланды?", "kk", "Nazarbayev was elected in 1991.", "en",
     "Назарбаев=Nazarbayev сайланды=elected"),
    ("Қытай?", "kk", "China", "en", "Қытай=China"),
    # No word of these is in the glossary: the vectors alone tell.
    ("Чему научили машину Розенблатта с фотоэлементами?", "ru",
     "In 1958 Frank Rosenblatt taught a machine with four hundred photocells to see.", "en",
     "научили=taught машину=machine Розенблатта=Rosenblatt фотоэлементами=photocells"),
    ("Кішкентай қуысты албендазолмен емдей ме?", "kk",
     "A small cavity is treated with albendazole.", "en", "албендазолмен=albendazole"),
]  # fmt: skip
WORDS = (
    "шекара шарт Қытай Назарбаевтың мұнай 1994 26 сәуір Үкі ғарыш һәм және border treaty the China"
    " Nazarbayev's oil water April договор граница Китай нефть о BM25-ке ’ - . \u0306 и\u0306"
    " <b> ** `"
).split()
texts = st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join) | st.text(max_size=20)
languages = st.sampled_from(["kk", "en", "ru"])


def found(question, asked_in, quote, written_in):
    pairs = align(question, asked_in, quote, written_in)
    return [(question[slice(*pair.question)], quote[slice(*pair.quote)]) for pair in pairs]


def expected(pairs, change):
    return {tuple(change(word) for word in pair.split("=")) for pair in pairs.split()}


@pytest.mark.parametrize(("question", "asked_in", "quote", "written_in", "pairs"), ROWS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_words_meet_their_translations(question, asked_in, quote, written_in, pairs, form):
    question, quote = (unicodedata.normalize(form, text) for text in (question, quote))
    wanted = expected(pairs, lambda word: unicodedata.normalize(form, word))
    assert wanted <= set(found(question, asked_in, quote, written_in))


@pytest.mark.parametrize(("question", "asked_in", "quote", "written_in", "pairs"), ROWS[1:4])
def test_capitals_change_nothing(question, asked_in, quote, written_in, pairs):
    wanted = expected(pairs, str.upper)
    assert wanted <= set(found(question.upper(), asked_in, quote.upper(), written_in))


def test_the_two_ends_may_be_changed_for_each_other():
    there = found(BORDER_KK, "kk", BORDER_EN, "en")
    back = found(BORDER_EN, "en", BORDER_KK, "kk")
    assert {pair[::-1] for pair in back} == set(there)
    assert ("шекара", "border") in there


@pytest.mark.parametrize(
    ("question", "asked_in", "quote", "written_in"),
    [
        ("Үкі қашан ұшады?", "kk", "The budget was approved by parliament.", "en"),
        ("Шекара", "kk", "Owl", "en"),
        ("1997 жылы", "kk", "In 1998", "en"),
        ("он екі", "kk", "eleven", "en"),
        ("Ақтөбе туралы айтыңыз", "kk", "Prices in Astana", "en"),
        ("Ол және бұл үшін де?", "kk", "He and for that too?", "en"),
        ("", "kk", "The border", "en"),
        ("Шекара", "kk", "", "en"),
        ("?", "ru", "…", "kk"),
    ],
)
def test_what_does_not_meet_is_not_shown(question, asked_in, quote, written_in):
    assert found(question, asked_in, quote, written_in) == []


def test_the_surest_pairs_are_shown_and_no_more():
    question = "border treaty war weapons water oil gas road"
    quote = "жол газ мұнай су қару соғыс шарт шекара"
    pairs = found(question, "en", quote, "kk")
    assert len(pairs) == MAX_PAIRS
    assert set(pairs) <= set(zip(question.split(), reversed(quote.split()), strict=True))


def test_a_word_that_comes_twice_is_no_rival_of_itself():
    quote = "Мемлекеттік шекара бұзылмайды, өйткені мемлекеттік шекара қорғалады."
    assert ("border", "шекара") in found("Is the state border guarded?", "en", quote, "kk")


def test_of_a_very_long_quote_what_the_model_reads_is_aligned():
    quote = BORDER_EN + " Owls fly at night." * 400
    assert ("шекара", "border") in found("Қытаймен шекара туралы шарт", "kk", quote, "en")


@settings(deadline=None, max_examples=60)
@given(texts, languages, texts, languages)
def test_pairs_are_words_of_both_each_once_in_the_questions_order(
    question, asked_in, quote, written_in
):
    pairs = align(question, asked_in, quote, written_in)
    assert len(pairs) <= MAX_PAIRS
    for side, text in ((0, question), (1, quote)):
        spans = sorted((pair.question, pair.quote)[side] for pair in pairs)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        assert all(re.search(r"[^\W_]", text[slice(*span)]) for span in spans)
    assert [pair.question for pair in pairs] == sorted(pair.question for pair in pairs)
    for pair in pairs:
        word = unicodedata.normalize("NFC", question[slice(*pair.question)])
        assert query_terms(word, asked_in).words or word.isupper()
