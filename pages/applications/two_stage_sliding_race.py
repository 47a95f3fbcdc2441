"""One by one: the classifier on every window's crop beside the one pass, timed and compared while one watches."""

import numpy as np
import streamlit as st

from core.figures import two_stage_sliding as figures
from core.jobs import Job
from core.photo import Photo
from core.snippets import two_stage_sliding as snippets
from core.two_stage import sliding
from core.two_stage.sliding_race import Sweep, latest, sweep_order
from pages.applications.detection_source import travelling
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.picture import picture
from pages.shared.turns import fragment

NAME = "sliding"
MAPS = ("One by one", "All at once", "Difference")


def race_part(photo: Photo, side: int) -> None:
    """The button, and the windows as they are done."""
    order = sweep_order(photo.pixels, side)
    rows, columns = sliding.grid(sliding.shown_hw(photo.pixels.shape[:2], side))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            f"Classify {rows * columns} windows one by one",
            type="primary",
            icon=":material/play_arrow:",
            key="ts_race_go",
            on_click=jobs.start,
            args=(NAME, order),
        )
        shown = controls.choice("Map", "ts_race_map", MAPS[0], MAPS)
    job = jobs.mine(NAME)
    active = bool(job and job.active)
    fragment(_stage, run_every=jobs.EVERY_S if active else None)(photo, side, shown)
    code_panel(snippets.crop(0, 0))


def _asked_for(job: Job, photo: Photo, side: int) -> bool:
    """The race is about this photo at this size."""
    given = job.order.arguments
    return given["side"] == side and np.array_equal(given["photo"], photo.pixels)


def _stage(photo: Photo, side: int, shown: str) -> None:
    """The race as it stands; drawn again and again while it is on."""
    job = jobs.mine(NAME)
    if job is not None and not job.active and not _asked_for(job, photo, side):
        job = None
    jobs.follow(job, key="ts_race", what="Windows")
    seen = latest(job) if job is not None and _asked_for(job, photo, side) else None
    if seen is None or not seen.done:
        if job is None:
            st.info(
                "Press the button: every window is cut out and classified by itself, as R-CNN's forerunners did.",
                icon=":material/play_circle:",
            )
        return
    hw = sliding.shown_hw(photo.pixels.shape[:2], side)
    whole = {
        MAPS[0]: figures.filled_rows(seen.scores, sliding.grid(hw)),
        MAPS[1]: seen.dense_scores,
        MAPS[2]: figures.filled_rows(seen.apart, sliding.grid(hw)),
    }[shown]
    image, numbers = st.columns([8, 5], gap="medium")
    with image:
        picture(
            travelling(photo),
            key="ts_race_picture",
            alt=f"{shown}: the map of {seen.done} of {seen.windows} windows over the photo",
            overlay=figures.window_map(whole, hw),
            opacity=0.65,
            scale=figures.map_scale(whole),
            height=520,
        )
        st.caption(
            "Largest difference of the 1,000 probabilities at each window."
            if shown == MAPS[2]
            else "Probability of the best class at each window."
        )
    with numbers:
        _numbers(seen)


def _numbers(seen: Sweep) -> None:
    """How long both take, and how far apart their answers are."""
    names = (f"{seen.done} windows one by one", f"all {seen.windows} at once")
    times = (seen.seconds, seen.at_once_seconds)
    st.plotly_chart(
        figures.times_figure(names, times),
        key="ts_race_times",
        alt=f"{names[0]}: {times[0]:.2f} s, {names[1]}: {times[1]:.2f} s",
        config={"displayModeBar": False},
    )
    median, most = float(np.median(seen.apart)), float(seen.apart.max())
    st.markdown(
        f"**{seen.ratio:.1f} times** as long for all {seen.windows} windows. The same best class in "
        f"**{seen.agree} of {seen.done}** windows; probabilities differ by **{median:.2g}** (median window), "
        f"at most **{most:.2g}**."
    )
    st.caption(
        "On one crop alone the convolutional head and the classifier differ by at most "
        f"{seen.head_apart:.1g} in a logit: the same numbers, rounded in another order."
    )
    if seen.windows == 1:
        st.success(
            "One window is the whole picture: both are the same up to the rounding of single precision.",
            icon=":material/equal:",
        )
    else:
        st.info(
            "Why they differ: a crop is padded with zeros at its edge in every layer; in the one pass the same place "
            "sees its neighbours instead. A square photo at the smallest size is one window: there they agree.",
            icon=":material/border_outer:",
        )
