"""Tests of ingest/readers/odt.py: the XML that LibreOffice writes."""

import shutil
import subprocess
import zipfile
from io import BytesIO

import pytest
from campaign import at_length
from written_files import docx, odt, zipped

from ingest.errors import CorpusError
from ingest.readers.odt import read

NUMBER = 'style:num-format="1" style:num-suffix="."'
EXTENSION = "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"
LISTS = f"""<text:list-style style:name="L1"><text:list-level-style-bullet text:level="1"/>
<text:list-level-style-number text:level="2" {NUMBER}/></text:list-style>
<text:list-style style:name="L2"><text:list-level-style-number text:level="1" {NUMBER}/>
<text:list-level-style-number text:level="2" {NUMBER} text:display-levels="2"/></text:list-style>
<text:list-style style:name="L3"><text:list-level-style-number text:level="1"
style:num-format="1" style:num-suffix="-бап." text:start-value="145"/></text:list-style>
<text:list-style style:name="L4"><text:list-level-style-number text:level="1"
style:num-format="I" style:num-prefix="(" style:num-suffix=")"/></text:list-style>
<text:list-style style:name="L5"><text:list-level-style-number text:level="1"
style:num-format="一, 二" style:num-suffix="."/></text:list-style>
<text:list-style style:name="L7"><text:list-level-style-bullet text:level="1"/>
<text:list-level-style-number text:level="2" {NUMBER} text:display-levels="2"/></text:list-style>
<text:list-style style:name="L6" xmlns:loext="{EXTENSION}"><text:list-level-style-number
text:level="1" style:num-format="1" loext:num-list-format="№%1%)"/></text:list-style>
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
    ("meta", "style", "title"),
    [
        ("Үйрету", "P1", "Үйрету"),
        ("", "P1", "Ереже"),
        ("", "P0", "Демалыс"),
        (" ", "P0", "Демалыс"),
    ],
)
def test_the_title_is_that_of_the_properties_or_the_style_or_the_first_chapter(meta, style, title):
    body = f"""<text:p text:style-name="{style}">Ереже</text:p>
<text:h text:outline-level="2">Ішкі</text:h><text:h text:outline-level="1">Демалыс</text:h>"""
    about = f"<m><title xmlns='http://purl.org/dc/elements/1.1/'>{meta}</title></m>"
    with zipfile.ZipFile(BytesIO(odt(body, LISTS))) as file:
        files = {name: file.read(name) for name in file.namelist()}
    (one,) = read(zipped(files | {"meta.xml": about}))
    assert one.title == title


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


def items(*texts, style="", more=""):
    """Return a list; an item that begins with a number and a bar says that it has this number."""
    inside = ""
    for text in texts:
        number, bar, words = text.rpartition("|")
        start = f' text:start-value="{number}"' if bar else ""
        words = words if words.startswith("<") else paragraphs(words)
        inside += f"<text:list-item{start}>{words}</text:list-item>"
    name = f'text:style-name="{style}"' if style else ""
    return f"<text:list {name} {more}>{inside}</text:list>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (items("өмір", "үміт", style="L3"), "145-бап. өмір\n146-бап. үміт"),
        (items("өмір", "үміт", style="L4"), "(I) өмір\n(II) үміт"),
        (items("өмір", style="L6"), "№1) өмір"),
        (items("өмір", "7|үміт", "ғылым", style="L2"), "1. өмір\n7. үміт\n8. ғылым"),
        # What counts in a way that is not known has no number rather than a wrong one.
        (items("өмір", "үміт", style="L5"), "- өмір\n- үміт"),
        (items("өмір", style="Жоқ"), "- өмір"),
        (items(items("өмір", "үміт"), style="L7"), "  - өмір\n  - үміт"),
        (
            items("өмір", items("үміт", "ғылым"), "өнер", items("күй"), style="L2"),
            "1. өмір\n  1.1. үміт\n  1.2. ғылым\n2. өнер\n  2.1. күй",
        ),
        (
            "<text:list text:style-name='L3'><text:list-item><text:number>9-бап.</text:number>"
            "<text:p>өмір</text:p></text:list-item></text:list>",
            "9-бап. өмір",
        ),
        (
            "<text:list text:style-name='L3'><text:list-item><text:h text:outline-level='2'>"
            "Ұғымдар</text:h></text:list-item></text:list>",
            "145-бап. Ұғымдар",
        ),
    ],
)
def test_numbers_are_those_that_the_style_of_the_list_says(body, text):
    assert parsed(body).text == text


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ("", "1. үміт"),
        ('text:continue-numbering="true"', "3. үміт"),
        ('text:continue-list="аа"', "2. үміт"),
    ],
)
def test_a_list_goes_on_with_the_numbers_of_another_if_it_says_so(more, text):
    first = items("өмір", style="L2", more='xml:id="аа"')
    second = items("ғылым", "өнер", style="L2")
    body = first + paragraphs("Бірі.") + second + paragraphs("Бірі.")
    assert parsed(body + items("үміт", style="L2", more=more)).text.split("\n")[-1] == text


def test_the_header_of_a_list_is_read():
    header = f"<text:list-header>{paragraphs('Құжаттар:')}</text:list-header>"
    body = items("өмір", style="L2").replace("<text:list-item>", f"{header}<text:list-item>")
    assert parsed(body).text == "Құжаттар:\n\n1. өмір"


def test_what_describes_a_picture_is_no_text():
    space = "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
    picture = f'<svg:title xmlns:svg="{space}">a1.png</svg:title>'
    picture += f'<svg:desc xmlns:svg="{space}">Сурет: ту</svg:desc>'
    assert parsed(paragraphs(f"Ұлы {picture}дала")).text == "Ұлы дала"


def test_rows_of_every_kind_are_read_in_a_table_of_tables():
    inner = table([["Қала"], ["Жылы"]], [["Орал"], ["1613"]])
    body = table([["Басы."], ["Екінші."]], [["Ішкі."], ["Соңы."]], header=True)
    body = body.replace("<text:p>Ішкі.</text:p>", f"<text:p>Ішкі.</text:p>{inner}")
    texts = ["Басы.", "Екінші.", "Ішкі.", "Қала: Орал; Жылы: 1613", "Соңы."]
    assert [text for *_, text in blocks(body)] == texts


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
@pytest.mark.campaign
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(
    "ending", at_length([".odt", ".rtf", ".html", ".pdf", ".docx"], [".odt", ".pdf"])
)
def test_what_libreoffice_writes_is_read(tmp_path, ending):
    from ingest.readers import READERS

    (tmp_path / "ә.docx").write_bytes(docx(["Ұлы дала өңірі һәм қоғам.", "Ғылым, үміт."]))
    command = ["soffice", "--headless", "--convert-to", ending[1:], "--outdir", tmp_path / "out"]
    subprocess.run([*command, tmp_path / "ә.docx"], check=True, timeout=120, capture_output=True)
    (one,) = READERS[ending]((tmp_path / "out" / f"ә{ending}").read_bytes(), None)
    assert " ".join(one.text.split()) == "Ұлы дала өңірі һәм қоғам. Ғылым, үміт."
