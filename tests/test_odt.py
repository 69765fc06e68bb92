"""Tests of ingest/readers/odt.py: the XML that LibreOffice writes."""

import shutil
import subprocess

import pytest
from written_files import docx, odt, zipped

from ingest.errors import CorpusError
from ingest.readers.odt import read

LISTS = """<text:list-style style:name="L1"><text:list-level-style-bullet text:level="1"/>
<text:list-level-style-number text:level="2"/></text:list-style>
<text:list-style style:name="L2"><text:list-level-style-number text:level="1"/></text:list-style>
<style:style style:name="P1" style:parent-style-name="Title" style:family="paragraph"/>"""


def parsed(body):
    (one,) = read(odt(body, LISTS))
    return one


def blocks(body):
    one = parsed(body)
    return [(block.kind, block.level, one.text[block.start : block.end]) for block in one.blocks]


def paragraphs(*texts):
    return "".join(f"<text:p>{text}</text:p>" for text in texts)


def test_headings_and_lists_are_told_apart():
    inner = f"<text:list><text:list-item>{paragraphs('ә', 'б')}</text:list-item></text:list>"
    body = f"""<text:p text:style-name="P1">Ереже</text:p>
<text:h text:outline-level="1">Демалыс</text:h>{paragraphs("Мыналар керек:")}
<text:list text:style-name="L1"><text:list-item>{paragraphs("а")}{inner}</text:list-item>
<text:list-item>{paragraphs("в")}</text:list-item></text:list>
<text:section><text:h text:outline-level="2">Ішкі</text:h></text:section>
<text:list text:style-name="L2"><text:list-item>{paragraphs("бір")}</text:list-item>
<text:list-item>{paragraphs("екі")}</text:list-item></text:list>"""
    assert blocks(body) == [
        ("heading", 1, "Ереже"),
        ("heading", 1, "Демалыс"),
        ("paragraph", 0, "Мыналар керек:"),
        ("item", 0, "- а"),
        ("item", 1, "1. ә"),
        ("paragraph", 0, "б"),
        ("item", 0, "- в"),
        ("heading", 2, "Ішкі"),
        ("item", 0, "1. бір"),
        ("item", 0, "2. екі"),
    ]
    assert parsed(body).title == "Ереже"


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("Ұлы <text:span>дала</text:span>ның елі", "Ұлы даланың елі"),
        ("15<text:tab/>үй<text:s text:c='3'/>бар<text:line-break/>іші", "15 үй бар іші"),
        ("сөз<office:annotation><text:p>пікір</text:p></office:annotation>дер", "сөздер"),
        ("бар<text:hidden-text>жоқ</text:hidden-text>!", "бар!"),
        ("<text:a>сілтеме</text:a> осы", "сілтеме осы"),
        ("<text:bookmark/>белгі", "белгі"),
    ],
)
def test_what_is_seen_is_the_text(inside, text):
    assert parsed(paragraphs(inside)).text == text


def test_what_was_deleted_is_no_text():
    deleted = f"<text:tracked-changes>{paragraphs('өшкен')}</text:tracked-changes>"
    assert parsed(deleted + paragraphs("бар")).text == "бар"


def test_a_footnote_follows_its_paragraph():
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        f"{paragraphs('Ғылыми еңбек.')}</text:note-body></text:note>"
    )
    body = paragraphs(f"Сөй{note}лем.", "Келесі.")
    assert parsed(body).text == "Сөйлем.\n\nҒылыми еңбек.\n\nКелесі."


def table(*rows, header=False):
    lines = [
        "<table:table-row>"
        + "".join(f"<table:table-cell>{paragraphs(*cell)}</table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in rows
    ]
    if header:
        lines[0] = f"<table:table-header-rows>{lines[0]}</table:table-header-rows>"
    return f"<table:table>{''.join(lines)}</table:table>"


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (table([["Қала"], ["Жылы"]], [["Орал"], ["1613"]]), ["Қала: Орал; Жылы: 1613"]),
        (
            table([["Кім"], ["Аты"]], [["Хатшы"], ["Ә. І."]], header=True),
            ["Кім: Хатшы; Аты: Ә. І."],
        ),
        (table([["Хатшы"], ["Ә. І.", "Ү. Һ."]]), ["Хатшы: Ә. І. Ү. Һ."]),
    ],
)
def test_the_rows_of_a_table_have_its_header(body, lines):
    assert blocks(body) == [("row", 0, line) for line in lines]


def test_a_table_in_a_table_is_read_cell_by_cell():
    inner = table([["Қала"], ["Жылы"]], [["Орал"], ["1613"]])
    body = f"<table:table><table:table-row><table:table-cell>{paragraphs('Бір.')}{inner}"
    body += "</table:table-cell></table:table-row></table:table>"
    assert blocks(body) == [("paragraph", 0, "Бір."), ("row", 0, "Қала: Орал; Жылы: 1613")]


def test_a_cell_that_says_it_is_repeated_a_million_times_is_written_few_times():
    cell = '<table:table-cell table:number-columns-repeated="999999"><text:p>ә</text:p>'
    body = (
        f"<table:table><table:table-row>{cell}</table:table-cell></table:table-row></table:table>"
    )
    assert len(parsed(body).text) < 1_000


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (docx(["Мәтін."]), "no 'content.xml' in it"),
        (zipped({"content.xml": "<a"}), "'content.xml' in it is no XML"),
        (zipped({"content.xml": "<a/>"}), "no text document in it"),
        (
            odt("<text:list><text:list-item>" * 201 + "</text:list-item></text:list>" * 201),
            "200|is no XML",
        ),
    ],
)
def test_what_is_no_odt_is_refused(data, message):
    with pytest.raises(CorpusError, match=message):
        list(read(data))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("ending", [".odt", ".rtf", ".html", ".pdf", ".docx"])
def test_what_libreoffice_writes_is_read(tmp_path, ending):
    from ingest.readers import READERS

    (tmp_path / "ә.docx").write_bytes(docx(["Ұлы дала өңірі һәм қоғам.", "Ғылым, үміт."]))
    command = ["soffice", "--headless", "--convert-to", ending[1:], "--outdir", tmp_path / "out"]
    subprocess.run([*command, tmp_path / "ә.docx"], check=True, timeout=120, capture_output=True)
    (one,) = READERS[ending]((tmp_path / "out" / f"ә{ending}").read_bytes(), None)
    assert " ".join(one.text.split()) == "Ұлы дала өңірі һәм қоғам. Ғылым, үміт."
