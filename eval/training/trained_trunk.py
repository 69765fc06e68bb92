"""The trunk that the reader and the retriever are trained from: multilingual-e5-small, unpacked.

The word embeddings stay as they are, so that one table serves both; they are no part of what is
stored.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn


class TrainedTrunk(nn.Module):
    """The trunk, without heads."""

    def __init__(self, folder: Path, dropout: float = 0.0, frozen_layers: int = 0) -> None:
        """Load the embedded model, unpacked to a folder.

        Args:
            folder: Where it was unpacked.
            dropout: Share of what goes from layer to layer that is left out in training, 0 to 1.
            frozen_layers: The lowest layers, which training leaves as they are.
        """
        from transformers import BertModel

        super().__init__()
        self.trunk = BertModel.from_pretrained(
            folder,
            add_pooling_layer=False,
            attn_implementation="eager",  # On two cores 1.5 times as fast as torch's own fused one.
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=0.0,
        )
        self.trunk.embeddings.requires_grad_(False)
        self.trunk.encoder.layer[:frozen_layers].requires_grad_(False)

    def weights(self) -> dict[str, nn.Parameter]:
        """Return all tensors but the embeddings', by name: what a model is stored as."""
        return {
            name: value
            for name, value in self.named_parameters()
            if not name.startswith("trunk.embeddings.")
        }

    def trained(self) -> dict[str, nn.Parameter]:
        """Return those of them that training changes."""
        return {name: value for name, value in self.weights().items() if value.requires_grad}

    def embed(self, ids: Tensor) -> Tensor:
        """Look up the word embeddings of tokens."""
        embedded: Tensor = self.trunk.embeddings.word_embeddings(ids)
        return embedded


def padded(inputs: Sequence[npt.NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    """Return the ids of inputs and their mask, int64 (b, t); what is masked is never read."""
    ids = nn.utils.rnn.pad_sequence([torch.from_numpy(one) for one in inputs], batch_first=True)
    lengths = torch.tensor([len(one) for one in inputs])
    return ids, (torch.arange(ids.shape[1]) < lengths[:, None]).long()
