"""The network of the reader: multilingual-e5-small with a head for words and one for claims.

For each token: start of the answer, end of the answer, and whether its sentence is needed (averaged
over the sentence). For the whole input, at its first token: supported, refuted, unstated. An answer
that starts and ends at the first token is none. Devlin et al. 2019, arXiv:1810.04805, section 4.3,
for the span with "none" at the first token.

The word embeddings stay as they are, so that the embedded model's table serves both.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from eval.training.reader_examples import IGNORED, TrainingExample
from eval.training.reading_rows import VERDICTS
from eval.training.trained_trunk import TrainedTrunk, padded

Logits = tuple[Tensor, Tensor]


class ReaderNetwork(TrainedTrunk):
    """The trunk with its two heads."""

    def __init__(self, folder: Path, dropout: float = 0.0, frozen_layers: int = 0) -> None:
        """Load the embedded model, unpacked to a folder; the heads are new.

        Args:
            folder: Where the embedded model was unpacked.
            dropout: Share of what goes from layer to layer that is left out in training, 0 to 1.
            frozen_layers: The lowest layers, which training leaves as they are.
        """
        super().__init__(folder, dropout, frozen_layers)
        self.tokens = nn.Linear(self.trunk.config.hidden_size, 3)
        self.verdict = nn.Linear(self.trunk.config.hidden_size, len(VERDICTS))

    def forward(self, words: Tensor, mask: Tensor | None = None) -> Logits:
        """Return the logits of all tokens, (b, t, 3), and of the claim, (b, 3).

        Args:
            words: float (b, t, 384), the word embeddings.
            mask: int64 (b, t), 1 for tokens, 0 for padding; None if there is none.
        """
        hidden = self.trunk(inputs_embeds=words, attention_mask=mask).last_hidden_state
        return self.tokens(hidden), self.verdict(hidden[:, 0])

    def losses(self, batch: Sequence[TrainingExample]) -> dict[str, Tensor]:
        """Return the mean loss of each task that the examples have, by its name."""
        ids, mask = padded([example.ids for example in batch])
        return loss_of(self(self.embed(ids), mask), batch)


def loss_of(logits: Logits, examples: Sequence[TrainingExample]) -> dict[str, Tensor]:
    """Return the mean loss of each task that the examples have, by its name."""
    tokens, verdicts = logits[0].float(), logits[1].float()
    questions = [n for n, example in enumerate(examples) if example.verdict < 0]
    claims = [n for n, example in enumerate(examples) if example.verdict >= 0]
    losses = {}
    if questions:
        of = [examples[n] for n in questions]
        losses["span"] = _span_loss(tokens[questions], of)
        losses["sentence"] = _sentence_loss(tokens[questions, :, 2], of)
    if claims:
        target = torch.tensor([examples[n].verdict for n in claims])
        losses["claim"] = functional.cross_entropy(verdicts[claims], target)
    return losses


def _span_loss(tokens: Tensor, examples: Sequence[TrainingExample]) -> Tensor:
    """Return -log of the probability of any right start, and of any right end, averaged."""
    allowed = torch.zeros(tokens.shape[:2], dtype=torch.bool)
    right = torch.zeros(*tokens.shape[:2], 2, dtype=torch.bool)
    for row, example in enumerate(examples):
        allowed[row, 0] = True
        if example.sentences:
            allowed[row, example.sentences[0][0] : len(example.ids) - 1] = True
        right[row, example.starts, 0] = True
        right[row, example.ends, 1] = True
    total = torch.zeros(())
    for place in (0, 1):
        scores = tokens[:, :, place].masked_fill(~allowed, -1e4)
        found = scores.masked_fill(~right[:, :, place], -1e4)
        total = total + (scores.logsumexp(1) - found.logsumexp(1)).mean()
    return total / 2


def _sentence_loss(needed: Tensor, examples: Sequence[TrainingExample]) -> Tensor:
    scores, targets = [], []
    for row, example in enumerate(examples):
        for (start, end), target in zip(example.sentences, example.needed, strict=True):
            if target != IGNORED:
                scores.append(needed[row, start:end].mean())
                targets.append(target)
    if not scores:
        return torch.zeros(())
    return functional.binary_cross_entropy_with_logits(torch.stack(scores), torch.tensor(targets))
