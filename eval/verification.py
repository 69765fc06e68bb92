"""What the check of sentences is worth: `python -m eval.verification [SET …]` measures it.

In: sentences written by hand for the questions of the development set (claims.jsonl: one that is
right, one that is false without a wrong number), and sets that are named whose questions are
sentences with a document that says the same in another language (FLORES as a BEIR folder). Out:
eval/results/verification.json: how many right ones stand, and how many are found out that are not.
No model writes here: whatever one may write, chat/verify.py gets sentences such as these.
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

import chat.verify
from chat.compose import PASSAGES
from chat.config import Settings, read_settings
from chat.find import find
from chat.progress import progress_bar
from chat.verify import Verdict, Verifier
from eval.ask import held
from eval.baselines import OFF_TOPIC, OWN_DEV, RESULTS, VERIFICATION, name_of
from eval.example import EvalSet, Example
from eval.metrics.interval import mean
from eval.read import read_set
from eval.run import open_index
from index.retrieve import Hit, IndexRetriever
from ingest.document import Language
from ingest.errors import DalelError
from ingest.read import read_shipped

CLAIMS: Final = Path(__file__).parent / "claims.jsonl"
SEED: Final = 20261122
_INVENTED: Final[dict[Language, str]] = {
    "kk": "1873 жылы {}",
    "en": "In 1873, {}",
    "ru": "В 1873 году {}",
}


class Case(NamedTuple):
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
        found = {OWN_DEV.stem: figures(own_cases(index), index)}
        strange: list[str] = []
        for path in paths:
            parallel = read_set(path, strict=True)
            found[name_of(path)] = _of_parallel(parallel, settings)
            strange += [each.question for each in parallel.examples]
        if strange:
            found[OFF_TOPIC] = {"other": _strange(strange, index)}
    except DalelError as error:
        sys.stderr.write(f"eval.verification: {error}\n")
        return 2
    result = {"of_sha256": state(), "sets": found}
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    (RESULTS / f"{VERIFICATION}.json").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def state() -> str:
    """Return a hash of what is measured: the verifier, and the sentences written by hand."""
    files = (Path(chat.verify.__file__), CLAIMS)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def claims() -> dict[str, dict[str, str]]:
    """Return the sentences written by hand: `{question's id: {right, false}}`."""
    rows = map(json.loads, CLAIMS.read_text("utf-8").splitlines())
    return {row["id"]: {"right": row["right"], "false": row["false"]} for row in rows}


def own_cases(index: IndexRetriever) -> Iterator[Case]:
    """Yield the cases of the development set in which a passage that answers was found."""
    written = claims()
    for example in read_set(OWN_DEV, strict=True).examples:
        if example.id in written:
            said = written[example.id]
            hits = find(example.question, index).hits[:PASSAGES]
            if rows := {hit.row for hit in hits} & held(example, index):
                yield Case(example, said["right"], said["false"], hits, rows)


def _of_parallel(parallel: EvalSet, settings: Settings) -> dict[str, Any]:
    with progress_bar("indexing") as progress:
        index = open_index(parallel.documents, settings, progress)
    cases = []
    for example in parallel.examples:
        hits = index.search(example.question, PASSAGES)
        if rows := {hit.row for hit in hits} & held(example, index):
            cases.append(Case(example, example.question, None, hits, rows))
    return figures(cases, index)


def figures(cases: Iterator[Case] | Sequence[Case], index: IndexRetriever) -> dict[str, Any]:
    """Return the shares of right sentences that stand, and of others that are found out."""
    chance = random.Random(SEED)
    seen: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        verifier = Verifier(case.hits, index)
        seen["right"].append(verifier.check(case.right, case.rows).supported)
        for wrong in with_other_numbers(case.right, case.example.language, chance):
            seen["number"].append(not verifier.check(wrong, case.rows).supported)
        others = sorted({hit.row for hit in case.hits} - case.rows)
        if others:
            seen["passage"].append(_caught(verifier.check(case.right, {chance.choice(others)})))
        if case.false:
            seen["false"].append(not verifier.check(case.false, case.rows).supported)
    return {name: mean(values).data() for name, values in seen.items()}


def with_other_numbers(text: str, language: Language, chance: random.Random) -> list[str]:
    """Return a sentence with each of its numbers changed; one without any gets a year."""
    found = list(re.finditer(r"\d+", text))
    if not found:
        return [_INVENTED[language].format(text[0].lower() + text[1:])]
    return [
        f"{text[: each.start()]}{int(each[0]) + chance.choice((3, 7, 11, 30))}{text[each.end() :]}"
        for each in found
    ]


def _caught(verdict: Verdict) -> bool:
    """Say whether a wrong passage was found out: nothing stands, or it stands elsewhere."""
    return not verdict.supported or verdict.cited_anew


def _strange(said: Sequence[str], index: IndexRetriever) -> dict[str, Any]:
    """Return the share of sentences about other things that stand on nothing here."""
    values = []
    for text in said:
        hits = index.search(text, PASSAGES)
        values.append(float(not Verifier(hits, index).check(text, set()).supported))
    return mean(values).data()


if __name__ == "__main__":
    sys.exit(main())
