"""Tests of eval/runner.py, one question: a record tells all, and what is withheld stays withheld.

The model hashes letters, but for the last tests, which ask the shipped documents for real.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
from fakes import HashEmbedder, document

from chat.pipeline import answer
from eval.baselines import SETS
from eval.dataset import EvalSet, Example, Gold
from eval.formats import near_misses, read_set
from eval.metrics.correctness import covers, gold_rows
from eval.metrics.ranking import ndcg
from eval.metrics.registry import FAILURES, MEASURES
from eval.runner import DEPTH, ask, askable, configuration, direction, visible_rows
from index.indexer import Indexer
from ingest.chunker import Chunking
from ingest.sentence import sentences

RIVERS = document(
    "Ертіс – Қазақстанның ең ұзын өзені. Ол Қара Ертістен басталады.\n\n"
    "Үкі түнде ұшады. Һәм ол өте жақсы естиді.\n\n"
    "Ғарышкер көкке қарады. Іңір түсті де, жұлдыздар жанды.",
    "өзендер",
    title="Өзендер",
)
LAKES = document(
    "Balkhash is half fresh and half salt. Its shore is very long.\n\n"
    "The owl flies at night and hears well. The Irtysh is the longest river of Kazakhstan.",
    "lakes",
    "en",
    "Lakes",
)
SKY = document("Аспанда ай туды. Жел соқты, бұлт көшті.", "аспан")
DOCUMENTS = (RIVERS, LAKES, SKY)
LONGEST, SOURCE, OWL, HEARS, ASTRONAUT, DUSK = (("өзендер", *s) for s in sentences(RIVERS.text))
SALT, SHORE, NIGHT, IRTYSH = (("lakes", *span) for span in sentences(LAKES.text))
KEYS = [
    *("id", "question", "language", "direction", "tags", "answerable", "need", "answers"),
    *("response", "answer", "milliseconds", "ranked", "relevant", "metrics", "would_be_right"),
    *("failures", "passages"),
]


def opened(folder, documents=DOCUMENTS):
    library = Indexer(folder, chunking=Chunking(16), load=HashEmbedder)
    library.put(documents)
    return library.open()


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    found = opened(tmp_path_factory.mktemp("asked"))
    assert len(found.generation.chunks) > 5
    return found


def asked(question, *gold, **named):
    known = {"id": "сұрақ-1", "language": "kk", "tags": ("kk->kk", "what")}
    places = tuple(Gold(*place) for place in gold)
    return Example(question=question, gold=places, **known | named)


LONG = asked("Қазақстанның ең ұзын өзені қайсы?", LONGEST, answers=("Ертіс",))
OWLS = asked("Үкі қашан ұшады?", OWL, answers=("түнде",), id="сұрақ-2")
BOTH = asked("Үкі қашан ұшады?", OWL, NIGHT, need="all", id="сұрақ-3", tags=())
NONE = asked("Палау қалай пісіріледі?", answerable=False, id="сұрақ-4", tags=("off-topic",))
JUDGED = asked("Is Balkhash salt?", relevant={"lakes": 2, "аспан": 0}, language="en", tags=())
WORDS = asked("Үкі қашан ұшады?", answers=("түнде",), response="Түнде ұшады.", tags=("reference",))
ALL = [LONG, OWLS, BOTH, NONE, JUDGED, WORDS]


def cited(record):
    return [
        (each["document_id"], each["start"], each["end"]) for each in record["answer"]["citations"]
    ]


def overlaps(a, b):
    return a[0] == b[0] and a[1] < b[2] and b[1] < a[2]


def chunk_place(index, name):
    return next((c.document_id, c.start, c.end) for c in index.generation.chunks if c.id == name)


# --- the record -----------------------------------------------------------------------------------


@pytest.mark.parametrize("example", ALL + near_misses((LONG, OWLS, BOTH, JUDGED)))
def test_a_record_is_whole_and_plain_data(index, example):
    record = ask(example, index)
    assert list(record) == KEYS
    assert json.loads(json.dumps(record, ensure_ascii=False)) == record
    for name in ("id", "question", "language", "answerable", "need", "response"):
        assert record[name] == getattr(example, name)
    assert record["tags"] == list(example.tags)
    assert record["answers"] == list(example.answers)
    assert record["milliseconds"] > 0
    assert set(record["failures"]) <= set(FAILURES)
    assert all(0 <= value <= 1 for value in record["metrics"].values())
    for name, start, end in cited(record):
        quotes = [each["quote"] for each in record["answer"]["citations"]]
        assert index.documents[name].text[start:end] in quotes


def test_the_answer_is_what_the_product_says(index):
    record = ask(LONG, index)
    said = answer(LONG.question, index).data() | {"id": LONG.id}
    for data in (said, record["answer"]):
        data.pop("timings_ms")
        data.pop("passages")
    assert record["answer"] == said
    assert not record["answer"]["abstained"]
    assert record["passages"], "they are shown as eval/report/passages.py cuts them"


def test_a_right_answer_has_its_figures(index):
    record = ask(LONG, index)
    assert cited(record)[0] == LONGEST
    assert record["failures"] == []
    assert record["would_be_right"] is True
    figures = record["metrics"]
    assert [figures[n] for n in ("right", "answer_in_citation@1", "sentence_in_passage@1")] == [
        1
    ] * 3
    assert figures["recall@1"] == figures["mrr@10"] == 1


def test_milliseconds_are_those_of_the_answer_alone(index, monkeypatch):
    ticks = iter(range(1000))
    monkeypatch.setattr("eval.runner.perf_counter", lambda: next(ticks) / 8)
    assert ask(LONG, index)["milliseconds"] == 1000 / 8


# --- ranking --------------------------------------------------------------------------------------


def test_passages_are_ranked_where_sentences_are_known(index):
    record = ask(LONG, index)
    hits = index.search(LONG.question, DEPTH)
    assert record["ranked"] == [[hit.chunk.id, round(hit.score, 6)] for hit in hits]
    relevant = [
        chunk.id
        for chunk in index.generation.chunks
        if covers((chunk.document_id, chunk.start, chunk.end), LONGEST)
    ]
    assert record["relevant"] == dict.fromkeys(relevant, 1)
    assert len(relevant) == 1


def test_documents_are_ranked_where_documents_are_judged(index):
    record = ask(JUDGED, index)
    names = [hit.chunk.document_id for hit in index.search_documents(JUDGED.question, DEPTH)]
    assert [name for name, _ in record["ranked"]] == names
    assert sorted(names) == sorted(each.id for each in DOCUMENTS)
    assert record["relevant"] == {"lakes": 2, "аспан": 0}
    assert record["metrics"]["right"] == record["metrics"]["ndcg@10"] == 1
    assert "sentence_in_passage@1" not in record["metrics"]


def test_the_ranking_by_vectors_alone_is_measured_too(index):
    for example in ALL:
        record = ask(example, index)
        if "ndcg@10" in record["metrics"]:
            search = index.search_documents if example.relevant else index.search
            hits = search(example.question, 10, "dense")
            names = [h.chunk.document_id if example.relevant else h.chunk.id for h in hits]
            expected = ndcg(names, record["relevant"])
            assert record["metrics"]["ndcg_dense@10"] == pytest.approx(expected, abs=1e-6)


def test_scores_fall(index):
    for example in ALL:
        scores = [score for _, score in ask(example, index)["ranked"]]
        assert scores == sorted(scores, reverse=True)


def test_a_gold_sentence_across_two_passages_is_relevant_where_most_of_it_stands(index):
    chunks = [c for c in index.generation.chunks if c.document_id == "өзендер"]
    first, second = chunks[0], chunks[1]
    low, high = first.end - 20, second.start + 5
    record = ask(asked("Қайдан басталады?", ("өзендер", low, high)), index)
    assert record["relevant"] == {first.id: 1}
    assert ask(asked("Қайда?", ("өзендер", 0, 10**6)), index)["relevant"] == {}


def test_only_the_first_of_many_are_ranked(tmp_path):
    many = [document(f"Үкі {n} рет ұшты.", f"{n}") for n in range(DEPTH + 5)]
    found = opened(tmp_path, many)
    assert len(ask(asked("Үкі ұшты ма?", ("3", 0, 5)), found)["ranked"]) == DEPTH
    assert len(ask(asked("Үкі ұшты ма?", relevant={"3": 1}), found)["ranked"]) == DEPTH


# --- what is withheld -----------------------------------------------------------------------------


@pytest.mark.parametrize("example", [LONG, OWLS, BOTH, JUDGED])
def test_what_is_withheld_is_never_seen(index, example):
    for near in near_misses((example,)):
        held = [(gold.document_id, gold.start, gold.end) for gold in near.gold]
        held += [(name, 0, 10**9) for name, gain in near.relevant.items() if gain > 0]
        record = ask(near, index)
        places = cited(record)
        if near.relevant:
            places += [(name, 0, 10**9) for name, _ in record["ranked"]]
        else:
            places += [chunk_place(index, name) for name, _ in record["ranked"]]
        assert record["ranked"]
        assert not [(a, b) for a in places for b in held if overlaps(a, b)]
        assert record["relevant"] == {}
        assert not set(record["metrics"]) & {"recall@10", "ndcg@10", "sentence_in_passage@1"}
        assert record["would_be_right"] is False
        assert record["direction"].endswith("->none")


def test_what_is_not_withheld_is_seen(index):
    (near,) = near_misses((OWLS,))
    seen = {chunk_place(index, name) for name, _ in ask(near, index)["ranked"]}
    everything = {(c.document_id, c.start, c.end) for c in index.generation.chunks}
    assert everything - seen == {place for place in everything if overlaps(place, OWL)}
    (near,) = near_misses((JUDGED,))
    assert {name for name, _ in ask(near, index)["ranked"]} == {"өзендер", "аспан"}


def test_without_the_gold_the_same_question_is_answered_otherwise(index):
    (near,) = near_misses((OWLS,))
    before, after = ask(OWLS, index), ask(near, index)
    assert OWL in cited(before)
    assert OWL not in cited(after)
    assert after["metrics"]["hallucination"] == float(not after["answer"]["abstained"])
    assert after["failures"][:1] == (
        [] if after["answer"]["abstained"] else ["answered-unanswerable"]
    )


def test_nothing_is_asked_of_an_index_that_would_be_empty(tmp_path):
    found = opened(tmp_path, [document("Үкі түнде ұшады.", "үкі")])
    example = asked("Үкі қашан ұшады?", ("үкі", 0, 16))
    (near,) = near_misses((example,))
    assert askable(example, found)
    assert not askable(near, found)
    assert askable(near, opened(tmp_path / "екі", [*found.documents.values(), SKY]))


# --- what answers stand on ------------------------------------------------------------------------


def test_an_answer_that_stands_on_one_passage_needs_it_and_nothing_else(tmp_path):
    found = opened(tmp_path, [RIVERS, SKY])
    figures = ask(LONG, found)["metrics"]
    assert (figures["necessity"], figures["sufficiency"]) == (1, 1)


def test_an_answer_that_comes_again_without_its_passage_did_not_need_it(index, monkeypatch):
    real, calls = answer, []

    def again(raw, retriever, **named):
        """Answer without looking where it may look."""
        calls.append(retriever.visible)
        return real(raw, index, **named)

    monkeypatch.setattr("eval.metrics.necessity.answer", again)
    monkeypatch.setattr(
        "eval.runner.answer", lambda raw, seen, _llm, **named: again(raw, seen, **named)
    )
    record = ask(LONG, index)
    assert (record["metrics"]["necessity"], record["metrics"]["sufficiency"]) == (0, 1)
    everything, alone, without = calls
    places = [chunk_place(index, index.generation.chunks[row].id) for row in alone]
    assert places
    assert all(any(overlaps(place, each) for each in cited(record)) for place in places)
    assert without == everything - alone


def test_another_answer_from_the_same_passages_is_not_enough(index, monkeypatch):
    real = answer

    def forgetful(raw, retriever, **named):
        said = real(raw, retriever, **named)
        some = retriever.visible != index.visible
        return said.model_copy(update={"citations": ()}) if some else said

    monkeypatch.setattr("eval.metrics.necessity.answer", forgetful)
    figures = ask(LONG, index)["metrics"]
    assert (figures["necessity"], figures["sufficiency"]) == (1, 0)


def test_an_answer_on_all_there_is_is_needed(tmp_path):
    found = opened(tmp_path, [document("Үкі түнде ұшады.", "үкі")])
    figures = ask(asked("Үкі қашан ұшады?", ("үкі", 0, 16)), found)["metrics"]
    assert (figures["necessity"], figures["sufficiency"]) == (1, 1)


def test_a_refusal_stands_on_nothing(index):
    record = ask(NONE, index)
    assert record["answer"]["abstained"]
    assert not set(record["metrics"]) & {"necessity", "sufficiency"}
    assert record["metrics"]["hallucination"] == 0


# --- in its passage -------------------------------------------------------------------------------


@pytest.mark.parametrize(("places", "share"), [((OWL,), 1), ((HEARS,), 0), ((OWL, SHORE), 1 / 2)])
def test_the_share_of_passages_whose_gold_sentence_is_first(index, places, share):
    record = ask(asked("Үкі түнде ұшады ма?", *places), index)
    assert record["metrics"]["sentence_in_passage@1"] == share


# --- its passage given ----------------------------------------------------------------------------


def given(example):
    return replace(example, given=example.documents)


def test_a_given_passage_is_all_that_is_asked(index):
    for example in map(given, (LONG, OWLS, JUDGED)):
        record = ask(example, index, threshold=0.0)
        assert list(record) == KEYS
        assert {name for name, *_ in cited(record)} == set(example.documents)
        assert record["ranked"] == []
        assert record["relevant"] == {}
        assert not [name for name in record["metrics"] if MEASURES[name].group == "Retrieval"]
        assert "not-found" not in record["failures"]


def test_a_given_passage_is_the_whole_document_and_not_what_answers(index):
    example = asked("Ғарышкер қайда қарады?", LONGEST, given=("өзендер",))
    rows = visible_rows(example, index)
    chunks = index.generation.chunks
    assert rows == {row for row, chunk in enumerate(chunks) if chunk.document_id == "өзендер"}
    assert len(rows) > 1
    assert visible_rows(replace(example, given=("жоқ",)), index) == set()
    assert not askable(replace(example, given=("жоқ",)), index)
    (near,) = near_misses((example,))
    assert visible_rows(near, index) == rows - gold_rows(example, index)


def test_a_run_with_passages_given_is_another_run(index):
    found = EvalSet("өзендер", "0" * 64, (LONG,), None, ())
    assert "given" not in configuration(found, [LONG], index)
    assert configuration(found, [given(LONG)], index)["given"] is True


# --- direction ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        (asked("Ә?", LONGEST, tags=("what", "kk->both")), "kk->both"),
        (asked("Ә?", LONGEST, tags=("what",)), "kk->kk"),
        (asked("Ә?", SALT, tags=()), "kk->en"),
        (asked("Ә?", LONGEST, SALT, tags=()), "kk->en+kk"),
        (asked("A?", SALT, tags=(), language="en"), "en->en"),
        (asked("A?", tags=(), relevant={"lakes": 1, "аспан": 0}, language="ru"), "ru->en"),
        (asked("Ә?", tags=(), answers=("Ертіс",)), "kk->none"),
        (asked("Ә?", tags=(), answerable=False), "kk->none"),
        (asked("Ә?", tags=("kk->en", "unanswerable"), answerable=False), "kk->en"),
        (asked("Ә?", ("жоқ", 0, 3), tags=()), "kk->none"),
        (asked("Ә?", LONGEST, answerable=False, withheld=True), "kk->none"),
    ],
)
def test_the_direction_is_a_tags_or_that_of_the_documents(index, example, expected):
    assert direction(example, index) == expected


# --- what could not be asked, and what was refused ------------------------------------------------


@pytest.mark.parametrize("question", ["", " \n", "?!…", "ә" * 10_000])
def test_what_cannot_be_asked_has_a_record_too(index, question):
    record = ask(asked(question, LONGEST), index)
    assert list(record) == KEYS
    assert json.loads(json.dumps(record)) == record
    assert record["failures"] == ["not-asked"]
    assert record["answer"]["answer"].startswith("the question ")
    assert (record["answer"]["abstained"], record["answer"]["confidence"]) == (True, 0)
    assert record["answer"]["citations"] == record["ranked"] == record["passages"] == []
    assert record["metrics"] == record["relevant"] == {}
    assert record["milliseconds"] is record["would_be_right"] is None


@pytest.mark.parametrize(
    ("example", "right"),
    [(LONG, True), (OWLS, True), (NONE, False), (replace(OWLS, gold=(Gold(*DUSK),)), False)],
)
def test_a_refusal_would_have_been_right_if_the_answer_held_back_is(index, example, right):
    record = ask(example, index, threshold=1.1)
    assert record["answer"]["abstained"]
    assert record["would_be_right"] is right
    assert record["metrics"].get("right", 0) == 0


def test_nobody_knows_whether_an_answer_without_gold_would_be_right(index):
    assert ask(asked("Үкі қашан ұшады?"), index)["would_be_right"] is None
    assert ask(WORDS, index)["would_be_right"] is True


# --- for real -------------------------------------------------------------------------------------

SMOKE = read_set(SETS / "smoke.jsonl", strict=True).examples


@pytest.mark.model
@pytest.mark.parametrize("near", [False, True])
def test_the_shipped_documents_can_be_asked(retriever, near):
    examples = [each for each in SMOKE if each.answerable][:3]
    for example in near_misses(tuple(examples)) if near else examples:
        record = ask(example, retriever)
        assert list(record) == KEYS
        held = [(gold.document_id, gold.start, gold.end) for gold in example.gold]
        hit = [b for a in cited(record) for b in held if overlaps(a, b)]
        assert not (near and hit)
        assert np.isfinite(list(record["metrics"].values())).all()
        assert ("right" in record["metrics"]) is not near
