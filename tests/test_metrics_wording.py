"""Wordings: Kazakh letters and suffixes, numbers, token F1, chrF as sacrebleu has it."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.wording import (
    MAX_SUFFIX,
    chrf,
    contains_answer,
    folded,
    normalised,
    token_f1,
)
from ingest.loader import read_shipped

KAZAKH = "Әлемде ғылым, қыран, жаңа, өнер, ұлт, үміт, һәм ізгі"
# ә ғ қ ң ө ұ ү һ і have no decomposed form, but й, ё and stressed vowels do.
COMPOSED = "Абай, ойлы, ёлка, naïve"
TEXTS = st.text(
    st.sampled_from("аәйқ нҰа\u0306и«»'’-–.,%1250\n\tThe") | st.characters(codec="utf-8")
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Қазақ \n\t елі\u00a0\u2009бар ", "Қазақ елі бар"),
        ("«Ұлы» “дала” „елі‟ ″x″", '"Ұлы" "дала" "елі" "x"'),
        ("Kazakhstan’s ‘sky’ `x´", "Kazakhstan's 'sky' 'x'"),
        ("1949–1963 — 5 − 2 ‑ 1", "1949-1963 - 5 - 2 - 1"),
        (normalize("NFD", COMPOSED), COMPOSED),
        (KAZAKH, KAZAKH),
        ("Қазақстан, 25%! ², ﬁ…", "Қазақстан, 25%! ², ﬁ…"),
        ("iс қaзaқ", "iс қaзaқ"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_normalised(text, expected):
    assert normalised(text) == expected


@given(TEXTS)
def test_normalising_again_changes_nothing(text):
    once = normalised(text)
    assert normalised(once) == once == normalize("NFC", once)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("«Қазақ Елі»!", "қазақ елі"),
        (KAZAKH.upper(), "әлемде ғылым қыран жаңа өнер ұлт үміт һәм ізгі"),
        (normalize("NFD", COMPOSED), "абай ойлы ёлка naïve"),
        ("Аба\u0301й", "аба\u0301й"),
        ("1,5 млрд. 2.5 25.05.1992", "1.5 млрд 2.5 25.05.1992"),
        ("1994-жылы 25-ші 78-і 25-ШІ", "1994жылы 25ші 78і 25ші"),
        ("47-сессиясында 200–210 1949-1963", "47 сессиясында 200 210 1949 1963"),
        ("НАТО-ның АҚШ–пен Азия-АҚШ-пен", "натоның ақшпен азия ақшпен"),
        ("әскери-саяси Asia-Pacific В-Ресей АҚШ-РФ", "әскери саяси asia pacific в ресей ақш рф"),
        ("СШҚ-1Шартына 150млн. COVID-19-дан", "сшқ 1шартына 150млн covid 19дан"),
        ("серіктестік”бағдарлама", "серіктестік бағдарлама"),
        ("Kazakhstan's O’Neill 'x'", "kazakhstans oneill x"),
        ("25%-ы, 5 $ № 3", "25 % ы 5 $ № 3"),
        ("snake_case -- …", "snake case"),
        ("", ""),
    ],
)
def test_folded(text, expected):
    assert folded(text) == expected


SUFFIXES = ["", "тың", "ға", "пен", "дардың", "дарымызд"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_suffix_is_tolerated(suffix):
    said = f"Назарбаев{suffix}"
    assert len(suffix) <= MAX_SUFFIX
    assert token_f1(said, ["Назарбаев"]) == 1
    assert contains_answer(f"Ол {said} айтты.", ["Назарбаев"])


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Назарбаевтардікісі", "Назарбаев"),  # nine letters more
        ("Назарбаев", "Назарбаевтың"),
        ("Нұрназарбаев", "Назарбаев"),
        ("250", "25"),
        ("1925", "25"),
        ("2.5", "25"),
        ("25,5", "25"),
        ("2.5", "5"),
        ("СШҚ1", "СШҚ"),
        ("10²", "10"),
        ("Абаи", "Абай"),
    ],
)
def test_what_is_not_found(said, answer):
    assert token_f1(said, [answer]) == 0
    assert not contains_answer(f"«{said}» деді.", [answer])


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("1994-жылы", "1994"),
        ("1994жылы", "1994"),
        ("25-ші", "25"),
        ("25-i", "25"),
        ("1,5", "1.5"),
        ("1.5-тен", "1,5"),
        ("НАТО-ның", "НАТО"),
        ("ҒЫЛЫМНЫҢ", "ғылым"),
        ("Хельсинкиде", normalize("NFD", "Хельсинки")),
        (normalize("NFD", "Абайдың"), "Абай"),
        ("«Ұлттық мүддесіне.»", "ұлттық мүдде"),
        ("Kazakhstan's", "Kazakhstan"),
    ],
)
def test_what_is_found(said, answer):
    assert token_f1(said, [answer]) == 1
    assert contains_answer(f"Ол {said}, деді.", [answer])


@pytest.mark.parametrize("letter", "әғқңөұүһі")
def test_no_kazakh_letter_is_taken_for_its_neighbour(letter):
    plain = dict(zip("әғқңөұүһі", "агкноуухи", strict=True))[letter]
    assert token_f1(f"т{letter}м", [f"т{plain}м"]) == 0
    assert not contains_answer(f"т{letter}м", [f"т{plain}м"])
    assert token_f1(f"Т{letter.upper()}М", [f"т{letter}м"]) == 1


@pytest.mark.parametrize(
    ("said", "answers", "expected"),
    [
        ("1994 жылы", ["1994"], 2 * 1 / (2 + 1)),
        ("Абай Құнанбаев", ["Құнанбаев Абай"], 1),
        ("Абай мен Абай", ["Абай"], 2 * 1 / (3 + 1)),
        ("Абай", ["Абай Абай"], 2 * 1 / (1 + 2)),
        ("the sky is blue", ["a blue sky"], 2 * 2 / (3 + 2)),
        ("ұлттық мүддесіне", ["ұлттық-мемлекеттік мүдде", "қ"], 2 * 2 / (2 + 3)),
        ("мүддесі мүдде", ["мүдде мүддес"], 1),  # the longer takes the longer
        ("балаларымызға балалар", ["ба балалар"], 1),  # and leaves «балалар», which «ба» needs
        ("Алматыда", ["Астана", "Алматы қаласы"], 2 * 1 / (1 + 2)),
        ("The Republic of Kazakhstan", ["republic of Kazakhstan."], 1),
        ("a treaty", ["an treaty"], 1),
        ("а шарт", ["шарт"], 2 * 1 / (2 + 1)),  # Cyrillic: no article
        ("25%", ["25"], 1),
        ("жоқ", ["бар"], 0),
        ("", [], 1),
        ("", [""], 1),
        ("", ["–"], 1),
        ("The…", ["–"], 1),
        ("", ["Абай"], 0),
        ("", ["", "Абай"], 0),
        ("Абай", [], 0),
        ("Абай", ["", "–"], 0),
    ],
)
def test_token_f1(said, answers, expected):
    assert token_f1(said, answers) == pytest.approx(expected)


WORDS = st.lists(
    st.sampled_from(["б", "ба", "бал", "балаларымы", "бала2", "2", "2б", "га"]), max_size=6
)


def most_pairs(said, expected):
    """Return the size of the largest matching, by trying everything."""
    if not expected:
        return 0
    first, rest = expected[0], expected[1:]
    options = [
        1 + most_pairs(said[:at] + said[at + 1 :], rest)
        for at, word in enumerate(said)
        if token_f1(word, [first])
    ]
    return max([most_pairs(said, rest), *options])


@given(WORDS, WORDS)
def test_f1_pairs_as_many_words_as_can_be(said, expected):
    f1 = token_f1(" ".join(said), [" ".join(expected)])
    if said and expected:
        assert f1 == 2 * most_pairs(said, expected) / (len(said) + len(expected))
    else:
        assert f1 == (said == expected)


SACREBLEU = [
    # sacrebleu 2.6.0, CHRF().sentence_score(said, answers).score, nc:6|nw:0|space:no|eff:yes
    ("Назарбаевтың", ["Назарбаев"], 91.1574824683062),
    ("1994 жылы", ["1994"], 74.22630560928432),
    ("Н.Ә. Назарбаев пен Б.Н Ельцин", ["Назарбаев пен Ельцин"], 75.66037774782684),
    ("The Republic of Kazakhstan", ["Republic of Kazakhstan", "Kazakhstan"], 96.6586836331179),
    ("ұлттық мүдде", ["ұлттық-мемлекеттік мүддесіне"], 27.075219394830047),
    ("ға", ["қай"], 17.857142857142854),
    ("аб", ["аб"], 100.0),
    ("", ["Абай"], 0.0),
    ("Абай", [""], 0.0),
    ("Абай", ["abay"], 0.0),
]


@pytest.mark.parametrize(("said", "answers", "percent"), SACREBLEU)
def test_chrf_is_sacrebleus(said, answers, percent):
    assert chrf(said, answers) == pytest.approx(percent / 100, abs=1e-6)


def test_chrf_by_hand():
    # n = 1: а, б in common; n = 2: аб; longer ones fit into neither or one text only.
    precision, recall = (2 / 2 + 1 / 1) / 2, (2 / 3 + 1 / 2) / 2
    expected = (1 + 2**2) * precision * recall / (2**2 * precision + recall)
    assert chrf("а б", ["абв"]) == pytest.approx(expected)


def test_chrf_does_not_mind_the_encoding_and_has_a_value_for_nothing():
    assert chrf(normalize("NFD", COMPOSED), [COMPOSED]) == 1
    assert chrf("", []) == chrf("", [""]) == chrf("Абай", []) == 0


QUOTE = "1994 жылғы 10 ақпанда Н.Ә.Назарбаевтың, Б.Клинтонның қолы қойылды; 25%-ы – 1,5 млн. АҚШ-қа"


@pytest.mark.parametrize(
    "answer",
    [
        "1994",
        "1994 жыл",
        "1994 жылғы 10 ақпан",
        "Н.Ә. Назарбаев",
        "назарбаев",
        "қол қойылды",
        "25%",
        "25 %",
        "1.5 млн",
        "АҚШ",
        normalize("NFD", "жылғы 10"),
    ],
)
def test_a_quote_contains_answer_an_answer(answer):
    assert contains_answer(QUOTE, [answer])
    assert contains_answer(QUOTE, ["жоқ нәрсе", "", answer])
    assert contains_answer(QUOTE.upper(), [answer])
    assert contains_answer(normalize("NFD", QUOTE), [answer])


@pytest.mark.parametrize(
    "answer",
    [
        "199",
        "94",
        "994",
        "0",
        "5",
        "1",
        "15",
        "5%",
        "10%",
        "пан",
        "жылғы ақпан",
        "10 1994",
        "",
        "–",
    ],
)
def test_a_quote_does_not_hold_what_only_looks_alike(answer):
    assert not contains_answer(QUOTE, [answer])


@pytest.mark.parametrize(
    "quote", ["Назарбаев пен Ельцин", "Назарбаевтың пенен Ельцинге", "назарбаев, пен ЕЛЬЦИНМЕН"]
)
def test_every_word_of_an_answer_may_have_a_suffix(quote):
    assert contains_answer(quote, ["Назарбаев пен Ельцин"])


def test_nothing_contains_answer_nothing():
    assert not contains_answer("", ["Абай"])
    assert not contains_answer("", [""])
    assert not contains_answer("Абай", [])


def test_a_document_contains_answer_each_of_its_words_and_no_other_number():
    for document in read_shipped().documents:
        words = folded(document.text).split()
        assert all(contains_answer(document.text, [word]) for word in words[::20])
        whole = {int(word) for word in words if word.isdigit()}
        absent = [
            str(number)
            for number in range(3000)
            if number not in whole and not any(word.startswith(str(number)) for word in words)
        ]
        assert len(absent) > 2000
        assert not contains_answer(document.text, absent[::10])
