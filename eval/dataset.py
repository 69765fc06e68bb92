"""Evaluation sets: questions whose answers are known, as places in documents, and a check of them.

Gold is where an answer stands, in characters of a document, and not which chunk holds it: a set
stays good when documents are cut another way. `eval.formats` reads sets from files.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from eval.metrics.wording import contains_answer
from ingest.document import Document, Language

Need = Literal["any", "all"]
"""Whether each gold sentence alone answers, or only all of them together."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A sentence that answers.

    Attributes:
        document_id: Where it stands.
        start: First character.
        end: One past the last.
        quote: What must stand there; empty if the set does not say.
    """

    document_id: str
    start: int
    end: int
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One question and what is known of its answer.

    Attributes:
        id: Unique in its set.
        question: As a person would ask it.
        language: The language it is asked in.
        gold: Sentences that answer it; none if the documents do not, or if only documents are
            judged.
        need: Whether one gold sentence is enough.
        answers: Short answers, each good enough; none where there is no short form.
        answerable: Whether the documents answer it.
        tags: Direction first (`kk->en`), then kinds.
        relevant: Gain of each judged document, as in qrels; empty where gold says it.
        withheld: Whether gold is taken out of the index before asking, which makes a near miss.
        response: An answer that came with the set, of another system; None if there is none.
        given: The ids of the only documents that are asked; none for all that are indexed.
    """

    id: str
    question: str
    language: Language
    gold: tuple[Gold, ...] = ()
    need: Need = "any"
    answers: tuple[str, ...] = ()
    answerable: bool = True
    tags: tuple[str, ...] = ()
    relevant: Mapping[str, int] = field(default_factory=dict)
    withheld: bool = False
    response: str | None = None
    given: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        """The ids of the documents that hold an answer, each once, sorted."""
        with_gold = {gold.document_id for gold in self.gold}
        judged_relevant = {name for name, gain in self.relevant.items() if gain > 0}
        return tuple(sorted(with_gold | judged_relevant))


@dataclass(frozen=True, slots=True)
class DatasetProblem:
    """Something wrong with a set.

    Attributes:
        place: File and line, or the example's id.
        message: Field, value, and what was expected.
        fatal: Whether the row cannot be used; otherwise a person should look at it.
    """

    place: str
    message: str
    fatal: bool = True

    def line(self) -> str:
        """Return it as one line."""
        return " ".join(f"{self.place}: {self.message}".split())


@dataclass(frozen=True, slots=True)
class EvalSet:
    """A set as read.

    Attributes:
        name: The file's or folder's name.
        sha256: Hex digest of all its files: two runs of one set have it in common.
        examples: The good rows, in order.
        documents: What to ask, if the set brings its documents; None to ask what is indexed.
        problems: What was wrong with other rows.
    """

    name: str
    sha256: str
    examples: tuple[Example, ...]
    documents: tuple[Document, ...] | None
    problems: tuple[DatasetProblem, ...]


# --- the check --------------------------------------------------------------------------------

_LATIN: Final = re.compile("[A-Za-z\u00c0-\u02af]")
_CYRILLIC: Final = re.compile("[\u0400-\u052f]")
_MISSPELT_TAGS: Final = {"typo", "latin", "missing-letters"}
"""Tags of questions that are misspelt on purpose."""

_Finding = tuple[str, bool]
"""What is wrong, and whether the example is unusable for it."""


def check(examples: Sequence[Example], documents: Mapping[str, Document]) -> list[DatasetProblem]:
    """Return all that is wrong with a set, example by example.

    Every span, quote, short answer, id and question is held against the documents. Fatal problems
    make an example unusable; the others are for whoever wrote the set.
    """
    first_to_ask: dict[str, str] = {}
    names = {example.id for example in examples}
    problems: list[DatasetProblem] = []
    for example in examples:
        findings = [
            *_check_gold(example, documents),
            *_check_wording(example, documents),
            *_check_relations(example, first_to_ask, names),
        ]
        problems += [DatasetProblem(example.id, message, fatal) for message, fatal in findings]
    return problems


def usable(examples: Sequence[Example], problems: Sequence[DatasetProblem]) -> tuple[Example, ...]:
    """Return the examples that no fatal problem names."""
    bad_ids = {problem.place for problem in problems if problem.fatal}
    return tuple(example for example in examples if example.id not in bad_ids)


def mixed_words(text: str) -> list[str]:
    """Return the words that mix Latin and Cyrillic letters; parts of «BM25-ке» are judged apart.

    >>> mixed_words("Kазақстан мен Kazakhstan")
    ['Kазақстан']
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text))
    return [word for word in words if _LATIN.search(word) and _CYRILLIC.search(word)]


def _check_gold(example: Example, documents: Mapping[str, Document]) -> Iterator[_Finding]:
    for number, gold in enumerate(example.gold):
        for message, fatal in _check_span(gold, documents.get(gold.document_id)):
            yield f"gold[{number}]: {message}", fatal
    if example.need == "all" and len(example.gold) < 2:
        yield "need is 'all' with fewer than two gold sentences", False


def _check_span(gold: Gold, document: Document | None) -> Iterator[_Finding]:
    if document is None:
        yield f"document {gold.document_id!r:.80} is not indexed", True
        return
    if gold.end > len(document.text):
        yield f"ends at {gold.end}, the document at {len(document.text)}", True
        return
    text = document.text[gold.start : gold.end]
    if gold.quote and gold.quote != text:
        yield f"the document has {text!r:.60} there, expected {gold.quote!r:.60}", True
    elif not text.strip():
        yield "only white space stands there", True
    elif text != text.strip():
        yield f"white space at an end of {text!r:.60}", False


def _check_wording(example: Example, documents: Mapping[str, Document]) -> Iterator[_Finding]:
    texts = (example.question, *example.answers)
    if any(text != unicodedata.normalize("NFC", text) for text in texts):
        yield "question or answer is not in composed form (NFC)", False
    if not _MISSPELT_TAGS & set(example.tags):
        for word in (word for text in texts for word in mixed_words(text)):
            yield f"{word!r:.40} mixes Latin and Cyrillic letters", False
    quotes = [
        documents[gold.document_id].text[gold.start : gold.end]
        for gold in example.gold
        if gold.document_id in documents
    ]
    should_hold = bool(quotes and example.answers) and "yes-no" not in example.tags
    if should_hold and not any(contains_answer(quote, example.answers) for quote in quotes):
        yield f"no gold sentence holds {example.answers[0]!r:.60} or another short answer", False


def _check_relations(
    example: Example, first_to_ask: dict[str, str], names: set[str]
) -> Iterator[_Finding]:
    """Check an example against the others: whether it repeats one, and what its tags name."""
    wording = " ".join(example.question.casefold().split())
    if wording in first_to_ask:
        yield f"asks what {first_to_ask[wording]} asks", False
    first_to_ask.setdefault(wording, example.id)
    for tag in example.tags:
        name = tag.removeprefix("variant-of:")
        if name != tag and name not in names:
            yield f"tag {tag!r}: no such example", False
