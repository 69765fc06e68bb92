"""Tests of index/storage/atomic_file.py: what is written reaches the disk, and is read intact."""

import errno
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.storage import atomic_file
from ingest.errors import StoreDamaged, StoreError

DATA = "Дәлел: әғқңөұүһі\n".encode()


@pytest.fixture
def synced(monkeypatch):
    """Return the inodes that were synced, in order."""
    inodes: list[int] = []
    fsync = os.fsync

    def recording(descriptor):
        fsync(descriptor)
        inodes.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", recording)
    return inodes


def refusing(code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    return refuse


# --- files ----------------------------------------------------------------------------------------


@settings(deadline=None)
@given(before=st.binary(max_size=99), after=st.binary(max_size=99))
def test_what_is_written_is_read_whatever_was_there_before(tmp_path_factory, before, after):
    path = tmp_path_factory.getbasetemp() / "дәлел.bin"
    atomic_file.write(path, before)
    atomic_file.write(path, after)
    assert path.read_bytes() == after
    assert atomic_file.read(path, atomic_file.sha256(after)) == after


def test_the_hash_is_sha256():
    assert atomic_file.sha256(DATA) == hashlib.sha256(DATA).hexdigest()


def test_a_file_is_synced_once_all_of_it_is_written(tmp_path, monkeypatch):
    sizes = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    atomic_file.write(tmp_path / "қор", DATA)
    assert sizes == [len(DATA)]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_disk_that_refuses_to_sync_is_told(tmp_path, monkeypatch, code):
    monkeypatch.setattr(os, "fsync", refusing(code))
    with pytest.raises(OSError, match=os.strerror(code)):
        atomic_file.write(tmp_path / "қор", DATA)


DAMAGES = {
    "first bit": bytes([DATA[0] ^ 1]) + DATA[1:],
    "last bit": DATA[:-1] + bytes([DATA[-1] ^ 128]),
    "cut": DATA[:-1],
    "emptied": b"",
    "zeroed": DATA[:4] + bytes(4) + DATA[8:],
    "longer": DATA + b"\n",
    "twice": DATA * 2,
    "another letter": DATA.replace("ә".encode(), "а".encode()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_changed_file_is_refused_by_name_with_both_checksums(tmp_path, damage):
    path = tmp_path / "өзгерген.jsonl"
    path.write_bytes(DAMAGES[damage])
    with pytest.raises(StoreDamaged) as caught:
        atomic_file.read(path, atomic_file.sha256(DATA))
    line = caught.value.line()
    for part in (
        path.name,
        atomic_file.sha256(DAMAGES[damage])[:12],
        atomic_file.sha256(DATA)[:12],
    ):
        assert part in line


def test_a_missing_file_is_damage(tmp_path):
    with pytest.raises(StoreDamaged, match=r"'.*жоқ\.jsonl' is missing"):
        atomic_file.read(tmp_path / "жоқ.jsonl", atomic_file.sha256(b""))


def test_a_folder_in_the_place_of_a_file_cannot_be_read(tmp_path):
    with pytest.raises(StoreError, match=f"cannot read '.*': {os.strerror(errno.EISDIR)}"):
        atomic_file.read(tmp_path, atomic_file.sha256(b""))


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO])
def test_a_file_that_cannot_be_read_is_not_called_damaged(tmp_path, monkeypatch, code):
    monkeypatch.setattr(Path, "read_bytes", refusing(code))
    with pytest.raises(StoreError, match=os.strerror(code)) as caught:
        atomic_file.read(tmp_path / "құлып", atomic_file.sha256(DATA))
    assert not isinstance(caught.value, StoreDamaged)


# --- folders --------------------------------------------------------------------------------------


def test_a_folder_is_synced(tmp_path, synced):
    atomic_file.sync_folder(tmp_path)
    assert synced == [tmp_path.stat().st_ino]


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EBADF])
def test_a_file_system_that_cannot_sync_folders_is_borne(tmp_path, monkeypatch, code):
    synced = []
    refuse = refusing(code)
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(descriptor) or refuse())
    atomic_file.sync_folder(tmp_path)
    assert len(synced) == 1


def test_a_system_that_opens_no_folders_is_borne(tmp_path, monkeypatch, synced):
    monkeypatch.setattr(os, "open", refusing(errno.EACCES))
    atomic_file.sync_folder(tmp_path)
    assert synced == []


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_a_folder_that_is_not_synced_is_told_and_closed(tmp_path, monkeypatch, code):
    opened, closed = [], []
    os_open, os_close = os.open, os.close
    monkeypatch.setattr(os, "open", lambda *named: opened.append(os_open(*named)) or opened[-1])
    monkeypatch.setattr(os, "close", lambda descriptor: closed.append(descriptor))
    monkeypatch.setattr(os, "fsync", refusing(code))
    with pytest.raises(OSError, match=os.strerror(code)):
        atomic_file.sync_folder(tmp_path)
    monkeypatch.undo()
    assert len(opened) == 1
    assert closed == opened
    os_close(opened[0])
