"""The rate finder: the loss while the learning rate rises, and the rate that this suggests."""

import math

import streamlit as st

from core.figures import transfer_more as figures
from core.jobs import Job, Order
from core.transfer.rate_finder import RateAdvice, RatePoint
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.split import Split
from pages.networks.transfer_settings import RATES
from pages.networks.transfer_works import on_demand
from pages.shared import session


def rate_section(photos: PhotoSet, split: Split, recipe: Recipe, *, disabled: bool) -> None:
    """The button, the curve, and the rate taken over."""
    with st.expander("Which learning rate? The rate finder", icon=":material/speed:"):
        on_demand(
            "rate",
            Order(
                "core.transfer.rate_finder:find_rate", {"photos": photos, "split": split, "recipe": recipe}
            ),
            _curve,
            button="Find a rate",
            about="Up to 60 updates of a copy, each with a higher rate: where does the loss fall?",
            disabled=disabled,
        )


def _curve(job: Job) -> None:
    points = [each for each in job.results if isinstance(each, RatePoint)]
    found = next((each for each in job.results if isinstance(each, RateAdvice)), None)
    suggested = None if found is None or math.isnan(found.rate) else found.rate
    if points:
        rates, losses = [each.rate for each in points], [each.smoothed for each in points]
        st.plotly_chart(
            figures.rate_figure(rates, losses, suggested),
            key="tl_rate_chart",
            alt=figures.rate_alt(rates, losses, suggested),
            config={"displayModeBar": False},
        )
    if found is None:
        return
    st.markdown(found.why)
    if suggested is not None:
        nearest = min(RATES, key=lambda rate: abs(math.log(rate / suggested)))
        st.button(
            f"Take {nearest:g}", icon=":material/check:", key="tl_rate_take", on_click=_take, args=(nearest,)
        )


def _take(rate: float) -> None:
    session.assign({"tl_rate": rate})
