"""Tests of eval/formats: what good rows become, and how each kind of bad row is told."""

import csv
import io
import json
from unicodedata import normalize

import pytest
from campaign import at_length
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from chat.question import MAX_CHARACTERS
from eval.dataset import DatasetProblem, Example, Gold
from eval.formats import read_set
from eval.formats.rows import Offset, RowModel, SetRow, shorten
from ingest.document import Document, text_sha256
from ingest.errors import CorpusError, EvalError
from ingest.language import detect

QUESTION = "Ең үлкен көл қайда жатыр?"
FIRST, SECOND = "Ұлы дала өңірі кең.", "Көл оңтүстікте, таудың етегінде жатыр."
CONTEXT = f"{FIRST} {SECOND}"
GONE = object()
"""The value of a field that is left out."""

NOT_AN_ID = "an id: a string of at most 4096 characters, or a whole number"
NO_TEXT = "a string that is not empty"
NO_TEXTS = "a list of strings that are not empty"
NO_QUESTION = f"a question of at most {MAX_CHARACTERS:,} characters, in words"
NO_NUMBER = "a whole number from 0"

PLAIN = st.characters(exclude_categories=["Cs"])
WORDS = st.text(PLAIN, min_size=1, max_size=30).filter(str.strip)
ASKABLE = st.text("әғқңөұүһі aB7?\"',\n\t\u2028", min_size=1, max_size=30).filter(
    lambda text: any(map(str.isalnum, text))
)


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def without_gone(row):
    return {name: value for name, value in row.items() if value is not GONE}


def as_lines(*rows, end="\n"):
    """Write rows as JSON lines; a row that is a string is a line as it stands."""
    return "".join(
        (row if isinstance(row, str) else json.dumps(without_gone(row), ensure_ascii=False)) + end
        for row in rows
    )


def as_table(*rows, end="\r\n", **style):
    """Write rows as CSV, the first one's names first."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator=end, **style)
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return table.getvalue()


def changed(row, **changes):
    return row | changes


def told(found):
    """Return what was told, and make sure that each is a fatal one in one line."""
    assert all(each.fatal and each.line().splitlines() == [each.line()] for each in found.problems)
    return [(each.place, each.message) for each in found.problems]


def ids(found):
    return [example.id for example in found.examples]


# --- Dalel's own lines ----------------------------------------------------------------------------

GOLD = {"document_id": "қ.txt", "start": 3, "end": 9, "quote": "дала ө"}
OWN = {
    "id": "с-1",
    "question": QUESTION,
    "language": "kk",
    "gold": [GOLD],
    "need": "any",
    "answers": ["оңтүстікте", "in the south"],
    "answerable": True,
    "tags": ["kk->kk", "where"],
}


def own(tmp_path, *rows, end="\n"):
    return read_set(put(tmp_path / "жиын.jsonl", as_lines(*rows, end=end)))


def test_a_full_line_becomes_an_example(tmp_path):
    assert own(tmp_path, OWN).examples == (
        Example(
            id="с-1",
            question=QUESTION,
            language="kk",
            gold=(Gold("қ.txt", 3, 9, "дала ө"),),
            answers=("оңтүстікте", "in the south"),
            tags=("kk->kk", "where"),
        ),
    )


def test_a_set_without_documents_is_of_those_indexed(tmp_path):
    found = own(tmp_path, OWN)
    assert (found.name, found.documents, found.problems) == ("жиын.jsonl", None, ())


def test_what_is_left_out_has_its_default(tmp_path):
    found = own(tmp_path, {"id": 7, "question": "Where is it?", "answers": ["there"]})
    assert found.examples == (Example("7", "Where is it?", "en", answers=("there",)),)


def test_gold_needs_no_quote_and_no_short_answer(tmp_path):
    bare = {"document_id": "қ", "start": 0, "end": 1}
    found = own(tmp_path, {"id": "1", "question": QUESTION, "gold": [bare, GOLD], "need": "all"})
    golds = (Gold("қ", 0, 1), Gold("қ.txt", 3, 9, "дала ө"))
    assert found.examples == (Example("1", QUESTION, "kk", gold=golds, need="all"),)


def test_an_unanswerable_line_has_no_gold(tmp_path):
    found = own(tmp_path, {"id": "1", "question": QUESTION, "answerable": False, "gold": []})
    assert found.examples == (Example("1", QUESTION, "kk", answerable=False),)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("с", "с"),
        (" с 1\n", "с 1"),
        (0, "0"),
        (-5, "-5"),
        (10**18 - 1, "9" * 18),
        ("ә" * 4_096,) * 2,
    ],
)
def test_an_id_is_a_string_or_a_whole_number(tmp_path, given, name):
    assert ids(own(tmp_path, changed(OWN, id=given))) == [name]


@pytest.mark.parametrize("language", ["kk", "en", "ru"])
def test_the_language_that_is_named_counts(tmp_path, language):
    assert own(tmp_path, changed(OWN, language=language)).examples[0].language == language


def test_null_as_language_is_none_named(tmp_path):
    assert own(tmp_path, changed(OWN, language=None)).examples[0].language == "kk"


def test_a_field_that_nobody_knows_is_passed_over(tmp_path):
    found = own(tmp_path, changed(OWN, id="1", note=[1], relevant=0), changed(OWN, title=None))
    assert (ids(found), found.problems) == (["1", "с-1"], ())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": GONE}, f"id is missing, expected {NOT_AN_ID}"),
        ({"id": None}, f"id is None, expected {NOT_AN_ID}"),
        ({"id": ""}, f"id is '', expected {NOT_AN_ID}"),
        ({"id": " \t"}, rf"id is ' \t', expected {NOT_AN_ID}"),
        ({"id": True}, f"id is True, expected {NOT_AN_ID}"),
        ({"id": 1.5}, f"id is 1.5, expected {NOT_AN_ID}"),
        ({"id": float("nan")}, f"id is nan, expected {NOT_AN_ID}"),
        ({"id": float("-inf")}, f"id is -inf, expected {NOT_AN_ID}"),
        ({"id": 10**18}, f"id is 1{'0' * 18}, expected {NOT_AN_ID}"),
        ({"id": 10**4000}, f"id is 1{'0' * 59}, expected {NOT_AN_ID}"),
        ({"id": "ә" * 4_097}, f"id is '{'ә' * 59}, expected {NOT_AN_ID}"),
        ({"id": ["с"]}, f"id is ['с'], expected {NOT_AN_ID}"),
        ({"question": GONE}, f"question is missing, expected {NO_TEXT}"),
        ({"question": None}, f"question is None, expected {NO_TEXT}"),
        ({"question": ""}, f"question is '', expected {NO_TEXT}"),
        ({"question": "\u2028 "}, rf"question is '\u2028 ', expected {NO_TEXT}"),
        ({"question": 7}, f"question is 7, expected {NO_TEXT}"),
        ({"question": [QUESTION]}, f"question is ['{QUESTION}'], expected {NO_TEXT}"),
        ({"question": "?!"}, f"question is '?!', expected {NO_QUESTION}"),
        ({"question": "\x00\u200b"}, rf"question is '\x00\u200b', expected {NO_QUESTION}"),
        ({"question": "қ" * 2001}, f"question is '{'қ' * 59}, expected {NO_QUESTION}"),
        ({"language": ""}, "language is '', expected kk, en or ru"),
        ({"language": "KK"}, "language is 'KK', expected kk, en or ru"),
        ({"language": "fr"}, "language is 'fr', expected kk, en or ru"),
        ({"language": 1}, "language is 1, expected kk, en or ru"),
        ({"language": ["kk"]}, "language is ['kk'], expected kk, en or ru"),
        ({"language": {"kk": 1}}, "language is {'kk': 1}, expected kk, en or ru"),
        ({"gold": None}, "gold is None, expected a list of objects"),
        ({"gold": {}}, "gold is {}, expected a list of objects"),
        ({"gold": "қ"}, "gold is 'қ', expected a list of objects"),
        ({"gold": [GOLD, 5]}, f"gold is {str([GOLD, 5])[:60]}, expected a list of objects"),
        (
            {"gold": [], "answers": []},
            "gold is [], expected at least one sentence or short answer, or answerable false",
        ),
        (
            {"gold": GONE, "answers": GONE},
            "gold is missing, expected at least one sentence or short answer, or answerable false",
        ),
        (
            {"answerable": False},
            f"gold is {str([GOLD])[:60]}, expected none where answerable is false",
        ),
        ({"answerable": None}, "answerable is None, expected true or false"),
        ({"answerable": 1}, "answerable is 1, expected true or false"),
        ({"answerable": "true"}, "answerable is 'true', expected true or false"),
        ({"need": ""}, 'need is \'\', expected "any" or "all"'),
        ({"need": None}, 'need is None, expected "any" or "all"'),
        ({"need": "both"}, 'need is \'both\', expected "any" or "all"'),
        ({"need": "ANY"}, 'need is \'ANY\', expected "any" or "all"'),
        ({"answers": None}, f"answers is None, expected {NO_TEXTS}"),
        ({"answers": "оң"}, f"answers is 'оң', expected {NO_TEXTS}"),
        ({"answers": ["оң", ""]}, f"answers is ['оң', ''], expected {NO_TEXTS}"),
        ({"answers": [["оң"]]}, f"answers is [['оң']], expected {NO_TEXTS}"),
        ({"answers": {"0": "оң"}}, f"answers is {{'0': 'оң'}}, expected {NO_TEXTS}"),
        ({"tags": "where"}, f"tags is 'where', expected {NO_TEXTS}"),
        ({"tags": [1]}, f"tags is [1], expected {NO_TEXTS}"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_read(tmp_path, changes, message):
    good = [changed(OWN, id="1"), changed(OWN, id="2")]
    found = own(tmp_path, good[0], "", changed(OWN, **changes), good[1])
    assert ids(found) == ["1", "2"]
    assert told(found) == [("жиын.jsonl, line 3", message)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"document_id": GONE}, f"document_id is missing, expected {NOT_AN_ID}"),
        ({"document_id": None}, f"document_id is None, expected {NOT_AN_ID}"),
        ({"document_id": []}, f"document_id is [], expected {NOT_AN_ID}"),
        ({"document_id": False}, f"document_id is False, expected {NOT_AN_ID}"),
        ({"start": GONE}, f"start is missing, expected {NO_NUMBER}"),
        ({"start": -1}, f"start is -1, expected {NO_NUMBER}"),
        ({"start": "3"}, f"start is '3', expected {NO_NUMBER}"),
        ({"start": 3.0}, f"start is 3.0, expected {NO_NUMBER}"),
        ({"start": True}, f"start is True, expected {NO_NUMBER}"),
        ({"start": None}, f"start is None, expected {NO_NUMBER}"),
        ({"start": float("nan")}, f"start is nan, expected {NO_NUMBER}"),
        ({"end": GONE}, f"end is missing, expected {NO_NUMBER}"),
        ({"end": 10**12}, f"end is 1{'0' * 12}, expected {NO_NUMBER}"),
        ({"end": 10**4000}, f"end is 1{'0' * 59}, expected {NO_NUMBER}"),
        ({"end": float("inf")}, f"end is inf, expected {NO_NUMBER}"),
        ({"end": 3}, "end is 3, expected more than start, which is 3"),
        ({"end": 0}, "end is 0, expected more than start, which is 3"),
        ({"quote": None}, f"quote is None, expected {NO_TEXT}"),
        ({"quote": "\t"}, rf"quote is '\t', expected {NO_TEXT}"),
        ({"quote": 5}, f"quote is 5, expected {NO_TEXT}"),
    ],
)
def test_a_bad_gold_sentence_is_told_with_its_number(tmp_path, changes, message):
    bad = changed(OWN, gold=[GOLD, without_gone(changed(GOLD, **changes))])
    found = own(tmp_path, bad, changed(OWN, id="2"))
    assert ids(found) == ["2"]
    assert told(found) == [("жиын.jsonl, line 1", f"gold[1]: {message}")]


NOT_ROWS = [
    ("{", "not JSON ("),
    (as_lines(OWN)[:-2], "not JSON ("),
    (as_lines(OWN)[:-1] + ",,", "not JSON ("),
    ("id,question", "not JSON ("),
    ("{'id': 1}", "not JSON ("),
    ('{"id": "с\x01"}', "not JSON ("),
    ('{"id": "\\x"}', "not JSON ("),
    ('{"id": ' + "9" * 5_000 + "}", "not JSON (Exceeds the limit"),
    ('{"id": ' + "[" * 100_000, "not JSON ("),
    ("\ufeff{}", "not JSON (Unexpected UTF-8 BOM"),
    ("\x00", "not JSON ("),
    ("[]", "[], expected an object"),
    ('"Қайда?"', "'Қайда?', expected an object"),
    ("null", "None, expected an object"),
    ("NaN", "nan, expected an object"),
    ("-7", "-7, expected an object"),
    ("true", "True, expected an object"),
    ("[" + "1, " * 100 + "1]", f"[{'1, ' * 19}1,, expected an object"),
]


@pytest.mark.parametrize(("bad", "message"), NOT_ROWS, ids=range(len(NOT_ROWS)))
def test_a_line_that_is_no_object_is_told(tmp_path, bad, message):
    found = own(tmp_path, changed(OWN, id="1"), bad, changed(OWN, id="2"))
    assert ids(found) == ["1", "2"]
    ((place, told_so),) = told(found)
    assert place == "жиын.jsonl, line 2"
    assert told_so.startswith(message)
    assert len(told_so) < 120


def test_commas_at_the_ends_of_lines_are_passed_over(tmp_path):
    rows = [as_lines(changed(OWN, id=name)).strip() for name in "12"]
    found = own(tmp_path, f"{rows[0]},", f"{rows[1]} , ")
    assert (ids(found), told(found)) == (["1", "2"], [])


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_of_rows_is_read(tmp_path, indent):
    rows = [changed(OWN, id="1"), "Қайда?", changed(OWN, id="2")]
    found = own(tmp_path, json.dumps(rows, indent=indent, ensure_ascii=False))
    assert ids(found) == ["1", "2"]
    assert told(found) == [("жиын.jsonl, row 2", "'Қайда?', expected an object")]


@pytest.mark.parametrize("depth", [900, 960, 985, 990, 994, 999, 1_100, 5_000])
@pytest.mark.parametrize("field", ["id", "question", "gold", "answers", "language", "tags"])
def test_deep_nesting_is_told_however_deep(tmp_path, field, depth):
    deep = "[" * depth + "]" * depth
    bad = as_lines(changed(OWN, **{field: "ӘӘ"})).replace('"ӘӘ"', deep)
    found = own(tmp_path, changed(OWN, id="1"), bad.strip(), deep, changed(OWN, id="2"))
    assert ids(found) == ["1", "2"]
    assert [place for place, _ in told(found)] == [f"жиын.jsonl, line {n}" for n in (2, 3)]


def test_the_second_of_two_with_one_id_is_told(tmp_path):
    other = changed(OWN, question="Басқа сұрақ па?")
    found = own(tmp_path, OWN, other, changed(OWN, id=" с-1 "), changed(OWN, id="2"))
    assert [example.question for example in found.examples] == [QUESTION, QUESTION]
    message = "id 'с-1' is used before, expected once"
    assert told(found) == [(f"жиын.jsonl, line {n}", message) for n in (2, 3)]


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"қ\ud800", "қ?"),
        (r"\udfffқ\udfff", "?қ?"),
        (r"\ud83d\ude00қ", "😀қ"),
        (r"\u049b\u0000", "қ\x00"),
        (r"\u049b\u2028\u0085ә", "қ\u2028\x85ә"),
    ],
)
def test_lone_surrogates_are_replaced_and_nothing_else(tmp_path, escaped, text):
    line = as_lines(changed(OWN, **dict.fromkeys(("id", "question"), "ӘӘ"), answers=["ӘӘ"]))
    found = own(tmp_path, line.replace("ӘӘ", escaped).strip())
    (example,) = found.examples
    assert (example.id, example.question, example.answers) == (text, text, (text,))


def test_line_separators_inside_a_string_do_not_end_the_line(tmp_path):
    asked = "бір\u2028екі\u2029үш\x85төрт"
    assert own(tmp_path, changed(OWN, question=asked)).examples[0].question == asked


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_byte_order_mark_line_ends_and_blank_lines(tmp_path, mark, end):
    text = as_lines(changed(OWN, id="1"), "", " \t", changed(OWN, id="2"), "{", end=end)
    found = read_set(put(tmp_path / "жиын.jsonl", mark + text))
    assert ids(found) == ["1", "2"]
    assert [place for place, _ in told(found)] == ["жиын.jsonl, line 5"]


def test_the_last_line_needs_no_end(tmp_path):
    assert ids(read_set(put(tmp_path / "ж.jsonl", as_lines(OWN).strip()))) == ["с-1"]


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


@given(rows=st.lists(st.dictionaries(st.sampled_from(list(OWN)), JSONS), max_size=5))
def test_every_row_is_an_example_or_told(tmp_path_factory, rows):
    folder = tmp_path_factory.getbasetemp()
    lines = [json.dumps(row) for row in rows]
    found = read_set(put(folder / "кез.jsonl", as_lines(OWN, *lines)))
    assert len(found.examples) + len(found.problems) == 1 + len(rows)
    assert len(told(found)) == len(found.problems)


@given(
    names=st.lists(WORDS.map(str.strip), min_size=1, max_size=4, unique=True),
    question=ASKABLE,
    answers=st.lists(WORDS, min_size=1, max_size=3),
    spans=st.lists(st.tuples(st.integers(0, 99), st.integers(100, 10**11)), max_size=3),
)
def test_whatever_is_written_is_read_back(tmp_path_factory, names, question, answers, spans):
    golds = tuple(Gold("қ", start, end) for start, end in spans)
    examples = tuple(
        Example(name, question, detect(question), gold=golds, answers=tuple(answers))
        for name in names
    )
    rows = [
        {
            "id": each.id,
            "question": each.question,
            "answers": each.answers,
            "gold": [{"document_id": "қ", "start": g.start, "end": g.end} for g in each.gold],
        }
        for each in examples
    ]
    path = put(tmp_path_factory.getbasetemp() / "қайта.jsonl", as_lines(*rows))
    assert read_set(path).examples == examples


# --- reading rows ---------------------------------------------------------------------------------

ANSWER = "таудың етегінде"
START = CONTEXT.index(ANSWER)
READING = {
    "id": "о-1",
    "question": QUESTION,
    "context": CONTEXT,
    "title": "Көл",
    "pid": "п1",
    "answers": {"text": [ANSWER], "answer_start": [START]},
}


def passage(text=CONTEXT, name="п1", title="Көл"):
    return Document(name, title, detect(text), text, source=name, sha256=text_sha256(text))


def gold_of(sentence, name="п1", text=CONTEXT):
    start = text.index(sentence)
    return Gold(name, start, start + len(sentence), sentence)


@pytest.mark.parametrize(
    "answers",
    [
        {"text": [ANSWER], "answer_start": [START]},
        {"text": [ANSWER, ANSWER], "answer_start": [START, START], "more": 1},
        [{"text": ANSWER, "answer_start": START}],
        [{"text": ANSWER, "answer_start": START, "id": 5}] * 2,
    ],
)
def test_a_reading_row_becomes_an_example_and_a_document(tmp_path, answers):
    found = own(tmp_path, changed(READING, answers=answers))
    assert found.documents == (passage(),)
    assert found.examples == (
        Example(
            id="о-1",
            question=QUESTION,
            language="kk",
            gold=(gold_of(SECOND),),
            answers=(ANSWER,),
            tags=("reading",),
        ),
    )


def test_a_context_without_an_id_is_named_by_its_text(tmp_path):
    row = changed(READING, pid=GONE, title=GONE)
    found = own(tmp_path, row, changed(row, id="2", question="Дала қандай?"))
    name = text_sha256(CONTEXT)[:16]
    assert found.documents == (passage(name=name, title=""),)
    assert [example.documents for example in found.examples] == [(name,), (name,)]


def test_an_answer_across_sentences_is_in_the_one_that_holds_most_of_it(tmp_path):
    answer = CONTEXT[len(FIRST) - 5 :]
    row = changed(READING, answers=[{"text": answer, "answer_start": len(FIRST) - 5}])
    assert own(tmp_path, row).examples[0].gold == (gold_of(SECOND),)
    answer = CONTEXT[2 : len(FIRST) + 5]
    row = changed(READING, answers=[{"text": answer, "answer_start": 2}])
    assert own(tmp_path, row).examples[0].gold == (gold_of(FIRST),)


def test_offsets_count_characters_and_not_bytes(tmp_path):
    text = "😀 Ән 😀 күй, жыр."
    row = changed(READING, context=text, answers=[{"text": "күй", "answer_start": 7}])
    assert text[7:10] == "күй"
    assert own(tmp_path, row).examples[0].answers == ("күй",)


def test_rows_that_ask_the_same_become_one_example(tmp_path):
    other = "Екінші мәтін. Көл солтүстікте де бар."
    found = own(
        tmp_path,
        READING,
        changed(
            READING,
            id="о-2",
            pid="п2",
            context=other,
            answers=[{"text": "солтүстікте", "answer_start": other.index("солтүстікте")}],
        ),
        changed(READING, id="о-3", answers=[{"text": "Ұлы", "answer_start": 0}]),
    )
    (example,) = found.examples
    assert example.id == "о-1"
    assert example.need == "any"
    assert example.answers == (ANSWER, "солтүстікте", "Ұлы")
    assert example.gold == (
        gold_of(SECOND),
        gold_of("Көл солтүстікте де бар.", "п2", other),
        gold_of(FIRST),
    )
    assert found.documents == (passage(), passage(other, "п2"))


def test_where_passages_are_given_a_row_is_an_example(tmp_path):
    other = "Екінші мәтін. Көл солтүстікте де бар."
    answers = {"text": ["солтүстікте"], "answer_start": [other.index("солтүстікте")]}
    rows = [READING, changed(READING, id="о-2", pid="п2", context=other, answers=answers)]
    path = put(tmp_path / "жиын.jsonl", as_lines(*rows))
    found = read_set(path, given=True)
    assert ids(found) == ["о-1", "о-2"]
    assert [example.given for example in found.examples] == [("п1",), ("п2",)]
    assert [example.answers for example in found.examples] == [(ANSWER,), ("солтүстікте",)]
    assert [example.gold for example in found.examples] == [
        (gold_of(SECOND),),
        (gold_of("Көл солтүстікте де бар.", "п2", other),),
    ]
    assert found.documents == (passage(), passage(other, "п2"))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_reading_row_is_read_as_it_is_spelt(tmp_path, form):
    text = normalize(form, "АЛТАЙ – БИІК ТАУ. Әңгімеде Абай, Йүгінер және ұйқы; ғ қ ң ө ү һ і.")
    answer = normalize(form, "Абай, Йүгінер")
    row = changed(
        READING,
        question=normalize(form, "Әңгімеде кімдер бар: Абай ма?"),
        context=text,
        answers={"text": [answer], "answer_start": [text.index(answer)]},
    )
    (example,) = own(tmp_path, row).examples
    (gold,) = example.gold
    assert example.answers == (answer,)
    assert gold.quote == text[gold.start : gold.end]
    assert gold.quote.startswith(normalize(form, "Әңгімеде"))


def test_rows_with_one_context_share_a_document(tmp_path):
    rows = [changed(READING, id=f"{n}", question=f"{n}-сұрақ қандай?", pid=GONE) for n in range(5)]
    found = own(tmp_path, *rows, changed(rows[0], id="6", context=f"{CONTEXT} Соңы."))
    assert len(found.documents) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": GONE}, f"id is missing, expected {NOT_AN_ID}"),
        ({"question": "?"}, f"question is '?', expected {NO_QUESTION}"),
        ({"context": GONE}, f"context is missing, expected {NO_TEXT}"),
        ({"context": ""}, f"context is '', expected {NO_TEXT}"),
        ({"context": [CONTEXT]}, f"context is {[CONTEXT]!r:.60}, expected {NO_TEXT}"),
        ({"title": 5}, f"title is 5, expected {NO_TEXT}"),
        ({"pid": None}, f"pid is None, expected {NOT_AN_ID}"),
        ({"pid": 0.5}, f"pid is 0.5, expected {NOT_AN_ID}"),
        ({"context": f"{CONTEXT} "}, "pid is 'п1', expected one context for each id"),
        ({"answers": GONE}, "answers is missing, expected at least one answer"),
        ({"answers": []}, "answers is [], expected at least one answer"),
        ({"answers": "оң"}, "answers is 'оң', expected a list of objects"),
        ({"answers": ["оң"]}, "answers is ['оң'], expected a list of objects"),
        ({"answers": {}}, "answers: answer_start is missing, expected a list of 0 whole numbers"),
        (
            {"answers": {"text": [], "answer_start": []}},
            "answers is {'text': [], 'answer_start': []}, expected at least one answer",
        ),
        (
            {"answers": {"text": ANSWER, "answer_start": [START]}},
            f"answers: text is '{ANSWER}', expected {NO_TEXTS}",
        ),
        (
            {"answers": {"text": [ANSWER], "answer_start": START}},
            f"answers: answer_start is {START}, expected a list of 1 whole numbers",
        ),
        (
            {"answers": {"text": [ANSWER], "answer_start": [START, START]}},
            f"answers: answer_start is {[START, START]}, expected a list of 1 whole numbers",
        ),
        (
            {"answers": {"text": [ANSWER] * 2, "answer_start": [START, -1]}},
            f"answers[1]: answer_start is -1, expected {NO_NUMBER}",
        ),
        (
            {"answers": {"text": [ANSWER], "answer_start": [True]}},
            f"answers[0]: answer_start is True, expected {NO_NUMBER}",
        ),
        (
            {"answers": [{"text": ANSWER, "answer_start": START}, {"text": "оң"}]},
            f"answers[1]: answer_start is missing, expected {NO_NUMBER}",
        ),
        (
            {"answers": [{"answer_start": START}]},
            f"answers[0]: text is missing, expected {NO_TEXT}",
        ),
        (
            {"answers": [{"text": " ", "answer_start": START}]},
            f"answers[0]: text is ' ', expected {NO_TEXT}",
        ),
        *(
            (
                {"answers": [{"text": ANSWER, "answer_start": start}]},
                f"answer_start is {start}, but '{ANSWER}' does not stand there in the context",
            )
            for start in (0, START - 1, START + 1, len(CONTEXT), 10**11)
        ),
    ],
)
def test_a_bad_reading_row_is_told_and_the_others_are_read(tmp_path, changes, message):
    rows = [changed(READING, id=str(n), question=f"{n}-сұрақ?") for n in (1, 2)]
    found = own(tmp_path, rows[0], changed(READING, **changes), rows[1])
    assert ids(found) == ["1", "2"]
    assert found.documents == (passage(),)
    assert told(found) == [("жиын.jsonl, line 2", message)]


def test_a_reading_set_is_told_by_most_of_its_rows(tmp_path):
    rows = [changed(READING, id=str(n), question=f"{n}-сұрақ?") for n in (1, 2)]
    bad = changed(READING, context=GONE)
    for order in ([bad, *rows], [*rows, bad], ["{", bad, *rows], [bad, rows[0]]):
        found = own(tmp_path, *order)
        assert ids(found) == [row["id"] for row in rows if row in order]
        assert (f"context is missing, expected {NO_TEXT}") in [text for _, text in told(found)]


def test_an_own_row_with_a_stray_context_is_an_own_row(tmp_path):
    rows = [changed(OWN, id="1", context="ә"), changed(OWN, id="2"), changed(OWN, id="3")]
    assert ids(own(tmp_path, *rows)) == ["1", "2", "3"]


# --- BEIR folders ---------------------------------------------------------------------------------

CORPUS = [{"_id": f"қ{n}", "text": f"{n}-құжат: ұлы дала.", "title": "Дала"} for n in (1, 2, 3)]
QUERIES = [{"_id": f"с{n}", "text": f"{n}-сұрақ қандай?"} for n in (1, 2, 3)]
HEADER = "query-id\tcorpus-id\tscore"
QRELS = [HEADER, "с1\tқ1\t1", "с1\tқ2\t0", "с2\tқ3\t2"]


def beir(
    tmp_path, corpus=CORPUS, queries=QUERIES, qrels=QRELS, *, end="\n", where="qrels.tsv", mark=""
):
    folder = tmp_path / "жинақ"
    put(folder / "corpus.jsonl", mark + as_lines(*corpus, end=end))
    put(folder / "queries.jsonl", mark + as_lines(*queries, end=end))
    put(folder / where, mark + as_lines(*qrels, end=end))
    return read_set(folder)


@pytest.mark.parametrize(
    "where", ["qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv", "qrels/train.tsv"]
)
@pytest.mark.parametrize(("mark", "end"), [("", "\n"), ("\ufeff", "\r\n")])
def test_a_folder_becomes_examples_that_know_their_documents(tmp_path, where, mark, end):
    found = beir(tmp_path, where=where, mark=mark, end=end)
    assert found.name == "жинақ"
    assert found.problems == ()
    assert found.examples == (
        Example("с1", "1-сұрақ қандай?", "kk", relevant={"қ1": 1, "қ2": 0}),
        Example("с2", "2-сұрақ қандай?", "kk", relevant={"қ3": 2}),
    )
    assert [(d.id, d.title, d.text) for d in found.documents] == [
        (row["_id"], row["title"], row["text"]) for row in CORPUS
    ]
    assert [example.documents for example in found.examples] == [("қ1",), ("қ3",)]


def test_test_is_taken_where_there_are_several_splits(tmp_path):
    for split in ("train", "dev", "test"):
        put(tmp_path / "жинақ" / "qrels" / f"{split}.tsv", f"с3\tқ1\t{len(split)}\n")
    found = beir(tmp_path, where="qrels/test.tsv", qrels=["с2\tқ2\t1"])
    assert ids(found) == ["с2"]


def test_the_header_may_be_missing(tmp_path):
    assert ids(beir(tmp_path, qrels=QRELS[1:])) == ["с1", "с2"]


def test_names_may_be_numbers_and_languages_named(tmp_path):
    queries = [{"_id": 7, "text": "When?", "lang": "ru"}]
    found = beir(tmp_path, queries=queries, qrels=[" 7 \t қ1 \t 3 "])
    assert found.examples == (Example("7", "When?", "ru", relevant={"қ1": 3}),)


@pytest.mark.parametrize(
    ("gains", "relevant"),
    [
        (["1"], {"қ1": 1}),
        (["3", "2", "1"], {"қ1": 3, "қ2": 2, "қ3": 1}),
        (["-1", "1"], {"қ1": -1, "қ2": 1}),
        (["0", "999999999"], {"қ1": 0, "қ2": 999_999_999}),
        (["01", "-0"], {"қ1": 1, "қ2": 0}),
    ],
)
def test_gains_are_kept(tmp_path, gains, relevant):
    qrels = [HEADER, *(f"с1\tқ{n}\t{gain}" for n, gain in enumerate(gains, start=1))]
    found = beir(tmp_path, qrels=qrels)
    assert found.problems == ()
    assert [example.relevant for example in found.examples] == [relevant]


@pytest.mark.parametrize("gains", [["0"], ["-1"], ["0", "-2"]])
def test_a_question_without_a_relevant_document_is_left_out(tmp_path, gains):
    none = [f"с1\tқ{n}\t{gain}" for n, gain in enumerate(gains, start=1)]
    found = beir(tmp_path, qrels=[HEADER, *none, "с2\tқ3\t1"])
    assert (ids(found), found.problems) == (["с2"], ())


def test_questions_that_are_not_judged_are_left_out(tmp_path):
    unjudged = {"_id": "с9", "text": "?"}
    found = beir(tmp_path, queries=[unjudged, *QUERIES])
    assert (ids(found), found.problems) == (["с1", "с2"], ())


def in_qrels(line):
    wanted = "question, document and a whole number, tabbed, or TREC's four columns"
    return f"{line!r:.60}, expected {wanted}"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("с3\tқ9\t1", "document 'қ9' is not in the corpus"),
        ("с3\t\t1", "document '' is not in the corpus"),
        (f"с3\t{'қ' * 99}\t1", f"document '{'қ' * 59} is not in the corpus"),
        ("с1\tқ1\t2", "score is 2, before it was 1, expected one"),
        *(
            (line, in_qrels(line))
            for line in [
                *("с3\tқ1", "с3\tқ1\t", "с3\tқ1\t1\t", "с3 қ1 1", "с3,қ1,1", "\tқ1\t1"),
                *("с3\tқ1\t1.5", "с3\tқ1\t.0", "с3\tқ1\tnan", "с3\tқ1\t+1", "с3\tқ1\t--1"),
                *("с3\t0\tқ1\tқ2", "с3 0 қ1", "с3 0 қ1 1 1", "с3\t0 қ1 1"),
                *("с3\tқ1\t1e3", "с3\tқ1\t²", "с3\tқ1\t٣", "с3\tқ1\t1234567890", "с3\tқ1\t-"),
                *("с3\tқ1\ttrue", HEADER, '{"с3": {"қ1": 1}}', "ә" * 99),
            ]
        ),
    ],
)
def test_a_bad_judgement_is_told_and_the_others_are_read(tmp_path, bad, message):
    found = beir(tmp_path, qrels=[*QRELS[:2], "", bad, *QRELS[2:]])
    assert [example.relevant for example in found.examples] == [{"қ1": 1, "қ2": 0}, {"қ3": 2}]
    assert told(found) == [("qrels.tsv, line 4", message)]


@pytest.mark.parametrize("line", ["с3\t0\tқ1\t2", "с3 0 қ1 2", " с3  Q0 қ1  2 ", "с3\tқ1\t2.0"])
def test_columns_of_trec_and_whole_numbers_with_a_point_are_read(tmp_path, line):
    found = beir(tmp_path, qrels=[*QRELS, line])
    assert found.problems == ()
    assert {example.id: example.relevant for example in found.examples}["с3"] == {"қ1": 2}


@pytest.mark.parametrize("first", ["с1\tқ1\t1.5", "с1\tқ1", "с1 қ1 1", "с1\t0\tқ1\t1x"])
def test_a_bad_first_judgement_is_no_header(tmp_path, first):
    found = beir(tmp_path, qrels=[first, *QRELS[1:]])
    assert told(found) == [("qrels.tsv, line 1", in_qrels(first))]


def test_the_same_judgement_twice_is_one(tmp_path):
    found = beir(tmp_path, qrels=[*QRELS, QRELS[1]])
    assert (ids(found), found.problems) == (["с1", "с2"], ())


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"text": "Қайда?"}, f"_id is missing, expected {NOT_AN_ID}"),
        ({"_id": ["с1"], "text": "Қайда?"}, f"_id is ['с1'], expected {NOT_AN_ID}"),
        ({"_id": None, "text": "Қайда?"}, f"_id is None, expected {NOT_AN_ID}"),
        ({"_id": True, "text": "Қайда?"}, f"_id is True, expected {NOT_AN_ID}"),
        ({"_id": " ", "text": "Қайда?"}, f"_id is ' ', expected {NOT_AN_ID}"),
        ({"_id": "с3"}, f"text is missing, expected {NO_TEXT}"),
        ({"_id": "с3", "text": 5}, f"text is 5, expected {NO_TEXT}"),
        ({"_id": "с3", "text": "…"}, f"text is '…', expected {NO_QUESTION}"),
        ({"_id": "с3", "text": "Қайда?", "lang": "kaz"}, "lang is 'kaz', expected kk, en or ru"),
        ({"_id": "с1", "text": "Қайда?"}, "id 'с1' is used before, expected once"),
        ("[1]", "[1], expected an object"),
    ],
)
def test_a_bad_query_is_told_and_the_others_are_read(tmp_path, bad, message):
    found = beir(tmp_path, queries=[QUERIES[0], bad, QUERIES[1]], qrels=[*QRELS, "с3\tқ1\t1"])
    assert ids(found) == ["с1", "с2"]
    assert told(found)[0] == ("queries.jsonl, line 2", message)
    lost = "1 judged questions are not in queries.jsonl, the first is 'с3'"
    if not isinstance(bad, dict) or bad.get("_id") != "с3":
        assert told(found)[1:] == [("qrels.tsv", lost)]
    else:
        assert told(found)[1:] == []


@pytest.mark.parametrize("depth", [900, 960, 985, 990, 994, 999])
def test_a_query_whose_id_is_nested_deep_is_told(tmp_path, depth):
    deep = '{"_id": ' + "[" * depth + "]" * depth + "}"
    found = beir(tmp_path, queries=[*QUERIES, deep])
    assert [place for place, _ in told(found)] == ["queries.jsonl, line 4"]


def test_judged_questions_that_are_nowhere_are_told(tmp_path):
    found = beir(tmp_path, qrels=[*QRELS, "с8\tқ1\t1", "с7\tқ1\t1", "с6\tқ1\t0"])
    message = "2 judged questions are not in queries.jsonl, the first is 'с7'"
    assert told(found) == [("qrels.tsv", message)]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("{", "line 2 is not JSON"),
        ("[]", r"line 2 is \[\]"),
        ({"_id": "қ2"}, "line 2: text is None"),
        ({"_id": 2, "text": "ә"}, "line 2: _id is 2"),
        (CORPUS[0], "the id 'қ1' is used by 2 documents"),
    ],
)
def test_a_bad_corpus_is_an_error(tmp_path, line, error):
    with pytest.raises(CorpusError, match=error) as caught:
        beir(tmp_path, corpus=[CORPUS[0], line])
    assert "corpus.jsonl" in caught.value.line()


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl"])
def test_a_folder_that_lacks_a_file_is_an_error(tmp_path, name):
    beir(tmp_path)
    (tmp_path / "жинақ" / name).unlink()
    with pytest.raises(EvalError, match=f"cannot read '.*{name}': No such file"):
        read_set(tmp_path / "жинақ")


def test_a_folder_without_judgements_is_an_error(tmp_path):
    beir(tmp_path)
    (tmp_path / "жинақ" / "qrels.tsv").unlink()
    (tmp_path / "жинақ" / "qrels.tsv").mkdir()
    with pytest.raises(EvalError, match=r"жинақ' holds no judgements") as caught:
        read_set(tmp_path / "жинақ")
    assert caught.value.hint == "a BEIR folder has corpus.jsonl, queries.jsonl and qrels.tsv"


@pytest.mark.parametrize("changed_file", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_every_file_of_a_folder_counts_for_its_hash(tmp_path, changed_file):
    before = beir(tmp_path).sha256
    assert before == beir(tmp_path).sha256
    path = tmp_path / "жинақ" / changed_file
    put(path, path.read_bytes() + b"\n")
    assert read_set(tmp_path / "жинақ").sha256 != before


# --- ragas tables ---------------------------------------------------------------------------------

RAGAS = {
    "user_input": QUESTION,
    "reference": "Көл таудың етегінде, оңтүстікте.",
    "retrieved_contexts": json.dumps([FIRST, SECOND], ensure_ascii=False),
    "response": "Оңтүстікте, «етекте».",
    "id": "р-1",
    "answerable": "true",
}


def ragas(tmp_path, text):
    return read_set(put(tmp_path / "кесте.csv", text))


def context(text, line=2):
    digest = text_sha256(text)
    name = f"context-{digest[:12]}"
    return Document(name, "", detect(text), text, f"кесте.csv, line {line}", digest)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_full_row_becomes_an_example_and_its_contexts_documents(tmp_path, mark, end, quoting):
    found = ragas(tmp_path, mark + as_table(RAGAS, end=end, quoting=quoting))
    assert found.problems == ()
    assert found.documents == (context(FIRST), context(SECOND))
    assert found.examples == (
        Example(
            id="р-1",
            question=QUESTION,
            language="kk",
            answers=(RAGAS["reference"],),
            tags=("reference",),
            response=RAGAS["response"],
        ),
    )


def test_two_columns_are_enough(tmp_path):
    rows = [{"user_input": f"{n}-сұрақ?", "reference": "Иә."} for n in (1, 2)]
    found = ragas(tmp_path, as_table(*rows))
    assert found.documents is None
    assert found.examples == tuple(
        Example(f"row-{n}", f"{n}-сұрақ?", "kk", answers=("Иә.",), tags=("reference",))
        for n in (1, 2)
    )


def test_older_names_are_read_and_others_passed_over(tmp_path):
    older = {
        "question": QUESTION,
        "contexts": repr([FIRST]),
        "answer": "Иә.",
        " Ground_Truth": "Жоқ.",
        "faithfulness": "0.5",
        "": "0",
    }
    found = ragas(tmp_path, as_table(older))
    assert found.documents == (context(FIRST),)
    (example,) = found.examples
    assert (example.answers, example.response) == (("Жоқ.",), "Иә.")


QUOTED = 'Ол «it\'s» деді: "бар".\n\tЖаңа жол\\'


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        (json.dumps([FIRST, SECOND]), [FIRST, SECOND]),
        (json.dumps([FIRST, SECOND], ensure_ascii=False, indent=1), [FIRST, SECOND]),
        (repr([FIRST, SECOND]), [FIRST, SECOND]),
        (repr([QUOTED, FIRST]), [QUOTED, FIRST]),
        (ascii([QUOTED, FIRST]), [QUOTED, FIRST]),
        (f"['{FIRST}'\n \"{SECOND}\"]", [FIRST, SECOND]),  # as NumPy writes it
        (f"['{FIRST}''{SECOND}']", [FIRST, SECOND]),
        (f" ['{FIRST}', ] ", [FIRST]),
        (repr([FIRST, FIRST]), [FIRST]),
        (r"['а\d']", [r"а\d"]),
        (r"['\ud800ә']", ["?ә"]),
        (r'["\ud800ә"]', ["?ә"]),
        (repr(["а\x00ә"]), ["а\x00ә"]),
        (FIRST, [FIRST]),
        (f"  {FIRST}\n{SECOND} ", [f"{FIRST}\n{SECOND}"]),
        ('{"а": 1}', ['{"а": 1}']),
        ("[]", []),
        ("  ", []),
        ("", []),
    ],
)
def test_contexts_are_a_list_or_the_one_they_are(tmp_path, cell, texts):
    found = ragas(tmp_path, as_table(changed(RAGAS, retrieved_contexts=cell)))
    assert found.problems == ()
    assert [document.text for document in found.documents or ()] == texts


def test_a_context_of_several_rows_is_one_document(tmp_path):
    rows = [changed(RAGAS, id=str(n)) for n in (1, 2)]
    assert len(ragas(tmp_path, as_table(*rows)).documents) == 2


@pytest.mark.parametrize(
    ("flag", "answerable"),
    [
        *(("true", True), ("True", True), ("TRUE ", True), ("1", True), ("", True), (" ", True)),
        *(("false", False), ("False", False), ("0", False)),
    ],
)
def test_a_row_may_be_unanswerable(tmp_path, flag, answerable):
    row = changed(RAGAS, answerable=flag, reference="" if not answerable else "Иә.")
    (example,) = ragas(tmp_path, as_table(row)).examples
    assert (example.answerable, example.answers) == (answerable, ("Иә.",) * answerable)


def test_what_a_cell_holds_is_kept(tmp_path):
    asked = 'Бір,\r\nекі;\n"үш"\u2028\tтөрт\x00?'
    row = changed(RAGAS, user_input=asked, reference=f" {asked} ", response=asked)
    (example,) = ragas(tmp_path, as_table(row)).examples
    assert (example.question, example.answers) == (asked, (f" {asked} ",))
    assert example.response == asked


BAD_CELLS = [
    ({"user_input": ""}, f"user_input is missing, expected {NO_TEXT}"),
    ({"user_input": " \n"}, f"user_input is missing, expected {NO_TEXT}"),
    ({"user_input": "?"}, f"user_input is '?', expected {NO_QUESTION}"),
    ({"user_input": "қ" * 2001}, f"user_input is '{'қ' * 59}, expected {NO_QUESTION}"),
    ({"reference": ""}, f"reference is missing, expected {NO_TEXT}"),
    ({"id": "ә" * 4_097}, f"id is '{'ә' * 59}, expected {NOT_AN_ID}"),
    ({"id": "1"}, "id '1' is used before, expected once"),
    ({"answerable": "иә"}, "answerable is 'иә', expected true or false"),
    *(
        ({"retrieved_contexts": cell}, f"retrieved_contexts is {value}, expected {expected}")
        for cell, value, expected in [
            ("[1]", "[1]", NO_TEXTS),
            ('["а", null]', "['а', None]", NO_TEXTS),
            ('["а", " "]', "['а', ' ']", NO_TEXTS),
            ("['а', ' ']", "['а', ' ']", NO_TEXTS),
            ("[NaN]", "[nan]", NO_TEXTS),
            ('[["а"]]', "[['а']]", NO_TEXTS),
            *(
                (cell, f"{cell!r:.60}", "a list of strings")
                for cell in [
                    *("['а'", "['а", "[а]", "['а'] ['ә']", "[1] мәтін", "['а', None]", "[b'a']"),
                    *("[f'а']", "['а',, 'ә']", "['а' + 'ә']", "['а' * 9**9**9]", "[print('а')]"),
                    *("[0x" + "f" * 9_999 + "]", "[" * 9_999, "[" * 9_999 + "'", "['а\nә']"),
                    *(r"['\x1']", r"['\N{NOTHING}']", "['а'\\\n]", "['''а\nә''']", "['а'] # ә"),
                    *("[" + "-" * 9_999 + "1]", "[" + "'а'+" * 9_999 + "'ә']", "['а', ...]"),
                ]
            ),
        ]
    ),
]


@pytest.mark.parametrize(("changes", "message"), BAD_CELLS, ids=range(len(BAD_CELLS)))
def test_a_bad_cell_is_told_and_the_others_are_read(tmp_path, changes, message):
    rows = [changed(RAGAS, id="1", reference="Бір\nекі"), changed(RAGAS, **changes)]
    found = ragas(tmp_path, as_table(*rows, changed(RAGAS, id="2")))
    assert ids(found) == ["1", "2"]
    assert told(found) == [("кесте.csv, line 4", message)]


HEAD, GOOD = "user_input,reference\n", "Қайда?,Онда\n"


@pytest.mark.parametrize(
    ("bad", "message", "read"),
    [
        ("Қайда?\n", "1 cells, expected 2", 2),
        ("Қайда?,Онда,Мұнда\n", "3 cells, expected 2", 2),
        (f"{'ә,' * 9_999}\n", "10000 cells, expected 2", 2),
        ('"Қайда"?,Онда\n', "not CSV (',' expected after '\"'); lines 3 to 3 are left out", 2),
        ('"Қайда?" ,Онда\n', "not CSV (',' expected after '\"'); lines 3 to 3 are left out", 2),
        ('Қайда?,"Онда\n', "not CSV (unexpected end of data); lines 3 to 4 are left out", 1),
        ('"Қайда?,Онда\n', "not CSV (unexpected end of data); lines 3 to 4 are left out", 1),
        (
            'Қайда?,"Онда\nҚайда?,"Онда"\n',
            "not CSV (',' expected after '\"'); lines 3 to 4 are left out",
            2,
        ),
    ],
)
def test_a_row_that_is_no_csv_is_told_with_all_its_lines(tmp_path, bad, message, read):
    found = ragas(tmp_path, HEAD + GOOD + bad + GOOD)
    assert len(found.examples) == read
    assert [example.question for example in found.examples] == ["Қайда?"] * read
    assert told(found) == [("кесте.csv, line 3", message)]


def test_blank_rows_are_passed_over(tmp_path):
    found = ragas(tmp_path, f"\n{HEAD}\n{GOOD},\n \n{GOOD},,\n")
    assert ids(found) == ["row-1", "row-2"]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("head", "shown_as", "needed"),
    [
        ("", "''", "user_input and reference"),
        ("user_input", "'user_input'", "user_input and reference"),
        ("reference,response", "'reference, response'", "user_input and reference"),
        ("question,answer", "'question, answer'", "user_input and reference"),
        ("user_input;reference", "'user_input;reference'", "user_input and reference"),
        ("user_input\treference", r"'user_input\treference'", "user_input and reference"),
        ("user_input|reference", "'user_input|reference'", "user_input and reference"),
        ("Қайда?,Онда", "'қайда?, онда'", "user_input and reference"),
        ("ә" * 999, "'" + "ә" * 79, "user_input and reference"),
    ],
)
def test_a_table_without_the_columns_is_an_error(tmp_path, head, shown_as, needed):
    with pytest.raises(EvalError) as caught:
        ragas(tmp_path, f"{head}\n{GOOD}" if head else "")
    assert str(caught.value) == f"кесте.csv has the columns {shown_as}, expected {needed}"
    assert caught.value.hint == "name them in the first line, with commas between them"


@pytest.mark.parametrize(
    "head", ["user_input,reference,question", "reference,user_input,Reference", "id,question,id"]
)
def test_a_column_that_comes_twice_is_an_error(tmp_path, head):
    names = f"{head},reference" if "reference" not in head else head
    with pytest.raises(EvalError, match=r"кесте\.csv has the column (\w+) twice, expected once"):
        ragas(tmp_path, f"{names}\n{GOOD}")


def test_a_header_that_is_no_csv_is_an_error(tmp_path):
    with pytest.raises(EvalError, match=r"кесте\.csv, line 1: not CSV"):
        ragas(tmp_path, f'"user_input,reference\n{GOOD}')


@given(rows=st.lists(st.tuples(ASKABLE, WORDS, WORDS, st.lists(WORDS)), min_size=1, max_size=4))
def test_any_table_comes_back(tmp_path_factory, rows):
    made = [
        changed(RAGAS, id=str(n), user_input=asked, reference=reference, response=response)
        | {"retrieved_contexts": json.dumps(texts)}
        for n, (asked, reference, response, texts) in enumerate(rows)
    ]
    path = put(tmp_path_factory.getbasetemp() / "кез.csv", as_table(*made))
    found = read_set(path)
    assert found.problems == ()
    assert [(e.question, e.answers, e.response) for e in found.examples] == [
        (asked, (reference,), response) for asked, reference, response, _ in rows
    ]
    assert [document.text for document in found.documents or ()] == list(
        dict.fromkeys(text for *_, texts in rows for text in texts)
    )


@given(
    texts=st.lists(WORDS, min_size=1, max_size=4, unique=True), write=st.sampled_from([repr, ascii])
)
def test_any_list_that_python_writes_comes_back(tmp_path_factory, texts, write):
    path = tmp_path_factory.getbasetemp() / "тізім.csv"
    put(path, as_table(changed(RAGAS, retrieved_contexts=write(texts))))
    assert [document.text for document in read_set(path).documents] == texts


@given(
    cells=st.lists(st.lists(st.text('ә",\n\r;?', max_size=5), max_size=3), max_size=6),
    style=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_every_written_row_is_an_example_or_told(tmp_path_factory, cells, style):
    table = io.StringIO()
    csv.writer(table, quoting=style).writerows([["user_input", "reference"], ["Қ?", "ә"], *cells])
    found = read_set(put(tmp_path_factory.getbasetemp() / "жол.csv", table.getvalue()))
    filled = [row for row in cells if any(cell.strip() for cell in row)]
    assert len(found.examples) + len(found.problems) == 1 + len(filled)


# --- all of them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-32", "kz1048", "cp1251"])
@pytest.mark.parametrize("name", ["жиын.jsonl", "кесте.csv"])
def test_a_file_in_another_encoding_is_an_error(tmp_path, name, codec):
    text = as_lines(OWN) if name.endswith("jsonl") else as_table(RAGAS)
    path = put(tmp_path / name, text.encode(codec, "replace"))
    with pytest.raises(EvalError) as caught:
        read_set(path)
    assert name in caught.value.line()
    if codec != "utf-16-le":  # all of its bytes are ASCII or NUL, up to the first Kazakh letter
        assert "is not UTF-8 text (byte " in str(caught.value)
        assert caught.value.hint == "save it as UTF-8"


@pytest.mark.parametrize("name", ["queries.jsonl", "qrels.tsv"])
def test_a_file_of_a_folder_in_another_encoding_is_an_error(tmp_path, name):
    beir(tmp_path)
    path = tmp_path / "жинақ" / name
    put(path, path.read_bytes().decode().encode("utf-16"))
    with pytest.raises(EvalError, match=rf"{name} is not UTF-8 text \(byte 0\)"):
        read_set(tmp_path / "жинақ")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_first_byte_that_is_not_utf8_is_named(tmp_path, mark):
    good = mark + as_lines(OWN).encode()
    with pytest.raises(EvalError, match=rf"UTF-8 text \(byte {len(good)}\)"):
        read_set(put(tmp_path / "жиын.jsonl", good + b"\xff"))


def test_a_mark_of_utf8_before_utf16_is_an_error(tmp_path):
    with pytest.raises(EvalError, match=r"not UTF-8 text \(byte 3\)"):
        read_set(put(tmp_path / "ж.csv", b"\xef\xbb\xbf" + as_table(RAGAS).encode("utf-16")))


@pytest.mark.parametrize("content", ["", "\n", " \r\n\t\n", "\ufeff", "\ufeff\n"])
@pytest.mark.parametrize("name", ["ж.jsonl", "ж.csv"])
def test_an_empty_file_is_an_error(tmp_path, name, content):
    with pytest.raises(EvalError, match=r"holds no question that can be used|has the columns ''"):
        read_set(put(tmp_path / name, content))


MANY = at_length(20_000, 4_000)
"""Rows of a large file."""


class Inner(RowModel):
    end: Offset


class Outer(RowModel):
    inner: tuple[Inner, ...] = Field((), alias="_inner", description="a list of objects")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"_inner": [{"end": 1}, {"end": -1}]}, f"_inner[1]: end is -1, expected {NO_NUMBER}"),
        ({"_inner": [{"end": 1}, {}]}, f"_inner[1]: end is missing, expected {NO_NUMBER}"),
        ({"_inner": [{"end": 1}, 2]}, "_inner is [{'end': 1}, 2], expected a list of objects"),
        ({"_inner": "ә"}, "_inner is 'ә', expected a list of objects"),
    ],
)
def test_an_error_says_which_field_of_which_row(data, message):
    with pytest.raises(EvalError) as caught:
        SetRow("ж.jsonl, line 1", data, "ішкі: ").parse(Outer)
    assert str(caught.value) == f"ішкі: {message}"


def test_a_value_is_shown_cut_short():
    assert shorten("ә" * 99) == "'" + "ә" * 59
    assert shorten(DatasetProblem("ж", "м")) == repr(DatasetProblem("ж", "м"))[:60]
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert shorten(deep) == "nested too deep"


@pytest.mark.parametrize(
    ("name", "text", "good", "bad"),
    [
        ("ж.jsonl", as_lines(*(changed(OWN, id=n) for n in range(MANY))), MANY, 0),
        (
            "ж.jsonl",
            as_lines(*(changed(READING, id=n, pid=f"{n}") for n in range(MANY // 10))),
            1,
            0,
        ),
        ("ж.csv", as_table(*(changed(RAGAS, id=n) for n in range(MANY // 2))), MANY // 2, 0),
        ("ж.csv", HEAD + GOOD + 'x","\n' * 100_000, 1, 1),
        ("ж.csv", as_table(RAGAS, changed(RAGAS, id="2", retrieved_contexts="['а" * 99_999)), 1, 1),
        ("ж.csv", as_table(RAGAS, changed(RAGAS, id="2", retrieved_contexts="['" * 10**6)), 1, 1),
    ],
    ids=["own", "reading", "ragas", "quotes", "open-list", "apostrophes"],
)
def test_a_long_file_comes_to_an_end(tmp_path, name, text, good, bad):
    """Nothing in it takes a time that grows with the square of its length."""
    found = read_set(put(tmp_path / name, text))
    assert (len(found.examples), len(found.problems)) == (good, bad)
