"""Tests of chat/web/document_list.py: which documents are listed, and what is said of each."""

import os
from html.parser import HTMLParser
from unicodedata import normalize
from urllib.parse import parse_qs, urlsplit

import pytest
from fakes import HashEmbedder, document
from written_files import docx, zipped

from chat.web import document_list
from chat.web.document_list import documents_html
from chat.web.i18n import Translations
from index.indexer import Indexer
from index.sync import index_files

KAZAKH, ENGLISH, RUSSIAN = map(Translations, ("kk", "en", "ru"))


class Table(HTMLParser):
    """The cells of a table, row by row, and the links in it."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.links = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "a":
            self.links.append(dict(attributes)["href"])

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip("\n")


def retriever_of(folder, *documents):
    indexer = Indexer(folder / "home", load=HashEmbedder)
    indexer.put(documents)
    return indexer.open()


def ids(html):
    return [parse_qs(urlsplit(link).query)["id"][0] for link in Table(html).links]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_documents_are_found_by_title_and_id(tmp_path, form):
    named = [document("Жыл.", "өзен-1", title="Ұлы <b>дала</b>"), document("Sea.", "sea", "en")]
    retriever = retriever_of(tmp_path, *named)
    for wanted, expected in (("", [0, 1]), ("ҰЛЫ өз", [0]), ("SEA", [1]), ("sea дала", [])):
        html = documents_html(retriever, KAZAKH, search=normalize(form, wanted))
        assert ids(html) == [named[place].id for place in expected]


def test_a_long_list_says_how_many_more_there_are(tmp_path, monkeypatch):
    retriever = retriever_of(tmp_path, *(document(f"Ғ{n}.", f"құжат-{n}") for n in range(5)))
    for listed, more in ((3, 2), (5, 0), (6, 0)):
        monkeypatch.setattr(document_list, "MAX_LISTED", listed)
        html = documents_html(retriever, KAZAKH)
        assert len(ids(html)) == min(listed, 5)
        assert (KAZAKH.count("more_documents", more) in html) == (more > 0)


@pytest.mark.parametrize(
    ("i18n", "told"),
    [
        (KAZAKH, ["қазақ", "2 абзац", "25 таңба", "Түгел оқылған"]),
        (ENGLISH, ["Kazakh", "2 paragraphs", "25 characters", "Read in full"]),
        (RUSSIAN, ["казахский", "2 абзаца", "25 знаков", "Прочитан полностью"]),
    ],
)
def test_a_row_tells_language_length_size_age_and_state(tmp_path, i18n, told):
    retriever = retriever_of(tmp_path, document("Үкі ұшты.\n\nҚозы өрісте.\n\n", "үкі.txt"))
    [_, row] = Table(documents_html(retriever, i18n)).rows
    name, *cells, added, state = row
    assert name == "үкі.txt"
    assert [*cells, state] == told
    assert added == i18n.date(retriever.added_at("үкі.txt"))


def test_a_row_tells_what_has_become_of_the_file_since(tmp_path):
    folder = tmp_path / "қалта"
    folder.mkdir()
    for name in ("сол.txt", "өзгерді.txt", "кетті.txt"):
        (folder / name).write_text(f"Мәтін: {name}", "utf-8")
    partly = {"ә.docx": docx(["Оқылған мәтін."]), "сурет.png": b"x"}
    (folder / "мұрағат.zip").write_bytes(zipped(partly))
    _settle(folder)
    indexer = Indexer(tmp_path / "home", load=HashEmbedder)
    index_files(indexer, [folder])
    (folder / "өзгерді.txt").write_text("Басқа мәтін.", "utf-8")
    (folder / "кетті.txt").unlink()
    rows = Table(documents_html(indexer.open(), KAZAKH)).rows[1:]
    states = {row[0]: row[-1] for row in rows}
    assert states == {
        "сол.txt": KAZAKH.text("state_whole"),
        "өзгерді.txt": KAZAKH.text("state_changed"),
        "кетті.txt": KAZAKH.text("state_gone"),
        # What of an archive was not read is no part of the document that was.
        "мұрағат.zip/ә.docx": KAZAKH.text("state_whole"),
    }


def _settle(folder):
    """Make files so old that a change shows in their times."""
    for path in folder.iterdir():
        os.utime(path, ns=(1_700_000_000_000_000_001, 1_700_000_000_000_000_001))


def test_what_was_told_of_a_file_stays_with_its_document(tmp_path):
    folder = tmp_path / "қалта"
    folder.mkdir()
    text = "Қазақстан Республикасының Үкіметі ғылымды қолдайды, өңірлерде һәм ауылда мектеп ашты. "
    (folder / "ескі.txt").write_bytes((text * 3).encode("kz1048"))
    indexer = Indexer(tmp_path / "home", load=HashEmbedder)
    index_files(indexer, [folder])
    [_, row] = Table(documents_html(indexer.open(), ENGLISH)).rows
    assert row[-1].startswith("Read in full")
    assert "KZ-1048" in row[-1]
