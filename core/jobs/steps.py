"""How far a piece of long work is."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Tick:
    """So much is done.

    Args:
        done, total: in the work's own steps, 0 <= done <= total; total may grow while it runs.
        what: what it is doing now, in words ("epoch 3 of 20"), or "".
        photos: pictures that have gone through a network so far: the cost.
        updates: optimiser steps so far.
        seen: what there is to look at now; that of the next tick takes its place.
    """

    done: int
    total: int
    what: str = ""
    photos: int = 0
    updates: int = 0
    seen: Any = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.done <= self.total:
            raise ValueError(f"Done is 0 to total, got {self.done} of {self.total}.")
