"""Tests of chat/cloze_question.py: which sentences become a question, and how it reads."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.cloze_question import MAX_CHARACTERS, cloze_question

SMALL = {"работники", "плата", "библиотека", "ежегодно", "trainees", "members"}

MADE = [
    ("kk", "Кітапхана 1957 жылы ашылды.", "Кітапхана қай жылы ашылды?", "1957"),
    ("kk", "Шеберхана 2004 жылдан бері істейді.", "Шеберхана қай жылдан бері істейді?", "2004"),
    ("kk", "Өңірде 12 мұғалім еңбек етеді.", "Өңірде неше мұғалім еңбек етеді?", "12"),
    ("kk", "Һәм үйде 3 ән айтылды.", "Һәм үйде неше ән айтылды?", "3"),
    ("kk", "КІТАПХАНА 1957 жылы АШЫЛДЫ.", "КІТАПХАНА қай жылы АШЫЛДЫ?", "1957"),
    ("ru", "Библиотека открылась в 1957 году.", "В каком году библиотека открылась?", "1957"),
    ("ru", "В 1957 году открылась библиотека.", "В каком году открылась библиотека?", "1957"),
    ("ru", "Аманат работает в Орле с 15 сотрудниками.", None, ""),
    ("ru", "Работники получают 24 дня отпуска.", None, ""),  # «24 дня», but «сколько дней».
    ("ru", "Работники получают 30 дней отпуска.", "Сколько дней работники получают отпуска?", "30"),
    ("ru", "Заявление подают не позднее чем за 10 дней.", None, ""),
    (
        "ru",
        "Отпуск Динары длится 25 дней ежегодно.",
        "Сколько дней отпуск Динары длится ежегодно?",
        "25",
    ),
    (
        "ru",
        "Плата Әсем составляет 18 000 тенге в месяц.",
        "Сколько тенге плата Әсем составляет в месяц?",
        "18 000",
    ),
    ("kk", "Жалақысы 250 000 теңге болды.", "Жалақысы неше теңге болды?", "250 000"),
    ("en", "The library was opened in 1957.", "In what year was the library opened?", "1957"),
    ("en", "Aigerim was elected in 1999.", "In what year was Aigerim elected?", "1999"),
    (
        "en",
        "Trainees must return the laptop within 14 days.",
        "Within how many days must trainees return the laptop?",
        "14",
    ),
    ("en", "The library opened in 1957.", None, ""),  # There is no auxiliary to turn.
    ("en", "The fee must be paid in more than 14 days.", None, ""),
]
"""A sentence in its language, the question made of it, and the figure that is asked for."""

NOT_PLAIN = [
    ("kk", "Ол 1957 жылы ашылды және бар."),
    ("kk", "Сондықтан кітапхана 1957 жылы ашылды."),
    ("kk", "Кітапхана 1957 жылы 12 қызметкермен ашылды."),
    ("kk", "Кітапхана 12 мамырда ғана ашылды."),
    ("kk", "Кітапхана сағат 9:30 шамасында ашылады."),
    ("kk", "Асты 650 теңге, сабақты 12 теңге."),
    ("kk", "1957 жылы кітапхана салтанатты ашылды."),
    ("kk", "Кітапхана (Орал) 1957 жылы ашылды."),
    ("kk", "Кітапхана салтанатты түрде ашылды."),
    ("ru", "Поэтому библиотека открылась в 1957 году."),
    ("ru", "Это случилось в 1957 году весной."),
    ("en", "It was opened by her in 1957."),
    ("en", "The library was opened on 12 May in town."),
    ("en", "<b>The library</b> was opened in 1957."),
    ("kk", ""),
]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(("language", "sentence", "question", "figure"), MADE)
def test_a_plain_sentence_is_turned(language, sentence, question, figure, form):
    made = cloze_question(normalize(form, sentence), language, SMALL)
    assert (made and made.text) == question
    assert not made or made.answer == figure


@pytest.mark.parametrize(("language", "sentence"), NOT_PLAIN)
def test_what_is_not_plain_is_left(language, sentence):
    assert cloze_question(sentence, language, SMALL) is None


def test_too_long_or_too_short_is_left():
    assert cloze_question("Үй 1957 жылы.", "kk") is None
    long = f"Кітапхана {'өте ' * (MAX_CHARACTERS // 4)}1957 жылы ашылды."
    assert cloze_question(long, "kk") is None


def test_a_name_keeps_its_capital():
    sentence = "Тлендиев родился в 1957 году."
    assert cloze_question(sentence, "ru").text == "В каком году Тлендиев родился?"
    assert cloze_question(sentence, "ru", {"тлендиев"}).text == "В каком году тлендиев родился?"


@given(st.text(max_size=150), st.sampled_from(["kk", "ru", "en"]))
def test_any_text_gives_a_question_of_one_line_or_none(text, language):
    made = cloze_question(text, language)
    assert made is None or (made.text.endswith("?") and len(made.text.splitlines()) == 1)
