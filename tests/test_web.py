"""The page: answers come back whatever is sent, and documents are shown letter for letter."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import web
from chat.web import build, escape, respond, serve
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
    def broken(*_):
        raise RuntimeError("ішкі қате")

    monkeypatch.setattr(web, "answer", broken)
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
def test_the_page_is_served_and_answers(retriever):
    """A real server on loopback, asked as a browser's client asks."""
    from gradio_client import Client

    page = build(retriever)
    _, url, _ = page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)
    try:
        told = Client(url, verbose=False).submit("Арал теңізі неге тартылды?", api_name="/chat")
        assert "Арал" in html.unescape(str(told.result(timeout=60)))
    finally:
        page.close()
