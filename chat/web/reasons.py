"""Why something could not be done, in the language of the page.

The program says it in English beside the code that raises it; it is kept with the index, and comes
from the process that parses files: text, not codes. So the English text is the key, as in gettext,
and reasons.toml has what the page says in its stead. What is not there is shown as it is.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Final, NamedTuple

REASONS: Final = Path(__file__).with_name("reasons.toml")

_BETWEEN: Final = "; "
"""Stands between a message, what it is because of, and what to do."""

_REMEMBERED: Final = 1_000
"""Lines that are told once: a table of documents has the same ones again and again."""


class _Message(NamedTuple):
    """What the program may say: in English as it is formatted, how it is found, and in others."""

    english: str
    pattern: re.Pattern[str]
    texts: Mapping[str, str]


@lru_cache(_REMEMBERED)
def reason_in(language: str, line: str) -> str:
    """Return a line of an error, or of what was not read, in a language of the page.

    >>> reason_in("ru", "a damaged PDF (no pages); open it and save it anew")
    'PDF повреждён (no pages); откройте и сохраните его заново'
    >>> reason_in("kk", "Үкі.txt: the file is empty, expected text")
    'Үкі.txt: файл бос, мәтін болуы керек'
    """
    return _BETWEEN.join(_told(language, line.split(_BETWEEN)))


def _told(language: str, parts: Sequence[str]) -> Iterator[str]:
    """Yield each message that some parts are, told; one takes several where a value divides it."""
    while parts:
        begun = [(end, _BETWEEN.join(parts[:end])) for end in range(1, len(parts) + 1)]
        found = (
            (_formatted(language, message, values.groupdict()), end)
            for message in _messages()
            for end, said in begun
            if (values := message.pattern.fullmatch(said))
        )
        told, end = next(found, ("", 1))
        yield told or _of(language, parts[0])
        parts = parts[end:]


def _formatted(language: str, message: _Message, values: Mapping[str, str]) -> str:
    told = {name: reason_in(language, value) for name, value in values.items()}
    return message.texts.get(language, message.english).format(**told)


def _of(language: str, said: str) -> str:
    """Return «file: reason» with its reason told; anything else as it is."""
    name, colon, reason = said.partition(": ")
    return f"{name}: {reason_in(language, reason)}" if colon else said


@cache  # Of a file that ships with the program.
def _messages() -> list[_Message]:
    """Return what reasons.toml has, that with the most words of its own first."""
    table: Mapping[str, Mapping[str, str]] = tomllib.loads(REASONS.read_text("utf-8"))
    by_length = sorted(table, key=lambda english: -len("".join(_literals(english))))
    return [_Message(english, _pattern(english), table[english]) for english in by_length]


def _literals(english: str) -> list[str]:
    return [literal for literal, *_ in Formatter().parse(english)]


def _pattern(english: str) -> re.Pattern[str]:
    """Return what finds a message: its words, and a value for each name in braces.

    What a message begins with is a name, and never another message before it.
    """
    found = ""
    for literal, name, *_ in Formatter().parse(english):
        value = r"[^:;]*?(?:[:;](?! )[^:;]*?)*?" if not (found or literal) else ".*?"
        found += re.escape(literal) + (f"(?P<{name}>{value})" if name else "")
    return re.compile(found)
