"""Tests of eval/report/passages.py: what is shown is what stands there, marked as it is."""

from itertools import pairwise

import pytest
from fakes import document
from hypothesis import given
from hypothesis import strategies as st

from chat.answer import cite
from eval.dataset import Example, Gold
from eval.report.passages import passages_in_context

SENTENCE = "Үкі түнде ұшып, әр ағашқа қонды."
LONG = " ".join([SENTENCE] * 30)
TEXT = f"Тақырып\n\n{LONG}\n\nӨзен ақты. Көл толды. Ғарыш кең.\n\n{LONG}\n\nҺәм бітті."
NIGHT = document(TEXT, "түн", title="Түнгі үкі")
RIVER = document("Ертіс ұзын. Ол тез ағады.", "өзен")
DOCUMENTS = {each.id: each for each in (NIGHT, RIVER)}
AT = TEXT.index("Өзен ақты")
FLOWS, FILLS, WIDE = (AT, AT + 10), (AT + 11, AT + 21), (AT + 22, AT + 32)
MIDDLE = TEXT.index(LONG) + len(LONG) // 2


def example(*places, of="түн", **named):
    gold = tuple(Gold(of, *place) for place in places)
    return Example(id="1", question="Ә?", language="kk", gold=gold, **named)


def cited(*places, of=NIGHT):
    return [cite(mark, of, place) for mark, place in enumerate(places, start=1)]


def pieces(passage):
    return [(each["text"], each["marks"], each["gold"]) for each in passage["pieces"]]


def marked(passages, mark):
    """Return what is shown under a mark, or as gold if it is 0."""
    return "".join(
        piece["text"]
        for passage in passages
        for piece in passage["pieces"]
        if (mark in piece["marks"] if mark else piece["gold"])
    )


def hold(passages):
    """Hold what is true of all passages: their pieces are the document's text, from `start`."""
    for passage in passages:
        found = DOCUMENTS[passage["document_id"]]
        text = "".join(piece["text"] for piece in passage["pieces"])
        assert text == found.text[passage["start"] : passage["start"] + len(text)] != ""
        assert all(piece["text"] for piece in passage["pieces"])
        assert (passage["title"], passage["language"]) == (found.name, found.language)


def test_a_citation_is_shown_in_its_paragraph():
    (passage,) = passages_in_context(example(), cited(FILLS), DOCUMENTS)
    assert passage["start"] == AT
    assert pieces(passage) == [
        ("Өзен ақты. ", [], False),
        ("Көл толды.", [1], False),
        (" Ғарыш кең.", [], False),
    ]
    hold([passage])


def test_gold_is_shown_as_what_answers():
    (passage,) = passages_in_context(example(FLOWS), [], DOCUMENTS)
    assert [(marks, gold) for _, marks, gold in pieces(passage)] == [([], True), ([], False)]
    assert marked([passage], 0) == TEXT[slice(*FLOWS)]


def test_what_is_cited_and_answers_is_shown_as_both():
    (passage,) = passages_in_context(example(FLOWS), cited(FLOWS), DOCUMENTS)
    assert pieces(passage)[0] == (TEXT[slice(*FLOWS)], [1], True)


def test_places_that_overlap_are_cut_where_they_do():
    low, high = FLOWS[0], FILLS[1]
    (passage,) = passages_in_context(
        example((low + 5, high)), cited((low, high - 5), (low + 8, high)), DOCUMENTS
    )
    assert [(marks, gold) for _, marks, gold in pieces(passage)] == [
        ([1], False),
        ([1], True),
        ([1, 2], True),
        ([2], True),
        ([], False),
    ]


def test_of_a_long_paragraph_some_is_shown_around():
    place = (MIDDLE, MIDDLE + 30)
    (passage,) = passages_in_context(example(), cited(place), DOCUMENTS)
    before, quote, after = [text for text, *_ in pieces(passage)]
    assert quote == TEXT[slice(*place)]
    assert len(before) == len(after) == 240
    hold([passage])


def test_places_far_apart_are_two_passages_and_near_ones_one():
    far = passages_in_context(example((MIDDLE, MIDDLE + 30)), cited(WIDE), DOCUMENTS)
    assert [passage["start"] for passage in far] == [MIDDLE - 240, AT]
    near = passages_in_context(
        example((MIDDLE, MIDDLE + 30)), cited((MIDDLE + 200, MIDDLE + 230)), DOCUMENTS
    )
    assert [passage["start"] for passage in near] == [MIDDLE - 240]
    hold([*far, *near])


def test_a_place_across_paragraphs_is_shown_whole():
    place = (AT - 40, WIDE[1] + 40)
    (passage,) = passages_in_context(example(), cited(place), DOCUMENTS)
    assert marked([passage], 1) == TEXT[slice(*place)]
    assert passage["start"] == AT - 40 - 240
    hold([passage])


def test_each_document_is_shown_by_itself():
    both = [*cited(FLOWS), cite(2, RIVER, (0, 11))]
    passages = passages_in_context(example((12, 25), of="өзен"), both, DOCUMENTS)
    assert [(each["document_id"], each["title"]) for each in passages] == [
        ("түн", "Түнгі үкі"),
        ("өзен", "өзен"),
    ]
    assert marked(passages, 2) == "Ертіс ұзын."
    assert marked(passages, 0) == "Ол тез ағады."


def test_white_space_around_a_place_is_shown_too():
    place = (AT - 2, AT + 10)
    assert marked(passages_in_context(example(), cited(place), DOCUMENTS), 1) == TEXT[slice(*place)]


def test_of_relevant_documents_the_beginning_is_passages_in_context():
    many = {f"{n}": document("Ұзын сөз. " * 200, f"{n}") for n in range(6)}
    judged = {"0": 0, "1": 1, "жоқ": 1, "2": 2, "3": 1, "4": 1}
    passages = passages_in_context(example(relevant=judged), [], many)
    assert [passage["document_id"] for passage in passages] == ["1", "2", "3"]
    for passage in passages:
        ((text, marks, gold),) = pieces(passage)
        assert (text, marks, gold) == (many["1"].text[:700], [], True)


def test_nothing_to_show_is_nothing():
    assert passages_in_context(example(), [], DOCUMENTS) == []


PLACES = st.lists(
    st.tuples(st.integers(0, len(TEXT) - 2), st.integers(1, 400)).map(
        lambda pair: (pair[0], min(sum(pair), len(TEXT)))
    ),
    max_size=5,
)


@given(gold=PLACES, quoted=PLACES)
def test_all_that_is_cited_and_all_gold_is_shown_once(gold, quoted):
    passages = passages_in_context(example(*gold), cited(*quoted), DOCUMENTS)
    hold(passages)
    spans = [(p["start"], p["start"] + sum(len(x["text"]) for x in p["pieces"])) for p in passages]
    assert all(a[1] < b[0] for a, b in pairwise(spans))
    for mark, (start, end) in enumerate(quoted, start=1):
        assert marked(passages, mark) == TEXT[start:end]
    covered = sorted({at for start, end in gold for at in range(start, end)})
    assert marked(passages, 0) == "".join(TEXT[at] for at in covered)


@pytest.mark.parametrize("text", ["Ә", "Ә\r\nҒ\r\n", "\n\nӘ Ғ.\n\n"])
def test_odd_texts_are_shown_too(text):
    odd = document(text, "тақ")
    passages = passages_in_context(example((0, len(text)), of="тақ"), [], {"тақ": odd})
    assert marked(passages, 0) == text
