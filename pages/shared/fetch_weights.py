"""Trained weights that are not on this computer: what is missing, and a button that fetches it while one watches."""

import streamlit as st

from core import networks
from core.networks.fetching import Fetcher, FetchOrder
from core.networks.store import Published
from core.run_queue import Run
from pages.shared import long_run, session
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

FETCHER = Fetcher()
session.when_gone(FETCHER.leave)
_EVERY_S = 0.5


def offer(network: Published, key: str, meanwhile: str = "Shown here untrained.") -> None:
    """Say in one sentence what is missing, and fetch it where the visitor wants it and there is a network.

    Args:
        network: whose trained weights are not here.
        key: of the button; a page that shows two networks offers twice.
        meanwhile: what the page shows without them, in a sentence.
    """
    sentence = plain(networks.missing_sentence(network))
    st.warning(f"{sentence} {meanwhile}".strip(), icon=":material/download:")
    if network.has_trained_weights:
        run = _mine(network)
        active = run is not None and run.active
        fragment(_stage, run_every=_EVERY_S if active else None)(network, key)


def _mine(network: Published) -> Run[FetchOrder] | None:
    """This visitor's download of this network, whatever its state."""
    run = FETCHER.of(session.owner())
    return run if run and run.order.network == network.name else None


def _stage(network: Published, key: str) -> None:
    """The button, or how far the download has come; drawn again and again while it is on."""
    run = _mine(network)
    if long_run.just_ended(run, f"{key}_active"):
        st.rerun()  # what was missing is here now, or the redrawing ends
    if run is not None and run.state != "stopped":
        place, others = FETCHER.place(session.owner()), "Another visitor's network is being fetched first."
        long_run.progress(run, place, others, _standing(run, network), key=f"{key}_stop", on_stop=_stop)
    if run is None or not run.active:
        st.button(
            f"Fetch them now ({network.weights.size_mb:.0f} MB)",
            icon=":material/download:",
            key=key,
            on_click=_start,
            args=(network.name,),
        )


def _standing(run: Run[FetchOrder], network: Published) -> str:
    """Where the download stands in words."""
    if not run.done:
        return f"Asking for {plain(network.weights.source)} …"
    size = network.weights.size_mb
    here = f"{size * run.done / run.order.steps:.0f} of {size:.0f} MB"
    return f"{here}{long_run.time_left(run.seconds_left())}"


def _start(network: str) -> None:
    FETCHER.start(session.owner(), FetchOrder(network))


def _stop() -> None:
    FETCHER.stop(session.owner())
