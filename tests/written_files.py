"""The same paragraphs as files of every format, written by the libraries of these formats."""

import csv
import io
import zipfile
from html import escape

ODT_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style")
)
CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"""


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    """Return a ZIP of texts or bytes by their names."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def saved(document):
    """Return what a library's document saves as."""
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def txt(paragraphs):
    return "\n\n".join(paragraphs).encode()


def html(paragraphs):
    inside = "".join(f"<p>{escape(each)}</p>" for each in paragraphs)
    return f"<!DOCTYPE html><html><head></head><body>{inside}</body></html>".encode()


def docx(paragraphs):
    from docx import Document

    document = Document()
    for each in paragraphs:
        document.add_paragraph(each)
    return saved(document)


def pptx(paragraphs):
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])  # without placeholders
    for number, each in enumerate(paragraphs):
        box = slide.shapes.add_textbox(Inches(1), Inches(1 + number), Inches(8), Inches(1))
        box.text_frame.text = each
    return saved(deck)


def xlsx(paragraphs):
    from openpyxl import Workbook

    book = Workbook()
    for each in paragraphs:
        book.active.append([each])
    return saved(book)


def csv_table(paragraphs, delimiter=","):
    data = io.StringIO()
    csv.writer(data, delimiter=delimiter).writerows([each] for each in paragraphs)
    return data.getvalue().encode()


def odt(body, styles=""):
    """Return an ODT of paragraphs, or of a body in XML."""
    if not isinstance(body, str):
        body = "".join(f"<text:p>{escape(each)}</text:p>" for each in body)
    content = (
        f'<?xml version="1.0"?><office:document-content {ODT_SPACES}><office:automatic-styles>'
        f"{styles}</office:automatic-styles><office:body><office:text>{body}</office:text>"
        "</office:body></office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def epub(chapters, title="Кітап"):
    """Return a book of chapters: each a text, or markup that begins with "<"."""
    pages = {
        f"OEBPS/ch {number}.xhtml": '<?xml version="1.0" encoding="utf-8"?>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>'
        f"{each if each.startswith('<') else f'<p>{escape(each)}</p>'}</body></html>"
        for number, each in enumerate(chapters)
    }
    items = "".join(
        f'<item id="c{number}" href="ch%20{number}.xhtml" media-type="application/xhtml+xml"/>'
        for number in range(len(pages))
    )
    order = "".join(f'<itemref idref="c{number}"/>' for number in range(len(pages)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(title)}</dc:title></metadata><manifest>{items}"
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        f'</manifest><spine><itemref idref="nav"/>{order}</spine></package>'
    )
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": package,
        "OEBPS/nav.xhtml": "<html><body><nav><a href='#'>Мазмұны</a></nav></body></html>",
    }
    return zipped(files | pages)


def rtf(paragraphs):
    codes = "".join(
        "".join(c if c.isascii() else f"\\u{ord(c)}?" for c in each) + "\\par\n"
        for each in paragraphs
    )
    return f"{{\\rtf1\\ansi\\ansicpg1251\\deff0 {codes}}}".encode("ascii")


# Latin, accents, Cyrillic, punctuation: codes of the font are those of Unicode.
SHOWN = b"""4 beginbfrange
<0020> <00ff> <0020> <0300> <036f> <0300> <0400> <052f> <0400> <2010> <2040> <2010>
endbfrange"""


def pdf(*pages, title=None):
    """Return a PDF with a page for each list of lines."""
    from pypdf import PdfWriter
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

    def named(**entries):
        return DictionaryObject({NameObject(f"/{name}"): each for name, each in entries.items()})

    writer = PdfWriter()
    inner = named(
        Type=NameObject("/Font"),
        Subtype=NameObject("/CIDFontType2"),
        BaseFont=NameObject("/Any"),
        DW=NumberObject(500),
    )
    font = named(
        Type=NameObject("/Font"),
        Subtype=NameObject("/Type0"),
        BaseFont=NameObject("/Any"),
        Encoding=NameObject("/Identity-H"),
        DescendantFonts=ArrayObject([writer._add_object(inner)]),
        ToUnicode=writer._add_object(_stream(SHOWN)),
    )
    resources = named(Font=named(F1=writer._add_object(font)))
    for lines in pages:
        page = writer.add_blank_page(width=600, height=800)
        shown = "".join(
            f"BT /F1 10 Tf 40 {760 - 14 * number} Td <{line.encode('utf-16-be').hex()}> Tj ET\n"
            for number, line in enumerate(lines)
        )
        page[NameObject("/Contents")] = writer._add_object(_stream(shown.encode()))
        page[NameObject("/Resources")] = resources
    if title is not None:
        writer.add_metadata({"/Title": title})
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


def scan(text):
    """Return a PDF whose page is a picture of a line of text, in a font that most systems have."""
    import pytest
    from PIL import Image, ImageDraw, ImageFont

    try:
        font = ImageFont.truetype("DejaVuSans.ttf", 64)
    except OSError:
        pytest.skip("there is no font to draw a page with")
    picture = Image.new("L", (1400, 300), 255)
    ImageDraw.Draw(picture).text((50, 100), text, 0, font)
    data = io.BytesIO()
    picture.save(data, "PDF", resolution=150)
    return data.getvalue()


def _stream(data):
    from pypdf.generic import StreamObject

    stream = StreamObject()
    stream.set_data(data)
    return stream


WRITERS = {
    ".txt": txt,
    ".text": txt,
    ".md": txt,
    ".markdown": txt,
    ".html": html,
    ".htm": html,
    ".xhtml": html,
    ".docx": docx,
    ".pptx": pptx,
    ".xlsx": xlsx,
    ".csv": csv_table,
    ".tsv": lambda paragraphs: csv_table(paragraphs, "\t"),
    ".odt": odt,
    ".epub": epub,
    ".rtf": rtf,
    ".pdf": lambda paragraphs: pdf(paragraphs),
}
"""What writes paragraphs as a file, by the file's ending."""
