"""Tests of ingest/chunker.py: documents whose reader told their blocks apart."""

import unicodedata
from dataclasses import replace

import pytest
from fakes import document

from ingest.chunker import Chunking, in_context, split
from ingest.readers.markdown import read as read_markdown
from ingest.readers.table import read as read_table


def words(text):
    return len(text.split())


def of_markdown(text, limit=256):
    """Return the document that a Markdown text is read as, and its chunks: heading, sentences."""
    (parsed,) = read_markdown(text.encode())
    whole = replace(document(parsed.text, title=parsed.title), blocks=parsed.blocks)
    chunks = split(whole, words, Chunking(max_tokens=limit))
    for chunk in chunks:
        assert words(in_context(whole, chunk)) <= limit or chunk.end - chunk.start == 1
        assert chunk.start == chunk.sentences[0][0]
        assert chunk.end == chunk.sentences[-1][1]
    return [
        (chunk.heading, [whole.text[start:end] for start, end in chunk.sentences])
        for chunk in chunks
    ]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_chunk_knows_the_path_of_its_headings(form):
    text = unicodedata.normalize(
        form,
        "# Ереже\n\nКіріспе.\n\n## Демалыс\n\nБірінші.\n\n### Қалай алады?\n\nЕкінші.\n\n"
        "## Еңбек\n\nҮшінші.\n\n# Қосымша\n\nСоңы.",
    )
    expected = [
        ("", ["Кіріспе."]),  # the title is said once
        ("Демалыс", ["Бірінші."]),
        ("Демалыс › Қалай алады?", ["Екінші."]),
        ("Еңбек", ["Үшінші."]),
        ("Қосымша", ["Соңы."]),
    ]
    assert of_markdown(text) == [
        (
            unicodedata.normalize(form, heading),
            [unicodedata.normalize(form, each) for each in found],
        )
        for heading, found in expected
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Бір\n## Екі\n\nМәтін.", [("", ["Бір"]), ("Екі", ["Мәтін."])]),
        ("## Бір\n### Екі\n\nМәтін.", [("Екі", ["Мәтін."])]),  # «Бір» is the title
        ("# А\n## Бір\n### Екі\n# Ә", [("Бір", ["Екі"]), ("", ["Ә"])]),
        ("# Бір", [("", ["Бір"])]),
    ],
)
def test_a_heading_with_nothing_below_it_is_a_sentence(text, expected):
    assert of_markdown(text) == expected


def test_a_long_path_loses_its_outer_headings_first():
    names = [f"{word} {'ә' * 60}" for word in ("Бірінші", "Екінші", "Үшінші")]
    text = "".join(f"{'#' * level} {name}\n\n" for level, name in enumerate(names, start=2))
    [(heading, _)] = of_markdown(f"# Тақырып\n\n{text}Мәтін.")
    assert heading == names[2]
    [(heading, _)] = of_markdown(f"# Тақырып\n\n## Б\n\n### {'ә' * 200}\n\nМәтін.")
    assert heading == "ә" * 120


def test_the_items_of_a_list_know_what_announces_them():
    items = "".join(f"- бірінші, екінші және үшінші {number}\n" for number in range(6))
    text = f"# Тақырып\n\n## Құжаттар\n\nБасы.\n\nМақсаттар мыналар:\n\n{items}\nСоңы."
    chunks = of_markdown(text, 24)
    assert chunks[0] == ("Құжаттар", ["Басы."])
    assert chunks[1][0] == "Құжаттар"
    assert chunks[1][1][:2] == ["Мақсаттар мыналар:", "- бірінші, екінші және үшінші 0"]
    assert {heading for heading, _ in chunks[2:-1]} == {"Құжаттар › Мақсаттар мыналар:"}
    assert sum(len(found) for _, found in chunks[1:-1]) == 7
    assert chunks[-1] == ("Құжаттар", ["Соңы."])


def test_a_row_and_code_are_one_sentence_each():
    text = (
        "| Аты | Туған жылы | Сөзі |\n|--|--|--|\n| Ә. Қ. | 1950 ж. | Иә. Жоқ! |\n\n"
        "```\nа = 1\nә = 2\n```"
    )
    assert of_markdown(text) == [
        ("", ["Аты: Ә. Қ.; Туған жылы: 1950 ж.; Сөзі: Иә. Жоқ!", "а = 1\nә = 2"])
    ]


def test_a_long_row_is_cut_into_its_sentences():
    prose = "Бұл сөйлемде дәл алты сөз бар. " * 20
    [(_, found)] = of_markdown(f"| Аты | Сөзі | Жылы |\n|--|--|--|\n| Ә | {prose} | 5 |")
    assert len(found) == 20


def test_a_record_is_a_chunk():
    (parsed,) = read_table("Өзен;Ұзындығы\nЖайық;2428\nЕртіс;4248\n".encode())
    whole = replace(document(parsed.text), blocks=parsed.blocks)
    chunks = split(whole, words, Chunking())
    assert [whole.text[chunk.start : chunk.end] for chunk in chunks] == [
        "Өзен: Жайық; Ұзындығы: 2428",
        "Өзен: Ертіс; Ұзындығы: 4248",
    ]


def test_paragraphs_are_never_joined():
    text = "# Бар\n\nДемалыс тәртібі\n\nбірінші жол\n\nекінші жол бар."
    assert of_markdown(text) == [("", ["Демалыс тәртібі", "бірінші жол", "екінші жол бар."])]


def test_where_no_heading_is_marked_a_short_paragraph_may_be_one_and_can_be_quoted():
    text = (
        "Демалыс тәртібі\n\nҚызметкерге 24 күн беріледі.\n\nӨтініш\n\nОл екі апта бұрын беріледі."
    )
    assert of_markdown(text) == [
        ("Демалыс тәртібі", ["Демалыс тәртібі", "Қызметкерге 24 күн беріледі."]),
        ("Өтініш", ["Өтініш", "Ол екі апта бұрын беріледі."]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Директоры: Қ. Ә.\n\nТелефоны 55-44-33, бөлме 7.",
        "Мақсаттары мыналар:\n\nБірінші мақсат – ғылым.",
        "Бірінші сөйлем осы.\n\nЕкінші сөйлем осындай.",
        "Ұзақ жол, соңы жоқ\n\nқысқа.",
        "Ә. Қ.\n\nІ. Ү. Һ.\n\nҚ",
    ],
)
def test_what_is_no_heading_where_none_is_marked(text):
    assert {heading for heading, _ in of_markdown(text)} == {""}


PART = "Жалға беруші үй-жайды шарт жасалған күннен бастап он күнтізбелік күн ішінде өткізеді, "
CLAUSE = f"2.1. {PART * 2}ал жалдаушы оны қабылдайды және ақысын төлейді"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # what no path has room for
        (f"# Шарт\n\n## {CLAUSE}\n\nСоңы.", [(CLAUSE[:120], [CLAUSE, "Соңы."])]),
        (f"# {CLAUSE}\n\nСоңы.", [("", [CLAUSE, "Соңы."])]),
        (
            f"# Шарт\n\n## {CLAUSE}\n\n### Мерзімі\n\nСоңы.",
            [("Мерзімі", [CLAUSE, "Соңы."])],
        ),
        (f"# Шарт\n\n## {CLAUSE}\n\n### Мерзімі", [(CLAUSE[:120], [CLAUSE, "Мерзімі"])]),
        (f"# Шарт\n\n## {CLAUSE}\n\n- бір\n- екі", [(CLAUSE[:120], [CLAUSE, "- бір", "- екі"])]),
        # what tells something by itself
        (
            "# Шарт\n\n## Мекенжай: Абай 5\n\n### Кабинет 7\n\nСоңы.",
            [("Мекенжай: Абай 5 › Кабинет 7", ["Мекенжай: Абай 5", "Соңы."])],
        ),
        (
            "# Шарт\n\n## Мекенжай: Абай 5\n\n### Кабинет 7",
            [("Мекенжай: Абай 5", ["Мекенжай: Абай 5", "Кабинет 7"])],
        ),
        (
            "# Шарт\n\n## Ақысы ай сайын төленеді.\n\nСоңы.",
            [("Ақысы ай сайын төленеді.", ["Ақысы ай сайын төленеді.", "Соңы."])],
        ),
        # what stands above nothing that has a letter
        (
            "# Шарт\n\n## Жалдаушы\n\n____\n\n## Қолы\n\n____\n\n## Соңы\n\nМәтін.",
            [("", ["Жалдаушы"]), ("", ["Қолы"]), ("Соңы", ["Мәтін."])],
        ),
        ("# Шарт\n\n## Жалдаушы\n\n### Қолы\n\n____", [("Жалдаушы", ["Қолы"])]),
        ("# Шарт\n\n## Жалдаушы\n\n«___».\n\n- ___", [("", ["Жалдаушы"])]),
    ],
)  # fmt: skip
def test_no_heading_is_lost(text, expected):
    assert of_markdown(text) == expected


def test_a_long_heading_above_a_list_does_not_announce_it():
    items = "".join(f"- бірінші, екінші және үшінші {number}\n" for number in range(6))
    chunks = of_markdown(f"# Шарт\n\n## {CLAUSE}\n\nМынадай:\n\n{items}", 52)
    assert chunks[0] == (CLAUSE[:120], [CLAUSE])
    assert chunks[1][1][:2] == ["Мынадай:", "- бірінші, екінші және үшінші 0"]
    assert {heading for heading, _ in chunks[1:]} == {"Мынадай:"}
