"""Tests of chat/web/documents.py without a browser: what is told of the files that are added."""

import html
import re
from types import SimpleNamespace

import pytest
from fakes import HashEmbedder, document
from written_files import docx, zipped

from chat.session import MAX_KEY_CHARACTERS
from chat.settings import Settings
from chat.web.documents import _add, _Handlers, _index_again
from chat.web.i18n import Translations
from chat.web.site import Site
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
    told = "Оқылмады – мұрағат.zip/сурет.png: мұндай файлдар оқылмайды: '.png'; мәтіні бар .pdf"
    assert told in shown
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


# --- encodings ------------------------------------------------------------------------------------

SHORT = "Ұн 40 қап."
"""Too short for its letters to tell how it is encoded."""


def in_bytes(folder, name, data):
    path = folder / name
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return str(path)


def test_an_encoding_can_be_chosen_where_the_letters_leave_a_doubt(tmp_path, site):
    i18n = Translations("kk")
    told = shown(_add([in_bytes(tmp_path / "а", "ұн.txt", SHORT.encode("kz1048"))], i18n, site))
    assert "ұн.txt: қосылмады." in told
    assert "осы бетте кодтамасын таңдап, қайта қосыңыз" in told
    sent = in_bytes(tmp_path / "ә", "ұн.txt", SHORT.encode("kz1048"))
    assert "ұн.txt: оқылды" in shown(_add([sent], i18n, site, "kz1048"))
    assert site.live.retriever().documents["ұн.txt"].text == SHORT


@pytest.mark.parametrize("encoding", ["", None, 7, ["kz1048"], "rot13", "қате", "../kz1048"])
def test_what_is_no_encoding_of_the_list_is_none(whole_site, tmp_path, encoding):
    handlers = _Handlers(Translations("en"), whole_site)
    sent = in_bytes(tmp_path / "а", "Ән.txt", "Әнші ән салды.".encode())
    *_, last = handlers.add([sent], encoding, "")
    assert whole_site.live.retriever().documents["Ән.txt"].text == "Әнші ән салды."
    assert last[0] is None, "the place for files is free again"


def test_each_file_is_told_of_from_the_start(tmp_path, site):
    sent = [upload(tmp_path / each, f"{each}.txt", f"{each} – әріп.") for each in "аәб"]
    first, second, *_ = _add(sent, Translations("kk"), site)
    assert re.findall(r"([аәб]\.txt: [^<]+)", first) == [
        "а.txt: оқылып жатыр…", "ә.txt: кезегін күтіп тұр", "б.txt: кезегін күтіп тұр",
    ]  # fmt: skip
    assert re.findall(r"([аәб]\.txt: [^<]+)", second) == [
        "а.txt: оқылды, 1 құжат.", "ә.txt: оқылып жатыр…", "б.txt: кезегін күтіп тұр",
    ]  # fmt: skip


def test_a_file_read_with_an_encoding_is_read_with_it_again(tmp_path, site):
    path = tmp_path / "қойма.txt"
    path.write_bytes(SHORT.encode("kz1048"))
    index_files(site.live.indexer, [path], "kz1048", add=True)
    path.write_bytes(SHORT.replace("40", "55").encode("kz1048"))
    assert "Not read" not in shown(_index_again(Translations("en"), site))
    assert site.live.retriever().documents["қойма.txt"].text == "Ұн 55 қап."


# --- what is asked --------------------------------------------------------------------------------


@pytest.fixture
def whole_site(tmp_path):
    library = Indexer(tmp_path / "home", load=HashEmbedder)
    library.put([document(f"{name} – құжат.", name) for name in ("Бір", "Екі", "Үш")])
    return Site(LiveIndex(library, library.open()), Settings(home=tmp_path / "home"))


def asked(site, key):
    return [each.id for each in site.retriever(key).visible_documents]


def test_a_session_asks_the_documents_that_it_chose_and_others_all(whole_site):
    handlers = _Handlers(Translations("kk"), whole_site)
    key, note = handlers.ask_only(["Үш", "Бір"], "")
    assert "(2 құжат): Үш; Бір." in note
    assert asked(whole_site, key) == ["Бір", "Үш"]
    assert asked(whole_site, "other") == asked(whole_site, None) == ["Бір", "Екі", "Үш"]
    assert whole_site.sessions.exists(key), "another language of the page keeps it"
    assert handlers.overview("", key)[1]["value"] == ["Үш", "Бір"]
    new = whole_site.sessions.new_key(key)
    assert new != key
    assert asked(whole_site, new) == ["Бір", "Үш"]
    same, note, choice = handlers.ask_all(key)
    assert (same, choice["value"]) == (key, [])
    assert asked(whole_site, key) == ["Бір", "Екі", "Үш"]


def test_what_is_removed_is_no_longer_asked(whole_site):
    handlers = _Handlers(Translations("en"), whole_site)
    key, _ = handlers.ask_only(["Бір", "Екі"], "")
    *_, last = handlers.remove(["Бір"], key)
    assert asked(whole_site, key) == ["Екі"]
    assert "only (1 document): Екі." in last[5]
    *_, last = handlers.remove(["Екі"], key)
    assert asked(whole_site, key) == ["Үш"], "nothing of it is left: all is asked"
    assert "all documents" in last[5]


@pytest.mark.parametrize("ids", [None, [], "Бір", 7, [None], [["Бір"]], {}])
def test_nothing_chosen_changes_nothing(whole_site, ids):
    key, note = _Handlers(Translations("en"), whole_site).ask_only(ids, "кілт")
    assert (key, "First choose documents" in note) == ("кілт", True)
    assert asked(whole_site, "кілт") == ["Бір", "Екі", "Үш"]


def test_a_document_that_is_not_there_cannot_be_chosen(whole_site):
    key, note = _Handlers(Translations("en"), whole_site).ask_only(["Төрт"], "кілт")
    assert "no document &#39;Төрт&#39; is indexed" in note
    assert asked(whole_site, key) == ["Бір", "Екі", "Үш"]


@pytest.mark.parametrize("key", [None, "", 7, [], {}, "к" * (MAX_KEY_CHARACTERS + 1)])
def test_what_is_no_key_becomes_one(whole_site, key):
    new, _ = _Handlers(Translations("en"), whole_site).ask_only(["Екі"], key)
    assert isinstance(new, str)
    assert 0 < len(new) <= MAX_KEY_CHARACTERS
    assert asked(whole_site, new) == ["Екі"]
