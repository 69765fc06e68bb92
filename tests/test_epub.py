"""Tests of ingest/readers/epub.py: books of XHTML pages, and what pandoc makes of Markdown."""

import shutil
import subprocess
import zipfile
from io import BytesIO

import pytest
from written_files import CONTAINER, docx, epub, zipped

from ingest.errors import CorpusError
from ingest.readers import READERS
from ingest.readers.epub import read

CHAPTERS = [
    "<h1>Бірінші тарау</h1><p>Ұлы дала.</p><aside epub:type='footnote'><p>Түсінік.</p></aside>",
    "<section><h2>Ішкі бөлім</h2><ul><li>өнер</li></ul></section>",
]


def repacked(book, changes):
    """Return a book with other contents of some members; None takes a member out."""
    with zipfile.ZipFile(BytesIO(book)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()} | changes
    return zipped({name: content for name, content in files.items() if content is not None})


def test_chapters_come_in_reading_order_with_their_blocks():
    (one,) = read(epub(CHAPTERS, title="Қазақ тарихы"))
    assert one.title == "Қазақ тарихы"
    assert [
        (block.kind, block.level, one.text[block.start : block.end]) for block in one.blocks
    ] == [
        ("heading", 1, "Бірінші тарау"),
        ("paragraph", 0, "Ұлы дала."),
        ("paragraph", 0, "Түсінік."),
        ("heading", 2, "Ішкі бөлім"),
        ("item", 0, "- өнер"),
    ]


@pytest.mark.parametrize("title", ["", " ", "Unknown Title", "UNTITLED"])
def test_a_book_without_a_title_is_called_as_its_first_heading(title):
    (one,) = read(epub(CHAPTERS, title=title))
    assert one.title == "Бірінші тарау"


def test_a_chapter_that_is_missing_is_told_and_the_others_are_read():
    (one,) = read(repacked(epub(CHAPTERS), {"OEBPS/ch 0.xhtml": None}))
    assert one.text == "Ішкі бөлім\n\n- өнер"
    assert one.left_out == ("OEBPS/ch 0.xhtml: no 'OEBPS/ch 0.xhtml' in it, expected one",)


def test_a_book_in_a_code_page_has_one_note():
    book = epub(["а", "ә", "б"])
    page = "<html><body><p>Қазақстанда ұлттық өнер бар</p></body></html>".encode("kz1048")
    (one,) = read(repacked(book, {f"OEBPS/ch {number}.xhtml": page for number in range(3)}))
    assert one.text.count("Қазақстанда ұлттық өнер бар") == 3
    [note] = one.notes
    assert note.startswith("OEBPS/ch 0.xhtml: read as KZ-1048")
    assert note.endswith("(and 2 more of its pages have a note)")


@pytest.mark.parametrize("href", ["../../../etc/passwd", "/etc/passwd", "file:///etc/passwd"])
def test_a_chapter_outside_the_book_is_never_opened(href):
    book = epub(["Мәтін."])
    with zipfile.ZipFile(BytesIO(book)) as archive:
        package = archive.read("OEBPS/book.opf").decode()
    (one,) = read(repacked(book, {"OEBPS/book.opf": package.replace("ch%200.xhtml", href)}))
    assert one.text == ""
    assert "in it, expected one" in one.left_out[0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (docx(["Мәтін."]), "no 'META-INF/container.xml' in it"),
        (zipped({"META-INF/container.xml": "<a/>"}), "names no book"),
        (zipped({"META-INF/container.xml": CONTAINER}), "no 'OEBPS/book.opf' in it"),
        (epub(["Мәтін."])[:300], "a damaged EPUB"),
        (b"", "the file is empty"),
    ],
)
def test_what_is_no_epub_is_refused(data, message):
    with pytest.raises(CorpusError, match=message):
        list(read(data))


MARKDOWN = """# Ереже

Ұлы дала өңірі һәм қоғам.

- ғылым
- үміт

| Қала | Жылы | Өзені |
|------|------|-------|
| Орал | 1613 | Жайық |
"""


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="pandoc is not installed")
@pytest.mark.parametrize("ending", [".html", ".docx", ".odt", ".epub"])
def test_what_pandoc_writes_gives_the_same_text(tmp_path, ending):
    source, target = tmp_path / "ә.md", tmp_path / f"out{ending}"
    source.write_text(MARKDOWN, "utf-8")
    subprocess.run(["pandoc", source, "-o", target], check=True, timeout=60, capture_output=True)
    (one,) = READERS[ending](target.read_bytes(), None)
    lines = [line for line in one.text.splitlines() if line]
    assert lines[-5:] == [
        "Ереже",
        "Ұлы дала өңірі һәм қоғам.",
        "- ғылым",
        "- үміт",
        "Қала: Орал; Жылы: 1613; Өзені: Жайық",
    ]
