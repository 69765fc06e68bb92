"""Lines that are «Label: value»: each is a paragraph of its own; wrapped prose is not cut."""

import io
import unicodedata

import pytest

from ingest.readers import docx, html_page, markdown
from ingest.readers.readable_text import fields

LINES = ("Меңгеруші: Әсел Ғабитқызы", "Есепші: Өмір Һасанұлы", "Күзетші: Қайрат Ұлан")
APART = "\n\n".join(LINES)
PROSE = "Ескеретін жайт мынау: көл\nҮлкен Алматы деп аталады. Оның\nТереңдігі туралы дерек аз."


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("end", ["\n", "  \n", "\\\n", "<br>", "<br>\n"])
def test_markdown_keeps_them_apart(end, form):
    source = unicodedata.normalize(form, end.join(LINES))
    for markup in (source, f"<p>{source}</p>") if "<" in end else (source,):
        text = next(markdown.read(markup.encode())).text
        assert text == unicodedata.normalize(form, APART)


def test_markdown_keeps_labels_in_bold_letters_apart():
    source = "**Phone:** 55-44-33\n**Address:** 5 Abay Street,\nOral\n**HOURS:** 9 to 18"
    assert next(markdown.read(source.encode())).text.split("\n\n") == [
        "Phone: 55-44-33",
        "Address: 5 Abay Street, Oral",
        "HOURS: 9 to 18",
    ]


def test_wrapped_prose_stays_whole():
    text = next(markdown.read(PROSE.encode())).text
    assert text == " ".join(PROSE.split())
    assert fields("Ол келді,\nХатшы: Динара") == ["Ол келді, Хатшы: Динара"]
    assert fields("Сағат 12:30-да\nКездесу: бар") == ["Сағат 12:30-да Кездесу: бар"]


def test_html_keeps_them_apart():
    page = f"<p>{'<br>'.join(LINES)}</p>"
    assert next(html_page.read(page.encode())).text == APART


def test_a_line_break_of_word_keeps_them_apart():
    from docx import Document

    file = Document()
    paragraph = file.add_paragraph().add_run(LINES[0])
    for line in LINES[1:]:
        paragraph.add_break()
        paragraph.add_text(line)
    file.add_paragraph("Бірінші жол").add_run().add_break()
    data = io.BytesIO()
    file.save(data)
    assert next(docx.read(data.getvalue())).text == f"{APART}\n\nБірінші жол"
