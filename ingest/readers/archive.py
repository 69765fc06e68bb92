"""ZIP archives: the files in them, which are read as files of a folder are.

In: the bytes of an archive. Out: its members, or why one is left out. Nothing is unpacked onto a
disk, so no name in an archive can lead anywhere.
"""

import posixpath
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from ingest.errors import CorpusError
from ingest.readers.container import member_bytes, open_container

MAX_MEMBER_BYTES: Final = 100_000_000
"""Most bytes that one member may unpack to: it is held in memory."""

_UTF8_NAME: Final = 0x800  # the flag of a name in UTF-8


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive; it is unpacked when its bytes are asked for.

    Attributes:
        name: Its path in the archive, for people and as part of an id.
    """

    name: str
    _archive: zipfile.ZipFile
    _info: zipfile.ZipInfo

    def data(self) -> bytes:
        """Unpack the member.

        Raises:
            CorpusError: It is a link, too large or damaged.
        """
        if stat.S_ISLNK(self._info.external_attr >> 16):
            raise CorpusError("a link, expected a file", hint="pack the file itself")
        if self._info.file_size > MAX_MEMBER_BYTES:
            raise CorpusError(
                f"{self._info.file_size:,} bytes, expected at most {MAX_MEMBER_BYTES:,}",
                hint="unpack the archive and index the folder",
            )
        return member_bytes(self._archive, self._info.filename)


def members(data: bytes) -> Iterator[Member]:
    """Yield the files of an archive in the order of their names, without hidden ones.

    Raises:
        CorpusError: It is no ZIP, damaged, encrypted, or would unpack to more than the limits.
    """
    archive = open_container(data, "ZIP")
    named = [(_name(info), info) for info in archive.infolist() if not info.is_dir()]
    for name, info in sorted(named, key=itemgetter(0)):
        hidden = any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
        if not hidden:
            yield Member(name, archive, info)


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; old programs wrote it in UTF-8 or DOS's Cyrillic without telling."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME and not name.isascii():
        raw = name.encode("cp437", "replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp866")
    # Neither "/etc/x" nor "../x" is a path here, and an id should not look like one.
    return posixpath.normpath(f"/{name}").lstrip("/")
