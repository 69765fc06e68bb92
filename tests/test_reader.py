"""Tests of chat/reader.py: what is read, in which order, and what of it is quoted."""

import itertools
import unicodedata
from dataclasses import replace

import pytest
from fakes import document, features_of
from hypothesis import given
from hypothesis import strategies as st

from chat.reader import MAX_MARGIN, READ_UNTIL, Evidence, margin, read_passages, select, wording
from chat.reader_model import reader_model
from index.ranking_weights import WEIGHTS

FIRST = document("Ғарыш айлағы. Ол далада тұр. Қаласы бар. Өзені де бар.", "бірінші")
SECOND = document("It stands in the steppe. It has a town.", "second", "en")
SPANS = {FIRST.id: [(0, 13), (14, 28), (29, 40), (41, 54)], SECOND.id: [(0, 24), (25, 39)]}


def evidence(score, *, shown=FIRST, position=0, needed=-9.0, found=None, row=None):
    """Return a sentence whose answer is its first word."""
    span = SPANS[shown.id][position]
    end = span[0] + len(shown.text[span[0] :].split()[0])
    return Evidence(
        document=shown,
        span=span,
        row=(0 if shown is FIRST else 1) if row is None else row,
        position=position,
        answer=(span[0], end),
        features=features_of(found=score if found is None else found, needed=needed),
        score=score,
    )


def texts(quotes):
    return [quote.document.text[slice(*quote.span)] for quote in quotes]


def ranked(*sentences):
    return sorted(sentences, key=lambda one: -one.score)


SURE, UNSURE = 40.0, -40.0


def test_one_sentence_is_enough():
    found = ranked(evidence(SURE), evidence(UNSURE, position=1), evidence(UNSURE, shown=SECOND))
    assert texts(select([found])) == ["Ғарыш айлағы."]


def test_the_best_is_quoted_however_unsure():
    assert texts(select([[evidence(UNSURE)]])) == ["Ғарыш айлағы."]


def test_what_must_be_seen_beside_it_is_quoted_with_it():
    """The sentence that «Ол …» speaks of, or the items of a list, as one quote."""
    found = ranked(
        evidence(SURE, position=1),
        evidence(UNSURE, position=0, needed=WEIGHTS.least_needed),
        evidence(UNSURE, position=2, needed=WEIGHTS.least_needed + 1),
        evidence(UNSURE, position=3, needed=WEIGHTS.least_needed - 0.1),
    )
    assert texts(select([found])) == ["Ғарыш айлағы. Ол далада тұр. Қаласы бар."]


def test_a_gap_ends_a_quote():
    found = ranked(
        evidence(SURE, position=0),
        evidence(UNSURE, position=1),
        evidence(UNSURE, position=2, needed=WEIGHTS.least_needed + 9),
    )
    assert texts(select([found])) == ["Ғарыш айлағы."]


def test_neighbours_that_answer_are_one_quote_and_none_overlap():
    """Of a list every item answers, and each is needed beside the others."""
    for needed in (-9.0, 9.0):
        found = ranked(*(evidence(SURE - n / 9, position=n, needed=needed) for n in range(4)))
        assert texts(select([found])) == [FIRST.text]
    apart = ranked(evidence(SURE), evidence(SURE - 1, position=2), evidence(UNSURE, position=1))
    assert texts(select([apart])) == ["Ғарыш айлағы.", "Қаласы бар."]


def test_another_place_is_quoted_only_if_it_answers_too():
    def quoted_beside(score, found):
        other = evidence(score, shown=SECOND, found=found)
        return texts(select([[evidence(SURE, found=9.0), other]])) != ["Ғарыш айлағы."]

    near, far = SURE - WEIGHTS.answers_too, SURE - WEIGHTS.answers_too - 0.1
    assert quoted_beside(near, 0.0)
    assert not quoted_beside(near, -0.1)
    assert not quoted_beside(far, WEIGHTS.answers_surely - 0.1)
    assert quoted_beside(far, WEIGHTS.answers_surely)  # What another language says too.


@pytest.mark.parametrize(
    ("scores", "expected"),
    [((7.5, 7.0, 1.0), 0.5), ((7.0, 7.0), 0.0), ((40.0, -40.0), MAX_MARGIN), ((1.0,), MAX_MARGIN)],
)
def test_the_margin_is_that_over_the_next_sentence(scores, expected):
    found = [evidence(score, position=place) for place, score in enumerate(scores)]
    assert margin(found) == expected


def test_each_part_of_a_question_has_its_quote():
    """However much surer another part is; and one place that answers both stands once."""
    one = ranked(evidence(SURE), evidence(SURE - 0.5, position=2, found=1.0))
    other = ranked(evidence(UNSURE, shown=SECOND), evidence(UNSURE - 9, found=-9.0))
    assert texts(select([one, other])) == ["Ғарыш айлағы.", SECOND.text[:24], "Қаласы бар."]
    assert texts(select([one, one[::-1]])) == ["Ғарыш айлағы.", "Қаласы бар."]
    assert texts(select([one[:1], one[:1]])) == ["Ғарыш айлағы."]
    assert select([]) == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_what_is_said_twice_is_quoted_once(form):
    copy = document(unicodedata.normalize(form, FIRST.text.upper()), "көшірме")
    best = evidence(SURE)
    span = 0, copy.text.index(".") + 1
    other = replace(evidence(SURE - 1), document=copy, span=span, answer=span, row=5)
    assert len(select([[best, other]])) == 1
    assert wording("Ғарыш  АЙЛАҒЫ.") == wording(unicodedata.normalize(form, "ғарыш айлағы."))


def test_answers_are_those_of_the_sentences_that_hold_one():
    found = ranked(
        evidence(SURE, position=1),
        evidence(SURE - 1, position=2, needed=9.0),
        evidence(UNSURE, position=0, needed=9.0),
    )
    (quote,) = select([found])
    assert [FIRST.text[slice(*span)] for span in quote.answers] == ["Ол", "Қаласы"]


@given(
    sentences=st.lists(
        st.tuples(st.floats(-50, 50), st.floats(-3, 3), st.sampled_from([(FIRST, 4), (SECOND, 2)])),
        min_size=1,
        max_size=6,
    ),
    chance=st.randoms(use_true_random=False),
)
def test_quotes_are_few_apart_and_hold_their_answers(sentences, chance):
    places = {}
    for score, needed, (shown, count) in sentences:
        position = chance.randrange(count)
        places[shown.id, position] = evidence(score, shown=shown, position=position, needed=needed)
    found = ranked(*places.values())
    quotes = select([found])
    assert 1 <= len(quotes) <= WEIGHTS.max_quotes
    assert quotes[0].document is found[0].document
    assert quotes[0].span[0] <= found[0].span[0] < quotes[0].span[1]
    spans = sorted((quote.document.id, *quote.span) for quote in quotes)
    for (one, _, end), (other, start, _) in itertools.pairwise(spans):
        assert one != other or end + 1 < start  # More than a space is between them.
    for quote in quotes:
        assert quote.answers
        assert all(quote.span[0] <= a < b <= quote.span[1] for a, b in quote.answers)


LIST = document(
    "Қажет құжаттар:\n1. өтініш;\n2. куәлік;\nБәрін кеңсеге тапсырыңыз.\n3. көлік құжаты;", "тізім"
)


@pytest.mark.parametrize("found", [-1.0, 1.0])
def test_what_announces_a_list_is_no_answer_to_it(found):
    spans = [(0, 15), (16, 26), (27, 37)]
    answers = [(0, 5), (19, 25), (30, 36)]
    lines = [
        replace(
            evidence(SURE if place == 0 else found),
            document=LIST,
            span=span,
            answer=answer,
            position=place,
            features=features_of(found=SURE if place == 0 else found, needed=1.0),
        )
        for place, (span, answer) in enumerate(zip(spans, answers, strict=True))
    ]
    (quote,) = select([lines])
    assert [LIST.text[slice(*span)] for span in quote.answers] == ["өтініш", "куәлік"]
    (quote,) = select([lines[:1]])
    assert [LIST.text[slice(*span)] for span in quote.answers] == ["Қажет"]


def test_what_asks_is_no_answer_beside_one():
    faq = document("**Сұрақ: Шәкіртақы қай күні?**\nЖауап: Айдың 25-інде.", "жиі сұрақтар")
    spans = [(0, 30), (31, len(faq.text))]
    lines = [
        replace(
            evidence(score),
            document=faq,
            span=span,
            answer=span,
            position=place,
            features=features_of(found=score, needed=1.0),
        )
        for place, (score, span) in enumerate(zip((SURE, 1.0), spans, strict=True))
    ]
    (quote,) = select([lines])
    assert [faq.text[slice(*span)] for span in quote.answers] == ["Жауап: Айдың 25-інде."]


def test_a_line_of_signs_ends_no_quote():
    shown = document("Былай қосыңыз:\n```bash\nqos --endi", "нұсқау")
    head, code = (0, 14), (23, 33)
    spans = [head, code]
    found = [
        replace(
            evidence(score),
            document=shown,
            span=span,
            answer=span,
            position=2 * place,
            features=features_of(found=score, needed=1.0),
        )
        for place, (score, span) in enumerate(zip((SURE, UNSURE), spans, strict=True))
    ]
    assert texts(select([found])) == [shown.text]
    worded = replace(shown, text=shown.text.replace("```bash", "сөз сөз"))
    found = [replace(one, document=worded) for one in found]
    assert texts(select([found])) == ["Былай қосыңыз:"]


@pytest.mark.model
def test_what_is_read_is_ranked_and_stands_where_it_says(retriever):
    query = retriever.analyse("Қытаймен шекара туралы шарт қай жылы жасалды?")
    hits = retriever.search(query, WEIGHTS.passages_read)
    found = read_passages(query, hits, retriever)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({(one.row, one.position) for one in found}) == len(found)
    rows = {hit.row for hit in hits}
    for one in found:
        assert one.row in rows
        chunk = retriever.generation.chunks[one.row]
        assert one.span == chunk.sentences[one.position]
        assert one.span[0] <= one.answer[0] < one.answer[1] <= one.span[1]
        assert 0 <= one.confidence <= 1
    assert "1994" in found[0].text
    assert "1994" in found[0].document.text[slice(*found[0].answer)]


class CountingModel:
    """The model that ships, which counts what it reads; its `needed` may be settled beforehand."""

    def __init__(self, needed=None):
        self.tokenizer = reader_model().tokenizer
        self.windows = 0
        self._needed = needed

    def run(self, inputs):
        self.windows += len(inputs)
        read = [(tokens.copy(), verdict) for tokens, verdict in reader_model().run(inputs)]
        for tokens, _ in read:
            tokens[:, 2] = tokens[:, 2] if self._needed is None else self._needed
        return read


def windows_read(retriever, question, until=READ_UNTIL, **settled):
    """Return what is read for a question, and in how many windows."""
    model = CountingModel(**settled)
    query = retriever.analyse(question)
    hits = retriever.search(query, WEIGHTS.passages_read)
    return read_passages(query, hits, retriever, model, until=until), model.windows


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    ["ТМД-дағы қойлардың қанша пайызы Қазақстанда бағылады?",
     "With how many countries are diplomatic relations established?"],
)  # fmt: skip
def test_no_more_is_read_once_the_answer_is_clear(retriever, question):
    found, count = windows_read(retriever, question)
    assert found[0].confidence >= READ_UNTIL
    assert count == 2
    all_found, most = windows_read(retriever, question, until=2.0)
    assert most == WEIGHTS.windows_read
    assert (all_found[0].span, all_found[0].answer) == (found[0].span, found[0].answer)


@pytest.mark.model
def test_all_is_read_where_nothing_answers(retriever):
    found, count = windows_read(retriever, "Ұлттық музейге кіру неше теңге тұрады?")
    assert found[0].confidence < READ_UNTIL
    assert count == WEIGHTS.windows_read


@pytest.mark.model
def test_what_must_be_seen_with_the_answer_is_read_beyond_its_window(retriever):
    """Such as a list that is longer than a window; what stands alone is not followed."""
    question = "ТМД-дағы қойлардың қанша пайызы Қазақстанда бағылады?"
    alone, few = windows_read(retriever, question, until=0.0, needed=-9.0)
    listed, more = windows_read(retriever, question, until=0.0, needed=9.0)
    assert few == 2 < more <= WEIGHTS.windows_read
    (quote, *_) = select([listed])
    assert quote.span[0] < alone[0].span[0] < alone[0].span[1] < quote.span[1]
    passage = retriever.generation.chunks[listed[0].row]
    assert quote.span == (passage.sentences[0][0], passage.sentences[-1][1])


@pytest.mark.model
def test_equal_passages_are_read_once(retriever):
    query = retriever.analyse("Шарт қай жылы жасалды?")
    hits = retriever.search(query, 3)
    once = read_passages(query, hits, retriever, until=2.0)
    twice = read_passages(query, [*hits, *hits], retriever, until=2.0)
    assert [one.span for one in once] == [one.span for one in twice]
