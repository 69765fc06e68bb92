"""Servers on loopback that speak OpenAI's protocol as a test wants it, or fail to."""

import contextlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(BaseHTTPRequestHandler):
    """Answers as its class says; `how` makes bytes of what was asked, or a status."""

    how = staticmethod(lambda asked: iter(()))
    asked = ()

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).asked = (*type(self).asked, asked)
        what = type(self).how(asked)
        if isinstance(what, int):
            self.send_response(what)
            self.send_header("retry-after", "3600")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        with contextlib.suppress(OSError):  # Whoever asked may leave.
            for piece in what:
                self.wfile.write(piece)
                self.wfile.flush()

    def log_message(self, *_):
        """Say nothing."""


@contextlib.contextmanager
def speaking(how):
    """Serve; yield the address, as --llm-base-url takes it, and what notes what was asked."""
    handler = type("Handler", (Server,), {"how": staticmethod(how), "asked": ()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1", handler
        server.shutdown()


DONE = b"data: [DONE]\n\n"


def event(text):
    """Return a piece of what is said."""
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps(chunk | {"choices": [choice]}).encode() + b"\n\n"


def said(text):
    """Say a text, {key} in it the key of the first passage."""

    def how(asked):
        keys = re.findall(r"^<<<(\w{4}) \|", asked["messages"][-1]["content"], re.M)
        for piece in re.findall(r".{1,9}", text.format(key=(keys or ["none"])[0]), re.DOTALL):
            yield event(piece)
        yield DONE

    return how
