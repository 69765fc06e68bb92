"""One text in three languages, questions about it, and what writes it in every format."""

import csv
import io
import json
from html import escape

from written_files import epub, odt, pdf, rtf, saved

KAZAKH = [
    ("heading", "Көкжар өлкетану музейі"),
    (
        "paragraph",
        "Көкжар музейі 1962 жылы бұрынғы диірмен үйінде ашылды. Музейдің негізін мұғалім Һәкім"
        " Әбдіғапаров қалады. Мұнда 12400 жәдігер сақтаулы.",
    ),
    (
        "paragraph",
        "Ең ескі жәдігер – қорғаннан шыққан күміс айна. Айнаны 1987 жылы қойшы Қуаныш Өмірзақов"
        " Ұзынбұлақ жотасынан тапты. Музей дүйсенбіде жабық, ал басқа күндері таңғы оннан кешкі"
        " алтыға дейін ашық. Ғимараттың қабырғасы қызыл кірпіштен қаланған, қалыңдығы 80"
        " сантиметр.",
    ),
    (
        "paragraph",
        "ҚҰРМЕТТІ ҚОНАҚТАР, ӨТІНЕМІЗ: ҒИМАРАТТА ҮНСІЗ ЖҮРІҢІЗ ҺӘМ ӘЙНЕККЕ ТИМЕҢІЗ!",
    ),
    ("heading", "Музейдің залдары"),
    ("item", "Табиғат залында құстар мен аңдар тұр."),
    ("item", "Қолөнер залында кілем һәм алаша ілулі."),
    ("item", "Соғыс залында майданнан келген хаттар жатыр."),
    ("heading", "Билет бағасы"),
    ("row", ["Келуші", "Бағасы", "Уақыты"]),
    ("row", ["Ересек адам", "700 теңге", "60 минут"]),
    ("row", ["Оқушы", "300 теңге", "45 минут"]),
    ("row", ["Зейнеткер", "200 теңге", "50 минут"]),
]
RUSSIAN = [
    ("heading", "Метеостанция Ключевая"),
    (
        "paragraph",
        "Метеостанция Ключевая стоит на северном берегу озера Тихое. Её построили в 1934 году по"
        " проекту инженера Павла Сомова. Сейчас станцией руководит Елена Журавлёва. Самая низкая"
        " температура, минус 47 градусов, была записана 9 января 1969 года.",
    ),
    (
        "paragraph",
        "Самый сильный ветер, 38 метров в секунду, сорвал крышу склада. Наблюдатели снимают"
        " показания восемь раз в сутки. Данные передают по радио в посёлок Дальний. Зимой на"
        " станции живут четыре человека и собака по кличке Вьюга.",
    ),
]
ENGLISH = [
    ("heading", "The Harlow Bridge"),
    (
        "paragraph",
        "The Harlow Bridge crosses the river Denn near the village of Ashby. It was designed by"
        " Martha Quill and opened on 3 May 1911. The bridge is 214 metres long and stands on five"
        " stone piers. Its builders used granite from the quarry at Stoneleigh.",
    ),
    (
        "paragraph",
        "A flood in 1953 carried away the wooden toll house. Lorries heavier than 12 tonnes may"
        " not cross it. The bridge was repainted dark green in 1998. Every September the village"
        " holds a lantern walk over it.",
    ),
]
TEXT = [*KAZAKH, *RUSSIAN, *ENGLISH]
QUESTIONS = {
    "Көкжар музейі қай жылы ашылды?": "1962",
    "Кто руководит метеостанцией?": "Елена Журавлёва",
    "How long is the Harlow Bridge?": "214 metres",
    "КҮМІС АЙНАНЫ КІМ ТАПТЫ?": "Қуаныш Өмірзақов",
    "Музейдің негізін кім қалады?": "Һәкім Әбдіғапаров",
    "Who designed the Harlow Bridge?": "Martha Quill",
    "Оқушыға билет қанша тұрады?": "300 теңге",
    "Музейде қанша жәдігер сақтаулы?": "12400",
    "When was the Harlow Bridge opened?": "3 May 1911",
    "Как зовут собаку на станции?": "Вьюга",
    "Музей қай күні жабық?": "дүйсенбіде",
    "In what year was the Kokzhar museum opened?": "1962",
    "Кто основал музей в Көкжаре?": "Һәкім Әбдіғапаров",
    "В каком году построили метеостанцию Ключевая?": "1934",
    "Қабырғаның қалыңдығы қанша?": "80 сантиметр",
    "What colour was the bridge repainted in 1998?": "dark green",
    "Какая самая низкая температура была записана на станции?": "минус 47 градусов",
    "How many stone piers does the bridge stand on?": "five",
    "Сколько раз в сутки снимают показания?": "восемь раз",
    "Көпір қай жылы қайта боялды?": "1998",
}
"""What is asked, and the words of the text that answer."""


def lines(blocks, *, mark="- ", paragraph="", between=None):
    """Return a text line by line.

    Args:
        blocks: The blocks of the text.
        mark: What stands before an item.
        paragraph: What stands before a paragraph.
        between: What stands between the cells of a row, as in print; None for a line each with the
            names of its columns.
    """
    marks = {"heading": "", "paragraph": paragraph, "item": mark}
    rows = [content for kind, content in blocks if kind == "row"]
    written = []
    for kind, content in blocks:
        if kind != "row":
            written.append(marks[kind] + content)
        elif between is not None:
            written.append(between.join(content))
        elif content != rows[0]:
            cells = zip(rows[0], content, strict=True)
            written.append("; ".join(f"{name}: {cell}" for name, cell in cells))
    return written


def plain(blocks):
    return "\n\n".join(lines(blocks))


# --- the libraries of the formats -----------------------------------------------------------------


def markdown(blocks):
    written, last = "", ""
    for kind, content in blocks:
        if kind == "row":
            line = f"| {' | '.join(content)} |\n" + ("|---" * len(content) + "|\n") * (last != kind)
        else:
            line = {"heading": "# ", "item": "- "}.get(kind, "") + f"{content}\n"
        written += ("" if last == kind and kind in ("item", "row") else "\n") + line
        last = kind
    return written.strip() + "\n"


def marked_up(blocks, heading, paragraph, item, row, cell):
    """Return blocks in the elements of a format; each is written with {} for what is inside.

    Those of items and rows are pairs: what is around all of them, and around one.
    """
    inside = {"heading": heading, "paragraph": paragraph, "item": item[1], "row": row[1]}
    groups, last = [], ""
    for kind, content in blocks:
        if kind == "row":
            content = "".join(cell.format(escape(each)) for each in content)
        else:
            content = escape(content)
        if last != kind:
            groups.append((kind, []))
        groups[-1][1].append(inside[kind].format(content))
        last = kind
    around = {"item": item[0], "row": row[0]}
    return "".join(around.get(kind, "{}").format("".join(parts)) for kind, parts in groups)


def body(blocks):
    elements = ("<ul>{}</ul>", "<li>{}</li>"), ("<table>{}</table>", "<tr>{}</tr>")
    return marked_up(blocks, "<h1>{}</h1>", "<p>{}</p>", *elements, "<td>{}</td>")


def page(blocks):
    return f"<!DOCTYPE html><html><head></head><body>{body(blocks)}</body></html>"


def open_document(blocks):
    paragraph = "<text:p>{}</text:p>"
    return odt(
        marked_up(
            blocks,
            '<text:h text:outline-level="1">{}</text:h>',
            paragraph,
            (
                "<text:list>{}</text:list>",
                f"<text:list-item>{paragraph}</text:list-item>",
            ),
            ("<table:table>{}</table:table>", "<table:table-row>{}</table:table-row>"),
            f"<table:table-cell>{paragraph}</table:table-cell>",
        )
    )


def docx(blocks):
    from docx import Document as Docx

    document, table = Docx(), None
    document.core_properties.title = ""
    for kind, content in blocks:
        if kind == "row":
            table = table or document.add_table(0, len(content))
            for cell, text in zip(table.add_row().cells, content, strict=True):
                cell.text = text
        elif kind == "heading":
            document.add_heading(content, 1)
        else:
            document.add_paragraph(content, style="List Bullet" if kind == "item" else None)
    return saved(document)


def slides(blocks):
    """Return a presentation: a slide for each heading, with its lines in boxes, or a table."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    rows = [content for kind, content in blocks if kind == "row"]
    for number, (kind, content) in enumerate(blocks):
        place = Inches(0.5), Inches(number % 4 * 2), Inches(9), Inches(1.8)
        if kind == "heading":
            slide = deck.slides.add_slide(deck.slide_layouts[1])
            slide.shapes.title.text = content
            points = slide.placeholders[1].text_frame
        elif kind == "row" and content == rows[0]:
            table = slide.shapes.add_table(len(rows), len(content), *place).table
            for row, cells in zip(table.rows, rows, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
        elif kind == "item":
            points.text = f"{points.text}\n{content}".strip()
        elif kind == "paragraph":
            box = slide.shapes.add_textbox(*place).text_frame
            box.word_wrap = True
            box.text = content
    return saved(deck)


def rich_text(blocks):
    rows = [content for kind, content in blocks if kind == "row"]
    around = {
        "heading": r"\pard\outlinelevel0 {}",
        "paragraph": r"\pard {}",
        "item": r"\pard {{\listtext\bullet\tab}}{}",
    }
    table = "".join(
        r"\trowd\cellx9\cellx99\cellx999\pard\intbl {}\cell {}\cell {}\cell\row".format(*row)
        for row in rows
    )
    written = [
        around.get(kind, table).format(content)
        for kind, content in blocks
        if content not in rows[1:]
    ]
    return rtf(written)


def sheet(blocks):
    """Return rows of cells: a line is a cell, and blank rows are around a table.

    All rows are as long as the longest, as programs for tables write them.
    """
    rows, last = [], "row"
    width = max(len(content) if kind == "row" else 1 for kind, content in blocks)
    for kind, content in blocks:
        if (kind == "row") != (last == "row"):
            rows.append([""] * width)
        cells = content if kind == "row" else lines([(kind, content)])
        rows.append([*cells, *[""] * (width - len(cells))])
        last = kind
    return rows


def workbook(blocks):
    from openpyxl import Workbook

    book = Workbook()
    for row in sheet(blocks):
        book.active.append(row)
    return saved(book)


def table_file(blocks, delimiter=","):
    data = io.StringIO()
    csv.writer(data, delimiter=delimiter).writerows(sheet(blocks))
    return data.getvalue()


def json_lines(blocks):
    return json.dumps({"_id": "1", "text": plain(blocks)}, ensure_ascii=False)


TEXTUAL = {
    ".txt": plain,
    ".md": markdown,
    ".html": page,
    ".csv": table_file,
    ".tsv": lambda blocks: table_file(blocks, "\t"),
    ".jsonl": json_lines,
}
"""What writes blocks as a text, by the ending of the file."""

BINARY = {
    ".docx": docx,
    ".odt": open_document,
    ".rtf": rich_text,
    ".epub": lambda blocks: epub([body(blocks)], ""),
    ".pdf": lambda blocks: pdf(lines(blocks)),
    ".pptx": slides,
    ".xlsx": workbook,
}
"""What writes blocks as a file of bytes."""

SAME_ENDINGS = {".text": ".txt", ".markdown": ".md", ".htm": ".html", ".xhtml": ".html"}


def file_of(ending, blocks=TEXT):
    ending = SAME_ENDINGS.get(ending, ending)
    return TEXTUAL[ending](blocks).encode() if ending in TEXTUAL else BINARY[ending](blocks)
