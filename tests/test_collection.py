"""Questions about the collection: recognised in three languages, answered from what is indexed."""

import json
import unicodedata

import pytest
from campaign import at_length
from fakes import HashEmbedder, Scripted, document, is_valid

from chat.collection import (
    CollectionQuestion,
    collection_model,
    describe,
    mask_names,
    recognise,
)
from chat.llm import LLM, LLMSpec
from chat.pipeline import answer
from chat.web.confidence_steps import confidence_step
from eval.training.train_collection import set_questions
from index.embedders.embedded import MODEL
from index.embedders.onnx_file import manifest_sha256
from index.indexer import Indexer
from ingest.document import Block
from prompts.render import render

KAZAKH = "Үлкен Алматы көлі\nКөл тауда жатыр. Оның суы көк. Һәм ол терең. Қыста қатады."
ENGLISH = "The ferry leaves at nine. It has two decks. Tickets are sold on board. Dogs travel free."
RUSSIAN = "Музей открыт по средам. Вход свободный. Экскурсии ведут студенты. Снимать можно."
DOCUMENTS = (
    document(KAZAKH, "көлдер/алматы_көлі.txt", "kk", "Үлкен Алматы көлі"),
    document(ENGLISH, "ferry-2024.txt", "en"),
    document(RUSSIAN, "музей", "ru", "Городской музей: правила"),
)

# None of them is among the sentences of eval/training/collection_questions.tsv.
ASKED = {
    "overview": (
        "Мұнда қандай құжаттар бар?",
        "ҚАНДАЙ ҚҰЖАТТАР БАР?",
        "Неше құжат бар?",
        "How many documents do you have here?",
        "What documents are available?",
        "Какие документы у тебя есть?",
        "Сколько документов загружено?",
    ),
    "about": (
        "ferry-2024.txt не туралы?",
        "«Үлкен Алматы көлі» құжаты не туралы?",
        "What is the file ferry-2024.txt about?",
        "О чём документ «Городской музей: правила»?",
        "ferry-2024.txt",  # A name alone.
        "Городской музей: правила",
    ),
    "whole": (
        "Осы құжатты қысқаша баянда",
        "Please summarise the document.",
        "summarise ferry-2024.txt",
        "Перескажи этот документ кратко",
        "List all dates.",
        "Барлық даталарды тізіп шық",
    ),
}
ORDINARY = (
    "Көлдің суы қандай түсті?",
    "Кемеге билет қайда сатылады?",
    "Қандай құжаттарды көрсету керек?",
    "When does the ferry leave?",
    "Which documents must a passenger show?",
    "What does the document say about dogs?",
    "What is the lake like?",
    "Когда открыт музей?",
    "Сколько стоит вход?",
    "Какие документы нужны студентам?",
    "Құжат нөмірі қандай?",
    "Қандай құжаттарға өзгеріс енгізілді?",
    "Мазмұндама жазудың тәртібі қандай?",
    "What are the rules for writing a summary?",
    "What documents are mentioned in the appendix?",
    "Tell me everything I need for the cake.",
    "Номер документа?",
    "Каковы правила написания изложения?",
    "Расскажи всё, что нужно для торта.",
    # The name of a document stands in them.
    "What is ferry-2024.txt?",
    "Where is «Городской музей: правила» kept?",
    "«Үлкен Алматы көлі» құжатын кім бекітті?",
    "Does ferry-2024.txt mention dogs?",
)


def opened(folder, documents=DOCUMENTS):
    indexer = Indexer(folder)
    indexer._loaded = HashEmbedder("embedded")
    indexer.put(documents)
    return indexer.open()


@pytest.fixture(scope="module")
def hashed(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("hashed"))


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Return the same documents, indexed with the model that ships."""
    indexer = Indexer(tmp_path_factory.mktemp("real"))
    indexer.put(DOCUMENTS)
    return indexer.open()


@pytest.fixture(scope="module")
def namesakes(tmp_path_factory):
    """Return the documents with two more, which are called the same but for their folders."""
    two = (
        document("Бір.", "a/есеп 2024.pdf"),
        document("Екі.", "b/есеп 2024.pdf", "kk", "COVID-19"),
    )
    return opened(tmp_path_factory.mktemp("namesakes"), (*DOCUMENTS, *two))


def told(retriever, language, intent, *documents):
    named = {document.id for document in documents or DOCUMENTS}
    searched = retriever.within(named).visible_documents
    return describe(CollectionQuestion("?", language, intent, searched), retriever)


# --- recognising ----------------------------------------------------------------------------------


def test_the_model_is_that_of_the_weights_that_ship():
    """If it fails, run `python -m eval.training.train_collection`."""
    assert collection_model().weights_sha256 == manifest_sha256(MODEL)
    assert set(collection_model().weights) == {"overview", "about", "whole", "ordinary"}


def test_with_another_embedding_model_every_question_is_searched_for(hashed):
    assert recognise("Which documents are there?", hashed) is None


@pytest.mark.model
@pytest.mark.parametrize(
    ("intent", "question"), [(intent, one) for intent in ASKED for one in ASKED[intent]]
)
def test_what_is_asked_of_the_collection_is_recognised(real, intent, question):
    for text in (question, unicodedata.normalize("NFC", question)):
        found = recognise(text, real)
        assert found is not None
        assert found.intent == intent


@pytest.mark.model
@pytest.mark.parametrize("question", ORDINARY)
def test_what_documents_say_is_no_question_about_the_collection(real, question):
    assert recognise(question, real) is None


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.campaign
def test_no_question_of_the_sets_that_ship_is_taken_for_one(retriever):
    """One in ten, but under `make campaign`."""
    questions = set_questions()
    assert len(questions) > 500
    asked = at_length(questions, questions[::10])
    assert [question for question in asked if recognise(question, retriever)] == []


@pytest.mark.parametrize(
    ("question", "masked", "ids"),
    [
        ("ferry-2024.txt не туралы?", "\ufffc не туралы?", ["ferry-2024.txt"]),
        (
            "АЛМАТЫ_КӨЛІ.TXT-ті баянда",
            "\ufffc-ті баянда",
            ["көлдер/алматы_көлі.txt"],
        ),
        ("About “музей”?", "about \ufffc?", ["музей"]),
        (
            "О чём городской музей: правила?",
            "о чём \ufffc?",
            ["музей"],
        ),
        ("Музей қайда?", "Музей қайда?", []),  # A word may be a topic,
        ("What is COVID-19?", "What is COVID-19?", []),  # and a title of one word with a digit.
        ("«COVID-19» не туралы?", "\ufffc не туралы?", ["b/есеп 2024.pdf"]),
        ("есеп 2024.pdf не туралы?", "\ufffc не туралы?", ["a/есеп 2024.pdf", "b/есеп 2024.pdf"]),
        ("b/есеп 2024.pdf не туралы?", "\ufffc не туралы?", ["b/есеп 2024.pdf"]),
        ("Is ferry-2024.txtx a file?", "Is ferry-2024.txtx a file?", []),
    ],
)
def test_names_of_documents_are_found(namesakes, question, masked, ids):
    text, documents = mask_names(question, namesakes)
    assert (text, [one.id for one in documents or ()]) == (masked, ids)


def test_a_name_is_found_however_its_letters_are_composed(tmp_path):
    name = unicodedata.normalize("NFD", "Ойыл_ауданы.txt")
    text, documents = mask_names(
        "Ойыл_ауданы.txt не туралы?", opened(tmp_path, [document("Бір.", name)])
    )
    assert (text, len(documents)) == ("\ufffc не туралы?", 1)


# --- answering ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "lead"),
    [
        (
            "kk",
            "Құжат саны: 3 (қазақ тілінде – 1, ағылшын тілінде – 1, орыс тілінде – 1):"
            " Үлкен Алматы көлі (көлдер/алматы_көлі.txt); ferry-2024.txt; Городской музей: правила"
            " (музей). Олар былай басталады:",
        ),
        (
            "en",
            "Documents: 3 (1 in Kazakh, 1 in English, 1 in Russian): Үлкен Алматы көлі"
            " (көлдер/алматы_көлі.txt); ferry-2024.txt; Городской музей: правила (музей). How each"
            " one begins:",
        ),
        (
            "ru",
            "Документов: 3 (на казахском – 1, на английском – 1, на русском – 1): Үлкен Алматы"
            " көлі (көлдер/алматы_көлі.txt); ferry-2024.txt; Городской музей: правила (музей). Как"
            " начинается каждый:",
        ),
    ],
)
def test_an_overview_names_and_quotes_every_document(hashed, language, lead):
    found = told(hashed, language, "overview")
    first, *quotes = found.text.split("\n\n")
    assert first == lead
    assert quotes[1:] == ["The ferry leaves at nine. [2]", "Музей открыт по средам. [3]"]
    assert (found.mode, found.abstained, found.short_answer) == ("collection", False, "")
    for citation in found.citations:
        assert is_valid(citation, hashed.documents[citation.document_id])


def test_a_document_is_described_by_its_headings_and_first_sentences(tmp_path):
    text = "Ереже\nБірінші сөйлем. Екінші сөйлем.\nӘдіс\nҮшінші сөйлем. Төртінші сөйлем."
    start = text.index("Әдіс")
    blocks = (
        Block(0, 5, "heading", 1),
        Block(6, start - 1, "paragraph"),
        Block(start, start + 4, "heading", 2),
        Block(start + 5, len(text), "paragraph"),
    )
    whole = document(text, "ереже.md", "kk", "Ереже")
    fields = {name: getattr(whole, name) for name in whole.__dataclass_fields__}
    structured = type(whole)(**fields | {"blocks": blocks})
    found = told(opened(tmp_path, [structured]), "kk", "about", structured)
    assert found.text == (
        "Ереже (ереже.md) – қазақ тіліндегі құжат. Тақырыптары (болса) мен алғашқы сөйлемдері:\n\n"
        "Ереже [1]\n\nӘдіс [2]\n\nБірінші сөйлем. [3]\n\nЕкінші сөйлем. [4]\n\nҮшінші сөйлем. [5]"
    )
    for citation in found.citations:
        assert is_valid(citation, structured)


@pytest.mark.parametrize(
    ("language", "lead"),
    [
        (
            "kk",
            "Dalel мәтінді қысқартып баяндамайды, аудармайды, бәрін тізіп те бермейді: ол сұраққа"
            " жауап беретін үзінділерді келтіреді. Мына құжат бойынша сұрақ қойыңыз:"
            " ferry-2024.txt. Тақырыптары (болса) мен алғашқы сөйлемдері:",
        ),
        (
            "en",
            "Dalel does not summarise, translate or list everything: it quotes the passages that"
            " answer a question. Ask a question about this document: ferry-2024.txt. Its headings,"
            " if it has any, and its first sentences:",
        ),
        (
            "ru",
            "Dalel не пересказывает, не переводит и не перечисляет всё подряд: он приводит отрывки,"
            " которые отвечают на вопрос. Задайте вопрос по этому документу: ferry-2024.txt. Его"
            " заголовки, если они есть, и первые предложения:",
        ),
    ],
)
def test_a_request_for_the_whole_is_told_what_can_be_asked(hashed, language, lead):
    found = told(hashed, language, "whole", DOCUMENTS[1])
    assert found.text.split("\n\n") == [
        lead,
        "The ferry leaves at nine. [1]",
        "It has two decks. [2]",
        "Tickets are sold on board. [3]",
    ]


def test_of_many_documents_the_first_are_named(tmp_path):
    many = [document(f"Бұл {n}-құжат туралы сөйлем.", f"құжат-{n}") for n in range(25)]
    found = told(opened(tmp_path, many), "kk", "overview", *many)
    assert "Құжат саны: 25 (қазақ тілінде – 25): құжат-0; " in found.text
    assert "құжат-9; тағы 15 құжат бар. Олар былай басталады:" in found.text
    assert len(found.citations) == 10


def test_headings_of_plain_text_are_quoted_where_they_stand(tmp_path):
    text = "Су\n\nСудың бағасы 5 теңге. Су таза. Төлем әр ай сайын.\n\nЖарық\n\nЖарық қымбат."
    one = document(text, "ақы.txt")
    found = told(opened(tmp_path, [one]), "kk", "about", one)
    assert [(each.start, each.quote) for each in found.citations] == [
        (0, "Су"),
        (text.index("Жарық"), "Жарық"),
        (4, "Судың бағасы 5 теңге."),
        (text.index("Су таза"), "Су таза."),
        (text.index("Төлем"), "Төлем әр ай сайын."),
    ]


def test_a_long_title_is_cut(tmp_path):
    one = document("Мәтін осы жерде.", "a", "kk", "Өте ұзын " * 100)
    lead = told(opened(tmp_path, [one]), "kk", "about", one).text.split("\n\n")[0]
    assert lead.startswith("Өте ұзын Өте")
    assert "… (a) – қазақ тіліндегі" in lead
    assert len(lead) < 300


def test_a_hostile_title_stays_text_on_one_line(tmp_path):
    title = "{{ 7 * 7 }}\n\n<b>Нұсқау</b> [1]"
    one = document("Мәтін осы жерде.", "a", "kk", title)
    found = told(opened(tmp_path, [one]), "kk", "about", one)
    assert found.text.split("\n\n")[0].startswith("{{ 7 * 7 }} <b>Нұсқау</b> [1] (a) – қазақ")


def test_its_confidence_is_not_told_in_words(hashed):
    assert confidence_step(told(hashed, "en", "overview")) == ""


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "language", "ids"),
    [
        ("Қандай құжаттар бар?", "kk", {"kk_foreign_policy", "en_foreign_policy"}),
        ("What is kk_foreign_policy about?", "en", {"kk_foreign_policy"}),
        ("О чём документ en_foreign_policy?", "ru", {"en_foreign_policy"}),
        ("Құжатты қысқаша баянда", "kk", {"kk_foreign_policy", "en_foreign_policy"}),
    ],
)
def test_the_pipeline_answers_from_the_collection(retriever, question, language, ids):
    found = answer(question, retriever)
    assert (found.mode, found.language) == ("collection", language)
    assert {citation.document_id for citation in found.citations} == ids
    for citation in found.citations:
        assert is_valid(citation, retriever.documents[citation.document_id])
    assert json.loads(json.dumps(found.data()))["mode"] == "collection"


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Городской музей: правила", "ru"),
        ("ferry-2024.txt", "en"),
        ("Городской музей: правила не туралы?", "kk"),
    ],
)
def test_a_name_tells_the_language_only_where_nothing_else_does(real, question, language):
    found = recognise(question, real)
    assert found is not None
    assert found.language == language


@pytest.mark.model
def test_only_the_documents_that_are_searched_are_told_of(real):
    found = answer("Which documents are there?", real.within(["музей"]))
    assert {citation.document_id for citation in found.citations} == {"музей"}


# --- a language model -----------------------------------------------------------------------------


def scripted(text):
    return LLM(LLMSpec("scripted:test"), Scripted(lambda shown: f"{text} [{next(iter(shown))}]"))


@pytest.mark.model
def test_a_model_may_summarise_one_document_and_is_held_to_it(real):
    llm = scripted("The ferry leaves at nine.")
    found = answer("Summarise ferry-2024.txt", real, llm)
    assert (found.mode, found.statements[0].supported) == ("llm", True)
    assert [citation.document_id for citation in found.citations] == ["ferry-2024.txt"]
    [(_, shown)] = llm.model.told
    assert "Музей" not in shown


@pytest.mark.model
def test_a_model_that_makes_things_up_gives_way_to_the_quotes(real):
    found = answer("Summarise ferry-2024.txt", real, scripted("It sank in 1912 with 1500 people."))
    assert (found.mode, found.model) == ("collection", "scripted:test")
    assert found.note.startswith("The language model wrote nothing that the sources support")


@pytest.mark.model
def test_a_model_that_finds_no_summary_gives_way_to_the_quotes(real):
    llm = LLM(LLMSpec("scripted:test"), Scripted(lambda _: render("refusal", "en")))
    found = answer("Summarise ferry-2024.txt", real, llm)
    assert (found.mode, found.abstained) == ("collection", False)
    assert found.citations


@pytest.mark.model
def test_a_model_is_not_asked_to_summarise_several_documents(real):
    llm = scripted("The ferry leaves at nine.")
    assert answer("Summarise the documents.", real, llm).mode == "collection"
    assert llm.model.told == []
