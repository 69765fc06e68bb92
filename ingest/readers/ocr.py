"""Text of pictures: tesseract reads them, where it is installed.

In: the bytes of a picture. Out: what it says in Kazakh, Russian or English. Tesseract is a program
of its own: without it, or without its Kazakh, the reason is told.
"""

import subprocess
import time
from functools import cached_property
from typing import Final

from ingest.errors import CorpusError

_LANGUAGES: Final = ("kaz", "rus", "eng")
_SECONDS_A_PICTURE: Final = 60
_SECONDS: Final = 600
_INSTALL: Final = "install tesseract-ocr with its data for kaz, rus and eng"


class Recogniser:
    """Reads the pictures of one document, for ten minutes at most."""

    def __init__(self) -> None:
        self._until = time.monotonic() + _SECONDS

    def text_of(self, picture: bytes) -> str:
        """Return the text of a picture.

        Raises:
            CorpusError: Tesseract is not installed, lacks a language, fails, or takes too long.
        """
        left = min(_SECONDS_A_PICTURE, self._until - time.monotonic())
        if left <= 0:
            raise CorpusError(f"a scan, and {_SECONDS} s of text recognition were spent")
        return _run("-", "-", "-l", self._languages, data=picture, seconds=left)

    @cached_property
    def _languages(self) -> str:
        """Return the languages as tesseract takes them; every one of them must be there."""
        known = set(_run("--list-langs").split())
        missing = [name for name in _LANGUAGES if name not in known]
        if missing:
            raise CorpusError(f"a scan, and tesseract lacks {' '.join(missing)}", hint=_INSTALL)
        return "+".join(_LANGUAGES)


def _run(*arguments: str, data: bytes = b"", seconds: float = 10) -> str:
    try:
        done = subprocess.run(
            ["tesseract", *arguments], input=data, capture_output=True, timeout=seconds, check=True
        )
    except FileNotFoundError:
        raise CorpusError("a scan, and tesseract is not installed", hint=_INSTALL) from None
    except subprocess.TimeoutExpired:
        raise CorpusError(f"a scan that tesseract did not read in {seconds:.0f} s") from None
    except (subprocess.CalledProcessError, OSError) as error:
        raise CorpusError(f"a scan that tesseract cannot read ({error})") from None
    return done.stdout.decode("utf-8", "replace")
