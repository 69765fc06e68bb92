"""How fast it is: `python -m eval.bench` measures and writes eval/results/bench.json.

The two documents that ship, in a fresh home. Seconds are medians of whole processes and of calls,
with the machine they were measured on: compare ratios, not seconds. The page is asked by 50
sessions with 10 questions each, and held against the page that only says back what it is asked
(eval/load.py); whoever asks runs on the same processors.
"""

import asyncio
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from chat.pipeline import answer
from eval.baselines import SETS
from eval.formats import read_set
from eval.load import ask_all, served
from index.indexer import Indexer

RESULT: Final = Path(__file__).parent / "results" / "bench.json"
SESSIONS: Final = 50
QUESTIONS: Final = 10
_REPEATS: Final = 7
_QUESTION: Final = "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?"


def main() -> int:
    """Measure, write and print."""
    dalel = str(Path(sys.executable).with_name("dalel"))
    with TemporaryDirectory() as home:
        figures = {
            "index_two_documents_seconds": _process_seconds(
                [dalel, "index", "--home", home], runs=1
            ),
            "ask_cold_process_seconds": _process_seconds([dalel, "ask", "--home", home, _QUESTION]),
            "help_seconds": _process_seconds([dalel, "--help"]),
            "answer_warm_milliseconds": _warm_milliseconds(Path(home)),
            **_page_figures(home),
        }
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}",
        **{name: round(value, 3) for name, value in figures.items()},
    }
    text = json.dumps(result, indent=1) + "\n"
    RESULT.write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _process_seconds(command: list[str], *, runs: int = _REPEATS) -> float:
    """Return the median seconds of a whole process, after one run that does not count."""

    def run() -> None:
        subprocess.run(command, check=True, capture_output=True)

    if runs > 1:
        run()
    return median(_seconds(run) for _ in range(runs))


def _warm_milliseconds(home: Path) -> float:
    """Return the median milliseconds of an answer once everything is loaded."""
    retriever = Indexer(home).open()
    questions = [example.question for example in read_set(SETS / "smoke.jsonl").examples]
    answer(questions[0], retriever)
    return 1000 * median(_seconds(partial(answer, question, retriever)) for question in questions)


def _page_figures(home: str) -> dict[str, float]:
    """Return when the served page shows, and how many questions it answers a second."""
    questions = [example.question for example in read_set(SETS / "smoke.jsonl").examples]
    same = [questions[:QUESTIONS]] * SESSIONS
    different = [
        [f"{questions[(session + number) % len(questions)]} {session * QUESTIONS + number}"
         for number in range(QUESTIONS)]
        for session in range(SESSIONS)
    ]  # fmt: skip
    figures: dict[str, float] = {}
    module = [sys.executable, "-m"]
    with served([*module, "eval.commands", "chat", "--home", home, "--port"]) as (url, _):
        figures |= _browser_seconds(url)
        figures["page_different_questions_per_second"] = _per_second(url, different)
        figures["page_same_questions_per_second"] = _per_second(url, same)
    with served([*module, "eval.load", home]) as (url, _):
        figures["page_echo_per_second"] = _per_second(url, different)
    return figures


def _per_second(url: str, questions: list[list[str]]) -> float:
    asyncio.run(ask_all(f"{url}/kk", [questions[0][:3]]))
    seconds = _seconds(lambda: asyncio.run(ask_all(f"{url}/kk", questions)))
    return sum(map(len, questions)) / seconds


def _browser_seconds(url: str) -> dict[str, float]:
    """Return when a real browser shows the page, and an answer; nothing where there is none."""
    path = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        return {}
    paint = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
    painted, answered = [], []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path)
        for _ in range(_REPEATS):
            page = browser.new_context(locale="kk-KZ").new_page()
            page.goto(url)
            box = page.locator("#dalel-composer textarea")
            box.fill(_QUESTION)
            painted.append(float(page.evaluate(paint)) / 1000)
            started = time.perf_counter()
            box.press("Enter")
            page.locator("#turn-1 .dalel-evidence").wait_for()
            answered.append(time.perf_counter() - started)
        browser.close()
    return {
        "page_first_contentful_paint_seconds": median(painted),
        "page_question_to_evidence_seconds": median(answered),
    }


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
