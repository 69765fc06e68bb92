"""Tests of eval/metrics/short_answer.py: SQuAD's two figures by hand, strict with endings."""

from unicodedata import normalize

import pytest
from fakes import answered, case, document
from hypothesis import given
from hypothesis import strategies as st

from eval.dataset import Example
from eval.metrics.short_answer import (
    exact_match,
    figures,
    reference_answers,
    token_f1,
    words,
)

KAZAKH = "Әлемде ғылым, қыран, жаңа, өнер, ұлт, үміт, һәм ізгі"
TEXTS = st.text(
    st.sampled_from("аәйқңҰ и\u0306«»'’-–.,%125\n\tThe№½") | st.characters(codec="utf-8")
)


def told(said, *answers, language="kk", need="any", **named):
    """Return exact match, F1 and F1 of stems of an answer; None if it is not measured."""
    has_llm = named.pop("has_llm", False)
    example = Example("1", "Қай өзен?", "kk", answers=answers, need=need, **named)
    cited = [(document(said, language=language), (0, len(said)))] if said else []
    found = figures(case(example, answered(*cited, short=said), has_llm=has_llm))
    assert list(found) in ([], [f"short_answer_{name}" for name in ("exact", "f1", "stem_f1")])
    return [*found.values()] or None


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KAZAKH.upper(), "әлемде ғылым қыран жаңа өнер ұлт үміт һәм ізгі"),
        (normalize("NFD", "АБАЙ ойлы, ёлка"), "абай ойлы ёлка"),
        (" «Ұлы  Дала»\u00a0– \n елі! ", "ұлы дала елі"),
        ("НАТО-ның, 1994-жылы", "натоның 1994жылы"),
        ("1949–1963, 1949-1963", "19491963 19491963"),
        ("1,5 млрд. $ 25%", "15 млрд 25"),
        ("№ 5, ½, ﬁ, Ⅳ", "no 5 1⁄2 fi iv"),
        ("the a an", "the a an"),
        ("…", ""),
        ("", ""),
    ],
)
def test_words(text, expected):
    assert " ".join(words(text)) == expected


def test_articles_are_left_out_of_english_alone():
    assert words("The “Irtysh”, a river", english=True) == ["irtysh", "river"]
    assert words("an ülken", english=False) == ["an", "ülken"]
    assert words("а сол АН", english=True) == ["а", "сол", "ан"], "Cyrillic"


@given(TEXTS)
def test_spelling_and_case_change_nothing(text):
    assert words(normalize("NFD", text)) == words(normalize("NFC", text)) == words(text)
    assert words(" ".join(words(text))) == words(text)


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answers", "exact", "f1", "stems"),
    [
        ("«ЕРТІС» өзені.", ["Ертіс өзені"], 1, 1, 1),
        ("Ертіс өзені", ["Ертіс"], 0, 2 * 1 / (2 + 1), 2 * 1 / (2 + 1)),
        ("Ертіс", ["Іле", "Ертіс", "Ертіс өзені"], 1, 1, 1),
        ("Қара Ертіс", ["Ертіс өзені", "Қара Ертіс өзені"], 0, 2 * 2 / (2 + 3), 2 * 2 / (2 + 3)),
        ("өзені Ертіс", ["Ертіс өзені"], 0, 1, 1),
        # Another ending is another word, but not another stem.
        ("Назарбаевтың", ["Назарбаев"], 0, 0, 1),
        ("Назарбаев", ["Назарбаевтың"], 0, 0, 1),
        ("қалалардың кітабы", ["қала кітап"], 0, 0, 1),
        ("1994 жылғы сәуірде", ["1994 жылғы сәуір"], 0, 2 * 2 / (3 + 3), 1),
        ("ала ала ала", ["ала ала"], 0, 2 * 2 / (3 + 2), 2 * 2 / (3 + 2)),
        ("ала", ["ала ала"], 0, 2 * 1 / (1 + 2), 2 * 1 / (1 + 2)),
        ("Іле", ["Ертіс"], 0, 0, 0),
        ("", ["Ертіс"], 0, 0, 0),
        (normalize("NFD", "Абай атындағы"), ["АБАЙ АТЫНДАҒЫ"], 1, 1, 1),
    ],
)
def test_figures_by_hand(said, answers, exact, f1, stems):
    assert told(said, *answers) == [exact, pytest.approx(f1), pytest.approx(stems)]


def test_articles_count_where_a_kazakh_document_is_quoted():
    assert told("the Irtysh", "Irtysh", language="en")[:2] == [1, 1]
    assert told("the Irtysh", "Irtysh", language="kk")[:2] == [0, 2 * 1 / (2 + 1)]


@pytest.mark.parametrize("letter", "әғқңөұүһі")
def test_no_kazakh_letter_is_taken_for_its_neighbour(letter):
    plain = dict(zip("әғқңөұүһі", "агкноуухи", strict=True))[letter]
    assert told(f"т{letter}м", f"т{plain}м")[:2] == [0, 0]
    assert told(f"Т{letter.upper()}М", f"т{letter}м")[:2] == [1, 1]


def test_several_parts_are_needed_together():
    answers = ("1991", "2008", "1991 and 2008")
    example = Example("1", "?", "en", answers=answers, need="all")
    assert reference_answers(example) == ["1991 and 2008", "1991 2008"]
    assert told("1991", *answers, need="all")[0] == 0
    assert told("1991; 2008", *answers, need="all")[0] == 1
    assert told("1991 and 2008", *answers, need="all")[0] == 1
    assert told("1991", *answers, need="any")[0] == 1
    assert told("екеуі", "екеуі", need="all")[0] == 1, "one answer that holds them all"


def test_nothing_is_told_where_no_short_answer_is_known_or_given():
    assert told("Ертіс") is None
    assert told("Ертіс", "Ертіс", answerable=False) is None
    assert told("бар", "иә", tags=("kk->kk", "yes-no")) is None
    assert told("", "Ертіс", has_llm=True) is None


def test_an_answer_without_words_is_met_by_saying_nothing():
    assert exact_match([], []) == token_f1([], []) == 1
    assert token_f1(["ә"], []) == token_f1([], ["ә"]) == 0


WORDS = st.lists(st.sampled_from(["ән", "күй", "жыр"]), max_size=6)


@given(WORDS, WORDS)
def test_f1_is_the_harmonic_mean(said, expected):
    shared = sum(min(said.count(word), expected.count(word)) for word in set(said))
    if not shared:
        assert token_f1(said, expected) == (not said and not expected)
        return
    precision, recall = shared / len(said), shared / len(expected)
    assert token_f1(said, expected) == pytest.approx(2 * precision * recall / (precision + recall))
    assert token_f1(said, expected) == token_f1(expected, said)
