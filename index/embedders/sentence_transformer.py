"""Any sentence-transformers model, by name or folder, as an `Embedder`.

Only safetensors weights are loaded, and no code that a model brings. sentence-transformers and
torch take seconds to import, so they are imported in functions, here and in index/reranker.py only.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from index.embedders.embedder import (
    Progress,
    Prompts,
    Vectors,
    known_prompts,
    model_input,
    no_progress,
)
from ingest.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH: Final = 32
_REPORT_EVERY: Final = 4 * _BATCH


class SentenceTransformerModel:
    """An `Embedder` over a sentence-transformers model."""

    def __init__(self, model: str, *, name: str = "", prompts: Prompts | None = None) -> None:
        """Load a model.

        Args:
            model: A model's name, or the path of a folder that holds one.
            name: The name recorded in an index; `model` by default.
            prompts: Its prompts; by default those known for its name, else those in its files.

        Raises:
            ModelError: It cannot be found or loaded, or needs code or pickles of its own.
        """
        self.name = name or model
        self._model = _load(model)
        self._prompts = prompts or known_prompts(Path(model).name) or _own_prompts(self._model)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.max_tokens = int(self._model.max_seq_length or 512)

    @cached_property
    def weights_sha256(self) -> str:
        """Hex digest of the weights."""
        return _weights_sha256(self._model)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions: float32 (n, d), unit rows."""
        return self._encode(texts, self._prompts.query, no_progress)

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed passages: float32 (n, d), unit rows."""
        return self._encode(texts, self._prompts.passage, progress)

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a passage, prompt and specials included, before any are cut off."""
        tokens = self._model.tokenizer(
            self._prompts.passage + model_input(text), truncation=False, verbose=False
        )
        return len(tokens["input_ids"])

    def _encode(self, texts: Sequence[str], prompt: str, progress: Progress) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        # Longest first: a batch is padded to its longest text, and estimates of the time left
        # only fall.
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        for start in range(0, len(order), _REPORT_EVERY):
            rows = order[start : start + _REPORT_EVERY]
            with _fast_arithmetic():
                vectors[rows] = self._model.encode(
                    [model_input(texts[row]) for row in rows],
                    prompt=prompt,
                    batch_size=_BATCH,
                    show_progress_bar=False,
                )
            progress(start + len(rows), len(texts))
        # In bfloat16 a model's own normalisation leaves lengths up to 0.2 % off 1.
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.maximum(norms, np.finfo(np.float32).tiny)
        return vectors


def _load(model: str) -> "SentenceTransformer":
    folder = checked_folder(model, "embedding model")
    with loading("embedding model", model):
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(
            str(folder or model),
            trust_remote_code=False,
            local_files_only=folder is not None,
            model_kwargs={"use_safetensors": True},
        )


def checked_folder(model: str, kind: str) -> Path | None:
    """Return the folder of a model; None if `model` is not a folder but a name to look up.

    Args:
        model: A model's name, or the path of its folder.
        kind: What it is called in errors, such as `reranker`.

    Raises:
        ModelError: The folder has no safetensors, or the name is empty.
    """
    if not model.strip():
        raise ModelError(f"the {kind}'s name is empty", hint="use a model's name or its folder")
    folder = Path(model).expanduser()
    if not folder.is_dir():
        return None
    if not list(folder.rglob("*.safetensors")):
        raise ModelError(
            f"the folder {model!r} holds no .safetensors weights, and others are not loaded",
            hint="save the model with save_pretrained, which writes safetensors",
        )
    return folder


@contextmanager
def loading(kind: str, model: str) -> Iterator[None]:
    """Load a model inside this context: without telemetry or progress bars.

    Raises:
        ModelError: It cannot be loaded, for whatever reason: one line.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # It would draw over ours, and into pipes.
    try:
        yield
    # What a wrong name, a dead network or a damaged folder raise is not documented: OSError,
    # ValueError, RuntimeError, KeyError, and errors of huggingface_hub, httpx and safetensors.
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(
            f"the {kind} {model!r} cannot be loaded ({reason:.200})",
            hint="check the name or folder, and the network if it was never downloaded",
        ) from error


def _own_prompts(model: "SentenceTransformer") -> Prompts:
    """Read the prompts from a model's own configuration, under the names in use there."""
    prompts: dict[str, Any] = dict(model.prompts or {})
    passage = next((prompts[key] for key in ("passage", "document") if prompts.get(key)), "")
    return Prompts(query=prompts.get("query") or "", passage=passage)


def _weights_sha256(model: "SentenceTransformer") -> str:
    """Hash the weights themselves, as float32: the same model from any place has the same hash."""
    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _fast_arithmetic() -> AbstractContextManager[object]:
    """Compute in bfloat16 where the processor does so natively: 2.7 times faster, cosine 0.9999."""
    import torch

    # Older releases of torch do not report this; single precision works everywhere.
    native: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    if native.get("avx512_bf16") or native.get("amx_bf16"):
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return nullcontext()
