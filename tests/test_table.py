"""Tests of ingest/readers/table.py and xlsx.py: rows as passages, in the ways of Excel."""

import datetime
import unicodedata

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font
from written_files import docx, saved

from ingest.errors import CorpusError
from ingest.readers.table import read, read_tsv
from ingest.readers.xlsx import _UNSAVED
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
        ('Жасы,Сөзі\n7,"Айтты: ""иә"", жоқ"\n', ['Жасы: 7; Сөзі: Айтты: "иә", жоқ']),
        ('Жасы,Сөзі\n7,"бір\nекі"\n', ["Жасы: 7; Сөзі: бір екі"]),
        ("Облыс;2022;2023\nАбай;612;610\n", ["Облыс: Абай; 2022: 612; 2023: 610"]),
        ("Есеп\n\nӨзен;Суы\nЖайық;5\n", ["Есеп", "Өзен: Жайық; Суы: 5"]),
        ("Өзен;;Суы\nЖайық;бар;5\n", ["Өзен: Жайық; бар; Суы: 5"]),
        ("Өзен;Суы\nЖайық;5;артық\n;;\nЕртіс\n", ["Өзен: Жайық; Суы: 5; артық", "Ертіс"]),
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


def test_an_8_bit_code_page_is_told_by_its_letters_or_must_be_named():
    russian = lines(";", rows=[["Река", "Длина"], ["Урал", "2428"]]).encode("cp1251")
    assert records(russian, "cp1251") == ["Река: Урал; Длина: 2428"]
    assert records(lines(";").encode("kz1048"), "kz1048") == ROWS
    assert records(russian) == ["Река: Урал; Длина: 2428"]
    with pytest.raises(CorpusError, match="not utf-8 text"):
        records("а;б".encode("cp1251"))


def test_a_tsv_has_tabs_whatever_its_cells_hold():
    (one,) = read_tsv("Жасы\tСөзі\n7\tиә; жоқ, бар\n".encode())
    assert one.text == "Жасы: 7; Сөзі: иә; жоқ, бар"


def test_a_cell_may_be_long():
    long = "ұзақ сөз " * 100_000
    assert records(f"Жасы;Сөзі\n7;{long}\n".encode()) == [f"Жасы: 7; Сөзі: {long.strip()}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ұзындығы, км;Ені, км\n1,5;2,5\n", ["Ұзындығы, км: 1,5; Ені, км: 2,5"]),
        ("1,5;2,5\n3,5;4,5\n", ["1,5; 2,5", "3,5; 4,5"]),
        ("1,5\t2,5\n3,5\t4,5\n", ["1,5; 2,5", "3,5; 4,5"]),
        ("Облыс, қала;Саны, мың\nАлматы, қала;5,1\n",
         ["Облыс, қала: Алматы, қала; Саны, мың: 5,1"]),
        ('"ә; ғ",5\n"қ; ң",6\n', ["ә; ғ; 5", "қ; ң; 6"]),
    ],
)  # fmt: skip
def test_a_comma_in_a_number_is_no_separator(text, expected):
    assert records(text.encode()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ахметов;инженер\nПетров;бухгалтер\n", ["Ахметов; инженер", "Петров; бухгалтер"]),
        ("Директор;Ахметов Ә.;каб. 5\nХатшы;Болатова Д.;каб. 6\n",
         ["Директор; Ахметов Ә.; каб. 5", "Хатшы; Болатова Д.; каб. 6"]),
        ("Аты;;Тегі\nӘли;5;Оспан\n", ["Аты; Тегі", "Әли; 5; Оспан"]),
        ("Аты;Туған күні\nӘли;2001-05-04\n", ["Аты: Әли; Туған күні: 2001-05-04"]),
        ("Ахметов;инженер;1985\nПетров;есепші;1990\n",
         ["Ахметов; инженер; 1985", "Петров; есепші; 1990"]),
    ],
)  # fmt: skip
def test_words_over_words_are_no_names(text, expected):
    assert records(text.encode()) == expected


def test_a_column_of_numbers_may_lack_a_few():
    rows = [["Ауыл", "Саны"], *([f"ауыл {n}", str(n)] for n in range(9)), ["Қосағаш", "жоқ"]]
    assert records(lines(";", rows=rows).encode())[-1] == "Ауыл: Қосағаш; Саны: жоқ"


def test_a_blank_row_ends_what_the_names_are_valid_for():
    first, second = "Өзен;Суы\nЖайық;5\n", "Әли;есепші\nБолат;күзетші\n"
    expected = ["Өзен: Жайық; Суы: 5", "Әли; есепші", "Болат; күзетші"]
    assert records(f"{first};\n{second}".encode()) == expected
    assert records(f"{first}\n{second}".encode()) == expected


def test_blank_rows_that_python_adds_on_windows_are_none():
    assert records("Өзен;Суы\r\r\nЖайық;5\r\r\nЕртіс;7\r\r\n".encode()) == [
        "Өзен: Жайық; Суы: 5",
        "Өзен: Ертіс; Суы: 7",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Аты;Саны\n"Әли;1\nБолат;2\nЕрлан;3\n',
         ['Аты: "Әли; Саны: 1', "Аты: Болат; Саны: 2", "Аты: Ерлан; Саны: 3"]),
        ('Аты;Саны\n"Әли;1\nБолат;2\n"Ерлан";3\n',
         ['Аты: "Әли; Саны: 1', "Аты: Болат; Саны: 2", "Аты: Ерлан; Саны: 3"]),
        ('Аты;Саны\n"Ұлы" дала;1\nБолат;2\n', ['Аты: "Ұлы" дала; Саны: 1', "Аты: Болат; Саны: 2"]),
    ],
)  # fmt: skip
def test_a_quote_that_nothing_ends_takes_no_rows(text, expected):
    assert records(text.encode()) == expected


def test_many_quotes_that_nothing_ends_cost_little():
    rows = records(("а;1\n" + '"ә;2\n' * 20_000).encode())
    assert len(rows) == 20_001


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
        (50412345678, "000000000000", "050412345678"),
        (7.0, "000", "007"),
        (0, "0", "0"),
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
    book.active.append(["Саны", "Мәні"])
    book.active.append([7, value])
    book.active["B2"].number_format = form
    assert sheet_rows(book) == [("record", f"Саны: 7; Мәні: {shown}")]


def test_a_bold_first_row_names_the_columns():
    book = Workbook()
    for row in [["Аты", "Қызметі"], ["Әли", "есепші"], ["Болат", "күзетші"]]:
        book.active.append(row)
    assert sheet_rows(book)[0] == ("record", "Аты; Қызметі")
    for cell in book.active[1]:
        cell.font = Font(bold=True)
    assert [row for _, row in sheet_rows(book)] == [
        "Аты: Әли; Қызметі: есепші",
        "Аты: Болат; Қызметі: күзетші",
    ]
    for cell in book.active[2]:
        cell.font = Font(bold=True)
    assert sheet_rows(book)[0] == ("record", "Аты; Қызметі")


def test_a_formula_without_a_saved_value_is_an_empty_cell_and_told():
    book = Workbook()
    book.active.append(["Аты", "Мәні", "Тағы"])
    book.active.append(["ә", "=1+1", 7])
    (one,) = read_xlsx(saved(book))
    assert one.text == "Аты: ә; Тағы: 7"
    assert one.left_out == ("1 formulas without a saved value: open the file and save it anew",)


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        (b'<c r="A1"><f>1+1</f></c>', 1),
        (b'<c r="A1"><f>1+1</f><v/></c><c r="B1"><f t="shared" si="0"/><v></v></c>', 2),
        (b'<c r="A1"><f>1+1</f><v>2</v></c><c r="B1"/>', 0),
        (b'<c r="A1" t="str"><f>""</f><v></v></c>', 0),
    ],
)
def test_what_a_formula_without_a_saved_value_is(cell, count):
    assert len(_UNSAVED.findall(cell)) == count


def test_what_lies_far_away_costs_little():
    book = Workbook()
    book.active["A1"], book.active["B1"] = "Аты", "Саны"
    book.active["A2"], book.active["B2"] = "ә", 5
    book.active["XFD1048576"] = "алыста"
    (one,) = read_xlsx(saved(book))
    assert one.text.startswith("Аты: ә; Саны: 5")


@pytest.mark.parametrize("data", [docx(["Мәтін."]), b"PK\x03\x04", b"", "ә;ғ".encode()])
def test_what_is_no_xlsx_is_refused(data):
    with pytest.raises(CorpusError, match=r"no XLSX|a damaged XLSX|the file is empty"):
        list(read_xlsx(data))
