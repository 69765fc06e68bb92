"""Suggested questions: what somebody who sees a collection for the first time can ask of it.

In goes the index, out come a few questions in the asker's language, each of which Dalel answers: a
sentence of a document turned into the question that it answers (chat/cloze_question.py), the label
of a value, a heading, or what a document is about. All but the last are asked before they are
suggested, and are kept only where the answer comes from the place that they were made from
(round-trip consistency: Alberti et al. 2019, arXiv:1906.05416). Of documents in another language
than the asker's, what they are about can be asked in hers.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Final

from chat.cloze_question import cloze_question
from chat.collection import headings, recognise
from chat.pipeline import answer
from chat.question import asks
from index.retriever import Retriever
from ingest.document import Document, Language, Span
from ingest.sentence import is_field
from prompts.render import render

MAX_SUGGESTED: Final = 4
"""Questions that are suggested at most."""

MAX_TRIED: Final = 8
"""Questions that are asked to find them: each costs about as much as one of a person."""

_MAX_DOCUMENTS: Final = 24
"""Documents that questions are made from at most, evenly out of all."""

_MAX_PASSAGES: Final = 40
"""Passages of one document that are looked through, from its beginning."""

_MAX_NAME_CHARACTERS: Final = 60
"""A longer heading or title makes no question that is read at a glance."""

_MAX_LABEL_WORDS: Final = 3
"""Words of a label at most: what is longer is a clause mostly ("Nothing else is needed: …")."""

_MIN_LABELS: Final = 3
"""Lines of a label and a value that stand together at least, or they may be sentences."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A question, and where in which document its answer must come from."""

    text: str
    document: Document
    place: Span
    figure: str = ""


def suggest_questions(retriever: Retriever, language: Language) -> list[str]:
    """Return questions that the documents answer, at most `MAX_SUGGESTED`, most telling first.

    Args:
        retriever: What is asked: all documents, or those that somebody chose.
        language: The asker's language.
    """
    documents = _evenly(retriever.visible_documents)
    told = list(islice(_about(documents, retriever, language), MAX_SUGGESTED))
    wanted = MAX_SUGGESTED - min(len(told), 1)
    tried = islice(_candidates(documents, retriever, language), MAX_TRIED)
    answered = (one.text for one in tried if _is_answered(one, retriever))
    found = list(islice(dict.fromkeys(answered), wanted))
    return (found + told)[:MAX_SUGGESTED]


def _evenly(documents: Sequence[Document]) -> list[Document]:
    step = max(1, len(documents) // _MAX_DOCUMENTS)
    return list(documents[::step][:_MAX_DOCUMENTS])


def _about(
    documents: Sequence[Document], retriever: Retriever, language: Language
) -> Iterator[str]:
    """Ask what documents are about, those in another language than the asker's first."""
    for document in sorted(documents, key=lambda one: one.language == language):
        name = " ".join((document.title or document.id.rpartition("/")[2]).split())
        text = render("about", language, name=name)
        if len(name) <= _MAX_NAME_CHARACTERS:
            asked = recognise(text, retriever)
            if asked and asked.intent == "about" and asked.documents == [document]:
                yield text


def _candidates(
    documents: Sequence[Document], retriever: Retriever, language: Language
) -> Iterator[_Candidate]:
    """Return what may be asked, by turns: the first of each document, then the second of each."""
    own = [one for one in documents if one.language == language]
    made = [chain(_of_sentences(one, retriever), _of_headings(one, retriever)) for one in own]
    yield from filter(None, chain.from_iterable(zip_longest(*made)))


def _of_sentences(document: Document, retriever: Retriever) -> Iterator[_Candidate]:
    small = {word for word in re.findall(r"\w+", document.text) if word.islower()}
    labels: list[_Candidate] = []
    for hit in retriever.passages_of(document.id)[:_MAX_PASSAGES]:
        of_passage = []
        for start, end in hit.chunk.sentences:
            sentence = document.text[start:end]
            if question := cloze_question(sentence, document.language, small):
                yield _Candidate(question.text, document, (start, end), question.answer)
            elif is_field(sentence) and "\n" not in sentence:
                label = sentence.partition(":")[0].strip(" \t*_")
                of_passage.append(_Candidate(f"{label}?", document, (start, end)))
        labels += of_passage if len(of_passage) >= _MIN_LABELS else []
    # «Жұмыс уақыты?» says more of what is asked than «Күні?».
    short = [one for one in labels if len(one.text.split()) <= _MAX_LABEL_WORDS]
    yield from sorted(short, key=lambda one: -len(one.text.split()))


def _of_headings(document: Document, retriever: Retriever) -> Iterator[_Candidate]:
    """Ask what is said under each heading but the first, which is the document's title mostly."""
    found = list(dict.fromkeys(headings(document, retriever.passages_of(document.id))))
    ends = [*(start for start, _ in found[1:]), len(document.text)]
    for (start, end), last in list(zip(found, ends, strict=False))[1:]:
        heading = " ".join(document.text[start:end].split())
        if len(heading) <= _MAX_NAME_CHARACTERS:
            yield _Candidate(_about_heading(heading, document.language), document, (end, last))


def _about_heading(heading: str, language: Language) -> str:
    """Return a heading as a question; in English the order of the words may not be one's."""
    if heading.endswith("?"):
        return heading
    is_question = language != "en" and asks(heading, language)
    return f"{heading}?" if is_question else render("section", language, heading=heading)


def _is_answered(candidate: _Candidate, retriever: Retriever) -> bool:
    """Say whether the answer to a question comes from where the question was made."""
    answered = answer(candidate.text, retriever)
    if answered.abstained or not answered.citations or answered.mode == "collection":
        return False
    first, (start, end) = answered.citations[0], candidate.place
    is_there = first.document_id == candidate.document.id and start <= first.start < end
    return is_there and candidate.figure in answered.short_answer
