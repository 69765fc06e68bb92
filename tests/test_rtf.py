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


@pytest.mark.parametrize(
    ("cell", "between"),
    [
        (r"{{{{\pard\intbl \b {0}\par}}\cell}}", ""),  # as pandoc ends each cell
        (r"\pard\intbl {0}\par \cell", ""),
        (r"\pard\intbl {{{0}}}\par {{(\u1179?)}}\cell", " (қ)"),
    ],
)
def test_a_cell_with_paragraphs_is_one_cell(cell, between):
    rows = [
        r"{\trowd\cellx100\cellx200 " + " ".join(map(cell.format, row)) + r"\intbl\row}"
        for row in (["City", "Year"], ["Oral", "1613"])
    ]
    cell_of = f"City{between}: Oral{between}; Year{between}: 1613{between}"
    text = text_of(rf"Before.\par {' '.join(rows)} After.\par more \{{\}}\par \u1241?")
    assert text == f"Before.\n\n{cell_of}\n\nAfter.\n\nmore {{}}\n\nә"


STYLES = r"""{\stylesheet{\s0 Normal;}{\s1\sbasedon0\b Heading 1;}{\s2\ql\outlinelevel1 \u1058?;}
{\s3\outlinelevel9 Text;}{\s21 heading 10;}}"""


@pytest.mark.parametrize(
    ("start", "level"),
    [
        (r"\pard\plain \s1\keepn ", 1),
        (r"\pard \s2 ", 2),
        (r"{\pard \ql \outlinelevel0 \b ", 1),  # as pandoc has it, without styles
        (r"\pard\s3\outlinelevel2 ", 3),
        (r"\pard \s0 ", 0),
        (r"\pard \s3 ", 0),
        (r"\pard \s21 ", 0),
        (r"\pard \s1\outlinelevel9 ", 0),
        (r"\pard \sb1\sa2\sl1 ", 0),
    ],
)
def test_headings_have_an_outline_level_of_their_own_or_of_their_style(start, level):
    end = "}" if start.startswith("{") else ""
    inside = rf"{start}\u1198?\u1187? {{{{B}}}}\par C\par{end}\pard\plain \s0 Text.\par"
    (one,) = read(f"{{\\rtf1\\ansi {STYLES}{inside}}}".encode("ascii"))
    found = [(block.kind, block.level, one.text[block.start : block.end]) for block in one.blocks]
    kind = "heading" if level else "paragraph"
    assert found == [(kind, level, "Үң B"), (kind, level, "C"), ("paragraph", 0, "Text.")]
    assert one.title == ("Үң B" if level == 1 else "")


def test_a_heading_in_a_cell_is_a_cell():
    cells = r"\pard\intbl\s1 A\cell\pard\intbl\s1 B\par b\cell\pard\intbl 5\cell\row\pard"
    assert text_of(f"{STYLES}\\trowd {cells}") == "A; B b; 5"


@pytest.mark.parametrize(
    "bullet", [r"\bullet \tab ", r"\u61623\'3f\tab ", r"\u8226? ", r"\u9642?\tab "]
)
def test_a_paragraph_with_a_bullet_is_an_item(bullet):
    inside = rf"List:\par {{\listtext\pard\plain {bullet}}}\u1241?\par {bullet}5\par \u8226?x\par"
    assert text_of(inside) == "List:\n\n- ә\n- 5\n\n•x"


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
