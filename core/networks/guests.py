"""Networks that visitors brought along: each known under a name that nobody can guess, counted, and freed.

Who brings the same file and says the same about it holds the same network, so that a class with one file holds it
once. When the last holder has let go of it, nothing here keeps it, and whoever brings it again gets a new name.
"""

import uuid
from dataclasses import dataclass
from threading import Lock
from typing import Any

from core.networks.limits import CheckpointError
from core.networks.record import NetworkRecord

PREFIX = "own-"
BYTES_MOST = 1_500_000_000
"""Of all visitors' networks together."""


@dataclass(slots=True)
class _Guest:
    digest: str  # of the file and of what was said about it
    network: Any
    record: NetworkRecord
    notes: tuple[str, ...]
    size: int
    holders: int = 0


_guests: dict[str, _Guest] = {}
_lock = Lock()


def is_guest(name: str) -> bool:
    """The name is one that a visitor's network has, or had."""
    return name.startswith(PREFIX)


def is_present(name: str) -> bool:
    """A visitor's network of this name is here now."""
    return name in _guests


def check_room(size: int) -> None:
    """There is room for another network of so many bytes.

    Raises: CheckpointError.
    """
    with _lock:
        held = sum(guest.size for guest in _guests.values())
    if held + size > BYTES_MOST:
        raise CheckpointError(
            f"Own networks of all visitors may take {BYTES_MOST / 1e6:,.0f} MB together, {held / 1e6:,.0f} MB are"
            f" taken and this one needs {size / 1e6:,.0f} MB: try again when another visitor has left."
        )


def hold(digest: str) -> str:
    """Count one more holder of a network that is here already; its name, or "" if it is not."""
    with _lock:
        return _held(digest)


def admit(digest: str, network: Any, record: NetworkRecord, notes: tuple[str, ...], size: int) -> str:
    """Take a network in, with one holder; if it is here by now, count one more. Returns its name."""
    with _lock:
        name = _held(digest)
        if not name:
            name = PREFIX + uuid.uuid4().hex
            _guests[name] = _Guest(digest, network, record, notes, size, holders=1)
        return name


def hold_again(name: str) -> str:
    """Count one more holder of a network that is here, by its name; returns the name.

    Raises: ValueError if it is not here any more.
    """
    with _lock:
        _found(name).holders += 1
    return name


def _held(digest: str) -> str:
    for name, guest in _guests.items():
        if guest.digest == digest:
            guest.holders += 1
            return name
    return ""


def let_go(name: str) -> Any:
    """Count one holder less; the network if that was the last one and it is gone, else None."""
    with _lock:
        guest = _guests.get(name)
        if guest is None:
            return None
        guest.holders -= 1
        return None if guest.holders else _guests.pop(name).network


def network_of(name: str) -> Any:
    """The network itself.

    Raises: ValueError if it is not here any more.
    """
    return _found(name).network


def record_of(name: str) -> NetworkRecord:
    """What is known of it.

    Raises: ValueError if it is not here any more.
    """
    return _found(name).record


def notes_of(name: str) -> tuple[str, ...]:
    """Sentences about it for a person.

    Raises: ValueError if it is not here any more.
    """
    return _found(name).notes


def _found(name: str) -> _Guest:
    guest = _guests.get(name)
    if guest is None:
        raise ValueError(
            "This network was brought by a visitor and is not here any more: bring its file again."
        )
    return guest
