"""Addresses: whatever could be opened must stand in a source; abbreviations are none."""

import unicodedata

import pytest

from chat.addresses import addresses, missing_addresses
from chat.normalisation import normalised


@pytest.mark.parametrize(
    "address",
    [
        "bad.example", "bad.example/in", "a.bad.example:8080/x?y=1", "http://bad.example/",
        "https:/bad.example",
        "//bad.example/in", "www.bad.example", "x@bad.example", "@bad_name", "b.me/x",
        "bad-host:8443",
        "192.0.2.7", "192.0.2.7:80/x", "[2001:db8::7]", "2001:db8::7", "xn--80ak6aa92e.com",
        "xn--e1afmkfd",
        "bad[.]example", "bad(.)example", "bad [dot] example", "x [at] bad.example",
        "bad．example", "bad。example",
        "bad\u00ad.exam\u200bple", "жалған.қаз", "жалған.қаз/кіру", "жалған.рф", "bаd.example",
        "ftp://ә.қ",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "around", ["{}", "Мына жерде: {}.", "({}), міне", "КІРІҢІЗ {} САЙТЫНА", "{}-ге өтіңіз"]
)
def test_what_could_be_opened_is_an_address(address, around):
    for form in ("NFC", "NFD"):
        text = normalised(unicodedata.normalize(form, around.format(address)), "kk")
        assert addresses(text)
        assert missing_addresses(text, ["Қазақстан 140 елмен қатынас орнатты."])


@pytest.mark.parametrize(
    "text",
    [
        "т.б. және т.с.с., т.е., и т.д., б.з.б.", "Н.Ә.Назарбаев пен Қ.-Ж.К.Тоқаев",
        "N.A.Nazarbayev and J.Smith",
        "The U.S. and the U.K. met, e.g. at 10 a.m., i.e. early.", "Ph.D., Mr.Smith, No.5, vol.2",
        "1.5 млн, 12.05.1992, 10:30, 10:30:15, 24/7, 3:15", "шарт жасалды.Сондықтан ел",
        "It was signed.The end",
        "км/сағ, және/немесе, and/or", "Ғасыр... өтті", "2008.In May", "АҚШ: 15 ел",
    ],
)  # fmt: skip
def test_abbreviations_and_numbers_are_none(text):
    assert addresses(text) == []


def test_an_address_stands_where_a_source_has_it():
    source = "Қараңыз: https://www.mfa.gov.kz/en, хат: press@mfa.example."
    for held in ("mfa.gov.kz", "www.mfa.gov.kz", "http://mfa.gov.kz/en", "press@mfa.example"):
        assert missing_addresses(f"Мекенжайы: {held}.", [source]) == []
    for other in ("gov.kz", "mfa.gov", "mfa.gov.kz.bad.example", "mfa.gov.kz/in", "s@mfa.example"):
        assert len(missing_addresses(f"Мекенжайы: {other}.", [source])) == 1


def test_a_lost_space_is_no_address():
    assert missing_addresses("Он St.Petersburg қаласында.", ["in St. Petersburg"]) == []
    assert missing_addresses("Шарт signed.Almaty деді.", ["It was signed. Almaty grew."]) == []


def test_a_full_stop_makes_no_address():
    """Only a claim with a capital behind its dot may have lost the space of a source."""
    source = "Жобаны жасаған dalel. Kz деп аталады, ӘҢГІМЕ dalel. Kz/кіру. Қайта."
    for address in ("dalel.kz", "DALEL.KZ", "dalel.kz/кіру"):
        assert missing_addresses(f"Мұнда: {address} өтіңіз.", [source]) == [address]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("change", [str, str.upper])
def test_a_disguised_address_stands_where_it_stands_so(form, change):
    plain, *others = (
        "x@mfa.example", "x [at] mfa.example", "x(@)mfa[.]example", "x {at} mfa [dot] example",
    )  # fmt: skip
    for one in (plain, *others):
        for other in (plain, *others):
            texts = (f"Хат жазыңыз: {each} мекенжайына, өңір." for each in (one, other))
            claim, source = (unicodedata.normalize(form, text) for text in texts)
            assert missing_addresses(change(claim), [source]) == []
            assert len(missing_addresses(change(claim), [source.replace("mfa", "mfo")])) == 1
