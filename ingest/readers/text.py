"""Plain text and Markdown: the decoded file is the document, markup and all.

In: bytes. Out: one `Parsed`. Markdown keeps its markup, since citations quote the file's own
characters; only its first heading is read, as the title.
"""

import re
from collections.abc import Iterator

from ingest.encoding import decode
from ingest.readers.parsed import Parsed

_FIRST_HEADING = re.compile(r"^#{1,2}[ \t]+(\S[^\r\n]*)", re.MULTILINE)
_CLOSING_SIGNS = re.compile(r"(?:^|[ \t])#+$")


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Read a plain text file.

    Raises:
        CorpusError: The bytes are not text.
    """
    yield Parsed(decode(data, encoding))


def read_markdown(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    r"""Read a Markdown file; its first heading is its title.

    >>> next(read_markdown("# Сыртқы саясат\n\nМәтін.".encode())).title
    'Сыртқы саясат'
    """
    text = decode(data, encoding)
    heading = _FIRST_HEADING.search(text)
    title = _CLOSING_SIGNS.sub("", heading[1].rstrip()) if heading else ""
    yield Parsed(text, title=title.rstrip())
