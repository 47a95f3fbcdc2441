"""A measurement of a set or of a trained network that takes seconds: asked for by a button, shown while it comes.

What is to be ordered lies in a place of the session's, not in a button: Streamlit keeps what a widget was given, photos
and all, after the visitor has left.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from core.jobs import Job, Order
from pages.shared import jobs, session
from pages.shared.turns import fragment

Draw = Callable[[Job], None]


@dataclass(slots=True)
class _Offers:
    """What each button of one visitor would begin, and how its results are drawn."""

    by_name: dict[str, tuple[Order, Draw]] = field(default_factory=dict)

    def clear(self) -> None:
        """The session has ended."""
        self.by_name.clear()


@st.cache_resource(scope="session", show_spinner=False, on_release=_Offers.clear)
def _offers_of(owner: str) -> _Offers:
    return _Offers()


def _offer(name: str) -> tuple[Order, Draw]:
    return _offers_of(session.owner()).by_name[name]


def on_demand(
    name: str, order: Order, draw: Draw, *, button: str, about: str, disabled: bool = False
) -> None:
    """Draw the button, and under it the job of exactly this order as far as it has come.

    Args:
        name: of the job, and of the widgets' keys.
        order: what the button begins; a result of another one is not shown.
        draw: shows the job's results; called again and again while they come.
        button: its label. about: what it will show, until it was pressed.
    """
    _offers_of(session.owner()).by_name[name] = (order, draw)
    job = _mine(name)
    active = job is not None and job.active
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            button,
            icon=":material/play_arrow:",
            key=f"tl_{name}_go",
            on_click=_begin,
            args=(name,),
            disabled=active or disabled,
        )
        st.caption(about, width="content")
    fragment(_stage, run_every=jobs.EVERY_S if active else None)(name, button)


def _begin(name: str) -> None:
    jobs.start(name, _offer(name)[0])


def _mine(name: str) -> Job | None:
    """This visitor's job of this name, if it was ordered alike."""
    job = jobs.mine(name)
    return job if job is not None and job.order.like(_offer(name)[0]) else None


def _stage(name: str, what: str) -> None:
    job = _mine(name)
    jobs.follow(job, key=f"tl_{name}", what=what)
    if job is not None and job.results:
        _offer(name)[1](job)
