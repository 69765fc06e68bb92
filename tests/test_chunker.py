"""Tests of ingest/chunker.py: the promises of every chunk of every text, headings and context."""

import base64
import random
import time
import unicodedata
from dataclasses import replace

import pytest
from campaign import at_length
from fakes import document
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunker import Chunking, in_context, split
from ingest.document import Block
from ingest.loader import read_shipped
from ingest.sentence import sentences

PIECES = st.sampled_from(
    [
        *("қазақ тілі", "Сөйлем бітті.", "Ол 1994 ж. келді!", "Ә. Бөкейхан", "ұ" * 90, "English."),
        *("\n", "\n\n", "\r\n", " ", "\t", "\u00a0", "\u2028", "\x0c", "   \n"),
        *("# Тақырып", "## C#", "#", "***", "---", "- тармақ", "1. бір", "|ә|б|", "Бөлім", "т.б."),
        *("; ", ", ", "…", "«Иә»", "а\u0301", "й", "😀", "\u200b"),
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=50).map("".join)
LIMITS = st.integers(1, 40)
ENCODED = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def words(text):
    return len(text.split())


def chunked(text, limit=256, title=""):
    return split(document(text, title=title), words, Chunking(max_tokens=limit))


def visible(text, spans):
    return [at for span in spans for at in range(*span) if not text[at].isspace()]


def check_promises(text, limit, title=""):
    """Check all that a list of chunks promises, whatever the text; return it."""
    whole = document(text, title=title)
    chunks = split(whole, words, Chunking(max_tokens=limit))
    for chunk in chunks:
        assert chunk.document_id == whole.id
        assert chunk.id == f"{whole.id}:{chunk.start}-{chunk.end}"
        assert chunk.start == chunk.sentences[0][0]
        assert chunk.end == chunk.sentences[-1][1]
        assert text[chunk.start : chunk.end] == text[chunk.start : chunk.end].strip()
        fits = words(in_context(whole, chunk)) <= limit
        assert fits or chunk.end - chunk.start == 1
    spans = [span for chunk in chunks for span in chunk.sentences]
    assert all(start < end for start, end in spans)
    covered = visible(text, spans)
    inside = set(covered)
    assert covered == sorted(inside)  # in order, and nothing twice
    headings = "\n".join({chunk.heading for chunk in chunks})
    for start, end in sentences(text):
        if not inside.issuperset(visible(text, [(start, end)])):
            # A sentence that is in no chunk is the heading of one, or has no words.
            sentence = text[start:end]
            assert sentence.strip("# \t") in headings or not any(map(str.isalnum, sentence))
    return chunks


# --- any text -------------------------------------------------------------------------------------


@settings(deadline=None)
@given(TEXTS, LIMITS)
def test_any_text_keeps_the_promises(text, limit):
    check_promises(text, limit)


@settings(deadline=None)
@given(st.text(), LIMITS)
def test_any_characters_keep_the_promises(text, limit):
    check_promises(text, limit)


@settings(deadline=None)
@given(TEXTS, st.integers(8, 40))
def test_any_text_below_a_title_keeps_the_promises(text, limit):
    check_promises(text, limit, title="Үш сөзден аспайды")


@settings(deadline=None)
@given(TEXTS, st.integers(4, 40))
def test_a_sentence_that_fits_is_never_cut(text, limit):
    whole = sentences(text)
    for chunk in chunked(text, limit):
        for start, end in whole:
            if words(chunk.heading) + words(text[start:end]) <= limit and end - start <= 16 * limit:
                assert not any(start < cut < end for cut in (chunk.start, chunk.end))
                assert not any(start < cut < end for span in chunk.sentences for cut in span)


@pytest.mark.parametrize("limit", [4, 8, 16, 64, 256, 10_000])
@pytest.mark.parametrize("shipped", read_shipped().documents, ids=lambda document: document.id)
def test_the_shipped_documents_keep_the_promises(shipped, limit):
    check_promises(shipped.text, limit)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("shipped", read_shipped().documents, ids=lambda document: document.id)
def test_no_sentence_of_the_shipped_documents_is_cut(shipped, form):
    text = unicodedata.normalize(form, shipped.text)
    chunks = check_promises(text, 256, title=shipped.title)
    headings = {chunk.heading for chunk in chunks} - {""}
    whole = [span for chunk in chunks for span in chunk.sentences]
    assert whole == [span for span in sentences(text) if text[slice(*span)] not in headings]


def test_the_chunks_of_the_shipped_documents_are_as_expected():
    kazakh, english = (
        split(document, words, Chunking(max_tokens=120)) for document in read_shipped().documents
    )
    assert {chunk.language for chunk in kazakh} == {"kk"}
    assert {chunk.language for chunk in english} == {"en"}
    assert {chunk.heading for chunk in kazakh} == {""}
    assert english[0].heading == "Main vectors of Kazakhstan's foreign policy"
    assert min(len(chunk.sentences) for chunk in kazakh + english) >= 1
    assert max(len(chunk.sentences) for chunk in kazakh + english) <= 120


# --- the limit ------------------------------------------------------------------------------------

SENTENCE = "Бұл сөйлемде дәл алты сөз бар."  # 6 words


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(6, [1] * 10), (11, [1] * 10), (12, [2] * 5), (18, [3, 3, 3, 1]), (59, [9, 1]), (60, [10])],
)
def test_sentences_are_packed_up_to_the_limit(limit, expected):
    chunks = chunked(" ".join([SENTENCE] * 10), limit)
    assert [len(chunk.sentences) for chunk in chunks] == expected


@pytest.mark.parametrize(("limit", "expected"), [(8, 1), (9, 1), (14, 2), (15, 2)])
def test_title_and_heading_count_towards_the_limit(limit, expected):
    text = "Тақырып\n\n" + " ".join([SENTENCE] * 4)
    chunks = check_promises(text, limit, title="Құжат")
    assert {len(chunk.sentences) for chunk in chunks} == {expected}


def test_a_paragraph_ends_a_chunk_that_is_a_quarter_full():
    text = "\n\n".join([SENTENCE] * 6)
    assert [len(chunk.sentences) for chunk in chunked(text, 24)] == [1] * 6
    assert [len(chunk.sentences) for chunk in chunked(text, 25)] == [2] * 3


@pytest.mark.parametrize("mark", ["-", "–", "•", "*", "1.", "2)"])
def test_list_items_stay_together(mark):
    text = "Мақсаттар мыналар:\n" + "".join(f"{mark} бірінші, екінші және үшінші\n" for _ in "әғқ")
    (chunk,) = chunked(text, 30)
    assert len(chunk.sentences) == 4


@pytest.mark.parametrize("limit", [5, 40])
@pytest.mark.parametrize("separator", [" ", ", ", "; ", "\n", "  \t "])
def test_a_sentence_over_the_limit_is_cut_between_words(limit, separator):
    text = separator.join(f"ұзақ{number}" for number in range(500))
    chunks = check_promises(text, limit)
    assert len(chunks) >= 500 / limit
    pieces = [text[start:end] for chunk in chunks for start, end in chunk.sentences]
    assert " ".join(pieces).split() == text.split()


MANY = at_length(1_000_000, 200_000)


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("қ" * MANY, MANY / (16 * 64)),
        ("а" + " " * 100_000 + "ә", 1),
        (" " * 1_000_000, 0),
        ("қазақ " * 20_000, 20_000 / 64),
        ("ә; " * 20_000, 20_000 / 64),
        (". " * 20_000, 20_000 / 64),
        ("# " * 20_000, 20_000 / 64),
        ("Тақырып\n\n" * 2_000, 1_999),
        ("- ә\n" * 10_000, 10_000 / 64),
        ("ұ\u0301" * 50_000, 100_000 / (16 * 64)),
    ],
    ids=["word", "gap", "blank", "words", "parts", "stops", "signs", "headings", "list", "accents"],
)
def test_odd_long_texts_are_cut_in_time(text, least):
    started = time.process_time()
    chunks = check_promises(text, 64)
    assert len(chunks) >= least
    assert time.process_time() - started < 10


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "\u00a0\t\r\n"])
def test_nothing_gives_no_chunks(text):
    assert chunked(text) == []


# --- headings -------------------------------------------------------------------------------------

BODY = "Мұнда мәтін бар. Ол қысқа."


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("# Сыртқы саясат", "Сыртқы саясат"),
        ("###### Сыртқы саясат ##", "Сыртқы саясат"),
        ("## C# тілі", "C# тілі"),
        ("## C#", "C#"),
        ("Сыртқы саясат", "Сыртқы саясат"),
        ("ҚАЗАҚСТАН ЖӘНЕ ӘЛЕМ", "ҚАЗАҚСТАН ЖӘНЕ ӘЛЕМ"),
        ("IV тарау", "IV тарау"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_heading_starts_a_chunk_and_is_kept(line, heading, form, end):
    text = f"{BODY}{end}{end}{line}{end}{end}{BODY}{end}"
    text, heading = unicodedata.normalize(form, text), unicodedata.normalize(form, heading)
    first, second = check_promises(text, 256)
    assert (first.heading, second.heading) == ("", heading)
    assert text[second.start : second.end] == BODY


@pytest.mark.parametrize(
    "line",
    [
        "Бұл – нүктемен біткен сөйлем.",
        "Бұл сұрақ па?",
        "Мақсаттары:",
        "«Дәйексөз»",
        "- тізім тармағы",
        "1. тізім тармағы",
        "қ" * 121,
    ],
)
def test_what_is_no_heading_is_text(line):
    (chunk,) = chunked(f"{BODY}\n\n{line}\n\n{BODY}\n")
    assert chunk.heading == ""
    assert len(chunk.sentences) == 5


def test_a_line_that_does_not_stand_alone_is_no_heading():
    assert {chunk.heading for chunk in chunked(f"Сыртқы саясат\n{BODY}\n\nСоңы\n")} == {""}


def test_the_nearest_heading_is_kept():
    text = f"# Бір\n\n{BODY}\n\n## Екі\n{BODY}\n\nҮш\n\n{BODY}"
    assert [chunk.heading for chunk in chunked(text)] == ["Бір", "Екі", "Үш"]


def test_a_heading_with_nothing_below_it_is_text():
    text = f"# Бір\n\n# Екі\n\n{BODY}\n\n# Үш\n"
    chunks = check_promises(text, 256)
    assert [(chunk.heading, text[chunk.start : chunk.end]) for chunk in chunks] == [
        ("", "# Бір"),
        ("Екі", BODY),
        ("", "# Үш"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Бір", [("", "# Бір")]),
        ("# Бір\n# Екі\n# Үш", [("", "# Бір"), ("", "# Екі"), ("", "# Үш")]),
        ("Бір\n\nЕкі\n\nҮш\n", [("", "Бір"), ("Екі", "Үш")]),  # the last has nothing after it
        ("#", [("", "#")]),
        ("# #", [("", "# #")]),
        ("# #\n\n# Бір", [("", "# Бір")]),
    ],
)
def test_a_text_of_headings_alone_gives_chunks(text, expected):
    chunks = check_promises(text, 256)
    assert [(chunk.heading, text[chunk.start : chunk.end]) for chunk in chunks] == expected


@pytest.mark.parametrize("below", ["____", "***\n\n____", ENCODED])
def test_a_heading_above_what_says_nothing_is_text(below):
    text = f"## Жалдаушы: «Дала» ЖШС\n\n{below}\n\n## Екі\n\n{BODY}"
    chunks = chunked(text)
    assert [(chunk.heading, text[chunk.start : chunk.end]) for chunk in chunks] == [
        ("", "## Жалдаушы: «Дала» ЖШС"),
        ("Екі", BODY),
    ]


# --- in context -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "line", "context"),
    [
        ("", "", ""),
        ("Құжат", "", "Құжат\n"),
        ("", "# Бөлім\n", "Бөлім\n"),
        ("Құжат", "# Бөлім\n", "Құжат\nБөлім\n"),
        ("Бөлім", "# Бөлім\n", "Бөлім\n"),
        ("ұ" * 500, "# Бөлім\n", "ұ" * 120 + "\nБөлім\n"),
    ],
)
def test_a_chunk_is_indexed_below_title_and_heading_once(title, line, context):
    whole = document(f"{line}{BODY}", title=title)
    (chunk,) = split(whole, words, Chunking())
    assert in_context(whole, chunk) == context + BODY


def test_a_chunk_knows_in_which_other_languages_its_sentences_are():
    english = "Visitors may take photographs in the main hall. " * 3
    kazakh, russian = "Мұражайға дүйсенбіде кіруге болмайды. ", "Вход для детей бесплатный. "
    text = english + kazakh + "Абай Құнанбаев. " + russian + "Сайт: https://museum.example/kk."
    [chunk] = split(document(text, language="en"), words, Chunking(200))
    assert (chunk.language, chunk.other_languages) == ("en", ("kk", "ru"))
    [chunk] = split(document(english, language="en"), words, Chunking(200))
    assert chunk.other_languages == ()


def test_a_short_chunk_has_the_language_of_its_document():
    (chunk,) = chunked("NATO, IBM, BMW.")
    assert chunk.language == "kk"
    mixed = f"{'Бұл – қазақша сөйлем. ' * 20}\n\n# English\n{'This is English. ' * 20}"
    assert [chunk.language for chunk in chunked(mixed, 100)] == ["kk", "en"]


@pytest.mark.parametrize("rule", ["---", "* * *", "=====", "|---|:-:|", "…", "```", "•", "— — —"])
def test_a_rule_is_no_sentence(rule):
    text = f"Бірінші сөйлем осы.\n\n{rule}\n\nЕкінші сөйлем осы."
    found = [text[slice(*span)] for chunk in check_promises(text, 256) for span in chunk.sentences]
    assert found == ["Бірінші сөйлем осы.", "Екінші сөйлем осы."]
    [alone] = check_promises(rule, 256)
    assert rule[alone.start : alone.end] == rule


# --- encoded data ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Сурет мынау: {ENCODED} осы.", ["Сурет мынау:", "осы."]),
        (f"Бір сөйлем. {ENCODED}\nЕкі сөйлем.", ["Бір сөйлем.", "Екі сөйлем."]),
        (f"(data:image/png;base64,{ENCODED}) Мәтін.", ["Мәтін."]),
        (ENCODED, []),
        (f"{ENCODED}\n" * 3 + "Соңы.", ["Соңы."]),
        (f"https://ө.kz {ENCODED} Соңы.", ["https://ө.kz", "Соңы."]),
    ],
)
def test_encoded_data_is_in_no_chunk(text, expected):
    for whole in (document(text), replace(document(text), blocks=(Block(0, len(text), "code"),))):
        chunks = split(whole, words, Chunking())
        found = [text[start:end] for chunk in chunks for start, end in chunk.sentences]
        assert [each.lstrip(") ") for each in found] == expected
        assert not any(ENCODED[:40] in text[chunk.start : chunk.end] for chunk in chunks)


SHARED = "d/1AbCDefGH2ijKLmNoPQ3rStUVwXyZ4aBcDEfGhIJ5kLmNoPqRsTUv6WxYz/edit"


@pytest.mark.parametrize(
    "word",
    [
        f"https://docs.google.com/document/{SHARED}?usp=sharing",
        f"docs.google.com/spreadsheets/{SHARED}",
        f"(https://drive.google.com/file/{SHARED}#gid=0)",
        f"www.өзен.kz/{SHARED}/{SHARED}",
        "қ" * 100,
        "a" * 100,
        "0123456789abcdef" * 8,
        "https://example.kz/kaz/docs/kazakstan-respublikasynyn-konstitutsiyasy-turaly-zan-2024-05-01",
        "A" * 100,
        "=" * 100,
    ],
)
def test_other_long_words_are_no_encoded_data(word):
    (chunk,) = chunked(f"Мынау: {word} осы.")
    assert word in f"Мынау: {word} осы."[chunk.start : chunk.end]


def test_a_megabyte_of_encoded_data_is_cut_in_time():
    data = base64.b64encode(random.Random(7).randbytes(750_000)).decode()
    text = f"Басы. {data} Соңы."
    started = time.process_time()
    assert [text[chunk.start : chunk.end] for chunk in chunked(text)] == ["Басы.", "Соңы."]
    assert time.process_time() - started < 3
