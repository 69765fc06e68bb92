"""Tests of index/sync.py: what is read, what is parsed, what leaves; counted, never timed."""

import json
import os
import shutil
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from campaign import at_length
from fakes import HashEmbedder, document
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from index.calibration import off_topic_questions
from index.indexer import Indexer
from index.sync import Change, index_files, read_files_again, watch
from ingest import loader
from ingest.errors import CorpusError, DalelError, StoreBusy
from ingest.source_file import FileStat

OLD_NS = 1_700_000_000_123_456_789
"""A time long past, so that a file counts as settled."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Do not wait for the disk, and ask few questions of each index."""
    few = {language: some[:1] for language, some in off_topic_questions().items()}
    monkeypatch.setattr("index.calibration.off_topic_questions", lambda: few)
    monkeypatch.setattr(os, "fsync", os.fstat)


@pytest.fixture
def done(monkeypatch):
    """Count what is read and what is parsed, by file name and by bytes."""
    counted = Counter()
    bytes_of, parse = loader._bytes_of, loader._Parsing.read

    def count_read(file, stat):
        counted["read", file.name] += 1
        return bytes_of(file, stat)

    def count_parsed(self, data):
        counted["parsed", self.file.name] += 1
        return parse(self, data)

    monkeypatch.setattr(loader, "_bytes_of", count_read)
    monkeypatch.setattr(loader._Parsing, "read", count_parsed)
    return counted


@pytest.fixture
def library(tmp_path):
    return Indexer(tmp_path / "үй", load=HashEmbedder)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "құжаттар"
    put(made / "дала.txt", "Ұлы дала – қазақтың мекені.")
    put(made / "іші" / "аспан.md", "# Аспан\n\nҮкі түнде ұшады.")
    put(made / "сурет.png", "PNG")
    put(made / "бос.txt", "")
    return made


def put(path, text, mtime_ns=OLD_NS):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path


def indexed(library):
    return {document.id: document for document in library.store.load().documents}


def sources(library):
    return {name: document.sources for name, document in indexed(library).items()}


def changes(update):
    return sorted(tuple(change) for change in update.changes)


# --- what has not changed -------------------------------------------------------------------------


def test_what_has_not_changed_is_not_read_and_what_was_skipped_is_still_told(library, folder, done):
    first = index_files(library, [folder])
    assert done["read", "дала.txt"] == done["parsed", "іші/аспан.md"] == 1
    done.clear()
    generation = library.store.current
    second = index_files(library, [folder])
    assert done == {}
    assert second.skipped == first.skipped
    assert {skip.path for skip in second.skipped} == {"сурет.png", "бос.txt"}
    assert (second.changes, second.unchanged) == ((), 3)
    assert library.store.current == generation, "nothing is written where nothing has changed"


def test_what_was_touched_is_read_and_not_parsed(library, folder, done):
    index_files(library, [folder])
    done.clear()
    os.utime(folder / "дала.txt", ns=(OLD_NS + 1, OLD_NS + 1))
    assert index_files(library, [folder]).changes == ()
    assert done == {("read", "дала.txt"): 1}
    done.clear()
    index_files(library, [folder])
    assert done == {}, "the new time is remembered"


def test_what_has_changed_replaces_its_passages_and_what_is_gone_leaves(library, folder, done):
    index_files(library, [folder])
    done.clear()
    put(folder / "дала.txt", "Теңіз терең.", OLD_NS + 1)
    (folder / "іші" / "аспан.md").unlink()
    put(folder / "жаңа.txt", "Һәм жаңа сөз.")
    update = index_files(library, [folder])
    assert changes(update) == [
        ("added", "жаңа.txt"),
        ("changed", "дала.txt"),
        ("removed", "іші/аспан.md"),
    ]
    assert {name: each.text for name, each in indexed(library).items()} == {
        "дала.txt": "Теңіз терең.",
        "жаңа.txt": "Һәм жаңа сөз.",
    }
    assert {chunk.document_id for chunk in library.open().generation.chunks} == {
        "дала.txt",
        "жаңа.txt",
    }
    assert done["read", "бос.txt"] == 0


def test_a_renamed_file_is_not_parsed_and_keeps_its_vectors(library, folder, done):
    index_files(library, [folder])
    embedded = library._loaded.embedded
    embedded.clear()
    done.clear()
    (folder / "дала.txt").rename(folder / "Сарыарқа.txt")
    update = index_files(library, [folder])
    assert changes(update) == [("renamed", "Сарыарқа.txt")]
    assert [*indexed(library)] == ["Сарыарқа.txt", "іші/аспан.md"]
    assert (done, embedded) == ({("read", "Сарыарқа.txt"): 1}, [])


def test_a_file_that_is_a_moment_old_is_read_again(library, folder, monkeypatch, done):
    """A file system's clock has steps: a second change in one of them would not show."""
    now = OLD_NS + 5_000_000
    monkeypatch.setattr("ingest.source_file.time.time_ns", lambda: now)
    index_files(library, [folder])
    assert {file.stat for file in library.store.load().files} == {None}
    put(folder / "дала.txt", "Ұлы дала – қазақтың елі еді")
    index_files(library, [folder])
    assert indexed(library)["дала.txt"].text == "Ұлы дала – қазақтың елі еді"


def test_another_encoding_or_reread_reads_again(library, folder, done):
    index_files(library, [folder])
    for asked in ({"encoding": "kz1048"}, {"encoding": "kz1048", "reread": True}):
        done.clear()
        index_files(library, [folder], **asked)
        assert done["parsed", "дала.txt"] == 1


def test_an_index_that_remembers_no_files_stays_and_gets_them(library, folder):
    """Such as one of an earlier version, or one of documents that a program gave."""
    library.put([document("Ескі сөз.", "ескі")])
    index_files(library, [folder], add=True)
    assert [*indexed(library)] == ["ескі", "дала.txt", "іші/аспан.md"]
    assert len(library.store.load().files) == 3


def test_a_change_shows_though_size_and_time_are_set_back(library, folder):
    index_files(library, [folder])
    put(folder / "дала.txt", "Ұлы дала – қазақтың елі еді")
    assert changes(index_files(library, [folder])) == [("changed", "дала.txt")]
    assert indexed(library)["дала.txt"].text == "Ұлы дала – қазақтың елі еді"


@pytest.mark.parametrize("again", ["құжаттар", "құжаттар/../құжаттар", "құжаттар/дала.txt"])
def test_a_folder_named_twice_in_two_spellings_is_one(
    library, folder, tmp_path, monkeypatch, again
):
    monkeypatch.chdir(tmp_path)
    update = index_files(library, [folder, Path(again)])
    assert sources(library) == {"дала.txt": ("дала.txt",), "іші/аспан.md": ("іші/аспан.md",)}
    assert len(changes(update)) == len(library.store.load().files) == 3


def test_a_folder_named_beside_the_one_that_it_is_in_changes_no_id(library, folder):
    index_files(library, [folder, folder / "іші"])
    assert [*indexed(library)] == ["дала.txt", "іші/аспан.md"]


def test_a_corpus_that_is_renamed_keeps_an_id_that_is_its_name(library, tmp_path):
    corpus = put(tmp_path / "қ" / "а.jsonl", json.dumps({"_id": "а.jsonl", "text": "Сөз."}))
    index_files(library, [tmp_path / "қ"])
    corpus.rename(tmp_path / "қ" / "б.jsonl")
    index_files(library, [tmp_path / "қ"])
    assert sources(library) == {"а.jsonl": ("б.jsonl",)}


def test_where_all_is_gone_the_index_stays_and_says_what_to_do(library, folder):
    index_files(library, [folder])
    for file in folder.rglob("*.*"):
        file.unlink()
    with pytest.raises(CorpusError, match="no document in 0 files") as caught:
        index_files(library, [folder], add=True)
    assert caught.value.hint == "what is indexed stays; `dalel remove` takes it out"
    assert [*indexed(library)] == ["дала.txt", "іші/аспан.md"]


# --- adding ---------------------------------------------------------------------------------------


def test_what_is_added_drops_nothing_and_what_is_gone_from_it_leaves(
    library, folder, tmp_path, done
):
    index_files(library, [folder])
    more = tmp_path / "тағы"
    put(more / "а.txt", "Бірінші сөз.")
    put(more / "б.txt", "Екінші сөз.")
    index_files(library, [more], add=True)
    assert [*indexed(library)] == ["дала.txt", "іші/аспан.md", "а.txt", "б.txt"]
    (more / "б.txt").unlink()
    done.clear()
    update = index_files(library, [more], add=True)
    assert changes(update) == [("removed", "б.txt")]
    assert [*indexed(library)] == ["дала.txt", "іші/аспан.md", "а.txt"]
    assert done == {}


def test_a_second_file_of_a_name_is_called_by_more_of_its_path(library, tmp_path):
    for name in ("альфа", "бета"):
        put(tmp_path / name / "README.md", f"# {name}\n\nСорғы – {name}.")
        index_files(library, [tmp_path / name], add=True)
    for _ in range(2):
        assert sources(library) == {
            "README.md": ("README.md",),
            "бета/README.md": ("бета/README.md",),
        }
        index_files(library, [tmp_path / "бета"], add=True)


def test_names_that_differ_in_normal_form_are_one_name(library, tmp_path):
    for form in ("NFC", "NFD"):
        put(tmp_path / "қ" / unicodedata.normalize(form, "Жайлауй.txt"), f"Бұл – {form}.")
    index_files(library, [tmp_path / "қ"])
    first, second = indexed(library)
    assert {first, second} == {"Жайлауй.txt", "қ/Жайлауй.txt"}
    library.remove([unicodedata.normalize("NFD", "қ/Жайлауй.txt")])
    assert [*indexed(library)] == ["Жайлауй.txt"]


def test_what_was_indexed_without_a_file_outlives_its_copies_in_files(library, tmp_path):
    """Such as what an earlier version indexed: a copy must not take its place."""
    library.put([document("Ескі сөз.", "ескі")])
    copy = put(tmp_path / "қ" / "көшірме.txt", "Ескі сөз.")
    index_files(library, [tmp_path / "қ"], add=True)
    put(tmp_path / "ң" / "өзге.txt", "Өзге сөз.")
    index_files(library, [tmp_path / "ң"], add=True)
    assert sources(library) == {
        "ескі": ("ескі.txt", "көшірме.txt"),
        "өзге.txt": ("өзге.txt",),
    }
    copy.rename(tmp_path / "ң" / "тағы.txt").write_text("Тағы сөз.", "utf-8")
    put(tmp_path / "қ" / "жаңа.txt", "Жаңа сөз.")
    index_files(library, [tmp_path / "қ"], add=True)
    assert sources(library)["ескі"] == ("ескі.txt",)


def test_a_new_copy_takes_no_id_from_what_was_added_before(library, tmp_path):
    for name in ("б.txt", "а.txt"):
        put(tmp_path / "қ" / name, "Бір сөз.")
        index_files(library, [tmp_path / "қ"], add=True)
    assert sources(library) == {"б.txt": ("б.txt", "а.txt")}


def test_whichever_copy_is_read_again_the_first_keeps_the_id(library, tmp_path):
    for name in ("а", "б"):
        put(tmp_path / name / f"{name}.txt", "Бір сөз.")
    for name in ("а", "б", "а", "б"):
        index_files(library, [tmp_path / name], add=True)
        assert [*indexed(library)] == ["а.txt"]


def test_nothing_is_written_where_nothing_of_an_older_addition_has_changed(library, tmp_path):
    for name in ("а", "б"):
        put(tmp_path / name / f"{name}.txt", f"Бұл – {name}.")
        index_files(library, [tmp_path / name], add=True)
    generation = library.store.current
    index_files(library, [tmp_path / "а"], add=True)
    assert library.store.current == generation


# --- the same text twice --------------------------------------------------------------------------


def test_a_copy_and_links_are_one_document_of_many_sources(library, folder, done):
    shutil.copy2(folder / "дала.txt", folder / "көшірме.txt")
    os.link(folder / "дала.txt", folder / "қатты.txt")
    (folder / "сілтеме.txt").symlink_to("дала.txt")
    index_files(library, [folder])
    assert sources(library)["дала.txt"] == (
        *("дала.txt", "көшірме.txt", "сілтеме.txt", "қатты.txt"),
    )
    assert len(indexed(library)) == 2
    parsed = [name for kind, name in done if kind == "parsed"]
    assert sorted(parsed) == ["бос.txt", "дала.txt", "іші/аспан.md"]
    done.clear()
    index_files(library, [folder])
    assert done == {}


@pytest.mark.parametrize("add", [False, True])
def test_where_the_first_is_gone_the_copy_stays(library, folder, done, add):
    shutil.copy2(folder / "дала.txt", folder / "көшірме.txt")
    index_files(library, [folder])
    done.clear()
    (folder / "дала.txt").unlink()
    index_files(library, [folder], add=add)
    assert sources(library) == {
        "көшірме.txt": ("көшірме.txt",),
        "іші/аспан.md": ("іші/аспан.md",),
    }
    assert done == {}


def test_a_copy_that_stays_alone_gets_its_own_title_back(library, tmp_path):
    first = put(tmp_path / "қ" / "а.md", "# Бас\n\nБір сөз.")
    put(tmp_path / "қ" / "ә.txt", "Екі сөз.")
    put(tmp_path / "ң" / "б.txt", "Бас\n\nБір сөз.")
    index_files(library, [tmp_path / "қ", tmp_path / "ң"])
    first.unlink()
    index_files(library, [tmp_path / "қ"], add=True)
    index_files(library, [tmp_path / "ң"], add=True)
    [expected] = loader.read_paths([tmp_path / "ң"]).documents
    assert expected.title == ""
    assert indexed(library)["б.txt"] == expected


def test_a_copy_cannot_be_removed_by_itself(library, folder):
    shutil.copy2(folder / "дала.txt", folder / "көшірме.txt")
    index_files(library, [folder])
    with pytest.raises(CorpusError, match=r"the text of the document 'дала\.txt'"):
        library.remove(["көшірме.txt"])
    library.remove(["дала.txt"])
    assert [*indexed(library)] == ["іші/аспан.md"]
    index_files(library, [folder])
    assert [*indexed(library)] == ["дала.txt", "іші/аспан.md"], "the folder still has it"


# --- reading again --------------------------------------------------------------------------------


def test_again_reads_what_has_changed_and_keeps_what_is_gone(library, folder, done):
    index_files(library, [folder])
    done.clear()
    put(folder / "дала.txt", "Теңіз терең.", OLD_NS + 1)
    shutil.rmtree(folder / "іші")
    [told] = [skip for skip in read_files_again(library) if skip.path != "бос.txt"]
    assert (told.path, told.reason) == ("іші/аспан.md", "it is gone; what was indexed of it stays")
    texts = {name: each.text for name, each in indexed(library).items()}
    assert texts == {"дала.txt": "Теңіз терең.", "іші/аспан.md": "Аспан\n\nҮкі түнде ұшады."}
    assert done == {("read", "дала.txt"): 1, ("parsed", "дала.txt"): 1}


def test_again_says_of_what_was_never_indexed_only_why(library, folder):
    index_files(library, [folder])
    assert [(skip.path, skip.reason) for skip in read_files_again(library)] == [
        ("бос.txt", "the file is empty, expected text")
    ]
    (folder / "бос.txt").unlink()
    assert read_files_again(library) == ()


def test_nothing_that_is_removed_while_files_are_read_again_comes_back(
    library, folder, monkeypatch
):
    index_files(library, [folder])
    read = loader.read_again

    def meanwhile(known):
        other = Indexer(library.store.folder.parent, load=HashEmbedder)
        with pytest.raises(StoreBusy):
            other.remove(["дала.txt"])
        return read(known)

    monkeypatch.setattr("index.sync.read_again", meanwhile)
    read_files_again(library)
    library.remove(["дала.txt"])
    assert [*indexed(library)] == ["іші/аспан.md"]


# --- watching -------------------------------------------------------------------------------------


def test_a_watch_tells_each_change_once_it_has_settled(library, folder):
    looks = iter(
        [
            lambda: None,
            lambda: put(folder / "дала.txt", "Теңіз", OLD_NS + 1),
            lambda: put(folder / "дала.txt", "Теңіз терең.", OLD_NS + 2),  # still being written
            lambda: None,
            lambda: None,
            lambda: shutil.rmtree(folder / "іші"),
            lambda: None,
        ]
    )

    def wait():
        try:
            next(looks)()
        except StopIteration:
            raise KeyboardInterrupt from None

    updates = watch([folder], lambda: index_files(library, [folder]), wait)
    assert len(next(updates).changes) == 3
    assert next(updates).changes == (Change("changed", "дала.txt"),)
    assert next(updates).changes == (Change("removed", "іші/аспан.md"),)
    with pytest.raises(KeyboardInterrupt):
        next(updates)
    assert {name: each.text for name, each in indexed(library).items()} == {
        "дала.txt": "Теңіз терең."
    }


def test_a_watch_tells_what_goes_wrong_and_goes_on(library, folder):
    waits = iter([lambda: put(folder / "жаңа.txt", "Һәм жаңа сөз."), *[lambda: None] * 5])
    outcomes = iter([None, StoreBusy("бос емес"), StoreBusy("бос емес"), None])

    def update():
        error = next(outcomes)
        if error:
            raise error
        return index_files(library, [folder])

    updates = watch([folder], update, lambda: next(waits)())
    next(updates)
    assert isinstance(next(updates), DalelError)
    assert next(updates).changes == (Change("added", "жаңа.txt"),)


def test_a_watch_tells_each_change_that_cannot_be_indexed(library, folder):
    """A path that was named and is gone must not silence the changes of the others."""
    named = put(folder / "аталған.txt", "Аталған сөз.")
    steps = [named.unlink, lambda: put(folder / "дала.txt", "Теңіз.", OLD_NS + 1)]
    waits = iter(step for each in steps for step in (each, lambda: None))
    paths = [named, folder / "дала.txt"]
    updates = watch(paths, lambda: index_files(library, paths), lambda: next(waits)())
    next(updates)
    for _ in steps:
        assert "no such file or folder" in next(updates).line()


def test_a_watch_tells_what_is_skipped_when_it_comes(library, folder):
    waits = iter([lambda: put(folder / "жаңа.png", "PNG"), lambda: None])
    updates = watch([folder], lambda: index_files(library, [folder]), lambda: next(waits)())
    assert {skip.path for skip in next(updates).skipped} == {"сурет.png", "бос.txt"}
    assert [skip.path for skip in next(updates).skipped] == ["жаңа.png"]


def test_a_file_that_never_rests_does_not_hold_the_others_back(library, folder):
    number = 0

    def grow():
        nonlocal number
        number += 1
        assert number <= 20, "the change was never seen"
        put(folder / "журнал.txt", "Жазба. " * number, OLD_NS + number)

    updates = watch([folder], lambda: index_files(library, [folder]), grow)
    next(updates)
    assert next(updates).changes == (Change("added", "журнал.txt"),)


def test_a_stat_follows_links(folder):
    (folder / "сілтеме.txt").symlink_to("дала.txt")
    assert FileStat.of(folder / "сілтеме.txt") == FileStat.of(Path(folder / "дала.txt"))


# --- any history ----------------------------------------------------------------------------------


class FolderHistory(RuleBasedStateMachine):
    """Files come, change, move and go; the index is always the one that a first reading makes."""

    NAMES = st.sampled_from(["әке.txt", "ғ/әке.txt", "ғ/қала.md", "теңіз.txt", "жинақ.jsonl"])
    TEXTS = st.sampled_from(["Өзен ағады.", "Көл терең.", "# Ұя\n\nІңір түсті."])

    def __init__(self):
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="dalel-folder-"))
        self.folder = self.home / "қалта"
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(os, "fsync", os.fstat)
        few = {language: some[:1] for language, some in off_topic_questions().items()}
        self.patch.setattr("index.calibration.off_topic_questions", lambda: few)
        self.indexer = Indexer(self.home / "үй", load=HashEmbedder)
        self.clock = OLD_NS

    def teardown(self):
        self.patch.undo()
        shutil.rmtree(self.home)

    def files(self):
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    @initialize()
    def begin(self):
        put(self.folder / "бас.txt", "Бірінші сөз.")

    @rule(name=NAMES, text=TEXTS)
    def write(self, name, text):
        self.clock += 1_000_001
        line = json.dumps({"_id": "1", "text": text})
        put(self.folder / name, line if name.endswith("jsonl") else text, self.clock)

    @rule(name=NAMES, data=st.data())
    def move(self, name, data):
        file = data.draw(st.sampled_from(self.files()))
        if file.suffix == Path(name).suffix:
            (self.folder / name).parent.mkdir(exist_ok=True)
            file.replace(self.folder / name)

    @rule(data=st.data())
    def delete(self, data):
        if len(self.files()) > 1:
            data.draw(st.sampled_from(self.files())).unlink()

    @rule()
    def index(self):
        index_files(self.indexer, [self.folder])
        self.check(ordered=True)

    @rule()
    def add(self):
        index_files(self.indexer, [self.folder], add=True)
        self.check(ordered=False)

    def check(self, *, ordered):
        fresh = loader.read_paths([self.folder]).documents
        held = self.indexer.store.load().documents
        if ordered:
            assert held == fresh
        else:
            assert sorted(each.text for each in held) == sorted(each.text for each in fresh)
            sources = [sorted(each.sources) for each in held]
            assert sorted(sources) == sorted(sorted(each.sources) for each in fresh)


FolderHistory.TestCase.settings = settings(
    max_examples=at_length(200, 8), stateful_step_count=12, deadline=None
)
test_any_history_of_a_folder = FolderHistory.TestCase
