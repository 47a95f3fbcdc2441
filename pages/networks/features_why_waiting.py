"""Work in the background: begun when a part of the view needs it, drawn again while it lasts, stopped on demand."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.features.workbench import Job, progress
from pages.networks import features_why_source as source
from pages.networks.features_why_source import Asked
from pages.shared import session
from pages.shared.long_run import time_left
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

_EVERY_S = 0.6
AGAIN = "feat_why_again"
"""Set by a click inside a part that is drawn by itself: the whole view must follow."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a part of the view waits for.

    Args:
        part: of the view, in a word.
        kind: "map", "faith" or "cascade".
        methods: one job each.
        seed: of the random weights.
    """

    part: str
    kind: str
    asked: Asked
    methods: tuple[str, ...]
    seed: int = 0

    @property
    def stopped(self) -> bool:
        """The visitor has stopped it, and nothing was changed since."""
        return session.held(self._flag) == self._name

    @property
    def _flag(self) -> str:
        return f"feat_why_stopped_{self.part}"

    @property
    def _name(self) -> str:
        return repr([self.asked.key(name) for name in self.methods] + [self.seed])

    def begin(self) -> None:
        """Ask for all of it, unless it was stopped."""
        if not self.stopped:
            for name in self.methods:
                source.ask(self.kind, self.asked, name, self.seed)

    def jobs(self) -> list[Job]:
        """What is done or on its way."""
        found = (source.peek(self.kind, self.asked, name, self.seed) for name in self.methods)
        return [job for job in found if job]

    def stop(self) -> None:
        """No longer wait for it."""
        source.stop(self.kind, self.asked, self.methods, self.seed)
        session.assign({self._flag: self._name, AGAIN: True})

    def go_on(self) -> None:
        """Wait for it again."""
        session.drop(self._flag)
        session.assign({AGAIN: True})


def follow(work: Work, draw: Callable[[], None]) -> None:
    """Draw a part with a line about its work above it; again and again until the work has ended."""
    work.begin()
    waits = f"feat_why_waits_{work.part}"
    active = any(job.active for job in work.jobs())
    session.assign({waits: active})

    def once() -> None:
        if session.held(AGAIN):
            st.rerun()  # a click here has set something above
        going = _line(work)
        draw()
        if session.held(waits) and not going:
            session.assign({waits: False})
            st.rerun()  # the last one: it ends the redrawing

    fragment(once, run_every=_EVERY_S if active else None)()


def _line(work: Work) -> bool:
    """How far the work is, how long it still takes, and a way to stop it; whether it is going on."""
    jobs = work.jobs()
    for job in jobs:
        if job.state == "failed":
            st.error(plain(job.error), icon=":material/error:")
    going = any(job.active for job in jobs)
    if not going and not work.stopped:
        return False
    share, left = progress(jobs) if jobs else (0.0, None)
    with st.container(horizontal=True, vertical_alignment="center"):
        if going:
            words = f"Asking the network again and again: {share:.0%}{time_left(left)}"
            st.progress(min(1.0, share), words)
            st.button("Stop", icon=":material/stop:", key=f"feat_why_stop_{work.part}", on_click=work.stop)
        else:
            st.progress(min(1.0, share), f"Stopped at {share:.0%}")
            st.button(
                "Go on", icon=":material/play_arrow:", key=f"feat_why_go_{work.part}", on_click=work.go_on
            )
    return going
