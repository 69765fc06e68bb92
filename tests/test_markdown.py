"""Tests of ingest/readers/markdown.py: marks are no text, and nothing that is read gets lost."""

import contextlib
import time
import unicodedata

import pytest
from campaign import at_length
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import CorpusError
from ingest.readers.markdown import read

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


def parsed(text):
    (one,) = read(text.encode())
    return one


def blocks(text):
    one = parsed(text)
    return [(block.kind, block.level, one.text[block.start : block.end]) for block in one.blocks]


# --- title ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Сыртқы саясат\n\nМәтін.", "Сыртқы саясат"),
        ("# Сыртқы саясат\r\n\r\nМәтін.\r\n", "Сыртқы саясат"),
        ("Сыртқы саясат\n=====\n\nМәтін.", "Сыртқы саясат"),
        ("Кіріспе.\n\n## Сыртқы саясат ##\n# Екінші\n", "Сыртқы саясат"),
        ("#\tСыртқы  саясат \t\n", "Сыртқы саясат"),
        ("\ufeff# Сыртқы саясат\n", "Сыртқы саясат"),
        ("# *Сыртқы* [саясат](http://x.kz/a_b)\n", "Сыртқы саясат"),
        ("# C# тілі\n", "C# тілі"),
        ("# C#\n", "C#"),
        ("# \n# Сыртқы саясат\n", "Сыртқы саясат"),
        ("```\n# бұл код\n```\n# Сыртқы саясат\n", "Сыртқы саясат"),
        ("#Хэштег емес пе\n", ""),
        ("### Үшінші деңгей\n", ""),
        ("Мәтін # ішінде\n", ""),
        ("---\ntitle: Ғарыш айлағы\n---\n# Басқа\n", "Ғарыш айлағы"),
        ("---\r\ntags: [а]\r\ntitle: 'Ғарыш: айлақ'\r\n---\r\nМәтін.", "Ғарыш: айлақ"),
        ('+++\ndate = 2024-05-01\ntitle = "Ғарыш айлағы"\n+++\nМәтін.', "Ғарыш айлағы"),
        ("---\ntitle: >-\n  Ғарыш\n  айлағы\ntags:\n- а\n# ә\n---\nМәтін.", "Ғарыш айлағы"),
        ("---\nauthor: Ү. Һ.\n---\n# Ғарыш\n", "Ғарыш"),
        ("# Ғарыш\n\n---\ntitle: Басқа\n---\n", "Ғарыш"),
    ],
)
def test_the_title(text, title, form):
    text, title = unicodedata.normalize(form, text), unicodedata.normalize(form, title)
    assert parsed(text).title == title


@pytest.mark.parametrize(
    "front",
    ["---\ntitle: Ғарыш\nkey: |\n  көп\n\n  жол\n---\n", "+++\nkey = 1\n+++\n", "---\n---\n"],
)
def test_front_matter_is_no_text(front):
    assert parsed(f"{front}\nМәтін осы.\n").text == "Мәтін осы."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\n\nБір.\n\n---\n\nЕкі.", "Бір.\n\nЕкі."),  # two rules
        ("---\nБір сөйлем.\n", "Бір сөйлем."),  # a rule
        ("---\nkey: value\n", "key: value"),  # what begins and never ends
        (
            "---\nНазар аударыңыз: мерзім өзгерді.\n\nЖаңа мерзім – 5 маусым.\n\n---\n\nҚалған.",
            "Назар аударыңыз: мерзім өзгерді.\n\nЖаңа мерзім – 5 маусым.\n\nҚалған.",
        ),
        ("---\nkey: 1\n\n# Тақырып\n\n---\n\nҚалған.", "key: 1\n\nТақырып\n\nҚалған."),
        ("---\nkey: 1\nӨзгерді.\n\n---\n\nҚалған.", "key: 1 Өзгерді.\n\nҚалған."),
    ],
)
def test_a_rule_begins_no_front_matter(text, expected):
    assert parsed(text).text == expected


# --- what is text, and what is not ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("**Қалың**, *көлбеу*, `код`, ~~өшкен~~ сөз.", "Қалың, көлбеу, код, өшкен сөз."),
        ("[Өтініш](https://x.kz/a?b=1 'ескерту') беріңіз.", "Өтініш беріңіз."),
        ("[Өтініш][1] беріңіз.\n\n[1]: https://x.kz/a", "Өтініш беріңіз."),
        ("Сурет: ![үй](data:image/png;base64,iVBORw0KGgo=) осы.", "Сурет: осы."),
        ("Бір.\n\n***\n\nЕкі.\n\n---\n\nҮш.", "Бір.\n\nЕкі.\n\nҮш."),
        ("Бір жолда\nжалғасады.", "Бір жолда жалғасады."),
        ("Көшесі: Абай  \nҮйі: 15", "Көшесі: Абай\n\nҮйі: 15"),
        ("> Дәйексөз.\n> > Ішкі.", "Дәйексөз.\n\nІшкі."),
        ("2 \\* 3 &lt; 7 &amp; т.б.", "2 * 3 < 7 & т.б."),
        ("<!-- ескерту -->\n\nМәтін.<!-- тағы -->", "Мәтін."),
        ("<div><p>Телефон: <b>8&nbsp;7172&nbsp;10</b></p></div>", "Телефон: 8 7172 10"),
        ("<script>жоқ()</script>\n\nМәтін.", "Мәтін."),
        ("cp <файл> <folder> пайдаланыңыз", "cp <файл> <folder> пайдаланыңыз"),
        ("Vec<T> пен x < y", "Vec<T> пен x < y"),
        ("10<sup>6</sup> және м<br>жаңа жол", "10⁶ және м жаңа жол"),
    ],
)
def test_marks_are_no_text(markup, text):
    assert parsed(markup).text == text


@pytest.mark.parametrize(
    "name",
    [
        *("title", "style", "textarea", "iframe", "script", "xmp", "noembed", "plaintext"),
        *("frameset", "table", "svg", "select", "head", "body", "html", "h1", "pre", "math"),
    ],
)
def test_a_tag_that_is_only_named_is_a_word(name):
    markup = f"HTML-де <{name}> тегі бар.\n\n| <{name}> | ә |\n|---|---|\n| 1 | 2 |\n\nЕкінші."
    assert parsed(markup).text == (f"HTML-де <{name}> тегі бар.\n\n<{name}>: 1; ә: 2\n\nЕкінші.")
    assert blocks(markup)[-1] == ("paragraph", 0, "Екінші.")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<script>\n\nЕкі **қалың** <b>ә</b>.", "<script>\n\nЕкі қалың ә."),
        ("<div>\n<plaintext>\n</div>\n\nЕкі.", "<plaintext>\n\nЕкі."),
        ("<!-- ашық\n\nЕкі **қалың**.", "<!-- ашық\n\nЕкі қалың."),
        ("<svg>\n\nЕкі.", "<svg>\n\nЕкі."),
        ("<svg>\n<text>жоқ</text>\n\n</svg>\n\nЕкі.", "Екі."),
        ("<svg>\n\n<svg>\n\n</svg>\n\nЕкі.", "<svg>\n\nЕкі."),
        ("<title>\n\nЕкі.", "<title>\n\nЕкі."),
        ("</html>\n\nЕкі.", "Екі."),
        ("Соңы </html> тегі.\n\nЕкі.", "Соңы </html> тегі.\n\nЕкі."),
        ("<style>\nжоқ\n</style>\n\nЕкі.", "Екі."),
        ("<div align=center>\n\nБір </div>\n\nЕкі.", "Бір\n\nЕкі."),
        ("Бейне: <iframe src=x></iframe> осы.", "Бейне: осы."),
        ("Бұл <details><summary>Сұрақ</summary>жауап</details>", "Бұл\n\nСұрақ\n\nжауап"),
    ],
)
def test_no_tag_ends_the_document(markup, text):
    assert parsed(f"Бір.\n\n{markup}").text == f"Бір.\n\n{text}"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Сөз[^1].\n\n[^1]: Құжат.", "Сөз[^1].\n\n[^1]: Құжат."),
        ("[^1]: https://x.kz/ә", "[^1]: https://x.kz/ә"),
        ("[Телефон]: 55-44-33", "[Телефон]: 55-44-33"),
        ("[Телефон]:\n55-44-33", "[Телефон]: 55-44-33"),
        ("[Мерзімі]: 12/2024", "[Мерзімі]: 12/2024"),
        ("[Сайты]: egov.kz", "[Сайты]: egov.kz"),
        ("[Сайты] осы.\n\n[сайты]: egov.kz", "Сайты осы."),
        ("Бір.\n\n[//]: # (ескерту)", "Бір."),
    ],
)
def test_only_an_address_is_no_text(markup, text):
    assert parsed(markup).text == text


@pytest.mark.parametrize("before", ["", "> ", "- "])
def test_cells_beyond_the_header_are_read(before):
    after = "  " if before == "- " else before
    lines = ["| Қала | Жылы |", "|---|---|", "| Орал | 1613 | **Жайық** | а\\|б |", "| Ақтау |"]
    markup = before + f"\n{after}".join(lines)
    assert parsed(markup).text == "Қала: Орал; Жылы: 1613; Жайық; а|б\nҚала: Ақтау"


def test_code_is_text_and_its_fence_is_not():
    assert blocks("Мысал:\n\n```python\ndef ә():\n\n    return 1\n```\n\n    шегініс\n") == [
        ("paragraph", 0, "Мысал:"),
        ("code", 0, "def ә():\n    return 1"),
        ("code", 0, "шегініс"),
    ]


def test_headings_lists_and_tables_are_told_apart():
    markup = """# Ереже
## Құжаттар
Мыналар керек:
1. өтініш;
2. куәлік:
   - түпнұсқа
   - көшірме

| Санат | Күн | Төлем |
|:--|--:|---|
| Басшы | 30 | толық |
| Студент | | жартылай |
"""
    assert blocks(markup) == [
        ("heading", 1, "Ереже"),
        ("heading", 2, "Құжаттар"),
        ("paragraph", 0, "Мыналар керек:"),
        ("item", 0, "1. өтініш;"),
        ("item", 0, "2. куәлік:"),
        ("item", 1, "- түпнұсқа"),
        ("item", 1, "- көшірме"),
        ("row", 0, "Санат: Басшы; Күн: 30; Төлем: толық"),
        ("row", 0, "Санат: Студент; Төлем: жартылай"),
    ]


def test_a_table_with_a_blank_header_has_labels():
    assert [
        text for *_, text in blocks("| | |\n|---|---|\n| Директор | Ү. Һ. |\n| Хатшы | Ә. І. |")
    ] == [
        "Директор: Ү. Һ.",
        "Хатшы: Ә. І.",
    ]


@settings(deadline=None)
@given(TEXTS)
def test_any_text_gives_blocks_that_lie_in_it(text):
    (one,) = read(text.encode())
    at = 0
    for block in one.blocks:
        assert at <= block.start < block.end <= len(one.text)
        between = one.text[at : block.start]
        assert not between.strip()
        at = block.end
    assert at == len(one.text)


@pytest.mark.parametrize("words", ["қала мен дала", "Ғылым, өнер; үміт (һәм іс)"])
@pytest.mark.parametrize("mark", ["*", "_", "`", "[", "<b>", "| ", "> ", "- "])
def test_words_are_never_lost(words, mark):
    assert words in parsed(f"{mark}{words}").text


def test_a_file_that_is_no_text_is_refused():
    with pytest.raises(CorpusError, match="not utf-8 text"):
        list(read("Қазақ".encode("kz1048")))


@pytest.mark.parametrize(
    "part",
    [
        "*",
        "_",
        "`",
        "[",
        "](",
        "> ",
        "- ",
        "<",
        "&",
        "# ",
        "|",
        "![",
        "**a",
        "<b>",
        "\n\n    ",
        "~~a ",
        "\n\n<script>\n\n",
        "\n\n<svg>\n\n",
        "<title>",
        "\n\n[ә]: ә\n\n",
    ],
)
def test_hostile_marks_take_no_long_time(part):
    # What takes the square of the length is far over the limit at either.
    times, limit = at_length((20_000, 20), (5_000, 5))
    started = time.process_time()
    with contextlib.suppress(CorpusError):  # "nested too deeply"
        list(read((f"ә {part}" * times).encode()))
    assert time.process_time() - started < limit
