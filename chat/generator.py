"""The generator: an answer that a language model writes, every sentence held against its sources.

The model is shown the best passages as data, between keys that no document can know, and names the
key of the passage that each sentence stands on. What it writes is cut into sentences as it comes;
each one is attributed (chat/attribution.py) before it is shown as supported; what the documents
contradict is shown with the sentence that does. If the model is down, slow, refuses, is stopped, or
writes nothing that the documents support or nothing in the language asked in, the answer is the one
that quotes, and says why. What comes back is text, whatever it asks for: nothing is fetched,
nothing run.
"""

import re
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter
from typing import Final

from chat.answer import Answer, Citation, Statement, cite
from chat.attribution import Attributor, Source
from chat.llm import LLM, ChatModel, Deadline, FailureReason, LLMFailure, Prompt, stream_text
from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Query, Retriever
from ingest.document import Language
from ingest.language import detect
from ingest.sentence import sentences
from prompts.render import render

MIN_TELLING_WORDS: Final = 4
"""Words that tell a sentence's language; fewer may be names."""

MAX_SENTENCE_CHARACTERS: Final = 6_000
"""Characters of one sentence that are read at most, whatever the model was told."""

MAX_SENTENCES: Final = 60
"""Sentences that are read at most: three times what MAX_TOKENS of chat/llm.py allow."""

_MAX_REPEATS: Final = 2
"""Times a sentence may come; a small model that writes it again goes round in circles."""

_KEY_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_KEY_LENGTH: Final = 4

_MARKS: Final = re.compile(r"\[([^\[\]\n]{1,60})\]")
_OPEN: Final = re.compile(r"\[[^\[\]\n]{0,60}\Z")
_ENDS: Final = re.compile(r"[.!?…\]»”\"]\s*\Z")
_BEFORE_A_STOP: Final = re.compile(r"\s+(?=[.,;:!?…])")


@dataclass(frozen=True, slots=True)
class WrittenSentence:
    """A sentence that a model wrote: without its marks, and the keys in them, each once."""

    text: str
    keys: tuple[str, ...]


def generate(
    query: Query,
    hits: Sequence[Hit],
    quoted: Answer,
    retriever: Retriever,
    llm: LLM,
    deadline: Deadline | None = None,
) -> Iterator[Answer]:
    """Let a model write the answer; yield it as it grows, the last one whole.

    Args:
        query: What is asked.
        hits: The passages found, best first; the model is shown the first few.
        quoted: The answer that quotes, which is given if the model is of no use.
        retriever: What found them.
        llm: What writes.
        deadline: When it must be done; None for as long as its own settings allow.
    """
    started = perf_counter()
    draft = _Draft(query, hits[: WEIGHTS.passages_written_from], quoted, retriever, llm)
    refused = False
    failure: FailureReason | None = None
    try:
        for sentence in stream_sentences(llm.model, draft.prompt, deadline or llm.deadline()):
            if refused := _is_refusal(sentence, query.language):
                break
            if draft.take(sentence):
                yield draft.answer(perf_counter() - started)
    except LLMFailure as error:
        failure = error.reason
    if draft.is_supported:
        yield draft.answer(perf_counter() - started, cut=failure)
    elif refused:
        yield _refusal(quoted, llm)
    else:
        failure = failure or ("language" if draft.is_foreign else "nonsense")
        note = render("fallback", query.language, reason=failure, begun=False)
        yield quoted.model_copy(update={"note": note, "model": llm.spec.name})


def _refusal(quoted: Answer, llm: LLM) -> Answer:
    """Return the answer of a model that finds no answer in what it was shown."""
    return quoted.model_copy(
        update={
            "text": render("refusal", quoted.language),
            "short_answer": "",
            "note": "",  # Of no part there is an answer.
            "citations": (),
            "statements": (),
            "abstained": True,
            "mode": "llm",
            "model": llm.spec.name,
        }
    )


def _is_refusal(sentence: WrittenSentence, language: Language) -> bool:
    refusal = render("refusal", language)
    return sentence.text.strip(" .").casefold() == refusal.strip(" .").casefold()


class _Draft:
    """An answer that is being written."""

    def __init__(
        self, query: Query, hits: Sequence[Hit], quoted: Answer, retriever: Retriever, llm: LLM
    ) -> None:
        self._language = query.language
        self._quoted = quoted
        self._llm = llm
        self._attributor = Attributor(hits, retriever)
        self._hits_by_key = dict(zip(_new_keys(hits, retriever), hits, strict=True))
        self.prompt = _prompt(query, self._hits_by_key, retriever)
        self.is_foreign = False
        self.statements: list[Statement] = []
        self._citations: dict[tuple[str, int, int], Citation] = {}

    @property
    def is_supported(self) -> bool:
        """Whether any sentence stands."""
        return any(statement.supported for statement in self.statements)

    def take(self, sentence: WrittenSentence) -> bool:
        """Attribute a sentence, and take it over as the policy says; say whether it was.

        One in another language than the question's is left out, and so is what claims nothing: a
        question, and what stands around passages.
        """
        sentence = self._without_bare_keys(sentence)
        text = sentence.text
        if not any(character.isalnum() for character in text) or text.endswith("?"):
            return False
        if "<<<" in text or ">>>" in text:
            return False
        if len(text.split()) >= MIN_TELLING_WORDS and detect(text) != self._language:
            self.is_foreign = True
            return False
        keys = [key for key in sentence.keys if key in self._hits_by_key]
        attribution = self._attributor.attribute(text, {self._hits_by_key[key].row for key in keys})
        if not attribution.supported and self._llm.unsupported == "drop":
            return False
        marks = tuple(self._mark(source) for source in attribution.sentences)
        self.statements.append(
            Statement(
                text=text,
                marks=marks if attribution.supported else (),
                verdict=attribution.verdict,
                contradicted_by=marks[0] if attribution.verdict == "contradicted" else None,
                missing=attribution.missing,
                cited_anew=attribution.cited_anew,
            )
        )
        return True

    def _without_bare_keys(self, sentence: WrittenSentence) -> WrittenSentence:
        """Take keys that a model wrote without their brackets for what they are."""
        bare = [key for key in self._hits_by_key if key in sentence.text]
        text = sentence.text
        for key in bare:
            text = text.replace(f"({key})", "").replace(key, "")
        return WrittenSentence(tidy(text), (*sentence.keys, *bare)) if bare else sentence

    def _mark(self, source: Source) -> int:
        place = (source.document.id, *source.span)
        if place not in self._citations:
            number = len(self._citations) + 1
            self._citations[place] = cite(number, source.document, source.span)
        return self._citations[place].mark

    def answer(self, seconds: float, cut: FailureReason | None = None) -> Answer:
        """Return the answer as it is now; `cut` says why there is no more of it."""
        lines = [_with_marks(statement, self._language) for statement in self.statements]
        note = render("fallback", self._language, reason=cut, begun=True) if cut else ""
        return self._quoted.model_copy(
            update={
                "text": "\n\n".join(lines),
                "short_answer": "",  # What the model writes is the answer.
                "statements": tuple(self.statements),
                "citations": tuple(self._citations.values()),
                "mode": "llm",
                "note": note,
                "model": self._llm.spec.name,
                "timings_ms": self._quoted.timings_ms | {"model": 1000 * seconds},
            }
        )


def _with_marks(statement: Statement, language: Language) -> str:
    if statement.verdict == "contradicted":
        warning = render("contradicted", language)
        return f"{statement.text} ({warning} [{statement.contradicted_by}])"
    if not statement.supported:
        return f"{statement.text} ({render('unsupported', language)})"
    return f"{statement.text} {''.join(f'[{mark}]' for mark in statement.marks)}"


# --- what the model is shown ----------------------------------------------------------------------


def _prompt(query: Query, hits_by_key: dict[str, Hit], retriever: Retriever) -> Prompt:
    """Return the rules, then passages and question as data."""
    language = query.language
    passages = [
        {
            "key": key,
            "title": retriever.documents[hit.chunk.document_id].name,
            "text": _text_of(hit, retriever),
        }
        for key, hit in hits_by_key.items()
    ]
    rules = render("write", language, keys=list(hits_by_key), refusal=render("refusal", language))
    return rules, render("passages", language, passages=passages, question=query.text)


def _text_of(hit: Hit, retriever: Retriever) -> str:
    return retriever.documents[hit.chunk.document_id].text[hit.chunk.start : hit.chunk.end]


def _new_keys(hits: Sequence[Hit], retriever: Retriever) -> list[str]:
    """Return a key for each passage."""
    return new_keys(
        len(hits), "".join(retriever.documents[hit.chunk.document_id].text for hit in hits)
    )


def new_keys(count: int, text: str) -> list[str]:
    """Return keys that a text does not hold: chance, so that no document can know or forge one."""
    keys: list[str] = []
    while len(keys) < count:
        key = "".join(secrets.choice(_KEY_LETTERS) for _ in range(_KEY_LENGTH))
        if key not in keys and key not in text:
            keys.append(key)
    return keys


# --- what the model writes, sentence by sentence --------------------------------------------------


def stream_sentences(
    model: ChatModel, prompt: Prompt, deadline: Deadline
) -> Iterator[WrittenSentence]:
    """Yield the sentences that a model writes, each once; a last one that is not whole is dropped.

    Raises:
        LLMFailure: It wrote nothing, or, once all that is whole has been yielded, not all it would.
    """
    text = ""
    counts: Counter[str] = Counter()
    failure: LLMFailure | None = None
    try:
        for piece in stream_text(model, prompt, deadline):
            text += piece
            *whole, text = _cut(text)
            yield from _new(map(_sentence, whole), counts)
            repeats = max(counts.values(), default=0)
            too_long = len(text) > MAX_SENTENCE_CHARACTERS or len(counts) >= MAX_SENTENCES
            if too_long or repeats > _MAX_REPEATS:
                raise LLMFailure("cut")
    except LLMFailure as error:
        failure = error
    is_begun = any(character.isalnum() for character in _MARKS.sub("", text))
    if is_begun and _ENDS.search(text):
        yield from _new([_sentence(text)], counts)
    elif not counts:
        raise failure if failure and failure.reason != "cut" else LLMFailure("nonsense")
    elif is_begun and not failure:
        raise LLMFailure("cut")
    if failure:
        raise failure


def _new(sentences: Iterable[WrittenSentence], counts: Counter[str]) -> Iterator[WrittenSentence]:
    """Yield what has not come before, and count all."""
    for sentence in sentences:
        counts[sentence.text] += 1
        if counts[sentence.text] == 1:
            yield sentence


def _sentence(text: str) -> WrittenSentence:
    keys = (key.strip() for marks in _MARKS.findall(text) for key in re.split(r"[,;\s]+", marks))
    return WrittenSentence(tidy(_MARKS.sub("", text)), tuple(dict.fromkeys(filter(None, keys))))


def tidy(text: str) -> str:
    """Close the gaps of what was taken out of a sentence.

    >>> tidy("Шарт  1994 жылы жасалды .")
    'Шарт 1994 жылы жасалды.'
    """
    return _BEFORE_A_STOP.sub("", " ".join(text.split()))


def _cut(text: str) -> list[str]:
    """Cut a text before each sentence but the first; the last piece may go on.

    Marks are looked over, so those behind a full stop stay with the sentence before it; where one
    may still be coming, nothing is cut.
    """
    if _OPEN.search(text):
        return [text]
    unmarked = _MARKS.sub(lambda mark: " " * len(mark[0]), text)
    starts = [0, *(start for start, _ in sentences(unmarked)[1:]), len(text)]
    return [text[start:end] for start, end in pairwise(starts)] or [text]
