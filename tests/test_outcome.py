"""Tests of eval/report/outcome.py and export.py: which step failed, where answers stand, tables."""

import csv
import io

import pytest

from eval.metrics.registry import FAILURES
from eval.report.export import COLUMNS, csv_rows
from eval.report.outcome import Place, cited_places, failed_stage, gold_places, with_links


def piece(text, marks=(), *, gold=False):
    return {"text": text, "marks": [*marks], "gold": gold}


PASSAGE = {
    "document_id": "өзен",
    "title": "Өзен",
    "language": "kk",
    "start": 10,
    "pieces": [
        piece("Бас. "),
        piece("Үкі ", [1]),
        piece("түнде ", [1], gold=True),
        piece("ұшады.", gold=True),
        piece(" Соңы. "),
        piece("Тағы.", gold=True),
    ],
}


def record(*failures, passages=(PASSAGE,), **named):
    return {
        "id": "ә-1",
        "question": "Үкі қашан ұшады?",
        "language": "kk",
        "direction": "kk->kk",
        "tags": ["kk->kk", "when"],
        "answerable": True,
        "answers": ["түнде"],
        "answer": {"answer": "Былай", "abstained": False, "confidence": 0.9, "citations": []},
        "milliseconds": 12.5,
        "metrics": {},
        "would_be_right": None,
        "failures": [*failures],
        "passages": [*passages],
    } | named


def test_places_are_told_from_the_pieces_to_the_character():
    one = record()
    assert gold_places(one) == [
        Place("өзен", "Өзен", 19, "түнде ұшады."),
        Place("өзен", "Өзен", 38, "Тағы."),
    ]
    assert cited_places(one) == [Place("өзен", "Өзен", 15, "Үкі түнде ")]
    assert gold_places(record(passages=())) == []


def test_a_link_is_to_what_is_marked_first():
    seen = []
    linked = with_links(record(), lambda place: seen.append(place) or "/document")
    assert seen == [Place("өзен", "Өзен", 15, "Үкі түнде ұшады.")]
    assert [passage["link"] for passage in linked["passages"]] == ["/document"]
    unmarked = PASSAGE | {"pieces": [piece("Бас.")]}
    assert with_links(record(passages=[unmarked]), str)["passages"][0]["link"] == ""


@pytest.mark.parametrize(
    ("failures", "named", "stage"),
    [
        ([], {}, None),
        (["not-asked"], {}, "question"),
        (["answered-unanswerable"], {"answerable": False}, "decision"),
        (["refused"], {"would_be_right": True}, "decision"),
        (["refused"], {"would_be_right": False}, "choice"),
        (["refused"], {"would_be_right": False, "metrics": {"recall@10": 0.0}}, "retrieval"),
        (["refused", "not-found"], {"would_be_right": False}, "retrieval"),
        (["not-found"], {}, "retrieval"),
        (["not-cited"], {}, "choice"),
        (["part-missing"], {}, "choice"),
        (["short-answer-missing", "bad-citation"], {}, "choice"),
        (["bad-citation", "wrong-language"], {}, "citation"),
        (["wrong-language"], {}, "language"),
    ],
)
def test_the_step_that_failed_is_named(failures, named, stage):
    assert failed_stage(record(*failures, **named)) == stage


def test_every_failure_is_of_some_step():
    assert all(failed_stage(record(name)) for name in FAILURES)


def test_rows_are_a_table_that_spreadsheets_read():
    data = csv_rows([record("refused", answers=["түнде", "қараңғыда"]), record(milliseconds=None)])
    assert data.startswith("\ufeff".encode())
    rows = [*csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
    assert [*rows[0]] == [*COLUMNS]
    assert rows[0]["question"] == "Үкі қашан ұшады?"
    assert rows[0]["expected"] == "түнде | қараңғыда"
    assert rows[0]["expected_quotes"] == "түнде ұшады. | Тағы."
    assert (rows[0]["failures"], rows[0]["stage"]) == ("refused", "choice")
    assert (rows[1]["failures"], rows[1]["stage"], rows[1]["milliseconds"]) == ("", "", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_nothing_that_a_document_says_is_a_formula(start):
    hostile = f'{start}HYPERLINK("https://e.example","ә")'
    passage = PASSAGE | {"pieces": [piece(hostile, [1], gold=True)]}
    one = record(hostile, question=hostile, id=hostile, answers=[hostile], passages=[passage])
    one["answer"] |= {"answer": hostile, "short_answer": hostile}
    cells = [*csv.reader(io.StringIO(csv_rows([one]).decode("utf-8-sig"), newline=""))][1]
    assert [cell for cell in cells if cell.startswith(start)] == []
    assert cells.count(f"'{hostile}") == 8


def test_a_half_of_a_pair_of_surrogates_is_no_error():
    assert b"\\ud800" in csv_rows([record(question="\ud800 қайда?")])
