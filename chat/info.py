"""What is installed and indexed, and where: for people who wonder, and for bug reports.

In: settings. Out: plain facts; never a key, never a document's text.
"""

import os
import platform
from importlib.metadata import version
from typing import Any

from chat.confidence import model
from chat.config import Settings
from index.library import PACKAGES, Library
from ingest.errors import DalelError


def gather(settings: Settings) -> dict[str, Any]:
    """Return the facts; an index that cannot be read is a fact too."""
    return {
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        "home": str(settings.home),
        "model": settings.model or "as indexed",
        "reranker": settings.reranker or "none",
        "threshold": settings.threshold if settings.threshold is not None else model().threshold,
        "language model": _language_model(settings),
        "index": _index(settings),
    }


def _language_model(settings: Settings) -> dict[str, Any]:
    """Return what is configured; of a key only whether there is one."""
    return {
        "name": settings.llm or "none, the documents are quoted",
        "server": settings.llm_base_url or "the provider's own",
        "OPENAI_API_KEY": "set" if os.environ.get("OPENAI_API_KEY") else "not set",
        "seconds": settings.llm_seconds,
        "unsupported": settings.llm_unsupported,
    }


def _index(settings: Settings) -> dict[str, Any]:
    library = Library(settings.home)
    if not library.exists:
        return {"state": "nothing indexed yet"}
    try:
        generation = library.store.load()
    except DalelError as error:
        return {"state": error.line()}
    made = generation.made
    return {
        "state": "ready",
        "folder": str(library.store.folder / generation.name),
        "documents": len(generation.documents),
        "chunks": len(generation.chunks),
        "sentences": len(generation.sentence_vectors),
        "embedder": made.embedder,
        "weights_sha256": made.weights_sha256,
        "dimension": made.dimension,
        "max_tokens": made.max_tokens,
        "analyser": made.analyser,
        "made_with": generation.versions,
    }
