"""Numbers and dates: what is read, where, and with which key, in three languages."""

import time
import unicodedata
from pathlib import Path

import pytest
from campaign import at_length
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.entities.dates import date_keys
from index.analysis.entities.extractor import entities, numbers_and_dates
from index.analysis.entities.numbers import figure_keys, numeral
from ingest.loader import read_shipped

ROWS_FILE = Path(__file__).parent / "data" / "entities.tsv"
ROWS = [
    *(
        tuple(line.split("\t"))
        for line in ROWS_FILE.read_text("utf-8").splitlines()
        if not line.startswith("# ")
    ),
    ("1\xa0600\u2009000 теңге", "kk", "1600000"),
]
SHIPPED = {
    "kk": """1 10 1 150 1500000000 25 5 1 2 1992-05-25 2 1998-10-12 2 1994-04 1997 2010 200000000
        210000000 2 2 2 47 2 1 150000000 3000000 2 1949 1963 752 26 78 500000""",
    "en": "1991-12-16 1 20 5 2008-05-28 16 2008 140 1600|1600 70 80 20",
}
ANY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("0123456789 .,-–'XVI%абеміңй\u0306\u0308\xad\u200b"),
        st.sampled_from("бірекіонмыңмамырyearmayfirstгод"),
    )
)
LANGUAGES = st.sampled_from(["kk", "en", "ru"])


def keys(text, language):
    places = {}
    for entity in numbers_and_dates(text, language):
        places.setdefault((entity.start, entity.end), []).append(entity.key)
    return " ".join("|".join(readings) for readings in places.values())


@pytest.mark.parametrize(("text", "language", "expected"), ROWS)
def test_what_is_read(text, language, expected):
    assert keys(text, language) == expected


@pytest.mark.parametrize(("text", "language", "expected"), ROWS)
def test_composed_or_not(text, language, expected):
    assert keys(unicodedata.normalize("NFD", text), language) == expected


@pytest.mark.parametrize("language", ["kk", "en"])
def test_every_number_and_date_that_ships(language):
    text = next(doc.text for doc in read_shipped().documents if doc.language == language)
    read = keys(text, language).split()
    expected = SHIPPED[language].split()
    assert sorted(read) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "language", "read"),
    [
        ("қойылды.1998 жылдың 12 қазанында Ресей", "kk", "1998 жылдың 12 қазанында"),
        ("отыр.150млн. тонна", "kk", "150млн"),
        ("Азияның он елін", "kk", "он"),
        ("жылы 25-ші орын", "kk", "25"),
        ("on May 28th, 2008 he", "en", "May 28th, 2008"),
        ("with half a million men", "en", "half a million"),
        ("1992 ж. мамыр", "kk", "1992 ж. мамыр"),
        ("1992 ма\xadмыр", "kk", "1992 ма\xadмыр"),
    ],
)
def test_the_span_is_what_was_read(text, language, read):
    assert [text[date.start : date.end] for date in numbers_and_dates(text, language)] == [read]


def test_look_alike_letters():
    assert keys("1992 жылғы 25 мaмырда, eкі eл", "kk") == "1992-05-25 2"


@pytest.mark.parametrize(
    ("text", "language", "kinds"),
    [
        ("2000 тонна", "kk", {"date", "number"}),
        ("1991 жылы", "kk", {"date"}),
        ("1 600", "kk", {"number"}),
        ("$1600", "en", {"number"}),
        ("in 1991", "en", {"date"}),
    ],
)
def test_kinds(text, language, kinds):
    assert {entity.kind for entity in numbers_and_dates(text, language)} == kinds


def test_coarser_keys():
    assert date_keys("1992-05-25")[:4] == ("1992-05-25", "1992-05", "1992", "--05-25")
    assert date_keys("1992") == ("1992", "199x")
    assert date_keys("") == ("",)
    assert date_keys("nonsense") == ("nonsense",)


def test_all_kinds_in_order_of_place():
    text = "Сондықтан 1992 жылғы 25 мамырда Н.Ә. Назарбаев он елмен"
    assert [entity.key for entity in entities(text, "kk")] == ["1992-05-25", "~nsrbv", "10"]


@given(ANY, LANGUAGES)
def test_any_text(text, language):
    result = entities(text, language)
    assert result == sorted(result, key=lambda entity: (entity.start, entity.end))
    assert all(0 <= entity.start < entity.end <= len(text) and entity.key for entity in result)


@given(ANY, LANGUAGES)
def test_a_text_has_the_entities_of_its_middle(text, language):
    alone = numbers_and_dates(text, language)
    moved = numbers_and_dates(f"; {text}", language)
    places = [(entity.key, entity.start + 2, entity.end + 2) for entity in alone]
    assert [(entity.key, entity.start, entity.end) for entity in moved] == places


@given(st.text(st.sampled_from("0123456789.,' ")), LANGUAGES)
def test_a_key_is_its_own_key(text, language):
    keys = figure_keys(text, language)
    assert all(key == figure_keys(key, "en")[0] or "." in key for key in keys)


@pytest.mark.parametrize(
    ("word", "language", "value"),
    [
        ("миллон", "kk", 10**6),
        ("миллоннан", "kk", 10**6),
        ("мильон", "kk", 10**6),
        ("млярд", "kk", 10**9),
        ("милиардтан", "kk", 10**9),
        ("триллон", "kk", 10**12),
        ("милионов", "ru", 10**6),
        ("миллярда", "ru", 10**9),
    ],
)
def test_a_misspelt_scale_is_read(word, language, value):
    assert (numeral(word, language).value, numeral(word, language).role) == (value, "scale")


@pytest.mark.parametrize("word", ["милан", "малын", "молын", "жетпес", "миллиондаған", "мыңдаған"])
def test_what_looks_like_a_numeral_is_none(word):
    assert numeral(word, "kk") is None
    assert numeral(unicodedata.normalize("NFD", word), "kk") is None


@pytest.mark.parametrize(
    "text",
    [
        "1" * 1_000_000,
        "1." * 40_000,
        "1,234" * 20_000,
        "1 234" * 20_000,
        "1-" * 40_000,
        "1920-" * 20_000,
        "а" * 1_000_000,
        "a\u0306" * 500_000,
        "V" * 1_000_000,
        "Н." * 40_000,
        "N'" * 40_000,
        "\n" * 1_000_000,
        "XX " * 30_000,
        "жүз мың " * 10_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_time_grows_with_the_text_only(text):
    start = time.process_time()
    entities(text[: at_length(len(text), len(text) // 5)], "kk")
    assert time.process_time() - start < 20  # seconds, on a busy machine
