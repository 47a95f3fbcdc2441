"""The process in which a dream is made: `python -m core.features.dream_process`, started by `core.features.studio`."""

import contextlib
import json
import os
import sys
from threading import Timer
from typing import Any

import numpy as np

from core.child_process import be_nice, end_with_the_server, write
from core.features.dream import Frame, Recipe, dream
from core.features.dream_pipe import send

IDLE_S = 240.0  # a process that nobody gives an order to ends after so long


def main() -> None:
    """Load PyTorch, read an order from standard input, send its frames to standard output."""
    be_nice()
    idle = Timer(float(os.environ.get("CONVNET_EXPLORER_IDLE_S", IDLE_S)), os._exit, (0,))
    idle.daemon = True
    idle.start()
    import timm  # noqa: F401
    import torch
    import torchvision  # noqa: F401

    torch.set_num_threads(1)
    line = sys.stdin.buffer.readline()
    idle.cancel()
    if not line:  # the server has ended
        return
    order = json.loads(line)
    start = _picture(order["start"])
    own = order.get("own")
    weights = sys.stdin.buffer.read(own["bytes"]) if own else b""
    end_with_the_server()
    try:
        _make(order, start, weights)
    except (ValueError, LookupError, OSError, RuntimeError) as error:
        with contextlib.suppress(OSError):
            write(json.dumps({"error": str(error)}).encode() + b"\n")


def _picture(shape: list[int] | None) -> np.ndarray | None:
    if shape is None:
        return None
    return np.frombuffer(sys.stdin.buffer.read(int(np.prod(shape))), np.uint8).reshape(shape)


def _make(order: dict[str, Any], start: np.ndarray | None, weights: bytes) -> None:
    from core.networks import FOLDER_BYTES_MOST, bring, load, record

    name, own = order["network"], order.get("own")
    if own:
        named = own["categories"]
        name = bring(weights, own["architecture"], len(named), named, most=FOLDER_BYTES_MOST)
    network = load(name, order["weights"])
    how = record(name).preprocessing
    dreams = [dream(network, how, Recipe(**words), start) for words in order["recipes"]]
    while dreams:
        for number, each in enumerate(list(dreams)):
            frame: Frame | None = next(each, None)
            if frame is None:
                return
            send(write, number, frame)


if __name__ == "__main__":
    main()
