"""One collection of what many files give: ids that are unique, and each text once.

In: what each file gives, in order. Out: the documents, the files that are remembered, and what was
skipped. A text that several files hold is one document with several sources; a document that brings
its own id stays by itself. Two files of one name are two documents: the second is called by more of
its path, or numbered where it has none.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count, repeat
from pathlib import Path

from ingest.document import Document
from ingest.errors import CorpusError
from ingest.source_file import (
    READ_AGAIN,
    FileReading,
    Given,
    Skipped,
    SourceFile,
    as_name,
    brings_ids,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading some paths.

    Attributes:
        documents: The documents; their ids are unique.
        skipped: What was not read, and how the rest was; what was indexed before is not told again.
        files: The files, as they are remembered.
    """

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    files: tuple[SourceFile, ...] = ()


def collect(readings: Sequence[FileReading]) -> Reading:
    """Make one collection of what files give, in their order.

    Raises:
        CorpusError: A document of a file that was named itself has an id that another one has.
    """
    collection = _Collection()
    for reading in readings:
        collection.taken |= {each.id for each in reading.documents if brings_ids(each.source)}
    for reading in readings:
        collection.add(reading)
    return collection.result()


def extend(
    documents: Sequence[Document],
    files: Sequence[SourceFile],
    readings: Sequence[FileReading],
    roots: Collection[str] = (),
) -> Reading:
    """Make one collection of what is indexed and of files that were read after it.

    What is indexed keeps its ids. A file that was read again takes the place of what it gave
    before.

    Args:
        documents: What is indexed.
        files: The files that it is from.
        readings: What was read now.
        roots: Absolute paths: files below them that were not read now are gone.

    Raises:
        CorpusError: As `collect` raises it.
    """
    by_id = {document.id: document for document in documents}
    names = {file.path: file.name for file in files if file.path}
    new = [each.named(names.get(each.file.path, each.file.name)) for each in readings]
    read = {each.file.path for each in new}
    replaced = _replaced(by_id, files, new)
    kept = [
        FileReading(file, tuple(_indexed(by_id[g.id], g) for g in file.documents), is_indexed=True)
        for file in without(files, replaced)
        if not file.path or not (file.path in read or _is_below(file.path, roots))
    ]
    places = {(file.path, file.name): place for place, file in enumerate(files)}

    def place(each: FileReading) -> int:
        """Return where a file was: what is new comes last, and takes no id from another."""
        is_known = each.is_indexed or each.file.path in names
        return places[each.file.path, each.file.name] if is_known else len(places)

    loose = _without_file([each for each in documents if each.id not in replaced], files)
    return _in_order(collect([*loose, *sorted([*kept, *new], key=place)]), documents)


def _replaced(
    by_id: Mapping[str, Document], files: Sequence[SourceFile], new: Sequence[FileReading]
) -> set[str]:
    """Return the ids of what a corpus gave without a path, and one of its name gives again."""
    at_a_path = {given.id for file in files if file.path for given in file.documents}
    sent = {(d.id, d.source) for each in new for d in each.documents if brings_ids(d.source)}
    before = {(name, by_id[name].source) for name, _ in sent if name in by_id}
    return {name for name, _ in sent & before} - at_a_path


def _without_file(
    documents: Sequence[Document], files: Sequence[SourceFile]
) -> Iterator[FileReading]:
    """Yield what came without a file, each document as it would be without its copies in files."""
    given = {(each.id, each.source) for file in files for each in file.documents}
    for document in documents:
        if (document.id, document.source) not in given:
            others = (each for each in document.other_sources if (document.id, each) not in given)
            alone = replace(document, other_sources=tuple(others))
            yield FileReading(SourceFile("", "", document.source), (alone,), is_indexed=True)


def without(files: Sequence[SourceFile], ids: Collection[str]) -> tuple[SourceFile, ...]:
    """Return the files without the documents of some ids; those that gave any are to be reread."""
    kept = []
    for file in files:
        documents = tuple(given for given in file.documents if given.id not in ids)
        if len(documents) == len(file.documents):
            kept.append(file)
        elif documents:
            kept.append(replace(file, stat=None, sha256=READ_AGAIN, documents=documents))
    return tuple(kept)


def _indexed(document: Document, given: Given) -> Document:
    """Return a document as it is indexed; of a copy as it would be without the first file."""
    if document.source == given.source:
        return replace(document, other_sources=())
    return replace(document, id=given.source, source=given.source, other_sources=())


def _in_order(reading: Reading, documents: Sequence[Document]) -> Reading:
    """Return a reading with what was indexed before in its old order, so that it can be equal."""
    places = {document.id: place for place, document in enumerate(documents)}
    in_order = sorted(reading.documents, key=lambda each: places.get(each.id, len(places)))
    return replace(reading, documents=tuple(in_order))


def _is_below(path: str, roots: Collection[str]) -> bool:
    return any(path == root or path.startswith(os.path.join(root, "")) for root in roots)


@dataclass(slots=True)
class _Collection:
    """What was collected so far.

    Attributes:
        documents: The documents by id.
        sources: The other sources of each, by id.
        by_text: The id of the document that holds a text, by the text's hash.
        taken: The ids and sources that are in use.
        files: The files that are remembered.
        skipped: What was not read.
    """

    documents: dict[str, Document] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(default_factory=dict)
    by_text: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    files: list[SourceFile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def add(self, reading: FileReading) -> None:
        """Add what a file gives.

        Raises:
            CorpusError: It was named itself, and an id of its own is that of another document.
        """
        if not reading.is_indexed:
            reading = reading.named(self._free_name(reading))
        given, refused = [], []
        # A copy that is indexed only as another file gave it is still to be parsed.
        stored_before = chain((each.is_stored for each in reading.file.documents), repeat(True))
        for document, is_stored in zip(reading.documents, stored_before, strict=False):
            earlier = self._same(document, reading)
            if earlier is None and document.id in self.documents:
                refused.append(document)
                continue
            if earlier is None:
                earlier = self._put(document)
            elif document.source not in (earlier.source, *self.sources[earlier.id]):
                self.sources[earlier.id].append(document.source)
            self.taken |= {document.source}
            is_stored = is_stored and _form(earlier) == _form(document)
            given.append(Given(earlier.id, document.source, is_stored))
        skipped = (*reading.file.skipped, *self._refused(refused, reading.file))
        if not reading.is_indexed:
            self.skipped += skipped
        file = replace(reading.file, documents=tuple(given), skipped=skipped)
        # What came without a path is remembered for its documents, and once.
        if file.sha256 and (file.path or (given and file not in self.files)):
            self.files.append(file)

    def result(self) -> Reading:
        """Return the whole collection."""
        documents = tuple(
            replace(document, other_sources=tuple(self.sources[name]))
            for name, document in self.documents.items()
        )
        return Reading(documents, tuple(self.skipped), tuple(self.files))

    def _same(self, document: Document, reading: FileReading) -> Document | None:
        """Return the document of the same text; one that is indexed without a file has none."""
        if brings_ids(document.source) or not reading.file.sha256:
            return None
        name = self.by_text.get(document.sha256)
        return None if name is None else self.documents[name]

    def _put(self, document: Document) -> Document:
        self.documents[document.id] = document
        self.sources[document.id] = list(document.other_sources)
        self.taken |= {document.id, *document.sources}
        if not brings_ids(document.source):
            self.by_text.setdefault(document.sha256, document.id)
        return document

    def _free_name(self, reading: FileReading) -> str:
        name = reading.file.name
        numbered = (_numbered(name, number) for number in count(2))
        names = chain([name], _longer_names(reading.file), numbered)
        return next(name for name in names if self._is_free(reading.named(name)))

    def _is_free(self, reading: FileReading) -> bool:
        """Return whether the documents of a file can be called as they are."""
        for document in reading.documents:
            if brings_ids(document.source) or document.source not in self.taken:
                continue
            same = self._same(document, reading)
            # The same text of the same name, sent once more, is nothing new.
            is_again = same and document.source in (same.source, *self.sources[same.id])
            if not is_again or (reading.file.path and self._has_file(document.source)):
                return False
        return True

    def _has_file(self, source: str) -> bool:
        """Return whether a source is a file that is remembered by its path."""
        return any(given.source == source for f in self.files if f.path for given in f.documents)

    def _refused(self, refused: Sequence[Document], file: SourceFile) -> Iterator[Skipped]:
        """Yield a line for each source of documents whose id an earlier one has.

        Raises:
            CorpusError: The file was named itself.
        """
        if refused and file.is_named and file.path:
            name = refused[0].id
            sources = sorted({self.documents[name].source, refused[0].source})
            raise CorpusError(
                f"the id {name!r} is used by {1 + sum(each.id == name for each in refused)}"
                f" documents (in {', '.join(sources)}), expected one",
                hint="give each document its own id",
            )
        for source in dict.fromkeys(each.source for each in refused):
            ids = [each.id for each in refused if each.source == source]
            earlier = self.documents[ids[0]].source
            more = f"; so are {len(ids) - 1} more ids" if ids[1:] else ""
            reason = f"the id {ids[0]!r} is used by a document of {earlier}{more}"
            yield Skipped(source, reason)


def _form(document: Document) -> tuple[object, ...]:
    """Return what two documents of one text may differ in."""
    return document.title, document.language, document.text, document.pages, document.blocks


def _longer_names(file: SourceFile) -> Iterator[str]:
    """Yield the names of a file with more and more of its path."""
    parts = Path(file.path).parts[1:] if file.path else ()
    for length in range(file.name.count("/") + 2, len(parts) + 1):
        yield as_name("/".join(parts[-length:]))


def _numbered(name: str, number: int) -> str:
    path = Path(name)
    return (path.parent / f"{path.stem} ({number}){path.suffix}").as_posix()
