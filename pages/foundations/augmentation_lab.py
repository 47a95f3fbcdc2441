"""Trainings of digit networks, as the Label and the Leak view show them: progress, time left, a button to stop."""

import streamlit as st

from core.augmentation.digits import DigitNetwork, restored
from core.augmentation.laboratory import DigitOrder, Laboratory, Order, Run
from pages.shared import long_run, session

LAB = Laboratory()
session.when_gone(LAB.leave)
EVERY_S = 0.7


def start(order: Order) -> None:
    """Begin a training, for a button's callback."""
    LAB.start(session.owner(), order)


def stop() -> None:
    """End it."""
    LAB.stop(session.owner())


def mine(order: Order) -> Run | None:
    """This visitor's run of this order, whatever its state."""
    run = LAB.of(session.owner())
    return run if run and run.order == order else None


def progress(run: Run, what: str, key: str) -> None:
    """Where a run stands, with a button while it can be stopped."""
    place = LAB.place(session.owner())
    others = "Other visitors' networks are being trained first."
    long_run.progress(run, place, others, long_run.standing(run, what), key=key, on_stop=stop)


@st.cache_resource(max_entries=8, show_spinner=False)
def _restored(order: DigitOrder) -> DigitNetwork:
    last = (LAB.known(order) or [])[-1]
    return restored(last["weights"], order.seed, last["accuracy"], last["held_out"])


def digit_network(order: DigitOrder) -> DigitNetwork | None:
    """The trained network, or None as long as nobody has trained it."""
    return None if LAB.known(order) is None else _restored(order)
