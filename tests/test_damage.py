"""Damage to the files of an index at random: all of it is found out before any library reads them.

Faiss loads flipped bits and blocks of zeros without a word; so nothing may reach it unchecked.
"""

import os
import random
import shutil
from itertools import count

import numpy as np
import pytest
from campaign import at_length
from fakes import HashEmbedder, document

from index.bm25 import BM25Index
from index.faiss_index import FaissIndex
from index.indexer import Indexer
from index.storage.store import Store
from ingest.errors import StoreError

DOCUMENTS = [
    document("Ұлы дала – қазақтың мекені. Онда өзен де, көл де көп. " * 20, "дала"),
    document("The sea is wide. Һ is a letter of few words.", "sea", "en", "The sea"),
    document("Степь широка. Ковыль шумит на ветру.", "степь", "ru"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a home with two generations, the second of more documents."""
    folder = tmp_path_factory.mktemp("үй")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.calibration.off_topic_questions", lambda: {"kk": ["дала"]})
        patch.setattr(os, "fsync", os.fstat)
        indexer = Indexer(folder, load=HashEmbedder)
        indexer.put(DOCUMENTS[:1])
        indexer.put(DOCUMENTS)
    return folder


def flip(path, chance):
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 1, 2, 9])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def zero(path, chance):
    """Zero a block, as a disk that loses one does."""
    data = path.read_bytes()
    start = chance.randrange(len(data))
    end = start + chance.choice([1, 16, 512, 4096])
    path.write_bytes(data[:start] + bytes(len(data[start:end])) + data[end:])


def cut(path, chance):
    data = path.read_bytes()
    path.write_bytes(data[: chance.randrange(len(data))])


def append(path, chance):
    with path.open("ab") as file:
        file.write(chance.choice([b"\0", b"{}\n", bytes(4096), path.read_bytes()]))


def leave_out(path, chance):
    data = path.read_bytes()
    start = chance.randrange(len(data))
    path.write_bytes(data[:start] + data[start + chance.choice([1, 4, 512]) :])


def delete(path, _chance):
    path.unlink()


def take_another(path, chance):
    """Put another file of the index in its place: of this generation or of the one before."""
    index = next(parent for parent in path.parents if parent.name == "index")
    others = [other for other in sorted(index.rglob("*.*")) if other.is_file() and other != path]
    shutil.copyfile(chance.choice(others), path)


def put_a_folder(path, _chance):
    path.unlink()
    path.mkdir()


def put_a_link(path, chance):
    path.unlink()
    path.symlink_to(chance.choice(["/nowhere", "/etc/passwd", path.name]))


DAMAGES = [flip, zero, cut, append, leave_out, delete, take_another, put_a_folder, put_a_link]


def files_of(folder):
    """Return what is read of an index: the pointer, and the files of the generation it names."""
    current = folder / "CURRENT"
    generation = folder / current.read_text().split()[0]
    files = (path for path in generation.rglob("*") if path.is_file() and path.stat().st_size)
    return [current, *sorted(path for path in files if path.name != "checked.json")]


def in_full(generation):
    stores = (generation.chunk_vectors, generation.sentence_vectors)
    rows = [store.rows(np.arange(len(store))).tobytes() for store in stores]
    # Records are read here: files are changed below them.
    return (*generation.documents, *generation.chunks, generation.calibration, *rows)


def means_the_same(path, before):
    """Return whether a file says what it said: white space around the words of the pointer."""
    if not path.is_file():
        return False
    data = path.read_bytes()
    return data == before or (path.name == "CURRENT" and data.split() == before.split())


def refuse(*_):
    raise AssertionError("damaged files are read by a library")


def restore(path, data):
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
    path.write_bytes(data)


def test_all_damage_is_found_out_before_any_library_reads_it(home, tmp_path, monkeypatch):
    index = shutil.copytree(home / "index", tmp_path / "index")
    whole, files = in_full(Store(index).load()), files_of(index)
    found, chance = 0, random.Random("бүлінген")
    with monkeypatch.context() as patch:
        patch.setattr(FaissIndex, "read", refuse)
        patch.setattr(BM25Index, "load", refuse)
        for number in count():
            path = files[number % len(files)]
            damage = DAMAGES[number // len(files) % len(DAMAGES)]
            before = path.read_bytes()
            damage(path, chance)
            if not means_the_same(path, before):
                with pytest.raises(StoreError) as told:  # Never that nothing was indexed.
                    Store(index).load()
                assert "\n" not in told.value.line()
                assert told.value.hint
                # A pointer with other words names another folder, or another hash of the same.
                assert path.name in (*str(told.value).replace("'", "/").split("/"), "CURRENT")
                found += 1
            restore(path, before)
            if found == at_length(10_000, 1_000):
                break
    assert in_full(Store(index).load()) == whole
