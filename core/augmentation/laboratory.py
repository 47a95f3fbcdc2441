"""Where digit networks are trained: each run in a process of its own, so that the web server's Python stays free.

A process starts with its own interpreter and a lower priority, gets its order as a line of JSON on its standard input
and answers with a line of JSON for each result; when either end closes, it ends. One run per owner; so many at once,
the others wait in order of arrival.
"""

import json
import subprocess
from dataclasses import dataclass, field
from typing import Any

from core import run_queue
from core.child_process import started
from core.run_queue import RunQueue

_KNOWN_MOST = 32


@dataclass(frozen=True, slots=True)
class DigitOrder:
    """Train the digit network of a seed; `steps` is its number of epochs, 12."""

    seed: int
    steps: int = 12

    def line(self) -> dict[str, Any]:
        """The order as JSON."""
        return {"kind": "digits", "seed": self.seed, "steps": self.steps}


@dataclass(frozen=True, slots=True)
class LeakOrder:
    """Run the leak simulator: the arguments of `core.augmentation.leak.simulate_leak`, the chain as text."""

    seeds: int
    originals: int
    copies: int
    chain: str = ""

    @property
    def steps(self) -> int:
        """Trainings: three for each seed."""
        return 3 * self.seeds

    def line(self) -> dict[str, Any]:
        """The order as JSON."""
        return {
            "kind": "leak",
            "seeds": self.seeds,
            "originals": self.originals,
            "copies": self.copies,
            "chain": self.chain,
        }


Order = DigitOrder | LeakOrder


@dataclass(slots=True)
class Run(run_queue.Run[Order]):
    """One order on its way.

    Args:
        results: what has arrived, of order.steps.
    """

    results: list[dict[str, Any]] = field(default_factory=list)


class Laboratory(RunQueue[Order, Run]):
    """All trainings of a server, and what they gave."""

    def __init__(self, at_once: int = 1) -> None:
        super().__init__(Run, at_once, "The process that trains ended too early.")
        self._known: dict[Order, list[dict[str, Any]]] = {}  # the oldest goes first

    def known(self, order: Order) -> list[dict[str, Any]] | None:
        """What an equal order gave anyone, or None: the same trainings give the same results."""
        with self._lock:
            return self._known.get(order)

    def _taken(self) -> "subprocess.Popen[bytes]":
        return started("core.augmentation.laboratory_process")

    def _listen(self, run: Run, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(run.order.line()).encode() + b"\n")
        process.stdin.flush()  # it stays open: its end is the sign to stop
        for line in process.stdout:
            found = json.loads(line)
            if "error" in found:
                raise ValueError(found["error"])
            run.results.append(found)
            run._arrived()
        if run.done == run.order.steps:
            with self._lock:
                self._known[run.order] = run.results
                while len(self._known) > _KNOWN_MOST:
                    del self._known[next(iter(self._known))]
