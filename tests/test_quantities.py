"""Quantities: a number with what it counts and how it is compared, in three languages."""

import unicodedata

import pytest

from chat.normalisation import normalised
from chat.quantities import holds, quantities


def stands(claim, source):
    """Say whether each quantity of a claim is held by some quantity of a source."""
    (asked, language), (text, source_language) = claim, source
    held = quantities(normalised(text, source_language), source_language)
    return all(
        any(holds(each, quantity, same_language=language == source_language) for each in held)
        for quantity in quantities(normalised(asked, language), language)
    )


ANIMALS = {
    "kk": "Қорықта 58-ден астам құлан мен 340 қарақұйрық бар, ауданы 12 мың гектар.",
    "en": "The reserve has more than 58 kulans and 340 gazelles on 12 thousand hectares.",
    "ru": "В заповеднике более 58 куланов и 340 джейранов на 12 тысячах гектаров.",
}


@pytest.mark.parametrize("source", ANIMALS)
@pytest.mark.parametrize("claim", ANIMALS)
def test_what_is_said_in_any_language_stands(claim, source):
    for form in ("NFC", "NFD"):
        said = unicodedata.normalize(form, ANIMALS[claim])
        assert stands((said, claim), (ANIMALS[source], source))
    assert stands((ANIMALS[claim].upper(), claim), (ANIMALS[source], source))


COUNTS = [
    ("Зауытта 90 жұмысшы бар.", "kk", "Зауытта 90 станок бар.", "kk"),
    ("The school has 26 buses.", "en", "The school has 26 teachers.", "en"),
    ("В школе 26 автобусов.", "ru", "В школе 26 учителей.", "ru"),
    ("The school has 26 teachers.", "en", "Мектепте 26 кітап бар.", "kk"),
    ("Мектепте 26 мұғалім бар.", "kk", "The school has 26 computers.", "en"),
    ("В школе 26 учителей.", "ru", "Мектепте 26 компьютер бар.", "kk"),
    ("30 percent of the villages have gas.", "en", "Gas came to 30 villages.", "en"),
    ("Ауылдардың 30 пайызында газ бар.", "kk", "Газ 30 ауылға келді.", "kk"),
    ("Газ есть в 30% сёл.", "ru", "Газ 30 ауылға келді.", "kk"),
    ("It took 9 months.", "en", "Оған 9 жыл кетті.", "kk"),
    ("Оған 9 апта кетті.", "kk", "It took 9 days.", "en"),
    ("Дорога обошлась в 7 долларов.", "ru", "Жол 7 теңге тұрды.", "kk"),
    ("Жол ұзындығы 7 метр.", "kk", "The road is 7 kilometres long.", "en"),
    ("Жол 7 млн. теңге тұрды.", "kk", "Кен 7 млн. тонна болды.", "kk"),
    ("За год добыли 7 тыс. тонн.", "ru", "Дорога стоила 7 тыс. тенге.", "ru"),
    ("They mined 7 mln. tonnes.", "en", "Жол 7 млн. теңге тұрды.", "kk"),
    ("The shop sold 300 thousand pens.", "en", "The shop sold 300 pens.", "en"),
    ("Дүкен 300 мың қалам сатты.", "kk", "The shop sold 300 pens.", "en"),
    # The head word counts, whatever stands before it.
    ("It has 70 international sports clubs.", "en", "It has 70 international trade fairs.", "en"),
    ("It has 40 old and new ships.", "en", "It has 40 old and new bridges.", "en"),
    ("Онда 70 халықаралық ұйым бар.", "kk", "It has 70 international and local museums.", "en"),
    ("Мыңдаған қой сойылды.", "kk", "Мыңдаған бала туды.", "kk"),
    ("Hundreds of ships came.", "en", "Hundreds of children came.", "en"),
    ("78 percent of the tests were made here.", "en", "Сынақтың 78-і осында өтті.", "kk"),
]


@pytest.mark.parametrize(("claim", "language", "source", "other"), COUNTS)
def test_another_thing_or_measure_is_another_quantity(claim, language, source, other):
    assert not stands((claim, language), (source, other))
    assert stands((claim, language), (claim, language))
    assert stands((source, other), (source, other))


def compared(language, more, least, most, less):
    return [
        (more, less, language), (more, most, language), (least, less, language),
        (most, more, language), (less, least, language), (less, more, language),
    ]  # fmt: skip


SENTENCES = {
    "kk": ("{}-ден астам кітап", "кемінде {} кітап", "{}-ден аспайтын кітап", "{}-ден кем кітап"),
    "en": ("more than {} books", "at least {} books", "at most {} books", "fewer than {} books"),
    "ru": ("свыше {} книг", "не менее {} книг", "не более {} книг", "менее {} книг"),
}


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("other", SENTENCES)
def test_a_contrary_comparison_does_not_stand(language, other):
    own = [sentence.format(47) for sentence in SENTENCES[language]]
    theirs = [sentence.format(47) for sentence in SENTENCES[other]]
    for first, second in ((0, 3), (0, 2), (1, 3), (2, 0), (3, 1), (3, 0)):
        assert not stands((own[first], language), (theirs[second], other))
    for place in range(4):
        assert stands((own[place], language), (theirs[place], other))
        plain = {"kk": "47 кітап", "en": "47 books", "ru": "47 книг"}
        assert stands((plain[language], language), (theirs[place], other))
    assert not stands((own[0], language), (plain[other], other))


@pytest.mark.parametrize(
    ("claim", "language", "source", "other", "expected"),
    [
        ("Балалардың алтауы келді.", "kk", "Алты бала келді.", "kk", True),
        ("Балалардың алтауы келді.", "kk", "Төрт бала келді.", "kk", False),
        ("Балалардың екеуі де келді.", "kk", "Two children came.", "en", True),
        ("Отыз бесінші мектеп", "kk", "School No. 35", "en", True),
        ("Отыз бесінші мектеп", "kk", "School No. 34", "en", False),
        ("Елу шақты адам", "kk", "about 50 people", "en", True),
        ("Он шақты миллион тонна", "kk", "10 миллион тонна", "kk", True),
        ("Он шақты миллион тонна", "kk", "1,5 миллиард тонна", "kk", False),
        ("Мыңдаған адам келді.", "kk", "7000 people came.", "en", True),
        ("Мыңдаған адам келді.", "kk", "400 people came.", "en", False),
        ("Миллиондаған адам келді.", "kk", "Thousands came.", "en", False),
        ("Сотни людей пришли.", "ru", "Жүздеген адам келді.", "kk", True),
        ("Ондаған мыңнан асты.", "kk", "1600 адам келді.", "kk", False),
        ("Tens of thousands of people came.", "en", "45 000 адам келді.", "kk", True),
        ("Сотни миллионов тенге", "ru", "Жүздеген миллион теңге", "kk", True),
        ("Жарты миллионнан астам адам", "kk", "жарты миллион астам адам", "kk", True),
        ("Жарты миллионға жетпейтін адам", "kk", "жарты миллион астам адам", "kk", False),
        ("1991 жылғы желтоқсанның он алтысы", "kk", "on 16 December 1991", "en", True),
        ("1991 жылғы желтоқсанның алтысы", "kk", "on 16 December 1991", "en", False),
        ("Оқушылардың жетпіс төртеуі", "kk", "74 pupils", "en", True),
        ("Үлкен Петр I", "ru", "Peter the First", "en", True),
        ("XVIII век", "ru", "он сегізінші ғасыр", "kk", True),
        ("XVII век", "ru", "он сегізінші ғасыр", "kk", False),
    ],
)
def test_kazakh_quantities_and_ordinals(claim, language, source, other, expected):
    assert stands((claim, language), (source, other)) == expected


@pytest.mark.parametrize(
    ("claim", "language", "source", "other"),
    [
        ("Автобус № 15 идёт в центр.", "ru", "15-автобус орталыққа барады.", "kk"),
        ("Сегіз адамнан артық алынбайды.", "kk", "Не больше восьми человек.", "ru"),
        ("It lasted over 40 years.", "en", "Ол 40 жылға созылды.", "kk"),
        ("Children under seven pay nothing.", "en", "Жеті жасқа толмаған балалар төлемейді.", "kk"),
        ("На 9 больше, чем раньше.", "ru", "Бұрынғыдан тоғызға артты.", "kk"),
        ("1994 жылғы 25 мамыр", "kk", "on 25 May 1994", "en"),
        ("1994 жылы", "kk", "25.05.1994", "ru"),
    ],
)
def test_what_is_no_contradiction_stands(claim, language, source, other):
    assert stands((claim, language), (source, other))


def test_idioms_say_nothing_of_how_many():
    for text, language in (("one another", "en"), ("екі жақ", "kk"), ("две стороны", "ru")):
        assert all(each.is_idiom for each in quantities(text, language))
    assert not any(each.is_idiom for each in quantities("2 sides, two years, seven sides", "en"))
