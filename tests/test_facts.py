"""Facts of a claim: its names in any case, its numbers and addresses, in what it cites."""

import unicodedata

import pytest

from chat.facts import KnownNames, missing_facts

SOURCE = {
    "kk": "1931 жылы Қаныш Сәтбаев Ұлытауда мыс кенін зерттеді.",
    "en": "In 1931 Kanysh Satpayev studied the copper ore of Ulytau.",
    "ru": "В 1931 году Каныш Сатпаев изучал медную руду Улытау.",
}
OTHER = {
    "kk": "Кейін зерттеуді Мұхтар Есенов жалғастырды.",
    "en": "Later Mukhtar Yesenov went on with the study.",
    "ru": "Позже исследование продолжил Мухтар Есенов.",
}


def missing(claim, language, source):
    known = KnownNames.of([(SOURCE[source], source), (OTHER[source], source)])
    return missing_facts(claim, language, [(SOURCE[source], source)], known=known)


@pytest.mark.parametrize("source", SOURCE)
@pytest.mark.parametrize("language", SOURCE)
def test_what_a_source_holds_is_not_missing(language, source):
    for form in ("NFC", "NFD"):
        assert missing(unicodedata.normalize(form, SOURCE[language]), language, source) == []
    assert missing(SOURCE[language].upper(), language, source) == []


@pytest.mark.parametrize("source", SOURCE)
@pytest.mark.parametrize("language", SOURCE)
def test_another_name_or_year_is_missing_in_any_case(language, source):
    surname = {"kk": "Есенов", "en": "Yesenov", "ru": "Есенов"}[language]
    own = {"kk": "Сәтбаев", "en": "Satpayev", "ru": "Сатпаев"}[language]
    for written in (surname, surname.lower(), f"мұхтар-{surname.lower()}"):
        assert missing(SOURCE[language].replace(own, written), language, source)
    assert missing(SOURCE[language].replace("1931", "1913"), language, source)
    assert missing(SOURCE[language].replace("1931", "19\u200b13"), language, source)


def test_a_name_glued_to_another_is_found():
    known = KnownNames.of([(OTHER["en"], "en")])
    for claim in ("It was studied by mukhtaryesenov.", "It was studied by drmukhtaryesenov."):
        assert missing_facts(claim, "en", [(SOURCE["en"], "en")], known=known)
        assert not missing_facts(claim, "en", [(OTHER["en"], "en")], known=known)


def test_ordinary_words_in_small_letters_are_no_names():
    known = KnownNames.of([(text, name) for name, text in {**SOURCE, **OTHER}.items()])
    for claim, language in (
        ("Зерттеу жұмысы кейін де тоқтаған жоқ.", "kk"),
        ("The work went on without a break.", "en"),
        ("Работа велась без перерыва.", "ru"),
    ):
        assert missing_facts(claim, language, [(SOURCE[language], language)], known=known) == []


def test_a_translated_name_is_not_asked_for_abroad():
    sources = [("New Zealand lies in the ocean.", "en")]
    assert missing_facts("Бұл Жаңа Зеландия туралы.", "kk", sources) == []
    assert missing_facts("It is about Norway.", "en", sources) == ["Norway"]


def test_titles_may_hold_the_names_and_not_the_numbers():
    sources, title = [("Ол кен зерттеді.", "kk")], [("Қаныш Сәтбаев, 1931", "kk")]
    claim = "Қаныш Сәтбаев 1931 жылы кен зерттеді."
    assert missing_facts(claim, "kk", sources, title) == ["1931 жылы"]
    assert set(missing_facts(claim, "kk", sources)) == {"1931 жылы", "Сәтбаев"}


def test_an_idiom_is_asked_for_where_the_source_counts_something_else_by_it():
    source = [("Ұйым он елді біріктіреді.", "kk")]
    assert missing_facts("Ұйым он банкті біріктіреді.", "kk", source) == ["он"]
    assert missing_facts("Ұйым он елді біріктіреді.", "kk", source) == []
    assert missing_facts("The two sides met one another.", "en", source) == []


def test_addresses_are_facts():
    source = [("Толығырақ: mfa.gov.kz.", "kk")]
    assert missing_facts("Толығырақ mfa.gov.kz сайтында.", "kk", source) == []
    assert missing_facts("Толығырақ mfa.bad.example сайтында.", "kk", source) == ["mfa.bad.example"]


def test_no_number_is_too_long():
    for digits in ("9" * 350, "1" * 5_000):
        source = [(f"Өзен ұзындығы {digits}½ км.", "kk")]
        assert missing_facts("Өзен ұзындығы 7 км.", "kk", source) == ["7"]
        assert missing_facts(*source[0], source) == []


def test_nothing_holds_nothing():
    assert missing_facts("1931 жылы", "kk", []) == ["1931 жылы"]
    assert missing_facts("", "kk", []) == []
