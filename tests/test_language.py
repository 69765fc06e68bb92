"""Tests of ingest/language.py: short questions in three languages, as people type them."""

import unicodedata
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.language import detect
from ingest.loader import read_shipped

KAZAKH = [
    "Қазақстан",
    "қайда",
    "Кім?",
    "неше",
    "Астана қай жылы астана болды?",
    "Абай Құнанбаев кім?",
    "Мұхтар Әуезов не жазды?",
    "Каспий теңізінің тереңдігі қанша?",
    "Фотосинтез дегеніміз не?",
    "Демократия деген не?",
    "Президент кім?",
    "ООН-ға қашан мүше болды?",
    "БҰҰ мүшелері",
    "NATO деген қандай ұйым?",
    "COVID-19 вирусы туралы айт",
    "«Что делать?» романын кім жазды?",
    "Путин мен Си Цзиньпин қайда кездесті?",
    "ҚАЗАҚСТАН РЕСПУБЛИКАСЫНЫҢ КОНСТИТУЦИЯСЫ",
    "Үш жүз",
    "Алма бағы",
    "сөйлем, ғылым, һәм",
    "ол не дейди",
    "кiм бұл",  # a Latin i
    "Қай əлем?",  # a Latin schwa
]
KAZAKH_ON_A_RUSSIAN_KEYBOARD = [
    "Казакстаннын астанасы кайсы?",
    "Казакстан кашан тауелсиздик алды?",
    "Букил адам туралы не айтылган?",
    "Ким президент болды?",
    "Фотосинтез дегенимиз не?",
    "Елимиздин халык саны канша",
    "Бул кай жылы болды",
    "Сырткы саясат деген не?",
    "Абай кай жылы туган?",
    "мемлекеттик тил туралы зан",
    "Кытаймен шекара кашан бекитилди?",
    "Жер аумагы бойынша нешинши орында?",
    "Оку жылы кашан басталады",
    "мугалимдер куни",
    "уйге барамын",
    "кандай",
]
KAZAKH_IN_LATIN_SCRIPT = [
    "Qazaqstan qashan täuelsizdik aldy?",  # 2021
    "Qazaqstannyñ astanasy qai qala?",
    "Ğylym men bilim turaly ne aitylğan?",
    "Elimizdiñ halyq sany qansha?",
    "Ómirbaıany qandaı?",  # 2018
    "Syrtqy saıasat degen ne?",
    "Memlekettik shekara qaı jyly bekitildi",
    "Kazakstan kashan tauelsizdik aldy?",  # as in a chat
    "Bul kitapty kim zhazdy?",
    "Abai kai zhyly tugan?",
    "Elimizdin khalyk sany kansha",
    "Qazaqstan",
    "qandai",
]
RUSSIAN = [
    "Когда был подписан договор о дружбе?",
    "Кто автор романа «Война и мир»?",
    "Сколько планет в Солнечной системе?",
    "Столица Франции",
    "Как приготовить борщ?",
    "Где находится озеро Балхаш?",
    "Почему небо голубое?",
    "Назовите основные принципы внешней политики.",
    "когда казахстан стал независимым",
    "столица казахстана",
    "Казахстан",
    "Россия",
    "Кто такой Абай Кунанбаев?",
    "Кто такой Мұхтар Әуезов?",
    "Когда Қасым-Жомарт Тоқаев стал президентом?",
    "Что решили на саммите ШОС?",
    "Дай определение демократии",
    "Ядерное оружие",
    "зачем",
    "Переговоры завершились вчера вечером.",
    "В 1991 году распался СССР.",
    "КОНСТИТУЦИЯ РЕСПУБЛИКИ КАЗАХСТАН",
    "Сколько людей живёт в Алматы?",
    "С кем граничит Казахстан?",
    "Что такое NATO?",
]
ENGLISH = [
    "When was the treaty signed?",
    "Who is Abai?",
    "Capital of Kazakhstan",
    "Kazakhstan",
    "How many people live in Almaty?",
    "What did Nursultan Nazarbayev say in Qatar?",
    "population of Iraq",
    "Who is Qasym-Zhomart Toqaev?",
    "Who wrote the novel «Абай жолы»?",
    "Is Müller a German name?",
    "Müller biography",
    "already ready",
    "foreign policy",
    "Why?",
    "nuclear test site near Semey",
    "THE CONSTITUTION OF THE REPUBLIC OF KAZAKHSTAN",
    "What does «тәуелсіздік» mean?",
]
NEITHER = ["", " ", "1991", "12.10.1998?", "?!", "\n", "😀", "—", "Ⅳ", "२०"]
"""No letters: English, for want of better."""
AMBIGUOUS = ["Алматы", "мир", "армия", "Назарбаев", "Абай", "тарих", "адам"]
"""Words of both languages: Kazakh, the language most of our users ask in."""

TABLE = [
    *((text, "kk") for text in KAZAKH + KAZAKH_ON_A_RUSSIAN_KEYBOARD + KAZAKH_IN_LATIN_SCRIPT),
    *((text, "ru") for text in RUSSIAN),
    *((text, "en") for text in ENGLISH + NEITHER),
    *((text, "kk") for text in AMBIGUOUS),
]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(("text", "language"), TABLE)
def test_the_language_of_a_question(text, language, form):
    assert detect(unicodedata.normalize(form, text)) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pair
        for pair in TABLE
        # Names are told by their capital letters only.
        if "Мұхтар" not in pair[0] and "Қасым" not in pair[0]
    ],
)
def test_capitals_spaces_and_marks_do_not_matter(text, language):
    assert detect(text.lower()) == language
    assert detect(f"\n  {text.lower()} ?!… 1998\n") == language


@pytest.mark.parametrize("pair", [*permutations(["kk", "ru", "en"], 2)])
def test_most_of_a_mixed_text_decides(pair):
    sentences = {
        "kk": "Бұл шарт екі елдің арасындағы достықты нығайтты. ",
        "ru": "Этот договор укрепил дружбу между двумя странами. ",
        "en": "This treaty has strengthened the friendship between the two countries. ",
    }
    most, rest = (sentences[name] for name in pair)
    assert detect(most * 3 + rest) == detect(rest + most * 3) == pair[0]


@pytest.mark.parametrize("document", read_shipped().documents, ids=lambda document: document.id)
def test_the_shipped_documents(document):
    assert detect(document.text) == document.language
    lines = [line for line in document.text.split("\n") if len(line) > 200]
    assert {detect(line) for line in lines} == {document.language}


MARKED = {
    "kk": [
        "Өтініш мұнда: https://egov.example/cms/kk/services/passports/information_of_all_kinds",
        'Кесте <a href="/news/2024/timetable" class="link active" target="_blank">осында</a> тұр.',
        "Сұрақ болса: a.long.address+of.somebody@department.ministry.example.kz – жазыңыз",
        "Баға&nbsp;&mdash;&nbsp;екі&nbsp;мың&nbsp;теңге",
    ],
    "ru": ["Заявление: www.egov.example/cms/ru/services/passports/information_of_all_kinds здесь"],
    "en": [
        '<p lang="kk">The fee is paid at the desk.</p>',
        "If x < y and y > z, then x is not the greatest of them.",
    ],
}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("language", "text"), [(name, text) for name, texts in MARKED.items() for text in texts]
)
def test_addresses_and_markup_say_nothing_of_the_language(text, language, form):
    assert detect(unicodedata.normalize(form, text)) == language


@pytest.mark.parametrize("text", ["https://egov.example/kk", "<br><br>", "a@b.kz", "&nbsp;"])
def test_addresses_and_markup_alone_have_a_language_too(text):
    assert detect(text) == "en"


@pytest.mark.parametrize("piece", ["<a", "a@", "&a", "www.", "a.", "<", "&#"])
def test_what_looks_like_the_start_of_markup_costs_no_more(piece):
    assert detect(piece * 10_000 + " және") in {"en", "kk"}


def test_a_long_text_is_judged_by_its_first_part():
    assert detect("Бұл қазақша мәтін. " * 1_100 + "This is English. " * 50_000) == "kk"


@settings(deadline=None)
@given(st.text())
def test_any_text_has_a_language(text):
    assert detect(text) in {"kk", "en", "ru"}
    assert detect(unicodedata.normalize("NFC", text)) == detect(unicodedata.normalize("NFD", text))


@settings(deadline=None)
@given(st.text(st.sampled_from("әғқңөұүһі ӘҒҚҢӨҰҮҺІ"), min_size=1).filter(str.strip))
def test_the_kazakh_letters_alone_are_kazakh(text):
    assert detect(text) == "kk"


@pytest.mark.parametrize("mark", "'’ʼ")
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Tely' degenimiz ne?", "kk"),
        ("En' u'lken aral", "kk"),
        ("Qandai' o'simdikte sebetgu'l gu'ls'og'yry bar?", "kk"),
        ("Qalqans'a bezi qyzmetinin' jetispey's'iliginen qandai' ay'ry' ty'ady?", "kk"),
        ("BUU-nyn' s'tab-pa'teri qai'da?", "kk"),
        ("What's the country's role?", "en"),
        ("Don't the countries' presidents sign it?", "en"),
        ("Who is O'Brien, and who is D'Artagnan?", "en"),
        ("It's five o'clock, isn't it?", "en"),
        ("What is Kazakhstan's 'multi-vector' policy?", "en"),
        ("'Quoted' words aren't Kazakh", "en"),
        ("C'est n'importe quoi", "en"),
    ],
)
def test_the_alphabet_with_apostrophes_is_told_from_english(text, language, mark):
    assert detect(text.replace("'", mark)) == language
