"""A set while somebody makes it: sentences marked in documents, the questions they answer, a file.

What is marked are sentences as answers cite them, so that `text[start:end]` is the quote to the
letter. A draft never changes: each step gives a new one, and one that is refused loses nothing. A
saved set is opened as a draft, its sentences looked for in the documents as they are now.
"""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Final
from unicodedata import normalize

from chat.question import MAX_CHARACTERS, understand
from eval.dataset import Example, Gold, check, mixed_words
from eval.formats import own, read_set
from eval.formats.rows import SetRow, SetSource
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

SUFFIX: Final = ".jsonl"
"""Of the files of sets that are made on the page."""

ANSWER_SEPARATOR: Final = ";"
"""Stands between short answers, each of which is good enough."""

_NAME: Final = re.compile(r"[^\W_][\w-]*")

_TOLD_TAG: Final = re.compile("->|^unanswerable$")
"""Tags that are told from the question and what is marked; all others a person has given."""

_ID: Final = "q-"
"""Ids of questions that are made here begin so; a number follows."""


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
class Asked:
    """A question as it was written.

    Attributes:
        question: Its words.
        answers: Short answers, between them ANSWER_SEPARATOR.
        unanswerable: Whether the documents do not say.
        needs_all: Whether only all of the marked sentences together answer.
    """

    question: str = ""
    answers: str = ""
    unanswerable: bool = False
    needs_all: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What there is of a set so far.

    Attributes:
        marked: The sentences that are marked for the next question, in the order of marking.
        asked: What is written of that question.
        changing: The id of the question that is changed; empty where the next one is a new one.
        questions: The questions that were added.
        added: How many ever were: their ids are counted on.
        name: The name it was last saved under, or opened by; empty before that.
        saved: The questions as the file of that name has them.
        sha256: Hex digest of that file; empty where there is none.
    """

    marked: tuple[Gold, ...] = ()
    asked: Asked = field(default_factory=Asked)
    changing: str = ""
    questions: tuple[Example, ...] = ()
    added: int = 0
    name: str = ""
    saved: tuple[Example, ...] = ()
    sha256: str = ""

    @property
    def is_saved(self) -> bool:
        """Whether nothing would be lost with it."""
        return self.questions == self.saved and self.asked == Asked()


def sentences_of(retriever: Retriever, document_id: str, words: str = "") -> list[Span]:
    """Return the sentences of a document that hold all of some words, in order."""
    document = retriever.documents.get(document_id)
    if document is None:
        return []
    chunks = retriever.generation.chunks
    spans = {span for row in retriever.rows_of(document_id) for span in chunks[row].sentences}
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

    Where a question is being changed, it takes the place of that one.

    Raises:
        DraftProblem: It is no question, is there already, or does not say what answers it.
    """
    old = next((one for one in draft.questions if one.id == draft.changing), None)
    example = _example(draft, asked, documents, old)
    if old is None and len(draft.questions) >= MAX_QUESTIONS:
        raise DraftProblem("draft_full", n=MAX_QUESTIONS)
    asks = _wording(example.question)
    if any(_wording(one.question) == asks for one in draft.questions if one is not old):
        raise DraftProblem("draft_repeated")
    fatal = [problem for problem in check([example], documents) if problem.fatal]
    if fatal:
        raise DraftProblem("draft_changed")
    written = replace(draft, marked=(), asked=Asked(), changing="")
    if old:
        changed = (example if one is old else one for one in draft.questions)
        return replace(written, questions=tuple(changed))
    number = int(example.id.removeprefix(_ID))
    return replace(written, questions=(*draft.questions, example), added=number)


def change(draft: Draft, name: str, documents: Mapping[str, Document]) -> Draft:
    """Take up a question again, by its id; those of its sentences are marked that are there."""
    example = next(one for one in draft.questions if one.id == name)
    asked = Asked(
        example.question,
        f"{ANSWER_SEPARATOR} ".join(example.answers),
        not example.answerable,
        example.need == "all",
    )
    there = (_placed(gold, documents) for gold in example.gold)
    return replace(draft, marked=tuple(filter(None, there)), asked=asked, changing=name)


def leave(draft: Draft) -> Draft:
    """Leave the question that is changed as it was."""
    return replace(draft, marked=(), asked=Asked(), changing="")


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
    return replace(leave(draft) if draft.changing in ids else draft, questions=kept)


# --- documents that have changed meanwhile --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lost:
    """A question of which sentences were marked that stand in no document any more.

    Attributes:
        question: The question.
        sentences: The sentences, as they were marked.
    """

    question: str
    sentences: tuple[Gold, ...]


def lost(draft: Draft, documents: Mapping[str, Document]) -> list[Lost]:
    """Return the questions of a draft whose sentences are no longer in the documents."""
    sentences = (
        (one.question, tuple(gold for gold in one.gold if _placed(gold, documents) is None))
        for one in draft.questions
    )
    return [Lost(question, gone) for question, gone in sentences if gone]


def placed(draft: Draft, documents: Mapping[str, Document]) -> Draft:
    """Return a draft whose sentences are marked where they stand now; what is lost stays as is."""
    questions = (
        replace(one, gold=tuple(_placed(gold, documents) or gold for gold in one.gold))
        for one in draft.questions
    )
    there = (_placed(gold, documents) for gold in draft.marked)
    return replace(draft, questions=tuple(questions), marked=tuple(filter(None, there)))


def _placed(gold: Gold, documents: Mapping[str, Document]) -> Gold | None:
    """Return a sentence where it stands now, or the nearest to where it stood; None if nowhere."""
    document = documents.get(gold.document_id)
    text = document.text if document else ""
    there = text[gold.start : gold.end]
    if there.strip() and there == (gold.quote or there):
        return replace(gold, quote=there)
    starts = [found.start() for found in re.finditer(re.escape(gold.quote), text)]
    if not gold.quote.strip() or not starts:
        return None
    start = min(starts, key=lambda start: abs(start - gold.start))
    return replace(gold, start=start, end=start + len(gold.quote))


# --- files ----------------------------------------------------------------------------------------


def open_set(path: Path, documents: Mapping[str, Document]) -> Draft:
    """Open a set to be changed; its sentences are looked for in the documents.

    Raises:
        DraftProblem: It holds more than `save` writes, or rows that cannot be used.
        EvalError: It cannot be read.
    """
    if path.suffix != SUFFIX:
        raise DraftProblem("draft_not_ours", name=path.name)
    source, read = SetSource(path), read_set(path)
    fields = {name for row in source.json_rows if isinstance(row, SetRow) for name in row.data}
    if read.problems or not fields <= own.WRITTEN_FIELDS:
        raise DraftProblem("draft_not_ours", name=path.name)
    draft = Draft(questions=read.examples, name=path.stem, saved=read.examples, sha256=read.sha256)
    return placed(draft, documents)


def save(draft: Draft, name: str, folder: Path, documents: Mapping[str, Document]) -> Draft:
    """Write the questions as a set into a folder; one that this draft wrote is written anew.

    Raises:
        DraftProblem: There is no question, the name cannot be used or is taken, a sentence is no
            longer in the documents, or somebody else has written the file since.
        EvalError: The file cannot be written.
    """
    if not draft.questions:
        raise DraftProblem("draft_empty")
    stem = file_stem(name)
    path = folder / f"{stem}{SUFFIX}"
    taken = {each.stem.casefold() for each in folder.glob("*")} - {draft.name.casefold()}
    if stem.casefold() in taken:
        raise DraftProblem("draft_name_taken", name=stem)
    draft = placed(draft, documents)
    for gone in lost(draft, documents):
        raise DraftProblem("draft_stale", question=gone.question)
    if path.exists() and _sha256_of(path) != draft.sha256:
        raise DraftProblem("draft_overtaken", name=stem)
    data = own.write(draft.questions)
    _write(path, data)
    digest = hashlib.sha256(data).hexdigest()
    return replace(draft, name=stem, saved=draft.questions, sha256=digest)


def file_stem(name: str) -> str:
    """Return the name of a set as a file may have it: «Менің жиыным» is «Менің-жиыным».

    Raises:
        DraftProblem: It cannot be one.
    """
    stem = "-".join(normalize("NFC", name).removesuffix(SUFFIX).split())
    if not stem:
        raise DraftProblem("draft_nameless")
    if len(stem) > MAX_NAME_CHARACTERS or not _NAME.fullmatch(stem):
        raise DraftProblem("draft_name_odd", most=MAX_NAME_CHARACTERS)
    return stem


def _example(
    draft: Draft, asked: Asked, documents: Mapping[str, Document], old: Example | None
) -> Example:
    """Return a question as a row; of one that is changed, what is not written in the form stays."""
    try:
        question = understand(asked.question)
    except QuestionError:
        raise _no_question(asked.question) from None
    if asked.unanswerable and (draft.marked or asked.answers.strip()):
        raise DraftProblem("draft_both")
    if not asked.unanswerable and not draft.marked:
        raise DraftProblem("draft_unmarked")
    language = old.language if old and old.question == question else detect(question)
    stand_in = {documents[gold.document_id].language for gold in draft.marked
                if gold.document_id in documents}  # fmt: skip
    directions = [f"{language}->{'+'.join(sorted(stand_in))}"] if stand_in else ["unanswerable"]
    same_kind = old is not None and old.answerable != asked.unanswerable
    kinds = [tag for tag in old.tags if not _TOLD_TAG.search(tag)] if old and same_kind else []
    answers = (
        normalize("NFC", " ".join(each.split())) for each in asked.answers.split(ANSWER_SEPARATOR)
    )
    return Example(
        id=old.id if old else _new_id(draft),
        question=question,
        language=language,
        gold=draft.marked,
        need="all" if asked.needs_all and len(draft.marked) > 1 else "any",
        answers=tuple(answer for answer in answers if answer),
        answerable=not asked.unanswerable,
        tags=(*directions, *kinds),
    )


def _new_id(draft: Draft) -> str:
    """Return an id that no question of the set has, or had while it was made."""
    taken = {one.id for one in draft.questions}
    names = (f"{_ID}{number:03}" for number in count(draft.added + 1))
    return next(name for name in names if name not in taken)


def _no_question(question: str) -> DraftProblem:
    if not question.strip():
        return DraftProblem("draft_question_empty")
    if len(question) > MAX_CHARACTERS:
        return DraftProblem("draft_question_long", n=len(question), most=MAX_CHARACTERS)
    return DraftProblem("draft_question_wordless")


def _wording(question: str) -> str:
    return " ".join(question.casefold().split())


def _sha256_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""  # Whether it can be written is told when it is.


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
