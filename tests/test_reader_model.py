"""Tests of chat/reader_model.py: the file is held against its manifest before it is loaded."""

import hashlib
import json
import shutil

import pytest

from chat.reader_model import MANIFEST, MODEL, VERSION, ReaderModel
from ingest.errors import ModelError

pytestmark = pytest.mark.model


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the model that ships, to be damaged."""
    path = tmp_path / "reader.onnx"
    shutil.copy(MODEL, path)
    shutil.copy(MANIFEST, path.with_suffix(".json"))
    return path


def error_of(path):
    with pytest.raises(ModelError) as caught:
        ReaderModel(path)
    line = caught.value.line()
    assert "\n" not in line
    assert str(path) in line or path.name in line
    assert "reinstall" in line
    return line


def test_the_file_that_ships_is_the_one_it_says():
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    assert manifest["version"] == VERSION
    assert manifest["sha256"] == hashlib.sha256(MODEL.read_bytes()).hexdigest()
    assert MODEL.stat().st_size <= 45e6


def test_a_damaged_file_is_told(copy):
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(bytes(data))
    assert "damaged" in error_of(copy)


def test_half_a_file_is_told(copy):
    copy.write_bytes(copy.read_bytes()[:1000])
    assert "damaged" in error_of(copy)


def test_a_missing_file_is_told(copy):
    copy.unlink()
    assert "No such file" in error_of(copy)
    copy.with_suffix(".json").write_text("{", "utf-8")
    assert "not a JSON object" in error_of(copy)


def test_another_version_is_told(copy):
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    copy.with_suffix(".json").write_text(json.dumps(manifest | {"version": VERSION + 1}), "utf-8")
    assert f"expected {VERSION}" in error_of(copy)


def test_a_whole_file_that_is_no_model_is_told(copy):
    copy.write_bytes(b"no model")
    sha256 = hashlib.sha256(b"no model").hexdigest()
    copy.with_suffix(".json").write_text(
        json.dumps({"version": VERSION, "sha256": sha256}), "utf-8"
    )
    assert "cannot load" in error_of(copy)
