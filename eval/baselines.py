"""The committed results: `python -m eval.baselines [SET …]` writes eval/results/*.json anew.

Each of Dalel's own sets, and of others that are named (BEIR folders, reading sets) and are not part
of the project, gets a summary, of an index made afresh; only vectors are remembered. Sets with
documents of their own are asked twice, the second time without what answers (near misses); and all
their questions together are asked of the two documents that ship (off topic). typed.json says
what it costs when Kazakh questions are typed in other alphabets or with a slip.
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from chat.settings import Settings, read_settings
from chat.terminal import progress_bar
from eval.dataset import EvalSet, Example
from eval.formats import near_misses, off_topic, read_questions, read_set
from eval.robustness import typing_cost
from eval.run_store import RunFolder
from eval.runner import configuration, open_index, run
from index.retriever import Retriever
from ingest.document import Document
from ingest.errors import DalelError
from ingest.loader import read_shipped

RESULTS: Final = Path(__file__).parent / "results"
SETS: Final = Path(__file__).parent / "sets"
OWN: Final = ("foreign_policy.test", "foreign_policy.dev", "smoke")
OWN_DEV: Final = SETS / "foreign_policy.dev.jsonl"
OFF_TOPIC: Final = "off_topic"
TYPED: Final = "typed"
VERIFICATION: Final = "verification"


def main() -> int:
    """Run everything, one line a set, and write the results."""
    paths = [Path(argument) for argument in sys.argv[1:]]
    settings = read_settings()
    started = time.perf_counter()
    try:
        shipped = read_shipped().documents
        own = [read_set(SETS / f"{name}.jsonl", strict=True) for name in OWN]
        retrievers = [
            _run_and_save(name, eval_set, eval_set.examples, shipped, settings)
            for name, eval_set in zip(OWN, own, strict=True)
        ]
        costs = {OWN[0]: typing_cost(own[0].examples, retrievers[0])}
        for path in paths:
            public, name = read_set(path, strict=True), name_of(path)
            examples = (*public.examples, *near_misses(public.examples))
            retriever = _run_and_save(name, public, examples, public.documents or shipped, settings)
            costs[name] = typing_cost(public.examples, retriever)
        _save(TYPED, {name: cost for name, cost in costs.items() if cost})
        if paths:
            examples = (*own[0].examples, *off_topic(_questions(paths)))
            _run_and_save(OFF_TOPIC, own[0], examples, shipped, settings)
    except (DalelError, OSError) as error:
        sys.stderr.write(f"eval.baselines: {error}\n")
        return 2
    sys.stdout.write(f"{time.perf_counter() - started:.0f} s in all\n")
    return 0


def _run_and_save(
    name: str,
    eval_set: EvalSet,
    examples: Sequence[Example],
    documents: Sequence[Document],
    settings: Settings,
) -> Retriever:
    """Run a set and write its summary; return the index it was asked of."""
    started = time.perf_counter()
    eval_set = replace(eval_set, name=name)
    with TemporaryDirectory() as folder, progress_bar(name) as progress:
        retriever = open_index(documents, settings, progress)
        config = configuration(eval_set, examples, retriever, settings.threshold)
        summary = run(examples, retriever, RunFolder(Path(folder)), config, progress)
    seconds = round(time.perf_counter() - started)
    _save(name, summary | {"seconds": seconds})
    sys.stdout.write(f"{name}: {summary['n']} questions, {seconds} s\n")
    sys.stdout.flush()
    return retriever


def _save(name: str, data: Mapping[str, Any]) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n", "utf-8")


def name_of(path: Path) -> str:
    """Name a result: a folder by its name, a file by its folder's and its own."""
    return path.name if path.is_dir() else f"{path.absolute().parent.name}_{path.stem}"


def _questions(paths: Sequence[Path]) -> list[Example]:
    """Return the questions of some sets, each wording once."""
    by_wording = {e.question: e for path in paths for e in read_questions(path)}
    return [replace(e, id=f"{number}") for number, e in enumerate(by_wording.values())]


if __name__ == "__main__":
    sys.exit(main())
