"""The Kazakh stemmer against forms written by hand (data/stemmer_forms.tsv), and its properties.

A row's kind says where the stem is a class rather than the dictionary's form: «all meet in тан».
"""

import csv
import unicodedata
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.stemmer import stem

ROOT = Path(__file__).parents[1]
FORMS = ROOT / "tests" / "data" / "stemmer_forms.tsv"
LETTERS = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
VOICED = {"п": "б", "к": "г", "қ": "ғ"}

with FORMS.open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t"))


def exceptions():
    """Return the stems that the exceptions file names."""
    text = (resources.files("index.analysis") / "stemmer_exceptions.tsv").read_text("utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and line[0] != "#"]
    return {word for kept, forms in lines for word in [kept, *forms.split()]}, lines


EXCEPTIONS, LINES = exceptions()

# Beginnings and endings met in words, so that chains are common among what is tried.
PIECES = """қала мектеп кітап жүрек халық жаз сөйле қой тану у ю ы і а е лар лер дар тер ның дің ға
ке да нда дан нан мен пен сы сі ым іміз ыңыз ған кен атын йді ып п ма бе па ыл н дыр дағы гі қы лы
ды ба ша лық сіз ұлы ев ог ика""".split()
words = st.one_of(
    st.text(LETTERS, min_size=1, max_size=20),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join),
)


def corpus():
    """Return all words of the texts that the project ships."""
    paths = [*(ROOT / "ingest" / "corpus").glob("*.txt"), ROOT / "README.kk.md"]
    text = " ".join(path.read_text("utf-8") for path in paths)
    return sorted(set("".join(c if c.isalpha() else " " for c in text).split()))


def may_begin(word, start):
    """Say whether a stem is what a word begins with, up to its last letter."""
    return word.startswith(start[:-1]) and len(start) <= len(word)


def test_every_form_has_its_stem():
    stems = [(row["form"], stem(row["form"]), row["stem"]) for row in ROWS]
    wrong = [(form, result, expected) for form, result, expected in stems if result != expected]
    assert not wrong, f"{1 - len(wrong) / len(ROWS):.1%} of {len(ROWS)} right; wrong: {wrong}"


def test_there_are_enough_forms_and_each_once():
    forms = [row["form"] for row in ROWS]
    assert len(forms) >= 650
    assert len(set(forms)) == len(forms)
    assert sum(row["kind"].startswith("trap") for row in ROWS) >= 60


@pytest.mark.parametrize("row", ROWS[::10], ids=lambda row: row["form"])
def test_capitals_and_composition_do_not_matter(row):
    form = row["form"]
    assert stem(form.upper()) == stem(form.title()) == row["stem"]
    assert stem(unicodedata.normalize("NFD", form)) == row["stem"]


def test_a_composed_letter_is_one_letter():
    assert stem("йо".replace("й", "и\u0306")) == "йо"
    assert stem("Абаи\u0306дың") == "абай"


@given(words)
def test_a_stem_is_its_own_stem(word):
    assert stem(stem(word)) == stem(word)


@given(words)
def test_a_stem_is_what_a_word_begins_with(word):
    result = stem(word)
    assert result
    assert result in EXCEPTIONS or may_begin(word, result)
    if result not in EXCEPTIONS and not word.startswith(result):
        # The last letter is the unvoiced one, or the й of қоя-ды, қою.
        assert result[-1] == "й" or word[len(result) - 1] == VOICED[result[-1]]


def test_shipped_words_keep_the_properties():
    shipped = corpus()
    assert len(shipped) > 100
    for word in shipped:
        result = stem(word)
        assert result == stem(result)
        folded = unicodedata.normalize("NFC", word.casefold())
        assert result in EXCEPTIONS or may_begin(folded, result), word


@pytest.mark.parametrize(
    "word", ["2024", "NATO", "treaty's", "БҰҰ-ға", "1,5", "мен2", "ALMATY", ""]
)
def test_what_is_no_cyrillic_word_is_only_folded(word):
    assert stem(word) == word.casefold()


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[1][:20])
def test_an_exception_means_one_thing_and_holds(line):
    kept, forms = line
    assert forms.split()
    for form in forms.split():
        assert stem(form) == (form if kept == "=" else kept)
    if kept != "=":
        assert stem(kept) == kept


def test_no_exception_is_written_twice():
    written = [form for _, forms in LINES for form in forms.split()]
    twice = {form for form in written if written.count(form) > 1}
    assert not twice


@pytest.mark.parametrize(
    ("first", "second"),
    [("су", "сұлу"), ("бала", "балық"), ("ол", "он"), ("ат", "ата"), ("қазан", "қазақ"),
     ("оқушы", "оқу"), ("астана", "ас"), ("жеті", "жету")],
)  # fmt: skip
def test_words_apart_stay_apart(first, second):
    assert stem(first) != stem(second)


@pytest.mark.parametrize("word", ["шекараге", "мемлекетға", "үйды", "ағашда", "орманпен"])
def test_an_ending_that_does_not_agree_stays(word):
    assert stem(word) == word
