"""The page as people use it, in a real browser: ask, see the answer come, open its evidence."""

import json
import re
import shutil
from pathlib import Path

import pytest
from campaign import at_length, only_at_length
from served import serving
from waiting import wait_until

from index.storage.store import Store
from ingest.loader import read_shipped
from ingest.readers import ENDINGS

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Of gradio's and its libraries' imports.
    pytest.mark.slow,
    pytest.mark.model,
]

SHIPPED = {document.id: document for document in read_shipped().documents}


@pytest.fixture(scope="module")
def home(shipped_home, tmp_path_factory):
    """Return a home of the two documents that may be written to."""
    copied = tmp_path_factory.mktemp("page")
    return Path(shutil.copytree(shipped_home, copied, dirs_exist_ok=True))


@pytest.fixture(scope="module")
def served(home):
    with serving(home) as (url, _):
        yield url


@pytest.fixture(scope="module")
def contexts(browser):
    """Return the people who visit the page, by language; each keeps a cache of it."""
    return {}


@pytest.fixture
def visit(served, browser, contexts):
    """Return what opens the page as somebody with a language and a screen; check its console."""
    troubles = []
    pages = []

    def opened(language, path="/", viewport=None, **media):
        if language not in contexts:
            contexts[language] = browser.new_context(locale=language)
        page = contexts[language].new_page()
        if viewport:
            page.set_viewport_size(viewport)
        page.emulate_media(**media)
        pages.append(page)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
        page.goto(f"{served}{path}")
        _box(page).wait_for()
        return page

    yield opened
    told = [*troubles]  # What is on its way when a page is closed is broken off, and told, too.
    for page in pages:
        page.close()
    assert told == []


def _box(page):
    return page.locator("#dalel-composer textarea")


def ask(page, question, number=1):
    """Ask, and wait for the evidence."""
    _box(page).fill(question)
    _box(page).press("Enter")
    page.locator(f"#turn-{number} .dalel-evidence").wait_for()
    return page.locator(f"#turn-{number}")


PATHS = [
    ("kk-KZ", "kk", "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?", "1994"),
    ("en-GB", "en", "With how many countries are diplomatic relations established?", "140"),
    ("ru-RU", "ru", "Со сколькими странами Казахстан установил дипломатические отношения?", "140"),
]
SOURCES = {"kk": "Дереккөздер", "en": "Sources", "ru": "Источники"}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize(("browser_language", "language", "question", "held"), PATHS)
def test_a_persons_path_from_a_question_to_its_place_in_the_document(
    visit, browser_language, language, question, held, size
):
    page = visit(browser_language, viewport=size)
    assert page.url.endswith(f"/{language}/")
    turn = ask(page, question)
    assert turn.locator("h2").inner_text() == question
    assert turn.get_by_role("heading", name=SOURCES[language]).is_visible()
    cited = next(row for row in turn.locator(".dalel-said").all() if held in row.inner_text())
    quote = cited.locator("span").inner_text()
    short = turn.locator(".dalel-short").inner_text()
    words = turn.locator(".dalel-said .dalel-words").first.inner_text()
    assert held in short
    at = turn.locator(".dalel-short").bounding_box()
    assert 0 < at["y"] < at["y"] + at["height"] < size["height"], "seen at a glance"
    # From the first words that answer to the last: the short answer leaves out what is between.
    parts = short.split("; ")
    assert " ".join(words.split()).startswith(parts[0])
    assert all(part in " ".join(words.split()) for part in parts)
    size = "each => parseFloat(getComputedStyle(each).fontSize)"
    sizes = [
        turn.locator(each).first.evaluate(size) for each in (".dalel-said", "h2", ".dalel-short")
    ]
    assert sizes == sorted(set(sizes))
    lit_words = cited.locator(".dalel-words").inner_text()
    cited.locator("a.dalel-mark").click()
    frame = page.frame_locator("#dalel-document iframe")
    lit = frame.locator("mark#cited")
    lit.wait_for()
    assert lit.inner_text() == quote
    assert lit.locator(".dalel-words").inner_text() == lit_words
    assert lit.evaluate(
        "mark => { const at = mark.getBoundingClientRect();"
        " return at.top >= 0 && at.bottom <= mark.ownerDocument.defaultView.innerHeight }"
    )
    address = lit.evaluate("mark => mark.ownerDocument.location.href")
    named = dict(pair.split("=") for pair in address.partition("?")[2].partition("#")[0].split("&"))
    text = SHIPPED[named["id"]].text
    assert text[int(named["start"]) : int(named["end"])] == quote
    whole = frame.locator(".dalel-whole")
    assert whole.evaluate("text => text.textContent") == text.replace("\r\n", "\n")
    # The characters before the mark are as many as its offset: that very place, not a like one.
    before = "mark => { const all = document.createRange ? mark.ownerDocument.createRange() : null;"
    before += " all.setStart(mark.parentElement, 0); all.setEndBefore(mark);"
    before += " return [...all.toString()].length }"
    start = len(text[: int(named["start"])].replace("\r\n", "\n"))
    assert lit.evaluate(before) == start


def test_the_answer_streams(served, visit):
    """The question is shown first, then the answer, then its evidence."""
    page = visit("kk-KZ")
    page.evaluate(
        "() => { window.seen = []; new MutationObserver(() => { const last ="
        " document.querySelector('#dalel-last'); window.seen.push(["
        "!!last.querySelector('.dalel-pending'), last.querySelectorAll('.dalel-said').length,"
        "!!last.querySelector('.dalel-evidence')].join()) })"
        ".observe(document.body, {childList: true, subtree: true, characterData: true}) }"
    )
    turn = ask(page, "Шекара туралы шарт қай жылы жасалды және оған кім қол қойды?")
    quotes = turn.locator(".dalel-said").count()
    seen = page.evaluate("() => window.seen")
    assert quotes > 1
    assert "true,0,false" in seen
    assert seen[-1] == f"false,{quotes},true"
    assert f"false,{quotes},false" in seen


def test_a_question_sent_while_an_answer_is_on_its_way_is_asked_after_it(visit):
    page = visit("en-GB")
    send = page.locator("#dalel-composer button").first
    _box(page).fill("When was the treaty on the state border with China signed?")
    send.dblclick()
    page.locator("#turn-1 .dalel-asked").wait_for()
    _box(page).fill("With how many countries are diplomatic relations established?")
    _box(page).press("Enter")
    page.locator("#turn-2 .dalel-evidence").wait_for()
    assert "1994" in page.locator("#turn-1").inner_text()
    assert "140" in page.locator("#turn-2").inner_text()
    # Pressed twice, it is asked once; nothing asked is nothing said.
    send.click()
    turn = ask(page, "and with Russia?", 3)
    assert turn.locator(".dalel-asked").inner_text() == "and with Russia?"


def test_a_follow_up_is_understood_and_says_how(visit):
    page = visit("en-GB")
    ask(page, "When was the treaty on the state border with China signed?")
    turn = ask(page, "and with Russia?", 2)
    meant = "When was the treaty on the state border with Russia signed?"
    assert turn.get_by_text(f"Understood as: {meant}").is_visible()
    turn = ask(page, "Where?", 3)
    assert turn.get_by_text(f"Understood as: {meant} Where?").is_visible()
    page.get_by_role("button", name="New conversation").click()
    page.locator("#dalel-examples").wait_for()
    assert page.locator(".dalel-turn").count() == 0
    _box(page).fill("and with Russia?")
    _box(page).press("Enter")
    page.locator("#turn-1 .dalel-answer").get_by_text("Please ask the whole question").wait_for()
    assert page.get_by_text("Understood as").count() == 0


SEVERAL = [
    ("kk-KZ", "Қазақстан сыртқы саясатының мақсаттары қандай?"),
    ("en-GB", "What are the goals of the foreign policy of Kazakhstan?"),
    ("ru-RU", "Какие договоры о границе подписаны и когда?"),
]


# Under `make campaign` each language on each screen.
SCREENS = [(*asked, size) for asked in SEVERAL for size in (WIDE, NARROW)]


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("browser_language", "question", "size"), at_length(SCREENS, SCREENS[::3] + SCREENS[-1:])
)
def test_an_answer_is_read_beside_its_sources_by_keyboard(visit, browser_language, question, size):
    page = visit(browser_language, viewport=size)
    turn = ask(page, question)
    marks = turn.locator(".dalel-answer a.dalel-mark")
    quotes = turn.locator(".dalel-said span").all_inner_texts()
    assert len(quotes) == marks.count() > 1
    before = turn.locator(".dalel-answer").bounding_box()
    marks.first.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog")

    def shows(number):
        """Wait for a quote in the panel; the characters lit are those, and can be seen."""

        def is_lit():
            lit = page.evaluate(LIT) or {}
            return lit.get("text") == quotes[number] and lit["seen"]

        def marked():
            return [mark.get_attribute("aria-current") for mark in marks.all()]

        wait_until(is_lit)
        current = ["true" if each == number else None for each in range(len(quotes))]
        wait_until(lambda: marked() == current)

    shows(0)
    if size is WIDE:  # Beside: neither moves nor covers the other.
        wait_until(lambda: not panel.evaluate("panel => panel.getAnimations().length"))
        assert turn.locator(".dalel-answer").bounding_box() == before
        assert panel.bounding_box()["x"] >= before["x"] + before["width"]
        assert panel.bounding_box()["width"] > 400
    else:
        assert round(panel.bounding_box()["width"]) == 390
    page.keyboard.press("ArrowRight")
    shows(1)
    page.keyboard.press("k")
    shows(0)
    page.keyboard.press("ArrowLeft")
    shows(0)
    # The focus is in the document now; the keys go on.
    page.mouse.click(*page.evaluate(LIT)["at"])
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    page.keyboard.press("j")
    shows(1)
    page.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    # The browser's own way is back to the mark that opened it; ours comes after.
    wait_until(lambda: marks.nth(1).evaluate("mark => mark === document.activeElement"))
    assert turn.locator("[aria-current]").count() == 0


# Asked from outside: what Playwright puts into a frame is blocked there, and that is an error.
LIT = """() => {
    const frame = document.querySelector('#dalel-document iframe');
    const mark = frame?.contentDocument?.querySelector('mark#cited');
    if (!mark) return null;
    const [line] = mark.getClientRects(), around = frame.getBoundingClientRect();
    return {text: mark.innerText, seen: line.top >= 0 && line.bottom <= around.height,
            at: [around.left + line.left + 5, around.top + line.top + 5]};
}"""


def test_a_mark_opened_with_a_key_held_is_a_page_of_its_own(visit):
    page = visit("en-GB")
    mark = ask(page, "Арал теңізі неге тартылды?").locator(".dalel-said a.dalel-mark").first
    with page.context.expect_page() as opened:
        mark.click(modifiers=["Control"])
    opened.value.locator("mark#cited").wait_for()
    opened.value.close()
    mark.click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open in a new tab").click()
    opened.value.locator("mark#cited").wait_for()
    opened.value.close()


ANSWERS = [(size, number) for size in (WIDE, NARROW) for number in (1, 2)]
"""Screens, and which question of the conversation is asked."""


@pytest.mark.campaign
@pytest.mark.parametrize(("size", "number"), at_length(ANSWERS, ANSWERS[1:3]))
def test_an_answer_that_is_shown_does_not_move(visit, size, number):
    page = visit("kk-KZ", viewport=size)
    if number == 2:
        ask(page, "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?")
    page.evaluate(WATCH, f"#turn-{number} .dalel-answer")
    turn = ask(page, "Қазақстан сыртқы саясатының мақсаттары қандай?", number)
    page.locator("#dalel-feedback button").first.wait_for()
    frames = page.evaluate("window.frames_seen")
    wait_until(lambda: page.evaluate("window.frames_seen") > frames + 30)
    assert page.evaluate("window.shifts") == []
    places = page.evaluate("[...window.places].map(([text, seen]) => [text, ...seen])")
    assert len(places) > 2
    assert [each for each in places if len(each) > 2] == []
    assert 0 < turn.bounding_box()["y"] < turn.locator(".dalel-answer").bounding_box()["y"] < 300


# Where each part of an answer is, in every frame; and what the browser itself takes for a shift.
WATCH = """(answer) => {
    const parts = `${answer} :is(li, .dalel-said, .dalel-lead)`;
    window.shifts = []; window.places = new Map(); window.frames_seen = 0;
    const look = () => {
        window.frames_seen += 1;
        for (const each of document.querySelectorAll(parts)) {
            const {x, y, width, height} = each.getBoundingClientRect(), text = each.textContent;
            if (!window.places.has(text)) window.places.set(text, new Set());
            window.places.get(text).add([x, y, width, height].map(Math.round).join());
        }
        requestAnimationFrame(look);
    };
    look();
    const ours = ({sources}) => sources.some(({node}) =>
        (node?.closest ? node : node?.parentElement)?.closest(answer));
    new PerformanceObserver((list) => list.getEntries()
        .forEach((shift) => ours(shift) && window.shifts.push(shift.value))
    ).observe({type: 'layout-shift'});
}"""


def test_earlier_turns_are_folded_and_can_be_opened(visit):
    page = visit("en-GB")
    ask(page, "With how many countries are diplomatic relations established?")
    ask(page, "Арал теңізі неге тартылды?", 2)
    first = page.locator("details#turn-1")
    assert first.locator("summary").first.inner_text().split("\n")[-1] == "140"
    assert not first.locator(".dalel-said").first.is_visible()
    first.locator("summary").first.focus()
    page.keyboard.press("Enter")
    first.locator(".dalel-said").first.wait_for(state="visible")
    first.locator("a.dalel-mark").first.click()
    lit = page.frame_locator("#dalel-document iframe").locator("mark#cited")
    assert "140" in lit.inner_text()


def test_a_question_is_put_back_into_the_box_and_asked_anew(visit):
    page = visit("ru-RU")
    turn = ask(page, "Что такое фотосинтез?")
    turn.get_by_role("button", name="Изменить вопрос").click()
    assert _box(page).input_value() == "Что такое фотосинтез?"
    assert _box(page).evaluate("box => box === document.activeElement")
    page.keyboard.type(" Где?")
    page.keyboard.press("Enter")
    page.locator("#turn-2 .dalel-evidence").wait_for()
    assert page.locator("#turn-2 h2").inner_text() == "Что такое фотосинтез? Где?"


def test_a_quote_is_copied_with_its_source(visit):
    page = visit("en-GB")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    turn = ask(page, "With how many countries are diplomatic relations established?")
    quote = turn.locator(".dalel-said span").first.inner_text()
    copied = f"“{quote}” (Main vectors of Kazakhstan's foreign policy, ¶ 6)"
    turn.get_by_role("button", name="Copy the quote").click()
    turn.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == copied
    page.evaluate("navigator.clipboard.writeText('')")
    turn.locator(".dalel-said a.dalel-mark").first.click()
    page.locator("#dalel-panel-copy").click()
    wait_until(lambda: page.evaluate("navigator.clipboard.readText()") == copied)


def test_motion_is_left_out_where_somebody_asks_for_it(visit):
    page = visit("en-GB", reduced_motion="reduce")
    ask(page, "Арал теңізі неге тартылды?").locator("a.dalel-mark").first.click()
    page.locator("#dalel-document").wait_for()
    assert page.locator("#dalel-document").evaluate("panel => panel.getAnimations().length") == 0


def test_where_the_documents_do_not_say_it_shows_what_is_nearest_and_no_answer(visit):
    page = visit("kk-KZ")
    turn = ask(page, "Фотосинтез деген не?")
    assert "жауап жоқ" in turn.locator(".dalel-lead").inner_text()
    assert turn.get_by_role("heading", name="Бұл жауап емес, бірақ ең жақын үзінділер").is_visible()
    assert turn.locator("mark").count() == turn.locator("a.dalel-mark").count() == 0
    assert turn.locator(".dalel-card").count() == 3
    sure = turn.locator(".dalel-sure")
    assert sure.inner_text().strip() == "Жауап беруге сенімділік жетпейді"
    assert "Фотосинтез" in turn.locator(".dalel-whynot").inner_text()
    sure.locator("summary").click()
    assert "%" in sure.locator("p").inner_text()


def test_a_source_in_another_language_says_why_it_was_found(visit):
    page = visit("ru-RU")
    turn = ask(page, "When was the treaty on the state border with China signed?")
    turn.get_by_text("Почему найдено именно это").first.click()
    turn.locator("button.dalel-pair").first.wait_for()
    why = turn.locator(".dalel-why").first.inner_text()
    assert "Вопрос задан по-английски, источник написан по-казахски." in why
    labels = [word.get_attribute("aria-label") for word in turn.locator(".dalel-pair").all()]
    assert any(re.fullmatch(r"border \d ↔ шекара\S*", label) for label in labels)


HOSTILE = (
    "?",
    "x" * 2000,
    "\U0001f600" * 3,
    "<b>қ</b>" * 200,
    "\u200b",
    "{{7*7}} ${x} %s",
    "ә\u0301" * 99,
)


@pytest.mark.campaign
def test_after_a_hostile_question_the_box_still_answers(visit):
    page = visit("en-GB")
    hostile = at_length(HOSTILE, HOSTILE[::2])
    for number, question in enumerate(hostile, start=1):
        _box(page).fill(question)
        _box(page).press("Enter")
        page.locator(f"#turn-{number} :is(.dalel-evidence, .dalel-trouble)").first.wait_for()
    turn = ask(page, "Арал теңізі неге тартылды?", len(hostile) + 1)
    assert "Арал теңізі" in turn.locator(".dalel-answer").inner_text()


def test_a_question_sent_before_the_page_knows_its_conversation_is_kept(served, browser):
    """On a busy machine, what a page asks for when it is opened comes after a quick question."""
    page = browser.new_context(locale="en-GB").new_page()
    held = []

    def hold_what_opens_it(route):  # It alone goes by nothing on the page.
        if held or route.request.post_data_json["data"]:
            route.continue_()
        else:
            held.append(route)

    page.route("**/queue/join*", hold_what_opens_it)
    page.goto(served)
    ask(page, "Арал теңізі неге тартылды?")
    with page.expect_response("**/queue/join*"):
        held[0].continue_()
    ask(page, "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?", 2)
    page.get_by_role("link", name="Русский").click()
    page.locator("#turn-2 .dalel-evidence").wait_for()
    assert page.locator("#turn-1 .dalel-asked").inner_text() == "Арал теңізі неге тартылды?"


def test_another_language_of_the_page_keeps_the_conversation(visit):
    page = visit("en-GB")
    ask(page, "Арал теңізі неге тартылды?")
    for link, tab in (("Русский", "Документы"), ("Қазақша", "Құжаттар")):
        page.get_by_role("link", name=link).click()
        page.locator("#turn-1 .dalel-evidence").wait_for()
        assert page.get_by_role("tab", name=tab).is_visible()
    assert page.locator("html").get_attribute("lang") == "kk"
    other = visit("kk-KZ")
    other.locator("#dalel-examples").wait_for()
    assert other.locator(".dalel-turn").count() == 0


def test_a_conversation_is_saved_with_its_citations(visit):
    page = visit("kk-KZ")
    turn = ask(page, "Арал теңізі неге тартылды?")
    with page.expect_download() as started:
        page.get_by_role("link", name="Әңгімені сақтау (Markdown)").click()
    saved = Path(started.value.path()).read_text("utf-8")
    for quote in turn.locator(".dalel-said span").all_inner_texts():
        assert quote in saved
    assert "`kk_foreign_policy`" in saved


def test_what_somebody_thinks_is_kept_as_a_set(visit, home):
    page = visit("en-GB")
    ask(page, "Арал теңізі неге тартылды?")
    reason = page.get_by_placeholder("Why? (optional)")
    assert reason.count() == 0 or not reason.is_visible()

    def kept():
        return json.loads((home / "feedback.jsonl").read_text("utf-8").splitlines()[-1])

    page.get_by_role("button", name="👎 No").click()
    page.get_by_text("It is kept on this server").wait_for()
    assert (kept()["question"], kept()["judged"]) == ("Арал теңізі неге тартылды?", False)
    assert kept()["reason"] == ""
    reason.fill("дұрыс емес сөйлем")
    page.get_by_role("button", name="Send", exact=True).click()
    reason.wait_for(state="hidden")
    assert kept()["reason"] == "дұрыс емес сөйлем"


def test_documents_are_added_and_removed_without_a_restart(visit, home, tmp_path):
    page = visit("kk-KZ")
    name = "Ғарыш айлағы.txt"
    told = "Байқоңыр ғарыш айлағы 1955 жылы салынды. Ол Қызылорда облысында орналасқан."
    (tmp_path / name).write_text(told, "utf-8")
    (tmp_path / "бүлінген.txt").write_bytes(b"\x00\x01\x02")
    page.get_by_role("tab", name="Құжаттар").click()
    page.get_by_text("2 құжат · ").wait_for()
    files = [tmp_path / name, tmp_path / "бүлінген.txt"]
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_text("Дайын: индексте 3 құжат.").wait_for()
    assert page.get_by_text("бүлінген.txt: қосылмады.").is_visible()
    page.get_by_role("link", name=name).wait_for()
    assert not list((home / "uploads").rglob("*.txt"))
    page.get_by_role("tab", name="Сұрақ-жауап").click()
    turn = ask(page, "Байқоңыр ғарыш айлағы қай жылы салынды?")
    assert "1955" in turn.locator(".dalel-said").first.inner_text()
    page.get_by_role("tab", name="Құжаттар").click()
    page.get_by_label("Құжат таңдаңыз").click()
    page.get_by_role("option", name=name).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Алып тастау", exact=True).last.click()
    page.get_by_role("button", name="Иә, алынсын").click()
    page.get_by_text("Индекстен алынды: 1 құжат.").wait_for()
    assert {each.id for each in Store(home / "index").load().documents} == set(SHIPPED)


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_evidence_is_below(visit):
    page = visit("kk-KZ", viewport={"width": 360, "height": 740}, color_scheme="dark")
    turn = ask(page, "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    answer, evidence = (
        turn.locator(each).bounding_box() for each in (".dalel-answer", ".dalel-evidence")
    )
    assert evidence["y"] >= answer["y"] + answer["height"]
    turn.locator("a.dalel-mark").first.click()
    dialog = page.locator("#dalel-document")
    dialog.wait_for()
    assert round(dialog.bounding_box()["width"]) <= 360
    page.go_back()  # As people do there: out of the panel, not out of the conversation.
    dialog.wait_for(state="hidden")
    assert turn.locator(".dalel-said").first.is_visible()
    turn.locator("a.dalel-mark").first.click()
    page.get_by_role("button", name="Жабу").click()
    dialog.wait_for(state="hidden")
    assert not page.evaluate("history.state?.dalel")


def test_everything_can_be_done_from_the_keyboard(visit):
    page = visit("en-GB")
    _box(page).focus()
    page.keyboard.type("Арал теңізі неге тартылды?")
    page.keyboard.press("Enter")
    turn = page.locator("#turn-1")
    turn.locator(".dalel-evidence").wait_for()
    mark = turn.locator("a.dalel-mark").first
    assert mark.get_attribute("aria-label").startswith("Source 1: ")
    mark.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert page.locator("*:focus").inner_text() == "Close"
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert mark.evaluate("mark => mark === document.activeElement")


@only_at_length
def test_sets_are_run_cancelled_gone_on_with_and_compared(visit, home):
    sets = Path(__file__).parent.parent / "eval/sets"
    (home / "sets").mkdir()
    # One that takes half a minute, so that it can be cancelled, and one that is soon done.
    large, small = (home / "sets" / name for name in ("үлкен.jsonl", "шағын.jsonl"))
    large.write_text((sets / "foreign_policy.dev.jsonl").read_text("utf-8"), "utf-8")
    questions = (sets / "smoke.jsonl").read_text("utf-8").splitlines()
    small.write_text("\n".join(questions[:2]), "utf-8")
    page = visit("kk-KZ")
    page.get_by_role("tab", name="Бағалау").click()
    start = page.get_by_role("button", name="Бағалау", exact=True)

    def choose(name):
        choices, choice = page.get_by_role("option"), page.get_by_role("option", name=name)

        def offered():  # A list that is open when it gets longer shows what it did.
            page.keyboard.press("Escape")
            page.get_by_label("Сұрақтар жиыны").blur()
            page.get_by_label("Сұрақтар жиыны").click()
            choices.first.wait_for()
            return choice.is_visible()

        wait_until(offered)
        choice.click()

    choose(large.name)

    def asked():
        """Return how many questions of the one run are answered; it goes on where it stopped."""
        found = list((home / "runs").glob("*/questions.jsonl"))
        assert len(found) <= 1
        return len(found[0].read_text("utf-8").splitlines()) if found else 0

    for _ in range(2):
        before = asked()
        start.click()
        wait_until(lambda before=before: asked() > before)
        page.get_by_role("button", name="Тоқтату").click()
        page.get_by_text("Тоқтатылды: 258 сұрақтың").wait_for()
    assert 2 <= asked() < 258
    choose(small.name)
    start.click()
    page.get_by_role("heading", name="Нәтиже: шағын.jsonl, 2 сұрақ").wait_for()
    assert page.get_by_role("heading", name="Қате кеткен сұрақтар").is_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Толық есепті ашу").click()
    opened.value.locator("details.question").first.wait_for()
    assert opened.value.locator("details.question").count() == 2
    start.click()
    wait_until(lambda: len(list((home / "runs").glob("*/summary.json"))) == 2)
    page.get_by_role("button", name="Екі бағалауды салыстыру").click()
    for label, which in (("Бұрынғы бағалау", 0), ("Кейінгі бағалау", 1)):
        page.get_by_label(label).click()
        page.get_by_role("option").nth(which).click()
    page.get_by_role("button", name="Салыстыру", exact=True).click()
    page.get_by_text("→").last.wait_for()


def test_every_string_of_the_page_is_in_its_language(visit):
    """Gradio's own too, whatever the browser speaks."""
    page = visit("de-DE", "/kk/")
    ask(page, "Арал теңізі неге тартылды?")
    allowed = {"Dalel", "English", "Markdown", "MRR", "nDCG", "sets", *SHIPPED}
    allowed |= {kind.strip(".") for kind in ENDINGS}
    for tab in ("Сұрақ-жауап", "Құжаттар", "Бағалау"):
        page.get_by_role("tab", name=tab).click()
        page.get_by_role("tab", name=tab, selected=True).wait_for()
        page.locator("[role=tabpanel]:visible").first.wait_for()
        strings = page.evaluate(
            """() => [...document.querySelectorAll('.gradio-container *')].flatMap(each => {
                const seen = {checkOpacity: true, checkVisibilityCSS: true};
                if (!each.checkVisibility(seen) || each.closest('[lang=en]')) return [];
                const own = [...each.childNodes].filter(node => node.nodeType === 3);
                const told = ['aria-label', 'title', 'placeholder', 'alt'];
                return [...own.map(node => node.textContent),
                        ...told.map(name => each.getAttribute(name) ?? '')];
            })"""
        )
        words = {word for text in strings for word in _latin_words(text)}
        assert words <= allowed, tab


def _latin_words(text):
    return [word for word in re.findall(r"[A-Za-z]\w*", text) if len(word) > 2]
