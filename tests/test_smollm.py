"""A real language model behind every door: command line, Runnable, page, evaluation.

Its answers are poor, and that is told: what it writes is checked as any model's is.
"""

import json

import pytest
from campaign import only_at_length
from fakes import document, is_valid
from served import serving
from smollm import smollm
from waiting import PATIENT_SECONDS

from chat.cli import main
from chat.langchain import DalelAnswers
from chat.llm import open_llm
from chat.pipeline import stream_answer
from chat.settings import read_settings
from index.indexer import Indexer

pytestmark = [
    pytest.mark.model,
    pytest.mark.slow,
    pytest.mark.campaign,
    pytest.mark.filterwarnings("ignore"),  # Of gradio's and the clients' imports and sockets.
]

DOCUMENTS = [
    document("The border treaty with China was signed in Almaty in April 1994.", "treaty", "en"),
    document("The Aral Sea is drying up because its rivers water cotton fields.", "aral", "en"),
    document("Қазақстан 1992 жылы Біріккен Ұлттар Ұйымына мүше болды.", "uno", "kk"),
]
BORDER = "When was the border treaty with China signed?"
ARAL = "Why is the Aral Sea drying up?"
UNO = "Қазақстан Біріккен Ұлттар Ұйымына қашан мүше болды?"
SECONDS = f"{PATIENT_SECONDS}"


@pytest.fixture(autouse=True, scope="module")
def short():
    """Let it write a sentence or two: most of the time goes into the rest of what it writes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chat.llm.MAX_TOKENS", 40)
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("smollm")
    Indexer(folder).put(DOCUMENTS)
    return folder


@pytest.fixture(scope="module")
def options():
    """Return the options that name the model, while it is served."""
    with smollm() as url:
        yield ("--llm", "openai:smollm2", "--llm-base-url", url, "--llm-seconds", SECONDS)


@pytest.fixture(scope="module")
def llm(options, short):
    named = dict(zip(("llm", "llm_base_url", "llm_seconds"), options[1::2], strict=True))
    return open_llm(read_settings(**named))


@pytest.fixture(scope="module")
def index(home):
    return Indexer(home).open()


def is_proper(told):
    """Say whether an answer is whole: written or quoted, and if quoted, why."""
    written = told["mode"] == "llm" and (told["statements"] or told["abstained"])
    return told["model"] == "openai:smollm2" and bool(written or told["note"] or told["abstained"])


def test_ask(home, options, capsys):
    for question in (BORDER,):
        arguments = ["ask", question, "--home", str(home), "--threshold", "0", "--json", *options]
        assert main(arguments) == 0
        told = json.loads(capsys.readouterr().out)
        assert is_proper(told)
        assert told["citations"]


def test_ask_on_a_terminal_shows_sentences_and_sources(home, options, capsys):
    assert main(["ask", BORDER, "--home", str(home), *options]) == 0
    out = capsys.readouterr().out
    assert "Sources" in out
    assert any(each.text in out for each in DOCUMENTS)


@only_at_length
def test_an_evaluation_is_shown_beside_quoting(home, options, tmp_path, capsys):
    rows = [
        {"id": "1", "question": BORDER, "language": "en", "answers": ["1994"],
         "gold": [{"document_id": "treaty", "start": 0, "end": len(DOCUMENTS[0].text)}]},
        {"id": "2", "question": ARAL, "language": "en", "answers": ["cotton"],
         "gold": [{"document_id": "aral", "start": 0, "end": len(DOCUMENTS[1].text)}]},
    ]  # fmt: skip
    path, output = tmp_path / "set.jsonl", tmp_path / "run"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    arguments = ["--indexed", "--home", str(home), "--output", str(output), "--json", *options]
    assert main(["eval", str(path), *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    figures = told["figures"]
    assert figures["citation_validity"]["value"] == figures["answer_language"]["value"] == 1
    assert 0 <= figures["citation_recall"]["value"] <= 1
    assert told["config"]["llm"]["name"] == "openai:smollm2"
    beside = {row["name"]: row for row in told["compared"]["figures"]}
    assert beside["citation_recall"]["a"] == 1  # Quoting.
    assert beside["unsupported_facts"]["a"] == 0
    assert told["compared"]["notes"][0].endswith("llm.")
    assert (output / "compared-with-quoting.html").is_file()


def test_what_it_writes_is_checked_and_found_out(index, llm):
    """It is asked for more than is there, and it is a small model: not all that it says stands."""
    failed = 0
    for question in ("Write a poem about the border.", UNO):
        *_, answered = stream_answer(question, index, llm, threshold=0.0)
        failed += bool(answered.mode == "extractive" and not answered.abstained)
        failed += sum(not each.supported for each in answered.statements)
        assert all(is_valid(c, index.documents[c.document_id]) for c in answered.citations)
    assert failed


@only_at_length
def test_stream_and_batch(index, llm):
    chain = DalelAnswers(index, llm, threshold=0.0)
    *_, last = chain.stream(BORDER)
    assert is_proper(last)
    assert all(map(is_proper, chain.batch([BORDER])))


@only_at_length
def test_a_batch_of_the_command_line(home, options, tmp_path):
    questions, answers = tmp_path / "сұрақтар.jsonl", tmp_path / "жауаптар.jsonl"
    rows = [{"id": f"{n}", "question": BORDER} for n in range(2)]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    arguments = ["--batch", str(questions), "--output", str(answers), "--home", str(home)]
    assert main(["ask", *arguments, *options]) == 0
    told = [json.loads(line) for line in answers.read_text("utf-8").splitlines()]
    assert [each["id"] for each in told] == ["0", "1"]
    assert all(map(is_proper, told))


# Before the model can end by itself, however slow the browser's other end is.
STOP_AT_ONCE = """() => new MutationObserver((_, watch) => {
  const stop = [...document.querySelectorAll("button")].find(
    (button) => button.innerText === "Stop" && button.checkVisibility());
  if (stop) { watch.disconnect(); stop.click(); }
}).observe(document.body, {attributes: true, childList: true, subtree: true})"""


def test_the_page_asks_it_and_stops_it(home, options, browser):
    # It is stopped each time; a deadline that came before on a busy machine would hide that.
    patient = ("--llm-seconds", f"{PATIENT_SECONDS}")
    with serving(home, "--threshold", "0", *options, *patient) as (url, _):
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(url)
        box = page.locator("#dalel-composer textarea")
        box.fill(UNO)
        page.evaluate(STOP_AT_ONCE)
        box.press("Enter")
        stop = page.get_by_role("button", name="Stop")
        turn = page.locator("#turn-1")
        turn.locator(".dalel-evidence").wait_for()
        assert "тоқтатылды" in turn.inner_text()
        assert "1992" in turn.inner_text()
        stop.wait_for(state="hidden")
        box.fill(ARAL)
        page.evaluate(STOP_AT_ONCE)
        box.press("Enter")
        page.locator("#turn-2 .dalel-evidence").wait_for()
        assert "The Aral Sea is drying up" in page.locator("#turn-2").inner_text()
        page.context.close()
