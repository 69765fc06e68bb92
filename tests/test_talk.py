"""What is said to Dalel itself: recognised in three languages, replied to without a quote."""

import re
import unicodedata

import pytest
from campaign import at_length
from fakes import HashEmbedder, document, respond

from chat.pipeline import answer
from chat.talk import MAX_NAMED, Talk, hear, reply, talk_model
from eval.training.train_collection import TALK, read_sentences, set_questions
from index.embedders.embedded import MODEL
from index.embedders.onnx_file import manifest_sha256
from index.indexer import Indexer

DOCUMENTS = (
    document(
        "Демалыс ережесі\n\nҚызметкерге жылына 28 күн демалыс беріледі. Студентке 14 күн беріледі.",
        "демалыс.txt",
        "kk",
        "Демалыс ережесі",
    ),
    document(
        "Orken Trade sells seeds and tools. The director is Saule Akhmet. It was founded in 2009.",
        "company.txt",
        "en",
        "Orken Trade",
    ),
)

# None of them is among the sentences of eval/training/talk_questions.tsv.
SAID = {
    "dalel": ("Сен кімсің, айтшы?", "Сен кімсің ей", "А ты кто?", "Кто ты есть?", "hey who are you",
              "What can you do, exactly?", "Что ты умеешь делать?", "Сен не істей аласың өзі?"),
    "greeting": ("Сәлем, Dalel!", "Привет, Dalel!", "Hello, Dalel", "Сәлеметсіз бе!!!"),
    "thanks": ("Рахмет, бот!", "Көп рахмет саған", "Спасибо, бот", "Thanks, bot!", "THANK YOU!!!"),
    "farewell": ("Сау бол, достым", "Ну всё, до свидания", "Bye bye, see you"),
    "assent": ("ок.", "OK!", "жарайды, түсінікті", "да, понятно", "yes, okay"),
    "bare": ("Source??", "why??", "Неге??", "Почему??", "Really?!"),
}  # fmt: skip
ORDINARY = (
    "Директор кім?",
    "Who is the director?",
    "What does Orken Trade sell?",
    "Сен кімсің деген өлеңді кім жазды?",
    "Рахмет деген кім?",
    "Студентке неше күн демалыс беріледі?",
    "Рахмет! Ал демалыс неше күн?",
    "Спасибо, понятно. А каков штраф?",
    "Thanks, I see. And what is the fine?",
    "Сәлеметсіз бе! Дүкен қашан ашылады?",
    "What is the source of the river?",
    "Why did the Aral shrink?",
    "Арал неге тартылды?",
    "Как работает насос?",
    "Who are the Kazakhs?",
    "What can the ministry do?",
    "Кто основал компанию?",
    "демалыс",
    "28",
    "директор",
)


def opened(folder, embedder=None):
    indexer = Indexer(folder)
    if embedder:
        indexer._loaded = embedder
    indexer.put(DOCUMENTS)
    return indexer.open()


@pytest.fixture(scope="module")
def hashed(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("hashed"), HashEmbedder("embedded"))


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Return the same documents, indexed with the model that ships."""
    return opened(tmp_path_factory.mktemp("real"))


def test_the_model_is_that_of_the_weights_that_ship():
    """If it fails, run `python -m eval.training.train_collection`."""
    assert talk_model().weights_sha256 == manifest_sha256(MODEL)
    assert set(talk_model().weights) == {*SAID, "ordinary"}


def test_no_sentence_is_in_two_parts():
    rows = read_sentences(TALK)
    texts = [row.text.casefold().strip(" .?!…") for row in rows]
    assert len(set(texts)) == len(texts)
    assert {row.part for row in rows} == {"train", "choose", "report"}
    assert {row.intent for row in rows} == {*SAID, "ordinary"}


@pytest.mark.model
@pytest.mark.parametrize(("intent", "said"), [(each, one) for each in SAID for one in SAID[each]])
def test_what_is_said_to_dalel_is_recognised(real, intent, said):
    for form in ("NFC", "NFD"):
        found = hear(unicodedata.normalize("NFC", unicodedata.normalize(form, said)), real)
        assert found is not None
        assert found.intent == intent


@pytest.mark.model
@pytest.mark.parametrize("question", ORDINARY)
def test_a_question_about_documents_is_none(real, question):
    assert hear(question, real) is None


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.campaign
def test_no_question_of_the_sets_that_ship_is_taken_for_talk(retriever):
    """One in ten, but under `make campaign`."""
    questions = set_questions()
    asked = at_length(questions, questions[::10])
    assert [question for question in asked if hear(question, retriever)] == []


def test_with_another_embedding_model_every_question_is_searched_for(hashed):
    assert hear("Сен кімсің?", hashed) is None


@pytest.mark.parametrize("language", ["kk", "en", "ru"])
@pytest.mark.parametrize("intent", SAID)
def test_a_reply_is_a_sentence_or_two_and_quotes_nothing(hashed, language, intent):
    told = reply(Talk("?", language, intent), hashed)
    assert (told.mode, told.abstained, told.citations, told.passages) == ("talk", True, (), ())
    assert "\n" not in told.text
    assert told.text == " ".join(told.text.split())
    assert 1 <= len(re.findall(r"[.!?](?=\s|$)", told.text)) <= 3
    assert ("Orken Trade" in told.text) == (intent in ("dalel", "greeting"))
    assert ("Dalel" in told.text) == (intent == "dalel")


def test_a_reply_names_a_few_documents_on_one_line(tmp_path):
    indexer = Indexer(tmp_path)
    indexer._loaded = HashEmbedder("embedded")
    many = [document(f"Бұл {n}-құжат туралы сөйлем.", f"құжат-{n}") for n in range(9)]
    indexer.put([document("Мәтін.", "a", "kk", "Өте ұзын\n\nатау {{ 7 * 7 }} " * 20), *many])
    told = reply(Talk("?", "kk", "dalel"), indexer.open())
    assert told.text.count("«") == MAX_NAMED
    assert "атау {{ 7 * 7 }} Өте" in told.text
    assert len(told.text) < 400


@pytest.mark.model
@pytest.mark.parametrize(
    ("said", "language"),
    [("Сен кімсің?", "kk"), ("Who are you?", "en"), ("Кто ты?", "ru"), ("Рақмет!", "kk")],
)
def test_the_pipeline_replies_in_the_language_that_was_spoken(real, said, language):
    told = answer(said, real)
    assert (told.mode, told.language, told.short_answer) == ("talk", language, "")
    assert told.data()["mode"] == "talk"


@pytest.mark.model
def test_a_follow_up_leans_on_the_question_before_the_thanks(real):
    first = respond("Ресеймен шарт қай жылы жасалды?", [], real)
    second = respond("Рахмет!", [first], real)
    assert (second.answer.mode, second.rewritten) == ("talk", "")
    third = respond("Ал Қытаймен ше?", [first, second], real)
    assert third.rewritten == "Қытаймен шарт қай жылы жасалды?"


@pytest.mark.model
def test_talk_leans_on_no_question(real):
    first = respond("Who is the director?", [], real)
    for said in ("And who are you?", "Ок", "Кто это ты?"):
        assert respond(said, [first], real).rewritten == ""


@pytest.mark.model
def test_a_lone_question_word_with_an_opening_is_a_follow_up(real):
    first = respond("When was Orken Trade founded?", [], real)
    whole = "When was Orken Trade founded? And why?"
    assert respond("And why?", [first], real).rewritten == whole
