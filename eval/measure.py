"""One answer held against what is known: figures, and what went wrong.

In: an example, its answer, a ranking. Out: figures by name, each 0 to 1, only those that the
example allows to be told; and failures by name. Asks nothing; eval/ask.py does.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chat.answer import Answer
from eval import written
from eval.example import Example
from eval.metrics import citations, ranking, wording
from eval.metrics.citations import Judge, Place, Statement
from ingest.document import Document
from ingest.language import detect

Figures = dict[str, float]

SHORT_WORDS: Final = 10
"""A longer reference is a sentence of its own: nobody quotes it, so it is not looked for."""

# What can go wrong with an answer, in the order in which a report tells it.
FAILURES: Final = {
    "not-asked": "The question could not be asked",
    "answered-unanswerable": "Answered, though the documents do not say",
    "refused": "Refused, though the documents say",
    "not-found": "What answers is not among the first ten",
    "not-cited": "Found, but not cited",
    "part-missing": "Only a part of what is needed is cited",
    "short-answer-missing": "The short answer is not in what is cited",
    "bad-citation": "A citation is not what its document says",
    "wrong-language": "Answered in another language",
}

_MARKS: Final = re.compile(r"(?:\s*\[\d+\])+\s*\Z")


@dataclass(frozen=True, slots=True)
class Ranking:
    """What was found: ids, best first, and the gain of those that are relevant."""

    ids: tuple[str, ...]
    relevant: Mapping[str, int]


def measure(
    example: Example,
    answered: Answer,
    found: Ranking,
    documents: Mapping[str, Document],
    judge: Judge = citations.supports,
) -> Figures:
    """Return the figures of one answer; what cannot be told of it is left out.

    Args:
        example: What was asked, and what is known to answer it.
        answered: The answer.
        found: What was found for it.
        documents: All that is indexed, by id.
        judge: Says what supports a sentence of the answer.
    """
    figures = {
        **_ranking(found, example),
        **_each_language(found, example, documents),
        **_citations(answered, documents, judge),
        "answer_language": float(_language(answered) == example.language),
    }
    if not example.answerable:
        return figures | {"hallucination": float(not answered.abstained)}
    figures |= {"error": float(answered.abstained), **_evidence(example, answered)}
    if example.answers:
        figures |= _wording(example, answered)
        if example.response is not None:
            figures["response_token_f1"] = wording.token_f1(example.response, example.answers)
            figures["response_chrf"] = wording.chrf(example.response, example.answers)
    correct = is_right(example, answered)
    return figures if correct is None else figures | {"right": float(correct)}


def is_right(example: Example, answered: Answer) -> bool | None:
    """Say whether an answer is right, by the best that is known; None if nothing tells.

    Unanswerable: it abstains. Else it cites the gold sentences (or one, as needed), else a
    relevant document, else a sentence that holds a short answer.
    """
    if not example.answerable:
        return answered.abstained
    cited = _places(answered)
    if example.gold:
        return citations.right(cited, _gold(example), example.need == "all") > 0
    if example.relevant:
        return any(example.relevant.get(place[0], 0) > 0 for place in cited)
    short = _short(example)
    quotes = [citation.quote for citation in answered.citations]
    return citations.answer_in_citation(quotes, short, None) > 0 if short else None


def failures(example: Example, answered: Answer, figures: Figures) -> list[str]:
    """Name what went wrong, worst first; nothing if all is well."""
    answered_it = not answered.abstained
    wrong = example.answerable and figures.get("right") == 0
    found = figures.get("recall@10", 1) > 0
    not_cited = wrong and found and answered_it and bool(example.gold or example.relevant)
    part = example.need == "all" and figures.get("evidence_recall", 0) > 0
    happened = {
        "answered-unanswerable": not example.answerable and answered_it,
        "refused": example.answerable and not answered_it,
        "not-found": wrong and not found,
        "not-cited": not_cited and not part,
        "part-missing": not_cited and part,
        "short-answer-missing": not not_cited
        and answered_it
        and figures.get("answer_in_citation@all") == 0,
        "bad-citation": figures.get("citation_validity", 1) < 1,
        "wrong-language": figures["answer_language"] == 0,
    }
    return [name for name in FAILURES if happened.get(name)]


def statements(answered: Answer) -> tuple[str, list[Statement]]:
    """Return an answer's own words, and its sentences with what each cites.

    An answer is blocks with a blank line between: those that end in marks are sentences. A quote
    with its mark is one whatever it holds: documents have marks and blank lines of their own. All
    that a model wrote is the answer's own words.
    """
    quotes = {citation.mark: citation.quote for citation in answered.citations}
    if answered.mode == "llm":
        written_by = [
            Statement(each.text, tuple(quotes[mark] for mark in each.marks))
            for each in answered.statements
        ]
        return " ".join(each.text for each in written_by), written_by
    whole = {f"{quote} [{mark}]": quote for mark, quote in quotes.items()}
    own, said = [], []
    for block in _blocks(answered.text, whole):
        if block in whole:
            said.append(Statement(whole[block], (whole[block],)))
            continue
        marks = _MARKS.search(block)
        if not marks:
            own.append(block)
            continue
        named = [int(mark) for mark in re.findall(r"\d+", marks[0])]
        known = tuple(quotes[mark] for mark in named if mark in quotes)
        said.append(Statement(block[: marks.start()], known, len(known) < len(named)))
    return " ".join(own), said


def _blocks(text: str, whole: Iterable[str]) -> Iterator[str]:
    """Cut a text at blank lines, but for those inside what stands there whole, in order."""
    left = f"\n\n{text}\n\n"
    for block in whole:
        before, found, after = left.partition(f"\n\n{block}\n\n")
        if found:
            yield from _blocks(before, ())
            yield block
            left = f"\n\n{after}"
    yield from (block.strip() for block in re.split(r"\n\n(?=\S)", left) if block.strip())


def _language(answered: Answer) -> str:
    """Return the language that an answer's own words are in, or all of it if it has none."""
    own, _ = statements(answered)
    return detect(own or answered.text)


def _places(answered: Answer) -> list[Place]:
    return [(each.document_id, each.start, each.end) for each in answered.citations]


def _gold(example: Example) -> list[Place]:
    return [(gold.document_id, gold.start, gold.end) for gold in example.gold]


def _short(example: Example) -> list[str]:
    return [answer for answer in example.answers if len(answer.split()) <= SHORT_WORDS]


def _ranking(found: Ranking, example: Example) -> Figures:
    if example.withheld or not any(gain > 0 for gain in found.relevant.values()):
        return {}
    return {
        **{f"recall@{k}": ranking.recall(found.ids, found.relevant, k) for k in (1, 5, 10)},
        "mrr@10": ranking.reciprocal_rank(found.ids, found.relevant),
        "ndcg@10": ranking.ndcg(found.ids, found.relevant),
    }


def _each_language(found: Ranking, example: Example, documents: Mapping[str, Document]) -> Figures:
    """Return recall by language where documents of several answer: none may drown another."""
    relevant: dict[str, dict[str, int]] = {}
    for name, gain in found.relevant.items():
        if gain > 0 and name in documents and not example.withheld:
            relevant.setdefault(documents[name].language, {})[name] = gain
    if len(relevant) < 2:
        return {}
    return {
        f"recall_{language}@10": ranking.recall(found.ids, gains, 10)
        for language, gains in relevant.items()
    }


def _citations(answered: Answer, documents: Mapping[str, Document], judge: Judge) -> Figures:
    said = statements(answered)[1]
    quotes = [citation.quote for citation in answered.citations]
    texts = {name: documents[name].text for name, *_ in _places(answered) if name in documents}
    values = {
        "citation_validity": citations.validity(_places(answered), quotes, texts),
        "citation_recall": citations.citation_recall(said, judge),
        "citation_precision": citations.citation_precision(said, judge),
        "named_rightly": written.named_rightly(answered),
        "unsupported_facts": written.unsupported_facts(answered),
    }
    return {name: value for name, value in values.items() if value is not None}


def _evidence(example: Example, answered: Answer) -> Figures:
    cited, gold = _places(answered), _gold(example)
    if not gold:
        return {}
    need_all = example.need == "all"
    precision = citations.evidence_precision(cited, gold)
    recall = citations.evidence_recall(cited, gold, need_all)
    return {
        "right_sentence@1": citations.right(cited[:1], gold, need_all),
        "right_sentence@all": citations.right(cited, gold, need_all),
        "evidence_recall": recall,
        "evidence_f1": citations.f1(precision, recall),
        **({} if precision is None else {"evidence_precision": precision}),
    }


def _wording(example: Example, answered: Answer) -> Figures:
    quotes: Sequence[str] = [citation.quote for citation in answered.citations]
    said = statements(answered)[0] if answered.mode == "llm" else " ".join(quotes)
    figures = {
        "exact_match": wording.exact_match(said, example.answers),
        "token_f1": wording.token_f1(said, example.answers),
        "chrf": wording.chrf(said, example.answers),
    }
    short = _short(example)
    if short and "yes-no" not in example.tags:
        for name, first in (("answer_in_citation@1", 1), ("answer_in_citation@all", None)):
            figures[name] = citations.answer_in_citation(quotes, short, first)
    return figures
