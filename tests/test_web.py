"""The page: answers come back whatever is sent, and documents are shown letter for letter."""

import contextlib
import html
import json
import re
import socket
import subprocess
import sys
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import web
from chat.web import escape, respond, serve
from ingest.errors import ConfigError

# Of gradio's and its libraries' imports.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.model
def test_an_answer_comes_with_its_citations(retriever):
    shown = html.unescape(respond("Қытаймен шекара туралы шарт қай жылы жасалды?", retriever))
    assert "1994 жылғы" in shown
    assert "[1]" in shown
    assert "kk_foreign_policy" in shown


@pytest.mark.model
@pytest.mark.parametrize(
    "message", ["", None, 7, [], {}, "x" * 3000, "\x00", "\ud800", "?", ["a"], {"text": "a"}]
)
def test_whatever_is_sent_a_sentence_comes_back(message, retriever):
    assert respond(message, retriever).strip()


def test_a_bug_leaves_the_page_usable(monkeypatch, caplog):
    def broken(*_, **__):
        raise RuntimeError("ішкі қате")

    monkeypatch.setattr(web, "answer", broken)
    monkeypatch.setattr(web._LOG, "disabled", False)  # Libraries that configure logging disable it.
    assert respond("Сұрақ?", None).startswith("Something went wrong")
    assert "ішкі қате" in caplog.text
    assert "ішкі қате" not in respond("Сұрақ?", None)


@given(st.text())
def test_escaped_text_is_the_text_and_has_no_markup(text):
    escaped = escape(text)
    assert html.unescape(escaped) == text or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text)
    assert not re.search(r"[<>*_`\[\]()!|~\\\"']", escaped)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org", "192.168.1.2", ""])
def test_it_serves_this_machine_only(host):
    with pytest.raises(ConfigError, match="expected 127"):
        serve(None, host=host, port=7860)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_must_be_one(port):
    with pytest.raises(ConfigError, match="expected 1 to 65535"):
        serve(None, host="127.0.0.1", port=port)


@pytest.mark.slow
@pytest.mark.model
def test_the_page_is_served_and_answers(shipped_home):
    """The real command on loopback, asked as a browser asks."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "chat.cli", "chat", "--home", str(shipped_home)]
    with subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}")
            call = f"http://127.0.0.1:{port}/gradio_api/call/reply"
            asked = httpx.post(call, json={"data": ["Арал теңізі неге тартылды?", []]})
            told = httpx.get(f"{call}/{asked.json()['event_id']}", timeout=60).text
            data = json.loads(told.partition("data: ")[2])
            assert "Арал теңізі" in html.unescape(data[0])
        finally:
            server.terminate()


def _wait_for(url: str) -> httpx.Response:
    for _ in range(240):
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(url, timeout=5)
        time.sleep(0.25)
    raise AssertionError(f"{url} did not come up in a minute")
