"""The race of both ways as long work: the classifier on every window, one after the other, beside the one pass."""

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from core.jobs import Job, Order, Tick, work
from core.networks.softmax import softmax
from core.two_stage.sliding import Dense, dense, grid, head_difference, one_window, resized

REPEATS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """How far the windows one by one have come, and how they compare with the one pass.

    Args:
        windows: how many there are. done: of these, row by row.
        seconds: the windows took so far. at_once_seconds: one pass took, the median of three.
        scores: probability of the best class of each window done, from its crop. labels: that class.
        dense_scores, dense_labels: the same of the one pass, for all windows.
        apart: for each window done, the largest difference of the two's 1,000 probabilities.
        head_apart: largest difference of a logit between the convolutional head and the classifier, both on the crop
            of the first window: nothing but rounding.
    """

    windows: int
    done: int
    seconds: float
    at_once_seconds: float
    scores: Float32[np.ndarray, " done"]
    labels: Int64[np.ndarray, " done"]
    dense_scores: Float32[np.ndarray, "rows columns"]
    dense_labels: Int64[np.ndarray, "rows columns"]
    apart: Float32[np.ndarray, " done"]
    head_apart: float

    @property
    def agree(self) -> int:
        """Windows done whose best class is the same both ways."""
        return int((self.labels == self.dense_labels.ravel()[: self.done]).sum())

    @property
    def ratio(self) -> float:
        """How many times longer the windows take than the one pass; NaN before there is one."""
        if not self.done:
            return float("nan")
        return self.seconds / self.done * self.windows / self.at_once_seconds


def sweep_order(photo: UInt8[np.ndarray, "height width 3"], side: int) -> Order:
    """The order for what `sweep` does."""
    return Order("core.two_stage.sliding_race:sweep", {"photo": photo, "side": side})


@work
def sweep(photo: np.ndarray, side: int) -> Generator[Any, bool | None, None]:
    """Time the one pass, then the windows one by one; ticks hold a `Sweep`, and the last one is the result."""
    shown = resized(photo, side)
    rows, columns = grid(shown.shape[:2])
    passes = [dense(photo, side) for _ in range(REPEATS + 1)][1:]  # the first warms up
    head_apart = head_difference(shown)
    logits, seconds = np.empty((len(passes[0].logits), 0), np.float32), 0.0
    state = _sweep(passes, logits, seconds, head_apart)
    for number in range(rows * columns):
        start = time.perf_counter()
        answer = one_window(shown, *divmod(number, columns))
        seconds += time.perf_counter() - start
        logits = np.column_stack([logits, answer])
        state = _sweep(passes, logits, seconds, head_apart)
        what = f"window {number + 1} of {rows * columns}"
        if (yield Tick(number + 1, rows * columns, what, photos=number + 1, seen=state)):
            break
    yield state


def latest(job: Job | None) -> Sweep | None:
    """What there is to see of a race."""
    if job is None:
        return None
    return job.results[-1] if job.results else (job.tick.seen if job.tick else None)


def _sweep(passes: list[Dense], logits: np.ndarray, seconds: float, head_apart: float) -> Sweep:
    shares, whole = softmax(logits) if logits.size else logits, passes[0].probabilities()
    rows, columns = whole.shape[1:]
    done = shares.shape[1]
    apart = np.abs(shares - whole.reshape(len(whole), -1)[:, :done]).max(axis=0)
    return Sweep(
        rows * columns,
        done,
        seconds,
        float(np.median([each.seconds for each in passes])),
        shares.max(axis=0),
        shares.argmax(axis=0),
        whole.max(axis=0),
        whole.argmax(axis=0),
        apart,
        head_apart,
    )
