"""Every weight and size by which passages and sentences are ranked, chosen and trusted.

They are one frozen dataclass, so that everything tuned is in one place. For each value, date and
title of the entry of eval/LOG.md that chose it are given. "In cosine" means: in the unit of the
cosine that it is added to.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """The weights of ranking, choosing, confidence and attribution.

    Attributes:
        candidates_per_leg: Chunks that each leg proposes; the fused ranking is exact among them
            (2026-11-22, "fusion").
        best_sentence: Share of the best sentence's cosine in a passage's dense score, 0 to 1; the
            rest is the passage's own cosine (2026-11-22, "fusion").
        passage_lexical: Bonus of a passage for a full lexical match, in cosine (2026-11-22,
            "fusion").
        trusted_sentences: Number of sentences of a language at which the mean of their vectors is
            shrunk by half (2026-11-22, "evidence").
        passages_read: Passages whose sentences are ranked (2026-11-22, "evidence").
        sentence_lexical: Penalty of a sentence without any of the question's words, in cosine
            (2026-11-22, "evidence").
        sentence_passage: Share of its passage's score that is added to a sentence's (2026-11-22,
            "evidence").
        sentence_kind: Penalty of a sentence without a date if the question asks for one, in cosine;
            so with numbers (2026-11-22, "evidence").
        max_quotes: Most sentences quoted: an answer is to be read, not searched (2026-11-22,
            "choosing").
        quote_candidates: Sentences of the ranking among which quotes are chosen (2026-11-22,
            "choosing").
        quote_new: Bonus of a sentence that matches all of the question, if the chosen ones match
            nothing, in cosine (2026-11-22, "choosing").
        quote_neighbour: Bonus of a sentence that continues a chosen one, or that a chosen one
            continues, in cosine (2026-11-22, "choosing").
        quote_margin: How far below the best sentence another one may come out and still be quoted
            beside it, in cosine (2026-11-22, "choosing").
        other_document_margin: How far below the best sentence the best one of another document may
            score, in cosine (2026-11-22, "choosing").
        rival_passages: Passages compared for confidence, including the best (2026-11-22,
            "confidence").
        rival_sentences: Sentences compared for confidence, including the best (2026-11-22,
            "confidence").
        claim_lexical: Bonus of a sentence that contains all of a claim's words, in cosine
            (2026-11-22, "verification").
        claim_above_chance: How much better a sentence must support a claim than the best one
            supports a claim about something else (2026-11-22, "verification").
        claim_clearly_better: How much better another passage must support a claim for its citation
            to be wrong (2026-11-22, "verification").
        claim_min_shared: Share of a claim's weight that a cited sentence must contain: the vectors
            of long sentences are similar to many claims (2026-11-22, "verification").
        max_claim_citations: Most sentences cited for one claim (2026-11-22, "verification").
        passages_written_from: Passages that a language model reads: more would be mostly noise, and
            take time (2026-11-22, "verification").
    """

    candidates_per_leg: int = 200
    best_sentence: float = 0.4
    passage_lexical: float = 0.3
    trusted_sentences: int = 5
    passages_read: int = 10
    sentence_lexical: float = 0.4
    sentence_passage: float = 0.4
    sentence_kind: float = 0.06
    max_quotes: int = 3
    quote_candidates: int = 30
    quote_new: float = 0.2
    quote_neighbour: float = 0.05
    quote_margin: float = 0.2
    other_document_margin: float = 0.1
    rival_passages: int = 5
    rival_sentences: int = 20
    claim_lexical: float = 0.3
    claim_above_chance: float = 0.03
    claim_clearly_better: float = 0.05
    claim_min_shared: float = 0.05
    max_claim_citations: int = 3
    passages_written_from: int = 6


WEIGHTS: Final = RankingWeights()
"""The weights in use."""
