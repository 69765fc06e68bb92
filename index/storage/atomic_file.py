"""Files written through to the disk, and read only if they are unchanged since.

`write` and `sync_folder` return once the disk has the data, so that it survives a crash. To
replace files atomically, callers order these calls around a rename (index/storage/store.py).
"""

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ingest.errors import StoreDamaged, StoreError


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes, as a hex digest."""
    return hashlib.sha256(data).hexdigest()


class Checksum(NamedTuple):
    """What a file is known by: its size in bytes, and the hex digest of its SHA-256."""

    bytes: int
    sha256: str


def write(path: Path, data: bytes) -> Checksum:
    """Write a file and wait until the disk has it.

    Raises:
        OSError: The file cannot be written.
    """
    return write_blocks(path, [data])


def write_blocks(path: Path, blocks: Iterable[bytes]) -> Checksum:
    """Write a file, block by block, and wait until the disk has it.

    Raises:
        OSError: The file cannot be written.
    """
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for block in blocks:
            file.write(block)
            digest.update(block)
            size += len(block)
        file.flush()
        os.fsync(file.fileno())
    return Checksum(size, digest.hexdigest())


def sync(path: Path) -> Checksum:
    """Wait until the disk has a file that another library wrote.

    Raises:
        OSError: The disk reports an error.
    """
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Checksum(file.tell(), digest)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has a folder's list of names; do nothing where folders cannot be synced.

    Raises:
        OSError: The disk reports an error.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows cannot open folders, and needs no such sync.
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Answers of file systems that cannot sync folders; PostgreSQL ignores the same two.
        if error.errno not in (errno.EBADF, errno.EINVAL):
            raise
    finally:
        os.close(descriptor)


def read(path: Path, digest: str) -> bytes:
    """Read a file whose SHA-256 must be `digest`, a hex digest.

    Raises:
        StoreDamaged: The file is missing or has another hash.
        StoreError: It cannot be read.
    """
    with _told(path):
        data = path.read_bytes()
    _compare(path, sha256(data), digest)
    return data


def check(path: Path, digest: str) -> None:
    """Read through a file whose SHA-256 must be `digest`, and keep nothing of it.

    Raises:
        StoreDamaged, StoreError: As `read` raises them.
    """
    with _told(path), path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    _compare(path, found, digest)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in the project's own errors why a file cannot be read."""
    try:
        yield
    except FileNotFoundError:
        raise StoreDamaged(f"{str(path)!r} is missing", hint="run `dalel index` again") from None
    except OSError as error:
        raise StoreError(
            f"cannot read {str(path)!r}: {error.strerror}", hint="check the file's permissions"
        ) from error


def _compare(path: Path, found: str, digest: str) -> None:
    if found != digest:
        raise StoreDamaged(
            f"{str(path)!r} is damaged: its checksum is {found[:12]}…, expected {digest[:12]}…",
            hint="run `dalel index` again",
        )
