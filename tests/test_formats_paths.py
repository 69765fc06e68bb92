"""Tests of eval/formats: what a path leads to, and that no file whatever does any harm."""

import contextlib
import errno
import json
import os
import shutil
import signal
from pathlib import Path

import pytest
from campaign import at_length
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eval.dataset import Example, Gold, check, usable
from eval.formats import EXPECTED, near_misses, off_topic, read_questions, read_set
from eval.formats.rows import file_name, path_for_message
from ingest.errors import DalelError, EvalError
from ingest.loader import read_shipped

SHIPPED = {document.id: document for document in read_shipped().documents}
NAME, TEXT = next((name, document.text) for name, document in SHIPPED.items())
QUESTION = "Ең үлкен көл қайда жатыр?"
OWN = {
    "id": "с-1",
    "question": QUESTION,
    "language": "kk",
    "gold": [{"document_id": NAME, "start": 0, "end": 9, "quote": TEXT[:9]}],
    "need": "any",
    "answers": [TEXT[:9]],
    "answerable": True,
    "tags": ["kk->kk", "where"],
}
READING = {
    "id": "о-1",
    "question": QUESTION,
    "context": "Ұлы дала өңірі кең. Көл оңтүстікте.",
    "title": "Көл",
    "pid": "п1",
    "answers": {"text": ["оңтүстікте"], "answer_start": [24]},
}
CORPUS = [{"_id": f"қ{n}", "text": f"{n}-құжат: ұлы дала.", "title": "Дала"} for n in (1, 2)]
QUERIES = [{"_id": f"с{n}", "text": f"{n}-сұрақ қандай?", "lang": "kk"} for n in (1, 2)]
QRELS = "query-id\tcorpus-id\tscore\nс1\tқ1\t1\nс2\tқ2\t2\nс2\tқ1\t0\n"
TABLE = (
    "user_input,reference,retrieved_contexts,response,id,answerable\r\n"
    'Көл қайда?,"Оңтүстікте, «алыс».","[""Ұлы дала."", ""Көл.""]",Онда.,р-1,true\r\n'
    "Дала қандай?,Кең.,\"['Кең дала.'\n 'Өңір.']\",,р-2,\r\n"
    "Теңіз қайда?,,Бір ғана мәтін.,,,false\r\n"
)


def as_lines(*rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


GOOD = {
    "own": {
        "ж.jsonl": as_lines(OWN, *(OWN | {"id": n, "question": f"{n}-сұрақ?"} for n in (2, 3, 4)))
    },
    "reading": {
        "о.jsonl": as_lines(
            READING,
            READING | {"id": 2, "answers": [{"text": "кең", "answer_start": 15}]},
            READING | {"id": 3, "question": "Дала қандай?"},
            READING | {"id": 4, "question": "Өңір қандай?", "pid": "п2"},
        )
    },
    "beir": {
        "corpus.jsonl": as_lines(*CORPUS),
        "queries.jsonl": as_lines(*QUERIES),
        "qrels.tsv": QRELS,
    },
    "ragas": {"к.csv": TABLE},
}
"""A good set of each format, as files."""


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lay(folder, files):
    """Write files into a folder of their own; return the path of the set that they are."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        put(folder / name, content)
    return folder if "queries.jsonl" in files else folder / next(iter(files))


@contextlib.contextmanager
def within(seconds):
    """Turn a read that would wait for ever into a failure."""

    def stop(*_):
        raise AssertionError(f"still reading after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def no_hang():
    with within(30):
        yield


def error_of(path, read=read_set):
    """Return the error of a path in one line."""
    with pytest.raises(EvalError) as caught:
        read(path)
    line = caught.value.line()
    assert line.splitlines() == [line]
    return line


# --- what a path leads to -------------------------------------------------------------------------

COUNTS = {"own": (4, 0), "reading": (3, 2), "beir": (2, 2), "ragas": (3, 5)}
"""Examples and documents of each good set."""


@pytest.mark.parametrize("kind", GOOD)
def test_each_format_is_told_by_its_path_and_content(tmp_path, kind):
    path = lay(tmp_path / kind, GOOD[kind])
    found = read_set(path, strict=True)
    assert (len(found.examples), len(found.documents or ())) == COUNTS[kind]
    assert (found.name, found.problems) == (path.name, ())


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".ndjson", ".JSONL"])
def test_endings_of_lines(tmp_path, suffix):
    assert len(read_set(put(tmp_path / f"ж{suffix}", as_lines(OWN))).examples) == 1


@pytest.mark.parametrize("suffix", [".csv", ".CSV"])
def test_endings_of_tables(tmp_path, suffix):
    assert len(read_set(put(tmp_path / f"ж{suffix}", TABLE)).examples) == 3


@pytest.mark.parametrize("suffix", ["", ".txt", ".tsv", ".gz", ".jsonl.bak", ".parquet"])
def test_any_other_ending_is_an_error_that_says_what_is_read(tmp_path, suffix):
    path = put(tmp_path / f"ж{suffix}", as_lines(OWN))
    assert error_of(path) == f"no set can be read from '{path}'; {EXPECTED}"


def test_the_hash_is_of_the_file(tmp_path):
    found = [read_set(put(tmp_path / f"{n}.jsonl", as_lines(OWN))) for n in (1, 2)]
    other = read_set(put(tmp_path / "3.jsonl", as_lines(OWN) + "\n"))
    assert found[0].sha256 == found[1].sha256 != other.sha256
    assert other.examples == found[0].examples


@pytest.mark.parametrize("bad", [1, 2])
def test_strict_makes_a_bad_row_an_error(tmp_path, bad):
    path = put(tmp_path / "ж.jsonl", as_lines(OWN, *([], {})[:bad]))
    assert len(read_set(path).problems) == bad
    with pytest.raises(EvalError) as caught:
        read_set(path, strict=True)
    message = f"{bad} bad rows in ж.jsonl; first: ж.jsonl, line 2: [], expected an object"
    assert caught.value.line() == f"{message}; leave out --strict to run the good ones"


def test_a_file_without_a_good_row_is_an_error_that_tells_the_first_bad_one(tmp_path):
    path = put(tmp_path / "ж.jsonl", as_lines([], {}))
    told = "ж.jsonl, line 1: [], expected an object"
    assert error_of(path) == f"'{path}' holds no question that can be used; {told}; {EXPECTED}"


def test_an_empty_file_is_an_error(tmp_path):
    path = put(tmp_path / "ж.jsonl", "")
    assert error_of(path) == f"'{path}' holds no question that can be used; {EXPECTED}"


# --- questions alone ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "asked"),
    [
        ("ж.jsonl", as_lines({"id": 1, "question": "Қайда?"}), [("1", "Қайда?", "kk")]),
        ("ж.jsonl", as_lines({"_id": "а", "text": "Where?"}), [("а", "Where?", "en")]),
        (
            "ж.jsonl",
            as_lines({"_id": "а", "text": "Where?", "lang": "ru"}),
            [("а", "Where?", "ru")],
        ),
        (
            "ж.txt",
            as_lines({"id": 1, "question": "Where?", "text": "Қ", "language": "kk"}),
            [("1", "Where?", "kk")],
        ),
        (
            "ж.csv",
            "question\nҚайда?\nWhere?\n",
            [("row-1", "Қайда?", "kk"), ("row-2", "Where?", "en")],
        ),
        ("ж.CSV", "id,user_input,reference\nа,Қайда?,\n", [("а", "Қайда?", "kk")]),
    ],
)
def test_questions_are_read_whatever_is_known_of_their_answers(tmp_path, name, content, asked):
    assert read_questions(put(tmp_path / name, content)) == [Example(*each) for each in asked]


@pytest.mark.parametrize("kind", GOOD)
def test_questions_of_a_set_are_all_of_its_questions(tmp_path, kind):
    path = lay(tmp_path / kind, GOOD[kind])
    asked = {each.question for each in read_set(path).examples}
    assert {each.question for each in read_questions(path)} == asked
    assert not any(each.gold or each.answers or each.relevant for each in read_questions(path))


def test_questions_of_a_folder_are_in_its_queries(tmp_path):
    put(tmp_path / "queries.jsonl", as_lines(*QUERIES))
    assert [each.id for each in read_questions(tmp_path)] == ["с1", "с2"]


def test_questions_that_are_bad_are_left_out(tmp_path):
    path = put(tmp_path / "ж.jsonl", as_lines([], {"id": 1, "question": "?"}, OWN, OWN))
    assert [each.id for each in read_questions(path)] == ["с-1"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("ж.jsonl", "", "'{path}' holds no question"),
        ("ж.jsonl", "[]", "'{path}' holds no question; ж.jsonl, line 1: [], expected an object"),
        ("ж.jsonl", "{}", "'{path}' holds no question; ж.jsonl, line 1: question is missing, exp"),
        ("ж.csv", "question\n?\n", "'{path}' holds no question; ж.csv, line 2: user_input is '?'"),
        ("ж.csv", "a\nb\n", "ж.csv has the columns 'a', expected user_input; name them"),
        ("ж.jsonl", b"\xff", "ж.jsonl is not UTF-8 text (byte 0); save it as UTF-8"),
        ("ж/x", "", "cannot read '{path}/queries.jsonl': No such file"),
    ],
)
def test_a_path_without_questions_is_an_error(tmp_path, name, content, told):
    put(tmp_path / name, content)
    path = tmp_path / name.split("/")[0]
    assert error_of(path, read_questions).startswith(told.format(path=path))


# --- other uses of examples -----------------------------------------------------------------------

SPAN = (Gold("қ", 0, 5, "Ұлы д"),)
ANSWERED = Example("1", QUESTION, "kk", gold=SPAN, answers=("ә",), tags=("kk->kk",), response="ө")


def test_off_topic_keeps_question_and_language_alone():
    found = off_topic([ANSWERED, Example("2", "Where?", "en", relevant={"d": 1})])
    assert found == [
        Example("off-topic:1", QUESTION, "kk", answerable=False, tags=("off-topic",)),
        Example("off-topic:2", "Where?", "en", answerable=False, tags=("off-topic",)),
    ]


def test_a_near_miss_withholds_what_answers():
    (found,) = near_misses((ANSWERED,))
    assert found == Example(
        "near-miss:1",
        QUESTION,
        "kk",
        gold=SPAN,
        answers=("ә",),
        answerable=False,
        tags=("kk->kk", "near-miss"),
        withheld=True,
        response="ө",
    )


@pytest.mark.parametrize("kind", ["own", "reading", "beir"])
def test_with_passages_given_each_question_is_asked_of_its_own(tmp_path, kind):
    path = lay(tmp_path / kind, GOOD[kind])
    found, plain = read_set(path, given=True, strict=True), read_set(path)
    assert {example.given for example in plain.examples} == {()}
    assert all(example.given == example.documents != () for example in found.examples)
    assert (found.documents, found.sha256) == (plain.documents, plain.sha256)


def test_a_question_without_a_passage_is_left_out_where_passages_are_given(tmp_path):
    none = {"id": "жоқ", "question": "Палау қалай пісіріледі?", "answerable": False}
    path = put(tmp_path / "ж.jsonl", as_lines(OWN, none))
    assert [example.id for example in read_set(path, given=True).examples] == ["с-1"]
    alone = put(tmp_path / "жалғыз.jsonl", as_lines(none))
    for path in (alone, lay(tmp_path / "кесте", GOOD["ragas"])):
        line = error_of(path, lambda path: read_set(path, given=True))
        assert "has a passage of its own" in line


@pytest.mark.parametrize(
    ("asked", "misses"),
    [
        (Example("1", QUESTION, "kk", relevant={"қ": 1}), 1),
        (Example("1", QUESTION, "kk", relevant={"қ": 0, "ғ": -1}), 0),
        (Example("1", QUESTION, "kk", answers=("ә",)), 0),
        (Example("1", QUESTION, "kk", answerable=False), 0),
    ],
)
def test_only_what_documents_answer_can_be_a_near_miss(asked, misses):
    assert len(near_misses((asked,))) == misses


# --- paths that lead nowhere ----------------------------------------------------------------------

BOTH = pytest.mark.parametrize("read", [read_set, read_questions])


@BOTH
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("жоқ.jsonl", errno.ENOENT),
        ("жоқ.txt", errno.ENOENT),
        ("жоқ/ж.jsonl", errno.ENOENT),
        ("бар.jsonl/ж.jsonl", errno.ENOTDIR),
        ("ұ" * 300 + ".jsonl", errno.ENAMETOOLONG),
        ("ұ/" * 3_000 + "ж.csv", errno.ENAMETOOLONG),
        ("\udcff.jsonl", errno.ENOENT),
    ],
)
def test_a_path_that_cannot_be_read_is_an_error(tmp_path, read, name, number):
    (tmp_path / "бар.jsonl").touch()
    line = error_of(tmp_path / name, read)
    assert line == f"cannot read {path_for_message(tmp_path / name)}: {os.strerror(number)}"
    assert len(line) < 300
    line.encode()


@BOTH
@pytest.mark.parametrize("name", ["а\x00ә.jsonl", "\x00", "а\x00ә/ж.csv"])
def test_a_path_with_nul_is_an_error(tmp_path, read, name):
    assert "embedded null byte" in error_of(tmp_path / name, read)


def test_a_folder_that_is_no_set_is_an_error(tmp_path):
    (tmp_path / "ж.jsonl").mkdir()
    assert error_of(tmp_path / "ж.jsonl").startswith(f"'{tmp_path}/ж.jsonl' holds no judgements")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
@BOTH
def test_a_file_that_may_not_be_read_is_an_error(tmp_path, read):
    put(tmp_path / "ж.jsonl", as_lines(OWN)).chmod(0)
    assert error_of(tmp_path / "ж.jsonl", read).endswith("Permission denied")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_may_not_be_entered_is_an_error(tmp_path):
    folder = lay(tmp_path / "ж", GOOD["beir"])
    folder.chmod(0o600)
    try:
        assert "holds no judgements" in error_of(folder)
        assert error_of(folder, read_questions).endswith("Permission denied")
    finally:
        folder.chmod(0o700)


@BOTH
@pytest.mark.parametrize("name", ["құбыр", "құбыр.jsonl", "құбыр.csv", "құбыр.txt"])
def test_a_pipe_is_never_opened(tmp_path, read, name):
    os.mkfifo(tmp_path / name)
    line = f"cannot read '{tmp_path / name}': not a regular file"
    assert error_of(tmp_path / name, read) == line


@BOTH
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_a_device_is_never_read(tmp_path, read, device):
    link = tmp_path / "ж.jsonl"
    link.symlink_to(device)
    for path in (Path(device), link):
        assert error_of(path, read) == f"cannot read '{path}': not a regular file"


@pytest.mark.parametrize("name", GOOD["beir"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_pipe_or_device_in_a_folder_is_never_read(tmp_path, name, make):
    folder = lay(tmp_path / "ж", GOOD["beir"])
    (folder / name).unlink()
    make(folder / name)
    line = error_of(folder)
    assert "not a regular file" in line or "holds no judgements" in line


def test_links_to_good_sets_are_read(tmp_path):
    for kind, files in GOOD.items():
        path = lay(tmp_path / kind, files)
        link = tmp_path / f"сілтеме-{path.name}"
        link.symlink_to(path)
        found = read_set(link)
        assert found.name == link.name
        assert found.sha256 == read_set(path).sha256


@BOTH
@pytest.mark.parametrize("target", ["жоқ.jsonl", "ж.jsonl"])
def test_a_link_that_leads_nowhere_is_an_error(tmp_path, read, target):
    (tmp_path / "ж.jsonl").symlink_to(target)
    assert error_of(tmp_path / "ж.jsonl", read).startswith(f"cannot read '{tmp_path}/ж.jsonl': ")


@pytest.mark.parametrize("here", [".", "", "../ж", "../ж/."])
def test_a_set_that_is_the_folder_one_is_in_has_its_name(tmp_path, monkeypatch, here):
    monkeypatch.chdir(lay(tmp_path / "ж", GOOD["beir"]))
    assert read_set(Path(here)).name == "ж"


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("қ 1.jsonl", "қ 1.jsonl"),
        ("а\nә.jsonl", r"а\nә.jsonl"),
        ("\x1b[2J.jsonl", r"\x1b[2J.jsonl"),
        ("\udcff\u2028\u202e.jsonl", r"\udcff\u2028\u202e.jsonl"),
    ],
)
def test_a_name_is_spelt_so_that_it_can_be_printed(tmp_path, name, spelt):
    path = put(tmp_path / name, as_lines(OWN, []))
    assert file_name(path) == spelt
    found = read_set(path)
    assert found.name == spelt
    assert found.problems[0].place == f"{spelt}, line 2"
    assert error_of(put(tmp_path / f"{name}.bak", "")).isprintable()


@pytest.mark.parametrize("length", [1, 189, 190, 5_000])
def test_of_a_long_path_the_end_is_shown(length):
    spelt = "'" + "ұ" * length + "/ж.jsonl'"
    cut = f"…{spelt[-199:]}" if len(spelt) > 200 else spelt
    assert path_for_message(Path("ұ" * length) / "ж.jsonl") == cut


# --- anything at all ------------------------------------------------------------------------------

JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([10**18, -(10**40), 2**63, 24, "Қ?", "с-1", "\ud800", "\x00", "\u2028", "kk"])
    | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "answer_start", "start", "end", "ә"]), inner)
    ),
    max_leaves=8,
)
FIELDS = sorted({*OWN, *READING, *OWN["gold"][0], "_id", "text", "lang", "answer_start"})
NASTY = [
    *("\x00", "\ud800", "\\ud800", "\u2028", "\r", "\n", "\t", '"', "'", '""', ",", "[", "]", "{"),
    *("}", "NaN", "1e999", "-1", "9" * 5_000, "[" * 5_000, "\ufeff", "null", "true", "қ", "\\x"),
    *("'] ['", '"\n"', "\t1\t", "query-id", "user_input", "ұ" * 3_000, "\x1b[2J", "\\N{X}"),
]


def encoded(text):
    return text.encode("utf-8", "surrogatepass")


@st.composite
def bent(draw):
    """Take a good set and spoil it: cut, double, turn round, put nasty things in, flip bytes."""
    files = dict(GOOD[draw(st.sampled_from(list(GOOD)))])
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(files)))
        text = files[name]
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.sampled_from([0, 1, 2, 9, 200]))
        cut = text[start:end]
        new = draw(st.sampled_from(["", cut * 2, cut[::-1], *NASTY]) | st.text(max_size=3))
        files[name] = text[:start] + new + text[end:]
    spoilt = {name: encoded(text) for name, text in files.items()}
    name = draw(st.sampled_from(sorted(files)))
    harm = draw(st.integers(0, 29))
    if harm == 0:
        del spoilt[name]
    elif harm < 4 and spoilt[name]:
        at = draw(st.integers(0, len(spoilt[name]) - 1))
        flipped = spoilt[name][at] ^ draw(st.integers(1, 255))
        spoilt[name] = spoilt[name][:at] + bytes([flipped]) + spoilt[name][at + 1 :]
    return spoilt or {"жоқ.jsonl": b""}


@st.composite
def retyped(draw):
    """Take rows of a good set and give some fields any JSON, also fields of what they hold."""
    kind = draw(st.sampled_from(["own", "reading", "beir"]))
    files = dict(GOOD[kind])
    name = draw(st.sampled_from([name for name in files if name.endswith("jsonl")]))
    rows = [json.loads(line) for line in files[name].splitlines()]
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.sampled_from(rows))
        inner = [row, *(value for value in row.values() if isinstance(value, dict))]
        inner += [each for value in row.values() if isinstance(value, list) for each in value]
        holder = draw(st.sampled_from([each for each in inner if isinstance(each, dict)]))
        field = draw(st.sampled_from([*sorted(holder), *FIELDS]))
        if draw(st.integers(0, 4)):
            holder[field] = draw(JSONS)
        else:
            holder.pop(field, None)
    rows += draw(st.lists(JSONS, max_size=1))
    lines = [json.dumps(row, ensure_ascii=draw(st.booleans())) for row in rows]
    return files | {name: encoded("\n".join(lines))}


@st.composite
def tables(draw):
    """Make a table with the right columns, or nearly, and any cells."""
    columns = st.sampled_from(
        ["user_input", "reference", "retrieved_contexts", "id", "answerable", "question", "ә"]
    )
    head = ["user_input", "reference", *draw(st.lists(columns, max_size=3))]
    cells = st.one_of(
        st.text("әқ?'\"[],\\\n\r 1", max_size=12),
        st.lists(st.text("ә'\"\\\n", max_size=3), max_size=3).map(repr),
        JSONS.map(json.dumps),
        st.sampled_from(["Көл қайда?", "true", "false", "Оңтүстікте.", *NASTY]),
    )
    quoted = cells.map(lambda cell: '"' + cell.replace('"', '""') + '"')
    rows = draw(st.lists(st.lists(cells | quoted, min_size=2, max_size=5), max_size=4))
    end = draw(st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
    comma = draw(st.sampled_from([","] * 9 + [";", "\t"]))
    good = draw(st.lists(st.just(["Көл қайда?", "Онда."] + [""] * (len(head) - 2)), max_size=1))
    return {"к.csv": encoded(end.join(comma.join(row) for row in [head, *good, *rows]))}


@st.composite
def anything(draw):
    """Make a file of any text or bytes."""
    name = draw(st.sampled_from(["ж.jsonl", "ж.csv", "ж.json", "ж", "queries.jsonl"]))
    content = draw(st.text(max_size=60).map(encoded) | st.binary(max_size=60))
    return {name: content}


AT_LENGTH = settings(max_examples=at_length(10_000, 50))


def read_or_error(path, **how):
    try:
        return read_set(path, **how), ""
    except DalelError as error:
        return None, error.line()


def one_line(text):
    assert text.splitlines() == [text]
    assert text == text.strip()
    encoded_again = text.encode()  # no lone surrogates
    assert len(encoded_again) < 3_000


def hold(found):
    """Hold a set that was read against what every set promises."""
    assert found.examples
    assert len({each.id for each in found.examples}) == len(found.examples)
    documents = SHIPPED
    if found.documents is not None:
        documents = {document.id: document for document in found.documents}
        assert len(documents) == len(found.documents)
        assert all(document.text.strip() for document in found.documents)
    problems = check(found.examples, documents)
    for problem in (*found.problems, *problems):
        one_line(problem.line())
    fatal = {problem.place for problem in problems if problem.fatal}
    asked = usable(found.examples, problems)
    assert [each for each in found.examples if each.id not in fatal] == list(asked)
    for each in asked:
        each.id.encode()
        each.question.encode()
        for gold in each.gold:
            there = documents[gold.document_id].text[gold.start : gold.end]
            assert there.strip()
            assert gold.quote in ("", there)
        assert set(each.relevant) <= set(documents)


@AT_LENGTH
@given(files=bent() | bent() | retyped() | retyped() | tables() | anything())
@example(
    files={"к.csv": b"user_input,reference,retrieved_contexts\nA?,b,[0x" + b"f" * 5_000 + b"]"}
)
@example(files={"к.csv": b'user_input,reference\nA?,b\nC?,"d\n'})
@example(files=GOOD["beir"] | {"qrels.tsv": b"\t\t1"})
def test_any_file_is_a_set_or_an_error_in_one_line(tmp_path_factory, files):
    path = lay(tmp_path_factory.getbasetemp() / "кез келген", files)
    with within(30):
        found, line = read_or_error(path)
        if found is None:
            one_line(line)
            assert any(name in line for name in (path.name, *files))
        else:
            hold(found)
        with contextlib.suppress(DalelError):
            for each in read_questions(path):
                assert each.question.strip()


@given(files=bent() | retyped() | tables())
def test_strict_is_an_error_exactly_where_something_is_told(tmp_path_factory, files):
    path = lay(tmp_path_factory.getbasetemp() / "қатаң", files)
    with within(30):
        found, _ = read_or_error(path)
        strict, line = read_or_error(path, strict=True)
    if found is None or found.problems:
        assert strict is None
        assert found is None or found.problems[0].line() in line
    else:
        assert strict == found
