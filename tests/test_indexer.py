"""Tests of index/indexer.py: what is in, what is out, and what is embedded again.

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
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from campaign import at_length
from executed_modules import executed_modules
from fakes import HashEmbedder, document
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from other_letters import FOREIGN, arabic, keyboard

from index.analysis.analyzer import ANALYZER
from index.calibration import off_topic_questions
from index.indexer import PACKAGES, Indexer
from index.storage.generation import IndexConfig
from ingest.chunker import Chunking, in_context
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

    monkeypatch.setattr("index.indexer.load_embedder", load)
    return loaded


@pytest.fixture
def home(tmp_path, models):
    return tmp_path / "үй"


@pytest.fixture(scope="module")
def standing_home(tmp_path_factory):
    """Return a home with three documents; do not write there."""
    folder = tmp_path_factory.mktemp("standing")
    Indexer(folder, load=HashEmbedder).put(ALL)
    return folder


@pytest.fixture
def filled(home, standing_home):
    """Return a home with three documents, the model's notes forgotten."""
    return Path(shutil.copytree(standing_home, home))


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


def ids(indexer):
    return [document.id for document in indexer.store.load().documents]


# --- put ------------------------------------------------------------------------------------------


def test_what_is_put_is_what_is_opened(home):
    indexer = Indexer(home)
    assert not indexer.exists
    contents = indexer.put(ALL)
    assert indexer.exists
    retriever = Indexer(home).open()
    assert retriever.generation.documents == contents.documents == tuple(ALL)
    assert retriever.generation.chunks == contents.chunks
    assert retriever.search("Үкі түнде ұшады.", 1)[0].chunk.document_id == SKY.id


def vectors_of(store):
    return store.rows(np.arange(len(store)))


def test_chunks_are_embedded_in_context_and_sentences_alone(home, models):
    Indexer(home).put(ALL)
    embedder = models["embedded"]
    assert sorted(embedder.embedded) == sorted(texts_of(Indexer(home).open()))
    assert f"Дала\n{STEPPE.text}" in embedder.embedded
    assert "Үкі түнде ұшады." in embedder.embedded


def test_vectors_stand_in_the_order_of_chunks_and_sentences(home):
    contents = Indexer(home).put(ALL)
    by_id, embedder = {document.id: document for document in ALL}, HashEmbedder()
    chunks = [in_context(by_id[chunk.document_id], chunk) for chunk in contents.chunks]
    sentences = [by_id[c.document_id].text[slice(*s)] for c in contents.chunks for s in c.sentences]
    for store, texts in ((contents.chunk_vectors, chunks), (contents.sentence_vectors, sentences)):
        assert vectors_of(store).tobytes() == embedder.embed_passages(texts).tobytes()


def test_a_second_put_replaces(filled):
    Indexer(filled).put([SEA])
    retriever = Indexer(filled).open()
    assert retriever.generation.documents == (SEA,)
    for question in QUESTIONS:
        assert {hit.chunk.document_id for hit in retriever.search(question, 99)} <= {SEA.id}


def test_what_has_not_changed_is_not_embedded_again(filled, models):
    Indexer(filled).put(ALL)
    assert models["embedded"].embedded == []


def test_of_a_changed_document_only_new_texts_are_embedded(filled, models):
    before = texts_of(Indexer(filled).open())
    changed = document(SKY.text.replace("Жұлдыз жанды.", "Ай туды."), SKY.id)
    Indexer(filled).put([STEPPE, changed, SEA])
    retriever = Indexer(filled).open()
    embedded = models["embedded"].embedded
    assert sorted(embedded) == sorted(texts_of(retriever) - before)
    assert "Ай туды." in embedded
    assert "Үкі түнде ұшады." not in embedded
    assert retriever.documents[SKY.id] == changed


def test_a_changed_title_is_embedded_with_its_chunks_only(filled, models):
    renamed = replace(STEPPE, title="Сарыарқа")
    Indexer(filled).put([renamed, SKY, SEA])
    assert models["embedded"].embedded == [f"Сарыарқа\n{STEPPE.text}"]


def test_a_moved_text_is_not_embedded_again(filled, models):
    Indexer(filled).put([replace(document, id=f"{document.id}-2") for document in ALL])
    assert models["embedded"].embedded == []


def test_a_text_that_stands_twice_is_embedded_once(home, models):
    Indexer(home).put([SKY, replace(SKY, id="көшірме")])
    assert len(models["embedded"].embedded) == len(set(models["embedded"].embedded))
    assert ids(Indexer(home)) == [SKY.id, "көшірме"]


def test_step_by_step_gives_the_same_vectors_as_at_once(home, tmp_path):
    indexer = Indexer(home)
    for documents in ([SEA], [SKY, SEA], [STEPPE], ALL):
        contents = indexer.put(documents)
    whole = Indexer(tmp_path / "басқа").put(ALL)
    for name in ("documents", "chunks", "calibration"):
        assert getattr(contents, name) == getattr(whole, name)
    for name in ("chunk_vectors", "sentence_vectors"):
        one, other = (vectors_of(getattr(each, name)) for each in (contents, whole))
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("seed", range(4))
def test_another_order_gives_the_same_answers(filled, seed):
    before = answers(Indexer(filled).open())
    shuffled = random.Random(seed).sample(ALL, len(ALL))
    Indexer(filled).put(shuffled)
    assert ids(Indexer(filled)) == [d.id for d in shuffled]
    retriever = Indexer(filled).open()
    after = [[(hit.chunk, hit.score) for hit in retriever.search(q, 99)] for q in QUESTIONS]
    # Hits of one score may stand in either order.
    for one, other in zip(before, after, strict=True):
        assert dict(other) == dict(one)
        assert [score for _, score in other] == [score for _, score in one]


def test_a_damaged_index_is_replaced_by_a_whole_one(filled, models):
    next(filled.rglob("sentences.faiss")).write_bytes(b"")
    with pytest.raises(StoreDamaged, match=r"sentences\.faiss"):
        Indexer(filled).open()
    models.clear()
    Indexer(filled).put(ALL)
    assert sorted(models["embedded"].embedded) == sorted(texts_of(Indexer(filled).open()))


def test_progress_is_told_to_its_end(home):
    steps = []
    Indexer(home).put(ALL, lambda done, total: steps.append((done, total)))
    assert steps
    assert steps[-1][0] == steps[-1][1] > 0


def test_the_versions_it_was_made_with_are_kept(filled):
    versions = Indexer(filled).open().generation.versions
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
        Indexer(filled).put(documents)
    assert ids(Indexer(filled)) == [d.id for d in ALL]


def test_a_document_without_text_is_kept_beside_others(filled):
    Indexer(filled).put([document("", "бос"), SKY])
    retriever = Indexer(filled).open()
    assert list(retriever.documents) == ["бос", SKY.id]
    assert {hit.chunk.document_id for hit in retriever.search("Үкі", 99)} == {SKY.id}


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, RuntimeError])
def test_a_model_that_fails_half_way_leaves_the_index_and_the_lock(filled, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(HashEmbedder, "embed_passages", fail)
    with pytest.raises(error):
        Indexer(filled).put([document("Жаңа құжат өте қысқа.", "жаңа")])
    monkeypatch.undo()
    indexer = Indexer(filled)
    indexer._loaded = HashEmbedder("embedded")
    assert ids(indexer) == [d.id for d in ALL]
    indexer.put([SEA])
    assert ids(indexer) == [SEA.id]


# --- remove ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", [[STEPPE], [SKY], [SEA], [STEPPE, SEA], [SKY, SKY]])
def test_removing_takes_exactly_those_passages_away(filled, models, gone):
    before = Indexer(filled).open().generation
    names = [d.id for d in gone]
    Indexer(filled).remove(names)
    retriever = Indexer(filled).open()
    kept = [row for row, chunk in enumerate(before.chunks) if chunk.document_id not in names]
    assert retriever.generation.documents == tuple(d for d in ALL if d not in gone)
    assert retriever.generation.chunks == tuple(before.chunks[row] for row in kept)
    vectors = retriever.generation.chunk_vectors.rows(np.arange(len(kept)))
    assert vectors.tobytes() == before.chunk_vectors.rows(np.array(kept)).tobytes()
    assert models["embedded"].embedded == []


@pytest.mark.parametrize("gone", ALL)
def test_what_is_removed_is_found_no_more(filled, gone):
    Indexer(filled).remove([gone.id])
    retriever = Indexer(filled).open()
    for question in [*QUESTIONS, gone.text, *gone.text.split()]:
        for legs in ("both", "dense", "lexical"):
            hits = retriever.search(question, 99, legs) + retriever.search_documents(
                question, 99, legs
            )
            assert gone.id not in {hit.chunk.document_id for hit in hits}


def test_what_is_removed_and_put_again_is_found_again(filled):
    before = answers(Indexer(filled).open())
    Indexer(filled).remove([SKY.id])
    Indexer(filled).put(ALL)
    assert answers(Indexer(filled).open()) == before


REFUSED = {
    "unknown": (["жоқ"], "no document 'жоқ' is indexed"),
    "one known": ([SKY.id, "жоқ"], "no document 'жоқ' is indexed"),
    "all": ([d.id for d in ALL], "no document would be left"),
    "all, one twice": ([SKY.id, SEA.id, STEPPE.id, SKY.id], "no document would be left"),
    "other letters": ([SKY.id.upper()], f"no document '{SKY.id.upper()}'"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_removed_is_told_and_nothing_goes(filled, kind):
    names, part = REFUSED[kind]
    with pytest.raises(CorpusError, match=part) as caught:
        Indexer(filled).remove(names)
    assert "dalel" in caught.value.hint
    assert ids(Indexer(filled)) == [d.id for d in ALL]


def test_what_is_left_must_hold_text(home):
    indexer = Indexer(home)
    indexer.put([SKY, document("", "бос")])
    with pytest.raises(CorpusError, match="hold no text"):
        indexer.remove([SKY.id])
    assert ids(indexer) == [SKY.id, "бос"]


def test_nothing_can_be_removed_from_nothing(home):
    with pytest.raises(StoreMissing, match="nothing has been indexed"):
        Indexer(home).remove(["дала"])


def test_a_damaged_index_is_not_removed_from(filled):
    next(filled.rglob("documents.jsonl")).write_bytes(b"{}\n")
    with pytest.raises(StoreDamaged, match=r"documents\.jsonl"):
        Indexer(filled).remove([SKY.id])


# --- models ---------------------------------------------------------------------------------------


def test_an_index_is_opened_with_the_model_it_names(home, models):
    Indexer(home, model="үлкен модель").put(ALL)
    models.clear()
    assert Indexer(home).open().embedder.name == "үлкен модель"
    assert list(models) == ["үлкен модель"]


def test_another_model_is_refused_by_both_names(filled):
    with pytest.raises(StoreStale, match="embedder") as caught:
        Indexer(filled, model="басқа").open()
    assert "'embedded'" in str(caught.value)
    assert "'басқа'" in str(caught.value)


def test_other_weights_of_one_name_are_refused_by_both_hashes(filled, models):
    models["embedded"] = HashEmbedder("embedded", weights="f" * 64)
    with pytest.raises(StoreStale, match="weights_sha256") as caught:
        Indexer(filled).open()
    assert repr("0" * 64) in str(caught.value)
    assert repr("f" * 64) in str(caught.value)


def test_what_an_earlier_version_indexed_is_indexed_anew(filled, models, caplog):
    models["embedded"] = HashEmbedder("embedded", weights="f" * 64)
    retriever = Indexer(filled).open_or_put(lambda: pytest.fail("what was indexed is lost"))
    assert list(retriever.documents.values()) == ALL
    assert retriever.generation.config.weights_sha256 == "f" * 64
    assert sorted(models["embedded"].embedded) == sorted(texts_of(retriever))
    assert "an earlier version made the index: its documents are indexed anew" in caplog.messages


def test_an_index_is_not_made_anew_because_a_model_is_named(filled):
    with pytest.raises(StoreStale, match="embedder"):
        Indexer(filled, model="басқа").open_or_put(list)
    assert Indexer(filled).open().generation.config.embedder == "embedded"


def test_another_dimension_is_refused_by_both_numbers(filled, models):
    models["embedded"] = HashEmbedder("embedded")
    models["embedded"].dimension = 32
    with pytest.raises(StoreStale, match="dimension: it has 64, expected 32"):
        Indexer(filled).open()


def test_other_chunks_are_refused_by_both_lengths(filled):
    with pytest.raises(StoreStale, match=f"max_tokens: it has {LONGEST}, expected {LONGEST - 1}"):
        Indexer(filled, chunking=Chunking(LONGEST - 1)).open()


@pytest.mark.parametrize(("name", "weights"), [("басқа", "0" * 64), ("embedded", "f" * 64)])
def test_with_another_model_everything_is_embedded_again(filled, models, name, weights):
    models[name] = HashEmbedder(name, weights)
    Indexer(filled, model=name).put(ALL)
    retriever = Indexer(filled).open()
    assert retriever.embedder.name == models[name].name
    assert sorted(models[name].embedded) == sorted(texts_of(retriever))


def test_a_put_without_a_model_keeps_the_one_there_is(home, models):
    Indexer(home, model="үлкен").put([SKY])
    Indexer(home).put(ALL)
    assert list(models) == ["үлкен"]
    assert Indexer(home).open().generation.config.embedder == "үлкен"


@pytest.mark.parametrize("reads", [12, LONGEST - 1, LONGEST, LONGEST + 1])
def test_chunks_are_never_longer_than_the_model_reads(home, models, reads):
    models["қысқа"] = embedder = HashEmbedder("қысқа")
    embedder.max_tokens = reads
    long = document("Ғарышкер ұшты да, үкі түнде ұшты. " * LONGEST, "ұзын", title="Ұшқандар")
    Indexer(home, model="қысқа").put([*ALL, long])
    retriever = Indexer(home).open()
    assert retriever.generation.config.max_tokens == min(reads, LONGEST)
    texts = [in_context(retriever.documents[c.document_id], c) for c in retriever.generation.chunks]
    lengths = [*map(embedder.count_tokens, texts)]
    assert 0.9 * min(reads, LONGEST) - 9 < max(lengths) <= min(reads, LONGEST)


def test_a_model_that_reads_another_length_is_refused_by_both(home, models):
    models["қысқа"] = HashEmbedder("қысқа")
    models["қысқа"].max_tokens = 12
    Indexer(home, model="қысқа").put(ALL)
    models["қысқа"].max_tokens = 13
    with pytest.raises(StoreStale, match="max_tokens: it has 12, expected 13"):
        Indexer(home).open()


def test_a_model_is_loaded_once(home, monkeypatch):
    loads = []
    monkeypatch.setattr(
        "index.indexer.load_embedder",
        lambda name, _folder: loads.append(name) or HashEmbedder(name),
    )
    indexer = Indexer(home)
    indexer.put(ALL)
    indexer.remove([SKY.id])
    indexer.open()
    assert loads == ["embedded"]


def test_models_are_loaded_by_whoever_is_named_for_it(home, models):
    loaded = []

    def load(name):
        loaded.append(name)
        return HashEmbedder(name, weights="a" * 64)

    indexer = Indexer(home, model="басқа", load=load)
    assert loaded == [], "not before one is needed"
    indexer.put(ALL)
    assert indexer.open().embedder.weights_sha256 == "a" * 64
    assert (loaded, models) == (["басқа"], {})
    assert Indexer(home, load=load).open().embedder.name == "басқа"
    assert loaded == ["басқа", "басқа"]
    with pytest.raises(StoreStale, match="weights_sha256"):
        Indexer(home).open()


def test_weights_are_unpacked_below_home(home, monkeypatch):
    folders = []
    monkeypatch.setattr(
        "index.indexer.load_embedder",
        lambda name, folder: folders.append(folder) or HashEmbedder(name),
    )
    Indexer(home).put(ALL)
    assert folders == [home / "models"]


# --- one writer -----------------------------------------------------------------------------------


def test_while_one_writes_another_is_refused_and_readers_read(filled, models):
    with Indexer(filled).store.writing():
        with pytest.raises(StoreBusy):
            Indexer(filled).put([document("Жаңа құжат.", "жаңа")])
        with pytest.raises(StoreBusy):
            Indexer(filled).remove([SEA.id])
        assert models == {}, "an hour of embedding for nothing"
        assert Indexer(filled).open().generation.documents == tuple(ALL)


def test_no_one_writes_between_reading_and_saving(filled, monkeypatch):
    """Else two removals at once would bring back what the other one took out."""
    busy, embed_queries = [], HashEmbedder.embed_queries

    def embed(self, texts):
        with pytest.raises(StoreBusy):
            Indexer(filled).remove([SEA.id])
        busy.append(texts)
        return embed_queries(self, texts)

    monkeypatch.setattr(HashEmbedder, "embed_queries", embed)
    Indexer(filled).remove([SKY.id])
    assert busy
    assert ids(Indexer(filled)) == [STEPPE.id, SEA.id]


# --- documents in other letters -------------------------------------------------------------------

RIGHT = "Үлкен қалада оқырмандарға жаңа кітапхана ашылды. Ғимараттың үшінші қабаты әзір. Һәм бос."
TYPED = document(keyboard(RIGHT), "терілген")


def respelt(indexer):
    """Return what is searched of chunks that are not searched as they are written, by document."""
    generation = indexer.store.load()
    return {generation.chunks[one.row].document_id: one for one in generation.respelt}


def test_what_is_searched_of_other_letters_is_embedded_and_kept(home, models):
    Indexer(home).put([SKY, TYPED])
    assert {RIGHT, *RIGHT.split(". ")[2:]} <= set(models["embedded"].embedded)
    assert TYPED.text not in models["embedded"].embedded
    [[name, one]] = respelt(Indexer(home)).items()
    assert (name, one.passage, " ".join(one.sentences)) == (TYPED.id, RIGHT, RIGHT)
    assert Indexer(home).open().documents[TYPED.id] == TYPED


def test_it_stays_with_its_document_and_is_not_embedded_again(home, models):
    Indexer(home).put([SKY, TYPED])
    models["embedded"].embedded.clear()
    Indexer(home).add([SEA])
    assert not {RIGHT, *RIGHT.split(". ")[2:]} & set(models["embedded"].embedded)
    models["embedded"].embedded.clear()
    Indexer(home).remove([SKY.id])
    Indexer(home).reindex()
    assert models["embedded"].embedded == []
    assert {name: one.passage for name, one in respelt(Indexer(home)).items()} == {TYPED.id: RIGHT}
    Indexer(home).remove([TYPED.id])
    assert respelt(Indexer(home)) == {}


def test_it_is_worked_out_once_and_not_to_open(home):
    Indexer(home).put([SKY, TYPED])
    read = executed_modules(lambda: Indexer(home).open().search("Кітапхана қайда?", 2))
    assert "index/string_table.py" in read
    assert {"index/analysis/script.py", "ingest/letter_model.py"}.isdisjoint(read)


def made_before(home, documents):
    """Index documents as a version did that searched all of them as they are written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.builder.respelt_passages", lambda *_: ())
        patch.setattr("index.indexer.IndexConfig", partial(IndexConfig, analyser="prefix-5"))
        Indexer(home).put(documents)


def test_what_was_searched_as_written_is_embedded_anew_and_nothing_else(home, models, caplog):
    made_before(home, [SKY, TYPED])
    assert TYPED.text in models["embedded"].embedded
    models["embedded"].embedded.clear()
    retriever = Indexer(home).open_or_put(lambda: pytest.fail("what was indexed is lost"))
    assert RIGHT in models["embedded"].embedded
    assert not {SKY.text, TYPED.text, "Үкі түнде ұшады."} & set(models["embedded"].embedded)
    assert retriever.generation.config.analyser == ANALYZER
    told = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert told == ["an earlier version made the index: its documents are indexed anew"]


def test_languages_told_by_an_earlier_version_are_told_anew(home):
    before = {
        "arab": document(arabic(RIGHT), "arab", "en"),
        "turkish": document(FOREIGN["turkish"], "turkish", "kk"),
        "given": document(SKY.text * 2, "given", "ru"),
    }
    made_before(home, list(before.values()))
    documents = Indexer(home).open_or_put(list).documents
    told = {name: one.language for name, one in documents.items()}
    assert told == {"arab": "kk", "turkish": "en", "given": "ru"}
    assert all(documents[name].text == one.text for name, one in before.items())


# --- any history ----------------------------------------------------------------------------------


class History(RuleBasedStateMachine):
    """Puts, removals and failures in any order, against a dictionary of what should be there."""

    names = Bundle("names")

    def __init__(self):
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="dalel-history-"))
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr("index.indexer.load_embedder", lambda name, _folder: HashEmbedder(name))
        self.patch.setattr(os, "fsync", os.fstat)
        # What chance reaches is asked of nobody here, and takes longer than all else.
        few = {language: some[:1] for language, some in off_topic_questions().items()}
        self.patch.setattr("index.calibration.off_topic_questions", lambda: few)
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
        Indexer(self.home).put(made_of(wanted))
        self.model = dict(wanted)

    @rule(name=names)
    def remove(self, name):
        indexer = Indexer(self.home)
        if name in self.model and len(self.model) > 1:
            indexer.remove([name])
            del self.model[name]
        else:
            with pytest.raises((CorpusError, StoreMissing)):
                indexer.remove([name])

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
                Indexer(self.home).put(made_of(wanted))
        if current(self.home) != before:
            self.model = wanted

    @invariant()
    def holds_what_it_should(self):
        indexer = Indexer(self.home)
        assert indexer.exists == bool(self.model)
        if self.model:
            retriever = indexer.open()
            assert {d.id: d.text for d in retriever.generation.documents} == {
                d.id: d.text for d in made_of(self.model)
            }
            assert {c.document_id for c in retriever.generation.chunks} == set(self.model)
            assert len(list((self.home / "index").glob("0*"))) <= 2


def made_of(wanted):
    return [
        document(f"{word} туралы сөз. Үшінші {word} бар.", name) for name, word in wanted.items()
    ]


def current(home):
    path = home / "index" / "CURRENT"
    return path.read_text() if path.exists() else ""


# A history writes the whole index at each step: far fewer than of other properties.
HISTORIES = at_length(300, 10)
History.TestCase.settings = settings(max_examples=HISTORIES, stateful_step_count=12, deadline=None)
test_any_history = History.TestCase
