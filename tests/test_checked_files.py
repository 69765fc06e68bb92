"""Tests of index/storage/checked_files.py: what has not changed is hashed once, the rest again."""

import hashlib
import os
import shutil

import pytest

from index.storage import atomic_file, checked_files
from index.storage.checked_files import check_files, remember_written
from ingest.errors import StoreDamaged
from ingest.source_file import FileStat

CONTENTS = {"сөздер.npy": b"\x00\x01 one", "texts.jsonl": "Әділет\n".encode(), "i/n.npy": b"3"}
DIGESTS = {name: hashlib.sha256(data).hexdigest() for name, data in CONTENTS.items()}


@pytest.fixture
def folder(tmp_path):
    for name, data in CONTENTS.items():
        path = tmp_path / "үй" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "үй"


@pytest.fixture
def hashed(monkeypatch):
    """Return a list of the names of files that are hashed."""
    names, check = [], atomic_file.check

    def watched(path, digest):
        names.append(path.name)
        check(path, digest)

    monkeypatch.setattr(atomic_file, "check", watched)
    return names


@pytest.fixture
def settled(monkeypatch):
    """Take every file for one that was written long ago."""
    monkeypatch.setattr("ingest.source_file.time.time_ns", lambda: 2**62)


EACH = ["n.npy", "texts.jsonl", "сөздер.npy"]


def test_a_second_check_hashes_nothing(folder, hashed, settled):
    check_files(folder, DIGESTS)
    assert sorted(hashed) == EACH
    check_files(folder, DIGESTS)
    assert sorted(hashed) == EACH
    check_files(folder, DIGESTS, anew=True)
    assert sorted(hashed) == sorted(EACH * 2)


def test_what_was_hashed_as_it_was_written_is_not_hashed(folder, hashed, settled):
    remember_written(folder, DIGESTS)
    check_files(folder, DIGESTS)
    assert hashed == []


def test_a_file_that_has_only_just_changed_is_hashed_each_time(folder, hashed, monkeypatch):
    """Within a step of the clock it may change once more, and look the same."""
    latest = max(os.stat(folder / name).st_ctime_ns for name in CONTENTS)
    monkeypatch.setattr("ingest.source_file.time.time_ns", lambda: latest + 1_000_000)
    remember_written(folder, DIGESTS)
    for _ in range(2):
        check_files(folder, DIGESTS)
    assert sorted(hashed) == sorted(EACH * 2)


CHANGES = {
    "other bytes": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"?"),
    "fewer bytes": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "another file": lambda path: (path.unlink(), path.write_bytes(b"?")),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("back", [False, True], ids=["now", "time set back"])
def test_a_change_is_told_also_if_its_time_is_set_back(folder, settled, change, back):
    check_files(folder, DIGESTS)
    path = folder / "texts.jsonl"
    before = path.stat()
    CHANGES[change](path)
    if back:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(StoreDamaged, match=r"texts\.jsonl"):
        check_files(folder, DIGESTS)


def test_what_goes_bad_without_being_written_is_told_when_all_is_checked(
    folder, settled, monkeypatch
):
    """A disk that loses a bit tells nothing of it: neither the size nor a time is another."""
    check_files(folder, DIGESTS)
    path = folder / "сөздер.npy"
    before = FileStat.of(path)
    path.write_bytes(b"\x00\x01 onf")
    of = FileStat.of
    monkeypatch.setattr(FileStat, "of", lambda each: before if each == path else of(each))
    check_files(folder, DIGESTS)
    with pytest.raises(StoreDamaged, match="сөздер"):
        check_files(folder, DIGESTS, anew=True)


def test_a_file_that_is_gone_is_told(folder, settled):
    check_files(folder, DIGESTS)
    (folder / "i" / "n.npy").unlink()
    with pytest.raises(StoreDamaged, match=r"n\.npy' is missing"):
        check_files(folder, DIGESTS)


def test_the_same_file_that_is_to_have_another_hash_is_told(folder, settled):
    check_files(folder, DIGESTS)
    with pytest.raises(StoreDamaged, match=r"n\.npy"):
        check_files(folder, DIGESTS | {"i/n.npy": "0" * 64})


def test_a_copy_is_hashed_again(folder, tmp_path, hashed, settled):
    check_files(folder, DIGESTS)
    hashed.clear()
    check_files(shutil.copytree(folder, tmp_path / "көшірме"), DIGESTS)
    assert sorted(hashed) == EACH


DAMAGES = {
    "empty": lambda data: b"",
    "cut": lambda data: data[:-9],
    "flipped": lambda data: data[:90] + bytes([data[90] ^ 1]) + data[91:],
    "garbage": lambda data: bytes(range(255, 0, -1)),
    "no object": lambda _: f"{hashlib.sha256(b'[').hexdigest()}\n".encode() + b"[",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_remembered_may_be_damaged_and_all_is_hashed(folder, hashed, settled, damage):
    check_files(folder, DIGESTS)
    hashed.clear()
    path = folder / checked_files._NAME
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    check_files(folder, DIGESTS)
    assert sorted(hashed) == EACH
    check_files(folder, DIGESTS)
    assert sorted(hashed) == EACH, "it is mended"


def test_where_nothing_can_be_written_all_is_hashed_each_time(folder, hashed, settled):
    (folder / checked_files._NAME).mkdir()
    for _ in range(2):
        check_files(folder, DIGESTS)
    assert sorted(hashed) == sorted(EACH * 2)
