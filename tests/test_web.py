"""The page: answers come back whatever is sent, and documents are shown letter for letter."""

import contextlib
import html
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer

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


HOSTILE = {
    "GRADIO_SERVER_NAME": "0.0.0.0",
    "GRADIO_SERVER_PORT": "1",
    "GRADIO_SHARE": "True",
    "GRADIO_ALLOWED_PATHS": "/",
    "GRADIO_MCP_SERVER": "True",
    "GRADIO_SSR_MODE": "True",
    "GRADIO_DEBUG": "1",
    "GRADIO_ROOT_PATH": "http://evil.example",
    "GRADIO_RUN_HISTORY": "True",
    "GRADIO_LOCAL_DEV_MODE": "1",
    "GRADIO_VIBE_MODE": "1",
    "GRADIO_ANALYTICS_ENABLED": "True",
}


@contextlib.contextmanager
def serving(home, **environment):
    """Run the real command on loopback; give its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "chat.cli", "chat", "--home", str(home), "--port", str(port)]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
        # Whoever runs the tests in the background has them ignore what Ctrl-C sends.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}", server
        finally:
            server.kill()


@pytest.mark.slow
@pytest.mark.model
def test_the_page_is_served_and_answers(shipped_home):
    """The real command, asked as a browser asks, with an environment that wants it wide open."""
    with serving(shipped_home, **HOSTILE) as (url, server):
        call = f"{url}/gradio_api/call/reply"
        asked = httpx.post(call, json={"data": ["Арал теңізі неге тартылды?", []]})
        told = httpx.get(f"{call}/{asked.json()['event_id']}", timeout=60).text
        data = json.loads(told.partition("data: ")[2])
        assert "Арал теңізі" in html.unescape(data[0])
        page = httpx.get(url)
        assert "evil.example" not in page.text
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        for shut in ("upload", "file=/etc/passwd", "file=http://127.0.0.1:9/", "proxy=http://a"):
            assert httpx.get(f"{url}/gradio_api/{shut}").status_code == 404
        assert httpx.get(url, headers={"host": "evil.example"}).status_code == 400
        assert _status_of_a_large_request(url) == 413
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 130


BEACONS = """![a]({0}/1) <img src={0}/2> <img src=x onerror="fetch('{0}/3')"> [b]: {0}/4
<script>fetch("{0}/5")</script> <iframe src={0}/6></iframe> <svg onload="fetch('{0}/7')">
<video poster={0}/8> <link rel=stylesheet href={0}/9> <form action={0}/10><input autofocus>
<style>@import url({0}/11)</style> <object data={0}/12></object> <audio src={0}/13 autoplay>
<meta http-equiv=refresh content="0;url={0}/14"> <base href={0}/15> $$\\href{{{0}/16}}{{c}}$$"""


@pytest.mark.slow
@pytest.mark.model
def test_markup_in_a_question_calls_nobody_and_the_box_still_answers(shipped_home, browser):
    called = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self):
            called.append(self.path)

        do_POST = do_GET

    with serving(shipped_home) as (url, _), HTTPServer(("127.0.0.1", 0), Listener) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        page = browser.new_page()
        scripts = []
        page.on("dialog", lambda dialog: scripts.append(dialog.message))
        page.goto(url)
        beacons = BEACONS.format(f"http://127.0.0.1:{listener.server_port}")
        for before, question in enumerate([beacons, "Арал теңізі неге тартылды?"]):
            page.locator("textarea").first.fill(question)
            page.keyboard.press("Enter")
            page.get_by_test_id("bot").nth(before).wait_for()
        page.get_by_text("kk_foreign_policy").first.wait_for()
        page.wait_for_timeout(500)
        listener.shutdown()
        assert page.url.rstrip("/") == url
    assert called == scripts == []


def test_a_port_that_is_taken_is_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot serve at 127.0.0.1:{port}"):
            serve(None, host="127.0.0.1", port=port)


def _status_of_a_large_request(url: str) -> int:
    """Say that a body is large, and send none: the answer comes before it is read."""
    connection = HTTPConnection(url.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/gradio_api/call/reply")
    connection.putheader("Content-Length", "1100000")
    connection.endheaders()
    return connection.getresponse().status


def _wait_for(url: str) -> httpx.Response:
    for _ in range(240):
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(url, timeout=5)
        time.sleep(0.25)
    raise AssertionError(f"{url} did not come up in a minute")
