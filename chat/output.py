"""Answers and hits as plain data for machines: the keys are a contract.

In: `Answer`, hits. Out: dictionaries that JSON can hold. Knows nothing of files and terminals.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from chat.answer import Answer
from index.retrieve import Hit
from ingest.document import Document


def answer_data(
    answer: Answer, documents: Mapping[str, Document], *, name: str = ""
) -> dict[str, Any]:
    """Return an answer as plain data; `name` is the asker's own id for the question."""
    return {
        "id": name,
        "question": answer.question,
        "language": answer.language,
        "mode": answer.mode,
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 4),
        "answer": answer.text,
        "citations": [asdict(citation) for citation in answer.citations],
        "passages": passages_data(answer.hits, documents),
        "timings_ms": {step: round(value, 2) for step, value in answer.timings_ms.items()},
        "statements": [
            asdict(each) | {"marks": list(each.marks), "missing": list(each.missing)}
            for each in answer.statements
        ],
        "note": answer.note,
        "model": answer.model,
    }


def failure_data(name: str, question: str, error: str) -> dict[str, Any]:
    """Return what stands in an answer's place when a question of a batch cannot be asked."""
    return {
        "id": name,
        "question": question,
        "language": "",
        "mode": "extractive",
        "abstained": True,
        "confidence": 0.0,
        "answer": "",
        "citations": [],
        "passages": [],
        "timings_ms": {},
        "statements": [],
        "note": "",
        "model": "",
        "error": error,
    }


def document_data(document: Document) -> dict[str, Any]:
    """Return what there is to say of a document, but for its text."""
    return {
        "id": document.id,
        "title": document.name,
        "language": document.language,
        "characters": len(document.text),
        "source": document.source,
        "sha256": document.sha256,
    }


def passages_data(hits: Iterable[Hit], documents: Mapping[str, Document]) -> list[dict[str, Any]]:
    """Return hits as plain data, with their text."""
    return [
        {
            "rank": hit.rank,
            "document_id": hit.chunk.document_id,
            "start": hit.chunk.start,
            "end": hit.chunk.end,
            "score": round(hit.score, 6),
            "text": documents[hit.chunk.document_id].text[hit.chunk.start : hit.chunk.end],
        }
        for hit in hits
    ]
