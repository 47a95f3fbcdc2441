"""A style transfer on its way, in Step by step: the picture under a sliding line, the loss, and who pulls."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.figures import style_run as figures
from core.figures.encoding import encode
from core.jobs import Job
from core.photo import Photo
from core.style.frames import Frame
from core.style.losses import TITLES
from core.style.pixels import as_pixels, sized
from core.style.recipe import Recipe
from core.style.run import best, curve, frames, pulls, result
from core.style.stylize import first_picture
from pages.shared import controls, jobs
from pages.shared.picture import picture
from pages.shared.split_view import split_view

NAME = "style"
LEFT = ("the photo", "the first picture", "nothing")


def progress_stage(photo: Photo, styles: Sequence[Photo], recipe: Recipe) -> None:
    """What will be done, or the picture as it stands; drawn again and again while it is made."""
    job = jobs.mine(NAME)
    jobs.follow(job, key="style", what="Style transfer", stop_says="Pause")
    if job is None:
        _before(photo, styles, recipe)
        _invitation(recipe)
        return
    film = frames(job)
    if not film:
        _before(photo, styles, job.order.arguments["recipe"])
        return
    image, numbers = st.columns([7, 6], gap="medium")
    made: Recipe = job.order.arguments["recipe"]
    frame = film[-1] if job.active else best(job) or film[-1]
    with image:
        if not job.active and len(film) > 1:
            frame = _scrubbed(film, frame)
        _compared(job, film[0], frame)
        _said(frame, made)
        if made != replace(recipe, pyramid=made.pyramid) and not job.active:  # what goes on begins large
            st.caption(":material/info: Made with other settings than those above: Continue, or Start anew.")
    with numbers:
        _numbers(job)


def _before(photo: Photo, styles: Sequence[Photo], recipe: Recipe) -> None:
    """The photo, the styles, and the very picture that a run begins with."""
    side = recipe.levels[0][0]
    small = sized(photo.pixels, side)
    first = as_pixels(first_picture(small, tuple(each.pixels for each in styles), recipe))
    shown = [("Content from", photo.pixels), *(("Style from", each.pixels) for each in styles)]
    shown.append(("The first picture", first))
    for place, (title, pixels) in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
        with place:
            st.markdown(f"**{title}**")
            st.image(encode(pixels).data, alt=title, width="stretch")


def _invitation(recipe: Recipe) -> None:
    """What a run would do."""
    sizes = ", then ".join(f"{steps} steps at {each} px" for each, steps in recipe.levels)
    st.info(
        f"Press “Start”: the first picture is changed, {sizes}, until a network sees the content of one and the style "
        "of the other. Pause it, move the faders, and continue.",
        icon=":material/play_circle:",
    )


def _scrubbed(film: Sequence[Frame], last: Frame) -> Frame:
    """The frame that the visitor chooses; the best one before they do."""
    steps = tuple(dict.fromkeys([*(frame.step for frame in film), last.step]))
    step = st.select_slider("Frame", steps, last.step, key=f"style_frame_{last.step}")
    return last if step == last.step else next(frame for frame in film if frame.step == step)


def _compared(job: Job, first: Frame, frame: Frame) -> None:
    """The frame, right of a line that is dragged."""
    left = controls.choice("Left of the line", "style_left", LEFT[0], LEFT)
    alt = f"The picture after {frame.step} steps"
    if left == LEFT[2]:
        picture(figures.shown(frame), key="style_frame", alt=alt, height=560)
        return
    other = sized(job.order.arguments["photo"], frame.side) if left == LEFT[0] else first.pixels
    split_view(
        figures.enlarged(other),
        figures.shown(frame),
        key="style_steps_split",
        alt=f"A line between {left} and the picture after {frame.step} steps",
        titles=("Photo" if left == LEFT[0] else "First", f"Step {frame.step}"),
        alts=(left.capitalize(), alt),
        tallest=560,
    )


def _said(frame: Frame, made: Recipe) -> None:
    """Step, size, loss and pace; a loss is labelled with what it is counted in and at which size."""
    height, width = frame.pixels.shape[:2]
    pace = f" · {1000 * frame.seconds / frame.step:.0f} ms per step" if frame.step else ""
    unit = "shares of the pull" if made.like else f"as {TITLES[made.normalisation]} count"
    st.caption(
        f"step {frame.step} · {height} × {width} pixels · loss {frame.total:.4g} ({unit}, at {frame.side} px) · "
        f"{frame.seconds:.0f} s{pace}"
    )


def _numbers(job: Job) -> None:
    ordered: Recipe = job.order.arguments["recipe"]
    before = job.order.arguments["before"]
    line = curve(job)
    st.plotly_chart(
        figures.loss_chart(line, (before[-1].step if before else 0) + ordered.steps),
        key="style_curve",
        alt=figures.loss_alt(line),
        config={"displayModeBar": False},
    )
    done = result(job)
    found, when = (
        (done.pulls, "at the last picture") if done else (pulls(job), "at the first picture of this size")
    )
    if found:
        st.markdown(f"**Who pulls how strongly** {when}")
        st.plotly_chart(
            figures.pulls_chart(found),
            key="style_pulls",
            alt=figures.pulls_alt(found),
            config={"displayModeBar": False},
        )
    st.caption(
        "Stacked: each part with its weight; the upper edge is the total. Losses of different sizes do not compare."
        if ordered.like
        else "Bare losses: how large a part is says little about how strongly it pulls."
    )
