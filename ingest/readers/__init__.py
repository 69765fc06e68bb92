"""One reader for each format: it turns the bytes of a file into parsed documents.

A reader is a function `read(data, encoding) -> Iterator[Parsed]`. To add a format, write its module
and add its file name ending to `READERS`.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ingest.document import Parsed

if TYPE_CHECKING:
    from ingest.readers import archive

Reader = Callable[[bytes, str | None], Iterator[Parsed]]

Members: TypeAlias = "Callable[[bytes], Iterator[archive.Member]]"


def _function(module: str, name: str = "read") -> Callable[..., Any]:
    """Return a function of a module here, which is imported when it is called.

    Whoever asks a question, or for help, reads no file.
    """

    def call(*arguments: object) -> Any:  # noqa: ANN401  (what the function returns)
        return getattr(import_module(f"{__name__}.{module}"), name)(*arguments)

    return call


READERS: Final = MappingProxyType[str, Reader](
    {
        ".txt": _function("text"),
        ".text": _function("text"),
        ".md": _function("markdown"),
        ".markdown": _function("markdown"),
        ".html": _function("html_page"),
        ".htm": _function("html_page"),
        ".xhtml": _function("html_page"),
        ".pdf": _function("pdf"),
        ".docx": _function("docx"),
        ".pptx": _function("pptx"),
        ".odt": _function("odt"),
        ".rtf": _function("rtf"),
        ".epub": _function("epub"),
        ".csv": _function("table"),
        ".tsv": _function("table", "read_tsv"),
        ".xlsx": _function("xlsx"),
        ".jsonl": _function("beir"),
    }
)
"""The reader of each file name ending, in lower case."""

UNPARSED: Final = frozenset([".txt", ".text", ".jsonl"])
"""Endings of files that are decoded only, or that Python itself parses: these need no process of
their own (ingest/readers/isolation.py)."""

OWN_IDS: Final = (".jsonl",)
"""Endings of files whose documents have ids of their own; others go by the file's name."""

ARCHIVES: Final = MappingProxyType[str, Members]({".zip": _function("archive", "members")})
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
