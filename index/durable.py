"""Files that are whole or not there: written through to the disk, read only if unchanged.

In: bytes and paths. Out: files that survive a crash, bytes that are the ones once written.
Knows nothing of what the bytes mean.
"""

import errno
import hashlib
import os
from pathlib import Path

from ingest.errors import StoreDamaged, StoreError


def sha256(data: bytes) -> str:
    """Return the hex digest of some bytes."""
    return hashlib.sha256(data).hexdigest()


def write(path: Path, data: bytes) -> None:
    """Write a file and wait until the disk has it.

    Raises:
        OSError: The disk refuses.
    """
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has a folder's list of names; a no-op where folders cannot be opened."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders, and needs no such thing.
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        # What file systems answer that know no such thing for folders; PostgreSQL passes over both.
        if error.errno not in (errno.EBADF, errno.EINVAL):
            raise
    finally:
        os.close(descriptor)


def read(path: Path, digest: str) -> bytes:
    """Read a file that must be the one that was written.

    Raises:
        StoreDamaged: It is missing or changed.
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
