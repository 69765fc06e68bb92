"""Tests of ingest/readers/pdf.py: pages, words that line ends cut, titles, scans."""

import io
import re
import shutil
import unicodedata

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject
from written_files import docx, pdf, scan

from ingest.errors import CorpusError
from ingest.readers.ocr import Recogniser
from ingest.readers.pdf import _joined_letters, read

with_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="tesseract is not installed"
)


def parsed(*pages, title=None):
    (one,) = read(pdf(*pages, title=title))
    return one


def blank_scan():
    data = io.BytesIO()
    Image.new("L", (140, 30), 255).save(data, "PDF")
    return data.getvalue()


def merged(*files):
    writer = PdfWriter()
    for data in files:
        writer.append(io.BytesIO(data))
    whole = io.BytesIO()
    writer.write(whole)
    return whole.getvalue()


# --- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_pages_are_spans_of_the_text(form):
    first = unicodedata.normalize(form, "Ұлы дала өңірі һәм қоғам.")
    one = parsed([first, "Ғылым, үміт."], [], ["Үшінші бет."])
    assert one.text == f"{first}\nҒылым, үміт.\n\fҮшінші бет."
    assert [one.text[start:end] for start, end in one.pages] == [
        f"{first}\nҒылым, үміт.",
        "",
        "Үшінші бет.",
    ]


def test_a_sentence_goes_on_over_a_page():
    from ingest.sentence import sentences

    one = parsed(["Бұл сөйлем бірінші бетте басталып,"], ["екінші бетте аяқталады. Соңы."])
    assert [one.text[start:end].split() for start, end in sentences(one.text)] == [
        "Бұл сөйлем бірінші бетте басталып, екінші бетте аяқталады.".split(),
        ["Соңы."],
    ]


def test_running_titles_and_page_numbers_are_left_out():
    pages = [["Жылдық есеп", f"Бұл – {n}-беттегі сөйлем.", str(n)] for n in range(1, 6)]
    one = parsed(*pages)
    assert one.text == "\n\f".join(f"Бұл – {n}-беттегі сөйлем." for n in range(1, 6))


@pytest.mark.parametrize("form", ["{}", "- {} -", "— {} —", "{} / 12", "{}/12"])
def test_numbers_that_grow_with_the_pages_are_left_out(form):
    pages = [[f"Мәтін {'ә' * n}.", form.format(n + 7)] for n in range(3)]
    assert parsed(*pages).text == "Мәтін .\n\fМәтін ә.\n\fМәтін әә."


@pytest.mark.parametrize(
    "pages",
    [
        [["Мәтін", "7"]],
        [["Мәтін", "2019"], ["Мәтіндер", "1997"]],
        [["Барлығы: 1"], ["Барлығы: 2"]],
        [["Мәтін", "1-"], ["Мәтіндер", "2-"]],
        [["1"], ["2"]],
        [["2023", "Түсім өсті."], ["2024", "Түсім кеміді."]],
        [["Түсім", "2022"], ["Шығыс", "2023"], ["Пайда", "2024"]],
        [["Түсім", "7"], ["Шығыс", "8"]],
        [["Барлығы:", "14"], ["Барлығы:", "15"], ["Барлығы:", "16"]],
        [["1", "Түсім"], ["Шығыс", "2"], ["3", "Пайда"], ["Қарыз", "4"]],
    ],
)
def test_other_numbers_are_kept(pages):
    assert parsed(*pages).text == "\n\f".join("\n".join(page) for page in pages)


# --- words that a change of font cuts -------------------------------------------------------------


def from_two_fonts(*words):
    """Return a PDF whose Kazakh letters are drawn one by one, as those of another font are."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([""]))))
    shown, left = "", 0
    for part in re.findall("[әғқңөұүһі]|[^әғқңөұүһі]+", " ".join(words), re.IGNORECASE):
        text = part.encode("utf-16-be").hex()
        shown += f"BT /F1 10 Tf 1 0 0 1 40 700 Tm {left} 0 Td <{text}> Tj ET\n"
        left += 4 * len(part)
    stream = StreamObject()
    stream.set_data(shown.encode())
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


def test_letters_of_another_font_stay_in_their_words():
    (one,) = read(from_two_fonts("Қызмет", "көрсету", "шарты", "әр", "айда"))
    assert one.text == "Қызмет көрсету шарты әр айда"


@pytest.mark.parametrize(
    ("text", "layout", "whole"),
    [
        ("т ө лем ә р айда", "төлем әр айда", "төлем әр айда"),
        ("ша қ . Ө нім, ү й", "Өнім, үй шақ.", "шақ. Өнім, үй"),
        ("ә әріпі қ әрпі", "ә әріпі қ әрпі", "ә әріпі қ әрпі"),
        ("т ө лем", "", "т ө лем"),
        ("ал да", "алда", "ал да"),
    ],
)
def test_a_word_is_joined_where_its_layout_is_whole(text, layout, whole):
    assert _joined_letters(text, layout) == whole


# --- words that a line end cuts -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["Қазақстан – мемле-", "кет. Мемлекет бар."], "Қазақстан – мемлекет. Мемлекет бар."),
        (["социально-", "экономический, Социально-экономический рост"],
         "социально-экономический, Социально-экономический рост"),
        (["бұл белгі-", "сіз сөз"], "бұл белгі-\nсіз сөз"),
        (["Нұр-", "Сұлтан. Нұрсұлтан"], "Нұр-\nСұлтан. Нұрсұлтан"),
        (["2019-", "2021 жж."], "2019-\n2021 жж."),
        (["мем\u00ad", "лекет"], "мемлекет"),
        (["govern-", "ment and Government"], "government and Government"),
    ],
)  # fmt: skip
def test_a_cut_word_is_joined_where_the_document_shows_how(lines, text):
    assert parsed(lines).text == text


# --- headings -------------------------------------------------------------------------------------


def outlined(titles, *pages):
    """Return a PDF whose outline has titles: each with its page, and the title that it is in."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(*pages))))
    items = {None: None}
    for title, page, above in titles:
        items[title] = writer.add_outline_item(title=title, page_number=page, parent=items[above])
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


def test_the_titles_of_the_outline_are_headings():
    data = outlined(
        [("1. ЖАЛПЫ ережелер", 0, None), ("Ұзақ тақырып екі жолда", 1, "1. ЖАЛПЫ ережелер"),
         ("Бетте жоқ", 1, None), ("2. Соңы", 1, None)],
        ["Кіріспе сөз.", "1. Жалпы  ережелер", "Бірінші сөйлем."],
        ["екінші бетте. Ұзақ", "Ұзақ тақырып", "екі жолда", "Мәтін осы.", "2. Соңы"],
    )  # fmt: skip
    (one,) = read(data)
    blocks = [(each.kind, each.level, one.text[each.start : each.end]) for each in one.blocks]
    assert blocks == [
        ("paragraph", 0, "Кіріспе сөз."),
        ("heading", 1, "1. Жалпы ережелер"),
        ("paragraph", 0, "Бірінші сөйлем.\n\fекінші бетте. Ұзақ"),
        ("heading", 2, "Ұзақ тақырып\nекі жолда"),
        ("paragraph", 0, "Мәтін осы."),
        ("heading", 1, "2. Соңы"),
    ]


@pytest.mark.parametrize("titles", [[], [("Бетте жоқ", 0, None)], [("Сөйлем", 0, None)]])
def test_without_titles_on_the_pages_there_are_no_blocks(titles):
    (one,) = read(outlined(titles, ["Сөйлем осы."]))
    assert one.blocks == ()


@pytest.mark.parametrize("bullet", ["\uf0b7", "\uf0a7"])
def test_a_bullet_of_a_font_of_pictures_is_shown_as_one(bullet):
    read_pdf = parsed([f"{bullet} Ән", f"{bullet}Күй", f"а {bullet} б"]).text
    assert read_pdf.split("\n") == ["• Ән", f"{bullet}Күй", f"а {bullet} б"]


# --- titles and what is refused -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Жылдық есеп", "Жылдық есеп"),
        ("Microsoft Word - есеп.docx", ""),
        ("есеп_2.pdf", ""),
        ("Untitled", ""),
        ("  ", ""),
        (None, ""),
    ],
)
def test_the_title(written, title):
    assert parsed(["Мәтін."], title=written).title == title


def encrypted(password, algorithm="RC4-128"):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(["Мәтін."]))))
    writer.encrypt(password, owner_password="иесі", algorithm=algorithm)
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_file_that_only_forbids_printing_is_read(algorithm):
    (one,) = read(encrypted("", algorithm))
    assert one.text == "Мәтін."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"%PDF-1.7", "a damaged PDF"),
        (pdf(["Мәтін."])[:200], "a damaged PDF"),
        (docx(["Мәтін."]), "no PDF: a ZIP or a new Office file"),
        (encrypted("құпия"), "a PDF with a password"),
    ],
    ids=["empty", "header", "cut", "docx", "password"],
)
def test_what_is_no_pdf_is_refused(data, message):
    with pytest.raises(CorpusError, match=message):
        list(read(data))


def test_a_page_that_is_damaged_is_told_and_the_others_are_read():
    whole = pdf(["Бірінші бет."], ["Екінші бет."])
    at = whole.index("Екінші".encode("utf-16-be").hex().encode())
    (one,) = read(whole[:at] + b"<<<<" + whole[at + 4 :])
    assert one.text == "Бірінші бет."
    [told] = one.left_out
    assert told.startswith("page 2: damaged (")


# --- scans ----------------------------------------------------------------------------------------


def test_without_tesseract_a_scan_is_refused_and_the_reason_told(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CorpusError, match=r"pages 1-2: a scan, and tesseract is not installed"):
        list(read(merged(blank_scan(), blank_scan())))


def test_pages_that_are_scans_are_told_and_the_others_are_read(monkeypatch):
    monkeypatch.setenv("PATH", "")
    (one,) = read(merged(pdf(["Бірінші бет."]), blank_scan(), pdf(["Үшінші бет."])))
    assert one.text == "Бірінші бет.\n\fҮшінші бет."
    assert [one.text[start:end] for start, end in one.pages] == ["Бірінші бет.", "", "Үшінші бет."]
    [told] = one.left_out
    assert told.startswith("page 2: a scan, and tesseract is not installed; install tesseract-ocr")


def stamped(*, size=(600, 800), text="Scanned by CamScanner", mode=0):
    """Return a PDF with a picture and a line of text over it."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([text]))))
    picture = PdfReader(io.BytesIO(blank_scan())).pages[0]
    page = writer.pages[0]
    held = DictionaryObject(
        {NameObject("/Scan"): picture["/Resources"]["/XObject"].raw_get("/image").clone(writer)}
    )
    fonts = page["/Resources"]["/Font"]
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): fonts, NameObject("/XObject"): held}
    )
    stream = StreamObject()
    drawn = f"q {size[0]} 0 0 {size[1]} 0 0 cm /Scan Do Q\n{mode} Tr\n".encode()
    stream.set_data(drawn + page.get_contents().get_data())
    page[NameObject("/Contents")] = writer._add_object(stream)
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


def test_a_stamp_over_a_scan_is_not_all_that_it_says(monkeypatch):
    monkeypatch.setenv("PATH", "")
    (one,) = read(merged(stamped(), stamped(text="Қол қойылды: Ә. Оспан")))
    assert one.text == "Scanned by CamScanner\n\fҚол қойылды: Ә. Оспан"
    [told] = one.left_out
    assert told.startswith("pages 1-2: a scan, and tesseract is not installed")


@pytest.mark.parametrize("given", [{"size": (100, 60)}, {"text": "Ұзақ мәтін. " * 25}, {"mode": 3}])
def test_other_pictures_are_no_scans(monkeypatch, given):
    monkeypatch.setenv("PATH", "")
    (one,) = read(stamped(**given))
    assert one.left_out == ()


def test_what_a_scan_says_stands_before_its_stamp(monkeypatch):
    monkeypatch.setattr(Recogniser, "text_of", lambda *_: "Ұлы дала өңірі")
    assert next(read(stamped())).text == "Ұлы дала өңірі\n\nScanned by CamScanner"
    assert next(read(stamped(text="Ұлы дала"))).text == "Ұлы дала өңірі"


@with_tesseract
@pytest.mark.slow
@pytest.mark.parametrize("text", ["Қазақстан тарихы ғылымы", "История России", "Annual report"])
def test_a_scan_is_recognised_in_three_languages(text):
    (one,) = read(merged(pdf(["Мәтін."]), scan(text)))
    assert one.text == f"Мәтін.\n\f{text}"
    assert one.left_out == ()
