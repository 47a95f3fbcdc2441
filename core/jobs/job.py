"""One order on its way: where it stands, and what has come of it."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from core.jobs.steps import Tick

State = Literal["waiting", "running", "stopping", "done", "stopped", "failed"]
_RECENT = 24  # ticks from which the pace is measured


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What is to be done.

    Args:
        work: the name of a function that is marked with `core.jobs.work`: "core.transfer.training:fine_tune".
        arguments: what it is called with; NumPy arrays and frozen values, which travel to a worker.
    """

    work: str
    arguments: Mapping[str, Any]

    def like(self, other: "Order") -> bool:
        """The same work on the same things: by value, sets by their digest; files and pictures by identity."""
        if self.work != other.work or set(self.arguments) != set(other.arguments):
            return False
        return all(_alike(value, other.arguments[key]) for key, value in self.arguments.items())


def _alike(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if isinstance(one, (bytes, np.ndarray)) or isinstance(other, (bytes, np.ndarray)):
        return False
    digests = getattr(one, "digest", None), getattr(other, "digest", None)
    return bool(digests[0] == digests[1] if digests[0] is not None else one == other)


@dataclass(slots=True, eq=False)
class Job:
    """An order of an owner; only its engine writes.

    Args:
        owner, name: whose it is, and which of theirs.
        state: where it stands; "stopping" while the work closes.
        error: why it failed, in a sentence.
        results: what it has yielded besides ticks, in order.
        tick: how far it is, as it last said; None before.
        device: what it computes on, "" before it runs. process: the number of the worker's process, 0 before.
    """

    owner: str
    name: str
    order: Order
    state: State = "waiting"
    error: str = ""
    results: tuple[Any, ...] = ()
    tick: Tick | None = None
    device: str = ""
    process: int = 0
    _began: float = 0.0
    _ended: float = 0.0
    _stop_asked: float = 0.0
    _heard: float = 0.0  # when a step last came
    _abandoned: bool = False
    _tries: int = 0
    _paces: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=_RECENT))

    @property
    def active(self) -> bool:
        """It waits or runs."""
        return self.state in ("waiting", "running", "stopping")

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began to run, to its end."""
        if not self._began:
            return 0.0
        return (self._ended or time.monotonic()) - self._began

    def seconds_left(self) -> float | None:
        """What is still to be done times the recent pace; None before there are two ticks that differ."""
        paces = list(self._paces)
        if self.tick is None or len(paces) < 2 or paces[-1][1] <= paces[0][1]:
            return None
        (since, first), (until, last) = paces[0], paces[-1]
        return (self.tick.total - last) * (until - since) / (last - first)

    def _take(self, step: Any) -> None:
        self._heard = time.monotonic()
        if isinstance(step, Tick):
            self.tick = step
            self._paces.append((time.monotonic(), step.done))
        else:
            self.results = (*self.results, step)

    def _start(self, process: int, device: str) -> None:
        self.process, self.device, self._began = process, device, time.monotonic()

    def _end(self, state: State, error: str = "") -> None:
        self.state, self.error = state, error
        if self._began and not self._ended:
            self._ended = time.monotonic()
