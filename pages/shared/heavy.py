"""Heavy computations of all visitors through one gate, in order of arrival.

A network that is loaded, traced or run takes a processor for tenths of seconds to seconds. Thirty at once would take
Python away from everybody; through the gate go so many as leave a processor to the rest, and who waits sees how many
are before them. What is known already is not computed again and passes by. A page computes several things: they count
as come when the page was asked for, so that one visitor is served after the other, and not all at the very end.
"""

import os
import time
from bisect import insort
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import count
from threading import Condition, Lock, local
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from core.networks.guests import is_guest
from core.warm import READY
from pages.shared import session
from pages.shared.turns import TURNS

AT_ONCE = max(1, min(2, (os.cpu_count() or 2) - 1))
_TOLD_AFTER_S, _TOLD_EVERY_S = 0.4, 0.5
_PRIVATE_SHARE = 4  # of a visitor's own network so many times fewer results are kept
P, R = ParamSpec("P"), TypeVar("R")


class Gate:
    """First come, first served; `at_once` pass together."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._inside = 0
        self._queue: list[tuple[float, int]] = []  # when they came, and a number that nobody else has
        self._numbers = count()
        self._changed = Condition()

    @contextmanager
    def passage(self, tell: Callable[[int], None], came: float | None = None) -> Iterator[None]:
        """Wait until it is this block's time.

        Args:
            tell: hears now and then how many are before it, and may raise to end the wait.
            came: since when it counts as waiting; None for now.
        """
        now = time.monotonic()
        with self._changed:
            ticket = (now if came is None else came, next(self._numbers))
            insort(self._queue, ticket)
        try:
            while before := self._before(ticket):
                if time.monotonic() - now > _TOLD_AFTER_S:
                    tell(before)
        except BaseException:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()
            raise
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def _before(self, ticket: tuple[float, int]) -> int:
        """How many are before it after a moment's wait; 0 if it has passed."""
        with self._changed:
            if not self._may_pass(ticket):
                self._changed.wait(_TOLD_EVERY_S)
            if not self._may_pass(ticket):
                return self._queue.index(ticket) + self._inside
            self._queue.remove(ticket)
            self._inside += 1
            return 0

    def _may_pass(self, ticket: tuple[float, int]) -> bool:
        return self._queue[0] == ticket and self._inside < self._at_once


def waiting_words(before: int) -> str:
    """What a visitor reads who waits for so many others."""
    return f":material/hourglass_top: The computer is busy with other visitors' networks: **{before} before you**."


def pytorch_loads(place: Any, key: str = "") -> None:
    """Why a view takes long, in its empty place.

    Args:
        key: shown until the view holds something under it; without one, until the server has loaded PyTorch.
    """
    if not (session.held(key) if key else READY.is_set()):
        with place.container():
            st.caption("Loading PyTorch takes a few seconds the first time.")
            st.skeleton(height=480)


GATE = Gate(AT_ONCE)
_here = local()


@contextmanager
def heavy() -> Iterator[None]:
    """The block computes something heavy: it waits at the gate, and the visitor sees for how many others."""
    if getattr(_here, "inside", False):
        yield
        return
    shown: list[Any] = []

    def tell(before: int) -> None:
        if not shown:
            shown.append(st.empty())
        shown[0].caption(waiting_words(before))

    with TURNS.aside(), GATE.passage(tell, TURNS.came()):
        for place in shown:
            place.empty()
        with _inside():
            yield


@contextmanager
def _inside() -> Iterator[None]:
    """Whatever is computed on the way to a result belongs to it: nothing waits at the gate a second time."""
    before, _here.inside = getattr(_here, "inside", False), True
    try:
        yield
    finally:
        _here.inside = before


class _Seen:
    """The keys used last: what is probably still kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._keys: OrderedDict[Hashable, None] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._keys

    def note(self, key: Hashable) -> None:
        with self._lock:
            self._keys[key] = None
            self._keys.move_to_end(key)
            while len(self._keys) > self._most:
                self._keys.popitem(last=False)


def kept(
    cache: Callable[..., Any], most: int, hash_funcs: dict[str | type, Any] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep a function's results, and compute new ones at the gate.

    What was made with a visitor's own network is kept with their session and freed with it.

    Args:
        cache: `st.cache_data` or `st.cache_resource`.
        most: results that are kept for all visitors together; a quarter of it for a session's own network.
        hash_funcs: as for the cache.
    """

    def keeper(compute: Callable[P, R]) -> Callable[P, R]:
        fewer = max(2, most // _PRIVATE_SHARE)
        how = {"show_spinner": False, "hash_funcs": hash_funcs}
        shared = cache(max_entries=most, **how)(compute)
        private = cache(max_entries=fewer, scope="session", **how)(compute)
        seen = _Seen(most)

        @wraps(compute)
        def get(*args: P.args, **kwargs: P.kwargs) -> R:
            given = (*args, *kwargs.values())
            own = any(map(_is_own, given))
            key = (session.owner() if own else "", *(_key(each, hash_funcs or {}) for each in given))
            found = private if own else shared
            if key in seen:
                with _inside():
                    result = found(*args, **kwargs)
            else:
                with heavy():
                    result = found(*args, **kwargs)
            seen.note(key)
            return result

        return get

    return keeper


def _is_own(given: Any) -> bool:
    """An argument that names a visitor's network, by itself or as its `network`."""
    name = getattr(given, "network", given)
    return isinstance(name, str) and is_guest(name)


def _key(given: Any, hash_funcs: dict[str | type, Any]) -> Any:
    change = hash_funcs.get(type(given))
    return change(given) if change else given
