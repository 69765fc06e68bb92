"""ZIP containers, which DOCX, PPTX, XLSX, ODT and EPUB are as well: opened within limits.

In: the bytes of a file. Out: an open `ZipFile` that is no bomb. No member can unpack to more than
the directory says, for `zipfile` stops there; so the directory is judged.
"""

import io
import lzma
import struct
import zipfile
import zlib
from typing import Final

from ingest.errors import CorpusError
from ingest.readers.signature import expect

MAX_MEMBERS: Final = 10_000
MAX_BYTES: Final = 300_000_000
"""Most bytes that all members may unpack to."""

_MAX_RATIO: Final = 200  # XML packs to a tenth; what packs better than this is made to
_ALWAYS_ALLOWED: Final = 10_000_000  # bytes; small members of blank lines may pack well
_ENCRYPTED: Final = 0x1
_PARTS: Final = "[Content_Types].xml"

# What `zipfile` and its decoders raise where the bytes are wrong: each of them has errors of its
# own, and a name that is not the UTF-8 it says is a ValueError.
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
    EOFError,
    RuntimeError,
)


def open_container(data: bytes, kind: str) -> zipfile.ZipFile:
    """Open a ZIP container.

    Args:
        data: The whole file.
        kind: What it should be, for people: "DOCX".

    Raises:
        CorpusError: It is no ZIP, damaged, encrypted, or would unpack to more than the limits.
    """
    expect(data, b"PK", kind)
    try:
        container = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGE as error:
        raise CorpusError(f"a damaged {kind} ({error})", hint="copy the file anew") from None
    _check(container.infolist(), kind)
    return container


def open_office(data: bytes, kind: str, content_type: str) -> zipfile.ZipFile:
    """Open an Office file as a ZIP container.

    Args:
        data: The whole file.
        kind: What it should be, for people: "DOCX".
        content_type: What the list of its parts calls the main one, or a part of that.

    Raises:
        CorpusError: As `open_container`, and where it is an Office file of another kind.
    """
    container = open_container(data, kind)
    if content_type.encode() not in member_bytes(container, _PARTS):
        raise CorpusError(
            f"no {kind}: an Office file of another kind", hint=f"save it as {kind}, or rename it"
        )
    return container


def _check(members: list[zipfile.ZipInfo], kind: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise CorpusError(f"{kind} with {len(members):,} members, expected at most {MAX_MEMBERS:,}")
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > MAX_BYTES or (total > _ALWAYS_ALLOWED and total > _MAX_RATIO * packed):
        raise CorpusError(
            f"{kind} that unpacks from {packed:,} to {total:,} bytes, expected at most"
            f" {MAX_BYTES:,} and {_MAX_RATIO} times as many",
            hint="unpack it yourself, if you trust it",
        )
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise CorpusError(f"{kind} with a password", hint="save it without one")


def member_bytes(container: zipfile.ZipFile, name: str) -> bytes:
    """Return a member of a container.

    Raises:
        CorpusError: There is no such member, or it is damaged.
    """
    try:
        member = container.getinfo(name)
    except KeyError:
        raise CorpusError(f"no {name!r} in it, expected one", hint="save it anew") from None
    try:
        return container.read(member)
    except _DAMAGE as error:
        raise CorpusError(f"{name!r} in it is damaged ({error})", hint="copy it anew") from None
