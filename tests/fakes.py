"""Small stand-ins for slow parts, for tests that are about something else."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import fields
from functools import cache, lru_cache
from types import MappingProxyType

import numpy as np

from chat import session
from chat.answer import Answer, Passage, Statement, cite
from chat.confidence import Features
from eval.metrics.case import Case, Ranking
from eval.metrics.citations import supports
from index.embedders.embedder import Progress, Vectors, no_progress
from index.faiss_index import VectorFile
from ingest.document import Document, Language, text_sha256
from prompts.render import render


class HashEmbedder:
    """An embedder without a model: hashed character 3-grams, deterministic, 64 numbers.

    Attributes:
        embedded: Every passage it was ever asked for.
    """

    dimension = 64
    max_tokens = 512

    def __init__(self, name: str = "hash", weights: str = "0" * 64) -> None:
        self.name = name
        self.weights_sha256 = weights
        self.embedded: list[str] = []

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return np.vstack([np.empty((0, self.dimension), np.float32), *map(_vector, texts)])

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        self.embedded += texts
        progress(len(texts), len(texts))
        return self.embed_queries(texts)

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + 2


def stored(vectors: Vectors) -> VectorFile:
    """Return vectors as an index that is being made holds them."""
    file = VectorFile(vectors.shape[1])
    file.append(vectors)
    return file


@cache
def _place(trigram: str) -> int:
    return hashlib.sha256(trigram.encode("utf-8", "replace")).digest()[0] % HashEmbedder.dimension


# The questions off every topic are embedded for each index that a test makes.
@lru_cache(100_000)
def _vector(text: str) -> Vectors:
    vector = np.full((1, HashEmbedder.dimension), 1e-3, np.float32)
    padded = f"  {text.casefold()} "
    for start in range(len(padded) - 2):
        vector[0, _place(padded[start : start + 3])] += 1
    return vector / np.linalg.norm(vector)


def features_of(**known: float) -> Features:
    """Return features that are 0 where nothing is known."""
    return Features(**{field.name: known.get(field.name, 0.0) for field in fields(Features)})


def document(
    text: str, name: str = "құжат", language: Language = "kk", title: str = ""
) -> Document:
    """Make a document of a text."""
    return Document(
        id=name,
        title=title,
        language=language,
        text=text,
        source=f"{name}.txt",
        sha256=text_sha256(text),
    )


def passage(source, start, end, rank=1):
    """Return a place in a document as a ranked passage."""
    text = source.text[start:end]
    return Passage(rank=rank, document_id=source.id, start=start, end=end, score=0.5, text=text)


def answered(*places, language="kk", text=None, confidence=0.9, short=""):
    """Return the answer that quotes places, (document, span), or says that there is none."""
    citations = tuple(cite(mark, of, span) for mark, (of, span) in enumerate(places, start=1))
    name = "extractive" if citations else "refusal"
    return Answer(
        question="Қай өзен ең ұзын?",
        language=language,
        text=render(name, language, citations=citations, short_answer=short)
        if text is None
        else text,
        short_answer=short,
        citations=citations,
        passages=(),
        confidence=confidence,
        abstained=not citations,
        mode="extractive",
        timings_ms={},
        statements=tuple(
            Statement(text=quoted.quote, marks=(quoted.mark,)) for quoted in citations
        ),
    )


NOTHING_FOUND = Ranking((), {})
NO_DOCUMENTS = MappingProxyType({})


def case(example, said, found=NOTHING_FOUND, documents=NO_DOCUMENTS, **named):
    """Return an answer with all that it is measured by.

    Args:
        example: What was asked.
        said: The answer.
        found: What was retrieved.
        documents: What is indexed, by id.
        named: Other attributes of a `Case`.
    """
    return Case(example, said, found, documents, supports, **named)


def is_valid(citation, source):
    """Say whether a citation's quote is what its document says at its place."""
    there = source.text[citation.start : citation.end]
    return citation.document_id == source.id and there == citation.quote != ""


def respond(message, earlier, retriever, threshold=None):
    """Answer a question of a conversation, whole."""
    *_, last = session.respond(message, earlier, retriever, threshold)
    return last


class Scripted:
    """A `ChatModel` that writes what a function makes of the passages it is shown.

    Attributes:
        told: The rules and what was asked, each time.
    """

    def __init__(self, write):
        self.write = write
        self.told = []

    def stream(self, rules, asked):
        self.told.append((rules, asked))
        yield from re.findall(r".{1,7}", self.write(passages(asked)), re.DOTALL)


def passages(asked):
    """Return the passages that a model is shown, by their keys."""
    return {
        key: asked.partition(f"<<<{key} |")[2].partition(f"{key}>>>")[0]
        for key in re.findall(r"^<<<(\w{4}) \|", asked, re.M)
    }
