"""An answer that a language model writes: every sentence is checked before it is shown as true.

In: a question and an index, a model. Out: answers that grow sentence by sentence, the last one
whole. If the model is down, slow, refuses, is stopped, or writes nothing that the documents support
or nothing in the language asked in, the answer is the one that quotes, and says why. Document text
goes to the model as data between keys that no document can know; what comes back is text, whatever
it asks for: nothing is fetched, nothing run.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Final

from chat.answer import Answer, Statement, answer, answer_from
from chat.author import Author
from chat.cite import Citation, cite
from chat.evidence import Evidence
from chat.find import Found, find
from chat.hear import Patience, Reason, Silence, Told
from chat.speech import Said, listen, tidy
from chat.verify import Verifier
from index.retrieve import Hit, IndexRetriever
from ingest.document import Language
from ingest.language import detect
from prompts.render import render

PASSAGES: Final = 6
"""Passages that a model is shown: what more would add is mostly noise, and time."""

TELLING_WORDS: Final = 4
"""Words that tell a sentence's language; fewer may be names."""

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def compose(
    raw: str,
    retriever: IndexRetriever,
    author: Author,
    *,
    threshold: float | None = None,
    patience: Patience | None = None,
) -> Iterator[Answer]:
    """Answer a question with a model; yield the answer as it grows, the last one whole.

    Args:
        raw: What was asked.
        retriever: Where to look; at least one chunk.
        author: What writes.
        threshold: The confidence below which no model is asked; None for the trained one.
        patience: How long the model is listened to; None for what the author may take.

    Raises:
        QuestionError: It is empty, has no letter or digit, or is too long.
    """
    found = find(raw, retriever)
    quoting = answer_from(found, retriever, threshold=threshold)
    if quoting.abstained:
        yield replace(quoting, model=author.writer.name)
        return
    started = perf_counter()
    language = found.question.language
    draft = _Draft(found, retriever, author)
    refused = False
    why: Reason | None = None
    try:
        for said in listen(author.model, draft.told, patience or author.patience()):
            if refused := _is_refusal(said, language):
                break
            if draft.take(said):
                yield draft.answer(quoting, perf_counter() - started)
    except Silence as silence:
        why = silence.reason
    if draft.supported:
        yield draft.answer(quoting, perf_counter() - started, cut=why)
    elif refused:
        yield _refusal(quoting, author)
    else:
        why = why or ("language" if draft.foreign else "nonsense")
        note = render("fallback", language, reason=why, begun=False)
        yield replace(quoting, note=note, model=author.writer.name)


def _refusal(quoting: Answer, author: Author) -> Answer:
    """Return the answer of a model that finds no answer in what it was shown."""
    return replace(
        quoting,
        text=render("refusal", quoting.language),
        citations=(),
        statements=(),
        abstained=True,
        mode="llm",
        model=author.writer.name,
    )


def answer_by(
    author: Author | None,
    raw: str,
    retriever: IndexRetriever,
    *,
    threshold: float | None = None,
) -> Answer:
    """Answer a question, whole, by a model or, without one, by quoting.

    Raises:
        QuestionError: It is empty, has no letter or digit, or is too long.
    """
    *_, last = answers(author, raw, retriever, threshold=threshold)
    return last


def answers(
    author: Author | None,
    raw: str,
    retriever: IndexRetriever,
    *,
    threshold: float | None = None,
    patience: Patience | None = None,
) -> Iterator[Answer]:
    """Yield an answer as it grows, the last one whole: by a model or, without one, by quoting.

    Raises:
        QuestionError: It is empty, has no letter or digit, or is too long.
    """
    if author is None:
        yield answer(raw, retriever, threshold=threshold)
    else:
        yield from compose(raw, retriever, author, threshold=threshold, patience=patience)


class _Draft:
    """An answer that is being written."""

    def __init__(self, found: Found, retriever: IndexRetriever, author: Author) -> None:
        self._language: Language = found.question.language
        self._author = author
        self._hits = found.hits[:PASSAGES]
        self._verifier = Verifier(self._hits, retriever)
        self._rows = dict(zip(_keys(self._hits, retriever), self._hits, strict=True))
        self.told = _told(found, self._rows, retriever)
        self.foreign = False
        self.statements: list[Statement] = []
        self._citations: dict[tuple[str, int, int], Citation] = {}

    @property
    def supported(self) -> bool:
        """Whether anything stands."""
        return any(each.supported for each in self.statements)

    def take(self, said: Said) -> bool:
        """Check a sentence, and take it over as the policy says; say whether it was.

        One in another language than the question's is left out, and so is what claims nothing: a
        question, and what stands around passages.
        """
        said = self._without_bare_keys(said)
        if not any(character.isalnum() for character in said.text) or said.text.endswith("?"):
            return False
        if "<<<" in said.text or ">>>" in said.text:
            return False
        if len(said.text.split()) >= TELLING_WORDS and detect(said.text) != self._language:
            self.foreign = True
            return False
        cited = {self._rows[key].row for key in said.keys if key in self._rows}
        verdict = self._verifier.check(said.text, cited)
        if not verdict.supported and self._author.unsupported == "drop":
            return False
        marks = tuple(self._mark(sentence) for sentence in verdict.sentences)
        self.statements.append(
            Statement(said.text, marks, verdict.supported, verdict.missing, verdict.cited_anew)
        )
        return True

    def _without_bare_keys(self, said: Said) -> Said:
        """Take keys that a model wrote without their brackets for what they are."""
        bare = [key for key in self._rows if key in said.text]
        text = said.text
        for key in bare:
            text = text.replace(f"({key})", "").replace(key, "")
        return Said(tidy(text), (*said.keys, *bare)) if bare else said

    def _mark(self, sentence: Evidence) -> int:
        place = (sentence.document.id, *sentence.span)
        if place not in self._citations:
            number = len(self._citations) + 1
            self._citations[place] = cite(number, sentence.document, sentence.span)
        return self._citations[place].mark

    def answer(self, quoting: Answer, seconds: float, cut: Reason | None = None) -> Answer:
        """Return the answer as it is now; `cut` says why there is no more of it."""
        citations = tuple(self._citations.values())
        written = "\n\n".join(_written(each, self._language) for each in self.statements)
        return replace(
            quoting,
            text=written,
            statements=tuple(self.statements),
            citations=citations,
            mode="llm",
            note=render("fallback", self._language, reason=cut, begun=True) if cut else "",
            model=self._author.writer.name,
            timings_ms=quoting.timings_ms | {"model": 1000 * seconds},
        )


def _written(statement: Statement, language: Language) -> str:
    if not statement.supported:
        return f"{statement.text} ({render('unsupported', language)})"
    return f"{statement.text} {''.join(f'[{mark}]' for mark in statement.marks)}"


def _told(found: Found, rows: dict[str, Hit], retriever: IndexRetriever) -> Told:
    """Return what the model is told: the rules, then passages and question as data."""
    language = found.question.language
    passages = [
        {
            "key": key,
            "title": retriever.documents[hit.chunk.document_id].name,
            "text": _text(hit, retriever),
        }
        for key, hit in rows.items()
    ]
    rules = render("write", language, keys=list(rows), refusal=render("refusal", language))
    asked = render("passages", language, passages=passages, question=found.question.text)
    return rules, asked


def _text(hit: Hit, retriever: IndexRetriever) -> str:
    return retriever.documents[hit.chunk.document_id].text[hit.chunk.start : hit.chunk.end]


def _keys(hits: Sequence[Hit], retriever: IndexRetriever) -> list[str]:
    """Return a key for each passage: chance, so that no document can know or forge one."""
    texts = "".join(retriever.documents[hit.chunk.document_id].text for hit in hits)
    keys: list[str] = []
    while len(keys) < len(hits):
        key = "".join(secrets.choice(_LETTERS) for _ in range(4))
        if key not in keys and key not in texts:
            keys.append(key)
    return keys


def _is_refusal(said: Said, language: Language) -> bool:
    return said.text.strip(" .").casefold() == render("refusal", language).strip(" .").casefold()
