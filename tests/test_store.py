"""Tests of index/storage/store.py: after any failure or kill, the index is the old or the new one.

Faults are injected into the k-th call that touches the disk, for every k there is; children are
killed at the k-th call and at random moments; readers open while writers save.
"""

import errno
import multiprocessing
import os
import random
import resource
import signal
import threading
import time
from dataclasses import asdict, replace
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from campaign import at_length
from fakes import HashEmbedder, document
from faults import ERRORS, fault_at, raising, watching
from filelock import FileLock
from waiting import PATIENT_SECONDS, wait_until

from index.analysis.analyzer import terms
from index.bm25 import BM25Index
from index.faiss_index import FaissIndex
from index.indexer import Indexer
from index.storage import atomic_file
from index.storage.generation import IndexConfig
from index.storage.store import Store
from ingest.errors import StoreBusy, StoreDamaged, StoreError, StoreMissing, StoreStale

MADE = IndexConfig(embedder="hash", weights_sha256="0" * 64, dimension=64, max_tokens=256)
QUESTION = "Қазақстанның ұлы өзендері қайда?"

# Both are longer than a disk's block, so that a file can be torn.
OLD = [document("Ертіс пен Іле – Қазақстанның өзендері. " * 60, "өзен")]
NEW = [
    document("Ертіс, Іле, Жайық – Қазақстанның ұлы өзендері. " * 60, "өзен"),
    document("Һәм Сырдария Арал теңізіне құяды. Ғалымдар оны зерттеді.", "теңіз"),
]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Do not wait for the disk: that a call is made is what counts here, and it takes seconds."""
    monkeypatch.setattr(os, "fsync", os.fstat)


class Rows(np.ndarray):
    """Vectors in memory, which can be handed to another process."""

    dimension = property(lambda self: self.shape[1])
    rows = np.ndarray.__getitem__


def contents_of(documents, folder):
    indexer = Indexer(folder)
    indexer._loaded = HashEmbedder("embedded")
    contents = indexer.put(documents)
    vectors = {
        name: store.rows(np.arange(len(store))).view(Rows)
        for name in ("chunk_vectors", "sentence_vectors")
        for store in [getattr(contents, name)]
    }
    return replace(contents, **vectors)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    return contents_of(OLD, tmp_path_factory.mktemp("old"))


@pytest.fixture(scope="module")
def new(tmp_path_factory):
    return contents_of(NEW, tmp_path_factory.mktemp("new"))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "үй" / "index"


def fingerprint(generation):
    """Return all that readers see of a generation, bit by bit."""
    vectors = (generation.chunk_vectors, generation.sentence_vectors)
    return (
        generation.documents,
        generation.chunks,
        generation.calibration,
        *(store.rows(np.arange(len(store))).tobytes() for store in vectors),
        generation.lexical.scores(terms(QUESTION, "kk")).tobytes(),
    )


def save(folder, contents):
    Store(folder).save(contents, MADE, {})


def saved(contents, tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    save(folder, contents)
    return fingerprint(Store(folder).load())


@pytest.fixture(scope="module")
def is_old(old, tmp_path_factory):
    return saved(old, tmp_path_factory)


@pytest.fixture(scope="module")
def is_new(new, tmp_path_factory):
    return saved(new, tmp_path_factory)


def generations(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.isdecimal())


# --- the plain way --------------------------------------------------------------------------------


def test_an_empty_folder_holds_no_index_and_stays_empty(folder):
    store = Store(folder)
    assert not store.exists
    with pytest.raises(StoreMissing, match=r"nothing has been indexed in '.*үй.*'"):
        store.load()
    assert not folder.exists()


def test_a_save_replaces_and_the_generation_before_stays_for_its_readers(folder, old, new):
    names = []
    for contents in (old, new, old):
        save(folder, contents)
        names.append(Store(folder).load().name)
        assert generations(folder) == names[-2:]
    assert names == ["000001", "000002", "000003"]
    assert Store(folder).exists


def test_a_long_history_sorts_by_number(folder, old, is_old):
    folder.mkdir(parents=True)
    (folder / "999999").mkdir()
    save(folder, old)
    assert generations(folder) == ["1000000"]
    assert fingerprint(Store(folder).load()) == is_old


# --- the pointer ----------------------------------------------------------------------------------

POINTERS = {
    "empty": lambda data: b"",
    "line end only": lambda data: b"\n",
    "garbage": lambda data: bytes(range(255, 127, -1)),
    "NUL": lambda data: bytes(len(data)),
    "words": lambda data: "құжат".encode(),
    "no hash": lambda data: data.split()[0],
    "half a hash": lambda data: data[:40],
    "longer hash": lambda data: data.rstrip() + b"0\n",
    "hash alone": lambda data: data.split()[1],
    "another generation": lambda data: b"000009" + data[6:],
    "up and out": lambda data: b"../../etc" + data[6:],
    "absolute": lambda data: b"/etc" + data[6:],
    "Arabic digits": lambda data: "٠٠٠٠٠١".encode() + data[6:],
    "swapped": lambda data: b" ".join(reversed(data.split())),
    "twice": lambda data: data + data,
}


@pytest.mark.parametrize("pointer", POINTERS)
def test_a_damaged_pointer_is_told_and_a_save_mends_it(folder, old, new, is_new, pointer):
    save(folder, old)
    current = folder / "CURRENT"
    current.write_bytes(POINTERS[pointer](current.read_bytes()))
    store = Store(folder)
    with pytest.raises(StoreDamaged, match=r"CURRENT|manifest\.json") as caught:
        store.load()
    assert "dalel index" in caught.value.hint
    save(folder, new)
    assert fingerprint(Store(folder).load()) == is_new


def test_a_pointer_that_is_gone_is_told_and_no_other_documents_take_the_place(folder, old, new):
    save(folder, old)
    save(folder, new)
    (folder / "CURRENT").unlink()
    assert Store(folder).exists
    with pytest.raises(StoreDamaged, match="CURRENT' is missing"):
        Store(folder).load()
    with pytest.raises(StoreDamaged, match="CURRENT' is missing"):
        Indexer(folder.parent, load=HashEmbedder).open_or_put(lambda: OLD)
    assert generations(folder) == ["000001", "000002"]
    save(folder, old)
    assert generations(folder) == ["000003"]


@pytest.mark.parametrize("killed", [1, 2, 3])
def test_however_often_a_first_save_is_killed_nothing_is_indexed_yet(folder, old, is_old, killed):
    for _ in range(killed):
        child = _FORK.Process(target=_save_and_die, args=(folder, old, 30))
        child.start()
        child.join(PATIENT_SECONDS)
        assert generations(folder) == ["000001"]
        assert not Store(folder).exists
        with pytest.raises(StoreMissing):
            Store(folder).load()
    save(folder, old)
    assert generations(folder) == ["000001"]
    assert fingerprint(Store(folder).load()) == is_old


def test_every_flipped_bit_of_the_pointer_is_told(folder, old, new):
    """Only white space around the two words may change: it says nothing."""
    save(folder, old)
    save(folder, new)
    current = folder / "CURRENT"
    data = current.read_bytes()
    for place in range(8 * (len(data) - 1)):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        current.write_bytes(flipped)
        if bytes(flipped).decode("ascii", "replace").split() == data.decode().split():
            continue
        with pytest.raises(StoreError):
            Store(folder).load()


def test_a_pointer_that_cannot_be_read_is_told_with_the_reason(folder, old):
    save(folder, old)
    (folder / "CURRENT").unlink()
    (folder / "CURRENT").mkdir()
    store = Store(folder)
    assert store.exists
    with pytest.raises(StoreError, match=f"CURRENT': {os.strerror(errno.EISDIR)}"):
        store.load()


def test_a_folder_that_may_not_be_looked_into_counts_as_an_index(folder, monkeypatch):
    """Else a first question would try to index anew, and its complaint would be a wrong one."""

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "exists", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert Store(folder).exists
    with pytest.raises(StoreError, match=os.strerror(errno.EACCES)):
        Store(folder).load()


@pytest.mark.parametrize("name", ["manifest.json", "chunks.faiss", "lexical/vocabulary.utf8.npy"])
def test_damage_below_the_pointer_is_told_by_name_and_a_save_mends_it(folder, old, is_old, name):
    save(folder, old)
    path = folder / "000001" / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StoreDamaged, match=path.name):
        Store(folder).load()
    save(folder, old)
    assert fingerprint(Store(folder).load()) == is_old


def test_another_format_is_stale(folder, old, monkeypatch):
    save(folder, old)
    monkeypatch.setattr("index.storage.generation.FORMAT", MADE.format + 1)
    with pytest.raises(StoreStale, match=f"format {MADE.format}, expected {MADE.format + 1}"):
        Store(folder).load()


# --- faults: the k-th call that touches the disk --------------------------------------------------


def check_after(folder, before, states, *, returned):
    """Hold the index against the states it may be in, old and new, then save again."""
    is_old, is_new, new = states
    moved = pointer_of(folder) != before
    if before is None and not moved:
        with pytest.raises(StoreMissing):
            Store(folder).load()
    else:
        assert fingerprint(Store(folder).load()) == (is_new if moved else is_old)
    assert moved or not returned
    current = pointer_of(folder)
    save(folder, new)
    assert fingerprint(Store(folder).load()) == is_new
    kept = [pointer.split()[0].decode() for pointer in (current, pointer_of(folder)) if pointer]
    assert generations(folder) == kept
    assert not (folder / "CURRENT.new").exists()


def pointer_of(folder):
    path = folder / "CURRENT"
    return path.read_bytes() if path.exists() else None


FAILURES = [("disk full", True), *((kind, False) for kind in ERRORS)]


@pytest.mark.campaign
@pytest.mark.parametrize(("kind", "first"), at_length(FAILURES, FAILURES[:2]))
def test_whatever_call_fails_the_index_is_the_old_or_the_new(
    tmp_path, old, new, is_old, is_new, kind, first
):
    names = []
    expected = StoreError if isinstance(ERRORS[kind](), OSError) else type(ERRORS[kind]())
    for k in count(1):
        folder = tmp_path / str(k) / "index"
        if not first:
            save(folder, old)
        before = pointer_of(folder)
        returned = False
        with fault_at(k, raising(ERRORS[kind]())) as fired:
            # Nothing else may come out: what the disk refuses is a StoreError.
            try:
                save(folder, new)
                returned = True
            except expected:
                pass
        check_after(folder, before, (is_old, is_new, new), returned=returned)
        if not fired:
            break
        names += fired
    assert returned
    assert set(names) == {"fsync", "replace", "mkdir", "open", "write"}
    assert names.count("write") > 15
    assert names.count("fsync") > 12


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_refusal_says_where_and_why_and_that_nothing_is_lost(folder, old, new, code):
    save(folder, old)
    error = OSError(code, os.strerror(code))
    with fault_at(9, raising(error)), pytest.raises(StoreError) as caught:
        save(folder, new)
    assert repr(str(folder)) in str(caught.value)
    assert os.strerror(code) in str(caught.value)
    assert "untouched" in caught.value.hint


def test_an_interrupt_between_the_move_and_its_return_keeps_the_new_index(
    folder, old, new, is_new, monkeypatch
):
    """Python delivers Ctrl-C after the call: the pointer has moved, and must point at something."""
    save(folder, old)
    replace = os.replace

    def interrupted(*names):
        replace(*names)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(folder, new)
    assert fingerprint(Store(folder).load()) == is_new


@pytest.mark.parametrize("share", range(20))
def test_a_file_that_outgrows_its_limit_leaves_the_old_index(
    folder, old, new, is_old, is_new, share, monkeypatch
):
    """A full disk in earnest: the system cuts a write in the middle of a file."""
    save(folder, old)
    before = pointer_of(folder)
    largest = max(path.stat().st_size for path in folder.rglob("*"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest * share // 20, limits[1]))
    try:
        with pytest.raises(StoreError, match=os.strerror(errno.EFBIG)):
            save(folder, new)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    check_after(folder, before, (is_old, is_new, new), returned=False)


def test_all_is_on_the_disk_before_the_pointer_moves(folder, new):
    """Power may fail right after the move: nothing it leads to may still be in memory."""
    synced, written, unsynced = set(), set(), []

    def step(name, target):
        if name == "fsync":
            synced.add(os.fstat(target).st_ino)
        elif name == "write":
            written.add(Path(target))
            synced.difference_update(path.stat().st_ino for path in [Path(target)] if path.exists())
        elif name == "replace":
            paths = [folder, Path(target), *(folder / "000001").rglob("*"), folder / "000001"]
            unsynced.extend(path for path in paths if path.stat().st_ino not in synced)

    with watching(step):
        save(folder, new)
    assert unsynced == []
    files = {path for path in (folder / "000001").rglob("*") if path.is_file()}
    assert files < written


# --- kills ----------------------------------------------------------------------------------------

_FORK = multiprocessing.get_context("forkserver")
_FORK.set_forkserver_preload(["numpy", "faiss", "bm25s", "index.indexer", "hypothesis", "pytest"])


def _save_and_die(folder, contents, k):
    with fault_at(k, lambda: os.kill(os.getpid(), signal.SIGKILL)):
        save(folder, contents)


def _save_for_ever(folder, *saved):
    while True:
        for contents in saved:
            save(folder, contents)


def test_a_kill_at_whatever_call_leaves_the_old_or_the_new(tmp_path, old, new, is_old, is_new):
    for k in count(1, at_length(1, 5)):
        folder = tmp_path / str(k) / "index"
        save(folder, old)
        before = pointer_of(folder)
        child = _FORK.Process(target=_save_and_die, args=(folder, new, k))
        child.start()
        child.join(PATIENT_SECONDS)
        assert child.exitcode in (0, -signal.SIGKILL)
        check_after(folder, before, (is_old, is_new, new), returned=child.exitcode == 0)
        if child.exitcode == 0:
            break
    assert k > 30


@pytest.mark.parametrize("seed", range(at_length(300, 12)))
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(folder, old, new, is_old, is_new, seed):
    save(folder, old)
    child = _FORK.Process(target=_save_for_ever, args=(folder, new, old))
    child.start()
    try:
        first = pointer_of(folder)
        wait_until(lambda: pointer_of(folder) != first)
        time.sleep(random.Random(seed).uniform(0, 0.05))
    finally:
        child.kill()
        child.join(PATIENT_SECONDS)
    assert child.exitcode == -signal.SIGKILL
    assert fingerprint(Store(folder).load()) in (is_old, is_new)
    save(folder, new)  # The dead child's lock is free, and its leavings are in no one's way.
    assert fingerprint(Store(folder).load()) == is_new
    assert len(generations(folder)) <= 2


# --- readers beside a writer ----------------------------------------------------------------------


def test_readers_see_the_old_or_the_new_while_a_writer_saves(folder, old, new, is_old, is_new):
    save(folder, old)
    done, seen, errors = threading.Event(), [], []

    def read():
        try:
            while not done.is_set():
                seen.append(fingerprint(Store(folder).load()))
        except BaseException as error:
            errors.append(error)
            raise

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for number in range(30):
            save(folder, old if number % 2 else new)
    finally:
        done.set()
        for reader in readers:
            reader.join(PATIENT_SECONDS)
    assert errors == []
    assert len(seen) > 5
    assert all(snapshot in (is_old, is_new) for snapshot in seen)


@pytest.mark.parametrize("k", range(1, 15))
def test_a_reader_whose_generation_is_collected_takes_the_next(
    folder, old, new, is_new, monkeypatch, k
):
    """Writers finish twice while it reads its k-th file, and twice more while it tries again."""
    save(folder, old)
    calls = count(1)
    readers = [
        (atomic_file, "read"),
        (atomic_file, "check"),
        (FaissIndex, "read"),
        (BM25Index, "load"),
    ]

    def overtaken(act, *named):
        if next(calls) in (k, 2 * k):
            save(folder, old)
            save(folder, new)
        return act(*named)

    for module, name in readers:
        monkeypatch.setattr(module, name, partial(overtaken, getattr(module, name)))
    generation = Store(folder).load()
    assert next(calls) > k
    assert fingerprint(generation) == is_new


def test_a_reader_keeps_what_it_has_opened(folder, old, new, is_old):
    save(folder, old)
    opened = Store(folder).load()
    for _ in range(3):
        save(folder, new)
    assert fingerprint(opened) == is_old


# --- one writer -----------------------------------------------------------------------------------


def test_a_second_writer_is_told_at_once(folder, old, new, is_old, monkeypatch):
    save(folder, old)
    with Store(folder).writing():
        with monkeypatch.context() as patch:
            patch.setattr(time, "sleep", lambda _: pytest.fail("it waits"))
            with pytest.raises(StoreBusy, match=r"another process is writing the index in '.*үй"):
                save(folder, new)
        assert fingerprint(Store(folder).load()) == is_old
    save(folder, new)
    assert len(Store(folder).load().documents) == len(NEW)


def test_a_writer_in_another_thread_is_told_too(folder, new):
    store, errors = Store(folder), []

    def write():
        try:
            store.save(new, MADE, {})
        except StoreBusy as error:
            errors.append(error)

    with store.writing():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(PATIENT_SECONDS)
    assert len(errors) == 1
    assert not store.exists


def test_the_lock_is_held_from_reading_to_saving(folder, old):
    store, other = Store(folder), FileLock(folder / "lock", timeout=0)
    with store.writing():
        store.save(old, MADE, {})
        with pytest.raises(TimeoutError):
            other.acquire()
    with other:
        assert other.is_locked


def test_the_lock_is_free_after_an_error(folder, old):
    with pytest.raises(ZeroDivisionError), Store(folder).writing():
        raise ZeroDivisionError
    save(folder, old)
    assert Store(folder).load().config == MADE


def test_a_lock_file_left_behind_is_no_lock(folder, old):
    folder.mkdir(parents=True)
    (folder / "lock").write_text("1234")
    save(folder, old)
    assert asdict(Store(folder).load().config) == asdict(MADE)


# --- folders that cannot be written ---------------------------------------------------------------


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
@pytest.mark.parametrize("call", ["mkdir", "open"])
def test_a_folder_that_cannot_be_made_or_locked_is_told(folder, new, monkeypatch, code, call):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    if call == "open":
        folder.mkdir(parents=True)
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(StoreError, match=os.strerror(code)):
        save(folder, new)
    monkeypatch.undo()
    assert not Store(folder).exists


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_read_and_not_written(folder, old, new, is_old):
    save(folder, old)
    for path in (folder / "lock", folder):
        path.chmod(0o555)
    try:
        with pytest.raises(StoreError, match=os.strerror(errno.EACCES)):
            save(folder, new)
        assert fingerprint(Store(folder).load()) == is_old
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize("name", [".", "index"])
def test_a_file_in_the_place_of_the_folder_is_told(tmp_path, new, name):
    (tmp_path / "үй").write_text("мен файлмын")
    with pytest.raises(StoreError, match="cannot write the index"):
        save(tmp_path / "үй" / name, new)
