"""The folders know each other in one direction only, and nothing heavy loads before it is used."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_the_folders_import_in_one_direction():
    # In a process of its own: it silences the loggers of the one it runs in.
    lint = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("ingest.loader", ("numpy", "faiss", "langchain_text_splitters", "lxml", "pypdf")),
        ("ingest.readers", ("docx", "pptx", "openpyxl", "striprtf", "markdown_it")),
        ("index.indexer", ("torch", "sentence_transformers", "langchain_core", "gradio", "faiss")),
        ("index.indexer", ("pymilvus", "grpc", "pandas", "ray")),
        ("index.embedders.embedded", ("torch", "sentence_transformers", "onnxruntime")),
        ("chat.answer", ("torch", "gradio", "langchain_core", "rich")),
        ("chat.cli", ("numpy", "rich", "torch", "gradio", "jinja2")),
        ("eval.commands", ("numpy", "rich", "torch", "gradio", "jinja2")),
        ("eval.commands", ("torch", "gradio", "langchain_core", "faiss")),
        ("chat.web.app", ("gradio", "torch", "uvicorn")),
        ("chat.generator", ("torch", "langchain_core", "openai")),
        ("prompts.render", ("numpy", "torch")),
    ],
)
def test_a_module_loads_without_what_it_may_never_need(module, absent):
    code = f"import sys, {module}; print([name for name in {absent!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


HOMES = {
    "faiss": {"index/faiss_index.py", "eval/bench/ready_peers.py"},
    "bm25s": {"index/bm25.py", "eval/bench/ready_peers.py"},
    "pymilvus": {"index/milvus_client.py"},
    "ray": {"index/embedders/ray_workers.py"},
    "onnxruntime": {
        "index/embedders/onnx_file.py",
        "eval/training/export_model.py",
        "eval/bench/work.py",
    },
    "torch": {"index/embedders/sentence_transformer.py", "eval/training"},
    "langchain": {
        "index/langchain.py",
        "chat/llm.py",
        "chat/langchain.py",
        "ingest/chunker.py",
        "eval/bench/ready_peers.py",
    },
    "gradio": {"chat/web", "eval/web_tab.py", "eval/set_editing.py", "eval/set_form.py"},
    "pypdf": {"ingest/readers/pdf.py", "ingest/readers/pdf_outline.py"},
    "docx": {"ingest/readers/docx.py"},
    "pptx": {"ingest/readers/pptx.py"},
    "openpyxl": {"ingest/readers/xlsx.py"},
    "striprtf": {"ingest/readers/rtf.py"},
    "markdown_it": {"ingest/readers/markdown.py"},
    "lxml": {"ingest/readers"},
}
"""Where a library is known: files, and folders with all that is in them."""


@pytest.mark.parametrize("package", HOMES)
def test_each_heavy_library_is_known_in_few_places(package):
    sources = [
        path
        for folder in ("ingest", "index", "prompts", "chat", "eval")
        for path in (ROOT / folder).rglob("*.py")
    ]
    importing = [
        path.relative_to(ROOT).as_posix()
        for path in sources
        if any(
            line.strip().startswith((f"import {package}", f"from {package}"))
            for line in path.read_text("utf-8").splitlines()
        )
    ]
    assert importing
    strange = [path for path in importing if not path.startswith(tuple(HOMES[package]))]
    assert strange == []
