"""Tests of ingest/readers/rtf.py: Kazakh in codes and code pages, paragraphs, rows of tables."""

import pytest
from written_files import rtf

from ingest.errors import CorpusError
from ingest.readers.rtf import read


def text_of(inside, page="1251"):
    (one,) = read(f"{{\\rtf1\\ansi\\ansicpg{page} {inside}}}".encode("ascii"))
    return one.text


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (r"\u1178?\'e0\'e7\'e0\u1179?", "Қазақ"),
        (r"\u1241?\uc1\u1171?\u1179?\u1187?\u1257?\u1201?\u1199?\u1211?\u1110?", "әғқңөұүһі"),
        (r"\b Bold\b0  and {\i italic}\par second", "Bold and italic\n\nsecond"),
        (r'{\field{\*\fldinst HYPERLINK "http://x.kz"}{\fldrslt link}} here', "link here"),
        (r'{\field{\*\fldinst{HYPERLINK "http://x.kz"}}{\fldrslt{ \u1179?or link}}} here',
         "қor link here"),
        (r"shown {\deleted gone \u1178?\'e0} here", "shown here"),
        (r"shown \v hidden {\b too} \v0 here", "shown here"),
        (r"shown {\v hidden \plain not} here", "shown not here"),
        (r"C:\\v and \{\v0 all\}", "C:\\v and {all}"),
        (r"before {\pict\pngblip 89504e470d0a} after", "before after"),
        (r"{\fonttbl{\f0 Times;}}{\*\generator X;}{\info{\title T}}\pard text", "text"),
        (r"8\~7172 15\_\'fc", "8 7172 15-ь"),
    ],
)  # fmt: skip
def test_what_is_seen_is_the_text(inside, text):
    assert text_of(inside) == text


def test_footnotes_and_text_boxes_are_told():
    note = r"{\super\chftn}{\footnote\pard {\super\chftn} Note.}"
    box = r"{\shp{\*\shpinst{\shptxt Box.\par}}}"
    (one,) = read(f"{{\\rtf1\\ansi Text{note} more{note}.{box}\\par}}".encode("ascii"))
    assert one.text == "Text more."
    assert one.left_out == (
        "2 footnotes: not read in RTF, save it as DOCX",
        "1 text boxes: not read in RTF, save it as DOCX",
    )


def test_the_rows_of_a_table_have_its_header():
    row = r"\trowd\cellx100\cellx200\cellx300 {0}\cell {1}\cell {2}\cell\row"
    rows = [row.format(*cells) for cells in [("City", "Year", "River"), ("Oral", "1613", "Zhayik")]]
    assert text_of(f"Before.\\par {' '.join(rows)}\\pard After.") == (
        "Before.\n\nCity: Oral; Year: 1613; River: Zhayik\n\nAfter."
    )


def test_an_rtf_that_declares_the_wrong_code_page_is_refused():
    inside = "".join(f"\\'{byte:02x}" for byte in "Қазақ тілі".encode("kz1048"))
    with pytest.raises(CorpusError, match="'Ќазаќ' is no Kazakh or Russian word"):
        text_of(inside)
    (one,) = read(f"{{\\rtf1\\ansi\\ansicpg1251 {inside}}}".encode("ascii"), "kz1048")
    assert one.text == "Қазақ тілі"


def test_paragraphs_are_blocks():
    (one,) = read(rtf(["Ұлы дала.", "", "Өнер."]))
    assert [one.text[block.start : block.end] for block in one.blocks] == ["Ұлы дала.", "Өнер."]


@pytest.mark.parametrize("data", [b"", b"{\\rt", "Мәтін.".encode(), b"%PDF-1.7"])
def test_what_is_no_rtf_is_refused(data):
    with pytest.raises(CorpusError, match=r"no RTF|the file is empty"):
        list(read(data))
