"""A run's folder: what was run, every question's record, and what came of it; safe to interrupt.

config.json      set, index, code, versions: what makes two runs the same
questions.jsonl  a record a line, written as each question is done
run.trec qrels.trec  rankings and judgements, for trec_eval and its kin
summary.json     the figures; there only once all is done
report.html      for people
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

from chat.batch import trec_field
from eval.metrics.case import Record
from eval.summary import Summary
from ingest.errors import EvalError

_IGNORED_ENTRIES: Final = ("started",)
"""Entries of a config that may differ between two runs of the same."""

_DERIVED_FILES: Final = ("run.trec", "qrels.trec", "report.html")

_REQUIRED_ENTRIES: Final = {
    "questions.jsonl": {"id", "question", "answerable", "answer", "metrics"},
    "summary.json": {"config"},
    "its config": {"started", "embedder", "code_sha256"},
}
"""Entries without which a line or a file is no such thing."""


class RunFolder:
    """One run on disk."""

    def __init__(self, path: Path) -> None:
        """Point at the folder; nothing is read or made yet."""
        self.path = path

    @property
    def report(self) -> Path:
        """Where the report goes."""
        return self.path / "report.html"

    @property
    def finished(self) -> bool:
        """Whether a run was done to its end here."""
        return (self.path / "summary.json").is_file()

    def begin(self, config: dict[str, Any]) -> list[Record]:
        """Begin a run, or go on with one; return the records that are done.

        A finished run of the same config is done anew.

        Raises:
            EvalError: The folder holds something else, or cannot be written.
        """
        if self.path.exists() and not self.path.is_dir():
            raise EvalError(f"{str(self.path)!r} is a file, expected a folder for the run")
        old = self._config()
        if old is None and self.path.is_dir() and any(self.path.iterdir()):
            raise EvalError(
                f"{str(self.path)!r} holds files that are no run's, expected an empty folder",
                hint="name another one with --output",
            )
        if old is not None and _identity(old) != _identity(config):
            raise EvalError(
                f"{str(self.path)!r} holds a run with another {_difference(old, config)}",
                hint="name another folder with --output",
            )
        if old is not None and not self.finished:
            return self.records()
        self._start(config)
        return []

    def _start(self, config: dict[str, Any]) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for name in ("summary.json", "questions.jsonl", *_DERIVED_FILES):
                (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None
        self._write("config.json", _indented_json(config))

    def append(self, record: Record) -> None:
        """Write one question's record."""
        try:
            with (self.path / "questions.jsonl").open("ab") as file:
                file.write(_encode(json.dumps(record, ensure_ascii=False) + "\n"))
        except OSError as error:
            raise self._unwritable(error) from None

    def finish(self, records: Iterable[Record], summary: Summary, html: str) -> None:
        """Write what came of it, the summary last."""
        records = list(records)
        self._write("run.trec", _encode("".join(_trec_run_lines(records))))
        self._write("qrels.trec", _encode("".join(_trec_qrels_lines(records))))
        self._write("report.html", _encode(html))
        self._write("summary.json", _indented_json(summary))

    def records(self) -> list[Record]:
        """Read the records that are done; a torn last line is cut off.

        Raises:
            EvalError: Another line is damaged.
        """
        name = "questions.jsonl"
        if not (self.path / name).is_file():
            return []
        whole, _, torn = self._read(name).rpartition(b"\n")
        if torn:
            self._write(name, whole + b"\n" if whole else b"")
        return [self._parse_object(name, line) for line in whole.split(b"\n") if line]

    def summary(self) -> Summary:
        """Read the summary.

        Raises:
            EvalError: There is none.
        """
        if not self.finished:
            state = "not finished" if self._config() else "no run of `dalel eval`"
            raise EvalError(
                f"{str(self.path)!r} is {state}, expected a folder that `dalel eval` has filled"
            )
        summary = self._parse_object("summary.json", self._read("summary.json"))
        self._check("summary.json", summary["config"], _REQUIRED_ENTRIES["its config"])
        return summary

    def is_of(self, config: dict[str, Any]) -> bool:
        """Say whether an unfinished run of the same config is here."""
        try:
            old = self._config()
        except EvalError:
            return False
        return old is not None and not self.finished and _identity(old) == _identity(config)

    def _config(self) -> dict[str, Any] | None:
        name = "config.json"
        return self._parse_object(name, self._read(name)) if (self.path / name).is_file() else None

    def _parse_object(self, name: str, data: bytes) -> dict[str, Any]:
        try:
            parsed = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._damaged(name, str(error)) from None
        return self._check(name, parsed, _REQUIRED_ENTRIES.get(name, set()))

    def _check(self, name: str, parsed: object, required: set[str]) -> dict[str, Any]:
        if not isinstance(parsed, dict) or not required <= parsed.keys():
            raise self._damaged(name, "not what `dalel eval` writes")
        return parsed

    def _damaged(self, name: str, why: str) -> EvalError:
        return EvalError(
            f"{str(self.path / name)!r} is damaged ({why})",
            hint="run it again into another folder with --output",
        )

    def _read(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise EvalError(f"cannot read {str(self.path / name)!r}: {error.strerror}") from None

    def _write(self, name: str, data: bytes) -> None:
        """Write a file that is whole or not there."""
        part = self.path / f"{name}.part"
        try:
            part.write_bytes(data)
            part.replace(self.path / name)
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> EvalError:
        return EvalError(
            f"the run cannot be written to {str(self.path)!r}: {error.strerror}",
            hint="name another folder with --output",
        )


def _identity(config: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in _IGNORED_ENTRIES}


def _difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    ours, theirs = _identity(new), _identity(old)
    return next(name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name))


def _indented_json(data: object) -> bytes:
    return _encode(json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def _encode(text: str) -> bytes:
    """Return a text as a file holds it: the name of a set may be no text on Linux."""
    return text.encode("utf-8", "backslashreplace")


def _trec_run_lines(records: Iterable[Record]) -> Iterable[str]:
    for record in records:
        previous = np.float32(np.inf)
        for rank, (name, score) in enumerate(record["ranked"], start=1):
            # trec_eval goes by scores alone, as float32: no two may be the same.
            previous = min(np.float32(score), np.nextafter(previous, np.float32(-np.inf)))
            yield f"{trec_field(record['id'])} Q0 {trec_field(name)} {rank} {previous!s} dalel\n"


def _trec_qrels_lines(records: Iterable[Record]) -> Iterable[str]:
    for record in records:
        for name, gain in record["relevant"].items():
            yield f"{trec_field(record['id'])} 0 {trec_field(name)} {gain}\n"
