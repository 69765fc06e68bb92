"""Tests of eval/runner.py: a set is asked once, whatever interrupts; figures as trec_eval has them.

The model hashes letters, but for the run that a signal ends.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from statistics import fmean

import pytest
import pytrec_eval
from fakes import HashEmbedder, document
from waiting import PATIENT_SECONDS, wait_until

import eval.runner
from chat.confidence import confidence_model
from chat.settings import Settings
from eval.dataset import EvalSet, Example, Gold
from eval.formats import near_misses, read_set
from eval.metrics import interval
from eval.run_store import RunFolder
from eval.runner import ask, configuration, folder_for, open_index, run
from index.embedders.embedder import no_progress
from index.indexer import PACKAGES, Indexer
from ingest.chunker import Chunking
from ingest.errors import EvalError
from ingest.loader import read_shipped
from ingest.sentence import sentences

BIRDS = "үкі қарға бүркіт қаршыға аққу тырна құр кептер торғай сұңқар".split()
TEXT = "\n\n".join(
    f"{each.capitalize()} биік тауда өмір сүреді. Оны {each} дейді." for each in BIRDS
)
LAKES = [f"Lake {n} is {n * 7} metres deep. Its water is {word}." for n, word in enumerate(BIRDS)]
DOCUMENTS = (
    document(TEXT, "құстар"),
    *(document(x, f"lake {n}", "en") for n, x in enumerate(LAKES)),
)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Do not wait for intervals, which are not the point."""
    for function in (interval.mean, interval.statistic):
        monkeypatch.setitem(function.__kwdefaults__, "resamples", 9)


def opened(folder, documents=DOCUMENTS):
    library = Indexer(folder, chunking=Chunking(16), load=HashEmbedder)
    library.put(documents)
    return library.open()


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("құстар"))


def by_sentence(n):
    span = sentences(TEXT)[2 * n]
    return Example(
        id=f"құс {n}",
        question=f"{BIRDS[n].capitalize()} қайда өмір сүреді?",
        language="kk",
        gold=(Gold("құстар", *span),),
        answers=("биік тауда",),
        tags=("kk->kk", "where"),
    )


def by_document(n):
    return Example(f"lake-{n}", f"How deep is lake {n}?", "en", relevant={f"lake {n}": 1 + n % 3})


SENTENCES = tuple(by_sentence(n) for n in range(len(BIRDS)))
JUDGED = tuple(by_document(n) for n in range(len(LAKES)))
NONE = Example("жоқ", "Палау қалай пісіріледі?", "kk", answerable=False, tags=("off-topic",))
SET = EvalSet("құстар.jsonl", "0" * 64, SENTENCES, DOCUMENTS, ())


def config_of(index, examples=SENTENCES, found=SET):
    return configuration(found, examples, index)


@pytest.fixture
def asked(monkeypatch):
    """Return the ids that were asked, in order; time stands still."""
    names = []

    def noted(example, retriever, threshold, llm):
        names.append(example.id)
        return ask(example, retriever, threshold, llm)

    monkeypatch.setattr("eval.runner.ask", noted)
    monkeypatch.setattr("eval.runner.perf_counter", lambda: 0.0)
    monkeypatch.setattr("chat.pipeline.perf_counter", lambda: 0.0)
    return names


def interrupt_after(count):
    def progress(done, _total):
        if done == count:
            raise KeyboardInterrupt

    return progress


def contents(path):
    return {each.name: each.read_bytes() for each in path.iterdir()}


def ids(examples):
    return [example.id for example in examples]


# --- once, in order, to the end -------------------------------------------------------------------


def test_a_run_asks_every_question_once_and_in_order(index, asked, tmp_path):
    told = []
    folder = RunFolder(tmp_path / "а")
    examples = (*SENTENCES, NONE)
    summary = run(examples, index, folder, config_of(index), lambda *each: told.append(each))
    assert asked == ids(examples)
    assert told == [(done, len(examples)) for done in range(1, len(examples) + 1)]
    assert [record["id"] for record in folder.records()] == ids(examples)
    assert folder.summary() == summary
    assert (summary["n"], summary["skipped"], summary["set"]) == (len(examples), 0, SET.name)
    assert summary["figures"]["right"]["n"] == len(SENTENCES)
    assert "Палау" in folder.report.read_text("utf-8")


@pytest.mark.parametrize("count", [1, 4, len(SENTENCES)])
def test_an_interrupted_run_goes_on_where_it_was(index, asked, tmp_path, count):
    config = config_of(index)
    run(SENTENCES, index, RunFolder(tmp_path / "бірден"), config, no_progress)
    asked.clear()
    folder = RunFolder(tmp_path / "бөліп")
    with pytest.raises(KeyboardInterrupt):
        run(SENTENCES, index, folder, config, interrupt_after(count))
    assert asked == ids(SENTENCES[:count])
    assert not folder.finished
    asked.clear()
    run(SENTENCES, index, RunFolder(folder.path), config, no_progress)
    assert asked == ids(SENTENCES[count:])
    assert contents(folder.path) == contents(tmp_path / "бірден")


def test_a_run_torn_in_a_line_asks_that_question_again(index, asked, tmp_path):
    config, folder = config_of(index), RunFolder(tmp_path / "а")
    with pytest.raises(KeyboardInterrupt):
        run(SENTENCES, index, folder, config, interrupt_after(5))
    path = folder.path / "questions.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    asked.clear()
    run(SENTENCES, index, folder, config, no_progress)
    assert asked == ids(SENTENCES[4:])
    assert [record["id"] for record in folder.records()] == ids(SENTENCES)


def test_a_run_interrupted_again_and_again_ends(index, asked, tmp_path):
    config, folder = config_of(index), RunFolder(tmp_path / "а")
    for count in range(1, len(SENTENCES) + 1):
        with pytest.raises(KeyboardInterrupt):
            run(SENTENCES, index, folder, config, interrupt_after(count))
    run(SENTENCES, index, folder, config, no_progress)
    assert asked == ids(SENTENCES)


def test_a_run_interrupted_while_it_is_written_asks_nothing_again(
    index, asked, tmp_path, monkeypatch
):
    config, folder = config_of(index), RunFolder(tmp_path / "а")
    with monkeypatch.context() as patch:
        patch.setattr("eval.runner.report", lambda *_: interrupt_after(0)(0, 0))
        with pytest.raises(KeyboardInterrupt):
            run(SENTENCES, index, folder, config, no_progress)
    asked.clear()
    run(SENTENCES, index, folder, config, no_progress)
    assert asked == []
    assert folder.finished


def test_a_finished_run_is_replaced(index, asked, tmp_path):
    config, folder = config_of(index), RunFolder(tmp_path / "а")
    run(SENTENCES, index, folder, config, no_progress)
    before = contents(folder.path)
    run(SENTENCES, index, folder, config, no_progress)
    assert asked == 2 * ids(SENTENCES)
    assert contents(folder.path) == before


def test_near_misses_with_nothing_left_to_ask_are_left_out_and_counted(asked, tmp_path):
    alone = opened(tmp_path / "үй", [document("Үкі биік тауда өмір сүреді.", "үкі")])
    example = replace(SENTENCES[0], gold=(Gold("үкі", 0, 27),))
    near = near_misses((example,))
    config = config_of(alone, (example, *near))
    summary = run((example, *near), alone, RunFolder(tmp_path / "а"), config, no_progress)
    assert asked == [example.id]
    assert (summary["n"], summary["skipped"]) == (1, 1)


# --- as trec_eval has it --------------------------------------------------------------------------


@pytest.mark.parametrize("examples", [SENTENCES, JUDGED, (*SENTENCES, *JUDGED, NONE)])
def test_the_figures_of_rankings_are_trec_evals(index, tmp_path, examples):
    examples = (*examples, *near_misses(examples[:2]))
    folder = RunFolder(tmp_path / "а")
    summary = run(examples, index, folder, config_of(index), no_progress)
    with (folder.path / "run.trec").open(encoding="utf-8") as file:
        ranked = pytrec_eval.parse_run(file)
    with (folder.path / "qrels.trec").open(encoding="utf-8") as file:
        relevant = pytrec_eval.parse_qrel(file)
    assert len(ranked) == len(examples)
    first_ten = {
        name: dict(sorted(found.items(), key=lambda pair: -pair[1])[:10])
        for name, found in ranked.items()
    }
    judge = pytrec_eval.RelevanceEvaluator(
        relevant, {"ndcg_cut", "recall", "recip_rank", "success.3"}
    )
    whole, cut = judge.evaluate(ranked), judge.evaluate(first_ten)
    for ours, (results, theirs) in {
        "ndcg@10": (whole, "ndcg_cut_10"),
        "recall@5": (whole, "recall_5"),
        "recall@10": (whole, "recall_10"),
        "success@3": (whole, "success_3"),
        "mrr@10": (cut, "recip_rank"),
    }.items():
        expected = fmean(each[theirs] for each in results.values())
        figure = summary["figures"][ours]
        assert figure["n"] == len(results) == len(examples) - 2 - (NONE in examples)
        assert figure["value"] == pytest.approx(round(expected, 4), abs=1e-6)
        values = [r["metrics"][ours] for r in folder.records() if ours in r["metrics"]]
        assert fmean(values) == pytest.approx(expected, abs=1e-6)


# --- what makes two runs the same -----------------------------------------------------------------


def same(config):
    return {name: value for name, value in config.items() if name != "started"}


def test_the_same_is_the_same(index, tmp_path):
    config, again = config_of(index), config_of(opened(tmp_path))
    assert same(config) == same(again)
    assert json.loads(json.dumps(config)) == config


def test_what_differs_makes_another_run(index, tmp_path, monkeypatch):
    first = same(config_of(index))
    other = replace(SENTENCES[0], question="Басқа сұрақ?")
    fewer = opened(tmp_path / "1", DOCUMENTS[:3])
    library = Indexer(
        tmp_path / "2", chunking=Chunking(9), load=lambda name: HashEmbedder("b", "1")
    )
    library.put(DOCUMENTS)
    differing = {
        "set": config_of(index, found=replace(SET, sha256="1" * 64)),
        "questions": config_of(index, SENTENCES[1:]),
        "documents": config_of(fewer),
        "embedder": config_of(library.open()),
        "chunks": config_of(library.open()),
        "weights_sha256": config_of(library.open()),
    }
    for name, config in differing.items():
        assert config[name] != first[name]
    for examples in ((other, *SENTENCES[1:]), near_misses(SENTENCES)):
        assert config_of(index, examples)["questions"] != first["questions"]
    assert first["threshold"] == confidence_model().threshold
    assert configuration(SET, SENTENCES, index, 0.25)["threshold"] == 0.25
    assert set(first["versions"]) == {"python", *PACKAGES}


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("chat/x.py", True),
        ("eval/report/pages/x.jinja", True),
        ("chat/x.json", True),
        ("chat/x.pyc", False),
        ("eval/x.md", False),
        ("eval/results/x.json", False),
    ],
)
def test_the_code_that_answers_counts(tmp_path, monkeypatch, name, counts):
    for package in ("ingest", "index", "prompts", "chat", "eval"):
        (tmp_path / package).mkdir()
    monkeypatch.setattr(eval.runner, "files", lambda package: tmp_path / package)
    before = eval.runner._code_sha256()
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("жаңа", "utf-8")
    assert (eval.runner._code_sha256() != before) is counts


# --- where a run goes -----------------------------------------------------------------------------


def test_a_run_has_a_folder_of_its_own_below_home(index, tmp_path):
    config = config_of(index)
    seen = set()
    for _ in range(4):
        folder = folder_for(tmp_path, config)
        assert folder.path.parent == tmp_path / "runs"
        assert folder.path.name.startswith("құстар-")
        folder.path.mkdir(parents=True)
        seen.add(folder.path)
    assert len(seen) == 4, "also in one second"


def test_the_folder_of_an_unfinished_run_is_found_again(index, tmp_path):
    config = config_of(index)
    first = folder_for(tmp_path, config)
    with pytest.raises(KeyboardInterrupt):
        run(SENTENCES, index, first, config, interrupt_after(2))
    damaged = tmp_path / "runs" / "я-бүлінген"
    damaged.mkdir()
    (damaged / "config.json").write_text("{", "utf-8")
    (tmp_path / "runs" / "файл").write_text("", "utf-8")
    assert folder_for(tmp_path, config_of(index)).path == first.path
    assert folder_for(tmp_path, config_of(index, SENTENCES[1:])).path != first.path
    run(SENTENCES, index, first, config, no_progress)
    assert folder_for(tmp_path, config_of(index)).path != first.path


@pytest.mark.parametrize("name", ["", "..", "scifact", "сет.test.jsonl"])
def test_any_set_has_a_folder(index, tmp_path, name):
    config = config_of(index, found=replace(SET, name=name))
    folder = folder_for(tmp_path, config)
    assert folder.path.parent == tmp_path / "runs"
    folder.begin(config)


# --- what is asked --------------------------------------------------------------------------------


@pytest.fixture
def embedders(monkeypatch):
    """Return the models in the order in which they were loaded."""
    loaded = []

    def load(name, _folder):
        loaded.append(HashEmbedder(name))
        return loaded[-1]

    monkeypatch.setattr("eval.runner.load_embedder", load)
    monkeypatch.setattr("index.indexer.load_embedder", load)
    return loaded


def test_a_sets_documents_are_indexed_and_nothing_is_left_but_their_vectors(embedders, tmp_path):
    home = tmp_path / "үй"
    found = open_index(DOCUMENTS, Settings(home=home), no_progress)
    assert found.generation.documents == DOCUMENTS
    assert found.search("Үкі қайда?", 1)
    assert [path.name for path in home.iterdir()] == ["vectors"]
    again = open_index(DOCUMENTS, Settings(home=home), no_progress)
    assert [len(each.embedded) > 0 for each in embedders] == [True, False]
    for name in ("chunk_vectors", "sentence_vectors"):
        first, second = (getattr(each.generation, name) for each in (found, again))
        assert (first.rows(range(len(first))) == second.rows(range(len(second)))).all()


def test_what_is_indexed_is_asked_and_left_as_it_is(embedders, tmp_path):
    Indexer(tmp_path).put(DOCUMENTS[:2])

    def times():  # But for what is remembered of files that were checked.
        files = (path for path in tmp_path.rglob("*") if path.name != "checked.json")
        return {path: path.stat().st_mtime_ns for path in files}

    before = times()
    found = open_index(None, Settings(home=tmp_path), no_progress)
    assert found.generation.documents == DOCUMENTS[:2]
    assert times() == before


def test_on_an_empty_home_what_ships_is_indexed(embedders, tmp_path):
    found = open_index(None, Settings(home=tmp_path), no_progress)
    assert found.generation.documents == read_shipped().documents
    assert Indexer(tmp_path).exists


def test_a_home_that_cannot_be_written_is_told(embedders, tmp_path):
    (tmp_path / "vectors").write_text("бұл – файл", "utf-8")
    with pytest.raises(EvalError, match="vectors cannot be kept") as caught:
        open_index(DOCUMENTS, Settings(home=tmp_path), no_progress)
    assert "--home" in caught.value.line()


# --- a signal -------------------------------------------------------------------------------------


@pytest.mark.model
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_a_run_that_is_interrupted_for_real_goes_on(tmp_path):
    rows = [
        {"id": f"сұрақ-{n}", "question": f"Үкі {n} рет ұшты ма?", "context": TEXT}
        | {"answers": {"text": ["биік тауда"], "answer_start": [TEXT.index("биік тауда")]}}
        for n in range(10)
    ]
    path = tmp_path / "жиын.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    folder = RunFolder(tmp_path / "жүгіріс")
    command = [sys.executable, "-m", "chat.cli", "eval", str(path), "--output", str(folder.path)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # Whoever runs the tests in the background has them ignore what Ctrl-C sends.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, **streams, preexec_fn=heed)
    questions = folder.path / "questions.jsonl"
    wait_until(lambda: questions.is_file() and questions.read_bytes().count(b"\n") > 2, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENT_SECONDS)
    assert (process.returncode, out) == (130, b"")
    before = folder.records()
    assert 2 < len(before) < len(rows)
    assert err.decode() == (
        f"dalel: interrupted after {len(before)} of {len(rows)} questions;"
        " the same command goes on there\n"
    )
    assert not folder.finished
    done = subprocess.run(
        command, capture_output=True, timeout=PATIENT_SECONDS, check=False, env=os.environ
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert folder.records()[: len(before)] == before, "what was done is not done again"
    assert [record["id"] for record in folder.records()] == ids(read_set(path).examples)
    assert folder.summary()["n"] == len(rows)
