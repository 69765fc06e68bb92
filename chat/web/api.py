"""The answers for programs: the JSON of the command line over HTTP, described by OpenAPI.

In: requests. Out: the same keys that `dalel ask --json` and `dalel search --json` print. Errors are
a sentence each, as {"error"}. Knows nothing of the page.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from chat.answer import Statement
from chat.cite import Citation
from chat.compose import answer_by
from chat.output import answer_data, document_data, passages_data
from chat.question import MAX_CHARACTERS, understand
from chat.web.site import Site
from chat.web.turnstile import Busy
from index.retrieve import IndexRetriever
from ingest.document import Document, Language
from ingest.errors import DalelError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse

MOST_PASSAGES: Final = 100
"""Passages that one search returns at most."""

Text = Annotated[str, Field(max_length=MAX_CHARACTERS)]


class AskRequest(BaseModel):
    """A question; `id` comes back with its answer."""

    question: Text
    id: str = Field("", max_length=300)
    threshold: float | None = Field(None, ge=0, le=1)


class SearchRequest(BaseModel):
    """A question to rank passages for."""

    question: Text
    k: int = Field(10, ge=1, le=MOST_PASSAGES)
    legs: Literal["both", "dense", "lexical"] = "both"


class PassageData(BaseModel):
    """A ranked passage."""

    rank: int
    document_id: str
    start: int
    end: int
    score: float
    text: str


class AnswerData(BaseModel):
    """An answer, as `dalel ask --json` prints it."""

    id: str
    question: str
    language: Language
    mode: str
    abstained: bool
    confidence: float = Field(ge=0, le=1)
    answer: str
    citations: list[Citation]
    passages: list[PassageData]
    timings_ms: dict[str, float]
    statements: list[Statement]
    note: str
    model: str


class DocumentData(BaseModel):
    """A document, as `dalel documents --json` prints it."""

    id: str
    title: str
    language: Language
    characters: int
    source: str
    sha256: str
    added: str


class DocumentText(DocumentData):
    """A document with its text, in which every offset counts characters."""

    text: str


class Problem(BaseModel):
    """What went wrong, in a sentence."""

    error: str


_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem} for status in (400, 404, 422, 503)
}


def add_api(app: "FastAPI", site: Site) -> None:
    """Add the API below /api/."""
    from fastapi import HTTPException

    @app.post("/api/ask", responses=_ERRORS)
    async def ask(asked: AskRequest) -> AnswerData:
        """Answer a question from the documents, with citations, or abstain."""
        retriever = site.live.retriever()
        threshold = site.settings.threshold if asked.threshold is None else asked.threshold
        answered = await site.turnstile.run(
            answer_by, site.author, asked.question, retriever, threshold=threshold
        )
        return AnswerData(**answer_data(answered, retriever.documents, name=asked.id))

    @app.post("/api/search", responses=_ERRORS)
    async def search(asked: SearchRequest) -> list[PassageData]:
        """Rank passages for a question."""
        retriever = site.live.retriever()
        question = understand(asked.question).text
        hits = await site.turnstile.run(retriever.search, question, asked.k, asked.legs)
        return [PassageData(**each) for each in passages_data(hits, retriever.documents)]

    @app.get("/api/documents")
    async def documents() -> list[DocumentData]:
        """List what is indexed."""
        retriever = site.live.retriever()
        return [DocumentData(**_facts(each, retriever)) for each in retriever.documents.values()]

    @app.get("/api/documents/{name:path}", responses=_ERRORS)
    async def document(name: str) -> DocumentText:
        """Return a document with its text."""
        retriever = site.live.retriever()
        found = retriever.documents.get(name)
        if found is None:
            raise HTTPException(404, "no such document is indexed; /api/documents lists the ids")
        return DocumentText(text=found.text, **_facts(found, retriever))

    _add_errors(app)


def _facts(document: Document, retriever: IndexRetriever) -> dict[str, Any]:
    added = retriever.generation.added.get(document.id, "")
    return {**document_data(document), "added": added}


def _add_errors(app: "FastAPI") -> None:
    """Tell every error in one shape."""
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

    @app.exception_handler(DalelError)
    async def refused(_: "Request", error: Exception) -> "JSONResponse":
        assert isinstance(error, DalelError)
        return _problem(400, error.line())

    @app.exception_handler(Busy)
    async def busy(_: "Request", _error: Exception) -> "JSONResponse":
        return _problem(503, "many questions are waiting; ask again in a few seconds")

    @app.exception_handler(HTTPException)
    async def missing(_: "Request", error: Exception) -> "JSONResponse":
        assert isinstance(error, HTTPException)
        return _problem(error.status_code, str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def malformed(_: "Request", error: Exception) -> "JSONResponse":
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(str(each) for each in first["loc"][1:]) or "the body"
        return _problem(
            422, f"{where}: {first['msg']}; /api/openapi.json describes what is expected"
        )


def _problem(status: int, text: str) -> "JSONResponse":
    from fastapi.responses import JSONResponse

    headers = {"retry-after": "5"} if status == 503 else None
    return JSONResponse({"error": text}, status, headers)
