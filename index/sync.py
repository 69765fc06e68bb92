"""Keeping an index in step with files: index them, read them again, watch them.

In: paths. Out: what is indexed now, what was skipped, and what has changed, a `Change` a file. A
file that has not changed costs a look at its size, time and inode.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

from index.embedders.embedder import Progress, no_progress
from index.indexer import Indexer
from index.storage.generation import IndexContents
from ingest.deduplication import collect
from ingest.document import Document
from ingest.errors import DalelError, StoreError
from ingest.loader import (
    FoundFile,
    expect_documents,
    find_files,
    look_at,
    read_again,
    read_shipped,
    reading_each,
)
from ingest.source_file import FileReading, Known, Skipped, SourceFile

WATCH_SECONDS: Final = 2.0
"""How often watched files are looked at."""

PATIENT_LOOKS: Final = 15
"""How many looks in a row a change waits for files that are still being written, such as a log."""

_BATCH: Final = 20_000
"""Characters of text that are embedded together: an interrupt loses so much work, or a document."""

_BATCHES_OF_A_WORKER: Final = 2
"""Batches that are embedded together for each worker: when they end, some have nothing to do. An
interrupt then loses as much time as so many batches take one processor."""

_LOG = logging.getLogger("dalel.index")

ChangeKind = Literal["added", "changed", "renamed", "removed"]


class Change(NamedTuple):
    """What has become of one file."""

    kind: ChangeKind
    name: str


@dataclass(frozen=True, slots=True)
class Update:
    """What came of bringing an index up to date.

    Attributes:
        contents: What is indexed now.
        skipped: What of the files that were named is not, and why.
        changes: The files that have changed since they were indexed.
        unchanged: How many files have not.
    """

    contents: IndexContents
    skipped: tuple[Skipped, ...]
    changes: tuple[Change, ...]
    unchanged: int

    def counts(self) -> dict[str, int]:
        """Return how many files have changed in each way, and how many have not."""
        kinds = Counter(change.kind for change in self.changes)
        return {kind: kinds[kind] for kind in get_args(ChangeKind)} | {"unchanged": self.unchanged}


def index_files(
    indexer: Indexer,
    paths: Sequence[Path],
    encoding: str | None = None,
    *,
    add: bool = False,
    reread: bool = False,
    progress: Progress = no_progress,
) -> Update:
    """Index files and folders; only what has changed since is read.

    Args:
        indexer: The index.
        paths: Files and folders.
        encoding: Codec of text files that are not Unicode; None to go by their bytes.
        add: Whether what is indexed from elsewhere stays.
        reread: Whether all files are read, and the documents indexed, in any case.
        progress: Called with how many bytes of the files are indexed, and how many there are.

    Raises:
        CorpusError: As `read_files` and `collect` raise it.
        StoreError, ModelError: As `Indexer.put` raises them.
        KeyboardInterrupt: As it came; the files that were done by then are indexed, beside what
            was before, and the message says how many.
    """
    files = find_files(paths)
    known = indexer.known(reread=reread, needed=add)
    done = _Done()
    with reading_each(files, encoding, known) as readings, indexer.store.writing():
        try:
            _embed_each(indexer, files, readings, done, progress, anew=reread)
            expect_documents(done.files, known)
            if add:
                roots = [os.path.abspath(path) for path in paths]
                contents, reading = indexer.add_files(done.files, roots=roots, anew=reread)
            else:
                reading = collect(done.files)
                contents = indexer.put(reading.documents, files=reading.files, anew=reread)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_keep(indexer, done, known, len(files))) from None
        finally:
            indexer.stop_workers()
    return Update(contents, reading.skipped, *_changes(known, contents.files))


@dataclass(slots=True)
class _Done:
    """What is embedded of files that are being indexed.

    Attributes:
        files: What whole files gave.
        part: The last documents that are embedded of the file after them, if it has more.
    """

    files: list[FileReading] = field(default_factory=list)
    part: "_Part | None" = None


class _Part(NamedTuple):
    """Documents that one file gave one after the other.

    Attributes:
        reading: What the file gave.
        start: Place of the first of them among its documents.
        end: One past the place of the last.
        size: The bytes of the file that stand for them.
    """

    reading: FileReading
    start: int
    end: int
    size: int

    @property
    def is_last(self) -> bool:
        """Whether the file gave no more."""
        return self.end == len(self.reading.documents)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents."""
        return self.reading.documents[self.start : self.end]

    @property
    def so_far(self) -> FileReading:
        """What the file gave up to these: a file to be read again, since it has more."""
        file = replace(self.reading.file, stat=None, sha256="")
        return replace(self.reading, file=file, documents=self.reading.documents[: self.end])


def _embed_each(
    indexer: Indexer,
    files: Sequence[FoundFile],
    readings: Iterator[FileReading],
    done: _Done,
    progress: Progress,
    *,
    anew: bool,
) -> None:
    """Read files and embed what they give, some at a time; what is done is put in `done`.

    Raises:
        ModelError, StoreError: As `Indexer.embed` raises them.
    """
    sizes = [_size(file.path) for file in files]
    total, before = max(1, sum(sizes)), 0
    characters = _BATCH * max(1, _BATCHES_OF_A_WORKER * indexer.workers)
    for batch in _batches(chain.from_iterable(map(_parts, readings, sizes)), characters):
        share = sum(part.size for part in batch)

        def embedded(texts: int, of: int, before: int = before, share: int = share) -> None:
            progress(before + share * texts // max(1, of), total)

        documents = [document for part in batch for document in part.documents]
        indexer.embed(documents, embedded, anew=anew)
        done.files += [part.reading for part in batch if part.is_last]
        done.part = None if batch[-1].is_last else batch[-1]
        before += share
        progress(before, total)


def _parts(reading: FileReading, size: int) -> Iterator[_Part]:
    """Yield what a file of some size in bytes gave, so many documents at a time as make a batch."""
    count, start, characters = len(reading.documents), 0, 0
    for place, document in enumerate(reading.documents, start=1):
        characters += len(document.text)
        if characters >= _BATCH and place < count:
            yield _Part(reading, start, place, size * place // count - size * start // count)
            start, characters = place, 0
    yield _Part(reading, start, count, size - size * start // max(1, count))


def _batches(parts: Iterable[_Part], enough: int) -> Iterator[list[_Part]]:
    """Yield parts together that have so many characters."""
    batch: list[_Part] = []
    characters = 0
    for part in parts:
        batch.append(part)
        characters += sum(len(document.text) for document in part.documents)
        if characters >= enough:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _size(path: Path) -> int:
    """Return how many bytes a file has, 0 if it cannot be looked at."""
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return 0


def _keep(indexer: Indexer, done: _Done, known: Known, files: int) -> str:
    """Index what is done, where that takes no more than saving; return what was done.

    Of a file that is indexed already, all is replaced at once, when it is done.
    """
    _LOG.warning("interrupted: what is done is saved; Ctrl-C leaves the index as it was")
    begun = [part.so_far for part in [done.part] if part]
    new = [reading for reading in begun if reading.file.path not in known.files]
    try:
        kept = indexer.keep([*done.files, *new])
    except DalelError as error:
        return f"the index is as it was; {error.line()}"
    if not kept:
        return "the index is as it was"
    more = "".join(f", and {len(each.documents):,} documents of the next," for each in new)
    count = f"{len(done.files):,} of {files:,} files{more}"
    return f"{count} are done and indexed; the same command goes on"


def index_shipped(
    indexer: Indexer, *, reread: bool = False, progress: Progress = no_progress
) -> Update:
    """Index the two documents that ship with Dalel, and only these: files are then removed.

    Raises:
        CorpusError: As `read_shipped` raises it.
        StoreError, ModelError: As `Indexer.put` raises them.
    """
    known = indexer.known()
    contents = indexer.put(read_shipped().documents, progress, anew=reread)
    return Update(contents, (), *_changes(known, contents.files))


def read_files_again(indexer: Indexer, progress: Progress = no_progress) -> tuple[Skipped, ...]:
    """Read the indexed files again, and cut and index all documents anew.

    The text of a file that is gone, or can no longer be read, stays as it was indexed.

    Returns:
        What was not read.

    Raises:
        StoreError, ModelError: As `Indexer.put` raises them.
    """
    with indexer.store.writing():  # What is taken out meanwhile would come back.
        known = indexer.known()
        readings = read_again(known)
        read = [reading for reading in readings if reading.documents]
        kept = [reading for reading in readings if not reading.documents and reading.file.skipped]
        _, reading = indexer.add_files(read, progress, anew=True)
    return (*(told for each in kept for told in _kept(each, known)), *reading.skipped)


def _kept(reading: FileReading, known: Known) -> Iterator[Skipped]:
    is_gone = not os.path.lexists(reading.file.path)
    reason = "it is gone" if is_gone else reading.file.skipped[-1].reason
    if known.files[reading.file.path].documents:
        yield Skipped(reading.file.name, f"{reason}; what was indexed of it stays")
    elif not is_gone:
        yield Skipped(reading.file.name, reason)


def watch(
    paths: Sequence[Path], update: Callable[[], Update], wait: Callable[[], object]
) -> Iterator[Update | DalelError]:
    """Bring an index up to date, now and whenever files change; yield what came of it each time.

    Files that are just being written are left until two looks show the same, or for some time. Of
    what was skipped only that is told later which was not told before, or is of a file that has
    changed. What goes wrong is yielded once a change, and tried again as long as it is the index
    that cannot be written.

    Args:
        paths: Files and folders.
        update: Brings the index up to date.
        wait: Waits until the next look; ends the watch by raising.

    Raises:
        DalelError: The first update failed.
    """
    done = look_at(paths)
    last = update()
    yield last
    seen, told, restless = done, "", 0
    while True:
        wait()
        before, seen = seen, look_at(paths)
        restless = (restless + 1) % PATIENT_LOOKS if seen not in (before, done) else 0
        if seen == done or restless:
            continue
        try:
            now = update()
        except StoreError as error:
            if told != error.line():
                told = error.line()
                yield error
        except DalelError as error:
            done = seen
            yield error
        else:
            done, told = seen, ""
            yield _newly_skipped(now, last)
            last = now


def _newly_skipped(update: Update, before: Update) -> Update:
    changed = {change.name for change in update.changes}
    new = (s for s in update.skipped if s not in before.skipped or s.path in changed)
    return replace(update, skipped=tuple(new))


def _changes(known: Known, files: Sequence[SourceFile]) -> tuple[tuple[Change, ...], int]:
    """Return what has changed, and how many files have not."""
    now = {file.path: file for file in files if file.path}
    gone = [file for path, file in known.files.items() if path not in now]
    moved = {file.sha256 for file in gone}
    changes: list[Change] = []
    unchanged = 0
    new = set()
    for path, file in now.items():
        before = known.files.get(path)
        if before is None:
            new.add(file.sha256)
            changes.append(Change("renamed" if file.sha256 in moved else "added", file.name))
        elif before.sha256 != file.sha256:
            changes.append(Change("changed", file.name))
        else:
            unchanged += 1
    changes += [Change("removed", file.name) for file in gone if file.sha256 not in new]
    return tuple(changes), unchanged
