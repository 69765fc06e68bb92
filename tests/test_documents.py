"""Tests of chat/web/documents.py without a browser: what is told of the files that are added."""

import html
import re
from types import SimpleNamespace

import pytest
from fakes import HashEmbedder, document
from written_files import docx, zipped

from chat.web.documents import _add, _index_again
from chat.web.i18n import Translations
from index.indexer import Indexer, LiveIndex
from index.sync import index_files


def test_what_of_an_archive_is_not_read_is_told(tmp_path):
    library = Indexer(tmp_path / "home", load=HashEmbedder)
    library.put([document("Бұрынғы мәтін.")])
    site = SimpleNamespace(live=LiveIndex(library, library.open()))
    upload = tmp_path / "жүктеу" / "мұрағат.zip"
    upload.parent.mkdir()
    upload.write_bytes(zipped({"ә.docx": docx(["Жаңа мәтін."]), "сурет.png": b"\x89PNG"}))
    *_, last = _add([str(upload)], Translations("kk"), site)
    shown = html.unescape(re.sub("<[^>]+>", " ", last))
    assert "мұрағат.zip: оқылды, 1 құжат." in shown
    assert "Оқылмады – мұрағат.zip/сурет.png: no reader for '.png'; make a .pdf" in shown
    assert set(site.live.retriever().documents) == {"құжат", "мұрағат.zip/ә.docx"}
    assert not upload.exists()


@pytest.fixture
def site(tmp_path):
    library = Indexer(tmp_path / "home", load=HashEmbedder)
    library.put([document("Бұрынғы мәтін.")])
    return SimpleNamespace(live=LiveIndex(library, library.open()))


def shown(notes):
    *_, last = notes
    return html.unescape(re.sub("<[^>]+>", " ", last))


def upload(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return str(path)


def test_two_uploads_of_one_name_are_two_documents(tmp_path, site):
    sent = [upload(tmp_path / each, "Ереже.md", f"# {each}\n\nСорғы – {each}.") for each in "аә"]
    told = shown(_add(sent, Translations("en"), site))
    assert "Another document is called Ереже.md, so this file is called Ереже (2).md." in told
    documents = site.live.retriever().documents
    assert [*documents] == ["құжат", "Ереже.md", "Ереже (2).md"]
    assert [each.title for each in documents.values()] == ["", "а", "ә"]
    # Sent once more, one of them is nothing new; a copy of another name is one of its files.
    again = [
        upload(tmp_path / "тағы", "Ереже.md", "# а\n\nСорғы – а."),
        upload(tmp_path / "көшірме", "Көшірме.md", "# ә\n\nСорғы – ә."),
    ]
    shown(_add(again, Translations("en"), site))
    documents = site.live.retriever().documents
    assert {name: each.sources for name, each in documents.items()} == {
        "құжат": ("құжат.txt",),
        "Ереже.md": ("Ереже.md",),
        "Ереже (2).md": ("Ереже (2).md", "Көшірме.md"),
    }


def test_index_again_reads_the_files_that_are_still_there(tmp_path, site):
    folder = tmp_path / "қалта"
    folder.mkdir()
    for name in ("қалады.txt", "кетеді.txt"):
        (folder / name).write_text(f"Кафе 9-да ашылады: {name}.", "utf-8")
    index_files(site.live.indexer, [folder], add=True)
    (folder / "қалады.txt").write_text("Кафе 11-де ашылады.", "utf-8")
    (folder / "кетеді.txt").unlink()
    told = shown(_index_again(Translations("en"), site))
    assert "Not read – кетеді.txt: it is gone; what was indexed of it stays" in told
    assert {name: each.text for name, each in site.live.retriever().documents.items()} == {
        "құжат": "Бұрынғы мәтін.",
        "қалады.txt": "Кафе 11-де ашылады.",
        "кетеді.txt": "Кафе 9-да ашылады: кетеді.txt.",
    }


def test_a_corpus_that_is_sent_again_takes_the_place_of_the_first(tmp_path, site):
    lines = ['{"_id": "1", "text": "Бірінші сөз."}\n', '{"_id": "2", "text": "Екінші сөз."}\n']
    shown(_add([upload(tmp_path / "а", "қор.jsonl", "".join(lines))], Translations("en"), site))
    newer = lines[0].replace("сөз", "күй")
    told = shown(_add([upload(tmp_path / "ә", "қор.jsonl", newer)], Translations("en"), site))
    assert "Not read" not in told
    assert {name: each.text for name, each in site.live.retriever().documents.items()} == {
        "құжат": "Бұрынғы мәтін.",
        "1": "Бірінші күй.",
        "2": "Екінші сөз.",
    }


def test_a_file_that_is_sent_again_is_remembered_once(tmp_path, site):
    for folder in "аәб":
        sent = [upload(tmp_path / folder, "Ән.txt", "Ән мен күй.")]
        assert "called" not in shown(_add(sent, Translations("en"), site))
    assert [file.name for file in site.live.retriever().generation.files] == ["Ән.txt"]
