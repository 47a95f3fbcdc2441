"""Memory that nobody uses any more goes back to the computer.

What Python frees stays with the C library, which keeps it for the next request: a class that came and went leaves
hundreds of megabytes behind that no object holds. GNU's library is asked to give them back (malloc_trim, mallopt(3)
in the Linux manual). macOS and Windows give large blocks back by themselves.
"""

import ctypes
import sys
from collections.abc import Callable
from threading import Lock, Timer

DELAY_S = 0.5
_ARENAS = 4  # pools that threads allocate from; Python's own lock lets one thread at a time work anyway
_LARGE_BYTES = 8 << 20
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h

_lock = Lock()
_waiting = False


def keep_little() -> bool:
    """Let the C library keep little of what is freed; whether it is one that can be told so. Call it at the start.

    By itself it raises two limits with the largest block ever freed, an upload say: blocks up to 32 MB then lie in
    pools, and up to 64 MB at the end of each pool are kept, out of malloc_trim's reach, in 8 pools a core.
    Set by hand, the limits stay: larger blocks are the system's own and go back at once.
    """
    set_option = _function("mallopt")
    if set_option is None:
        return False
    limits = ((_M_ARENA_MAX, _ARENAS), (_M_MMAP_THRESHOLD, _LARGE_BYTES), (_M_TRIM_THRESHOLD, _LARGE_BYTES))
    return all(set_option(option, value) == 1 for option, value in limits)


def give_back() -> bool:
    """Return free pages to the system; whether there were any (False as well where the C library is another one)."""
    trim = _function("malloc_trim")
    return bool(trim(0)) if trim else False


def _function(name: str) -> Callable[..., int] | None:
    """A function of GNU's C library; musl, macOS and Windows have none of this name."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform.startswith("linux") else None


def give_back_soon(delay_s: float = DELAY_S) -> None:
    """Return them in a moment, from a thread of its own: many who leave together are one request."""
    global _waiting
    with _lock:
        if _waiting:
            return
        _waiting = True
    timer = Timer(delay_s, _after_waiting)
    timer.daemon = True
    timer.start()


def _after_waiting() -> None:
    global _waiting
    with _lock:
        _waiting = False  # before the work: who leaves from now on is not covered by it
    give_back()
