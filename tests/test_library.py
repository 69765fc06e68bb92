"""Tests of index/library.py: what is in, what is out, and what is embedded again.

The model is a hash of letters which writes down what it was asked for; the last test runs documents
in and out at random, with failures between, against a plain dictionary.
"""

import errno
import os
import random
import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEmbedder, document
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from index.library import PACKAGES, Library
from ingest.chunk import Chunking, in_context
from ingest.errors import (
    CorpusError,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreMissing,
    StoreStale,
)

STEPPE = document("Ұлы дала – қазақтың мекені. Онда өзен де, көл де көп.", "дала", title="Дала")
SKY = document("Ғарышкер ұшты. Үкі түнде ұшады. Жұлдыз жанды.\n\nІңір түсті.", "аспан")
SEA = document("The sea is wide. Һ is a letter of few words.", "sea", "en", "The sea")
ALL = [STEPPE, SKY, SEA]
LONGEST = Chunking().max_tokens
QUESTIONS = ["Өзен қайда?", "Үкі қашан ұшады?", "How wide is the sea?", "Ғарышкер кім?", "ұқшүм"]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Do not wait for the disk, which shows nothing here."""
    monkeypatch.setattr(os, "fsync", os.fstat)


@pytest.fixture
def models(monkeypatch):
    """Return the models by name, as they are loaded; any name is a model."""
    loaded: dict[str, HashEmbedder] = {}

    def load(name, _folder):
        return loaded.setdefault(name, HashEmbedder(name))

    monkeypatch.setattr("index.library.load_embedder", load)
    return loaded


@pytest.fixture
def home(tmp_path, models):
    return tmp_path / "үй"


@pytest.fixture
def filled(home, models):
    """Return a home with three documents, the model's notes forgotten."""
    Library(home).put(ALL)
    models.clear()
    return home


def texts_of(retriever):
    """Return every text that was embedded: chunks in context, and sentences."""
    chunks = retriever.generation.chunks
    return {
        *(in_context(retriever.documents[c.document_id], c) for c in chunks),
        *(retriever.documents[c.document_id].text[slice(*s)] for c in chunks for s in c.sentences),
    }


def answers(retriever):
    """Return what is found for some questions, without places in the index."""
    return [
        [(hit.chunk, pytest.approx(hit.score, abs=1e-6)) for hit in retriever.search(question, 99)]
        for question in QUESTIONS
    ]


def ids(library):
    return [each.id for each in library.store.load().documents]


# --- put ------------------------------------------------------------------------------------------


def test_what_is_put_is_what_is_opened(home):
    library = Library(home)
    assert not library.exists
    contents = library.put(ALL)
    assert library.exists
    found = Library(home).open()
    assert found.generation.documents == contents.documents == tuple(ALL)
    assert found.generation.chunks == contents.chunks
    assert found.search("Үкі түнде ұшады.", 1)[0].chunk.document_id == SKY.id


def test_chunks_are_embedded_in_context_and_sentences_alone(home, models):
    Library(home).put(ALL)
    embedder = models["embedded"]
    assert sorted(embedder.embedded) == sorted(texts_of(Library(home).open()))
    assert f"Дала\n{STEPPE.text}" in embedder.embedded
    assert "Үкі түнде ұшады." in embedder.embedded


def test_vectors_stand_in_the_order_of_chunks_and_sentences(home):
    contents = Library(home).put(ALL)
    by_id, embedder = {each.id: each for each in ALL}, HashEmbedder()
    chunks = [in_context(by_id[chunk.document_id], chunk) for chunk in contents.chunks]
    sentences = [by_id[c.document_id].text[slice(*s)] for c in contents.chunks for s in c.sentences]
    assert contents.chunk_vectors.tobytes() == embedder.embed_passages(chunks).tobytes()
    assert contents.sentence_vectors.tobytes() == embedder.embed_passages(sentences).tobytes()


def test_a_second_put_replaces(filled):
    Library(filled).put([SEA])
    found = Library(filled).open()
    assert found.generation.documents == (SEA,)
    for question in QUESTIONS:
        assert {hit.chunk.document_id for hit in found.search(question, 99)} <= {SEA.id}


def test_what_has_not_changed_is_not_embedded_again(filled, models):
    Library(filled).put(ALL)
    assert models["embedded"].embedded == []


def test_of_a_changed_document_only_new_texts_are_embedded(filled, models):
    before = texts_of(Library(filled).open())
    changed = document(SKY.text.replace("Жұлдыз жанды.", "Ай туды."), SKY.id)
    Library(filled).put([STEPPE, changed, SEA])
    found = Library(filled).open()
    embedded = models["embedded"].embedded
    assert sorted(embedded) == sorted(texts_of(found) - before)
    assert "Ай туды." in embedded
    assert "Үкі түнде ұшады." not in embedded
    assert found.documents[SKY.id] == changed


def test_a_changed_title_is_embedded_with_its_chunks_only(filled, models):
    renamed = replace(STEPPE, title="Сарыарқа")
    Library(filled).put([renamed, SKY, SEA])
    assert models["embedded"].embedded == [f"Сарыарқа\n{STEPPE.text}"]


def test_a_moved_text_is_not_embedded_again(filled, models):
    Library(filled).put([replace(each, id=f"{each.id}-2") for each in ALL])
    assert models["embedded"].embedded == []


def test_a_text_that_stands_twice_is_embedded_once(home, models):
    Library(home).put([SKY, replace(SKY, id="көшірме")])
    assert len(models["embedded"].embedded) == len(set(models["embedded"].embedded))
    assert ids(Library(home)) == [SKY.id, "көшірме"]


def test_step_by_step_gives_the_same_vectors_as_at_once(home, tmp_path):
    library = Library(home)
    for documents in ([SEA], [SKY, SEA], [STEPPE], ALL):
        contents = library.put(documents)
    whole = Library(tmp_path / "басқа").put(ALL)
    for name in ("documents", "chunks", "background"):
        assert getattr(contents, name) == getattr(whole, name)
    for name in ("chunk_vectors", "sentence_vectors"):
        np.testing.assert_array_equal(getattr(contents, name), getattr(whole, name))


@pytest.mark.parametrize("seed", range(4))
def test_another_order_gives_the_same_answers(filled, seed):
    before = answers(Library(filled).open())
    shuffled = random.Random(seed).sample(ALL, len(ALL))
    Library(filled).put(shuffled)
    assert ids(Library(filled)) == [each.id for each in shuffled]
    found = Library(filled).open()
    after = [[(hit.chunk, hit.score) for hit in found.search(q, 99)] for q in QUESTIONS]
    # Hits of one score may stand in either order.
    for one, other in zip(before, after, strict=True):
        assert dict(other) == dict(one)
        assert [score for _, score in other] == [score for _, score in one]


def test_a_damaged_index_is_replaced_by_a_whole_one(filled, models):
    next(filled.rglob("sentences.faiss")).write_bytes(b"")
    with pytest.raises(StoreDamaged, match=r"sentences\.faiss"):
        Library(filled).open()
    models.clear()
    Library(filled).put(ALL)
    assert sorted(models["embedded"].embedded) == sorted(texts_of(Library(filled).open()))


def test_progress_is_told_to_its_end(home):
    steps = []
    Library(home).put(ALL, lambda done, total: steps.append((done, total)))
    assert steps
    assert steps[-1][0] == steps[-1][1] > 0


def test_the_versions_it_was_made_with_are_kept(filled):
    versions = Library(filled).open().generation.versions
    assert set(versions) == {"python", *PACKAGES}
    assert all(versions.values())


# --- what cannot be put ---------------------------------------------------------------------------

UNFIT = {
    "nothing": ([], "no documents"),
    "one id twice": ([STEPPE, SKY, replace(SEA, id="дала")], "'дала' is used by 2 documents"),
    "no text": ([document("", "бос"), document(" \n", "ақ")], "hold no text"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_unfit_documents_are_refused_and_the_index_stays(filled, kind):
    documents, part = UNFIT[kind]
    with pytest.raises(CorpusError, match=part):
        Library(filled).put(documents)
    assert ids(Library(filled)) == [each.id for each in ALL]


def test_a_document_without_text_is_kept_beside_others(filled):
    Library(filled).put([document("", "бос"), SKY])
    found = Library(filled).open()
    assert list(found.documents) == ["бос", SKY.id]
    assert {hit.chunk.document_id for hit in found.search("Үкі", 99)} == {SKY.id}


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, RuntimeError])
def test_a_model_that_fails_half_way_leaves_the_index_and_the_lock(filled, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(HashEmbedder, "embed_passages", fail)
    with pytest.raises(error):
        Library(filled).put([document("Жаңа құжат өте қысқа.", "жаңа")])
    monkeypatch.undo()
    library = Library(filled)
    library._loaded = HashEmbedder("embedded")
    assert ids(library) == [each.id for each in ALL]
    library.put([SEA])
    assert ids(library) == [SEA.id]


# --- remove ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", [[STEPPE], [SKY], [SEA], [STEPPE, SEA], [SKY, SKY]])
def test_removing_takes_exactly_those_passages_away(filled, models, gone):
    before = Library(filled).open().generation
    names = [each.id for each in gone]
    Library(filled).remove(names)
    found = Library(filled).open()
    kept = [row for row, chunk in enumerate(before.chunks) if chunk.document_id not in names]
    assert found.generation.documents == tuple(d for d in ALL if d not in gone)
    assert found.generation.chunks == tuple(before.chunks[row] for row in kept)
    vectors = found.generation.chunk_vectors.rows(np.arange(len(kept)))
    assert vectors.tobytes() == before.chunk_vectors.rows(np.array(kept)).tobytes()
    assert models["embedded"].embedded == []


@pytest.mark.parametrize("gone", ALL)
def test_what_is_removed_is_found_no_more(filled, gone):
    Library(filled).remove([gone.id])
    found = Library(filled).open()
    for question in [*QUESTIONS, gone.text, *gone.text.split()]:
        for legs in ("both", "dense", "lexical"):
            hits = found.search(question, 99, legs) + found.search_documents(question, 99, legs)
            assert gone.id not in {hit.chunk.document_id for hit in hits}


def test_what_is_removed_and_put_again_is_found_again(filled):
    before = answers(Library(filled).open())
    Library(filled).remove([SKY.id])
    Library(filled).put(ALL)
    assert answers(Library(filled).open()) == before


REFUSED = {
    "unknown": (["жоқ"], "no document 'жоқ' is indexed"),
    "one known": ([SKY.id, "жоқ"], "no document 'жоқ' is indexed"),
    "all": ([each.id for each in ALL], "no document would be left"),
    "all, one twice": ([SKY.id, SEA.id, STEPPE.id, SKY.id], "no document would be left"),
    "other letters": ([SKY.id.upper()], f"no document '{SKY.id.upper()}'"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_removed_is_told_and_nothing_goes(filled, kind):
    names, part = REFUSED[kind]
    with pytest.raises(CorpusError, match=part) as caught:
        Library(filled).remove(names)
    assert "dalel" in caught.value.hint
    assert ids(Library(filled)) == [each.id for each in ALL]


def test_what_is_left_must_hold_text(home):
    library = Library(home)
    library.put([SKY, document("", "бос")])
    with pytest.raises(CorpusError, match="hold no text"):
        library.remove([SKY.id])
    assert ids(library) == [SKY.id, "бос"]


def test_nothing_can_be_removed_from_nothing(home):
    with pytest.raises(StoreMissing, match="nothing has been indexed"):
        Library(home).remove(["дала"])


def test_a_damaged_index_is_not_removed_from(filled):
    next(filled.rglob("documents.jsonl")).write_bytes(b"{}\n")
    with pytest.raises(StoreDamaged, match=r"documents\.jsonl"):
        Library(filled).remove([SKY.id])


# --- models ---------------------------------------------------------------------------------------


def test_an_index_is_opened_with_the_model_it_names(home, models):
    Library(home, model="үлкен модель").put(ALL)
    models.clear()
    assert Library(home).open().embedder.name == "үлкен модель"
    assert list(models) == ["үлкен модель"]


def test_another_model_is_refused_by_both_names(filled):
    with pytest.raises(StoreStale, match="embedder") as caught:
        Library(filled, model="басқа").open()
    assert "'embedded'" in str(caught.value)
    assert "'басқа'" in str(caught.value)


def test_other_weights_of_one_name_are_refused_by_both_hashes(filled, models):
    models["embedded"] = HashEmbedder("embedded", weights="f" * 64)
    with pytest.raises(StoreStale, match="weights_sha256") as caught:
        Library(filled).open()
    assert repr("0" * 64) in str(caught.value)
    assert repr("f" * 64) in str(caught.value)


def test_another_dimension_is_refused_by_both_numbers(filled, models):
    models["embedded"] = HashEmbedder("embedded")
    models["embedded"].dimension = 32
    with pytest.raises(StoreStale, match="dimension: it has 64, expected 32"):
        Library(filled).open()


def test_other_chunks_are_refused_by_both_lengths(filled):
    with pytest.raises(StoreStale, match=f"max_tokens: it has {LONGEST}, expected {LONGEST - 1}"):
        Library(filled, chunking=Chunking(LONGEST - 1)).open()


@pytest.mark.parametrize(("name", "weights"), [("басқа", "0" * 64), ("embedded", "f" * 64)])
def test_with_another_model_everything_is_embedded_again(filled, models, name, weights):
    models[name] = HashEmbedder(name, weights)
    Library(filled, model=name).put(ALL)
    found = Library(filled).open()
    assert found.embedder is models[name]
    assert sorted(models[name].embedded) == sorted(texts_of(found))


def test_a_put_without_a_model_keeps_the_one_there_is(home, models):
    Library(home, model="үлкен").put([SKY])
    Library(home).put(ALL)
    assert list(models) == ["үлкен"]
    assert Library(home).open().generation.made.embedder == "үлкен"


@pytest.mark.parametrize("reads", [12, LONGEST - 1, LONGEST, LONGEST + 1])
def test_chunks_are_never_longer_than_the_model_reads(home, models, reads):
    models["қысқа"] = embedder = HashEmbedder("қысқа")
    embedder.max_tokens = reads
    long = document("Ғарышкер ұшты да, үкі түнде ұшты. " * LONGEST, "ұзын", title="Ұшқандар")
    Library(home, model="қысқа").put([*ALL, long])
    found = Library(home).open()
    assert found.generation.made.max_tokens == min(reads, LONGEST)
    texts = [in_context(found.documents[c.document_id], c) for c in found.generation.chunks]
    lengths = [*map(embedder.count_tokens, texts)]
    assert 0.9 * min(reads, LONGEST) - 9 < max(lengths) <= min(reads, LONGEST)


def test_a_model_that_reads_another_length_is_refused_by_both(home, models):
    models["қысқа"] = HashEmbedder("қысқа")
    models["қысқа"].max_tokens = 12
    Library(home, model="қысқа").put(ALL)
    models["қысқа"].max_tokens = 13
    with pytest.raises(StoreStale, match="max_tokens: it has 12, expected 13"):
        Library(home).open()


def test_a_model_is_loaded_once(home, monkeypatch):
    loads = []
    monkeypatch.setattr(
        "index.library.load_embedder",
        lambda name, _folder: loads.append(name) or HashEmbedder(name),
    )
    library = Library(home)
    library.put(ALL)
    library.remove([SKY.id])
    library.open()
    assert loads == ["embedded"]


def test_models_are_loaded_by_whoever_is_named_for_it(home, models):
    asked = []

    def load(name):
        asked.append(name)
        return HashEmbedder(name, weights="a" * 64)

    library = Library(home, model="басқа", load=load)
    assert asked == [], "not before one is needed"
    library.put(ALL)
    assert library.open().embedder.weights_sha256 == "a" * 64
    assert (asked, models) == (["басқа"], {})
    assert Library(home, load=load).open().embedder.name == "басқа"
    assert asked == ["басқа", "басқа"]
    with pytest.raises(StoreStale, match="weights_sha256"):
        Library(home).open()


def test_weights_are_unpacked_below_home(home, monkeypatch):
    folders = []
    monkeypatch.setattr(
        "index.library.load_embedder",
        lambda name, folder: folders.append(folder) or HashEmbedder(name),
    )
    Library(home).put(ALL)
    assert folders == [home / "models"]


# --- one writer -----------------------------------------------------------------------------------


def test_while_one_writes_another_is_refused_and_readers_read(filled, models):
    with Library(filled).store.writing():
        with pytest.raises(StoreBusy):
            Library(filled).put([document("Жаңа құжат.", "жаңа")])
        with pytest.raises(StoreBusy):
            Library(filled).remove([SEA.id])
        assert models == {}, "an hour of embedding for nothing"
        assert Library(filled).open().generation.documents == tuple(ALL)


def test_no_one_writes_between_reading_and_saving(filled, monkeypatch):
    """Else two removals at once would bring back what the other one took out."""
    busy = []

    def embed(self, texts, progress=None):
        with pytest.raises(StoreBusy):
            Library(filled).remove([SEA.id])
        busy.append(texts)
        return np.empty((0, self.dimension), np.float32)

    monkeypatch.setattr(HashEmbedder, "embed_passages", embed)
    Library(filled).remove([SKY.id])
    assert len(busy) == 1
    assert ids(Library(filled)) == [STEPPE.id, SEA.id]


# --- any history ----------------------------------------------------------------------------------


class History(RuleBasedStateMachine):
    """Puts, removals and failures in any order, against a dictionary of what should be there."""

    names = Bundle("names")

    def __init__(self):
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="dalel-history-"))
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr("index.library.load_embedder", lambda name, _folder: HashEmbedder(name))
        self.patch.setattr(os, "fsync", os.fstat)
        self.model: dict[str, str] = {}

    def teardown(self):
        self.patch.undo()
        shutil.rmtree(self.home)

    @rule(target=names, name=st.sampled_from(["әке", "ғалым", "қала", "теңіз"]))
    def name(self, name):
        return name

    @rule(wanted=st.dictionaries(names, st.sampled_from("өзен көл ұя іңір".split()), max_size=3))
    def put(self, wanted):
        if not wanted:
            return
        Library(self.home).put(made_of(wanted))
        self.model = dict(wanted)

    @rule(name=names)
    def remove(self, name):
        library = Library(self.home)
        if name in self.model and len(self.model) > 1:
            library.remove([name])
            del self.model[name]
        else:
            with pytest.raises((CorpusError, StoreMissing)):
                library.remove([name])

    @rule(name=names, k=st.integers(1, 40))
    def fail(self, name, k):
        """Run into a full disk at some point of replacing everything by one document."""
        wanted, calls, fsync = {name: "үкі"}, iter(range(1, 99)), os.fsync

        def failing(descriptor):
            if next(calls) == k:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            fsync(descriptor)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", failing)
            before = current(self.home)
            with suppress(StoreError):
                Library(self.home).put(made_of(wanted))
        if current(self.home) != before:
            self.model = wanted

    @invariant()
    def holds_what_it_should(self):
        library = Library(self.home)
        assert library.exists == bool(self.model)
        if self.model:
            found = library.open()
            assert {d.id: d.text for d in found.generation.documents} == {
                d.id: d.text for d in made_of(self.model)
            }
            assert {c.document_id for c in found.generation.chunks} == set(self.model)
            assert len(list((self.home / "index").glob("0*"))) <= 2


def made_of(wanted):
    return [
        document(f"{word} туралы сөз. Үшінші {word} бар.", name) for name, word in wanted.items()
    ]


def current(home):
    path = home / "index" / "CURRENT"
    return path.read_text() if path.exists() else ""


# A history writes the whole index at each step: far fewer than of other properties.
HISTORIES = 300 if "DALEL_CAMPAIGN" in os.environ else 10
History.TestCase.settings = settings(max_examples=HISTORIES, stateful_step_count=12, deadline=None)
test_any_history = History.TestCase
