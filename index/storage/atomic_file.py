"""Files written through to the disk, and read only if they are unchanged since.

`write` and `sync_folder` return once the disk has the data, so that it survives a crash. To
replace files atomically, callers order these calls around a rename (index/storage/store.py).
"""

import errno
import hashlib
import os
from pathlib import Path

from ingest.errors import StoreDamaged, StoreError


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes, as a hex digest."""
    return hashlib.sha256(data).hexdigest()


def write(path: Path, data: bytes) -> None:
    """Write a file and wait until the disk has it.

    Raises:
        OSError: The file cannot be written.
    """
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


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
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StoreDamaged(f"{str(path)!r} is missing", hint="run `dalel index` again") from None
    except OSError as error:
        raise StoreError(
            f"cannot read {str(path)!r}: {error.strerror}", hint="check the file's permissions"
        ) from error
    if sha256(data) != digest:
        raise StoreDamaged(
            f"{str(path)!r} is damaged: its checksum is {sha256(data)[:12]}…, expected"
            f" {digest[:12]}…",
            hint="run `dalel index` again",
        )
    return data
