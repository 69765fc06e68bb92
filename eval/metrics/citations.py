"""Citations, judged: true to the letter of their document, and to the sentence they stand for.

An answer's words are compared as strings, without regard to meaning: that judges answers that
quote. Those that rephrase need a judge from elsewhere: `faithfulness.attribution_judge`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from eval.metrics.case import Case, CitedSentence, Figures, Judge, Measure, split_answer
from eval.metrics.wording import normalised

MEASURES: Final = {
    "citation_validity": Measure(
        "citations true to the letter",
        "Citations",
        "The quote is what its document says at its place, character for character.",
    ),
    "citation_recall": Measure(
        "citation recall",
        "Citations",
        "Sentences of the answer that what they cite contains; of a model's, supports.",
    ),
    "citation_precision": Measure(
        "citation precision", "Citations", "Citations that their sentence cannot do without."
    ),
}


def figures(case: Case) -> Figures:
    """Return the figures of one answer; none of one that cites nothing and says nothing."""
    _, sentences = split_answer(case.answer)
    citations = case.answer.citations
    cited = {citation.document_id for citation in citations}
    values = {
        "citation_validity": validity(
            [(citation.document_id, citation.start, citation.end) for citation in citations],
            [citation.quote for citation in citations],
            {name: case.documents[name].text for name in cited if name in case.documents},
        ),
        "citation_recall": citation_recall(sentences, case.judge),
        "citation_precision": citation_precision(sentences, case.judge),
    }
    return {name: value for name, value in values.items() if value is not None}


# --- against the document ---------------------------------------------------------------------


def validity(
    cited: Sequence[tuple[str, int, int]], quotes: Sequence[str], texts: Mapping[str, str]
) -> float | None:
    """Return the share of citations whose quote is what the document says there, 0 to 1.

    A citation is valid if text[start:end] == quote, character for character, 0 <= start < end <=
    len(text). None if nothing is cited.

    Args:
        cited: Where each citation says that it stands: document id, start, end.
        quotes: What each citation says, in the same order.
        texts: Text of each document by its id; a citation of any other is invalid.
    """
    valid = [
        0 <= start < end <= len(text) and text[start:end] == quote
        for (document_id, start, end), quote in zip(cited, quotes, strict=True)
        for text in [texts.get(document_id, "")]
    ]
    return sum(valid) / len(valid) if valid else None


# --- against the answer: ALCE -----------------------------------------------------------------


def supports(quotes: Sequence[str], text: str) -> bool:
    """Say whether quotes, one after the other, contain a sentence: N(text) in N(all quotes).

    It stands for "entails" in ALCE, with N of wording.normalised. A sentence of white space is
    supported by nothing.
    """
    wanted = normalised(text)
    return wanted != "" and wanted in normalised(" ".join(quotes))


def citation_recall(sentences: Sequence[CitedSentence], judge: Judge = supports) -> float | None:
    """Return the share of an answer's sentences that their citations support, 0 to 1.

    Recall of a sentence is 1 if it cites something, no mark is out of range, and all that it cites
    supports it. Gao et al. 2023, arXiv:2305.14627, section 4. None if nothing was said.
    """
    if not sentences:
        return None
    return sum(_is_supported(sentence, judge) for sentence in sentences) / len(sentences)


def citation_precision(sentences: Sequence[CitedSentence], judge: Judge = supports) -> float | None:
    """Return the share of an answer's citations that are right, 0 to 1.

    A citation is right if its sentence has recall 1 and it is not irrelevant: it is irrelevant if
    (A) it alone does not support the sentence and (B) the others without it do. Over all citations
    of the answer. Gao et al. 2023, arXiv:2305.14627, section 4; their code leaves the citations of
    a sentence with a mark out of range out of the count, here these are wrong. As there, an answer
    that cites nothing has 0; None if nothing was said.
    """
    if not sentences:
        return None
    cited = sum(len(sentence.quotes) for sentence in sentences)
    if not cited:
        return 0.0
    return sum(_count_right_citations(sentence, judge) for sentence in sentences) / cited


def _is_supported(sentence: CitedSentence, judge: Judge) -> bool:
    return not sentence.out_of_range and judge(sentence.quotes, sentence.text)


def _count_right_citations(sentence: CitedSentence, judge: Judge) -> int:
    """Count the right citations of a sentence."""
    if not _is_supported(sentence, judge):
        return 0
    text, quotes = sentence.text, sentence.quotes
    return sum(
        judge([quote], text) or not judge([*quotes[:number], *quotes[number + 1 :]], text)
        for number, quote in enumerate(quotes)
    )
