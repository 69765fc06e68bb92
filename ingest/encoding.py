"""Bytes to text, and never a silent wrong letter.

UTF-8, and UTF-16 and UTF-32 with a byte order mark, are recognised by their bytes. Any other
encoding must be named, because a guess between the 8-bit Cyrillic code pages turns «Қазақстан» into
«Ќазаќстан» and no one notices.
"""

import codecs
import re

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


def decode(data: bytes, encoding: str | None = None) -> str:
    """Decode the bytes of a text file.

    Args:
        data: All bytes of the file.
        encoding: A Python codec name for files that are not Unicode; None to go by the bytes. It
            is not applied to bytes with a byte order mark, or to valid UTF-8 beyond ASCII: no text
            in an 8-bit code page looks like that, and folders have files of both kinds.

    Returns:
        The text, without a byte order mark. Line ends stay as they are.

    Raises:
        CorpusError: The bytes are no text in that encoding, or look like a binary file.
    """
    name = _codec_of(data, encoding)
    try:
        text = data.decode(name)
        text.encode("utf-8")  # UTF-7 can encode lone surrogates, which are not characters.
    except UnicodeError as error:
        offset = getattr(error, "start", 0)
        kind = "a binary file" if b"\x00" in data[:8192] else f"not {name} text"
        raise CorpusError(f"{kind} (byte {offset} cannot be decoded)", hint=_HINT) from None
    if "\x00" in text:
        raise CorpusError(
            f"a binary file (NUL at character {text.index(chr(0))})", hint="only text can be read"
        )
    return text


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


def _codec_of(data: bytes, encoding: str | None) -> str:
    if encoding:
        _refuse_unknown(encoding)
    marked = next((codec for mark, codec in _MARKS if data.startswith(mark)), None)
    if marked or not encoding:
        return marked or "utf-8"
    return "utf-8" if not data.isascii() and _is_utf8(data) else encoding


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
