"""Tests of eval/set_draft.py: marks are exact, what is wrong loses nothing, sets open again."""

import json
import unicodedata
from dataclasses import replace

import pytest
from fakes import HashEmbedder, document

from chat.settings import Settings
from chat.web.i18n import LANGUAGES, Translations
from chat.web.site import Site
from eval import web_tab
from eval.dataset import check
from eval.formats import read_set
from eval.set_draft import (
    MAX_NAME_CHARACTERS,
    Asked,
    Draft,
    DraftProblem,
    add,
    change,
    file_stem,
    leave,
    lost,
    mark,
    open_set,
    placed,
    remove,
    save,
    sentences_of,
    warnings,
)
from eval.web_runs import Evaluation
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


GONE = {"үкі": document("Бәрі басқаша жазылды. Үкі туралы ештеңе жоқ.", "үкі")}
MOVED = {"үкі": document(f"Бас сөз: ә ғ қ ң ө ұ ү һ і. {TEXT} Үкі түнде ұшады.", "үкі")}


@pytest.mark.parametrize("now", [GONE, {}], ids=["changed", "removed"])
def test_a_sentence_that_is_gone_is_told(site, documents, tmp_path, now):
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents)
    again = marked(site, "үкі", 1, draft=draft)
    with pytest.raises(DraftProblem) as found:
        add(again, Asked("Өзен қайда?"), now)
    assert found.value.key == "draft_changed"
    with pytest.raises(DraftProblem) as found:
        save(draft, "жиын", tmp_path / "sets", now)
    assert found.value.key == "draft_stale"
    assert found.value.values == {"question": "Үкі қашан ұшады?"}
    assert not (tmp_path / "sets").exists()
    [gone] = lost(draft, now)
    assert (gone.question, gone.sentences) == ("Үкі қашан ұшады?", draft.questions[0].gold)
    assert placed(again, now) == replace(again, marked=()), "of questions nothing is thrown away"


def test_a_sentence_that_has_moved_is_marked_where_it_stands(site, documents, tmp_path):
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents)
    draft = marked(site, "үкі", 1, draft=draft)
    moved = placed(draft, MOVED)
    for before, now in zip(
        (*draft.questions[0].gold, *draft.marked), (*moved.questions[0].gold, *moved.marked),
        strict=True,
    ):  # fmt: skip
        assert now.quote == before.quote == MOVED["үкі"].text[now.start : now.end]
        assert now.start == before.start + len("Бас сөз: ә ғ қ ң ө ұ ү һ і. "), "the nearest of two"
    assert lost(draft, MOVED) == []
    save(draft, "жиын", tmp_path / "sets", MOVED)
    read = read_set(tmp_path / "sets" / "жиын.jsonl", strict=True)
    assert check(read.examples, MOVED) == []


def test_what_looks_wrong_is_told_and_kept(site, documents):
    asked = Asked("Үкі кaшан ұшады?", "таңертең")  # A Latin a.
    draft = add(marked(site, "үкі", 0), asked, documents)
    found = [(each.key, each.values["text"]) for each in warnings(draft.questions[0])]
    assert found == [("draft_answer_elsewhere", "таңертең"), ("draft_mixed_word", "кaшан")]
    fine = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?", "түнде"), documents)
    assert warnings(fine.questions[0]) == []


# --- questions that are changed -------------------------------------------------------------------


def test_a_question_is_taken_up_again_and_stands_in_its_place(site, documents):
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?", "түнде; қараңғыда"), documents)
    draft = add(marked(site, "үкі", 1, draft=draft), Asked("Өзен қайдан ағады?"), documents)
    taken = change(draft, "q-001", documents)
    assert taken.marked == draft.questions[0].gold
    assert taken.asked == Asked("Үкі қашан ұшады?", "түнде; қараңғыда")
    assert not taken.is_saved
    same = add(taken, taken.asked, documents)
    assert same == draft, "nothing was changed"
    other = marked(site, "owl", 0, draft=replace(taken, marked=()))
    changed = add(other, Asked("ҮКІ қашан ұшады?", "түнде"), documents)
    assert [one.id for one in changed.questions] == ["q-001", "q-002"]
    assert changed.questions[0].tags == ("kk->en",)
    assert (changed.marked, changed.asked, changed.changing) == ((), Asked(), "")
    with pytest.raises(DraftProblem) as found:
        add(taken, Asked("Өзен қайдан ағады?"), documents)
    assert found.value.key == "draft_repeated"
    assert leave(taken) == draft
    assert remove(taken, ["q-001"]) == remove(draft, ["q-001"])


def test_what_the_form_does_not_show_of_a_question_stays(site, documents, tmp_path):
    row = {"id": "latin-7", "question": "Ukı qaşan uşady?", "language": "kk", "answers": ["түнде"],
           "gold": [{"document_id": "үкі", "start": 0, "end": 16, "quote": TEXT[:16]}],
           "tags": ["kk->kk", "latin", "when"]}  # fmt: skip
    path = tmp_path / "қолдан.jsonl"
    path.write_text(json.dumps(row), "utf-8")
    draft = change(open_set(path, documents), "latin-7", documents)
    [one] = add(draft, replace(draft.asked, answers="қараңғыда"), documents).questions
    assert (one.id, one.language) == ("latin-7", "kk")
    assert one.tags == ("kk->kk", "latin", "when")
    asked = Asked("Айда кім тұрады?", unanswerable=True)
    [none] = add(replace(draft, marked=()), asked, documents).questions
    assert (none.tags, none.gold) == (("unanswerable",), ()), "kinds were of the other question"


# --- files ----------------------------------------------------------------------------------------


def test_a_set_is_opened_as_it_was_saved(site, documents, tmp_path):
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?", "түнде"), documents)
    draft = add(draft, Asked("Айда кім тұрады?", unanswerable=True), documents)
    saved = save(draft, "Менің жиыным", tmp_path, documents)
    assert saved.is_saved
    opened = open_set(tmp_path / "Менің-жиыным.jsonl", documents)
    assert opened == replace(saved, added=0)
    more = add(marked(site, "үкі", 1, draft=opened), Asked("Өзен қайдан ағады?"), documents)
    assert [one.id for one in more.questions] == ["q-001", "q-002", "q-003"]
    assert not more.is_saved
    assert save(more, opened.name, tmp_path, documents).is_saved
    assert len(read_set(tmp_path / "Менің-жиыным.jsonl").examples) == 3
    with pytest.raises(DraftProblem) as found:
        save(opened, opened.name, tmp_path, documents)
    assert found.value.key == "draft_overtaken", "what somebody else has saved is not lost"


def test_a_set_is_opened_though_its_documents_have_changed(site, documents, tmp_path):
    draft = add(marked(site, "үкі", 0), Asked("Үкі қашан ұшады?"), documents)
    save(draft, "жиын", tmp_path, documents)
    moved = open_set(tmp_path / "жиын.jsonl", MOVED)
    assert (lost(moved, MOVED), moved.is_saved) == ([], False)
    opened = open_set(tmp_path / "жиын.jsonl", GONE)
    assert [gone.question for gone in lost(opened, GONE)] == ["Үкі қашан ұшады?"]
    assert change(opened, "q-001", GONE).marked == ()


FOREIGN = {
    "a judged row.jsonl": {"id": "1", "question": "Үкі қайда?", "judged": False},
    "a row of others.jsonl": {"id": "1", "question": "Үкі?", "answerable": False, "note": "ә"},
    "a bad row.jsonl": {"id": "1", "question": "", "answerable": False},
    "a table.csv": "user_input,reference\nҮкі қашан ұшады?,түнде\n",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_cannot_be_written_as_it_is_is_not_opened(documents, tmp_path, name):
    good = json.dumps({"id": "2", "question": "Ай қайда?", "answerable": False})
    rows = FOREIGN[name]
    text = rows if isinstance(rows, str) else f"{json.dumps(rows)}\n{good}"
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(DraftProblem) as found:
        open_set(tmp_path / name, documents)
    assert (found.value.key, found.value.values) == ("draft_not_ours", {"name": name})


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
    assert (saved.name, saved.questions, saved.saved) == ("Менің-жиыным", *2 * [draft.questions])
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
