"""The `dalel` command: arguments in, exit code out.

In: an argument list. Out: 0, or 2 with one line on standard error for what the user can put right,
130 when interrupted; a traceback means a bug. Only reads arguments: what each command does is in
chat/commands.py, imported when one runs, so that --help answers at once. Commands of folders that
this one must not know are handed in: eval/cli.py is the whole `dalel`.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from ingest.errors import ConfigError, DalelError


class Parser(argparse.ArgumentParser):
    """A parser whose errors read like all others: one line."""

    def error(self, message: str) -> NoReturn:
        """Raise it, as every other error."""
        raise ConfigError(message, hint=f"see `{self.prog} --help`")


Commands = argparse._SubParsersAction
Add = Callable[["Commands[Parser]"], None]
"""Adds a command to the command line."""


def main(arguments: Sequence[str] | None = None, more: Sequence[Add] | None = None) -> int:
    """Run the command line, with other commands than the page's as well; return the exit code."""
    _speak_utf8()
    try:
        options = parser((chat,) if more is None else more).parse_args(arguments)
        commands = import_module(options.module)
        code: int = getattr(commands, f"run_{options.command}")(options)
        sys.stdout.flush()
        return code
    except DalelError as error:
        sys.stderr.write(f"dalel: {error.line()}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("dalel: interrupted\n")
        return 130
    except BrokenPipeError:  # Whoever read our output has seen enough.
        _forget_output()
        return 0
    except OSError as error:  # A full disk below our output, a path too long: no bug of ours.
        _forget_output()
        where = f" ({str(error.filename)!r:.80})" if error.filename else ""
        sys.stderr.write(f"dalel: the system refuses: {error.strerror or error}{where}\n")
        return 2


def _forget_output() -> None:
    """Throw away what could not be written: Python would try again, and complain, at its end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _speak_utf8() -> None:
    """Write UTF-8 whatever the locale says, and never fail on what it cannot hold."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # Closed by whoever started us.
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  (open as long as we run)
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def parser(more: Sequence[Add] = ()) -> argparse.ArgumentParser:
    """Return what reads the arguments."""
    parser = Parser(
        prog="dalel",
        description="Ask your documents in Kazakh, English or Russian; every sentence of the answer"
        " is quoted from a passage that you can open.",
        epilog="The index lives in --home, else $DALEL_HOME, else your data folder.",
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=Parser
    )
    for add in (_index, _documents, _remove, _search, _ask, *more, _info):
        add(commands)
    return parser


class _Version(argparse.Action):
    """Print the installed version; looked up only when asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        sys.stdout.write(f"dalel {version('dalel')}\n")
        parser.exit()


def _text(argument: str) -> str:
    """Read as UTF-8 what a locale such as C cannot read; paths stay as the system knows them."""
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeError:
        return argument


def file_path(argument: str) -> Path:
    """Refuse the empty path: it would mean the current folder, and a variable was not set."""
    if not argument:
        raise argparse.ArgumentTypeError("the path is empty, expected a file or a folder")
    return Path(argument)


def command(
    commands: "Commands[Parser]", name: str, text: str, *, module: str = "chat.commands"
) -> argparse.ArgumentParser:
    """Add a command, which the function `run_NAME` of a module does."""
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(module=module)
    parser.add_argument("--home", metavar="DIR", help="folder of the index")
    return parser


def _index(commands: "Commands[Parser]") -> None:
    parser = command(commands, "index", "index documents, and only these")
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        type=file_path,
        help="files and folders (.txt .md, BEIR .jsonl); none: the two documents that ship",
    )
    parser.add_argument("--model", metavar="NAME", help="embedding model: a name or a folder")
    parser.add_argument("--encoding", metavar="NAME", help="of text files that are not Unicode")
    as_json(parser)


def _documents(commands: "Commands[Parser]") -> None:
    as_json(command(commands, "documents", "list what is indexed"))


def _remove(commands: "Commands[Parser]") -> None:
    parser = command(commands, "remove", "take documents out of the index")
    parser.add_argument(
        "ids", metavar="ID", nargs="+", type=_text, help="ids, as `dalel documents` lists them"
    )


def _search(commands: "Commands[Parser]") -> None:
    parser = command(commands, "search", "rank passages for a question")
    parser.add_argument("question", metavar="QUESTION", nargs="?", type=_text)
    parser.add_argument("-k", metavar="N", type=int, default=10, help="how many (default 10)")
    parser.add_argument("--legs", choices=("both", "dense", "lexical"), default="both")
    parser.add_argument(
        "--batch", metavar="FILE", type=file_path, help="questions, {_id, text} a line"
    )
    parser.add_argument("--run", metavar="FILE", type=file_path, help="where the TREC run goes")
    searching(parser)
    as_json(parser)


def _ask(commands: "Commands[Parser]") -> None:
    parser = command(commands, "ask", "answer a question, with citations")
    parser.add_argument("question", metavar="QUESTION", nargs="?", type=_text)
    parser.add_argument(
        "--batch", metavar="FILE", type=file_path, help="questions, {id, question} a line"
    )
    parser.add_argument("--output", metavar="FILE", type=file_path, help="where the answers go")
    answering(parser)
    writing(parser)
    as_json(parser)


def chat(commands: "Commands[Parser]", module: str = "chat.commands") -> None:
    """Add the command that serves the page."""
    parser = command(commands, "chat", "serve the web page", module=module)
    parser.add_argument("--host", default="127.0.0.1", help="address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=7860, help="port (default 7860)")
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="a name by which others ask for it, with --host and a login (see README)",
    )
    parser.add_argument(
        "--no-uploads",
        dest="uploads",
        action="store_false",
        help="let nobody add or remove documents on the page",
    )
    answering(parser)
    writing(parser)


def _info(commands: "Commands[Parser]") -> None:
    as_json(command(commands, "info", "say what is installed and indexed, and where"))


def searching(parser: argparse.ArgumentParser) -> None:
    """Add --model and --reranker."""
    parser.add_argument("--model", metavar="NAME", help="expect this embedding model")
    parser.add_argument(
        "--reranker", metavar="NAME", help="let this CrossEncoder, a name or a folder, rank again"
    )


def answering(parser: argparse.ArgumentParser) -> None:
    """Add --model, --reranker and --threshold."""
    searching(parser)
    parser.add_argument(
        "--threshold", metavar="SHARE", help="abstain below this confidence, 0 to 1"
    )


def writing(parser: argparse.ArgumentParser) -> None:
    """Add what names a language model."""
    parser.add_argument(
        "--llm", metavar="NAME", help="let this model write: openai:MODEL, ollama:MODEL, …"
    )
    parser.add_argument(
        "--llm-base-url", metavar="URL", help="its server, if it speaks OpenAI's protocol"
    )
    parser.add_argument("--llm-seconds", metavar="N", help="how long it may take (default 60)")
    parser.add_argument(
        "--llm-unsupported",
        metavar="HOW",
        help="mark or drop what the sources do not support (default mark)",
    )


def as_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="plain JSON for programs")


if __name__ == "__main__":
    sys.exit(main())
