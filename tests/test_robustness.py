"""Tests of eval/robustness.py: alphabets by hand, slips that are one edit, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.dataset import Example
from eval.robustness import TYPING_WAYS, retype
from ingest.language import detect

QUESTION = "Ғарыш пен һәм үй: Шөл, щётка, ІЖ, өзен қайда?"


def spelt(text, way, language="kk"):
    return retype(Example("1", text, language), way).question


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("latin-2017", "G'arys' pen ha'm u'i': S'o'l, s's'iotka, IJ, o'zen qai'da?"),
        ("latin-2018", "Ǵarysh pen hám úı: Shól, shshiotka, IJ, ózen qaıda?"),
        ("latin-2021", "Ğaryş pen häm üi: Şöl, şşiotka, IJ, özen qaida?"),
        ("latin", "Garysh pen ham ui: Shol, shyotka, IZh, ozen qaida?"),
        ("russian", "Гарыш пен хам уй: Шол, щётка, ИЖ, озен кайда?"),
    ],
)
def test_alphabets_by_hand(way, expected):
    assert spelt(QUESTION, way) == expected


@pytest.mark.parametrize("way", TYPING_WAYS[:-1])
@pytest.mark.parametrize(("text", "language"), [("In 1994?", "en"), ("Ғарыш где?", "ru")])
def test_only_kazakh_questions_lose_their_alphabet(way, text, language):
    assert spelt(text, way, language) == text


@pytest.mark.parametrize("way", TYPING_WAYS)
@given(text=st.text())
def test_anything_can_be_typed(way, text):
    assert spelt(text, way) == spelt(text, way)


@pytest.mark.parametrize("way", TYPING_WAYS[:4])
@given(text=st.text("аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя ?", min_size=1))
def test_nothing_cyrillic_is_left(way, text):
    assert not any("Ѐ" <= letter <= "ӿ" for letter in spelt(text, way))


def edits(one, other):
    """Return the distance of two words, a swap of neighbours counting one."""
    rows = {(i, j): i + j for i in range(len(one) + 1) for j in range(len(other) + 1) if not i * j}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = one[i - 1] != other[j - 1]
            rows[i, j] = min(rows[i - 1, j] + 1, rows[i, j - 1] + 1, rows[i - 1, j - 1] + cost)
            if i > 1 < j and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i, j] = min(rows[i, j], rows[i - 2, j - 2] + 1)
    return rows[len(one), len(other)]


@given(st.text("аәбғқңөұүһі", min_size=5, max_size=12))
def test_a_slip_is_one_edit_inside_the_word(word):
    slipped = spelt(word, "slip")
    assert edits(word, slipped) <= 1
    assert slipped[0] == word[0]


def test_a_slip_is_in_the_longest_word_and_always_the_same():
    text = "Ел қай жылы тәуелсіздігін жариялады?"
    slipped = spelt(text, "slip")
    changed = [(a, b) for a, b in zip(text.split(), slipped.split(), strict=True) if a != b]
    assert [a for a, _ in changed] == ["тәуелсіздігін"]
    assert spelt("Бұл не ел?", "slip") == "Бұл не ел?"


@pytest.mark.parametrize("way", TYPING_WAYS)
def test_kazakh_stays_kazakh(way):
    assert (
        detect(spelt("Қалқанша безі қызметінің жетіспеушілігінен қандай ауру туады?", way)) == "kk"
    )


@pytest.mark.model
@pytest.mark.parametrize("way", TYPING_WAYS)
def test_a_typed_question_finds_what_the_clean_one_finds(retriever, way):
    question = "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?"
    clean, other = (retriever.search(text, 5) for text in (question, spelt(question, way)))
    assert clean[0].chunk == other[0].chunk
