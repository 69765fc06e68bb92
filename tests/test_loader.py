"""Tests of ingest/loader.py: the two documents that ship, and folders as people have them."""

import hashlib
import json
import os
import random
import shutil
import signal
import tomllib
import unicodedata
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from openpyxl import Workbook
from written_files import pdf, saved, zipped

from ingest.document import Block, text_sha256
from ingest.errors import CorpusError
from ingest.loader import read_paths, read_shipped
from ingest.source_file import Skipped, SourceFile

CORPUS = Path(__file__).parents[1] / "ingest" / "corpus"
TEXT = "Қазақстан – тәуелсіз ел. Үкімет жиналысын өткізді.\n"
as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")


@pytest.fixture(autouse=True)
def no_hang():
    """Turn a read that would wait for ever into a failure."""

    def stop(*_):
        raise AssertionError("still reading after 10 s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 10)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def folder(tmp_path):
    """Return a folder with one readable file, «мәтін.txt»."""
    made = tmp_path / "құжаттар"
    put(made / "мәтін.txt", TEXT)
    return made


def put(path, content=TEXT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def ids(reading):
    return [document.id for document in reading.documents]


def reasons(reading):
    return {skip.path: skip.reason for skip in reading.skipped}


# --- the documents that ship ----------------------------------------------------------------------


def test_shipped_documents_are_the_files_byte_for_byte():
    documents = read_shipped().documents
    sources = tomllib.loads((CORPUS / "SOURCES.toml").read_text("utf-8"))["document"]
    assert [document.id for document in documents] == ["kk_foreign_policy", "en_foreign_policy"]
    assert [document.language for document in documents] == ["kk", "en"]
    for document, source in zip(documents, sources, strict=True):
        data = (CORPUS / source["file"]).read_bytes()
        assert document.text.encode("utf-8") == data
        assert document.sha256 == hashlib.sha256(data).hexdigest() == source["sha256"]
        assert (document.title, document.source) == (source["title"], source["file"])


def test_every_text_that_ships_has_a_source():
    sources = tomllib.loads((CORPUS / "SOURCES.toml").read_text("utf-8"))["document"]
    assert sorted(source["file"] for source in sources) == sorted(
        path.name for path in CORPUS.glob("*.txt")
    )


def test_an_altered_shipped_document_is_refused(tmp_path, monkeypatch):
    shutil.copytree(CORPUS, tmp_path / "corpus")
    altered = tmp_path / "corpus" / "kk_foreign_policy.txt"
    altered.write_bytes(altered.read_bytes().replace("ң".encode(), "н".encode(), 1))
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    with pytest.raises(CorpusError, match=r"kk_foreign_policy.txt has sha256 .*, expected 30a0d87"):
        read_shipped()


# --- what is found in a folder --------------------------------------------------------------------


def test_a_named_file_becomes_a_document(tmp_path):
    file = put(tmp_path / "мәтін.txt")
    (document,) = read_paths([file]).documents
    assert (document.id, document.source, document.title) == ("мәтін.txt", "мәтін.txt", "")
    assert (document.text, document.language) == (TEXT, "kk")
    assert document.sha256 == text_sha256(TEXT) == hashlib.sha256(TEXT.encode()).hexdigest()


def test_a_folder_is_read_in_name_order_without_hidden_files(tmp_path):
    for name in ("ә.txt", "б.md", "а.txt", "10.txt", "9.txt", "ы/б.txt", "ы/а.TXT", "ж/в/г.text"):
        put(tmp_path / name, f"Бұл – {name}.")
    for name in (".құпия.txt", ".git/config.txt", "ы/.жасырын/а.txt", "ы/.а.txt"):
        put(tmp_path / name)
    reading = read_paths([tmp_path])
    assert ids(reading) == [
        *("10.txt", "9.txt", "а.txt", "б.md", "ә.txt"),  # by code point
        *("ж/в/г.text", "ы/а.TXT", "ы/б.txt"),
    ]
    assert reading.skipped == ()


def test_a_hidden_folder_that_is_named_is_read(tmp_path):
    put(tmp_path / ".жасырын" / "а.txt")
    assert ids(read_paths([tmp_path / ".жасырын"])) == ["а.txt"]


def test_paths_are_read_in_the_order_given(tmp_path):
    files = [put(tmp_path / name, f"Бұл – {name}.") for name in ("в.txt", "а.txt", "б.txt")]
    assert ids(read_paths(files)) == ["в.txt", "а.txt", "б.txt"]


@pytest.mark.parametrize("again", [["."], ["а.txt"], [".", "а.txt"], ["а.txt", "."]])
def test_what_is_named_twice_is_read_once(tmp_path, monkeypatch, again):
    put(tmp_path / "а.txt")
    monkeypatch.chdir(tmp_path)
    assert ids(read_paths(Path(name) for name in again + again)) == ["а.txt"]


@pytest.mark.parametrize(
    "name",
    [
        "Қазақстан тарихы.txt",
        "бос  орын (2) – көшірме.txt",
        "жол\nбөлінген.txt",
        "a'b\"c`d$e;f&g.txt",
        "[bold]ә[red].txt",
        "-k.txt",
        "😀ң.md",
        unicodedata.normalize("NFD", "йод ғылымы й.txt"),
        "ұ" * 120 + ".txt",
        "екі.нүкте.соңы.txt",
    ],
)
def test_any_file_name_is_an_id(tmp_path, name):
    put(tmp_path / name)
    expected = [unicodedata.normalize("NFC", name)]  # as people type it
    assert ids(read_paths([tmp_path])) == ids(read_paths([tmp_path / name])) == expected


def test_a_file_name_that_is_no_text_becomes_one(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"\xd2\x9b\xff.txt")
    with open(path, "wb") as file:
        file.write(TEXT.encode())
    (document,) = read_paths([tmp_path]).documents
    assert document.id == document.source == "қ\\udcff.txt"
    assert document.id.encode("utf-8").decode("utf-8") == document.id


def test_same_names_in_two_folders_get_their_own_ids(tmp_path):
    for name in ("бір", "екі"):
        put(tmp_path / name / "мәтін.txt", f"Бұл – {name}.")
        put(tmp_path / name / "іші" / "мәтін.txt", f"Бұл – {name}, іші.")
    reading = read_paths([tmp_path / "бір", tmp_path / "екі"])
    assert {document.id: document.text for document in reading.documents} == {
        "бір/мәтін.txt": "Бұл – бір.",
        "бір/іші/мәтін.txt": "Бұл – бір, іші.",
        "екі/мәтін.txt": "Бұл – екі.",
        "екі/іші/мәтін.txt": "Бұл – екі, іші.",
    }


def test_same_names_named_themselves_get_their_own_ids(tmp_path):
    files = [put(tmp_path / name / "мәтін.txt", f"Бұл – {name}.") for name in ("бір", "екі")]
    assert ids(read_paths(files)) == ["бір/мәтін.txt", "екі/мәтін.txt"]


def test_duplicate_ids_in_a_corpus_are_refused(tmp_path):
    line = '{"_id": "құжат", "text": "Сөйлем."}\n'
    file = put(tmp_path / "corpus.jsonl", line * 2)
    with pytest.raises(CorpusError, match=r"the id 'құжат' is used by 2 documents \(in corpus"):
        read_paths([file])


def test_a_file_is_not_called_as_a_document_that_brings_its_id(tmp_path):
    put(tmp_path / "қ" / "а.jsonl", '{"_id": "б.txt", "text": "Сөйлем."}')
    put(tmp_path / "қ" / "б.txt")
    for paths in ([tmp_path / "қ"], [tmp_path / "қ" / "б.txt", tmp_path / "қ" / "а.jsonl"]):
        documents = read_paths(paths).documents
        assert {document.id: document.text for document in documents} == {
            "б.txt": "Сөйлем.",
            "қ/б.txt": TEXT,
        }


def test_a_second_document_of_an_id_in_a_named_file_is_refused(tmp_path):
    first = put(tmp_path / "а.jsonl", '{"_id": "1", "text": "Сөйлем."}')
    second = put(tmp_path / "б.jsonl", '{"_id": "1", "text": "Басқа сөйлем."}')
    with pytest.raises(CorpusError, match=r"'1' is used by 2 documents \(in а.jsonl, б.jsonl\)"):
        read_paths([first, second])


def test_a_corpus_that_lies_there_packed_as_well_is_read_once(tmp_path):
    lines = "".join(f'{{"_id": "құжат {number}", "text": "Сөйлем."}}\n' for number in "123")
    put(tmp_path / "corpus.jsonl", lines)
    put(tmp_path / "corpus.zip", zipped({"corpus.jsonl": lines, "ә.txt": TEXT}))
    reading = read_paths([tmp_path])
    assert ids(reading) == ["құжат 1", "құжат 2", "құжат 3", "corpus.zip/ә.txt"]
    assert reasons(reading) == {
        "corpus.zip/corpus.jsonl": "the id 'құжат 1' is used by a document of corpus.jsonl;"
        " so are 2 more ids"
    }


def test_a_corpus_gives_a_document_a_line_and_languages_are_told(tmp_path):
    rows = ['{"_id": "1", "text": "Бұл қай ел?"}', '{"_id": "2", "text": "What is this?"}']
    file = put(tmp_path / "corpus.jsonl", "\n".join(rows))
    documents = read_paths([file]).documents
    assert [(document.id, document.language, document.source) for document in documents] == [
        ("1", "kk", "corpus.jsonl"),
        ("2", "en", "corpus.jsonl"),
    ]


def test_the_encoding_is_handed_on(tmp_path):
    put(tmp_path / "ескі.txt", TEXT.replace("–", "-").encode("kz1048"))
    put(tmp_path / "жаңа.txt", TEXT)
    reading = read_paths([tmp_path], "kz1048")
    assert [document.text for document in reading.documents] == [TEXT.replace("–", "-"), TEXT]
    assert reading.skipped == ()


@pytest.mark.parametrize("name", ["ә.txt", "ә.md", "ә.html", "ә.csv", "ә.tsv", "ә.jsonl"])
def test_an_encoding_that_the_letters_told_is_a_note(tmp_path, name):
    rows = [{"_id": number, "text": TEXT} for number in ("1", "2")]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    file = put(tmp_path / name, (lines if name.endswith(".jsonl") else TEXT).encode("kz1048"))
    reading = read_paths([file])
    assert "Үкімет жиналысын өткізді" in reading.documents[0].text
    [note] = reading.skipped
    assert (note.path, note.is_read) == (name, True)
    assert note.reason.startswith("read as KZ-1048, told by its letters: «")


def test_a_wrong_encoding_is_a_note(tmp_path):
    put(tmp_path / "ә.zip", zipped({"ескі.txt": TEXT.encode("kz1048"), "жаңа.txt": TEXT}))
    reading = read_paths([tmp_path], "cp1251")
    assert ids(reading) == ["ә.zip/ескі.txt", "ә.zip/жаңа.txt"]
    assert [skip.is_read for skip in reading.skipped] == [True]
    assert "KZ-1048 reads better: «" in reasons(reading)["ә.zip/ескі.txt"]


def test_a_document_has_the_pages_and_blocks_that_its_reader_gives(tmp_path):
    files = [
        put(tmp_path / "ә.pdf", pdf(["Бір."], ["Екі."])),
        put(tmp_path / "б.md", "# Бір\n\n- екі"),
    ]
    paged, blocked = read_paths(files).documents
    assert (paged.text, paged.pages, paged.blocks) == ("Бір.\n\fЕкі.", ((0, 4), (6, 10)), ())
    assert (blocked.text, blocked.title) == ("Бір\n\n- екі", "Бір")
    assert blocked.blocks == (Block(0, 3, "heading", 1), Block(5, 10, "item"))
    assert blocked.sha256 == text_sha256(blocked.text)


def test_a_line_of_encoded_data_is_told_and_the_others_are_read(tmp_path):
    rows = [{"_id": "а", "text": BASE64}, {"_id": "ә", "text": f"Сурет: {BASE64}"}]
    lines = "\n".join(json.dumps(row) for row in rows)
    reading = read_paths([put(tmp_path / "corpus.jsonl", lines)])
    assert ids(reading) == ["ә"]
    assert reasons(reading) == {"а": "only encoded data, expected text"}


def test_what_was_left_out_of_a_document_is_told(tmp_path):
    book = Workbook()
    book.active.append(["Өзен", "Жайық"])
    book.create_sheet("Құпия").sheet_state = "hidden"
    reading = read_paths([put(tmp_path / "ә.xlsx", saved(book))])
    assert ids(reading) == ["ә.xlsx"]
    assert reasons(reading) == {"ә.xlsx": "hidden sheets: Құпия"}


def test_a_file_that_is_too_large_to_be_parsed_is_not_read_at_all(folder):
    with (folder / "кітап.pdf").open("wb") as book:
        book.truncate(2**40)  # a hole of a terabyte
    assert reasons(read_paths([folder])) == {
        "кітап.pdf": "1,099,511,627,776 bytes, expected at most 500,000,000; cut it in parts"
    }


# --- what gives no document -----------------------------------------------------------------------

BASE64 = "iVBORw0KGgoAAAANSUhEUgAAAAUA" * 4
BINARY = {
    "random.txt": random.Random(7).randbytes(5_000),
    "png.txt": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "nul.txt": "Қазақ\x00стан".encode(),
    "nuls.txt": bytes(100),
    "elf.md": b"\x7fELF\x02\x01\x01" + bytes(9),
}
UNREADABLE = BINARY | {
    "empty.txt": b"",
    "blank.txt": " \n\t\r\n\u00a0\u2003".encode(),
    "mark.txt": b"\xef\xbb\xbf",
    "blank.md": b"\n\n",
    "empty.jsonl": b"",
    "blank.jsonl": b"\n \n",
    "bad.jsonl": b'{"_id": "1", "text": "a"}\n{"_id": ',
    "report.pdf": b"%PDF-1.7",
    "blank.pdf": pdf([]),
    "base64.txt": BASE64.encode(),
    "old.doc": b"\xd0\xcf\x11\xe0",
    "photo.PNG": b"\x89PNG",
    "Makefile": b"all:\n",
    "kz1048.txt": "Қазақ".encode("kz1048"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_named_file_that_gives_nothing_is_an_error(tmp_path, name):
    file = put(tmp_path / name, UNREADABLE[name])
    with pytest.raises(CorpusError, match="cannot read") as caught:
        read_paths([put(tmp_path / "мәтін.txt"), file])
    assert name in str(caught.value)
    assert "\n" not in caught.value.line()


def test_found_is_indexed_and_skipped(folder):
    for name, data in UNREADABLE.items():
        put(folder / "басқа" / name, data)
    put(folder / "а.md", "# Тақырып\n\nМәтін.")
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    reading = read_paths([folder])
    assert len(files) == 2 + len(UNREADABLE)
    assert {*ids(reading), *reasons(reading)} == files
    assert len(reading.documents) + len(reading.skipped) == len(files)
    assert all(reasons(reading).values())


@pytest.mark.parametrize("name", BINARY)
def test_a_binary_file_is_called_one(folder, name):
    put(folder / name, BINARY[name])
    assert "binary file" in reasons(read_paths([folder]))[name]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty.txt", "the file is empty"),
        ("blank.txt", "the file is empty"),
        ("mark.txt", "the file is empty"),
        ("empty.jsonl", "the file is empty"),
        ("bad.jsonl", "line 2 is not JSON"),
        ("report.pdf", "a damaged PDF ("),
        ("blank.pdf", "there is no text in it"),
        ("base64.txt", "only encoded data, expected text; leave the file out"),
        ("old.doc", "no reader for '.doc'; save it as .docx; known: .csv .docx"),
        ("photo.PNG", "no reader for '.PNG'"),
        ("Makefile", "no reader for a file without an ending"),
        ("kz1048.txt", "not utf-8 text (byte 0 cannot be decoded)"),
    ],
)
def test_what_is_skipped_has_its_reason(folder, name, reason):
    put(folder / name, UNREADABLE[name])
    reading = read_paths([folder])
    assert ids(reading) == ["мәтін.txt"]
    assert reasons(reading)[name].startswith(reason)


def test_a_file_without_a_reader_is_not_read_at_all(folder):
    with (folder / "фильм.mkv").open("wb") as film:
        film.truncate(2**40)  # a hole of a terabyte: no memory holds it
    assert reasons(read_paths([folder]))["фильм.mkv"].startswith("no reader for '.mkv'")


@pytest.mark.parametrize("make", [str, lambda name: f"жоқ/{name}", lambda name: name * 600])
def test_a_missing_path_is_an_error(tmp_path, make):
    with pytest.raises(CorpusError, match="no such file or folder") as caught:
        read_paths([tmp_path / make("жоқ.txt")])
    assert caught.value.hint


@pytest.mark.parametrize("text", ["а\x00ә.txt", "\ud800.txt"])
def test_an_impossible_path_is_an_error(text):
    with pytest.raises(CorpusError, match="no such file or folder"):
        read_paths([Path(text)])


@pytest.mark.parametrize("names", [[], ["бос/"], [".жасырын.txt"]])
def test_a_folder_without_files_is_an_error(tmp_path, names):
    for name in names:
        (tmp_path / name).mkdir() if name.endswith("/") else put(tmp_path / name)
    with pytest.raises(CorpusError, match="no document in 0 files, expected at least one"):
        read_paths([tmp_path])


def test_a_folder_of_skipped_files_is_an_error_with_the_first_reason(tmp_path):
    put(tmp_path / "а.mkv")
    put(tmp_path / "ә.txt", b"")
    with pytest.raises(CorpusError, match=r"no document in 2 files.*а\.mkv: no reader for '\.mkv'"):
        read_paths([tmp_path])


@as_root
def test_an_unreadable_file_is_skipped(folder):
    put(folder / "жабық.txt").chmod(0)
    put(folder / "жабық" / "мәтін.txt").parent.chmod(0)
    skipped = reasons(read_paths([folder]))
    (folder / "жабық").chmod(0o700)
    assert skipped == {
        "жабық.txt": "Permission denied; check the file's permissions",
        "жабық": "a folder that cannot be opened",
    }


@as_root
def test_an_unreadable_file_that_is_named_is_an_error(tmp_path):
    file = put(tmp_path / "жабық.txt")
    file.chmod(0)
    with pytest.raises(CorpusError, match="Permission denied"):
        read_paths([file])


# --- links and things that are no files -----------------------------------------------------------

OUT = "a link that leads out of the folder; name the file itself"
NOWHERE = "a link that leads nowhere"


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ({"сілтеме.txt": "../құпия.txt"}, {"сілтеме.txt": OUT}),
        ({"сілтеме.txt": "/etc/passwd"}, {"сілтеме.txt": OUT}),
        ({"сілтеме": "../құпия"}, {"сілтеме": OUT}),
        ({"сілтеме": ".."}, {"сілтеме": OUT}),
        ({"сілтеме": "/"}, {"сілтеме": OUT}),
        ({"сілтеме.txt": "жоқ.txt"}, {"сілтеме.txt": NOWHERE}),
        ({"а.txt": "ә.txt", "ә.txt": "а.txt"}, {"а.txt": NOWHERE, "ә.txt": NOWHERE}),
        ({"өзі.txt": "өзі.txt"}, {"өзі.txt": NOWHERE}),
        ({"шеңбер": "."}, {"шеңбер": "a link to a folder"}),
        ({"шеңбер": "../құжаттар"}, {"шеңбер": "a link to a folder"}),
        ({"сілтеме.txt": "../құжаттар-2/құпия.txt"}, {"сілтеме.txt": OUT}),
    ],
)
def test_links_out_and_in_circles_are_skipped(folder, links, expected):
    put(folder.parent / "құпия.txt")
    put(folder.parent / "құпия" / "құпия.txt")
    put(folder.parent / "құжаттар-2" / "құпия.txt")
    for name, target in links.items():
        (folder / name).symlink_to(target)
    reading = read_paths([folder])
    assert ids(reading) == ["мәтін.txt"]
    assert reasons(reading) == expected


def test_a_link_inside_the_folder_is_read(folder):
    put(folder / "іші" / "мәтін.md", "Бұл – іші.")
    (folder / "сілтеме.md").symlink_to("іші/мәтін.md")
    first, linked = read_paths([folder]).documents
    assert (first.id, first.other_sources) == ("мәтін.txt", ())
    assert linked.sources == ("сілтеме.md", "іші/мәтін.md")


def test_a_link_that_is_named_is_followed(folder, tmp_path):
    put(tmp_path / "шет" / "құпия.txt", "Бұл – құпия.")
    (folder / "сілтеме.txt").symlink_to(tmp_path / "шет" / "құпия.txt")
    (tmp_path / "қалта").symlink_to(folder)
    assert ids(read_paths([folder / "сілтеме.txt"])) == ["сілтеме.txt"]
    assert ids(read_paths([folder, folder / "сілтеме.txt"])) == ["мәтін.txt", "сілтеме.txt"]
    assert ids(read_paths([tmp_path / "қалта"])) == ["мәтін.txt"]


@pytest.mark.parametrize("target", ["жоқ.txt", "сілтеме.txt"])
def test_a_broken_link_that_is_named_is_an_error(tmp_path, target):
    (tmp_path / "сілтеме.txt").symlink_to(target)
    with pytest.raises(CorpusError, match="a link that leads nowhere"):
        read_paths([tmp_path / "сілтеме.txt"])


def test_a_pipe_is_never_opened(folder):
    os.mkfifo(folder / "құбыр.txt")
    assert reasons(read_paths([folder])) == {"құбыр.txt": "not a regular file"}
    with pytest.raises(CorpusError, match="not a regular file"):
        read_paths([folder / "құбыр.txt"])
    with pytest.raises(CorpusError, match="not a regular file"):
        read_paths([Path("/dev/zero")])


def test_a_note_holds_any_word_and_is_no_reason_to_read_again():
    note = Skipped("ә.epub", "tesseract.xhtml: read as KZ-1048", is_read=True)
    missing = Skipped("ә.pdf", "a scan; tesseract is not installed")
    file = SourceFile("/ә.epub", "/", "ә.epub", sha256="0")
    assert replace(file, skipped=(note,)).is_lasting
    assert not replace(file, skipped=(note, missing)).is_lasting
