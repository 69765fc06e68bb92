"""The smoke set, asked for real: `python -m eval.smoke` writes eval/results/smoke.json.

In: eval/sets/smoke.jsonl, hand-written over the two documents that ship; settings were chosen on
other questions.
Out: of how many answerable questions a right sentence is cited, by direction; of how many
unanswerable ones an answer is refused; and how many citations are what their document says.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chat.answer import Answer, answer
from chat.cite import Citation, is_valid
from eval.example import Example, Gold, read_examples
from eval.metrics import mean_with_interval
from index.retrieve import IndexRetriever

SET = Path(__file__).parent / "sets" / "smoke.jsonl"
RESULT = Path(__file__).parent / "results" / "smoke.json"


def run(examples: Sequence[Example], retriever: IndexRetriever) -> dict[str, Any]:
    """Ask every question; return the figures, each with n, rates with a 95 % interval."""
    answers = [(example, answer(example.question, retriever)) for example in examples]
    by_direction: dict[str, list[float]] = defaultdict(list)
    refused: list[float] = []
    for example, answered in answers:
        if example.answerable:
            by_direction[example.tags[0]].append(float(is_right(answered, example)))
        else:
            refused.append(float(answered.abstained))
    citations = [citation for _, answered in answers for citation in answered.citations]
    valid = [float(is_valid(each, retriever.documents[each.document_id])) for each in citations]
    return {
        "right_sentence_cited": rate([hit for hits in by_direction.values() for hit in hits]),
        "by_direction": {name: rate(hits) for name, hits in sorted(by_direction.items())},
        "unanswerable_refused": rate(refused),
        "citations_valid": rate(valid),
        "citations_per_answer": round(
            len(citations) / max(1, sum(not answered.abstained for _, answered in answers)), 2
        ),
    }


def is_right(answered: Answer, example: Example) -> bool:
    """Say whether a citation holds most of a sentence that answers."""
    return any(_covers(citation, gold) for citation in answered.citations for gold in example.gold)


def _covers(citation: Citation, gold: Gold) -> bool:
    shared = min(citation.end, gold.end) - max(citation.start, gold.start)
    return citation.document_id == gold.document_id and 2 * shared > gold.end - gold.start


def rate(hits: Sequence[float]) -> dict[str, Any]:
    """Return a rate with its interval and n."""
    figure = mean_with_interval(hits)
    return {"rate": figure.pop("mean"), **figure}


def main() -> int:
    """Index the shipped documents in a fresh home, ask, write the result."""
    from tempfile import TemporaryDirectory

    from index.library import Library
    from ingest.read import read_shipped

    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SET
    with TemporaryDirectory() as home:
        library = Library(Path(home))
        library.put(read_shipped().documents)
        result = run(read_examples(path), library.open())
    text = json.dumps({"set": path.name, **result}, indent=1) + "\n"
    if path == SET:
        RESULT.write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
