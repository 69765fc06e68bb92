"""BEIR folders: `corpus.jsonl`, `queries.jsonl`, and judgements in `qrels.tsv` or `qrels/*.tsv`.

Examples know which documents answer. Judgements may be in TREC's four columns, too. Where `qrels/`
holds several splits, `test.tsv` is taken. Questions that are not judged, or without a relevant
document, are left out. Thakur et al. 2021, arXiv:2104.08663.
"""

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pydantic import Field

from eval.dataset import DatasetProblem, EvalSet, Example
from eval.formats.rows import (
    Id,
    NamedLanguage,
    Question,
    RowModel,
    SetRow,
    SetSource,
    parse_id,
    path_for_message,
    read_bytes,
    read_examples,
)
from ingest.errors import EvalError
from ingest.language import detect
from ingest.loader import read_paths

EXPECTED: Final = "a BEIR folder"

Qrels = dict[str, dict[str, int]]
"""Gain of each judged document, by the id of the question."""


class _QueryRow(RowModel):
    id: Id = Field(alias="_id")
    text: Question
    lang: NamedLanguage = None


def recognises(source: SetSource) -> bool:
    """Say whether it is a folder."""
    return source.is_folder


def read(source: SetSource) -> EvalSet:
    """Read a folder.

    Raises:
        EvalError: It is none of BEIR's.
        CorpusError: Its corpus cannot be read.
    """
    folder = source.path
    corpus, qrels_path = folder / "corpus.jsonl", _qrels_path(folder)
    queries, qrels = SetSource(folder / "queries.jsonl"), SetSource(qrels_path)
    data = [read_bytes(corpus), queries.data, qrels.data]
    documents = read_paths([corpus]).documents
    judged, problems = _read_qrels(qrels.text, qrels.name, {d.id for d in documents})
    seen: set[str] = set()
    rows = _judged_rows(queries.json_rows, judged, seen)
    examples, bad_rows = read_examples(rows, lambda row: read_query(row, judged))
    missing = judged.keys() - seen
    if missing:
        message = f"{len(missing)} judged questions are not in {queries.name}, the first is"
        problems.append(DatasetProblem(qrels.name, f"{message} {min(missing)!r:.60}"))
    digest = hashlib.sha256(b"".join(hashlib.sha256(file).digest() for file in data))
    return EvalSet(
        name=source.name,
        sha256=digest.hexdigest(),
        examples=tuple(examples),
        documents=documents,
        problems=(*bad_rows, *problems),
    )


def read_questions(source: SetSource) -> tuple[list[Example], list[DatasetProblem]]:
    """Read the questions of a folder, judged or not.

    Raises:
        EvalError: They cannot be read.
    """
    queries = SetSource(source.path / "queries.jsonl")
    return read_examples(queries.json_rows, lambda row: read_query(row, {}))


def read_query(row: SetRow, judged: Qrels) -> Example:
    """Read a line of `queries.jsonl`.

    Raises:
        EvalError: A field is not as expected.
    """
    fields = row.parse(_QueryRow)
    return Example(
        id=fields.id,
        question=fields.text,
        language=fields.lang or detect(fields.text),
        relevant=judged.get(fields.id, {}),
    )


def _judged_rows(
    rows: Iterable[SetRow | DatasetProblem], judged: Qrels, seen: set[str]
) -> Iterator[SetRow | DatasetProblem]:
    """Leave out questions that nobody judged: a split's queries.jsonl often holds all splits'."""
    for row in rows:
        try:
            name = parse_id(row.data.get("_id")) if isinstance(row, SetRow) else None
        except ValueError:
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
        f"{path_for_message(folder)} holds no judgements, expected qrels.tsv or qrels/test.tsv",
        hint="a BEIR folder has corpus.jsonl, queries.jsonl and qrels.tsv",
    )


def _read_qrels(text: str, name: str, document_ids: set[str]) -> tuple[Qrels, list[DatasetProblem]]:
    """Read `query-id, corpus-id, score` below a header; questions without a relevant one go."""
    judged: Qrels = defaultdict(dict)
    problems: list[DatasetProblem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or (number == 1 and not re.search(r"\d", line.split("\t")[-1])):
            continue
        try:
            question, document, gain = _parse_judgement(line, document_ids)
            first_gain = judged[question].setdefault(document, gain)
            if first_gain != gain:
                raise EvalError(f"score is {gain}, before it was {first_gain}, expected one")
        except EvalError as error:
            problems.append(DatasetProblem(f"{name}, line {number}", error.line()))
    relevant = {query: gains for query, gains in judged.items() if max(gains.values()) > 0}
    return relevant, problems


def _parse_judgement(line: str, document_ids: set[str]) -> tuple[str, str, int]:
    """Return question, document and gain, of BEIR's three columns or TREC's four."""
    fields = [field.strip() for field in line.split("\t")]
    columns = fields if len(fields) > 1 else line.split()
    if len(columns) == 4:  # TREC's; the second is an iteration, which nobody uses.
        fields = [columns[0], *columns[2:]]
    gain = _whole_number(fields[-1])
    if len(fields) != 3 or not fields[0] or gain is None:
        raise EvalError(
            f"{line!r:.60}, expected question, document and a whole number, tabbed, or TREC's four"
            " columns"
        )
    if fields[1] not in document_ids:
        raise EvalError(f"document {fields[1]!r:.60} is not in the corpus")
    return fields[0], fields[1], gain


def _whole_number(text: str) -> int | None:
    """Return a whole number, which many programs write as 1.0; None if it is none."""
    found = _WHOLE_NUMBER.fullmatch(text)
    return int(found[1]) if found else None


_WHOLE_NUMBER: Final = re.compile(r"(-?[0-9]{1,9})(?:\.0*)?")
