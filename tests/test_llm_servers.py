"""Tests of chat/llm.py: which model is opened, and answers whatever its server does."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from speaking import DONE, event, said, speaking
from waiting import HANGING_SECONDS, PATIENT_SECONDS

from chat.llm import MAX_ATTEMPTS, MAX_TOKENS, LLMSpec, open_chat_model, open_llm
from chat.pipeline import answer
from chat.settings import read_settings
from ingest.errors import ModelError
from prompts.render import render

# The clients of providers leave sockets and event loops behind.
pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("few_windows"),
]

ASKED = "With how many countries has Kazakhstan established diplomatic relations?"
RIGHT = "By 2008 Kazakhstan has established diplomatic relations with 140 countries."


def cut_off(asked):
    yield from said(RIGHT + " [{key}] And then it ")(asked)


def endless(_):
    while True:
        yield event("word ")


def hanging(_):
    yield event("By 2008 ")
    threading.Event().wait(HANGING_SECONDS)


def dripping(_):
    while True:
        yield b": still here\n\n"
        time.sleep(0.05)


WAYS = {
    "well": (said(RIGHT + " [{key}]"), "llm", ""),
    "cut off": (cut_off, "llm", "cut"),
    "endless": (endless, "extractive", "nonsense"),
    "hangs": (hanging, "extractive", "slow"),
    "drips": (dripping, "extractive", "slow"),
    "malformed": (lambda _: iter([b"data: {not json\n\n"]), "extractive", "nonsense"),
    "not a stream": (lambda _: iter([b"<html>hello</html>"]), "extractive", "nonsense"),
    "429": (lambda _: 429, "extractive", "down"),
    "500": (lambda _: 500, "extractive", "down"),
    "401": (lambda _: 401, "extractive", "refused"),
    "empty": (lambda _: iter([DONE]), "extractive", "nonsense"),
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_a_server_does_a_proper_answer_comes_in_time(way, retriever, monkeypatch):
    monkeypatch.setattr("chat.llm.RETRY_PAUSE_SECONDS", 0.01)
    how, mode, reason = WAYS[way]
    with speaking(how) as (url, server):
        # Only who hangs is to be left soon; the others may be as slow as the machine is busy.
        seconds = 1 if reason == "slow" else PATIENT_SECONDS
        llm = open_llm(read_settings(llm="openai:m", llm_base_url=url, llm_seconds=f"{seconds}"))
        started = time.monotonic()
        answered = answer(ASKED, retriever, llm)
        assert time.monotonic() - started < PATIENT_SECONDS
    assert answered.mode == mode
    begun = mode == "llm"
    assert answered.note == (render("fallback", "en", reason=reason, begun=begun) if reason else "")
    assert answered.citations
    assert 1 <= len(server.asked) <= MAX_ATTEMPTS
    assert all(request["max_completion_tokens"] == MAX_TOKENS for request in server.asked)


def one_then_hanging(asked):
    yield from list(said(RIGHT + " [{key}] And ")(asked))[:-1]
    threading.Event().wait(HANGING_SECONDS)


def test_ctrl_c_ends_it_at_once_and_what_was_shown_stays(shipped_home):
    with speaking(one_then_hanging) as (url, _):
        options = ["--home", str(shipped_home), "--llm", "openai:m", "--llm-base-url", url]
        with subprocess.Popen(
            [sys.executable, "-m", "chat.cli", "ask", ASKED, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        ) as process:
            first = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENT_SECONDS)
    assert first.decode().startswith("By 2008 Kazakhstan")
    assert (process.returncode, err.decode()) == (130, "dalel: interrupted\n")


def test_where_no_server_is_the_documents_are_quoted(retriever, monkeypatch):
    monkeypatch.setattr("chat.llm.RETRY_PAUSE_SECONDS", 0.01)
    settings = read_settings(llm="openai:m", llm_base_url="http://127.0.0.1:9/v1")
    answered = answer(ASKED, retriever, open_llm(settings))
    assert answered.note == render("fallback", "en", reason="down", begun=False)


@pytest.mark.parametrize("name", ["", "gpt", ":", "openai:", ":m", "жоқ:модель"])
def test_a_model_that_is_none_is_told_in_a_line(name):
    with pytest.raises(ModelError) as caught:
        open_chat_model(LLMSpec(name))
    assert "\n" not in caught.value.line()
    assert caught.value.hint


def test_a_key_that_is_missing_is_told_and_a_key_is_never_shown(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ModelError, match="OPENAI_API_KEY is not set"):
        open_chat_model(LLMSpec("openai:gpt"))
    with pytest.raises(ModelError, match="expected http"):
        open_chat_model(LLMSpec("openai:gpt", base_url="ftp://a"))
    monkeypatch.setenv("OPENAI_API_KEY", "құпия-кілт-CANARY")
    model = open_chat_model(LLMSpec("openai:gpt"))
    assert "CANARY" not in f"{model!r} {model._model!r} {vars(model)}"


def test_ollama_needs_no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:7")
    assert (
        str(open_chat_model(LLMSpec("ollama:qwen3"))._model.openai_api_base)
        == "http://127.0.0.1:7/v1"
    )
