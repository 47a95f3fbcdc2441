"""What the Gram X-ray looks at: the photo, its styles, and the current picture, seen as a run sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core.jobs import Job
from core.photo import Photo
from core.style.frames import Frame
from core.style.recipe import Recipe
from core.style.run import best, frames
from core.style.xray import Look
from pages.applications.style_progress import NAME
from pages.applications.style_source import painted
from pages.shared import controls, jobs

CURRENT = ("painted at once", "of the run")
SIDE_MOST = 384  # a run's larger pictures are looked at in this size, which takes less than a second each


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What is compared.

    Args:
        styles: one or more, and how much each counts.
        look: the network, its weights, and how a run looked through it.
    """

    photo: Photo
    current: Photo
    styles: tuple[Photo, ...]
    shares: tuple[float, ...]
    look: Look

    def pictures(self) -> tuple[tuple[str, Photo], ...]:
        """The two that are compared with the style."""
        return ("photo", self.photo), ("current picture", self.current)


def choose_scene(photo: Photo, styles: Sequence[Photo], look: Look) -> Scene:
    """The picture of the run in Step by step, one of its frames, or what is painted at once.

    Args:
        look: as chosen on the page; a run's pooling and size take its place.
    """
    job = jobs.mine(NAME)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = controls.choice("Current picture", "style_xray_current", CURRENT[0], CURRENT)
        frame = _frame(job) if job is not None and which == CURRENT[1] else None
    if job is not None and frame is not None:
        return _of_run(job, frame, styles[0], look)
    if which == CURRENT[1]:
        st.info(
            "There is no run yet: start one in **Step by step**. Until then this is the photo painted at once.",
            icon=":material/info:",
        )
    if len(styles) > 1:
        st.caption("The first of the styles is the one that is looked for here.")
    current = _copied(painted(photo, (styles[0],), (1.0,), 1.0).pixels)
    return Scene(photo, current, (styles[0],), (1.0,), look)


def _frame(job: Job) -> Frame | None:
    """The frame that the visitor chooses; the best one before they do; None as long as there is none."""
    film = frames(job)
    if not film:
        return None
    last = best(job) or film[-1]
    steps = tuple(dict.fromkeys([*(frame.step for frame in film), last.step]))
    if len(steps) < 2:
        return last
    step = st.select_slider("Frame", steps, last.step, key=f"style_xray_frame_{last.step}", width=320)
    return last if step == last.step else next(frame for frame in film if frame.step == step)


def _of_run(job: Job, frame: Frame, style: Photo, look: Look) -> Scene:
    """The run's own photo and styles (`style` where it had none), seen in its size and with its pooling."""
    told = job.order.arguments
    recipe: Recipe = told["recipe"]
    side = min(frame.side, SIDE_MOST)
    words = [f"After {frame.step} steps, seen as the run sees it: {recipe.pooling} pooling, {side} pixels."]
    if (recipe.network, recipe.weights) != (look.network, look.weights):
        words.append(f"The run looked through {recipe.network}, {recipe.weights}: choose the same.")
    if told["mask"] is not None:
        words.append("It was painted through a mask; here the whole picture is looked at.")
    st.caption(" ".join(words))
    counted = [pair for pair in zip(told["styles"], told["shares"], strict=True) if pair[1] > 0]
    counted.sort(key=lambda each: -each[1])
    return Scene(
        _copied(told["photo"]),
        _copied(frame.pixels),
        tuple(_copied(pixels) for pixels, _ in counted) or (style,),
        tuple(share for _, share in counted) or (1.0,),
        replace(look, pooling=recipe.pooling, side=side),
    )


def _copied(pixels: np.ndarray) -> Photo:
    return Photo.of(pixels.copy())
