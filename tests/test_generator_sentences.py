"""What a model says, cut into sentences however it comes, and every way in which it can fail."""

import threading
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting import HANGING_SECONDS, PATIENT_SECONDS

from chat.generator import MAX_SENTENCE_CHARACTERS, MAX_SENTENCES, WrittenSentence, stream_sentences
from chat.llm import MAX_ATTEMPTS, Deadline, LLMFailure

HANGS = float(HANGING_SECONDS)


class Scripted:
    """A `ChatModel` that says what it was given; each call takes the next script."""

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.told = []

    def stream(self, rules, asked):
        self.told.append((rules, asked))
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        for piece in script:
            if isinstance(piece, BaseException):
                raise piece
            if isinstance(piece, float):
                time.sleep(piece)
                continue
            yield piece


class Refused(Exception):
    def __init__(self, status_code):
        super().__init__(f"{status_code}")
        self.status_code = status_code


def heard_of(model, seconds=PATIENT_SECONDS, stopped=None):
    """Return what is said, and why there is no more of it; None if that was all."""
    deadline = Deadline.of(seconds)
    if stopped:
        deadline = replace(deadline, stopped=stopped)
    heard = []
    try:
        for each in stream_sentences(model, ("ереже", "сұрақ"), deadline):
            heard.append(each)
    except LLMFailure as silence:
        return heard, silence.reason
    return heard, None


def said(*pieces):
    heard, reason = heard_of(Scripted(pieces))
    assert reason is None
    return heard


WHOLE = (
    "Қазақстан 1992 жылы БҰҰ-ға мүше болды. [ab2k] The treaty was signed in 1994 [cd3m]. "
    "Ол 140 елмен қатынас орнатты! [ab2k][cd3m] Соңғысы кілтсіз."
)
SENTENCES = [
    WrittenSentence("Қазақстан 1992 жылы БҰҰ-ға мүше болды.", ("ab2k",)),
    WrittenSentence("The treaty was signed in 1994.", ("cd3m",)),
    WrittenSentence("Ол 140 елмен қатынас орнатты!", ("ab2k", "cd3m")),
    WrittenSentence("Соңғысы кілтсіз.", ()),
]


@given(st.lists(st.integers(0, len(WHOLE)), max_size=30))
def test_however_it_comes_the_sentences_are_the_same(cuts):
    places = sorted({0, len(WHOLE), *cuts})
    pieces = [WHOLE[a:b] for a, b in pairwise(places)]
    assert said(*pieces) == SENTENCES


def test_what_is_not_whole_at_the_end_is_dropped():
    heard = heard_of(Scripted(("Бірінші сөйлем. [ab2k] Екінші сөй",)))
    assert heard == ([WrittenSentence("Бірінші сөйлем.", ("ab2k",))], "cut")


def test_several_keys_may_stand_in_one_mark():
    assert said("Сөйлем бітті. [ab2k, cd3m; ef4n]") == [
        WrittenSentence("Сөйлем бітті.", ("ab2k", "cd3m", "ef4n"))
    ]


@pytest.mark.parametrize("nothing", [(), ("",), (" ", "\n"), ("сөз",), ("[", "[[[")])
def test_what_says_nothing_is_silence(nothing):
    assert heard_of(Scripted(nothing)) == ([], "nonsense")


@pytest.mark.parametrize(
    ("error", "reason", "calls"),
    [
        (Refused(429), "down", MAX_ATTEMPTS),
        (Refused(503), "down", MAX_ATTEMPTS),
        (Refused(401), "refused", 1),
        (Refused(400), "refused", 1),
        (ConnectionError("жоқ"), "down", MAX_ATTEMPTS),
        (TimeoutError("ұзақ"), "slow", 1),
        (ValueError("бүлінген"), "nonsense", 1),
    ],
)
def test_a_server_that_fails_is_asked_again_only_where_that_may_help(
    error, reason, calls, monkeypatch
):
    monkeypatch.setattr("chat.llm.RETRY_PAUSE_SECONDS", 0.001)
    model = Scripted([error])
    assert heard_of(model) == ([], reason)
    assert len(model.told) == calls


def test_a_busy_server_that_answers_later_is_heard(monkeypatch):
    monkeypatch.setattr("chat.llm.RETRY_PAUSE_SECONDS", 0.001)
    model = Scripted([Refused(429)], [Refused(503)], ["Сөйлем бітті. [ab2k]"])
    assert heard_of(model) == ([WrittenSentence("Сөйлем бітті.", ("ab2k",))], None)


def test_one_that_breaks_off_is_not_asked_again_and_what_was_whole_stays():
    model = Scripted(["Бірінші сөйлем. [ab2k] Екінші ", ConnectionError("үзілді")])
    assert heard_of(model) == ([WrittenSentence("Бірінші сөйлем.", ("ab2k",))], "down")
    assert len(model.told) == 1


@pytest.mark.parametrize("script", [(HANGS,), ("Бір ", HANGS), ("Бір сөйлем. [ab2k] Екі", HANGS)])
def test_one_that_hangs_is_left_at_the_deadline(script):
    heard = []
    thread = threading.Thread(
        target=lambda: heard.extend(heard_of(Scripted(script), 1.0)), daemon=True
    )
    thread.start()
    thread.join(PATIENT_SECONDS)
    assert not thread.is_alive()
    first = [WrittenSentence("Бір сөйлем.", ("ab2k",))] if "[ab2k]" in str(script) else []
    assert heard == [first, "slow"]


def test_one_that_is_stopped_is_left_at_once():
    stopped = threading.Event()
    model = Scripted(("Бір сөйлем. [ab2k] Екі", HANGS))
    deadline = replace(Deadline.of(HANGS), stopped=stopped)
    started = time.monotonic()
    sentences = stream_sentences(model, ("ереже", "сұрақ"), deadline)
    heard = [next(sentences)]
    stopped.set()
    with pytest.raises(LLMFailure) as silence:
        next(sentences)
    assert (heard, silence.value.reason) == ([WrittenSentence("Бір сөйлем.", ("ab2k",))], "stopped")
    assert time.monotonic() - started < PATIENT_SECONDS


def test_a_busy_server_is_not_waited_for_once_somebody_stops(monkeypatch):
    monkeypatch.setattr("chat.llm.RETRY_PAUSE_SECONDS", HANGS)
    stopped = threading.Event()
    threading.Timer(0.2, stopped.set).start()
    model = Scripted([Refused(429)])
    assert heard_of(model, 2 * HANGS, stopped) == ([], "down")
    assert len(model.told) == 1


def test_one_that_never_ends_is_left():
    def endless():
        while True:
            yield "сөз "

    class Endless:
        def stream(self, *_):
            return endless()

    assert heard_of(Endless()) == ([], "nonsense")
    assert MAX_SENTENCE_CHARACTERS < 10_000


def test_one_that_never_stops_saying_sentences_is_left():
    heard, reason = heard_of(Scripted([f"Сөйлем {n} бітті. " for n in range(10_000)]))
    assert reason == "cut"
    assert MAX_SENTENCES <= len(heard) <= MAX_SENTENCES + 1


def test_one_that_goes_round_in_circles_says_each_sentence_once_and_is_left():
    model = Scripted(["Бірінші бітті. [ab2k] ", "Екінші бітті. [cd3m] "] * 5_000)
    heard, reason = heard_of(model)
    assert heard == [
        WrittenSentence("Бірінші бітті.", ("ab2k",)),
        WrittenSentence("Екінші бітті.", ("cd3m",)),
    ]
    assert reason == "cut"
    assert said("Бір рет. [ab2k] Бір рет. [cd3m]") == [WrittenSentence("Бір рет.", ("ab2k",))]


def test_who_stops_listening_stops_the_model():
    spoken, ended = [], threading.Event()

    class Counting:
        def stream(self, *_):
            try:
                for number in range(10_000):
                    spoken.append(number)
                    time.sleep(0.001)
                    yield f"Сөйлем {number} бітті. [ab2k] "
            finally:
                ended.set()

    heard = stream_sentences(Counting(), ("", ""), Deadline.of(HANGS))
    next(heard)
    heard.close()
    assert ended.wait(PATIENT_SECONDS)
    assert len(spoken) < 10_000
