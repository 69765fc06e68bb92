"""Citations, judged: ALCE by hand, spans by characters, the shipped documents spoiled."""

from statistics import fmean
from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.case import CitedSentence
from eval.metrics.citations import citation_precision, citation_recall, supports, validity
from eval.metrics.correctness import (
    answer_in_citation,
    covers,
    covers_gold,
    evidence_precision,
    evidence_recall,
    f1,
)
from ingest.loader import read_shipped
from ingest.sentence import sentences

TEXTS = {document.id: document.text for document in read_shipped().documents}
PLACES = [(name, *span) for name, text in TEXTS.items() for span in sentences(text)]


def quoted(place):
    name, start, end = place
    return TEXTS[name][start:end]


# --- ALCE -------------------------------------------------------------------------------------

A, B, C = "Абай 1845 жылы «Шыңғыста» туды.", "Ол ұлы ақын болды.", "Өлеңдері әлемге тарады."
A1, A2 = "Абай 1845 жылы", "«Шыңғыста» туды."


def say(text, *quotes, out_of_range=False):
    return CitedSentence(text, quotes, out_of_range)


@pytest.mark.parametrize(
    ("statements", "recall", "precision"),
    [
        ([], None, None),
        ([say(A, A)], 1, 1),
        ([say(A)], 0, 0),
        ([say(A, B)], 0, 0),
        ([say(A, f"{B} {A} {C}")], 1, 1),
        ([say(A, A1)], 0, 0),
        ([say(A, A, A)], 1, 2 / 2),
        ([say(A, A, B)], 1, 1 / 2),  # B: alone not, A alone is enough
        ([say(A, A1, A2)], 1, 2 / 2),  # neither alone, neither can go
        ([say(A, A1, A2, B)], 1, 2 / 3),
        ([say(A, A1, B, A2)], 0, 0),  # one after the other they do not say it
        ([say(A, A, A1)], 1, 1 / 2),
        ([say(A, A1, A2, A)], 1, 1 / 3),
        ([say(A, A, out_of_range=True)], 0, 0),
        ([say(A, out_of_range=True)], 0, 0),
        ([say(A, A), say(B, B, out_of_range=True)], 1 / 2, 1 / 2),
        ([say(A, A), say(B)], 1 / 2, 1 / 1),
        ([say(A, A), say(B, A)], 1 / 2, 1 / 2),
        ([say(A, A, B), say(B, B)], 2 / 2, 2 / 3),
        ([say(A, A, B), say(B, A), say(C)], 1 / 3, 1 / 3),
        ([say(A, A, B, C), say(B, B), say(C, C, C)], 3 / 3, (1 + 1 + 2) / (3 + 1 + 2)),
        ([say("", A)], 0, 0),
        ([say(" \n", A)], 0, 0),
        ([say(A, "")], 0, 0),
        ([say(A, A, "")], 1, 1 / 2),
    ],
)
def test_alce_by_hand(statements, recall, precision):
    assert citation_recall(statements) == recall
    assert citation_precision(statements) == precision


@pytest.mark.parametrize(
    "quote",
    [
        normalize("NFD", f"Абай, {A}"),
        A.replace(" ", "\n  "),
        A.replace("«", "“").replace("»", "”"),
    ],
)
def test_another_encoding_supports(quote):
    assert supports([quote], A)


@pytest.mark.parametrize(
    "quote",
    [
        A.upper(),
        A.replace("5", "4"),
        A.replace("Ш", "ш"),
        A.replace("ң", "н"),
        A.replace("а", "a"),  # Latin
        A[:-1],
        A[1:],
        "",
    ],
)
def test_another_wording_does_not_support(quote):
    assert not supports([quote], A)


def test_no_quote_supports_nothing():
    assert not supports([], A)
    assert not supports([], "")


# --- the shipped documents --------------------------------------------------------------------


def answers(places):
    """Return answers of three sentences each, with a place for each sentence."""
    return [places[at : at + 3] for at in range(0, len(places) - 2, 3)]


def judged(stated, cited):
    """Judge answers that state some places and cite others."""
    pairs = list(zip(stated, cited, strict=True))
    statements = [
        [say(quoted(one), quoted(other)) for one, other in zip(*pair, strict=True)]
        for pair in pairs
    ]
    return {
        "recall": fmean(map(citation_recall, statements)),
        "precision": fmean(map(citation_precision, statements)),
        "right": fmean(covers_gold(other, gold, False) for gold, other in pairs),
        "all right": fmean(covers_gold(other, gold, True) for gold, other in pairs),
        "evidence precision": fmean(evidence_precision(other, gold) for gold, other in pairs),
        "evidence recall": fmean(evidence_recall(other, gold, True) for gold, other in pairs),
        "one recalled": fmean(evidence_recall(other, gold, False) for gold, other in pairs),
    }


def test_an_oracle_has_all_there_is():
    gold = answers(PLACES)
    assert len(gold) > 30
    assert set(judged(gold, gold).values()) == {1.0}
    assert validity(PLACES, list(map(quoted, PLACES)), TEXTS) == 1
    assert all(answer_in_citation([quoted(place)], [quoted(place)]) == 1 for place in PLACES)


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_citations_have_next_to_nothing(seed):
    gold = answers(PLACES)
    order = np.random.default_rng(seed).permutation(len(gold))
    # Each answer gets the citations of the next one in a random circle, so never its own.
    taken = dict(zip(order, np.roll(order, 1), strict=True))
    figures = judged(gold, [gold[taken[at]] for at in range(len(gold))])
    assert max(figures.values()) <= 0.05, figures


@pytest.mark.parametrize("moved", [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)])
def test_an_off_by_one_span_is_never_valid(moved):
    for name, start, end in PLACES:
        off = (name, start + moved[0], end + moved[1])
        assert validity([off], [quoted((name, start, end))], TEXTS) == 0


def test_a_changed_digit_is_never_supported():
    changed = 0
    for quote in map(quoted, PLACES):
        for at, digit in enumerate(quote):
            for other in "0123456789" if digit.isdecimal() else "":
                text = quote[:at] + other + quote[at + 1 :]
                assert supports([quote], text) == (other == digit)
                changed += other != digit
                assert citation_recall([say(text, quote)]) == (other == digit)
    assert changed > 800


# --- validity ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "quote", "expected"),
    [
        (("қ", 0, 5), "Ғылым", 1),
        (("қ", 6, 9), "и\u0306ш", 1),
        (("қ", 6, 9), "йш", 0),
        (("қ", 0, 5), "ғылым", 0),
        (("қ", 0, 5), "Ғылым ", 0),
        (("басқа", 0, 5), "Ғылым", 0),
        (("қ", -3, 9), "и\u0306ш", 0),
        (("қ", -9, -4), "Ғылым", 0),
        (("қ", 6, 10), "и\u0306ш", 0),
        (("қ", 0, 0), "", 0),
        (("қ", 9, 12), "", 0),
        (("қ", 5, 0), "", 0),
        (("басқа", 0, 0), "", 0),
    ],
)
def test_validity(place, quote, expected):
    texts = {"қ": "Ғылым и\u0306ш"}
    assert validity([place], [quote], texts) == expected
    assert validity([place, ("қ", 0, 5)], [quote, "Ғылым"], texts) == (expected + 1) / 2


def test_validity_of_nothing_is_none_and_every_place_has_a_quote():
    assert validity([], [], TEXTS) is None
    with pytest.raises(ValueError, match="zip"):
        validity(PLACES[:2], ["x"], TEXTS)


# --- places -----------------------------------------------------------------------------------

GOLD = ("d", 10, 20)


@pytest.mark.parametrize(
    ("cited", "expected"),
    [
        (("d", 10, 20), True),
        (("d", 0, 99), True),
        (("d", 10, 16), True),
        (("d", 10, 15), False),  # half is not more than half
        (("d", 14, 25), True),
        (("d", 15, 25), False),
        (("d", 20, 30), False),
        (("d", 0, 10), False),
        (("e", 10, 20), False),
        (("d", 20, 10), False),
    ],
)
def test_covers(cited, expected):
    assert covers(cited, GOLD) == expected
    assert covers_gold([cited], [GOLD], True) == covers_gold([cited], [GOLD], False) == expected


OTHER = ("e", 0, 4)


@pytest.mark.parametrize(
    ("cited", "gold", "any_of", "all_of"),
    [
        ([GOLD], [GOLD, OTHER], 1, 0),
        ([GOLD, OTHER], [GOLD, OTHER], 1, 1),
        ([("d", 10, 13), ("d", 17, 20)], [GOLD], 1, 1),  # together 6 of 10
        ([("d", 10, 13), ("d", 11, 15)], [GOLD], 0, 0),  # together 5 of 10
        ([("e", 0, 9)], [GOLD, OTHER], 1, 0),
        ([], [GOLD], 0, 0),
        ([GOLD], [], 0, 0),
        ([], [], 0, 0),
        ([GOLD], [("d", 15, 15)], 0, 0),
    ],
)
def test_covers_gold(cited, gold, any_of, all_of):
    assert covers_gold(cited, gold, False) == any_of
    assert covers_gold(cited, gold, True) == all_of


@pytest.mark.parametrize(
    ("cited", "gold", "precision", "one_recalled", "recall"),
    [
        ([GOLD], [GOLD], 1, 1, 1),
        ([("d", 5, 15)], [GOLD], 5 / 10, 5 / 10, 5 / 10),
        ([("d", 5, 15), ("d", 10, 15)], [GOLD], 5 / 10, 5 / 10, 5 / 10),
        ([GOLD, ("e", 3, 5)], [GOLD, OTHER], (10 + 1) / (10 + 2), 1, (10 + 1) / (10 + 4)),
        ([("e", 3, 5)], [GOLD, OTHER], 1 / 2, 1 / 4, 1 / 14),
        ([("d", 0, 30)], [GOLD, ("d", 15, 25)], 15 / 30, 1, 1),
        ([("d", 10, 15)], [GOLD, ("d", 10, 15)], 1, 1, 5 / 10),
        ([("x", 10, 20)], [GOLD], 0, 0, 0),
        ([GOLD, ("d", 40, 30)], [GOLD, ("d", 60, 50)], 1, 1, 1),  # backwards: no characters
        ([], [GOLD], None, 0, 0),
        ([("d", 12, 12)], [GOLD], None, 0, 0),
        ([GOLD], [], 0, 0, 0),
        ([], [], None, 0, 0),
        ([GOLD], [("d", 15, 15)], 0, 0, 0),
    ],
)
def test_evidence(cited, gold, precision, one_recalled, recall):
    assert evidence_precision(cited, gold) == precision
    assert evidence_recall(cited, gold, False) == one_recalled
    assert evidence_recall(cited, gold, True) == recall


SPANS = st.lists(
    st.builds(
        lambda name, start, length: (name, start, start + length),
        st.sampled_from("dқ"),
        st.integers(0, 12),
        st.integers(1, 8),
    ),
    min_size=1,
    max_size=4,
)


def characters(places):
    return {(name, at) for name, start, end in places for at in range(start, end)}


@given(SPANS, SPANS)
def test_places_are_sets_of_characters(cited, gold):
    ours, theirs = characters(cited), characters(gold)
    shares = [len(ours & characters([place])) / len(characters([place])) for place in gold]
    assert evidence_precision(cited, gold) == len(ours & theirs) / len(ours)
    assert evidence_recall(cited, gold, True) == len(ours & theirs) / len(theirs)
    assert evidence_recall(cited, gold, False) == max(shares)
    assert covers_gold(cited, gold, True) == (min(shares) > 1 / 2)
    assert covers_gold(cited, gold, False) == (max(shares) > 1 / 2)


@pytest.mark.parametrize(
    ("precision", "recall", "expected"),
    [(1, 1, 1), (1 / 2, 1, 2 / 3), (0, 0, 0), (0, 1, 0), (None, 0, 0), (None, 1, 0), (1, None, 0)],
)
def test_f1(precision, recall, expected):
    assert f1(precision, recall) == pytest.approx(expected)


def test_an_answer_in_the_first_quotes():
    quotes = ["Ол ақын.", "Абайдың туған жылы – 1845-жыл."]
    assert answer_in_citation(quotes, ["1845"]) == 1
    assert answer_in_citation(quotes, ["1845"], 2) == 1
    assert answer_in_citation(quotes, ["1845"], 1) == 0
    assert answer_in_citation(quotes, ["жоқ", "ақын"], 1) == 1
    assert answer_in_citation(quotes, ["184"]) == 0
    assert answer_in_citation([], ["1845"]) == answer_in_citation(quotes, []) == 0
    assert answer_in_citation([], [], 1) == answer_in_citation(quotes, ["", "–"]) == 0
