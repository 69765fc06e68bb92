"""Tests of index/milvus_search.py and index/milvus_client.py, on a Milvus in a file (milvus-lite).

Whatever is indexed, changed, taken out or cut short: Milvus ranks as this machine does, holds the
rows of the index and no others, and what cannot be reached is told in one line.
"""

import multiprocessing
import os
import random
import shutil
import signal
import socket
import sys
import time
import unicodedata
from math import log2
from pathlib import Path

import numpy as np
import pytest
from campaign import at_length
from fakes import HashEmbedder, document
from waiting import PATIENT_SECONDS

from chat.cli import main
from chat.info import collect_info
from chat.settings import read_settings
from eval.formats import read_set
from eval.runner import configuration, rank, relevant_to
from index.indexer import Indexer, LiveIndex
from index.milvus_client import MilvusConnection, check_address
from index.milvus_search import MilvusIndex, passage_ids
from index.storage.store import Store
from ingest.chunker import Chunking
from ingest.errors import ConfigError, StoreError, StoreMissing

KAZAKH = """әке қозы ұшты үкі өрік іңір шырақ һәм ғарыш теңіз өзен көл қала дала тау жел жаңбыр
күн түн жұлдыз ғалым ұстаз оқушы кітап дәптер сөз үн ән күй өнер білім ғылым еңбек""".split()
ENGLISH = """lamb owl flew apricot dusk lantern space sea river lake town steppe hill wind rain
day night star scholar teacher pupil book word sound song art work""".split()
QUESTIONS = [
    "Өзен мен көл қайда?",
    "ҒАЛЫМ ҰСТАЗ ЖҰЛДЫЗ ІЗДЕДІ МЕ?",
    unicodedata.normalize("NFD", "Үкі іңірде ұшты ма, һәм қайда?"),
    "Өзeн мeн кoл қaйда?",  # with Latin look-alikes
    "Where did the owl fly at dusk?",
    "qwxyz 🇰🇿 12345",
]
LEGS = ("both", "dense", "lexical")
OFF_TOPIC = {"kk": ["дала"], "en": ["sea"], "ru": ["дом"]}
DEVELOPMENT = ("foreign_policy.dev", "smoke")
HOSTILE = (
    '"] or id > 0 or document in ["',
    "' == ' or 1 == 1 --",
    "a\\'b\\\\\n\x00\t",
    "жарты-\ud83d",
    unicodedata.normalize("NFC", "йод/ән.txt"),
    unicodedata.normalize("NFD", "йод/үн.txt"),
)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    _be_quick(monkeypatch)


def _be_quick(patch):
    """Do not wait for the disk, and ask few and short questions of each index."""
    patch.setattr("index.calibration.off_topic_questions", lambda: OFF_TOPIC)
    patch.setattr(os, "fsync", os.fstat)


def text_of(words, sentences, seed):
    """Make a text of random words, every sentence another."""
    rng = random.Random(seed)
    lines = (" ".join(rng.choices(words, k=6)) for _ in range(sentences))
    return " ".join(f"{line.capitalize()} {seed}." for line in lines)


def some(count=6, words=KAZAKH, language="kk", first=0):
    return [
        document(text_of(words, 3 + 2 * n, n), f"құжат-{language}-{n}", language)
        for n in range(first, first + count)
    ]


BOTH = (*some(), *some(6, ENGLISH, "en"))
MIXED = document(
    f"{text_of(KAZAKH, 3, 90)} The owl flew over the river at dusk, and a lamb slept.", "аралас"
)


def library(folder, store=None, embedder=HashEmbedder):
    return Indexer(folder / "үй", load=embedder, chunking=Chunking(24), store=store)


@pytest.fixture
def store(tmp_path):
    return f"milvus:{tmp_path}/дала.db"


@pytest.fixture
def filled(tmp_path, store):
    """Return a folder whose index is held: documents in two languages, and one in both."""
    library(tmp_path, store).put([*BOTH, MIXED])
    return tmp_path


def rankings(retriever, legs_of=LEGS, questions=QUESTIONS[:2]):
    """Return what is found by each question with each leg, and how it is scored."""
    found = [retriever.search(one, 10, legs) for one in questions for legs in legs_of]
    found += [retriever.search_documents(one, 3) for one in questions]
    return [
        [(hit.row, hit.rank, hit.score, hit.dense, hit.lexical) for hit in hits] for hits in found
    ]


def expect_same(folder, store, questions=QUESTIONS[:2]):
    """Milvus ranks as this machine does, and holds the index and nothing else."""
    milvus, here = library(folder, store).open(), library(folder).open()
    assert (milvus.store, here.store) == (store, "faiss")
    assert rankings(milvus, questions=questions) == rankings(here, questions=questions)
    assert rows_in(store) == {
        "passages": here.counts().chunks,
        "sentences": here.counts().sentences,
        "held": 1,
    }


def rows_in(store):
    """Count the rows of each collection, by the end of its name; of indexes, the whole ones."""
    milvus = MilvusConnection(store.removeprefix("milvus:"))
    rows = {
        name.rsplit("_", 1)[1]: milvus.rows(name, ["id"]) for name in milvus.collections("dalel_")
    }
    (held,) = (name for name in milvus.collections("dalel_") if name.endswith("_held"))
    rows["held"] = [row for row in milvus.rows(held, ["name"]) if row["name"] != "parts"]
    return {name: len(found) for name, found in rows.items()}


# --- the same answers -----------------------------------------------------------------------------


def test_milvus_ranks_as_this_machine_does(filled, store):
    expect_same(filled, store, QUESTIONS)


def test_few_of_the_documents_rank_the_same_when_milvus_filters_them(filled, store, monkeypatch):
    monkeypatch.setattr("index.milvus_search._SCORED_WHOLE", 0)
    milvus, here = library(filled, store).open(), library(filled).open()
    for names in (["құжат-kk-1"], ["құжат-en-5", "құжат-kk-5"], ["аралас", "құжат-en-2"]):
        views = [one.within(names) for one in (milvus, here)]
        # By words alone, this machine ranks all that is visible, and Milvus what matches any.
        assert rankings(views[0], LEGS[:2]) == rankings(views[1], LEGS[:2])
        found = milvus.within(names).search(QUESTIONS[0], 50)
        assert {hit.chunk.document_id for hit in found} <= set(names)


def test_what_is_hidden_is_not_found_and_the_rest_ranks_the_same(filled, store, monkeypatch):
    monkeypatch.setattr("index.milvus_search._SCORED_WHOLE", 0)
    milvus, here = library(filled, store).open(), library(filled).open()
    for step in (2, 3, 7):
        rows = here.visible - set(range(0, len(here), step))
        views = [one.seeing(rows) for one in (milvus, here)]
        assert rankings(views[0], LEGS[:2]) == rankings(views[1], LEGS[:2])


@pytest.mark.parametrize("depth", [1, 3, 10])
def test_fewer_candidates_are_the_same_too(filled, store, depth, monkeypatch):
    """Where Milvus is asked for fewer than there are, the best of each language is still known."""
    milvus, here = library(filled, store).open(), library(filled).open()
    for question in QUESTIONS:
        query = here.analyse(question)
        wanted, found = (
            one._candidates.find(query.vector, query.terms, depth, "both", None)
            for one in (here, milvus)
        )
        assert found.rows.tolist() == wanted.rows.tolist()
        np.testing.assert_array_equal(found.lexical, wanted.lexical)
        np.testing.assert_array_equal(found.best_lexical, wanted.best_lexical)


def test_a_graph_finds_what_comparing_all_does(tmp_path, store, monkeypatch):
    monkeypatch.setattr("index.milvus_client.INDEX_FROM", 20)
    library(tmp_path, store).put(BOTH)
    milvus = MilvusConnection(store.removeprefix("milvus:"))
    (name,) = (each for each in milvus.collections("dalel_") if each.endswith("_passages"))
    assert milvus._index_kind(name, "dense") == "HNSW"
    expect_same(tmp_path, store)


@pytest.mark.model
def test_development_sets_are_answered_the_same(shipped_home, tmp_path, store):
    """On the shipped documents: the same ten passages, and an nDCG@10 within 0.002."""
    home = tmp_path / "үй"
    shutil.copytree(shipped_home, home)
    here = Indexer(home).open()
    milvus = Indexer(home, store=store).open_or_put(lambda: pytest.fail("it is indexed"))
    for name in DEVELOPMENT:
        examples = read_set(Path("eval/sets") / f"{name}.jsonl").examples
        asked = [one for one in examples if relevant_to(one, here)][:25]
        runs = [[rank(one, each, 10) for one in asked] for each in (here, milvus)]
        same = sum(mine == its for mine, its in zip(*runs, strict=True))
        assert same == len(asked) > 20
        judged = [relevant_to(one, here) for one in asked]
        gains = [np.mean([*map(_ndcg, run, judged)]) for run in runs]
        assert gains[1] == pytest.approx(gains[0], abs=0.002)
        assert gains[0] > 0.5


def _ndcg(ranked, relevant):
    """Σ (2^gain - 1) / log2(rank + 1) over ten ranks, over the most that it could be."""

    def discounted(gains):
        return sum((2**gain - 1) / log2(rank + 2) for rank, gain in enumerate(gains[:10]))

    most = discounted(sorted(relevant.values(), reverse=True))
    return discounted([relevant.get(name, 0) for name, _ in ranked]) / most


# --- changes --------------------------------------------------------------------------------------


def written_by(folder, store, change):
    """Return how many rows a change wrote into Milvus, and how many texts it embedded."""
    embedder, written = HashEmbedder("embedded"), []
    upsert = MilvusConnection.upsert
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            MilvusConnection,
            "upsert",
            lambda self, name, rows: (written.extend(rows), upsert(self, name, rows)),
        )
        change(library(folder, store, lambda _: embedder))
    return sum("dense" in row and "name" not in row for row in written), len(embedder.embedded)


def test_a_changed_document_writes_its_own_rows_only(filled, store):
    new = document(f"{BOTH[3].text} Ғажап өзгеріс.", BOTH[3].id)
    rows, _ = written_by(filled, store, lambda it: it.add([new]))
    here = library(filled).open()
    of_it = here.passages_of(new.id)
    assert 0 < rows <= sum(1 + len(hit.chunk.sentences) for hit in of_it)
    expect_same(filled, store)
    assert "өзгеріс" in here.documents[new.id].text


def test_what_is_taken_out_is_gone_from_milvus(filled, store):
    rows, embedded = written_by(filled, store, lambda it: it.remove([BOTH[0].id, BOTH[7].id]))
    assert (rows, embedded) == (0, 0)
    expect_same(filled, store)


def test_a_renamed_document_is_not_embedded_again(filled, store):
    renamed = [document(one.text, f"жаңа/{one.id}", one.language) for one in BOTH]
    rows, embedded = written_by(filled, store, lambda it: it.put(renamed))
    counts = library(filled).open().counts()
    assert (rows, embedded) == (counts.chunks + counts.sentences, 0)
    expect_same(filled, store)


def test_nothing_new_writes_and_lists_nothing(filled, store, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(MilvusConnection, "ids", lambda *_: pytest.fail("nothing has changed"))
        assert written_by(filled, store, lambda it: it.put([*BOTH, MIXED])) == (0, 0)
    expect_same(filled, store)


def test_longer_texts_weigh_all_terms_anew(filled, store):
    """The average length moves by more than is left alone, so no weight of before may stay."""
    long = [document(text_of(KAZAKH, 2, n) + " ғылым" * 60 + ".", f"ұзын-{n}") for n in range(9)]
    rows, _ = written_by(filled, store, lambda it: it.add(long))
    counts = library(filled).open().counts()
    assert rows == counts.chunks + counts.sentences
    expect_same(filled, store)


def test_another_model_takes_the_place_of_the_first(filled, store):
    class Wider(HashEmbedder):
        dimension = 96

        def embed_queries(self, texts):
            return np.pad(HashEmbedder().embed_queries(texts), ((0, 0), (0, 32)))

    def wider(where):
        load = {"load": lambda _: Wider("кең", "1" * 64), "model": "кең"}
        return Indexer(filled / "үй", **load, store=where)

    wider(store).put(BOTH)
    assert rankings(wider(store).open()) == rankings(wider(None).open())
    assert len(MilvusConnection(store.removeprefix("milvus:")).collections("dalel_")) == 3


def test_two_homes_share_a_milvus_and_know_nothing_of_each_other(tmp_path, store):
    (tmp_path / "бір").mkdir()
    (tmp_path / "екі").mkdir()
    library(tmp_path / "бір", store).put(BOTH[:4])
    library(tmp_path / "екі", store).put(BOTH[2:])
    library(tmp_path / "бір", store).remove([BOTH[3].id])
    for name in ("бір", "екі"):
        milvus, here = (library(tmp_path / name, where).open() for where in (store, None))
        assert rankings(milvus) == rankings(here)


def test_an_open_index_outlives_the_next_one(filled, store):
    """What it had is deleted; it finds less of it, says nothing wrong, and is then replaced."""
    live = LiveIndex(library(filled, store), library(filled, store).open())
    before = live.retriever()
    library(filled, store).put(some(4, first=20))
    assert before.search(QUESTIONS[0], 5) == []
    after = live.retriever()
    assert after.generation.name != before.generation.name
    assert len(after.search(QUESTIONS[0], 5)) == 5


# --- hostile names, any letters -------------------------------------------------------------------


def test_no_name_of_a_document_is_taken_for_an_expression(tmp_path, store, monkeypatch):
    monkeypatch.setattr("index.milvus_search._SCORED_WHOLE", 0)
    documents = [document(text_of(KAZAKH, 5, n), name) for n, name in enumerate(HOSTILE)]
    library(tmp_path, store).put(documents)
    expect_same(tmp_path, store)
    milvus = library(tmp_path, store).open()
    for name in HOSTILE:
        found = milvus.within([name]).search(QUESTIONS[0], 20)
        assert {hit.chunk.document_id for hit in found} == {name}


def test_kazakh_is_found_however_it_is_composed(tmp_path, store):
    text = "Йод пен ән. Ғалым ұстаз өрік пен үкіні іңірде көрді, һәм қозы жатты."
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    library(tmp_path, store).put([document(one, f"т{n}") for n, one in enumerate(forms)])
    milvus = library(tmp_path, store).open()
    for question in (text, text.upper(), forms[1]):
        hits = milvus.search(question, 9, "lexical")
        assert {hit.chunk.document_id for hit in hits} == {"т0", "т1"}
    expect_same(tmp_path, store)


# --- crashes --------------------------------------------------------------------------------------


def _put_slowly(folder, store, documents):
    """Index documents in a process that is to be killed: few rows at a time, and told each time."""
    with pytest.MonkeyPatch.context() as patch:
        _be_quick(patch)
        patch.setattr("index.milvus_search._ROWS_OF_A_WRITE", 5)
        upsert = MilvusConnection.upsert

        def slowly(self, name, rows):
            upsert(self, name, rows)
            with (folder / "written").open("ab") as file:
                file.write(b"." * len(rows))
            time.sleep(0.05)

        patch.setattr(MilvusConnection, "upsert", slowly)
        library(folder, store).put(documents)


def test_a_killed_load_is_made_whole_by_the_same_command(tmp_path, store):
    child = multiprocessing.get_context("spawn").Process(
        target=_put_slowly, args=(tmp_path, store, BOTH)
    )
    child.start()
    deadline = time.monotonic() + PATIENT_SECONDS
    while not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size < 40:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with pytest.raises(StoreError, match="cannot be opened") as told:
        MilvusConnection(store.removeprefix("milvus:")).connect()
    assert "a file is open in one process at a time" in told.value.line()
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert not Store(tmp_path / "үй" / "index").exists
    written = (tmp_path / "written").stat().st_size
    rows, _ = written_by(tmp_path, store, lambda it: it.put(BOTH))
    counts = library(tmp_path).open().counts()
    # One of the rows of that load, `parts`, is no passage and no sentence.
    assert 0 < rows <= counts.chunks + counts.sentences - written + 1
    expect_same(tmp_path, store)


CALLS = [
    *(("upsert", n) for n in (9, 0, 3, 17)), *(("delete", n) for n in (2, 0, 1, 3)), ("finish", 1),
]  # fmt: skip
"""What may fail, and after how many times."""


@pytest.mark.campaign
@pytest.mark.parametrize(("action", "time"), at_length(CALLS, CALLS[::4]))
def test_whatever_fails_both_answer_from_one_index(filled, store, action, time, monkeypatch):
    """That of before, or the new one; and the same command brings the new one, and nothing else."""
    monkeypatch.setattr("index.milvus_search._ROWS_OF_A_WRITE", 7)
    new = [*BOTH[4:], *some(2, first=30)]
    with monkeypatch.context() as patch:
        real, calls = getattr(MilvusConnection, action), []

        def failing(*given):
            calls.append(given)
            if len(calls) > time:
                raise StoreError("сервер жауап бермейді")
            real(*given)

        patch.setattr(MilvusConnection, action, failing)
        with pytest.raises(StoreError, match="сервер"):
            library(filled, store).put(new)
    milvus, here = library(filled, store).open(), library(filled).open()
    assert rankings(milvus, ("both",)) == rankings(here, ("both",))
    library(filled, store).put(new)
    expect_same(filled, store)


def test_rows_that_were_lost_are_missed_and_written_again(filled, store):
    milvus = MilvusConnection(store.removeprefix("milvus:"))
    (name,) = (each for each in milvus.collections("dalel_") if each.endswith("_passages"))
    milvus.delete(name, milvus.ids(name)[::2])
    milvus.finish(name, "dense")
    with pytest.raises(StoreMissing, match="does not hold the index"):
        library(filled, store).open()
    library(filled, store).open_or_put(lambda: pytest.fail("it is indexed"))
    expect_same(filled, store)


def test_a_collection_without_an_index_gets_one(filled, store):
    """A change of index that was killed in between."""
    client = MilvusConnection(store.removeprefix("milvus:"))
    for name in client.collections("dalel_"):
        client._client.release_collection(name)
        client._client.drop_index(name, "dense")
    library(filled, store).put([*BOTH, MIXED])
    expect_same(filled, store)


# --- one setting ----------------------------------------------------------------------------------


def test_an_index_of_this_machine_is_loaded_when_milvus_is_first_named(tmp_path, store):
    library(tmp_path).put(BOTH)
    with pytest.raises(StoreMissing) as told:
        library(tmp_path, store).open()
    assert told.value.line().endswith("; run `dalel index` again with the same --store")
    steps = []
    milvus = library(tmp_path, store).open_or_put(
        lambda: pytest.fail("it is indexed"), lambda done, of: steps.append((done, of))
    )
    assert steps[-1][0] == steps[-1][1] == sum(milvus.counts()[1:])
    expect_same(tmp_path, store)


def test_a_server_is_asked_by_its_address(tmp_path, monkeypatch):
    """The same code, over the network: one process indexes, another one answers."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    monkeypatch.setenv("DALEL_MILVUS_TOKEN", "атым:құпиясөз")
    server, database, port = start_server_in_thread(str(tmp_path / "сервер"))
    try:
        store = f"milvus:http://127.0.0.1:{port}"
        library(tmp_path, store).put(BOTH)
        expect_same(tmp_path, store)
        shutil.copytree(tmp_path / "үй", tmp_path / "көшірме" / "үй")
        copy = library(tmp_path / "көшірме", store).open()
        assert rankings(copy) == rankings(library(tmp_path).open())
        server.stop(grace=None).wait()
        monkeypatch.setattr("index.milvus_client._SEARCH_SECONDS", 0.5)
        with pytest.raises(StoreError, match="cannot search dalel_"):
            copy.search(QUESTIONS[0], 5)
    finally:
        server.stop(grace=None).wait()
        database.close()


@pytest.mark.model
def test_the_command_line_takes_a_store(shipped_home, tmp_path, store, capsys, monkeypatch):
    shutil.copytree(shipped_home, tmp_path / "үй")
    monkeypatch.setenv("DALEL_HOME", str(tmp_path / "үй"))
    question = "Қытаймен шарт қай жылы жасалды?"
    assert main(["index", "--store", store]) == 0
    capsys.readouterr()
    told = []
    for where in ("faiss", store):
        assert main(["search", question, "--json", "--store", where]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    monkeypatch.setenv("DALEL_STORE", store)
    assert main(["ask", question, "--json"]) == 0
    facts = collect_info(read_settings())
    assert facts["store"] == store
    with_milvus = configuration(
        read_set(Path("eval/sets/smoke.jsonl")), [], Indexer(tmp_path / "үй", store=store).open()
    )
    assert with_milvus["store"] == store


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:19530", "http://127.0.0.1:19530"),
        ("https://мысал.қаз/дерек", "https://мысал.қаз/дерек"),
        ("unix:/run/milvus.sock", "unix:/run/milvus.sock"),
    ],
)
def test_an_address_stays_as_it_is(address, expected):
    assert check_address(address) == expected


def test_a_file_is_meant_absolutely(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert check_address("./дала.db") == str(tmp_path / "дала.db")


@pytest.mark.parametrize(
    ("store", "told"),
    [
        ("milvus", "the store is 'milvus', expected faiss, milvus:http://HOST:PORT or"),
        ("milvus:", "the store is 'milvus:', expected faiss"),
        ("qdrant:http://x", "the store is 'qdrant:http://x', expected faiss"),
        ("milvus:қала", "the store is 'milvus:қала', expected milvus:http://HOST:PORT"),
        ("milvus:ftp://қала/a.db", "the store is 'milvus:ftp://қала/a.db', expected"),
        ("milvus:/жоқ/жерде/a.db", "the store is to lie in '/жоқ/жерде', which is no folder"),
        ("milvus:http://атым:құпия@host:19530", "comes with a password, which others could read"),
    ],
)
def test_what_is_no_store_is_told_in_one_line(tmp_path, store, told, capsys):
    assert main(["search", "Дала?", "--home", str(tmp_path), "--store", store]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert "құпия" not in said


def test_a_server_that_is_not_there_is_told_in_time(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("index.milvus_client.CONNECT_SECONDS", 0.5)
    monkeypatch.setenv("DALEL_MILVUS_TOKEN", "атым:құпиясөз")
    with socket.socket() as held:  # Held, but nobody listens.
        held.bind(("127.0.0.1", 0))
        store = f"milvus:http://127.0.0.1:{held.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(StoreError) as told:
            library(tmp_path, store).put(BOTH)
    assert time.monotonic() - started < PATIENT_SECONDS / 2
    line = told.value.line()
    assert f"the store '{store}' cannot be reached" in line
    assert "DALEL_MILVUS_TOKEN" in line
    assert "құпия" not in line + capfd.readouterr().err
    assert not (tmp_path / "үй" / "index" / "CURRENT").exists()


def test_nothing_is_embedded_for_a_store_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr("index.milvus_client.CONNECT_SECONDS", 0.2)
    embedder = HashEmbedder()
    with pytest.raises(StoreError, match="cannot be reached"):
        library(tmp_path, "milvus:http://127.0.0.1:9", lambda _: embedder).put(BOTH)
    assert embedder.embedded == []


@pytest.mark.parametrize("missing", ["pymilvus", "milvus_lite"])
def test_packages_that_are_not_installed_are_told(tmp_path, store, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ConfigError) as told:
        library(tmp_path, store).put(BOTH)
    assert f"({missing})" in told.value.line()
    install = "`pip install -c constraints.txt -e '.[milvus]'`"
    assert told.value.line().endswith(f"in Dalel's folder, {install} installs them")


def test_no_file_of_settings_is_read(tmp_path):
    """Pymilvus would read a file .env above its own folder."""
    assert "PYTHON_DOTENV_DISABLED" not in os.environ
    MilvusConnection(f"{tmp_path}/a.db").connect()
    assert "PYTHON_DOTENV_DISABLED" not in os.environ


# --- ids ------------------------------------------------------------------------------------------


def test_an_id_is_of_all_that_a_row_is_made_of(filled):
    index = library(filled).open().generation
    ids = passage_ids(index, index.config)
    assert len(set(ids.tolist())) == len(ids) == len(index.chunks)
    assert (ids >= 0).all()
    library(filled).reindex()
    again = library(filled).open().generation
    np.testing.assert_array_equal(passage_ids(again, again.config), ids)


def test_an_index_of_a_milvus_that_never_held_it_is_missing(tmp_path, store):
    library(tmp_path).put(BOTH[:2])
    index = MilvusIndex(store.removeprefix("milvus:"), tmp_path / "үй" / "index")
    with pytest.raises(StoreMissing):
        index.search(library(tmp_path).open().generation)
    assert not (tmp_path / "дала.db").exists()
