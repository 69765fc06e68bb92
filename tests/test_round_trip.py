"""The same text in every format and encoding that is read: the same words, and the same answers.

Each file is written by the library of its format, by pandoc or by LibreOffice, and read as any
other. Documents that are equal but for their name are asked once.
"""

import re
import shutil
import subprocess
from dataclasses import replace
from itertools import chain
from unicodedata import normalize

import pytest
from campaign import at_length
from one_text import ENGLISH, QUESTIONS, RUSSIAN, TEXT, TEXTUAL, file_of, lines, plain
from waiting import PATIENT_SECONDS
from written_files import zipped

from chat.pipeline import answer
from index.embedders.cache import PassageCache
from index.embedders.embedded import embedded_model
from index.indexer import Indexer
from ingest.loader import read_files, read_paths
from ingest.readers import READERS
from ingest.sentence import sentences

pytestmark = [pytest.mark.model, pytest.mark.campaign]

ASKED = at_length(list(QUESTIONS), list(QUESTIONS)[::5])
ABOUT_ROWS = {"Оқушыға билет қанша тұрады?"}


def words(text):
    return " ".join(normalize("NFC", text).split())


def read(path):
    """Return the one document of a file, of which nothing is left out."""
    reading = read_paths([path])
    (one,) = reading.documents
    assert reading.skipped == ()
    return one


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return a folder with the text in each format, as its library writes it."""
    folder = tmp_path_factory.mktemp("written")
    for ending in READERS:
        (folder / f"мәтін{ending}").write_bytes(file_of(ending))
    return folder


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Return what gives the answers of a document by question: the words, and who says them.

    The words are those that answer if they are among what is told; what is told beside them may
    differ, since the reader is shown the title and the headings. The sentence is the one that has
    them, without the mark of an item.
    """
    folder, told = tmp_path_factory.mktemp("answers"), {}
    embedder = PassageCache(embedded_model(), folder)

    def answers_of(document):
        one = replace(document, id="құжат", source="құжат", other_sources=(), pages=())
        if one not in told:
            library = Indexer(folder / str(len(told)), load=lambda _: embedder)
            library.put([one])
            retriever = library.open()
            told[one] = {asked: told_of(asked, answer(asked, retriever)) for asked in ASKED}
        return told[one]

    return answers_of


def told_of(question, answered):
    short = words(answered.short_answer)
    if answered.abstained:
        return short, ""
    citation = answered.citations[0]
    at = citation.answer.start - citation.start
    (cited,) = (citation.quote[a:b] for a, b in sentences(citation.quote) if a <= at < b)
    right = QUESTIONS[question]
    return right if right in short else short, re.sub(r"^[-•] ", "", words(cited))


@pytest.fixture(scope="module")
def expected(written, answers):
    """Return the answers of the plain text."""
    return answers(read(written / "мәтін.txt"))


def test_the_text_has_each_kazakh_letter_and_is_answered_right(expected):
    assert set("әғқңөұүһіӘҒҚҢӨҰҮҺІ") <= set(plain(TEXT))
    assert {question: told for question, (told, _) in expected.items()} == {
        question: QUESTIONS[question] for question in ASKED
    }


@pytest.mark.parametrize("ending", sorted(READERS))
def test_each_format_has_the_same_words_and_answers(ending, written, answers, expected):
    document = read(written / f"мәтін{ending}")
    assert words(document.text) == words(plain(TEXT))
    assert answers(document) == expected


def test_formats_with_headings_lists_and_tables_have_the_same_ones(written):
    rich = [".docx", ".epub", ".html", ".md", ".odt", ".pptx", ".rtf"]
    found = [read(written / f"мәтін{ending}") for ending in rich]
    assert {(one.text, one.blocks, one.title, one.language) for one in found} == {
        (found[0].text, found[0].blocks, "Көкжар өлкетану музейі", "kk")
    }
    kinds = [kind for kind, content in TEXT if content != ["Келуші", "Бағасы", "Уақыты"]]
    assert [block.kind for block in found[0].blocks] == kinds


@pytest.mark.parametrize("form", ["NFD", "CRLF"])
def test_other_ways_to_write_letters_and_lines_change_no_answer(tmp_path, form, answers, expected):
    text = plain(TEXT)
    changed = text.replace("\n", "\r\n") if form == "CRLF" else normalize(form, text)
    (tmp_path / "ә.txt").write_bytes(changed.encode())
    assert changed != text
    assert answers(read(tmp_path / "ә.txt")) == expected


def test_an_archive_of_all_formats_is_read_as_its_files_are(tmp_path, written):
    files = {path.name: path.read_bytes() for path in written.iterdir()}
    (tmp_path / "ә.zip").write_bytes(zipped(files))
    unpacked, packed = read_paths([written]), read_paths([tmp_path / "ә.zip"])
    assert packed.skipped == unpacked.skipped == ()
    assert sum(len(one.sources) for one in packed.documents) == len(READERS)
    assert {(one.text, one.blocks, one.title) for one in packed.documents} == {
        (one.text, one.blocks, one.title) for one in unpacked.documents
    }


# --- encodings ------------------------------------------------------------------------------------


def in_unicode(text):
    for codec in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        yield codec, text.encode(codec)
        yield f"{codec} with a mark", f"\ufeff{text}".encode(codec)


def in_kazakh_pages(text):
    """Yield a text in the code pages of Kazakh, and as UTF-8 by programs that do not know them."""
    for codec in ("kz1048", "ptcp154"):
        yield codec, text.encode(codec)
        yield f"{codec} misread", text.encode(codec).decode("cp1251").encode()


def in_russian_pages(text):
    for codec in ("cp1251", "kz1048", "ptcp154", "koi8-r", "koi8-u", "cp866", "mac-cyrillic"):
        yield codec, text.encode(codec)


@pytest.mark.parametrize("ending", sorted(TEXTUAL))
@pytest.mark.parametrize(
    ("blocks", "encodings"),
    [
        (TEXT, [in_unicode, in_kazakh_pages]),
        (RUSSIAN, [in_unicode, in_russian_pages]),
        (ENGLISH, [in_unicode]),
    ],
    ids=["three languages", "Russian", "English"],
)
def test_each_encoding_gives_the_same_document(tmp_path, ending, blocks, encodings):
    """What is the same document has the same answers."""
    text = TEXTUAL[ending](blocks)
    if ending == ".jsonl":
        # The ends of its lines are \n before the next word: no code page is told from such words.
        encodings = [in_unicode]
    files = dict(chain.from_iterable(each(text) for each in encodings))
    for name, data in files.items():
        (tmp_path / f"{name}{ending}").write_bytes(data)
    found = [reading.documents for reading in read_files([tmp_path])]
    assert len(found) == len(files)
    assert {(one.text, one.blocks, one.title, one.language) for (one,) in found} == {
        (found[0][0].text, found[0][0].blocks, found[0][0].title, found[0][0].language)
    }
    assert words(found[0][0].text) == words(plain(blocks))


# --- other programs -------------------------------------------------------------------------------

POINTS = {"paragraph": "- "}
PRINTED = {"mark": "• ", "between": " "}
BARE = {"mark": ""}
UNNAMED = {"between": "; "}


def check(path, shown, answers, expected):
    """Check that a file has the same words, but for how it shows them, and the same answers."""
    document = read(path)
    assert words(document.text) == words(" ".join(lines(TEXT, **shown)))
    told = answers(document)
    asked = set(expected) - (ABOUT_ROWS if "between" in shown else set())
    assert {each: told[each] for each in asked} == {each: expected[each] for each in asked}


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="pandoc is not installed")
@pytest.mark.parametrize(
    ("ending", "shown"),
    [
        (".html", {}),
        (".docx", {}),
        (".odt", {}),
        (".epub", {}),
        (".rtf", {}),
        (".md", {}),
        (".pptx", POINTS),  # all that a slide says is in its list of points
    ],
)
def test_what_pandoc_writes_is_answered_the_same(
    tmp_path, written, ending, shown, answers, expected
):
    target = tmp_path / f"ә{ending}"
    command = ["pandoc", "-s", written / "мәтін.md", "-o", target, "-M", f"pagetitle={TEXT[0][1]}"]
    command += ["-t", "gfm"] if ending == ".md" else []
    subprocess.run(command, check=True, timeout=PATIENT_SECONDS, capture_output=True)
    check(target, shown, answers, expected)


CONVERSIONS = [
    (".docx", ".docx", {}),
    (".docx", ".odt", {}),
    (".docx", ".rtf", {}),
    (".docx", ".html", {}),
    (".docx", ".epub", BARE),  # headings and lists are paragraphs there
    (".docx", ".pdf", PRINTED),
    (".docx", ".txt", PRINTED),
    (".html", ".odt", {}),
    (".pptx", ".pptx", {}),
    (".pptx", ".pdf", PRINTED),
    (".xlsx", ".xlsx", {}),
    (".xlsx", ".csv", {}),
    (".xlsx", ".html", UNNAMED),  # the whole sheet is one table: its first row names nothing
]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(("source", "ending", "shown"), at_length(CONVERSIONS, CONVERSIONS[1::4]))
def test_what_libreoffice_writes_is_answered_the_same(
    tmp_path, written, source, ending, shown, answers, expected
):
    kind = {".csv": "csv:Text - txt - csv (StarCalc):44,34,76", ".txt": "txt:Text (encoded):UTF8"}
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", kind.get(ending, ending[1:]), "--outdir", tmp_path / "out"]
    subprocess.run(
        [*command, written / f"мәтін{source}"],
        check=True,
        timeout=PATIENT_SECONDS,
        capture_output=True,
    )
    # A short line of a slide that is printed may be a heading, and one that begins with a figure
    # does not say that it goes on: «Мұнда» stands apart from «12 400 жәдігер сақтаулы.»
    wrapped = {"Музейде қанша жәдігер сақтаулы?"} if (source, ending) == (".pptx", ".pdf") else ()
    asked = {each: told for each, told in expected.items() if each not in wrapped}
    check(tmp_path / "out" / f"мәтін{ending}", shown, answers, asked)
