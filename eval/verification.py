"""What the check of sentences is worth: `python -m eval.verification [SET …]` measures it.

Checked are sentences written by hand for the questions of the development set (claims.jsonl: one
that is right, one that is false without a wrong number), and those of sets that are named, whose
questions are sentences with a document that says the same in another language (FLORES as a BEIR
folder). eval/results/verification.json says how many right ones stand, and how many are found out
that are not. Lies about the shipped documents, each of one kind (lies.jsonl), are held against what
is found for them; the results say which share of each kind is shown as supported. No model writes
here: whatever one may write, chat/attribution.py gets such sentences.
"""

import hashlib
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from chat.attribution import Attribution, Attributor
from chat.pipeline import retrieve
from chat.settings import Settings, read_settings
from chat.terminal import progress_bar
from eval.baselines import OFF_TOPIC, OWN_DEV, RESULTS, VERIFICATION, name_of
from eval.dataset import EvalSet, Example
from eval.formats import read_set
from eval.metrics.correctness import gold_rows
from eval.metrics.interval import mean
from eval.runner import open_index
from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Retriever
from ingest.document import Language
from ingest.errors import DalelError
from ingest.loader import read_shipped

CLAIMS: Final = Path(__file__).parent / "claims.jsonl"
LIES: Final = Path(__file__).parent / "lies.jsonl"
VERIFIER: Final = (
    "chat/addresses.py",
    "chat/attribution.py",
    "chat/facts.py",
    "chat/models/reader.json",
    "chat/normalisation.py",
    "chat/quantities.py",
    "chat/quantities.toml",
    "chat/reader_input.py",
    "chat/reader_output.py",
    "index/ranking_weights.py",
)
"""What decides whether a sentence stands: code, words, levels, and the model by its card."""

MECHANICAL: Final = ("address", "digits_disguised", "invisible", "roman", "unit")
"""Kinds of lies that are told by their signs alone, so none may pass."""

CONTROL: Final = "control"
"""The kind of the sentences among the lies that are true."""

SEED: Final = 20261122
_INVENTED: Final[dict[Language, str]] = {
    "kk": "1873 жылы {}",
    "en": "In 1873, {}",
    "ru": "В 1873 году {}",
}


class AttributionCase(NamedTuple):
    """A sentence that is right, the passages that were found, and those of them that say it."""

    example: Example
    right: str
    false: str | None
    hits: Sequence[Hit]
    rows: set[int]


def main() -> int:
    """Measure everything, and write the results."""
    paths, settings = [Path(argument) for argument in sys.argv[1:]], read_settings()
    try:
        shipped = read_shipped().documents
        index = open_index(shipped, settings, lambda *_: None)
        results = {OWN_DEV.stem: figures(own_cases(index), index)}
        foreign: list[str] = []
        for path in paths:
            parallel = read_set(path, strict=True)
            results[name_of(path)] = _parallel_figures(parallel, settings)
            foreign += [example.question for example in parallel.examples]
        if foreign:
            results[OFF_TOPIC] = {"other": _foreign_figure(foreign, index)}
        passed = lie_figures(index)
    except DalelError as error:
        sys.stderr.write(f"eval.verification: {error}\n")
        return 2
    result = {"of_sha256": state(), "sets": results, "lies": passed}
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    (RESULTS / f"{VERIFICATION}.json").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def state() -> str:
    """Return a hash of what is measured: the verifier, and the sentences written by hand."""
    files = (*map(Path(__file__).parents[1].joinpath, VERIFIER), CLAIMS, LIES)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def claims() -> dict[str, dict[str, str]]:
    """Return the sentences written by hand: `{question's id: {right, false}}`."""
    rows = map(json.loads, CLAIMS.read_text("utf-8").splitlines())
    return {row["id"]: {"right": row["right"], "false": row["false"]} for row in rows}


def lie_figures(index: Retriever) -> dict[str, Any]:
    """Return which shares of the lies are shown as supported: all, the mechanical, each kind."""
    passed: dict[str, list[float]] = defaultdict(list)
    for row in map(json.loads, LIES.read_text("utf-8").splitlines()):
        hits = index.search(row["claim"], WEIGHTS.passages_written_from)
        found = Attributor(hits, index).attribute(row["claim"], {hit.row for hit in hits})
        kind = row["kind"]
        names = {kind} if kind == CONTROL else {kind, "all"}
        for name in names | ({"mechanical"} if kind in MECHANICAL else set()):
            passed[name].append(found.supported)
    return {name: mean(values).data() for name, values in sorted(passed.items())}


def own_cases(index: Retriever) -> Iterator[AttributionCase]:
    """Yield the cases of the development set in which a passage that answers was found."""
    by_id = claims()
    for example in read_set(OWN_DEV, strict=True).examples:
        if example.id in by_id:
            claim = by_id[example.id]
            hits = retrieve(example.question, index).hits[: WEIGHTS.passages_written_from]
            if rows := {hit.row for hit in hits} & gold_rows(example, index):
                yield AttributionCase(example, claim["right"], claim["false"], hits, rows)


def _parallel_figures(parallel: EvalSet, settings: Settings) -> dict[str, Any]:
    with progress_bar("indexing") as progress:
        index = open_index(parallel.documents, settings, progress)
    cases = []
    for example in parallel.examples:
        hits = index.search(example.question, WEIGHTS.passages_written_from)
        if rows := {hit.row for hit in hits} & gold_rows(example, index):
            cases.append(AttributionCase(example, example.question, None, hits, rows))
    return figures(cases, index)


def figures(
    cases: Iterator[AttributionCase] | Sequence[AttributionCase], index: Retriever
) -> dict[str, Any]:
    """Return the shares of right sentences that stand, and of others that are found out."""
    generator = random.Random(SEED)
    outcomes: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        verifier = Attributor(case.hits, index)
        outcomes["right"].append(verifier.attribute(case.right, case.rows).supported)
        for wrong in with_other_numbers(case.right, case.example.language, generator):
            outcomes["number"].append(not verifier.attribute(wrong, case.rows).supported)
        others = sorted({hit.row for hit in case.hits} - case.rows)
        if others:
            outcomes["passage"].append(
                _is_found_out(verifier.attribute(case.right, {generator.choice(others)}))
            )
        if case.false:
            outcomes["false"].append(not verifier.attribute(case.false, case.rows).supported)
    return {name: mean(values).data() for name, values in outcomes.items()}


def with_other_numbers(text: str, language: Language, generator: random.Random) -> list[str]:
    """Return a sentence with each of its numbers changed; one without any gets a year."""
    numbers = list(re.finditer(r"\d+", text))
    if not numbers:
        return [_INVENTED[language].format(text[0].lower() + text[1:])]
    return [
        f"{text[: n.start()]}{int(n[0]) + generator.choice((3, 7, 11, 30))}{text[n.end() :]}"
        for n in numbers
    ]


def _is_found_out(verdict: Attribution) -> bool:
    """Say whether a wrong passage was found out: nothing stands, or it stands elsewhere."""
    return not verdict.supported or verdict.cited_anew


def _foreign_figure(sentences: Sequence[str], index: Retriever) -> dict[str, Any]:
    """Return the share of sentences about other things that stand on nothing here."""
    values = []
    for text in sentences:
        hits = index.search(text, WEIGHTS.passages_written_from)
        values.append(float(not Attributor(hits, index).attribute(text, set()).supported))
    return mean(values).data()


if __name__ == "__main__":
    sys.exit(main())
