"""Tests of ingest/readers/table.py and xlsx.py: rows as passages, in the ways of Excel."""

import datetime
import unicodedata

import pytest
from openpyxl import Workbook
from written_files import docx, saved

from ingest.errors import CorpusError
from ingest.readers.table import read, read_tsv
from ingest.readers.xlsx import read as read_xlsx

TABLE = [["Өзен", "Ұзындығы", "Құяды"], ["Жайық", "2428 км", "Каспий"], ["Ертіс", "4248 км", ""]]
ROWS = ["Өзен: Жайық; Ұзындығы: 2428 км; Құяды: Каспий", "Өзен: Ертіс; Ұзындығы: 4248 км"]


def lines(separator, end="\n", rows=TABLE):
    return "".join(separator.join(row) + end for row in rows)


def records(data, encoding=None):
    (one,) = read(data, encoding)
    return [one.text[block.start : block.end] for block in one.blocks]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_separator_is_found(separator, end, form):
    text = unicodedata.normalize(form, lines(separator, end))
    assert records(text.encode()) == [unicodedata.normalize(form, row) for row in ROWS]


def test_a_row_is_a_passage_by_itself():
    (one,) = read(lines(";").encode())
    assert one.text == "\n".join(ROWS)
    assert {block.kind for block in one.blocks} == {"record"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sep=;\nӨзен;Суы\nЖайық;1,5\n", ["Өзен: Жайық; Суы: 1,5"]),
        ("SEP=|\r\nӨзен|Суы\r\nЖайық|1;5\r\n", ["Өзен: Жайық; Суы: 1;5"]),
        ("Сан;Атауы\n1,5;Су, нан\n2,5;Ет, май\n", ["Сан: 1,5; Атауы: Су, нан",
                                                  "Сан: 2,5; Атауы: Ет, май"]),
        ('Аты,Сөзі\nӘли,"Айтты: ""иә"", жоқ"\n', ['Аты: Әли; Сөзі: Айтты: "иә", жоқ']),
        ('Аты,Сөзі\nӘли,"бір\nекі"\n', ["Аты: Әли; Сөзі: бір екі"]),
        ("Облыс;2022;2023\nАбай;612;610\n", ["Облыс: Абай; 2022: 612; 2023: 610"]),
        ("Есеп\n\nӨзен;Суы\nЖайық;5\n", ["Есеп", "Өзен: Жайық; Суы: 5"]),
        ("Өзен;;Суы\nЖайық;бар;5\n", ["Өзен: Жайық; бар; Суы: 5"]),
        ("Өзен;Суы\nЖайық;5;артық\n;;\nЕртіс\n", ["Өзен: Жайық; Суы: 5; артық", "Өзен: Ертіс"]),
        ("1;2\n3;4\n", ["1; 2", "3; 4"]),
        ("Жайық;2428\nЕртіс;4248\n", ["Жайық; 2428", "Ертіс; 4248"]),
        ("Өзен;Суы\n", ["Өзен; Суы"]),
        ("бір\nекі, үш\n", ["бір", "екі, үш"]),
    ],
)  # fmt: skip
def test_tables_as_people_have_them(text, expected):
    assert records(text.encode()) == expected


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_a_name(codec):
    assert records(lines("\t").encode(codec)) == ROWS


def test_an_8_bit_code_page_must_be_named():
    russian = lines(";", rows=[["Река", "Длина"], ["Урал", "2428"]]).encode("cp1251")
    assert records(russian, "cp1251") == ["Река: Урал; Длина: 2428"]
    assert records(lines(";").encode("kz1048"), "kz1048") == ROWS
    with pytest.raises(CorpusError, match="not utf-8 text"):
        records(russian)


def test_a_tsv_has_tabs_whatever_its_cells_hold():
    (one,) = read_tsv("Аты\tСөзі\nӘли\tиә; жоқ, бар\n".encode())
    assert one.text == "Аты: Әли; Сөзі: иә; жоқ, бар"


def test_a_cell_may_be_long():
    long = "ұзақ сөз " * 100_000
    assert records(f"Аты;Сөзі\nӘли;{long}\n".encode()) == [f"Аты: Әли; Сөзі: {long.strip()}"]


@pytest.mark.parametrize("text", ['"', '"а\n' * 1_000, ";" * 100_000, "а;" * 50_000, "\r\r\n;\n"])
def test_odd_tables_are_read_or_refused(text):
    try:
        (one,) = read(text.encode())
    except CorpusError as error:
        assert "no table (" in str(error)  # noqa: PT017
    else:
        assert len(one.text) <= 2 * len(text)


# --- XLSX -----------------------------------------------------------------------------------------


def sheet_rows(book):
    (one,) = read_xlsx(saved(book))
    return [(block.kind, one.text[block.start : block.end]) for block in one.blocks]


def test_the_rows_of_a_sheet_are_passages():
    book = Workbook()
    for row in TABLE:
        book.active.append(row)
    assert sheet_rows(book) == [("record", row) for row in ROWS]


def test_each_sheet_has_its_name_and_hidden_ones_are_told():
    book = Workbook()
    book.active.title = "Өзендер"
    book.active.append(["Өзен", "Суы"])
    book.active.append(["Жайық", 5])
    second = book.create_sheet("Таулар")
    second.append(["Тау", "Биіктігі"])
    second.append(["Хан Тәңірі", 7010])
    book.create_sheet("Құпия").sheet_state = "hidden"
    (one,) = read_xlsx(saved(book))
    assert one.text == (
        "Өзендер\n\nӨзен: Жайық; Суы: 5\n\nТаулар\n\nТау: Хан Тәңірі; Биіктігі: 7010"
    )
    assert [block.kind for block in one.blocks] == ["heading", "record"] * 2
    assert one.left_out == ("hidden sheets: Құпия",)


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (5, "General", "5"),
        (5.0, "General", "5"),
        (0.1 + 0.2, "General", "0.3"),
        (12345678901234, "0", "12345678901234"),
        (0.255, "0.0%", "25.5%"),
        (True, "General", "true"),
        (datetime.datetime(2024, 5, 1), "dd.mm.yyyy", "2024-05-01"),
        (datetime.datetime(2024, 5, 1, 9, 30), "dd.mm.yyyy hh:mm", "2024-05-01 09:30"),
        (datetime.time(9, 30), "hh:mm", "09:30:00"),
        ("  ә\nғ ", "General", "ә ғ"),
        ("#N/A", "General", "#N/A"),
    ],
)
def test_a_cell_is_what_people_see(value, form, shown):
    book = Workbook()
    book.active.append(["Аты", "Мәні"])
    book.active.append(["ә", value])
    book.active["B2"].number_format = form
    assert sheet_rows(book) == [("record", f"Аты: ә; Мәні: {shown}")]


def test_a_formula_without_a_saved_value_is_an_empty_cell():
    book = Workbook()
    book.active.append(["Аты", "Мәні", "Тағы"])
    book.active.append(["ә", "=1+1", 7])
    assert sheet_rows(book) == [("record", "Аты: ә; Тағы: 7")]


def test_what_lies_far_away_costs_little():
    book = Workbook()
    book.active["A1"], book.active["B1"] = "Аты", "Мәні"
    book.active["A2"], book.active["B2"] = "ә", "ғ"
    book.active["XFD1048576"] = "алыста"
    (one,) = read_xlsx(saved(book))
    assert one.text.startswith("Аты: ә; Мәні: ғ")


@pytest.mark.parametrize("data", [docx(["Мәтін."]), b"PK\x03\x04", b"", "ә;ғ".encode()])
def test_what_is_no_xlsx_is_refused(data):
    with pytest.raises(CorpusError, match=r"no XLSX|a damaged XLSX|the file is empty"):
        list(read_xlsx(data))
