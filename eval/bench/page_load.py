"""The page: many people at once, a server that lasts, and what a browser shows when.

The page is held against one that only says back what it is asked (eval/load.py): that is the most
that Gradio serves here. Whoever asks runs on the same processors. An answer is crossed if it stands
under another question than the one that was asked, or after others than this session's own.
"""

import asyncio
import html
import re
import shutil
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from eval.baselines import OWN, SETS
from eval.bench.plan import Plan
from eval.bench.spread import spread
from eval.bench.start_up import QUESTION
from eval.formats import read_set
from eval.load import ShownTurns, ask_all, served

_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")

_ASKED: Final = re.compile(r"dalel-asked\">(.*?)</h2>")

_TROUBLE: Final = "dalel-trouble"
"""What the page's HTML has where a question failed."""

_PAINT: Final = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"


def measure(plan: Plan, home: Path) -> dict[str, Any]:
    """Return questions a second, errors, crossed answers, memory, and what a browser sees."""
    module = [sys.executable, "-m"]
    different = asked_by_sessions(plan.sessions, plan.each)
    with served([*module, "eval.load", str(home)]) as (url, _):
        echo = _asked(url, different)
    with served([*module, "chat.cli", "chat", "--home", str(home), "--port"]) as (url, process):
        browser = _browser(url, plan.browser)
        memory = {"start": memory_mb(process.pid)}
        page = _asked(url, different)
        same = _asked(url, plan.sessions * [different[0] + different[1]])
        memory["middle"] = memory_mb(process.pid)
        each = plan.lasting // plan.sessions - 3 * plan.each
        lasting = _asked(url, asked_by_sessions(plan.sessions, each, 1))
        memory["end"] = memory_mb(process.pid)
    return {
        "sessions": plan.sessions,
        "different": page,
        "same": same,
        "echo": echo,
        "lasting": lasting,
        "memory_mb": memory,
        "browser": browser,
    }


def asked_by_sessions(sessions: int, each: int, turn: int = 0) -> list[list[str]]:
    """Return different questions for each session: those of the sets that ship.

    When all have been asked they are asked with a number, which makes them others; in another turn
    they have one from the beginning.
    """
    examples = [one for name in OWN for one in read_set(SETS / f"{name}.jsonl").examples]
    texts = list(dict.fromkeys(one.question for one in examples))
    rounds = range(turn, turn + 1 + sessions * each // len(texts))
    numbered = (f"{text} ({number})" if number else text for number in rounds for text in texts)
    return [list(islice(numbered, each)) for _ in range(sessions)]


def _asked(url: str, questions: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Let sessions ask, after one that does not count; return how it went."""
    asyncio.run(ask_all(f"{url}/kk", [questions[0][:3]]))
    started = time.perf_counter()
    came = asyncio.run(ask_all(f"{url}/kk", questions))
    seconds = time.perf_counter() - started
    shown = [one for session in came for one in session]
    return {
        "questions": len(shown),
        "per_second": round(len(shown) / seconds, 3),
        "errors": sum(one is None or _TROUBLE in one[1] for one in shown),
        "crossed": sum(map(crossed, questions, came)),
    }


def crossed(questions: Sequence[str], came: Sequence[ShownTurns | None]) -> int:
    """Count what a session was shown under or after questions that are not its own."""
    wrong = 0
    for number, shown in enumerate(came):
        if shown:
            past, last = ([*map(_words, _ASKED.findall(turns))] for turns in shown)
            own = [*map(_words, questions[: number + 1])]
            wrong += past != own[:-1] or last != own[-1:]
    return wrong


def _words(question: str) -> str:
    return " ".join(html.unescape(question).split())


def memory_mb(pid: int) -> dict[str, int]:
    """Return the memory of a process: all that is in memory, and what is its own, no file's."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    names = {"resident": "VmRSS", "own": "RssAnon"}
    return {
        name: int(found[1]) // 1024
        for name, field in names.items()
        if (found := re.search(rf"^{field}:\s*(\d+) kB$", status, re.MULTILINE))
    }


def _browser(url: str, visits: int) -> dict[str, Any] | None:
    """Return when a real browser shows the page, and an answer; None where there is none."""
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        return None
    painted, answered = [], []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path)
        for _ in range(visits):
            page = browser.new_context(locale="kk-KZ").new_page()
            page.goto(url)
            box = page.locator("#dalel-composer textarea")
            box.fill(QUESTION)
            painted.append(float(page.evaluate(_PAINT)) / 1000)
            started = time.perf_counter()
            box.press("Enter")
            page.locator("#turn-1 .dalel-evidence").wait_for()
            answered.append(time.perf_counter() - started)
        browser.close()
    return {"first_contentful_paint": spread(painted), "question_to_evidence": spread(answered)}
