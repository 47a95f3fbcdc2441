"""The process in which digit networks are trained, started by `core.augmentation.laboratory`.

It is `python -m core.augmentation.laboratory_process`.
"""

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from core.augmentation.digits import training_digits
from core.augmentation.leak import GENTLE, simulate_leak
from core.augmentation.text import chain_from_text
from core.child_process import be_nice, end_with_the_server, write


def main() -> None:
    """Read an order from standard input, send its results to standard output."""
    be_nice()
    order = json.loads(sys.stdin.buffer.readline())
    end_with_the_server()
    try:
        for each in _results(order):
            _write(each)
    except (ValueError, LookupError, OSError, RuntimeError) as error:
        with contextlib.suppress(OSError):
            _write({"error": str(error)})


def _results(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    import torch

    torch.set_num_threads(1)
    if order["kind"] == "digits":
        for number, network in enumerate(training_digits(order["seed"]), 1):
            found: dict[str, Any] = {"accuracy": network.accuracy}
            if number == order["steps"]:  # the others would only be thrown away
                found["weights"] = {name: each.tolist() for name, each in network.weights.items()}
                found["held_out"] = network.held_out
            yield found
        return
    chain = chain_from_text(order["chain"]) if order["chain"] else GENTLE
    runs = simulate_leak(
        range(order["seeds"]), originals=order["originals"], copies=order["copies"], chain=chain
    )
    for run in runs:
        yield asdict(run)


def _write(result: dict[str, Any]) -> None:
    write(json.dumps(result).encode() + b"\n")


if __name__ == "__main__":
    main()
