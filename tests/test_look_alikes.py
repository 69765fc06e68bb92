"""Tests of ingest/look_alikes.py: words half in Latin letters, half in Cyrillic ones."""

import pytest

from ingest.look_alikes import in_one_script

LATIN = str.maketrans("аеорсхуіһәөАЕОРСХКМТВН", "aeopcxyihəɵAEOPCXKMTBH")
CYRILLIC = str.maketrans("aeopcxyi", "аеорсхуі")
KAZAKH = "Ғылым мен өнер, әдебиет, қоғам және жаһан: оң жақта ұстаз үйі бар, ол іске асады."


def test_kazakh_words_are_made_cyrillic():
    assert in_one_script(KAZAKH.translate(LATIN)) == KAZAKH
    assert in_one_script(KAZAKH.upper().translate(LATIN)) == KAZAKH.upper()


def test_english_words_are_made_latin():
    text = "The library lends books for fifteen days and closes early on Sundays"
    assert in_one_script(text.translate(CYRILLIC)) == text


def test_a_short_word_is_of_the_script_around_it():
    assert in_one_script("Қызу i\u0441 жүріп жатыр") == "Қызу іс жүріп жатыр"
    assert in_one_script("The work i\u0441 done") == "The work ic done"


@pytest.mark.parametrize(
    "text",
    [
        KAZAKH,
        "The library is open.",
        "NATOға мүше, TCPға қосылды, IT-компания, №5 XIXғасыр",
        "XІX ғасыр, ХV, p\u041d",
        "Ka\u0437akhstan",
        "",
        "🇰🇿 123",
    ],
)
def test_what_is_right_or_unclear_stays(text):
    assert in_one_script(text) == text


def test_numerals_and_acronyms_stay_in_a_text_of_look_alikes():
    text = f"{KAZAKH} XIX ғасыр, COP, HTTP"
    assert in_one_script(KAZAKH.translate(LATIN) + " XIX ғaсыр, COP, HTTP") == text


def test_latin_words_stay_where_few_words_are_mixed():
    typed = KAZAKH.replace("ғы", "ғ\u0443").replace("өнер", "өнe\u0440").replace("ұстаз", "ұстaз")
    typed = typed.replace("жаһан", "жaһан")
    assert in_one_script(f"{typed} Copy, api, echo").endswith("Copy, api, echo")


def test_places_stay_what_they_are():
    typed = f"{KAZAKH} stone".translate(LATIN)
    assert len(in_one_script(typed)) == len(typed)
