"""Tests of ingest/readers/archive.py and container.py: an archive is read as a folder is."""

import os
import time
import unicodedata
import zipfile
from io import BytesIO

import pytest
from written_files import docx, pdf, zipped

from ingest.errors import CorpusError
from ingest.loader import read_paths
from ingest.readers import archive, container
from ingest.readers.archive import members

TEXT = "Қазақстан – тәуелсіз ел."


def read(path, files):
    path.write_bytes(files if isinstance(files, bytes) else zipped(files))
    return read_paths([path])


def test_the_files_of_an_archive_are_documents(tmp_path):
    files = {
        "ғылым/ә.docx": docx([f"{TEXT} 1"]),
        "ә.txt": f"{TEXT} 2",
        "бет.pdf": pdf([f"{TEXT} 3"]),
        "corpus.jsonl": '{"_id": "d1", "text": "Мәтін."}',
        "ғылым/бос/": "",
        ".жасырын.txt": TEXT,
        "__MACOSX/._ә.txt": b"\x00",
        "ғылым/.git/config": "x",
    }
    reading = read(tmp_path / "мұрағат.ZIP", files)
    assert [(document.id, document.text) for document in reading.documents] == [
        ("d1", "Мәтін."),
        ("мұрағат.ZIP/бет.pdf", f"{TEXT} 3"),
        ("мұрағат.ZIP/ғылым/ә.docx", f"{TEXT} 1"),
        ("мұрағат.ZIP/ә.txt", f"{TEXT} 2"),
    ]
    assert reading.skipped == ()


def test_what_is_not_read_is_told_and_the_others_are_read(tmp_path):
    files = {
        "ә.txt": TEXT,
        "бос.txt": "",
        "сурет.png": b"\x89PNG",
        "ескі.doc": b"\xd0\xcf\x11\xe0",
        "сынған.docx": b"PK\x03\x04",
        "ішкі.zip": zipped({"а.txt": TEXT}),
        "а.txt": "Қазақ".encode("kz1048"),
    }
    reading = read(tmp_path / "а.zip", files)
    assert [document.id for document in reading.documents] == ["а.zip/ә.txt"]
    reasons = {skip.path.removeprefix("а.zip/"): skip.reason for skip in reading.skipped}
    assert {name: reason.split(";")[0] for name, reason in reasons.items()} == {
        "бос.txt": "the file is empty, expected text",
        "сурет.png": "no reader for '.png'",
        "ескі.doc": "no reader for '.doc'",
        "сынған.docx": "a damaged DOCX (File is not a zip file)",
        "ішкі.zip": "no reader for '.zip'",
        "а.txt": "not utf-8 text (byte 0 cannot be decoded)",
    }
    assert "make a .pdf" in reasons["сурет.png"]
    assert "save it as .docx" in reasons["ескі.doc"]
    assert "unpack it" in reasons["ішкі.zip"]


def test_an_archive_in_a_folder_is_skipped_with_its_reason(tmp_path):
    (tmp_path / "ә.txt").write_text(TEXT, "utf-8")
    (tmp_path / "бос.zip").write_bytes(zipped({}))
    (tmp_path / "сынған.zip").write_bytes(b"PK\x03\x04")
    reading = read_paths([tmp_path])
    assert [(skip.path, skip.reason.split(";")[0]) for skip in reading.skipped] == [
        ("бос.zip", "no document among its 0 files, expected one"),
        ("сынған.zip", "a damaged ZIP (File is not a zip file)"),
    ]


def test_a_second_file_of_a_name_is_told(tmp_path):
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        made.writestr("ә.txt", TEXT)
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("ә.txt", "Басқа мәтін.")
    reading = read(tmp_path / "а.zip", data.getvalue())
    assert len(reading.documents) == 1
    [skip] = reading.skipped
    assert skip.reason == "a second file of this name; rename one of them"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../ә.txt", "ә.txt"),
        ("/etc/ә.txt", "etc/ә.txt"),
        ("а/../../ә.txt", "ә.txt"),
        (unicodedata.normalize("NFD", "йод.txt"), unicodedata.normalize("NFC", "йод.txt")),
        ("жол\nбөлінген.txt", "жол\nбөлінген.txt"),
    ],
)
def test_a_name_leads_nowhere(tmp_path, name, expected):
    [document] = read(tmp_path / "а.zip", {name: TEXT}).documents
    assert document.id == f"а.zip/{expected}"
    assert os.listdir(tmp_path) == ["а.zip"]


def test_a_link_is_no_file(tmp_path):
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        made.writestr("ә.txt", TEXT)
        link = zipfile.ZipInfo("сілтеме.txt")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    reading = read(tmp_path / "а.zip", data.getvalue())
    assert [document.id for document in reading.documents] == ["а.zip/ә.txt"]
    [skip] = reading.skipped
    assert skip.reason == "a link, expected a file; pack the file itself"


@pytest.mark.parametrize("codec", ["utf-8", "cp866"])
def test_the_name_that_an_old_program_wrote(codec):
    raw = "Отчёт.txt".encode(codec)
    data = zipped({"x" * len(raw): TEXT}).replace(b"x" * len(raw), raw)
    assert [member.name for member in members(data)] == ["Отчёт.txt"]


def test_a_named_encoding_is_handed_on(tmp_path):
    path = tmp_path / "а.zip"
    path.write_bytes(zipped({"ә.txt": "Қазақ".encode("kz1048"), "б.txt": TEXT}))
    texts = [document.text for document in read_paths([path], "kz1048").documents]
    assert texts == [TEXT, "Қазақ"]


# --- damage ---------------------------------------------------------------------------------------


def damaged(compression):
    """Return a ZIP of one text whose packed bytes are wrong, after the header of its packing."""
    data = bytearray(zipped({"ә.txt": TEXT * 50, "й.txt": TEXT}, compression))
    at = 30 + len("ә.txt".encode()) + 20
    data[at : at + 40] = b"\xff" * 40
    return bytes(data)


def wrong_name():
    """Return a ZIP whose member has a name that is not the UTF-8 it says."""
    name = "ә.txt".encode()
    return zipped({"ә.txt": TEXT, "й.txt": TEXT}).replace(name, b"\xff" + name[1:], 1)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (damaged(zipfile.ZIP_BZIP2), "Invalid data stream)"),
        (damaged(zipfile.ZIP_LZMA), "Corrupt input data)"),
        (damaged(zipfile.ZIP_STORED), "Bad CRC-32"),
        (wrong_name(), "'utf-8' codec"),
    ],
)
def test_damage_of_any_packing_is_told_and_the_others_are_read(tmp_path, data, reason):
    (tmp_path / "а.txt").write_text("Ғылым.", "utf-8")
    (tmp_path / "б.zip").write_bytes(data)
    reading = read_paths([tmp_path])
    assert [document.id for document in reading.documents] == ["а.txt", "б.zip/й.txt"]
    [skip] = reading.skipped
    assert skip.path == "б.zip/ә.txt"
    assert skip.reason.startswith(f"'ә.txt' in it is damaged ({reason}")


def test_a_directory_with_a_wrong_name_is_told(tmp_path):
    name = "ә.txt".encode()
    head, tail = zipped({"ә.txt": TEXT}).rsplit(name, 1)
    with pytest.raises(CorpusError, match=r"а.zip': a damaged ZIP \('utf-8' codec"):
        read(tmp_path / "а.zip", head + b"\xff" + name[1:] + tail)


@pytest.mark.parametrize("error", [MemoryError, RecursionError, AssertionError])
def test_whatever_unpacking_raises_is_told(tmp_path, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(archive, "member_bytes", fail)
    (tmp_path / "а.txt").write_text(TEXT, "utf-8")
    (tmp_path / "б.zip").write_bytes(zipped({"ә.txt": TEXT}))
    member, _ = read_paths([tmp_path]).skipped
    assert member.path == "б.zip/ә.txt"
    assert member.reason == f"damaged ({error.__name__}); copy it anew"


# --- limits ---------------------------------------------------------------------------------------


def test_a_member_that_is_too_large_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 100)
    reading = read(tmp_path / "а.zip", {"үлкен.txt": "ә" * 51, "ә.txt": "ә" * 50})
    assert [document.id for document in reading.documents] == ["а.zip/ә.txt"]
    assert reading.skipped[0].reason.startswith("102 bytes, expected at most 100; unpack")


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("MAX_MEMBERS", 1, "ZIP with 2 members, expected at most 1"),
        ("MAX_BYTES", 1_999, "ZIP that unpacks from"),
    ],
)
def test_an_archive_over_a_limit_is_refused(monkeypatch, limit, value, message):
    data = zipped({"а.txt": "a" * 1_000, "ә.txt": "b" * 1_000})
    assert len(list(members(data))) == 2
    monkeypatch.setattr(container, limit, value)
    with pytest.raises(CorpusError, match=message):
        list(members(data))


def test_what_packs_too_well_is_a_bomb_and_what_is_small_is_not():
    assert len(list(members(zipped({"а.txt": b"a" * 9_000_000})))) == 1
    started = time.process_time()
    with pytest.raises(CorpusError, match="and 200 times as many"):
        list(members(zipped({"а.txt": b"a" * 11_000_000})))
    assert time.process_time() - started < 2


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06", "мәтін".encode()])
def test_what_is_no_zip_is_refused(data):
    with pytest.raises(CorpusError, match=r"no ZIP: bytes|a damaged ZIP|the file is empty"):
        list(members(data))
