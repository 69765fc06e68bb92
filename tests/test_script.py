"""Tests of index/analysis/script.py: Kazakh in other letters is searched in its own.

Texts are typed in each way by `eval.robustness` and by tables here, so that every way has each of
ә ғ қ ң ө ұ ү һ і.
"""

import time
import unicodedata
from difflib import SequenceMatcher

import pytest
from other_letters import FOREIGN, LATIN, LOOK_ALIKE, arabic, keyboard

from eval.robustness import transliterate
from index.analysis.analyzer import _entity_terms, _word_terms, _words, terms
from index.analysis.entities.extractor import entities
from index.analysis.script import in_cyrillic, writing_of
from ingest.language import detect
from ingest.loader import read_shipped

TEXT = (
    "Қазақстан Республикасының астанасы 1997 жылы көшірілді. Үкімет пен министрліктер жаңа қалаға"
    " біртіндеп орналасты. Әкімдік оңтүстік өңірлерден келген мамандарға үй берді. Ғимараттар өзен"
    " жағасында салынды, ұлттық кітапхана мен жаһандық көрме де осында ашылды."
)
NAMES = {
    "towns": "Алматы, Караганда, Шымкент, Актау, Костанай, Кызылорда, Семей, Атырау, Тараз",
    "lines": "Караганда\nЖезказган\nБалхаш\nТемиртау\nСатпаев\nЭкибастуз\nКокшетау\nЖанаозен",
    "regions": "Жетысу, Улытау: Аягоз, Кандыагаш, Сарыагаш, Арыс, Каратау, Сарыкемер, Кулан, Мерке",
    "people": "Абылай хан, Кенесары Касымов, Кабанбай батыр, Богенбай батыр, Толе би, Казыбек би",
}
KYRGYZ = (
    "Кыргыз тили мамлекеттик тил болуп саналат, ар бир адам аны билиши керек, окутулат.",
    "Китепкана кун сайын саат тогуздан кечки жетиге чейин ачык. Окурмандар бир учурда беш китеп ала"
    " алышат. Кечиккен ар бир кун учун айып салынат.",
    "Манас эпосу кыргыз элинин эн чон байлыгы. Аны манасчылар айтып келишкен. Эпос муундан муунга"
    " оозеки берилген.",
    "Дарыгер оорулууну карап чыгып, дары жазып берди. Оорукана эртен менен ачылат, кезек жок.",
    "Президент жарлыкка кол койду. Ага ылайык кызматкерлердин айлыгы жогорулайт.",
)


def alike(searched, text=TEXT):
    """Return how much of a text is right, case aside, by its words."""
    words = [unicodedata.normalize("NFC", one).casefold().split() for one in (searched, text)]
    return SequenceMatcher(None, *words, autojunk=False).ratio()


def test_the_text_has_every_kazakh_letter():
    assert set("әғқңөұүһі") <= set(TEXT.casefold())


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("case", [str, str.upper])
def test_look_alike_letters_are_put_right(form, case):
    typed = unicodedata.normalize(form, case(TEXT).translate(LOOK_ALIKE))
    assert detect(typed) == "kk"
    assert in_cyrillic(typed, "kk") == case(TEXT)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("case", [str, str.upper])
def test_the_letters_that_a_russian_keyboard_lacks_are_restored(form, case):
    typed = unicodedata.normalize(form, case(keyboard(TEXT)))
    assert detect(typed) == "kk"
    assert writing_of(unicodedata.normalize("NFC", typed), "kk") == "keyboard"
    assert alike(in_cyrillic(typed, "kk")) > 0.9
    assert in_cyrillic(typed, "kk").isupper() == typed.isupper()


def test_a_latin_i_stays_where_the_other_letters_are_missing():
    typed = "".join(
        k if t in "іІ" else r
        for t, r, k in zip(TEXT, keyboard(TEXT), TEXT.replace("і", "i"), strict=True)
    )
    assert "i" in typed
    assert alike(in_cyrillic(typed, "kk")) > 0.9


@pytest.mark.parametrize("way", LATIN)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("case", [str, str.upper])
def test_latin_alphabets_are_read(way, form, case):
    typed = unicodedata.normalize(form, case(transliterate(TEXT, way)))
    assert detect(typed) == "kk"
    assert alike(in_cyrillic(typed, "kk")) > 0.85


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_arabic_script_is_read(form):
    typed = unicodedata.normalize(form, arabic(TEXT).replace(",", "،"))
    assert detect(typed) == "kk"
    assert alike(in_cyrillic(typed, "kk")) > 0.85
    assert "1997" in in_cyrillic(typed, "kk")


def test_letters_that_stand_apart_are_joined_and_lists_of_letters_are_not():
    apart = " ".join("Қазақстан") + "  " + " ".join("өңірі")
    assert in_cyrillic(apart, "kk") == "Қазақстан  өңірі"
    assert in_cyrillic("Әліпби: а ә б в г ғ д е ё ж", "kk") == "Әліпби: а ә б в г ғ д е ё ж"


@pytest.mark.parametrize("name", FOREIGN)
def test_other_languages_are_not_called_kazakh_and_stay(name):
    text = FOREIGN[name]
    assert detect(text) == "en"
    assert in_cyrillic(text, "en") == text
    assert in_cyrillic(text, "kk") == text


@pytest.mark.parametrize("text", [*NAMES.values(), *KYRGYZ])
def test_names_in_russian_and_kyrgyz_are_not_kazakh_without_its_letters(text):
    assert in_cyrillic(text, "kk") == text


def test_what_is_around_a_short_text_tells_how_it_is_written():
    assert in_cyrillic("Кала улкен", "kk") == "Кала улкен"
    assert in_cyrillic(keyboard(TEXT), "kk", "cyrillic") == keyboard(TEXT)
    assert in_cyrillic("Кала улкен", "kk", "keyboard") == "Қала үлкен"
    assert in_cyrillic("Qala ulken", "kk") == "Qala ulken"
    assert in_cyrillic("Qala ulken", "kk", "latin") == "Қала үлкен"
    assert in_cyrillic("Дала мен тау", "kk", "keyboard") == "Дала мен тау"


def test_acronyms_and_addresses_in_latin_text_stay():
    typed = transliterate(TEXT, "latin-2021") + " NATO, www.qazaq.kz, qala@qazaq.kz"
    assert in_cyrillic(typed, "kk").endswith("НАТО, www.qazaq.kz, qala@qazaq.kz")


@pytest.mark.parametrize("source", read_shipped().documents, ids=lambda source: source.id)
def test_clean_texts_stay_to_the_byte(source):
    for text in (source.text, *source.text.split("\n")):
        assert in_cyrillic(text, source.language) is text
        assert in_cyrillic(
            unicodedata.normalize("NFD", text), "kk" if source.language == "kk" else "en"
        ) == unicodedata.normalize("NFD", text)


def test_what_is_searched_is_not_changed_again():
    for typed in (TEXT.translate(LOOK_ALIKE), keyboard(TEXT), transliterate(TEXT, "latin")):
        searched = in_cyrillic(typed, "kk")
        assert in_cyrillic(searched, "kk") == searched


def test_terms_meet_those_of_the_same_text_in_its_own_letters():
    right = set(terms(TEXT, "kk"))
    ways = (
        TEXT.translate(LOOK_ALIKE),
        keyboard(TEXT),
        *(transliterate(TEXT, way) for way in LATIN),
        arabic(TEXT),
    )
    for typed in ways:
        shared = right & set(terms(in_cyrillic(typed, "kk"), "kk"))
        assert len(shared) > 0.75 * len(right), typed


def test_terms_of_clean_text_are_hardly_slower():
    passage = next(one for one in read_shipped().documents if one.language == "kk").text[:2_000]

    def spent(made):
        best = float("inf")
        for _ in range(7):
            start = time.process_time()
            for _ in range(5):
                made()
            best = min(best, time.process_time() - start)
        return best

    def without_script():
        own = [term for word in _words(passage) for term in _word_terms(word, "kk")]
        return own + _entity_terms(entities(passage, "kk"))

    assert without_script() == terms(passage, "kk")
    assert spent(lambda: in_cyrillic(passage, "kk")) < 0.1 * spent(without_script)
