"""The network of the retriever: multilingual-e5-small, whose trunk is taught what answers what.

A text's vector is the mean of its tokens' last states, of length 1. The loss of a question is
InfoNCE (van den Oord et al. 2018, arXiv:1807.03748) among all texts of the batch, half by the
vectors alone and half by their sum with what words add (lexical_match.py), and, where a teacher
scored its candidates, the divergence of the student's shares of them from the teacher's (listwise
distillation; Hinton et al. 2015, arXiv:1503.02531).

The word embeddings stay as they are, so that one table serves the retriever and the reader.
"""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from eval.training.lexical_match import lexical_bonus
from eval.training.retriever_examples import Ids, RetrievalExample
from eval.training.trained_trunk import TrainedTrunk, padded

TEMPERATURE: Final = 0.02
"""What cosines are divided by; E5 was trained at 0.01 (Wang et al. 2024, arXiv:2402.05672)."""

TEACHER_TEMPERATURE: Final = 2.0
"""What the reader's log-odds are divided by: it is surer of itself than it is right."""


class RetrieverNetwork(TrainedTrunk):
    """The trunk, pooled."""

    def forward(self, words: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the vectors of texts, (b, 384), of length 1.

        Args:
            words: float (b, t, 384), the word embeddings.
            mask: int64 (b, t), 1 for tokens, 0 for padding; None if there is none.
        """
        hidden = self.trunk(inputs_embeds=words, attention_mask=mask).last_hidden_state
        if mask is None:
            return functional.normalize(hidden.mean(1), dim=1)
        return functional.normalize((hidden * mask[:, :, None]).sum(1), dim=1)

    def losses(self, batch: Sequence[RetrievalExample]) -> dict[str, Tensor]:
        """Return the losses of a batch: "dense", "both", and "teacher" where there was one."""
        questions = self._vectors([example.question for example in batch])
        texts = self._vectors([text for example in batch for text in example.texts])
        return losses_of(questions @ texts.T, batch)

    def _vectors(self, texts: Sequence[Ids]) -> Tensor:
        ids, mask = padded(texts)
        vectors: Tensor = self(self.embed(ids), mask)
        return vectors


def losses_of(cosines: Tensor, batch: Sequence[RetrievalExample]) -> dict[str, Tensor]:
    """Return the losses of the questions of a batch.

    Args:
        cosines: float (questions, texts): the texts of the first question, then of the second, …
        batch: The questions; the first text of each is the one that answers.
    """
    scores = cosines.float() / TEMPERATURE
    columns = [
        (row, place, passage)
        for row, one in enumerate(batch)
        for place, passage in enumerate((one.passage, *one.others))
    ]
    first = [column for column, (_, place, _) in enumerate(columns) if place == 0]
    # Another question's text of the passage that answers may answer too: it is not compared.
    maybe = [
        [of != row and passage == one.passage for of, _, passage in columns]
        for row, one in enumerate(batch)
    ]
    bonus = torch.from_numpy(lexical_bonus([one.words for one in batch])) / TEMPERATURE
    losses = {
        name: functional.cross_entropy(
            ranked.masked_fill(torch.tensor(maybe), float("-inf")), torch.tensor(first)
        )
        / 2
        for name, ranked in (("dense", scores), ("both", scores + bonus))
    }
    divergences = []
    for row, one in enumerate(batch):
        if one.teacher is not None:
            start = first[row]
            student = scores[row, start : start + len(one.texts)].log_softmax(0)
            teacher = (torch.tensor(one.teacher) / TEACHER_TEMPERATURE).softmax(0)
            divergences.append(functional.kl_div(student, teacher, reduction="sum"))
    if divergences:
        losses["teacher"] = torch.stack(divergences).mean()
    return losses
