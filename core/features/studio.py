"""Where long dreams are made: each in a process of its own, so that the web server's Python stays free.

A process starts with its own interpreter and a lower priority, gets its order on its standard input and sends frames
back on its standard output. A full pipe makes it wait, so no more than a few frames are ever on their way; when either
end closes, it ends. Nothing is pickled.

Loading PyTorch takes a new process seconds: one spare process does so ahead, for whoever comes next.
"""

import os
import subprocess
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any, ClassVar

import numpy as np

from core import run_queue
from core.features.dream import Frame, Recipe
from core.features.dream_pipe import give, next_frame, started
from core.run_queue import RunQueue

KEPT = 25  # frames of a film that are kept, spread evenly, besides the latest


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What a run is to make.

    Args:
        network: a name of `core.networks.NAMES`, or of a visitor's own network.
        weights: "trained" or "untrained".
        recipes: one, or several that climb in turn, step by step.
        start: the picture to begin with, or None for noise.
    """

    network: str
    weights: str
    recipes: tuple[Recipe, ...]
    start: np.ndarray | None = None

    def __post_init__(self) -> None:
        if not self.recipes:
            raise ValueError("A run has at least one recipe, got none.")

    @property
    def steps(self) -> int:
        """Frames of all recipes together."""
        return sum(recipe.steps + 1 for recipe in self.recipes)

    def header(self) -> dict[str, Any]:
        """The order as JSON, without the picture."""
        shape = None if self.start is None else list(self.start.shape)
        return {
            "network": self.network,
            "weights": self.weights,
            "recipes": [asdict(recipe) for recipe in self.recipes],
            "start": shape,
        }


@dataclass(slots=True)
class Run(run_queue.Run[Order]):
    """One order on its way, with the frames that have arrived."""

    _RECENT: ClassVar[int | None] = 8  # the scale of the climb changes its pace

    _films: list[list[Frame]] = field(default_factory=list)
    _scores: list[list[float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._films = [[] for _ in self.order.recipes]
        self._scores = [[] for _ in self.order.recipes]

    def film(self, recipe: int = 0) -> tuple[Frame, ...]:
        """The frames kept so far, the first and the latest among them."""
        return tuple(self._films[recipe])

    def scores(self, recipe: int = 0) -> tuple[float, ...]:
        """The score at every step so far."""
        return tuple(self._scores[recipe])

    def seconds_per_step(self) -> float | None:
        """Measured on all frames; None before there are two."""
        if self.done < 2:
            return None
        return (self._arrivals[-1] - self._arrivals[0]) / (self.done - 1)

    def _take(self, recipe: int, frame: Frame) -> None:
        """Keep a frame: those at even distances, and the latest."""
        film, every = self._films[recipe], max(1, -(-self.order.recipes[recipe].steps // (KEPT - 1)))
        if film and film[-1].step % every:
            film.pop()
        film.append(frame)
        self._scores[recipe].append(frame.score)
        self._arrived()


class Studio(RunQueue[Order, Run]):
    """All dreams of a server."""

    def __init__(self, at_once: int | None = None) -> None:
        super().__init__(
            Run,
            at_once or max(1, (os.cpu_count() or 2) - 1),
            "The process that makes the pictures ended too early.",
        )
        self._spare: subprocess.Popen[bytes] | None = None
        self._spare_lock = Lock()

    def prepare(self) -> None:
        """Have a process ready that has loaded PyTorch, one at most; unused it ends by itself after some minutes."""
        with self._spare_lock:
            if not _waits(self._spare):
                self._spare = started()

    def close(self) -> None:
        """End the spare process."""
        with self._spare_lock:
            spare, self._spare = self._spare, None
        if spare is not None:
            with spare:
                spare.kill()

    def _taken(self) -> "subprocess.Popen[bytes]":
        """The spare process, or a new one."""
        with self._spare_lock:
            spare, self._spare = self._spare, None
        return spare if spare is not None and _waits(spare) else started()

    def _listen(self, run: Run, process: "subprocess.Popen[bytes]") -> None:
        give(process, run.order)
        while (found := next_frame(process)) and run.state == "running":
            run._take(*found)

    def _follow(self, run: Run) -> None:
        super()._follow(run)
        self.prepare()  # who has made one picture often makes another


def _waits(process: "subprocess.Popen[bytes] | None") -> bool:
    """It is there and running; one that has ended is put away."""
    if process is None or process.poll() is None:
        return process is not None
    with process:
        return False
