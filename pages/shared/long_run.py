"""How a long run stands: the queue, the bar with the time left, a button that stops it, or why it failed."""

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.run_queue import Run
from pages.shared import session
from pages.shared.plain_text import plain


def just_ended(run: Run[Any] | None, key: str) -> bool:
    """Whether the run ended since the last time this was asked: the page is then drawn once more, without redrawing."""
    was_active = session.held(key, False)
    session.assign({key: bool(run and run.active)})
    return bool(was_active and run and not run.active)


def progress(
    run: Run[Any], place: int, others: str, standing: str, *, key: str, on_stop: Callable[[], None]
) -> None:
    """Show where a run stands.

    Args:
        place: in the queue, from 1.
        others: a sentence about what goes before.
        standing: what is said beside the bar, from `standing`.
        key: the button's key.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.state == "failed":
            st.error(plain(run.error), icon=":material/error:")
        elif run.state == "waiting":
            st.progress(0.0, f"In the queue: number {place}. {others}")
        else:
            st.progress(run.done / run.order.steps, standing)
        if run.active:
            st.button("Stop", icon=":material/stop:", key=key, on_click=on_stop)


def standing(run: Run[Any], what: str, unit: str = "", pace: str = "") -> str:
    """Where a run stands in words, and how long it still takes.

    Args:
        what: is counted, before the number while it runs; `unit`: what is counted, after it in the end.
        pace: said behind the numbers.
    """
    if run.state == "running" and not run.done:
        return "Starting a process of its own: PyTorch is loading there …"
    if run.state == "running":
        return f"{what} {run.done} of {run.order.steps}{pace}{time_left(run.seconds_left())}"
    return f"{'Done' if run.state == 'done' else 'Stopped'} after {run.done} of {run.order.steps}{unit}{pace}"


def time_left(seconds: float | None) -> str:
    """The time left, to be said behind other words; nothing while it is not known."""
    return "" if seconds is None else f", about **{max(1, math.ceil(seconds))} s** left"
