"""Plain text and Markdown: the decoded file is the document, including markup.

Markdown keeps its markup, since citations quote the file's own characters. Only its first heading
is interpreted: it is the title.
"""

import re
from collections.abc import Iterator

from ingest.document import Parsed
from ingest.encoding import decode

_FIRST_HEADING = re.compile(r"^#{1,2}[ \t]+(\S[^\r\n]*)", re.MULTILINE)
_CLOSING_SIGNS = re.compile(r"(?:^|[ \t])#+$")


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield a plain text file as one document.

    Raises:
        CorpusError: The bytes are not text.
    """
    yield Parsed(decode(data, encoding))


def read_markdown(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    r"""Yield a Markdown file as one document, with its first heading as the title.

    >>> next(read_markdown("# Сыртқы саясат\n\nМәтін.".encode())).title
    'Сыртқы саясат'

    Raises:
        CorpusError: The bytes are not text.
    """
    text = decode(data, encoding)
    heading = _FIRST_HEADING.search(text)
    title = _CLOSING_SIGNS.sub("", heading[1].rstrip()) if heading else ""
    yield Parsed(text, title=title.rstrip())
