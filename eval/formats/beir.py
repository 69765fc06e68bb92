"""BEIR folders: `corpus.jsonl`, `queries.jsonl`, and judgements in `qrels.tsv` or `qrels/*.tsv`.

In: a folder. Out: examples that know which documents answer, the documents, and problems. Where
`qrels/` holds several splits, `test.tsv` is taken. Questions that are not judged, or without a
relevant document, are left out. Thakur et al. 2021, arXiv:2104.08663.
"""

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from eval.example import EvalSet, Example, Problem
from eval.formats.row import Row, decode, examples_of, json_rows, name_of, path_of, read_bytes
from ingest.errors import EvalError
from ingest.read import read_paths

Qrels = dict[str, dict[str, int]]


def read(folder: Path) -> EvalSet:
    """Read a folder.

    Raises:
        EvalError: It is none of BEIR's.
        CorpusError: Its corpus cannot be read.
    """
    paths = [folder / "corpus.jsonl", folder / "queries.jsonl", _qrels_path(folder)]
    data = [read_bytes(path) for path in paths]
    documents = read_paths(paths[:1]).documents
    known = {document.id for document in documents}
    judged, problems = _read_qrels(decode(data[2], paths[2]), paths[2].name, known)
    rows = json_rows(decode(data[1], paths[1]), paths[1].name)
    seen: set[str] = set()
    asked = _asked(rows, judged, seen)
    examples, bad_rows = examples_of(asked, lambda row: question_of(row, judged))
    missing = judged.keys() - seen
    if missing:
        message = f"{len(missing)} judged questions are not in {paths[1].name}, the first is"
        problems.append(Problem(paths[2].name, f"{message} {min(missing)!r:.60}"))
    digest = hashlib.sha256(b"".join(hashlib.sha256(each).digest() for each in data))
    return EvalSet(
        name=name_of(folder),
        sha256=digest.hexdigest(),
        examples=tuple(examples),
        documents=documents,
        problems=(*bad_rows, *problems),
    )


def question_of(row: Row, judged: Qrels) -> Example:
    """Read a line of `queries.jsonl`.

    Raises:
        EvalError: A field is not as expected.
    """
    name, question = row.name("_id"), row.question("text")
    return Example(
        id=name,
        question=question,
        language=row.language("lang", question),
        relevant=judged.get(name, {}),
    )


def _asked(rows: Iterator[Row | Problem], judged: Qrels, seen: set[str]) -> Iterator[Row | Problem]:
    """Leave out questions that nobody judged: a split's queries.jsonl often holds all splits'."""
    for row in rows:
        try:
            name = row.name("_id") if isinstance(row, Row) else None
        except EvalError:
            name = None
        if name is not None:
            seen.add(name)
        if name is None or name in judged:
            yield row


def _qrels_path(folder: Path) -> Path:
    for name in ("qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv", "qrels/train.tsv"):
        if os.path.isfile(folder / name):  # Path.is_file() raises if the path is too long.
            return folder / name
    raise EvalError(
        f"{path_of(folder)} holds no judgements, expected qrels.tsv or qrels/test.tsv",
        hint="a BEIR folder has corpus.jsonl, queries.jsonl and qrels.tsv",
    )


def _read_qrels(text: str, name: str, known: set[str]) -> tuple[Qrels, list[Problem]]:
    """Read `query-id, corpus-id, score` below a header; questions without a relevant one go."""
    judged: Qrels = defaultdict(dict)
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or (number == 1 and not re.search(r"\d", line.split("\t")[-1])):
            continue
        try:
            question, document, gain = _judgement(line, known)
            before = judged[question].setdefault(document, gain)
            if before != gain:
                raise EvalError(f"score is {gain}, before it was {before}, expected one")
        except EvalError as error:
            problems.append(Problem(f"{name}, line {number}", error.line()))
    relevant = {query: gains for query, gains in judged.items() if max(gains.values()) > 0}
    return relevant, problems


def _judgement(line: str, known: set[str]) -> tuple[str, str, int]:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) != 3 or not fields[0] or not _is_whole(fields[2]):
        raise EvalError(f"{line!r:.60}, expected question, document and a whole number, tabbed")
    if fields[1] not in known:
        raise EvalError(f"document {fields[1]!r:.60} is not in the corpus")
    return fields[0], fields[1], int(fields[2])


def _is_whole(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 10
