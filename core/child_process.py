"""Processes of our own that compute for the web server: how they are started, and how they behave.

They get their orders on standard input, answer on standard output, leave the processor to the server where it wants
it, and end when the server lets go of them. Nothing is pickled.
"""

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

_ROOT = Path(__file__).parents[1]
_NICER = 10  # the web server comes first


def started(module: str) -> subprocess.Popen[bytes]:
    """A new process that runs a module of ours, `python -m module`."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-m", module], cwd=_ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
    )


def be_nice() -> None:
    """In the process: take the processor only where nobody else wants it."""
    with contextlib.suppress(AttributeError, OSError):  # Windows has no niceness
        os.nice(_NICER)


def end_with_the_server() -> None:
    """In the process, once its order is read: nothing more comes on standard input but its end, which is the sign."""
    Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def write(data: bytes) -> None:
    """In the process: send an answer at once."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
