"""Edits that browser components send, each with a serial number.

A visitor may edit again before the answer to the edit before has come. Every edit carries everything that is unanswered
and a number; the number of the last edit that was taken over goes back, and a component draws no older answer.
"""

from collections.abc import Mapping
from typing import Any

from pages.shared import session


def taken(key: str) -> int:
    """The number of the last edit of the component under `key` that was taken over, to be sent to it; 0 for none."""
    return session.held(_kept(key), 0)


def skip(key: str) -> None:
    """The page itself changed what the component under `key` edits: an answer newer than its last edit."""
    session.assign({_kept(key): taken(key) + 1})


def take(key: str) -> Mapping[str, Any]:
    """The edit that the component under `key` sent; its number counts as taken over.

    Raises: ValueError where it sent none, or one without its number.
    """
    edit = (session.held(key) or {}).get("edit")
    serial = edit.get("serial") if isinstance(edit, Mapping) else None
    if not isinstance(edit, Mapping) or not isinstance(serial, int) or serial < 0:
        raise ValueError("The editor sent an edit without its number.")
    session.assign({_kept(key): serial})
    return edit


def _kept(key: str) -> str:
    return f"serial_{key}"
