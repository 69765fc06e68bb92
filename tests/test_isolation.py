"""Tests of ingest/readers/isolation.py and parsing_process.py: a file that breaks its parser.

Each hostile file lies in a folder with a good one: the good one is read, the other one is skipped
with its reason, or gives what text it has, and this process grows by little.
"""

import base64
import io
import os
import random
import resource
import shutil
import time
import zipfile
import zlib
from itertools import pairwise

import pytest
from campaign import at_length
from openpyxl import Workbook
from written_files import (
    CONTAINER,
    WRITERS,
    csv_table,
    docx,
    epub,
    html,
    odt,
    pdf,
    rtf,
    saved,
    scan,
    zipped,
)

from ingest.document import Parsed
from ingest.errors import CorpusError
from ingest.loader import read_paths
from ingest.readers import isolation
from ingest.readers.isolation import ParsingProcess
from ingest.readers.markdown import read as read_markdown

GOOD = "Ұлы дала өңірі һәм қоғам, ғылым, үміт.\n"
MEGABYTE = 1_000_000


def replaced(data, changes):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return zipped(files | changes)


def in_word(body, before=""):
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    whole = f"{before}<w:document {space}><w:body>{body}</w:body></w:document>"
    return replaced(docx(["ә"]), {"word/document.xml": whole})


def laughs():
    """Return a document type in which an entity is ten of the one before, nine times over."""
    entities = [
        f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in pairwise("abcdefghij")
    ]
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">{"".join(entities)}]>'


def raw_pdf(*objects):
    """Return a PDF of objects as they are written, with a table of where they lie."""
    data, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    end = b"trailer <</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(data))
    return data + head + table + end


def stream(data, filters=b"/FlateDecode"):
    return b"<</Length %d /Filter %b>>\nstream\n%b\nendstream" % (len(data), filters, data)


def pdf_page(content, tree=b"<</Type /Pages /Kids [3 0 R] /Count 1>>"):
    page = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources <<>> >>"
    return raw_pdf(b"<</Type /Catalog /Pages 2 0 R>>", tree, page, content)


def bomb(levels=1, size=100 * MEGABYTE):
    data = bytes(size)
    for _ in range(levels):
        data = zlib.compress(data, 9)
    return data


def far_cells():
    book = Workbook()
    for row in range(1, 200):
        book.active[f"XFD{row * 5000}"] = "ә"
    return saved(book)


def liar(data):
    """Return a ZIP whose directory says that its first member unpacks to nearly nothing."""
    at = data.index(b"PK\x01\x02") + 24
    return data[:at] + (5).to_bytes(4, "little") + data[at + 4 :]


def encrypted(data):
    """Return a ZIP whose directory says that its first member has a password."""
    at = data.index(b"PK\x01\x02") + 8
    return data[:at] + b"\x01" + data[at + 1 :]


EMPTY = stream(zlib.compress(b""))
CELL = '<table:table-cell table:number-columns-repeated="99999999"><text:p>ә</text:p>'

ROW_END = "</table:table-row></table:table>"


def kids(count, number):
    return b"<</Type /Pages /Kids [%b] /Count %d>>" % ((b"%d 0 R " % number) * count, count)


def hostile_files():
    """Return hostile files by name."""
    before, reference = laughs(), "&j;"
    big = "<w:p><w:r><w:t>ә</w:t></w:r></w:p>" * 100_000
    files = {
        # ZIP containers
        "bomb.docx": in_word("<w:p><w:r><w:t>" + " " * 20 * MEGABYTE + "</w:t></w:r></w:p>"),
        "bomb.odt": odt("<text:p>" + "ә" * 10 * MEGABYTE + "</text:p>"),
        "bomb.epub": epub(["<p>" + "a" * 20 * MEGABYTE]),
        "bomb.zip": zipped({f"{n}.txt": b"a" * 4 * MEGABYTE for n in range(8)}),
        "bomb.xlsx": replaced(saved(Workbook()), {"xl/sharedStrings.xml": b" " * 20 * MEGABYTE}),
        "many.zip": zipped({f"{n}.txt": b"" for n in range(10_001)}, zipfile.ZIP_STORED),
        "nested.zip": zipped({"in.zip": zipped({"in.zip": zipped({"а.txt": GOOD})})}),
        "liar.zip": liar(zipped({"а.txt": "ә" * 100_000})),
        "liar.docx": liar(docx(["ә"])),
        "cut.docx": docx(["ә"])[:-30],
        "cut.zip": zipped({"а.txt": GOOD})[:-1],
        "flags.zip": encrypted(zipped({"а.txt": GOOD})),
        "up.zip": zipped({"../../up.txt": "", "/etc/passwd": "", "C:\\x.txt": ""}),
        # XML
        "laughs.docx": in_word(f"<w:p><w:r><w:t>{reference}</w:t></w:r></w:p>", before),
        "laughs.odt": replaced(odt(["ә"]), {"content.xml": f"{before}<a>{reference}</a>"}),
        "laughs.epub": zipped({"META-INF/container.xml": f"{before}<a>{reference}</a>"}),
        "deep.docx": in_word("<w:tbl><w:tr><w:tc>" * 20_000),
        "closed.docx": in_word("<w:sdt>" * 200 + "</w:sdt>" * 200),
        "deep.odt": odt("<text:section>" * 50_000),
        "tables.docx": in_word("<w:tbl><w:tr><w:tc>" * 60 + big + "</w:tc></w:tr></w:tbl>" * 60),
        "no_body.docx": replaced(docx(["ә"]), {"word/document.xml": "<a/>"}),
        "spans.odt": odt(f"<table:table><table:table-row>{CELL}</table:table-cell>{ROW_END}"),
        "far.xlsx": far_cells(),
        "empty.epub": zipped({"META-INF/container.xml": CONTAINER}),
        # PDF
        "bomb.pdf": pdf_page(stream(bomb())),
        "double.pdf": pdf_page(stream(bomb(2), b"[/FlateDecode /FlateDecode]")),
        "filters.pdf": pdf_page(stream(b"x", b"[" + b"/FlateDecode " * 50_000 + b"]")),
        "long.pdf": pdf_page(stream(zlib.compress(b"q Q " * 10 * MEGABYTE, 9))),
        "circle.pdf": pdf_page(EMPTY, kids(1, 2)),
        "million.pdf": pdf_page(EMPTY, kids(200_000, 3)),
        "count.pdf": pdf_page(EMPTY, b"<</Type /Pages /Kids [] /Count 99999999>>"),
        "root.pdf": raw_pdf(b"<</Pages 1 0 R /Type /Catalog>>"),
        "deep.pdf": raw_pdf(b"[" * 100_000),
        "cut.pdf": pdf(["ә"])[:300],
        "header.pdf": b"%PDF-1.7",
        # text with markup
        "deep.html": ("<div>" * 100_000).encode(),
        "wide.html": ("<p>ә" * 100_000).encode(),
        "table.html": ("<table><tr>" + "<td colspan=99999 rowspan=99999>ә" * 5_000).encode(),
        "attributes.html": ("<p " + "a='b' " * 200_000 + ">ә").encode(),
        "entities.html": ("&" * MEGABYTE).encode(),
        "deep.md": ("> " * 50_000 + "ә").encode(),
        "lists.md": "".join(f"{'  ' * n}- ә\n" for n in range(1_000)).encode(),
        "links.md": ("[" * 50_000 + "ә").encode(),
        "stars.md": ("**ә" * 50_000).encode(),
        "quotes.csv": ('"' * 1_000_001).encode(),
        "columns.csv": ("ә;" * 500_000).encode(),
        "deep.rtf": b"{\\rtf1 " + b"{" * 200_000 + b"text",
        "words.rtf": b"{\\rtf1 " + b"\\b" * 300_000 + b"}",
        "binary.rtf": b"{\\rtf1 {\\pict\\bin999999999 " + bytes(1000) + b"}text}",
        "deep.jsonl": b'{"_id": "1", "text": "x", "y": ' + b"[" * MEGABYTE,
    }  # fmt: skip
    noise = os.urandom(5_000)
    for ending, magic in (
        ("docx", b"PK\x03\x04"),
        ("pdf", b"%PDF-"),
        ("rtf", b"{\\rtf1"),
        ("pptx", b"PK"),
    ):
        files[f"noise.{ending}"] = magic + noise
    for ending in ("docx", "pptx", "xlsx", "odt", "epub", "rtf", "pdf", "html", "md", "csv", "zip"):
        files[f"empty.{ending}"] = files.get(f"empty.{ending}", b"")
    return files


@pytest.fixture(scope="module")
def files():
    return hostile_files()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, files):
    """Return a folder of hostile files and three good ones."""
    made = tmp_path_factory.mktemp("hostile")
    unnamed = [name for name in files if name not in REFUSED]
    for name in at_length([*files], unnamed[::3]):
        (made / name).write_bytes(files[name])
    (made / "ең жақсы.txt").write_text(GOOD, "utf-8")
    (made / "жақсы.docx").write_bytes(docx([GOOD]))
    (made / "я.pdf").write_bytes(pdf([GOOD.strip()]))
    return made


@pytest.mark.slow
def test_hostile_files_stop_nothing_and_each_is_told(folder, files):
    """One in three beside the good ones, but under `make campaign`; the named ones are below."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    reading = read_paths([folder])
    took = time.monotonic() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    texts = {
        name: document.text.strip() for document in reading.documents for name in document.sources
    }
    for good in ("ең жақсы.txt", "жақсы.docx", "я.pdf"):
        assert texts[good] == GOOD.strip()
    told = {skip.path.split("/")[0] for skip in reading.skipped}
    read = {name.split("/")[0] for name in texts}
    assert told | read == {path.name for path in folder.iterdir()}
    for skip in reading.skipped:
        assert "\n" not in skip.reason
        assert len(skip.reason) < 500, skip
    assert len(files) >= 60
    assert took < 300
    assert grown < 500_000  # KB


REFUSED = {
    "bomb.zip": "ZIP that unpacks from",
    "bomb.xlsx": "XLSX that unpacks from",
    "many.zip": "ZIP with 10,001 members, expected at most 10,000",
    "nested.zip": "no document among its 1 files, expected one; nested.zip/in.zip: no reader",
    "flags.zip": "ZIP with a password",
    "cut.docx": "a damaged DOCX",
    "bomb.pdf": "page 1: damaged (LimitReachedError",
    "circle.pdf": "a damaged PDF",
    "root.pdf": "there is no text in it",
    "deep.html": "HTML nested too deeply",
    "deep.odt": "'content.xml' in it is no XML",
    "laughs.epub": "'META-INF/container.xml' in it is no XML",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_that_is_named_is_refused_with_its_reason(files, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(files[name])
    with pytest.raises(CorpusError) as caught:
        read_paths([path])
    told = caught.value.line()
    assert told.startswith(f"cannot read {str(path)!r}: {REFUSED[name]}")


# --- the process itself ---------------------------------------------------------------------------


@pytest.fixture
def process():
    with ParsingProcess() as made:
        yield made


def test_a_file_is_read_as_its_reader_reads_it(process):
    data = "# Тақырып\n\nМәтін, **қалың**.\n\n- тармақ".encode()
    assert process.read(".md", data, None) == list(read_markdown(data))
    [one] = process.read(".pdf", pdf(["Бір."], ["Екі."]), None)
    assert one == Parsed("Бір.\n\fЕкі.", pages=((0, 4), (6, 10)))


def test_the_encoding_is_handed_on(process):
    [one] = process.read(".csv", "Өзен;Суы\nЖайық;5".encode("kz1048"), "kz1048")
    assert one.text == "Өзен: Жайық; Суы: 5"


def test_one_process_reads_file_after_file(process):
    process.read(".md", GOOD.encode(), None)
    first = process._process.pid
    for _ in range(3):
        with pytest.raises(CorpusError):
            process.read(".md", b"\xff", None)
        process.read(".html", html([GOOD]), None)
    assert process._process.pid == first


def test_after_a_file_that_takes_too_long_the_next_one_is_read(process, monkeypatch):
    monkeypatch.setattr(isolation, "SECONDS", 1)
    with pytest.raises(CorpusError, match="it was not read in 1 s"):
        process.read(".html", ("<p>ә" * 200_000).encode(), None)
    monkeypatch.undo()
    [one] = process.read(".md", GOOD.encode(), None)
    assert one.text == GOOD.strip()


@pytest.mark.slow
def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_one_is_read(process):
    with pytest.raises(CorpusError, match=r"no HTML|too much memory|breaks the program"):
        process.read(".html", b"<p>" * 10 * MEGABYTE, None)
    [one] = process.read(".md", GOOD.encode(), None)
    assert one.text == GOOD.strip()


def test_a_process_that_is_killed_is_told_and_replaced(process):
    process.read(".md", GOOD.encode(), None)
    process._process.kill()
    with pytest.raises(CorpusError, match=r"breaks the program that reads it \(exit code -9\)"):
        process.read(".md", GOOD.encode(), None)
    assert len(process.read(".md", GOOD.encode(), None)) == 1


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="the system shows no environments")
def test_the_process_sees_no_secret_and_no_module_of_the_folder_it_starts_in(tmp_path, monkeypatch):
    (tmp_path / "lxml.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "CANARY")
    with ParsingProcess() as process:
        process.read(".html", html([GOOD]), None)
        with open(f"/proc/{process._process.pid}/environ", "rb") as file:
            assert b"CANARY" not in file.read()
    assert not (tmp_path / "ran").exists()


def test_a_process_that_does_not_start_is_told(process, monkeypatch):
    monkeypatch.setattr(isolation.sys, "executable", "/nowhere/python")
    with pytest.raises(CorpusError, match=r"does not start \(No such file or directory\)"):
        process.read(".md", GOOD.encode(), None)


def test_nothing_is_left_running():
    with ParsingProcess() as process:
        process.read(".md", GOOD.encode(), None)
        pid = process._process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_a_library_prints_is_no_answer(process):
    """Pypdf warns of what it finds odd in a file."""
    broken = pdf(["Бір."]).replace(b"startxref\n", b"startxref\n9")
    try:
        [one] = process.read(".pdf", broken, None)
    except CorpusError as error:
        assert "damaged" in str(error)  # noqa: PT017
    else:
        assert one.text == "Бір."


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
@pytest.mark.slow
def test_scans_are_recognised_within_the_limits(process):
    [one] = process.read(".pdf", scan("Қазақстан тарихы"), None)
    assert one.text == "Қазақстан тарихы"


# --- what is long costs what its text costs -------------------------------------------------------


@pytest.mark.parametrize("ending", [".md", ".html", ".csv", ".docx", ".odt", ".rtf"])
def test_a_long_line_costs_what_its_text_costs(ending):
    line = "Ұлы дала өңірі һәм қоғам ғылым үміт " * 3_000
    write = {".md": lambda each: each[0].encode(), ".html": html, ".csv": csv_table, ".docx": docx,
             ".odt": odt, ".rtf": rtf}[ending]  # fmt: skip
    started = time.process_time()
    with ParsingProcess() as process:
        [one] = process.read(ending, write([line]), None)
    assert one.text == line.strip()
    assert time.process_time() - started < 2


@pytest.mark.parametrize("ending", [".md", ".txt", ".csv"])
def test_a_file_of_base64_alone_is_refused_at_once(tmp_path, ending):
    data = base64.b64encode(os.urandom(750_000))
    (tmp_path / f"а{ending}").write_bytes(data)
    (tmp_path / "ә.txt").write_text(GOOD, "utf-8")
    started = time.process_time()
    [skip] = read_paths([tmp_path]).skipped
    assert skip.reason == "only encoded data, expected text; leave the file out"
    assert time.process_time() - started < 5


@pytest.mark.campaign
@pytest.mark.parametrize("ending", sorted(WRITERS))
def test_a_file_with_wrong_bytes_is_read_or_refused_in_one_line(process, ending):
    chance = random.Random(ending)
    whole = WRITERS[ending](["Ұлы дала өңірі һәм қоғам.", "Ғылым, үміт; іс: мемле-"])
    for _ in range(at_length(1_000, 25)):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 3, 20])):
            at, taken = chance.randrange(len(data) + 1), chance.choice([0, 1, 1, 30])
            data[at : at + taken] = chance.randbytes(chance.choice([0, 1, 9]))
        try:
            for one in process.read(ending, bytes(data), None):
                assert all(one.text[block.start : block.end].strip() for block in one.blocks)
        except CorpusError as error:
            assert "\n" not in error.line()  # noqa: PT017
            assert "exit code" not in error.line()  # noqa: PT017
