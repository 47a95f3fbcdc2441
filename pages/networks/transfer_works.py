"""A measurement of a set or of a trained network that takes seconds: asked for by a button, shown while it comes."""

from collections.abc import Callable

import streamlit as st

from core.jobs import Job, Order
from pages.shared import jobs
from pages.shared.long_run import just_ended
from pages.shared.turns import fragment


def on_demand(
    name: str,
    order: Order,
    *,
    button: str,
    about: str,
    draw: Callable[[Job], None],
    disabled: bool = False,
) -> None:
    """Draw the button, and under it the job of exactly this order as far as it has come.

    Args:
        name: of the job, and of the widgets' keys.
        order: what the button begins; a result of another one is not shown.
        button: its label. about: what it will show, until it was pressed.
        draw: shows the job's results; called again and again while they come.
    """
    job = _of(name, order)
    active = job is not None and job.active
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            button,
            icon=":material/play_arrow:",
            key=f"tl_{name}_go",
            on_click=jobs.start,
            args=(name, order),
            disabled=active or disabled,
        )
        st.caption(about, width="content")
    fragment(_stage, run_every=jobs.EVERY_S if active else None)(name, order, button, draw)


def _of(name: str, order: Order) -> Job | None:
    """This visitor's job of this name, if it was ordered alike."""
    job = jobs.mine(name)
    return job if job is not None and same(job.order, order) else None


def same(one: Order, other: Order) -> bool:
    """The same work on the same things: sets by their digest, files by identity, everything else by value."""
    if one.work != other.work or set(one.arguments) != set(other.arguments):
        return False
    return all(_alike(value, other.arguments[key]) for key, value in one.arguments.items())


def _alike(one: object, other: object) -> bool:
    if one is other:
        return True
    if isinstance(one, bytes):
        return False  # a file of another training
    digests = getattr(one, "digest", None), getattr(other, "digest", None)
    return digests[0] == digests[1] if digests[0] is not None else one == other


def _stage(name: str, order: Order, what: str, draw: Callable[[Job], None]) -> None:
    job = _of(name, order)
    if just_ended(job, f"tl_{name}_active"):
        st.rerun()  # the last one: it ends the redrawing
    if job is None:
        return
    jobs.panel(job, key=f"tl_{name}_stop", what=what)
    if job.results:
        draw(job)
