"""Tests of chat/web/reasons.py and reasons.toml: what a page says is what the program says."""

import ast
import re
import string
import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.web.i18n import LANGUAGES
from chat.web.reasons import REASONS, reason_in
from eval.dataset import mixed_words
from eval.formats import EXPECTED
from ingest.errors import CorpusError
from ingest.loader import read_files
from ingest.readers import ADVICE
from ingest.readers.pdf import _page_list

ROOT = Path(__file__).parents[1]
TABLE = tomllib.loads(REASONS.read_text("utf-8"))
TOLD = tuple(language for language in LANGUAGES if language != "en")
# Names that no alphabet changes, and words of commands and of formats.
KEPT = re.compile(
    r"\.\w+|\b(PDF|ODT|DOCX?|RTF|ZIP|RAR|gzip|Office|HTML|XML|JSON|CSV|TSV|BEIR|SmartArt|UTF|KZ|Windows"
    r"|tesseract|ocr|kaz|rus|eng|dalel index|text|title|_id|start|answerable|any|all|true|false"
    r"|kk|en|ru|jsonl|txt|csv|pdf|utf|z)\b"
)
SYSTEM = {key for key in TABLE if re.fullmatch(r"(No|Is|Not|Read|Permission|Input)[a-z/ -]+", key)}
# Said by more than one piece of code, or by a library: the words as they come out.
COMPOSED = {
    f"{_page_list([7])}: 7": "page {number}: {reason}",
    f"{_page_list([7, 8])}: 7": "pages {numbers}: {reason}",
    "7, line 7: 7": "{file}, line {number}: {reason}",
    "7, row 7: 7": "{file}, row {number}: {reason}",
    "it reads well in no code page": "it reads well in no code page",
    "it may be 7 («7») or 7 («7»)": "it may be {first} («{word}») or {second} («{other}»)",
    "it is mended without --encoding 7": "it is mended without --encoding {codec}",
    EXPECTED: "expected a {first}, a {second}, a {third}, a {fourth} or a BEIR folder",
    "save it as .docx": "save it as {kind}",
    "known: .csv": "known: {kinds}",
    "no DOCX: an Office file of another kind": "an Office file of another kind",
    "«7» seems to be «7», 7 that a program has read as windows-1251": (
        "«{before}» seems to be «{after}», {name} that a program has read as windows-1251"
    ),
    "«7» is read, and quoted, as «7»: its letters are 7 that a program has read as windows-1251": (
        "«{before}» is read, and quoted, as «{after}»: its letters are {name} that a program has"
        " read as windows-1251"
    ),
    "7 is 7, expected 7": "{field} is {value}, expected {what}",
    "7 is missing, expected 7": "{field} is missing, expected {what}",
    "7 7: only words and tables are read": "{count} {names}: only words and tables are read",
}


def shape(text):
    """Return a message with its values left open."""
    return "".join(
        literal + ("{}" if name is not None else "")
        for literal, name, *_ in string.Formatter().parse(text)
    )


def said_by(node):
    """Return a string of source code as a message with its values left open; None for no string."""
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.JoinedStr(values):
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in values
            )
    return None


SAID = {
    part.removesuffix("{}") if cut else part
    for package in ("ingest", "index", "chat", "eval")
    for path in (ROOT / package).rglob("*.py")
    for node in ast.walk(ast.parse(path.read_text("utf-8")))
    if (text := said_by(node))
    for part in text.split("; ")
    for cut in (False, True)
}


@pytest.mark.parametrize("key", TABLE)
def test_what_is_translated_is_what_the_program_says(key):
    assert key in SYSTEM | {*COMPOSED.values()} or shape(key) in SAID


@pytest.mark.parametrize(("said", "key"), COMPOSED.items())
def test_what_is_put_together_is_told_as_one(said, key):
    for language in TOLD:
        literals = [literal for literal, *_ in string.Formatter().parse(TABLE[key][language])]
        told = reason_in(language, said)
        assert all(literal in told for literal in literals)


@pytest.mark.parametrize("key", TABLE)
def test_a_reason_is_there_in_each_language_with_no_value_of_its_own(key):
    assert {*TOLD} <= {*TABLE[key]} <= {*LANGUAGES}
    values = {name for _, name, *_ in string.Formatter().parse(key) if name}
    for text in TABLE[key].values():
        assert text == text.strip() != ""
        assert text == unicodedata.normalize("NFC", text)
        assert {name for _, name, *_ in string.Formatter().parse(text) if name} <= values
        assert mixed_words(text) == []


def raised_in(folder):
    """Return what files are refused with in a folder, and the hints, with 7 for each value."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(ast.Name("CorpusError" | "Doubt"), arguments, keywords):
                    said = map(said_by, [*arguments, *(each.value for each in keywords)])
                    yield from (text.replace("{}", "7") for text in said if text)


REFUSALS = {
    part
    for text in raised_in("ingest")
    for part in text.split("; ")
    if part.strip("7") and "sha256" not in part and "ships with Dalel" not in part
}


@pytest.mark.parametrize("said", sorted({*REFUSALS, *ADVICE.values()}))
def test_no_english_is_left_of_why_a_file_is_refused(said):
    said = re.sub(r"(?<=[a-z)])7$", "", said)  # A reason that follows is told by itself.
    told = {language: reason_in(language, said) for language in TOLD}
    # A doubt is part of a sentence that names the file: «it reads well in no code page».
    if said in told.values():
        told = {language: reason_in(language, f"it {said}") for language in TOLD}
    for language, text in told.items():
        assert not re.search("[A-Za-z]{2}", KEPT.sub("", text)), (language, text)


FILES = {
    "бос.txt": (b"", "kk", "файл бос, мәтін болуы керек"),
    "сурет.PNG": (b"x", "ru", "такие файлы не читаются: '.PNG'; сделайте из него .pdf с текстом"),
    "есеп.pdf": (b"PK\x03\x04", "kk", "бұл PDF емес, ZIP не жаңа Office файлы"),
    "кесте.docx": (b"{\\rtf1}", "ru", "это не DOCX, а RTF; откройте и сохраните его как DOCX"),
    "ұн.txt": ("Ұн 40 қап.".encode("kz1048"), "kk", "осы бетте кодтамасын таңдап, қайта қосыңыз"),
    "ұн2.txt": ("Ұн 40 қап.".encode("kz1048"), "en", "or choose its encoding on this page"),
    "жол.jsonl": (b"{", "ru", "строка 1 – не JSON"),
    "мұрағат.zip": (b"PK\x05\x06" + bytes(18), "kk", "0 файлдың бірде-бірінен құжат шықпады"),
}


@pytest.mark.parametrize("name", FILES)
def test_why_a_file_is_refused_is_told_in_the_language_of_the_page(tmp_path, name):
    data, language, expected = FILES[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CorpusError) as refused:
        read_files([tmp_path / name])
    assert expected in reason_in(language, refused.value.line())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a.zip/b.png: no reader for '.png'; unpack it",
         "a.zip/b.png: такие файлы не читаются: '.png'; распакуйте и добавьте файлы из него"),
        ("no document among its 2 files, expected one; a: a PDF with a password; unknown words",
         "среди файлов внутри (2) нет ни одного документа; a: PDF с паролем; unknown words"),
        ("cannot write the index in 'x': No space left on device; what was indexed before is"
         " untouched",
         "не удалось записать индекс: на диске не осталось места; прежний индекс цел"),
        ("a damaged PDF (a; b: c); open it and save it anew",
         "PDF повреждён (a; b: c); откройте и сохраните его заново"),
        ("Ә.jsonl, line 3: gold[1]: start is -1, expected a whole number from 0",
         "Ә.jsonl, строка 3: gold[1]: в поле «start» стоит -1, а нужно: целое число от 0"),
        ("мұнда ештеңе жоқ", "мұнда ештеңе жоқ"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_line_is_told_part_by_part_and_what_is_unknown_stays(line, told):
    assert reason_in("ru", line) == told


PIECES = ["; ", ": ", "no ", "{", "}", " is ", ", expected ", "ә", "\n", "(", ")", "a damaged "]


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_whatever_a_line_holds_it_is_told(line):
    for language in LANGUAGES:
        assert isinstance(reason_in(language, line), str)
