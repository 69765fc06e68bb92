"""Tests of `LiveIndex`, and of changes to an open index: Indexer.add and Indexer.reindex."""

import logging
import os
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from fakes import HashEmbedder, document
from waiting import PATIENT_SECONDS

from index import indexer as module
from index.indexer import _LOG, Indexer, LiveIndex
from ingest.chunker import Chunking
from ingest.errors import CorpusError, ModelError, StoreMissing, StoreStale

STEPPE = document("Ұлы дала – қазақтың мекені. Онда өзен де көп.", "дала")
SKY = document("Ғарышкер ұшты. Үкі түнде ұшады.\n\nІңір түсті.", "аспан")
SEA = document("The sea is wide. Һ is a letter of few words.", "sea", "en")
OWL = "Үкі түнде ұшады."


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Do not wait for the disk, which shows nothing here."""
    monkeypatch.setattr(os, "fsync", os.fstat)


@pytest.fixture
def clock(monkeypatch):
    """Return what moves the clock of the indexer by a day."""
    now = [datetime(2026, 11, 22, tzinfo=UTC)]

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return now[0]

    def tomorrow():
        now[0] += timedelta(days=1)
        return now[0].isoformat(timespec="seconds")

    monkeypatch.setattr(module, "datetime", Clock)
    return tomorrow


@pytest.fixture
def home(tmp_path):
    return tmp_path / "үй"


def indexer(home, **named):
    return Indexer(home, **{"load": HashEmbedder} | named)


def live(home, *documents, **named):
    opened = indexer(home, **named)
    opened.put(documents)
    return LiveIndex(opened, opened.open())


def ids(retriever):
    return [*retriever.documents]


def test_what_another_writes_is_seen_without_a_restart(home):
    open_index = live(home, STEPPE)
    first = open_index.retriever()
    assert open_index.retriever() is first
    indexer(home).add([SKY])
    second = open_index.retriever()
    assert ids(second) == ["дала", "аспан"]
    assert second.search(OWL, 1)[0].chunk.document_id == "аспан"
    assert open_index.retriever() is second
    indexer(home).remove(["дала"])
    assert ids(open_index.retriever()) == ["аспан"]
    assert ids(first) == ["дала"]
    assert first.search(OWL, 1)[0].chunk.document_id == "дала"


def loads(known, tried):
    """Return what loads one model only, and writes down what it was asked for."""

    def load(name):
        tried.append(name)
        if name != known:
            raise ModelError(f"no model {name!r}")
        return HashEmbedder(name)

    return load


@pytest.mark.parametrize("named", [None, "ескі"])
def test_one_of_another_model_is_tried_once_and_the_old_one_stays(home, named, caplog, monkeypatch):
    """Whether the model is the one named, or the one that the index was made with."""
    monkeypatch.setattr(_LOG, "disabled", False)  # Libraries that log disable it.
    indexer(home, model="ескі").put([STEPPE])
    tried = []
    opened = indexer(home, model=named, load=loads("ескі", tried))
    open_index = LiveIndex(opened, opened.open())
    first = open_index.retriever()
    indexer(home, model="жаңа").put([SKY])
    with caplog.at_level(logging.ERROR, "dalel.index"):
        assert [open_index.retriever() for _ in range(5)] == [first] * 5
    assert len([record for record in caplog.records if record.name == "dalel.index"]) == 1
    assert tried.count("жаңа") == (named is None)
    # A later one that can be opened is.
    indexer(home, model="ескі").put([SEA])
    assert ids(open_index.retriever()) == ["sea"]


def test_an_index_that_is_gone_or_damaged_stays_open(home):
    open_index = live(home, STEPPE)
    first = open_index.retriever()
    pointer = home / "index" / "CURRENT"
    kept = pointer.read_bytes()
    for damaged in (b"", b"000099 " + b"0" * 64, kept[:20], "ә".encode()):
        pointer.write_bytes(damaged)
        assert open_index.retriever() is first
    pointer.unlink()
    assert open_index.retriever() is first
    pointer.write_bytes(kept)
    assert open_index.retriever() is first


def test_while_one_opens_it_the_others_go_on_with_the_old_one(home):
    open_index = live(home, STEPPE)
    first = open_index.retriever()
    opening, go_on = Event(), Event()
    opens = open_index.indexer.open

    def slowly():
        opening.set()
        assert go_on.wait(PATIENT_SECONDS)
        return opens()

    open_index.indexer.open = slowly
    indexer(home).add([SKY])
    seen = []
    thread = Thread(target=lambda: seen.append(open_index.retriever()))
    thread.start()
    assert opening.wait(PATIENT_SECONDS)
    assert open_index.retriever() is first
    go_on.set()
    thread.join(PATIENT_SECONDS)
    assert [ids(retriever) for retriever in seen] == [["дала", "аспан"]]
    assert open_index.retriever() is seen[0]


def test_reopening_is_of_what_is_current(home):
    open_index = live(home, STEPPE)
    indexer(home).put([SKY])
    assert ids(open_index.reopen()) == ids(open_index.retriever()) == ["аспан"]
    indexer(home, model="жаңа").put([SEA])
    open_index.indexer._model = "hash"
    with pytest.raises(StoreStale):
        open_index.reopen()
    assert ids(open_index.retriever()) == ["аспан"]


def test_what_is_added_is_there_too(home, clock):
    opened = indexer(home)
    first, second = (clock(), opened.add([STEPPE]).added), (clock(), opened.add([SKY, SEA]).added)
    assert first[1] == {"дала": first[0]}
    assert second[1] == {"дала": first[0], "аспан": second[0], "sea": second[0]}
    assert ids(indexer(home).open()) == ["дала", "аспан", "sea"]
    assert indexer(home).open().generation.added == second[1]


def test_one_with_the_same_id_takes_its_place(home, clock):
    opened = indexer(home)
    before = clock()
    opened.put([STEPPE, SKY])
    changed = document(f"{SKY.text} Ай туды.", "аспан")
    after = clock()
    assert opened.add([changed, STEPPE]).documents == (STEPPE, changed)
    assert opened.open().generation.added == {"дала": before, "аспан": after}
    assert opened.open().search("Ай туды.", 1)[0].chunk.document_id == "аспан"


def test_putting_and_removing_keep_the_day_of_what_has_not_changed(home, clock):
    opened = indexer(home)
    before = clock()
    opened.put([STEPPE, SKY])
    after = clock()
    assert opened.put([SKY, SEA]).added == {"аспан": before, "sea": after}
    clock()
    opened.remove(["sea"])
    assert opened.open().generation.added == {"аспан": before}


def test_what_is_there_is_not_embedded_again_when_more_is_added(home):
    opened = indexer(home)
    opened.put([STEPPE, SKY])
    embedder = opened._loaded
    embedder.embedded.clear()
    opened.add([SEA, SKY])
    assert set(embedder.embedded) == {SEA.text, *SEA.text.replace(". ", ".|").split("|")}


def test_what_is_added_is_made_with_the_model_of_the_index(home):
    indexer(home, model="өзге").put([STEPPE])
    indexer(home).add([SKY])
    assert indexer(home).open().embedder.name == "өзге"


@pytest.mark.parametrize("documents", [[], [SKY, SKY]])
def test_what_cannot_be_added_changes_nothing(home, documents):
    opened = indexer(home)
    opened.put([STEPPE])
    with pytest.raises(CorpusError):
        opened.add(documents)
    assert ids(indexer(home).open()) == ["дала"]


def test_again_cuts_everything_as_it_would_be_now(home):
    indexer(home).put([STEPPE, SKY])
    before = indexer(home).open().generation
    opened = indexer(home, chunking=Chunking(6))
    contents = opened.reindex()
    assert contents.documents == before.documents
    assert len(contents.chunks) > len(before.chunks)
    assert opened.open().search(OWL, 1)[0].chunk.document_id == "аспан"


def test_where_nothing_is_indexed_there_is_nothing_to_index_again(home):
    with pytest.raises(StoreMissing):
        indexer(home).reindex()


def test_again_keeps_the_day_of_what_has_not_changed(home, clock):
    opened = indexer(home)
    before = clock()
    opened.put([STEPPE])
    clock()
    assert opened.reindex().added == {"дала": before}


def test_again_keeps_the_model_of_the_index(home):
    indexer(home, model="өзге").put([STEPPE])
    indexer(home).reindex()
    assert indexer(home).open().embedder.name == "өзге"
