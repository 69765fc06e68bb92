"""Which sentences of the passages answer the question, and which of them are quoted.

`rank_sentences` scores every sentence of the hits, put together as a passage's score is
(index/retriever.py): its cosine with the question, less what it lacks of the question's words and
of the kind of thing asked for, plus some of its passage's own score.

`select_sentences` takes the best one and those to be quoted beside it: after the best, a sentence
counts for more if it holds what the question asks and no chosen one does, so that lists and
questions of several parts get all their parts; and if it goes on where a chosen one stops, so that
«Ол …» is read with the sentence it speaks of. Carbonell and Goldstein 1998,
doi:10.1145/290941.291025, choose so by what is new; here the new is what is asked.

All weights are in index/ranking_weights.py.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Query, Retriever
from ingest.document import Document, Language, Span


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence that may answer.

    Attributes:
        document: Where it stands.
        span: Where in that document.
        score: What it is ranked by.
        language: The language of its passage.
        matched: The terms of the question that it holds, each with its share of their weight.
        row: The row of its chunk in the index.
        position: Its place among the chunk's sentences, from 0.
    """

    document: Document
    span: Span
    score: float
    language: Language
    matched: Mapping[str, float]
    row: int
    position: int

    @property
    def text(self) -> str:
        """What it says, to the letter."""
        return self.document.text[slice(*self.span)]


# --- ranking ------------------------------------------------------------------------------------


def rank_sentences(query: Query, hits: Sequence[Hit], retriever: Retriever) -> list[Evidence]:
    """Rank every sentence of the hits, best first.

    Args:
        query: What is asked.
        hits: Where to look; at least one.
        retriever: What found them.
    """
    sentences = [sentence for hit in hits for sentence in passage_sentences(hit, retriever)]
    cosines = retriever.sentence_cosines(query, hits)
    matched = matched_terms(query, sentences, retriever)
    missing = _short_of_best([sum(terms.values()) for terms in matched], sentences)
    kinds = expected_kinds(query.searched)
    ranked = [
        replace(
            sentence,
            matched=matched[place],
            score=float(cosines[place])
            - WEIGHTS.sentence_lexical * missing[place]
            + WEIGHTS.sentence_passage * sentence.score
            - WEIGHTS.sentence_kind * missing_kinds(kinds, sentence.text),
        )
        for place, sentence in enumerate(sentences)
    ]
    ranked.sort(key=lambda sentence: -sentence.score)
    return retriever.rerank(
        query,
        ranked,
        lambda sentence: sentence.text,
        lambda sentence, place: replace(sentence, score=ranked[place].score),
    )


def passage_sentences(hit: Hit, retriever: Retriever) -> Iterator[Evidence]:
    """Yield the sentences of a passage, each with the passage's score and nothing matched yet."""
    for position, span in enumerate(hit.chunk.sentences):
        yield Evidence(
            document=retriever.documents[hit.chunk.document_id],
            span=span,
            score=hit.score,
            language=hit.chunk.language,
            matched={},
            row=hit.row,
            position=position,
        )


def matched_terms(
    query: Query, sentences: Sequence[Evidence], retriever: Retriever
) -> list[dict[str, float]]:
    """Return what of a question, or of a claim, each sentence holds: terms, with their weights.

    A sentence is short: that it says the same in other words counts here in every language, so
    concepts are compared, not words.
    """
    same_language = retriever.term_weights(query.terms.concepts)
    other_language = retriever.term_weights(query.terms.bridge)
    matched = []
    for sentence in sentences:
        held = retriever.sentence_terms(sentence.text, sentence.language)
        weights = same_language if sentence.language == query.language else other_language
        matched.append({term: weight for term, weight in weights.items() if term in held})
    return matched


def _short_of_best(shares: Sequence[float], sentences: Sequence[Evidence]) -> list[float]:
    """Return how much less each share is than the best: half of its language, half of all."""
    best: dict[Language, float] = {}
    for share, sentence in zip(shares, sentences, strict=True):
        best[sentence.language] = max(share, best.get(sentence.language, 0.0))
    overall = max(best.values())
    return [
        (best[sentence.language] + overall) / 2 - share
        for share, sentence in zip(shares, sentences, strict=True)
    ]


# --- the kind of thing that is asked for ----------------------------------------------------------

AnswerKind = Literal["when", "count"]

# Question words in Kazakh, English and Russian. Kazakh ones take endings, so beginnings suffice.
_QUESTION_WORDS: Final[dict[AnswerKind, re.Pattern[str]]] = {
    "when": re.compile(
        r"""\b(?: қашан | қай\s+(?:жыл|күн|ай\b|айда|уақыт|кез|мезгіл|ғасыр)
        | нешінші\s+(?:жыл|ғасыр)
        | when\b | (?:what|which)\s+(?:year|date|month|day|decade|century|period)s?\b
        | когда\b | как(?:ом|ой|ого|ие)\s+(?:год|месяц|век|числ) )""",
        re.IGNORECASE | re.VERBOSE,
    ),
    "count": re.compile(
        r"""\b(?: қанша | неше(?!нші)
        | how\s+(?:many|much|old|long|large)\b
        | (?:what|which)\s+(?:number|percentage|percent|share|proportion|amount)\b
        | сколько\b | какая\s+дол )""",
        re.IGNORECASE | re.VERBOSE,
    ),
}
_ANSWER_WORDS: Final[dict[AnswerKind, re.Pattern[str]]] = {
    "when": re.compile(
        r"""\b(?: [12]\d{3}\b | \w+\s+ғасыр | century
        | қаңтар | ақпан | наурыз | сәуір | мамыр | шілде | тамыз | қыркүйек | қараша | желтоқсан
        | january | february | april | june | july | august | september | october | november
        | december | январ | феврал | апрел | июн | июл | август | сентябр | октябр | ноябр
        | декабр )""",
        re.IGNORECASE | re.VERBOSE,
    ),
    "count": re.compile(
        r"""\d | \b(?: екі | үш | төрт | бес | алты | жеті | сегіз | тоғыз | жүз | мың | млн | млрд
        | миллион | миллиард | жарты | two | three | four | five | six | seven | eight | nine | ten
        | hundred | thousand | million | billion | half | два | две | три | четыре | пять | шесть
        | семь | восемь | девять | десять | сто | тысяч | половин )""",
        re.IGNORECASE | re.VERBOSE,
    ),
}


def expected_kinds(question: str) -> frozenset[AnswerKind]:
    """Return what a question asks for, as far as its question words tell.

    >>> sorted(expected_kinds("Шарт қай жылы жасалды, неше ел қол қойды?"))
    ['count', 'when']
    """
    return frozenset(kind for kind, pattern in _QUESTION_WORDS.items() if pattern.search(question))


def missing_kinds(kinds: frozenset[AnswerKind], sentence: str) -> int:
    """Count the kinds of things that a sentence does not hold.

    >>> missing_kinds(frozenset({"when"}), "1994 жылғы сәуір айында шартқа қол қойылды.")
    0
    >>> missing_kinds(frozenset({"count"}), "Бұл құжаттың маңызы өте зор.")
    1
    """
    return sum(not _ANSWER_WORDS[kind].search(sentence) for kind in kinds)


# --- choosing what to quote -----------------------------------------------------------------------

# Words that speak of what was said before, at the beginning of a sentence.
_POINTS_BACK = re.compile(
    r"""[\W_]*(?: бұл | осы | ол\b | оның | оған | олар | сол\b | аталған | мұндай
    | it\b | its\b | this\b | these\b | they\b | their\b | such\b | he\b | she\b | his\b | her\b
    | это | этот | эта\b | эти | он\b | она\b | они\b | его\b | её\b | их\b )""",
    re.IGNORECASE | re.VERBOSE,
)


def select_sentences(ranked: Sequence[Evidence]) -> list[Evidence]:
    """Return the best sentence and those to be quoted beside it, best first.

    Args:
        ranked: What `rank_sentences` returns, at least one.
    """
    chosen = [ranked[0]]
    candidates = list(ranked[1 : WEIGHTS.quote_candidates])
    while candidates and len(chosen) < WEIGHTS.max_quotes:
        worth = [_worth(candidate, chosen) for candidate in candidates]
        best = max(range(len(candidates)), key=worth.__getitem__)
        if worth[best] < ranked[0].score - WEIGHTS.quote_margin:
            break
        chosen.append(candidates.pop(best))
    return chosen


def add_other_document(
    chosen: list[Evidence], ranked: Sequence[Evidence], answers_alone: Callable[[str], bool]
) -> list[Evidence]:
    """Quote another document too where all chosen sentences are from one.

    Its best sentence has the last place if it comes close enough to the best of all and its
    document would be answer enough by itself.

    Args:
        chosen: What `select_sentences` returns.
        ranked: What `rank_sentences` returns.
        answers_alone: Whether a document, by its id, would be answer enough by itself.
    """
    best = chosen[0]
    others = [sentence for sentence in ranked if sentence.document.id != best.document.id]
    if not others or any(sentence.document.id != best.document.id for sentence in chosen):
        return chosen
    other, least = others[0], best.score - WEIGHTS.other_document_margin
    if other.score >= least and answers_alone(other.document.id):
        return [*chosen[: WEIGHTS.max_quotes - 1], other]
    return chosen


def _worth(sentence: Evidence, chosen: Sequence[Evidence]) -> float:
    """Return what a sentence is worth beside those that are chosen."""
    covered = {term for other in chosen for term in other.matched}
    new = sum(share for term, share in sentence.matched.items() if term not in covered)
    near = any(_goes_on(sentence, other) or _goes_on(other, sentence) for other in chosen)
    return sentence.score + WEIGHTS.quote_new * new + WEIGHTS.quote_neighbour * near


def _goes_on(second: Evidence, first: Evidence) -> bool:
    """Say whether a sentence goes on where another, right before it, stops."""
    follows = second.row == first.row and second.position == first.position + 1
    return follows and (bool(_POINTS_BACK.match(second.text)) or first.text.endswith(":"))
