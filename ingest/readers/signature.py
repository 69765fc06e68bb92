"""What the first bytes of a file say that it is: for files whose name says otherwise."""

from typing import Final

from ingest.errors import CorpusError

_KINDS: Final = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP or a new Office file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file, or one with a password"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<!DOCTYPE html", "HTML"),
    (b"<html", "HTML"),
    (b"<?xml", "XML"),
)
_MAX_BEFORE: Final = 1024  # bytes that may stand before a PDF begins, as readers of PDF allow


def expect(data: bytes, signature: bytes, kind: str) -> None:
    """Refuse bytes that are not of a kind.

    Args:
        data: The whole file.
        signature: What files of the kind begin with.
        kind: The kind's name, for people.

    Raises:
        CorpusError: The file is empty, or is of another kind, which is named.
    """
    if not data:
        raise CorpusError("the file is empty, expected text")
    if signature in data[: _MAX_BEFORE if signature == b"%PDF-" else len(signature)]:
        return
    found = next((name for begin, name in _KINDS if data.lstrip().startswith(begin)), None)
    begins = found or f"bytes that begin with {data[:8]!r}"
    raise CorpusError(f"no {kind}: {begins}", hint=f"open it and save it as {kind}, or rename it")
