"""What a style transfer hands out on its way: the picture as it stands, and how far it is."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, UInt8

from core.jobs import Tick
from core.style.losses import Part, Pull

KEPT = 24  # frames of a film that are kept, spread evenly, besides the last
Picture = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The picture on its way.

    Args:
        step: looks so far. seconds: so far. side: of the longer edge at this size.
        pixels: as it is shown, colours kept where that was asked for.
        parts: the loss of this very picture. total: their weighted sum; comparable within one size only.
    """

    step: int
    seconds: float
    side: int
    pixels: Picture
    parts: tuple[Part, ...]

    @property
    def total(self) -> float:
        """The weighted sum of the parts."""
        return sum(part.weighted for part in self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class Styled:
    """The end, or where it was stopped: the best picture of the largest size reached.

    Args:
        best: its frame. values: the picture as numbers, to go on with.
        stopped: before its end.
        pulls: how strongly each part pulls at this picture.
    """

    best: Frame
    values: Float32[np.ndarray, "height width 3"]
    stopped: bool
    pulls: tuple[Pull, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A frame of the film."""

    frame: Frame


@dataclass(frozen=True, slots=True, eq=False)
class Latest:
    """Where it stands.

    Args:
        frame: the latest. curve: of every frame so far its step, side and parts.
        pulls: how strongly each part pulled at the first picture of this size.
    """

    frame: Frame
    curve: tuple[tuple[int, int, tuple[Part, ...]], ...]
    pulls: tuple[Pull, ...]


class Film:
    """What has come so far, over all sizes."""

    def __init__(self, levels: tuple[tuple[int, int], ...], before: Frame | None) -> None:
        self.began = before.step if before else 0
        self.steps = self.began + sum(steps for _, steps in levels)
        self._cost = sum(steps * _cost(side) for side, steps in levels)
        self._spent = 0
        self.done = self.began
        self.curve: list[tuple[int, int, tuple[Part, ...]]] = []
        self.pulls: tuple[Pull, ...] = ()
        self.best: Frame | None = None
        self.best_picture: Any = None  # as the optimiser has it: not yet hidden by a mask
        self.best_values = np.zeros((1, 1, 3), np.float32)
        self.next_kept = self.began
        self._since = time.perf_counter() - (before.seconds if before else 0.0)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._since

    def looked(self, side: int, times: int) -> None:
        self.done += times
        self._spent = min(self._cost, self._spent + times * _cost(side))

    def keeps(self, frame: Frame) -> bool:
        """It is time to keep a frame."""
        if frame.step < self.next_kept:
            return False
        self.next_kept = frame.step + max(1, -(-(self.steps - self.began) // KEPT))
        return True

    def tick(self, frame: Frame) -> Tick:
        what = f"step {min(self.done, self.steps)} of {self.steps}, {frame.side} px"
        return Tick(
            self._spent,
            self._cost,
            what,
            photos=self.done - self.began,
            seen=Latest(frame, tuple(self.curve), self.pulls),
        )


def _cost(side: int) -> int:
    """What a look costs, in looks at 16 pixels: the time left is counted in these."""
    return max(1, (side // 16) ** 2)
