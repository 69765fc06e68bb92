"""Questions for dates and numbers, in three languages, and sentences that hold them."""

import pytest

from chat.reader import expected_kinds, missing_kinds


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("Шарт қай жылы жасалды?", {"when"}),
        ("Келісімге қашан қол қойылды?", {"when"}),
        ("Неше ел мүше болды?", {"count"}),
        ("Бұл нешінші сессия?", set()),
        ("Қанша адам зардап шекті?", {"count"}),
        ("When was it signed, and how many countries signed?", {"when", "count"}),
        ("In which year did it happen?", {"when"}),
        ("Why did it happen?", set()),
        ("В каком году подписан договор?", {"when"}),
        ("Сколько стран вошло?", {"count"}),
        ("Ұлы өзен қайда?", set()),
    ],
)
def test_what_a_question_asks_for(question, kinds):
    assert expected_kinds(question) == kinds


@pytest.mark.parametrize(
    ("sentence", "lacking"),
    [
        ("1994 жылғы сәуірде қол қойылды.", 0),
        ("Жүз адам келді.", 1),  # A number, no date.
        ("Бұл құжаттың маңызы өте зор.", 2),
        ("It was signed in May by 12 states in 1992.", 0),
    ],
)
def test_what_a_sentence_lacks(sentence, lacking):
    assert missing_kinds(frozenset({"when", "count"}), sentence) == lacking
