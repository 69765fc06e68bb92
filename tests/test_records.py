"""Tests of index/storage/records.py: records come back when they are asked for, and no others."""

import unicodedata
from threading import Thread

import numpy as np
import pytest
from fakes import document
from hypothesis import given
from hypothesis import strategies as st

from index.storage import records
from index.storage.generation import document_of
from index.storage.records import RecordLines, Records
from ingest.errors import StoreDamaged

TEXTS = [
    unicodedata.normalize("NFC", "Әр ғасыр: қайың, ұйым, өйткені."),
    unicodedata.normalize("NFD", "Әр ғасыр: қайың, ұйым, өйткені."),
    "ҰЛЫ ДАЛА\u2028ІНІСІ\x85\r\n\x00",
    "",
    "🌍 Kазақ",  # A Latin K.
]


def written(folder, documents):
    lines = RecordLines("documents", documents)
    (folder / "documents.jsonl").write_bytes(b"".join(lines))
    for name, array in lines.arrays().items():
        np.save(folder / f"{name}.npy", array)
    return Records(folder, "documents", document_of)


def documents_of(texts):
    return [document(text, f"құжат-{n}-\udcff") for n, text in enumerate(texts)]


@pytest.fixture
def read(monkeypatch):
    """Return a list of the rows that are read."""
    rows, line = [], Records._line
    monkeypatch.setattr(Records, "_line", lambda self, row: (rows.append(row), line(self, row))[1])
    return rows


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_every_record_comes_back(tmp_path_factory, texts):
    documents = documents_of([*TEXTS, *texts])
    found = written(tmp_path_factory.mktemp("records"), documents)
    assert [*found] == documents == [found[row] for row in range(len(found))]
    assert (found[-1], found[1:3]) == (documents[-1], tuple(documents[1:3]))
    with pytest.raises(IndexError):
        found[len(documents)]


def test_they_are_equal_to_any_sequence_of_the_same(tmp_path):
    documents = documents_of(TEXTS)
    found = written(tmp_path, documents)
    assert found == documents
    assert tuple(documents) == found == written(tmp_path, documents)
    assert found != documents[1:]
    assert found != [*documents[1:], documents[0]]
    assert found != "құжат"
    assert written(tmp_path, []) == ()


def test_only_what_is_asked_for_is_read_and_once(tmp_path, read):
    found = written(tmp_path, documents_of(TEXTS * 9))
    assert len(found) == 9 * len(TEXTS)
    assert read == []
    for row in (7, 3, 7, 3):
        assert found[row].text == TEXTS[row % len(TEXTS)]
    assert read == [7, 3]


def test_what_is_kept_takes_so_much_room_and_no_more(tmp_path, read, monkeypatch):
    monkeypatch.setattr(records, "KEPT_BYTES", 3_000)
    found = written(tmp_path, documents_of(["ә" * 400, "қ" * 400, "ғ" * 9_000, "ң" * 400]))
    for row in (0, 1, 0, 3, 0, 1):  # The one that was asked for longest ago goes.
        _ = found[row]
    assert read == [0, 1, 3, 1]
    for _ in range(2):  # What alone takes more is never kept, and nothing goes for it.
        _ = found[2]
    assert found[1].text == "қ" * 400
    assert read == [0, 1, 3, 1, 2, 2]


@pytest.mark.parametrize("row", range(len(TEXTS)))
def test_a_record_that_has_changed_is_told_and_the_others_are_read(tmp_path, row):
    written(tmp_path, documents_of(TEXTS))
    path = tmp_path / "documents.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[row] = lines[row].replace(b"kk", b"ru")
    path.write_bytes(b"".join(lines))
    found = Records(tmp_path, "documents", document_of)
    for each, text in enumerate(TEXTS):
        if each == row:
            with pytest.raises(StoreDamaged, match=rf"documents\.jsonl.* line {row + 1} ") as told:
                found[each]
            assert "dalel index" in told.value.hint
        else:
            assert found[each].text == text


def test_it_is_read_after_it_is_deleted(tmp_path):
    documents = documents_of(TEXTS)
    found = written(tmp_path, documents)
    for path in tmp_path.iterdir():
        path.unlink()
    assert found == documents


def test_threads_read_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "KEPT_BYTES", 2_000)
    documents = documents_of([f"{text} {n}" for n in range(60) for text in TEXTS])
    found, wrong = written(tmp_path, documents), []

    def look(step):
        for row in range(0, 20 * len(documents), step):
            place = row % len(documents)
            if found[place] != documents[place]:
                wrong.append(place)

    threads = [Thread(target=look, args=(step,)) for step in (1, 3, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
