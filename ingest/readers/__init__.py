"""One reader for each format: it turns the bytes of a file into parsed documents.

A reader is a function `read(data, encoding) -> Iterator[Parsed]`. To add a format, write its module
and add its file name ending to `READERS`.
"""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from ingest.document import Parsed
from ingest.readers import (
    archive,
    beir,
    docx,
    epub,
    html_page,
    markdown,
    odt,
    pdf,
    pptx,
    rtf,
    table,
    text,
    xlsx,
)

Reader = Callable[[bytes, str | None], Iterator[Parsed]]

READERS: Final = MappingProxyType[str, Reader](
    {
        ".txt": text.read,
        ".text": text.read,
        ".md": markdown.read,
        ".markdown": markdown.read,
        ".html": html_page.read,
        ".htm": html_page.read,
        ".xhtml": html_page.read,
        ".pdf": pdf.read,
        ".docx": docx.read,
        ".pptx": pptx.read,
        ".odt": odt.read,
        ".rtf": rtf.read,
        ".epub": epub.read,
        ".csv": table.read,
        ".tsv": table.read_tsv,
        ".xlsx": xlsx.read,
        ".jsonl": beir.read,
    }
)
"""The reader of each file name ending, in lower case."""

UNPARSED: Final = frozenset([".txt", ".text", ".jsonl"])
"""Endings of files that are decoded only, or that Python itself parses: these need no process of
their own (ingest/readers/isolation.py)."""

OWN_IDS: Final = (".jsonl",)
"""Endings of files whose documents have ids of their own; others go by the file's name."""

ARCHIVES: Final = MappingProxyType[str, Callable[[bytes], Iterator[archive.Member]]](
    {".zip": archive.members}
)
"""What lists the files in an archive, by the ending of its name."""

ENDINGS: Final = tuple(sorted([*READERS, *ARCHIVES]))
"""Every ending that is read."""

ADVICE: Final = MappingProxyType(
    {
        **dict.fromkeys((".doc", ".dot", ".docm", ".wps", ".pages"), "save it as .docx"),
        **dict.fromkeys((".xls", ".xlsm", ".xlsb", ".ods", ".numbers"), "save it as .xlsx"),
        **dict.fromkeys((".ppt", ".pptm", ".odp", ".key"), "save it as .pptx"),
        **dict.fromkeys((".djvu", ".ps", ".xps"), "save it as .pdf"),
        **dict.fromkeys((".fb2", ".mobi", ".azw3"), "save it as .epub"),
        **dict.fromkeys((".rar", ".7z", ".tar", ".gz", ".bz2", ".xz"), "unpack it"),
        **dict.fromkeys(
            (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic"),
            "make a .pdf with text of it",
        ),
        **dict.fromkeys((".json", ".xml", ".yaml", ".yml"), "save its text as .txt or .jsonl"),
    }
)
"""What to do with files of other formats, by their ending."""
