"""What is installed and indexed, and where: for people who wonder, and for bug reports.

Plain facts; never a key, never a document's text.
"""

import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from chat.confidence import confidence_model
from chat.settings import Settings
from index.indexer import PACKAGES, Indexer
from ingest.errors import DalelError


def collect_info(settings: Settings) -> dict[str, Any]:
    """Return the facts, ready for JSON; an index that cannot be read is a fact too.

    All of its files are checked, which takes as long as reading them.
    """
    index = _index(settings)  # A store that is none is told before it is shown.
    return {
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        "home": str(settings.home),
        "store": settings.store or "faiss",
        "workers": settings.workers or "none, this process embeds",
        "model": settings.model or "as indexed",
        "reranker": settings.reranker or "none",
        "threshold": settings.threshold
        if settings.threshold is not None
        else confidence_model().threshold,
        "language model": _language_model(settings),
        "index": index,
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
    indexer = Indexer(settings.home, store=settings.store, workers=settings.workers)
    if not indexer.exists:
        return {"state": "nothing indexed yet"}
    try:
        generation = indexer.store.load(check_all=True)
    except DalelError as error:
        return {"state": error.line()}
    config = asdict(generation.config)
    del config["format"]
    return {
        "state": "ready",
        "folder": str(indexer.store.folder / generation.name),
        "documents": len(generation.documents),
        "chunks": len(generation.chunks),
        "sentences": len(generation.sentence_vectors),
        **config,
        "made_with": generation.versions,
    }
