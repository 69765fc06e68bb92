"""What opening and asking cost however many passages there are: counts of what is read, no times.

With four times the documents, no more records are read, no more files hashed, no more memory taken.
"""

import shutil
import tracemalloc
from itertools import count
from pathlib import Path

import pytest
from fakes import HashEmbedder, document

from chat.collection import recognise
from index.indexer import Indexer
from index.storage import atomic_file
from index.storage.records import Records
from ingest.errors import StoreDamaged

FEW, MANY = 60, 240
WORDS = "дала өзен ғылым үкі қала әже ұлт іңір өлең һәм sea border wide river owl теңіз".split()


def documents_of(number):
    """Return so many documents of a few sentences, two in three of them in Kazakh."""
    made = []
    for n in range(number):
        words = [WORDS[(n * step + step) % len(WORDS)] for step in range(3, 12)]
        language = "en" if n % 3 == 0 else "kk"
        text = f"{' '.join(words)} {n}. Жаңа сөйлем {n}: {words[0]}. {words[1].capitalize()}."
        made.append(document(text, f"құжат-{n:05}.txt", language, f"Атауы {n}"))
    return made


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    indexed = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.calibration.off_topic_questions", lambda: {"kk": ["дала"]})
        for number in (FEW, MANY):
            indexed[number] = tmp_path_factory.mktemp("үй")
            Indexer(indexed[number], load=HashEmbedder).put(documents_of(number))
    return indexed


@pytest.fixture
def read(monkeypatch):
    """Return a list of the records that are read."""
    rows, line = [], Records._line
    monkeypatch.setattr(Records, "_line", lambda self, row: (rows.append(row), line(self, row))[1])
    return rows


def opened(home):
    return Indexer(home, load=HashEmbedder).open()


def test_opening_reads_no_record(indexed, read):
    for number, home in indexed.items():
        retriever = opened(home)
        assert retriever.counts().documents == len(retriever.documents) == number
        assert len(retriever) >= number
    assert read == []


def test_a_question_reads_what_it_finds(indexed, read):
    """Ten passages, and the documents that they are of."""
    for home in indexed.values():
        retriever = opened(home)
        before = len(read)
        hits = retriever.search("Өзен мен дала қайда?", 10)
        texts = [retriever.documents[hit.chunk.document_id].text for hit in hits]
        assert len(texts) == 10
        assert all(hit.chunk.language in ("kk", "en") for hit in hits)
        assert 10 < len(read) - before <= 20


def test_a_misspelt_question_reads_no_more(indexed, read):
    """The words of the documents are counted when they are indexed."""
    for home in indexed.values():
        retriever = opened(home)
        assert retriever.respell("Гылым мен тениз кайда?") == "Ғылым мен теңіз қайда?"
        assert retriever.respell("Öleñ qaida?") == "Өлең қайда?"
        assert retriever.term_weights(["өзен", "дала"]).keys() == {"өзен", "дала"}
    assert read == []


def test_whether_a_question_is_about_the_collection_reads_no_document(indexed, read, monkeypatch):
    """It is looked for the names of all documents each time."""
    monkeypatch.setattr("chat.collection.IntentModel.recognise", lambda *_: "about")
    for home in indexed.values():
        retriever = opened(home)
        before = len(read)
        asked = recognise("құжат-00007.txt мен «Атауы 9» не туралы?", retriever)
        everything = recognise("Мұнда не бар?", retriever)
        assert len(everything.documents) == len(retriever.documents)
        assert sum(everything.documents.languages().values()) == len(retriever.documents)
        assert len(read) == before
        assert [one.id for one in asked.documents] == ["құжат-00007.txt", "құжат-00009.txt"]
        assert len(read) - before == 2


def test_one_document_is_found_among_all(indexed, read):
    for number, home in indexed.items():
        retriever = opened(home)
        name = f"құжат-{number - 1:05}.txt"
        before = len(read)
        assert retriever.documents[name].id == name
        assert retriever.added_at(name) > "2024"
        assert retriever.files_of(name) == []
        assert retriever.within([name]).passages_of(name)
        assert "жоқ" not in retriever.documents
        assert len(read) - before <= 6


def test_nothing_is_hashed_that_was(indexed, monkeypatch):
    """But for the manifest, which is as large whatever is indexed."""
    hashed, check = [], atomic_file.check
    monkeypatch.setattr(
        atomic_file, "check", lambda path, digest: (hashed.append(path), check(path, digest))
    )
    latest = count(2**62)  # All files are long written.
    monkeypatch.setattr("ingest.source_file.time.time_ns", lambda: next(latest))
    for home in indexed.values():
        opened(home)
        hashed.clear()
        opened(home)
        assert hashed == []
        Indexer(home, load=HashEmbedder).store.load(check_all=True)
        assert len(hashed) > 40
    sizes = [next(home.rglob("manifest.json")).stat().st_size for home in indexed.values()]
    assert sizes[1] - sizes[0] < 100


def test_a_text_that_has_gone_bad_is_told_and_not_quoted(indexed, tmp_path, monkeypatch):
    """Also where its file counts as checked."""
    home = shutil.copytree(indexed[FEW], tmp_path / "үй")
    [path] = home.rglob("documents.jsonl")
    path.write_bytes(path.read_bytes().replace("Жаңа".encode(), "Жана".encode()))
    monkeypatch.setattr("index.storage.generation.check_files", lambda *_, **__: None)
    retriever = opened(home)
    hits = retriever.search("Жаңа сөйлем?", 3)
    with pytest.raises(StoreDamaged, match=r"documents\.jsonl' is damaged: line"):
        retriever.readable(hits[0], range(1))


def test_a_small_index_has_few_files_open(indexed):
    """A process may have a thousand; an index is of seventy."""
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("no /proc to count open files in")
    before = len([*folder.iterdir()])
    retriever = opened(indexed[FEW])
    assert len([*folder.iterdir()]) - before <= 10
    assert len(retriever) >= FEW


def test_an_open_index_takes_as_much_memory_however_many_passages(indexed, monkeypatch):
    monkeypatch.setattr("index.string_table.SMALL", 0)  # As if all files were large.
    monkeypatch.setattr("index.storage.records.SMALL", 0)
    taken = {}
    for number, home in [*indexed.items()] * 2:  # The first time, what is needed once is loaded.
        tracemalloc.start()
        try:
            retriever = opened(home)
            retriever.search("Гылым кайда?", 5)
            taken[number] = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
    # A few numbers a passage: its rows by language; no text, no object.
    assert taken[MANY] - taken[FEW] < 40 * (MANY - FEW)
