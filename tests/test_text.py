"""Tests of every text that Dalel ships: no word mixes scripts, and all of it is NFC.

A Latin "o" in a Kazakh word looks right and is never found. Two rules let through what is meant to
mix: parts between hyphens are judged apart («BM25-ке»), and code and addresses are not judged.
"""

import json
import re
import unicodedata
from pathlib import Path

import pytest

from eval.dataset import mixed_words

ROOT = Path(__file__).parents[1]
SETS = sorted((ROOT / "eval" / "sets").glob("*.jsonl"))
TEXTS = [
    *sorted((ROOT / "prompts").glob("*.jinja")),
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "index").rglob("*.t[xso][tvm]*")),
    *sorted((ROOT / "ingest" / "corpus").iterdir()),
    ROOT / "ingest" / "abbreviations.toml",
]
MISSPELT = {"typo", "latin"}
"""Tags of questions that are misspelt on purpose."""

_NOT_PROSE = re.compile(r"```.*?```|`[^`\n]*`|https?://\S+", re.DOTALL)


def mixed(text):
    """Return the words of a text that mix Latin and Cyrillic letters."""
    return mixed_words(_NOT_PROSE.sub(" ", text))


def questions(path):
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [row["question"] for row in rows if not MISSPELT & set(row.get("tags", ()))]


@pytest.mark.parametrize(
    "word", ["қазaқ", "Kазақстан", "тәуeлсіз", "1Шaрт", "iс", "əлем", "ҚP", "йo\u0306", "úйі"]
)
def test_a_mixed_word_is_found(word):
    assert mixed(f"Бұл {word}. This") == [unicodedata.normalize("NFC", word)]


@pytest.mark.parametrize(
    "text",
    ["BM25-ке", "NATO-ға", "қазақ Kazakh", "`қaзақ`", "https://қaз.kz", "СШҚ-1Шартына", "№5"],
)
def test_what_may_stand_side_by_side_is_not_found(text):
    assert mixed(text) == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_word_of_a_text_mixes_scripts(path):
    assert mixed(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.name)
def test_no_word_of_a_question_mixes_scripts(path):
    rows = questions(path)
    assert rows
    assert [word for question in rows for word in mixed(question)] == []


@pytest.mark.parametrize("path", [*TEXTS, *SETS], ids=lambda path: path.name)
def test_every_text_is_nfc(path):
    text = path.read_text("utf-8")
    assert text == unicodedata.normalize("NFC", text)


def test_the_texts_are_there():
    names = {path.name for path in [*TEXTS, *SETS]}
    expected = {"calibration_questions.txt", "SOURCES.toml", "kk_foreign_policy.txt"}
    assert expected | {"refusal.kk.jinja", "abbreviations.toml"} <= names
    assert SETS
