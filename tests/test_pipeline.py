"""Answers: what the product promises, asked of the real index with the real model."""

import json
import unicodedata

import pytest
from campaign import at_length
from fakes import HashEmbedder, document

from chat.confidence import confidence_model
from chat.pipeline import answer
from eval.baselines import SETS
from eval.formats import read_set
from index.indexer import Indexer
from index.ranking_weights import WEIGHTS
from ingest.errors import QuestionError

pytestmark = pytest.mark.model

SMOKE = read_set(SETS / "smoke.jsonl", strict=True).examples
BORDER = "1994 жылғы сәуір айында Алматыда «Қазақстан мен ҚХР арасындағы мемлекетттік шекараның"


def quotes(answered):
    return [citation.quote for citation in answered.citations]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?", "kk"),
        ("In what year was the treaty on the state border with China made?", "en"),
        ("В каком году был заключён договор о государственной границе с Китаем?", "ru"),
    ],
)
def test_one_fact_is_found_in_three_languages(retriever, question, language):
    answered = answer(question, retriever)
    assert answered.language == language
    assert any(quote.startswith(BORDER) for quote in quotes(answered))


NOT_YET = pytest.mark.xfail(strict=True, reason="answered with what resembles it (eval/LOG.md)")


@pytest.mark.parametrize(
    "question",
    [
        "Фотосинтез деген не?",
        pytest.param("Қазақстанның халқы қанша?", marks=NOT_YET),
        pytest.param("Who is the president of France?", marks=NOT_YET),
        "Марста өмір бар ма?",
    ],
)
def test_what_the_documents_do_not_say_is_refused(retriever, question):
    assert answer(question, retriever).abstained


def test_an_english_fact_is_cited(retriever):
    answered = answer(
        "In what year was the fifth anniversary conference of the Proliferation Security"
        " Initiative?",
        retriever,
    )
    assert "on May 28, 2008" in answered.citations[0].quote
    assert answered.citations[0].document_id == "en_foreign_policy"


@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        ("What is the national anthem of Kazakhstan called?", "The documents do not say."),
        ("Палау қалай пісіріледі?", "Құжаттарда бұл сұраққа жауап жоқ."),
        ("Сколько струн у скрипки?", "В документах нет ответа на этот вопрос."),
    ],
)
def test_it_says_so_when_the_documents_do_not(retriever, question, refusal):
    answered = answer(question, retriever)
    assert answered.abstained
    assert answered.text == refusal
    assert answered.citations == ()
    assert answered.confidence < confidence_model().threshold


def test_the_answer_is_a_lead_in_and_the_quotes_with_their_marks(retriever):
    answered = answer("Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?", retriever)
    short_answer, lead_in, body = answered.text.split("\n\n", 2)
    assert short_answer == answered.short_answer
    assert "1994" in short_answer
    assert lead_in == "Құжаттарда былай делінген:"
    assert body.split("\n\n") == [f"{each.quote} [{each.mark}]" for each in answered.citations]
    assert [each.mark for each in answered.citations] == list(range(1, len(answered.citations) + 1))
    assert 1 <= len(answered.citations) <= WEIGHTS.max_quotes


def test_the_words_that_answer_stand_in_what_is_cited(retriever):
    for question in ("Семейдегі полигонда қанша жарылыс жасалды?", "Арал теңізі неге тартылды?"):
        answered = answer(question, retriever)
        for citation in answered.citations:
            text = retriever.documents[citation.document_id].text
            assert citation.start <= citation.answer.start < citation.answer.end <= citation.end
            assert text[citation.answer.start : citation.answer.end] == citation.answer.text
        assert answered.short_answer.split("; ")[0] in " ".join(answered.citations[0].quote.split())


def test_an_answer_in_capitals_is_the_same(retriever):
    question = "Семейдегі полигонда қанша жарылыс жасалды?"
    plain, loud = answer(question, retriever), answer(question.upper(), retriever)
    assert plain.short_answer == loud.short_answer == "752"


def test_what_two_documents_say_word_for_word_is_cited_once_with_both(tmp_path):
    price, other = "Мұражайға кіру 500 теңге тұрады.", "Мұражайға кіру 700 теңге тұрады."
    library = Indexer(tmp_path)
    library.put(
        [
            document(f"{price} Дүйсенбіде жабық.", "бір"),
            document(f"Хабарландыру. {price}", "екі"),
            document(f"{other} Балаларға тегін.", "үш"),
        ]
    )
    answered = answer("Мұражайға кіру қанша тұрады?", library.open(), threshold=0)
    first = next(citation for citation in answered.citations if "500" in citation.quote)
    assert [copy.document_id for copy in first.copies] == [
        name for name in ("бір", "екі") if name != first.document_id
    ]
    assert sum("500" in citation.quote for citation in answered.citations) == 1


@pytest.mark.campaign
def test_every_citation_of_the_smoke_set_is_what_its_document_says(retriever):
    assert len(SMOKE) >= 40
    for example in at_length(SMOKE, SMOKE[1::12]):
        for citation in answer(example.question, retriever).citations:
            text = retriever.documents[citation.document_id].text
            assert text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize(
    "question",
    ["Қазақстан БҰҰ-ға қай жылы мүше болды?", "When did Kazakhstan become a member of the UN?"],
)
def test_a_fact_in_both_documents_is_cited_from_both(tmp_path, question):
    kazakh = "Қазақстан 1992 жылы Біріккен Ұлттар Ұйымына (БҰҰ) мүше болды."
    english = "Kazakhstan became a member of the United Nations (UN) in 1992."
    library = Indexer(tmp_path)
    library.put(
        [
            document(f"{kazakh} Ұлы даланы мал өсірген ел мекендеген. Қой еті тағам болған."),
            document(f"The steppe is wide. {english} Sheep are kept.", name="en", language="en"),
        ]
    )
    assert {kazakh, english} <= set(quotes(answer(question, library.open())))


TWICE = [
    (
        "Шетелде қанша өкілдігіміз бар",
        " және ",
        "Арал теңізі неге тартылды?",
        "палау қалай пісіріледі?",
        "Құжаттарда мына сұраққа жауап жоқ: «палау қалай пісіріледі?»",
    ),
    (
        "How many treaties were signed",
        ", and ",
        "who is the deputy foreign minister?",
        "how is pilaf cooked?",
        "The documents do not answer: “how is pilaf cooked?”",
    ),
    (
        "Сколько соглашений подписано",
        " и ",
        "почему высохло Аральское море?",
        "сколько струн у скрипки?",
        "В документах нет ответа на вопрос: «сколько струн у скрипки?»",
    ),
]


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("first", "between", "second", "unknown", "note"), at_length(TWICE, TWICE[:1])
)
def test_two_questions_in_one_are_both_answered(retriever, first, between, second, unknown, note):
    alone, both = answer(first, retriever), answer(f"{first}{between}{second}", retriever)
    assert len(both.citations) >= 2
    assert both.short_answer.startswith(alone.short_answer.split("; ")[0])
    assert both.note == ""
    assert [row.rank for row in both.passages] == list(range(1, WEIGHTS.passages_read + 1))
    half = answer(f"{first}{between}{unknown}", retriever)
    assert half.short_answer.startswith(alone.short_answer.split("; ")[0])
    assert half.note == note


def test_decomposed_questions_are_the_same_questions(retriever):
    question = "Семейдегі полигонда қанша жарылыс жасалды?"
    plain = answer(question, retriever)
    assert not plain.abstained
    assert quotes(answer(unicodedata.normalize("NFD", question), retriever)) == quotes(plain)


@pytest.mark.parametrize("question", ["", "  \n", "?!…", "\x00", "x" * 2001, "\ud800"])
def test_what_is_no_question_is_told(retriever, question):
    with pytest.raises(QuestionError):
        answer(question, retriever)


@pytest.mark.parametrize(
    "question",
    ["Абай\x00 кім?", "Абай \ud800 кім?", "ﷺ" * 500, "ә" * 2000, "</s><s> Абай", "1994", "🇰🇿🇰🇿 a"],
)
def test_odd_questions_are_answered_or_refused(retriever, question):
    data = answer(question, retriever).data()
    text = json.dumps(data, ensure_ascii=False).encode("utf-8").decode("utf-8")
    assert json.loads(text) == data
    assert data["abstained"] == (data["citations"] == [])


def test_hostile_documents_are_quoted_not_obeyed(tmp_path, monkeypatch):
    """Braces, tags and forged marks in a document stay what they are: text."""
    text = "Арал теңізі {{7*7}} <script>x</script> [9] {% raw %} $x тартылды."
    monkeypatch.setattr("index.indexer.load_embedder", lambda *_: HashEmbedder())
    library = Indexer(tmp_path)
    library.put([document(text), document("Басқа құжат бар.", name="басқа")])
    answered = answer("Арал теңізі тартылды ма?", library.open())
    assert text in quotes(answered)
    assert text in answered.text
    assert "49" not in answered.text


def test_the_json_says_what_the_answer_does(retriever):
    answered = answer("Арал теңізі неге тартылды?", retriever)
    data = json.loads(json.dumps(answered.model_copy(update={"id": "сұрақ-1"}).data()))
    assert (data["id"], data["question"]) == ("сұрақ-1", "Арал теңізі неге тартылды?")
    assert (data["language"], data["mode"], data["abstained"]) == ("kk", "extractive", False)
    assert data["answer"] == answered.text
    assert data["confidence"] == pytest.approx(answered.confidence, abs=1e-4)
    assert data["timings_ms"] == pytest.approx(answered.timings_ms, abs=0.1)
    assert [row["mark"] for row in data["citations"]] == [c.mark for c in answered.citations]
    for row in data["citations"]:
        document = retriever.documents[row["document_id"]]
        assert document.text[row["start"] : row["end"]] == row["quote"]
        assert (row["title"], row["language"]) == (document.title, document.language)
    assert [row["rank"] for row in data["passages"]] == list(range(1, WEIGHTS.passages_read + 1))
    for row in data["passages"]:
        text = retriever.documents[row["document_id"]].text
        assert text[row["start"] : row["end"]] == row["text"]
    scores = [row["score"] for row in data["passages"]]
    assert scores == sorted(scores, reverse=True)
