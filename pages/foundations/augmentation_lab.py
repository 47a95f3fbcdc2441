"""Trainings of digit networks, as the Label and the Leak view show them; what one visitor trained serves all."""

from typing import Any

from core.jobs import Job, Order
from pages.shared import jobs

NAME = "digits"
_KNOWN_MOST = 32
_known: dict[str, tuple[Any, ...]] = {}  # what an order gave, by the order in words; the oldest goes first


def start(order: Order) -> None:
    """Begin a training, for a button's callback."""
    jobs.start(NAME, order)


def mine(order: Order) -> Job | None:
    """This visitor's run of this order, whatever its state."""
    job = jobs.mine(NAME)
    if job is None or not job.order.like(order):
        return None
    if job.state == "done":
        _remember(order, job.results)
    return job


def known(order: Order) -> tuple[Any, ...] | None:
    """What an equal order gave anyone, or None: the same trainings give the same results."""
    return _known.get(_words(order))


def _remember(order: Order, results: tuple[Any, ...]) -> None:
    _known.setdefault(_words(order), results)
    for oldest in list(_known)[:-_KNOWN_MOST]:
        _known.pop(oldest, None)


def _words(order: Order) -> str:
    return f"{order.work} {dict(order.arguments)}"
