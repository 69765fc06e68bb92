"""Reads documents from files and folders, and says which files were skipped and why.

The order of the documents is stable. A file that is known from an earlier reading and has not
changed is not read again. The two documents that ship with Dalel are read here too.
"""

import hashlib
import os
import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

from ingest.deduplication import Reading, collect
from ingest.document import Document, Parsed, Span, encoded_data, text_sha256
from ingest.errors import CorpusError
from ingest.language import detect
from ingest.readers import ADVICE, ARCHIVES, ENDINGS, READERS, UNPARSED
from ingest.readers.isolation import ParsingProcess
from ingest.source_file import FileReading, FileStat, Known, ParsedAs, Skipped, SourceFile, as_name

MAX_PARSED_BYTES: Final = 500_000_000
"""Largest file with markup that is read: it is held in memory twice."""


def read_shipped() -> Reading:
    """Read the two documents that ship with Dalel.

    Raises:
        CorpusError: A file is not the one that SOURCES.toml describes.
    """
    folder = resources.files("ingest") / "corpus"
    sources = tomllib.loads((folder / "SOURCES.toml").read_text("utf-8"))["document"]
    documents = []
    for source in sources:
        data = (folder / source["file"]).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if digest != source["sha256"]:
            raise CorpusError(
                f"{source['file']} has sha256 {digest[:12]}…, expected {source['sha256'][:12]}…",
                hint="restore the file that ships with Dalel",
            )
        text = data.decode("utf-8")
        documents.append(
            Document(
                id=source["id"],
                title=source["title"],
                language=source["language"],
                text=text,
                source=source["file"],
                sha256=text_sha256(text),
            )
        )
    return Reading(tuple(documents), ())


def read_paths(paths: Iterable[Path], encoding: str | None = None) -> Reading:
    """Read files, and folders with everything in them, as `read_files` does; make one collection.

    Raises:
        CorpusError: As `read_files` and `collect` raise it.
    """
    return collect(read_files(paths, encoding))


def read_files(
    paths: Iterable[Path], encoding: str | None = None, known: Known | None = None
) -> list[FileReading]:
    """Read files, and folders with everything in them.

    A file in a folder that cannot be read is skipped, with its reason; so is one in a format
    without a reader. A path that was named itself must be readable. An archive is read as a folder
    is; each format with markup is parsed in a process of its own.

    Args:
        paths: Files and folders. A folder is read in the order of its file names.
        encoding: Codec of text files that are not Unicode; None to go by their bytes.
        known: What was read before: a file that has not changed since is not read again, and one
            of the same bytes is not parsed again.

    Raises:
        CorpusError: A named path is missing or unreadable, or no document was read.
    """
    known = known or Known()
    with reading_each(find_files(paths), encoding, known) as each:
        readings = list(each)
    expect_documents(readings, known)
    return readings


class FoundFile(NamedTuple):
    """A file that was found below a path, and is to be read.

    Attributes:
        path: The file.
        root: The path that was named: the file itself, or a folder.
        name: What it is called: its path below the root, or more of it.
    """

    path: Path
    root: Path
    name: str


def find_files(paths: Iterable[Path]) -> list[FoundFile]:
    """Find the files below some paths, each once, in the order in which they are read."""
    files = _files_and_roots(paths)
    names = _relative_names(files)
    return [FoundFile(*file, name) for file, name in zip(files, names, strict=True)]


@contextmanager
def reading_each(
    files: Sequence[FoundFile], encoding: str | None, known: Known
) -> Iterator[Iterator[FileReading]]:
    """Read files one by one, as `read_files` does.

    Those that were named themselves are read at the start: what is wrong with one is told at once.

    Yields:
        What each file gives, in their order; a file is read when its turn has come.

    Raises:
        CorpusError: A named file cannot be read.
    """
    with ParsingProcess() as process:
        run = _Run(process, known)
        named = {file: run.read(*file, encoding) for file in files if file.path == file.root}
        yield (named.pop(file) if file in named else run.read(*file, encoding) for file in files)


def expect_documents(readings: Sequence[FileReading], known: Known) -> None:
    """Expect that files gave documents.

    Raises:
        CorpusError: They gave none; the message says why the first did not.
    """
    if not any(reading.documents for reading in readings):
        skipped = [skip for reading in readings for skip in reading.file.skipped]
        why = f"; {skipped[0].path}: {skipped[0].reason}" if skipped else ""
        raise CorpusError(
            f"no document in {len(skipped)} files, expected at least one{why}",
            hint="what is indexed stays; `dalel remove` takes it out" if known.files else "",
        )


def read_again(known: Known) -> list[FileReading]:
    """Read the known files that are still there and have changed; one that fails gives nothing."""
    with ParsingProcess() as process:
        run = _Run(process, known)
        return [
            run.read_known(Path(file.path), Path(file.root), file.name, file.encoding)
            for file in known.files.values()
        ]


def look_at(paths: Iterable[Path]) -> dict[Path, FileStat | None]:
    """Return how each file below some paths is now, without reading any; None of what is gone."""
    found: dict[Path, FileStat | None] = {}
    for file in (file for root in paths for file in _files(root)):
        try:
            found[file] = FileStat.of(file)
        except (OSError, ValueError):
            found[file] = None
    return found


@dataclass(slots=True)
class _Run:
    """Reads file after file, in one parsing process, each text of bytes once.

    Attributes:
        process: What parses.
        known: What was read before.
        parsed: What was parsed in this run, by what the bytes are parsed with.
    """

    process: ParsingProcess
    known: Known
    parsed: dict[ParsedAs, FileReading] = field(default_factory=dict)

    def read(self, file: Path, root: Path, name: str, encoding: str | None) -> FileReading:
        """Read a file, unless it is known; what cannot be read is told in `skipped`.

        Raises:
            CorpusError: It was named itself, and cannot be read.
        """
        reading = self.read_known(file, root, name, encoding)
        if file == root and not reading.documents:
            reason, _, hint = reading.file.skipped[-1].reason.partition("; ")
            raise CorpusError(f"cannot read {str(file)!r}: {reason}", hint=hint)
        return reading

    def read_known(self, file: Path, root: Path, name: str, encoding: str | None) -> FileReading:
        """Do the same, but raise nothing."""
        at = SourceFile(os.path.abspath(file), os.path.abspath(root), name, encoding=encoding)
        try:
            _refuse_leaving(file, root)
            _check_regular(file)
            _check_known(file.suffix)
            return self._read_or_recall(file, at)
        except CorpusError as error:
            return FileReading(replace(at, skipped=(Skipped(name, error.line()),)))

    def _read_or_recall(self, file: Path, at: SourceFile) -> FileReading:
        """Return what a file gives, from what is known of it if it has not changed."""
        stat = _stat_of(file)
        now: FileStat | None = stat
        reading = self.known.at(at.path, stat, at.encoding)
        if reading is None:
            data = _bytes_of(file, stat)
            now = stat.settled()
            at = replace(at, sha256=hashlib.sha256(data).hexdigest())
            key = at.parsed_as
            reading = self.parsed.get(key) or self.known.of(key)
            if reading is None:
                reading = self.parsed[key] = _Parsing(at, self.process).read(data)
        reading = reading.named(at.name)
        file_now = replace(reading.file, path=at.path, root=at.root, stat=now)
        return replace(reading, file=file_now)


@dataclass(slots=True)
class _Parsing:
    """Parses one file, and collects its documents and what of it was skipped."""

    file: SourceFile
    process: ParsingProcess
    documents: list[Document] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def read(self, data: bytes) -> FileReading:
        """Parse a file, or the files in an archive; what cannot be parsed is told."""
        name = self.file.name
        ending = Path(self.file.path).suffix.lower()
        try:
            if ending in ARCHIVES:
                self._read_archive(ending, data, name)
            else:
                self._read_bytes(ending, data, name)
        except CorpusError as error:
            self.skipped.append(Skipped(name, error.line()))
        file = replace(self.file, skipped=tuple(self.skipped))
        return FileReading(file, tuple(self.documents))

    def _read_archive(self, ending: str, data: bytes, name: str) -> None:
        before, ids = len(self.documents), set[str]()
        skipped: list[Skipped] = []
        with _damage_told():
            members = list(ARCHIVES[ending](data))
        for member in members:
            member_id = f"{name}/{as_name(member.name)}"
            try:
                kind = Path(member.name).suffix
                if member_id in ids:
                    raise CorpusError("a second file of this name", hint="rename one of them")
                ids.add(member_id)
                _check_known(kind, READERS)
                with _damage_told():
                    unpacked = member.data()
                self._read_bytes(kind.lower(), unpacked, member_id)
            except CorpusError as error:
                skipped.append(Skipped(member_id, error.line()))
        self.skipped += skipped
        if len(self.documents) == before:
            why = f"; {skipped[0].path}: {skipped[0].reason}" if skipped else ""
            raise CorpusError(f"no document among its {len(ids)} files, expected one{why}")

    def _read_bytes(self, ending: str, data: bytes, name: str) -> None:
        if ending in UNPARSED:
            parsed = list(READERS[ending](data, self.file.encoding))
        else:
            parsed = self.process.read(ending, data, self.file.encoding)
            if data and not any(each.text.strip() for each in parsed):
                reasons = [reason for each in parsed for reason in each.left_out]
                raise CorpusError(reasons[0] if reasons else "there is no text in it")
        if not parsed:
            raise CorpusError("the file is empty, expected text")
        useless = [_is_encoded(each.text) for each in parsed]
        if all(useless):
            raise CorpusError("only encoded data, expected text", hint="leave the file out")
        for each, encoded in zip(parsed, useless, strict=True):
            if encoded:
                self.skipped.append(Skipped(each.id, "only encoded data, expected text"))
            else:
                self.documents.append(_document(each, name))
        self.skipped += [Skipped(name, reason) for each in parsed for reason in each.left_out]
        notes = [note for each in parsed for note in each.notes]
        self.skipped += [Skipped(name, note, is_read=True) for note in notes]


@contextmanager
def _damage_told() -> Iterator[None]:
    """Make a CorpusError of whatever is raised: an archive is unpacked in this very process.

    Raises:
        CorpusError: Something was raised.
    """
    try:
        yield
    except CorpusError:
        raise
    except Exception as error:  # noqa: BLE001  (damaged bytes can make a decoder raise anything)
        raise CorpusError(f"damaged ({type(error).__name__})", hint="copy it anew") from None


def _check_known(written: str, kinds: Collection[str] = ENDINGS) -> None:
    ending = written.lower()
    if ending not in kinds:
        kind = repr(written) if written else "a file without an ending"
        known = f"known: {' '.join(ENDINGS)}"
        advice = ADVICE.get(ending, "unpack it" if ending in ARCHIVES else "")
        raise CorpusError(f"no reader for {kind}", hint=f"{advice}; {known}" if advice else known)


def _files(root: Path) -> Iterator[Path]:
    """Yield the files of a folder in the order of their names, without hidden ones.

    Folders that cannot be opened, and links to folders, are yielded as if they were files, so that
    they are reported as skipped.
    """
    if not os.path.isdir(root):  # Path.is_dir() raises if the name is too long.
        yield root
        return
    unreadable: list[OSError] = []
    for folder, subfolders, files in os.walk(root, onerror=unreadable.append):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        links = [name for name in subfolders if os.path.islink(os.path.join(folder, name))]
        names = sorted(name for name in files if not name.startswith("."))
        yield from (Path(folder, name) for name in names + links)
    yield from (Path(error.filename) for error in unreadable)


def _files_and_roots(paths: Iterable[Path]) -> list[tuple[Path, Path]]:
    """Return each file below some paths once, however often and in whatever spelling it is named.

    With each goes the path that it was found below: itself if it was named, or the first.
    """
    named: dict[str, Path] = {}
    for path in paths:
        named.setdefault(os.path.abspath(path), path)
    found: dict[str, tuple[Path, Path]] = {}
    for root in named.values():
        for file in _files(root):
            place = os.path.abspath(file)
            is_named = place in named and not os.path.isdir(file)
            found.setdefault(place, (file, file if is_named else root))
    return list(found.values())


def _relative_names(files: list[tuple[Path, Path]]) -> list[str]:
    """Return each file's path below its root, or below the common parent if two would be equal."""
    short = [
        (file.name if file == root else file.relative_to(root).as_posix()) for file, root in files
    ]
    if len(set(short)) != len(short):
        paths = [Path(os.path.abspath(file)) for file, _ in files]
        top = os.path.commonpath([path.parent for path in paths])
        short = [path.relative_to(top).as_posix() for path in paths]
    return [as_name(name) for name in short]


def _refuse_leaving(file: Path, root: Path) -> None:
    """Refuse a link that leads out of its folder: a folder from a stranger must not leak files.

    Raises:
        CorpusError: The file is outside its root.
    """
    if file == root:
        return
    # os.path.realpath, because Path.resolve() raises at links that lead in a circle.
    if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(root)):
        raise CorpusError("a link that leads out of the folder", hint="name the file itself")


def _check_regular(file: Path) -> None:
    is_link = os.path.islink(file)
    if not os.path.exists(file):
        if is_link:
            raise CorpusError("a link that leads nowhere")
        raise CorpusError("no such file or folder", hint="check the spelling of the path")
    if os.path.isdir(file):
        raise CorpusError("a link to a folder" if is_link else "a folder that cannot be opened")
    if not os.path.isfile(file):
        raise CorpusError("not a regular file")


def _stat_of(file: Path) -> FileStat:
    try:
        return FileStat.of(file)
    except OSError as error:
        raise _refused(error) from None


def _bytes_of(file: Path, stat: FileStat) -> bytes:
    if stat.size > MAX_PARSED_BYTES and file.suffix.lower() not in UNPARSED:
        raise CorpusError(
            f"{stat.size:,} bytes, expected at most {MAX_PARSED_BYTES:,}", hint="cut it in parts"
        )
    try:
        return file.read_bytes()
    except OSError as error:
        raise _refused(error) from None


def _refused(error: OSError) -> CorpusError:
    return CorpusError(f"{error.strerror}", hint="check the file's permissions")


def _document(parsed: Parsed, name: str) -> Document:
    if not parsed.text.strip():
        raise CorpusError("the file is empty, expected text")
    return Document(
        id=parsed.id or name,
        title=parsed.title,
        language=parsed.language or detect(parsed.text),
        text=parsed.text,
        source=name,
        sha256=text_sha256(parsed.text),
        pages=parsed.pages,
        blocks=parsed.blocks,
    )


def _is_encoded(text: str) -> bool:
    """Return whether a text is nothing but encoded data, such as a picture in base64."""
    spans = encoded_data(text)
    return bool(spans) and not "".join(_between(text, spans)).strip()


def _between(text: str, spans: list[Span]) -> Iterator[str]:
    at = 0
    for start, end in spans:
        yield text[at:start]
        at = end
    yield text[at:]
