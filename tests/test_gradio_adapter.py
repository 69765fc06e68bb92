"""Tests of chat/web/gradio_adapter.py: what Gradio is kept from doing while pages are made.

In a process of its own, since Gradio is loaded once, and Python is patched while it is.
"""

import json
import subprocess
import sys

CODE = """
import inspect, json, sys
stubs = []
sys.addaudithook(lambda what, told: what == "open" and stubs.append(str(told[0])))
from chat.web.gradio_adapter import made_once
with made_once():
    import gradio
    from gradio import blocks
    with gradio.Blocks(analytics_enabled=False) as page:
        gradio.Markdown("ә")
    page.queue()
    unserved = page.app
with gradio.Blocks(analytics_enabled=False) as after:
    pass
print(json.dumps([
    [each for each in stubs if each.endswith(".pyi")], unserved, inspect.getfile(gradio.Markdown),
    type(after.app).__name__, [each["type"] for each in page.config["components"]],
]))
"""


def test_a_page_is_made_without_files_for_editors_and_without_what_is_never_served():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    stubs, unserved, where, after, components = json.loads(done.stdout.splitlines()[-1])
    assert stubs == []
    assert unserved is None
    assert where.endswith("markdown.py")
    assert after == "App"
    assert "markdown" in components
