"""Plain text: the decoded file is the document."""

from collections.abc import Iterator

from ingest.document import Parsed
from ingest.encoding import decode


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield a plain text file as one document.

    Raises:
        CorpusError: The bytes are not text.
    """
    text, notes = decode(data, encoding)
    yield Parsed(text, notes=notes)
