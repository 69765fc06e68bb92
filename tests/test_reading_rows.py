"""Tests of eval/training/reading_rows.py: three layouts; the rows that are part of the project."""

import gzip
import json
from collections import Counter
from typing import get_args

import pytest

from eval.training.reading_rows import (
    OWN,
    VERDICTS,
    Verdict,
    development_set,
    held_out,
    read_claims,
    read_questions,
)
from ingest.loader import read_shipped

TEXT = "Ғарыш айлағы 1955 жылы салынды. Жинақта: құрылғы, кабель, нұсқаулық."
OWN_ROW = {
    "id": "қ1",
    "language": "kk",
    "title": "Айлақ",
    "text": TEXT,
    "questions": [
        {
            "question": "When was it built?",
            "language": "en",
            "kind": "when",
            "answers": [[13, 22], [13, 17]],
            "evidence": [[0, 31]],
        },
        {
            "question": "Жинақта не бар?",
            "language": "kk",
            "kind": "list",
            "answers": [[41, 48], [50, 56], [58, 67]],
            "evidence": [[32, 68]],
        },
    ],
    "claims": [
        {
            "claim": "Айлақ 1965 жылы салынды.",
            "language": "kk",
            "label": "refuted",
            "kind": "number",
            "evidence": [[0, 31]],
        }
    ],
}


def written(path, *rows):
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_the_verdicts_are_those_that_the_model_tells_apart():
    assert get_args(Verdict) == VERDICTS


def test_own_rows(tmp_path):
    path = written(tmp_path / "passages.jsonl", OWN_ROW)
    when, items = read_questions(path)
    assert [TEXT[a:b] for a, b in when.answers] == ["1955 жылы", "1955"]
    assert (when.group, when.title, when.language) == ("қ1", "Айлақ", "en")
    (claim,) = read_claims(path)
    assert (claim.verdict, claim.kind, claim.evidence) == ("refuted", "number", ((0, 31),))
    # The items of a list that stand in one sentence are one answer, from the first to the last.
    assert [TEXT[a:b] for a, b in items.answers] == ["құрылғы, кабель, нұсқаулық"]


@pytest.mark.parametrize("name", ["set.jsonl", "set.jsonl.gz"])
@pytest.mark.parametrize(
    "answers",
    [[{"text": "1955", "start": 13}], {"text": ["1955"], "answer_start": [13]}],
)
def test_public_questions(tmp_path, name, answers):
    row = {"id": "1", "source": "xquad", "title": "Ғарыш_айлағы", "context": TEXT}
    path = written(tmp_path / name, row | {"question": "Қашан?", "answers": answers})
    (question,) = read_questions(path)
    assert question.answers == ((13, 17),)
    assert question.evidence is None
    assert (question.pair, question.title) == ("1", "Ғарыш айлағы")
    assert read_claims(path) == []


def test_public_claims(tmp_path):
    row = {"source": "snli", "premise": TEXT, "claim": "Айлақ бар.", "label": "supported"}
    (claim,) = read_claims(written(tmp_path / "claims.jsonl", row))
    assert (claim.context, claim.claim, claim.verdict) == (TEXT, "Айлақ бар.", "supported")


def test_the_development_set_is_what_is_held_out(tmp_path):
    names = [f"п{number}" for number in range(60)]
    rows = [OWN_ROW | {"id": name} for name in names]
    dev = development_set(written(tmp_path / "passages.jsonl", *rows))
    kept = [name for name in names if held_out(name)]
    assert 0 < len(kept) < len(names) / 2
    assert {document.id for document in dev.documents} == set(names)
    assert {example.id.rsplit("-", 1)[0] for example in dev.examples} == set(kept)
    assert [gold.quote for gold in dev.examples[0].gold] == [TEXT[:31]]
    assert dev.examples[1].need == "all"


@pytest.fixture(scope="module")
def passages():
    return [json.loads(line) for line in OWN.read_text("utf-8").splitlines()]


def test_the_rows_of_the_project_are_sound(passages):
    assert len({passage["id"] for passage in passages}) == len(passages)
    for passage in passages:
        for row in (*passage["questions"], *passage["claims"]):
            assert row["language"] in ("kk", "en", "ru")
            for start, end in (*row.get("answers", ()), *row["evidence"]):
                assert 0 <= start < end <= len(passage["text"]), passage["id"]
        for question in passage["questions"]:
            assert bool(question["answers"]) == bool(question["evidence"])
            for start, end in question["answers"]:
                assert any(a < end and start < b for a, b in question["evidence"])
        assert {claim["label"] for claim in passage["claims"]} <= set(VERDICTS)


def test_the_rows_of_the_project_are_many_and_in_all_directions(passages):
    pairs = Counter(
        (passage["language"], question["language"])
        for passage in passages
        for question in passage["questions"]
    )
    assert min(pairs[a, b] for a in ("kk", "en", "ru") for b in ("kk", "en", "ru")) > 80
    questions = [question for passage in passages for question in passage["questions"]]
    assert len(questions) >= 1548 + 1500
    unanswerable = sum(not question["answers"] for question in questions)
    assert 0.25 < unanswerable / len(questions) < 0.45


def test_no_row_is_of_the_documents_that_ship(passages):
    """Not one run of eight words of theirs stands in what the reader is trained on."""

    def runs(text):
        words = text.casefold().split()
        return {tuple(words[n : n + 8]) for n in range(len(words) - 7)}

    shipped = set().union(*(runs(document.text) for document in read_shipped().documents))
    for passage in passages:
        assert not runs(passage["text"]) & shipped, passage["id"]
