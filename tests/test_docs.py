"""What is written about the program is what it does, and its figures are the measured ones."""

import argparse
import re
import tomllib
from pathlib import Path

import pytest
from cogapp import Cog

from chat.cli import parser
from eval.cli import MORE
from eval.readme import measured

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.kk.md")


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", READMES)
def test_the_figures_are_those_of_the_committed_results(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert Cog().main(["cog", "--check", name]) == 0
    assert measured("kk" if ".kk." in name else "en") in read(name)


@pytest.mark.parametrize("name", READMES)
def test_a_readme_opens_with_the_two_commands(name):
    first = read(name).split("```")[1]
    assert re.findall(r"make \w+", first) == ["make chat", "make test"]


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_in_the_readme(name):
    actions = [a for a in parser(MORE)._actions if isinstance(a, argparse._SubParsersAction)]
    for command in actions[0].choices:
        assert f"`dalel {command}" in read(name)


def test_both_readmes_have_the_same_shape():
    english, kazakh = map(read, READMES)
    for mark in ("\n## ", "```", "\n| `dalel", "\n- **"):
        assert english.count(mark) == kazakh.count(mark), mark


def test_the_version_is_the_changelogs_newest():
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert re.search(r"^## \[(\d+\.\d+\.\d+)\]", read("CHANGELOG.md"), re.MULTILINE)[1] == version


def test_decisions_are_numbered_and_short():
    entries = re.split(r"^## ", read("DECISIONS.md"), flags=re.MULTILINE)[1:]
    assert [int(entry.split(".")[0]) for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        assert len(entry.strip().splitlines()) <= 9, entry


def test_every_dependency_has_its_line_in_decisions():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    named = project["dependencies"] + project["optional-dependencies"]["dev"]
    for requirement in named:
        assert re.match(r"[\w-]+", requirement)[0] in read("DECISIONS.md"), requirement


def test_every_dependency_is_pinned():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in read("constraints.txt").splitlines()
        if "==" in line
    }
    named = project["dependencies"] + project["optional-dependencies"]["dev"]
    assert {re.match(r"[\w-]+", each)[0].lower() for each in named} <= pinned


def test_the_sources_a_log_entry_is_named_for_are_there():
    """Every constant that names a log entry names one that exists."""
    log = read("eval/LOG.md")
    for folder in ("ingest", "index", "chat", "eval"):
        for path in (ROOT / folder).rglob("*.py"):
            for date, title in re.findall(
                r"eval/LOG\.md, (\d{4}-\d\d-\d\d),\s+\"([^\"]+)\"", path.read_text("utf-8")
            ):
                assert f"## {date} {title}\n" in log, path


def test_files_and_functions_stay_small():
    for folder in ("ingest", "index", "prompts", "chat", "eval"):
        for path in (ROOT / folder).rglob("*.py"):
            assert len(path.read_text("utf-8").splitlines()) <= 300, path
