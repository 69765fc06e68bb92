"""Tests of eval/report/html.py: what documents hold is text on the page and nothing else.

The first half reads the pages as a parser does, the second opens them in a browser: its tests are
skipped where no Chromium is found.
"""

import base64
import hashlib
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from campaign import at_length
from fakes import HashEmbedder, document

from chat.sanitize import sanitize
from eval.compare import compare, comparison_page
from eval.dataset import EvalSet, Example, Gold
from eval.formats import near_misses
from eval.metrics import interval
from eval.metrics.registry import FAILURES, MEASURES
from eval.report.html import report
from eval.report.texts import report_texts
from eval.run_store import RunFolder
from eval.runner import configuration, run
from eval.summary import summarise
from index.embedders.embedder import no_progress
from index.indexer import Indexer

KAZAKH = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
CALL = "window.pwned=1"
EVERY = [
    # scripts
    f"<script>{CALL}</script>",
    f"</script><script>{CALL}</script>",
    f"</style><script>{CALL}</script>",
    f"</title><script>{CALL}</script>",
    f"</textarea><script>{CALL}</script>",
    f"--><script>{CALL}</script><!--",
    f"<!--<script>{CALL}</script>-->",
    f"]]><script>{CALL}</script>",
    f"<SCRIPT\n>{CALL}</SCRIPT\n>",
    f"<scr<script>ipt>{CALL}</scr</script>ipt>",
    "<script src=https://e.example/a.js></script>",
    "<script src=//e.example/a.js></script>",
    f"<script>alert('{CALL}')</script>",
    f'<noscript><p title="</noscript><img src=x onerror={CALL}>">',
    f"<template><script>{CALL}</script></template>",
    f"<svg><script>{CALL}</script></svg>",
    f"<svg/onload={CALL}>",
    f"<svg><animate onbegin={CALL} attributeName=x dur=1s>",
    f"<math><mtext><style><img src=x onerror={CALL}></style></mtext></math>",
    # handlers
    f"<img src=x onerror={CALL}>",
    f"<img src=x onerror='{CALL}'>",
    f'"><img src=x onerror="{CALL}">',
    f"'><img src=x onerror='{CALL}'>",
    f"`><img src=x onerror=`{CALL}`>",
    f'" onmouseover="{CALL}" x="',
    f"' onfocus='{CALL}' autofocus x='",
    f'" autofocus onfocus={CALL} tabindex=0 x="',
    f"<body onload={CALL}>",
    f"<details open ontoggle={CALL}>",
    f"<video><source onerror={CALL}></video>",
    f"<input autofocus onfocus={CALL}>",
    f"<marquee onstart={CALL}>",
    f"<select onchange={CALL}><option>",
    f"<a onclick={CALL}>басыңыз</a>",
    # addresses
    f"javascript:{CALL}",
    f"<a href=javascript:{CALL}>сілтеме</a>",
    f"<a href='java\tscript:{CALL}'>сілтеме</a>",
    f"<iframe src=javascript:{CALL}></iframe>",
    f"<iframe srcdoc='<script>parent.{CALL}</script>'></iframe>",
    "<iframe src=https://e.example></iframe>",
    "<object data=https://e.example/x></object>",
    "<embed src=https://e.example/x>",
    "<link rel=stylesheet href=https://e.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://e.example'>",
    "<base href=https://e.example/>",
    "<img src=https://e.example/x.png>",
    "<form action=https://e.example><button>жіберу</button></form>",
    # style
    "</style><style>*{display:none}</style>",
    "<style>@import url(https://e.example/x.css);</style>",
    '" style="position:fixed;inset:0;background:red',
    "<div style='background:url(https://e.example/x)'>",
    # quotes and references
    "\"'`<>&=",
    "&lt;script&gt;",
    "&#60;script&#62;",
    "&amp;quot;&quot;&apos;",
    "\\\"\\'\\u003cscript\\u003e",
    # templates
    "{{ 7 * 7 }} {% for x in y %}",
    "{{ ''.__class__.__mro__ }}",
    "{# түсініктеме #} {% raw %}",
    "{{ script }} {{ policy }} {%- endif -%}",
    "${7*7} #{7*7} <%= 7*7 %> %s {0}",
    # characters
    "\u202eҮкі\u202c \u2066ұшты\u2069",
    "Үкі\u200bұшты\ufeff\u00ad",
    "\x00Үкі\x00<script\x00>",
    "\x1b[31mҮкі\x07\x08\x7f\x85",
    "Үкі\u2028ұшты\u2029кетті",
    "жол\nжол\r\nжол\tжол",
    "Ертіс" + "\u0301" * 60,
    "ұ" * 400,
    "🇰🇿👩‍🚀\U000e0001\ufdd0",
    # names that scripts and forms know
    "__proto__",
    "constructor",
    "text",
    "all=1&failure=refused#tag=x",
    "100% %2 %zz %E0%A4",
    "a->b->c",
    "../../../etc",
]
HOSTILE = at_length(EVERY, EVERY[::4])
"""Every fourth one, but under `make campaign`: a question is asked of each."""


def made(records, language="en", **named):
    """Return the page of records."""
    config = {
        "documents": {"n": 1},
        "chunks": {"n": 1},
        "embedder": "hash",
        "threshold": 0.5,
        "versions": {"dalel": "0.1.0"},
        "code_sha256": "0" * 64,
        "started": "2026-01-01T00:00:00+00:00",
    }
    summary = {"set": "жиын.jsonl", "date": "2026-01-01", "skipped": 0, "config": config} | named
    return report(summary | summarise(records), records, language)


def record(name, question="Үкі қашан ұшады?", **named):
    wrong = bool(named.get("failures"))
    return {
        "id": name,
        "question": question,
        "language": "kk",
        "direction": "kk->kk",
        "tags": [],
        "answerable": True,
        "need": "any",
        "answers": ["түнде"],
        "response": None,
        "answer": {"answer": "Былай", "abstained": False, "confidence": 0.9, "citations": []},
        "milliseconds": 12.0,
        "ranked": [["a", 0.9]],
        "relevant": {"a": 1},
        "metrics": {"answer_language": 1.0, "right": float(not wrong)},
        "would_be_right": not wrong,
        "failures": [],
        "passages": [],
    } | named


def piece(text, marks=(), gold=False):
    return {"text": text, "marks": list(marks), "gold": gold}


PASSAGE = {
    "document_id": "құстар",
    "title": "Құстар",
    "language": "kk",
    "start": 7,
    "pieces": [
        piece("Бұрын. "),
        piece("Үкі түнде ұшады.", [1, 2], True),
        piece(" Ол жақсы естиді.", [2]),
        piece(" Соңы.", (), True),
    ],
}
KNOWN = [
    record("а-1", "ҮКІ қашан ұшады?", tags=["kk->kk", "when"], passages=[PASSAGE]),
    record("ә-2", "Өзен қайда құяды?", tags=["kk->en", "where"], direction="kk->en"),
    record("б-3", "When did it end?", failures=["refused"], direction="en->kk", tags=["when"]),
    record("в-4", "Һәм не болды?", failures=["refused", "not-found"], tags=["what", "ұзын сұрақ"]),
    record("г-5", "Ғарыш қайда?", failures=["not-cited"], tags=["where", "variant-of:а-1"]),
]


# --- hostile texts, for real ----------------------------------------------------------------------


def hostile_run(folder, embedder="<b>hash</b>"):
    """Run a set that is hostile wherever it can be; return its records."""
    documents, examples = [], []
    for n, payload in enumerate(HOSTILE):
        text = f"{payload} Үкі {n} ұшты. Соңы {payload}"
        documents.append(document(text, f"{payload}{n}", title=f"{payload} {KAZAKH}"))
        examples.append(
            Example(
                id=f"{payload}{n}",
                question=f"{payload} Үкі {n} ұшты ма?",
                language="kk",
                gold=(Gold(f"{payload}{n}", 0, len(text)),),
                answers=(payload or "жоқ",),
                tags=(f"{payload}->kk" if n % 4 == 0 else "kk->kk", payload, "бәрі"),
                response=payload,
            )
        )
    library = Indexer(folder / "үй", load=lambda _: HashEmbedder(embedder))
    library.put(documents)
    index = library.open()
    examples += near_misses(tuple(examples[:3]))
    found = EvalSet("".join(HOSTILE), "0" * 64, tuple(examples), None, ())
    config = configuration(found, examples, index)
    with pytest.MonkeyPatch.context() as patch:
        for function in (interval.mean, interval.statistic):  # Not the point here, and take long.
            patch.setitem(function.__kwdefaults__, "resamples", 9)
        run(examples, index, RunFolder(folder / "жүгіріс"), config, no_progress)
    return RunFolder(folder / "жүгіріс")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, few_windows):
    return hostile_run(tmp_path_factory.mktemp("жау"))


@pytest.fixture(scope="module")
def hostile_pair(tmp_path_factory, hostile):
    """Return a comparison of hostile runs: every second answer is another one."""
    folder = RunFolder(tmp_path_factory.mktemp("жұп") / "<img src=x onerror=window.pwned=1>'\"&")
    summary = hostile.summary()
    folder.begin(summary["config"] | {"started": "<script>window.pwned=1</script>"})
    records = hostile.records()
    for number, each in enumerate(records):
        if number % 2:
            each["answer"] |= {"abstained": True, "citations": []}
            each["metrics"] |= {"right": 1 - each["metrics"].get("right", 0)}
        else:
            each["answer"] |= {"citations": [], "answer": each["question"]}
        folder.append(each)
    folder.finish(records, summary, "")
    return comparison_page(compare(hostile, folder))


@pytest.fixture(scope="module")
def pages(hostile, hostile_pair):
    """Return pages by name, as text."""
    return {
        "hostile": hostile.report.read_text("utf-8"),
        "pair": hostile_pair,
        "known": made(KNOWN),
        "empty": made([]),
        "one": made([record("а-1")]),
    }


PAGES = ("hostile", "pair", "known", "empty", "one")


# --- as a parser reads them -----------------------------------------------------------------------

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Reader(HTMLParser):
    """Reads a page strictly: every element is closed, in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.texts, self.open = [], {}, []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        for tag in self.open[-1:]:
            self.texts.setdefault(tag, []).append(data)

    def of(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def read(pages):
    return {name: Reader(text) for name, text in pages.items()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed(read, name):
    page = read[name]
    tags = [tag for tag, _ in page.elements]
    assert tags[:3] == ["html", "head", "meta"]
    assert tags.count("script") == tags.count("style") == tags.count("h1") == 1
    names = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_nothing_from_elsewhere(read, name):
    elements = {
        *("html", "head", "meta", "link", "title", "style", "body", "main", "header", "p", "h1"),
        *("ul", "li", "span", "b", "h2", "h3", "div", "section", "table", "thead", "tbody", "tr"),
        *("th", "td", "small", "a", "figure", "figcaption", "strong", "svg", "line", "text"),
        *("polyline", "rect", "title", "form", "input", "select", "option", "button", "output"),
        *("details", "summary", "dl", "dt", "dd", "blockquote", "footer", "mark", "sup", "script"),
    }
    for tag, attrs in read[name].elements:
        assert tag in elements
        for attribute, value in attrs.items():
            assert not attribute.startswith(("on", "style", "src", "action", "formaction", "xlink"))
            if attribute == "href":
                assert re.fullmatch(r"data:,|#\S*", value)
    assert "url(" not in "".join(read[name].texts["style"])
    assert "@import" not in "".join(read[name].texts["style"])


@pytest.mark.parametrize("name", PAGES)
def test_only_the_pages_own_style_and_script_may_run(read, name):
    page = read[name]
    (policy,) = (m["content"] for m in page.of("meta") if "content-security" in str(m).lower())
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for tag in ("style", "script"):
        (source,) = page.texts[tag]
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == "data:"
    assert set(rules) == {
        *("default-src", "img-src", "base-uri", "form-action", "style-src", "script-src")
    }
    tags = [tag for tag, _ in page.elements]
    assert tags.index("meta") < tags.index("style")
    assert {"name": "referrer", "content": "no-referrer"} in page.of("meta")


@pytest.mark.parametrize("name", ["hostile", "pair"])
def test_no_payload_is_an_element(read, pages, name):
    assert "pwned" in pages[name]
    assert not {"img", "iframe", "object", "embed", "base", "video"} & {
        tag for tag, _ in read[name].elements
    }


def test_kazakh_letters_stand_as_they_are(pages):
    page = made([record("а-1", KAZAKH, answers=[KAZAKH])], set=KAZAKH)
    assert page.count(KAZAKH) > 3
    assert KAZAKH.lower() in page
    assert "&#" not in page.replace("&#34;", "").replace("&#39;", "")


def test_every_question_is_there_worst_first(read):
    names = [attrs["id"] for attrs in read["known"].of("details")]
    assert names == [f"q-{name}" for name in ("б-3", "в-4", "г-5", "а-1", "ә-2")]
    said = [attrs["data-failures"] for attrs in read["known"].of("details")]
    assert said == ["refused", "refused not-found", "not-cited", "right", "right"]


def test_figures_failures_and_tags_are_told(pages, read):
    page = "".join(text for texts in read["known"].texts.values() for text in texts)
    for label in (MEASURES["right"].label, MEASURES["milliseconds_p95"].label):
        assert label in page
    assert FAILURES["refused"] in page
    assert FAILURES["bad-citation"] not in page
    assert "0.400" in page, "2 of 5 went right"
    links = {attrs["href"] for attrs in read["known"].of("a")}
    assert {"#failure=refused", "#direction=kk-%3Een", "#tag=when"} <= links
    options = [attrs["value"] for attrs in read["known"].of("option")]
    assert {"refused", "not-cited", "right", "ұзын сұрақ", "kk->en"} <= set(options)
    assert not {"variant-of:а-1", "kk->kk;"} & set(options[:-3])
    assert "near misses were left out" not in page
    assert "3 near misses were left out" in made(KNOWN, skipped=3)


def test_what_was_cited_and_what_answers_is_marked(pages):
    start = pages["known"].index("<blockquote")
    shown = pages["known"][start : pages["known"].index("</blockquote>")]
    assert shown.endswith(
        "<p>Бұрын. "
        '<mark class="cited gold">Үкі түнде ұшады.</mark><sup>[1]</sup><sup>[2]</sup>'
        '<mark class="cited "> Ол жақсы естиді.</mark><sup>[2]</sup>'
        '<mark class="gold"> Соңы.</mark></p>\n'
    )
    assert "Құстар · kk · from character 7" in shown


def test_a_run_of_nothing_has_a_page(pages, read):
    assert "Nothing." in pages["empty"]
    assert read["empty"].of("details") == read["empty"].of("svg") == []
    assert len(read["one"].of("svg")) == 5


def test_the_plots_are_there(read):
    labels = [attrs["aria-label"] for attrs in read["known"].of("svg")]
    assert labels == ["Risk and coverage", "Calibration", "Recall by rank", "Confidence", "Time"]


def test_the_short_answer_is_shown_in_its_documents_language():
    citations = [{"document_id": "lakes", "start": 0, "end": 4, "language": "en"}]
    answer = {"answer": "Ә", "abstained": False, "confidence": 0.9, "citations": citations}
    page = made([record("а-1", answer=answer | {"short_answer": "ҰЛЫ <b>дала</b>"})])
    assert '<dt>Short answer</dt><dd lang="en">ҰЛЫ &lt;b&gt;дала&lt;/b&gt;</dd>' in page
    assert "Short answer" not in made([record("а-1", answer=answer | {"short_answer": ""})])


def test_what_was_asked_of_its_own_passage_is_said(pages):
    assert "own passage" not in pages["known"]
    config = {
        "documents": {"n": 1}, "chunks": {"n": 1}, "embedder": "hash", "threshold": 0.5,
        "versions": {"dalel": "0.1.0"}, "code_sha256": "0" * 64, "given": True,
    }  # fmt: skip
    page = made(KNOWN, config=config)
    assert "<li>each question asked of its own passage only</li>" in page


def test_new_figures_are_among_those_of_the_report():
    metrics = {"short_answer_exact": 0.0, "short_answer_f1": 0.5, "sentence_precision": 0.25}
    told = record("а-1")["metrics"] | metrics | {"parts_cited": 0.5, "all_parts_cited": 0.0}
    near = record(
        "ә-2", answerable=False, would_be_right=False, metrics={"answered_near_miss": 1.0},
        direction="kk->none",
    )  # fmt: skip
    page = made([record("а-1", metrics=told), near])
    names = [*told, "ece", "risk@50%coverage", "answered_near_miss", "auroc_near_miss"]
    for name in (*names, "answered_near_miss@10%refused"):
        label = MEASURES[name].label.replace("'", "&#39;")
        assert f'<th scope="row">{label}</th>' in page, name
    for name in ("short_answer_f1", "sentence_precision"):
        assert f"<span>{MEASURES[name].label}</span><b>{metrics[name]:.3f}</b>" in page


@pytest.mark.parametrize("confidence", [0.0, 1.0])
@pytest.mark.parametrize("time", [0.0, 0.004, 7e6])
def test_extreme_values_can_be_drawn(confidence, time):
    answer = {"answer": "Ә", "abstained": False, "confidence": confidence, "citations": []}
    page = made([record("а-1", answer=answer, milliseconds=time)])
    assert "nan" not in page.lower().replace("finance", "")
    assert len(Reader(page).of("svg")) == 5


def test_what_could_not_be_asked_is_shown_too():
    answer = {"answer": "the question is empty", "abstained": True, "confidence": 0.0}
    unasked = record(
        "а-1",
        answer=answer | {"citations": []},
        metrics={},
        milliseconds=None,
        ranked=[],
        relevant={},
        would_be_right=None,
        failures=["not-asked"],
    )
    page = made([unasked])
    assert FAILURES["not-asked"] in page
    assert "the question is empty" in page
    assert len(made([unasked, record("б-2")]).split("<details")) == 3


def test_the_language_of_each_text_is_named(read):
    english = [attrs for attrs in read["known"].of("span") if attrs.get("class") == "ask"]
    assert {attrs["lang"] for attrs in english} == {"kk"}
    assert [attrs["lang"] for attrs in read["known"].of("blockquote")] == ["kk"]
    assert read["known"].of("html")[0]["lang"] == "en"


# --- as a browser shows them ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def files(tmp_path_factory, pages):
    """Return the address of each page."""
    folder = tmp_path_factory.mktemp("беттер")
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, "utf-8", newline="")
    return {name: (folder / f"{name}.html").as_uri() for name in pages}


class Shown:
    """A tab of the browser, and what happened in it that must not."""

    def __init__(self, browser):
        self.page = browser.new_context().new_page()
        self.happened = []
        self.page.on("dialog", lambda dialog: (self.happened.append("dialog"), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.happened.append(f"error {error}"))
        self.page.on("console", lambda message: self.happened.append(f"console {message.text}"))
        self.page.on("popup", lambda _: self.happened.append("popup"))
        self.page.on("request", self._request)

    def _request(self, request):
        if not request.url.startswith(("file://", "data:,")):
            self.happened.append(f"request {request.url}")

    def open(self, url, *, width=1280, dark=False):
        """Open a page anew."""
        self.page.goto("about:blank")
        self.page.set_viewport_size({"width": width, "height": 844})
        self.page.emulate_media(media="screen", color_scheme="dark" if dark else "light")
        self.page.goto(url)
        return self

    def check(self):
        """Hold what is true of every page at any time."""
        assert self.happened == []
        assert self.run("window.pwned") is None

    def run(self, script, argument=None):
        return self.page.evaluate(script, argument)

    def ids(self, which):
        """Return the ids of some questions."""
        script = f"(all) => all.filter((each) => {which}).map((each) => each.id.slice(2))"
        return self.page.eval_on_selector_all("details.question", script)

    def visible(self):
        return self.ids("each.checkVisibility()")

    def opened(self):
        return self.ids("each.open")

    def focused(self):
        return "".join(self.ids("each.contains(document.activeElement)"))

    def count(self):
        return self.run("document.querySelector('output').textContent")

    def pick(self, field, value):
        self.page.select_option(f"select[name={field}]", value)

    def search(self, text):
        self.page.fill("input[name=text]", text)

    def click(self, selector):
        """Click, and let the page follow a link or undo its filters."""
        self.page.click(selector)
        self.run("new Promise((done) => setTimeout(() => setTimeout(done)))")

    def go(self, fragment):
        """Go to a fragment as it is written, and wait until the page has followed it."""
        self.run(
            "(hash) => new Promise((done) => {"
            "  if (location.hash === hash) return done();"
            "  window.addEventListener('hashchange', () => setTimeout(done), {once: true});"
            "  location.hash = hash; })",
            fragment,
        )


@pytest.fixture(scope="module")
def tab(browser):
    return Shown(browser)


@pytest.fixture
def show(tab, files):
    """Return a function that opens a page; nothing bad may happen while it is open."""

    def open_page(name, fragment="", **options):
        tab.check()
        return tab.open(files[name] + fragment, **options)

    yield open_page
    tab.check()


@pytest.fixture
def known(show):
    return show("known")


ALL = ["б-3", "в-4", "г-5", "а-1", "ә-2"]


@pytest.fixture(scope="module")
def hostile_texts(tab, files, hostile):
    """Return what the browser shows of the hostile page, and of each question by its id."""
    shown = tab.open(files["hostile"])
    shown.click("button[name=all]")
    texts = shown.run(
        """[...document.querySelectorAll('details.question')].map((each) => ({
            ask: each.querySelector('.ask').textContent,
            open: each.open,
            said: [...each.querySelectorAll('dd')].map((dd) => dd.textContent),
            tags: [...each.querySelectorAll('.tag')].map((tag) => tag.textContent),
            titles: [...each.querySelectorAll('blockquote footer')].map((f) => f.textContent),
            gold: [...each.querySelectorAll('blockquote p')].map((p) =>
                [...p.querySelectorAll('mark.gold')].map((mark) => mark.textContent).join('')),
        }))"""
    )
    whole = {
        "title": shown.run("document.title"),
        "heading": shown.run("document.querySelector('h1').textContent"),
        "facts": shown.run("document.querySelector('.facts').textContent"),
        "elements": shown.run(
            "[...new Set([...document.querySelectorAll('*')].map((x) => x.localName))]"
        ),
    }
    shown.check()
    ordered = sorted(hostile.records(), key=lambda record: not record["failures"])
    by_id = {record["id"]: text for record, text in zip(ordered, texts, strict=True)}
    return SimpleNamespace(by_id=by_id, **whole)


def test_hostile_texts_run_nothing_ask_for_nothing_and_say_nothing(hostile_texts):
    assert not {"img", "iframe", "object", "embed", "base", "video", "marquee"} & set(
        hostile_texts.elements
    )
    assert len(EVERY) > 60
    assert hostile_texts.heading == sanitize("".join(HOSTILE))
    assert "<b>hash</b>" in hostile_texts.facts
    assert hostile_texts.title.startswith("<script>")


@pytest.mark.parametrize("n", range(len(HOSTILE)), ids=lambda n: f"{n} {HOSTILE[n][:30]!a}")
def test_hostile_texts_can_be_read(hostile_texts, n):
    payload = HOSTILE[n]
    text = hostile_texts.by_id[f"{payload}{n}"]
    shown = sanitize(payload)
    assert text["ask"] == sanitize(f"{payload} Үкі {n} ұшты ма?")
    assert text["open"]
    answer, *short, expected, response, confidence = text["said"]
    assert all(words in answer for words in short)
    assert "\n\n" in answer or "жауап жоқ" in answer
    assert expected == response == shown
    assert re.match(r"\d\.\d{3} · \d+ ms", confidence)
    named = [tag.replace(" → ", "->") for tag in text["tags"]]
    assert sanitize(f"{payload}{n}") in [tag.replace(" → ", "->") for tag in text["tags"]]
    assert shown in named
    assert any(sanitize(f"{payload} {KAZAKH} ·") in title for title in text["titles"])
    assert sanitize(f"{payload} Үкі {n} ұшты. Соңы {payload}") in text["gold"]


def test_every_page_opens_quietly(show):
    for name in PAGES:
        shown = show(name)
        shown.page.keyboard.press("j")
        for button in shown.page.query_selector_all("form button"):
            button.click()
        for event in ("beforeprint", "afterprint"):
            shown.run(f"window.dispatchEvent(new Event('{event}'))")
        assert len(shown.visible()) == shown.page.locator("details.question").count()


@pytest.mark.parametrize("name", ["known", "empty"])
def test_an_odd_link_does_nothing(show, name):
    shown = show(name, "#%")
    count = len(shown.visible())
    assert count == shown.page.locator("details.question").count()
    for fragment in ("#q-%zz", "#length=3", "#x=1", "#all=1", "#text", "#=", "#__proto__=1", "#"):
        shown.go(fragment)
        assert len(shown.visible()) == count


FOLLOW_ALL = """async (names) => {
    const opened = [];
    for (const name of names) {
        const changed = new Promise((done) =>
            addEventListener("hashchange", () => setTimeout(done), {once: true}));
        location.hash = "#q-" + encodeURIComponent(name);
        await changed;
        const open = [...document.querySelectorAll("details[open]")];
        opened.push(open.map((each) => each.id.slice(2)));
        for (const each of open) each.open = false;
    }
    return opened;
}"""


def test_a_link_to_any_question_opens_it(show, hostile):
    names = [sanitize(record["id"]) for record in hostile.records()]
    assert len(set(names)) == len(names) > len(HOSTILE)
    assert show("hostile").run(FOLLOW_ALL, names) == [[name] for name in names]


FILTER_ALL = """([field, values]) => values.map((value) => {
    const select = document.forms[0].elements[field];
    select.value = value;
    select.dispatchEvent(new Event("input", {bubbles: true}));
    return [...document.querySelectorAll("details.question")]
        .filter((each) => each.checkVisibility()).map((each) => each.id.slice(2));
})"""


def test_any_tag_and_direction_can_be_filtered_by(show, hostile):
    shown, records = show("hostile"), hostile.records()
    tags = [sanitize(tag) for tag in HOSTILE if ":" not in tag and "->" not in tag]
    assert list(map(sorted, shown.run(FILTER_ALL, ["tag", tags]))) == [
        sorted(sanitize(r["id"]) for r in records if tag in map(sanitize, r["tags"]))
        for tag in tags
    ]
    shown.click("button[type=reset]")
    names = sorted({sanitize(record["direction"]) for record in records})
    assert len(names) > 6
    assert list(map(sorted, shown.run(FILTER_ALL, ["direction", names]))) == [
        sorted(sanitize(r["id"]) for r in records if sanitize(r["direction"]) == name)
        for name in names
    ]


# --- languages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_page_speaks_the_language_it_is_asked_for(language):
    """Whatever Latin letters are left are the set's own, and names that no alphabet changes."""
    records = [each | {"tags": [], "failures": each["failures"] or []} for each in KNOWN]
    page = Reader(made(records, language=language))
    [html] = page.of("html")
    assert html["lang"] == language
    own = {"Dalel", "hash", "jsonl", "n", "kk", "en", "ru", "p", "Enter", "j", "k", "F", "A", "B"}
    own |= {"Recall", "MRR", "nDCG", "AUROC", "ECE", "chrF", "Success"}
    own |= {word for each in KNOWN for word in re.findall("[A-Za-z]+", str(each))}
    shown = [text for tag in page.texts.keys() - {"style", "script"} for text in page.texts[tag]]
    said = ("aria-label", "placeholder", "title", "data-shown")
    shown += [attrs[name] for _, attrs in page.elements for name in said if name in attrs]
    shown = [re.sub(r"\{\w+\}", "", text) for text in shown]
    assert {word for text in shown for word in re.findall("[A-Za-z]+", text)} - own == set()
    assert report_texts(language).text("by_direction") in page.texts["h2"]
    assert report_texts(language).text("threshold_of", value="0,5") in page.texts["li"]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_filters_count_in_that_language(browser, tmp_path, language):
    path = tmp_path / "есеп.html"
    path.write_text(made(KNOWN, language=language), "utf-8")
    page = browser.new_context().new_page()
    page.goto(path.as_uri())
    page.select_option("[name=failure]", "refused")
    text = report_texts(language).text("shown_of", shown=2, total=5)
    assert page.inner_text("output") == text


# --- filters --------------------------------------------------------------------------------------


def test_all_questions_are_shown_at_first(known):
    assert known.visible() == ALL
    assert known.count() == "5 of 5 questions"
    assert known.opened() == []


def test_questions_are_filtered(known):
    for field, value, left in [
        ("failure", "refused", ["б-3", "в-4"]),
        ("failure", "not-found", ["в-4"]),
        ("failure", "right", ["а-1", "ә-2"]),
        ("tag", "when", ["б-3", "а-1"]),
        ("tag", "ұзын сұрақ", ["в-4"]),
        ("direction", "kk->en", ["ә-2"]),
        ("direction", "kk->kk", ["в-4", "г-5", "а-1"]),
    ]:
        known.pick(field, value)
        assert (known.visible(), known.count()) == (left, f"{len(left)} of 5 questions")
        known.pick(field, "")
        assert known.visible() == ALL


def test_questions_are_searched_in_either_case(known):
    for text, left in {
        "үкі": ["а-1"],
        "ҮКІ": ["а-1"],
        "  Өзен ҚАЙДА ": ["ә-2"],
        "һәм": ["в-4"],
        "қайда": ["г-5", "ә-2"],
        "WHEN did": ["б-3"],
        "в-4": ["в-4"],
        "былай": ALL,
        "жоқ сөз": [],
        "<script>": [],
        ".*": [],
    }.items():
        known.search(text)
        assert (known.visible(), known.count()) == (left, f"{len(left)} of 5 questions")


def test_filters_work_together_and_reset_undoes_them(known):
    known.pick("failure", "refused")
    known.pick("direction", "kk->kk")
    assert known.visible() == ["в-4"]
    known.search("when")
    assert known.visible() == []
    known.click("button[type=reset]")
    assert (known.visible(), known.count()) == (ALL, "5 of 5 questions")
    assert known.run("document.querySelector('input').value") == ""


def test_enter_in_the_search_leaves_the_page_as_it_is(known):
    url = known.page.url
    known.search("үкі")
    known.page.keyboard.press("Enter")
    assert known.page.url == url
    assert known.visible() == ["а-1"]


def test_a_link_filters(known):
    known.click("a[href='#failure=refused']")
    assert known.visible() == ["б-3", "в-4"]
    assert known.run("document.querySelector('[name=failure]').value") == "refused"
    known.click("a[href='#direction=kk-%3Een']")
    assert known.visible() == ["ә-2"], "one filter at a time"


def test_a_page_opens_filtered(show):
    for fragment, left in {
        "#failure=refused": ["б-3", "в-4"],
        "#tag=" + quote("ұзын сұрақ"): ["в-4"],
        "#text=" + quote("ӨЗЕН"): ["ә-2"],
    }.items():
        assert show("known", fragment).visible() == left


def test_a_link_filters_again_after_a_reset(known):
    for _ in range(2):
        known.click("a[href='#failure=refused']")
        assert known.visible() == ["б-3", "в-4"]
        known.click("button[type=reset]")
        assert known.visible() == ALL


def test_a_link_to_a_question_shows_and_opens_it(show):
    shown = show("known", "#q-" + quote("ә-2"))
    assert shown.opened() == ["ә-2"]
    shown.pick("failure", "refused")
    assert shown.visible() == ["б-3", "в-4"]
    shown.go("#q-" + quote("а-1"))
    assert shown.visible() == ALL
    assert shown.opened() == ["а-1", "ә-2"]


COVERED = """(name) => {
    const question = document.getElementById("q-" + name).querySelector(".ask");
    const place = question.getBoundingClientRect();
    return document.elementFromPoint(place.left + 2, place.top + 2) !== question;
}"""


@pytest.mark.parametrize("width", [1280, 900, 700, 390])
def test_what_is_gone_to_is_not_behind_the_filters(show, width):
    shown = show("hostile", width=width)
    names = [each.removeprefix("q-") for each in shown.visible() if each.isprintable()]
    for name in (names[len(names) // 2], names[-5], names[len(names) // 4]):
        shown.go("#q-" + quote(name, safe=""))
        assert not shown.run(COVERED, name)
    for key in "kkkkkkkkkkkkkkkj":
        shown.page.keyboard.press(key)
        assert not shown.run(COVERED, shown.focused())


def test_all_that_is_shown_opens_and_closes(known):
    known.pick("failure", "refused")
    known.click("button[name=all]")
    assert known.opened() == ["б-3", "в-4"]
    known.click("button[name=all]")
    assert known.opened() == []


def test_j_and_k_go_from_question_to_question(known):
    known.pick("failure", "refused")
    known.run("document.activeElement.blur()")
    for key, at in zip("jjjkkj", ["б-3", "в-4", "в-4", "б-3", "б-3", "в-4"], strict=True):
        known.page.keyboard.press(key)
        assert known.focused() == at
    known.page.keyboard.press("Enter")
    assert known.opened() == ["в-4"]
    known.run("document.activeElement.blur()")
    known.page.keyboard.press("k")
    assert known.focused() == "в-4", "from nowhere, k goes to the last"


def test_keys_that_mean_something_else_are_left_alone(known):
    known.page.focus("input[name=text]")
    known.page.keyboard.type("jk")
    assert known.run("document.querySelector('input').value") == "jk"
    assert known.focused() == ""
    known.click("button[type=reset]")
    known.run("document.activeElement.blur()")
    for key in ("Control+j", "Alt+k", "x"):
        known.page.keyboard.press(key)
        assert known.focused() == ""


def test_a_comparison_is_filtered_by_what_changed(show):
    shown = show("pair")
    everything, kinds = shown.visible(), []
    for kind in ("worse", "better", "other"):
        shown.pick("failure", kind)
        assert shown.visible()
        kinds += shown.visible()
    assert kinds == everything


# --- sizes, colours, paper ------------------------------------------------------------------------


TOO_WIDE = """[...document.querySelectorAll("body *")].filter((each) =>
    !each.closest(".scroll, svg, select") && each.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map((each) => each.outerHTML.slice(0, 99))"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_no_wider_than_the_window(show, name):
    shown = show(name)
    if name != "empty":
        shown.click("button[name=all]")
    for width in (1280, 768, 390, 320):
        shown.page.set_viewport_size({"width": width, "height": 844})
        assert shown.run(TOO_WIDE) == []
        assert shown.run("document.documentElement.scrollWidth") <= width


def luminance(color):
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["known", "pair"])
def test_dark_and_light_can_both_be_read(show, name):
    backgrounds = []
    for dark in (False, True):
        shown = show(name, dark=dark)
        shown.click("button[name=all]")
        page = "getComputedStyle(document.body).backgroundColor"
        backgrounds.append(shown.run(page))
        for selector in ("h1", ".soft", ".ask", ".where", "td", "a", "dd", "footer", ".tag"):
            colors = shown.run(
                "(name) => [...document.querySelectorAll(name)].map("
                "(each) => getComputedStyle(each).color)",
                selector,
            )
            assert all(contrast(color, backgrounds[-1]) >= 4.5 for color in colors), selector
        marked = shown.run(
            "[...document.querySelectorAll('mark.cited')].map((each) =>"
            " [getComputedStyle(each).color, getComputedStyle(each).backgroundColor])"
        )
        assert marked
        assert all(contrast(*pair) >= 4.5 for pair in marked)
    assert luminance(backgrounds[0]) > 0.8
    assert luminance(backgrounds[1]) < 0.1


def test_on_paper_there_are_no_filters_and_failures_are_open(show):
    shown = show("known", dark=True)
    shown.page.emulate_media(media="print")
    assert not shown.page.is_visible("form.filters")
    assert luminance(shown.run("getComputedStyle(document.body).backgroundColor")) > 0.99
    shown.run("window.dispatchEvent(new Event('beforeprint'))")
    assert shown.opened() == ["б-3", "в-4", "г-5"]
    shown.run("window.dispatchEvent(new Event('afterprint'))")
    assert shown.opened() == []


def test_without_scripts_everything_is_there(browser, files):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(files["known"])
    assert page.locator("details.question").count() == len(KNOWN)
    assert page.locator("details.question").first.is_visible()
    context.close()


def test_kazakh_is_shown_intact(known):
    text = known.run("document.body.textContent")
    for each in KNOWN:
        assert each["question"] in text
    assert known.run("document.characterSet") == "UTF-8"
    assert known.page.title() == "жиын.jsonl · Dalel"
