"""Tests of ingest/encoding.py: the right letters or an error, never wrong letters."""

import codecs
import random
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.encoding import decode, refuse_misdeclared
from ingest.errors import CorpusError

TEXT = "Әлем, ғылым, қала, таң, өнер, ұлт, үй, һәм, іс. ӘҒҚҢӨҰҮҺІ"
MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
EIGHT_BIT = ["kz1048", "ptcp154", "koi8-t", "cp1251", "koi8-r", "mac-cyrillic"]
RUSSIAN = "Внешняя политика: дружба, труд, объём"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", [TEXT, f"{TEXT}\r\n й ё 😀\t\n", "", "a", "\u00a0", "ә\ufeffң"])
def test_utf8_is_told(text, form):
    text = unicodedata.normalize(form, text)
    assert decode(text.encode()) == (text, ())


@pytest.mark.parametrize("codec", MARKED)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("named", [None, "utf-8", "utf-16", "utf-16-le", "kz1048", "cp1251"])
def test_a_byte_order_mark_tells_the_encoding_whatever_was_named(codec, form, named):
    text = unicodedata.normalize(form, f"{TEXT}\nй 😀")
    assert decode(MARKED[codec] + text.encode(codec), named).text == text


@settings(deadline=None)
@given(TEXTS, st.sampled_from(sorted(MARKED)))
def test_any_text_comes_back(text, codec):
    # UTF-16's little-endian mark before U+0000 would be UTF-32's; TEXTS has no NUL.
    assert decode(MARKED[codec] + text.encode(codec)).text == text
    assert decode(text.encode()) == (text, ())


@pytest.mark.parametrize("codec", ["kz1048", "ptcp154", "KZ-1048", "strk1048-2002", "PT154"])
def test_kazakh_code_pages_are_read_when_named(codec):
    assert decode(TEXT.encode(codec), codec).text == TEXT


@pytest.mark.parametrize("codec", EIGHT_BIT)
def test_russian_code_pages_are_read_when_named(codec):
    assert decode(RUSSIAN.encode(codec), codec).text == RUSSIAN


@pytest.mark.parametrize("codec", [None, *EIGHT_BIT])
@pytest.mark.parametrize("text", [TEXT, RUSSIAN, "қ", "plain ASCII"])
def test_utf8_among_files_in_a_code_page_is_not_spoilt(codec, text):
    assert decode(text.encode("utf-8"), codec).text == text


@pytest.mark.parametrize("text", [TEXT, "Ресей", "plain ASCII", "ә"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-7"])
def test_other_encodings_are_read_when_named(text, codec):
    assert decode(text.encode(codec), codec).text == text


@pytest.mark.parametrize("codec", EIGHT_BIT[:2])
@settings(deadline=None)
@given(text=st.text(TEXT + "абвгдежзийклмнопрстуфхцчшщъыьэюя .,\n", max_size=200))
def test_prose_in_a_code_page_never_looks_like_utf8(codec, text):
    # Upper-case letters alone can: «Сі» in KZ-1048 is U+0473 in UTF-8. And «яю» or «юя», with
    # which no word starts, is UTF-16's mark.
    lower = f"қазақ {text.lower()}"
    assert decode(lower.encode(codec), codec).text == lower


@pytest.mark.parametrize("codec", EIGHT_BIT)
@pytest.mark.parametrize("text", ["Қазақ", "ascii, then Ж", "Ж", "не", "Үйде"])
def test_a_code_page_that_is_not_sure_is_an_error(codec, text):
    data = text.encode(codec, "ignore")[:20]
    first = next(place for place, byte in enumerate(data) if byte > 127)
    with pytest.raises(CorpusError, match=rf"not utf-8 text \(byte {first} cannot") as caught:
        decode(data)
    assert "tried: windows-1252, windows-1251, KZ-1048, PT154, KOI8-R" in str(caught.value)
    assert "--encoding kz1048" in caught.value.hint
    assert "\n" not in caught.value.line()


@pytest.mark.parametrize("codec", [None, "utf-8", "ascii", "utf-16", "utf-32"])
@pytest.mark.parametrize("data", ["қазақ".encode("kz1048"), b"ab\xff", "ә".encode()[:1]])
def test_bytes_of_another_encoding_are_an_error(codec, data):
    with pytest.raises(CorpusError, match=r"not .* text|a binary file"):
        decode(data, codec)


@pytest.mark.parametrize("mark", MARKED.values())
def test_a_marked_text_that_is_cut_is_an_error(mark):
    with pytest.raises(CorpusError, match="cannot be decoded"):
        decode(mark + "қ".encode()[:1])


@pytest.mark.parametrize(
    "name",
    ["қазақша", "utf-9", " ", "hex", "rot13", "base64", "../../x", "a\x00b", "x" * 9_000],
)
@pytest.mark.parametrize("data", [b"", b"abc", "қ".encode(), "қ".encode("kz1048")])
def test_an_unknown_encoding_is_an_error_for_any_file(name, data):
    with pytest.raises(CorpusError, match="unknown encoding") as caught:
        decode(data, name)
    assert repr(name) in str(caught.value)


def test_lone_surrogates_are_no_text():
    with pytest.raises(CorpusError, match="not utf-7 text"):
        decode(b"+2AA-", "utf-7")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00",
        "Қазақ\x00стан".encode(),
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x00",
        b"PK\x03\x04\x14\x00\x08\x08\x08\x00",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        random.Random(3).randbytes(4_000),
        "Әлем".encode("utf-16-le") + bytes(4_001),
        bytes(1_000),
    ],
)
@pytest.mark.parametrize("named", [None, "kz1048", "latin-1"])
def test_binary_files_are_called_so(data, named):
    with pytest.raises(CorpusError, match="a binary file"):
        decode(data, named)


# --- encodings that the letters tell --------------------------------------------------------------

KAZAKH = (
    "Ауыл кітапханасы жұма күні де ашық. Оқырман үш кітап алып, оны бір айдан кейін қайтарады.\r\n"
    "Кешіккен әр күн үшін өсім жоқ, бірақ жаңа кітап берілмейді. ҚҰРМЕТТІ ОҚЫРМАН, ҮНСІЗ ОҚЫҢЫЗ!"
)
PLAIN_RUSSIAN = (
    "Сельская библиотека открыта и в пятницу. Читатель берёт три книги и возвращает их через месяц."
    "\r\nЗа опоздание платить не нужно, но новых книг не дадут. ЧИТАТЕЛИ, СОБЛЮДАЙТЕ ТИШИНУ!"
)
ENGLISH = (
    "The village library doesn\u2019t close on Fridays. \u201cYou can\u2019t keep a book for longer"
    " than a month\u201d, its keeper says \u2013 and she won\u2019t lend another.\r\nBE SILENT."
)
PAGES = [
    *((KAZAKH, codec) for codec in ("kz1048", "ptcp154")),
    *((PLAIN_RUSSIAN, codec) for codec in ("cp1251", "kz1048", "ptcp154", "koi8-r", "koi8-u")),
    *((PLAIN_RUSSIAN, codec) for codec in ("cp866", "mac-cyrillic")),
    *((ENGLISH, codec) for codec in ("cp1251", "cp1252", "kz1048", "ptcp154", "mac-cyrillic")),
]
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize(("text", "codec"), PAGES)
@pytest.mark.parametrize("change", [str, str.upper, str.lower])
def test_a_code_page_is_told_by_its_letters(text, codec, change):
    text = change(text)
    decoded = decode(text.encode(codec))
    assert decoded.text == text
    [note] = decoded.notes
    assert note.startswith("read as ")
    assert "--encoding" in note
    assert "\n" not in note


@pytest.mark.parametrize(
    ("text", "codec", "name", "letters"),
    [
        (KAZAKH, "kz1048", "KZ-1048", "әғқңөұүһ"),
        (KAZAKH, "ptcp154", "PT154", "әғқңөұүһ"),
        (PLAIN_RUSSIAN, "kz1048", "windows-1251", "аео"),  # the same bytes
        (PLAIN_RUSSIAN, "koi8-r", "KOI8-R", "иеа"),
        (ENGLISH, "cp1252", "windows-1252", "eo"),
    ],
)
def test_the_note_names_the_encoding_and_shows_a_word_that_tells_it(text, codec, name, letters):
    [note] = decode(text.encode(codec)).notes
    assert f"read as {name}, told by its letters: «" in note
    word = note.split("«")[1].split("»")[0]
    assert word in text
    assert set(word.lower()) & set(letters)


@pytest.mark.parametrize("codec", WIDE)
@pytest.mark.parametrize("text", [KAZAKH, PLAIN_RUSSIAN, ENGLISH, ENGLISH[:40], KAZAKH[:40]])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_unicode_without_a_mark_is_told(text, codec, form):
    text = unicodedata.normalize(form, text)
    decoded = decode(text.encode(codec))
    assert decoded.text == text
    assert f"read as {codec.upper()}" in decoded.notes[0]


@pytest.mark.parametrize("text", [KAZAKH, PLAIN_RUSSIAN, ENGLISH, "plain ASCII\r\n"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("named", [None, "utf-8", "kz1048", "cp1251"])
def test_utf8_is_read_as_before(text, form, named):
    text = unicodedata.normalize(form, text)
    assert decode(text.encode(), named) == (text, ())


def test_kazakh_after_long_russian_text_is_told():
    text = PLAIN_RUSSIAN * 600 + KAZAKH
    assert len(text) > 100_000
    decoded = decode(text.encode("kz1048"))
    assert decoded.text == text
    assert "read as KZ-1048" in decoded.notes[0]


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Україна є незалежною державою. Її столиця Київ стоїть на річці Дніпро.", "cp1251"),
        ("Србија је држава у југоисточној Европи. Ово је моја кућа, а то је њена.", "cp1251"),
        (
            "L\u2019été dernier, nous étions à la plage; où êtes-vous allés? Ça va très bien.",
            "cp1252",
        ),
        ("Η Ελλάδα είναι χώρα της Ευρώπης και έχει πολλούς κατοίκους.", "cp1253"),
        ("ירושלים היא עיר הבירה של ישראל ויש בה הרבה אנשים", "cp1255"),
        ("今日は天気がいいですね。散歩に行きましょう。", "shift_jis"),
        (f"{KAZAKH} \udcff", "utf-8"),  # UTF-8 with a broken byte
        ("Das schöne Mädchen möchte später hören, wäre größer", "cp850"),
        ("Mädchen", "cp437"),
        ("estarán también", "cp850"),
        ("käyttämällä hyväksytty näytä tämä löytää pöydän ääressä", "cp437"),
        ("Utilizatorul nu există în această bază de date, dar încearcă să intre", "cp852"),
        ("Pogrešna naredba, završetak programa, ovaj broj je viši", "cp1250"),
        ("eine Übereinstimmung des Namens", "cp1252"),
    ],
)
def test_a_text_that_reads_well_in_none_is_refused(text, codec):
    with pytest.raises(CorpusError, match=r"not utf-8 text.*reads well in no code page; tried: "):
        decode(text.encode(codec, "surrogateescape"))


@pytest.mark.parametrize("text", [KAZAKH, PLAIN_RUSSIAN])
def test_each_line_and_each_word_is_told_right_or_refused(text):
    pieces = [*text.split("\r\n"), *text.split(), *text.split(". ")]
    told = 0
    for codec in ("kz1048", "ptcp154", "koi8-r", "cp866"):
        for piece in pieces:
            try:
                decoded = decode(piece.encode(codec)).text
            except (CorpusError, UnicodeEncodeError):
                continue
            assert decoded == piece
            told += 1
    assert told > 20


@pytest.mark.parametrize(
    ("text", "codec", "named", "better"),
    [
        (KAZAKH, "kz1048", "cp1251", "KZ-1048"),
        (KAZAKH, "kz1048", "ptcp154", "KZ-1048"),
        (KAZAKH, "ptcp154", "cp1251", "PT154"),
        (KAZAKH, "ptcp154", "kz1048", "PT154"),
        (KAZAKH, "kz1048", "latin-1", "KZ-1048"),
        (PLAIN_RUSSIAN, "koi8-r", "cp1251", "KOI8-R"),
        (PLAIN_RUSSIAN, "cp1251", "koi8-r", "windows-1251"),
        (PLAIN_RUSSIAN, "cp1251", "cp866", "windows-1251"),
    ],
)
def test_a_wrong_name_is_obeyed_and_told(text, codec, named, better):
    data = text.encode(codec)
    decoded = decode(data, named)
    assert decoded.text == data.decode(named)
    [note] = decoded.notes
    before, after = (part.split("»")[0] for part in note.split("«")[1:])
    assert before in decoded.text
    assert after in text
    assert before != after
    assert f"read as {named}: " in note
    assert f"(--encoding {better})" in note


def test_the_note_on_a_wrong_name_shows_the_word_both_ways():
    [note] = decode("Біз Қазақстанда тұрамыз, оқимыз".encode("kz1048"), "cp1251").notes
    assert "«Ќазаќстанда»; KZ-1048 reads better: «Қазақстанда»" in note


@pytest.mark.parametrize(("text", "codec"), PAGES)
def test_a_right_name_needs_no_note(text, codec):
    assert decode(text.encode(codec), codec) == (text, ())
    assert decode(b"plain ASCII", codec) == ("plain ASCII", ())


def test_a_name_that_cannot_be_is_an_error_that_says_a_better_one():
    with pytest.raises(CorpusError, match="not ascii text") as caught:
        decode(KAZAKH.encode("kz1048"), "ascii")
    assert "--encoding KZ-1048" in caught.value.hint
    with pytest.raises(CorpusError, match="a binary file") as caught:
        decode(KAZAKH.encode("utf-16-le"), "kz1048")
    assert "--encoding UTF-16-LE" in caught.value.hint


# --- Kazakh letters that a program has read wrong -------------------------------------------------


@pytest.mark.parametrize("codec", ["kz1048", "ptcp154"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("named", [None, "kz1048", "cp1251"])
def test_misread_kazakh_is_put_right_and_told(codec, form, named):
    misread = unicodedata.normalize(form, f"{KAZAKH.encode(codec).decode('cp1251')} ₸ 5")
    decoded = decode(misread.encode(), named)
    assert unicodedata.normalize("NFC", decoded.text) == f"{KAZAKH} ₸ 5"
    [note] = decoded.notes
    before, after = (part.split("»")[0] for part in note.split("«")[1:])
    assert before in unicodedata.normalize("NFC", misread)
    assert after in KAZAKH
    assert "--encoding utf-8" in note


@pytest.mark.parametrize("between", ['","ключ":"', "</td><td>", ";", "\t", "|**"])
def test_misread_kazakh_is_put_right_amid_markup(between):
    rows = KAZAKH.replace(" ", between)
    assert decode(rows.encode("kz1048").decode("cp1251").encode()).text == rows


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("named", ["utf-8", "UTF8"])
def test_misread_kazakh_stays_when_utf8_is_asked_for_and_is_told(mark, named):
    misread = KAZAKH.encode("kz1048").decode("cp1251")
    decoded = decode(mark + misread.encode(), named)
    assert decoded.text == misread
    assert "KZ-1048 that a program has read as windows-1251" in decoded.notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "Україна є незалежною державою. Її столиця Київ стоїть на річці Дніпро, ґанок, їжак, моє.",
        "Сёння ў Мінску дождж. Хлопчык быў у школе, воўк, праўда, галоўны, аўтар.",
        "Ўзбекистон Марказий Осиёдаги давлат. Ўқувчилар мактабга борди, кўп китоб ўқиди, йўл.",
        "Србија је држава у југоисточној Европи. Ово је моја кућа, а то је њена ћерка.",
        "Македонија е држава на Балканот. Ќе дојдам утре. Ѕвездите светат ноќе, моја куќа.",
        f"{KAZAKH} Украинада Україна, Київ, її, є деп жазады.",
        "Ќазаќ",
        "меѓу куќа, среќа ѓавол",
        "куќа Николић, ўзбек Јован",
        "Mojibake: the word Қазақстан shows as Ќазаќстан, өнер as ґнер, әке as јке.",
        'LETTERS = {"Қ": "Ќ", "ө": "ґ", "ә": "ј", "ү": "ї"}  # «Ќазаќстан» ґнері',
        "Если открыть файл в неверной кодировке, вместо казахских букв видны сербские и украинские,"
        " например «Ќазаќстан ґнері» или «јже», и поиск их не находит. Это известная беда старых"
        " программ, о которой надо знать всем, кто читает архивы прошлых лет и чужие записи.",
        "5 µm ± 3 ‰, € 5, ¤",
    ],
)
def test_letters_of_other_languages_are_left_alone(text):
    assert decode(text.encode()) == (text, ())


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.sampled_from([None, "kz1048", "cp1251", "utf-8", "utf-16"]))
def test_no_bytes_break_it(data, named):
    with suppress(CorpusError):
        decoded = decode(data, named)
        assert "\x00" not in decoded.text
        assert all("\n" not in note for note in decoded.notes)


@pytest.mark.parametrize("size", [3, 10, 40, 400, 100_000])
def test_junk_without_nul_is_refused(size):
    generator = random.Random(size)
    for _ in range(20 if size < 1_000 else 1):
        data = bytes(generator.choice(range(1, 256)) for _ in range(size)) + b"\xff\xfe\x80"
        with pytest.raises(CorpusError, match="not utf-8 text"):
            decode(data)


@pytest.mark.parametrize("data", [b"a" * 300_000 + b"\xff", b"\xe0" * 300_000, b"\xe0a" * 150_000])
def test_long_runs_take_no_long_time(data):
    with pytest.raises(CorpusError, match="not utf-8 text"):
        decode(data)


# --- files that declare their encoding ------------------------------------------------------------


@pytest.mark.parametrize("letter", "ҚқҺһҰұӘәӨөҒғҮүҢң")
@pytest.mark.parametrize("declared", ["windows-1251", "cp1251", "CP1251"])
def test_a_kazakh_letter_that_was_read_as_another_is_refused(letter, declared):
    text = f"сө{letter}з бар".encode("kz1048").decode("cp1251")
    with pytest.raises(CorpusError, match=f"the file declares {declared}, but seems to be written"):
        refuse_misdeclared(text, declared)


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("Қазақ әліпбиі", "cp1251"),
        ("Съешь ещё булок", "cp1251"),
        ("Ќазаќ", "utf-8"),
        ("", "cp1251"),
    ],
)
def test_what_is_declared_rightly_is_no_error(text, declared):
    refuse_misdeclared(text, declared)
