"""What is remembered of a file that was read: how it was then, and what it gave.

With it a file that has not changed need not be read again, and one whose bytes are the same need
not be parsed again. `Known` is what an earlier reading remembers; `FileReading` is what a file
gives, read or remembered.
"""

import os
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple, Self
from unicodedata import normalize

from ingest.document import Document
from ingest.readers import OWN_IDS

_TICK_NS: Final = 20_000_000
"""Longest step of a file system's clock: a file may change twice in it and show one time."""

_COARSE_TICK_NS: Final = 2_000_000_000
"""The same where times are whole seconds, as on FAT."""

_PASSING: Final = ("tesseract", "does not start", "is used by a document of")
"""Words of the reasons that lie in the machine or in other files, and may be gone the next time."""


ParsedAs = tuple[str, str, str | None]
"""Hash of a file's bytes, the ending of its name and the codec that was asked for."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a part of one, that was not read, or was read in a way that people are to know.

    Attributes:
        path: The file.
        reason: Why it was not read, or how it was, as one line.
        is_read: Whether it was read.
    """

    path: str
    reason: str
    is_read: bool = False


class FileStat(NamedTuple):
    """What the file system tells of a file without reading it: one of these changes with it.

    Attributes:
        size: Its bytes.
        mtime_ns: When its bytes changed; programs may set it back.
        inode: Its number in the file system.
        ctime_ns: When anything about it changed, which no program can set; 0 if not known.
    """

    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int = 0

    @classmethod
    def of(cls, path: str | Path) -> Self:
        """Look at a file; links are followed.

        Raises:
            OSError: It cannot be looked at.
        """
        status = os.stat(path)
        return cls(status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)

    def settled(self) -> Self | None:
        """Return it, or None if the file is so new that a change might not show in it."""
        tick = _TICK_NS if self.mtime_ns % 1_000_000_000 else _COARSE_TICK_NS
        return self if time.time_ns() - self.mtime_ns > tick else None


READ_AGAIN: Final = "?"
"""In place of the hash of a file that is to be read again, since not all that it gave is there."""


class Given(NamedTuple):
    """A document as one of its files gives it.

    Attributes:
        id: Its id in the index.
        source: The file, or the file in an archive.
        is_stored: Whether the indexed document is just what this file gives; one of the same text
            may have another title or other blocks.
    """

    id: str
    source: str
    is_stored: bool


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read.

    Attributes:
        path: Its absolute path; empty if it was sent to us and kept nowhere.
        root: The absolute path that was named: its folder, or the file itself.
        name: What it is called: its path below the root, unless another file is called so.
        stat: How it was before it was read; None if it must be read again.
        sha256: Hex digest of its bytes; empty if they were not read.
        encoding: The codec that was asked for.
        documents: What it gave, in its order.
        skipped: What of it was not read, and how the rest was.
    """

    path: str
    root: str
    name: str
    stat: FileStat | None = None
    sha256: str = ""
    encoding: str | None = None
    documents: tuple[Given, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def parsed_as(self) -> ParsedAs:
        """What decides what it gives."""
        return self.sha256, Path(self.path or self.name).suffix.lower(), self.encoding

    @property
    def is_named(self) -> bool:
        """Whether it was named itself, and not only the folder that it is in."""
        return self.path == self.root

    @property
    def is_lasting(self) -> bool:
        """Whether it gives the same again as long as its bytes are the same."""
        return bool(self.sha256) and not any(
            word in skip.reason
            for skip in self.skipped
            if not skip.is_read  # A note quotes the file, and may hold any word.
            for word in _PASSING
        )


@dataclass(frozen=True, slots=True)
class FileReading:
    """What one file gives.

    Attributes:
        file: The file.
        documents: Its documents; their ids are not yet held against those of other files.
        is_indexed: Whether they are indexed already, so that their ids are not to change.
    """

    file: SourceFile
    documents: tuple[Document, ...] = ()
    is_indexed: bool = False

    def named(self, name: str) -> "FileReading":
        """Return it under another name."""
        file = self.file
        if name == file.name:
            return self

        def moved(source: str) -> str:
            inside = source == file.name or source.startswith(f"{file.name}/")
            return name + source[len(file.name) :] if inside else source

        documents = tuple(
            replace(
                document,
                id=document.id if brings_ids(document.source) else moved(document.id),
                source=moved(document.source),
            )
            for document in self.documents
        )
        skipped = tuple(replace(skip, path=moved(skip.path)) for skip in file.skipped)
        return replace(self, file=replace(file, name=name, skipped=skipped), documents=documents)


class Known:
    """The files that are indexed, and what they gave.

    Attributes:
        files: Those that have a path, by it.
    """

    def __init__(
        self,
        documents: Iterable[Document] = (),
        files: Collection[SourceFile] = (),
        *,
        is_current: bool = True,
    ) -> None:
        """Take what is indexed and the files that it is from.

        Args:
            documents: The documents.
            files: The files.
            is_current: Whether they would be read the same way now.
        """
        self._documents = {document.id: document for document in documents}
        self._by_bytes = {file.parsed_as: file for file in files} if is_current else {}
        self._is_current = is_current
        self.files = {file.path: file for file in files if file.path}

    def at(self, path: str, stat: FileStat, encoding: str | None) -> FileReading | None:
        """Return what a file gave, if it has not changed since."""
        file = self.files.get(path)
        if not self._is_current or file is None or (file.stat, file.encoding) != (stat, encoding):
            return None
        return self._reading(file)

    def of(self, key: ParsedAs) -> FileReading | None:
        """Return what a file of these bytes gave, under the name that it had."""
        file = self._by_bytes.get(key)
        return None if file is None else self._reading(file)

    def _reading(self, file: SourceFile) -> FileReading | None:
        """Return what a known file gave; None if it is to be parsed again."""
        if not file.is_lasting or not all(given.is_stored for given in file.documents):
            return None
        found = [(self._documents.get(given.id), given) for given in file.documents]
        documents = [_as_given(document, given) for document, given in found if document]
        if len(documents) < len(found):
            return None
        return FileReading(replace(file, documents=()), tuple(documents))


def _as_given(document: Document, given: Given) -> Document:
    own_id = document.id if brings_ids(given.source) else given.source
    return replace(document, id=own_id, source=given.source, other_sources=())


def as_name(path: str) -> str:
    """Return a path as a name: text, with its letters composed (NFC).

    Linux allows file names that are not valid text. Some systems decompose letters such as й, and
    nobody types them so.
    """
    return normalize("NFC", path.encode("utf-8", "backslashreplace").decode("utf-8"))


def brings_ids(source: str) -> bool:
    """Return whether the documents of a file have ids of their own, not the file's name."""
    return source.lower().endswith(OWN_IDS)
