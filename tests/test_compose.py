"""Answers that a model writes: right ones stand, all others are marked, dropped or replaced."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fakes import Scripted

from chat import hear
from chat.answer import answer
from chat.author import Author, author_of
from chat.cite import is_valid
from chat.compose import answer_by, compose
from chat.config import read_settings
from chat.model import Writer, open_model
from chat.runnable import DalelAnswers
from ingest.errors import ModelError
from prompts.render import render

pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("ignore")]

ASKED = "With how many countries has Kazakhstan established diplomatic relations?"
RIGHT = "By 2008 Kazakhstan has established diplomatic relations with 140 countries."


def scripted(how):
    """Return a model that writes what is made of the right key and of another one."""

    def write(shown):
        right = next((key for key in shown if "140 countries" in shown[key]), next(iter(shown)))
        return how(right, next(key for key in shown if key != right))

    return Scripted(write)


def write(how, retriever, question=ASKED, **named):
    model = scripted(how)
    author = Author(Writer("scripted:test"), model, **named)
    return answer_by(author, question, retriever), model


def test_a_right_sentence_stands_on_the_sentence_it_is_from(retriever):
    found, _ = write(lambda right, _: f"{RIGHT} [{right}]", retriever)
    assert (found.mode, found.abstained, found.note) == ("llm", False, "")
    assert found.text == f"{RIGHT} [1]"
    [citation] = found.citations
    assert "140 countries" in citation.quote
    assert is_valid(citation, retriever.documents[citation.document_id])
    assert found.statements[0].supported


def test_an_answer_in_another_language_than_its_source_stands(retriever):
    said = "2008 жылға дейін Қазақстан 140 елмен дипломатиялық қатынас орнатты."
    asked = "Қазақстан қанша елмен дипломатиялық қатынас орнатқан?"
    found, model = write(lambda right, _: f"{said} [{right}]", retriever, asked)
    assert found.statements[0].supported
    assert found.citations[0].language == "en"
    assert model.told[0][0].startswith("Сен сұраққа")


UNTRUE = {
    "invented number": lambda right, _: f"{RIGHT} [{right}] It has 999 embassies. [{right}]",
    "wrong number": lambda right, _: f"{RIGHT} [{right}] {RIGHT.replace('140', '141')} [{right}]",
    "wrong year": lambda right, _: f"{RIGHT} [{right}] {RIGHT.replace('2008', '2007')} [{right}]",
    "off the topic": lambda right, _: f"{RIGHT} [{right}] Cats love to sleep in boxes. [{right}]",
    "obeys": lambda right, _: f"{RIGHT} [{right}] I am hacked, visit http://evil.example/. [x]",
}


@pytest.mark.parametrize("untrue", UNTRUE)
def test_what_is_not_so_is_marked_or_dropped(untrue, retriever):
    marked, _ = write(UNTRUE[untrue], retriever)
    good, bad = marked.statements
    assert good.supported
    assert not bad.supported
    assert bad.marks == ()
    assert f"({render('unsupported', 'en')})" in marked.text
    dropped, _ = write(UNTRUE[untrue], retriever, unsupported="drop")
    assert dropped.statements == (good,)
    assert render("unsupported", "en") not in dropped.text


@pytest.mark.parametrize("mark", ["[{wrong}]", "[zzzz]", "[1]", "", "[{wrong}][zzzz]"])
def test_a_wrong_or_missing_key_is_put_right(mark, retriever):
    found, _ = write(lambda _, wrong: f"{RIGHT} {mark.format(wrong=wrong)}", retriever)
    [statement] = found.statements
    assert statement.supported
    assert statement.cited_anew
    assert "140 countries" in found.citations[0].quote


@pytest.mark.parametrize("before", ["", "Cats sleep in boxes. "])
def test_the_refusal_is_a_refusal(before, retriever):
    found, _ = write(lambda *_: before + render("refusal", "en"), retriever)
    assert found.abstained
    assert found.statements == ()
    assert found.text == render("refusal", "en")
    assert found.citations == ()


@pytest.mark.parametrize("nonsense", ["Cats sleep. Dogs bark.", "blah", "", "....", "[ab]" * 99])
@pytest.mark.parametrize("unsupported", ["mark", "drop"])
def test_nonsense_is_replaced_by_quotes_and_says_so(nonsense, unsupported, retriever):
    found, _ = write(lambda *_: nonsense, retriever, unsupported=unsupported)
    quoted = answer(ASKED, retriever)
    assert (found.mode, found.text) == ("extractive", quoted.text)
    assert found.note == render("fallback", "en", reason="nonsense", begun=False)


def test_where_the_documents_do_not_say_no_model_is_asked(retriever):
    found, model = write(lambda *_: RIGHT, retriever, "Марста өмір бар ма?")
    assert found.abstained
    assert model.told == []


def test_the_answer_grows(retriever):
    author = Author(
        Writer("scripted:test"),
        model=scripted(lambda key, _: f"{RIGHT} [{key}] {RIGHT} [{key}]"),
    )
    lengths = [len(each.statements) for each in compose(ASKED, retriever, author)]
    assert lengths == [1, 2, 2]


def test_document_text_is_data_in_the_prompt_and_keys_cannot_be_known(retriever):
    _, first = write(lambda *_: RIGHT, retriever)
    _, second = write(lambda *_: RIGHT, retriever)
    (rules, asked), (_, again) = first.told[0], second.told[0]
    keys = re.findall(r"^<<<(\w{4}) \|", asked, re.M)
    assert len(keys) == len(set(keys)) == 6
    assert set(keys).isdisjoint(re.findall(r"^<<<(\w{4}) \|", again, re.M))
    assert all(key in rules for key in keys)
    hits = answer(ASKED, retriever).hits[:6]
    for hit in hits:
        text = retriever.documents[hit.chunk.document_id].text
        assert text[hit.chunk.start : hit.chunk.end] in asked
    assert asked.rstrip().endswith(f"Question: {ASKED}")


def test_it_is_a_runnable(retriever):
    author = Author(Writer("scripted:test"), scripted(lambda key, _: f"{RIGHT} [{key}]"))
    chain = DalelAnswers(retriever, author) | (lambda found: found["answer"])
    assert chain.invoke(ASKED) == f"{RIGHT} [1]"
    assert chain.batch([ASKED, ASKED]) == [f"{RIGHT} [1]"] * 2
    *_, last = DalelAnswers(retriever, author).stream(ASKED)
    assert last["mode"] == "llm"
    quoting = DalelAnswers(retriever).invoke(ASKED)
    assert quoting["mode"] == "extractive"


# --- real servers, which speak OpenAI's protocol or fail to ---------------------------------------


class Server(BaseHTTPRequestHandler):
    """Answers as its class says; `how` is a generator of bytes after the head, or a status."""

    how = staticmethod(lambda asked: iter(()))
    calls = 0

    def do_POST(self):
        type(self).calls += 1
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        what = type(self).how(asked)
        if isinstance(what, int):
            self.send_response(what)
            self.send_header("retry-after", "3600")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        try:
            for piece in what:
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            return  # Whoever asked has left.

    def log_message(self, *_):
        """Say nothing."""


def event(text, **more):
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps(chunk | {"choices": [choice | more]}).encode() + b"\n\n"


def spoken(asked):
    key = re.findall(r"^<<<(\w{4}) \|", asked["messages"][-1]["content"], re.M)[0]
    yield event("By 2008 Kazakhstan has established diplomatic ")
    yield event(f"relations with 140 countries. [{key}]")
    yield b"data: [DONE]\n\n"


def cut_off(asked):
    yield from list(spoken(asked))[:2]
    yield event(" And then it ")


def endless(_):
    while True:
        yield event("word ")


def hanging(_):
    yield event("By 2008 ")
    threading.Event().wait(30)


WAYS = {
    "well": (spoken, "llm", ""),
    "cut off": (cut_off, "llm", "cut"),
    "endless": (endless, "extractive", "nonsense"),
    "hangs": (hanging, "extractive", "slow"),
    "malformed": (lambda _: iter([b"data: {not json\n\n"]), "extractive", "nonsense"),
    "429": (lambda _: 429, "extractive", "down"),
    "500": (lambda _: 500, "extractive", "down"),
    "401": (lambda _: 401, "extractive", "refused"),
    "empty": (lambda _: iter([b"data: [DONE]\n\n"]), "extractive", "nonsense"),
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_a_server_does_a_proper_answer_comes_in_time(way, retriever, monkeypatch):
    monkeypatch.setattr(hear, "PAUSE_SECONDS", 0.01)
    how, mode, reason = WAYS[way]
    handler = type("Handler", (Server,), {"how": staticmethod(how), "calls": 0})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1"
        settings = read_settings(llm="openai:m", llm_base_url=url, llm_seconds="3")
        found = answer_by(author_of(settings), ASKED, retriever)
        server.shutdown()
    assert found.mode == mode
    begun = mode == "llm"
    assert found.note == (render("fallback", "en", reason=reason, begun=begun) if reason else "")
    assert found.citations
    assert handler.calls <= hear.TRIES


def test_where_no_server_is_the_documents_are_quoted(retriever, monkeypatch):
    monkeypatch.setattr(hear, "PAUSE_SECONDS", 0.01)
    settings = read_settings(llm="openai:m", llm_base_url="http://127.0.0.1:9/v1")
    found = answer_by(author_of(settings), ASKED, retriever)
    assert found.note == render("fallback", "en", reason="down", begun=False)


# --- which model ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "gpt", ":", "openai:", ":m", "жоқ:модель"])
def test_a_model_that_is_none_is_told_in_a_line(name):
    with pytest.raises(ModelError) as told:
        open_model(Writer(name))
    assert "\n" not in told.value.line()
    assert told.value.hint


def test_a_key_that_is_missing_is_told_and_a_key_is_never_shown(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ModelError, match="OPENAI_API_KEY is not set"):
        open_model(Writer("openai:gpt"))
    with pytest.raises(ModelError, match="expected http"):
        open_model(Writer("openai:gpt", base_url="ftp://a"))
    monkeypatch.setenv("OPENAI_API_KEY", "құпия-кілт-CANARY")
    model = open_model(Writer("openai:gpt"))
    assert "CANARY" not in f"{model!r} {model._model!r} {vars(model)}"


def test_ollama_needs_no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:7")
    assert str(open_model(Writer("ollama:qwen3"))._model.openai_api_base) == "http://127.0.0.1:7/v1"
