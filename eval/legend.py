"""What each figure is called, means and is better for: one table for terminals, reports, READMEs.

Formulas and sources are in the docstrings of eval/metrics/.
"""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a run.

    Attributes:
        label: What it is called.
        group: Where it stands in a report.
        meaning: What it says, in a sentence.
        better: Which way is better; "" if neither is.
        unit: "" for shares and other numbers from 0 to 1; "ms".
    """

    label: str
    group: Literal["Answers", "Evidence", "Citations", "Abstention", "Retrieval", "Wording", "Time"]
    meaning: str
    better: Literal["higher", "lower", ""] = "higher"
    unit: Literal["", "ms"] = ""


MEASURES: Final[dict[str, Measure]] = {
    "right": Measure(
        "right",
        "Answers",
        "Answerable: cites a gold sentence (all of them where all are needed), else a relevant"
        " document, else the short answer.",
    ),
    "answer_in_citation@1": Measure(
        "answer in first citation",
        "Answers",
        "A short answer stands in the first citation; Kazakh endings are allowed for.",
    ),
    "answer_in_citation@all": Measure(
        "answer in citations",
        "Answers",
        "A short answer stands in one of the citations. What an extractive answer is worth.",
    ),
    "answer_language": Measure(
        "answer in asker's language",
        "Answers",
        "The answer's own words, around the quotes, are in the language asked in.",
    ),
    "right_sentence@1": Measure(
        "right sentence first", "Evidence", "The first citation is a gold sentence."
    ),
    "right_sentence@all": Measure(
        "right sentence cited", "Evidence", "A gold sentence is cited; where all are needed, all."
    ),
    "sentence_in_passage@1": Measure(
        "right sentence, passage given",
        "Evidence",
        "A gold sentence is ranked first within its own passage: choosing sentences by itself.",
    ),
    "evidence_precision": Measure(
        "evidence precision", "Evidence", "Share of the characters cited that are gold."
    ),
    "evidence_recall": Measure(
        "evidence recall", "Evidence", "Share of the gold characters that are cited."
    ),
    "evidence_f1": Measure("evidence F1", "Evidence", "Of the two."),
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
    "named_rightly": Measure(
        "passage named rightly",
        "Citations",
        "A model's sentences that stand on a passage it named itself; the others were cited anew or"
        " marked.",
    ),
    "unsupported_facts": Measure(
        "unsupported facts",
        "Citations",
        "Numbers, dates and names of the answer that what they cite does not hold.",
        "lower",
    ),
    "necessity": Measure(
        "necessity", "Citations", "Without the cited passages, nothing of the answer comes again."
    ),
    "sufficiency": Measure(
        "sufficiency", "Citations", "From the cited passages alone, the same answer comes."
    ),
    "hallucination": Measure(
        "hallucination rate", "Abstention", "Unanswerable questions that are answered.", "lower"
    ),
    "error": Measure("error rate", "Abstention", "Answerable questions that are refused.", "lower"),
    "auroc": Measure(
        "AUROC of confidence",
        "Abstention",
        "How often an answerable question has more confidence than an unanswerable one.",
    ),
    "coverage@5%risk": Measure(
        "coverage at 5 % risk",
        "Abstention",
        "Share of questions that could be answered if at most 1 in 20 answers may be wrong.",
    ),
    "aurc": Measure(
        "area under risk-coverage",
        "Abstention",
        "Mean share of wrong answers over all thresholds.",
        "lower",
    ),
    "crag": Measure(
        "right less wrong",
        "Abstention",
        "(right - wrong) / all; a rightful refusal is right, a wrongful one is neither.",
    ),
    "recall@1": Measure("Recall@1", "Retrieval", "Share of what is relevant that is found first."),
    "recall@5": Measure("Recall@5", "Retrieval", "… among the first five."),
    "recall@10": Measure("Recall@10", "Retrieval", "… among the first ten."),
    **{
        f"recall_{language}@10": Measure(
            f"Recall@10, {name}",
            "Retrieval",
            f"… of what is {name}, where documents of several languages are relevant.",
        )
        for language, name in (("kk", "Kazakh"), ("en", "English"), ("ru", "Russian"))
    },
    "mrr@10": Measure("MRR@10", "Retrieval", "1 / rank of the first relevant one, 0 below ten."),
    "ndcg@10": Measure("nDCG@10", "Retrieval", "Gains of the first ten, discounted by rank."),
    "exact_match": Measure(
        "exact match",
        "Wording",
        "What is quoted has the words of a short answer and no others. Near 0 for whole sentences.",
    ),
    "token_f1": Measure(
        "token F1", "Wording", "Words shared with the best short answer; Kazakh endings allowed."
    ),
    "chrf": Measure("chrF", "Wording", "Runs of 1-6 characters shared with the best short answer."),
    "response_token_f1": Measure(
        "token F1, given response", "Wording", "The same for the responses that came with the set."
    ),
    "response_chrf": Measure(
        "chrF, given response", "Wording", "The same for the responses that came with the set."
    ),
    "milliseconds_p50": Measure("time, median", "Time", "Of an answer, warm.", "lower", "ms"),
    "milliseconds_p95": Measure(
        "time, 95th percentile", "Time", "1 in 20 takes longer.", "lower", "ms"
    ),
}

HEADLINE: Final = (
    "right",
    "right_sentence@1",
    "answer_in_citation@all",
    "error",
    "hallucination",
    "recall@10",
    "mrr@10",
    "ndcg@10",
)
"""What a table by direction shows, where it was measured."""


def written(value: float | None, unit: str = "") -> str:
    """Write a value for people.

    >>> written(0.5), written(12.34, "ms"), written(None)
    ('0.500', '12 ms', '–')
    """
    if value is None:
        return "–"
    return f"{value:.0f} {unit}" if unit else f"{value:.3f}"
