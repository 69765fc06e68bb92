"""Is a set sound? Every span, quote, alias, id and question held against the documents.

In: examples and documents. Out: problems: fatal ones make an example unusable, the others are for
whoever wrote the set. Knows nothing of how a set was read.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from eval.example import Example, Gold, Problem
from eval.metrics.wording import holds
from ingest.document import Document

_LATIN = re.compile("[A-Za-z\u00c0-\u02af]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_MISSPELT = {"typo", "latin", "missing-letters"}
"""Tags of questions that are misspelt on purpose."""


def mixed_words(text: str) -> list[str]:
    """Return the words that mix Latin and Cyrillic letters; parts of «BM25-ке» are judged apart.

    >>> mixed_words("Kазақстан мен Kazakhstan")
    ['Kазақстан']
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text))
    return [word for word in words if _LATIN.search(word) and _CYRILLIC.search(word)]


def check(examples: Sequence[Example], documents: Mapping[str, Document]) -> list[Problem]:
    """Return all that is wrong with a set, example by example."""
    seen: dict[str, str] = {}
    names = {example.id for example in examples}
    problems: list[Problem] = []
    for example in examples:
        messages = [*_golds(example, documents), *_words(example, documents)]
        problems += [Problem(example.id, message, fatal) for message, fatal in messages]
        asked = " ".join(example.question.casefold().split())
        if asked in seen:
            problems.append(Problem(example.id, f"asks what {seen[asked]} asks", fatal=False))
        seen.setdefault(asked, example.id)
        for tag in example.tags:
            name = tag.removeprefix("variant-of:")
            if name != tag and name not in names:
                problems.append(Problem(example.id, f"tag {tag!r}: no such example", fatal=False))
    return problems


def usable(examples: Sequence[Example], problems: Sequence[Problem]) -> tuple[Example, ...]:
    """Return the examples that no fatal problem names."""
    bad = {problem.place for problem in problems if problem.fatal}
    return tuple(example for example in examples if example.id not in bad)


def _golds(example: Example, documents: Mapping[str, Document]) -> Iterator[tuple[str, bool]]:
    for number, gold in enumerate(example.gold):
        for message, fatal in _gold(gold, documents.get(gold.document_id)):
            yield f"gold[{number}]: {message}", fatal
    if example.need == "all" and len(example.gold) < 2:
        yield "need is 'all' with fewer than two gold sentences", False


def _gold(gold: Gold, document: Document | None) -> Iterator[tuple[str, bool]]:
    if document is None:
        yield f"document {gold.document_id!r:.80} is not indexed", True
        return
    if gold.end > len(document.text):
        yield f"ends at {gold.end}, the document at {len(document.text)}", True
        return
    there = document.text[gold.start : gold.end]
    if gold.quote and gold.quote != there:
        yield f"the document has {there!r:.60} there, expected {gold.quote!r:.60}", True
    elif not there.strip():
        yield "only white space stands there", True
    elif there != there.strip():
        yield f"white space at an end of {there!r:.60}", False


def _words(example: Example, documents: Mapping[str, Document]) -> Iterator[tuple[str, bool]]:
    texts = (example.question, *example.answers)
    if any(text != unicodedata.normalize("NFC", text) for text in texts):
        yield "question or answer is not in composed form (NFC)", False
    if not _MISSPELT & set(example.tags):
        for word in (word for text in texts for word in mixed_words(text)):
            yield f"{word!r:.40} mixes Latin and Cyrillic letters", False
    quotes = [
        documents[gold.document_id].text[gold.start : gold.end]
        for gold in example.gold
        if gold.document_id in documents
    ]
    wanted = bool(quotes and example.answers) and "yes-no" not in example.tags
    if wanted and not any(holds(quote, example.answers) for quote in quotes):
        yield f"no gold sentence holds {example.answers[0]!r:.60} or another short answer", False
