"""Long work of visitors on the server's one engine: how a page starts it, looks at it, shows it and stops it."""

import math

import streamlit as st

from core.jobs import Engine, Job, Order
from pages.shared import session
from pages.shared.long_run import just_ended, time_left
from pages.shared.plain_text import plain

ENGINE = Engine()
session.when_gone(ENGINE.leave)
EVERY_S = 0.5


def start(name: str, order: Order) -> None:
    """Begin this visitor's job of a name, for a button's callback; one of this name that is on its way is stopped."""
    ENGINE.start(session.owner(), name, order)


def mine(name: str) -> Job | None:
    """This visitor's latest job of a name, whatever its state."""
    return ENGINE.of(session.owner(), name)


def stop(name: str) -> None:
    """Tell it to stop."""
    ENGINE.stop(session.owner(), name)


def follow(job: Job | None, *, key: str, what: str, stop_says: str = "Stop") -> None:
    """In a fragment that is drawn again and again: show where a job stands, if there is one.

    When it has just ended the whole page is drawn once more, which ends the redrawing.
    """
    if just_ended(job, f"followed_{key}"):
        st.rerun()
    if job is not None:
        panel(job, key=f"{key}_stop", what=what, stop_says=stop_says)


def panel(job: Job, *, key: str, what: str, stop_says: str = "Stop") -> None:
    """Show where a job stands: the queue, or the bar with time and cost, a button that stops it, or why it failed.

    Args:
        key: the button's key.
        what: is being made, in words. stop_says: on the button that ends it and keeps what there is.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.state == "failed":
            st.error(plain(job.error), icon=":material/error:")
        else:
            st.progress(_share(job), standing(job, what, ENGINE.place(job)))
        if job.active:
            st.button(
                stop_says,
                icon=":material/stop:" if stop_says == "Stop" else ":material/pause:",
                key=key,
                on_click=stop,
                args=(job.name,),
                disabled=job.state == "stopping",
            )


def _share(job: Job) -> float:
    if job.tick is None or not job.tick.total:
        return 1.0 if job.state == "done" else 0.0
    return 1.0 if job.state == "done" else job.tick.done / job.tick.total


def standing(job: Job, what: str, place: int) -> str:
    """Where a job stands in words: what it does, what it has cost so far, and how long it still takes.

    Args:
        place: in the queue, from 1; 0 for one that has begun.
    """
    if job.state == "waiting":
        before = "next" if place <= 1 else f"number {place}"
        return f"{what}: {before} in the queue, as soon as a worker is free …"
    if job.tick is None and job.active:
        return f"{what}: a worker takes the photos …"
    parts = [f"{job.elapsed_s:.0f} s"]
    if job.tick is not None:
        parts += [f"{job.tick.photos:,} photos through the network"] if job.tick.photos else []
        parts += [f"{job.tick.updates:,} updates"] if job.tick.updates else []
    if job.device:
        parts.append(job.device)
    cost = " · ".join(parts)
    if job.state == "stopping":
        return f"{what}: stopping … · {cost}"
    if job.state == "running":
        doing = f"{what}, {job.tick.what}" if job.tick and job.tick.what else what
        left = job.seconds_left()
        known = left if left is not None and math.isfinite(left) else None
        return f"{doing}{time_left(known)} · {cost}"
    return f"{what}: {'done' if job.state == 'done' else 'stopped'} · {cost}"
