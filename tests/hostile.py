"""Hostile texts in documents, titles, names and questions, and the page that serves them.

payloads.txt has one on each line: {0} stands for the address of somebody who listens, {U+000A} for
a character that a line cannot hold or an eye cannot see. Run as a program, this serves the page as
`dalel chat` does, but that it reads little and for what its first argument names;
tests/test_payloads.py looks at it.
"""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

from fakes import HashEmbedder, passage

from chat import reader
from chat.answer import Answer, Copy, cite
from chat.session import Turn
from chat.settings import Settings
from chat.web.i18n import LANGUAGES
from index.indexer import Indexer, LiveIndex
from ingest.loader import read_paths

LINES = Path(__file__).with_name("data").joinpath("payloads.txt").read_text("utf-8").split("\n")
POLICY = "content-security-policy"
HANDLER = "<img src=x onerror=alert(5)>"


def payloads(origin):
    sign = re.compile(r"\{U\+([0-9A-F]{4})\}")
    found = [sign.sub(lambda code: chr(int(code[1], 16)), line) for line in LINES if line]
    return [each.replace("{0}", origin) for each in found]


def corpus(folder, origin):
    """Write payloads as ids, titles and texts of BEIR's, and as names, headings, texts of files.

    Six to a document, from all over the list, since a page lists so many documents and no more.
    """
    names = payloads(origin)
    apart = len(names) // 6
    rows = []
    for number in range(apart):
        some = names[number::apart]
        title = " ".join(reversed(some))
        text = f"Мұнда: {title}\n{some[0]}\n\n{some[1]} соңы."
        # A source in another language than the question's says why it was found.
        row = {"_id": " ".join(some), "title": title, "text": text, "lang": LANGUAGES[number % 3]}
        rows.append(json.dumps(row))
    beir = folder / "corpus.jsonl"
    beir.write_text("\n".join(rows), "utf-8")
    files = folder / "files"
    files.mkdir()
    for name in filter(_can_name_a_file, names):
        (files / f"{name}.txt").write_text(f"# {name}\n\n{name} соңы.", "utf-8", newline="")
    return read_paths([beir, files]).documents


def _can_name_a_file(name):
    return not set("/\0") & set(name) and len(name.encode()) < 245


def write_sets(home, origin):
    """Write a set of each name that a file can have; the one called as HANDLER asks all of them."""
    (home / "sets").mkdir()
    names = payloads(origin)
    for name in filter(_can_name_a_file, names):
        asked = names if name == HANDLER else [name]
        rows = [_set_row(number, asked[number:][:24]) for number in range(0, len(asked), 24)]
        (home / "sets" / f"{name}.jsonl").write_text("\n".join(rows), "utf-8")


def _set_row(number, some):
    question = f"Үкі {' '.join(some)}"
    row = {"id": f"{number}{some[0]}", "question": question, "answers": some, "tags": some}
    return json.dumps(row)


def conversations(index, origin):
    """Return turns by conversation: each payload asked, each document quoted, each chunk shown."""
    asked, documents, chunks = payloads(origin), index.documents, index.chunks
    by_id = {each.id: each for each in documents}
    shown = [passage(by_id[chunk.document_id], chunk.start, chunk.end) for chunk in chunks]
    near = [shown[start : start + 3] for start in range(0, len(shown), 3)]
    file = next(each for each in documents if each.id == f"{HANDLER}.txt")
    turns = {
        "quoted": [_quoted(each, documents[n % len(documents)]) for n, each in enumerate(asked)],
        "near": [_turn(asked[n], documents, passages=each) for n, each in enumerate(near)],
        "two": [_quoted(each, file) for each in asked if each == HANDLER or "/blank)" in each],
    }
    return {  # No conversation keeps more than 100.
        f"{name}-{start}": turns[name][start : start + 80]
        for name in turns
        for start in range(0, len(turns[name]), 80)
    }


def _quoted(asked, document):
    span = (document.text.index(" ") + 1, document.text.rindex(" "))
    copy = Copy(document_id=document.id, title=document.name, start=span[0], end=span[1])
    cited = cite(1, document, span, (span[0], span[1] - 1))
    return _turn(asked, [document], citations=[cited.model_copy(update={"copies": (copy,)})])


def _turn(asked, documents, citations=(), passages=()):
    answer = Answer(
        question=asked, language="ru", text=asked, citations=tuple(citations),
        short_answer=asked if citations else "",
        passages=tuple(passages),
        confidence=0.5, abstained=not citations, mode="extractive", timings_ms={},
    )  # fmt: skip
    return Turn(asked, answer, {each.id: each for each in documents}, rewritten=f"{asked} ?")


def serve_as(how, home, origin, port):
    """Serve the page as `dalel chat` does, but for what `how` names."""
    from chat.web import security, templates, viewer
    from chat.web.app import serve
    from chat.web.site import Site
    from eval.web_tab import PART

    # Reading is not what is tested.
    reader.WEIGHTS = replace(reader.WEIGHTS, windows_read=2)
    if how != "guarded":
        ours = security._security_headers
        security._security_headers = lambda path: [
            pair for pair in ours(path) if pair[0] != POLICY.encode()
        ]
    if how == "broken":
        templates._environment(templates.PAGES).autoescape = False
        viewer.render_on_one_line = templates.render_template
    library = Indexer(Path(home), load=HashEmbedder)
    live, settings = LiveIndex(library, library.open()), Settings(home=Path(home))
    site = Site(live, settings, parts=(PART,))
    for key, turns in conversations(site.live.retriever().generation, origin).items():
        for turn in turns:
            site.sessions.add(key, turn)
    serve(site, host="127.0.0.1", port=int(port))


if __name__ == "__main__":
    serve_as(*sys.argv[1:])
