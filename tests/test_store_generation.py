"""Tests of index/storage/generation.py: round trips are exact, and all damage is noticed."""

import json
import os
import pickle
import random
import unicodedata
from dataclasses import asdict, replace

import numpy as np
import pytest
from fakes import HashEmbedder, document, stored
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.analysis.analyzer import terms
from index.bm25 import BM25Index
from index.calibration import Calibration
from index.searched_text import Respelt
from index.storage import atomic_file
from index.storage.generation import (
    FORMAT,
    IndexConfig,
    IndexContents,
    chunk_of,
    document_of,
    read_generation,
    read_manifest,
    write_generation,
)
from ingest.chunker import Chunk, Chunking, in_context, split
from ingest.document import Block
from ingest.errors import StoreDamaged, StoreStale
from ingest.source_file import FileStat, Given, Skipped, SourceFile

MADE = IndexConfig(embedder="hash", weights_sha256="0" * 64, dimension=64, max_tokens=40)
VERSIONS = {"python": "3.11", "dalel": "0.1.0"}
KAZAKH = (
    "Әділет пен ғылым. Қазақтың өнері ұлттың үніне һәм іліміне айналды. Теңіз.\n\n"
    "Үшінші абзац: «дәлел» – 1992 жылғы 25 мамырда."
)
ENGLISH = "Evidence is what a claim stands on. It is quoted, letter for letter.\r\nAnd it ends."
RECORDS, STRINGS = (
    ("documents", "chunks", "sources", "respelt"),
    ("utf8", "ends", "buckets", "sums", "places"),
)
FILES = (
    "manifest.json",
    *(f"{name}.{ending}" for name in RECORDS for ending in ("jsonl", "ends.npy", "crc32.npy")),
    *(
        f"documents.{name}.npy"
        for name in ("added", "buckets", "hashes", "languages", "places", "sums")
    ),
    *(
        f"chunks.{name}.npy"
        for name in ("documents", "first_sentences", "hashes", "languages", "others")
    ),
    *(f"sources.{name}.npy" for name in ("buckets", "sums", "places")),
    "respelt.rows.npy",
    "means.passages.npy",
    "means.sentences.npy",
    *(f"names.{name}.npy" for name in ("counted", "documents", "telling", *STRINGS)),
    *(f"words.{name}.npy" for name in ("counts", "stemmed", "stems", *STRINGS)),
    "words.skeletons.buckets.npy",
    "words.skeletons.places.npy",
    "words.skeletons.sums.npy",
    "chunks.faiss",
    "chunks.codes.faiss",
    "sentences.faiss",
    "sentences.codes.faiss",
    "lexical/data.csc.index.npy",
    "lexical/indices.csc.index.npy",
    "lexical/indptr.csc.index.npy",
    "lexical/params.index.json",
    "lexical/texts.columns.npy",
    "lexical/texts.indptr.npy",
    *(f"lexical/vocabulary.{name}.npy" for name in STRINGS),
)


@pytest.fixture(autouse=True, scope="module")
def no_waiting():
    """Do not wait for the disk, which shows nothing here; make all files, even of few vectors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        patch.setattr("index.faiss_index.CODED_FROM", 1)
        yield


def contents_of(*documents):
    """Return what an index of these documents holds."""
    embedder = HashEmbedder()
    chunks = [
        chunk
        for document in documents
        for chunk in split(document, embedder.count_tokens, Chunking(MADE.max_tokens))
    ]
    texts = {document.id: document.text for document in documents}
    sentences = [texts[c.document_id][slice(*span)] for c in chunks for span in c.sentences]
    return IndexContents(
        documents=documents,
        chunks=tuple(chunks),
        chunk_vectors=stored(
            embedder.embed_passages([texts[c.document_id][c.start : c.end] for c in chunks])
        ),
        sentence_vectors=stored(embedder.embed_passages(sentences)),
        lexical=lexical_of(documents, chunks),
        calibration=Calibration({"kk": 1 / 3, "en": 2 / 7, "ru": 0.1}),
    )


def write(folder, contents, versions=VERSIONS):
    """Write a generation, and return the hash of its manifest."""
    digest, _ = write_generation(folder, contents, MADE, versions)
    return digest


def lexical_of(documents, chunks):
    by_id = {document.id: document for document in documents}
    return BM25Index.build([(in_context(by_id[c.document_id], c), c.language) for c in chunks])


def vectors_of(store):
    return store.rows(np.arange(len(store)))


def assert_same(generation, contents):
    """Hold what was read against what was written, vectors bit by bit."""
    assert generation.documents == contents.documents
    assert generation.chunks == contents.chunks
    assert generation.respelt == contents.respelt
    assert generation.calibration == contents.calibration
    for name in ("chunk_vectors", "sentence_vectors"):
        read, wrote = (vectors_of(getattr(each, name)) for each in (generation, contents))
        assert read.tobytes() == wrote.tobytes()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return the folder of a generation, the hash of its manifest, and its contents."""
    folder = tmp_path_factory.mktemp("generation")
    contents = contents_of(document(KAZAKH, "құжат"), document(ENGLISH, "evidence", "en", "Claims"))
    contents = replace(contents, files=(FILE,), respelt=(RESPELT,))
    return folder, write(folder, contents), contents


# --- round trip -----------------------------------------------------------------------------------

TEXTS = {
    "composed": unicodedata.normalize("NFC", "Й мен ё: қайың, ұйым, өйткені, үй, киік, һайуан."),
    "decomposed": unicodedata.normalize("NFD", "Й мен ё: қайың, ұйым, өйткені, үй, киік, һайуан."),
    "astral": "Әлем 🌍🇰🇿 𝐊𝐚𝐳𝐚𝐤𝐡 𐰴𐰀𐰔𐰴. Ғарыш 👩‍🚀 ұшты.",
    "line ends": "Қар\rжауды.\r\nКүн\x0bшықты.\x0cҰл\x1cкелді.\x85Өлең\u2028айтты.\u2029Інісі.",
    "controls": "Нөл\x00 мен \x1b[31mқызыл\x7f, \ufeffтаңба \ufffe, \u202eкері\u202c.",
    "quotes": 'Ол: "{}\\n" деді. Үтір, {"кілт": null}.',
}


@pytest.mark.parametrize("kind", TEXTS)
def test_every_text_comes_back_letter_for_letter(tmp_path, kind):
    contents = contents_of(document(TEXTS[kind], kind, title=TEXTS[kind]))
    digest = write(tmp_path, contents)
    generation = read_generation(tmp_path, digest)
    assert generation.documents[0].text == TEXTS[kind]
    assert_same(generation, contents)


def test_what_was_made_is_kept(written):
    folder, digest, contents = written
    generation = read_generation(folder, digest)
    assert_same(generation, contents)
    assert (generation.name, generation.config, generation.versions) == (
        folder.name,
        MADE,
        VERSIONS,
    )


def test_pages_come_back_as_spans(tmp_path):
    paged = replace(document(KAZAKH), pages=((0, 17), (17, len(KAZAKH))))
    contents = contents_of(paged)
    generation = read_generation(tmp_path, write(tmp_path, contents))
    assert generation.documents == (paged,)
    assert hash(generation.documents[0]) == hash(paged)


def test_blocks_come_back_and_may_be_missing(tmp_path):
    blocked = replace(document(KAZAKH), blocks=(Block(0, 17, "heading", 2), Block(18, 20, "row")))
    contents = contents_of(blocked)
    generation = read_generation(tmp_path, write(tmp_path, contents))
    assert generation.documents == (blocked,)
    row = json.loads((tmp_path / "documents.jsonl").read_text("utf-8"))
    del row["blocks"]  # as an index that was written before there were any
    assert document_of(row) == replace(blocked, blocks=())


def test_other_languages_of_a_chunk_come_back_and_may_be_missing(tmp_path):
    contents = contents_of(document(KAZAKH))
    mixed = replace(contents.chunks[0], other_languages=("en", "ru"))
    contents = replace(contents, chunks=(mixed, *contents.chunks[1:]))
    generation = read_generation(tmp_path, write(tmp_path, contents))
    assert generation.chunks == contents.chunks
    row = json.loads((tmp_path / "chunks.jsonl").read_text("utf-8").splitlines()[0])
    del row["other_languages"]  # as an index that was written before there were any
    assert chunk_of(row) == replace(mixed, other_languages=())


FILE = SourceFile(
    path="/қалта/\udcff ә.zip",
    root="/қалта",
    name="ә.zip",
    stat=FileStat(12, 1_700_000_000_123_456_789, 7),
    sha256="a" * 64,
    encoding="kz1048",
    documents=(Given("құжат", "ә.zip/б.txt", is_stored=True),),
    skipped=(Skipped("ә.zip/в.png", "no reader"),),
)


RESPELT = Respelt(0, "Әділет пен ғылым, өнер, іңір", ("Ұлт үні.", "Һәм қала."))


def test_files_and_sources_come_back(tmp_path):
    one = replace(document(KAZAKH), other_sources=("ә.zip/б.txt",))
    files = (FILE, replace(FILE, path="", stat=None, encoding=None))
    contents = replace(contents_of(one), files=files)
    generation = read_generation(tmp_path, write(tmp_path, contents))
    assert generation.files == files
    assert generation.documents == (one,)


def test_an_id_that_utf8_cannot_hold_comes_back(tmp_path):
    """Whoever calls us may take an id from a file's name, which may be any bytes."""
    contents = contents_of(document(KAZAKH, "құжат-\udcff.txt"))
    generation = read_generation(tmp_path, write(tmp_path, contents))
    assert_same(generation, contents)


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1),
    seed=st.integers(0, 2**32 - 1),
)
@example(texts=["Ә", "ғ" * 999, "\u0301", "🇰🇿"], seed=0)
def test_any_text_and_any_vectors_come_back(tmp_path_factory, texts, seed):
    folder = tmp_path_factory.mktemp("any")
    documents = tuple(document(text, f"құжат-{n}", title=text) for n, text in enumerate(texts))
    chunks = tuple(
        Chunk(
            f"{document.id}:0",
            document.id,
            0,
            len(document.text),
            document.text,
            "kk",
            ((0, len(document.text)),),
        )
        for document in documents
    )
    vectors = np.random.default_rng(seed).normal(size=(2, len(texts), 3)).astype(np.float32)
    lexical, chance = lexical_of(documents, chunks), Calibration({"kk": 0.5, "en": 0.25})
    contents = IndexContents(documents, chunks, *map(stored, vectors), lexical, chance)
    digest = write(folder, contents, {})
    assert_same(read_generation(folder, digest), contents)


def test_the_lexical_leg_comes_back(written):
    folder, digest, contents = written
    scores = read_generation(folder, digest).lexical.scores(terms("қазақтың өнері", "kk"))
    assert scores.shape == (len(contents.chunks),)
    assert scores[0] > 0
    assert scores[-1] == 0


# --- what is on the disk --------------------------------------------------------------------------


def test_the_files_are_the_ones_the_manifest_lists(written):
    folder, digest, _ = written
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert sorted({*names} - {"checked.json"}) == sorted(FILES)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    data = {name: (folder / name).read_bytes() for name in FILES[1:]}
    assert manifest["files"] == {
        name: {"bytes": len(blob), "sha256": atomic_file.sha256(blob)}
        for name, blob in data.items()
    }
    assert manifest["made"] == asdict(MADE)
    assert digest == atomic_file.sha256((folder / "manifest.json").read_bytes())


def test_the_same_contents_make_the_same_bytes(written, tmp_path):
    folder, digest, contents = written
    assert write(tmp_path, contents) == digest
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


# --- damage ---------------------------------------------------------------------------------------

DAMAGES = ("flip", "cut", "zero", "append", "delete", "swap")


def damages_of(kind, data, others):
    """Yield damaged versions of a file's bytes; None stands for no file."""
    places = random.Random(f"{kind} {len(data)}").sample(range(len(data)), 8)
    if kind == "flip":
        for place in (0, len(data) - 1, *places):
            yield data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]
    elif kind == "cut":
        yield from (data[:size] for size in (0, 1, len(data) // 2, len(data) - 1))
    elif kind == "zero":
        blocks = ((place, min(place + 16, len(data))) for place in places)
        yield from (data[:start] + bytes(end - start) + data[end:] for start, end in blocks)
    elif kind == "append":
        yield from (data + tail for tail in (b"\x00", b"\n", b"{}", data))
    elif kind == "delete":
        yield None
    else:
        yield from others


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_every_damage_is_told_with_the_file_and_the_way_out(written, name, kind):
    folder, digest, contents = written
    path = folder / name
    whole = path.read_bytes()
    others = [(folder / other).read_bytes() for other in FILES if other != name]
    noticed = 0
    try:
        for damaged in damages_of(kind, whole, others):
            if damaged == whole:
                continue  # A block that was zero already.
            path.unlink(missing_ok=True)
            if damaged is not None:
                path.write_bytes(damaged)
            with pytest.raises(StoreDamaged) as caught:
                read_generation(folder, digest)
            assert path.name in caught.value.line()
            assert "dalel index" in caught.value.hint
            noticed += 1
    finally:
        path.write_bytes(whole)
    assert noticed >= {"flip": 10, "cut": 4, "zero": 2, "append": 4, "delete": 1, "swap": 9}[kind]
    assert_same(read_generation(folder, digest), contents)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_generation_is_damage(written, tmp_path, name):
    folder, _, _ = written
    others = [document(f"Өзге құжат {n}. Іле мен үш көл. " * n, f"{n}") for n in range(1, 6)]
    digest = write(tmp_path, contents_of(*others))
    (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(StoreDamaged, match=name.rpartition("/")[2]):
        read_generation(tmp_path, digest)


def test_a_folder_that_goes_while_it_is_read_is_damage(written, monkeypatch):
    """Between the check of a file and its use, a writer may collect the generation."""
    folder, digest, _ = written

    def gone(_folder):
        raise FileNotFoundError(2, "No such file or directory", "params.index.json")

    monkeypatch.setattr(BM25Index, "load", gone)
    with pytest.raises(StoreDamaged, match=r"generation.*' is missing"):
        read_generation(folder, digest)


# --- format and makings ---------------------------------------------------------------------------


def forge(folder, change):
    """Change a manifest and return its new hash, as if it had been written so."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    atomic_file.write(folder / "manifest.json", json.dumps(manifest).encode())
    return atomic_file.sha256((folder / "manifest.json").read_bytes())


@pytest.mark.parametrize("version", [FORMAT + 1, FORMAT - 1, 99, None, str(FORMAT)])
def test_another_format_is_refused_with_both_values(tmp_path, version):
    write(tmp_path, contents_of(document(KAZAKH)))
    digest = forge(tmp_path, lambda manifest: manifest["made"].update(format=version))
    for read in (read_generation, read_manifest):
        with pytest.raises(StoreStale) as caught:
            read(tmp_path, digest)
        assert f"format {version!r}, expected {FORMAT!r}" in str(caught.value)
        assert "dalel index" in caught.value.hint


OTHER = {
    "embedder": "басқа модель",
    "weights_sha256": "f" * 64,
    "dimension": 384,
    "max_tokens": 512,
    "analyser": "жоқ-1",
    "format": FORMAT + 1,
}


def test_every_field_has_another_value_below():
    assert list(OTHER) == list(asdict(MADE))


@pytest.mark.parametrize("field", OTHER)
def test_a_differing_field_is_named_with_both_values(field):
    expected = replace(MADE, **{field: OTHER[field]})
    with pytest.raises(StoreStale) as caught:
        MADE.check(expected)
    for part in (f"another {field}", repr(getattr(MADE, field)), repr(OTHER[field])):
        assert part in str(caught.value)
    assert "dalel index" in caught.value.hint


def test_the_same_makings_mix():
    MADE.check(replace(MADE))
    assert replace(MADE) == MADE


# --- no pickles -----------------------------------------------------------------------------------


def test_no_file_is_a_pickle(written):
    folder, _, _ = written
    for name in FILES:
        data = (folder / name).read_bytes()
        assert data[:1] != pickle.PROTO, name
        assert b"'|O'" not in data, "an array of objects is a pickle"


def test_nothing_is_unpickled(written, monkeypatch):
    folder, digest, contents = written

    def refuse(*_, **__):
        raise AssertionError("a pickle was read")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    assert_same(read_generation(folder, digest), contents)


RAN: list[str] = []


def run(code):
    RAN.append(code)


class Payload:
    """What runs code when it is unpickled."""

    def __reduce__(self):
        return run, ("зиян",)


def test_an_array_of_pickles_is_refused_even_with_the_right_hash(tmp_path):
    write(tmp_path, contents_of(document(KAZAKH)))
    name = "lexical/data.csc.index.npy"
    np.save(tmp_path / name, np.array([Payload()], dtype=object), allow_pickle=True)
    np.load(tmp_path / name, allow_pickle=True)
    assert RAN == ["зиян"], "the payload must be one that works"
    RAN.clear()
    checksum = atomic_file.sha256((tmp_path / name).read_bytes())
    digest = forge(tmp_path, lambda manifest: manifest["files"][name].update(sha256=checksum))
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        read_generation(tmp_path, digest)
    assert RAN == []
