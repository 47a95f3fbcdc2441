"""How the web server and the process that makes a dream speak: JSON in lines and bytes, in both directions.

Nothing is pickled.
"""

import json
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from core import child_process, networks
from core.features.dream import Frame

if TYPE_CHECKING:
    from core.features.studio import Order


def started() -> subprocess.Popen[bytes]:
    """A new process that loads PyTorch and waits for an order."""
    return child_process.started("core.features.dream_process")


def give(process: Any, order: "Order") -> None:
    """Send the order: a line of JSON, the picture's bytes, a visitor's own network.

    The pipe stays open: its end is the sign to stop.
    """
    own = order.weights == "trained" and networks.is_guest(order.network)
    header, weights = order.header(), networks.packed(order.network) if own else b""
    if own:
        known = networks.record(order.network)
        header["own"] = {
            "architecture": known.architecture,
            "categories": known.categories,
            "bytes": len(weights),
        }
    process.stdin.write(json.dumps(header).encode() + b"\n")
    if order.start is not None:
        process.stdin.write(np.ascontiguousarray(order.start).tobytes())
    process.stdin.write(weights)
    process.stdin.flush()


def next_frame(process: Any) -> tuple[int, Frame] | None:
    """The next frame with the number of its recipe; None at the end.

    Raises: ValueError with the process's sentence if it could not go on.
    """
    line = process.stdout.readline()
    if not line:
        return None
    header = json.loads(line)
    if "error" in header:
        raise ValueError(header["error"])
    side = header["side"]
    data = process.stdout.read(side * side * 3)
    if len(data) < side * side * 3:
        return None
    pixels = np.frombuffer(data, np.uint8).reshape(side, side, 3)
    measured = tuple(header["measured"])
    return header["recipe"], Frame(header["step"], pixels, header["score"], header["seconds"], measured)


def send(write: Callable[[bytes], Any], recipe: int, frame: Frame) -> None:
    """One frame on its way: a line of JSON and the pixels; `next_frame` reads it."""
    header = {
        "recipe": recipe,
        "step": frame.step,
        "side": len(frame.pixels),
        "score": frame.score,
        "seconds": frame.seconds,
        "measured": frame.measured,
    }
    write(json.dumps(header).encode() + b"\n" + frame.pixels.tobytes())
