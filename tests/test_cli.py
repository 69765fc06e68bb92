"""Tests of chat/cli.py: the command line is a contract.

Most run in this process with a model that hashes letters; a few run `dalel` as people do, with the
real model where it says so.
"""

import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import entry_points
from math import inf
from pathlib import Path

import pytest
from campaign import at_length
from fakes import HashEmbedder
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.cli import TABS_GROUP, main
from chat.question import MAX_CHARACTERS
from index.indexer import PACKAGES
from index.retriever import Retriever

OWN_COMMANDS = ("index", "documents", "remove", "search", "ask", "chat", "info")
ADDED_COMMANDS = ("eval", "compare")
ANSWER_KEYS = [
    *("id", "question", "language", "mode", "abstained", "confidence", "margin", "answer"),
    *("short_answer", "citations", "passages", "timings_ms", "statements", "note", "model"),
]
SAME_KEYS = [key for key in ANSWER_KEYS if key not in ("id", "timings_ms")]
CITATION_KEYS = [
    *("mark", "document_id", "title", "language", "start", "end", "quote", "answer", "copies"),
    "sources",
]
PASSAGE_KEYS = ["rank", "document_id", "start", "end", "score", "text"]

CORPUS = {
    "құжат-1": ("Өзендер", "Ертіс – Қазақстанның ең ұзын өзені. Ол Қара Ертістен басталады."),
    "құжат-2": ("", "Үкі түнде ұшады. Һәм ол жақсы естиді.\n\nІңірде ғарышкер көкке қарады."),
    "doc-3": ("Lakes", "Balkhash is half fresh and half salt. Its shore is long."),
}
ERTIS = "Ертіс – Қазақстанның ең ұзын өзені."


def run(*arguments):
    """Run the command line here; return exit code, standard output and standard error."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2)]
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        code = main([str(argument) for argument in arguments])
    texts = []
    for stream in streams:
        stream.flush()
        texts.append(stream.buffer.getvalue().decode("utf-8"))
    return code, *texts


def succeed(*arguments):
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    return out


def complain(*arguments):
    """Run what must fail; return the one line that says why."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("dalel: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    return err


@pytest.fixture(autouse=True)
def models(monkeypatch):
    """Any name is a model that hashes letters; no one waits for the disk."""
    monkeypatch.setattr(os, "fsync", os.fstat)
    monkeypatch.setattr("index.indexer.load_embedder", lambda name, _folder: HashEmbedder(name))


def beir(rows):
    lines = ({"_id": name, "title": title, "text": text} for name, (title, text) in rows.items())
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.jsonl"
    path.write_text(beir(CORPUS), "utf-8")
    return path


@pytest.fixture
def filled(empty_home, standing_home, corpus):
    """Return a home that holds three documents."""
    shutil.copytree(standing_home, empty_home)
    return empty_home


@pytest.fixture
def questions(tmp_path):
    """Return a function that writes rows into a file, a JSON object a line."""

    def write(*rows):
        path = tmp_path / "сұрақтар.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        return path

    return write


# --- help and version -----------------------------------------------------------------------------


def test_help_names_every_command_and_those_of_the_entry_points():
    out = succeed("--help")
    assert out.startswith("Usage: dalel ")
    assert re.findall(r"^  (\w+)  ", out.partition("Commands:")[2], re.MULTILINE) == [
        *OWN_COMMANDS,
        *sorted(ADDED_COMMANDS),
    ]


@pytest.mark.parametrize("name", [*OWN_COMMANDS, *ADDED_COMMANDS])
@pytest.mark.parametrize("columns", ["200", "80", "45"])
def test_each_command_has_help_that_fits_the_terminal(monkeypatch, name, columns):
    monkeypatch.setenv("COLUMNS", columns)
    out = succeed(name, "--help")
    assert out.startswith(f"Usage: dalel {name} ")
    assert "--home DIR" in out
    assert "--install-completion" not in out
    assert max(map(len, out.splitlines())) <= min(int(columns), 80)
    assert succeed(name, "-h") == out


def test_help_is_plain_text_on_any_terminal(monkeypatch):
    plain = succeed("ask", "--help")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert succeed("ask", "--help") == plain
    assert "\x1b" not in plain


def test_the_page_comes_with_the_evaluation_tab():
    from eval.web_tab import PART

    assert [entry.load() for entry in entry_points(group=TABS_GROUP)] == [PART]


def test_the_version_is_the_installed_one():
    name, version = succeed("--version").split()
    assert name == "dalel"
    assert version == json.loads(succeed("info", "--json"))["versions"]["dalel"]


# --- index, documents, remove ---------------------------------------------------------------------


def test_index_says_what_it_holds(corpus):
    facts = json.loads(succeed("index", corpus, "--json"))
    files = {"added": 1, "changed": 0, "renamed": 0, "removed": 0, "unchanged": 0}
    counts = {"documents": 3, "chunks": 3, "sentences": 7}
    assert facts == {**counts, "skipped": [], "notes": [], "files": files}
    assert "3 documents" in succeed("index", corpus)


def test_what_leaves_for_the_documents_that_ship_is_told_too(corpus):
    succeed("index", corpus)
    facts = json.loads(succeed("index", "--json"))
    assert list(facts) == ["documents", "chunks", "sentences", "skipped", "notes", "files"]
    assert facts["documents"] == 2
    assert facts["files"]["removed"] == 1
    assert "Files" not in succeed("index")


def test_a_beir_corpus_keeps_its_ids_and_titles(filled):
    listed = json.loads(succeed("documents", "--json"))
    assert [list(row) for row in listed] == [
        ["id", "title", "language", "characters", "source", "sha256", "added", "sources"]
    ] * len(CORPUS)
    assert [(row["id"], row["title"]) for row in listed] == [
        (name, title or name) for name, (title, _) in CORPUS.items()
    ]
    assert [row["language"] for row in listed] == ["kk", "kk", "en"]
    assert [row["characters"] for row in listed] == [len(text) for _, text in CORPUS.values()]
    plain = succeed("documents")
    assert all(name in plain for name in CORPUS)


def test_index_replaces_and_says_what_it_skipped(filled, tmp_path):
    folder = tmp_path / "бума"
    (folder / "ішкі").mkdir(parents=True)
    (folder / "ішкі" / "ән.txt").write_text("Ән мен күй – өнер.", "utf-8")
    (folder / "сурет.png").write_bytes(b"\x89PNG")
    (folder / "бос.txt").write_bytes(b"")
    facts = json.loads(succeed("index", folder, "--json"))
    assert facts["documents"] == 1
    assert {skip["path"] for skip in facts["skipped"]} == {"сурет.png", "бос.txt"}
    assert all(skip["reason"] for skip in facts["skipped"])
    assert [row["id"] for row in json.loads(succeed("documents", "--json"))] == ["ішкі/ән.txt"]
    plain = succeed("index", folder)
    assert "1 document:" in plain
    assert "Skipped сурет.png: " in plain


def test_index_says_which_encoding_it_told_and_that_another_reads_better(filled, tmp_path):
    file = tmp_path / "ескі.txt"
    file.write_bytes("Қазақстан мен Өзбекстан көрші ұлттар, үш ғасыр бойы.".encode("kz1048"))
    facts = json.loads(succeed("index", file, "--json"))
    assert facts["skipped"] == []
    assert [note["path"] for note in facts["notes"]] == ["ескі.txt"]
    assert "read as KZ-1048" in facts["notes"][0]["reason"]
    again = json.loads(succeed("index", file, "--json"))
    assert (again["files"]["unchanged"], again["notes"]) == (1, facts["notes"])
    plain = succeed("index", file, "--encoding", "cp1251")
    assert "Note on ескі.txt: read as cp1251: «" in plain
    assert "--encoding KZ-1048" in " ".join(plain.split())


def test_a_file_whose_name_is_no_text_is_indexed_and_listed(tmp_path):
    (tmp_path / "бума").mkdir()
    try:
        Path(os.fsdecode(os.fsencode(tmp_path / "бума") + b"/\xff.txt")).write_text("Үкі ұшты.")
    except OSError:
        pytest.skip("this file system holds text names only")
    succeed("index", tmp_path / "бума")
    (listed,) = json.loads(succeed("documents", "--json"))
    assert listed["characters"] == len("Үкі ұшты.")
    assert listed["id"].endswith(".txt")
    assert succeed("documents")
    (hit,) = json.loads(succeed("search", "Үкі", "--json"))
    assert hit["document_id"] == listed["id"]


def test_remove_takes_documents_out(filled):
    assert "2 documents" in succeed("remove", "құжат-2")
    assert [row["id"] for row in json.loads(succeed("documents", "--json"))] == [
        "құжат-1",
        "doc-3",
    ]
    succeed("remove", "құжат-1")
    (hit,) = json.loads(succeed("search", "Ертіс", "--json"))
    assert hit["document_id"] == "doc-3"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "бума"
    made.mkdir()
    (made / "ән.txt").write_text("Ән мен күй – өнер.", "utf-8")
    (made / "көшірме.txt").write_text("Ән мен күй – өнер.", "utf-8")
    (made / "сурет.png").write_bytes(b"\x89PNG")
    return made


def test_what_is_added_stands_beside_what_was_there(filled, folder):
    facts = json.loads(succeed("index", "--add", folder, "--json"))
    assert facts["documents"] == 4
    assert facts["files"]["added"] == 2
    again = json.loads(succeed("index", "--add", folder, "--json"))
    assert [skip["path"] for skip in again["skipped"]] == ["сурет.png"]
    assert again["files"] == {
        **dict.fromkeys(["added", "changed", "renamed", "removed"], 0),
        "unchanged": 3,
    }
    assert "The same text as көшірме.txt: ән.txt" in succeed("index", "--add", folder)


def test_a_copy_is_a_source_of_one_document_and_takes_no_place(folder):
    (folder / "күй.txt").write_text("Күй мен ән – өнер емес.", "utf-8")
    succeed("index", folder)
    listed = json.loads(succeed("documents", "--json"))
    assert [row["sources"] for row in listed] == [["күй.txt"], ["көшірме.txt", "ән.txt"]]
    assert "also in" in succeed("documents")
    hits = json.loads(succeed("search", "Ән мен күй", "--json"))
    assert {hit["document_id"] for hit in hits} == {"көшірме.txt", "күй.txt"}
    answer = json.loads(succeed("ask", "Ән мен күй не?", "--threshold", "0", "--json"))
    cited = {citation["document_id"]: citation["sources"] for citation in answer["citations"]}
    assert cited
    assert all(sources[0] == name for name, sources in cited.items())
    assert cited.get("көшірме.txt", ["көшірме.txt", "ән.txt"]) == ["көшірме.txt", "ән.txt"]


def test_a_watch_ends_cleanly_and_tells_a_change_a_line(folder, monkeypatch):
    looks = iter([lambda: (folder / "ән.txt").write_text("Жаңа ән."), lambda: None, lambda: None])

    def look(_seconds):
        try:
            next(looks)()
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("time.sleep", look)
    first, *rest = succeed("index", "--watch", folder, "--json").splitlines()
    assert json.loads(first)["documents"] == 1
    assert [json.loads(line) for line in rest] == [{"change": "changed", "path": "ән.txt"}]


def test_a_watch_that_is_interrupted_before_all_is_indexed_says_so(folder, monkeypatch, capsys):
    def interrupted(*_asked, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr("index.sync.index_files", interrupted)
    assert main(["index", "--watch", str(folder)]) == 130
    assert capsys.readouterr().err == "dalel: interrupted\n"


def test_a_change_and_what_is_skipped_take_a_line_whatever_they_are_called(folder, monkeypatch):
    long = "ұзын " * 20
    looks = iter(
        [
            lambda: (folder / f"{long}\nекі.txt").write_text("Ұзын ән.", "utf-8"),
            lambda: (folder / "екі\nжол.png").write_bytes(b"PNG"),
            lambda: None,
        ]
    )

    def look(_seconds):
        try:
            next(looks)()
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("time.sleep", look)
    *_, first, second = succeed("index", "--watch", folder).splitlines()
    assert first == f"added {long}\N{REPLACEMENT CHARACTER}екі.txt"
    assert second.startswith("skipped екі\N{REPLACEMENT CHARACTER}жол.png: no reader for '.png'")


@pytest.mark.parametrize("option", ["--add", "--watch"])
def test_what_is_to_be_added_or_watched_must_be_named(filled, option):
    assert f"{option} without a PATH" in complain("index", option)


def test_a_name_typed_composed_removes_what_is_decomposed_on_disk(folder):
    name = unicodedata.normalize("NFD", "Жайлауй.txt")
    (folder / name).write_text("Жайлауда қой бағылады.", "utf-8")
    succeed("index", folder)
    succeed("remove", unicodedata.normalize("NFC", name))
    assert [row["id"] for row in json.loads(succeed("documents", "--json"))] == ["көшірме.txt"]


def test_ids_that_differ_in_white_space_differ_in_a_trec_run(questions, tmp_path):
    for number, name in enumerate(["ақ қар.txt", "ақ_қар.txt", "ақ%20қар.txt"]):
        (tmp_path / "қ").mkdir(exist_ok=True)
        (tmp_path / "қ" / name).write_text(f"Ақ қар {number} рет жауды.", "utf-8")
    succeed("index", tmp_path / "қ")
    batch = questions({"_id": "1", "text": "Қар?"})
    succeed("search", "--batch", batch, "--run", tmp_path / "run")
    rows = [line.split() for line in (tmp_path / "run").read_text("utf-8").splitlines()]
    assert {len(row) for row in rows} == {6}
    assert {row[2] for row in rows} == {"ақ%20қар.txt", "ақ_қар.txt", "ақ%2520қар.txt"}


def test_home_goes_before_the_environment(filled, tmp_path, corpus):
    other = tmp_path / "басқа үй"
    complain("documents", "--home", other)
    succeed("index", corpus, "--home", other)
    succeed("remove", "doc-3", "құжат-1", "--home", other)
    assert len(json.loads(succeed("documents", "--json", "--home", other))) == 1
    assert len(json.loads(succeed("documents", "--json"))) == 3
    assert sorted(path.name for path in other.iterdir()) == ["index"]


# --- search ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("legs", ["both", "dense", "lexical"])
def test_search_gives_ranked_passages(filled, legs):
    hits = json.loads(succeed("search", "Ертіс өзені", "--json", "--legs", legs))
    assert [list(hit) for hit in hits] == [PASSAGE_KEYS] * len(hits)
    assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
    assert len(hits) == (1 if legs == "lexical" else 3)
    assert hits[0]["document_id"] == "құжат-1"
    for hit in hits:
        assert CORPUS[hit["document_id"]][1][hit["start"] : hit["end"]] == hit["text"]


@pytest.mark.parametrize(("k", "expected"), [(1, 1), (2, 2), (3, 3), (1000, 3)])
def test_k_says_how_many(filled, k, expected):
    assert len(json.loads(succeed("search", "Үкі", "-k", k, "--json"))) == expected


def test_search_shows_passages_to_people(filled):
    out = succeed("search", "Ертіс", "-k", "1")
    assert "1. Өзендер" in out
    assert ERTIS in out


def test_words_that_stand_nowhere_find_nothing_by_words(filled):
    assert json.loads(succeed("search", "ұқшүм", "--legs", "lexical", "--json")) == []
    assert succeed("search", "ұқшүм", "--legs", "lexical").strip() == ""


@pytest.mark.parametrize("command", ["search", "ask"])
@pytest.mark.parametrize("question", ["-5 градус қайда?", "--үкі", "-k", "--json", "--"])
def test_a_question_may_start_with_a_dash_after_two_dashes(filled, command, question):
    if question == "--":
        assert "no letter and no digit" in complain(command, "--", "--")
        return
    result = json.loads(succeed(command, "--json", "--", question))
    assert result if command == "search" else result["question"] == question


def test_a_batch_of_searches_is_a_trec_run(filled, questions, tmp_path):
    names = ["сұрақ-2", "сұрақ-1", "10"]
    batch = questions(
        {"_id": "сұрақ-2", "text": "Үкі қашан ұшады?"},
        {"_id": "сұрақ-1", "text": "Ең ұзын өзен қайсы?", "metadata": {}},
        {"_id": 10, "text": "Is Balkhash salt?"},
    )
    target = tmp_path / "жүгіріс.trec"
    assert succeed("search", "--batch", batch, "--run", target, "-k", 2) == ""
    rows = [line.split(" ") for line in target.read_text("utf-8").splitlines()]
    assert [row[0] for row in rows] == [name for name in names for _ in range(2)]
    assert all(len(row) == 6 and row[1] == "Q0" and row[5] == "dalel" for row in rows)
    assert {row[2] for row in rows} <= set(CORPUS)
    for name in names:
        mine = [row for row in rows if row[0] == name]
        assert [row[3] for row in mine] == ["1", "2"]
        assert len({row[2] for row in mine}) == 2
        scores = [float(row[4]) for row in mine]
        assert scores == sorted(scores, reverse=True)


def test_a_trec_run_finds_what_search_finds(filled, questions, tmp_path):
    batch = questions({"_id": "1", "text": "Ертіс өзені"})
    for legs in ("both", "dense", "lexical"):
        succeed("search", "--batch", batch, "--run", tmp_path / "run", "--legs", legs)
        hits = json.loads(succeed("search", "Ертіс өзені", "--json", "--legs", legs))
        rows = [line.split() for line in (tmp_path / "run").read_text("utf-8").splitlines()]
        assert [(row[2], float(row[4])) for row in rows] == [
            (hit["document_id"], pytest.approx(hit["score"])) for hit in hits
        ]


def test_white_space_in_ids_keeps_a_trec_run_in_six_fields(questions, tmp_path):
    (tmp_path / "ақ қар.txt").write_text("Ақ қар жауды.", "utf-8")
    succeed("index", tmp_path / "ақ қар.txt")
    batch = questions({"_id": "бір\tекі үш", "text": "Қар?"})
    succeed("search", "--batch", batch, "--run", tmp_path / "run")
    line = (tmp_path / "run").read_text("utf-8")
    assert line.split()[:4] == ["бір%09екі%20үш", "Q0", "ақ%20қар.txt", "1"]


def test_a_bad_question_in_a_batch_of_searches_is_named_and_passed_over(
    filled, questions, tmp_path
):
    rows = [("1", "Үкі"), ("2", " "), ("3", "ә" * 10**6), ("4", "Өзен")]
    batch = questions(*({"_id": name, "text": text} for name, text in rows))
    code, out, err = run("search", "--batch", batch, "--run", tmp_path / "run", "-k", "1")
    assert (code, out) == (0, "")
    assert [line.split()[0] for line in (tmp_path / "run").read_text("utf-8").splitlines()] == [
        "1",
        "4",
    ]
    lines = err.splitlines()
    assert [f"line {n}: the question" in line for n, line in zip((2, 3), lines, strict=True)] == [
        True,
        True,
    ]


# --- ask ------------------------------------------------------------------------------------------


def check_answer(data, documents):
    """Hold one answer against the contract."""
    assert list(data) == ANSWER_KEYS
    assert data["mode"] == "extractive"
    assert data["language"] in ("kk", "en", "ru")
    assert 0 <= data["confidence"] <= 1
    assert data["answer"]
    assert data["abstained"] == (not data["citations"]) == (not data["short_answer"])
    assert data["answer"].startswith(data["short_answer"])
    assert [citation["mark"] for citation in data["citations"]] == [
        mark for mark, _ in enumerate(data["citations"], start=1)
    ]
    for citation in data["citations"]:
        assert list(citation) == CITATION_KEYS
        assert (
            documents[citation["document_id"]][citation["start"] : citation["end"]]
            == citation["quote"]
            != ""
        )
        assert citation["quote"] in data["answer"]
        words = citation["answer"]
        assert citation["start"] <= words["start"] < words["end"] <= citation["end"]
        there = documents[citation["document_id"]][words["start"] : words["end"]]
        assert there == words["text"]
        assert f"[{citation['mark']}]" in data["answer"]
    for rank, passage in enumerate(data["passages"], start=1):
        assert list(passage) == PASSAGE_KEYS
        assert passage["rank"] == rank
        assert (
            documents[passage["document_id"]][passage["start"] : passage["end"]] == passage["text"]
        )
    assert all(0 <= value < inf for value in data["timings_ms"].values())


TEXTS = {name: text for name, (_, text) in CORPUS.items()}


@pytest.mark.parametrize("name", CORPUS)
def test_only_the_document_that_is_named_is_asked_and_searched(filled, name, questions, tmp_path):
    named = ("--document", name, "--document", name)
    hits = json.loads(succeed("search", "Өзен", *named, "--json"))
    assert {hit["document_id"] for hit in hits} == {name}
    data = json.loads(succeed("ask", "Өзен қайда?", *named, "--threshold", "0", "--json"))
    check_answer(data, TEXTS)
    assert {passage["document_id"] for passage in data["passages"]} == {name}
    batch = questions({"_id": "1", "text": "Өзен"})
    succeed("search", "--batch", batch, "--run", tmp_path / "run", *named)
    assert (tmp_path / "run").read_text("utf-8").split()[2] == name
    batch = questions({"id": "1", "question": "Өзен қайда?"})
    succeed("ask", "--batch", batch, "--output", tmp_path / "out", *named)
    [line] = (tmp_path / "out").read_text("utf-8").splitlines()
    assert {passage["document_id"] for passage in json.loads(line)["passages"]} == {name}


def test_several_documents_can_be_named_composed_or_decomposed(filled):
    named = ("--document", unicodedata.normalize("NFD", "құжат-1"), "--document", "doc-3")
    hits = json.loads(succeed("search", "Өзен", *named, "--json"))
    assert {hit["document_id"] for hit in hits} == {"құжат-1", "doc-3"}


@pytest.mark.parametrize("command", ["ask", "search"])
def test_an_unknown_document_is_told_with_those_like_it(filled, command):
    told = complain(command, "Өзен қайда?", "--document", "құжат-1", "--document", "құжат-7")
    assert "no document 'құжат-7' is indexed; did you mean 'құжат-" in told
    assert "no document '' is indexed" in complain(command, "Өзен?", "--document", "")


def test_an_answer_is_quoted_and_cited(filled):
    data = json.loads(succeed("ask", ERTIS, "--json"))
    check_answer(data, TEXTS)
    assert not data["abstained"]
    assert (data["id"], data["question"], data["language"]) == ("", ERTIS, "kk")
    first = data["citations"][0]
    assert (first["document_id"], first["title"]) == ("құжат-1", "Өзендер")
    assert first["quote"].startswith(ERTIS)


def test_people_are_shown_the_quote_and_where_it_stands(filled):
    out = succeed("ask", ERTIS)
    assert out.count(ERTIS) >= 2
    assert "[1]" in out
    assert "Өзендер" in out


@pytest.mark.parametrize(
    ("question", "language"),
    [("Ұқшүм ғүрп һөңқ қайда?", "kk"), ("Zorblet quivs?", "en"), ("Где щелкунчики жужжат?", "ru")],
)
def test_abstaining_is_no_error_and_in_the_askers_language(filled, monkeypatch, question, language):
    monkeypatch.setenv("DALEL_THRESHOLD", "1")
    data = json.loads(succeed("ask", question, "--json"))
    check_answer(data, TEXTS)
    assert (data["abstained"], data["language"]) == (True, language)
    assert data["passages"]
    assert data["answer"] in succeed("ask", question)


def test_a_batch_is_answered_in_its_order_a_line_each(filled, questions, tmp_path):
    asked = [("ә-2", ERTIS), ("7", "Үкі қашан ұшады?"), ("ә-1", "Is it salt?"), ("7", "Һәм?")]
    rows = [{"id": name, "question": text, "gold": []} for name, text in asked]
    rows[1]["id"] = 7
    target = tmp_path / "жауаптар.jsonl"
    assert succeed("ask", "--batch", questions(*rows), "--output", target) == ""
    lines = target.read_text("utf-8").split("\n")
    assert lines.pop() == ""
    answers = [json.loads(line) for line in lines]
    assert [(answer["id"], answer["question"]) for answer in answers] == asked
    for answer in answers:
        check_answer(answer, TEXTS)
    assert "Ертіс" in lines[0], "Kazakh letters stay letters"
    alone = json.loads(succeed("ask", ERTIS, "--json"))
    assert {key: answers[0][key] for key in SAME_KEYS} == {key: alone[key] for key in SAME_KEYS}


def test_a_bad_question_in_a_batch_is_told_in_its_place(filled, questions, tmp_path):
    texts = ["", ERTIS, "ә" * 10**6, "\ud800", "\x00Үкі\x00?"]
    rows = [{"id": str(n), "question": text} for n, text in enumerate(texts)]
    assert succeed("ask", "--batch", questions(*rows), "--output", tmp_path / "a") == ""
    answers = [json.loads(line) for line in (tmp_path / "a").read_text("utf-8").splitlines()]
    assert [answer["id"] for answer in answers] == ["0", "1", "2", "3", "4"]
    assert [bool(answer.get("error")) for answer in answers] == [True, False, True, True, False]
    for answer in answers:
        if "error" in answer:
            assert list(answer) == [*ANSWER_KEYS, "error"]
            assert answer["abstained"]
            assert answer["answer"] == ""
        else:
            check_answer(answer, TEXTS)
    assert f"{10**6:,} characters" in answers[2]["error"]


@pytest.mark.parametrize(
    "data",
    [
        b'\xef\xbb\xbf{"id": "1", "question": "\xd2\xae\xd0\xba\xd1\x96?"}',
        '{"id": "1", "question": "Үкі?"}\r\n\r\n   \r\n'.encode(),
        '\n\n{"question": "Үкі?", "id": "1"}\n'.encode(),
        b'{"id": "1", "question": "\\u04ae\\u043a\\u0456?"}',
    ],
    ids=["byte order mark", "Windows lines", "blank lines", "escapes"],
)
def test_a_batch_file_may_look_like_this(filled, tmp_path, data):
    (tmp_path / "q").write_bytes(data)
    succeed("ask", "--batch", tmp_path / "q", "--output", tmp_path / "a")
    (line,) = (tmp_path / "a").read_text("utf-8").splitlines()
    assert (json.loads(line)["id"], json.loads(line)["question"]) == ("1", "Үкі?")


def test_the_first_question_on_an_empty_home_indexes_what_ships(empty_home):
    for command in ("ask", "search"):
        home = empty_home / command
        assert succeed(command, "Қазақстан", "--home", home)
        listed = json.loads(succeed("documents", "--json", "--home", home))
        assert [(row["id"], row["language"]) for row in listed] == [
            ("kk_foreign_policy", "kk"),
            ("en_foreign_policy", "en"),
        ]


def test_index_without_paths_indexes_what_ships(filled):
    assert json.loads(succeed("index", "--json"))["documents"] == 2


# --- any question at all --------------------------------------------------------------------------

ODD_QUESTIONS = {
    "NUL": "Үкі\x00 қашан\x00 ұшады?",
    "lone surrogate": "Үкі \ud83c ұшты ма\udfff?",
    "emoji": "🇰🇿 Ертіс 👩‍🚀 қайда? 🌊",
    "right to left": "\u202eҮкі\u202c مرحبا ұшты ма?",
    "zero width": "Ү\u200bк\u200dі қ\ufeffашан?",
    "stacked marks": "Ертіс" + "\u0301" * 1000,
    "decomposed": unicodedata.normalize("NFD", "Қайың мен ұйым қайда?"),
    "unassigned": "Үкі \u0378\U000e0080\U0010fffd?",
    "markup": "<b>Үкі</b> [bold red]ұшты[/] {{ 7 * 7 }} %s {0} $HOME",
    "terminal": "\x1b[2J\x1b[31mҮкі ұшты ма?\x07",
    "one letter": "Ә",
    "one digit": "7",
    "ligature": "\ufdfa",
    "as long as may be": "ұ" * MAX_CHARACTERS,
    "line ends": "Үкі\r\nқашан\u2028ұшады\x85?",
}


@pytest.mark.parametrize("kind", ODD_QUESTIONS)
def test_an_odd_question_is_answered(filled, kind):
    data = json.loads(succeed("ask", "--json", "--", ODD_QUESTIONS[kind]))
    check_answer(data, TEXTS)
    assert not set(data["question"]) & set("\x00\x1b\x07\ud83c\udfff\n\r")
    out = succeed("ask", "--", ODD_QUESTIONS[kind]) + succeed("search", "--", ODD_QUESTIONS[kind])
    assert not set(out) & set("\x00\x1b\x07")


@pytest.fixture(scope="module")
def standing_home(tmp_path_factory):
    """Return a home for many questions that change nothing."""
    folder = tmp_path_factory.mktemp("standing")
    (folder / "corpus.jsonl").write_text(beir(CORPUS), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.indexer.load_embedder", lambda name, _: HashEmbedder(name))
        succeed("index", folder / "corpus.jsonl", "--home", folder / "үй")
    return folder / "үй"


any_text = st.text(st.characters(exclude_categories=()), max_size=80)


@settings(max_examples=at_length(300, 20), deadline=None)
@given(question=any_text | st.text("әғқңөұүһі .,?!-–\x00\u0306\ud800", max_size=80))
@example("\x00")
@example("\ud800")
def test_any_question_is_answered_or_refused_in_one_line(standing_home, question):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.indexer.load_embedder", lambda name, _: HashEmbedder(name))
        code, out, err = run("ask", "--json", "--home", standing_home, "--", question)
    if code == 0:
        assert err == ""
        check_answer(json.loads(out), TEXTS)
    else:
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith("dalel: the question ")


# Not `chat`: with good arguments it would serve.
tokens = st.sampled_from(
    [
        *(name for name in OWN_COMMANDS if name != "chat"),
        *("--json", "-k", "--legs", "--batch", "--run", "--output", "--model", "--encoding"),
        *("--help", "--version", "--", "-", "", "0", "3", "-5", "both", "жоқ.jsonl"),
        *("Үкі қашан ұшады?", "\ud800", "\udcff", "\n", "құжат-1", "@файл", "a" * 300),
    ]
)


@settings(max_examples=at_length(600, 40), deadline=None)
@given(arguments=st.lists(tokens, max_size=6))
def test_any_arguments_end_with_an_answer_or_one_line(tmp_path_factory, arguments):
    base = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.indexer.load_embedder", lambda name, _: HashEmbedder(name))
        patch.setenv("DALEL_HOME", str(base / "кез келген"))
        (base / "бос бума").mkdir(exist_ok=True)
        patch.chdir(base / "бос бума")
        code, out, err = run(*arguments)
    assert code in (0, 2)
    assert (code == 2) == (err != "")
    if code == 2:
        assert out == ""
        assert err.startswith("dalel: ")
        assert err.count("\n") == 1


# --- bad input ------------------------------------------------------------------------------------

BAD = {
    "no command": ([], "Missing command"),
    "unknown command": (["сұра"], "'сұра'"),
    "nearly a command": (["serch"], "Did you mean 'search'?"),
    "unknown option": (["info", "--жылдам"], "--жылдам"),
    "unknown option of all": (["--жылдам"], "--жылдам; see `dalel --help`"),
    "option without its value": (["search", "Үкі", "-k"], "'-k' requires an argument"),
    "two questions": (["ask", "Үкі", "ұшты ма?"], "ұшты ма?"),
    "empty question": (["ask", ""], "the question is empty"),
    "blank question": (["ask", " \t\n"], "the question is empty"),
    "only NUL": (["ask", "\x00"], "the question is empty"),
    "only a surrogate": (["search", "\udfff"], "the question is empty"),
    "no letters": (["search", "?!…"], "no letter and no digit"),
    "1 MB question": (["ask", "ә" * 2**19], f"{2**19:,} characters, expected at most"),
    "1 MB search": (["search", "ә" * 2**19], f"{2**19:,} characters, expected at most"),
    "one too many": (["ask", "ұ" * (MAX_CHARACTERS + 1)], f"{MAX_CHARACTERS + 1:,} characters"),
    "dash": (["ask", "--үкі"], "No such option: --үкі; see `dalel ask --help`"),
    "no question": (["search"], "expected either a QUESTION, or both --batch FILE and --run FILE"),
    "nothing asked": (["ask"], "either a QUESTION, or both --batch FILE and --output FILE"),
    "question and batch": (["ask", "Үкі?", "--batch", "q", "--output", "a"], "either a QUESTION"),
    "question and output": (["ask", "Үкі?", "--output", "a"], "either a QUESTION"),
    "batch without run": (["search", "--batch", "q"], "--run FILE"),
    "run without batch": (["search", "--run", "r"], "--batch FILE"),
    "batch without output": (["ask", "--batch", "q"], "--output FILE"),
    "k 0": (["search", "Үкі", "-k", "0"], "-k is 0, expected 1 or more"),
    "k -1": (["search", "Үкі", "-k", "-1"], "-k is -1, expected 1 or more"),
    "k x": (["search", "Үкі", "-k", "x"], "'-k': 'x' is no whole number"),
    "k 1.5": (["search", "Үкі", "-k", "1.5"], "'1.5'"),
    "k 0 in a batch": (["search", "--batch", "q", "--run", "r", "-k", "0"], "-k is 0"),
    "legs": (["search", "Үкі", "--legs", "қол"], "'қол' is not one of 'both', 'dense', 'lexical'"),
    "port 0": (["chat", "--port", "0"], "port is 0, expected 1 to 65535"),
    "port 65536": (["chat", "--port", "65536"], "port is 65536, expected 1 to 65535"),
    "port -1": (["chat", "--port", "-1"], "port is -1, expected 1 to 65535"),
    "port x": (["chat", "--port", "x"], "'--port': 'x' is no whole number"),
    "open to all": (["chat", "--host", "0.0.0.0"], "host is '0.0.0.0', which others can reach"),
    "open to IPv6": (["chat", "--host", "::"], "host is '::'"),
    "another host": (["chat", "--host", "үй.example"], "host is 'үй.example'"),
    "unknown id": (["remove", "жоқ"], "no document 'жоқ' is indexed"),
    "no id": (["remove"], "ID"),
    "all ids": (["remove", *CORPUS], "no document would be left"),
    "another model": (["ask", "Үкі?", "--model", "басқа"], "another embedder: it has 'embedded'"),
    "another model's search": (["search", "Үкі?", "--model", "басқа"], "expected 'басқа'"),
    "another model's page": (["chat", "--model", "басқа"], "expected 'басқа'"),
    "missing path": (["index", "жоқ.txt"], "cannot read 'жоқ.txt': no such file or folder"),
    "missing folder": (["index", "жоқ/"], "no such file or folder"),
    "good and missing": (["index", "corpus.jsonl", "жоқ.txt"], "cannot read 'жоқ.txt'"),
    "empty path": (["index", ""], "'PATH': the path is empty"),
    "empty batch path": (["ask", "--batch", "", "--output", "a"], "'--batch': the path is empty"),
    "empty run path": (["search", "--batch", "s", "--run", ""], "'--run': the path is empty"),
    "long path": (["index", "ә" * 200], "ә" * 20),
    "empty file": (["index", "бос.txt"], "cannot read 'бос.txt': the file is empty"),
    "blank file": (["index", "ақ.txt"], "cannot read 'ақ.txt': the file is empty"),
    "binary file": (["index", "екілік.txt"], "cannot read 'екілік.txt'"),
    "picture": (["index", "сурет.png"], "no reader for '.png'"),
    "no ending": (["index", "жалаң"], "no reader for a file without an ending"),
    "empty folder": (["index", "бос-бума"], "no document"),
    "folder without documents": (["index", "суреттер"], "no reader for '.png'"),
    "folder of empty files": (["index", "бостар"], "the file is empty"),
    "codec": (["index", "corpus.jsonl", "--encoding", "жоқ-кодек"], "жоқ-кодек"),
    "one id twice": (["index", "қос.jsonl"], "'құжат-1' is used by 2 documents"),
    "bad corpus line": (["index", "бұзық.jsonl"], "line 2"),
    "missing batch": (["ask", "--batch", "жоқ", "--output", "a"], "cannot read 'жоқ'"),
    "folder for a batch": (["ask", "--batch", "бос-бума", "--output", "a"], "cannot read"),
    "folder for an output": (["ask", "--batch", "q", "--output", "бос-бума"], "cannot write"),
    "no folder for an output": (["ask", "--batch", "q", "--output", "жоқ/a"], "cannot write"),
    "no folder for a run": (["search", "--batch", "s", "--run", "жоқ/r"], "cannot write"),
    "empty batch": (["ask", "--batch", "бос.txt", "--output", "a"], "holds no questions"),
    "binary batch": (["ask", "--batch", "сурет.png", "--output", "a"], "is not UTF-8"),
    "home is a file": (["ask", "Үкі?", "--home", "бос.txt"], "is a file, expected a folder"),
    "home below a file": (["index", "--home", "бос.txt/үй"], "a file, expected a folder"),
    "long home": (["documents", "--home", "ә" * 200], "cannot be used"),
    "nothing indexed": (["documents", "--home", "бос-бума"], "nothing has been indexed"),
    "nothing to remove": (["remove", "x", "--home", "бос-бума"], "nothing has been indexed"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_told_in_one_line(filled, tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    for name in ("бос-бума", "суреттер", "бостар"):
        Path(name).mkdir()
    for name in ("сурет.png", "суреттер/сурет.png", "жалаң"):
        Path(name).write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff\xfe")
    Path("бос.txt").touch()
    Path("бостар/бос.txt").touch()
    Path("ақ.txt").write_text(" \n\u3000\n", "utf-8")
    Path("екілік.txt").write_bytes(bytes(range(256)) * 8)
    Path("қос.jsonl").write_text(2 * beir({"құжат-1": ("", "Үкі.")}), "utf-8")
    Path("бұзық.jsonl").write_text(beir(CORPUS).replace("\n", "\n{", 1), "utf-8")
    Path("q").write_text('{"id": "1", "question": "Үкі?"}', "utf-8")
    Path("s").write_text('{"_id": "1", "text": "Үкі?"}', "utf-8")
    arguments, part = BAD[kind]
    line = complain(*arguments)
    assert part in line
    assert len(line) < 600
    assert len(json.loads(succeed("documents", "--json"))) == len(CORPUS), "the index stays"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("{", "not JSON"),
        ("үкі", "not JSON"),
        ("[" * 10**5, "not JSON"),
        ("[]", "expected an object"),
        ('"Үкі?"', "expected an object"),
        ("null", "expected an object"),
        ("{}", "id is None"),
        ('{"id": "1"}', "question is None"),
        ('{"question": "Үкі?"}', "id is None"),
        ('{"id": "", "question": "Үкі?"}', "id is ''"),
        ('{"id": 1.5, "question": "Үкі?"}', "id is 1.5"),
        ('{"id": true, "question": "Үкі?"}', "id is True"),
        ('{"id": "1", "question": 7}', "question is 7"),
        ('{"id": "1", "question": ["Үкі?"]}', "question is ['Үкі?']"),
        ('{"id": "1", "question": null}', "question is None"),
        ('{"_id": "1", "text": "Үкі?"}', "id is None"),
    ],
)
def test_a_malformed_line_of_a_batch_is_told_by_number(filled, tmp_path, line, part):
    (tmp_path / "q").write_text('{"id": "1", "question": "Үкі?"}\n\n' + line + "\n", "utf-8")
    error = complain("ask", "--batch", tmp_path / "q", "--output", tmp_path / "a")
    assert f"{tmp_path / 'q'}, line 3: " in error
    assert part in error
    assert not (tmp_path / "a").exists()


def test_dalel_home_may_not_be_a_file(tmp_path, monkeypatch):
    (tmp_path / "файл").write_text("мен файлмын", "utf-8")
    monkeypatch.setenv("DALEL_HOME", str(tmp_path / "файл"))
    for arguments in (["ask", "Үкі?"], ["index"], ["info"], ["documents"], ["remove", "x"]):
        assert "файл' is a file, expected a folder" in complain(*arguments)
    assert (tmp_path / "файл").read_text("utf-8") == "мен файлмын"


# --- a broken index, a broken disk ----------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["CURRENT", "manifest.json", "chunks.faiss", "vocabulary.utf8.npy"]
)
def test_a_damaged_index_is_told_by_file_and_mended_by_index(filled, corpus, name):
    (path,) = filled.rglob(name)
    path.write_bytes(path.read_bytes()[:-9] + b"123456789")
    file_name = "manifest.json" if name == "CURRENT" else name
    for arguments in (["ask", "Үкі?"], ["search", "Үкі?"], ["documents"], ["remove", "doc-3"]):
        line = complain(*arguments)
        assert file_name in line
        assert "run `dalel index` again" in line
    state = json.loads(succeed("info", "--json"))["index"]["state"]
    assert file_name in state
    assert file_name in succeed("info").replace("\n", "")
    succeed("index", corpus)
    assert succeed("ask", "Үкі?")


def refusing(code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code), "index")

    return refuse


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("arguments", [["index"], ["ask", "Үкі?"], ["search", "Үкі?"]])
def test_a_home_that_cannot_be_written_is_told(monkeypatch, code, arguments):
    monkeypatch.setattr(os, "mkdir", refusing(code))
    line = complain(*arguments)
    assert "cannot write the index" in line
    assert os.strerror(code) in line


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO])
@pytest.mark.parametrize("arguments", [["ask", "Үкі?"], ["documents"], ["remove", "doc-3"]])
def test_an_index_that_cannot_be_read_is_told(filled, monkeypatch, code, arguments):
    monkeypatch.setattr(Path, "read_bytes", refusing(code))
    line = complain(*arguments)
    assert "cannot read" in line
    assert os.strerror(code) in line


@pytest.mark.parametrize("arguments", [["index"], ["remove", "doc-3"]])
def test_a_full_disk_is_told_and_the_index_stays(filled, monkeypatch, arguments):
    monkeypatch.setattr(os, "fsync", refusing(errno.ENOSPC))
    line = complain(*arguments)
    assert os.strerror(errno.ENOSPC) in line
    assert "untouched" in line
    monkeypatch.undo()
    monkeypatch.setenv("DALEL_HOME", str(filled))
    assert len(json.loads(succeed("documents", "--json"))) == len(CORPUS)


def test_a_second_writer_is_told(filled, corpus):
    from index.storage.store import Store

    with Store(filled / "index").writing():
        assert "another process is writing" in complain("index", corpus)
        assert succeed("ask", "Үкі?")


# --- info -----------------------------------------------------------------------------------------


def test_info_says_what_is_installed_and_indexed_and_where(filled):
    facts = json.loads(succeed("info", "--json"))
    assert set(facts["versions"]) == {"python", *PACKAGES}
    assert facts["home"] == str(filled)
    index = facts["index"]
    assert (index["state"], index["embedder"]) == ("ready", "embedded")
    assert [index[name] for name in ("documents", "chunks", "sentences")] == [3, 3, 7]
    assert Path(index["folder"]).is_dir()
    assert index["made_with"] == facts["versions"]
    assert "state: ready" in succeed("info")


def test_info_on_an_empty_home_makes_nothing(empty_home):
    facts = json.loads(succeed("info", "--json"))
    assert facts["index"] == {"state": "nothing indexed yet"}
    assert not empty_home.exists()


def test_info_tells_of_a_language_model_but_never_its_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "құпия-CANARY")
    monkeypatch.setenv("DALEL_LLM", "openai:модель")
    monkeypatch.setenv("DALEL_LLM_BASE_URL", "http://127.0.0.1:8080/v1")
    out = succeed("info", "--json")
    assert "CANARY" not in out
    facts = json.loads(out)["language model"]
    assert (facts["name"], facts["OPENAI_API_KEY"]) == ("openai:модель", "set")
    assert facts["server"] == "http://127.0.0.1:8080/v1"


def test_info_never_tells_a_text_or_a_secret(filled, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "құпия-кілт")
    out = succeed("info") + succeed("info", "--json")
    assert "құпия" not in out
    assert "Ертіс" not in out


# --- how a run ends -------------------------------------------------------------------------------


class Broken(io.TextIOWrapper):
    """An output that fails when it is written to."""

    def __init__(self, error):
        super().__init__(io.BytesIO(), "utf-8")
        self.error = error

    def write(self, _text):
        raise self.error


@pytest.mark.parametrize(
    ("error", "code", "complaint"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 0, ""),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            2,
            "dalel: the system refuses: No space",
        ),
    ],
)
def test_an_output_that_cannot_be_written_ends_the_run(filled, error, code, complaint):
    complaints = io.StringIO()
    with redirect_stdout(Broken(error)), redirect_stderr(complaints):
        assert main(["documents", "--json"]) == code
    assert complaints.getvalue().startswith(complaint)
    assert complaints.getvalue().count("\n") == (1 if complaint else 0)


def test_an_interrupt_ends_with_130(monkeypatch):
    def interrupt(_settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("chat.info.collect_info", interrupt)
    assert run("info") == (130, "", "dalel: interrupted\n")


def test_a_bug_keeps_its_traceback(filled, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("қате")

    monkeypatch.setattr(Retriever, "search", fail)
    with pytest.raises(RuntimeError, match="қате"):
        run("ask", "Үкі?")


# --- as people run it -----------------------------------------------------------------------------

DALEL = Path(sys.executable).with_name("dalel")
"""The installed command."""

HEAVY = ("numpy", "rich", "torch", "faiss", "bm25s", "langchain_core", "gradio", "jinja2")
ABSENT = ("torch", "gradio", "sentence_transformers", "transformers")


def shell(command, **environment):
    """Run a command line in bash; return exit code, output and errors."""
    ours = ("FORCE_COLOR", "COLUMNS", "PYTHONUNBUFFERED", "PYTHONUTF8", "PYTHONIOENCODING")
    variables = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env=variables | environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def python(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8")


def test_a_process_ends_only_when_what_loads_in_the_background_is_loaded():
    out = python(
        """
import threading
from chat import reader_model
waits = threading.main_thread().join
reader_model.reader_model = lambda: (waits(), print("loaded"))
reader_model.load_in_background()
"""
    )
    assert out == "loaded\n"


LOADED = """
import sys
from chat.cli import main
main(sys.argv[1:])
print("|", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_help_and_version_load_nothing_heavy():
    lines = [["--help"], ["--version"], *([name, "--help"] for name in OWN_COMMANDS)]
    out = python(f"from chat.cli import main\nfor line in {lines}: main(line)\n{LOADED}", "--help")
    loaded = out.rpartition("|")[2].split()
    assert "typer" in loaded
    assert set(HEAVY).isdisjoint(loaded)


def test_a_search_that_cannot_be_asked_loads_no_library_for_vectors():
    loaded = python(LOADED, "search").rpartition("|")[2].split()
    assert {"torch", "faiss", "bm25s", "langchain_core", "gradio"}.isdisjoint(loaded)


@pytest.mark.model
def test_a_question_loads_neither_torch_nor_gradio_nor_langchain(shipped_home):
    question = "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?"
    out, _, loaded = python(
        LOADED, "ask", question, "--json", "--home", str(shipped_home)
    ).rpartition("|")
    from ingest.loader import read_shipped

    check_answer(
        json.loads(out), {document.id: document.text for document in read_shipped().documents}
    )
    names = set(loaded.split())
    assert "onnxruntime" in names
    assert not names & set(ABSENT)
    assert not {name for name in names if name.startswith("langchain")}


@pytest.mark.model
def test_in_a_pipe_there_is_text_and_nothing_else(tmp_path):
    (tmp_path / "ән.txt").write_text(f"{ERTIS} Үкі түнде ұшады.", "utf-8")
    home = f"--home '{tmp_path}/үй'"
    steps = (f"index '{tmp_path}/ән.txt'", f"ask '{ERTIS}'")
    script = " && ".join(f"{DALEL} {step} {home}" for step in steps)
    code, out, err = shell(script, TERM="xterm-256color")
    assert (code, err) == (0, "")
    assert ERTIS in out
    assert not set(out) & set("\x1b\r\x07")


@pytest.fixture(scope="module")
def long_home(tmp_path_factory):
    """Return a home whose list of documents is longer than a pipe holds."""
    folder = tmp_path_factory.mktemp("long")
    rows = {f"құжат-{n}": ("Ұзын тізім " * 9, f"Үкі {n} рет ұшты.") for n in range(900)}
    (folder / "corpus.jsonl").write_text(beir(rows), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.indexer.load_embedder", lambda name, _: HashEmbedder(name))
        succeed("index", folder / "corpus.jsonl", "--home", folder)
    return folder


@pytest.mark.parametrize("command", ["documents", "documents --json"])
def test_a_reader_that_has_seen_enough_hears_no_complaint(long_home, command):
    _, out, err = shell(f"{DALEL} {command} --home '{long_home}' | head -1")
    assert out.count("\n") == 1
    assert err == ""


@pytest.mark.parametrize("command", ["info", "--help"])
def test_a_closed_output_is_no_bug(command):
    assert shell(f"{DALEL} {command} >&-") == (0, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", ["info", "info --json"])
def test_a_full_disk_below_the_output_is_told_in_one_line(command):
    code, _, err = shell(f"{DALEL} {command} >/dev/full")
    assert code == 2
    assert err == f"dalel: the system refuses: {os.strerror(errno.ENOSPC)}\n"


def test_kazakh_is_read_and_written_whatever_the_locale(long_home):
    variables = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    home = f"--home '{long_home}'"
    code, out, err = shell(f"{DALEL} documents --json {home}", **variables)
    assert (code, err) == (0, "")
    assert "құжат-899" in out
    code, out, err = shell(f"{DALEL} remove әлем {home}", **variables)
    assert (code, out) == (2, "")
    assert "no document 'әлем' is indexed" in err


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("Үкі ұшты ма?", "Үкі ұшты ма?"),
        ("Үкі".encode().decode("ascii", "surrogateescape"), "Үкі"),
        ("ab\udcff", "ab"),
        ("cd\ud800", "cd"),
    ],
)
def test_a_question_is_utf8_even_where_the_locale_is_not(filled, argument, text):
    assert json.loads(succeed("ask", argument, "--json"))["question"] == text
