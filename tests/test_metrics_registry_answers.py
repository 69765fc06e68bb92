"""Tests of eval/metrics/registry.py: every figure and every failure, from answers made by hand."""

from dataclasses import replace
from math import log2

import pytest
from fakes import NOTHING_FOUND, HashEmbedder, answered, case, document

from eval.dataset import Example, Gold
from eval.metrics.case import Ranking, split_answer
from eval.metrics.correctness import is_right
from eval.metrics.registry import FAILURES, MEASURES, STATISTICS, failures, measure
from eval.metrics.unanswerable import KINDS, WITHHELD
from eval.metrics.wording import chrf, token_f1
from index.indexer import Indexer
from ingest.sentence import sentences

RIVER = document(
    "Ертіс – ең ұзын өзен. Ол Қара Ертістен басталады. Үшіншісі – Іле. Әңгіме осымен бітті.",
    "өзендер",
    title="Өзендер",
)
LAKE = document("Balkhash is half salt. Its shore is long.", "lakes", "en", "Lakes")
DOCUMENTS = {each.id: each for each in (RIVER, LAKE)}
OF_EACH_LANGUAGE = {
    "құжат": document("Өзен.", "құжат", "kk", "Өзен"),
    "text": document("A river.", "text", "en", "River"),
    "текст": document("Река.", "текст", "ru", "Река"),
}
LONGEST, SOURCE, THIRD, LAST = sentences(RIVER.text)
SALT, SHORE = sentences(LAKE.text)
ASKED = {"kk": "Ең ұзын өзен қайсы?", "en": "Which river is the longest?", "ru": "Какая река?"}


def length(span):
    return span[1] - span[0]


def gold(*spans, of=RIVER):
    return tuple(Gold(of.id, *span) for span in spans)


def place(span, of=RIVER):
    return (of, span)


def asked(**named):
    return Example(**({"id": "сұрақ-1", "question": ASKED["kk"], "language": "kk"} | named))


def figures(example, said, found=NOTHING_FOUND, documents=DOCUMENTS):
    return measure(case(example, said, found, documents))


def went_wrong(example, said, found=NOTHING_FOUND, documents=DOCUMENTS):
    of = case(example, said, found, documents)
    return failures(of, measure(of))


# --- sentences of an answer -----------------------------------------------------------------------

LEAD_INS = {
    "kk": "Құжаттарда былай делінген:",
    "en": "The documents say:",
    "ru": "В документах сказано:",
}


@pytest.mark.parametrize("language", LEAD_INS)
@pytest.mark.parametrize("places", [[place(LONGEST)], [place(SOURCE), place(SALT, LAKE)]])
def test_an_answer_is_a_lead_in_and_its_sentences(language, places):
    own, said = split_answer(answered(*places, language=language))
    assert own == LEAD_INS[language]
    assert [each.text for each in said] == [of.text[slice(*span)] for of, span in places]
    assert [each.quotes for each in said] == [(each.text,) for each in said]
    assert not any(each.out_of_range for each in said)


@pytest.mark.parametrize("short", ["ең ұзын", "Ертіс; Іле", "8 [1]", LEAD_INS["kk"]])
def test_the_short_answer_is_a_documents_words(short):
    own, said = split_answer(answered(place(LONGEST), short=short))
    assert own == LEAD_INS["kk"]
    assert [each.text for each in said] == [RIVER.text[slice(*LONGEST)]]


@pytest.mark.parametrize("language", LEAD_INS)
def test_a_refusal_is_an_answers_own_words(language):
    said = answered(language=language)
    assert split_answer(said) == (said.text, [])


@pytest.mark.parametrize(
    "text",
    [
        "Абай – ақын [1].",
        "Абай [7] – ақын.",
        "Абай – ақын.[1]",
        "Абай – ақын. [1]",
        "Абай – ақын [3] [1]",
        "[2]",
        "Абай.\n\nОл ақын.",
        "Абай.\n\n[1]\n\nОл ақын.",
        "Абай. [1]\n\nОл ақын. [2]",
        "Құжаттарда былай делінген:\n\nАбай. [1]",
        "Абай\nақын",
        " Абай ",
    ],
)
@pytest.mark.parametrize("beside", ["Ол ұлы ақын.", "Әуезов. [1]"])
def test_a_quote_stays_whole_whatever_it_holds(text, beside):
    both = document(f"{beside}\n{text}", "құжат")
    spans = [(0, len(beside)), (len(beside) + 1, len(both.text))]
    own, said = split_answer(answered(*(place(span, both) for span in spans)))
    assert own == LEAD_INS["kk"]
    assert [(each.text, each.quotes) for each in said] == [(beside, (beside,)), (text, (text,))]


def test_a_sentence_may_cite_several_and_words_without_a_mark_are_the_answers_own():
    text = "Былай дейді.\n\nЕкі өзен бар [1][2]\n\nБәрі осы."
    own, said = split_answer(answered(place(LONGEST), place(THIRD), text=text))
    assert own == "Былай дейді. Бәрі осы."
    (both,) = said
    assert (both.text, both.out_of_range) == ("Екі өзен бар", False)
    assert both.quotes == tuple(RIVER.text[slice(*span)] for span in (LONGEST, THIRD))


@pytest.mark.parametrize(("marks", "known"), [("[3]", 0), ("[1] [9]", 1), ("[0] [2] [1]", 2)])
def test_a_mark_of_no_citation_is_out_of_range(marks, known):
    said = answered(place(LONGEST), place(THIRD), text=f"Былай дейді:\n\nЕртіс ұзын. {marks}")
    ((_, (sentence,)),) = [split_answer(said)]
    assert (sentence.text, len(sentence.quotes)) == ("Ертіс ұзын.", known)
    assert sentence.out_of_range
    assert figures(asked(), said)["citation_recall"] == 0


# --- is it right ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "any_is_enough", "all_needed"),
    [
        ([], False, False),
        ([LAST], False, False),
        ([LONGEST], True, False),
        ([THIRD], True, False),
        ([LAST, THIRD], True, False),
        ([LONGEST, THIRD], True, True),
        ([LONGEST, LAST, THIRD], True, True),
        ([(LONGEST[0], THIRD[1])], True, True),
    ],
)
def test_gold_says_what_is_right(places, any_is_enough, all_needed):
    said = answered(*map(place, places))
    for need, right in (("any", any_is_enough), ("all", all_needed)):
        example = asked(gold=gold(LONGEST, THIRD), need=need)
        assert is_right(example, said) is right
        assert figures(example, said)["right"] == figures(example, said)["right_sentence@all"]
        assert figures(example, said)["right"] == right


def test_what_tells_of_the_collection_is_no_answer_of_its_documents():
    told = answered(place(LONGEST), place(SALT, LAKE)).model_copy(update={"mode": "collection"})
    for known in ({"gold": gold(LONGEST)}, {"relevant": {"lakes": 1}}, {"answers": ("Ертіс",)}):
        assert is_right(asked(**known), told) is False
        assert figures(asked(**known), told)["right"] == 0
    assert is_right(asked(answerable=False), told) is False


def test_half_of_a_gold_sentence_is_not_enough():
    start, end = LONGEST
    middle = start + (end - start) // 2
    example = asked(gold=gold((start, end)))
    assert not is_right(example, answered(place((start, middle))))
    assert is_right(example, answered(place((start, middle + 1))))
    assert not is_right(example, answered(place((start, end), LAKE))), "another document"


@pytest.mark.parametrize(
    ("relevant", "right"),
    [({"lakes": 1}, True), ({"lakes": 3, "жоқ": 1}, True), ({"lakes": 0, "өзендер": 1}, False)],
)
def test_where_documents_are_judged_a_relevant_one_must_be_cited(relevant, right):
    example = asked(relevant=relevant)
    assert is_right(example, answered(place(SALT, LAKE))) is right
    assert is_right(example, answered()) is False
    both = answered(place(LONGEST), place(SALT, LAKE))
    assert is_right(asked(relevant={"lakes": 1, "өзендер": -1}), both) is True


@pytest.mark.parametrize(
    ("answers", "right"),
    [
        (("Ертіс",), True),
        (("Іле", "ең ұзын"), True),
        (("Іле",), False),
        ((" ".join(["ең ұзын өзен"] * 4),), None),
        ((), None),
    ],
)
def test_with_answers_alone_a_short_one_must_be_cited(answers, right):
    assert is_right(asked(answers=answers), answered(place(LONGEST))) is right
    assert is_right(asked(answers=answers), answered()) is (None if right is None else False)


def test_gold_goes_before_documents_and_documents_before_answers():
    said = answered(place(LAST))
    assert is_right(asked(relevant={"өзендер": 1}, answers=("Іле",)), said) is True
    both = asked(gold=gold(LONGEST), relevant={"өзендер": 1}, answers=("әңгіме",))
    assert is_right(both, said) is False


def test_what_no_document_answers_is_right_if_refused():
    assert is_right(asked(answerable=False), answered()) is True
    assert is_right(asked(answerable=False), answered(place(LONGEST))) is False


# --- figures --------------------------------------------------------------------------------------


def test_the_figures_of_a_right_answer():
    example = asked(gold=gold(LONGEST), answers=("Ертіс",))
    said = answered(place(LONGEST), place(SOURCE), short="Ертіс – ең ұзын өзен")
    found = Ranking(("a", "b", "c"), {"b": 1}, dense=("b", "a", "c"))
    quoted = f"{RIVER.text[slice(*LONGEST)]} {RIVER.text[slice(*SOURCE)]}"
    precision = length(LONGEST) / (length(LONGEST) + length(SOURCE))
    assert figures(example, said, found) == {
        "right": 1,
        "answer_in_citation@1": 1,
        "answer_in_citation@all": 1,
        "answer_language": 1,
        "right_sentence@1": 1,
        "right_sentence@all": 1,
        "evidence_precision": pytest.approx(precision),
        "evidence_recall": 1,
        "evidence_f1": pytest.approx(2 * precision / (1 + precision)),
        "sentence_precision": 1 / 2,
        "short_answer_exact": 0,
        "short_answer_f1": 2 * 1 / (4 + 1),
        "short_answer_stem_f1": 2 * 1 / (4 + 1),
        "citation_validity": 1,
        "citation_recall": 1,
        "citation_precision": 1,
        "unsupported_facts": 0,
        "error": 0,
        "recall@1": 0,
        "recall@5": 1,
        "recall@10": 1,
        "success@3": 1,
        "mrr@10": 1 / 2,
        "ndcg@10": pytest.approx(1 / log2(3)),
        "ndcg_dense@10": 1,
        "token_f1": token_f1(quoted, ["Ертіс"]),
        "chrf": chrf(quoted, ["Ертіс"]),
    }


def test_every_figure_is_described():
    example = asked(gold=gold(LONGEST), answers=("Ертіс",), response="Ертіс")
    relevant = {"a": 1, **dict.fromkeys(OF_EACH_LANGUAGE, 1)}
    found = Ranking(("a",), relevant, dense=("a",))
    told = figures(example, answered(place(LONGEST)), found, DOCUMENTS | OF_EACH_LANGUAGE)
    told |= figures(replace(example, need="all"), answered())
    for kind in KINDS:
        unknown = asked(answerable=False, tags=(kind,), withheld=kind == WITHHELD)
        told |= figures(unknown, answered())
    assert set(told) <= set(MEASURES)
    of_an_index = {"necessity", "sufficiency", "sentence_in_passage@1"}
    of_models = {"named_rightly", "unsupported_facts"}  # tests/test_metrics_faithfulness.py
    assert set(MEASURES) - set(told) == of_an_index | of_models | set(STATISTICS)


def test_a_refusal_has_no_figures_of_citations():
    example = asked(gold=gold(LONGEST), answers=("Ертіс",))
    assert figures(example, answered()) == {
        "answer_language": 1,
        "error": 1,
        "right": 0,
        "right_sentence@1": 0,
        "right_sentence@all": 0,
        "evidence_recall": 0,
        "evidence_f1": 0,
        "answer_in_citation@1": 0,
        "answer_in_citation@all": 0,
        "short_answer_exact": 0,
        "short_answer_f1": 0,
        "short_answer_stem_f1": 0,
        "token_f1": 0,
        "chrf": 0,
    }


@pytest.mark.parametrize(("places", "invented"), [([], 0), ([place(LONGEST)], 1)])
def test_of_what_no_document_answers_only_this_is_told(places, invented):
    example = asked(answerable=False, answers=("Ертіс",), response="Ертіс")
    told = figures(example, answered(*places))
    of_citations = {name: 1 for name in told if name.startswith("citation_")}
    assert told == {"answer_language": 1, "hallucination": invented} | of_citations
    assert bool(of_citations) == bool(places)


def test_without_gold_there_is_no_evidence():
    told = figures(asked(answers=("Ертіс",)), answered(place(LONGEST)))
    assert not [name for name in told if "evidence" in name or "sentence" in name]
    assert (told["right"], told["answer_in_citation@all"]) == (1, 1)


def test_without_answers_there_is_no_wording():
    told = figures(asked(gold=gold(LONGEST), response="Ертіс"), answered(place(LONGEST)))
    wording = {name for name in MEASURES if MEASURES[name].group in ("Wording", "Short answer")}
    assert not set(told) & {*wording, "answer_in_citation@1", "answer_in_citation@all"}


def test_nothing_known_of_an_answer_leaves_what_can_be_seen_of_it():
    told = figures(asked(), answered(place(LONGEST)))
    assert told == dict.fromkeys(
        ("citation_validity", "citation_recall", "citation_precision", "answer_language"), 1
    ) | {"error": 0}


def test_a_long_reference_is_compared_but_not_looked_for():
    reference = "Ертіс Қазақстандағы ең ұзын өзен болып саналады және ол Қытайдан бастау алады."
    told = figures(asked(answers=(reference,)), answered(place(LONGEST)))
    quote = RIVER.text[slice(*LONGEST)]
    assert told["token_f1"] == token_f1(quote, [reference])
    assert 0 < told["token_f1"] < 1
    assert told["chrf"] == chrf(quote, [reference])
    assert not set(told) & {"right", "answer_in_citation@1", "answer_in_citation@all"}


@pytest.mark.parametrize(("words", "short"), [(10, True), (11, False)])
def test_a_short_answer_has_ten_words(words, short):
    told = figures(asked(answers=(" ".join(["өзен"] * words),)), answered(place(LONGEST)))
    assert ("answer_in_citation@all" in told) is short


def test_yes_and_no_are_not_looked_for():
    example = asked(gold=gold(LONGEST), answers=("иә",), tags=("kk->kk", "yes-no"))
    told = figures(example, answered(place(LONGEST)))
    assert not [name for name in told if name.startswith("answer_in")]
    assert not [name for name in told if name.startswith("short_answer")]
    assert {"token_f1", "right"} <= set(told)


def test_the_answer_may_be_in_another_than_the_first_citation():
    told = figures(asked(answers=("Іле",)), answered(place(LONGEST), place(THIRD)))
    assert (told["answer_in_citation@1"], told["answer_in_citation@all"]) == (0, 1)


def test_the_first_sentence_is_judged_by_itself():
    said = answered(place(LAST), place(LONGEST), place(THIRD))
    for need in ("any", "all"):
        told = figures(asked(gold=gold(LONGEST, THIRD), need=need), said)
        assert (told["right_sentence@1"], told["right_sentence@all"]) == (0, 1)
    told = figures(asked(gold=gold(LONGEST, THIRD), need="all"), answered(place(LONGEST)))
    share = length(LONGEST) / (length(LONGEST) + length(THIRD))
    assert told["evidence_recall"] == pytest.approx(share)
    assert told["evidence_precision"] == 1
    assert told["evidence_f1"] == pytest.approx(2 * share / (1 + share))


@pytest.mark.model
@pytest.mark.parametrize(("text", "expected"), [("\x01\x02", 0), ("Үкі түнде ұшады.", 1)])
def test_a_gold_passage_with_nothing_to_read_has_no_right_sentence(tmp_path, text, expected):
    source = document(text, "үкі")
    library = Indexer(tmp_path, load=lambda name: HashEmbedder())
    library.put([source, RIVER])
    example = asked(question="Үкі қашан ұшады?", gold=gold((0, len(text)), of=source))
    told = measure(case(example, answered(), retriever=library.open()))
    assert told["sentence_in_passage@1"] == expected


def test_words_quoted_exactly_match():
    abai = document("Ертіс.", "бір")
    told = figures(asked(answers=("Ертіс",)), answered(place((0, 6), abai)), documents={})
    assert told["token_f1"] == token_f1("Ертіс.", ["Ертіс"]) == 1


def test_a_given_response_is_scored_beside():
    example = asked(answers=("Іле", "Ертіс өзені"), response="Ертіс өзенінде")
    told = figures(example, answered())
    assert told["response_token_f1"] == token_f1("Ертіс өзенінде", example.answers) > 0
    assert told["response_chrf"] == chrf("Ертіс өзенінде", example.answers) > 0
    assert told["token_f1"] == 0


RANKINGS = [
    (("a", "b"), {"a": 1}, 1, 1, 1, 1),
    (("b", "a"), {"a": 1}, 0, 1, 1, 1 / 2),
    (tuple("bcdefa"), {"a": 2}, 0, 0, 1, 1 / 6),
    (tuple("bcdefghijka"), {"a": 1}, 0, 0, 0, 0),
    (tuple("abcdefghij"), {"a": 1, "f": 1, "x": 0}, 1 / 2, 1 / 2, 1, 1),
]


@pytest.mark.parametrize(("ids", "relevant", "first", "five", "ten", "reciprocal"), RANKINGS)
def test_rankings_are_measured(ids, relevant, first, five, ten, reciprocal):
    told = figures(asked(), answered(), Ranking(ids, relevant))
    assert [told[f"recall@{k}"] for k in (1, 5, 10)] == [first, five, ten]
    assert told["mrr@10"] == pytest.approx(reciprocal)
    assert told["success@3"] == (reciprocal >= 1 / 3)
    assert "ndcg_dense@10" not in told
    assert 0 <= told["ndcg@10"] <= 1


@pytest.mark.parametrize(
    ("ids", "kazakh", "english"),
    [(("құжат",), 1, 0), (("text", "құжат"), 1, 1), (("текст", "text"), 0, 1), ((), 0, 0)],
)
def test_where_several_languages_answer_each_is_found_by_itself(ids, kazakh, english):
    found = Ranking(ids, {"құжат": 1, "text": 2, "текст": 0})
    told = figures(asked(), answered(), found, OF_EACH_LANGUAGE)
    assert told["recall_kk@10"] == kazakh
    assert told["recall_en@10"] == english
    assert "recall_ru@10" not in told


@pytest.mark.parametrize("relevant", [{"құжат": 1}, {"құжат": 1, "text": 0}, {"a": 1, "b": 1}])
def test_where_one_language_answers_it_is_not_told_apart(relevant):
    told = figures(asked(), answered(), Ranking(("құжат",), relevant), OF_EACH_LANGUAGE)
    assert not [name for name in told if name.startswith("recall_")]


@pytest.mark.parametrize("relevant", [{}, {"a": 0}, {"a": -1}])
def test_where_nothing_is_relevant_a_ranking_is_not_measured(relevant):
    told = figures(asked(), answered(), Ranking(("a",), relevant))
    assert not [name for name in told if "@" in name]


def test_a_ranking_without_what_is_withheld_is_not_measured():
    example = asked(answerable=False, withheld=True, gold=gold(LONGEST))
    assert "recall@10" not in figures(example, answered(), Ranking(("a",), {"a": 1}))


@pytest.mark.parametrize("other", ["kk", "en", "ru"])
@pytest.mark.parametrize("refused", [True, False])
def test_the_language_is_that_of_the_answers_own_words(other, refused):
    places = [] if refused else [place(SALT, LAKE), place(SHORE, LAKE)]
    said = answered(*places, language=other)
    example = replace(asked(), language="ru", question=ASKED["ru"])
    assert figures(example, said)["answer_language"] == (other == "ru")


def test_an_answer_without_words_of_its_own_is_in_the_language_of_its_quotes():
    said = answered(place(SALT, LAKE), text="Balkhash is half salt. [1]")
    assert figures(asked(language="en"), said)["answer_language"] == 1
    assert figures(asked(language="kk"), said)["answer_language"] == 0


def test_a_citation_must_be_what_its_document_says():
    said = answered(place(LONGEST), place(SALT, LAKE))
    changed = DOCUMENTS | {"lakes": replace(LAKE, text=LAKE.text.replace("salt", "SALT"))}
    assert figures(asked(), said, documents=changed)["citation_validity"] == 1 / 2
    assert figures(asked(), said, documents={RIVER.id: RIVER})["citation_validity"] == 1 / 2
    assert figures(asked(), said, documents={})["citation_validity"] == 0


def test_a_sentence_must_be_in_what_it_cites():
    text = "Былай дейді:\n\nЕртіс – ең ұзын өзен. [1]\n\nҮшіншісі – Іле. [1]\n\nБалқаш – көл. [2]"
    told = figures(asked(), answered(place(LONGEST), place(THIRD), text=text))
    assert told["citation_recall"] == pytest.approx(1 / 3)
    assert told["citation_precision"] == pytest.approx(1 / 3)


# --- what went wrong ------------------------------------------------------------------------------

FOUND = Ranking(("a", "b"), {"a": 1})
LOST = Ranking(tuple("bcdefghijkla"), {"a": 1})
ANSWER = {"gold": gold(LONGEST), "answers": ("Ертіс",)}
BOTH = {"gold": gold(LONGEST, THIRD), "need": "all"}
WRONG = [
    (ANSWER, [LONGEST], FOUND, []),
    (ANSWER, [LONGEST], LOST, []),
    ({"answerable": False}, [], NOTHING_FOUND, []),
    ({"answerable": False}, [LONGEST], NOTHING_FOUND, ["answered-unanswerable"]),
    (ANSWER, [], FOUND, ["refused"]),
    (ANSWER, [], LOST, ["refused", "not-found"]),
    (ANSWER, [LAST], LOST, ["not-found", "short-answer-missing"]),
    (ANSWER, [LAST], FOUND, ["not-cited"]),
    (BOTH, [LONGEST, THIRD], FOUND, []),
    (BOTH, [LONGEST], FOUND, ["part-missing"]),
    (BOTH, [LAST], FOUND, ["not-cited"]),
    (BOTH, [LONGEST], LOST, ["not-found"]),
    (BOTH, [], FOUND, ["refused"]),
    ({"gold": gold(LONGEST), "answers": ("Іле",)}, [LONGEST], FOUND, ["short-answer-missing"]),
    ({"answers": ("Іле",)}, [LONGEST], NOTHING_FOUND, ["short-answer-missing"]),
    ({"answers": ("Іле",)}, [], NOTHING_FOUND, ["refused"]),
    ({"relevant": {"lakes": 1}}, [LONGEST], FOUND, ["not-cited"]),
    ({"relevant": {"lakes": 1}}, [LONGEST], LOST, ["not-found"]),
    ({"relevant": {"өзендер": 1}}, [LONGEST], FOUND, []),
    ({}, [LONGEST], NOTHING_FOUND, []),
]


@pytest.mark.parametrize(("known", "places", "found", "names"), WRONG)
def test_what_went_wrong_is_named(known, places, found, names):
    assert went_wrong(asked(**known), answered(*map(place, places)), found) == names


def test_a_changed_document_is_a_bad_citation():
    said = answered(place(LONGEST))
    documents = {RIVER.id: replace(RIVER, text="Басқа мәтін.")}
    assert went_wrong(asked(**ANSWER), said, FOUND, documents) == ["bad-citation"]


@pytest.mark.parametrize("places", [[], [LONGEST]])
def test_an_answer_in_another_language_is_named(places):
    said = answered(*map(place, places), language="en")
    assert went_wrong(asked(**ANSWER), said, FOUND)[-1] == "wrong-language"


def test_failures_come_in_the_order_of_their_table():
    said = answered(language="en")
    assert went_wrong(asked(**ANSWER), said, LOST) == ["refused", "not-found", "wrong-language"]
    assert next(iter(FAILURES)) == "not-asked"
    named = {name for row in WRONG for name in row[3]}
    assert set(FAILURES) - named == {"not-asked", "bad-citation", "wrong-language"}
