"""Visitors' runs one after the other, in order of arrival.

Python computes one run at a time whatever we do. Runs that overlap share it, so all of them finish late and together,
and visitors who once met keep meeting. In turn, each is answered as soon as its own run is done. A run that takes
long (a filter learned) loses its turn, and the others go on beside it; one that is about to compute something heavy
(a network is traced) steps aside by itself, see `pages.shared.heavy`. Whole pages, runs that come back from aside and
parts of open pages wait in rows of their own. Every second turn is for a part, the others for both the others in turn:
a slider need not wait until a class that comes in has sat down.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Condition, local
from typing import ParamSpec, TypeVar

import streamlit as st

LONGEST_S = 0.15  # how long a run keeps the others waiting
PAGE, BACK, PART = 0, 1, 2  # the rows
P, R = ParamSpec("P"), TypeVar("R")


class Turns:
    """First come, first served in each of three rows, which take turns: a part after everything longer."""

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._head: object | None = None  # the run that has its turn
        self._waiting: tuple[deque[object], ...] = (deque(), deque(), deque())
        self._last = self._longer = (
            PAGE  # the row that the head came from, and the last of the two with long runs
        )
        self._began = 0.0
        self._changed = Condition()
        self._thread = local()  # the run that this thread is inside of, and when it came

    @contextmanager
    def turn(self, row: int = PAGE) -> Iterator[None]:
        """Wait for a turn and keep it to the end of the block; a block inside a block goes straight on.

        Args:
            row: PAGE for a whole page, PART for a part of one that is open.
        """
        if self._present() is not None:
            yield
            return
        self._thread.came = time.monotonic()
        self._begin(row)
        try:
            yield
        finally:
            self._finish()
            self._thread.came = None

    def came(self) -> float:
        """When this thread's run asked for its first turn; now, if it is in none."""
        return getattr(self._thread, "came", None) or time.monotonic()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Give the turn away for the length of the block and wait for another one after it."""
        if self._present() is None:
            yield
            return
        self._finish()
        try:
            yield
        finally:
            self._begin(BACK)

    def _present(self) -> object | None:
        return getattr(self._thread, "run", None)

    def _begin(self, row: int) -> None:
        run = object()
        self._wait(run, self._waiting[row])
        self._thread.run = run

    def _finish(self) -> None:
        run, self._thread.run = self._thread.run, None
        with self._changed:
            if self._head is run:
                self._next()

    def _wait(self, run: object, row: deque[object]) -> None:
        with self._changed:
            row.append(run)
            if self._head is None:
                self._next()
            while run in row:  # once it is taken out it has had its turn, or has it now
                left = self._began + self._longest_s - time.monotonic()
                if left <= 0:
                    self._next()  # the head has had its time, and goes on beside the next one
                else:
                    self._changed.wait(left)

    def _next(self) -> None:
        """The turn of the next one begins."""
        if self._last != PART:
            self._longer = self._last
        longer = (PAGE, BACK) if self._longer == BACK else (BACK, PAGE)
        rows = (*longer, PART) if self._last == PART else (PART, *longer)
        self._last = next((row for row in rows if self._waiting[row]), self._last)
        self._head = self._waiting[self._last].popleft() if self._waiting[self._last] else None
        self._began = time.monotonic()
        self._changed.notify_all()


TURNS = Turns()


def fragment(draw: Callable[P, R], run_every: float | None = None) -> Callable[P, R]:
    """A part of a page that is redrawn by itself, in turn with the other visitors' runs.

    Args:
        draw: draws the part.
        run_every: seconds after which it is drawn again without anyone asking; None waits for the visitor.
    """

    @wraps(draw)
    def in_turn(*args: P.args, **kwargs: P.kwargs) -> R:
        with TURNS.turn(PART):
            return draw(*args, **kwargs)

    return st.fragment(in_turn, run_every=run_every)
