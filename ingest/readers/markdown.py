"""Markdown: what the page says that it stands for; its marks are no part of the text.

markdown-it-py makes HTML of it (CommonMark and tables), and ingest/readers/html_page.py reads that:
so HTML inside Markdown is read as well. Front matter gives the title and is no text.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ingest.document import Parsed
from ingest.encoding import decode
from ingest.readers import html_page
from ingest.readers.readable_text import ReadableText

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Between lines of --- (YAML) or +++ (TOML), at the very start. A rule and a later rule are no front
# matter: it has a key in its first line, or nothing.
_FRONT_MATTER = re.compile(
    r"\A(?P<rule>---|\+\+\+)[ \t]*\r?\n(?P<body>(?:[\w\"'][^\r\n]{0,200}?[:=].*?\r?\n)?)"
    r"(?P=rule)[ \t]*(?:\r?\n|\Z)",
    re.DOTALL,
)
_TITLE = re.compile(
    r"""^title[ \t]*[:=][ \t]*(?P<quote>["']?)(?P<title>.*?)(?P=quote)[ \t]*\r?$""", re.M
)
_TAG_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")
_MAX_TITLE_LEVEL: Final = 2


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    r"""Yield a Markdown file as one document.

    Its title is that of the front matter, or the first heading of level 1 or 2.

    >>> parsed = next(read("# Сыртқы саясат\n\n**Мәтін**, [сілтеме](http://x.kz).".encode()))
    >>> parsed.title, parsed.text
    ('Сыртқы саясат', 'Сыртқы саясат\n\nМәтін, сілтеме.')

    Raises:
        CorpusError: The bytes are not text.
    """
    source = decode(data, encoding)
    front = _FRONT_MATTER.match(source)
    named = _TITLE.search(front["body"]) if front else None
    text = ReadableText()
    markup = _parser().render(source[front.end() if front else 0 :])
    if markup.strip():
        html_page.write_blocks(html_page.parse(markup), text)
    parsed = text.parsed(named["title"] if named else "")
    headings = [block for block in text.blocks if block.kind == "heading"]
    titles = [block for block in headings if block.level <= _MAX_TITLE_LEVEL]
    if not parsed.title and titles:
        parsed = text.parsed(parsed.text[titles[0].start : titles[0].end])
    yield parsed


def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # What is nested deeper is left out: 49 lists in each other are more than people write.
    options = {"html": True, "maxNesting": 100}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    parser.add_render_rule("html_inline", _inline_html)
    return parser


def _inline_html(_renderer: object, tokens: Any, at: int, *_: object) -> str:  # noqa: ANN401
    """Return a tag that HTML knows as it is, and any other as words: «cp <file> <folder>»."""
    from html import escape

    from lxml.html.defs import tags

    content: str = tokens[at].content
    name = _TAG_NAME.match(content)
    return escape(content) if name and name[1].lower() not in tags else content
