"""Tests of eval/training/reading_rows.py: four layouts; the rows that are part of the project."""

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from eval.baselines import SETS
from eval.formats import read_questions as read_questions_of_set
from eval.formats import read_set
from eval.training.reading_rows import (
    OWN,
    OWN_PARALLEL,
    OWN_SEARCH,
    VERDICTS,
    Verdict,
    development_set,
    held_out,
    read_claims,
    read_questions,
    read_translations,
)
from ingest.errors import EvalError
from ingest.language import detect
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

PARALLEL_ROW = {
    "id": "қос1",
    "titles": {"kk": "Айлақ", "en": "The spaceport"},
    "sentences": {
        "kk": ["Айлақ далада тұр.", "Ол 1955 жылы салынды."],
        "en": ["The port lies in the steppe.", "It was built in 1955."],
    },
    "questions": [
        {
            "question": "Когда построили космодром?",
            "language": "ru",
            "sentence": 1,
            "answers": {"kk": "1955 жылы", "en": "in 1955"},
        },
        {"question": "Кім салды?", "language": "kk", "sentence": None, "answers": {}},
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


def test_a_parallel_passage_is_asked_in_both_languages(tmp_path):
    path = written(tmp_path / "parallel.jsonl", PARALLEL_ROW)
    kazakh, english, *near_misses = read_questions(path)
    for row, language, answer in ((kazakh, "kk", "1955 жылы"), (english, "en", "in 1955")):
        sentences = PARALLEL_ROW["sentences"][language]
        assert row.context == " ".join(sentences)
        assert [row.context[a:b] for a, b in row.answers] == [answer]
        assert [row.context[a:b] for a, b in row.evidence] == [sentences[1]]
        assert (row.title, row.language) == (PARALLEL_ROW["titles"][language], "ru")
    assert kazakh.pair == english.pair != near_misses[0].pair
    assert [(row.answers, row.evidence) for row in near_misses] == [((), ())] * 2


def test_sentences_of_parallel_passages_are_translations_unless_held_out(tmp_path):
    rows = [PARALLEL_ROW | {"id": f"қос{n}"} for n in range(60)]
    trained = [row for row in rows if not held_out(row["id"])]
    pairs = list(zip(*PARALLEL_ROW["sentences"].values(), strict=True))
    assert 0 < len(trained) < len(rows)
    assert read_translations(written(tmp_path / "parallel.jsonl", *rows)) == pairs * len(trained)
    strings = written(tmp_path / "strings.jsonl", {"kk": "Бас тарту", "en": "Cancel"})
    assert read_translations(strings) == [("Бас тарту", "Cancel")]


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


def test_what_is_held_out_is_an_evaluation_set(tmp_path):
    path = written(tmp_path / "passages.jsonl", *(OWN_ROW | {"id": f"ү{n}"} for n in range(60)))
    assert read_set(path) == development_set(path)
    assert read_questions_of_set(path) == [*development_set(path).examples]


@pytest.mark.parametrize("change", [{"text": None}, {"questions": [{}]}, {"id": 7}])
def test_a_row_that_is_no_passage_is_told(tmp_path, change):
    name = next(name for name in map(str, range(60)) if held_out(name))
    path = written(tmp_path / "passages.jsonl", OWN_ROW | {"id": name} | change)
    with pytest.raises(EvalError, match="is no file of passages with questions"):
        read_set(path)


def rows_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def passages():
    return [*rows_of(OWN), *rows_of(OWN_SEARCH)]


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


def test_the_parallel_rows_of_the_project_are_sound():
    passages = rows_of(OWN_PARALLEL)
    assert len({passage["id"] for passage in passages}) == len(passages)
    for passage in passages:
        kazakh, english = passage["sentences"]["kk"], passage["sentences"]["en"]
        assert len(kazakh) == len(english)
        assert (detect(" ".join(kazakh)), detect(" ".join(english))) == ("kk", "en")
    rows = read_questions(OWN_PARALLEL)
    assert {row.language for row in rows} == {"kk", "en", "ru"}
    assert len({row.question.casefold() for row in rows}) == len(rows) / 2


@pytest.mark.parametrize(("path", "least"), [(OWN, 12_000), (OWN_SEARCH, 2_800)])
def test_the_rows_of_the_project_are_many_and_in_all_directions(path, least):
    passages = rows_of(path)
    pairs = Counter(
        (passage["language"], question["language"])
        for passage in passages
        for question in passage["questions"]
    )
    assert min(pairs[a, b] for a in ("kk", "en", "ru") for b in ("kk", "en", "ru")) > 60
    questions = [question for passage in passages for question in passage["questions"]]
    assert len(questions) >= least


def test_a_third_of_what_is_asked_is_not_answered():
    questions = [question for passage in rows_of(OWN) for question in passage["questions"]]
    unanswerable = sum(not question["answers"] for question in questions)
    assert 0.25 < unanswerable / len(questions) < 0.45


def runs_of_eight(text):
    words = text.casefold().split()
    return {tuple(words[n : n + 8]) for n in range(len(words) - 7)}


def texts_of(value):
    """Yield all strings in JSON data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_of(part)


def test_no_row_is_of_what_is_evaluated(passages):
    """Not one run of eight words of the documents that ship, or of an evaluation set, is learnt.

    Sets that are no part of the project are looked through where $DALEL_SETS names their folders.
    """
    evaluated = [document.text for document in read_shipped().documents]
    folders = [SETS, *map(Path, os.environ.get("DALEL_SETS", "").split())]
    for path in (path for folder in folders for path in sorted(folder.rglob("*.jsonl"))):
        evaluated += texts_of([json.loads(line) for line in path.read_text("utf-8").splitlines()])
    shared = set().union(*map(runs_of_eight, evaluated))
    asked = {text.casefold() for text in evaluated}
    texts = [(passage["id"], passage["text"]) for passage in passages]
    texts += [(row.group, row.context) for row in read_questions(OWN_PARALLEL)]
    for name, text in dict.fromkeys(texts):
        assert not runs_of_eight(text) & shared, name
    for row in (row for path in (OWN, OWN_SEARCH, OWN_PARALLEL) for row in read_questions(path)):
        assert row.question.casefold() not in asked, row.question
