"""An answer once everything is loaded, and its stages.

One question is asked after the other, each once; they are of a set that no setting was chosen on.
"""

from pathlib import Path
from typing import Any, Final

from chat.answer import Answer
from chat.pipeline import answer
from chat.reader_model import reader_model
from eval.baselines import OWN, SETS
from eval.bench.plan import Plan
from eval.bench.spread import percentile, spread, timed
from eval.bench.work import Work, counted
from eval.formats import read_set
from index.indexer import Indexer

_WARM_UP: Final = 3
"""Questions that do not count: they open files and load both models."""


def measure(plan: Plan, home: Path) -> dict[str, Any]:
    """Return what answers and their stages take, and the work of each."""
    retriever = Indexer(home).open()
    examples = read_set(SETS / f"{OWN[0]}.jsonl", strict=True).examples
    questions = [example.question for example in examples]
    for example in read_set(SETS / f"{OWN[2]}.jsonl", strict=True).examples[:_WARM_UP]:
        answer(example.question, retriever)
    reader_model().forget()
    answers: list[Answer] = []
    times, works = [], []
    for question in questions[: plan.questions]:
        with counted(retriever) as work:
            times.append(timed(lambda: answers.append(answer(question, retriever))))  # noqa: B023
        works.append(work)
    seconds = [took for took, _ in times]
    return {
        "seconds": spread(seconds),
        "seconds_p95": round(percentile(seconds, 95), 6),
        "processor_seconds": spread([worked for _, worked in times]),
        "stages_ms": _stages(answers),
        **_work(works),
    }


def _stages(answers: list[Answer]) -> dict[str, Any]:
    """Return the milliseconds of each stage that answers tell of."""
    told: dict[str, list[float]] = {}
    for one in answers:
        for stage, milliseconds in one.timings_ms.items():
            told.setdefault(stage, []).append(milliseconds)
    return {stage: spread(took, 3) for stage, took in told.items()}


def _work(works: list[Work]) -> dict[str, Any]:
    return {
        "texts_embedded": spread([len(work.embedded) for work in works]),
        "windows_read": spread([len(work.read) for work in works]),
        "tokens_read": spread([sum(work.read) for work in works]),
        "flops_embedded": spread([work.flops_embedded for work in works]),
        "flops_read": spread([work.flops_read for work in works]),
        "vector_bytes": spread([work.vector_bytes for work in works]),
    }
