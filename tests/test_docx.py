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


def level(pattern, inside="", kind="decimal", start=1, at=0):
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{kind}"/>{inside}'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
    )


def numbered_document(levels, *lists):
    """Return a document with an abstract list, and lists 88, 89 and on of it."""
    document = Document()
    numbering = document.part.numbering_part.element
    numbering.insert(
        0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="77">{levels}</w:abstractNum>')
    )
    for number, inside in enumerate(lists, start=88):
        numbering.append(
            parse_xml(
                f'<w:num {W} w:numId="{number}"><w:abstractNumId w:val="77"/>{inside}</w:num>'
            )
        )
    return document


def in_list(text, number=88, depth=0, more=""):
    list_of = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'
    return parse_xml(f"<w:p {W}><w:pPr>{list_of}{more}</w:pPr>{run(text) if text else ''}</w:p>")


def appended(document, *paragraphs):
    for each in paragraphs:
        document.element.body.insert(len(document.element.body) - 1, each)
    return document


def test_numbers_follow_the_patterns_of_the_document():
    document = numbered_document(
        level("%1-бап.") + level("%1.%2.", at=1) + level("%3)", "", "russianLower", 3, 2), ""
    )
    chapter = '<w:outlineLvl w:val="0"/>'
    appended(
        document,
        in_list("Ұғымдар", more=chapter),
        in_list("еңбек", depth=1),
        in_list("өтініш", depth=2),
        in_list("үміт", depth=2),
        in_list("һәм", depth=1),
        in_list("Құқықтар", more=chapter),
        in_list("іс", depth=1),
    )
    assert blocks(document) == [
        ("heading", 1, "1-бап. Ұғымдар"),
        ("item", 1, "1.1. еңбек"),
        ("item", 2, "в) өтініш"),
        ("item", 2, "г) үміт"),
        ("item", 1, "1.2. һәм"),
        ("heading", 1, "2-бап. Құқықтар"),
        ("item", 1, "2.1. іс"),
    ]


def test_lists_of_one_kind_are_counted_together_unless_one_starts_anew():
    over = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    document = numbered_document(level("%1-бап."), "", "", over)
    appended(document, in_list("өмір"), in_list("үміт"))
    document.add_paragraph("Түсінік.")
    appended(document, in_list("еңбек", 89), in_list("ғылым", 90), in_list("өнер", 90))
    assert [text for *_, text in blocks(document)] == [
        *("1-бап. өмір", "2-бап. үміт", "Түсінік.", "3-бап. еңбек", "5-бап. ғылым", "6-бап. өнер"),
    ]


def test_a_list_may_start_at_a_high_number():
    document = appended(numbered_document(level("%1-бап.", start=145), ""), in_list("өмір"))
    assert parsed(document).text == "145-бап. өмір"


@pytest.mark.parametrize("mark", ["del", "moveFrom", "vanish"])
def test_a_paragraph_without_words_counts_unless_it_is_gone(mark):
    document = numbered_document(level("%1."), "")
    gone = f"<w:rPr><w:{mark}/></w:rPr>"
    appended(document, in_list("өмір"), in_list(""), in_list("", more=gone), in_list("үміт"))
    assert parsed(document).text == "1. өмір\n3. үміт"


def test_numbers_in_the_cells_of_a_table_are_written_and_counted():
    document = numbered_document(level("%1."), "")
    table = document.add_table(rows=3, cols=3)
    for at, text in enumerate(["№", "Аты", "Күні", "", "Әсем", "5", "", "Ұлан", "7"]):
        cell = table.cell(at // 3, at % 3)
        cell.text = text
        if not text:
            cell._tc.replace(cell.paragraphs[0]._p, in_list(""))
    appended(document, in_list("үміт"))
    assert [text for *_, text in blocks(document)] == [
        *("№: 1.; Аты: Әсем; Күні: 5", "№: 2.; Аты: Ұлан; Күні: 7", "3. үміт"),
    ]


def test_a_list_may_stand_where_its_style_is_defined():
    document = numbered_document('<w:numStyleLink w:val="Баптар"/>', "")
    defined = f'<w:styleLink w:val="Баптар"/>{level("%1-бап.")}'
    document.part.numbering_part.element.insert(
        0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="78">{defined}</w:abstractNum>')
    )
    assert parsed(appended(document, in_list("өмір"))).text == "1-бап. өмір"


def test_a_paragraph_may_change_the_level_of_its_style_s_list():
    document = numbered_document(level("%1-бап.") + level("%1.%2.", at=1), "")
    style = document.styles.add_style("Бап", 1)
    numbered = f'<w:numPr {W}><w:numId w:val="88"/></w:numPr>'
    style.element.get_or_add_pPr().append(parse_xml(numbered))
    document.add_paragraph("өмір", "Бап")
    below = document.add_paragraph("үміт", "Бап")
    deeper = f'<w:numPr {W}><w:ilvl w:val="1"/></w:numPr>'
    below._p.get_or_add_pPr().append(parse_xml(deeper))
    assert parsed(document).text == "1-бап. өмір\n  1.1. үміт"


def test_a_style_is_on_the_level_that_the_list_gives_it():
    linked = level("%1.%2.", '<w:pStyle w:val="Тармақ"/>', at=1)
    document = numbered_document(level("%1-бап.") + linked, "")
    style = document.styles.add_style("Тармақ", 1)
    numbered = f'<w:numPr {W}><w:numId w:val="88"/></w:numPr>'
    style.element.get_or_add_pPr().append(parse_xml(numbered))
    appended(document, in_list("өмір"))
    document.add_paragraph("үміт", "Тармақ")
    assert parsed(document).text == "1-бап. өмір\n  1.1. үміт"


# --- signs, tables of text, what is told ----------------------------------------------------------

UP = '<w:vertAlign w:val="superscript"/>'
MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (run("Көлемі 10") + run("6", UP) + run(" м"), "Көлемі 10⁶ м"),
        (run("10") + run("-", UP) + run("3 ", UP) + run("м"), "10⁻³ м"),
        (run("а") + run("ш", UP) + run("і", UP), "а^(ші)"),
        (run("1") + run("st", UP), "1st"),
        (run("Н") + run("2", '<w:vertAlign w:val="subscript"/>') + run("О"), "Н2О"),
        (
            f"<m:oMath {MATH}><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e>"
            "<m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>",
            "x²",
        ),
        (
            f"<m:oMath {MATH}><m:f><m:num><m:r><m:t>a+1</m:t></m:r></m:num>"
            "<m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>",
            "(a+1)/2",
        ),
        ("<w:r><w:t>t</w:t><w:sym w:font='Symbol' w:char='F0B3'/><w:t>5</w:t></w:r>", "t≥5"),
        ("<w:r><w:sym w:font='Symbol' w:char='F06D'/><w:t>м</w:t></w:r>", "μм"),
        ("<w:r><w:t>ә</w:t><w:sym w:font='Wingdings' w:char='F0FC'/><w:t>ң</w:t></w:r>", "ә ң"),
        ("<w:r><w:sym w:font='Segoe UI Symbol' w:char='2610'/><w:t>иә</w:t></w:r>", "☐иә"),
        ("<w:r><w:t>Күні</w:t><w:ptab/><w:t>Қолы</w:t></w:r>", "Күні Қолы"),
    ],
)
def test_raised_characters_and_signs_are_kept(inside, text):
    assert parsed(added(Document(), inside)).text == text


def test_a_row_that_begins_further_right_keeps_its_columns():
    document = Document()
    table = document.add_table(rows=3, cols=3)
    texts = ["Өзен", "Қаласы", "Ұзындығы", "Жайық", "Орал", "2428", "", "Атырау", "2428"]
    for at, text in enumerate(texts):
        table.cell(at // 3, at % 3).text = text
    row = table.rows[2]._tr
    row.remove(row.tc_lst[0])
    row.get_or_add_trPr().append(parse_xml(f'<w:gridBefore {W} w:val="1"/>'))
    assert [text for *_, text in blocks(document)] == [
        *("Өзен: Жайық; Қаласы: Орал; Ұзындығы: 2428", "Қаласы: Атырау; Ұзындығы: 2428"),
    ]


def test_texts_side_by_side_are_read_one_after_the_other():
    document = Document()
    table = document.add_table(rows=2, cols=2)
    for at, text in enumerate(["Бірінші.\nЕкінші.", "Первый.\nВторой.", "Ұ" * 201, "Э" * 201]):
        lines = text.split("\n")
        table.cell(at // 2, at % 2).text = lines[0]
        for line in lines[1:]:
            table.cell(at // 2, at % 2).add_paragraph(line)
    assert blocks(document) == [
        ("paragraph", 0, "Бірінші."),
        ("paragraph", 0, "Екінші."),
        ("paragraph", 0, "Ұ" * 201),
        ("paragraph", 0, "Первый."),
        ("paragraph", 0, "Второй."),
        ("paragraph", 0, "Э" * 201),
    ]


def test_a_list_of_terms_stays_a_table():
    document = Document()
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Ұғым", "Ә" * 300
    assert blocks(document) == [("row", 0, f"Ұғым: {'Ә' * 300}")]


def test_a_text_box_in_a_cell_is_read_once():
    document = Document()
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Қала", "Орал"
    box = f"<w:r {W}><w:txbxContent><w:p>{run('Қорап.')}</w:p></w:txbxContent></w:r>"
    table.cell(0, 0).paragraphs[0]._p.append(parse_xml(box))
    assert parsed(document).text == "Қала: Орал\n\nҚорап."


def test_what_is_not_read_is_told():
    chart = '<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"/>'
    document = added(Document(), f"{run('Өсім.')}<w:r><w:drawing>{chart}</w:drawing></w:r>")
    document.element.body.insert(0, parse_xml(f"<w:altChunk {W}/>"))
    document.add_heading("Ғылым", 1)
    assert parsed(document).left_out == (
        "1 embedded documents: only words and tables of its own are read",
        "1 charts: only words and tables of its own are read",
    )


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
