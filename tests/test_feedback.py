"""Tests of chat/web/feedback.py: what people think of answers is an evaluation set."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes import HashEmbedder, document, respond
from hypothesis import given
from hypothesis import strategies as st

from chat.web.feedback import FILE_NAME, MAX_REASON_CHARACTERS, explain, save
from eval.dataset import Gold, check, usable
from eval.formats import read_set
from eval.metrics.correctness import is_right
from index.indexer import Indexer
from ingest.errors import StoreError

STEPPE = document("Ресеймен шарт 1994 жылы жасалды. Үкі түнде ұшады.\n\nҒарыш алыс.", "дала")
SEA = document("The owl flies at night. The border treaty was signed in 1992.", "sea", "en")
OWL = "Үкі қашан ұшады?"
WHY = "Ғ" * 900


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    library = Indexer(tmp_path_factory.mktemp("feedback"), load=HashEmbedder)
    library.put([STEPPE, SEA])
    return library.open()


@pytest.fixture(scope="module")
def answered(index):
    found = respond(OWL, [], index, 0.0)
    assert not found.answer.abstained
    return found


@pytest.fixture(scope="module")
def refused(index):
    found = respond(OWL, [], index, 1.0)
    assert found.answer.abstained
    return found


def kept(home, index):
    """Return the one example that is kept, when nothing is wrong with it."""
    found = read_set(home / FILE_NAME, strict=True)
    assert check(found.examples, index.documents) == []
    [example] = usable(found.examples, [])
    return example


def test_the_quotes_of_a_right_answer_are_gold(tmp_path, index, answered):
    judged = save(tmp_path, answered, right=True)
    example = kept(tmp_path, index)
    assert example.id == judged
    cited = answered.answer.citations
    assert example.gold == tuple(
        Gold(each.document_id, each.start, each.end, each.quote) for each in cited
    )
    assert (example.question, example.language, example.need) == (OWL, "kk", "any")
    assert example.answerable
    assert is_right(example, answered.answer) is True
    assert "right" in example.tags


def test_a_right_refusal_is_a_question_that_nothing_answers(tmp_path, index, answered, refused):
    save(tmp_path, refused, right=True)
    example = kept(tmp_path, index)
    assert not example.answerable
    assert is_right(example, refused.answer) is True
    assert is_right(example, answered.answer) is False


@pytest.mark.parametrize("turn", ["answered", "refused"])
def test_of_a_wrong_answer_only_the_question_is_known(tmp_path, index, turn, request):
    wrong = request.getfixturevalue(turn)
    explain(tmp_path, save(tmp_path, wrong, right=False), "  Мұнда\nжыл жоқ ")
    example = kept(tmp_path, index)
    assert (example.question, example.gold, example.answers) == (OWL, (), ())
    assert example.answerable
    assert is_right(example, wrong.answer) is None
    row = json.loads((tmp_path / FILE_NAME).read_text("utf-8"))
    assert row["reason"] == "Мұнда жыл жоқ"
    assert row["cited"] == [
        {"document_id": each.document_id, "start": each.start, "end": each.end, "quote": each.quote}
        for each in wrong.answer.citations
    ]


def test_a_follow_up_is_kept_as_it_was_understood(tmp_path, index, answered):
    turn = respond("Ал неге?", [answered], index, 0.0)
    save(tmp_path, turn, right=True)
    assert kept(tmp_path, index).question == f"{OWL} Ал неге?"
    assert json.loads((tmp_path / FILE_NAME).read_text("utf-8"))["asked"] == "Ал неге?"


@given(
    st.text() | st.sampled_from(["\n", "\r\n{}\u2028\x00", "\ud800", '"}\n{"id": 1}', "ә" * 9_999]),
    st.booleans(),
)
def test_whatever_the_reason_a_row_is_a_row(tmp_path_factory, index, answered, reason, right):
    home = tmp_path_factory.mktemp("ой")
    explain(home, save(home, answered, right=right), reason)
    assert kept(home, index).question == OWL
    row = json.loads((home / FILE_NAME).read_text("utf-8"))
    assert row["reason"] == " ".join(reason[:MAX_REASON_CHARACTERS].split())


@pytest.mark.parametrize("asked", ["\ud800 Үкі?", "Үкі\x00 қашан\u202e ұшады?", "u\u0308ki?"])
def test_whatever_was_asked_a_row_is_a_row(tmp_path, index, asked):
    turn = respond(asked, [], index)
    save(tmp_path, turn, right=False)
    assert kept(tmp_path, index).question == turn.answer.question


def test_many_at_once_are_all_kept(tmp_path, answered, refused):
    with ThreadPoolExecutor(8) as pool:
        for turn in [answered, refused] * 20:
            pool.submit(lambda turn: explain(tmp_path, save(tmp_path, turn, right=True), WHY), turn)
    found = read_set(tmp_path / FILE_NAME, strict=True).examples
    rows = [json.loads(line) for line in (tmp_path / FILE_NAME).read_text("utf-8").splitlines()]
    assert {row["reason"] for row in rows} == {WHY}
    assert sorted(each.answerable for each in found) == [False] * 20 + [True] * 20


def test_a_reason_goes_to_its_own_row(tmp_path, answered, refused):
    first, second = (save(tmp_path, turn, right=True) for turn in (answered, refused))
    before = (tmp_path / FILE_NAME).read_bytes().splitlines()
    explain(tmp_path, first, "дұрыс")
    explain(tmp_path, "feedback-0", "жоқ")
    explain(tmp_path, "", "жоқ")
    rows = (tmp_path / FILE_NAME).read_bytes().splitlines()
    assert rows[1] == before[1]
    assert json.loads(rows[0]) == json.loads(before[0]) | {"reason": "дұрыс"}
    assert [json.loads(row)["id"] for row in rows] == [first, second]
    assert {path.name for path in tmp_path.iterdir()} == {FILE_NAME}


def test_where_nothing_is_kept_nothing_is_explained(tmp_path):
    explain(tmp_path, "feedback-0", "неге")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_is_told(tmp_path, answered):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("only Linux has /dev/full")
    (tmp_path / FILE_NAME).symlink_to(full)
    with pytest.raises(StoreError, match=rf"{FILE_NAME}'.*No space left.*") as told:
        save(tmp_path, answered, right=True)
    assert told.value.hint


@pytest.mark.parametrize("home", ["жоқ", "файл"])
def test_a_home_that_cannot_be_written_is_told(tmp_path, answered, home):
    (tmp_path / "файл").write_text("ә")
    with pytest.raises(StoreError, match="cannot write"):
        save(tmp_path / home, answered, right=True)


def test_what_was_cut_off_takes_nothing_else_with_it(tmp_path, answered):
    """As when the disk was full, or the power went."""
    save(tmp_path, answered, right=True)
    path = tmp_path / FILE_NAME
    os.truncate(path, path.stat().st_size // 2)
    save(tmp_path, answered, right=False)
    assert len(read_set(path).examples) == 1
