"""The real command, served on loopback in a process of its own, to be asked as browsers ask."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import httpx

HOSTILE = {
    "GRADIO_SERVER_NAME": "0.0.0.0",
    "GRADIO_SERVER_PORT": "1",
    "GRADIO_SHARE": "True",
    "GRADIO_ALLOWED_PATHS": "/",
    "GRADIO_MCP_SERVER": "True",
    "GRADIO_SSR_MODE": "True",
    "GRADIO_DEBUG": "1",
    "GRADIO_ROOT_PATH": "http://evil.example",
    "GRADIO_RUN_HISTORY": "True",
    "GRADIO_LOCAL_DEV_MODE": "1",
    "GRADIO_VIBE_MODE": "1",
    "GRADIO_ANALYTICS_ENABLED": "True",
    "GRADIO_TEMP_DIR": "/",
}
"""An environment that wants the page wide open."""


@contextlib.contextmanager
def serving(home, *options, **environment):
    """Run the real command on loopback; give its address and its process."""
    port = free_port()
    command = [sys.executable, "-m", "eval.cli", "chat", "--home", str(home), "--port", str(port)]
    with running([*command, *options], port, environment) as process:
        yield f"http://127.0.0.1:{port}", process


@contextlib.contextmanager
def running(command, port, environment):
    """Run something that serves a port until it is no longer needed."""
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
        # Whoever runs the tests in the background has them ignore what Ctrl-C sends.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/page.js")
            yield process
        finally:
            process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url):
    for _ in range(240):
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(url, timeout=5)
            return
        time.sleep(0.25)
    raise AssertionError(f"{url} did not come up in a minute")
