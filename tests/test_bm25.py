"""Tests of index/bm25.py: the formula by hand, its bounds, and its silence across languages.

What the terms of a text are is the analyser's business (tests of index/analysis/); here they are
counted, whatever they are.
"""

import random
import unicodedata
from collections import Counter
from math import log

import numpy as np
import pytest
from campaign import at_length
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis.analyzer import terms
from index.bm25 import BM25Index

# Robertson's constants, as Lucene and bm25s have them by default.
K1, B = 1.5, 0.75

TEXTS = [
    "Әке қозыны баққан, қозы маңырап тұрған.",
    "Ғарышкер ұшты, үкі ұшпады, қозы да ұшпады.",
    "Өрік піскен. Һәм іңірде шырақ жанды, өрік үйілді, өрік сатылды, өрік бітті.",
    "Үкі.",
]
KAZAKH = [(text, "kk") for text in TEXTS]
WORDS = sorted({term for text in TEXTS for term in terms(text, "kk")})

texts_of_words = st.lists(
    st.lists(st.sampled_from(TEXTS[0].split() + TEXTS[2].split()), max_size=12).map(" ".join),
    min_size=1,
    max_size=8,
)


def by_hand(query, texts):
    """Σ idf · tf / (tf + k1 · (1 - b + b · length / mean length)), over Σ idf of all asked."""
    counts = [Counter(terms(*text)) for text in texts]
    # A text without a term counts as one long: bm25s needs something to count.
    lengths = [max(1, count.total()) for count in counts]
    mean = sum(lengths) / len(lengths)

    def idf(term):
        n = sum(term in count for count in counts)
        return log(1 + (len(texts) - n + 0.5) / (n + 0.5))

    def score(count, length):
        norm = K1 * (1 - B + B * length / mean)
        return sum(idf(term) * count[term] / (count[term] + norm) for term in query)

    most = sum(map(idf, query))
    return [score(*pair) / most for pair in zip(counts, lengths, strict=True)]


# --- the formula ----------------------------------------------------------------------------------


@pytest.mark.parametrize("question", [*WORDS, *TEXTS, "үкі қозы", "қозы жоқсөз", "өрік үкі әке"])
def test_scores_are_bm25_by_hand_over_what_could_be_reached(question):
    query = list(dict.fromkeys(terms(question, "kk")))
    scores = BM25Index.build(KAZAKH).scores(query)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, by_hand(query, KAZAKH), rtol=1e-5)


def test_a_text_of_one_word_and_average_length_scores_as_on_paper():
    """One term once in a text of mean length: 1 / (1 + k1), whatever its idf."""
    lexical = BM25Index.build([("һөңқ", "kk"), ("ғұпә", "kk")])
    (term,) = terms("һөңқ", "kk")
    assert lexical.scores([term]).tolist() == pytest.approx([1 / (1 + K1), 0])


@pytest.mark.parametrize(("holding", "texts"), [(0, 4), (1, 4), (2, 4), (4, 4), (1, 1), (0, 1)])
def test_idf_by_hand(holding, texts):
    lexical = BM25Index.build([("қозы" if n < holding else "үкі", "kk") for n in range(texts)])
    (term,) = dict.fromkeys(terms("қозы", "kk"))
    assert lexical.idf(term) == pytest.approx(log(1 + (texts - holding + 0.5) / (holding + 0.5)))


def test_a_rarer_term_weighs_more_and_an_unknown_one_most():
    lexical = BM25Index.build(KAZAKH)
    counts = Counter(term for text in TEXTS for term in set(terms(text, "kk")))
    weights = [lexical.idf(term) for term, _ in counts.most_common()]
    assert weights == sorted(weights)
    assert len(set(weights)) > 1
    assert lexical.idf("жоқсөз") > max(weights)
    assert min(weights) > 0


# --- bounds ---------------------------------------------------------------------------------------


@settings(deadline=None)
@given(texts=texts_of_words, query=st.lists(st.sampled_from([*WORDS, "жоқсөз"]), unique=True))
def test_scores_lie_between_nothing_and_all(texts, query):
    scores = BM25Index.build([(text, "kk") for text in texts]).scores(query)
    assert scores.shape == (len(texts),)
    assert (scores >= 0).all()
    assert (scores < 1).all()
    for text, score in zip(texts, scores, strict=True):
        assert (score > 0) == bool(set(query) & set(terms(text, "kk")))


@pytest.mark.parametrize("repeats", [1, 10, 1000, at_length(100_000, 10_000)])
def test_repeating_a_word_never_reaches_one(repeats):
    lexical = BM25Index.build([("қозы " * repeats, "kk"), ("үкі", "kk")])
    assert 0 < lexical.scores(terms("қозы", "kk"))[0] < 1


@pytest.mark.parametrize("query", [[], ["жоқсөз"], ["жоқсөз", "𐰴𐰀𐰔"], [""]])
def test_words_that_no_text_holds_score_nothing(query):
    scores = BM25Index.build(KAZAKH).scores(query)
    assert scores.dtype == np.float32
    assert scores.tolist() == [0] * len(TEXTS)


WORDLESS = ["", " ", "…", "!?", "\n\t", "«»", "\u200b", "🇰🇿"]


@pytest.mark.parametrize("texts", [WORDLESS, ["…"], ["", *TEXTS], [*TEXTS, *WORDLESS]])
def test_texts_without_a_term_score_nothing_and_spoil_nothing(texts):
    pairs = [(text, "kk") for text in texts]
    query = list(dict.fromkeys(terms("үкі мен қозы", "kk")))
    scores = BM25Index.build(pairs).scores(query)
    np.testing.assert_allclose(scores, by_hand(query, pairs), rtol=1e-5)
    assert [bool(score) for score in scores] == [
        bool(set(query) & set(terms(text, "kk"))) for text in texts
    ]


# --- silence, and what makes no difference --------------------------------------------------------

ENGLISH = [
    ("The zorblet quivved at the frambly nurk.", "en"),
    ("Nurks and zorblets snarfed a gribble.", "en"),
    ("Every quivving frambler knows one.", "en"),
]


# Words that no glossary translates.
@pytest.mark.parametrize("question", ["Ғұпәң һөңқіт үшпеқ ұмғақ", "Ңөпір әқұш"])
def test_where_no_word_is_shared_a_language_is_silent(question):
    query = terms(question, "kk")
    assert query
    assert not set(query) & {term for text in ENGLISH for term in terms(*text)}
    assert not BM25Index.build(ENGLISH).scores(query).any()


def test_spelling_in_parts_or_in_one_makes_no_difference():
    """Й and ё are one character or two, and so are they in a question."""
    text = "Қайың, ұйым, өйткені, ёлка"
    one, two = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert one != two
    built = [BM25Index.build([(text, "kk"), (TEXTS[0], "kk")]) for text in (one, two)]
    scores = [index.scores(terms(text, "kk")).tolist() for index in built for text in (one, two)]
    assert scores[0][0] > 0
    assert scores == [scores[0]] * 4


def test_capitals_make_no_difference():
    scores = BM25Index.build(KAZAKH).scores(terms("ӨРІК ҮКІ", "kk"))
    assert scores.any()
    assert scores.tolist() == BM25Index.build(KAZAKH).scores(terms("өрік үкі", "kk")).tolist()


def test_the_order_of_texts_makes_no_difference():
    shuffled = KAZAKH.copy()
    random.Random(1).shuffle(shuffled)
    assert shuffled != KAZAKH
    query = terms("үкі өрік", "kk")
    scores = dict(zip(KAZAKH, BM25Index.build(KAZAKH).scores(query).tolist(), strict=True))
    again = dict(zip(shuffled, BM25Index.build(shuffled).scores(query).tolist(), strict=True))
    assert again == pytest.approx(scores)


# --- save and load --------------------------------------------------------------------------------


@pytest.mark.parametrize("texts", [KAZAKH, KAZAKH + ENGLISH, [("…", "kk")], KAZAKH[3:]])
def test_what_is_loaded_scores_bit_by_bit_the_same(tmp_path, texts):
    lexical = BM25Index.build(texts)
    lexical.save(tmp_path / "сөздер")
    again = BM25Index.load(tmp_path / "сөздер")
    for question in [*TEXTS, "жоқсөз", ""]:
        query = terms(question, "kk")
        assert again.scores(query).tobytes() == lexical.scores(query).tobytes()
        assert [*map(again.idf, query)] == [*map(lexical.idf, query)]


# --- coverage -------------------------------------------------------------------------------------


def test_weights_by_hand():
    lexical = BM25Index.build(KAZAKH)
    query = dict.fromkeys(terms("үкі қозы жоқсөз", "kk"))
    most = sum(map(lexical.idf, query))
    assert lexical.weights(query) == {term: lexical.idf(term) / most for term in query}


@settings(deadline=None)
@given(query=st.sets(st.sampled_from([*WORDS, "жоқсөз"])))
def test_weights_are_shares_of_one_whole(query):
    weights = BM25Index.build(KAZAKH).weights(query)
    assert set(weights) == query
    assert all(0 < weight <= 1 for weight in weights.values())
    assert sum(weights.values()) == (pytest.approx(1) if query else 0)


# --- texts that are indexed already ---------------------------------------------------------------


def files_of(index, folder):
    index.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@settings(deadline=None)
@given(data=st.data())
def test_rows_of_an_old_index_stand_for_their_texts(data, tmp_path_factory):
    """It is the index that the texts themselves make, bit by bit; what is gone leaves no term."""
    old = [(text, "kk") for text in data.draw(texts_of_words)]
    new = [(text, "kk") for text in data.draw(texts_of_words)]
    kept = data.draw(st.lists(st.integers(0, len(old) - 1), max_size=8))
    mixed = data.draw(st.permutations([*new, *kept]))
    folder = tmp_path_factory.mktemp("mixed")
    BM25Index.build(old).save(folder / "old")
    index = BM25Index.build(mixed, BM25Index.load(folder / "old"))
    whole = BM25Index.build([old[text] if isinstance(text, int) else text for text in mixed])
    assert files_of(index, folder / "mixed") == files_of(whole, folder / "whole")


# --- a part of the texts, and what a text holds ---------------------------------------------------


@given(texts_of_words, st.lists(st.sampled_from(WORDS), max_size=6, unique=True), st.randoms())
def test_scores_of_some_texts_are_those_of_all(texts, query, chance):
    index = BM25Index.build([(text, "kk") for text in texts])
    rows = np.array(chance.sample(range(len(texts)), chance.randint(0, len(texts))), np.int64)
    for asked in (query, [*query, "ғажап"]):
        expected = index.scores(asked)[rows] if asked else np.zeros(len(rows), np.float32)
        np.testing.assert_array_equal(index.scores_at(asked, rows), expected)


@given(texts_of_words)
def test_what_a_text_holds_times_how_rare_it_is_is_its_score(texts):
    index = BM25Index.build([(text, "kk") for text in texts])
    for row in range(len(texts)):
        held = index.saturation(row, index.average_length)
        assert held.keys() == set(index.terms(row))
        for term, share in held.items():
            assert term in index
            assert 0 < share < 1
            assert share == pytest.approx(index.scores([term])[row], rel=1e-5)


@given(texts_of_words, st.floats(-0.05, 0.05))
def test_an_average_that_drifts_moves_a_weight_by_less(texts, drift):
    index = BM25Index.build([(text, "kk") for text in texts])
    for row in range(len(texts)):
        exact = index.saturation(row, index.average_length)
        for term, share in index.saturation(row, index.average_length / (1 + drift)).items():
            assert abs(share / exact[term] - 1) <= abs(drift)
