"""Tests of ingest/readers: BEIR lines, plain text, and the same words in every format."""

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_files import WRITERS

from ingest.document import Parsed
from ingest.errors import CorpusError
from ingest.readers import ADVICE, ENDINGS, READERS, UNPARSED
from ingest.readers.beir import read as read_beir
from ingest.readers.text import read as read_text

KAZAKH = "Ұлы дала өңірі һәм қоғам, ғылым, үміт, ісмер"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


def beir(*lines, end="\n"):
    return list(read_beir(end.join(lines).encode()))


def line(**fields):
    return json.dumps({"_id": "1", "text": KAZAKH} | fields, ensure_ascii=False)


# --- BEIR: what is read ---------------------------------------------------------------------------


def test_a_line_is_a_document():
    assert beir(line(_id="қ-1", title="Дала", lang="kk")) == [
        Parsed(KAZAKH, title="Дала", id="қ-1", language="kk")
    ]


def test_only_id_and_text_are_needed():
    assert beir(line()) == [Parsed(KAZAKH, title="", id="1", language=None)]


@pytest.mark.parametrize(
    ("value", "title"),
    [("Дала", "Дала"), ("", ""), (None, ""), (5, ""), (["Дала"], ""), ("Да\ud800ла", "Дала")],
)
def test_a_title_is_a_string_or_left_out(value, title):
    (parsed,) = read_beir(json.dumps({"_id": "1", "text": KAZAKH, "title": value}).encode())
    assert parsed.title == title


@pytest.mark.parametrize(
    ("value", "language"),
    [
        *(("kk", "kk"), ("en", "en"), ("ru", "ru"), ("fr", None), ("KK", None), ("", None)),
        *((None, None), (1, None), (["kk"], None), ({"kk": 1}, None)),
    ],
)
def test_a_language_we_do_not_know_is_to_be_told_from_the_text(value, language):
    (parsed,) = beir(line(lang=value))
    assert parsed.language == language


@pytest.mark.parametrize("name", ["1", " 1 ", "doc/1#a", "қ ұ", "1\t2", "‮", "a" * 500])
def test_ids_are_kept(name):
    assert beir(line(_id=name))[0].id == name


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_blank_lines(end):
    lines = ["", line(_id="1"), "  ", "\t", line(_id="2"), "", ""]
    assert [parsed.id for parsed in beir(*lines, end=end)] == ["1", "2"]


def test_a_byte_order_mark_is_no_part_of_the_first_line():
    data = b"\xef\xbb\xbf" + line(_id="қ").encode()
    assert [parsed.id for parsed in read_beir(data)] == ["қ"]


def test_other_line_ends_inside_a_string_do_not_end_the_line():
    text = f"бір\u2028екі\u2029үш\u0085{KAZAKH}"
    assert beir(line(text=text)) == [Parsed(text, id="1")]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_text_is_kept_as_it_is(form, ascii_only):
    text = unicodedata.normalize(form, f"  {KAZAKH}\r\n\tй – ё 😀 \n")
    data = json.dumps({"_id": "1", "text": text}, ensure_ascii=ascii_only).encode()
    assert next(read_beir(data)).text == text


def test_a_named_encoding_is_used():
    data = line(title="Ғылым").encode("kz1048")
    assert next(read_beir(data, "kz1048")) == Parsed(KAZAKH, title="Ғылым", id="1")


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"қа\ud800зақ", "қазақ"),
        (r"қа\udc00зақ\udfff", "қазақ"),
        (r"қа\u0000зақ", "қазақ"),
        (r"\ud83d\ude00 қазақ", "😀 қазақ"),
        (r"қ\u0430зақ\n", "қазақ\n"),
    ],
)
def test_escapes_that_no_text_file_can_hold_are_dropped(escaped, text):
    data = f'{{"_id": "{escaped}", "text": "{escaped}", "title": "{escaped}"}}'.encode()
    assert list(read_beir(data)) == [Parsed(text, title=text, id=text)]


def test_what_else_a_line_holds_does_not_matter():
    deep = "[" * 100 + "]" * 100
    data = f'{{"_id": "1", "metadata": {deep}, "text": "{KAZAKH}", "url": 7, "text2": ""}}'
    assert list(read_beir(data.encode())) == [Parsed(KAZAKH, id="1")]


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=5))
def test_any_strings_come_back(rows):
    rows = [(f"i{name}", f"ә{text}", title) for name, text, title in rows]
    lines = [line(_id=name, text=text, title=title) for name, text, title in rows]
    assert beir(*lines) == [Parsed(text, title=title, id=name) for name, text, title in rows]


# --- BEIR: what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "line 3 is not JSON"),
        ('{"_id": "1", "text": "ә"', "line 3 is not JSON"),
        ('{"_id": "1", "text": "ә"}}', "line 3 is not JSON"),
        ('{"_id": "1", "text": "ә"} {"_id": "2", "text": "ә"}', "line 3 is not JSON"),
        ("{'_id': '1', 'text': 'ә'}", "line 3 is not JSON"),
        ('{"_id": "1", "text": "ә", "n": ' + "9" * 5_000 + "}", "line 3 is not JSON"),
        ('{"_id": "1", "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "line 3 is not JSON"),
        ("id\ttext", "line 3 is not JSON"),
        ("\x0b", None),
        ("[]", "line 3 is [], expected an object with _id and text"),
        ('"қазақ"', "line 3 is 'қазақ', expected an object"),
        ("7", "line 3 is 7, expected an object"),
        ("null", "line 3 is None, expected an object"),
        ('{"text": "ә"}', "line 3: _id is None, expected a string that is not empty"),
        ('{"_id": "1"}', "line 3: text is None, expected a string that is not empty"),
        ('{"_id": 1, "text": "ә"}', "line 3: _id is 1, expected a string"),
        ('{"_id": "", "text": "ә"}', "line 3: _id is '', expected a string"),
        ('{"_id": " ", "text": "ә"}', "line 3: _id is ' ', expected a string"),
        ('{"_id": "1", "text": ""}', "line 3: text is '', expected a string"),
        ('{"_id": "1", "text": "\\n \\t"}', r"line 3: text is '\n \t', expected a string"),
        ('{"_id": "1", "text": ["ә"]}', "line 3: text is ['ә'], expected a string"),
        ('{"_id": "1", "text": {"ә": 1}}', "line 3: text is {'ә': 1}, expected a string"),
        ('{"_id": "\\ud800", "text": "ә"}', r"line 3: _id is '\ud800', expected a string"),
        ('{"_id": "1", "text": "\\u0000"}', r"line 3: text is '\x00', expected a string"),
        ('{"_id": "1", "text": "\\udfff \\u0000"}', "line 3: text is"),
    ],
)
def test_a_bad_line_is_named(bad, message):
    lines = [line(), "", bad, line(_id="2")]
    if message is None:  # white space, as blank as a space
        assert [parsed.id for parsed in beir(*lines)] == ["1", "2"]
        return
    with pytest.raises(CorpusError) as caught:
        beir(*lines)
    assert str(caught.value).startswith(message)
    assert len(caught.value.line()) < 300


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n\r\n", b"\xef\xbb\xbf"])
def test_an_empty_corpus_has_no_documents(data):
    assert list(read_beir(data)) == []


# --- plain text -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_plain_text_is_the_file(form):
    text = unicodedata.normalize(form, f"# {KAZAKH}\r\n\n  й\rё\t")
    assert list(read_text(text.encode())) == [Parsed(text)]


# --- the table ------------------------------------------------------------------------------------


def test_every_reader_is_found_by_a_lower_case_ending():
    assert " ".join(ENDINGS) == (
        ".csv .docx .epub .htm .html .jsonl .markdown .md .odt .pdf .pptx .rtf .text .tsv .txt"
        " .xhtml .xlsx .zip"
    )
    assert set(READERS) >= UNPARSED
    assert not set(ADVICE) & set(ENDINGS)


# --- every format ---------------------------------------------------------------------------------

PARAGRAPHS = [
    "Әбіш Кекілбайұлы атындағы мұражай 1997 жылы ашылды; оған үш мың келуші келді (көпі — оқушы).",
    "Һәм «ғылым» мен өнер: ұстаз, шәкірт, қобыз үні, ісмер – бәрі де көнеден.",
    "Музей открыт с 10:00 до 18:00, кроме понедельника; объём фонда – 12 тыс. предметов.",
    'Visitors\' tickets cost 500 tenge; "guided tours" are free & start at noon.',
]


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("ending", sorted(set(READERS) - {".jsonl"}))
def test_the_same_words_come_from_every_format(ending, form):
    paragraphs = [unicodedata.normalize(form, each) for each in PARAGRAPHS]
    (parsed,) = READERS[ending](WRITERS[ending](paragraphs), None)
    assert words(parsed.text) == " ".join(paragraphs)
    assert parsed.left_out == ()


@pytest.mark.parametrize("ending", sorted(set(READERS) - {".jsonl", ".txt", ".text", ".pdf"}))
def test_blocks_cover_the_words_in_order(ending):
    (parsed,) = READERS[ending](WRITERS[ending](PARAGRAPHS), None)
    blocks = [parsed.text[block.start : block.end] for block in parsed.blocks]
    assert blocks == PARAGRAPHS
    assert {block.kind for block in parsed.blocks} == {"paragraph"}


@pytest.mark.parametrize("ending", sorted(set(READERS) - {".txt", ".text", ".jsonl"}))
def test_bytes_of_another_kind_are_refused_or_give_text(ending, tmp_path):
    """Each reader is given the files of all the others, as files that were renamed are."""
    from ingest.loader import read_paths

    (tmp_path / "бар.txt").write_text("Бұл оқылады.", "utf-8")
    for other, write in WRITERS.items():
        (tmp_path / f"{other[1:]}{ending}").write_bytes(write(PARAGRAPHS))
    reading = read_paths([tmp_path])
    read = [name for document in reading.documents for name in document.sources]
    assert {"бар.txt", f"{ending[1:]}{ending}"} <= set(read)
    assert len(read) + len(reading.skipped) == len(WRITERS) + 1
    for skip in reading.skipped:
        assert "\n" not in skip.reason
        assert "Error" not in skip.reason, skip
