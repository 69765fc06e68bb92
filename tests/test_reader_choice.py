"""Tests of chat/reader.py: how many sentences are quoted, and which."""

import pytest
from fakes import document
from hypothesis import given
from hypothesis import strategies as st

from chat.reader import Evidence, add_other_document, select_sentences
from index.ranking_weights import WEIGHTS

MARGIN = WEIGHTS.quote_margin

FIRST = document("Ғарыш айлағы. Ол далада тұр.", "бірінші")
SECOND = document("It stands in the steppe.", "second", "en")


def evidence(score, *, matched=None, shown=FIRST, position=0, span=(0, 13), row=0):
    return Evidence(shown, span, score, shown.language, matched or {}, row, position)


def apart(*scores):
    """Sentences that have nothing to do with each other."""
    return [evidence(score, row=row) for row, score in enumerate(scores)]


def test_only_what_comes_close_to_the_best_is_chosen():
    ranked = apart(1.0, 1.0 - MARGIN / 2, 1.0 - 2 * MARGIN)
    assert select_sentences(ranked) == ranked[:2]
    assert select_sentences(ranked[:1]) == ranked[:1]


@given(scores=st.lists(st.floats(-1, 1), min_size=1, max_size=50))
def test_the_best_comes_first_and_no_more_than_three(scores):
    ranked = apart(*sorted(scores, reverse=True))
    chosen = select_sentences(ranked)
    assert chosen[0] is ranked[0]
    assert 1 <= len(chosen) <= WEIGHTS.max_quotes
    assert len({id(each) for each in chosen}) == len(chosen)
    assert all(each.score >= ranked[0].score - MARGIN for each in chosen)


def test_what_no_chosen_one_holds_counts_for_more():
    """Two ask for the same part; the third holds the other part of the question."""
    ranked = [
        evidence(1.0, matched={"жыл": 0.5}, row=0),
        evidence(0.95, matched={"жыл": 0.5}, row=1),
        evidence(0.95 - WEIGHTS.quote_new * 0.5 + 0.01, matched={"ел": 0.5}, row=2),
        evidence(0.95 - WEIGHTS.quote_new * 0.5 - 0.01, matched={"тау": 0.5}, row=3),
    ]
    assert select_sentences(ranked) == [ranked[0], ranked[2], ranked[1]]


def test_a_part_once_held_counts_no_more():
    ranked = [
        evidence(1.0, row=0),
        evidence(0.9, matched={"ел": 0.5}, row=1),
        evidence(0.88, matched={"ел": 0.5}, row=2),
        evidence(0.89, row=3),
    ]
    assert select_sentences(ranked) == [ranked[0], ranked[1], ranked[3]]


@pytest.mark.parametrize(
    ("first", "second", "near"),
    [
        ("Ғарыш айлағы салынды.", "Ол далада тұр.", True),
        ("Ғарыш айлағы салынды.", "Бұл елге пайда әкелді.", True),
        ("Ғарыш айлағы салынды.", "Оның ауданы үлкен.", True),
        ("Ғарыш айлағы салынды.", "Олжас айтты.", False),
        ("Ғарыш айлағы салынды.", "Далада жел соғады.", False),
        ("Елдер мыналар:", "Қытай, Ресей, Өзбекстан.", True),
        ("The site was built.", "It stands in the steppe.", True),
        ("The site was built.", "These states agreed.", True),
        ("The site was built.", "Italy agreed.", False),
        ("The site was built.", "Hers is another.", False),
        ("Космодром построен.", "Он стоит в степи.", True),
        ("Космодром построен.", "Онлайн не был.", False),
    ],
)
def test_a_sentence_that_goes_on_is_read_with_the_one_before(first, second, near):
    shown = document(f"{first} {second}")
    spans = [(0, len(first)), (len(first) + 1, len(first) + 1 + len(second))]
    other = document("Басқа.", "басқа")
    for best, follower in ((0, 1), (1, 0)):
        ranked = [
            evidence(1.0, shown=shown, span=spans[best], position=best),
            evidence(0.9, shown=other, span=(0, 6), row=7),
            evidence(
                0.9 - WEIGHTS.quote_neighbour / 2,
                shown=shown,
                span=spans[follower],
                position=follower,
            ),
        ]
        order = [0, 2, 1] if near else [0, 1, 2]
        assert select_sentences(ranked) == [ranked[place] for place in order]


def test_sentences_of_two_passages_are_no_neighbours():
    shown = document("Ғарыш айлағы. Ол далада тұр.")
    ranked = [
        evidence(1.0, shown=shown, span=(0, 13)),
        evidence(0.9, shown=SECOND, span=(0, 24), row=5),
        evidence(0.88, shown=shown, span=(14, 28), position=1, row=1),
    ]
    assert select_sentences(ranked) == ranked


@pytest.mark.parametrize(
    ("below", "enough", "heard"),
    [
        (WEIGHTS.other_document_margin - 0.01, True, True),
        (WEIGHTS.other_document_margin - 0.01, False, False),
        (WEIGHTS.other_document_margin + 0.01, True, False),
    ],
)
def test_another_document_that_says_it_too_has_a_place(below, enough, heard):
    ranked = [*apart(1.0, 0.99, 0.98), evidence(1.0 - below, shown=SECOND)]
    asked = []
    last = ranked[3] if heard else ranked[2]
    found = add_other_document(ranked[:3], ranked, lambda name: asked.append(name) or enough)
    assert found == [*ranked[:2], last]
    assert set(asked) <= {SECOND.id}


def test_who_is_heard_already_is_not_heard_again():
    ranked = [evidence(1.0), evidence(0.99, shown=SECOND), evidence(0.98, row=1)]
    assert add_other_document(ranked, ranked, lambda _: True) == ranked
