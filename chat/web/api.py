"""The answers for programs: the JSON of the command line over HTTP, described by OpenAPI.

What it returns are the models of chat/answer.py, which the command line prints too. Errors are a
sentence each, as {"error"}.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from chat.answer import Answer, IndexedDocument, Passage, indexed_document, passage
from chat.pipeline import answer
from chat.question import MAX_CHARACTERS, understand
from chat.web.site import Busy, Site
from ingest.errors import DalelError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse

MAX_PASSAGES: Final = 100
"""Passages that one search returns at most."""

MAX_DOCUMENTS: Final = 1_000
"""Documents that one question may name."""

Text = Annotated[str, Field(max_length=MAX_CHARACTERS)]

InDocuments = Annotated[list[str], Field(max_length=MAX_DOCUMENTS)]
"""Ids of the documents to look in; none for all of them."""


class AskRequest(BaseModel):
    """A question; `id` comes back with its answer, `documents` are the ids to look in."""

    question: Text
    id: str = Field("", max_length=300)
    threshold: float | None = Field(None, ge=0, le=1)
    documents: InDocuments = []


class SearchRequest(BaseModel):
    """A question to rank passages for; `documents` are the ids to look in."""

    question: Text
    k: int = Field(10, ge=1, le=MAX_PASSAGES)
    legs: Literal["both", "dense", "lexical"] = "both"
    documents: InDocuments = []


class DocumentText(IndexedDocument):
    """A document with its text, in which every offset counts characters."""

    text: str


class ErrorResponse(BaseModel):
    """What went wrong, in a sentence."""

    error: str


_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ErrorResponse} for status in (400, 404, 422, 503)
}


def add_api(app: "FastAPI", site: Site) -> None:
    """Add the API below /api/."""
    from fastapi import HTTPException

    @app.post("/api/ask", responses=_ERRORS)
    async def ask(request: AskRequest) -> Answer:
        """Answer a question from the documents, with citations, or abstain."""
        retriever = site.live.retriever()
        threshold = site.settings.threshold if request.threshold is None else request.threshold
        answered = await site.concurrency.run(
            lambda: answer(
                request.question,
                retriever.within(request.documents),
                site.llm,
                threshold=threshold,
            )
        )
        return answered.model_copy(update={"id": request.id})

    @app.post("/api/search", responses=_ERRORS)
    async def search(request: SearchRequest) -> list[Passage]:
        """Rank passages for a question."""
        retriever = site.live.retriever()
        question = understand(request.question)
        hits = await site.concurrency.run(
            lambda: retriever.within(request.documents).search(question, request.k, request.legs)
        )
        return [passage(hit, retriever) for hit in hits]

    @app.get("/api/documents")
    async def documents() -> list[IndexedDocument]:
        """List what is indexed."""
        retriever = site.live.retriever()
        return [
            indexed_document(document, retriever.added_at(document.id))
            for document in retriever.documents.values()
        ]

    @app.get("/api/documents/{name:path}", responses=_ERRORS)
    async def document(name: str) -> DocumentText:
        """Return a document with its text."""
        retriever = site.live.retriever()
        document = retriever.documents.get(name)
        if document is None:
            raise HTTPException(404, "no such document is indexed; /api/documents lists the ids")
        described = indexed_document(document, retriever.added_at(name))
        return DocumentText(text=document.text, **described.data())

    _add_error_handlers(app)


def _add_error_handlers(app: "FastAPI") -> None:
    """Return every error in one shape."""
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

    @app.exception_handler(DalelError)
    async def dalel_error(_: "Request", error: Exception) -> "JSONResponse":
        assert isinstance(error, DalelError)
        return _error_response(400, error.line())

    @app.exception_handler(Busy)
    async def busy(_: "Request", _error: Exception) -> "JSONResponse":
        return _error_response(503, "many questions are waiting; ask again in a few seconds")

    @app.exception_handler(HTTPException)
    async def http_error(_: "Request", error: Exception) -> "JSONResponse":
        assert isinstance(error, HTTPException)
        return _error_response(error.status_code, str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def validation_error(_: "Request", error: Exception) -> "JSONResponse":
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:]) or "the body"
        return _error_response(
            422, f"{place}: {first['msg']}; /api/openapi.json describes what is expected"
        )


def _error_response(status: int, text: str) -> "JSONResponse":
    from fastapi.responses import JSONResponse

    headers = {"retry-after": "5"} if status == 503 else None
    return JSONResponse({"error": text}, status, headers)
