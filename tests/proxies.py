"""Real reverse proxies, started as plain processes with what the documentation says."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path
from string import Template

import pytest
from waiting import PATIENT_SECONDS

ROOT = Path(__file__).parent.parent

NGINX = """
$user worker_processes 1; daemon off; pid $folder/nginx.pid; error_log $folder/error.log;
events { }
http {
  access_log off; client_body_temp_path $folder/body; proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/f; uwsgi_temp_path $folder/u; scgi_temp_path $folder/s;
%s
}
"""
NGINX_WHOLE = Template(NGINX % "$written")
"""For what stands in nginx's `http` block."""

NGINX_SITE = Template(NGINX % "server { listen 80; server_name localhost; $written }")
"""For what stands in a site's block."""

CADDY_SITE = Template("""{
  admin off
  auto_https off
  grace_period 1s
  storage file_system $folder
}
http://:$port {
  bind 127.0.0.1
$written
}
""")


def documented(file, language):
    """Return the first block of code in a language that a page of the documentation shows."""
    return (ROOT / file).read_text("utf-8").split(f"```{language}\n")[1].split("```")[0]


@contextmanager
def running(program, template, written, folder):
    """Start nginx or caddy with a configuration; yield where it listens."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        pytest.skip(f"no {program}")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Else its workers, who are nobody, could write no upload into a folder of root's.
    user = "" if os.geteuid() else "user root;"
    text = template.substitute(user=user, folder=folder, port=port, written=written)
    config = folder / "config"
    config.write_text(text.replace("listen 80;", f"listen 127.0.0.1:{port};"), "utf-8")
    command = [found, "-p", str(folder), "-c", str(config)]
    if program == "caddy":
        command = [found, "run", "--adapter", "caddyfile", "--config", str(config)]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    log = (folder / "log").open("w")
    with log, subprocess.Popen(command, stderr=log, stdout=log, env=environment) as process:
        try:
            _wait_for(port, process, folder / "log")
            yield f"http://localhost:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENT_SECONDS)


def _wait_for(port, process, log):
    end = time.monotonic() + PATIENT_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text("utf-8")
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(log.read_text("utf-8"))
