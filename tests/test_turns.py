"""Tests of chat/web/turns.py: a turn comes back whatever is sent, and memory stays bounded."""

import base64
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fakes import HashEmbedder, document, respond
from hypothesis import given
from hypothesis import strategies as st

from chat.question import MAX_CHARACTERS
from chat.web import turns
from chat.web.turns import SHOWN_HITS, Conversations, Turn
from chat.web.view import turns_html
from chat.web.words import Words
from index.library import Library
from ingest.errors import ModelError

STEPPE = document("Ресеймен шарт 1994 жылы жасалды. Үкі түнде ұшады.\n\nҒарыш алыс.", "дала")
SEA = document("The owl flies at night. The border treaty was signed in 1992.", "sea", "en")
OWL = "Үкі қашан ұшады?"
ASKED = Turn("Һ", None, {})


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    library = Library(tmp_path_factory.mktemp("turns"), load=HashEmbedder)
    library.put([STEPPE, SEA])
    return library.open()


@pytest.fixture
def small(monkeypatch):
    """Keep three conversations of two turns."""
    monkeypatch.setattr(turns, "CONVERSATIONS", 3)
    monkeypatch.setattr(turns, "TURNS", 2)
    return Conversations()


# --- conversations --------------------------------------------------------------------------------


def test_a_key_is_128_bits_of_chance():
    conversations = Conversations()
    with ThreadPoolExecutor(8) as pool:
        keys = [*pool.map(lambda _: conversations.begin(), range(turns.CONVERSATIONS))]
    assert len(set(keys)) == turns.CONVERSATIONS
    seen = [base64.urlsafe_b64decode(f"{key}==") for key in keys]
    assert {len(each) for each in seen} == {128 // 8}
    # Every bit is on in half of them: 10 standard deviations either way are no chance.
    for bit in range(128):
        on = sum(each[bit // 8] >> bit % 8 & 1 for each in seen)
        assert abs(on - len(keys) / 2) < 10 * (len(keys) / 4) ** 0.5


@pytest.mark.parametrize("key", ["", "қ", None, 7, [], {}, ("a",)])
def test_no_other_key_is_known(key):
    conversations = Conversations()
    conversations.begin()
    assert not conversations.known(key)
    assert conversations.turns(str(key)) == []


def test_what_was_asked_longest_ago_goes_first(small):
    first, second, third, fourth = (small.begin() for _ in range(4))
    for key in (first, second, third, first, fourth):
        small.add(key, ASKED)
    assert [small.known(key) for key in (first, second, third, fourth)] == [True, False, True, True]
    assert small.turns(second) == []


def test_the_oldest_turns_go_first(small):
    key = small.begin()
    asked = [replace(ASKED, asked=f"{number}-сұрақ") for number in range(5)]
    for number, turn in enumerate(asked, start=1):
        small.add(key, turn)
        assert small.turns(key) == asked[max(0, number - 2) : number]


def test_turns_that_were_handed_out_stay_as_they_are(small):
    key = small.begin()
    before = small.turns(key)
    small.add(key, ASKED)
    before.append("ә")
    assert small.turns(key) == [ASKED]


@given(st.lists(st.integers(0, 9) | st.none(), max_size=40))
def test_conversations_are_those_of_a_plain_list(steps):
    """None begins one with a turn; a number adds a turn to one of those that are kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns, "CONVERSATIONS", 3)
        conversations, kept = Conversations(), {}
        for step in steps:
            if step is None or not kept:
                key = conversations.begin()
                conversations.add(key, ASKED)
                kept[key] = 1
            else:
                key = [*kept][step % len(kept)]
                conversations.add(key, ASKED)
                kept[key] = kept.pop(key) + 1
            kept = dict([*kept.items()][-3:])
            assert {key: len(conversations.turns(key)) for key in kept} == kept
            assert [*conversations._kept] == [*kept]


def test_a_conversation_that_begins_again_takes_anothers_place(small):
    keys = [small.begin() for _ in range(5)]
    for key in keys:
        small.add(key, ASKED)
    assert [small.known(key) for key in keys] == [False, False, True, True, True]


# --- answers --------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
TYPED = st.lists(st.sampled_from(["Ал", " ", "ше?", "Үкі", "1994", "it", "\x00", "\ud800", "Ң\n"]))


@given(JSON | TYPED.map("".join), st.integers(0, 2))
def test_whatever_is_sent_a_turn_comes_back(index, message, before):
    earlier = [respond(OWL, [], index), Turn("?", None, {}, trouble="failed")][:before]
    turn = respond(message, earlier, index)
    assert turn.asked == (message if isinstance(message, str) else "")
    assert (turn.answer is None) == (turn.trouble in ("empty", "wordless"))
    assert (turn.trouble == "empty") == (not turn.asked.strip())


def test_an_answer_comes_with_the_documents_that_it_quotes(index):
    turn = respond(OWL, [], index, 0.0)
    quoted = {each.document_id for each in turn.answer.citations}
    assert turn.documents == {name: index.documents[name] for name in quoted}
    assert "Үкі түнде ұшады." in {each.quote for each in turn.answer.citations}
    assert (turn.asked, turn.meant, turn.trouble) == (OWL, "", "")


def test_a_refusal_comes_with_the_documents_that_it_shows(index):
    turn = respond(OWL, [], index, 1.0)
    assert turn.answer.abstained
    near = {each.chunk.document_id for each in turn.answer.hits[:SHOWN_HITS]}
    assert turn.documents == {name: index.documents[name] for name in near}


def test_a_follow_up_leans_on_the_last_question_that_was_answered(index):
    first = respond("Ресеймен шарт қай жылы жасалды?", [], index)
    second = respond("Ал Қытаймен ше?", [first], index)
    assert second.asked == "Ал Қытаймен ше?"
    assert second.meant == second.answer.question == "Қытаймен шарт қай жылы жасалды?"
    failed = respond("?", [first, second], index)
    third = respond("Ал Үндістанмен ше?", [first, second, failed], index)
    assert third.meant == "Үндістанмен шарт қай жылы жасалды?"
    assert respond(OWL, [first, second, third], index).meant == ""


@pytest.mark.parametrize(
    ("asked", "trouble"),
    [("", "empty"), (" \n\u00a0", "empty"), ("?!…", "wordless"), ("👍", "wordless"),
     ("ә" * MAX_CHARACTERS + "ә", "long"), (f"Ал {'ң ' * MAX_CHARACTERS}", "long")],
)  # fmt: skip
def test_what_is_no_question_is_told_apart(index, asked, trouble):
    for earlier in ([], [respond(OWL, [], index)]):
        turn = respond(asked, earlier, index)
        assert turn == Turn(
            asked[:MAX_CHARACTERS], None, {}, trouble=trouble, characters=len(asked)
        )


@pytest.mark.parametrize("error", [ModelError("модель жоқ"), RuntimeError("ішкі қате")])
def test_what_fails_is_logged_and_the_page_goes_on(index, error, caplog, monkeypatch):
    def broken(*_):
        raise error

    monkeypatch.setattr(turns._LOG, "disabled", False)  # Libraries that log disable it.
    monkeypatch.setattr(index, "respell", broken)
    with caplog.at_level(logging.ERROR, "dalel.web"):
        failed = Turn(OWL, None, {}, trouble="failed", characters=len(OWL))
        assert respond(OWL, [], index) == failed
    assert str(error) in caplog.text


def test_a_question_that_becomes_too_long_is_told_so():
    assert respond("\u0958" * (MAX_CHARACTERS - 1), [], None).trouble == "long"


def test_a_question_that_is_too_long_is_told_how_long_it_is():
    turn = respond("ә" * (MAX_CHARACTERS + 345), [], None)
    assert f"{MAX_CHARACTERS + 345:,}" in turns_html([turn], Words("en"))


@pytest.mark.parametrize("asked", ["\ud800", "Үкі \udfff"])
def test_any_turn_can_be_sent(index, asked):
    assert turns_html([respond(asked, [], index)], Words("kk")).encode()
