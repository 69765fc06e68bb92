"""A model's name in, the engine that runs it out.

In: `embedded`, or the name or folder of a sentence-transformers model. Out: an `Embedder`, or a
`Reranker`. Knows nothing of what an engine does; imports the one that is asked for only.
"""

from pathlib import Path

from index.embed import EMBEDDED, Embedder
from index.rerank import Reranker
from ingest.errors import ModelError


def load_embedder(model: str, models_folder: Path) -> Embedder:
    """Load an embedding model.

    Args:
        model: `embedded`, or the name or folder of a sentence-transformers model.
        models_folder: Where the embedded weights may be unpacked for bulk work.

    Raises:
        ModelError: There is no such model, or it is not the one expected.
    """
    if not model.strip():
        raise ModelError("the model's name is empty", hint=f"use {EMBEDDED!r} or a model's name")
    if model == EMBEDDED:
        from index.embedded import EmbeddedModel

        return EmbeddedModel(models_folder)
    from index.transformer import TransformerModel

    return TransformerModel(model)


def load_reranker(model: str | None) -> Reranker | None:
    """Load a reranker, the name or folder of a CrossEncoder; None if none is named.

    Raises:
        ModelError: There is no such model, or it does not rank.
    """
    if model is None:
        return None
    from index.rerank import CrossEncoderReranker

    return CrossEncoderReranker(model)
