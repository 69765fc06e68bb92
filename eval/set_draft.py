"""A set while somebody makes it: sentences marked in documents, the questions they answer, a file.

What is marked are sentences as answers cite them, so that `text[start:end]` is the quote to the
letter. A draft never changes: each step gives a new one, and one that is refused loses nothing.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from unicodedata import normalize

from chat.question import MAX_CHARACTERS, understand
from eval.dataset import Example, Gold, check, mixed_words
from eval.formats import own
from eval.metrics.wording import contains_answer
from index.retriever import Retriever
from index.storage import atomic_file
from ingest.document import Document, Span
from ingest.errors import EvalError, QuestionError
from ingest.language import detect

MAX_NAME_CHARACTERS: Final = 60
"""Characters of the name of a set; in UTF-8, with what is put behind it, a file's name takes 255
bytes at most."""

MAX_QUESTIONS: Final = 1_000
"""Questions of a set that is made on the page; larger ones are written with other tools."""

ANSWER_SEPARATOR: Final = ";"
"""Stands between short answers, each of which is good enough."""

_NAME: Final = re.compile(r"[^\W_][\w-]*")


class DraftProblem(Exception):
    """Something that a draft cannot be made to hold.

    Attributes:
        key: What it is: a text of chat/web/i18n.toml.
        values: What that text speaks of.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True)
class Draft:
    """What there is of a set so far.

    Attributes:
        marked: The sentences that are marked for the next question, in the order of marking.
        questions: The questions that were added.
        added: How many ever were: their ids are counted on.
        name: The name it was last saved under; empty before that.
    """

    marked: tuple[Gold, ...] = ()
    questions: tuple[Example, ...] = ()
    added: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was written.

    Attributes:
        question: Its words.
        answers: Short answers, between them ANSWER_SEPARATOR.
        unanswerable: Whether the documents do not say.
        needs_all: Whether only all of the marked sentences together answer.
    """

    question: str
    answers: str = ""
    unanswerable: bool = False
    needs_all: bool = False


def sentences_of(retriever: Retriever, document_id: str, words: str = "") -> list[Span]:
    """Return the sentences of a document that hold all of some words, in order."""
    document = retriever.documents.get(document_id)
    if document is None:
        return []
    spans = {
        span
        for chunk in retriever.generation.chunks
        if chunk.document_id == document_id
        for span in chunk.sentences
    }
    sought = normalize("NFC", words).casefold().split()
    return [
        (start, end)
        for start, end in sorted(spans)
        if all(word in normalize("NFC", document.text[start:end]).casefold() for word in sought)
    ]


def mark(draft: Draft, document: Document, shown: Sequence[Span], ticked: Sequence[Span]) -> Draft:
    """Mark those of the shown sentences of a document that are ticked, and no others of them."""
    wanted = [span for span in shown if span in ticked]
    kept = [
        gold
        for gold in draft.marked
        if gold.document_id != document.id
        or (gold.start, gold.end) not in shown
        or (gold.start, gold.end) in wanted
    ]
    there = {(gold.start, gold.end) for gold in kept if gold.document_id == document.id}
    new = [
        Gold(document.id, start, end, document.text[start:end])
        for start, end in wanted
        if (start, end) not in there
    ]
    return replace(draft, marked=(*kept, *new))


def add(draft: Draft, asked: Asked, documents: Mapping[str, Document]) -> Draft:
    """Add a question that the marked sentences answer, or that nothing answers.

    Raises:
        DraftProblem: It is no question, is there already, or does not say what answers it.
    """
    example = _example(draft, asked, documents)
    if len(draft.questions) >= MAX_QUESTIONS:
        raise DraftProblem("draft_full", n=MAX_QUESTIONS)
    asks = _wording(example.question)
    if any(_wording(one.question) == asks for one in draft.questions):
        raise DraftProblem("draft_repeated")
    fatal = [problem for problem in check([example], documents) if problem.fatal]
    if fatal:
        raise DraftProblem("draft_changed")
    return replace(draft, marked=(), questions=(*draft.questions, example), added=draft.added + 1)


def warnings(example: Example) -> list[DraftProblem]:
    """Return what its writer should look at again."""
    found = []
    quotes = [gold.quote for gold in example.gold]
    if example.answers and not any(contains_answer(quote, example.answers) for quote in quotes):
        found.append(DraftProblem("draft_answer_elsewhere", text=example.answers[0]))
    for text in (example.question, *example.answers):
        found += [DraftProblem("draft_mixed_word", text=word) for word in mixed_words(text)]
    return found


def remove(draft: Draft, ids: Sequence[str]) -> Draft:
    """Take questions out."""
    kept = tuple(one for one in draft.questions if one.id not in ids)
    return replace(draft, questions=kept)


def save(draft: Draft, name: str, folder: Path, documents: Mapping[str, Document]) -> Draft:
    """Write the questions as a set into a folder; one that this draft wrote is written anew.

    Raises:
        DraftProblem: There is no question, the name cannot be used or is taken, or a document has
            changed since a question was written.
        EvalError: The file cannot be written.
    """
    if not draft.questions:
        raise DraftProblem("draft_empty")
    stem = file_stem(name)
    path = folder / f"{stem}.jsonl"
    taken = {each.stem.casefold() for each in folder.glob("*")} - {draft.name.casefold()}
    if stem.casefold() in taken:
        raise DraftProblem("draft_name_taken", name=stem)
    by_id = {one.id: one.question for one in draft.questions}
    for problem in check(draft.questions, documents):
        if problem.fatal:
            raise DraftProblem("draft_stale", question=by_id[problem.place])
    _write(path, own.write(draft.questions))
    return replace(draft, name=stem)


def file_stem(name: str) -> str:
    """Return the name of a set as a file may have it: «Менің жиыным» is «Менің-жиыным».

    Raises:
        DraftProblem: It cannot be one.
    """
    stem = "-".join(normalize("NFC", name).removesuffix(".jsonl").split())
    if not stem:
        raise DraftProblem("draft_nameless")
    if len(stem) > MAX_NAME_CHARACTERS or not _NAME.fullmatch(stem):
        raise DraftProblem("draft_name_odd", most=MAX_NAME_CHARACTERS)
    return stem


def _example(draft: Draft, asked: Asked, documents: Mapping[str, Document]) -> Example:
    try:
        question = understand(asked.question)
    except QuestionError:
        raise _no_question(asked.question) from None
    if asked.unanswerable and (draft.marked or asked.answers.strip()):
        raise DraftProblem("draft_both")
    if not asked.unanswerable and not draft.marked:
        raise DraftProblem("draft_unmarked")
    language = detect(question)
    stand_in = {documents[gold.document_id].language for gold in draft.marked
                if gold.document_id in documents}  # fmt: skip
    directions = [f"{language}->{'+'.join(sorted(stand_in))}"] if stand_in else []
    answers = (
        normalize("NFC", " ".join(each.split())) for each in asked.answers.split(ANSWER_SEPARATOR)
    )
    return Example(
        id=f"q-{draft.added + 1:03}",
        question=question,
        language=language,
        gold=draft.marked,
        need="all" if asked.needs_all and len(draft.marked) > 1 else "any",
        answers=tuple(answer for answer in answers if answer),
        answerable=not asked.unanswerable,
        tags=tuple(directions or ["unanswerable"]),
    )


def _no_question(question: str) -> DraftProblem:
    if not question.strip():
        return DraftProblem("draft_question_empty")
    if len(question) > MAX_CHARACTERS:
        return DraftProblem("draft_question_long", n=len(question), most=MAX_CHARACTERS)
    return DraftProblem("draft_question_wordless")


def _wording(question: str) -> str:
    return " ".join(question.casefold().split())


def _write(path: Path, data: bytes) -> None:
    """Write a file that is whole or as it was.

    Raises:
        EvalError: It cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_file.write(part, data)
        os.replace(part, path)
    except OSError as error:
        raise EvalError(
            f"the set cannot be written to {path.name!r}: {error.strerror}",
            hint="free space, or let the server write there",
        ) from None
