"""Markdown: what the page says that it stands for; its marks are no part of the text.

markdown-it-py makes HTML of it (CommonMark and tables), and ingest/readers/html_page.py reads that:
so HTML inside Markdown is read as well. Front matter gives the title and is no text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ingest.document import Parsed
from ingest.encoding import decode
from ingest.readers import html_page
from ingest.readers.readable_text import ReadableText, one_line
from ingest.sentence import is_field

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

_RULE = re.compile(r"(?P<rule>---|\+\+\+)[ \t]*\r?\n")
# A line between two rules that a program reads; prose with a colon in it begins with no such key.
_YAML_LINE = re.compile(r"""(?:[A-Za-z_][A-Za-z0-9_.-]{0,60}|"[^"]{1,60}"|'[^']{1,60}'):(?:\s|\Z)
    | [ \t] | -[ \t\r\n] | \# | \s*\Z""", re.VERBOSE)  # fmt: skip
_TOML_LINE = re.compile(r"[\w.\"'-]{1,60}[ \t]*= | [ \t] | \[ | [\]}] | \# | \s*\Z", re.VERBOSE)
# The first line, and one after an empty line: «# Тақырып» and «- бірі» there may be Markdown.
_NOT_MARKDOWN = re.compile(r"""[\w"'\[ \t\r\n]""")
_TITLE = re.compile(
    r"""^title[ \t]*[:=][ \t]*(?P<quote>["']?)(?P<title>.*?)(?P=quote)[ \t]*\r?$
    (?P<folded>(?:\n[ \t]+[^\n]*)*)""", re.M | re.VERBOSE,
)  # fmt: skip
_FOLDED: Final = re.compile(r"[>|][0-9+-]{0,2}")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)")
# Markdown of these would not go on behind a start without an end, so that is no HTML.
_ENDS: Final = (
    (
        re.compile(r"<(?:script|pre|style|textarea)(?:[\s>]|\Z)", re.IGNORECASE),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
    ),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
)
# GFM shows these tags as text: in a page they would end the Markdown that follows.
_SHOWN: Final = frozenset(
    "title textarea style xmp iframe noembed noframes script plaintext".split()
)
_EMPTY: Final = frozenset(
    "area base br col embed frame hr img input link meta param source track wbr".split()
)
# In HTML between paragraphs, these hide or change all that follows, unless an end is there.
_MUST_END: Final = (
    html_page.NEVER_READ | _SHOWN | {"h1", "h2", "h3", "h4", "h5", "h6", "pre"}
) - _EMPTY
_HARMLESS: Final = (html_page.INLINE | _EMPTY | {"p", "li"}) - {"math"}
_REFERENCE = re.compile(r"\[(?P<label>[^\[\]]{1,999})\]:[ \t]*(?:\n[ \t]*)?(?P<address>[^\s]*)")
_IN_BRACKETS = re.compile(r"\[([^\[\]]{1,999})\]")
# What is surely an address, and what is one if a link uses it: «12/2024» and «egov.kz» are words.
_ADDRESS = re.compile(r"<|\#\Z|\.{0,2}/|www\.|[A-Za-z][A-Za-z+.-]{1,20}:", re.IGNORECASE)
_MAYBE_ADDRESS = re.compile(r"\#|\S*[./]")
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
    source, notes = decode(data, encoding)
    front, start = _front_matter(source)
    text = ReadableText()
    markup = _parser().render(source[start:])
    if markup.strip():
        html_page.write_blocks(html_page.parse(markup), text)
    title = one_line(_title(front)) or text.first_heading(_MAX_TITLE_LEVEL)
    yield text.parsed(title, notes=notes)


def _front_matter(source: str) -> tuple[str, int]:
    """Return the lines of a file's front matter, and where the text begins behind it.

    A rule and a later rule are none, unless each line between them looks like YAML or TOML.
    """
    rule = _RULE.match(source)
    if not rule:
        return "", 0
    looks_right = _YAML_LINE if rule["rule"] == "---" else _TOML_LINE
    at, is_first = rule.end(), True
    for line in source[at:].splitlines(keepends=True):
        if line.rstrip() == rule["rule"]:
            return source[rule.end() : at], at + len(line)
        if not looks_right.match(line) or (is_first and not _NOT_MARKDOWN.match(line)):
            return "", 0
        if at == rule.end() and not line.strip():
            return "", 0
        at, is_first = at + len(line), not line.strip()
    return "", 0


def _title(front: str) -> str:
    named = _TITLE.search(front)
    if not named:
        return ""
    title, folded = named["title"], named["folded"]
    return folded if _FOLDED.fullmatch(title) else title


def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # What is nested deeper is left out: 49 lists in each other are more than people write.
    options = {"html": True, "maxNesting": 100}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    _read_more(parser)
    parser.core.ruler.push("tags_in_words", _settle_tags)
    parser.core.ruler.push("fields_on_lines", _keep_fields_apart)
    return parser


def _read_more(parser: "MarkdownIt") -> None:
    """Let no rule of Markdown swallow words that a reader of the file sees."""
    from markdown_it.common.utils import normalizeReference
    from markdown_it.rules_block import StateBlock, html_block, reference, table
    from markdown_it.rules_block.table import escapedSplit

    def html_that_ends(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        start = state.bMarks[line] + state.tShift[line]
        return _begins_html(state, start) and html_block(state, line, end, silent)

    def real_reference(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        found = _REFERENCE.match(state.src, state.bMarks[line] + state.tShift[line])
        if found and not _is_reference(found, state, normalizeReference):
            return False
        return reference(state, line, end, silent)

    def whole_table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        first = len(state.tokens)
        if not table(state, line, end, silent):
            return False
        if not silent:
            _add_extra_cells(state, first, escapedSplit)
        return True

    breaks = ["paragraph", "reference"]
    parser.block.ruler.at("table", whole_table, {"alt": breaks})
    parser.block.ruler.at("reference", real_reference)
    parser.block.ruler.at("html_block", html_that_ends, {"alt": [*breaks, "blockquote"]})


def _begins_html(state: "StateBlock", start: int) -> bool:
    """Return whether a line may begin HTML: GFM shows its tag as text, or nothing ends it."""
    tag = _TAG.match(state.src, start)
    if tag and tag["name"].lower() in _SHOWN - {"script", "style"}:
        return False
    for begin, end in _ENDS:
        if begin.match(state.src, start):
            name = f"last {end.pattern}"
            if name not in state.env:
                state.env[name] = max(
                    (each.start() for each in end.finditer(state.src)), default=-1
                )
            return bool(start < state.env[name])
    return True


def _is_reference(found: re.Match[str], state: "StateBlock", normal: Callable[[str], str]) -> bool:
    """Return whether «[1]: address» names an address; a footnote or «[Телефон]: 55» is text."""
    label, address = found["label"], found["address"]
    if label.startswith("^"):
        return False
    if not address or _ADDRESS.match(address):
        return True
    if "labels" not in state.env:
        state.env["labels"] = Counter(map(normal, _IN_BRACKETS.findall(state.src)))
    used = state.env["labels"][normal(label)] > 1
    return used and bool(_MAYBE_ADDRESS.match(address))


def _add_extra_cells(state: "StateBlock", first: int, split: Callable[[str], list[str]]) -> None:
    """Add the cells of each row of a table beyond those of its header, which GFM leaves out."""
    tokens = state.tokens[first:]
    del state.tokens[first:]
    width = sum(token.type == "th_open" for token in tokens)
    row = 0
    for token in tokens:
        if token.type == "tr_open" and token.map:
            row = token.map[0]
        if token.type == "tr_close" and state.tokens[-1].type == "td_close":
            line = state.src[state.bMarks[row] + state.tShift[row] : state.eMarks[row]].strip()
            cells = split(line)
            cells = cells[not cells[0] : len(cells) - (not cells[-1])]
            for cell in cells[width:]:
                state.push("td_open", "td", 1)
                inside = state.push("inline", "", 0)
                inside.content, inside.children, inside.map = cell.strip(), [], [row, row + 1]
                state.push("td_close", "td", -1)
        state.tokens.append(token)


def _keep_fields_apart(state: "StateCore") -> None:
    """Let a line end before «Label: value» end the line, in a paragraph that begins so."""
    for token in state.tokens:
        lines = token.content.split("\n")
        if token.type != "inline" or not token.children or not is_field(lines[0]):
            continue
        ends = [each for each in token.children if each.type in ("softbreak", "hardbreak")]
        if len(ends) == len(lines) - 1:  # else a line end lies inside a tag or code
            for end, following in zip(ends, lines[1:], strict=True):
                end.type = "hardbreak" if is_field(following.lstrip()) else end.type


# --- HTML in Markdown -----------------------------------------------------------------------------


def _settle_tags(state: "StateCore") -> None:
    """Let a tag that is only named, or that nothing ends, be words: «тег <table> керек»."""
    _settle_blocks([token for token in state.tokens if token.type == "html_block"])
    opened = Counter[str]()
    for token in state.tokens:
        if token.type == "html_block":
            for tag in _TAG.finditer(token.content):
                opened[tag["name"].lower()] += -1 if tag["end"] else 1
        elif token.children:
            _settle_inline(token.children, opened)


def _settle_blocks(blocks: "list[Token]") -> None:
    tags = [(at, tag) for at, token in enumerate(blocks) for tag in _TAG.finditer(token.content)]
    open_: dict[str, list[tuple[int, int]]] = {}
    for at, tag in tags:
        name = tag["name"].lower()
        if tag["end"] and open_.get(name):
            open_[name].pop()
        elif not tag["end"] and name in _MUST_END:
            open_.setdefault(name, []).append((at, tag.start()))
    words = sorted((each for starts in open_.values() for each in starts), reverse=True)
    parts: dict[int, list[str]] = {}
    ends: dict[int, int] = {}
    for at, start in words:  # from the end on, so that offsets stay right
        content = blocks[at].content
        parts.setdefault(at, []).append(content[start + 1 : ends.get(at, len(content))])
        ends[at] = start
    for at, behind in parts.items():
        blocks[at].content = "&lt;".join([blocks[at].content[: ends[at]], *reversed(behind)])


def _settle_inline(children: "list[Token]", opened: Counter[str]) -> None:
    from html import escape

    unclosed: dict[str, list[Token]] = {}
    words: list[Token] = []
    for at, token in enumerate(children):
        tag = _TAG.match(token.content) if token.type == "html_inline" else None
        name = tag["name"].lower() if tag else ""
        if not tag or name in _HARMLESS:
            continue
        if _is_word(children, at, name):
            words.append(token)
        elif not tag["end"]:
            unclosed.setdefault(name, []).append(token)
        elif unclosed.get(name):
            unclosed[name].pop()
        elif opened[name] > 0:
            opened[name] -= 1  # it ends what began in HTML between the paragraphs
        else:
            words.append(token)
    for token in [*words, *(each for tokens in unclosed.values() for each in tokens)]:
        token.content = escape(token.content)


def _is_word(children: "list[Token]", at: int, name: str) -> bool:
    """Return whether a tag is shown as text: HTML does not know it, or GFM shows it."""
    from lxml.html.defs import tags

    return name not in tags or (name in _SHOWN and not _is_empty_frame(children, at, name))


def _is_empty_frame(children: "list[Token]", at: int, name: str) -> bool:
    """Return whether a tag belongs to «<iframe …></iframe>»: it shows another page, no words."""
    if name != "iframe":
        return False
    near = [each.content[:8].lower() for each in children[max(0, at - 1) : at + 2]]
    return any(a.startswith("<iframe") and b.startswith("</iframe") for a, b in pairwise(near))
