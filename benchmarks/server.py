"""A server of the app, or of any Streamlit script, for whatever looks at it from outside: benchmarks and tests."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: the port it listens on and its process."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """The address that a browser opens."""
        return f"http://localhost:{self.port}"


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serve(script: Path = ROOT / "app.py", environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start a script as a user does, with the shipped settings, and yield its server once it answers.

    `environment` are variables for the server beside those it inherits. Workers start when a page asks for them, not by
    themselves after a while: that would fall into some measurements and not into others.
    """
    variables = os.environ | {"CONVNET_EXPLORER_WORKERS_AFTER_S": "86400"} | (environment or {})
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env=variables, **silent) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield Server(port, server.pid)
        finally:
            server.terminate()


def _wait(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    raise RuntimeError(f"the server did not answer at {url} within 60 s")
