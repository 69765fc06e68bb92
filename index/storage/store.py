"""An index on disk: generations side by side, and one pointer to the current one.

A save writes a new folder, syncs it and then moves one pointer file. So a crash at any moment
leaves the old index or the new one, and a reader never sees a mix. What a generation is made of is
for index/storage/generation.py to say.

    CURRENT            name of the current generation's folder, and the hash of its manifest
    lock               held by the one process that writes
    000007/            a generation
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from index.storage import atomic_file
from index.storage.checked_files import remember_written
from index.storage.earlier_format import read_earlier
from index.storage.generation import (
    Generation,
    IndexConfig,
    IndexContents,
    SavedIndex,
    read_generation,
    write_generation,
)
from ingest.errors import StoreBusy, StoreDamaged, StoreError, StoreMissing, StoreStale

Read = TypeVar("Read")


class Store:
    """The index below one folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is read or made yet."""
        self.folder = folder
        self._pointer = folder / "CURRENT"
        self._lock = FileLock(folder / "lock", timeout=0)

    @property
    def exists(self) -> bool:
        """Whether anything has been saved here."""
        try:
            return self._pointer.exists() or self._has_lost_pointer()
        except OSError:  # Something is there that may not be looked at: `load` says why.
            return True

    def _has_lost_pointer(self) -> bool:
        """Return whether a pointer that is not there has been: the first save makes number 1.

        A copy without it must not pass for an empty folder, where others' documents would go.

        Raises:
            OSError: The folder cannot be looked into.
        """
        return self.folder.exists() and any(int(name) > 1 for name in _generations(self.folder))

    def load(self, *, check_all: bool = False) -> Generation:
        """Open the current generation, every file checked first that has not been.

        Args:
            check_all: Whether files are checked again that were and have not changed since.

        Raises:
            StoreMissing: Nothing has been indexed here.
            StoreDamaged: A file is missing or was changed.
            StoreStale: The generation has another format.
        """
        return self._read(lambda *named: read_generation(*named, check_all=check_all))

    def load_in_memory(self) -> SavedIndex:
        """Read all of the current generation, or of one of the format before, to index again.

        Raises:
            StoreMissing, StoreDamaged, StoreStale: As `load` raises them.
        """

        def read(folder: Path, digest: str) -> SavedIndex:
            try:
                return read_generation(folder, digest).in_memory()
            except StoreStale:
                return read_earlier(folder, digest)

        return self._read(read)

    def _read(self, read: Callable[[Path, str], Read]) -> Read:
        """Read the current generation, also if it changes meanwhile."""
        current = self._current()
        while True:
            try:
                return read(*current)
            except StoreDamaged:
                # Not damaged but deleted, if two saves have finished since its name was read.
                before, current = current, self._current()
                if current == before:
                    raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only process that writes, from reading the old generation to saving the new.

        Raises:
            StoreBusy: Another process is writing.
            StoreError: The folder cannot be made or written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise StoreBusy(
                f"another process is writing the index in {str(self.folder)!r}",
                hint="wait until it has ended",
            ) from None
        except OSError as error:
            raise self._write_error(error) from error
        try:
            yield
        finally:
            self._lock.release()

    def save(self, contents: IndexContents, config: IndexConfig, versions: dict[str, str]) -> None:
        """Write a new generation and make it the current one.

        Raises:
            StoreBusy: Another process is writing.
            StoreError: It cannot be written; the previous generation is untouched.
        """
        with self.writing():
            before = self.current
            if not self.exists:  # What a first save left that was killed.
                for name in self._names():
                    shutil.rmtree(self.folder / name, ignore_errors=True)
            folder = self.folder / f"{max([0, *map(int, self._names())]) + 1:06d}"
            try:
                folder.mkdir()
                digest, digests = write_generation(folder, contents, config, versions)
                pointer = f"{folder.name} {digest}\n".encode()
                atomic_file.write(self.folder / "CURRENT.new", pointer)
                atomic_file.sync_folder(self.folder)
                os.replace(self.folder / "CURRENT.new", self._pointer)
            except BaseException as error:
                # Interrupted just after the pointer moved, the new folder is the current one.
                if self.current != folder.name:
                    shutil.rmtree(folder, ignore_errors=True)
                if isinstance(error, OSError):
                    raise self._write_error(error) from error
                raise
            # The previous generation stays for readers that are just opening it.
            for name in self._names() - {before, folder.name}:
                shutil.rmtree(self.folder / name, ignore_errors=True)
            try:
                atomic_file.sync_folder(self.folder)
            except OSError as error:
                raise self._write_error(error) from error
            remember_written(folder, digests)

    def _write_error(self, error: OSError) -> StoreError:
        return StoreError(
            f"cannot write the index in {str(self.folder)!r}: {error.strerror or error}",
            hint="what was indexed before is untouched; free space, or name another --home",
        )

    def _names(self) -> set[str]:
        try:
            return _generations(self.folder)
        except OSError as error:
            raise self._write_error(error) from error

    @property
    def current(self) -> str:
        """Name of the current generation; empty if there is none, or the pointer is unreadable."""
        try:
            return self._current()[0].name
        except StoreError:
            return ""

    def _current(self) -> tuple[Path, str]:
        """Return the current generation's folder and the hash of its manifest."""
        try:
            pointer = self._pointer.read_bytes()
        except FileNotFoundError:
            with suppress(OSError):
                if self._has_lost_pointer():
                    raise StoreDamaged(
                        f"{str(self._pointer)!r} is missing", hint="run `dalel index` again"
                    ) from None
            raise StoreMissing(
                f"nothing has been indexed in {str(self.folder)!r}", hint="run `dalel index`"
            ) from None
        except OSError as error:
            raise StoreError(
                f"cannot read {str(self._pointer)!r}: {error.strerror}",
                hint="check the file's permissions",
            ) from error
        name, _, digest = pointer.decode("ascii", "replace").strip().partition(" ")
        if not (name.isascii() and name.isdecimal()):
            raise StoreDamaged(
                f"{str(self._pointer)!r} names no generation", hint="run `dalel index` again"
            )
        return self.folder / name, digest


def _generations(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.isdecimal()}
