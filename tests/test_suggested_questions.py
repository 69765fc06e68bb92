"""Tests of chat/suggested_questions.py: over other people's documents, with the real model."""

import pytest
from fakes import document

from chat.pipeline import answer
from chat.suggested_questions import MAX_SUGGESTED, suggest_questions
from index.indexer import Indexer
from ingest.loader import read_paths

CANTEEN = """# Мектеп асханасының ережесі

## Жұмыс уақыты

Асхана дүйсенбіден жұмаға дейін жұмыс істейді. Асханада 12 қызметкер еңбек етеді.

## Аллергия

Баланың аллергиясы болса, ата-анасы медбикеге жазбаша хабарлайды. Асхана 1998 жылы салынған.
"""
LEAVE = """# Правила отпусков

## Кому положен отпуск

Отпуск положен каждому работнику, который проработал шесть месяцев. Компания была основана в 2004
году.
"""
REMOTE = """# Remote work policy

## Who may work remotely

Employees who have passed their probation may work remotely two days a week. Trainees may not.
"""
COMPANY = """Атауы: «Жайық Транс» ЖШС
Директоры: Қанат Әлібеков
Жұмыс уақыты: дс–жм 9:00–18:00
Қызметкерлер саны: 56
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    names = {"асхана.md": CANTEEN, "отпуск.md": LEAVE, "remote.md": REMOTE, "өңір.txt": COMPANY}
    for name, text in names.items():
        (folder / name).write_text(text, "utf-8")
    indexer = Indexer(tmp_path_factory.mktemp("home"))
    indexer.put(read_paths([folder]).documents)
    return indexer.open()


@pytest.fixture(scope="module")
def suggested(retriever):
    return {name: suggest_questions(retriever, name) for name in ("kk", "ru", "en")}


def test_sentences_labels_and_headings_become_questions_in_the_askers_language(suggested):
    assert {"Асханада неше қызметкер еңбек етеді?", "Жұмыс уақыты?"} <= {*suggested["kk"]}
    assert "В каком году компания была основана?" in suggested["ru"]
    assert "What do the documents say about “Who may work remotely”?" in suggested["en"]


def test_of_documents_in_other_languages_it_can_be_asked_what_they_are_about(suggested):
    assert suggested["kk"][-1] == "«Remote work policy» құжаты не туралы?"
    assert "О чём документ «Мектеп асханасының ережесі»?" in suggested["ru"]
    assert "What is the document “Правила отпусков” about?" in suggested["en"]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_each_is_answered_and_none_comes_twice(suggested, retriever, language):
    questions = suggested[language]
    assert len({*questions}) == len(questions) == MAX_SUGGESTED
    assert not any(answer(question, retriever).abstained for question in questions)


def test_of_chosen_documents_alone(retriever):
    [leave] = [name for name in retriever.documents if "отпуск" in name]
    questions = suggest_questions(retriever.within([leave]), "kk")
    assert questions == ["«Правила отпусков» құжаты не туралы?"]


def test_where_nothing_can_be_made_nothing_is_suggested(tmp_path):
    indexer = Indexer(tmp_path)
    indexer.put([document("Үкі түнде ұшады.", "ү" * 200)])
    assert suggest_questions(indexer.open(), "kk") == []
