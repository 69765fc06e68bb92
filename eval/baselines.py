"""The committed results: `python -m eval.baselines [SET …]` writes eval/results/*.json anew.

In: Dalel's own sets, and others that are named (BEIR folders, reading sets), which are not part of
the project. Out: a summary each, of an index made afresh; only vectors are remembered. Sets with
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

from chat.config import Settings, read_settings
from chat.progress import progress_bar
from eval.cost import cost
from eval.example import EvalSet, Example
from eval.folder import RunFolder
from eval.read import near_misses, off_topic, read_questions, read_set
from eval.run import configuration, open_index, run
from index.retrieve import IndexRetriever
from ingest.document import Document
from ingest.errors import DalelError
from ingest.read import read_shipped

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
            _write(name, found, found.examples, shipped, settings)
            for name, found in zip(OWN, own, strict=True)
        ]
        typed = {OWN[0]: cost(own[0].examples, retrievers[0])}
        for path in paths:
            found, name = read_set(path, strict=True), name_of(path)
            examples = (*found.examples, *near_misses(found.examples))
            retriever = _write(name, found, examples, found.documents or shipped, settings)
            typed[name] = cost(found.examples, retriever)
        _save(TYPED, {name: costs for name, costs in typed.items() if costs})
        if paths:
            examples = (*own[0].examples, *off_topic(_questions(paths)))
            _write(OFF_TOPIC, own[0], examples, shipped, settings)
    except (DalelError, OSError) as error:
        sys.stderr.write(f"eval.baselines: {error}\n")
        return 2
    sys.stdout.write(f"{time.perf_counter() - started:.0f} s in all\n")
    return 0


def _write(
    name: str,
    found: EvalSet,
    examples: Sequence[Example],
    documents: Sequence[Document],
    settings: Settings,
) -> IndexRetriever:
    """Run a set and write its summary; return the index it was asked of."""
    started = time.perf_counter()
    found = replace(found, name=name)
    with TemporaryDirectory() as folder, progress_bar(name) as progress:
        retriever = open_index(documents, settings, progress)
        config = configuration(found, examples, retriever, settings.threshold)
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
    by_wording = {each.question: each for path in paths for each in read_questions(path)}
    return [replace(each, id=f"{number}") for number, each in enumerate(by_wording.values())]


if __name__ == "__main__":
    sys.exit(main())
