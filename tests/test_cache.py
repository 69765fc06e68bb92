"""Tests of index/embedders/cache.py: nothing is embedded twice, and nothing damaged is believed."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import filelock
import numpy as np
import pytest
from fakes import HashEmbedder
from waiting import PATIENT_SECONDS

from index.embedders.cache import PassageCache
from index.embedders.embedder import no_progress
from ingest.errors import EvalError

TEXTS = ["Үкі ұшты.", "Өзен ақты да, көл толды.", "Ә", "", "The owl flew.", "Ғарыш 👩‍🚀 \ud800"]
ROW = 32 + 4 * HashEmbedder.dimension
"""Bytes of a remembered vector: SHA-256 and float32."""


def remembered(folder, embedder=None):
    """Return what remembers, and the model behind it."""
    model = embedder or HashEmbedder()
    return PassageCache(model, folder), model


def file_of(folder):
    (path,) = folder.glob("*.vectors")
    return path


def exact(texts):
    return HashEmbedder().embed_passages(texts)


def test_vectors_are_those_of_the_model(tmp_path):
    cache, model = remembered(tmp_path)
    for texts in (TEXTS, TEXTS[::-1], TEXTS[1:3] * 3, []):
        assert (cache.embed_passages(texts) == exact(texts)).all()
        assert (cache.embed_queries(texts) == model.embed_queries(texts)).all()
        assert cache.embed_passages(texts).dtype == np.float32
        assert cache.embed_passages(texts).shape == (len(texts), model.dimension)


def test_it_is_its_model_in_all_else(tmp_path):
    cache, model = remembered(tmp_path, HashEmbedder("атау", "f" * 64))
    for name in ("name", "weights_sha256", "dimension", "max_tokens", "count_tokens"):
        assert getattr(cache, name) == getattr(model, name)


def test_each_passage_is_embedded_once(tmp_path):
    first, model = remembered(tmp_path / "жаңа" / "бума")
    first.embed_passages(TEXTS[:3] * 2)
    first.embed_passages(TEXTS)
    assert sorted(model.embedded) == sorted(TEXTS)
    second, other = remembered(tmp_path / "жаңа" / "бума")
    assert (second.embed_passages(TEXTS) == exact(TEXTS)).all()
    second.embed_passages([*TEXTS, "Жаңа."])
    assert other.embedded == ["Жаңа."]
    assert file_of(tmp_path / "жаңа" / "бума").stat().st_size == ROW * (len(TEXTS) + 1)


def test_each_question_is_embedded_once(tmp_path):
    cache, model = remembered(tmp_path)
    embedded = []
    real = model.embed_queries
    model.embed_queries = lambda texts: embedded.extend(texts) or real(texts)
    cache.embed_queries(TEXTS[:2])
    cache.embed_queries(TEXTS[:4])
    assert embedded == TEXTS[:4]
    assert not list(tmp_path.glob("*.vectors")), "questions are not written down"


def test_the_longest_are_embedded_first_and_all_are_counted(tmp_path):
    cache, model = remembered(tmp_path)
    texts = [f"{'ұ' * (n % 7)} {n:03}" for n in range(700)]
    reports = []
    cache.embed_passages(texts, lambda *report: reports.append(report))
    assert [len(text) for text in model.embedded] == sorted(map(len, texts), reverse=True)
    assert [total for _, total in reports] == [700] * len(reports)
    assert [done for done, _ in reports] == [256, 512, 700]
    again, other = remembered(tmp_path / "2")
    again.embed_passages(texts)
    assert other.embedded == model.embedded


def test_what_is_done_before_an_interruption_is_not_done_again(tmp_path):
    cache, _ = remembered(tmp_path)
    texts = [f"Сөйлем {n:04}." for n in range(600)]

    def stop(done, _total):
        if done > 256:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.embed_passages(texts, stop)
    again, other = remembered(tmp_path)
    assert (again.embed_passages(texts) == exact(texts)).all()
    assert len(other.embedded) == len(texts) - 256


def test_each_model_has_a_file_of_its_own(tmp_path):
    remembered(tmp_path, HashEmbedder(weights="a" * 64))[0].embed_passages(TEXTS)
    cache, model = remembered(tmp_path, HashEmbedder(weights="b" * 64))
    cache.embed_passages(TEXTS)
    assert sorted(model.embedded) == sorted(TEXTS)
    remembered(tmp_path, HashEmbedder(name="other", weights="b" * 64))[0].embed_passages(TEXTS)
    assert len(list(tmp_path.glob("*.vectors"))) == 3, "the name decides the prompts"


# --- damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [1, 31, 32, 33, ROW - 1])
def test_a_torn_last_row_is_dropped(tmp_path, cut):
    remembered(tmp_path)[0].embed_passages(TEXTS)
    path = file_of(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    cache, model = remembered(tmp_path)
    assert (cache.embed_passages(TEXTS) == exact(TEXTS)).all()
    assert len(model.embedded) == 1
    assert path.read_bytes() == whole, "the torn row is written over"


@pytest.mark.parametrize("data", [b"", b"x", b"\xff" * ROW * 2, b"\x00" * ROW * 3, b"\x7f" * 999])
def test_any_bytes_are_no_vectors(tmp_path, data):
    remembered(tmp_path)[0].embed_passages(TEXTS)
    file_of(tmp_path).write_bytes(data)
    cache, model = remembered(tmp_path)
    assert (cache.embed_passages(TEXTS) == exact(TEXTS)).all()
    assert sorted(model.embedded) == sorted(TEXTS)


@pytest.mark.parametrize("flip", [0x7F, 0x40, 0x20, 0x3F, 0x01])
@pytest.mark.parametrize("row", [0, 1, len(TEXTS) - 1])
def test_a_vector_that_changed_is_not_believed(tmp_path, row, flip):
    """The byte flipped is the exponent of its largest number."""
    remembered(tmp_path)[0].embed_passages(TEXTS)
    path = file_of(tmp_path)
    data = bytearray(path.read_bytes())
    start = row * ROW + 32
    vector = np.frombuffer(bytes(data[start : start + ROW - 32]), np.float32)
    data[start + 4 * int(vector.argmax()) + 3] ^= flip
    path.write_bytes(data)
    cache, model = remembered(tmp_path)
    assert (cache.embed_passages(TEXTS) == exact(TEXTS)).all()
    assert len(model.embedded) == 1
    third, other = remembered(tmp_path)
    assert (third.embed_passages(TEXTS) == exact(TEXTS)).all()
    assert other.embedded == [], "the good row is remembered beside the bad one"


def test_a_key_that_changed_is_another_text(tmp_path):
    remembered(tmp_path)[0].embed_passages(TEXTS)
    path = file_of(tmp_path)
    data = bytearray(path.read_bytes())
    data[5] ^= 1
    path.write_bytes(data)
    cache, model = remembered(tmp_path)
    assert (cache.embed_passages(TEXTS) == exact(TEXTS)).all()
    assert len(model.embedded) == 1


# --- several at once ------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from fakes import HashEmbedder
from index.embedders.cache import PassageCache
name, folder = sys.argv[1:]
cache = PassageCache(HashEmbedder(), Path(folder))
print("ready", flush=True)
sys.stdin.readline()
for n in range(150):
    cache.embed_passages([f"{name} {n}", f"both {n}"])
"""


def test_two_processes_at_once_lose_nothing(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    names = ("бір", "екі")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, name, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        for name in names
    ]
    for writer in writers:
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        writer.communicate(b"\n", timeout=PATIENT_SECONDS)
        assert writer.returncode == 0
    texts = [f"{name} {n}" for name in (*names, "both") for n in range(150)]
    cache, model = remembered(tmp_path)
    assert (cache.embed_passages(texts) == exact(texts)).all()
    assert model.embedded == []
    assert file_of(tmp_path).stat().st_size == ROW * 600


def test_what_another_wrote_meanwhile_stays(tmp_path):
    first, second = remembered(tmp_path)[0], remembered(tmp_path)[0]
    first.embed_passages(TEXTS[:2])
    second.embed_passages(TEXTS[2:])
    cache, model = remembered(tmp_path)
    cache.embed_passages(TEXTS)
    assert model.embedded == []


# --- a place that cannot be written ---------------------------------------------------------------


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "файл").write_text("", "utf-8")
    with pytest.raises(EvalError, match="vectors cannot be kept in") as caught:
        remembered(tmp_path / "файл")[0].embed_passages(TEXTS)
    assert "--home" in caught.value.line()


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_disk_that_refuses_is_told(tmp_path, monkeypatch, code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    for owner, name in ((Path, "mkdir"), (filelock.FileLock, "acquire"), (Path, "open")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, refuse)
            with pytest.raises(EvalError, match=os.strerror(code)):
                remembered(tmp_path)[0].embed_passages(TEXTS)


def test_a_file_that_cannot_be_read_is_as_if_it_were_not_there(tmp_path, monkeypatch):
    remembered(tmp_path)[0].embed_passages(TEXTS)

    def refuse(_self):
        raise OSError(errno.EIO, "")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    cache, model = remembered(tmp_path)
    assert (cache.embed_passages(TEXTS, no_progress) == exact(TEXTS)).all()
    assert len(model.embedded) == len(TEXTS)
