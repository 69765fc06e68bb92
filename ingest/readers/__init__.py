"""One reader per format: bytes in, parsed documents out.

A reader is a function `read(data, encoding) -> Iterator[Parsed]`. To add a format, write its
module and name it in `READERS`. Readers know nothing of paths, ids in an index, or chunks.
"""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from ingest.readers import beir, text
from ingest.readers.parsed import Parsed

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
"""File name ending, lower case, to reader."""
