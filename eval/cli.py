"""The whole `dalel` command: the chat's commands, and those that say whether it is any good.

In: an argument list. Out: an exit code. Like chat/cli.py, it only reads arguments.
"""

import sys
from collections.abc import Sequence

from chat import cli
from chat.cli import Commands, Parser, answering, as_json, command, file_path, writing
from eval.typed import WAYS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    return cli.main(arguments, MORE)


def _eval(commands: "Commands[Parser]") -> None:
    parser = command(commands, "eval", "run an evaluation set", module="eval.commands")
    parser.add_argument(
        "set",
        metavar="SET",
        type=file_path,
        help="a .jsonl (Dalel's own or reading rows), a ragas .csv, or a BEIR folder",
    )
    parser.add_argument("--output", metavar="DIR", type=file_path, help="folder of the run")
    parser.add_argument(
        "--off-topic",
        metavar="SET",
        type=file_path,
        help="ask these questions too: not one is answered by the documents",
    )
    parser.add_argument(
        "--near-miss",
        action="store_true",
        help="ask each question once more, with what answers it taken out of the index",
    )
    parser.add_argument(
        "--indexed",
        action="store_true",
        help="ask what is indexed, not the documents that come with the set",
    )
    parser.add_argument(
        "--typed",
        metavar="WAY",
        choices=WAYS,
        help=f"ask as people type: {', '.join(WAYS)} (Kazakh alphabets, one wrong letter)",
    )
    parser.add_argument("--strict", action="store_true", help="a bad row is an error")
    parser.add_argument("--check", action="store_true", help="only check the set")
    answering(parser)
    writing(parser)
    as_json(parser)


def _compare(commands: "Commands[Parser]") -> None:
    parser = command(
        commands, "compare", "compare two runs of an evaluation set", module="eval.commands"
    )
    parser.add_argument("a", metavar="A", type=file_path, help="folder of a run, the one before")
    parser.add_argument("b", metavar="B", type=file_path, help="folder of another run")
    parser.add_argument(
        "--output", metavar="FILE", type=file_path, help="the report (default: in B's folder)"
    )
    as_json(parser)


def _chat(commands: "Commands[Parser]") -> None:
    """The page, with the part that evaluates."""
    cli.chat(commands, module="eval.commands")


MORE = (_chat, _eval, _compare)
"""The commands of this folder."""

if __name__ == "__main__":
    sys.exit(main())
