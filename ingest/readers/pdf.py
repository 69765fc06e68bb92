"""PDF: the text of each page, as far as the file has text; pages that are pictures are recognised.

pypdf reads it. Lines stay as they are set, but for words that a line end has cut: these are joined
where that is safe. Running titles and page numbers are left out; which page a place is on is in
`Parsed.pages`. The titles of the outline are headings, where the pages have them.
"""

import io
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

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
_FIRST_YEAR: Final = 1900
# The bullet of a list in a font of pictures has a private code, which says nothing to anybody.
_PICTURE_BULLET = re.compile(r"^[\uf020-\uf0ff](?=\s)")
_LAST_YEAR: Final = 2099
_MIN_RUNNING: Final = 4  # pages with the same first or last line
_MIN_NUMBERED: Final = 3  # pages: two numbers that follow each other may be anything
_KAZAKH = re.compile("[әғқңөұүһі]", re.IGNORECASE)
_LONE = re.compile(rf"(?<!\S){_KAZAKH.pattern}(?!\S)", re.IGNORECASE)
_MAX_PIECES: Final = 12  # of one word
# A page of prose has 1,500 letters and more; a stamp of a signature with its dates has 100.
_LITTLE: Final = 200
_MOST_OF_PAGE: Final = 0.5
_NOT_DRAWN: Final = 3  # a way to draw text: so that it can be found and copied, but is not seen
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
        pages.append("")
        try:
            pages[-1] = _page_text(page)
            pages[-1] = _with_scan(page, pages[-1], recogniser)
        except CorpusError as error:
            failed.setdefault(error.line(), []).append(number)
        except damages() as error:
            reason = CorpusError(f"damaged ({type(error).__name__}: {error})").line()
            failed.setdefault(reason, []).append(number)
        length += len(pages[-1])
        if length > MAX_CHARACTERS:
            raise CorpusError(
                f"over {MAX_CHARACTERS:,} characters of text by page {number}, expected fewer",
                hint="cut the file into parts",
            )
    return _without_running_lines(pages), [
        f"{_page_list(numbers)}: {reason}" for reason, numbers in failed.items()
    ]


def _page_text(page: "PageObject") -> str:
    """Return the text that a page has, without the spaces that a change of font leaves in words."""
    text = _clean(page.extract_text())
    if _LONE.search(text):
        try:
            text = _joined_letters(text, _clean(page.extract_text(extraction_mode="layout")))
        except damages():
            return text  # The other way to read it is for the spaces only.
    return text


def _joined_letters(text: str, layout: str) -> str:
    """Return a text whose words are whole where its layout shows them so.

    A font without Kazakh letters leaves them to another: «к ө рсету». The layout has the right
    spaces, but not the order of columns.

    >>> _joined_letters("екі Қ ызмет к ө рсету", "Қызмет екі көрсету")
    'екі Қызмет көрсету'
    """
    words = set(layout.split())
    return "\n".join(" ".join(_whole_words(line.split(), words)) for line in text.split("\n"))


def _whole_words(pieces: list[str], words: set[str]) -> Iterator[str]:
    at = 0
    while at < len(pieces):
        for end in range(min(len(pieces), at + _MAX_PIECES), at + 1, -1):
            whole = "".join(pieces[at:end])
            if whole in words and _KAZAKH.search(whole) and not words.issuperset(pieces[at:end]):
                break
        else:
            whole, end = pieces[at], at + 1
        yield whole
        at = end


def _with_scan(page: "PageObject", text: str, recogniser: Recogniser) -> str:
    """Return the text of a page with what its pictures say, where these are the page.

    They are where there is no text, and where there is little (the stamp of a signature, the name
    of a program) over a picture of the whole page.

    Raises:
        CorpusError: A picture cannot be read.
    """
    if "/Resources" not in page or (text.strip() and not _is_stamped_scan(page, text)):
        return text
    pictures = [picture.data for picture in page.images]
    said = _clean("\n\n".join(recogniser.text_of(picture) for picture in pictures))
    shown = {word for word in text.split() if word not in said}
    return f"{said}\n\n{text}" if shown and said else said or text


def _is_stamped_scan(page: "PageObject", text: str) -> bool:
    """Return whether a page has little text over a picture of the page.

    Text that is not drawn is what a program has read in the picture already.
    """
    resources = page["/Resources"].get_object()
    if sum(map(str.isalpha, text)) >= _LITTLE or "/XObject" not in resources:  # type: ignore[operator]
        return False
    objects = resources["/XObject"].get_object()  # type: ignore[index]
    whole = float(page.mediabox.width) * float(page.mediabox.height)
    pictured, unseen = 0.0, False

    def look(operator: bytes, operands: list[Any], matrix: list[float], _: list[float]) -> None:
        nonlocal pictured, unseen
        unseen = unseen or (operator == b"Tr" and operands == [_NOT_DRAWN])
        if operator == b"Do" and operands and operands[0] in objects:
            a, b, c, d = map(float, matrix[:4])
            if objects[operands[0]].get_object().get("/Subtype") == "/Image":
                pictured += abs(a * d - b * c)  # Some scanners cut a page into strips.

    page.extract_text(visitor_operand_before=look)
    return pictured >= _MOST_OF_PAGE * whole and not unseen


def _clean(text: str) -> str:
    """Return a page's text with single spaces, without blanks at line ends; empty lines stay."""
    whole = visible(_SOFT_CUT.sub("", text).replace("\x0c", "\n"))
    lines = (" ".join(line.split()) for line in whole.splitlines())
    return "\n".join(_PICTURE_BULLET.sub("•", line) for line in lines).strip("\n")


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

    A number is a page's if it stands at the same end of most, and grows by one with each page.
    """
    lines = [page.split("\n") for page in pages]
    ends = Counter(line for page in lines for line in {page[0], page[-1]} if line)
    most = max(_MIN_RUNNING, len(pages) // 2 + 1)
    running = {line for line, times in ends.items() if times >= most}
    for page in lines:
        _drop_ends(page, running)
    for end in (0, -1):
        _drop_numbers(lines, end)
    for page in lines:
        _drop_ends(page, running)  # what stood before the number
    return ["\n".join(page) for page in lines]


def _drop_numbers(pages: list[list[str]], end: int) -> None:
    """Take the numbers of the pages from one of their ends."""
    numbers = [_page_number(page, end) for page in pages]
    firsts = Counter(number - at for at, number in enumerate(numbers) if number is not None)
    for first, times in firsts.most_common(1):
        if 2 * times > len(pages) >= _MIN_NUMBERED:
            for at, page in enumerate(pages):
                if numbers[at] == first + at and len(page) > 1:
                    page.pop(end)


def _drop_ends(page: list[str], dropped: Container[str]) -> None:
    """Take the first and the last line from a page where they are to be dropped, or empty."""
    for at in (0, -1):
        if len(page) > 1 and (page[at] in dropped or not page[at]):
            page.pop(at)


def _page_number(page: list[str], end: int) -> int | None:
    """Return the number that a page ends or begins with; none that is a year, or after a colon."""
    found = _PAGE_NUMBER.fullmatch(page[end])
    if not found or (end and page[-2:-1] and page[-2].endswith(":")):
        return None
    number = int(found["dashed"] or found["bare"])
    return None if _FIRST_YEAR <= number <= _LAST_YEAR else number


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
