"""The real command, served on loopback in a process of its own, to be asked as browsers ask."""

import sys

from eval.load import served

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


def serving(home, *options, **environment):
    """Run the real command on loopback; give its address and its process."""
    command = [sys.executable, "-m", "chat.cli", "chat", "--home", str(home)]
    return served([*command, *options, "--port"], **environment)
