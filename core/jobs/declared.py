"""Which functions may run as long work: generator functions in `core` that are marked so, found by their name."""

import inspect
from collections.abc import Callable, Generator
from importlib import import_module
from typing import Any, TypeVar

Made = TypeVar("Made", bound=Callable[..., Generator[Any, Any, Any]])
_MARK = "__is_long_work__"


def work(function: Made) -> Made:
    """Mark a generator function as long work: a decorator.

    Raises: ValueError for anything but a generator function.
    """
    if not inspect.isgeneratorfunction(function):
        raise ValueError(f"Long work is a generator function, got {function!r}.")
    setattr(function, _MARK, True)
    return function


def name_of(function: Callable[..., Any]) -> str:
    """The name under which a worker finds it: "core.module:function"."""
    return f"{function.__module__}:{function.__name__}"


def found(name: str) -> Callable[..., Generator[Any, Any, Any]]:
    """The function of a name; only in `core`, and only one that is marked.

    Raises: ValueError.
    """
    module, _, function = name.partition(":")
    if not module.startswith("core.") or not all(
        part.isidentifier() for part in (*module.split("."), function)
    ):
        raise ValueError(f"Long work is named core.module:function, got {name[:80]!r}.")
    marked = getattr(import_module(module), function, None)
    if not getattr(marked, _MARK, False):
        raise ValueError(f"Long work is marked as such, got {name[:80]!r}, which is not.")
    return marked
