"""Tests of eval/set_editing.py and kept_drafts.py: the form step by step, and after a reload."""

import html
import re
from dataclasses import replace

import pytest
from fakes import HashEmbedder, document

from chat.settings import Settings
from chat.web.i18n import LANGUAGES, Translations
from chat.web.site import Site
from eval import kept_drafts, set_editing
from eval.kept_drafts import KeptDrafts
from eval.set_draft import Asked, Draft
from eval.set_editing import FormParts, FormView, SetEditing
from eval.web_runs import Evaluation, key_of
from index.indexer import Indexer, LiveIndex

# Of gradio's imports.
pytestmark = pytest.mark.filterwarnings("ignore")

KAZAKH = Translations("kk")
TEXT = (
    "Үкі түнде ұшады. Өзен таудан ағады, ал көл жазықта жатыр. Һәм ғарыш алыс, ән-күй жақын.\n\n"
    "Iшкi бет: іні мен ағасы қалада тұрады. ҚАЗАҚСТАН Азияда жатыр."
)
HOSTILE = "<img src=x onerror=window.pwned=1> {{ 7 * 7 }} **ә** __i18n__{}"
ASKED = ("Үкі қашан ұшады?", "түнде", False, False)


@pytest.fixture
def site(tmp_path):
    library = Indexer(tmp_path, load=HashEmbedder)
    library.put([document(TEXT, "үкі"), document(f"{HOSTILE} ұшады.\n\n{HOSTILE} ағады.", HOSTILE)])
    return Site(LiveIndex(library, library.open()), Settings(home=tmp_path))


@pytest.fixture
def form(site):
    return SetEditing(KAZAKH, Evaluation(site))


def ticked(form, view, place=0):
    """Return a view whose document has one more sentence marked."""
    opened = form.open(replace(view, document_id=""), "үкі")
    return form.mark(opened.view, [opened.sentences["choices"][place][1]]).view


def test_a_document_that_is_chosen_twice_keeps_its_ticks(form):
    """A busy browser tells of one choice twice; the second answer would come after a tick."""
    view = form.open(FormView(), "үкі").view
    for again in (form.open(view, "үкі"), form.find(view, view.words)):
        assert "choices" not in again.sentences


def text_of(shown):
    return html.unescape(re.sub("<[^>]*>", "", shown))


def test_a_set_is_made_step_by_step(site, form, monkeypatch):
    monkeypatch.setattr(set_editing, "SENTENCES_SHOWN", 2)
    shown = form.open(FormView(), "үкі")
    boxes = shown.sentences
    assert [label for label, _ in boxes["choices"]] == [
        "Үкі түнде ұшады.",
        "Өзен таудан ағады, ал көл жазықта жатыр.",
    ]
    assert KAZAKH.text("draft_part", first=1, last=2, total=5) in text_of(shown.part)
    assert (shown.earlier["visible"], shown.later["visible"]) == (False, True)
    view = form.mark(shown.view, [boxes["choices"][0][1]]).view
    shown = form.later(view)
    assert shown.sentences["value"] == []
    after = form.mark(shown.view, [shown.sentences["choices"][0][1]])
    assert len(re.findall("<mark>", after.marked)) == 2
    shown = form.earlier(after.view)
    assert shown.sentences["value"] == [boxes["choices"][0][1]]
    refused = form.add(shown.view, "", *ASKED[1:])
    assert KAZAKH.text("draft_question_empty") in text_of(refused.added)
    added = form.add(shown.view, *ASKED)
    written = (added.question, added.answers, added.unanswerable, added.needs_all)
    assert written == ("", "", False, False), "room for the next question"
    assert added.questions["choices"] == [("Үкі қашан ұшады?", "q-001")]
    assert added.view.draft.marked == ()
    assert KAZAKH.text("draft_nameless") in text_of(form.save(added.view, "").kept)
    saved = form.save(added.view, "Менің жиыным")
    path = Evaluation(site).own_sets / "Менің-жиыным.jsonl"
    assert Evaluation(site).find(saved.saved).path == path
    assert saved.saved == key_of(path)
    left = form.remove(saved.view, ["q-001"]).questions
    assert (left["choices"], left["visible"]) == ([], False)


def test_a_question_is_changed_and_left(form):
    view = form.add(ticked(form, FormView()), *ASKED).view
    for chosen in ([], ["жоқ"]):
        assert KAZAKH.text("draft_one") in text_of(form.change(view, chosen).added)
    taken = form.change(view, ["q-001"])
    assert (taken.question, taken.answers) == ("Үкі қашан ұшады?", "түнде")
    assert taken.sentences["value"] == ["0-16"], "where its sentence is"
    assert taken.add == KAZAKH.text("draft_keep_change")
    assert taken.leave["visible"]
    left = form.leave(taken.view)
    assert (left.question, left.leave["visible"]) == ("", False)
    assert left.view.draft == view.draft
    changed = form.add(taken.view, "Үкі түнде ұша ма?", "", False, False)
    assert changed.questions["choices"] == [("Үкі түнде ұша ма?", "q-001")]
    assert KAZAKH.text("draft_question_changed", questions="1 сұрақ") in text_of(changed.added)


def test_a_saved_set_is_opened_and_what_is_not_saved_is_asked_about(form):
    view = form.save(form.add(ticked(form, FormView()), *ASKED).view, "бірінші").view
    opened = form.begin(view)
    assert opened.view.draft == Draft()
    assert KAZAKH.text("draft_choose") in text_of(form.open_set(opened.view, "жоқ").lost)
    assert [name for _, name in form.sets()["choices"]] == ["бірінші"]
    unsaved = ticked(form, opened.view)
    asked = form.open_set(unsaved, "бірінші")
    assert (asked.unsaved["visible"], asked.view.draft) == (True, unsaved.draft)
    kept = form.keep(asked.view)
    assert (kept.unsaved["visible"], kept.view.draft) == (False, unsaved.draft)
    assert "value" not in form.discard(kept.view).view, "nothing is asked any more"
    again = form.discard(asked.view)
    assert [one.question for one in again.view.draft.questions] == ["Үкі қашан ұшады?"]
    assert (again.name, again.view.draft.is_saved) == ("бірінші", True)
    assert KAZAKH.text("draft_opened", name="бірінші", questions="1 сұрақ") in text_of(again.lost)


def test_sentences_that_are_gone_are_told_when_a_set_is_opened(site, form):
    form.save(form.add(ticked(form, FormView()), *ASKED).view, "жиын")
    site.live.indexer.put([document("Мұнда бәрі басқаша жазылды.", "үкі")])
    site.live.reopen()
    opened = form.open_set(FormView(), "жиын")
    told = text_of(opened.lost)
    assert KAZAKH.text("draft_lost") in told
    assert "Үкі қашан ұшады?" in told
    assert "Үкі түнде ұшады." in told
    refused = form.save(opened.view, "жиын")
    assert "Үкі қашан ұшады?" in text_of(refused.kept)
    taken = form.change(opened.view, ["q-001"])
    marked = form.mark(form.open(taken.view, "үкі").view, ["0-27"])
    changed = form.add(marked.view, *ASKED)
    assert text_of(changed.lost).strip() == ""
    assert form.save(changed.view, "жиын").view.draft.is_saved


def test_a_mark_that_is_gone_while_the_page_is_open_is_told_and_unmarked(site, form):
    view = ticked(form, FormView())
    site.live.indexer.put([document("Мұнда бәрі басқаша жазылды.", "үкі")])
    site.live.reopen()
    told = form.add(view, *ASKED)
    assert KAZAKH.text("draft_changed") in text_of(told.added)
    assert told.view.draft.marked == ()


# --- a page that is loaded anew -------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_outlasts_the_page_in_each_language(site, form, language):
    key, *parts = form.restore(FormView(), "")
    view = FormParts(*parts).view
    assert (view.key, view.draft) == (key, Draft())
    view = ticked(form, form.add(ticked(form, view), *ASKED).view, 1)
    form.write(view, "Өзен қайдан", "", False, True)
    i18n = Translations(language)
    again, *parts = SetEditing(i18n, Evaluation(site)).restore(FormView(), key)
    shown = FormParts(*parts)
    assert again == key
    assert shown.form["open"]
    told = i18n.text("draft_restored", questions=i18n.count("set_questions", 1))
    assert told in text_of(shown.lost)
    assert (shown.question, shown.needs_all) == ("Өзен қайдан", True)
    assert "Өзен таудан ағады" in shown.marked
    assert shown.questions["choices"] == [("Үкі қашан ұшады?", "q-001")]
    same = form.restore(shown.view, key)
    assert all("value" not in part for part in same), "who is at it is not interrupted"


@pytest.mark.parametrize("key", ["", "жоқ", None, 3, ["x"], {"a": 1}], ids=repr)
def test_a_key_that_nothing_is_kept_under_begins_a_new_draft(form, key):
    new, *parts = form.restore(FormView(), key)
    assert new not in ("", key)
    assert FormParts(*parts).view == FormView(key=new)


def test_drafts_are_bounded_and_each_is_its_owners(monkeypatch):
    monkeypatch.setattr(kept_drafts, "MAX_DRAFTS", 2)
    drafts = KeptDrafts()
    keys = [drafts.find("")[0] for _ in range(3)]
    assert len({*keys}) == 3
    for number, key in enumerate(keys):
        drafts.keep(key, Draft(asked=Asked(f"{number}")))
    assert drafts.find(keys[0])[1] == Draft()
    assert [drafts.find(key)[1].asked.question for key in keys[1:]] == ["1", "2"]


# --- whatever is sent -----------------------------------------------------------------------------


def test_sentences_of_a_hostile_document_are_texts(form):
    choices = form.documents()["choices"]
    assert [name for _, name in choices if name == HOSTILE] == [HOSTILE]
    shown = form.open(FormView(), HOSTILE)
    labels = [label for label, _ in shown.sentences["choices"]]
    assert all("__i18n__{}" not in label for label in labels), "Gradio would translate it"
    marks = form.mark(shown.view, [shown.sentences["choices"][0][1]]).marked
    assert "<img" not in marks
    assert "49" not in marks
    assert html.escape("<img src=x onerror=window.pwned=1> {{ 7 * 7 }}") in marks
    assert len(marks.splitlines()) == 1


STRANGE = [None, 3, "", "жоқ", ["x"], {"a": 1}, True, ["0-1", "5-2", "-", "0-" + "9" * 40, 7, None]]


@pytest.mark.parametrize("sent", STRANGE, ids=repr)
def test_whatever_is_sent_the_form_stays_usable(site, form, sent):
    start = FormView()
    before = replace(start, document_id="үкі")
    assert form.open(before, sent).sentences["choices"] == []
    view = form.open(start, "үкі").view
    assert len(form.find(view, sent)) == len(FormParts._fields)
    marked = form.mark(view, sent).view
    assert marked.draft.marked == ()
    form.add(view, sent, sent, sent, sent)
    form.change(view, sent)
    form.open_set(view, sent)
    assert form.remove(view, sent).view.draft == Draft()
    form.save(view, sent)
    form.discard(view)
    assert not Evaluation(site).own_sets.exists()
