"""Tests of eval/run_store.py: what is on disk is whole, ours, and never someone else's."""

import errno
import itertools
import json
import os
from pathlib import Path

import numpy as np
import pytest
import pytrec_eval

from eval.run_store import RunFolder
from ingest.errors import EvalError

CONFIG = {
    "set": {"name": "жиын.jsonl", "sha256": "0" * 64},
    "threshold": 0.5,
    "embedder": "hash",
    "code_sha256": "1" * 64,
    "started": "2026-01-01T00:00:00+00:00",
}
SUMMARY = {"set": "жиын.jsonl", "n": 2, "figures": {}, "config": CONFIG}
FILES = ["config.json", "qrels.trec", "questions.jsonl", "report.html", "run.trec", "summary.json"]


def record(name="сұрақ-1", **named):
    made = {"id": name, "question": "Үкі?", "answerable": True, "answer": {}, "metrics": {}}
    return made | {"ranked": [["a", 0.5]], "relevant": {"a": 1}} | named


RECORDS = [record(), record("сұрақ 2", question="Һәм\n\u2028\x00😀?")]


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path / "жүгіріс")


def begun(folder, records=RECORDS):
    folder.begin(CONFIG)
    for each in records:
        folder.append(each)
    return folder


def filled(folder):
    begun(folder).finish(RECORDS, SUMMARY, "<p>әғқңөұүһі")
    return folder


def told(call, *arguments):
    """Return the one line of an EvalError."""
    with pytest.raises(EvalError) as caught:
        call(*arguments)
    line = caught.value.line()
    assert "\n" not in line
    return line


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.path.iterdir())}


# --- begin, append, finish ------------------------------------------------------------------------


def test_a_new_folder_is_made_with_those_above_it(tmp_path):
    folder = RunFolder(tmp_path / "а" / "ә" / "б")
    assert folder.begin(CONFIG) == []
    assert json.loads((folder.path / "config.json").read_text("utf-8")) == CONFIG
    assert not folder.finished


def test_what_is_written_is_what_is_read(folder):
    filled(folder)
    assert sorted(contents(folder)) == FILES
    assert folder.finished
    assert folder.records() == RECORDS
    assert folder.summary() == SUMMARY
    assert folder.report.read_text("utf-8") == "<p>әғқңөұүһі"
    assert "жиын" in (folder.path / "summary.json").read_text("utf-8"), "Kazakh stays readable"


def test_an_unfinished_run_goes_on(folder):
    begun(folder)
    assert RunFolder(folder.path).begin(CONFIG | {"started": "later"}) == RECORDS
    assert json.loads((folder.path / "config.json").read_text("utf-8")) == CONFIG


def test_a_finished_run_of_the_same_is_done_anew(folder):
    filled(folder)
    later = CONFIG | {"started": "later"}
    assert folder.begin(later) == []
    assert sorted(contents(folder)) == ["config.json"]
    assert json.loads((folder.path / "config.json").read_text("utf-8")) == later


def test_an_empty_folder_will_do(folder):
    folder.path.mkdir()
    assert folder.begin(CONFIG) == []


@pytest.mark.parametrize("done", [begun, filled])
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"set": {"name": "басқа"}}, "set"),
        ({"threshold": 0.4}, "threshold"),
        ({"embedder": "басқа"}, "embedder"),
        ({"code_sha256": "2" * 64}, "code_sha256"),
        ({"жаңа": 1}, "жаңа"),
    ],
)
def test_another_run_is_refused_by_what_differs_and_untouched(folder, done, changed, named):
    before = contents(done(folder))
    line = told(folder.begin, CONFIG | changed)
    assert f"holds a run with another {named};" in line
    assert "--output" in line
    assert contents(folder) == before
    assert not folder.is_of(CONFIG | changed)


def test_files_of_others_are_refused_and_untouched(folder):
    folder.path.mkdir()
    (folder.path / "әлем.txt").write_text("менікі", "utf-8")
    assert "files that are no run's" in told(folder.begin, CONFIG)
    assert contents(folder) == {"әлем.txt": "менікі".encode()}
    (folder.path / "config.json").write_text('{"theirs": 1}', "utf-8")
    before = contents(folder)
    told(folder.begin, CONFIG)
    assert contents(folder) == before


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "файл").write_text("менікі", "utf-8")
    assert "is a file, expected a folder" in told(RunFolder(tmp_path / "файл").begin, CONFIG)
    assert "cannot be written" in told(RunFolder(tmp_path / "файл" / "а").begin, CONFIG)
    assert (tmp_path / "файл").read_text("utf-8") == "менікі"


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_folder_that_cannot_be_written_is_told(folder, monkeypatch, code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    for name, call, arguments in [
        ("mkdir", folder.begin, (CONFIG,)),
        ("write_bytes", folder.begin, (CONFIG,)),
        ("open", folder.append, (RECORDS[0],)),
        ("write_bytes", folder.finish, (RECORDS, SUMMARY, "")),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(Path, name, refuse)
            line = told(call, *arguments)
        assert os.strerror(code) in line
        assert "--output" in line
    assert not folder.finished


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot be written" in told(RunFolder(tmp_path / "а").begin, CONFIG)


def test_an_interrupted_write_leaves_the_file_as_it_was(folder, monkeypatch):
    filled(folder)
    before = contents(folder)
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        folder.finish([], {"config": {}}, "")
    assert {name: contents(folder)[name] for name in FILES} == before


def test_names_that_are_no_text_are_kept(folder):
    name = os.fsdecode(b"\xff.jsonl")
    config = CONFIG | {"set": {"name": name, "sha256": ""}}
    folder.begin(config)
    folder.append(record(question=name))
    folder.finish([record(question=name)], SUMMARY | {"set": name, "config": config}, name)
    assert folder.records()[0]["question"] == name
    assert folder.summary()["config"]["set"]["name"] == name
    assert RunFolder(folder.path).begin(config) == []


# --- reading back ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "torn",
    ["{", '{"id": "сұр', json.dumps(RECORDS[0]), json.dumps(RECORDS[0])[:-1], "\x00\x00", "Ә"],
)
def test_a_torn_last_line_is_cut_off(folder, torn):
    begun(folder)
    path = folder.path / "questions.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + torn.encode()[:-1])
    assert folder.begin(CONFIG) == RECORDS
    folder.append(record("сұрақ-3"))
    assert [each["id"] for each in folder.records()] == ["сұрақ-1", "сұрақ 2", "сұрақ-3"]
    assert path.read_bytes().startswith(whole)


def test_a_torn_only_line_leaves_nothing(folder):
    begun(folder, [])
    (folder.path / "questions.jsonl").write_bytes(b'{"id": ')
    assert folder.begin(CONFIG) == []
    assert (folder.path / "questions.jsonl").read_bytes() == b""


def test_a_cut_anywhere_loses_one_record_at_most(folder):
    begun(folder)
    path = folder.path / "questions.jsonl"
    whole = path.read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        assert folder.records() == RECORDS[: sum(end <= length for end in ends)]


@pytest.mark.parametrize("line", ["{", "үкі", "7", "[]", "null", "{}", '{"id": "1"}', "[" * 10**5])
def test_another_damaged_line_is_told(folder, line):
    begun(folder)
    path = folder.path / "questions.jsonl"
    path.write_text(line + "\n" + path.read_text("utf-8"), "utf-8")
    for call in (folder.records, lambda: folder.begin(CONFIG)):
        assert "questions.jsonl' is damaged" in told(call)


def test_bytes_that_are_no_text_are_told(folder):
    begun(folder)
    (folder.path / "questions.jsonl").write_bytes(b"\xff\xfe\xfd\n")
    assert "questions.jsonl' is damaged" in told(folder.records)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", "\x00", "[" * 10**5])
def test_a_damaged_config_is_told(folder, text):
    begun(folder)
    (folder.path / "config.json").write_text(text, "utf-8")
    before = contents(folder)
    for call, *arguments in ((folder.begin, CONFIG), (folder.summary,)):
        assert "config.json' is damaged" in told(call, *arguments)
    assert not folder.is_of(CONFIG), "a new run elsewhere is not held up"
    assert contents(folder) == before


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "{}", '{"config": {}}', '{"config": []}', '{"config": null}']
)
def test_a_damaged_summary_is_told(folder, text):
    filled(folder)
    (folder.path / "summary.json").write_text(text, "utf-8")
    assert "summary.json' is damaged" in told(folder.summary)


def test_what_has_no_summary_is_told_apart(folder, tmp_path):
    assert "is no run of `dalel eval`" in told(RunFolder(tmp_path / "жоқ").summary)
    assert "is not finished" in told(begun(folder).summary)


def test_a_file_that_cannot_be_read_is_told(folder, monkeypatch):
    filled(folder)

    def refuse(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    for call, *arguments in ((folder.summary,), (folder.records,), (folder.begin, CONFIG)):
        line = told(call, *arguments)
        assert line.startswith("cannot read ")
        assert os.strerror(errno.EIO) in line


def test_only_an_unfinished_run_of_the_same_is_gone_on_with(folder):
    assert not folder.is_of(CONFIG)
    assert begun(folder).is_of(CONFIG | {"started": "later"})
    assert not filled(folder).is_of(CONFIG)


# --- TREC -----------------------------------------------------------------------------------------


def rows(folder, name):
    return [line.split(" ") for line in (folder.path / name).read_text("utf-8").splitlines()]


def test_rankings_and_judgements_are_trecs(folder):
    ranked = [["құжат-1:0-9", 0.75], ["doc 2:3-4", 0.5]]
    records = [record("бір\tекі", ranked=ranked, relevant={"doc 2:3-4": 1, "жоқ": 0}), record()]
    begun(folder, []).finish(records, SUMMARY, "")
    assert rows(folder, "run.trec") == [
        ["бір%09екі", "Q0", "құжат-1:0-9", "1", "0.75", "dalel"],
        ["бір%09екі", "Q0", "doc%202:3-4", "2", "0.5", "dalel"],
        ["сұрақ-1", "Q0", "a", "1", "0.5", "dalel"],
    ]
    assert rows(folder, "qrels.trec") == [
        ["бір%09екі", "0", "doc%202:3-4", "1"],
        ["бір%09екі", "0", "жоқ", "0"],
        ["сұрақ-1", "0", "a", "1"],
    ]


@pytest.mark.parametrize(
    "scores",
    [[0.5] * 5, [0.0] * 5, [-1.0] * 5, [0.5, 0.49999999, 0.49999998, 0.4, 0.4], [9, 8, 7, 7, 6]],
)
def test_equal_scores_keep_their_order_in_trec_eval(folder, scores):
    """It orders equal scores by name, from the last, and knows 24 bits of a score."""
    ranked = [[name, score] for name, score in zip("abcde", scores, strict=True)]
    begun(folder, []).finish([record("1", ranked=ranked)], SUMMARY, "")
    written = [np.float32(row[4]) for row in rows(folder, "run.trec")]
    assert all(a > b for a, b in itertools.pairwise(written))
    assert written == pytest.approx(scores, abs=1e-6)
    with (folder.path / "run.trec").open() as file:
        run = pytrec_eval.parse_run(file)
    for rank, name in enumerate("abcde", start=1):
        judge = pytrec_eval.RelevanceEvaluator({"1": {name: 1}}, {"recip_rank"})
        assert judge.evaluate(run)["1"]["recip_rank"] == pytest.approx(1 / rank)
