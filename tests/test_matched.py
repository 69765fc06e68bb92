"""Tests of chat/matched.py: which words of a question stand in a quote, in another language too."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.matched import MOST, matched
from index.analysis.terms import asked, terms

ROWS = [
    ("Шекара туралы шарт", "kk", "the border treaty", "en", "Шекара=border шарт=treaty"),
    ("Was a border treaty made?", "en", "Шарт шекара туралы.", "kk", "border=шекара treaty=Шарт"),
    ("Договор о границе?", "ru", "Шекара туралы шарт.", "kk", "Договор=шарт границе=Шекара"),
    ("Назарбаев кім?", "kk", "Nazarbayev was elected.", "en", "Назарбаев=Nazarbayev"),
    ("Who is Nazarbayev?", "en", "Назарбаевтың саясаты", "kk", "Nazarbayev=Назарбаевтың"),
    ("Does NATO help?", "en", "НАТО-мен серіктестік", "kk", "NATO=НАТО-мен"),
    ("Үндістан қайда?", "kk", "India is in Asia.", "en", "Үндістан=India"),
    ("1994 жылы не болды?", "kk", "It was signed in 1994.", "en", "1994=1994"),
    ("Ғарыш пен Байқоңыр", "kk", "Baikonur, space port", "en", "Ғарыш=space Байқоңыр=Baikonur"),
    ("Мұнай қайда?", "kk", "Теңізден мұнаймен толды.", "kk", "Мұнай=мұнаймен"),
    ("Әскер мен көмек", "kk", "Армия жәрдем берді.", "kk", "Әскер=Армия көмек=жәрдем"),
    ("treaty treaty", "en", "Шартта шарт бар.", "kk", "treaty=Шартта"),
    ("Ол және бұл", "kk", "Ол және бұл", "kk", ""),
    ("Үкі қашан ұшады?", "kk", "The border treaty", "en", ""),
    ("Һ ң ө ә", "kk", "", "en", ""),
    ("", "kk", "Үкі түнде ұшады.", "kk", ""),
]  # fmt: skip
WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
WORDS = (
    "шекара шарт Қытай Назарбаевтың мұнай су 1994 25 мамыр жер Үкі ғарыш һәм border treaty"
    " China Nazarbayev's oil water May the договор граница Китай нефть мая BM25-ке ’ - . \u0306"
).split()
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=30)
languages = st.sampled_from(["kk", "en", "ru"])


@pytest.mark.parametrize(("question", "asked_in", "quote", "written_in", "pairs"), ROWS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_words_that_match(question, asked_in, quote, written_in, pairs, form):
    question, quote = (unicodedata.normalize(form, text) for text in (question, quote))
    expected = [tuple(pair.split("=")) for pair in pairs.split()]
    assert matched(question, asked_in, quote, written_in) == expected


def test_there_are_six_pairs_at_most_the_first_of_the_question():
    question = "border treaty war nuclear weapons water oil gas"
    quote = "газ мұнай су қару ядролық соғыс шарт шекара"
    found = matched(question, "en", quote, "kk")
    assert found == list(zip(question.split(), reversed(quote.split()), strict=True))[:MOST]


@given(texts, languages, texts, languages)
def test_pairs_are_words_of_both_in_the_questions_order(question, asked_in, quote, written_in):
    pairs = matched(question, asked_in, quote, written_in)
    assert len(pairs) <= MOST
    ours, theirs = (unicodedata.normalize("NFC", text) for text in (question, quote))
    at = [re.search(rf"(?<![^\W_]){re.escape(one)}(?![^\W_])", ours).start() for one, _ in pairs]
    assert at == sorted(set(at))
    for one, other in pairs:
        assert other in theirs
        found = asked(one, asked_in)
        sought = {*found.of(written_in), *found.concepts}
        assert sought & set(terms(other, written_in))


@given(texts, languages)
def test_a_sentence_matches_itself_word_for_word(text, language):
    """But for stop words, which have no term."""
    pairs = matched(text, language, text, language)
    first = dict.fromkeys(
        re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", unicodedata.normalize("NFC", text))
    )
    with_terms = [word for word in first if asked(word, language).words]
    assert [one for one, _ in pairs] == with_terms[:MOST]
