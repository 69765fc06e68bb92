"""Tests of index/documents_by_id.py: they are what a dict and a list of documents would be."""

import numpy as np
import pytest
from fakes import document

from index.chunk_columns import LANGUAGES
from index.documents_by_id import ById, DocumentsAt, Times
from index.string_table import HashBuckets

DOCUMENTS = [
    document("Ұлы дала.", "дала"),
    document("Теңіз терең.", "теңіз-\udcff", title="Теңіз"),
    document("Степь.", "степь", "ru"),
    document("The sea.", "sea", "en"),
    document("Һәм қала.", "Қала"),
]
IDS = HashBuckets.of(one.id for one in DOCUMENTS)
NUMBERS = np.array([LANGUAGES.index(one.language) for one in DOCUMENTS], np.uint8)


def at(*places):
    return DocumentsAt(DOCUMENTS, NUMBERS, np.array(places, np.int32))


def test_documents_by_id_are_what_a_dict_is():
    found, expected = ById(DOCUMENTS, IDS, DOCUMENTS), {one.id: one for one in DOCUMENTS}
    assert found == expected
    assert [*found] == [*expected]
    assert [*found.values()] == DOCUMENTS
    assert [*found.items()] == [*expected.items()]
    assert len(found) == len(DOCUMENTS)
    assert all(found[name] is expected[name] for name in expected)
    assert found.get("жоқ") is None
    assert "қала" not in found, "capitals make another id"
    with pytest.raises(KeyError, match="жоқ"):
        found["жоқ"]


def test_times_by_id():
    told = ["2026-11-30T07:00:00+00:00", "", "2026-11-30T07:00:01+00:00", "", ""]
    times = Times(np.array(told, np.bytes_))
    found = ById(DOCUMENTS, IDS, times)
    assert dict(found) == dict(found.items()) == dict(zip(found, told, strict=True))
    assert [*found.values()] == [*times] == told
    assert [*times[1:3]] == told[1:3]
    assert found["степь"] == told[2]


def test_some_documents_are_what_a_list_is():
    assert at(1, 4) == [DOCUMENTS[1], DOCUMENTS[4]] != at(4, 1)
    assert (DOCUMENTS[0],) == at(0)
    assert at() == []
    assert at(1) != DOCUMENTS[1]
    assert at(0, 2, 4)[1:] == at(2, 4)
    assert at(0, 2, 4)[-1] is DOCUMENTS[4]
    assert at(3, 1) | at(1, 0, 3, 2) == at(3, 1, 0, 2)


def test_languages_are_counted_and_that_of_the_first_comes_first():
    counted = at(3, 2, 0, 1).languages()
    assert counted == {"kk": 2, "en": 1, "ru": 1}
    assert [*counted] == ["en", "ru", "kk"]
    assert at().languages() == {}
