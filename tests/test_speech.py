"""What a model says, cut into sentences however it comes, and every way in which it can fail."""

import threading
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import hear
from chat.hear import TRIES, Patience, Silence
from chat.speech import LONGEST, MOST, Said, listen


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


def heard_of(model, seconds=5.0, stopped=None):
    """Return what is said, and why there is no more of it; None if that was all."""
    patience = Patience.of(seconds)
    if stopped:
        patience = replace(patience, stopped=stopped)
    heard = []
    try:
        for each in listen(model, ("ереже", "сұрақ"), patience):
            heard.append(each)
    except Silence as silence:
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
    Said("Қазақстан 1992 жылы БҰҰ-ға мүше болды.", ("ab2k",)),
    Said("The treaty was signed in 1994.", ("cd3m",)),
    Said("Ол 140 елмен қатынас орнатты!", ("ab2k", "cd3m")),
    Said("Соңғысы кілтсіз.", ()),
]


@given(st.lists(st.integers(0, len(WHOLE)), max_size=30))
def test_however_it_comes_the_sentences_are_the_same(cuts):
    places = sorted({0, len(WHOLE), *cuts})
    pieces = [WHOLE[a:b] for a, b in pairwise(places)]
    assert said(*pieces) == SENTENCES


def test_what_is_not_whole_at_the_end_is_dropped():
    heard = heard_of(Scripted(("Бірінші сөйлем. [ab2k] Екінші сөй",)))
    assert heard == ([Said("Бірінші сөйлем.", ("ab2k",))], "cut")


def test_several_keys_may_stand_in_one_mark():
    assert said("Сөйлем бітті. [ab2k, cd3m; ef4n]") == [
        Said("Сөйлем бітті.", ("ab2k", "cd3m", "ef4n"))
    ]


@pytest.mark.parametrize("nothing", [(), ("",), (" ", "\n"), ("сөз",), ("[", "[[[")])
def test_what_says_nothing_is_silence(nothing):
    assert heard_of(Scripted(nothing)) == ([], "nonsense")


@pytest.mark.parametrize(
    ("error", "reason", "calls"),
    [
        (Refused(429), "down", TRIES),
        (Refused(503), "down", TRIES),
        (Refused(401), "refused", 1),
        (Refused(400), "refused", 1),
        (ConnectionError("жоқ"), "down", TRIES),
        (TimeoutError("ұзақ"), "slow", 1),
        (ValueError("бүлінген"), "nonsense", 1),
    ],
)
def test_a_server_that_fails_is_asked_again_only_where_that_may_help(
    error, reason, calls, monkeypatch
):
    monkeypatch.setattr(hear, "PAUSE_SECONDS", 0.001)
    model = Scripted([error])
    assert heard_of(model) == ([], reason)
    assert len(model.told) == calls


def test_a_busy_server_that_answers_later_is_heard(monkeypatch):
    monkeypatch.setattr(hear, "PAUSE_SECONDS", 0.001)
    model = Scripted([Refused(429)], [Refused(503)], ["Сөйлем бітті. [ab2k]"])
    assert heard_of(model) == ([Said("Сөйлем бітті.", ("ab2k",))], None)


def test_one_that_breaks_off_is_not_asked_again_and_what_was_whole_stays():
    model = Scripted(["Бірінші сөйлем. [ab2k] Екінші ", ConnectionError("үзілді")])
    assert heard_of(model) == ([Said("Бірінші сөйлем.", ("ab2k",))], "down")
    assert len(model.told) == 1


@pytest.mark.parametrize("script", [(30.0,), ("Бір ", 30.0), ("Бір сөйлем. [ab2k] Екі", 30.0)])
def test_one_that_hangs_is_left_at_the_deadline(script):
    heard = []
    thread = threading.Thread(
        target=lambda: heard.extend(heard_of(Scripted(script), 0.2)), daemon=True
    )
    thread.start()
    thread.join(10.0)
    assert not thread.is_alive()
    first = [Said("Бір сөйлем.", ("ab2k",))] if "[ab2k]" in str(script) else []
    assert heard == [first, "slow"]


def test_one_that_is_stopped_is_left_at_once():
    stopped = threading.Event()
    threading.Timer(0.2, stopped.set).start()
    started = time.monotonic()
    heard = heard_of(Scripted(("Бір сөйлем. [ab2k] Екі", 30.0)), 30.0, stopped)
    assert heard == ([Said("Бір сөйлем.", ("ab2k",))], "stopped")
    assert time.monotonic() - started < 10


def test_a_busy_server_is_not_waited_for_once_somebody_stops(monkeypatch):
    monkeypatch.setattr(hear, "PAUSE_SECONDS", 30.0)
    stopped = threading.Event()
    threading.Timer(0.2, stopped.set).start()
    model = Scripted([Refused(429)])
    assert heard_of(model, 100.0, stopped) == ([], "down")
    assert len(model.told) == 1


def test_one_that_never_ends_is_left():
    def endless():
        while True:
            yield "сөз "

    class Endless:
        def stream(self, *_):
            return endless()

    assert heard_of(Endless(), 20.0) == ([], "nonsense")
    assert LONGEST < 10_000


def test_one_that_never_stops_saying_sentences_is_left():
    heard, reason = heard_of(Scripted([f"Сөйлем {n} бітті. " for n in range(10_000)]), 20.0)
    assert reason == "cut"
    assert MOST <= len(heard) <= MOST + 1


def test_one_that_goes_round_in_circles_says_each_sentence_once_and_is_left():
    model = Scripted(["Бірінші бітті. [ab2k] ", "Екінші бітті. [cd3m] "] * 5_000)
    heard, reason = heard_of(model, 20.0)
    assert heard == [Said("Бірінші бітті.", ("ab2k",)), Said("Екінші бітті.", ("cd3m",))]
    assert reason == "cut"
    assert said("Бір рет. [ab2k] Бір рет. [cd3m]") == [Said("Бір рет.", ("ab2k",))]


def test_who_stops_listening_stops_the_model():
    spoken = []

    class Counting:
        def stream(self, *_):
            for number in range(10_000):
                spoken.append(number)
                time.sleep(0.001)
                yield f"Сөйлем {number} бітті. [ab2k] "

    heard = listen(Counting(), ("", ""), Patience.of(60.0))
    next(heard)
    heard.close()
    time.sleep(0.2)
    count = len(spoken)
    time.sleep(0.2)
    assert len(spoken) == count < 10_000
