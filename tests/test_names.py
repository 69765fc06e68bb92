"""Names: spellings of one name meet in every alphabet, other names do not, places are exact."""

import time
import unicodedata
from itertools import combinations

import pytest
from campaign import at_length
from hypothesis import assume, given
from hypothesis import strategies as st

from index.analysis.entities.names import name_key, name_keys, names
from ingest.loader import read_shipped

SPELLINGS = """
Назарбаев Nazarbayev Nazarbaev Nazarbaıev Nazarbaev
Ельцин Yeltsin Eltsin
Тоқаев Токаев Tokayev Toqaev Tokaev
Қазақстан Казахстан Kazakhstan Qazaqstan
Алматы Almaty
Хельсинки Helsinki
Лиссабон Lisbon
Ермекбаев Ermekbayev Yermekbayev
Мұхтар Мухтар Mukhtar Muhtar
Әуезов Ауэзов Auezov Äuezov
Шавкат Shavkat
Путин Putin
Эрдоған Эрдоган Erdogan Erdoğan
Байқоңыр Байконур Baikonur Baykonur
Семей Semey Semei
Черчилль Churchill
ЮНЕСКО UNESCO
НАТО NATO
АСЕАН ASEAN
Израиль Israel
Иран Iran
Ирак Iraq
Обама Obama
Горбачев Горбачёв Gorbachev
Назарбаева Nazarbayeva
Вашингтон Washington
Шымкент Шимкент Shymkent Şymkent
Маңғыстау Мангистау Mangystau Mangistau
Теңіз Тенгиз Tengiz Teñiz
Уәлиханов Валиханов Valikhanov Walikhanov

Цюрих Tsyurikh
Франция France
Сингапур Singapore
Украина Ukraine
Ресей Resei
Россия Russia
Токио Tokyo
Павлодар Pavlodar
Абай Abai Abay
Нұрлан Нурлан Nurlan
Нұрсұлтан Нурсултан Nursultan
Қонаев Кунаев Kunaev Qonaev
Ташкент Tashkent
Тәжікстан Tajikstan
Мәскеу Moskeu
Берлин Berlin
Мадрид Madrid
Австралия Аустралия Australia
Қарағанды Караганда Karaganda Qaragandy
"""
MEET = [
    pair for line in SPELLINGS.split("\n") for pair in combinations(dict.fromkeys(line.split()), 2)
]
INFLECTED = [
    ("Назарбаевтың", "kk", "Nazarbayev's", "en"),
    ("Назарбаевқа", "kk", "Назарбаевым", "ru"),
    ("Қазақстанның", "kk", "Kazakhstan's", "en"),
    ("Қазақстаннан", "kk", "Казахстаном", "ru"),
    ("Иранмен", "kk", "Iran", "en"),
    ("Ресейде", "kk", "Resey", "en"),
    ("Алматыда", "kk", "Almaty", "en"),
    ("Ельцинмен", "kk", "Ельцину", "ru"),
    ("Абайдың", "kk", "Abay's", "en"),
    ("Семейдегі", "kk", "Semey", "en"),
    ("Брюссельде", "kk", "Brussel", "en"),
    ("Еуропалық", "kk", "European", "en"),
    ("Еуропадағы", "kk", "Europe", "en"),
    ("Гитлердің", "kk", "Hitler", "en"),
    ("Токаевым", "ru", "Тоқаевпен", "kk"),
    ("Назарбаев", "kk", "Nazarbayev’s", "en"),
    ("НАТО", "kk", "NATO", "en"),
    ("Лиссабонға", "kk", "Lisbon", "en"),
    ("Каспийде", "kk", "Caspian", "en"),
    ("Тегеранда", "kk", "Tehran", "en"),
    ("Украинаға", "kk", "Ukrainian", "en"),
]
APART = """
Назарбаев Тоқаев, Назарбаев Nazarov, Ельцин Elton, Putin Potemkin, Путин Пушкин, Иран Iraq,
Ирак Iran, Қазақстан Kyrgyzstan, Қазақстан Uzbekistan, Өзбекстан Pakistan, Тәжікстан Turkmenistan,
Алматы Astana, Астана Atyrau, Атырау Aktau, Ақтау Ақтөбе, Шымкент Tashkent, Семей Syria, Сирия
Serbia, Қытай Qatar, Қытай Kuwait, Абай Dubai, Обама Osama, Байқоңыр Baku, Мұхтар Mustafa, Әуезов
Asimov, Churchill Chamberlain, Рузвельт Roosters, Сталин Stockholm, Ленин London, Лондон Lisbon,
Лиссабон Luxembourg, Вашингтон Wellington, Берлин Bern, Париж Parma, Рим Roma, Мадрид Madras,
Хельсинки Hollywood, ЮНЕСКО UNICEF, НАТО NASA, АСЕАН OSCE, ҚР ҚХР, БҰҰ BBC, Ermekbayev
Nazarbayev, Ермекбаев Ermolaev, Нұрлан Nursultan, Нұрсұлтан Sultan, Эрдоған Edison, Ердоған Erevan,
Каспий Casablanca, Арал Oral, Балқаш Balkan, Ертіс Ertugrul, Есіл Oslo, Павлодар Petropavl,
Қостанай Constantine, Қарағанды Kandahar, Talas Taraz, Түркістан Turkmenistan, Украина Uganda,
Беларусь Brazil, Бразилия Brussels, Брюссель Brisbane, Франция Finland, Германия Armenia, Армения
Romania, Румыния Jordan, Әзербайжан Afghanistan, Грузия Ghana, Молдова Maldives, Мальта Melbourne,
Латвия Liberia, Литва Lebanon, Эстония Ethiopia, Норвегия Nigeria, Нигерия Nicaragua, Токио
Toronto, Пекин
Pecora, Сеул Seattle, Ханой Havana, Дели Dallas, Кабул Kampala, Тегеран Tripoli, Анкара Angola,
Каир Karachi, Женева Genoa, Вена Venice, Прага Peru, Варшава Warsaw, Будапешт Bucharest,
Clinton Clifton, Обама Alabama, Меркель Markov, Макрон McCain
"""
APART = [tuple(pair.split()) for pair in APART.replace("\n", " ").split(",")]
WORDS = st.text(st.one_of(st.characters(), st.sampled_from("аәбвгғқңөұүіһNazarbyev'’ .\u0306")))
LANGUAGES = st.sampled_from(["kk", "en", "ru"])


# What the key costs: names that differ in vowels only.
BY_CHANCE = [("Грузия", "Greece"), ("Прага", "Paraguay"), ("Уралов", "Орлов"), ("Berne", "Борнео")]


def written_names(text, language):
    return list(dict.fromkeys(text[name.start : name.end] for name in names(text, language)))


def test_there_are_enough():
    assert len(MEET) + len(INFLECTED) >= 80
    assert len(APART) >= 80


@pytest.mark.parametrize(("first", "second"), MEET)
def test_spellings_of_a_name_meet(first, second):
    assert name_key(first) == name_key(second)


@pytest.mark.parametrize(("first", "language", "second", "other"), INFLECTED)
def test_endings_do_not_keep_them_apart(first, language, second, other):
    assert {*name_keys(first, language)} & {*name_keys(second, other)}


@pytest.mark.parametrize(("first", "second"), APART)
def test_other_names_do_not_meet(first, second):
    assert name_key(first) != name_key(second)


@pytest.mark.parametrize(("first", "second"), BY_CHANCE)
def test_some_names_meet_by_chance(first, second):
    assert name_key(first) == name_key(second)


@pytest.mark.parametrize(("first", "second"), MEET)
def test_composed_or_not(first, second):
    assert name_key(unicodedata.normalize("NFD", first)) == name_key(second)


def test_look_alike_letters():
    assert name_key("Нaзaрбaев") == name_key("Назарбаев")


def test_the_key_says_that_it_is_a_name():
    assert name_key("Путин").startswith("~")
    assert name_key("") == name_key("123") == name_key("東京") == ""


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Сондықтан Н.Ә. Назарбаев пен Б.Н Ельцин келді.", "kk", "Назарбаев Ельцин"),
        ("Н.Ә.Назарбаев сөйледі.", "kk", "Назарбаев"),
        ("Назарбаев сөйледі.", "kk", "Назарбаев"),
        ("Бұл ел үлкен. Екі ел дос.", "kk", ""),
        ("Мұнай мол. Ол НАТО-ға кірді.", "kk", "НАТО"),
        ("НАТО елшілері", "kk", "НАТО"),
        ("Иран үлкен. Ол Иранмен дос.", "kk", "Иран Иранмен"),
        ("Шекара ашық. Олар шекара десті.", "kk", ""),
        ("қойылды.Ресей мен Қытай", "kk", "Қытай"),
        ("XX ғасырда Абай", "kk", "Абай"),
        ("The first President Nursultan Nazarbayev said", "en", "President Nursultan Nazarbayev"),
        ("Foreign Minister Mr. Nurlan Ermekbayev has", "en", "Minister Mr Nurlan Ermekbayev"),
        ("It was on May 25 in Almaty", "en", "Almaty"),
        ("What did Tokayev's envoy do?", "en", "Tokayev's"),
        ("Generals prepare. In general, Churchill said", "en", "Churchill"),
        ("I met UNESCO", "en", "UNESCO"),
        ("Президент Ельцин в Алма-Ате", "ru", "Ельцин Алма Ате"),
        ("В мае Токаев", "ru", "Токаев"),
        ("ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "kk", "ҚАЗАҚСТАН"),
    ],
)
def test_what_is_a_name(text, language, expected):
    assert " ".join(written_names(text, language)) == expected


def test_the_shipped_documents_share_their_names():
    kazakh, english = (
        next(doc for doc in read_shipped().documents if doc.language == language)
        for language in ("kk", "en")
    )
    shared = {name.key for name in names(kazakh.text, "kk")} & {
        name.key for name in names(english.text, "en")
    }
    assert {name_key("Nazarbayev"), name_key("Kazakhstan"), name_key("Europe")} <= shared


@given(WORDS, LANGUAGES)
def test_any_text(text, language):
    for name in names(text, language):
        assert text[name.start].isupper()
        assert name.key[0] == "~"
        assert name.end <= len(text)
    assert all(key[0] == "~" for key in name_keys(text, language))


@given(WORDS)
def test_a_key_has_no_capital_to_tell_apart(word):
    assume(len(word.title().swapcase()) == len(word.title()))  # The capital of ﬀ is FF.
    assert name_key(word.title()) == name_key(word.title().swapcase().title())


@pytest.mark.parametrize(
    "text", ["N" * 1_000_000, "Nа " * 40_000, "N.'" * 40_000, "N\u0306" * 500_000]
)
def test_time_grows_with_the_text_only(text):
    start = time.process_time()
    names(text[: at_length(len(text), len(text) // 5)], "kk")
    assert time.process_time() - start < 20  # seconds, on a busy machine
