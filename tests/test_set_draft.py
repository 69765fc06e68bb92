"""Tests of eval/set_draft.py and set_form.py: marks are exact, what is wrong loses nothing."""

import html
import re
import unicodedata
from dataclasses import replace

import pytest
from fakes import HashEmbedder, document

from chat.settings import Settings
from chat.web.i18n import LANGUAGES, Translations
from chat.web.site import Site
from eval import set_form, web_tab
from eval.dataset import check
from eval.formats import read_set
from eval.set_draft import (
    MAX_NAME_CHARACTERS,
    Asked,
    Draft,
    DraftProblem,
    add,
    file_stem,
    mark,
    remove,
    save,
    sentences_of,
    warnings,
)
from eval.web_runs import Evaluation, key_of
from index.indexer import Indexer, LiveIndex
from ingest.errors import EvalError

# Of gradio's imports.
pytestmark = pytest.mark.filterwarnings("ignore")

KAZAKH = Translations("kk")
TEXT = (
    "Үкі түнде ұшады. Өзен таудан ағады, ал көл жазықта жатыр. Һәм ғарыш алыс, ән-күй жақын.\n\n"
    "Iшкi бет: іні мен ағасы қалада тұрады. ҚАЗАҚСТАН Азияда жатыр."
)
HOSTILE = "<img src=x onerror=window.pwned=1> {{ 7 * 7 }} **ә** __i18n__{}"


@pytest.fixture
def site(tmp_path):
    library = Indexer(tmp_path, load=HashEmbedder)
    library.put(
        [
            document(TEXT, "үкі"),
            document(unicodedata.normalize("NFD", TEXT), "nfd"),
            document(f"{HOSTILE} түнде ұшады.\n\n{HOSTILE} таудан ағады.", HOSTILE),
            document("The owl flies at night. The river runs.\r\nIt is cold.", "owl", "en"),
        ]
    )
    return Site(LiveIndex(library, library.open()), Settings(home=tmp_path))


@pytest.fixture
def documents(site):
    return site.live.retriever().documents


def marked(site, name, *places, draft=Draft()):  # noqa: B008  (it never changes)
    document = site.live.retriever().documents[name]
    spans = sentences_of(site.live.retriever(), name)
    return mark(draft, document, spans, [spans[place] for place in places])


# --- marking --------------------------------------------------------------------------------------


def test_sentences_are_those_of_the_document_in_order(site, documents):
    for name, one in documents.items():
        spans = sentences_of(site.live.retriever(), name)
        assert spans == sorted(set(spans))
        assert "".join("".join(one.text[slice(*span)] for span in spans).split()) == "".join(
            one.text.split()
        )
    assert sentences_of(site.live.retriever(), "жоқ") == []


@pytest.mark.parametrize(
    ("words", "count"),
    [("", 5), ("үкі", 1), ("ҮКІ түнде", 1), ("жатыр", 2), ("ағады жоқ", 0), ("Қазақстан", 1),
     (unicodedata.normalize("NFD", "ІНІ"), 1)],
)  # fmt: skip
@pytest.mark.parametrize("name", ["үкі", "nfd"])
def test_sentences_are_found_by_their_words_in_either_form(site, name, words, count):
    assert len(sentences_of(site.live.retriever(), name, words)) == count


@pytest.mark.parametrize("name", ["үкі", "nfd", HOSTILE, "owl"])
def test_what_is_marked_is_what_stands_there(site, documents, name):
    draft = marked(site, name, 0, 1)
    assert len(draft.marked) == 2
    for gold in draft.marked:
        assert documents[name].text[gold.start : gold.end] == gold.quote.strip() == gold.quote


def test_ticking_and_unticking_leaves_what_is_not_shown(site, documents):
    draft = marked(site, "owl", 0, draft=marked(site, "үкі", 0, 2))
    spans = sentences_of(site.live.retriever(), "үкі")
    shown = spans[:2]
    after = mark(draft, documents["үкі"], shown, [spans[1], spans[4], (0, 3)])
    places = [(gold.document_id, gold.start) for gold in after.marked]
    assert places == [("үкі", spans[2][0]), ("owl", 0), ("үкі", spans[1][0])]
    again = mark(after, documents["үкі"], shown, [spans[1]])
    assert again.marked == after.marked


# --- questions ------------------------------------------------------------------------------------


def test_a_question_is_a_row_that_passes_the_check(site, documents):
    draft = add(
        marked(site, "үкі", 0), Asked(" Үкі қашан\nұшады? ", "түнде; қараңғыда "), documents
    )
    [one] = draft.questions
    assert (one.question, one.language, one.need) == ("Үкі қашан ұшады?", "kk", "any")
    assert one.answers == ("түнде", "қараңғыда")
    assert one.tags == ("kk->kk",)
    assert draft.marked == ()
    assert check(draft.questions, documents) == []
    both = marked(site, "owl", 0, draft=marked(site, "үкі", 0, draft=draft))
    two = add(both, Asked("Үкі мен өзен туралы не айтылған?", needs_all=True), documents)
    assert (two.questions[1].need, two.questions[1].tags) == ("all", ("kk->en+kk",))
    none = add(two, Asked("Айда кім тұрады?", unanswerable=True), documents)
    assert (none.questions[2].answerable, none.questions[2].tags) == (False, ("unanswerable",))
    assert [one.id for one in none.questions] == ["q-001", "q-002", "q-003"]


def test_ids_are_not_given_twice(site, documents):
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents)
    draft = add(marked(site, "үкі", 1, draft=draft), Asked("Өзен қайдан ағады?"), documents)
    draft = remove(draft, ["q-002", "жоқ"])
    draft = add(marked(site, "үкі", 1, draft=draft), Asked("Өзен қайда?"), documents)
    assert [one.id for one in draft.questions] == ["q-001", "q-003"]


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (Asked(""), "draft_question_empty"),
        (Asked(" \n "), "draft_question_empty"),
        (Asked("?!"), "draft_question_wordless"),
        (Asked("ә" * 2_001), "draft_question_long"),
        (Asked("Айда кім тұрады?", unanswerable=True), "draft_both"),
        (Asked("ҮКІ қашан  ұшады?"), "draft_repeated"),
    ],
)
def test_what_cannot_be_added_is_told(site, documents, asked, key):
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents)
    draft = marked(site, "үкі", 1, draft=draft)
    with pytest.raises(DraftProblem) as found:
        add(draft, asked, documents)
    assert found.value.key == key
    for i18n in map(Translations, LANGUAGES):
        assert i18n.text(key, **found.value.values)


def test_nothing_marked_or_an_answer_where_there_is_none_is_told(site, documents):
    for asked, key in (
        (Asked("Үкі қашан ұшады?"), "draft_unmarked"),
        (Asked("Айда кім тұрады?", "ешкім", unanswerable=True), "draft_both"),
    ):
        with pytest.raises(DraftProblem) as found:
            add(Draft(), asked, documents)
        assert found.value.key == key


def test_a_document_that_changed_meanwhile_is_told(site, documents, tmp_path):
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents)
    again = marked(site, "үкі", 1, draft=draft)
    changed = dict(documents) | {"үкі": document(f"Бас. {TEXT}", "үкі")}
    for now in (changed, {}):
        with pytest.raises(DraftProblem) as found:
            add(again, Asked("Өзен қайда?"), now)
        assert found.value.key == "draft_changed"
        with pytest.raises(DraftProblem) as found:
            save(draft, "жиын", tmp_path / "sets", now)
        assert found.value.key == "draft_stale"
        assert found.value.values == {"question": "Үкі қашан ұшады?"}
    assert not (tmp_path / "sets").exists()


def test_what_looks_wrong_is_told_and_kept(site, documents):
    asked = Asked("Үкі кaшан ұшады?", "таңертең")  # A Latin a.
    draft = add(marked(site, "үкі", 0), asked, documents)
    found = [(each.key, each.values["text"]) for each in warnings(draft.questions[0])]
    assert found == [("draft_answer_elsewhere", "таңертең"), ("draft_mixed_word", "кaшан")]
    fine = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?", "түнде"), documents)
    assert warnings(fine.questions[0]) == []


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stem"),
    [("Менің жиыным", "Менің-жиыным"), (" ә_ғ-1 ", "ә_ғ-1"), ("жиын.jsonl", "жиын"),
     (unicodedata.normalize("NFD", "Жаңа ЙОД"), "Жаңа-ЙОД"), ("2026", "2026")],
)  # fmt: skip
def test_a_set_is_named_as_it_is_called(name, stem):
    assert file_stem(name) == stem


@pytest.mark.parametrize(
    "name",
    ["", "  ", ".jsonl", "..", "../жиын", "a/b", "a\\b", ".жасырын", "-x", "_x", "a.b", "ә\0",
     "<b>", "ә" * (MAX_NAME_CHARACTERS + 1), "а:б", "🦉", "\ud800"],
)  # fmt: skip
def test_a_name_that_no_file_should_have_is_refused(site, documents, tmp_path, name):
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents)
    with pytest.raises(DraftProblem) as found:
        save(draft, name, tmp_path / "sets", documents)
    assert found.value.key in ("draft_nameless", "draft_name_odd")
    assert not (tmp_path / "sets").exists()


def test_a_set_is_read_back_as_it_was_made(site, documents, tmp_path):
    draft = Draft()
    for name in documents:
        asked = Asked(f"{name} туралы не айтылған?", f"{HOSTILE.replace(';', '')}; ә")
        draft = add(marked(site, name, 0, 1, draft=draft), asked, documents)
    draft = add(draft, Asked("Айда кім тұрады?", unanswerable=True), documents)
    saved = save(draft, "Менің жиыным", tmp_path / "sets", documents)
    assert saved == replace(draft, name="Менің-жиыным")
    read = read_set(tmp_path / "sets" / "Менің-жиыным.jsonl", strict=True)
    assert read.examples == draft.questions
    assert [problem for problem in check(read.examples, documents) if problem.fatal] == []
    assert [path.name for path in (tmp_path / "sets").iterdir()] == ["Менің-жиыным.jsonl"]


def test_a_set_of_ones_own_is_written_anew_and_no_other(site, documents, tmp_path):
    folder = tmp_path / "sets"
    first = save(add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents), "Жиын",
                 folder, documents)  # fmt: skip
    more = add(marked(site, "үкі", 1, draft=first), Asked("Өзен қайда?"), documents)
    save(more, "Жиын", folder, documents)
    assert len(read_set(folder / "Жиын.jsonl").examples) == 2
    other = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents)
    for name in ("Жиын", "жиын"):
        with pytest.raises(DraftProblem) as found:
            save(other, name, folder, documents)
        assert found.value.key == "draft_name_taken"
    with pytest.raises(DraftProblem) as found:
        save(Draft(), "бос", folder, documents)
    assert found.value.key == "draft_empty"


def test_a_folder_that_cannot_be_written_is_told(site, documents, tmp_path):
    (tmp_path / "sets").write_text("", "utf-8")
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents)
    with pytest.raises(EvalError, match="cannot be written") as found:
        save(draft, "жиын", tmp_path / "sets", documents)
    assert str(tmp_path) not in str(found.value)


def test_sets_about_other_documents_are_not_offered(site, documents, tmp_path):
    evaluation = Evaluation(site)
    assert evaluation.sets() == []
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents)
    save(draft, "үкі", evaluation.own_sets, documents)
    (evaluation.own_sets / ".үкі.jsonl.part").write_text("", "utf-8")
    assert [path.name for path in evaluation.sets()] == ["үкі.jsonl"]
    assert web_tab._set_choices(KAZAKH, evaluation)[0][0][0] == "үкі.jsonl: 1 сұрақ (қазақ)"


# --- the form -------------------------------------------------------------------------------------


@pytest.fixture
def form(site):
    return set_form._Form(KAZAKH, Evaluation(site))


def test_a_set_is_made_step_by_step(site, form, monkeypatch):
    monkeypatch.setattr(set_form, "SENTENCES_SHOWN", 2)
    view, boxes, part, earlier, later, _ = form.open(set_form._View(), "үкі")
    assert [label for label, _ in boxes["choices"]] == [
        "Үкі түнде ұшады.",
        "Өзен таудан ағады, ал көл жазықта жатыр.",
    ]
    assert KAZAKH.text("draft_part", first=1, last=2, total=5) in html.unescape(part)
    assert (earlier["visible"], later["visible"]) == (False, True)
    view, _ = form.mark(view, [boxes["choices"][0][1]])
    view, boxes, *_ = form.later(view)
    assert boxes["value"] == []
    view, marks = form.mark(view, [boxes["choices"][0][1]])
    assert len(re.findall("<mark>", marks)) == 2
    view, boxes, *_ = form.earlier(view)
    assert boxes["value"] == [boxes["choices"][0][1]]
    *_, refused = form.add(view, "", "түнде", False, False)
    assert KAZAKH.text("draft_question_empty") in html.unescape(refused)
    added = form.add(view, "Үкі қашан ұшады?", "түнде", False, False)
    view, questions = added[0], added[-3]
    assert added[6:10] == ["", "", False, False], "room for the next question"
    assert questions["choices"] == [("Үкі қашан ұшады?", "q-001")]
    assert view.draft.marked == ()
    *_, note = form.save(view, "")
    assert KAZAKH.text("draft_nameless") in html.unescape(note)
    view, key, note = form.save(view, "Менің жиыным")
    evaluation = Evaluation(site)
    assert evaluation.find(key).path == evaluation.own_sets / "Менің-жиыным.jsonl"
    assert key == key_of(evaluation.own_sets / "Менің-жиыным.jsonl")
    view, questions, _, note = form.remove(view, ["q-001"])
    assert (questions["choices"], questions["visible"]) == ([], False)


def test_sentences_of_a_hostile_document_are_texts(form):
    choices = form.documents()["choices"]
    assert [name for _, name in choices if name == HOSTILE] == [HOSTILE]
    view, boxes, *_ = form.open(set_form._View(), HOSTILE)
    labels = [label for label, _ in boxes["choices"]]
    assert all("__i18n__{}" not in label for label in labels), "Gradio would translate it"
    _, marks = form.mark(view, [boxes["choices"][0][1]])
    assert "<img" not in marks
    assert "49" not in marks
    assert html.escape("<img src=x onerror=window.pwned=1> {{ 7 * 7 }}") in marks
    assert len(marks.splitlines()) == 1


STRANGE = [None, 3, "", "жоқ", ["x"], {"a": 1}, True, ["0-1", "5-2", "-", "0-" + "9" * 40, 7, None]]


@pytest.mark.parametrize("sent", STRANGE, ids=repr)
def test_whatever_is_sent_the_form_stays_usable(site, form, sent):
    start = set_form._View()
    assert form.open(start, sent)[1]["choices"] == []
    view = form.open(start, "үкі")[0]
    assert len(form.find(view, sent)) == 6
    assert form.mark(view, sent)[0].draft.marked == ()
    assert len(form.add(view, sent, sent, sent, sent)) == 13
    assert form.remove(view, sent)[0].draft == Draft()
    assert len(form.save(view, sent)) == 3
    assert form.mark(start, ["0-1"])[0] == start
    assert not Evaluation(site).own_sets.exists()
