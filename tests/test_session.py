"""Tests of chat/session.py: a turn comes back whatever is sent, and memory stays bounded."""

import base64
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fakes import HashEmbedder, document, respond
from hypothesis import given
from hypothesis import strategies as st

from chat import session
from chat.question import MAX_CHARACTERS
from chat.session import MAX_SHOWN_PASSAGES, Sessions, Turn
from chat.web.i18n import Translations
from chat.web.viewer import turns_html
from index.indexer import Indexer
from ingest.errors import ModelError

STEPPE = document("Ресеймен шарт 1994 жылы жасалды. Үкі түнде ұшады.\n\nҒарыш алыс.", "дала")
SEA = document("The owl flies at night. The border treaty was signed in 1992.", "sea", "en")
OWL = "Үкі қашан ұшады?"
ASKED = Turn("Һ", None, {})


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    library = Indexer(tmp_path_factory.mktemp("turns"), load=HashEmbedder)
    library.put([STEPPE, SEA])
    return library.open()


@pytest.fixture
def small(monkeypatch):
    """Keep three sessions of two turns."""
    monkeypatch.setattr(session, "MAX_SESSIONS", 3)
    monkeypatch.setattr(session, "MAX_TURNS", 2)
    return Sessions()


# --- sessions -------------------------------------------------------------------------------------


def test_a_key_is_128_bits_of_chance():
    sessions = Sessions()
    with ThreadPoolExecutor(8) as pool:
        keys = [*pool.map(lambda _: sessions.new_key(), range(session.MAX_SESSIONS))]
    assert len(set(keys)) == session.MAX_SESSIONS
    seen = [base64.urlsafe_b64decode(f"{key}==") for key in keys]
    assert {len(key) for key in seen} == {128 // 8}
    # Every bit is on in half of them: 10 standard deviations either way are no chance.
    for bit in range(128):
        on = sum(key[bit // 8] >> bit % 8 & 1 for key in seen)
        assert abs(on - len(keys) / 2) < 10 * (len(keys) / 4) ** 0.5


@pytest.mark.parametrize("key", ["", "қ", None, 7, [], {}, ("a",)])
def test_no_other_key_is_known(key):
    sessions = Sessions()
    sessions.new_key()
    assert not sessions.exists(key)
    assert sessions.turns(str(key)) == []


def test_a_page_has_one_key_whichever_request_comes_first(small):
    key = small.key_of_page("бет-ә")
    assert small.key_of_page("бет-ә", "жоқ кілт") == key
    assert small.key_of_page("бет-б") != key
    kept = small.new_key()
    small.add(kept, ASKED)
    assert small.key_of_page("бет-ә", kept) == kept
    for number in range(session.MAX_SESSIONS):
        small.key_of_page(f"бет {number}")
    assert small.key_of_page("бет-ә") != key


def test_what_was_asked_longest_ago_goes_first(small):
    first, second, third, fourth = (small.new_key() for _ in range(4))
    for key in (first, second, third, first, fourth):
        small.add(key, ASKED)
    kept = [key for key in (first, second, third, fourth) if small.exists(key)]
    assert kept == [first, third, fourth]
    assert small.turns(second) == []


def test_turns_of_all_sessions_are_bounded_together(monkeypatch):
    monkeypatch.setattr(session, "MAX_TURNS", 4)
    monkeypatch.setattr(session, "MAX_TURNS_IN_ALL", 10)
    sessions = Sessions()
    keys = [sessions.new_key() for _ in range(4)]
    for key in keys[:3]:
        for _ in range(6):  # Of which four are kept: a third session is two too many.
            sessions.add(key, ASKED)
    assert [len(sessions.turns(key)) for key in keys] == [0, 4, 4, 0]
    for _ in range(2):
        sessions.add(keys[3], ASKED)
    assert [len(sessions.turns(key)) for key in keys] == [0, 4, 4, 2]
    sessions.add(keys[2], ASKED)
    sessions.add(keys[0], ASKED)
    assert [len(sessions.turns(key)) for key in keys] == [1, 0, 4, 2]


def test_the_oldest_turns_go_first(small):
    key = small.new_key()
    asked = [replace(ASKED, question=f"{number}-сұрақ") for number in range(5)]
    for number, turn in enumerate(asked, start=1):
        small.add(key, turn)
        assert small.turns(key) == asked[max(0, number - 2) : number]


def test_turns_that_were_handed_out_stay_as_they_are(small):
    key = small.new_key()
    before = small.turns(key)
    small.add(key, ASKED)
    before.append("ә")
    assert small.turns(key) == [ASKED]


@given(st.lists(st.integers(0, 9) | st.none(), max_size=40))
def test_sessions_are_those_of_a_plain_list(steps):
    """None begins one with a turn; a number adds a turn to one of those that are kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "MAX_SESSIONS", 3)
        sessions, kept = Sessions(), {}
        for step in steps:
            if step is None or not kept:
                key = sessions.new_key()
                sessions.add(key, ASKED)
                kept[key] = 1
            else:
                key = [*kept][step % len(kept)]
                sessions.add(key, ASKED)
                kept[key] = kept.pop(key) + 1
            kept = dict([*kept.items()][-3:])
            assert {key: len(sessions.turns(key)) for key in kept} == kept
            assert [*sessions._turns] == [*kept]


def test_a_session_that_begins_again_takes_anothers_place(small):
    keys = [small.new_key() for _ in range(5)]
    for key in keys:
        small.add(key, ASKED)
    assert [small.exists(key) for key in keys] == [False, False, True, True, True]


# --- answers --------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
TYPED = st.lists(st.sampled_from(["Ал", " ", "ше?", "Үкі", "1994", "it", "\x00", "\ud800", "Ң\n"]))


@given(JSON | TYPED.map("".join), st.integers(0, 2))
def test_whatever_is_sent_a_turn_comes_back(index, message, before):
    earlier = [respond(OWL, [], index), Turn("?", None, {}, problem="failed")][:before]
    turn = respond(message, earlier, index)
    assert turn.question == (message if isinstance(message, str) else "")
    assert (turn.answer is None) == (turn.problem in ("empty", "wordless"))
    assert (turn.problem == "empty") == (not turn.question.strip())


def test_an_answer_comes_with_the_documents_that_it_quotes(index):
    turn = respond(OWL, [], index, 0.0)
    quoted = {citation.document_id for citation in turn.answer.citations}
    assert turn.documents == {name: index.documents[name] for name in quoted}
    assert any("Үкі түнде ұшады." in citation.quote for citation in turn.answer.citations)
    assert (turn.question, turn.rewritten, turn.problem) == (OWL, "", "")


def test_a_refusal_comes_with_the_documents_that_it_shows(index):
    turn = respond(OWL, [], index, 1.0)
    assert turn.answer.abstained
    near = {near.document_id for near in turn.answer.passages[:MAX_SHOWN_PASSAGES]}
    assert turn.documents == {name: index.documents[name] for name in near}


FERRY = document(
    "The ferry leaves at nine. It has two decks. Tickets are sold on board. Dogs travel free.",
    "ferry-2024.txt",
    "en",
)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Return documents indexed with the model that ships."""
    library = Indexer(tmp_path_factory.mktemp("real"))
    library.put([STEPPE, SEA, FERRY])
    return library.open()


@pytest.mark.model
@pytest.mark.parametrize(
    ("first", "second", "searched", "mode"),
    [
        # On a question about the collection leans none about what documents say.
        ("Which documents are there?", "And when does the ferry leave?", "", "extractive"),
        ("Қандай құжаттар бар?", "Ал шарт қай жылы жасалды?", "", "extractive"),
        ("Какие документы есть?", "А когда подписан договор?", "", "extractive"),
        # And the other way round, though "this" is a word that refers back.
        ("When does the ferry leave?", "What is this document about?", "", "collection"),
        ("Үкі қашан ұшады?", "Бұл құжат не туралы?", "", "collection"),
        # One about it does.
        (
            "What is ferry-2024.txt about?",
            "Summarise it.",
            "What is ferry-2024.txt about? Summarise it.",
            "collection",
        ),
        (
            "Қандай құжаттар бар?",
            "Олар не туралы?",
            "Қандай құжаттар бар? Олар не туралы?",
            "collection",
        ),
    ],
)
def test_the_collection_and_the_documents_are_not_mixed(real, first, second, searched, mode):
    earlier = [respond(first, [], real)]
    turn = respond(second, earlier, real)
    assert (turn.rewritten, turn.answer.mode) == (searched, mode)


@pytest.mark.model
def test_a_follow_up_leans_on_what_was_asked_before_the_collection(real):
    first = respond("Ресеймен шарт қай жылы жасалды?", [], real)
    second = respond("Қандай құжаттар бар?", [first], real)
    assert second.answer.mode == "collection"
    third = respond("Ал Қытаймен ше?", [first, second], real)
    assert third.rewritten == "Қытаймен шарт қай жылы жасалды?"


def test_a_follow_up_leans_on_the_last_question_that_was_answered(index):
    first = respond("Ресеймен шарт қай жылы жасалды?", [], index)
    second = respond("Ал Қытаймен ше?", [first], index)
    assert second.question == "Ал Қытаймен ше?"
    assert second.rewritten == second.answer.question == "Қытаймен шарт қай жылы жасалды?"
    failed = respond("?", [first, second], index)
    third = respond("Ал Үндістанмен ше?", [first, second, failed], index)
    assert third.rewritten == "Үндістанмен шарт қай жылы жасалды?"
    assert respond(OWL, [first, second, third], index).rewritten == ""


WHO = "Who signed the border treaty with Russia?"


def asked_of_all(index, *questions, refused=()):
    """Ask questions one after the other, all answered but those that are refused; return turns."""
    turns = []
    for question in questions:
        turns.append(respond(question, turns, index, 1.0 if question in refused else 0.0))
    return turns


@pytest.mark.parametrize(
    ("questions", "refused", "searched"),
    [
        # What asks for one thing more leans on the question that says all, however many came.
        ((WHO, "When?", "Where?", "Why?"), (), f"{WHO} Why?"),
        ((WHO, "Қашан?", "Когда?"), (), f"{WHO} Когда?"),
        ((OWL, "Ал таңда ше?", "Түсте ше?"), (), f"{OWL} Түсте ше?"),
        # What has a verb of its own can be leant on, and is leant on in its turn.
        ((WHO, "When?", "What does it say?"), (), f"{WHO} What does it say?"),
        ((WHO, "What does it say?", "And today?"), (), f"{WHO} What does it say? And today?"),
        ((WHO, "What does it say?", "Is it long?"), (), f"{WHO} Is it long?"),
        ((WHO, "What does it say?", "Is it long?", "Why?"), (), f"{WHO} Is it long? Why?"),
        # Nothing leans on what has no answer.
        ((WHO, "Are you sure?", "When?"), ("Are you sure?",), f"{WHO} When?"),
        ((WHO, "What does it say?", "When?"), ("What does it say?",), f"{WHO} When?"),
        ((WHO, "Are you sure?", "When?"), (WHO, "Are you sure?"), "Are you sure? When?"),
        # A name that took another one's place has made a question that says all.
        ((WHO, "And with China?", "When?"), (), WHO.replace("Russia", "China") + " When?"),
        ((WHO, OWL, "Неге?"), (), f"{OWL} Неге?"),
    ],
)
def test_a_follow_up_leans_on_one_question_not_on_all(index, questions, refused, searched):
    *_, last = asked_of_all(index, *questions, refused=refused)
    assert (last.question, last.rewritten) == (questions[-1], searched)
    assert last.answer.question == searched


@pytest.mark.parametrize(
    ("asked", "trouble"),
    [("", "empty"), (" \n\u00a0", "empty"), ("?!…", "wordless"), ("👍", "wordless"),
     ("ә" * MAX_CHARACTERS + "ә", "long"), (f"Ал {'ң ' * MAX_CHARACTERS}", "long")],
)  # fmt: skip
def test_what_is_no_question_is_told_apart(index, asked, trouble):
    for earlier in ([], [respond(OWL, [], index)]):
        turn = respond(asked, earlier, index)
        assert turn == Turn(
            asked[:MAX_CHARACTERS], None, {}, problem=trouble, characters=len(asked)
        )


@pytest.mark.parametrize("error", [ModelError("модель жоқ"), RuntimeError("ішкі қате")])
def test_what_fails_is_logged_and_the_page_goes_on(index, error, caplog, monkeypatch):
    def broken(*_):
        raise error

    monkeypatch.setattr(session._LOG, "disabled", False)  # Libraries that log disable it.
    monkeypatch.setattr(index, "respell", broken)
    with caplog.at_level(logging.ERROR, "dalel.web"):
        failed = Turn(OWL, None, {}, problem="failed", characters=len(OWL))
        assert respond(OWL, [], index) == failed
    assert str(error) in caplog.text


def test_a_question_that_becomes_too_long_is_told_so():
    assert respond("\u0958" * (MAX_CHARACTERS - 1), [], None).problem == "long"


def test_a_question_that_is_too_long_is_told_how_long_it_is():
    turn = respond("ә" * (MAX_CHARACTERS + 345), [], None)
    assert f"{MAX_CHARACTERS + 345:,}" in turns_html([turn], Translations("en"))


@pytest.mark.parametrize("asked", ["\ud800", "Үкі \udfff"])
def test_any_turn_can_be_sent(index, asked):
    assert turns_html([respond(asked, [], index)], Translations("kk")).encode()
