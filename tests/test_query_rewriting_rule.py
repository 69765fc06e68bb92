"""Tests of chat/query_rewriting.py: what people ask after a question, and what it means by itself.

The rows are written by hand, as a reader of the language would understand them.
"""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.query_rewriting import is_follow_up, standalone
from chat.question import MAX_CHARACTERS

# A question, a follow-up, and what it means; "+": both are asked together.
FOLLOW_UPS = """
Ресеймен шарт қай жылы жасалды? | Ал Қытаймен ше? | Қытаймен шарт қай жылы жасалды?
Ресеймен шарт қай жылы жасалды? | Қытаймен ше? | Қытаймен шарт қай жылы жасалды?
Ресеймен шарт қай жылы жасалды? | ал, Қытаймен ше | Қытаймен шарт қай жылы жасалды?
Ресеймен шарт қай жылы жасалды? | Ал енді Өзбекстанмен ше? | Өзбекстанмен шарт қай жылы жасалды?
Ресеймен шарт қай жылы жасалды? | Ал Үндістанмен? | Үндістанмен шарт қай жылы жасалды?
Ресеймен шарт қай жылы жасалды? | Ал АҚШ-пен ше? | АҚШ-пен шарт қай жылы жасалды?
Ресеймен не жасалды? | Ал Еуропалық Одақпен ше? | Еуропалық Одақпен не жасалды?
Қырғызстаннан не келеді? | Ал Өзбекстаннан ше? | Өзбекстаннан не келеді?
Ресейге мұнай қалай жеткізіледі? | Ал Қырғызстанға ше? | Қырғызстанға мұнай қалай жеткізіледі?
Еуропалық Одақта кім бар? | Ал Біріккен Ұлттар Ұйымында ше? | Біріккен Ұлттар Ұйымында кім бар?
Ресейге қарағанда Иранға жол ұзақ па? | Ал Қытайға ше? | Ресейге қарағанда Қытайға жол ұзақ па?
Түрікменстанның халқы қанша? | Ал Үндістанның ше? | Үндістанның халқы қанша?
Ресейді кім таныды? | Ал Өзбекстанды ше? | Өзбекстанды кім таныды?
1994 жылы қандай шарт жасалды? | Ал 1998 жылы ше? | 1998 жылы қандай шарт жасалды?
1994 жылғы шарт туралы не айтылған? | Ал 1998 жылғы? | 1998 жылғы шарт туралы не айтылған?
1994 және 1996 жылдары не болды? | Ал 1992 жылы ше? | +
Ресеймен шарт қай жылы жасалды? | Ал Қытайда ше? | +
Ресеймен шарт қай жылы жасалды? | Өзбекстан ше? | +
Ресеймен шарт қай жылы жасалды? | Сонда оған кім қол қойды? | +
Ресеймен шарт неге жасалды? | Қашан? | +
Ресеймен шарт неге жасалды? | ҚАЙ ЖЫЛЫ? | +
Ресеймен шарт қай жылы жасалды? | Кіммен? | +
Қырғызстаннан не келеді? | Қайдан? | +
Қырғызстаннан не келеді? | Ал кімнен ше? | +
Үкі қашан ұшады? | Не үшін? | +
Ресеймен шарт қай жылы жасалды? | Ал неге? | +
Семей полигоны жабылды ма? | Ол қашан болды? | +
Каспий теңізінің мәртебесі қандай? | Бұл не үшін маңызды? | +
АӨСШК деген не? | Оның мақсаты қандай? | +
Қазақстанның көршілері кімдер? | Олармен шекара бар ма? | +
When was the treaty with Russia signed? | And with China? | When was the treaty with China signed?
What was signed with Russia? | What about with China? | What was signed with China?
What is made with Russia? | And with the United States? | What is made with the United States?
Who trades with the European Union? | How about with China, then? | Who trades with China?
How much gas comes from Russia? | But from Uzbekistan? | How much gas comes from Uzbekistan?
Is more from Russia than from Iran? | And from China? | Is more from Russia than from China?
How many people live in Uzbekistan? | And in Kazakhstan? | How many people live in Kazakhstan?
How many embassies were there in 1995? | And in 2008? | How many embassies were there in 2008?
How many embassies were there in 1995? | What about 2008? | How many embassies were there in 2008?
How many embassies did Russia open? | And in China? | +
How many people live in Uzbekistan? | And in Almaty and Astana? | +
What is the border treaty? | When was it signed? | +
Who closed the test site? | Why did they do this? | +
Who closed the test site? | But why? | +
Who closed the test site? | When? | +
Who closed the test site? | Where exactly? | +
Who closed the test site? | why | +
Who trades with China? | And since when? | +
Who trades with China? | How much? | +
Did Kazakhstan sign the treaty? | And Uzbekistan too? | +
When did Turkmenistan join the CIS? | What about Uzbekistan? | +
Когда подписан договор с Россией? | А с Китаем? | Когда подписан договор с Китаем?
Когда подписан договор с Россией? | А с Китаем тоже? | Когда подписан договор с Китаем?
Сколько посольств в России? | А в Европейском Союзе? | Сколько посольств в Европейском Союзе?
Сколько газа идёт из России? | И из Китая? | Сколько газа идёт из Китая?
Какие шаги сделаны при Назарбаеве? | А при Токаеве? | Какие шаги сделаны при Токаеве?
Сколько посольств было в 1995 году? | А в 2008? | Сколько посольств было в 2008 году?
Сколько посольств было в 1995 году? | А в 2008-м? | Сколько посольств было в 2008 году?
Когда подписан договор с Россией? | А что насчёт Китая? | +
Когда подписан договор с Россией? | А почему? | +
Кто подписал договор с Россией? | Когда? | +
Кто подписал договор с Россией? | Где именно? | +
Кто подписал договор с Россией? | В каком году? | +
Что такое договор о границе? | Когда он подписан? | +
Что такое СВМДА? | Какова её цель? | +
Где был полигон? | Когда там взорвали первую бомбу? | +
"""
ALONE = """
Абай кім?
Әл-Фараби кім?
Алматыда не бар?
Алтын қайда өндіріледі?
Ендігі қадамдар қандай?
Ана тілінде қанша адам сөйлейді?
1994 жылы не болды?
Оңтүстік Кореямен қарым-қатынас қандай?
Қытаймен де шарт бар ма?
Ол Қазақстан тарихында қандай орын алады?
Бұл Қазақстан Конституциясында жазылған ба?
Үндістанның шекарасы қанша шақырым?
Һиндстан деген не?
Is there a treaty with China?
What is the policy of Kazakhstan towards its neighbours?
Is it true that Kazakhstan has no nuclear weapons?
Who was Abai and what is he known for in the world?
Andorra is where?
Butter is exported?
What is IT?
Thenar is what?
Когда Казахстан вступил в ООН?
Какие страны входят в ЕАЭС?
Иран состоит в ШОС?
Алия Молдагулова кто?
Ноябрь какого года?
Кто написал «А зори здесь тихие»?
Что же такое СВМДА?
"""
# Where a simpler rule would go wrong: question, follow-up, meaning.
HARD = """
Қашан Қытаймен шарт жасалды? | Ал Ресеймен ше? | Қашан Ресеймен шарт жасалды?
Қазақстан Қытаймен не жасады? | Ал Ресеймен ше? | Қазақстан Ресеймен не жасады?
Қазақстанның Қытаймен шекарасы қанша? | Ал Ресеймен ше? | Қазақстанның Ресеймен шекарасы қанша?
Ресейде қанша елшілік бар? | Ал Канада ше? | +
Астана қай жылы елорда болды? | Ал Алматыға ше? | +
1994 жылы Ресеймен қандай шарт жасалды? | Ал 1998 жылы Қытаймен? | +
2008 жылдан кейін не болды? | Ал 1991 жылға дейін? | +
1994 жылы 199400 адам көшті ме? | Ал 1998 жылы ше? | 1998 жылы 199400 адам көшті ме?
What happened after 1995? | And before 1991? | +
When did the president visit Moscow in 1994? | And who in 1998? | +
Who signed with Russia's president? | And with China? | Who signed with China's president?
What is the border treaty? | Where can I read it? | +
Сколько посольств в России? | А во Франции? | Сколько посольств во Франции?
"""
# What looks like a follow-up, and is none.
NONE = """
Ал-Фараби кім?
А. Байтұрсынұлы кім?
И. Сталин кто такой?
Но-шпа деген не?
Then-president Nazarbayev signed what?
Он жылда не өзгерді?
Абай мен оның әкесі кім?
How many embassies are there?
Who signed it when Nazarbayev was there?
Не істеу керек?
Why Kazakhstan?
Почему именно Астана?
Name countries that signed the treaty
"""


def rows(table):
    for line in table.strip().split("\n"):
        before, question, meant = line.split(" | ")
        yield before, question, f"{before} {question}" if meant == "+" else meant


def lines(table):
    return table.strip().split("\n")


BEFORE = "Ресеймен шарт қай жылы жасалды?"


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [*rows(FOLLOW_UPS), *rows(HARD)],
)
def test_a_follow_up_means_what_a_reader_takes_it_for(before, question, meant):
    assert standalone(question, ["Үкі қашан ұшады?", before]) == meant


@pytest.mark.parametrize("question", [*lines(ALONE), *lines(NONE)])
def test_a_question_that_says_all_stays_as_it_is(question):
    assert standalone(question, [BEFORE]) == question
    assert not is_follow_up(question)


def test_there_are_rows_in_each_language():
    assert len(lines(FOLLOW_UPS)) >= 40
    assert len(lines(ALONE)) >= 20


@pytest.mark.parametrize("question", [*lines(ALONE), *(row[1] for row in rows(FOLLOW_UPS))])
def test_the_first_question_stays_as_it_is(question):
    assert standalone(question, []) == question


def test_only_the_last_question_is_looked_at():
    earlier = ["1994 жылы не болды?", "Қытайға не тасылады?"]
    assert standalone("Ал Ресейге ше?", earlier) == "Ресейге не тасылады?"
    assert standalone("Ал 1998 жылы ше?", earlier) == f"{earlier[1]} Ал 1998 жылы ше?"


def test_a_conversation_goes_on_from_what_was_understood():
    understood = ["Ресеймен шарт қай жылы жасалды?"]
    for question in ("Ал Қытаймен ше?", "Ал Үндістанмен ше?", "Ол қашан күшіне енді?"):
        understood.append(standalone(question, understood))
    assert understood[1:] == [
        "Қытаймен шарт қай жылы жасалды?",
        "Үндістанмен шарт қай жылы жасалды?",
        "Үндістанмен шарт қай жылы жасалды? Ол қашан күшіне енді?",
    ]


@pytest.mark.parametrize("words", range(1, 13))
def test_a_long_question_says_all_it_means(words):
    question = " ".join(["Ал", *["өзен"] * (words - 1)])
    assert is_follow_up(question) == (words <= 8)


def test_decomposed_letters_are_the_same_letters():
    """As they come from a file's name on a Mac: an й is two characters then."""
    question = "Ал Қытаймен ше?"
    decomposed = unicodedata.normalize("NFD", question)
    assert decomposed != question
    meant = standalone(decomposed, [BEFORE])
    assert unicodedata.normalize("NFC", meant) == standalone(question, [BEFORE])


PARTS = (
    "ал Ал ше ше? А и and And what about with with the China Қытаймен Қытайға Ресеймен Өзбекстан"
    " Һ Үкі Ғ ң ә і ол бұл it он 1994 1998 2008 жылы ? … , . - ’ \n \u0306 \x00 в с"
).split(" ")
texts = st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join) | st.text(max_size=40)


@given(texts, st.lists(texts, max_size=3))
def test_what_is_meant_is_the_question_or_says_what_it_says(question, earlier):
    meant = standalone(question, earlier)
    if not (earlier and is_follow_up(question)):
        assert meant == question
    elif meant != question:
        words = set(re.findall(r"\w+", f"{earlier[-1]} {question}"))
        assert set(re.findall(r"\w+", meant)) <= words
        assert len(meant) <= len(earlier[-1]) + 1 + len(question)


@given(texts, texts, st.integers(0, 60))
def test_what_is_meant_can_be_asked(question, before, room):
    """What would be too long together is asked by itself."""
    long = before + "ә" * (MAX_CHARACTERS - len(before) - room)
    meant = standalone(question, [long])
    assert meant == question or len(meant) <= MAX_CHARACTERS


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_two_questions_are_asked_together_as_long_as_they_fit(more):
    question = "Ол кім?"
    before = "ә" * (MAX_CHARACTERS - len(f" {question}") + more)
    expected = f"{before} {question}" if more <= 0 else question
    assert standalone(question, [before]) == expected
