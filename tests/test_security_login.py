"""Tests of `Login` in chat/web/security.py: who is let in, who is slowed down, for how long."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.web import security
from chat.web.security import (
    LOGIN_VARIABLE,
    MAX_WRONG_LOGINS,
    MIN_PASSWORD_CHARACTERS,
    WINDOW_SECONDS,
    Login,
)
from ingest.errors import ConfigError

SECRET = "оқырман:құпия-сөз: ә/ң=ұ"
HERE, THERE = "127.0.0.1", "203.0.113.9"


def header(secret, kind="Basic"):
    return f"{kind} ".encode() + base64.b64encode(secret.encode())


RIGHT, WRONG = header(SECRET), header("оқырман:басқа-құпия-сөз")


@pytest.fixture
def clock(monkeypatch):
    """Return a clock that stands still until it is moved."""
    now = [1_000.0]
    monkeypatch.setattr(security, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def guard():
    return Login(SECRET.encode())


@pytest.mark.parametrize("kind", ["Basic", "basic", "BASIC", "Basic  "])
def test_the_right_name_and_password_are_let_in(guard, kind):
    assert guard.allows(header(SECRET, kind), HERE)


@pytest.mark.parametrize(
    "secret",
    ["", ":", SECRET[:-1], SECRET + " ", SECRET.upper(), "оқырман", "оқырман:", SECRET[8:],
     SECRET.replace("қ", "к"), "құпия-сөз: ә/ң=ұ:оқырман"],
)  # fmt: skip
def test_another_name_or_password_is_not(guard, secret):
    assert not guard.allows(header(secret), HERE)


MALFORMED = [
    b"", b" ", b"Basic", b"Basic ", b"Basic %%%", b"Basic =", b"Basic \xff\xfe", b"Bearer abc",
    b"Basic" + RIGHT[6:], RIGHT[6:], b"Digest " + RIGHT[6:], RIGHT + b"x", RIGHT[:-2] + b"!!",
    b"Basic " + SECRET.encode(), RIGHT.replace(b" ", b"\t"), RIGHT[:9] + b"\n" + RIGHT[9:],
    b"Basic " + base64.b64encode(SECRET.encode("utf-16")), RIGHT + b" " + RIGHT[6:], RIGHT * 2_000,
]  # fmt: skip


@pytest.mark.parametrize("value", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_header_is_not(guard, value):
    assert not guard.allows(value, HERE)


@given(st.binary() | st.binary().map(lambda data: b"Basic " + base64.b64encode(data)))
def test_whatever_is_sent_is_right_or_wrong(value):
    assert Login(SECRET.encode()).allows(value, HERE) == (value == RIGHT)


def test_nobody_is_slowed_down_before_many_wrong_ones(guard, clock):
    for wrong in range(MAX_WRONG_LOGINS):
        assert not guard.throttled(HERE)
        assert not guard.allows(WRONG, HERE)
        assert guard.throttled(HERE) == (wrong + 1 == MAX_WRONG_LOGINS)
    assert not guard.throttled(THERE)


def test_it_ends_when_the_window_has_passed(guard, clock):
    began = clock[0]
    for wrong in range(MAX_WRONG_LOGINS):
        clock[0] = began + wrong
        guard.allows(WRONG, HERE)
    for passed, slowed in ((WINDOW_SECONDS - 0.5, True), (WINDOW_SECONDS, False)):
        clock[0] = began + passed
        assert guard.throttled(HERE) == slowed
    # The first has passed, the others have not: one more is one too many again.
    guard.allows(WRONG, HERE)
    assert guard.throttled(HERE)
    clock[0] = began + 1 + WINDOW_SECONDS
    assert not guard.throttled(HERE)
    assert guard.allows(RIGHT, HERE)


@given(st.lists(st.floats(0, 30), max_size=40))
def test_a_window_never_has_more_wrong_logins_than_it_may(waits):
    """Whoever tries again as soon as it is looked at."""
    with pytest.MonkeyPatch.context() as patch:
        now, looked_at = 0.0, []
        patch.setattr(security, "monotonic", lambda: now)
        guard = Login(SECRET.encode())
        for wait in waits:
            now += wait
            if not guard.throttled(HERE):
                guard.allows(WRONG, HERE)
                looked_at.append(now)
        for last in looked_at:
            assert sum(last - WINDOW_SECONDS < at <= last for at in looked_at) <= MAX_WRONG_LOGINS


def test_right_ones_slow_nobody_down(guard, clock):
    for _ in range(3 * MAX_WRONG_LOGINS):
        assert guard.allows(RIGHT, HERE)
    assert not guard.throttled(HERE)


def test_a_browser_that_has_not_asked_yet_is_not_slowed_down(guard, clock):
    """The first request of a page comes without a header."""
    for _ in range(3 * MAX_WRONG_LOGINS):
        assert not guard.allows(b"", HERE)
    assert not guard.throttled(HERE)


def test_the_clients_remembered_are_bounded(guard, clock, monkeypatch):
    monkeypatch.setattr(security, "MAX_CLIENTS", 3)
    clients = [f"203.0.113.{number}" for number in range(5)]
    for _ in range(MAX_WRONG_LOGINS + 5):
        for client in clients[2:]:
            guard.allows(WRONG, client)
    assert [guard.throttled(client) for client in clients] == [False, False, True, True, True]
    # The one whose last wrong login is longest ago is forgotten first.
    for client in (clients[2], *clients[:2]):
        guard.allows(WRONG, client)
        assert len(guard._wrong_times) == 3
    assert [guard.throttled(client) for client in clients] == [False, False, True, False, False]
    assert max(map(len, guard._wrong_times.values())) == MAX_WRONG_LOGINS


def test_a_login_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv(LOGIN_VARIABLE, SECRET)
    assert security.read_login().allows(RIGHT, HERE)


@pytest.mark.parametrize("value", [None, ""])
def test_without_one_there_is_none(monkeypatch, value):
    monkeypatch.delenv(LOGIN_VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(LOGIN_VARIABLE, value)
    assert security.read_login() is None


@pytest.mark.parametrize("value", ["оқырман", ":", ":құпия-сөз-ұзын-ақ", "құпия сөз ұзын-ақ"])
def test_what_is_no_name_and_password_is_an_error(monkeypatch, value):
    monkeypatch.setenv(LOGIN_VARIABLE, value)
    with pytest.raises(ConfigError, match="holds no NAME:PASSWORD") as told:
        security.read_login()
    assert "құпия" not in told.value.line()


@pytest.mark.parametrize("letters", [0, 1, MIN_PASSWORD_CHARACTERS - 1, MIN_PASSWORD_CHARACTERS])
def test_a_short_password_is_an_error(monkeypatch, letters):
    password = "ң" * letters
    monkeypatch.setenv(LOGIN_VARIABLE, f"оқырман:{password}")
    if letters >= MIN_PASSWORD_CHARACTERS:
        assert security.read_login() == Login(f"оқырман:{password}".encode())
        return
    with pytest.raises(ConfigError, match=f"has {letters} characters.*{MIN_PASSWORD_CHARACTERS}"):
        security.read_login()


def test_a_login_is_the_bytes_that_were_set(monkeypatch):
    monkeypatch.setenv(LOGIN_VARIABLE, "оқырман:\udcff" + "ә" * MIN_PASSWORD_CHARACTERS)
    found = security.read_login()
    assert found == Login("оқырман:".encode() + b"\xff" + "ә".encode() * MIN_PASSWORD_CHARACTERS)
