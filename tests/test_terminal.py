"""Tests of chat/terminal.py: what a terminal gets, from tame and from hostile documents."""

import re
import unicodedata

import pytest
from fakes import document, passage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from chat import terminal
from chat.answer import Answer, Copy, cite
from ingest.source_file import Skipped
from prompts.render import render

SOURCE = (
    "Қазақстан Республикасы – Орталық Азиядағы тәуелсіз мемлекет. Ел астанасы – Астана қаласы.\n"
    "Ғылым, өнер, үміт, ұлт, һәм іс. Бұл сөйлем дәлел болады. Әлемнің тоғызыншы елі.\n"
)
QUOTE = "Бұл сөйлем дәлел болады."
HOSTILE = {
    "colour": "\x1b[31mқызыл\x1b[0m",
    "title": "\x1b]0;құпия\x07",
    "clear": "\x1b[2J\x1b[H",
    "one byte": "\x9b31mқ",
    "backspace": "үй\x08\x08өш",
    "return": "шын\rжалған",
    "override": "\u202eтерең\u202c",
    "isolate": "\u2066қ\u2069",
    "marks": "\u200e\u200f\u061cқ",
    "separators": "бір\u2028екі\u2029үш",
    "delete": "\x7fқ\x00",
    "feed": "бір\x0bекі\x0cүш\x85",
}
STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture(params=[80, 40])
def shown(request, monkeypatch, capsys):
    """Return a function that gives what was printed since, checked for the width."""
    monkeypatch.setenv("COLUMNS", str(request.param))

    def read():
        out = capsys.readouterr().out
        assert not STEERING.search(out)
        assert all(cell_len(line) <= request.param for line in out.splitlines())
        return out

    return read


def squeezed(text):
    """Return a text without white space: where lines are broken does not count."""
    return "".join(text.split())


def answered(source, *spans, language="kk", passages=(), words=None, copies=()):
    """Return an answer that quotes places; `words` answer, in the first of them."""
    citations = tuple(
        cite(mark, source, span, words if mark == 1 else None).model_copy(update={"copies": copies})
        for mark, span in enumerate(spans, start=1)
    )
    short_answer = " ".join(source.text[slice(*words)].split()) if words else ""
    name = "extractive" if spans else "refusal"
    return Answer(
        question="Бұл не?",
        language=language,
        text=render(name, language, citations=citations, short_answer=short_answer),
        short_answer=short_answer,
        citations=citations,
        passages=tuple(passages),
        confidence=0.9,
        abstained=not spans,
        mode="extractive",
        timings_ms={},
    )


def show_answer(answer, documents):
    """Show an answer that is there at once."""
    terminal.show_answer([answer], documents)


def span_of(text, quote):
    start = text.index(quote)
    return start, start + len(quote)


# --- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("language", "heading"), [("kk", "Дереккөздер"), ("en", "Sources"), ("ru", "Источники")]
)
def test_an_answer_shows_quotes_marks_and_sources(shown, form, language, heading):
    text, quote = unicodedata.normalize(form, SOURCE), unicodedata.normalize(form, QUOTE)
    source = document(text, "kk.txt", title="Сыртқы саясат")
    show_answer(
        answered(source, span_of(text, quote), (0, 5), language=language), {"kk.txt": source}
    )
    out = shown()
    answer, sources = out.split(heading)
    assert squeezed(f"{quote} [1]") in squeezed(answer)
    assert squeezed(f"{text[:5]} [2]") in squeezed(answer)
    assert squeezed(f"[1] Сыртқы саясат · kk.txt, ¶ 2/2, {text.index(quote)}-") in squeezed(sources)
    assert squeezed("[2] Сыртқы саясат · kk.txt, ¶ 1/2, 0-5") in squeezed(sources)
    second_paragraph = text[text.index("\n") :]
    assert squeezed(second_paragraph) in squeezed(sources)  # the quote in its context


def test_the_context_of_a_quote_is_its_paragraph_cut_to_160_characters(shown):
    before, after = "алды " * 100, " арты" * 100
    source = document(f"Басқа.\n{before}{QUOTE}{after}\nБасқа.")
    show_answer(answered(source, span_of(source.text, QUOTE)), {source.id: source})
    sources = squeezed(shown().split("Дереккөздер")[1])
    # "… " and " …" stand for what is left out; a word that the cut parts is left out with it.
    assert sources.endswith(f"…{'алды' * 31}{squeezed(QUOTE)}{'арты' * 31}…")
    assert "Басқа" not in sources


def test_a_refusal_shows_the_nearest_passage(shown):
    source = document(SOURCE, "kk.txt")
    show_answer(answered(source, passages=[passage(source, 0, 61)]), {"kk.txt": source})
    out = shown()
    assert squeezed("Құжаттарда бұл сұраққа жауап жоқ.") in squeezed(out)
    head = "Сұраққа ең жақын үзінді, бірақ жауап емес 1. kk.txt · kk.txt, ¶ 1/2, 0-61 · 0.500"
    assert squeezed(head + SOURCE[:61]) in squeezed(out)


def test_a_refusal_without_passages_is_one_sentence(shown):
    show_answer(answered(document(SOURCE), language="en"), {})
    assert shown() == "The documents do not say.\n"


# --- the words that answer ------------------------------------------------------------------------

WORDS = "сөйлем дәлел"
DIM, BOLD, LIT, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[1;4m", "\x1b[0m"


@pytest.fixture(params=["", "1"])
def lit(request, monkeypatch, capsys):
    """Return a function that gives what a wide terminal got since, with and without colours."""
    for name, value in (("COLUMNS", "400"), ("FORCE_COLOR", "1"), ("TERM", "xterm-256color")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_COLOR", request.param)
    return lambda: [line.rstrip() for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("case", [str, str.upper])
def test_the_short_answer_comes_first_and_is_lit_in_its_quote(lit, form, case):
    text, quote, words = (
        unicodedata.normalize(form, case(each)) for each in (SOURCE, QUOTE, WORDS)
    )
    source = document(text, "kk.txt")
    said = answered(source, span_of(text, quote), (0, 5), words=span_of(text, words))
    show_answer(said, {"kk.txt": source})
    out = lit()
    before, after = text[text.index("\n") + 1 : -1].split(quote)
    quoted = [f"{each}{PLAIN}" if each else "" for each in (f"{DIM}{before}", f"{DIM}{after}")]
    assert out[:3] == [f"{BOLD}{words}{PLAIN}", "", f"{BOLD}Дереккөздер{PLAIN}"]
    assert out[4] == f"    {quoted[0]}{quote.replace(words, f'{LIT}{words}{PLAIN}')}{quoted[1]}"
    # Of a quote whose words are not known all is bold.
    assert out[6].startswith(f"    {BOLD}{text[:5]}{PLAIN}{DIM}")


def test_where_nothing_can_be_lit_the_quotes_are_written_out(shown):
    source = document(SOURCE, "kk.txt")
    said = answered(source, span_of(SOURCE, QUOTE), words=span_of(SOURCE, WORDS))
    show_answer(said, {"kk.txt": source})
    out = shown()
    assert out.startswith(f"{WORDS}\n\nҚұжаттарда былай делінген:\n\n{QUOTE} [1]\n\nДереккөздер\n")


@pytest.mark.parametrize(
    ("language", "named", "more"),
    [("kk", "Мына құжаттарда да бар", "тағы 2"), ("en", "Also in", "2 more"),
     ("ru", "Также в документах", "ещё 2")],
)  # fmt: skip
def test_copies_are_named(shown, language, named, more):
    source = document(SOURCE, "kk.txt")
    titles = [f"Үкі [b]{number}[/b]\x1b[2J" for number in range(7)]
    copies = tuple(Copy(document_id=title, title=title, start=0, end=5) for title in titles)
    for these, told in (((*copies[:1],), []), (copies[:5], []), (copies, [more])):
        said = answered(source, (0, 5), language=language, words=(0, 5), copies=these)
        show_answer(said, {"kk.txt": source})
        names = [title.replace("\x1b", "�") for title in titles[: min(5, len(these))]]
        assert squeezed(shown()).endswith(squeezed(f"{named}: {'; '.join([*names, *told])}"))


# --- hits, documents, what was indexed ------------------------------------------------------------


def test_hits_show_rank_place_score_and_text(shown):
    source = document(SOURCE, "kk.txt", title="Саясат")
    second = span_of(SOURCE, QUOTE)
    terminal.show_passages(
        [passage(source, 0, 61), passage(source, *second, rank=2)], {"kk.txt": source}
    )
    assert squeezed(shown()) == squeezed(
        f"1. Саясат · kk.txt, ¶ 1/2, 0-61 · 0.500 {SOURCE[:61]}"
        f"2. Саясат · kk.txt, ¶ 2/2, {second[0]}-{second[1]} · 0.500 {QUOTE}"
    )


def test_no_hits_show_nothing(shown):
    terminal.show_passages([], {})
    assert shown().strip() == ""


def test_documents_are_a_table(shown):
    listed = [document(SOURCE * 100, "kk.txt", title="Үлкен құжат"), document("Is.", "b.md", "en")]
    terminal.show_documents(listed)
    lines = shown().splitlines()
    assert lines[0].split() == ["id", "language", "characters", "title"]
    assert lines[1].split()[:3] == ["kk.txt", "kk", f"{len(SOURCE) * 100:,}"]
    assert lines[-1].split() == ["b.md", "en", "3", "b.md"]


def test_a_long_id_and_title_are_folded_and_never_cut(shown):
    name, title = "құжат" * 20, "Үкімет " * 30
    terminal.show_documents([document(SOURCE, name, title=title)])
    out = shown()
    assert out.count("қ") == name.count("қ") == 20
    assert out.count("Ү") == title.count("Ү") == 30
    assert "…" not in out


def test_a_table_shows_markup_as_it_is(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    terminal.show_documents(
        [document(SOURCE, "[bold]ә[/bold].txt", title="[/x] :smile: [red]Қала")]
    )
    assert capsys.readouterr().out.splitlines()[1].split(maxsplit=3) == [
        *("[bold]ә[/bold].txt", "kk", str(len(SOURCE)), "[/x] :smile: [red]Қала")
    ]


def test_what_was_skipped_is_shown_with_its_reason(shown, indexed):
    skipped = [
        Skipped("бос.txt", "the file is empty"),
        Skipped("\x1b[31m.pdf", "no [bold] reader"),
        Skipped("ескі.txt", "read as KZ-1048", is_read=True),
    ]
    terminal.show_indexed(indexed, skipped)
    assert squeezed(shown()) == squeezed(
        "Indexed 1 document: 2 passages, 1,234 sentences."
        "Note on ескі.txt: read as KZ-1048"
        "Skipped бос.txt: the file is empty"
        "Skipped �[31m.pdf: no [bold] reader"
    )


def test_many_notes_hide_nothing_that_was_skipped(shown, indexed):
    notes = [Skipped(f"ә{number}.txt", "read as KZ-1048", is_read=True) for number in range(99)]
    terminal.show_indexed(indexed, [Skipped("бос.txt", "the file is empty"), *notes])
    text = shown()
    assert text.count("Note on ") == 10
    assert squeezed(text).endswith(
        squeezed("Notes on 89 more files: --json has them all.Skipped бос.txt: the file is empty")
    )


@pytest.fixture
def indexed():
    """Return the three numbers of an index that are shown, without an index."""

    class Contents:
        documents = (document(SOURCE),)
        chunks = (None,) * 2
        sentence_vectors = (None,) * 1_234

    return Contents()


def test_facts_are_indented(shown):
    terminal.show_info({"home": "/үй", "engines": {"faiss": "1.15", "deep": {"ә": 1}}})
    assert shown() == "home: /үй\nengines:\n  faiss: 1.15\n  deep:\n    ә: 1\n"


# --- hostile documents ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_what_could_steer_a_terminal_is_neutralised(shown, name):
    text = f"Алды {HOSTILE[name]} арты."
    source = document(text, f"id{HOSTILE[name]}", title=f"т{HOSTILE[name]}")
    show_answer(answered(source, (0, len(text)), words=(0, len(text))), {source.id: source})
    terminal.show_passages([passage(source, 0, len(text))], {source.id: source})
    terminal.show_documents([source])
    terminal.show_info({HOSTILE[name]: HOSTILE[name]})
    out = shown()  # checks that nothing of it is left
    assert squeezed(f"Алды {STEERING.sub('�', HOSTILE[name])} арты. [1]") in squeezed(out)


@pytest.mark.parametrize(
    "markup",
    [
        *(
            "[bold]қою[/bold]",
            "[/x]",
            "[red]",
            "[link=https://a.kz]ә[/link]",
            "[[1]]",
            "[1]",
            "[/]",
        ),
        *("\\[bold]", ":smile:", ":kazakhstan:", "[@click=app.bell]ң[/]", "**қою**", "`ұ`"),
        *("'қ'", '"ғ"', "https://a.kz/?q=1", "{{7*7}}", "<b>", "&lt;", "%s", "192.168.0.1", "True"),
    ],
)
def test_markup_is_shown_as_it_is(shown, markup):
    source = document(f"Алды {markup} арты.", f"id{markup}", title=f"т{markup}")
    show_answer(answered(source, (0, len(source.text))), {source.id: source})
    out = squeezed(shown())
    assert squeezed(f"Алды {markup} арты. [1]") in out
    assert squeezed(f"[1] т{markup} · id{markup}, ¶ 1/1") in out
    terminal.show_passages([passage(source, 0, len(source.text))], {source.id: source})
    assert squeezed(f"1. т{markup} · id{markup}, ¶ 1/1, 0-{len(source.text)}") in squeezed(shown())


def test_tabs_and_line_ends_are_white_space(shown):
    source = document("Бір\tекі\r\nүш\nтөрт")
    terminal.show_passages([passage(source, 0, len(source.text))], {source.id: source})
    lines = [line.rstrip() for line in shown().splitlines()]
    assert lines[1:] == ["    Бір    екі", "    үш", "    төрт"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(min_size=1).filter(str.strip), title=st.text())
def test_any_document_can_be_shown(shown, text, title):
    source = document(text, "ә", title=title)
    span = (len(text) - len(text.lstrip()), len(text.rstrip()))
    said = answered(source, span, passages=[passage(source, *span)], words=span)
    show_answer(said, {"ә": source})
    terminal.show_passages([passage(source, *span)], {"ә": source})
    terminal.show_documents([source])
    out = shown()
    letters = [letter for letter in text if letter.isalpha()]
    assert all(letter in out for letter in letters)
