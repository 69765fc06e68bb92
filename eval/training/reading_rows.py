"""The rows that the reader is trained on: questions with passages, claims with passages.

Four layouts of JSON Lines, gzipped or not, are read. Dalel's own, `passages.jsonl`, has a passage
a line with its questions and claims; places are ranges of characters:

    {"id", "language", "title", "text",
     "questions": [{"question", "language", "kind", "answers": [[a, b]], "evidence": [[a, b]]}],
     "claims": [{"claim", "language", "label", "kind", "evidence": [[a, b]]}]}

`answers` are alternatives, but of kind "list" they are the items; none: the passage does not
answer. `evidence` are the sentences that a person must see to be sure.

`parallel_passages.jsonl` has a passage in two languages a line, sentence by sentence, and says
which sentence answers with which words (null and none where the passage does not answer):

    {"id", "titles": {"kk", "en"}, "sentences": {"kk": [...], "en": [...]},
     "questions": [{"question", "language", "sentence", "answers": {"kk", "en"}}]}

Public sets have a row a line: `question, context, answers` (as a list of `{text, start}`, or in the
columns of SQuAD's own layout), or `premise, claim, label`.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal
from zlib import crc32

from chat.reader_output import VERDICT_PLACES
from eval.dataset import EvalSet, Example, Gold
from ingest.document import Document, Span, text_sha256
from ingest.language import detect
from ingest.sentence import sentences

Verdict = Literal["supported", "refuted", "unstated"]
OWN: Final = Path(__file__).with_name("passages.jsonl")
"""The rows written for Dalel, which are part of the project: passages that are to be read."""

OWN_SEARCH: Final = OWN.with_name("search_passages.jsonl")
"""Further rows, of passages that are to be found: all their questions are answered."""

OWN_PARALLEL: Final = OWN.with_name("parallel_passages.jsonl")
"""Further rows, of passages in Kazakh and English that say the same: all questions are answered."""

OWN_SOURCE: Final = "own"
"""What they name as their source."""

VERDICTS: Final = tuple(VERDICT_PLACES)
"""The verdicts on a claim, in the order of their logits."""


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question about a passage.

    Attributes:
        source: The set it is from.
        group: What must not be split between training and development: an article, a passage.
        pair: The id of the question, the same where it or its passage is in another language; "" if
            both are in one only.
        title: The passage's title, or "".
        context: The passage.
        question: What is asked.
        answers: Where the passage answers, each good enough; none if it does not.
        evidence: The sentences that a person must see to be sure; None where nobody marked them.
        language: The question's language, as an ISO 639-1 code; "" where it is not told.
    """

    source: str
    group: str
    pair: str
    title: str
    context: str
    question: str
    answers: tuple[Span, ...]
    evidence: tuple[Span, ...] | None
    language: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim about a passage, and what the passage says of it.

    Attributes:
        source: The set it is from.
        group: What must not be split between training and development.
        context: The passage.
        claim: One sentence.
        verdict: What the passage says of it.
        evidence: The sentences that decide; none where nobody marked them.
        language: The claim's language; "" where it is not told.
        kind: What it is true or false by, such as "negation"; "" where it is not told.
    """

    source: str
    group: str
    context: str
    claim: str
    verdict: Verdict
    evidence: tuple[Span, ...] = ()
    language: str = ""
    kind: str = ""


def read_questions(path: Path) -> list[QuestionRow]:
    """Read the questions of a file."""
    rows: list[QuestionRow] = []
    for row in _rows(path):
        if "sentences" in row:
            rows += _parallel_questions(row)
        elif "questions" in row:
            rows += (_own_question(row, question) for question in row["questions"])
        elif "question" in row:
            rows.append(_public_question(row))
    return rows


def read_claims(path: Path) -> list[ClaimRow]:
    """Read the claims of a file."""
    rows: list[ClaimRow] = []
    for row in _rows(path):
        if "claims" in row:
            rows += (_own_claim(row, claim) for claim in row["claims"])
        elif "premise" in row:
            source, premise = row["source"], row["premise"]
            rows.append(ClaimRow(source, premise, premise, row["claim"], row["label"]))
    return rows


def read_translations(path: Path) -> list[tuple[str, str]]:
    """Read texts that say the same in Kazakh and English: rows of `kk, en`, parallel passages."""
    pairs: list[tuple[str, str]] = []
    for row in _rows(path):
        if "sentences" not in row:
            pairs.append((row["kk"], row["en"]))
        elif not held_out(row["id"]):
            pairs += zip(row["sentences"]["kk"], row["sentences"]["en"], strict=True)
    return pairs


def weighted(argument: str) -> tuple[Path, float]:
    """Return a file and the weight by which its rows are drawn, of `FILE[:WEIGHT]`.

    >>> weighted("a.jsonl:3"), weighted("b.jsonl")
    ((PosixPath('a.jsonl'), 3.0), (PosixPath('b.jsonl'), 1.0))
    """
    name, _, weight = argument.partition(":")
    return Path(name), float(weight or 1)


def held_out(group: str) -> bool:
    """Say whether a group of rows is kept for development and never trained on: one in ten."""
    return crc32(group.encode()) % 10 == 0


def development_set(path: Path = OWN) -> EvalSet:
    """Return the own questions that are held out, to be asked of all own passages.

    The unanswerable ones were written as near misses of a passage, with the passage at hand; that
    no other passage answers them is likely, not checked.
    """
    data = path.read_bytes()
    passages = [json.loads(line) for line in data.splitlines()]
    documents = tuple(
        Document(
            id=passage["id"],
            title=passage["title"],
            language=passage["language"] or detect(passage["text"]),
            text=passage["text"],
            source=path.name,
            sha256=text_sha256(passage["text"]),
        )
        for passage in passages
    )
    examples = tuple(
        Example(
            id=f"{passage['id']}-{number}",
            question=question["question"],
            language=question["language"],
            gold=tuple(
                Gold(passage["id"], start, end, passage["text"][start:end])
                for start, end in question["evidence"]
            ),
            need="all" if question["kind"] == "list" else "any",
            answers=tuple(passage["text"][start:end] for start, end in question["answers"]),
            answerable=bool(question["answers"]),
            tags=(question["kind"],) if question["answers"] else ("unanswerable", "near-miss"),
        )
        for passage in passages
        if held_out(passage["id"])
        for number, question in enumerate(passage["questions"], start=1)
    )
    return EvalSet(path.stem, sha256(data).hexdigest(), examples, documents, ())


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for line in data.splitlines():
        if line.strip():
            yield json.loads(line)


def _own_question(passage: dict[str, Any], question: dict[str, Any]) -> QuestionRow:
    answers = [(start, end) for start, end in question["answers"]]
    if question["kind"] == "list":
        answers = _in_sentences(answers, passage["text"])
    return QuestionRow(
        source=OWN_SOURCE,
        group=passage["id"],
        pair="",
        title=passage["title"],
        context=passage["text"],
        question=question["question"],
        answers=tuple(answers),
        evidence=tuple((start, end) for start, end in question["evidence"]),
        language=question["language"],
    )


def _parallel_questions(row: dict[str, Any]) -> Iterator[QuestionRow]:
    """Yield each question twice, of the Kazakh passage and of the English one."""
    for number, question in enumerate(row["questions"], start=1):
        for language, passage in row["sentences"].items():
            answer, evidence = _answered_at(question, passage, language)
            yield QuestionRow(
                source=OWN_SOURCE,
                group=row["id"],
                pair=f"{row['id']}-{number}",
                title=row["titles"][language],
                context=" ".join(passage),
                question=question["question"],
                answers=answer,
                evidence=evidence,
                language=question["language"],
            )


def _answered_at(
    question: dict[str, Any], passage: Sequence[str], language: str
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return where a passage answers and the sentence that does so; nothing for a near miss."""
    place = question["sentence"]
    if place is None:
        return (), ()
    start = len(" ".join((*passage[:place], "")))
    sentence, answer = passage[place], question["answers"][language]
    said = start + sentence.index(answer)
    return ((said, said + len(answer)),), ((start, start + len(sentence)),)


def _in_sentences(items: Sequence[Span], text: str) -> list[Span]:
    """Join the items of a list that stand in one sentence to one answer, from first to last."""
    joined = []
    for start, end in sentences(text):
        inside = [(max(a, start), min(b, end)) for a, b in items if a < end and start < b]
        if inside:
            joined.append((min(a for a, _ in inside), max(b for _, b in inside)))
    return joined


def _own_claim(passage: dict[str, Any], claim: dict[str, Any]) -> ClaimRow:
    return ClaimRow(
        source=OWN_SOURCE,
        group=passage["id"],
        context=passage["text"],
        claim=claim["claim"],
        verdict=claim["label"],
        evidence=tuple((start, end) for start, end in claim["evidence"]),
        language=claim["language"],
        kind=claim.get("kind", ""),
    )


def _public_question(row: dict[str, Any]) -> QuestionRow:
    source = row.get("source", "")
    return QuestionRow(
        source=source,
        group=f"{source} {row.get('title') or row['id']}",
        pair=row["id"] if source == "xquad" else "",
        title=(row.get("title") or "").replace("_", " "),
        context=row["context"],
        question=row["question"],
        answers=tuple(_spans(row["answers"])),
        evidence=None,
        language=row.get("qlang", ""),
    )


def _spans(answers: dict[str, Any] | list[dict[str, Any]]) -> Iterator[Span]:
    if isinstance(answers, dict):
        answers = [
            {"text": text, "start": start}
            for text, start in zip(answers["text"], answers["answer_start"], strict=True)
        ]
    for answer in answers:
        yield answer["start"], answer["start"] + len(answer["text"])
