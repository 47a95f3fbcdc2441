"""Small works to try a cluster with: they count, hold memory, wait, or fail."""

import os
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.jobs.declared import work
from core.jobs.steps import Tick

Steps = Generator[Any, bool | None, None]


@dataclass(frozen=True, slots=True)
class Counted:
    """A number that was reached; `last` if the work was told to stop and this closes it."""

    number: int
    last: bool = False


@work
def count(total: int, seconds: float = 0.0) -> Steps:
    """Count to `total`, each number after so many seconds; told to stop, it says where it stood."""
    for i in range(total):
        time.sleep(seconds)
        if (yield Tick(i + 1, total, f"number {i + 1}", photos=2 * (i + 1), updates=i + 1)):
            yield Counted(i + 1, last=True)
            return
        if (yield Counted(i + 1)):
            yield Counted(i + 1, last=True)
            return


@work
def size(values: np.ndarray) -> Steps:
    """Say how many bytes came."""
    yield values.nbytes


@work
def hoard(step_bytes: int) -> Steps:
    """Take more and more memory."""
    held: list[np.ndarray] = []
    while True:
        held.append(np.ones(step_bytes // 8))
        yield Tick(len(held), len(held) + 1)
        time.sleep(0.05)


@work
def deaf(seconds: float) -> Steps:
    """Take one step that cannot be stopped."""
    yield Tick(0, 1)
    time.sleep(seconds)
    yield Tick(1, 1)


@work
def refuse(sentence: str) -> Steps:
    """Say that something is not possible."""
    yield Tick(0, 1)
    raise ValueError(sentence)


@work
def break_down() -> Steps:
    """Fail in a way that nobody expected."""
    yield Tick(0, 1)
    raise KeyError("what a visitor must not see")


@work
def process() -> Steps:
    """Say which process does the work."""
    yield os.getpid()


@work
def tidy(steps: int, seconds: float) -> Steps:
    """Count until told to stop, then close in so many steps, saying how far it is."""
    while not (yield Tick(0, 1)):
        time.sleep(0.02)
    for i in range(steps):
        time.sleep(seconds)
        yield Tick(i, steps, "closing")
    yield Counted(steps, last=True)
