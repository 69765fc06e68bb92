"""Bytes to text, and never a silent wrong letter.

UTF-8, and UTF-16 and UTF-32 with a byte order mark, are recognised by their bytes. Any other
encoding is told by the letters (ingest/code_pages.py) where that is sure, and must be named where
it is not: between the Cyrillic code pages, a wrong guess turns «Қазақстан» into «Ќазаќстан». What
was told by the letters, or is doubted because of them, comes with a note.
"""

import codecs
import re
from typing import NamedTuple

from ingest.code_pages import (
    Doubt,
    better_encoding,
    code_page,
    mended,
    misread_kazakh,
    wide_encoding,
)
from ingest.errors import CorpusError

# UTF-32's little-endian mark begins with UTF-16's: the longer is tried first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The 16 letters of Windows-1251 where KZ-1048 has Kazakh ones.
_ONLY_IN_CP1251 = re.compile(r"\w*[ЌќЋћЎўЈјҐґЄєЇїЅѕ]\w*")
_HINT = "save the file as UTF-8, or name its encoding, as in --encoding kz1048"


class Decoded(NamedTuple):
    """The text of a file.

    Attributes:
        text: The text, without a byte order mark. Line ends stay as they are.
        notes: What people are to know of how it was read, a line each.
    """

    text: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Decode the bytes of a text file.

    Args:
        data: All bytes of the file.
        encoding: A Python codec name for files that are not Unicode; None to go by the bytes. It
            is not applied to bytes with a byte order mark, or to valid UTF-8 beyond ASCII: no text
            in an 8-bit code page looks like that, and folders have files of both kinds. "utf-8"
            leaves Kazakh letters as they are that another program has read wrong.

    Raises:
        CorpusError: The bytes are no text in the encoding that is named, none is named and none is
            sure, or they look like a binary file.
    """
    if encoding:
        _refuse_unknown(encoding)
    marked = next((codec for mark, codec in _MARKS if data.startswith(mark)), None)
    if marked:
        return _put_right(_text(data, marked), encoding)
    is_utf8 = _is_utf8(data)
    if encoding and (data.isascii() or not is_utf8):
        return _as_named(data, encoding)
    found = wide_encoding(data)
    if is_utf8 and found is None:
        return _put_right(_text(data, "utf-8"), encoding)
    told = found or code_page(data)
    if isinstance(told, Doubt):
        raise _not_text(data, "utf-8", told.reason)
    note = (
        f"read as {told.name}, told by its letters: «{told.sample}»; if that is wrong, name its"
        " encoding with --encoding, or save it as UTF-8"
    )
    return Decoded(_text(data, told.codec), (note,))


def refuse_misdeclared(text: str, declared: str) -> None:
    """Refuse a text whose file declares Windows-1251 but was written in the Kazakh KZ-1048.

    Programs that know no KZ-1048 declare the page that they know. The two differ in 16 letters,
    and those of Windows-1251 are in no Kazakh or Russian word: «Ќазаќстан».

    Args:
        text: The decoded text.
        declared: The codec that the file declares itself; what a person names is not doubted.

    Raises:
        CorpusError: The text has such letters.
    """
    found = _ONLY_IN_CP1251.search(text)
    if found and codecs.lookup(declared).name == "cp1251":
        raise CorpusError(
            f"{found[0]!r} is no Kazakh or Russian word: the file declares {declared}, but seems"
            " to be written in kz1048",
            hint="name the encoding: --encoding kz1048",
        )


def _as_named(data: bytes, encoding: str) -> Decoded:
    """Decode bytes as they are told to be, with a note if they read better otherwise."""
    try:
        text = _text(data, encoding)
    except CorpusError as error:
        told = wide_encoding(data) or code_page(data)
        if isinstance(told, Doubt):
            raise
        hint = f"it reads well as {told.name}, «{told.sample}»: --encoding {told.name}"
        raise CorpusError(str(error), hint=hint) from None
    better = better_encoding(data, encoding)
    if better is None:
        return Decoded(text)
    note = (
        f"read as {encoding}: «{better.before}»; {better.name} reads better: «{better.after}»"
        f" (--encoding {better.name})"
    )
    return Decoded(text, (note,))


def _put_right(text: str, encoding: str | None) -> Decoded:
    """Mend a text whose Kazakh letters another program has read wrong, unless UTF-8 is asked for.

    Nobody finds or reads the letters that it has, and each is replaced by one, so that every offset
    stays.
    """
    found = misread_kazakh(text)
    if found is None:
        return Decoded(text)
    cause = f"{found.name} that a program has read as windows-1251"
    if encoding and codecs.lookup(encoding).name.startswith("utf-8"):
        note = f"«{found.before}» seems to be «{found.after}», {cause}; it is mended without"
        return Decoded(text, (f"{note} --encoding {encoding}",))
    note = (
        f"«{found.before}» is read, and quoted, as «{found.after}»: its letters are {cause};"
        " --encoding utf-8 leaves them as they are"
    )
    return Decoded(mended(text, found.codec), (note,))


def _text(data: bytes, codec: str) -> str:
    """Decode bytes.

    Raises:
        CorpusError: They are no text in this encoding.
    """
    try:
        text = data.decode(codec)
        text.encode("utf-8")  # UTF-7 can encode lone surrogates, which are not characters.
    except UnicodeError:
        raise _not_text(data, codec) from None
    if "\x00" in text:
        raise CorpusError(
            f"a binary file (NUL at character {text.index(chr(0))})", hint="only text can be read"
        )
    return text


def _not_text(data: bytes, codec: str, reason: str = "") -> CorpusError:
    offset = 0
    try:
        data.decode(codec)
    except UnicodeError as error:
        offset = getattr(error, "start", 0)
    if b"\x00" in data[:8192]:
        return CorpusError(f"a binary file (byte {offset} cannot be decoded)", hint=_HINT)
    why = f"; it {reason}" if reason else ""
    return CorpusError(f"not {codec} text (byte {offset} cannot be decoded){why}", hint=_HINT)


def _refuse_unknown(encoding: str) -> None:
    try:
        b" ".decode(encoding)  # codecs.lookup() also knows codecs that are not for text.
    except UnicodeError:
        return  # It is known; in UTF-16, say, a space takes two bytes.
    except (LookupError, ValueError):
        raise CorpusError(
            f"unknown encoding {encoding!r}",
            hint="use one that Python knows, such as utf-8 or kz1048",
        ) from None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
