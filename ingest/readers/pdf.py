"""PDF: the text of each page, as far as the file has text; pages that are pictures are recognised.

pypdf reads it. Lines stay as they are set, but for words that a line end has cut: these are joined
where that is safe. Running titles and page numbers are left out; which page a place is on is in
`Parsed.pages`. The titles of the outline are headings, where the pages have them.
"""

import io
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ingest.document import Parsed, Span
from ingest.errors import CorpusError
from ingest.readers import pdf_outline
from ingest.readers.ocr import Recogniser
from ingest.readers.pdf_outline import damages
from ingest.readers.readable_text import MAX_CHARACTERS, one_line, visible
from ingest.readers.signature import expect

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MAX_PAGES: Final = 5_000

# A page begins after it: the sentence rules read on over it where a sentence does.
_PAGE_BREAK: Final = "\n\x0c"
_SOFT_CUT = re.compile(r"\u00ad[ \t]*(?:\r\n|[\r\n])?[ \t]*")
_CUT = re.compile(r"([^\W\d_]+)[-\u2010]\n([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PAGE_NUMBER = re.compile(
    r"(?:[-–—]\s*(?P<dashed>\d{1,4})\s*[-–—]|(?P<bare>\d{1,4})(?:\s*/\s*\d{1,4})?)"
)
_MIN_RUNNING: Final = 4  # pages with the same first or last line
# What programs write as the title of a file that its author gave none.
_NO_TITLE = re.compile(r"microsoft word\b|untitled|.*\.(?:docx?|pdf|rtf|odt|indd|pptx?)\Z", re.I)


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    """Yield a PDF as one document, with the span of each of its pages.

    Raises:
        CorpusError: The bytes are no PDF, it has a password or too many pages, or no page has text
            that can be read.
    """
    del encoding  # Fonts say which characters there are.
    expect(data, b"%PDF-", "PDF")
    reader = _opened(data)
    title = _title(reader)
    pages, left_out = _page_texts(reader)
    text, spans = _joined(pages)
    if not text.strip() and left_out:
        raise CorpusError(left_out[0], hint="make a PDF with text of it")
    yield Parsed(
        text,
        title=title,
        pages=spans,
        blocks=pdf_outline.blocks(text, spans, pdf_outline.outline(reader)),
        left_out=tuple(left_out),
    )


def _opened(data: bytes) -> "PdfReader":
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise CorpusError("a PDF with a password", hint="save it without one")
        count = len(reader.pages)
    except damages() as error:
        raise CorpusError(f"a damaged PDF ({error})", hint="open it and save it anew") from None
    if count > MAX_PAGES:
        raise CorpusError(
            f"{count:,} pages, expected at most {MAX_PAGES:,}", hint="cut it in parts"
        )
    return reader


def _title(reader: "PdfReader") -> str:
    """Return the title of a file's properties, if its author gave one."""
    try:
        title = one_line(str((reader.metadata and reader.metadata.title) or ""))
    except damages():
        return ""
    return "" if _NO_TITLE.match(title) else title


def _page_texts(reader: "PdfReader") -> tuple[list[str], list[str]]:
    """Return the text of each page, and which pages were not read, for which reasons."""
    recogniser = Recogniser()
    pages: list[str] = []
    length = 0
    failed: dict[str, list[int]] = {}
    for number, page in enumerate(reader.pages, start=1):
        try:
            pages.append(_page_text(page, recogniser))
        except CorpusError as error:
            pages.append("")
            failed.setdefault(error.line(), []).append(number)
        length += len(pages[-1])
        if length > MAX_CHARACTERS:
            raise CorpusError(
                f"over {MAX_CHARACTERS:,} characters of text by page {number}, expected fewer",
                hint="cut the file into parts",
            )
    return _without_running_lines(pages), [
        f"{_page_list(numbers)}: {reason}" for reason, numbers in failed.items()
    ]


def _page_text(page: "PageObject", recogniser: Recogniser) -> str:
    """Return the text of a page; of one without text but with pictures, what these say.

    Raises:
        CorpusError: The page is damaged, or a picture that cannot be read.
    """
    try:
        text = _clean(page.extract_text())
        if text.strip() or "/Resources" not in page:
            return text
        pictures = [picture.data for picture in page.images]
    except damages() as error:
        raise CorpusError(f"damaged ({type(error).__name__}: {error})") from None
    return _clean("\n\n".join(recogniser.text_of(picture) for picture in pictures))


def _clean(text: str) -> str:
    """Return a page's text with single spaces, without blanks at line ends; empty lines stay."""
    whole = visible(_SOFT_CUT.sub("", text).replace("\x0c", "\n"))
    return "\n".join(" ".join(line.split()) for line in whole.splitlines()).strip("\n")


def _page_list(numbers: list[int]) -> str:
    """Return "page 3" or "pages 2-4, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    named = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
    return f"page{'s' if len(numbers) > 1 else ''} {named}"


def _without_running_lines(pages: list[str]) -> list[str]:
    """Return the pages without the first and last lines that most pages share, and their numbers.

    A number is a page's if it grows by one with each page.
    """
    lines = [page.split("\n") for page in pages]
    ends = Counter(line for page in lines for line in {page[0], page[-1]} if line)
    most = max(_MIN_RUNNING, len(pages) // 2 + 1)
    running = {line for line, times in ends.items() if times >= most}
    for page in lines:
        _drop_ends(page, running)
    numbers = Counter(
        number - at
        for at, page in enumerate(lines)
        for number in {_page_number(page[0]), _page_number(page[-1])}
        if number is not None
    )
    counted = {first for first, times in numbers.items() if 2 * times > len(pages) > 1}
    for at, page in enumerate(lines):
        own = {first + at for first in counted}
        _drop_ends(page, {line for line in (page[0], page[-1]) if _page_number(line) in own})
        _drop_ends(page, running)  # what stood before the number
    return ["\n".join(page) for page in lines]


def _drop_ends(page: list[str], dropped: Container[str]) -> None:
    """Take the first and the last line from a page where they are to be dropped, or empty."""
    for at in (0, -1):
        if len(page) > 1 and (page[at] in dropped or not page[at]):
            page.pop(at)


def _page_number(line: str) -> int | None:
    found = _PAGE_NUMBER.fullmatch(line)
    return int(found["dashed"] or found["bare"]) if found else None


def _joined(pages: Iterable[str]) -> tuple[str, tuple[Span, ...]]:
    """Return the text of all pages, cut words joined, and the span of each page."""
    pages = list(pages)
    words = Counter(word.lower() for page in pages for word in _WORD.findall(page))
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    for page in pages:
        whole = _with_whole_words(page, words)
        gap = _PAGE_BREAK if length and whole else ""
        spans.append((length + len(gap), length + len(gap) + len(whole)))
        parts += [gap, whole]
        length = spans[-1][1]
    return "".join(parts), tuple(spans)


def _with_whole_words(page: str, words: Counter[str]) -> str:
    """Join words that a line end has cut, where the document itself shows how they are written.

    «мемле-/кет» is joined if «мемлекет» stands elsewhere, «әлеуметтік-/экономикалық» keeps its
    hyphen if it stands elsewhere with one. Where the document shows neither, nothing is changed:
    the hyphen may belong to the word.
    """

    def joined(cut: re.Match[str]) -> str:
        first, second = cut[1], cut[2]
        if not second[0].islower():
            return cut[0]
        if words[f"{first}{second}".lower()]:
            return f"{first}{second}"
        return f"{first}-{second}" if words[f"{first}-{second}".lower()] else cut[0]

    return _CUT.sub(joined, page)
