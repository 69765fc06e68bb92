"""An index on disk: generations side by side, and one pointer to the current one.

In: a generation's contents. Out: the current generation, or an error that says what is wrong. A
save writes a new folder, syncs it and then moves one pointer file, so a crash at any moment leaves
the old index or the new one, and a reader never sees a mix. Knows nothing of what is in a
generation.

    CURRENT   name of the current generation's folder, and the hash of its manifest
    000007/   a generation        lock   held by the one process that writes
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index import durable, generation
from index.generation import Contents, Generation, Made
from ingest.errors import StoreBusy, StoreDamaged, StoreError, StoreMissing


class Store:
    """The index below one folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is read or made yet."""
        self.folder = folder
        self._pointer = folder / "CURRENT"
        self._lock = FileLock(folder / "lock", timeout=0)

    @property
    def exists(self) -> bool:
        """Whether something has been saved here."""
        try:
            return self._pointer.exists()
        except OSError:  # Something is there that we may not look at: reading it tells why.
            return True

    def load(self) -> Generation:
        """Read the current generation, every file checked first.

        Raises:
            StoreMissing: Nothing has been indexed here.
            StoreDamaged: A file is not the one that was written.
            StoreStale: The files are of another format.
        """
        current = self._current()
        while True:
            try:
                return generation.read(*current)
            except StoreDamaged:
                # Not damaged, but gone, if writers finished twice since we read its name.
                before, current = current, self._current()
                if current == before:
                    raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only process that writes; hold it from reading the old to saving the new.

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
            raise self._refused(error) from error
        try:
            yield
        finally:
            self._lock.release()

    def save(self, contents: Contents, made: Made, versions: dict[str, str]) -> None:
        """Write a new generation and make it the current one.

        Raises:
            StoreBusy: Another process is writing.
            StoreError: The disk refuses; the generation from before is untouched.
        """
        with self.writing():
            before = self.current
            folder = self.folder / f"{max([0, *map(int, self._names())]) + 1:06d}"
            try:
                folder.mkdir()
                digest = generation.write(folder, contents, made, versions)
                durable.write(self.folder / "CURRENT.new", f"{folder.name} {digest}\n".encode())
                durable.sync_folder(self.folder)
                os.replace(self.folder / "CURRENT.new", self._pointer)
            except BaseException as error:
                # Interrupted just after the pointer has moved, it is what we have.
                if self.current != folder.name:
                    shutil.rmtree(folder, ignore_errors=True)
                if isinstance(error, OSError):
                    raise self._refused(error) from error
                raise
            # The generation from before stays for readers that are just opening it.
            for name in self._names() - {before, folder.name}:
                shutil.rmtree(self.folder / name, ignore_errors=True)
            try:
                durable.sync_folder(self.folder)
            except OSError as error:
                raise self._refused(error) from error

    def _refused(self, error: OSError) -> StoreError:
        return StoreError(
            f"cannot write the index in {str(self.folder)!r}: {error.strerror or error}",
            hint="what was indexed before is untouched; free space, or name another --home",
        )

    def _names(self) -> set[str]:
        try:
            return {path.name for path in self.folder.iterdir() if path.name.isdecimal()}
        except OSError as error:
            raise self._refused(error) from error

    @property
    def current(self) -> str:
        """The name of the current generation; empty if there is none, or it cannot be told."""
        try:
            return self._current()[0].name
        except StoreError:
            return ""

    def _current(self) -> tuple[Path, str]:
        """Return the current generation's folder and the hash of its manifest."""
        try:
            pointer = self._pointer.read_bytes()
        except FileNotFoundError:
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
