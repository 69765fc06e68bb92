"""The tab of documents in a real browser: drop files in, choose what is asked, on any screen."""

import json
import re
import shutil
from pathlib import Path

import pytest
from campaign import at_length, only_at_length
from served import serving

from chat.web.i18n import Translations
from ingest.loader import read_shipped

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Of gradio's and its libraries' imports.
    pytest.mark.slow,
    pytest.mark.model,
]

SHIPPED = [document.id for document in read_shipped().documents]


@pytest.fixture(scope="module")
def home(shipped_home, tmp_path_factory):
    return Path(shutil.copytree(shipped_home, tmp_path_factory.mktemp("tab") / "home"))


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
    """Return what opens the tab in a language, on a screen; check that its console is quiet."""
    troubles, pages = [], []

    def opened(language, tab, viewport=None):
        if language not in contexts:
            contexts[language] = browser.new_context(locale=language)
        page = contexts[language].new_page()
        pages.append(page)
        if viewport:
            page.set_viewport_size(viewport)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
        page.goto(served)
        page.get_by_role("tab", name=tab).click()
        page.locator("#dalel-documents tbody tr").nth(1).wait_for()
        return page

    yield opened
    told = [*troubles]  # What is on its way when a page is closed is broken off, and told, too.
    for page in pages:
        page.close()
    assert told == []


def drop(page, files):
    """Let go of files above the place for them, as a hand with a mouse does."""
    page.locator("#dalel-add button").first.evaluate(
        """(place, files) => {
            const dataTransfer = new DataTransfer();
            for (const [name, bytes] of files)
                dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
            const event = new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true});
            place.dispatchEvent(event);
        }""",
        [[name, list(data)] for name, data in files],
    )


def row(page, name):
    return page.locator("#dalel-documents tbody tr", has_text=name)


def choose(page, label, option):
    page.get_by_label(label).click()
    page.get_by_role("option", name=option).click()
    page.keyboard.press("Escape")


def test_files_are_dropped_in_with_an_encoding_and_each_is_told_of(visit):
    page = visit("kk-KZ", "Құжаттар")
    short = "Ұн 40 қап.".encode("kz1048")
    drop(
        page,
        [("ұн.txt", short), ("сурет.png", b"x"), ("Өлең.txt", "Өлең – сөздің патшасы.".encode())],
    )
    page.get_by_text("Дайын: индексте 3 құжат.").wait_for()
    assert page.get_by_text("Өлең.txt: оқылды, 1 құжат.").is_visible()
    assert page.get_by_text("сурет.png: қосылмады.").is_visible()
    assert page.get_by_text("осы бетте кодтамасын таңдап, қайта қосыңыз").is_visible()
    assert row(page, "Өлең.txt").locator("td").all_inner_texts()[:3] == [
        "қазақ", "1 абзац", "22 таңба",
    ]  # fmt: skip
    choose(page, "Мәтіндік файлдардың кодтамасы", "KZ-1048")
    drop(page, [("ұн.txt", short)])
    page.get_by_text("Дайын: индексте 4 құжат.").wait_for()
    row(page, "ұн.txt").get_by_role("link").click()
    frame = page.frame_locator("#dalel-document iframe")
    frame.get_by_text("Ұн 40 қап.").wait_for()


@only_at_length
def test_two_files_of_one_name_are_both_kept(visit):
    page = visit("ru-RU", "Документы")
    drop(page, [("Насос.md", "# Бірінші\n\nБірінші сорғы майды 7 күнде жейді.".encode())])
    page.get_by_text("Готово: в индексе").wait_for()
    drop(page, [("Насос.md", "# Екінші\n\nЕкінші сорғы майды 9 күнде жейді.".encode())])
    page.get_by_text("Другой документ уже называется Насос.md").wait_for()
    page.locator("#dalel-documents").get_by_role("link", name="Бірінші").wait_for()
    page.locator("#dalel-documents").get_by_role("link", name="Екінші").wait_for()
    assert row(page, "Насос").count() == 2


def test_only_chosen_documents_are_asked_until_all_are_again(visit, served):
    page = visit("en-GB", "Documents")
    assert page.get_by_text("Answers are looked for in all documents.").is_visible()
    page.get_by_role("button", name="Ask only these").click()
    page.get_by_text("First choose documents in the list.").wait_for()
    choose(page, "Choose documents", "en_foreign_policy")
    page.get_by_role("button", name="Ask only these").click()
    page.get_by_text("in the chosen documents only (1 document)").wait_for()
    question = "Арал теңізі неге тартылды?"
    # What the documents say of it stands in the other one.
    assert sources_of(page, question, 1) == {"en_foreign_policy"}
    page.get_by_role("button", name="New conversation").click()
    page.locator(".dalel-turn").first.wait_for(state="detached")
    assert sources_of(page, question, 1) == {"en_foreign_policy"}
    page.get_by_role("link", name="Русский").click()
    page.locator("#turn-1 .dalel-evidence").wait_for()
    page.get_by_role("tab", name="Документы").click()
    page.get_by_text("только в выбранных документах (1 документ)").wait_for()
    page.get_by_role("button", name="Спрашивать по всем").click()
    page.get_by_text("Ответы ищутся во всех документах.").wait_for()
    assert "kk_foreign_policy" in sources_of(page, question, 2, tab="Вопросы")


def test_questions_to_begin_with_are_made_from_what_is_chosen(visit):
    page = visit("kk-KZ", "Құжаттар")
    text = "# Асхана ережесі\n\nАсханада 12 қызметкер еңбек етеді. Асхана 1998 жылы салынған."
    drop(page, [("асхана.md", text.encode())])
    page.get_by_text("Дайын: индексте").wait_for()
    choose(page, "Құжат таңдаңыз", "Асхана ережесі")
    page.get_by_role("button", name="Тек осылардан сұрау").click()
    page.get_by_text("Жауап тек таңдалған құжаттардан").wait_for()
    page.get_by_role("tab", name="Сұрақ-жауап").click()
    begin = page.locator("#dalel-examples button")
    begin.filter(has_text="Асхана қай жылы салынған?").wait_for()
    assert begin.last.inner_text() == "«Асхана ережесі» құжаты не туралы?"
    begin.filter(has_text="Асханада неше қызметкер еңбек етеді?").click()
    turn = page.locator("#turn-1")
    turn.locator(".dalel-evidence").wait_for()
    assert turn.locator(".dalel-short").inner_text() == "12"
    begin.first.wait_for(state="hidden")
    page.get_by_role("button", name="Жаңа әңгіме").click()
    begin.filter(has_text="Асхана қай жылы салынған?").wait_for()


def sources_of(page, question, number, tab="Ask"):
    """Ask; return the ids of the documents that are shown for it."""
    page.get_by_role("tab", name=tab, exact=True).click()
    page.locator("#dalel-composer textarea").fill(question)
    page.locator("#dalel-composer textarea").press("Enter")
    page.locator(f"#turn-{number} .dalel-evidence").wait_for()
    return set(
        page.locator(f"#turn-{number} .dalel-evidence").evaluate(
            "shown => [...shown.querySelectorAll('a[href*=\"document?\"]')]"
            ".map(link => new URL(link.href).searchParams.get('id'))"
        )
    )


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("kk", "Файл тым үлкен, 20 МБ-тан аспауы керек"),
        *at_length([("ru", "Файл слишком большой")], []),
    ],
)
def test_a_file_that_is_too_large_is_told_in_the_language_of_the_page(
    served, browser, tmp_path, language, told
):
    (tmp_path / "үлкен.txt").write_bytes(b"a" * 21_000_000)
    t = Translations(language).text
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"{served}/{language}/")
    page.get_by_role("tab", name=t("documents_tab")).click()
    page.locator("#dalel-add input[type=file]").set_input_files(tmp_path / "үлкен.txt")
    toast = page.get_by_test_id("toast-body")
    toast.get_by_text(told).wait_for()
    assert "үлкен.txt" in toast.inner_text()
    assert toast.locator(".toast-title").inner_text().strip() == t("common.error")
    assert not re.search("[A-Za-z]{2}", toast.inner_text().replace(".txt", ""))
    page.context.close()


def test_on_a_phone_nothing_is_wider_than_the_screen(visit):
    page = visit("kk-KZ", "Құжаттар", viewport={"width": 390, "height": 844})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        title = row(page, "kk_foreign_policy").locator("th").bounding_box()
        assert title["width"] > 300
        table = page.locator("#dalel-documents .dalel-scroll")
        assert table.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_where_nothing_can_be_changed_it_can_still_be_chosen(shipped_home, browser):
    with serving(shipped_home, "--no-uploads") as (url, _):
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(url)
        page.get_by_role("tab", name="Documents").click()
        page.get_by_text("switched off on this server").wait_for()
        assert page.locator("input[type=file]").count() == 0
        assert page.get_by_role("button", name="Remove").count() == 0
        choose(page, "Choose documents", "en_foreign_policy")
        page.get_by_role("button", name="Ask only these").click()
        page.get_by_text("in the chosen documents only (1 document)").wait_for()
        asked = "Арал теңізі неге тартылды?"
        assert sources_of(page, asked, 1) == {"en_foreign_policy"}
        told = page.request.post(
            f"{url}/api/ask",
            data=json.dumps({"question": asked, "documents": SHIPPED}),
            headers={"content-type": "application/json"},
        ).json()
        assert told["citations"], "others ask what they want"
