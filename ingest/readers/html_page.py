"""HTML: what a page says, without its navigation, scripts, hidden parts and addresses of links.

In: bytes, or markup that another reader made (Markdown, EPUB). Out: the readable text with its
blocks. lxml parses; nothing is fetched and nothing is run.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from ingest.document import Parsed
from ingest.encoding import decode, refuse_misdeclared
from ingest.errors import CorpusError
from ingest.readers.readable_text import ReadableText, one_line
from ingest.readers.xml_tree import Element, local_name

NEVER_READ: Final = frozenset(
    """audio canvas datalist dialog embed frame frameset head iframe input map meter noscript
    object option progress script select style svg template textarea title video""".split()
)
"""Names of elements whose words nobody reads."""
_AROUND_THE_TEXT: Final = frozenset(["aside", "footer", "nav"])
_ROLES_AROUND_THE_TEXT: Final = frozenset(["banner", "contentinfo", "navigation", "search"])
INLINE: Final = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark math
    nobr q rb rp rt ruby s samp small span strike strong sub sup time tt u var wbr""".split()
)
"""Names of elements that end no block."""
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_LISTS: Final = frozenset(["menu", "ol", "ul"])
# A button there is a question that opens its answer; elsewhere it is what one presses.
_BUTTON_IS_TEXT: Final = frozenset([*_HEADINGS, "dt", "summary"])
_NEAR: Final = 4  # so many elements a button may lie inside, up to its heading
# A table with these inside is there for its looks: its cells are read one after the other.
_NOT_IN_CELLS: Final = (*_HEADINGS, *_LISTS, "table", "dl", "pre")
# Other styles hide no words for good: what is to appear while one scrolls begins with opacity 0.
_HIDING_STYLE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
# A page that can be searched for its declaration is in none of the last three, whatever it says;
# the first is tried anyway, and to ask for it would leave misread Kazakh as it is.
_UNICODE: Final = ("utf-8", "utf-16", "utf-32", "utf-7")
_END_OF_PAGE = re.compile(r"</(?:html|body)(?:\s[^<>]{0,100})?>", re.IGNORECASE)
_SUPERSCRIPT: Final = str.maketrans("0123456789+-=()\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾⁻")
_RAISABLE = re.compile(r"[0-9+=()\u2212-]+")
# Of what is raised, this changes a number: «n+1», «2k», one letter. «[1]» and «ші» do not.
_EXPONENT = re.compile(r"(?!\[)(?:.*[0-9+/=\u2212-].*|[A-Za-zα-ω])")
# What stands before a part of a formula, by where it lies in what is around it. The private
# characters become brackets in the end, or nothing around one word.
_SIGNS: Final = {
    ("mfrac", 0): "\ue000",
    ("mfrac", 1): "/\ue000",
    ("msup", 1): "^\ue000",
    ("msubsup", 2): "^\ue000",
    ("munderover", 2): "^\ue000",
    ("mroot", 1): "^\ue0001/",
}
_RAISED_PART = re.compile("\\^\ue000([0-9+=()\u2212-]+)\ue001")
_PART = re.compile("\ue000(\\w*)\ue001")
_BRACKETS: Final = str.maketrans("\ue000\ue001", "()")
_MAX_EXPONENT: Final = 20
_SHORT_LINE: Final = 40
_MAX_SPAN: Final = 100  # of a cell: more is a slip or a trap


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    r"""Yield an HTML page as one document.

    Raises:
        CorpusError: The bytes are no text in the encoding that the page or the caller names, or
            the page is nested too deeply.

    >>> page = "<title>Өзен</title><nav>Мәзір</nav><h1>Жайық</h1><p>Ұзындығы 2428&nbsp;км.</p>"
    >>> next(read(page.encode())).text
    'Жайық\n\nҰзындығы 2428 км.'
    """
    declared = None if encoding else _declared(data)
    markup, notes = decode(data, encoding or declared)
    if declared:
        refuse_misdeclared(markup, declared)
    root = parse(markup)
    titles = [title.text or "" for title in root.iterfind("head/title")][:1]
    text = ReadableText()
    write_blocks(_main_part(root), text, whole=False)
    yield text.parsed(one_line("".join(titles)) or text.first_heading(), notes=notes)


def _declared(data: bytes) -> str | None:
    """Return the encoding other than Unicode that a page declares, if there is one of that name."""
    found = _CHARSET.search(_COMMENT.sub(b"", data[:4096]))
    try:
        name = codecs.lookup(found[1].decode("ascii")).name if found else None
    except LookupError:
        return None
    return None if name and name.startswith(_UNICODE) else name


def parse(markup: str) -> Element:
    """Return the root element of a page; broken markup is put right as browsers do.

    Raises:
        CorpusError: There is no element, or elements are nested too deeply.
    """
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True
    )
    # lxml stops reading at </html>; browsers read on, in pages that were put together too.
    data = _END_OF_PAGE.sub("<p></p>", markup).encode("utf-8", "ignore")
    try:
        root = html.document_fromstring(data, parser=parser) if data.strip() else None
    except etree.LxmlError as error:
        raise CorpusError(f"no HTML ({error})", hint="open it in a browser, save it anew") from None
    # Beyond some depth the parser leaves out what follows, and only its log says so.
    deep = next((each for each in parser.error_log if "depth" in each.message), None)
    if deep is not None:
        raise CorpusError(f"HTML nested too deeply (line {deep.line}), expected under 2,000 levels")
    if root is None:
        raise CorpusError("the file is empty, expected text")
    return root


def write_blocks(root: Element, text: ReadableText, *, whole: bool = True) -> None:
    """Write what an element says into a text.

    Args:
        root: An element of lxml.
        text: What is written to.
        whole: Read asides, footers and navigation too; else only what is the page's own text.
    """
    from lxml import etree

    page, unseen = _Page(text), None
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = _tag(element)
        if event == "start" and _is_unseen(element, tag, whole):
            unseen = element
            walk.skip_subtree()
        elif event == "start":
            if page.start(element, tag):
                walk.skip_subtree()
        else:
            # What nobody sees ends no block: «сөй<script>…</script>лем» is one word.
            page.end("" if element is unseen else tag, "" if element is root else element.tail)
    page.flush()


def _tag(element: Element) -> str:
    """Return an element's name in lower case, without the namespace that XHTML has."""
    return local_name(element).lower()


def _main_part(root: Element) -> Element:
    """Return the part that a page calls its main one, if it has most of the page's words."""
    most = len(_seen_words(root, whole=False).split()) / 2
    for path in (".//main", ".//*[@role='main']", ".//article"):
        parts = root.findall(path)
        if len(parts) == 1 and len(_seen_words(parts[0], whole=False).split()) > most:
            return parts[0]
    return root


def _is_unseen(element: Element, tag: str, whole: bool) -> bool:
    """Return whether nobody sees an element, or it stands around the text."""
    if tag in NEVER_READ or element.get("hidden", "until-found").lower() != "until-found":
        return True
    if _HIDING_STYLE.search(element.get("style") or "") or (
        tag == "button" and not _is_question(element)
    ):
        return True
    around = tag in _AROUND_THE_TEXT or element.get("role") in _ROLES_AROUND_THE_TEXT
    return around and not whole


def _is_question(button: Element) -> bool:
    """Return whether a button is a heading or a question, and not there to be pressed only."""
    around = islice(button.iterancestors(), _NEAR)
    return any(_tag(each) in _BUTTON_IS_TEXT for each in around) or any(
        "?" in words for words in islice(button.itertext(), 20)
    )


class _Page:
    """Turns the elements of a page, start by start and end by end, into blocks.

    Words are collected until a block ends; `flush` then writes them as what the elements around
    them say they are.
    """

    def __init__(self, text: ReadableText) -> None:
        self._text = text
        self._words: list[str] = []
        self._lists: list[int | None] = []  # the next number of each list; None has bullets
        self._mark = ""  # of the item that no words were written of yet
        self._heading = 0
        self._term = ""  # what is defined: «Телефон» of «Телефон: 55-44-33»
        self._defined = True  # whether a definition of it was written
        self._role = ""  # "dt" or "dd" while inside one

    def start(self, element: Element, tag: str) -> bool:
        """Read the start of an element; return whether all of it has been read."""
        if tag == "pre" or (tag == "table" and _is_data(element)):
            self.flush()
            self._write_whole(element, tag)
            return True
        formula = _formula_words(element, tag)
        if formula is not None:
            self._words.append(formula)
            return True
        if tag == "br":
            self._words.append("\n")
        elif not self._is_inline(tag):
            self.flush()
            self._open(element, tag)
        self._words.append(_folded(element.text or ""))
        return False

    def end(self, tag: str, tail: str | None) -> None:
        """Read the end of an element, and the words after it; no name is one that nobody sees."""
        if tag and not self._is_inline(tag) and tag != "br":
            self.flush()
            self._close(tag)
        self._words.append(_folded(tail or ""))

    def _is_inline(self, tag: str) -> bool:
        return tag in INLINE or (tag == "button" and bool(self._heading or self._role))

    def flush(self) -> None:
        """Write the words so far as a block."""
        words = "".join(self._words)
        self._words.clear()
        lines = [one_line(words)] if self._heading else _joined_lines(words)
        for line in lines:
            self._write(line)

    def _write(self, line: str) -> None:
        if self._heading:
            self._text.heading(line, self._heading)
        elif self._role == "dt":
            self._write_lone_term()
            self._term, self._defined = line, False
        elif self._role == "dd" and self._term:
            self._text.paragraph(f"{self._term.removesuffix(':')}: {line}")
            self._defined = True
        elif self._mark:
            self._text.item(line, mark=self._mark, depth=max(0, len(self._lists) - 1))
            self._mark = ""
        else:
            self._text.paragraph(line)

    def _write_lone_term(self) -> None:
        if not self._defined:
            self._text.paragraph(self._term)
        self._term, self._defined = "", True

    def _open(self, element: Element, tag: str) -> None:
        self._heading = _HEADINGS.get(tag, self._heading)
        if tag in _LISTS:
            self._lists.append(_number(element, "start", 1) if tag == "ol" else None)
        elif tag == "li":
            self._mark = self._next_mark(element)
        elif tag in ("dt", "dd"):
            self._role = tag

    def _close(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._heading = 0
        elif tag in _LISTS and self._lists:
            self._lists.pop()
        elif tag == "li":
            self._mark = ""
        elif tag in ("dt", "dd"):
            self._role = ""
        elif tag == "dl":
            self._write_lone_term()

    def _next_mark(self, element: Element) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "-"
        number = _number(element, "value", number)
        self._lists[-1] = number + 1
        return f"{number}."

    def _write_whole(self, element: Element, tag: str) -> None:
        if tag == "pre":
            self._text.code(_seen_words(element))
            return
        for caption in _descendants(element, ("caption",)):
            self._text.paragraph(_seen_words(caption))
        for line in _joined_lines(_words_outside_cells(element)):
            self._text.paragraph(line)
        rows = [row for row in _descendants(element, ("tr",)) if not _is_unseen(row, "tr", True)]
        first = [_tag(cell) for cell in rows[0]] if rows else []
        named = len(first) > 1 and set(first) == {"th"}
        self._text.table(_cells(rows), has_header=True if named else None)


def _is_data(table: Element) -> bool:
    """Return whether a table is one of rows and columns, and not there for its looks."""
    has_rows = next(_descendants(table, ("tr",)), None) is not None
    return has_rows and next(_descendants(table, _NOT_IN_CELLS), None) is None


def _descendants(element: Element, tags: tuple[str, ...]) -> Iterator[Element]:
    """Yield what lies inside an element and has one of these names."""
    return (each for each in element.iterdescendants() if _tag(each) in tags)


def _cells(rows: list[Element]) -> Iterator[list[str]]:
    """Yield the cells of each row; a cell over several rows stands in each of them."""
    above: dict[int, tuple[int, str]] = {}  # column: how many rows more, and the cell
    for row in rows:
        line: list[str] = []
        for cell in row:
            _take_from_above(above, line)
            words, height = one_line(_seen_words(cell)), _number(cell, "rowspan", 1)
            width = min(_number(cell, "colspan", 1), _MAX_SPAN)
            # A name over several columns names each of them; a value stands there once.
            for each in [words, *[words if _tag(cell) == "th" else ""] * (width - 1)]:
                if height > 1:
                    above[len(line)] = (min(height, _MAX_SPAN) - 1, each)
                line.append(each)
        _take_from_above(above, line)
        yield line


def _take_from_above(above: dict[int, tuple[int, str]], line: list[str]) -> None:
    while len(line) in above:
        left, words = above.pop(len(line))
        if left > 1:
            above[len(line)] = (left - 1, words)
        line.append(words)


def _words_outside_cells(table: Element) -> str:
    """Return the words inside a table that are in no cell: broken markup has them."""
    from lxml import etree

    words: list[str] = []
    walk = etree.iterwalk(table, events=("start", "end"))
    for event, each in walk:
        tag = _tag(each)
        if tag not in INLINE:
            words.append("\n")
        if event == "end":
            words.append(_folded(each.tail or "") if each is not table else "")
        elif tag == "caption" or _tag(each.getparent()) == "tr" or _is_unseen(each, tag, True):
            walk.skip_subtree()
        else:
            words.append(_folded(each.text or ""))
    return "".join(words)


def _seen_words(element: Element, *, whole: bool = True) -> str:
    """Return the words inside an element that are seen; where a block ends, a line does."""
    from lxml import etree

    words: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, each in walk:
        tag = _tag(each)
        if tag not in INLINE and each is not element:
            words.append("\n")
        if event == "start" and _is_unseen(each, tag, whole):
            walk.skip_subtree()
        elif event == "start":
            formula = _formula_words(each, tag)
            if formula is not None:
                walk.skip_subtree()
            words.append((each.text or "") if formula is None else formula)
        elif each is not element:
            words.append(each.tail or "")
    return "".join(words)


def _formula_words(element: Element, tag: str) -> str | None:
    """Return what a formula or a superscript says in one line; None if an element is neither."""
    if tag == "math":
        return _one_line_formula(element)
    inside = list(islice(element.iterdescendants(), _NEAR)) if tag == "sup" else []
    if tag != "sup" or any(_tag(each) not in INLINE - {"sup", "sub"} for each in inside):
        return None
    if len(inside) == _NEAR or any(_is_unseen(each, _tag(each), True) for each in inside):
        return None
    return _raised("".join(element.itertext()))


def _raised(words: str) -> str:
    """Return words as a superscript, so that «10» and a raised «-3» are not «10-3».

    >>> _raised("-3"), _raised("n+1"), _raised("ші")
    ('⁻³', '^(n+1)', 'ші')
    """
    clean = one_line(words)
    if _RAISABLE.fullmatch(clean):
        return clean.translate(_SUPERSCRIPT)
    if len(clean) > _MAX_EXPONENT or not _EXPONENT.fullmatch(clean):
        return _folded(words)
    return f"^({clean})" if len(clean) > 1 else f"^{clean}"


def _one_line_formula(formula: Element) -> str:
    """Return a formula of MathML as people write it in one line: «x²», «(a+b)/2»."""
    from lxml import etree

    words: list[str] = []
    walk = etree.iterwalk(formula, events=("start", "end"))
    for event, each in walk:
        sign = "" if each is formula else _sign_before(each)
        space = " " if _tag(each) in ("mtext", "mtd") else ""  # words, or a cell of a matrix
        if event == "start" and _tag(each) in ("annotation", "annotation-xml"):
            walk.skip_subtree()
        elif event == "start":
            words += [space, sign, (each.text or "").strip()]
        elif each is not formula:
            words += ["\ue001" * sign.count("\ue000"), (each.tail or "").strip()]
            words.append(space)
    line = one_line("".join(words))
    line = _RAISED_PART.sub(lambda found: found[1].translate(_SUPERSCRIPT), line)
    return _PART.sub(r"\1", line).translate(_BRACKETS)


def _sign_before(part: Element) -> str:
    """Return what stands before a part of a formula; \ue001 then stands after it."""
    around = part.getparent()
    place = around.index(part) if len(around) < _NEAR else -1
    root = "√\ue000" if _tag(part) == "msqrt" else ""
    return _SIGNS.get((_tag(around), place), "") + root


def _number(element: Element, name: str, otherwise: int) -> int:
    """Return an attribute that is a whole number, or another number if it is none."""
    value = (element.get(name) or "").strip()
    return int(value) if re.fullmatch(r"[0-9]{1,6}", value) and value != "0" else otherwise


def _folded(words: str) -> str:
    """Return words whose line ends are spaces: only <br> ends a line."""
    return re.sub(r"[\r\n\t\f]+", " ", words)


def _joined_lines(words: str) -> list[str]:
    """Return the lines that <br> ends; one that goes on in lower case continues the one above.

    In a list each line stays: what follows a colon or a semicolon, begins in lower case from the
    first line on, or has lines that are all too short to be one sentence over several lines.
    """
    lines = [clean for line in words.split("\n") if (clean := one_line(line))]
    lower = sum(line[0].islower() for line in lines)
    if not lower or lines[0][0].islower() or (lower > 1 and max(map(len, lines)) < _SHORT_LINE):
        return lines
    joined: list[list[str]] = []
    in_list = False
    for line in lines:
        goes_on = line[0].islower()
        if joined and goes_on and not in_list and joined[-1][-1][-1] not in ".;!?":
            joined[-1].append(line)
        else:
            joined.append([line])
        in_list = line.endswith(":") or (in_list and goes_on)
    return [" ".join(parts) for parts in joined]
