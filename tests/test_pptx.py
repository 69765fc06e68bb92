"""Tests of ingest/readers/pptx.py: slides that python-pptx writes."""

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from written_files import docx, saved

from ingest.errors import CorpusError
from ingest.readers.pptx import read

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


@pytest.mark.parametrize("data", [docx(["Мәтін."]), b"PK\x03\x04", b""])
def test_what_is_no_pptx_is_refused(data):
    with pytest.raises(CorpusError, match=r"no PPTX: an Office|a damaged PPTX|the file is empty"):
        list(read(data))
