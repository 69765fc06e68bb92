"""Arguments that several commands take: how each is read, and what --help says of it.

A reader raises ValueError for what it cannot read; the command line says of which argument.
"""

import os
from pathlib import Path
from typing import Annotated

import typer


def file_path(argument: str) -> Path:
    """Refuse the empty path: it would mean the current folder, and a variable was not set."""
    if not argument:
        raise ValueError("the path is empty, expected a file or a folder")
    return Path(argument)


def utf8_text(argument: str) -> str:
    """Read as UTF-8 what a locale such as C cannot read; paths stay as the system knows them."""
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeError:
        return argument


def whole_number(argument: str) -> int:
    """Read a number; Typer's own message would not say what was given."""
    try:
        return int(argument)
    except ValueError:
        raise ValueError(f"{argument!r:.40} is no whole number") from None


Question = Annotated[
    str | None,
    typer.Argument(
        metavar="QUESTION",
        parser=utf8_text,
        show_default=False,
        help="After -- it may begin with a dash.",
    ),
]
InDocuments = Annotated[
    list[str] | None,
    typer.Option(
        "--document",
        metavar="ID",
        parser=utf8_text,
        help="Only in this document, as `dalel documents` lists it; may be given again.",
    ),
]
Home = Annotated[str | None, typer.Option(metavar="DIR", help="Folder of the index.")]
Store = Annotated[
    str | None,
    typer.Option(
        metavar="STORE",
        help="What searches passages: faiss, on this machine, or milvus:ADDRESS.",
    ),
]
Model = Annotated[str | None, typer.Option(metavar="NAME", help="Expect this embedding model.")]
Reranker = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Let this CrossEncoder, a name or a folder, rank again."),
]
Threshold = Annotated[
    str | None,
    typer.Option(metavar="SHARE", help="Abstain below this confidence, 0 to 1."),
]
Llm = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Let this model write: openai:MODEL, ollama:MODEL, …"),
]
LlmBaseUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Its server, if it speaks OpenAI's protocol."),
]
LlmSeconds = Annotated[
    str | None, typer.Option(metavar="N", help="How long it may take.  [default: 60]")
]
LlmUnsupported = Annotated[
    str | None,
    typer.Option(
        metavar="HOW", help="Mark or drop what the sources do not support.  [default: mark]"
    ),
]
RootPath = Annotated[
    str | None,
    typer.Option(metavar="PATH", help="Path below which a reverse proxy publishes it: /dalel."),
]
TrustedProxies = Annotated[
    list[str] | None,
    typer.Option(
        "--trusted-proxy",
        metavar="ADDRESS",
        help="A reverse proxy whose X-Forwarded headers are believed; may be given again.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Plain JSON for programs.")]
