"""Tests of chat/batch.py: files of questions and files that cannot be written."""

import errno
import json
import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.batch import BatchQuestion, read_batch, write_lines
from ingest.errors import ConfigError

SMALL = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.fixture
def file(tmp_path):
    """Return the path of a file of questions that is not there yet."""
    return tmp_path / "сұрақтар.jsonl"


def read(file, *, id_field="id", text_field="question"):
    return read_batch(file, id_field=id_field, text_field=text_field)


def line(name="1", question="Бұл қай ел?", **more):
    return json.dumps({"id": name, "question": question} | more, ensure_ascii=False)


# --- reading --------------------------------------------------------------------------------------


def test_questions_have_their_place_id_and_text(file):
    file.write_text(f"{line('а', 'Ғалым кім?')}\n{line('ә', 'Үй қайда?', k=5)}\n", "utf-8")
    assert read(file) == [
        BatchQuestion(f"{file}, line 1", "а", "Ғалым кім?"),
        BatchQuestion(f"{file}, line 2", "ә", "Үй қайда?"),
    ]


def test_the_fields_are_those_asked_for(file):
    file.write_text('{"_id": "q1", "text": "Өзен?", "id": 7, "question": "басқа"}', "utf-8")
    assert read(file, id_field="_id", text_field="text") == [
        BatchQuestion(f"{file}, line 1", "q1", "Өзен?")
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_byte_order_mark_line_ends_and_blank_lines(file, end, mark):
    lines = ["", line("1"), " \t", "", line("2"), ""]
    file.write_bytes((mark + end.join(lines)).encode())
    start = 2
    if mark:  # the mark alone is as blank as a line without it
        file.write_bytes((mark + end.join(lines[1:])).encode())
        start = 1
    assert [(question.place, question.id) for question in read(file)] == [
        (f"{file}, line {start}", "1"),
        (f"{file}, line {start + 3}", "2"),
    ]


@pytest.mark.parametrize(
    ("value", "name"),
    [("q1", "q1"), (5, "5"), (0, "0"), (-7, "-7"), (10**30, "1" + "0" * 30), (" ", " ")],
)
def test_ids_are_strings_or_integers(file, value, name):
    file.write_text(line(value), "utf-8")
    assert read(file)[0].id == name


def test_the_same_id_may_come_twice_and_order_is_kept(file):
    file.write_text("\n".join(line(name) for name in "бабв"), "utf-8")
    assert "".join(question.id for question in read(file)) == "бабв"


def test_an_empty_question_is_a_row(file):
    file.write_text(line(question=""), "utf-8")
    assert read(file) == [BatchQuestion(f"{file}, line 1", "1", "")]


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"қ\ud800", "қ?"),
        (r"\udfffқ\udfff", "?қ?"),
        (r"\ud83d\ude00", "😀"),
        (r"\u049b\u0000", "қ\x00"),
    ],
)
def test_lone_surrogates_are_replaced(file, escaped, text):
    file.write_text(f'{{"id": "{escaped}", "question": "{escaped}"}}', "utf-8")
    assert read(file) == [BatchQuestion(f"{file}, line 1", text, text)]


def test_line_separators_inside_a_question_do_not_end_the_line(file):
    file.write_text(line(question="бір\u2028екі\u0085үш"), "utf-8")
    assert read(file) == [BatchQuestion(f"{file}, line 1", "1", "бір\u2028екі\u0085үш")]


@settings(deadline=None)
@given(rows=st.lists(st.tuples(SMALL.filter(bool), SMALL), min_size=1, max_size=5))
def test_any_questions_come_back(rows, tmp_path_factory):
    file = tmp_path_factory.getbasetemp() / "any.jsonl"
    file.write_bytes("\n".join(line(name, text) for name, text in rows).encode())
    assert [(question.id, question.text) for question in read(file)] == rows


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "not JSON"),
        (line()[:-1], "not JSON"),
        (line() + ",", "not JSON"),
        ("id,question", "not JSON"),
        ('{"id": ' + "9" * 5_000 + "}", "not JSON"),
        ('{"id": ' + "[" * 100_000, "not JSON"),
        ("[]", "[], expected an object"),
        ('"Қайда?"', "'Қайда?', expected an object"),
        ("null", "None, expected an object"),
        ("7", "7, expected an object"),
        ('{"question": "Қайда?"}', "id is None, expected a string"),
        (line(""), "id is '', expected a string"),
        (line(None), "id is None, expected a string"),
        (line(True), "id is True, expected a string"),
        (line(1.5), "id is 1.5, expected a string"),
        (line(["1"]), "id is ['1'], expected a string"),
        ('{"id": "1"}', "question is None, expected a string"),
        (line(question=None), "question is None, expected a string"),
        (line(question=7), "question is 7, expected a string"),
        (line(question=["Қайда?"]), "question is ['Қайда?'], expected a string"),
        (line(question={"ә" * 99: 1}), "question is {'" + "ә" * 38 + ", expected a string"),
    ],
)
def test_a_bad_line_is_named(file, bad, message):
    file.write_text(f"{line()}\n\n{bad}\n{line()}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}, line 3: {message}")


@pytest.mark.parametrize("content", ["", "\n", " \r\n\t\n", "\ufeff"])
def test_a_file_without_questions_is_an_error(file, content):
    file.write_bytes(content.encode())
    with pytest.raises(ConfigError, match=r"сұрақтар\.jsonl' holds no questions"):
        read(file)


@pytest.mark.parametrize("codec", ["kz1048", "utf-16", "utf-32"])
def test_a_file_in_another_encoding_is_an_error(file, codec):
    file.write_bytes(line().encode(codec))
    with pytest.raises(
        ConfigError, match=r"сұрақтар\.jsonl' is not UTF-8 text \(byte \d+\)"
    ) as caught:
        read(file)
    assert caught.value.hint == "save it as UTF-8"


def test_a_missing_file_is_an_error(file):
    with pytest.raises(ConfigError, match=r"cannot read '.*сұрақтар\.jsonl': No such file"):
        read(file)


def test_a_folder_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot read '.*': Is a directory"):
        read(tmp_path)


def test_a_long_file_is_read_in_time(file):
    file.write_text("\n".join(line(number) for number in range(20_000)), "utf-8")
    started = time.perf_counter()
    assert len(read(file)) == 20_000
    assert time.perf_counter() - started < 10


# --- writing --------------------------------------------------------------------------------------


def test_lines_are_written_as_they_are_in_utf8(file):
    write_lines(file, [["ә", "ғ"], [], ["қ\u2028ң"]], total=3)
    assert file.read_bytes() == "ә\nғ\nқ\u2028ң\n".encode()


def test_what_was_there_is_replaced(file):
    file.write_text("ескі\n" * 100, "utf-8")
    write_lines(file, [["жаңа"]], total=1)
    assert file.read_text("utf-8") == "жаңа\n"


def test_each_group_is_on_disk_before_the_next_is_asked_for(file):
    seen = []

    def groups():
        for name in ("ө", "ұ", "ү"):
            seen.append(file.read_text("utf-8"))
            yield [name]

    write_lines(file, groups(), total=3)
    assert seen == ["", "ө\n", "ө\nұ\n"]


def test_an_error_of_the_question_itself_is_not_hidden(file):
    def groups():
        yield ["бір"]
        raise ValueError("екі")

    with pytest.raises(ValueError, match="екі"):
        write_lines(file, groups(), total=2)
    assert file.read_text("utf-8") == "бір\n"


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("", errno.EISDIR),
        ("жоқ/жауаптар.jsonl", errno.ENOENT),
        ("файл.txt/жауаптар.jsonl", errno.ENOTDIR),
        ("ұ" * 300, errno.ENAMETOOLONG),
    ],
)
def test_a_place_that_cannot_be_written_is_an_error(tmp_path, name, number):
    (tmp_path / "файл.txt").touch()
    asked = iter([["ә"]])
    with pytest.raises(ConfigError, match=f"cannot write .*: {os.strerror(number)}") as caught:
        write_lines(tmp_path / name, asked, total=1)
    assert caught.value.hint == "name another file"
    assert next(asked) == ["ә"]  # nothing was asked in vain


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")
def test_a_full_disk_is_an_error(tmp_path):
    (tmp_path / "толы").symlink_to("/dev/full")
    with pytest.raises(ConfigError, match=f"cannot write .*: {os.strerror(errno.ENOSPC)}"):
        write_lines(tmp_path / "толы", [["ә"]], total=1)
