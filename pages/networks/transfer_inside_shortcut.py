"""Shortcut: does the network look at the thing or at its background? Backgrounds are swapped and it is asked again."""

import streamlit as st

from core.figures import transfer as figures
from core.figures.encoding import encode
from core.figures.tiles import Tile
from core.jobs import Job, Order
from core.transfer.significance import wilson
from pages.networks.transfer_runs import Training
from pages.networks.transfer_works import on_demand
from pages.shared.plain_text import plain
from pages.shared.tiles import tiles


def shortcut_section(found: Training) -> None:
    """Five conditions on the photos that judged it."""
    numbers, _, part = found.judged
    arguments = {
        "photos": found.photos,
        "numbers": numbers,
        "weights": found.trained.weights,
        "size_px": found.trained.recipe.size_px,
        "seed": found.trained.recipe.seed,
    }
    on_demand(
        "shortcut",
        Order("core.transfer.shortcut:shortcut_test", arguments),
        _conditions,
        button="Swap the backgrounds",
        about=f"{len(numbers)} photos of the {part} part are cut out, put before other backgrounds, and asked again.",
        disabled=not numbers,
    )


def _conditions(job: Job) -> None:
    result = job.results[-1]
    rows = [(name, right / of, *wilson(right, of)) for name, right, of in result.conditions if of]
    chart, pictures = st.columns([7, 5], gap="medium")
    title = "Share that is still recognised, 95 % interval"
    with chart:
        st.plotly_chart(
            figures.whisker_figure(rows, title),
            key="tl_shortcut_chart",
            alt=figures.whisker_alt(rows, title),
            config={"displayModeBar": False},
        )
        st.markdown(f":material/gavel: **{plain(result.sentence)}**")
        st.caption(
            "The thing is found by GrabCut from the middle of the photo, which is often wrong: the background of "
            "another photo of the same class shows what the cutting alone costs. Geirhos et al. 2020, arXiv "
            "2004.07780; Xiao et al. 2020, arXiv 2006.09994."
        )
    with pictures:
        tiles(
            [Tile(encode(picture, lossless=False), name, title=name) for name, picture in result.examples],
            key="tl_shortcut_tiles",
            alt="One photo in each condition",
            columns=3,
            least_px=110,
        )
