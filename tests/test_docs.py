"""What is written about the program is what it does, and its figures are the measured ones."""

import ast
import re
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from cogapp import Cog

from chat.cli import app
from eval.bench.performance import performance
from eval.bench.ready_peers import READY_PEERS
from eval.metrics.registry import MEASURES, AnswerMetric
from eval.readme import measured
from eval.sizing import sizing
from ingest.readers import READERS, Reader

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.kk.md")
GUIDES = (*READMES, "CONTRIBUTING.md", "DECISIONS.md", "docs/scale.md", "docs/performance.md")
FOLDERS = ("ingest", "index", "prompts", "chat", "eval")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [
    requirement
    for requirement in [
        *PROJECT["dependencies"],
        *EXTRAS["train"],
        *EXTRAS["milvus"],
        *EXTRAS["ray"],
        *EXTRAS["dev"],
    ]
    if not requirement.startswith("dalel[")
]

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 50


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def package(requirement: str) -> str:
    return re.match(r"[\w-]+", requirement)[0]


# --- the READMEs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READMES)
def test_the_figures_are_those_of_the_committed_results(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert Cog().main(["cog", "--check", name]) == 0
    assert measured("kk" if ".kk." in name else "en") in read(name)


def test_the_sizes_are_worked_out_from_the_committed_results(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert Cog().main(["cog", "--check", "docs/scale.md"]) == 0
    assert sizing() in read("docs/scale.md")


def test_the_speed_is_that_of_the_committed_results(monkeypatch):
    monkeypatch.chdir(ROOT)
    plots = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.svg"))
    assert Cog().main(["cog", "--check", "docs/performance.md", *plots]) == 0
    text = read("docs/performance.md")
    assert performance() in text
    assert set(re.findall(r"\]\((.*?\.svg)\)", text)) == {
        path.removeprefix("docs/") for path in plots
    }
    for name in READMES:
        assert "](docs/performance.md)" in read(name)


@pytest.mark.parametrize("name", READMES)
def test_a_readme_opens_with_the_two_commands(name):
    first = read(name).split("```")[1]
    assert re.findall(r"make \w+", first) == ["make chat", "make test"]


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_in_the_readme(name):
    own = [command.name or command.callback.__name__ for command in app.registered_commands]
    added = PROJECT["entry-points"]["dalel.commands"]
    assert {"ask", "eval"} <= {*own, *added}
    for command in (*own, *added):
        assert f"`dalel {command}" in read(name)


def test_both_readmes_have_the_same_shape():
    english, kazakh = map(read, READMES)
    for mark in ("\n## ", "```", "\n| `dalel", "\n- **", "\n  ", " → "):
        assert english.count(mark) == kazakh.count(mark), mark


# --- paths and modules that are named -------------------------------------------------------------


def tree_of(name: str) -> list[str]:
    """Return the paths of a README's annotated tree."""
    [block] = re.findall(r"```\n(ingest/.*?)```", read(name), re.DOTALL)
    folder, paths = "", []
    for line in block.splitlines():
        named = re.match(r" *(?:[\w.]+(?:/|\.\w+)(?= |$) *)+", line)[0].split()
        if not line.startswith(" "):
            [folder] = named
            paths.append(folder)
        else:
            paths += [folder + path for path in named]
    return paths


def paths_in(text: str) -> set[str]:
    """Return what is written as code and looks like a path of this tree, globs left out."""
    codes = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    links = re.findall(r"\]\(([\w./]+)\)", text)
    words = [word for code in codes for word in code.split()] + links
    inside = re.compile(
        rf"(?:\./)?(?:{'|'.join(FOLDERS)}|docs|tests|\.ci|\.github)/[\w./-]*|[A-Z]+\.md"
    )
    return {word for word in words if inside.fullmatch(word)}


def modules_in(text: str) -> set[str]:
    """Return the modules that commands run and that examples import."""
    named = re.findall(r"python -m ([\w.]+)|^from ([\w.]+) import", text, re.MULTILINE)
    own = (ran or imported for ran, imported in named)
    return {module for module in own if module.split(".")[0] in FOLDERS}


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


@pytest.mark.parametrize("name", GUIDES)
def test_every_path_that_is_named_is_there(name):
    named = paths_in(read(name))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", GUIDES)
def test_every_module_that_is_named_is_there(name):
    assert [module for module in modules_in(read(name)) if not is_module(module)] == []


def test_a_path_that_is_gone_would_be_noticed():
    assert paths_in("see `chat/gone.py` and [it](GONE.md), not `eval/*.json`") == {
        "chat/gone.py",
        "GONE.md",
    }
    assert modules_in("`python -m eval.gone`\nfrom chat.gone import x") == {
        "eval.gone",
        "chat.gone",
    }
    assert not is_module("eval.gone")
    assert is_module("eval.training.train_confidence")


@pytest.mark.parametrize("name", READMES)
def test_the_tree_names_what_is_there(name):
    paths = tree_of(name)
    assert len(paths) > 50
    assert [path for path in paths if not (ROOT / path).exists()] == []
    shown = {path for path in paths if "/" in path.rstrip("/")}
    for folder in FOLDERS:
        inside = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob("*.py")}
        assert {path for path in inside - shown if not path.endswith("__init__.py")} == set()


def test_both_trees_name_the_same():
    assert tree_of(READMES[0]) == tree_of(READMES[1])


# --- what can be added ----------------------------------------------------------------------------


def example(path: str) -> ModuleType:
    """Return an example of CONTRIBUTING.md as a module, by the path that it is written to."""
    [code] = re.findall(rf"```python\n# {path}\n(.*?)```", read("CONTRIBUTING.md"), re.DOTALL)
    module = ModuleType(Path(path).stem)
    exec(compile(code, path, "exec"), module.__dict__)
    return module


def test_the_example_of_a_reader_reads():
    reader: Reader = example("ingest/readers/subtitles.py").read
    assert ".srt" not in READERS
    [parsed] = reader("1\n00:01 --> 00:02\nЖайық – өзен.\n".encode(), None)
    assert parsed.text == "Жайық – өзен."


def test_the_example_of_a_metric_measures():
    metric = example("eval/metrics/brevity.py")
    assert isinstance(metric, AnswerMetric)
    assert not metric.MEASURES.keys() & MEASURES.keys()
    answers = {"Жайық. [1]": {"brief": 1.0}, "Ә" * 201: {"brief": 0.0}}
    for text, figures in answers.items():
        answer = SimpleNamespace(text=text, abstained=False)
        assert metric.figures(SimpleNamespace(answer=answer)) == figures
    assert metric.figures(SimpleNamespace(answer=SimpleNamespace(abstained=True))) == {}


def test_the_lists_that_grow_are_where_they_are_said_to_be():
    named = re.findall(r"In `([\w/]+\.py)`, `(\w+)`", read("CONTRIBUTING.md"))
    assert {name for _, name in named} == {"READERS", "METRICS", "LANGUAGE_NAMES"}
    for path, name in (*named, ("eval/formats/__init__.py", "FORMATS")):
        assert re.search(rf"^{name}: Final", read(path), re.MULTILINE), path


# --- the other papers -----------------------------------------------------------------------------


def test_the_version_is_the_changelogs_newest():
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", read("CHANGELOG.md"), re.MULTILINE)[1]
    assert PROJECT["version"] == newest


def test_decisions_are_numbered():
    entries = re.findall(r"^## (\d+)\. ", read("DECISIONS.md"), re.MULTILINE)
    assert entries == [str(number) for number in range(1, len(entries) + 1)]


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_a_dependency_has_its_line_in_decisions(requirement):
    assert package(requirement) in read("DECISIONS.md")


def test_every_dependency_is_pinned():
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in read("constraints.txt").splitlines()
        if "==" in line
    }
    assert {package(requirement).lower() for requirement in REQUIREMENTS} <= pinned


def test_others_that_are_measured_beside_dalel_are_pinned():
    named = {package(requirement) for requirement in EXTRAS["bench"]}
    needed = {name for peer in READY_PEERS.values() for name in peer.needs}
    own = {package(requirement) for requirement in PROJECT["dependencies"]}
    assert needed - own - named == {"llama-index-retrievers-bm25"}, "see docs/performance.md"
    assert named <= needed
    assert all("==" in requirement for requirement in EXTRAS["bench"])
    assert "llama-index-retrievers-bm25==" in read("docs/performance.md")


def test_the_sources_a_log_entry_is_named_for_are_there():
    """Every constant that names a log entry names one that exists."""
    log = read("eval/LOG.md")
    for path in SOURCES:
        text = path.read_text("utf-8")
        named = re.findall(r"(?:eval/LOG\.md, |\()(\d{4}-\d\d-\d\d),\s+\"([^\"]+)\"", text)
        for date, title in named:
            assert f"## {date} {title}\n" in log, path


def placeholders_in(text: str) -> list[str]:
    """Return what was to be filled in, such as SOME_FIGURE: no code, no environment variable."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    words = re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", prose)
    return [word for word in words if not word.startswith(("DALEL_", "OPENAI_"))]


def test_a_placeholder_would_be_noticed():
    text = "TRAINED_HOW, `IN_CODE`, DALEL_HOME and ҚҰЖАТ_1\n```\nIN_BLOCK=1\n```\n(WRONG_2)."
    assert placeholders_in(text) == ["TRAINED_HOW", "WRONG_2"]


PAPERS = sorted(
    [*ROOT.glob("*.md"), *(p for name in (*FOLDERS, "docs") for p in (ROOT / name).rglob("*.md"))]
)


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_placeholder_is_left(path):
    assert placeholders_in(path.read_text("utf-8")) == []


# --- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_and_its_functions_can_be_read(path):
    """A file is one concept of the field, and no number cuts one in two: these are the far ends."""
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MAX_FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # Of a command, its arguments with their help are no part of what it does.
            assert node.end_lineno - node.body[0].lineno < MAX_FUNCTION_LINES, node.name
