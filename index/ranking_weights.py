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
            rest is the passage's own cosine (2026-11-22, "fusion"; weighed anew on 2026-11-29, "a
            retriever that was taught, second run").
        passage_lexical: Bonus of a passage for a full lexical match, in cosine (2026-11-29,
            "a retriever that was taught, second run").
        trusted_sentences: Number of sentences of a language at which the mean of their vectors is
            shrunk by half (2026-11-22, "evidence").
        passages_read: Passages whose windows may be read (2026-11-22, "evidence").
        windows_read: Windows of sentences that the reader reads, those nearest to the question
            (2026-11-28, "the reader").
        answers_too: How much less than the first, in log-odds, a sentence of another place may
            score to be quoted too, if the reader finds an answer in it
            (2026-11-29, "choosing what to quote").
        answers_surely: Log-odds, as read, from which it is quoted whatever its score: retrieval
            scores lower what is in another language (2026-11-29, "choosing what to quote").
        least_needed: Log-odds, as read, from which a sentence is quoted beside the one that it
            stands next to (2026-11-29, "choosing what to quote").
        sentence_passage: Share of its passage's score that is added to its nearest sentence's, to
            choose the windows that are read (2026-11-22, "evidence").
        rival_passages: Passages compared for confidence, including the best (2026-11-22,
            "confidence").
        max_quotes: Most places quoted: an answer is to be read, not searched (2026-11-22,
            "choosing").
        claim_windows: Windows of sentences that a claim is held against, those nearest to it
            (2026-11-29, "the claim head").
        claim_lead: Weight of how far a window's nearest sentence lies above the mean of all
            windows, in cosine with the claim, beside the logarithm of the probability that the
            window supports the claim (2026-11-29, "the claim head"; in the unit of the taught
            cosines, "a retriever that was taught, second run").
        claim_cited: How much better, in this sum, a passage that the model did not name must
            support the claim to be cited instead (2026-11-29, "the claim head").
        claim_supported: Their sum from which a window supports a claim
            (2026-11-29, "a retriever that was taught, second run").
        claim_contradicted: Probability from which a window contradicts a claim that none supports
            (2026-11-29, "the claim head").
        max_claim_citations: Most sentences cited for one claim (2026-11-22, "verification").
        passages_written_from: Passages that a language model reads: more would be mostly noise, and
            take time (2026-11-22, "verification").
    """

    candidates_per_leg: int = 200
    best_sentence: float = 0.4
    passage_lexical: float = 0.5
    trusted_sentences: int = 5
    passages_read: int = 10
    windows_read: int = 12
    answers_too: float = 1.0
    answers_surely: float = 6.0
    least_needed: float = 0.0
    sentence_passage: float = 0.4
    rival_passages: int = 5
    max_quotes: int = 3
    claim_windows: int = 8
    claim_lead: float = 10.0
    claim_cited: float = 1.0
    claim_supported: float = -1.7
    claim_contradicted: float = 0.9
    max_claim_citations: int = 3
    passages_written_from: int = 6


WEIGHTS: Final = RankingWeights()
"""The weights in use."""
