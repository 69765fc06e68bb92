"""Tests of index/storage/earlier_format.py: an index of Dalel 0.14 is made anew by itself."""

import json
from dataclasses import asdict, fields

import numpy as np
import pytest
from fakes import HashEmbedder, document

from index.faiss_index import faiss_file
from index.indexer import Indexer
from index.storage import atomic_file
from index.storage.earlier_format import EARLIER_FORMAT
from index.storage.generation import FORMAT
from index.storage.store import Store
from ingest.errors import StoreDamaged, StoreStale

DOCUMENTS = [
    document("Ұлы дала – қазақтың мекені. Онда өзен де, көл де көп. " * 20, "дала-\udcff"),
    document("The sea is wide. Һ is a letter of few words.", "sea", "en", "The sea"),
    document("Qazaqtyñ ülken dalasy. Būl kitaphana keñ. " * 9, "latyn", "kk"),
]


ASKED: list[str] = []


class Model(HashEmbedder):
    """Notes what each of its kind is asked to embed, in `ASKED`."""

    def embed_passages(self, texts, *rest):
        ASKED.extend(texts)
        return super().embed_passages(texts, *rest)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("index.calibration.off_topic_questions", lambda: {"kk": ["дала"]})


@pytest.fixture
def home(tmp_path):
    """Return a home whose index is of the format before."""
    home = tmp_path / "үй"
    Indexer(home, load=Model).put(DOCUMENTS)
    made = Store(home / "index").load()
    index = home / "index"
    for path in sorted((index / "000001").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    records = {
        "documents": made.documents,
        "chunks": made.chunks,
        "sources": made.files,
        "respelt": made.respelt,
    }
    data = {name: "".join(map(line_of, each)).encode() for name, each in records.items()}
    vectors = {"chunks": made.chunk_vectors, "sentences": made.sentence_vectors}
    files = {f"{name}.jsonl": lines for name, lines in data.items()}
    files |= {f"{name}.faiss": b"".join(faiss_file(of)) for name, of in vectors.items()}
    write(index, files, asdict(made.config) | {"format": EARLIER_FORMAT}, dict(made.added))
    ASKED.clear()
    return home


def line_of(record):
    columns = {column.name: getattr(record, column.name) for column in fields(record)}
    return f"{json.dumps(columns, default=asdict)}\n"


def write(index, files, made, added):
    for name, data in files.items():
        (index / "000001" / name).write_bytes(data)
    manifest = {
        "made": made,
        "versions": {"dalel": "0.14.0"},
        "background": {"levels": {"kk": 0.5}},
        "added": added,
        "documents": {},
        "files": {
            name: {"bytes": len(data), "sha256": atomic_file.sha256(data)}
            for name, data in files.items()
        },
    }
    checksum = atomic_file.write(index / "000001" / "manifest.json", json.dumps(manifest).encode())
    (index / "CURRENT").write_text(f"000001 {checksum.sha256}\n")


def indexer(home):
    return Indexer(home, load=Model)


def test_it_is_read_whole(home):
    assert EARLIER_FORMAT == FORMAT - 1
    earlier = Store(home / "index").load_in_memory()
    assert earlier.documents == tuple(DOCUMENTS)
    assert {chunk.document_id for chunk in earlier.chunks} == {each.id for each in DOCUMENTS}
    assert len(earlier.respelt) > 0
    assert earlier.config.format == EARLIER_FORMAT
    assert set(earlier.added) == {each.id for each in DOCUMENTS}
    rows = earlier.chunk_vectors.rows(np.arange(len(earlier.chunks)))
    assert rows.shape == (len(earlier.chunks), Model.dimension)


def test_it_cannot_be_searched_and_the_message_says_so(home):
    for read in (Store(home / "index").load, indexer(home).open):
        with pytest.raises(StoreStale, match=f"format {EARLIER_FORMAT}, expected {FORMAT}") as told:
            read()
        assert "dalel index" in told.value.hint


def test_the_first_question_makes_it_anew_and_nothing_is_embedded_again(home, caplog):
    added = dict(Store(home / "index").load_in_memory().added)
    opened = indexer(home).open_or_put(lambda: pytest.fail("what was indexed is lost"))
    assert ASKED == []
    assert "earlier version" in caplog.text
    assert opened.generation.documents == DOCUMENTS
    assert opened.generation.config.format == FORMAT
    assert opened.generation.added == added
    assert opened.search("Ұлы дала", 1)[0].chunk.document_id == DOCUMENTS[0].id


def test_documents_are_added_and_removed(home):
    new = document("Жаңа құжат. Һәм тағы бір сөйлем.", "жаңа")
    indexer(home).add([new])
    assert ASKED
    assert not any("дала" in text for text in ASKED), "it is embedded already"
    indexer(home).remove([DOCUMENTS[1].id])
    assert indexer(home).open().generation.documents == [DOCUMENTS[0], DOCUMENTS[2], new]


@pytest.mark.parametrize("name", ["sources.jsonl", "respelt.jsonl"])
def test_one_of_before_a_file_was_written_is_read(home, name):
    path = home / "index" / "000001" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    del manifest["files"][name], manifest["added"]
    (home / "index" / "000001" / name).unlink()
    digest = atomic_file.write(path, json.dumps(manifest).encode()).sha256
    (home / "index" / "CURRENT").write_text(f"000001 {digest}\n")
    earlier = Store(home / "index").load_in_memory()
    assert earlier.documents == tuple(DOCUMENTS)
    assert () in (earlier.files, earlier.respelt)
    indexer(home).open_or_put(list)


@pytest.mark.parametrize(
    "name", ["documents.jsonl", "chunks.jsonl", "respelt.jsonl", "chunks.faiss", "sentences.faiss"]
)
def test_damage_is_told(home, name):
    path = home / "index" / "000001" / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(StoreDamaged, match=name):
        indexer(home).open_or_put(list)


def test_any_other_format_is_stale(home):
    path = home / "index" / "000001" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["made"]["format"] = 1
    digest = atomic_file.write(path, json.dumps(manifest).encode()).sha256
    (home / "index" / "CURRENT").write_text(f"000001 {digest}\n")
    with pytest.raises(StoreStale, match=f"format 1, expected {FORMAT}"):
        indexer(home).open_or_put(list)
