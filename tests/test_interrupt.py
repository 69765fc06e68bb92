"""Tests of Ctrl-C while files are indexed (index/sync.py): what is done stays, the rest goes on.

The model is a hash of letters, which is interrupted at the n-th file; a file is a batch here.
"""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from itertools import count

import pytest
from campaign import at_length
from fakes import HashEmbedder
from waiting import PATIENT_SECONDS

from chat.interrupt import ends_interrupt
from index import builder, sync
from index.calibration import off_topic_questions
from index.indexer import Indexer
from index.sync import index_files
from ingest.errors import StoreDamaged, StoreError

NAMES = [f"{word}.txt" for word in "аспан бұлт дала көл тау үкі өзен".split()]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Do not wait for the disk, ask few questions of each index, and embed file by file."""
    few = {language: some[:1] for language, some in off_topic_questions().items()}
    monkeypatch.setattr("index.calibration.off_topic_questions", lambda: few)
    monkeypatch.setattr(os, "fsync", os.fstat)
    monkeypatch.setattr(sync, "_BATCH", 1)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "құжаттар"
    made.mkdir()
    for name in NAMES:
        write(made / name, "бірінші")
    return made


def write(path, version):
    path.write_text(f"{path.stem.title()} туралы {version} сөз. Ұзақ әңгіме.", "utf-8")
    os.utime(path, ns=(1_700_000_000_123_456_789,) * 2)  # long past, so that it counts as settled


@pytest.fixture
def library(tmp_path):
    return Indexer(tmp_path / "үй", load=HashEmbedder)


def interrupt(library, folder, n, **named):
    """Index a folder, interrupted at the n-th file that is embedded; return what is said."""
    calls, embed = count(1), HashEmbedder.embed_passages

    def embed_or_stop(self, texts, *progress):
        if texts and next(calls) == n:
            raise KeyboardInterrupt
        return embed(self, texts, *progress)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HashEmbedder, "embed_passages", embed_or_stop)
        with pytest.raises(KeyboardInterrupt) as caught:
            index_files(library, [folder], **named)
    return str(caught.value)


def texts(library):
    return {document.id: document.text for document in library.store.load().documents}


def in_folder(folder):
    return {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}


def in_full(generation):
    """Return what readers see of a generation."""
    vectors = [generation.chunk_vectors, generation.sentence_vectors]
    rows = [store.rows(range(len(store))).tobytes() for store in vectors]
    return generation.documents, generation.chunks, generation.files, *rows


@pytest.mark.parametrize("n", [2, 4, len(NAMES)])
def test_what_is_done_can_be_asked_and_the_next_run_goes_on(library, folder, n):
    said = interrupt(library, folder, n)
    assert said == f"{n - 1} of 7 files are done and indexed; the same command goes on"
    assert texts(library) == dict(list(in_folder(folder).items())[: n - 1])
    hit = library.open().search("Аспан туралы не айтылған?", 1)[0]
    assert hit.chunk.document_id == "аспан.txt"
    again = Indexer(library.store.folder.parent, load=HashEmbedder)
    update = index_files(again, [folder])
    assert update.counts() == {"added": 8 - n, "changed": 0, "renamed": 0, "removed": 0,
                               "unchanged": n - 1}  # fmt: skip
    embedded = " ".join(again._loaded.embedded)
    for place, name in enumerate(NAMES, start=1):
        assert (name[:-4].title() in embedded) == (place >= n)
    whole = Indexer(library.store.folder.parent.parent / "басқа", load=HashEmbedder)
    index_files(whole, [folder])
    assert in_full(again.store.load()) == in_full(whole.store.load())


LINES = [f"{word} туралы бірінші сөз. Ұзақ әңгіме." for word in ("Ән", "Күй", "Жыр", "Терме")]


def write_lines(path, lines):
    rows = [{"_id": str(number), "text": text} for number, text in enumerate(lines)]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    os.utime(path, ns=(1_700_000_000_123_456_789,) * 2)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_of_a_file_with_many_documents_those_that_are_done_stay(library, folder, n):
    write_lines(folder / "ә.jsonl", LINES)
    for name in NAMES[1:]:
        (folder / name).unlink()
    said = interrupt(library, folder, n + 1)
    assert said == (
        f"1 of 2 files, and {n - 1} documents of the next, are done and indexed; the same command"
        " goes on"
    )
    assert [*texts(library).values()][1:] == LINES[: n - 1]
    again = Indexer(library.store.folder.parent, load=HashEmbedder)
    update = index_files(again, [folder])
    assert update.counts()["unchanged"] == 1
    assert set(texts(again).values()) == {*LINES, *in_folder(folder).values()} - {
        (folder / "ә.jsonl").read_text("utf-8")
    }
    embedded = " ".join(again._loaded.embedded)
    for place, text in enumerate(LINES, start=1):
        assert (text in embedded) == (place >= n)


def test_a_file_with_many_documents_changes_at_once(library, folder):
    write_lines(folder / "ә.jsonl", LINES)
    index_files(library, [folder])
    before = set(texts(library).values())
    write_lines(folder / "ә.jsonl", [line.replace("бірінші", "екінші") for line in LINES])
    said = interrupt(library, folder, 3)
    assert said == "6 of 8 files are done and indexed; the same command goes on"
    assert set(texts(library).values()) == before


def test_before_anything_is_done_nothing_is_indexed(library, folder):
    assert interrupt(library, folder, 1) == "the index is as it was"
    assert not library.exists
    index_files(library, [folder])
    assert texts(library) == in_folder(folder)


@pytest.mark.parametrize("add", [False, True])
def test_what_was_indexed_stays_until_its_change_is_done(library, folder, add):
    index_files(library, [folder])
    before = in_folder(folder)
    for name in NAMES[1:5]:
        write(folder / name, "екінші")
    (folder / NAMES[0]).unlink()
    interrupt(library, folder, 3, add=add)
    changed = {name: in_folder(folder)[name] for name in NAMES[1:3]}
    assert texts(library) == before | changed, "what is gone leaves when all is done"
    index_files(library, [folder], add=add)
    assert texts(library) == in_folder(folder)


def test_what_is_indexed_from_elsewhere_stays_until_all_is_done(library, folder):
    other = folder.with_name("өзге")
    other.mkdir()
    write(other / "ән.txt", "өзге")
    index_files(library, [other])
    interrupt(library, folder, 3)
    assert set(texts(library)) == {"ән.txt", *NAMES[:2]}
    index_files(library, [folder])
    assert texts(library) == in_folder(folder)


def test_while_an_index_is_saved_all_is_done(library, folder, monkeypatch):
    """The second save, of what was done, takes as long as the first."""
    saves, save = count(), library.store.save

    def stop_once(*contents):
        if next(saves) == 0:
            raise KeyboardInterrupt
        save(*contents)

    monkeypatch.setattr(library.store, "save", stop_once)
    with pytest.raises(KeyboardInterrupt, match="7 of 7 files are done and indexed"):
        index_files(library, [folder])
    assert texts(library) == in_folder(folder)


def test_a_second_interrupt_leaves_the_index_as_it_was(library, folder, monkeypatch):
    index_files(library, [folder])
    before = in_full(library.store.load())
    write(folder / NAMES[0], "екінші")
    write(folder / NAMES[1], "екінші")

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(library.store, "save", stop)
        interrupt(library, folder, 2)
    assert in_full(library.store.load()) == before
    index_files(library, [folder])
    assert texts(library) == in_folder(folder)


def test_an_index_that_would_have_to_be_made_anew_is_left_as_it_was(library, folder):
    index_files(library, [folder])
    before = in_full(library.store.load())
    other = Indexer(library.store.folder.parent, model="өзге", load=HashEmbedder)
    assert interrupt(other, folder, 3) == "the index is as it was"
    assert in_full(library.store.load()) == before


def test_an_index_that_cannot_be_read_is_told_before_anything_is_added(library, folder):
    index_files(library, [folder])
    next(library.store.folder.rglob("chunks.faiss")).write_bytes(b"")
    library._loaded.embedded.clear()
    with pytest.raises(StoreDamaged, match=r"chunks\.faiss"):
        index_files(library, [folder], add=True, reread=True)
    assert library._loaded.embedded == []


def test_what_cannot_be_saved_is_told(library, folder, monkeypatch):
    def full(*_):
        raise StoreError("the disk is full")

    monkeypatch.setattr(library.store, "save", full)
    said = interrupt(library, folder, 3)
    assert said == "the index is as it was; the disk is full"


def test_what_is_not_changed_is_not_cut_again(library, folder, monkeypatch):
    index_files(library, [folder])
    write(folder / NAMES[3], "екінші")
    cut, split = [], builder.split

    def count_cut(document, *rest):
        cut.append(document.id)
        return split(document, *rest)

    monkeypatch.setattr(builder, "split", count_cut)
    index_files(library, [folder])
    assert cut == [NAMES[3]]
    index_files(library, [folder], reread=True)
    assert cut[1:] == NAMES


def test_progress_is_of_the_bytes_of_the_files(library, folder):
    (folder / "үлкен.txt").write_text("Ұзақ әңгіме. " * 400, "utf-8")
    steps = []
    index_files(library, [folder], progress=lambda *step: steps.append(step))
    sizes = [path.stat().st_size for path in sorted(folder.iterdir())]
    done = [sum(sizes[:place]) for place in range(1, len(sizes) + 1)]
    assert {step[1] for step in steps} == {sum(sizes)}
    assert [step[0] for step in steps] == sorted(step[0] for step in steps)
    assert set(done) <= {step[0] for step in steps}
    assert steps[-1][0] == sum(sizes)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_terminal_and_a_shutdown_are_interrupts(number):
    before = signal.signal(number, signal.SIG_DFL)  # The tests may run under nohup.
    try:
        with ends_interrupt(), pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_what_nohup_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ends_interrupt():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.campaign
@pytest.mark.parametrize("ended", at_length([signal.SIGINT, signal.SIGTERM], [signal.SIGINT]))
def test_the_real_command_shows_how_far_it_is_and_keeps_what_is_done(tmp_path, ended):
    folder, home = tmp_path / "құжаттар", tmp_path / "үй"
    folder.mkdir()
    for number in range(6):  # Each is a batch with texts of its own, so that none is done at once.
        own = f"Өзені {number} метр терең әрі суы мол, балығы да көп. " * 40
        text = "\n\n".join([f"Ауылда {number} үй бар.", *[own] * 14])
        (folder / f"{number}.txt").write_text(text, "utf-8")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "chat.cli", "index", str(folder), "--home", str(home)]
    child = subprocess.Popen(
        command,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm"},
        preexec_fn=lambda: signal.signal(ended, signal.SIG_DFL),  # The tests may ignore it.
    )
    os.close(theirs)
    said = read_until(ours, r"indexing .* [2-9]\d% \d+:\d\d:\d\d")
    child.send_signal(ended)
    said += read_until(ours, "(?!)")
    assert child.wait(PATIENT_SECONDS) == 130
    assert "interrupted: what is done is saved; Ctrl-C leaves the index as it was" in said
    told = re.search(r"dalel: interrupted: (\d+) of 6 files are done and indexed", said)
    assert 0 < int(told[1]) < 6
    assert len(Indexer(home).store.load().documents) == int(told[1])


def read_until(terminal, pattern):
    """Return what a terminal shows, without its colours, until it shows a pattern or is closed."""
    said = ""
    while not re.search(pattern, said):
        try:
            said += re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", os.read(terminal, 9_999).decode())
        except OSError:  # Linux says so when the other end is closed.
            break
    return said
