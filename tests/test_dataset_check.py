"""Tests of eval/dataset.py: what it tells of a set, and that the committed sets give it no cause.

A failure here never shows what a question of a committed set says, only where it stands.
"""

import json
import unicodedata
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from eval.dataset import DatasetProblem, Example, Gold, check, mixed_words, usable
from eval.formats import read_set
from eval.metrics.wording import folded
from ingest.loader import read_shipped
from tests.fakes import document

TEXT = "Ұлы дала өңірі кең.  Көл оңтүстікте, таудың етегінде."
DOCUMENTS = {"құжат": document(TEXT)}
FIRST, SECOND = "Ұлы дала өңірі кең.", "Көл оңтүстікте, таудың етегінде."


def gold_of(sentence, quote=None):
    start = TEXT.index(sentence)
    return Gold("құжат", start, start + len(sentence), sentence if quote is None else quote)


GOOD = Example(
    "с-1", "Көл қайда?", "kk", gold=(gold_of(SECOND),), answers=("тау етегінде", "оңтүстік")
)


def told(*examples):
    """Return place, message and fatality of all that is told."""
    return [(each.place, each.message, each.fatal) for each in check(examples, DOCUMENTS)]


# --- each thing that is told ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "example",
    [
        GOOD,
        replace(GOOD, gold=(gold_of(SECOND, ""),)),
        replace(GOOD, gold=(gold_of(FIRST), gold_of(SECOND)), need="all"),
        replace(GOOD, gold=(gold_of(TEXT),)),
        replace(GOOD, answers=()),
        replace(GOOD, gold=()),
        replace(GOOD, gold=(), answers=(), answerable=False),
        replace(GOOD, gold=(), answers=(), relevant={"жоқ": 1}),
        replace(GOOD, answers=("иә", "yes"), tags=("yes-no",)),
        replace(GOOD, tags=("variant-of:с-1",)),
    ],
)
def test_nothing_is_told_of_a_sound_example(example):
    assert told(example) == []


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        (Gold("жоқ", 0, 5), "document 'жоқ' is not indexed"),
        (Gold("ә" * 200, 0, 5), f"document '{'ә' * 79} is not indexed"),
        (Gold("құжат", 0, len(TEXT) + 1), f"ends at {len(TEXT) + 1}, the document at {len(TEXT)}"),
        (
            Gold("құжат", 10**9, 10**11, "Ұлы"),
            f"ends at {10**11}, the document at {len(TEXT)}",
        ),
        (Gold("құжат", 0, 3, "Улы"), "the document has 'Ұлы' there, expected 'Улы'"),
        (Gold("құжат", 1, 4, "Ұлы"), "the document has 'лы ' there, expected 'Ұлы'"),
        (Gold("құжат", 0, 3, "Ұлы "), "the document has 'Ұлы' there, expected 'Ұлы '"),
        (
            Gold("құжат", 0, len(TEXT), "ә" * 99),
            f"the document has {TEXT!r:.60} there, expected '{'ә' * 59}",
        ),
        (Gold("құжат", 19, 21), "only white space stands there"),
        (Gold("құжат", 19, 21, "  "), "only white space stands there"),
        (Gold("құжат", 5, 5), "only white space stands there"),
    ],
)
def test_gold_that_is_not_there_makes_an_example_unusable(gold, message):
    bad = replace(GOOD, gold=(gold_of(SECOND), gold))
    assert told(bad) == [("с-1", f"gold[1]: {message}", True)]
    other = replace(GOOD, id="с-2", question="Басқа ма?")
    examples = (bad, other)
    assert usable(examples, check(examples, DOCUMENTS)) == (other,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"gold": (Gold("құжат", 20, len(TEXT)),)},
            f"gold[0]: white space at an end of {TEXT[20:]!r:.60}",
        ),
        ({"gold": (Gold("құжат", 21, 25), gold_of(SECOND))}, "gold[0]: white space at an end of "),
        ({"need": "all"}, "need is 'all' with fewer than two gold sentences"),
        ({"gold": (), "need": "all"}, "need is 'all' with fewer than two gold sentences"),
        (
            {"question": unicodedata.normalize("NFD", "Үй қайда?")},
            "question or answer is not in composed form (NFC)",
        ),
        (
            {"answers": ("оңтүстік", unicodedata.normalize("NFD", "йод"))},
            "question or answer is not in composed form (NFC)",
        ),
        ({"question": "Көл қaйда?"}, "'қaйда' mixes Latin and Cyrillic letters"),
        ({"answers": ("оңтүстік", "тaу")}, "'тaу' mixes Latin and Cyrillic letters"),
        ({"answers": ("солтүстік",)}, "no gold sentence holds 'солтүстік' or another short answer"),
        (
            {"answers": ("оңтүстікте емес",), "gold": (gold_of(FIRST), gold_of(SECOND))},
            "no gold sentence holds 'оңтүстікте емес' or another short answer",
        ),
        ({"answers": ("ә" * 99,)}, f"no gold sentence holds '{'ә' * 59} or another short answer"),
        ({"tags": ("variant-of:с-9",)}, "tag 'variant-of:с-9': no such example"),
        ({"tags": ("variant-of:",)}, "tag 'variant-of:': no such example"),
    ],
)
def test_what_a_person_should_look_at_leaves_an_example_usable(changes, message):
    odd = replace(GOOD, **changes)
    ((place, text, fatal),) = told(odd)
    assert (place, fatal) == ("с-1", False)
    assert text == message or (message.endswith(" ") and text.startswith(message))
    assert usable([odd], check([odd], DOCUMENTS)) == (odd,)


@pytest.mark.parametrize("question", ["Көл қайда?", "көл  ҚАЙДА?", " Көл\tқайда?\n"])
def test_a_question_that_is_asked_twice_is_told(question):
    again = replace(GOOD, id="с-2", question=question)
    third = replace(GOOD, id="с-3", question="Көл  қайда?")
    assert told(GOOD, again, third) == [
        ("с-2", "asks what с-1 asks", False),
        ("с-3", "asks what с-1 asks", False),
    ]


@pytest.mark.parametrize("tag", ["typo", "latin", "missing-letters"])
def test_words_that_are_misspelt_on_purpose_are_not_told(tag):
    mixed = replace(GOOD, question="Көл қaйда?", tags=(tag,))
    assert told(mixed) == []


def test_one_short_answer_in_one_gold_sentence_is_enough():
    golds = (gold_of(FIRST), gold_of(SECOND))
    assert told(replace(GOOD, gold=golds, answers=("in the south", "оңтүстік"))) == []


def test_gold_in_a_missing_document_is_told_once():
    bad = replace(GOOD, gold=(Gold("жоқ", 0, 5), gold_of(SECOND)))
    assert told(bad) == [("с-1", "gold[0]: document 'жоқ' is not indexed", True)]


def test_all_that_is_wrong_is_told():
    bad = replace(
        GOOD,
        question="Kөл?",
        gold=(Gold("жоқ", 0, 1), Gold("құжат", 0, 99)),
        answers=("ғ",),
        tags=("variant-of:с-9",),
    )
    fatal = [("с-1", True), ("с-1", True)]
    assert [(place, fate) for place, _, fate in told(bad)] == [*fatal, *[("с-1", False)] * 3]


def test_only_fatal_problems_of_the_example_itself_make_it_unusable():
    other = replace(GOOD, id="с-2")
    problems = [
        DatasetProblem("с-1", "ә", fatal=False),
        DatasetProblem("с-2", "ә"),
        DatasetProblem("ж, line 1", "ә"),
    ]
    assert usable([GOOD, other], problems) == (GOOD,)
    assert usable([], problems) == ()


def test_an_empty_set_has_no_problem():
    assert check([], {}) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Kазақстан мен Kazakhstan", ["Kазақстан"]),
        ("BM25-ке, NATO-ға, 25-ші", []),
        ("1Шaрт əлем", ["1Шaрт", "əлем"]),
        ("йo\u0306", [unicodedata.normalize("NFC", "йo\u0306")]),
        ("", []),
    ],
)
def test_words_that_mix_scripts_are_found(text, words):
    assert mixed_words(text) == words


# --- the committed sets ---------------------------------------------------------------------------

SETS = sorted((Path(__file__).parents[1] / "eval" / "sets").glob("*.jsonl"))
SHIPPED = {each.id: each for each in read_shipped().documents}
FOUND = {path.name: read_set(path) for path in SETS}
DEV, TEST = (FOUND[f"foreign_policy.{half}.jsonl"].examples for half in ("dev", "test"))
SMOKE = FOUND["smoke.jsonl"].examples
EVERY = [example for found in FOUND.values() for example in found.examples]
each_set = pytest.mark.parametrize("name", FOUND)
HALVES = {"dev": DEV, "test": TEST}
each_half = pytest.mark.parametrize("half", HALVES)


@each_set
def test_a_committed_set_has_no_problem(name):
    found, n = FOUND[name], len(FOUND[name].examples)
    assert [problem.place for problem in found.problems] == []
    problems = check(found.examples, SHIPPED)
    assert [problem.place for problem in problems] == []
    left = len(usable(found.examples, problems))
    assert left == n > 0
    assert found.documents is None


@each_set
def test_every_gold_sentence_of_a_committed_set_has_its_quote(name):
    assert [each.id for each in FOUND[name].examples if not all(g.quote for g in each.gold)] == []


@each_set
def test_every_example_of_a_committed_set_is_answered_by_gold_or_unanswerable(name):
    odd = [
        each.id
        for each in FOUND[name].examples
        if each.answerable != bool(each.gold)
        or each.answerable != bool(each.answers)
        or each.answerable == ("unanswerable" in each.tags)
        or each.relevant
        or each.withheld
    ]
    assert odd == []


@each_set
def test_the_direction_is_that_of_question_and_gold(name):
    odd = []
    for each in FOUND[name].examples:
        languages = {SHIPPED[gold.document_id].language for gold in each.gold}
        to = "both" if len(languages) > 1 else "".join(languages)
        wanted = [f"{each.language}->{to}"] if each.answerable else []
        if [tag for tag in each.tags if "->" in tag] != wanted:
            odd.append(each.id)
    assert odd == []


@each_set
def test_tags_are_those_that_the_readme_names(name):
    readme = (SETS[0].parent / "README.md").read_text("utf-8")
    tags = {tag.split(":")[0] for each in FOUND[name].examples for tag in each.tags}
    assert {tag for tag in tags if f"`{tag}" not in readme and "->" not in tag} == set()


def test_ids_and_questions_are_unique_over_all_sets():
    names, questions = {each.id for each in EVERY}, {folded(each.question) for each in EVERY}
    counts = (len(EVERY), len(names), len(questions))
    assert len(set(counts)) == 1


def overlaps(ours, theirs):
    """Count pairs of spans, one of each, that share a character."""
    spans = [
        sorted({(g.document_id, g.start, g.end) for each in half for g in each.gold})
        for half in (ours, theirs)
    ]
    return sum(a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a in spans[0] for b in spans[1])


def test_dev_shares_no_gold_sentence_with_test_or_smoke():
    shared, own = overlaps(DEV, (*TEST, *SMOKE)), overlaps(DEV, DEV)
    assert shared == 0
    assert own > 0  # what is counted above can be found


def test_a_sentence_is_always_cut_at_the_same_places():
    spans = sorted({(g.document_id, g.start, g.end) for each in EVERY for g in each.gold})
    shared = [a for a, b in pairwise(spans) if a[0] == b[0] and b[1] < a[2]]
    assert shared == []


def test_there_are_enough_questions():
    n = len(DEV) + len(TEST)
    assert n >= 240
    unanswerable = Counter(each.language for each in (*DEV, *TEST) if not each.answerable)
    assert unanswerable["kk"] + unanswerable["en"] >= 60
    assert min(unanswerable["kk"], unanswerable["en"]) >= 20


@pytest.mark.parametrize("direction", ["kk->kk", "en->en", "en->kk", "kk->en"])
def test_there_are_enough_questions_in_each_direction(direction):
    assert sum(direction in each.tags for each in (*DEV, *TEST)) >= 40


@each_half
@pytest.mark.parametrize(
    "tag",
    [
        *("latin", "missing-letters", "typo", "two-sentences", "near-miss", "false-premise"),
        *("underspecified", "off-topic", "nonsense", "ru->kk", "ru->en", "both", "yes-no"),
    ],
)
def test_each_half_has_each_kind_of_question(half, tag):
    assert any(tag in each.tags for each in HALVES[half])


@each_half
@pytest.mark.parametrize("answerable", [True, False])
@pytest.mark.parametrize("language", ["kk", "en", "ru"])
def test_each_half_has_each_language_answerable_or_not(half, language, answerable):
    assert any((each.language, each.answerable) == (language, answerable) for each in HALVES[half])


@each_half
def test_a_variant_has_the_gold_and_the_answers_of_its_question(half):
    named = {each.id: each for each in HALVES[half]}
    variants = [
        (each, named[tag.removeprefix("variant-of:")])
        for each in named.values()
        for tag in each.tags
        if tag.startswith("variant-of:")
    ]
    n = len(variants)
    assert n > 0
    odd = [
        a.id
        for a, b in variants
        if (a.gold, a.answers, a.need, a.language) != (b.gold, b.answers, b.need, b.language)
    ]
    assert odd == []


# --- errors planted in a committed set ------------------------------------------------------------


def planted(tmp_path, plant):
    """Plant an error in a copy of a committed set: return the example's id and what is told."""
    lines = SETS[0].read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    tagged = ("any", "two-sentences", "yes-no")
    at = next(
        number
        for number, row in enumerate(rows)
        if number > 5 and len(row["gold"]) == 1 and not set(tagged) & set(row["tags"])
    )
    plant(rows[at], rows)
    path = tmp_path / "көшірме.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    found = read_set(path)
    problems = [*found.problems, *check(found.examples, SHIPPED)]
    left = usable(found.examples, problems)
    return rows[at]["id"], problems, len(rows) - len(left)


def moved(start, end):
    def plant(row, _):
        row["gold"][0]["start"] += start
        row["gold"][0]["end"] += end

    return plant


def beyond(row, _):
    row["gold"][0] |= {"start": 10**6, "end": 10**6 + 5}


def one_letter(row, _):
    quote = row["gold"][0]["quote"]
    row["gold"][0]["quote"] = quote[:-2] + ("ә" if quote[-2] != "ә" else "і") + quote[-1]


def other_document(row, _):
    (name,) = set(SHIPPED) - {row["gold"][0]["document_id"]}
    row["gold"][0]["document_id"] = name


def no_document(row, _):
    row["gold"][0]["document_id"] += "2"


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (moved(1, 0), "gold[0]: the document has "),
        (moved(-1, 0), "gold[0]: the document has "),
        (moved(0, 1), "gold[0]: the document has "),
        (moved(0, -1), "gold[0]: the document has "),
        (moved(1, 1), "gold[0]: the document has "),
        (beyond, "gold[0]: ends at 1000005, the document at "),
        (one_letter, "gold[0]: the document has "),
        (other_document, "gold[0]: "),
        (no_document, "gold[0]: document "),
    ],
)
def test_a_planted_error_in_gold_is_fatal(tmp_path, plant, message):
    name, problems, lost = planted(tmp_path, plant)
    assert lost == 1
    fatal = [problem for problem in problems if problem.fatal]
    assert [problem.place for problem in fatal] == [name]
    assert fatal[0].message.startswith(message)


def wrong_answers(row, _):
    row["answers"] = ["мұндай жауап жоқ", "no such answer"]


def asked_before(row, rows):
    row["question"] = rows[0]["question"].upper()


def mixed(row, _):
    row["question"] += " қaзақ"


def taken_apart(row, _):
    row["question"] += " " + unicodedata.normalize("NFD", "йод")


def needs_all(row, _):
    row["need"] = "all"


def variant_of_nothing(row, _):
    row["tags"].append("variant-of:жоқ")


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (wrong_answers, "no gold sentence holds 'мұндай жауап жоқ' or another short answer"),
        (asked_before, f"asks what {FOUND[SETS[0].name].examples[0].id} asks"),
        (mixed, "'қaзақ' mixes Latin and Cyrillic letters"),
        (taken_apart, "question or answer is not in composed form (NFC)"),
        (needs_all, "need is 'all' with fewer than two gold sentences"),
        (variant_of_nothing, "tag 'variant-of:жоқ': no such example"),
    ],
)
def test_another_planted_error_is_told(tmp_path, plant, message):
    name, problems, lost = planted(tmp_path, plant)
    assert lost == 0
    assert [(each.place, each.message, each.fatal) for each in problems] == [(name, message, False)]


def test_an_id_that_is_planted_twice_is_told(tmp_path):
    def twice(row, rows):
        row["id"] = rows[0]["id"]

    name, problems, lost = planted(tmp_path, twice)
    assert problems[0].message == f"id {name!r:.60} is used before, expected once"
    assert lost == 1
