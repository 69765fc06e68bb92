"""Transliteration: Kazakh words typed without the Kazakh alphabet."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.transliteration import (
    MAX_SPELLINGS,
    best_spellings,
    fold_letters,
    graphemes,
    skeleton,
    spelling_cost,
    spelling_lattice,
    to_cyrillic,
)

# What is proposed first, by alphabet; no word is looked up.
FIRST = """
2017: Qazaqstannyn' қазақстанның | mu'ddesi мүддесі | ko'p көп | a'lem әлем | s'es'im шешім
2017: g'ylym ғылым | o'mir өмір | so'z сөз | ay'a ауа | bag'yt бағыт | u'kim үкім | ten'iz теңіз
2018: Qytaıǵa қытайға | qandaı қандай | ádebıet әдебиет | saıasat саясат | ǵalym ғалым
2018: kúni күні | óner өнер | táýelsizdik тәуелсіздік | jańa жаңа | shekara шекара | Reseı ресей
2021: ädebiet әдебиет | täuelsizdik тәуелсіздік | şekara шекара | ūlt ұлт | ğasyr ғасыр
2021: kün күн | öner өнер | qalañ қалаң | elderımen елдерімен | berıldı берілді | nenı нені
typed: Abaidyn абайдың | otkizuge өткізуге | qai қай | halyqaralyq халықаралық | uiym ұйым
typed: qoldau қолдау | korsetti көрсетті | bombalar бомбалар | synaldy сыналды
typed: songy соңғы | alty алты | jyldagy жылдағы | ulken үлкен | jetistik жетістік | qandai қандай
typed: elshiligi елшілігі | Euraziada еуразияда | Azia азия | mindetteme міндеттеме | qansha қанша
typed: tuys туыс | su су | toiyn тойын | tuu туу | memleket мемлекет | qurylym құрылым
Russian: zhyl жыл | kala қала | kazak қазақ | sayasat саясат | shekara шекара | zhana жаңа
Russian: Kazakstan қазақстан | syrtky сыртқы | baska басқа | ushin үшін
"""
# What is among those proposed: a vocabulary has to choose.
AMONG = """
ui үй | en ең | zhane және | jane және | barysy барысы | simvol символ | rol роль
universitet университет | fevral февраль | ekonomika экономика
ushak ұшақ
onirinde өңірінде | tugan туған
jihaz жиһаз | qaharman қаһарман | kisi кісі | biik биік | kiim киім
"""


def pairs(table):
    rows = (line.split(": ", 1)[-1] for line in table.strip().splitlines())
    return [tuple(pair.split()) for row in rows for pair in row.split(" | ")]


def test_the_tables_are_long_enough():
    assert len(pairs(FIRST)) >= 60


@pytest.mark.parametrize(("latin", "spelt"), pairs(FIRST))
def test_the_most_plausible_spelling_comes_first(latin, spelt):
    if spelt == "жаңа":  # Nothing tells "zhana" from жана.
        assert spelt in to_cyrillic(latin)
    else:
        assert to_cyrillic(latin)[0] == spelt


@pytest.mark.parametrize(("latin", "spelt"), pairs(AMONG))
def test_a_spelling_is_proposed(latin, spelt):
    assert spelling_cost(spelling_lattice(graphemes(latin)), spelt) is not None
    assert skeleton(latin) == skeleton(spelt)


@pytest.mark.parametrize(("latin", "spelt"), pairs(FIRST))
def test_all_spellings_share_a_skeleton(latin, spelt):
    assert skeleton(latin) == skeleton(spelt)


@pytest.mark.parametrize("mark", "'’‘ʼ`´")
def test_any_apostrophe_is_one(mark):
    assert to_cyrillic(f"so{mark}z")[0] == "сөз"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("word", ["Qytaıǵa", "täuelsizdik", "ŞEKARA", "ÓŃIR", "jańa", "ÜİĞ"])
def test_the_form_of_unicode_does_not_matter(word, form):
    assert to_cyrillic(unicodedata.normalize(form, word)) == to_cyrillic(word)


@pytest.mark.parametrize("word", ["QALA", "Qala", "qala"])
def test_capitals_do_not_matter(word):
    assert to_cyrillic(word)[0] == "қала"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("казакстан", "қазақстан"),
        ("тауелсиздик", "тәуелсіздік"),
        ("онир", "өңір"),
        ("жахан", "жаһан"),
    ],
)
def test_a_russian_keyboard_is_read_too(typed, meant):
    assert skeleton(typed) == skeleton(meant)
    assert spelling_cost(spelling_lattice(graphemes(typed)), meant) is not None


def test_a_spelling_that_does_not_fit_costs_nothing_to_refuse():
    assert spelling_cost(spelling_lattice(graphemes("qala")), "дала") is None
    assert spelling_cost(spelling_lattice([]), "") == 0


def test_the_cost_is_the_one_that_spellings_are_ranked_by():
    lattice = spelling_lattice(graphemes("ulken"))
    spellings = best_spellings(lattice)
    assert len(spellings) > 1
    for cost, spelling in spellings:
        assert spelling_cost(lattice, spelling) == pytest.approx(cost)


@given(st.text(max_size=40))
def test_any_text_is_read(text):
    proposed = to_cyrillic(text)
    assert 1 <= len(proposed) <= MAX_SPELLINGS
    assert len(set(proposed)) == len(proposed)
    assert fold_letters(fold_letters(text)) == fold_letters(text)
    assert not set(skeleton(text)) & set("әғқңөұүһі")
