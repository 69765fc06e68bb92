"""The tree as a stranger may rely on it: one direction, one door, one name for one thing."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from executed_modules import PACKAGES

ROOT = Path(__file__).parent.parent
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]

PARTS_OF_AN_INDEX = {"generation", "embedder", "reranker", "lexical", "calibration"}
"""Attributes of a retriever that answers have no business with."""

SHARED_ON_PURPOSE = {"__init__", "langchain"}
"""Each folder's own adapter to LangChain has that name."""

MAX_EXECUTED = 38
"""Modules of ours that one quoted answer may run through."""


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.is_relative_to(ROOT / "chat")], ids=lambda p: p.stem
)
def test_chat_asks_the_retriever_and_never_reaches_into_its_parts(path):
    tree = ast.parse(path.read_text("utf-8"))
    reached = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in PARTS_OF_AN_INDEX
        and ast.unparse(node.value).split(".")[-1].removeprefix("_") in ("retriever", "index")
    ]
    assert reached == []


def test_no_two_modules_share_a_name():
    names = Counter(path.stem for path in SOURCES)
    assert {name for name, times in names.items() if times > 1} <= SHARED_ON_PURPOSE


def test_no_two_public_classes_share_a_name():
    names = Counter(
        node.name
        for path in SOURCES
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.model
def test_one_quoted_answer_runs_through_few_modules():
    """In a process of its own: which words are cached already must not depend on other tests."""
    question = "With how many countries has Kazakhstan established diplomatic relations?"
    script = ROOT / "tests" / "executed_modules.py"
    done = subprocess.run(
        [sys.executable, script, question], capture_output=True, text=True, check=True
    )
    *modules, _ = done.stdout.splitlines()
    assert "chat/pipeline.py" in modules
    assert len(modules) <= MAX_EXECUTED, done.stdout


def test_the_pipeline_fits_a_screen():
    """Each of its functions can be read at a glance, and so can all of them together."""
    tree = ast.parse((ROOT / "chat" / "pipeline.py").read_text("utf-8"))
    lines = []
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        function.body = [
            node
            for node in function.body
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        ]
        lines += ast.unparse(function).splitlines()
    assert len(lines) <= 60
