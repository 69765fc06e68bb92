"""Normalisation: no disguise of a digit, a letter or a number word counts."""

import unicodedata

import pytest

from chat.normalisation import normalised

LANGUAGES = ("kk", "en", "ru")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "written",
    ["¹⁶⁰", "₁₆₀", "１６０", "①⑥⓪", "❶❻⓪", "𝟏𝟔𝟎", "𝟭𝟲𝟬", "𝟣𝟨𝟢", "1\u200b6\u00ad0", "1\u206060",
    "1️⃣6️⃣0️⃣", "1̶6̶0"],
)  # fmt: skip
def test_figures_in_any_form_are_figures(written, language):
    assert normalised(f"({written})", language) == "(160)"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("XIX", 19),
        ("XC", 90),
        ("MCMXCI", 1991),
        ("CLX", 160),
        ("Ⅷ", 8),
        ("ХХІ", 21),
        ("xviii", 18),
        ("ХС", 90),
        ("СХІ", 111),
        ("МСМХСІ", 1991),
    ],
)
def test_roman_numerals_are_figures(written, read):
    for language in LANGUAGES:
        assert normalised(f"бұл {written} жыл", language) == f"бұл №{read} жыл"


@pytest.mark.parametrize(
    "text",
    [
        "A CD, a DVD and a CV.",
        "Х. Досмұхамедов пен І. Жансүгіров",
        "СССР мен АҚШ, МИХХ",
        "XVV, IIII and VX are none",
        "№ 5, ЖІӨ, т.б.",
        "A MIX of CC and MM, MD, DC, CM, ML.",
        "X-ray, X-Ray and X-RAY, V-shaped, an I-beam",
    ],
)
def test_what_is_no_numeral_stays(text):
    for language in LANGUAGES:
        assert normalised(text, language) == text


def test_the_english_pronoun_is_no_numeral_and_a_king_s_is():
    assert normalised("I went home, and I slept.", "en") == "I went home, and I slept."
    assert normalised("It was Elizabeth I, in World War I.", "en") == (
        "It was Elizabeth №1, in World War №1."
    )


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("I Елизавета, V Карл, Х ғасыр", "№1 Елизавета, №5 Карл, №10 ғасыр"),
        ("елдің төрттен үші", "елдің 75%"),
        ("бестен бірін алды", "20% алды"),
        ("сексен жетісінің", "сексен жеті"),
        ("он шақты миллион тонна", "он миллион тонна"),
        ("желтоқсанның он алтысында, мамырдың үші", "16 желтоқсан, 3 мамыр"),
        ("ҚАЗАННЫҢ ОТЫЗЫНАН, сәуірдің жиырма төрті үшін", "30 ҚАЗАН, 24 сәуір үшін"),
        ("ӘЛЕМНІҢ ЖИЫРМА АЛТЫСЫ", "ӘЛЕМНІҢ ЖИЫРМА АЛТЫ"),
        ("1994² жылы 5 км², 1½ сағат, ½ л", "1994 2 жылы 5 км, 1.5 сағат, 0.5 л"),
        ("X-ғасыр, V-IX ғасырлар", "№10-ғасыр, №5-№9 ғасырлар"),
        ("1234567½ теңге, 3 ⅓ үлес, ⅔, ⅒", f"1234567.5 теңге, {3 + 1 / 3:.3f} үлес, 0.667, 0.1"),
    ],
)
def test_kazakh_number_words(text, read):
    for form in ("NFC", "NFD"):
        assert normalised(unicodedata.normalize(form, text), "kk") == read


@pytest.mark.parametrize(
    ("text", "language", "read"),
    [
        ("two thirds of them, a quarter of it", "en", f"{200 / 3:.4g}% of them, 25% of it"),
        ("a third country, the fourth", "en", "a third country, the fourth"),
        ("seventeen hundred tonnes, twice", "en", "1700 tonnes, two times"),
        ("две трети, одна пятая, четверть", "ru", f"{200 / 3:.4g}%, 20%, 25%"),
        ("третий, пятая статья", "ru", "третий, пятая статья"),
    ],
)
def test_number_words_elsewhere(text, language, read):
    assert normalised(text, language) == read


@pytest.mark.parametrize("digits", ["9" * 350, "1" * 5_000, "1" * 100_000])
def test_a_fraction_behind_any_number_is_read(digits):
    assert normalised(f"{digits}½ км, өңір", "kk") == f"{digits}.5 км, өңір"
