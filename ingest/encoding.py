"""Bytes to text, and never a silent wrong letter.

In: the bytes of a file that should hold text. Out: its text, without the byte order mark. UTF-8 and
marked UTF-16 and UTF-32 are told by their bytes; any other encoding must be named, because a guess
between the 8-bit Cyrillic code pages turns «Қазақстан» into «Ќазаќстан» and no one notices.
Knows nothing of formats.
"""

import codecs

from ingest.errors import CorpusError

# UTF-32's little-endian mark begins with UTF-16's: the longer is tried first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HINT = "save the file as UTF-8, or name its encoding, as in --encoding kz1048"


def decode(data: bytes, encoding: str | None = None) -> str:
    """Decode the bytes of a text file.

    Args:
        data: All bytes of the file.
        encoding: A Python codec name for files that are not Unicode; None to tell by the bytes.
            What bears a byte order mark, or is valid UTF-8 beyond ASCII, is Unicode all the same:
            no text in an 8-bit code page looks like that, and folders hold both.

    Returns:
        The text. Line ends stay as they are.

    Raises:
        CorpusError: The bytes are no text in that encoding, or look like a binary file.
    """
    name = _codec_of(data, encoding)
    try:
        text = data.decode(name)
        text.encode("utf-8")  # UTF-7 can spell lone surrogates, which are no characters.
    except UnicodeError as error:
        offset = getattr(error, "start", 0)
        kind = "a binary file" if b"\x00" in data[:8192] else f"not {name} text"
        raise CorpusError(f"{kind} (byte {offset} cannot be decoded)", hint=_HINT) from None
    if "\x00" in text:
        raise CorpusError(
            f"a binary file (NUL at character {text.index(chr(0))})", hint="only text can be read"
        )
    return text


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
