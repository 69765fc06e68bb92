"""What the page's words for a confidence are worth: `python -m eval.measured_steps`.

Asks the project's own test set of the two documents that ship, and writes how many answers of each
step were wrong into chat/web/confidence_steps.json, which the page shows beside the words.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from chat.answer import Answer
from chat.pipeline import answer
from chat.settings import read_settings
from chat.terminal import progress_bar
from chat.web.confidence_steps import MEASURED, confidence_step
from eval.baselines import OWN, SETS
from eval.dataset import Example
from eval.formats import read_set
from eval.metrics.correctness import is_right
from eval.runner import askable, open_index
from ingest.loader import read_shipped

SET: Final = OWN[0]
"""The own test set."""


def main() -> int:
    """Ask every question and write what came of each step."""
    examples = read_set(SETS / f"{SET}.jsonl", strict=True).examples
    with progress_bar(SET) as progress:
        retriever = open_index(read_shipped().documents, read_settings(), progress)
        asked = [example for example in examples if askable(example, retriever)]
        pairs = []
        for number, example in enumerate(asked, start=1):
            pairs.append((example, answer(example.question, retriever)))
            progress(number, len(asked))
    data = {"set": SET, "date": datetime.now(UTC).date().isoformat(), **counts(pairs)}
    MEASURED.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    return 0


def counts(pairs: Iterable[tuple[Example, Answer]]) -> dict[str, Any]:
    """Return `{questions, steps}`: how many questions were told each step, how many wrongly.

    A question of which nothing tells what is right is left out, and an answer without a step.
    """
    n: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for example, answered in pairs:
        right, step = is_right(example, answered), confidence_step(answered)
        if right is None or not step:
            continue
        n[step] += 1
        wrong[step] += not right
    steps = {step: {"n": n[step], "wrong": wrong[step]} for step in sorted(n)}
    return {"questions": n.total(), "steps": steps}


if __name__ == "__main__":
    sys.exit(main())
