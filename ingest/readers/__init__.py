"""One reader for each format: it turns the bytes of a file into parsed documents.

A reader is a function `read(data, encoding) -> Iterator[Parsed]`. To add a format, write its module
and add its file name ending to `READERS`.
"""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from ingest.document import Parsed
from ingest.readers import beir, text

Reader = Callable[[bytes, str | None], Iterator[Parsed]]

READERS: Final = MappingProxyType[str, Reader](
    {
        ".txt": text.read,
        ".text": text.read,
        ".md": text.read_markdown,
        ".markdown": text.read_markdown,
        ".jsonl": beir.read,
    }
)
"""The reader of each file name ending, in lower case."""
