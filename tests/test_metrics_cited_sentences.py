"""Tests of eval/metrics/cited_sentences.py and parts.py: sentences and parts, counted by hand."""

from unicodedata import normalize

import pytest
from fakes import answered, case, document

from eval.dataset import Example, Gold
from eval.metrics import cited_sentences, parts
from eval.metrics.cited_sentences import sentence_precision
from eval.metrics.parts import parts_cited
from ingest.sentence import sentences

TEXT = (
    "ҚАЗАҚСТАННЫҢ ІРІ КӨЛДЕРІ:\n- Балқаш, тұщы әрі тұзды;\n- Зайсан, Ертіс бойында;\n\n"
    "Үкі түнде ұшады. Һәм ол өте жақсы естиді. Ғарышкер көкке қарады."
)
LAKES = document(TEXT, "көлдер")
OTHER = document(TEXT, "басқа")
DOCUMENTS = {each.id: each for each in (LAKES, OTHER)}
HEADING, SALT, ZAYSAN, OWL, HEARS, SKY = sentences(TEXT)
LIST = (HEADING[0], ZAYSAN[1])


def places(*spans, of=LAKES):
    return [(of.id, *span) for span in spans]


def citing(gold, *spans, need="any", of=LAKES, answerable=True):
    """Return a case that cites spans, each by itself."""
    example = Example(
        "1",
        "Көлдер?",
        "kk",
        gold=tuple(Gold(LAKES.id, *span) for span in gold),
        need=need,
        answerable=answerable,
    )
    return case(example, answered(*((of, span) for span in spans)), documents=DOCUMENTS)


def cut(*spans, of=LAKES):
    """Return the sentences of an answer that cites spans of a document."""
    citations = answered(*((of, span) for span in spans)).citations
    return cited_sentences.cited_sentences(citations, {of.id: of})


# --- sentences ------------------------------------------------------------------------------------


def test_a_citation_is_cut_into_its_sentences():
    assert cut(LIST) == places(HEADING, SALT, ZAYSAN)
    assert cut((OWL[0], HEARS[1]), HEARS) == places(OWL, HEARS), "each once"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_sentences_are_those_of_the_document_not_of_the_quote(form):
    text = normalize(
        form,
        "Айнакөл мұражайының күзгі кестесі мен билет бағасы\nЕскертпе.\nБилет жолға шығардан екі"
        " тәулік бұрын сатыла бастайды, одан кейін болмайды.",
    )
    title, heading, _ = sentences(text)
    quoted = (title[0], heading[1])
    assert len(sentences(text[slice(*quoted)])) == 1
    source = document(text, "кесте")
    assert cut(quoted, of=source) == places(title, heading, of=source)


def test_what_is_cited_from_no_document_is_one_sentence():
    citations = answered((LAKES, LIST)).citations
    assert cited_sentences.cited_sentences(citations, {}) == places(LIST)
    emptied = {LAKES.id: document("", LAKES.id)}
    assert cited_sentences.cited_sentences(citations, emptied) == places(LIST)


def test_of_a_sentence_that_is_quoted_in_part_it_is_the_part():
    half = (OWL[0], OWL[0] + 9)
    assert cut(half) == places(half)
    assert cut((OWL[1] - 5, HEARS[1])) == places((OWL[1] - 5, OWL[1]), HEARS)


@pytest.mark.parametrize(
    ("gold", "cited", "expected"),
    [
        ([OWL], [OWL], 1 / 1),
        ([OWL], [HEARS], 0 / 1),
        ([OWL], [OWL, HEARS], 1 / 2),
        ([OWL], [(OWL[0], SKY[1])], 1 / 3),
        ([SALT, ZAYSAN], [LIST], 2 / 3),  # the heading does not answer
        ([HEADING, SALT, ZAYSAN], [LIST], 3 / 3),
        ([OWL, SKY], [SKY], 1 / 1),  # any is enough
        ([OWL, SKY], [SKY, HEARS, OWL], 2 / 3),
        ([OWL, OWL], [OWL], 1 / 1),
        ([(OWL[0], HEARS[1])], [HEARS], 1 / 1),  # gold of two sentences
        ([(OWL[0] + 4, OWL[0] + 9)], [OWL], 1 / 1),  # gold within a sentence
    ],
)
def test_the_share_of_cited_sentences_that_answer(gold, cited, expected):
    told = cited_sentences.figures(citing(gold, *cited))
    assert told == {"sentence_precision": pytest.approx(expected)}
    told = cited_sentences.figures(citing(gold, *cited, need="all"))
    assert told == {"sentence_precision": pytest.approx(expected)}


def test_the_same_place_of_another_document_does_not_answer():
    assert cited_sentences.figures(citing([OWL], OWL, of=OTHER)) == {"sentence_precision": 0}


@pytest.mark.parametrize(("shared", "answers"), [(4, 0), (5, 0), (6, 1)])
def test_more_than_half_must_be_shared(shared, answers):
    assert sentence_precision([("ә", 0, 10)], [("ә", 10 - shared, 20 - shared)]) == answers


def test_decomposed_letters_count_as_they_stand():
    text = normalize("NFD", "Абай ойлы. Ел елді. ЙӘҒҚҢ.")
    spans = sentences(text)
    found = document(text, "нфд")
    assert cut((0, len(text)), of=found) == places(*spans, of=found)


def test_nothing_is_told_of_a_refusal_without_gold_or_of_what_is_unanswerable():
    assert cited_sentences.figures(citing([OWL])) == {}
    assert cited_sentences.figures(citing([], OWL)) == {}
    assert cited_sentences.figures(citing([OWL], OWL, answerable=False)) == {}
    assert sentence_precision([], places(OWL)) is None


# --- parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cited", "share"),
    [
        ([], 0 / 3),
        ([HEARS], 0 / 3),
        ([OWL], 1 / 3),
        ([LIST, HEARS], 2 / 3),
        ([LIST, OWL], 3 / 3),
        ([(SALT[0], OWL[1])], 3 / 3),
    ],
)
def test_the_share_of_parts_that_is_cited(cited, share):
    gold = [SALT, ZAYSAN, OWL]
    assert parts.figures(citing(gold, *cited, need="all")) == {
        "parts_cited": pytest.approx(share),
        "all_parts_cited": float(share == 1),
    }
    assert parts.figures(citing(gold, *cited)) == {}, "one is enough"


def test_half_of_a_part_is_not_enough():
    start, end = OWL
    assert (end - start) % 2 == 0
    middle = (start + end) // 2
    assert parts_cited(places((start, middle)), places(OWL, SALT)) == 0
    assert parts_cited(places((start, middle + 1)), places(OWL, SALT)) == 1 / 2


def test_what_is_withheld_or_unknown_has_no_parts():
    assert parts.figures(citing([OWL, SKY], OWL, need="all", answerable=False)) == {}
    assert parts.figures(citing([], OWL, need="all")) == {}
