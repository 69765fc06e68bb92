"""Which files of a folder have been checked against their hashes, and have not changed since.

Hashing an index takes as long as reading it. So what the file system tells of each file is kept
when it was hashed, in `checked.json` beside the files: its size, its times, its inode, as git's
index keeps them. As long as none of it has changed, the file is not hashed again. A copy of the
folder is: its inodes are others. What goes bad on the disk without being written shows only when
all is hashed (`anew`), but for texts: see index/storage/records.py.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from index.storage import atomic_file
from ingest.source_file import FileStat

_NAME: Final = "checked.json"


def check_files(folder: Path, digests: Mapping[str, str], *, anew: bool = False) -> None:
    """Hold files against their hashes, and remember that they were.

    Args:
        folder: The folder they are in.
        digests: The hex digest of the SHA-256 of each, by its path below the folder.
        anew: Whether those are hashed again that were and have not changed since.

    Raises:
        StoreDamaged: One is missing or has another hash.
        StoreError: One cannot be read.
    """
    before = {} if anew else _remembered(folder)
    checked: dict[str, list[Any]] = {}
    for name, digest in digests.items():
        stat = _settled(folder / name)
        known = [digest, *stat] if stat else None
        if known is None or before.get(name) != known:
            atomic_file.check(folder / name, digest)
        if known:
            checked[name] = known
    if checked != before:
        _write(folder, checked)


def remember_written(folder: Path, digests: Mapping[str, str]) -> None:
    """Remember files as checked that were hashed as they were written, just now.

    Args:
        folder: The folder they are in.
        digests: The hex digest of the SHA-256 of each, by its path below the folder.
    """
    told = ((name, digest, _settled(folder / name)) for name, digest in digests.items())
    _write(folder, {name: [digest, *stat] for name, digest, stat in told if stat})


def _settled(path: Path) -> FileStat | None:
    """Return what is told of a file; None if it is so new that a change might not show in it."""
    try:
        stat = FileStat.of(path)
    except OSError:  # Checking it tells why.
        return None
    # A program may set the first time back, and none the second.
    return stat.settled() and stat._replace(mtime_ns=stat.ctime_ns).settled() and stat


def _remembered(folder: Path) -> dict[str, list[Any]]:
    """Return what was remembered; nothing where that is damaged, or not there."""
    try:
        digest, _, data = (folder / _NAME).read_bytes().partition(b"\n")
        if digest.decode("ascii", "replace") != atomic_file.sha256(data):
            return {}
        checked: dict[str, list[Any]] = json.loads(data)
    except (OSError, ValueError):
        return {}
    return checked


def _write(folder: Path, checked: dict[str, list[Any]]) -> None:
    """Write what is remembered; where that cannot be done, all is hashed the next time too.

    It is not written atomically: what is torn has another hash, and counts as not there.
    """
    data = json.dumps(checked, indent=1).encode()
    with suppress(OSError):
        (folder / _NAME).write_bytes(f"{atomic_file.sha256(data)}\n".encode() + data)
