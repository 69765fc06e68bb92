"""How fast it is: `python -m eval.bench` measures and writes eval/results/bench.json.

In: the two shipped documents, in a fresh home. Out: seconds, as medians of whole processes and of
calls, with the machine they were measured on. Numbers of one machine: compare ratios, not seconds.
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from chat.answer import answer
from eval.baselines import SETS
from eval.read import read_set
from index.library import Library

RESULT: Final = Path(__file__).parent / "results" / "bench.json"
_RUNS: Final = 7
_QUESTION: Final = "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?"


def main() -> int:
    """Measure, write and print."""
    dalel = str(Path(sys.executable).with_name("dalel"))
    with TemporaryDirectory() as home:
        figures = {
            "index_two_documents_seconds": _process([dalel, "index", "--home", home], runs=1),
            "ask_cold_process_seconds": _process([dalel, "ask", "--home", home, _QUESTION]),
            "help_seconds": _process([dalel, "--help"]),
            "answer_warm_milliseconds": _warm_milliseconds(Path(home)),
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


def _process(command: list[str], *, runs: int = _RUNS) -> float:
    """Return the median seconds of a whole process, after one run that does not count."""

    def run() -> None:
        subprocess.run(command, check=True, capture_output=True)

    if runs > 1:
        run()
    return median(_seconds(run) for _ in range(runs))


def _warm_milliseconds(home: Path) -> float:
    """Return the median milliseconds of an answer once everything is loaded."""
    retriever = Library(home).open()
    questions = [example.question for example in read_set(SETS / "smoke.jsonl").examples]
    answer(questions[0], retriever)
    return 1000 * median(_seconds(partial(answer, each, retriever)) for each in questions)


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
