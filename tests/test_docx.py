"""Tests of ingest/readers/docx.py: what python-docx writes, and what Word adds."""

import re

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from written_files import docx, saved, zipped

from ingest.errors import CorpusError
from ingest.readers.docx import read

W = nsdecls("w")
FOOTNOTES = f"""<w:footnotes {W}>
<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>____</w:t></w:r></w:p></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>Ғылыми еңбек, 12-бет.</w:t></w:r></w:p></w:footnote>
</w:footnotes>"""


def parsed(document):
    (one,) = read(saved(document))
    return one


def blocks(document):
    one = parsed(document)
    return [(block.kind, block.level, one.text[block.start : block.end]) for block in one.blocks]


def added(document, inside):
    """Add a paragraph in XML to a document; return the document."""
    document.element.body.insert(0, parse_xml(f"<w:p {W}>{inside}</w:p>"))
    return document


def run(text, properties=""):
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def test_headings_lists_and_tables_are_told_apart():
    document = Document()
    document.add_heading("Ереже", 0)
    document.add_heading("Демалыс", 1)
    document.add_paragraph("Қызметкерге 24 күн беріледі.")
    document.add_heading("Құжаттар", 2)
    document.add_paragraph("Мыналар керек:")
    document.add_paragraph("өтініш", "List Bullet")
    document.add_paragraph("куәлік", "List Bullet")
    document.add_paragraph("бірінші", "List Number")
    document.add_paragraph("екінші", "List Number")
    table = document.add_table(rows=2, cols=3)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells],
        ["Санат", "Күн", "Төлем", "Басшы", "30", "толық"],
        strict=True,
    ):
        cell.text = text
    assert parsed(document).title == "Ереже"
    assert blocks(document) == [
        ("heading", 1, "Ереже"),
        ("heading", 1, "Демалыс"),
        ("paragraph", 0, "Қызметкерге 24 күн беріледі."),
        ("heading", 2, "Құжаттар"),
        ("paragraph", 0, "Мыналар керек:"),
        ("item", 0, "- өтініш"),
        ("item", 0, "- куәлік"),
        ("item", 0, "1. бірінші"),
        ("item", 0, "2. екінші"),
        ("row", 0, "Санат: Басшы; Күн: 30; Төлем: толық"),
    ]


@pytest.mark.parametrize(
    ("titles", "title"),
    [
        ({"style": "Үйрету", "core": "Басқа", "heading": "Тағы"}, "Үйрету"),
        ({"core": "Үйрету", "heading": "Тағы"}, "Үйрету"),
        ({"heading": "Үйрету"}, "Үйрету"),
        ({}, ""),
    ],
)
def test_the_title(titles, title):
    document = Document()
    document.core_properties.title = titles.get("core", "")
    if "style" in titles:
        document.add_paragraph(titles["style"], "Title")
    if "heading" in titles:
        document.add_heading(titles["heading"], 1)
    document.add_paragraph("Мәтін.")
    assert parsed(document).title == title


def test_a_heading_is_known_by_its_outline_and_by_what_its_style_is_based_on():
    document = Document()
    own = document.styles.add_style("Тарау аты", 1)
    own.base_style = document.styles["Heading 2"]
    document.add_paragraph("Бірінші", "Тарау аты")
    added(document, f'<w:pPr><w:outlineLvl w:val="2"/></w:pPr>{run("Үшінші")}')
    added(document, f'<w:pPr><w:outlineLvl w:val="9"/></w:pPr>{run("Мәтін")}')
    assert blocks(document) == [
        ("paragraph", 0, "Мәтін"),
        ("heading", 3, "Үшінші"),
        ("heading", 2, "Бірінші"),
    ]


def test_styles_that_are_based_on_each_other_end():
    document = Document()
    first, second = document.styles.add_style("а", 1), document.styles.add_style("ә", 1)
    first.base_style, second.base_style = second, first
    document.add_paragraph("Мәтін.", "а")
    assert parsed(document).text == "Мәтін."


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (f"<w:ins>{run('қосылған')}</w:ins> ", "қосылған"),
        (f"<w:del><w:r><w:delText>жоқ</w:delText></w:r></w:del>{run('бар')}", "бар"),
        (f"<w:moveFrom>{run('бұрын')}</w:moveFrom><w:moveTo>{run('енді')}</w:moveTo>", "енді"),
        (run("бар") + run(" жасырын", "<w:vanish/>"), "бар"),
        (run("бар") + run(" ашық", '<w:vanish w:val="0"/>'), "бар ашық"),
        (f"<w:hyperlink w:anchor='x'>{run('сілтеме')}</w:hyperlink>", "сілтеме"),
        (f"<w:sdt><w:sdtContent>{run('өріс')}</w:sdtContent></w:sdt>", "өріс"),
        ("<w:r><w:t>15</w:t><w:noBreakHyphen/><w:t>үй</w:t><w:tab/><w:t>ң</w:t></w:r>", "15-үй ң"),
        ("<w:r><w:instrText>PAGE</w:instrText><w:t>7</w:t></w:r>", "7"),
        (run("мем") + run("\u00adлекет"), "мемлекет"),
    ],
)
def test_what_is_seen_is_the_text(inside, text):
    assert parsed(added(Document(), inside)).text == text


def test_a_footnote_follows_the_paragraph_that_refers_to_it():
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    document = added(Document(), f"{run('Сөйлем.')}<w:r><w:footnoteReference w:id='2'/></w:r>")
    document.add_paragraph("Келесі.")
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    package = document.part.package
    part = Part(PackURI("/word/footnotes.xml"), kind, FOOTNOTES.encode(), package)
    related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    document.part.relate_to(part, related)
    assert parsed(document).text == "Сөйлем.\n\nҒылыми еңбек, 12-бет.\n\nКелесі."


def test_a_text_box_is_read_once():
    box = f"<w:txbxContent><w:p>{run('Қорап.')}</w:p></w:txbxContent>"
    inside = (
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-'
        f'compatibility/2006"><mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{box}'
        f"</mc:Fallback></mc:AlternateContent></w:r>{run('Сөйлем.')}"
    )
    assert parsed(added(Document(), inside)).text == "Сөйлем.\n\nҚорап."
    outer = f"<w:r><w:txbxContent><w:p>{run('Сыртқы.')}{inside}</w:p></w:txbxContent></w:r>"
    text = parsed(added(Document(), f"{run('Басы.')}{outer}")).text
    assert text == "Басы.\n\nСыртқы.Сөйлем.\n\nҚорап."


def test_merged_cells_stand_in_each_of_their_rows():
    document = Document()
    table = document.add_table(rows=3, cols=3)
    texts = [["Қала", "Жылы", "Халқы"], ["Орал", "1999", "195"], ["", "2009", "203"]]
    for row, line in zip(table.rows, texts, strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    assert [text for *_, text in blocks(document)] == [
        "Қала: Орал; Жылы: 1999; Халқы: 195",
        "Қала: Орал; Жылы: 2009; Халқы: 203",
    ]


def test_a_cell_over_two_columns_is_written_once():
    document = Document()
    table = document.add_table(rows=1, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Барлығы"
    table.cell(0, 2).text = "398"
    assert parsed(document).text == "Барлығы; 398"


def test_a_header_that_repeats_on_each_page_is_one():
    document = Document()
    table = document.add_table(rows=2, cols=2)
    for at, text in enumerate(["Лауазымы", "Аты-жөні", "Директор", "Ү. Һ."]):
        table.cell(at // 2, at % 2).text = text
    assert parsed(document).text == "Лауазымы: Аты-жөні\nДиректор: Ү. Һ."
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {W}/>"))
    assert parsed(document).text == "Лауазымы: Директор; Аты-жөні: Ү. Һ."


def test_a_frame_around_text_is_no_table():
    document = Document()
    frame = document.add_table(rows=1, cols=2)
    frame.cell(0, 0).text = "Бірінші сөйлем."
    frame.cell(0, 1).add_table(rows=1, cols=2).cell(0, 0).text = "Ішкі"
    assert blocks(document) == [("paragraph", 0, "Бірінші сөйлем."), ("row", 0, "Ішкі")]


def test_numbers_follow_the_patterns_of_the_document():
    document = Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="{start}"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
        for level, (start, kind, pattern) in enumerate(
            [(1, "decimal", "%1-бап."), (1, "decimal", "%1.%2."), (3, "russianLower", "%3)")]
        )
    )
    kind = parse_xml(f'<w:abstractNum {W} w:abstractNumId="77">{levels}</w:abstractNum>')
    numbering.insert(0, kind)
    numbering.append(parse_xml(f'<w:num {W} w:numId="88"><w:abstractNumId w:val="77"/></w:num>'))

    def item(text, level, heading=""):
        list_of = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="88"/></w:numPr>'
        inside = f"<w:pPr>{list_of}{heading}</w:pPr>{run(text)}"
        document.element.body.insert(
            len(document.element.body) - 1, parse_xml(f"<w:p {W}>{inside}</w:p>")
        )

    item("Ұғымдар", 0, '<w:outlineLvl w:val="0"/>')
    item("еңбек", 1)
    item("өтініш", 2)
    item("үміт", 2)
    item("һәм", 1)
    item("Құқықтар", 0, '<w:outlineLvl w:val="0"/>')
    item("іс", 1)
    assert blocks(document) == [
        ("heading", 1, "1-бап. Ұғымдар"),
        ("item", 1, "1.1. еңбек"),
        ("item", 2, "в) өтініш"),
        ("item", 2, "г) үміт"),
        ("item", 1, "1.2. һәм"),
        ("heading", 1, "2-бап. Құқықтар"),
        ("item", 1, "2.1. іс"),
    ]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "no DOCX: an old Office file, or one with a password"),
        (b"%PDF-1.7", "no DOCX: a PDF"),
        ("Мәтін.".encode(), "no DOCX: bytes that begin with b'"),
        (docx(["Мәтін."])[:2000], "a damaged DOCX"),
        (zipped({"а.txt": "ә"}), r"no '\[Content_Types\].xml' in it"),
    ],
)
def test_what_is_no_docx_is_refused(data, message):
    with pytest.raises(CorpusError, match=message):
        list(read(data))


def test_an_entity_of_a_file_of_this_machine_is_not_read(tmp_path):
    import io
    import zipfile

    (tmp_path / "құпия.txt").write_text("ҚҰПИЯ", "utf-8")
    with zipfile.ZipFile(io.BytesIO(docx(["БЕЛГІ"]))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    body = files["word/document.xml"].decode().replace("БЕЛГІ", "бар &x; осы")
    secret = (tmp_path / "құпия.txt").as_uri()
    kind = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret}">]>'
    files["word/document.xml"] = re.sub(r"(<\?xml.*?\?>)", rf"\1{kind}", body, count=1)
    (one,) = read(zipped(files))
    assert "ҚҰПИЯ" not in one.text
    assert one.text.startswith("бар")
