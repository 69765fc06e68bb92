"""Tests of ingest/readers/pptx.py: slides that python-pptx writes."""

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.util import Inches
from written_files import docx, saved

from ingest.errors import CorpusError
from ingest.readers.pptx import read

MAIN = "http://schemas.openxmlformats.org/drawingml/2006/main"
DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NEWER = "http://schemas.openxmlformats.org/markup-compatibility/2006"
BOX = (Inches(1), Inches(1), Inches(4), Inches(1))


@pytest.fixture
def deck():
    return Presentation()


def parsed(deck):
    (one,) = read(saved(deck))
    return one


def blocks(deck):
    one = parsed(deck)
    return [(block.kind, block.level, one.text[block.start : block.end]) for block in one.blocks]


def slide_of(deck, title, *lines):
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = title
    frame = slide.placeholders[1].text_frame
    frame.text = lines[0]
    for line in lines[1:]:
        paragraph = frame.add_paragraph()
        paragraph.text = line.strip()
        paragraph.level = int(line.startswith(" "))
    return slide


def test_a_slide_is_a_page_with_its_title_as_heading(deck):
    slide_of(deck, "Бірінші слайд", "Мақсаты", " ғылым", " өнер", "Нәтижесі")
    slide_of(deck, "Екінші слайд", "Жалғыз сөйлем.")
    one = parsed(deck)
    assert [one.text[start:end].strip() for start, end in one.pages] == [
        "Бірінші слайд\n\n- Мақсаты\n  - ғылым\n  - өнер\n- Нәтижесі",
        "Екінші слайд\n\nЖалғыз сөйлем.",
    ]
    assert blocks(deck) == [
        ("heading", 1, "Бірінші слайд"),
        ("item", 0, "- Мақсаты"),
        ("item", 1, "- ғылым"),
        ("item", 1, "- өнер"),
        ("item", 0, "- Нәтижесі"),
        ("heading", 1, "Екінші слайд"),
        ("paragraph", 0, "Жалғыз сөйлем."),
    ]


@pytest.mark.parametrize(
    ("core", "title"), [("Есеп", "Есеп"), ("", "Ғылым"), ("PowerPoint Presentation", "Ғылым")]
)
def test_the_title(deck, core, title):
    deck.core_properties.title = core
    slide_of(deck, "Ғылым", "Мәтін.")
    assert parsed(deck).title == title


def test_boxes_tables_groups_and_notes_are_read_in_order(deck):
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_textbox(*BOX).text_frame.text = "Бірінші сөйлем.\nЕкінші сөйлем."
    table = slide.shapes.add_table(2, 2, *BOX).table
    for at, text in enumerate(["Өзен", "Ұзындығы", "Жайық", "2428 км"]):
        table.cell(at // 2, at % 2).text = text
    group = slide.shapes.add_group_shape().shapes.add_group_shape()
    group.shapes.add_textbox(*BOX).text_frame.text = "Топтағы мәтін."
    slide.notes_slide.notes_text_frame.text = "Айтылатын сөз.\nТағы бірі."
    assert blocks(deck) == [
        ("paragraph", 0, "Бірінші сөйлем."),
        ("paragraph", 0, "Екінші сөйлем."),
        ("row", 0, "Өзен: Жайық; Ұзындығы: 2428 км"),
        ("paragraph", 0, "Топтағы мәтін."),
        ("paragraph", 0, "Айтылатын сөз."),
        ("paragraph", 0, "Тағы бірі."),
    ]


def test_an_empty_slide_is_an_empty_page(deck):
    slide_of(deck, "Бірінші", "Мәтін.")
    deck.slides.add_slide(deck.slide_layouts[6])
    slide_of(deck, "Үшінші", "Мәтін.")
    one = parsed(deck)
    assert [one.text[start:end].strip() for start, end in one.pages] == [
        "Бірінші\n\nМәтін.",
        "",
        "Үшінші\n\nМәтін.",
    ]


def test_what_is_not_read_is_told(deck):
    slide = slide_of(deck, "Өсім", "Мәтін.")
    numbers = CategoryChartData()
    numbers.categories = ["2023", "2024"]
    numbers.add_series("Халқы", (195, 203))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, numbers)
    assert parsed(deck).left_out == ("1 charts: only words and tables are read",)


def point(number, words, kind="node"):
    return (
        f'<d:pt modelId="{number}" type="{kind}"><d:t><a:p><a:r><a:t>{words}</a:t></a:r></a:p>'
        "</d:t></d:pt>"
    )


def below(outer, inner, place=0, kind="parOf"):
    return f'<d:cxn type="{kind}" srcId="{outer}" destId="{inner}" srcOrd="{place}"/>'


def with_smart_art(deck, data):
    """Return a slide with SmartArt of these bytes, or with SmartArt that has no data."""
    slide = slide_of(deck, "Құрылым", "Мәтін.")
    name = "rId99"
    if data:
        part = Part(PackURI("/ppt/diagrams/data1.xml"), "application/xml", deck.part.package, data)
        name = slide.part.relate_to(part, f"{RELATED}/diagramData")
    frame = slide.shapes.add_table(1, 1, *BOX)._element
    inside = frame.find(f".//{{{MAIN}}}graphicData")
    inside.remove(inside[0])
    inside.set("uri", DIAGRAM)
    ids = f'<d:relIds xmlns:d="{DIAGRAM}" xmlns:r="{RELATED}" r:dm="{name}"/>'
    inside.append(parse_xml(ids))
    return slide


def test_the_points_of_smart_art_are_a_list(deck):
    points = [
        *(point(0, "", "doc"), point(1, "Бөлім"), point(2, "Ғылым"), point(3, "Өндіріс")),
        *(point(4, "Тобы"), point(5, "сызық", "parTrans"), point(6, "Жеке")),
    ]
    lines = [below(0, 3, 1), below(0, 1, 0), below(1, 4), below(4, 1), below(0, 2, 2)]
    data = (
        f'<d:dataModel xmlns:d="{DIAGRAM}" xmlns:a="{MAIN}"><d:ptLst>{"".join(points)}</d:ptLst>'
        f"<d:cxnLst>{''.join(lines)}</d:cxnLst></d:dataModel>"
    )
    with_smart_art(deck, data.encode())
    assert parsed(deck).left_out == ()
    assert blocks(deck)[2:] == [
        ("item", 0, "- Бөлім"),
        ("item", 1, "- Тобы"),
        ("item", 0, "- Өндіріс"),
        ("item", 0, "- Ғылым"),
        ("item", 0, "- Жеке"),
    ]


@pytest.mark.parametrize("data", [b"", b"<a"])
def test_smart_art_that_cannot_be_read_is_told(deck, data):
    with_smart_art(deck, data)
    assert parsed(deck).left_out == ("1 drawings of SmartArt: only words and tables are read",)


@pytest.mark.parametrize(
    ("inside", "lines"),
    [
        ("<m:Choice Requires='p14'>{}</m:Choice><m:Fallback>{}</m:Fallback>", ["Қорап."]),
        ("<m:Choice Requires='p14'/><m:Fallback>{}</m:Fallback>", ["Қорап."]),
        ("", []),
    ],
)
def test_a_box_of_a_newer_program_is_read_once(deck, inside, lines):
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    box = slide.shapes.add_textbox(*BOX)
    box.text_frame.text = "Қорап."
    tree = box._element.getparent()
    tree.remove(box._element)
    written = inside.replace("{}", box._element.xml)
    tree.append(parse_xml(f'<m:AlternateContent xmlns:m="{NEWER}">{written}</m:AlternateContent>'))
    slide.shapes.add_textbox(*BOX).text_frame.text = "Соңы."
    assert [text for *_, text in blocks(deck)] == [*lines, "Соңы."]


def test_formulas_are_told(deck):
    box = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(*BOX)
    box.text_frame.text = "Ауданы"
    space = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    box.text_frame.paragraphs[0]._p.append(parse_xml(f'<m:oMath xmlns:m="{space}"/>'))
    assert parsed(deck).left_out == ("1 formulas: only words and tables are read",)


@pytest.mark.parametrize("data", [docx(["Мәтін."]), b"PK\x03\x04", b""])
def test_what_is_no_pptx_is_refused(data):
    with pytest.raises(CorpusError, match=r"no PPTX: an Office|a damaged PPTX|the file is empty"):
        list(read(data))
