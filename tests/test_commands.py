"""Tests of eval/commands.py: what `dalel eval` and `dalel compare` print, write and answer with.

Most run in this process with a model that hashes letters; the last run `dalel` as people do.
"""

import errno
import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedder

import eval.runner
from chat.cli import main
from eval.formats import read_set
from eval.metrics import interval
from eval.metrics.registry import MEASURES
from eval.run_store import RunFolder
from index.indexer import Indexer
from index.ranking_weights import WEIGHTS
from ingest.loader import read_shipped

BIRDS = "үкі қарға бүркіт қаршыға аққу тырна".split()
PASSAGE = "\n\n".join(
    f"{bird.capitalize()} биік тауда өмір сүреді. Оны {bird} дейді." for bird in BIRDS
)
FILES = ["config.json", "qrels.trec", "questions.jsonl", "report.html", "run.trec", "summary.json"]


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def reading(n, **named):
    """Return a row that brings its passage along."""
    answer = f"{BIRDS[n].capitalize()} биік"
    answers = {"text": [answer], "answer_start": [PASSAGE.index(answer)]}
    row = {"id": f"сұрақ-{n}", "question": f"{BIRDS[n].capitalize()} қайда өмір сүреді?"}
    return (
        row | {"context": PASSAGE, "title": "Құстар", "pid": "құстар", "answers": answers} | named
    )


READING = [reading(n) for n in range(len(BIRDS))]


def hurry(patch):
    """Let any name be a model that hashes letters, read little, and wait for next to nothing."""
    patch.setenv("COLUMNS", "80")
    for name in ("mean", "statistic"):
        patch.setitem(getattr(interval, name).__kwdefaults__, "resamples", 9)
    patch.setattr(os, "fsync", os.fstat)
    patch.setattr("chat.reader.WEIGHTS", replace(WEIGHTS, windows_read=2))
    for module in ("index.indexer", "eval.runner"):
        patch.setattr(f"{module}.load_embedder", lambda name, _folder: HashEmbedder(name))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    hurry(monkeypatch)


@pytest.fixture
def run(capsys):
    """Return a function that runs the command line: exit code, output and errors."""

    def command(*arguments):
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def succeed(run):
    def command(*arguments):
        code, out, err = run(*arguments)
        assert (code, err) == (0, "")
        return out

    return command


@pytest.fixture
def complain(run):
    """Return a function that runs what must fail, and returns the one line that says why."""

    def command(*arguments):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("dalel: ")
        assert (err.count("\n"), err[-1]) == (1, "\n")
        return err

    return command


@pytest.fixture
def birds(tmp_path):
    path = tmp_path / "құстар туралы.jsonl"
    path.write_text(lines(READING), "utf-8")
    return path


@pytest.fixture(scope="module")
def standing_runs(tmp_path_factory):
    """Return a folder with two runs of a set, to be copied."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "құстар туралы.jsonl").write_text(lines(READING), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        patch.setenv("DALEL_HOME", str(folder / "үй"))
        for name in ("бірінші", "екінші"):
            output = str(folder / "екеуі" / name)
            with redirect_stdout(io.StringIO()):
                assert main(["eval", str(folder / "құстар туралы.jsonl"), "--output", output]) == 0
    return folder / "екеуі"


@pytest.fixture
def runs(standing_runs, tmp_path):
    """Return two runs of a set."""
    shutil.copytree(standing_runs, tmp_path, dirs_exist_ok=True)
    return tmp_path / "бірінші", tmp_path / "екінші"


def beir(folder, documents=4):
    folder.mkdir()
    corpus = [
        {"_id": f"құжат-{n}", "title": f"Ұзын атау {n}", "text": f"{BIRDS[n]} көкте қалықтап ұшты."}
        for n in range(documents)
    ]
    (folder / "corpus.jsonl").write_text(lines(corpus), "utf-8")
    queries = [{"_id": f"с-{n}", "text": f"{BIRDS[n]} қайда ұшты?"} for n in range(documents)]
    (folder / "queries.jsonl").write_text(lines(queries), "utf-8")
    judged = "".join(f"с-{n}\tқұжат-{n}\t1\n" for n in range(documents))
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}", "utf-8")
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def asked(folder):
    return [record["id"] for record in RunFolder(folder).records()]


# --- eval -----------------------------------------------------------------------------------------


def test_a_report_is_in_the_language_that_is_asked_for(succeed, complain, birds, empty_home):
    succeed("eval", birds, "--language", "kk")
    (folder,) = (empty_home / "runs").iterdir()
    succeed(
        "compare", folder, folder, "--language", "ru", "--output", empty_home / "салыстыру.html"
    )
    texts = (
        (folder / "report.html", '<html lang="kk">'),
        (
            empty_home / "салыстыру.html",
            '<html lang="ru">',
        ),
    )
    for path, opening in texts:
        assert opening in path.read_text("utf-8")
    assert "'tr' is not one of kk, en, ru" in complain("eval", birds, "--language", "tr")


def test_a_run_is_shown_and_written(succeed, birds, empty_home):
    out = succeed("eval", birds)
    (folder,) = (empty_home / "runs").iterdir()
    assert folder.name.startswith("құстар туралы-")
    assert names(folder) == FILES
    assert "құстар туралы.jsonl: 6 questions" in out
    assert f"Report: {folder / 'report.html'}" in out.replace("\n", "")
    for part in ("kk → kk", "nDCG@10", "answer in citations", "time, median"):
        assert part in out
    assert asked(folder) == [row["id"] for row in READING]
    assert names(empty_home) == ["runs", "vectors"], "nothing is indexed for good"


def test_machines_get_the_summary(succeed, birds, tmp_path):
    summary = json.loads(succeed("eval", birds, "--output", tmp_path / "а", "--json"))
    assert summary.pop("report") == str(tmp_path / "а" / "report.html")
    assert summary == RunFolder(tmp_path / "а").summary()
    assert summary["n"] == len(READING)
    assert summary["figures"]["right"]["value"] == 1


def test_a_run_goes_where_it_is_told_and_is_replaced(succeed, birds, empty_home, tmp_path):
    for _ in range(2):
        succeed("eval", birds, "--output", tmp_path / "ә" / "б")
        assert names(tmp_path / "ә" / "б") == FILES
    assert not (empty_home / "runs").exists()


def test_home_goes_before_the_environment(succeed, birds, empty_home, tmp_path):
    succeed("eval", birds, "--home", tmp_path / "үй")
    assert names(tmp_path / "үй") == ["runs", "vectors"]
    assert not empty_home.exists()


def test_nothing_is_embedded_twice(succeed, birds, monkeypatch, tmp_path):
    succeed("eval", birds, "--output", tmp_path / "а")
    monkeypatch.setattr(HashEmbedder, "embed_passages", None)
    succeed("eval", birds, "--output", tmp_path / "ә")


def test_a_beir_folder_can_be_asked(succeed, tmp_path):
    summary = json.loads(succeed("eval", beir(tmp_path / "жинақ"), "--json"))
    assert (summary["set"], summary["n"]) == ("жинақ", 4)
    assert summary["figures"]["ndcg@10"]["n"] == 4


def test_a_table_can_be_asked(succeed, tmp_path):
    path = tmp_path / "кесте.csv"
    path.write_text(
        "user_input,reference,retrieved_contexts,response\n"
        f'Үкі қайда?,Биік тауда,"[""{BIRDS[0]} биік тауда өмір сүреді.""]",Тауда\n',
        "utf-8",
    )
    summary = json.loads(succeed("eval", path, "--json"))
    assert {"chrf", "response_chrf"} <= set(summary["figures"])


def test_an_interrupted_run_says_so_and_goes_on(run, succeed, birds, monkeypatch, empty_home):
    real, calls = eval.runner.ask, []

    def asking(example, retriever, threshold, author):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(example.id)
        return real(example, retriever, threshold, author)

    with monkeypatch.context() as patch:
        patch.setattr("eval.runner.ask", asking)
        code, out, err = run("eval", birds)
    assert (code, out) == (130, "")
    assert err == ("dalel: interrupted after 2 of 6 questions; the same command goes on there\n")
    monkeypatch.setattr(
        "eval.runner.ask", lambda *arguments: calls.append(arguments[0].id) or real(*arguments)
    )
    succeed("eval", birds)
    assert calls == [row["id"] for row in READING]
    (folder,) = (empty_home / "runs").iterdir()
    assert names(folder) == FILES


# --- which questions ------------------------------------------------------------------------------


def test_near_misses_are_asked_besides(succeed, birds, tmp_path):
    succeed("eval", birds, "--near-miss", "--output", tmp_path / "а")
    first = [row["id"] for row in READING]
    summary = RunFolder(tmp_path / "а").summary()
    assert summary["n"] + summary["skipped"] == 2 * len(first)
    assert (
        asked(tmp_path / "а") == [*first, *(f"near-miss:{name}" for name in first)][: summary["n"]]
    )


def test_near_misses_that_leave_nothing_are_counted(succeed, tmp_path):
    path = tmp_path / "жалғыз.jsonl"
    row = {"id": "1", "question": "Үкі қайда?", "context": "Үкі биік тауда."}
    path.write_text(lines([row | {"answers": [{"text": "Үкі", "answer_start": 0}]}]), "utf-8")
    out = succeed("eval", path, "--near-miss")
    assert "1  Near misses left out: nothing is left to ask" in out
    assert "1 question" in out


def test_each_question_can_be_asked_of_its_own_passage_only(succeed, tmp_path):
    rows = [
        reading(n, pid=f"құс-{n}", context=f"{bird.capitalize()} биік тауда. Оны {bird} дейді.")
        | {"answers": {"text": ["биік тауда"], "answer_start": [len(bird) + 1]}}
        for n, bird in enumerate(BIRDS)
    ]
    rows.append(rows[0] | {"id": "тағы", "pid": "құс-1", "context": rows[1]["context"]})
    rows[-1]["answers"] = rows[1]["answers"]
    path = own(tmp_path / "оқу.jsonl", *rows)
    arguments = ("eval", path, "--given", "--threshold", "0", "--output", tmp_path / "а")
    out = succeed(*arguments)
    assert "Each question was asked of its own passage only." in out
    assert asked(tmp_path / "а") == [row["id"] for row in rows], "the same question twice"
    for record, row in zip(RunFolder(tmp_path / "а").records(), rows, strict=True):
        cited = {citation["document_id"] for citation in record["answer"]["citations"]}
        assert cited == {row["pid"]}
    summary = json.loads(succeed(*arguments, "--json"))
    assert summary["config"]["given"] is True
    for name in ("right_sentence@1", "short_answer_exact", "short_answer_f1"):
        assert summary["figures"][name]["n"] == len(rows)
        assert MEASURES[name].label in out
    assert not {"recall@10", "mrr@10"} & set(summary["figures"])
    without = json.loads(succeed("eval", path, "--json"))
    assert without["n"] == len(BIRDS), "one question, two passages"
    assert without["figures"]["recall@10"]["n"] == len(BIRDS)


def test_off_topic_questions_are_asked_besides(succeed, birds, tmp_path):
    other = tmp_path / "басқа.jsonl"
    rows = [
        {"id": "x", "question": "Палау қалай пісіріледі?"},
        {"id": "ә", "question": "Ән кімдікі?"},
    ]
    other.write_text(lines(rows), "utf-8")
    out = succeed("eval", birds, "--off-topic", other, "--output", tmp_path / "а")
    assert asked(tmp_path / "а")[-2:] == ["off-topic:x", "off-topic:ә"]
    figures = RunFolder(tmp_path / "а").summary()["figures"]
    assert figures["hallucination"]["n"] == 2
    assert "AUROC of confidence" in out
    folder = beir(tmp_path / "жинақ")
    succeed("eval", birds, "--off-topic", folder, "--near-miss", "--output", tmp_path / "ә")
    assert asked(tmp_path / "ә")[-4:] == [f"off-topic:с-{n}" for n in range(4)]


def test_other_off_topic_questions_make_another_run(succeed, complain, birds, tmp_path):
    other = tmp_path / "басқа.jsonl"
    arguments = ("eval", birds, "--off-topic", other, "--output", tmp_path / "а")
    other.write_text(lines([{"id": "x", "question": "Палау қалай пісіріледі?"}]), "utf-8")
    succeed(*arguments)
    other.write_text(lines([{"id": "x", "question": "Ән кімдікі?"}]), "utf-8")
    assert "holds a run with another questions" in complain(*arguments)


def own(path, *rows):
    path.write_text(lines(rows), "utf-8")
    return path


def test_a_set_without_documents_is_asked_of_what_ships_if_nothing_is_indexed(
    succeed, empty_home, tmp_path
):
    path = own(tmp_path / "өз.jsonl", {"id": "1", "question": "Шарт қашан?", "answers": ["1994"]})
    summary = json.loads(succeed("eval", path, "--json"))
    assert summary["config"]["documents"]["n"] == 2
    indexed = [document.id for document in Indexer(empty_home).store.load().documents]
    assert indexed == [document.id for document in read_shipped().documents]


def test_a_set_may_be_asked_of_what_is_indexed(succeed, complain, birds, empty_home, tmp_path):
    assert "no question of" in complain("eval", birds, "--indexed")
    (tmp_path / "құстар").write_text(PASSAGE, "utf-8")
    (tmp_path / "corpus.jsonl").write_text(
        lines([{"_id": "құстар", "title": "", "text": PASSAGE}, {"_id": "б", "text": "Басқа."}]),
        "utf-8",
    )
    succeed("index", tmp_path / "corpus.jsonl")
    summary = json.loads(succeed("eval", birds, "--indexed", "--json"))
    assert summary["config"]["documents"]["n"] == 2
    assert json.loads(succeed("eval", birds, "--json"))["config"]["documents"]["n"] == 1


# --- what is wrong with a set ---------------------------------------------------------------------

TOO_FAR = {"id": "алыс", "question": "Үкі ме?", "gold": [{"document_id": "kk_foreign_policy"}]}
TOO_FAR["gold"][0] |= {"start": 10**7, "end": 10**7 + 1}
GOOD = {"id": "жақсы", "question": "Шарт қашан?", "answers": ["1994"]}


def test_a_good_set_is_checked_and_nothing_is_asked(succeed, birds, empty_home):
    assert (
        succeed("eval", birds, "--check") == "құстар туралы.jsonl: 6 questions, no problem found.\n"
    )
    assert not (empty_home / "runs").exists()


def test_a_bad_set_is_checked_and_all_is_told(run, tmp_path):
    path = own(tmp_path / "жаман.jsonl", GOOD, {"id": "бос"}, TOO_FAR, GOOD)
    code, out, err = run("eval", path, "--check")
    assert (code, err) == (2, "")
    for part in ("line 2: question is missing", "алыс: gold[0]: ends at", "line 4: id 'жақсы'"):
        assert part in out.replace("\n", " ")
    assert out.endswith("жаман.jsonl: 2 questions, 3 problems.\n")
    assert not list(tmp_path.rglob("runs"))


def test_bad_rows_are_told_and_the_others_asked(run, tmp_path):
    path = own(tmp_path / "жаман.jsonl", GOOD, {"id": "бос"}, TOO_FAR)
    code, out, err = run("eval", path, "--json")
    assert (code, json.loads(out)["n"]) == (0, 1)
    assert err.splitlines() == [
        "dalel: left out: жаман.jsonl, line 2: question is missing, expected a string that is not"
        " empty",
        f"dalel: left out: алыс: gold[0]: ends at {10**7 + 1}, the document at"
        f" {len(read_shipped().documents[0].text)}",
    ]


def test_of_many_bad_rows_the_first_are_told(run, tmp_path):
    path = own(tmp_path / "жаман.jsonl", GOOD, *({"id": f"{n}"} for n in range(30)))
    code, _, err = run("eval", path)
    complaints = err.splitlines()
    assert (code, len(complaints)) == (0, 21)
    assert complaints[-1] == "dalel: … and 10 more; see --check"


@pytest.mark.parametrize("bad", [{"id": "бос"}, TOO_FAR])
def test_strict_refuses_a_bad_row(complain, empty_home, tmp_path, bad):
    path = own(tmp_path / "жаман.jsonl", GOOD, bad)
    assert "1 bad rows in жаман.jsonl; first: " in complain("eval", path, "--strict")
    assert not (empty_home / "runs").exists()


def test_strict_bears_what_only_a_person_must_look_at(succeed, tmp_path):
    path = own(tmp_path / "жиын.jsonl", GOOD | {"tags": ["variant-of:жоқ"]})
    assert json.loads(succeed("eval", path, "--strict", "--json"))["n"] == 1


# --- errors ---------------------------------------------------------------------------------------

BAD = {
    "no set": (["eval"], "Missing argument 'SET'; see `dalel eval --help`"),
    "missing set": (["eval", "жоқ.jsonl"], "cannot read 'жоқ.jsonl'"),
    "missing table": (["eval", "жоқ.csv"], "cannot read 'жоқ.csv'"),
    "empty path": (["eval", ""], "the path is empty"),
    "empty set": (["eval", "бос.jsonl"], "holds no question that can be used"),
    "unknown kind": (["eval", "сурет.png"], "no set can be read from 'сурет.png'"),
    "no BEIR folder": (["eval", "бос-бума"], "holds no judgements"),
    "binary set": (["eval", "екілік.jsonl"], "is not UTF-8"),
    "nothing to ask": (["eval", "алыс.jsonl"], "no question of алыс.jsonl can be asked; алыс: "),
    "missing off-topic": (["eval", "жиын.jsonl", "--off-topic", "жоқ"], "cannot read 'жоқ'"),
    "empty off-topic": (["eval", "жиын.jsonl", "--off-topic", "бос.jsonl"], "holds no question"),
    "empty output": (["eval", "жиын.jsonl", "--output", ""], "the path is empty"),
    "output a file": (["eval", "жиын.jsonl", "--output", "бос.jsonl"], "is a file, expected a"),
    "output below a file": (["eval", "жиын.jsonl", "--output", "бос.jsonl/а"], "cannot be written"),
    "output of others": (["eval", "жиын.jsonl", "--output", "толы"], "holds files that are no run"),
    "long output": (["eval", "жиын.jsonl", "--output", "ә" * 200], "too long"),
    "two sets": (["eval", "жиын.jsonl", "жиын.jsonl"], "unexpected extra argument"),
    "way of typing": (
        ["eval", "жиын.jsonl", "--typed", "қате"],
        "'--typed': 'қате' is not one of latin",
    ),
    "passages given and withheld": (
        ["eval", "жиын.jsonl", "--given", "--near-miss"],
        "--given asks passages that answer, --near-miss what does not",
    ),
    "passages given and off-topic": (
        ["eval", "жиын.jsonl", "--given", "--off-topic", "жиын.jsonl"],
        "--given asks passages that answer, --off-topic what does not",
    ),
    "unknown option": (["eval", "жиын.jsonl", "--жылдам"], "--жылдам"),
    "home a file": (["eval", "жиын.jsonl", "--home", "бос.jsonl"], "is a file, expected a folder"),
    "compare nothing": (["compare"], "Missing argument 'A'"),
    "compare one": (["compare", "бос-бума"], "Missing argument 'B'; see `dalel compare --help`"),
    "compare no run": (["compare", "бос-бума", "бос-бума"], "is no run of `dalel eval`"),
    "compare missing": (["compare", "жоқ", "жоқ"], "is no run of `dalel eval`"),
    "compare a file": (["compare", "бос.jsonl", "бос.jsonl"], "is no run of `dalel eval`"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_told_in_one_line_and_nothing_is_written(
    complain, tmp_path, monkeypatch, kind
):
    monkeypatch.chdir(tmp_path)
    for name in ("бос-бума", "толы"):
        Path(name).mkdir()
    Path("толы/менікі.txt").write_text("менікі", "utf-8")
    Path("бос.jsonl").touch()
    Path("сурет.png").write_bytes(b"\x89PNG")
    Path("екілік.jsonl").write_bytes(bytes(range(256)))
    own(Path("жиын.jsonl"), GOOD)
    own(Path("алыс.jsonl"), TOO_FAR)
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.glob("[!d]*")}
    arguments, part = BAD[kind]
    line = complain(*arguments)
    assert part in line
    assert len(line) < 600
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.glob("[!d]*")} == before
    assert not list(tmp_path.rglob("runs"))


@pytest.mark.parametrize("name", ["config.json", "questions.jsonl", "summary.json"])
@pytest.mark.parametrize("text", ["{", "[]\n", "\x00"])
def test_a_damaged_run_is_told(complain, birds, runs, name, text):
    first, second = runs
    (second / name).write_text(text + "\n", "utf-8")
    if name != "config.json":
        assert f"{name}' is damaged" in complain("compare", first, second)
    (second / "summary.json").unlink()
    if name != "summary.json":
        assert f"{name}' is damaged" in complain("eval", birds, "--output", second)


def test_vectors_that_cannot_be_kept_are_told(complain, birds, empty_home):
    empty_home.mkdir()
    (empty_home / "vectors").touch()
    assert "vectors cannot be kept" in complain("eval", birds)


def test_a_full_disk_is_told(complain, birds, monkeypatch, tmp_path):
    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    line = complain("eval", birds, "--output", tmp_path / "а")
    assert os.strerror(errno.ENOSPC) in line


def test_another_model_is_refused_only_where_it_was_not_indexed_with(succeed, complain, birds):
    summary = json.loads(succeed("eval", birds, "--model", "басқа", "--json"))
    assert summary["config"]["embedder"] == "басқа"
    succeed("index")
    assert "another embedder" in complain("eval", birds, "--indexed", "--model", "басқа")


# --- compare --------------------------------------------------------------------------------------


def worse(folder):
    """Make every second answer of a run wrong."""
    path = folder / "questions.jsonl"
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for record in records[::2]:
        record["metrics"]["right"] = 0.0
    path.write_text(lines(records), "utf-8")


def test_the_same_twice_differs_in_nothing(succeed, runs):
    out = succeed("compare", *runs)
    assert "бірінші → екінші: 6 questions" in out
    assert "Another answer: 0 questions." in out
    assert "Unchanged: right, " in out
    assert (runs[1] / "compared-with-бірінші.html").is_file()
    assert names(runs[0]) == FILES


def test_a_difference_is_shown(succeed, runs):
    worse(runs[1])
    out = succeed("compare", *runs)
    row, *of_all = (line.split() for line in out.splitlines() if line.startswith("right "))
    assert row[:4] == ["right", "1.000", "0.500", "-0.500"]
    assert row[-1] == "0/3"
    assert [(row[1], row[-1]) for row in of_all] == [("less", "–")], "of all questions together"
    assert "Another answer: 3 questions." in out


def test_machines_get_the_comparison(succeed, runs, tmp_path):
    worse(runs[1])
    page = tmp_path / "салыстыру.html"
    comparison = json.loads(succeed("compare", *runs, "--output", page, "--json"))
    assert comparison["report"] == str(page)
    assert (comparison["n"], len(comparison["changed"])) == (6, 3)
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert names(runs[1]) == FILES


def test_a_run_can_be_named_from_within(succeed, runs, monkeypatch):
    monkeypatch.chdir(runs[0])
    assert "бірінші → екінші" in succeed("compare", ".", runs[1])
    assert (runs[1] / "compared-with-бірінші.html").is_file()


def test_a_page_that_cannot_be_written_is_told(complain, runs, tmp_path):
    for target in (tmp_path, tmp_path / "жоқ" / "бет.html"):
        line = complain("compare", *runs, "--output", target)
        assert f"cannot write {str(target)!r}" in line
        assert "--output" in line


# --- how it looks ---------------------------------------------------------------------------------


def test_no_line_is_longer_than_the_terminal(run, tmp_path):
    name = "ұзын атаулы құжаттар мен сұрақтар жиыны " * 3
    path = tmp_path / f"{name}.jsonl"
    tags = ["en+kk+ru->both және басқалары да бар", "what"]
    rows = [
        {"id": f"{n}", "question": f"Шарт {n} рет қашан жасалды?", "answers": ["1994"]}
        | {"tags": tags[: n % 3]}
        for n in range(5)
    ]
    rows += [{"id": f"{n}", "question": f"Ән {n} ме?", "answerable": False} for n in range(5, 9)]
    own(path, *rows, {"id": "бос"})
    outputs = [run("eval", path, "--output", tmp_path / name) for name in ("а" * 90, "ә" * 90)]
    outputs.append(run("eval", path, "--check"))
    worse(tmp_path / ("ә" * 90))
    outputs.append(run("compare", tmp_path / ("а" * 90), tmp_path / ("ә" * 90)))
    for code, out, _ in outputs:
        assert code in (0, 2)
        assert out
        assert max(map(len, out.splitlines())) <= 80


def test_names_that_steer_terminals_are_shown_as_they_are(succeed, birds, tmp_path):
    path = tmp_path / "\x1b[31m[bold red]жиын :smile:\u202e.jsonl"
    path.write_bytes(birds.read_bytes())
    out = succeed("eval", path, "--output", tmp_path / "а")
    assert "[bold red]жиын :smile:" in out
    assert not set(out) & set("\x1b\u202e")


def test_a_name_that_is_no_text_is_shown_and_kept(succeed, birds, tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.jsonl")
    try:
        path.write_bytes(birds.read_bytes())
    except OSError:
        pytest.skip("this file system holds text names only")
    bad = tmp_path / os.fsdecode(b"\xfe")
    for folder in (bad, tmp_path / "а"):
        assert "6 questions" in succeed("eval", path, "--output", folder)
    assert "6 questions" in succeed("compare", bad, tmp_path / "а")
    summary = json.loads(succeed("eval", path, "--json"))
    assert summary["set"] == read_set(path).name


# --- as people run it -----------------------------------------------------------------------------

DALEL = [sys.executable, "-m", "chat.cli"]


def dalel(*arguments, **options):
    command = [*DALEL, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, **options)
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def test_help_loads_nothing_heavy():
    code = "import sys\nfrom chat.cli import main\nfor name in ('eval', 'compare'): "
    code += "main([name, '--help'])\nprint('|', *sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    loaded = out.decode("utf-8").rpartition("|")[2].split()
    assert "eval.commands" in loaded
    assert {"numpy", "jinja2", "rich", "torch", "gradio"}.isdisjoint(loaded)


def test_errors_of_the_real_command_are_one_line(tmp_path):
    code, out, err = dalel("eval", tmp_path / "жоқ.jsonl", env=os.environ | {"LC_ALL": "C"})
    assert (code, out) == (2, "")
    assert err.startswith("dalel: cannot read ")
    assert "жоқ.jsonl" in err
    assert err.count("\n") == 1


@pytest.mark.model
def test_the_real_command_runs_compares_and_ends_quietly_in_a_pipe(birds, tmp_path):
    code, out, err = dalel("eval", birds, "--output", tmp_path / "а")
    assert (code, err) == (0, "")
    assert "құстар туралы.jsonl: 6 questions" in out
    assert not set(out) & set("\x1b\r\x07")
    assert RunFolder(tmp_path / "а").summary()["figures"]["right"]["value"] > 0.5
    folders = f"'{tmp_path}/а' '{tmp_path}/а'"
    script = f"'{sys.executable}' -m chat.cli compare {folders} --json | head -c 99"
    done = subprocess.run(["bash", "-c", script], capture_output=True, timeout=60, check=False)
    assert (len(done.stdout), done.stderr) == (99, b"")
