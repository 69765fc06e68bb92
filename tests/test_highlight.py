"""Tests of chat/highlight.py: a quote in its paragraph, its words that answer, words shared."""

import re
import unicodedata

import pytest
from fakes import document
from hypothesis import given
from hypothesis import strategies as st

from chat.highlight import MAX_PAIRS, Excerpt, answer_parts, excerpt, matching_words
from index.analysis.analyzer import query_terms, terms
from ingest.document import paragraphs

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
    assert matching_words(question, asked_in, quote, written_in) == expected


def test_there_are_six_pairs_at_most_the_first_of_the_question():
    question = "border treaty war nuclear weapons water oil gas"
    quote = "газ мұнай су қару ядролық соғыс шарт шекара"
    found = matching_words(question, "en", quote, "kk")
    assert found == list(zip(question.split(), reversed(quote.split()), strict=True))[:MAX_PAIRS]


@given(texts, languages, texts, languages)
def test_pairs_are_words_of_both_in_the_questions_order(question, asked_in, quote, written_in):
    pairs = matching_words(question, asked_in, quote, written_in)
    assert len(pairs) <= MAX_PAIRS
    ours, theirs = (unicodedata.normalize("NFC", text) for text in (question, quote))
    at = [re.search(rf"(?<![^\W_]){re.escape(one)}(?![^\W_])", ours).start() for one, _ in pairs]
    assert at == sorted(set(at))
    for one, other in pairs:
        assert other in theirs
        found = query_terms(one, asked_in)
        sought = {*found.of(written_in), *found.concepts}
        assert sought & set(terms(other, written_in))


@given(texts, languages)
def test_a_sentence_matches_itself_word_for_word(text, language):
    """But for stop words, which have no term."""
    pairs = matching_words(text, language, text, language)
    first = dict.fromkeys(
        re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", unicodedata.normalize("NFC", text))
    )
    with_terms = [word for word in first if query_terms(word, language).words]
    assert [one for one, _ in pairs] == with_terms[:MAX_PAIRS]


# --- excerpts -------------------------------------------------------------------------------------

TEXT = "Үкі түнде ұшады.\nҒарыш алыс. Шекара туралы шарт жасалды. Ол ұзақ.\nӨзен ақты."
QUOTE = "Шекара туралы шарт жасалды."
LETTERS = "ә|и\u0306|й|қ ң|ө ұ|үһі|👩\u200d🚀|.| |  |\n|\n\n|\r\n|\r|\t".split("|")
documents = (
    st.lists(st.sampled_from(LETTERS), min_size=1, max_size=30).map("".join).filter(str.strip)
)


def place(text, part):
    return text.index(part), text.index(part) + len(part)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_quote_stands_in_its_paragraph(form):
    text, quote = unicodedata.normalize(form, TEXT), unicodedata.normalize(form, QUOTE)
    first, second, third = text.split("\n")
    cut = excerpt(document(text), place(text, quote), 200, neighbour_characters=200)
    assert (cut.before, cut.text, cut.after) == ("Ғарыш алыс. ", quote, " Ол ұзақ.")
    assert (cut.paragraph_number, cut.paragraph_count) == (2, 3)
    assert (cut.previous_paragraph, cut.next_paragraph) == (first, third)
    assert cut.before + cut.text + cut.after == second


def test_at_the_ends_of_a_document_there_is_no_neighbour():
    first, _, third = TEXT.split("\n")
    for part, neighbours in ((first, (False, True)), (third, (True, False))):
        cut = excerpt(document(TEXT), place(TEXT, part), 200, neighbour_characters=200)
        assert (bool(cut.previous_paragraph), bool(cut.next_paragraph)) == neighbours
        without = excerpt(document(TEXT), place(TEXT, part), 200)
        assert without.previous_paragraph == without.next_paragraph == ""


def test_of_a_long_paragraph_whole_words_are_kept():
    text = f"{'әлем ' * 100}{QUOTE}{' ғарыш' * 100}\n{'Өзен ' * 100}"
    cut = excerpt(document(text), place(text, QUOTE), 160, neighbour_characters=16)
    assert cut.before == f"… {'әлем ' * 31}"
    assert cut.after == f"{' ғарыш' * 26} …"
    assert cut.next_paragraph == "Өзен Өзен Өзен …"


def test_a_place_over_two_paragraphs_ends_in_the_second():
    start, end = place(TEXT, "жасалды. Ол ұзақ.\nӨзен")
    cut = excerpt(document(TEXT), (start, end), 200)
    assert cut.before == "Ғарыш алыс. Шекара туралы шарт "
    assert cut.after == " ақты."
    assert (cut.paragraph_number, cut.paragraph_count) == (2, 3)


@given(documents, st.data(), st.integers(0, 20), st.integers(0, 20))
def test_whatever_is_cut_the_place_is_whole_and_the_rest_stands_beside_it(text, data, most, near):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    cut = excerpt(document(text), (start, end), most, neighbour_characters=near)
    assert cut.text == text[start:end]
    assert text[:start].endswith(cut.before.removeprefix("… "))
    assert text[end:].startswith(cut.after.removesuffix(" …"))
    for part, longest in ((cut.before, most), (cut.after, most), (cut.next_paragraph, near)):
        assert len(part) <= longest + len("… ")
    assert 1 <= cut.paragraph_number <= cut.paragraph_count == len(paragraphs(text))
    again = excerpt(
        document(text), (start, end), most, neighbour_characters=near,
        paragraph_spans=paragraphs(text),
    )  # fmt: skip
    assert again == cut


@given(documents, st.data())
def test_a_quote_is_cut_at_the_words_that_answer(text, data):
    bounds = st.lists(st.integers(0, len(text)), min_size=4, max_size=4).map(sorted)
    start, *answer, end = data.draw(bounds)
    quote = text[start:end]
    parts = answer_parts(quote, start, tuple(answer))
    assert "".join(parts) == quote
    assert parts[1] == text[slice(*answer)]
    assert len(parts[0]) == answer[0] - start
    assert answer_parts(quote, start, None) == (quote, "", "")


def test_a_document_of_white_space_is_one_paragraph():
    assert excerpt(document(" \n"), (0, 1), 9) == Excerpt(1, 1, "", " ", "\n")
