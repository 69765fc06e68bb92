"""Tests of chat/web/viewer.py: places are marked to the letter, cards say where and why."""

import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from fakes import document, passage
from hypothesis import assume, given
from hypothesis import strategies as st

from chat.answer import MAX_COPIES, Answer, Copy, cite
from chat.sanitize import sanitize
from chat.session import MAX_SHOWN_PASSAGES, Turn
from chat.web import evidence, viewer
from chat.web.confidence_steps import LIKELY, SURE, LikelihoodModel, measured, measured_questions
from chat.web.i18n import LANGUAGES, Translations
from prompts.render import render

ALL = [*map(Translations, LANGUAGES)]
KAZAKH = ALL[0]
TEXT = "Үкі түнде ұшады.\nҒарыш алыс. Шекара туралы шарт жасалды. Ол ұзақ.\nӨзен ақты."
QUOTE = "Шекара туралы шарт жасалды."
LETTERS = "ә|и\u0306|👩\u200d🚀|🇰🇿|<b>|&amp;|\"|'| |\n|\r\n|\r|\t|\u202e|\x00|</mark>".split("|")
texts = st.lists(st.sampled_from(LETTERS) | st.text(max_size=3)).map("".join).filter(bool)


@st.composite
def places(draw, texts=texts):
    text = draw(texts)
    start = draw(st.integers(0, len(text) - 1))
    return text, (start, draw(st.integers(start + 1, len(text))))


class Parsed(HTMLParser):
    """The elements of a page: (tag, attributes, all text inside); every tag closed in its turn."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), []))
        self.open += self.elements[-1:] if tag not in ("meta", "link") else []

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for _, _, text in self.open:
            text.append(data)

    def all(self, tag, name=None):
        tagged = [element for element in self.elements if element[0] == tag]
        named = [
            element
            for element in tagged
            if name in (None, element[1].get("class"), element[1].get("id"))
        ]
        return [("".join(text), attributes) for _, attributes, text in named]

    def texts(self, tag, name=None):
        return [text for text, _ in self.all(tag, name)]


def asked_of(link):
    """Return the document's id, and what else `document_page` is asked with."""
    query = {name: value for name, (value,) in parse_qs(urlsplit(link).query).items()}
    span = (int(query.get("start", 0)), int(query.get("end", 0)))
    asked = {"span": span, "sha256": query.get("sha256", "")}
    if "answer_start" in query:
        asked["answer"] = (int(query["answer_start"]), int(query["answer_end"]))
    return query["id"], asked


def opened(source, i18n=KAZAKH, *, span=(0, 0), answer=None, sha256=""):
    return Parsed(viewer.document_page(source, span, i18n, answer=answer, sha256=sha256, added=""))


def answered(
    *spans,
    source=None,
    language="kk",
    question="Шекара қайда?",
    passages=(),
    words=None,
    copies=(),
    **named,
):
    """Return a turn that quotes a document at these places; `words` answer, in the first."""
    source = source or document(TEXT, title="Жыл & күн")
    citations = tuple(
        cite(mark, source, span, words if mark == 1 else None).model_copy(update={"copies": copies})
        for mark, span in enumerate(spans, start=1)
    )
    short_answer = source.text[slice(*words)] if words else ""
    name = "extractive" if spans else "refusal"
    values = {"confidence": 0.75, "mode": "extractive", **named}
    answer = Answer(
        question=question,
        language=language,
        text=render(name, "kk", citations=citations, short_answer=short_answer),
        short_answer=short_answer,
        citations=citations,
        passages=passages,
        abstained=not citations,
        timings_ms={},
        **values,
    )
    return Turn(question, answer, {source.id: source}, respelled=question)


def place(text, part):
    return text.index(part), text.index(part) + len(part)


def shown(turn, i18n=KAZAKH, **named):
    return Parsed(viewer.turn_html(turn, i18n, 1, **named))


def copied_of(page):
    """Return what the buttons of a page copy."""
    return [button["data-copy"] for _, button in page.all("button") if "data-copy" in button]


@given(places(), st.sampled_from(ALL))
def test_what_is_marked_is_the_place(place, i18n):
    text, (start, end) = place
    source = document(text)
    _, asked = asked_of(evidence.link_to(source, (start, end), i18n.language))
    page = opened(source, i18n, **asked)
    pieces = [sanitize(piece) for piece in (text[:start], text[start:end], text[end:])]
    assert page.texts("mark", "cited") == pieces[1:2]
    assert page.texts("div", "dalel-whole") == ["".join(pieces)]


@given(texts, st.tuples(st.integers(), st.integers()))
def test_whatever_place_is_asked_for_the_document_is_shown(text, span):
    assume(not 0 <= span[0] < span[1] <= len(text))
    page = opened(document(text), span=span)
    assert page.all("mark") == []
    assert page.texts("div", "dalel-whole") == [sanitize(text)]


def windows(text, start, label):
    """Return what is shown of a text from a place on, following a link while there is one."""
    pages, spans = [], [(start, 0)]
    for span in spans:
        assert len(spans) <= len(text)
        page = opened(document(text), span=span)
        pages += page.texts("div", "dalel-whole")
        links = [
            attributes["href"]
            for label_text, attributes in page.all("a")
            if label_text == KAZAKH.text(label)
        ]
        spans += [asked_of(link)[1]["span"] for link in links]
    return pages


@given(places(st.text("әң 🇰\u0306", min_size=1, max_size=80)))
def test_a_long_document_is_shown_window_by_window(place):
    text, span = place
    last = (len(text) - 1) // 7 * 7
    with patch.object(viewer, "WINDOW_CHARACTERS", 7):
        assert opened(document(text), span=span).texts("mark") == [text[slice(*span)]]
        assert "".join(windows(text, 0, "later_part")) == text
        assert "".join(reversed(windows(text, last, "earlier_part"))) == text


@pytest.mark.parametrize(
    ("text", "start", "expected"), [("Үкіұ\r\nшты.", 0, "Үкіұ\nшты."), ("әәҢңғҒһ", 30, "Ғһ")]
)
def test_the_last_window_of_a_document_and_a_line_end_where_one_ends(text, start, expected):
    with patch.object(viewer, "WINDOW_CHARACTERS", 5):
        assert "".join(windows(text, start, "later_part")) == expected


@pytest.mark.parametrize("i18n", ALL)
def test_a_text_that_has_changed_is_not_marked(i18n):
    own = document(TEXT).sha256
    for sha256, marked in (("", 1), (own, 1), (own[:16], 1), (own[1:], 0), ("ә", 0)):
        page = opened(document(TEXT), i18n, span=place(TEXT, QUOTE), sha256=sha256)
        assert page.texts("mark") == [QUOTE] * marked
        assert page.texts("div", "dalel-whole") == [TEXT]
        assert page.texts("p", "dalel-trouble") == [i18n.text("changed")] * (1 - marked)
    assert opened(None, i18n).texts("p") == [i18n.text("no_document")]


@given(texts, texts, st.sampled_from(ALL))
def test_a_link_says_which_place_of_which_document(name, title, i18n):
    source = document(TEXT, name, title=title)
    link = urlsplit(evidence.link_to(source, (17, 29), i18n.language))
    assert (link.path, link.fragment) == ("../document", "cited")
    assert parse_qs(link.query)["language"] == [i18n.language]
    assert asked_of(link.geturl()) == (name, {"span": (17, 29), "sha256": source.sha256[:16]})
    whole = evidence.link_to(source, None, i18n.language)
    assert asked_of(whole) == (name, {"span": (0, 0), "sha256": ""})


def test_a_card_says_where_its_quote_stands():
    first, second, third = TEXT.split("\n")
    page = shown(answered(place(TEXT, QUOTE), place(TEXT, first), question="Неше метр?"))
    assert page.texts("mark") == [QUOTE, first]
    assert page.texts("blockquote") == [second, first]
    places_told = page.texts("p", "dalel-soft")
    assert places_told == [
        f"қазақ · {KAZAKH.text('place', number=number, total=3)}" for number in (2, 1)
    ]
    assert page.texts("p", "dalel-text") == [first, third, second]
    assert page.texts("p", "dalel-why") == [KAZAKH.text("matched_by_meaning")] * 2
    assert page.texts("h3") == [KAZAKH.text("sources")]
    copied = f"“{QUOTE}” (Жыл & күн, ¶ 2)"
    assert copied_of(page)[0] == copied
    assert page.all("a", "dalel-mark")[0][1]["data-quote"] == copied


def test_the_quotes_of_one_paragraph_are_lit_on_one_card():
    first, second, _ = TEXT.split("\n")
    spans = (place(TEXT, "Ол ұзақ."), place(TEXT, first), place(TEXT, "Ғарыш алыс."))
    page = shown(answered(*spans))
    assert page.texts("blockquote") == [second, first]
    assert page.texts("mark") == ["Ғарыш алыс.", "Ол ұзақ.", first]
    assert [attributes.get("data-mark") for _, attributes in page.all("mark")] == ["3", "1", None]
    assert page.texts("h4") == ["[3] [1] Жыл & күн", "[2] Жыл & күн"]
    assert copied_of(page)[0] == "“Ғарыш алыс. … Ол ұзақ.” (Жыл & күн, ¶ 2)"
    told = viewer.session_markdown([answered(*spans)], KAZAKH)
    assert all(f"\n{mark}. Жыл" in told for mark in (1, 2, 3))


def test_what_overlaps_has_a_card_of_its_own():
    whole, part = place(TEXT, "Ғарыш алыс. Шекара туралы"), place(TEXT, QUOTE)
    page = shown(answered(whole, part))
    assert page.texts("mark") == ["Ғарыш алыс. Шекара туралы", QUOTE]
    assert page.texts("blockquote") == [TEXT.split("\n")[1]] * 2


@given(st.lists(places(), min_size=1, max_size=1), st.data())
def test_whatever_is_cited_every_quote_is_lit_once(place, data):
    [(text, _)] = place
    assume(text.strip())
    edges = st.integers(0, len(text) - 1)
    starts = data.draw(st.lists(edges, min_size=1, max_size=6))
    spans = [(start, data.draw(st.integers(start + 1, len(text)))) for start in starts]
    page = shown(answered(*spans, source=document(text)))
    assert sorted(page.texts("mark")) == sorted(sanitize(text[slice(*span)]) for span in spans)
    numbers = [mark for heading in page.texts("h4") for mark in heading.split() if mark[:1] == "["]
    assert {f"[{mark}]" for mark in range(1, len(spans) + 1)} <= set(numbers)


def test_between_two_quotes_far_apart_the_words_next_to_them_are_shown():
    text = f"{QUOTE} {'әлем ' * 200}Ол ұзақ."
    spans = (place(text, QUOTE), place(text, "Ол ұзақ."))
    [paragraph] = shown(answered(*spans, source=document(text))).texts("blockquote")
    assert paragraph.startswith(f"{QUOTE} әлем")
    assert paragraph.endswith("әлем Ол ұзақ.")
    assert paragraph.count(" … ") == 1
    assert len(paragraph) < 2 * evidence.CONTEXT_CHARACTERS + 60


def test_of_a_document_with_pages_the_page_is_told():
    source = replace(document(TEXT, title="Кітап"), pages=((0, 17), (17, 60), (60, len(TEXT))))
    for i18n in ALL:
        page = shown(answered(place(TEXT, QUOTE), source=source), i18n)
        number = i18n.text("page_number", number=2)
        assert number in page.texts("p", "dalel-soft")[0]
        assert copied_of(page)[0] == f"“{QUOTE}” (Кітап, {number}, ¶ 2)"


@given(places(), st.sampled_from(ALL))
def test_a_card_and_its_link_show_the_quote(place, i18n):
    text, span = place
    assume(text.strip())
    page = shown(answered(span, source=(source := document(text))), i18n)
    assert page.texts("mark") == [sanitize(text[slice(*span)])]
    for _, attributes in page.all("a"):
        name, asked = asked_of(attributes["href"])
        assert name == source.id
        assert opened(source, i18n, **asked).texts("mark") == page.texts("mark")


def test_of_a_long_paragraph_the_words_around_the_quote_are_shown():
    text = f"{'әлем ' * 100}{QUOTE}{' ғарыш' * 100}"
    [paragraph] = shown(answered(place(text, QUOTE), source=document(text))).texts("blockquote")
    before, after = paragraph.split(QUOTE)
    assert before == f"… {'әлем ' * (evidence.CONTEXT_CHARACTERS // 5 - 1)}"
    assert after == f"{' ғарыш' * (evidence.CONTEXT_CHARACTERS // 6)} …"


@pytest.mark.parametrize(
    ("question", "language", "pairs"),
    [("Where is the border?", "en", "border ↔ Шекара"), ("Is there sugar?", "en", ""),
     ("Какой договор о границе в НАТО?", "ru", "договор ↔ шарт, границе ↔ Шекара")],
)  # fmt: skip
def test_a_source_in_another_language_says_why_it_was_found(question, language, pairs):
    turn = answered(place(TEXT, QUOTE), question=question, language=language)
    for i18n in ALL:
        asked, source = (i18n.text(f"language_{name}") for name in (language, "kk"))
        languages = i18n.text("other_language", asked=asked, source=source)
        why = i18n.text("matched_by", pairs=pairs) if pairs else i18n.text("matched_by_meaning")
        assert shown(turn, i18n).texts("p", "dalel-why") == [f"{languages} {why}"]


def test_of_the_collection_nothing_is_said_of_how_its_beginnings_were_found():
    turn = answered(place(TEXT, QUOTE), language="en", mode="collection")
    page = shown(turn)
    assert page.texts("p", "dalel-why") == []
    assert page.all("details", "dalel-sure") == []
    assert QUOTE in page.texts("p", "dalel-said")[0]


def test_a_refusal_shows_what_is_nearest_and_marks_nothing():
    near = ["Үкі түнде", "Ғарыш алыс.", QUOTE, "Өзен"]
    source = document(TEXT, title="Жыл & күн")
    passages = tuple(passage(source, *place(TEXT, part)) for part in near)
    for i18n in ALL:
        page = shown(answered(source=source, passages=passages), i18n)
        assert page.texts("h3") == [i18n.text("nearest")]
        assert page.all("mark") == page.all("a", "dalel-mark") == []
        assert page.texts("blockquote") == near[:MAX_SHOWN_PASSAGES]
        assert page.texts("p", "dalel-lead") == ["Құжаттарда бұл сұраққа жауап жоқ."]
        [nearest] = page.texts("p", "dalel-whynot")
        where = i18n.text("place", number=1, total=3)
        assert nearest.startswith(i18n.text("closest_is", title="Жыл & күн", place=where))


@pytest.mark.parametrize("i18n", ALL)
@pytest.mark.parametrize(
    ("question", "language", "missing"),
    [("Үкі мен бүркіт қайда ұшады?", "kk", "бүркіт"), ("Үкі түнде ұшады ма?", "kk", ""),
     ("Is there a border with Utopia?", "en", "Utopia")],
)  # fmt: skip
def test_a_refusal_says_what_the_nearest_passages_lack(i18n, question, language, missing):
    source = document(TEXT)
    passages = tuple(passage(source, *place(TEXT, part)) for part in ("Үкі түнде ұшады.", QUOTE))
    turn = answered(source=source, passages=passages, question=question, language=language)
    [told] = shown(turn, i18n).texts("p", "dalel-whynot")
    said = (
        i18n.text("not_in_nearest", words=missing) if missing else i18n.text("not_said_in_nearest")
    )
    assert told.endswith(f" {said}")
    assert shown(answered(place(TEXT, QUOTE)), i18n).texts("p", "dalel-whynot") == []


def test_the_answer_comes_first_and_the_evidence_last():
    turn = answered(place(TEXT, QUOTE), place(TEXT, "Ол ұзақ."))
    page = shown(turn, whole=False)
    assert page.texts("a") == ["[1]", "[2]"]
    assert page.all("aside") == page.all("mark") == []
    assert len(shown(turn).all("aside")) == 1


# --- the words that answer ------------------------------------------------------------------------


@st.composite
def places_with_words(draw):
    text, (start, end) = draw(places())
    first = draw(st.integers(start, end - 1))
    return text, (start, end), (first, draw(st.integers(first + 1, end)))


@given(places_with_words(), st.sampled_from(ALL))
def test_the_words_that_answer_are_lit_in_their_quote_wherever_it_is_shown(place, i18n):
    text, span, words = place
    assume(text.strip())
    source = document(text)
    page = shown(answered(span, source=source, words=words), i18n)
    parts = [(span[0], words[0]), words, (words[1], span[1])]
    quoted = "".join(sanitize(text[slice(*part)]) for part in parts)
    lit = sanitize(text[slice(*words)])
    assert page.texts("strong", "dalel-words") == [lit, lit]  # In the answer and on its card.
    assert page.texts("mark") == [quoted]
    [said] = page.texts("p", "dalel-said")
    assert said.startswith(quoted)
    links = [attributes["href"] for _, attributes in page.all("a")]
    for name, asked in map(asked_of, links):
        assert (name, asked["answer"]) == (source.id, words)
        there = opened(source, i18n, **asked)
        assert there.texts("strong", "dalel-words") == [lit]
        assert there.texts("mark", "cited") == [quoted]


@given(places(), st.tuples(st.integers(), st.integers()))
def test_words_outside_their_place_are_not_lit(place, words):
    text, span = place
    assume(not span[0] <= words[0] < words[1] <= span[1])
    for asked, marked in (({"span": span}, 1), ({"span": span, "sha256": "ә"}, 0), ({}, 0)):
        page = opened(document(text), answer=words, **asked)
        assert page.all("strong") == []
        assert len(page.all("mark")) == marked


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("case", [str, str.upper])
def test_the_short_answer_comes_first(form, case):
    text, quote, words = (
        unicodedata.normalize(form, case(each)) for each in (TEXT, QUOTE, "Шекара туралы шарт")
    )
    for whole in (True, False):
        turn = answered(place(text, quote), source=document(text), words=place(text, words))
        page = shown(turn, whole=whole)
        [answer] = page.texts("div", "dalel-answer")
        assert answer.strip().startswith(words)
        assert page.texts("p", "dalel-short") == [words]
        assert page.texts("p", "dalel-lead") == ["Құжаттарда былай делінген:"]
        assert page.texts("p", "dalel-said")[0].startswith(quote)
        # Confidence, why it was found, and what stands around.
        assert len(page.all("summary")) == 3 * whole


def test_what_is_shown_first_stays_where_it_is():
    """What comes when the answer is whole stands after what was there, or beside it."""
    turn = answered(place(TEXT, QUOTE), words=place(TEXT, "шарт"))
    first, whole = (
        viewer.turn_html(turn, KAZAKH, 1, whole=whole).partition("</div>")[0]
        for whole in (False, True)
    )
    assert whole.startswith(first)
    assert "<details" not in first


@pytest.mark.parametrize("i18n", ALL)
def test_an_earlier_turn_is_a_line_with_its_answer(i18n):
    words = place(TEXT, "шарт жасалды")
    for turn, gist in (
        (answered(place(TEXT, QUOTE), words=words), "шарт жасалды"),
        (answered(), "Құжаттарда бұл сұраққа жауап жоқ."),
        (Turn("Шекара қайда?", None, {}, problem="failed"), None),
    ):
        folded = Parsed(viewer.turns_html([turn], i18n, first=3, folded=True))
        [(_, attributes), *_] = folded.all("details")
        assert attributes["id"] == "turn-3"
        assert "open" not in attributes
        summary = folded.texts("summary")[0]
        assert summary == f"Шекара қайда?{gist or ''}"
        whole = Parsed(viewer.turns_html([turn], i18n, first=3))
        assert len(whole.all("article")) == 1
        assert whole.all("a") == folded.all("a")


def test_a_question_can_be_put_back_into_the_box():
    asked = '"><b>Үкі</b>\nқайда?'
    page = shown(Turn(asked, None, {}, problem="busy"))
    [(label, attributes)] = page.all("button")
    assert (label, attributes["data-ask"]) == (KAZAKH.text("edit_question"), asked)


def test_a_long_short_answer_is_set_smaller():
    text = f"{'Ғарыш ' * 20}алыс."
    page = shown(answered((0, len(text)), source=document(text), words=(0, 100)))
    assert page.texts("p", "dalel-short dalel-long") == [text[:100]]


def test_a_long_short_answer_of_several_parts_is_a_list():
    source = document(TEXT)
    turn = answered(place(TEXT, QUOTE), source=source, words=place(TEXT, "шарт"))
    parts = [f"– {'ғарыш ' * 30}алыс", "<b>үкі</b>", "-өзен"]
    listed = turn.answer.model_copy(update={"short_answer": "; ".join(parts)})
    page = shown(replace(turn, answer=listed))
    assert page.texts("li") == [part.strip(" -–") for part in parts]
    assert page.all("p", "dalel-short") == []


@pytest.mark.parametrize("i18n", ALL)
@pytest.mark.parametrize(
    ("confidence", "step"),
    [(0.97, "sure"), (SURE + 1e-9, "sure"), (SURE - 1e-9, "likely"), (LIKELY, "likely"),
     (LIKELY - 1e-9, "uncertain"), (0.03, "uncertain")],
)  # fmt: skip
def test_confidence_is_told_in_words_and_its_number_is_folded(monkeypatch, i18n, confidence, step):
    even = LikelihoodModel(0.0, 1.0, 0.0)  # As likely right as the documents are to answer.
    monkeypatch.setattr("chat.web.confidence_steps.likelihood_model", lambda: even)
    words = place(TEXT, "шарт жасалды")
    page = shown(answered(place(TEXT, QUOTE), words=words, confidence=confidence), i18n)
    assert page.texts("summary")[0].strip() == i18n.text(f"step_{step}")
    [told] = page.texts("details", "dalel-sure dalel-soft")
    for told_of in ("likelihood", "confidence"):
        assert i18n.text(told_of, share=i18n.percent(confidence)) in told
    counts = measured()[step]
    numbers = {"questions": measured_questions(), "n": counts.n, "wrong": counts.wrong}
    assert i18n.text("measured_answers", **numbers) in told


@pytest.mark.parametrize("i18n", ALL)
@pytest.mark.parametrize("confidence", [1, SURE, LIKELY, 0])
def test_no_confidence_is_told_of_what_a_model_wrote(i18n, confidence):
    page = shown(answered(place(TEXT, QUOTE), confidence=confidence, mode="llm"), i18n)
    assert page.texts("details", "dalel-sure dalel-soft") == []


@pytest.mark.parametrize("i18n", ALL)
def test_a_refusal_says_that_confidence_does_not_suffice_but_not_for_a_model(i18n):
    page = shown(answered(passages=()), i18n)
    assert [text.strip() for text in page.texts("summary")] == [i18n.text("step_refused")]
    refused = measured()["refused"]
    numbers = {"questions": measured_questions(), "n": refused.n, "wrong": refused.wrong}
    [told] = page.texts("details", "dalel-sure dalel-soft")
    assert i18n.text("measured_refusals", **numbers) in told
    assert shown(answered(mode="llm"), i18n).texts("summary") == []
    assert i18n.text("step_refused") in viewer.session_markdown([answered()], i18n)


@pytest.mark.parametrize("i18n", ALL)
def test_copies_are_named_and_lead_to_their_documents(i18n):
    source = document(TEXT, "жыл")
    copies = [
        Copy(document_id=f"<{number}>", title=f"<b>Үкі</b> {number}", start=0, end=4)
        for number in range(MAX_COPIES + 2)
    ]
    copies[0] = Copy(document_id="жыл", title="Жыл", start=0, end=4)
    for count, more in ((1, ""), (MAX_COPIES, ""), (MAX_COPIES + 2, "2")):
        these = copies[:count]
        page = shown(answered(place(TEXT, QUOTE), source=source, copies=tuple(these)), i18n)
        named = page.all("a", "dalel-open")
        assert page.texts("a", "dalel-open dalel-place") == [i18n.text("open_document")]
        kept = these[:MAX_COPIES]
        assert [title for title, _ in named] == [copy.title for copy in kept]
        asked = [asked_of(attributes["href"]) for _, attributes in named]
        # A document that is not kept with the turn may have changed: it is opened at no place.
        assert [name for name, _ in asked] == [copy.document_id for copy in kept]
        assert asked[0][1] == {"span": (0, 4), "sha256": source.sha256[:16]}
        assert {where["span"] for _, where in asked[1:]} <= {(0, 0)}
        last = "; " + i18n.text("more_copies", n=more) if more else ""
        line = f"{i18n.text('also_in')} {'; '.join(copy.title for copy in kept)}{last}"
        assert line in page.texts("p", "dalel-soft")
    assert "<b>" not in viewer.turn_html(answered((0, 4), copies=tuple(copies)), i18n, 1)


@pytest.mark.parametrize("i18n", ALL)
def test_a_reply_to_talk_stands_alone(i18n):
    """Nothing is near it, nothing can be wrong with it, and there is no question to edit."""
    said = Answer(question="Рахмет!", language="kk", mode="talk", abstained=True, confidence=0.0,
                  text="Оқасы жоқ!", citations=(), passages=(), timings_ms={})  # fmt: skip
    page = shown(Turn("Рахмет!", said, {}), i18n)
    assert page.texts("h2") == ["Рахмет!"]
    assert "Оқасы жоқ!" in " ".join(page.texts("p"))
    for tag in ("aside", "button", "details"):
        assert page.all(tag) == []
