"""The page's words for a confidence, and what they are worth: `python -m eval.measured_steps`.

Asks the project's own development sets of the two documents that ship, and learns from what is
answered how likely an answer is right; then the test set, and counts how many answers of each step
were wrong. Both are written into chat/web/confidence_steps.json (chat/web/confidence_steps.py).
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from chat.answer import Answer
from chat.pipeline import answer
from chat.settings import read_settings
from chat.terminal import progress_bar
from chat.web.confidence_steps import MEASURED, LikelihoodModel, confidence_step, features
from eval.baselines import OWN, SETS
from eval.dataset import Example
from eval.formats import read_set
from eval.metrics.correctness import is_right
from eval.runner import askable, open_index
from index.retriever import Retriever
from ingest.loader import read_shipped

SET: Final = OWN[0]
"""The own test set."""

DEVELOPMENT: Final = OWN[1:]
"""The own sets that settings are chosen on."""

Pairs = Sequence[tuple[Example, Answer]]
"""Questions and what came of them."""


def main() -> int:
    """Ask every question, learn, measure, and write what came of it."""
    with progress_bar("index") as progress:
        retriever = open_index(read_shipped().documents, read_settings(), progress)
    known, right = judged([pair for name in DEVELOPMENT for pair in _asked(name, retriever)])
    model = learn(known, right)
    data = {
        "date": datetime.now(UTC).date().isoformat(),
        "learnt_from": {"sets": DEVELOPMENT, "answers": len(right)},
        "likelihood": asdict(model),
        "set": SET,
        **counts(_asked(SET, retriever), model),
    }
    MEASURED.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    return 0


def _asked(name: str, retriever: Retriever) -> Pairs:
    examples = read_set(SETS / f"{name}.jsonl", strict=True).examples
    asked = [example for example in examples if askable(example, retriever)]
    pairs = []
    with progress_bar(name) as progress:
        for number, example in enumerate(asked, start=1):
            pairs.append((example, answer(example.question, retriever)))
            progress(number, len(asked))
    return pairs


def judged(pairs: Pairs) -> tuple[list[tuple[float, float]], list[bool]]:
    """Return the features of the answers that are quoted, and whether each is right.

    Words are told of nothing else; a question of which nothing tells what is right is left out.
    """
    found = [
        (features(answered), right)
        for example, answered in pairs
        if answered.mode == "extractive"
        and not answered.abstained
        and (right := is_right(example, answered)) is not None
    ]
    return [known for known, _ in found], [right for _, right in found]


def learn(known: Sequence[tuple[float, float]], right: Sequence[bool]) -> LikelihoodModel:
    """Learn how likely an answer is right.

    Args:
        known: Of each answer, the logit of its confidence, and its margin.
        right: Whether it was; some must be, and some not.
    """
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression().fit(known, right)
    confidence, margin = map(float, fitted.coef_[0])
    return LikelihoodModel(float(fitted.intercept_[0]), confidence, margin)


def counts(pairs: Pairs, model: LikelihoodModel | None = None) -> dict[str, Any]:
    """Return `{questions, steps}`: how many questions were told each step, how many wrongly.

    A question of which nothing tells what is right is left out, and an answer without a step.

    Args:
        pairs: The questions and what came of them.
        model: What tells how likely an answer is right; None for the one that ships.
    """
    n: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for example, answered in pairs:
        right, step = is_right(example, answered), confidence_step(answered, model)
        if right is None or not step:
            continue
        n[step] += 1
        wrong[step] += not right
    steps = {step: {"n": n[step], "wrong": wrong[step]} for step in sorted(n)}
    return {"questions": n.total(), "steps": steps}


if __name__ == "__main__":
    sys.exit(main())
