"""Tests of paragraphs (ingest/document.py): every visible character lies in exactly one."""

import time
import unicodedata

import pytest
from campaign import at_length
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.document import paragraphs
from ingest.loader import read_shipped
from ingest.sentence import sentences

LINES = st.lists(
    st.sampled_from(
        ["Қазақстан.", "ел тәуелсіз", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "а\u0301"]
    )
    | st.text(max_size=4),
    max_size=30,
).map("".join)


def parts(text):
    return [text[start:end] for start, end in paragraphs(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t\r\n\u00a0", []),
        ("Қазақстан", ["Қазақстан"]),
        ("  Бір. Екі. \n", ["Бір. Екі."]),
        ("Бір.\nЕкі.\nҮш.", ["Бір.", "Екі.", "Үш."]),
        ("Бір.\r\n\r\nЕкі.\r\n", ["Бір.", "Екі."]),
        ("Бір.\rЕкі.\r\rҮш.", ["Бір.", "Екі.", "Үш."]),
        ("Ғ\n\n\n\nҺ", ["Ғ", "Һ"]),
        ("ұзын\nжол\nекі\n\nүш", ["ұзын\nжол\nекі", "үш"]),
        ("Ұзын\r\nжол\r\n \r\nүш\r\nорам", ["Ұзын\r\nжол", "үш\r\nорам"]),
        ("Ұзын\rжол\r\rүш\rорам", ["Ұзын\rжол", "үш\rорам"]),
        ("Бірінші\n  екінші \n\t\nүшінші", ["Бірінші\n  екінші", "үшінші"]),
        (
            "Тақырып\n\nҚала үлкен.\nӨзен ұзын.\nіші",
            ["Тақырып", "Қала үлкен.", "Өзен ұзын.", "іші"],
        ),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_paragraphs(text, expected, form):
    expected = [unicodedata.normalize(form, part) for part in expected]
    assert parts(unicodedata.normalize(form, text)) == expected


@settings(deadline=None)
@given(LINES)
def test_paragraphs_hold_all_that_is_visible_in_order(text):
    spans = paragraphs(text)
    covered = [at for span in spans for at in range(*span)]
    assert covered == sorted(set(covered))
    assert {at for at, character in enumerate(text) if not character.isspace()} <= set(covered)
    assert all(part == part.strip() != "" for part in parts(text))


@pytest.mark.parametrize("document", read_shipped().documents, ids=lambda document: document.id)
def test_every_sentence_of_the_shipped_documents_is_in_one_paragraph(document):
    spans = paragraphs(document.text)
    assert len(spans) == sum(1 for line in document.text.split("\n") if line.strip())
    for start, end in sentences(document.text):
        assert sum(first <= start and end <= last for first, last in spans) == 1


@pytest.mark.parametrize("part", [" ", "\n", "ә ", "ә\n", "ә\n\n", " \n", "\r", "\t\r\n"])
@pytest.mark.parametrize("start", ["", "ә", "Ә\nә\nә"])
def test_long_texts_take_no_long_time(part, start):
    started = time.process_time()
    paragraphs(start + part * at_length(200_000, 40_000) + "ә")
    assert time.process_time() - started < 5
