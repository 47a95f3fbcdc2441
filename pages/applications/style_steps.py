"""The view Step by step: faders, the picture on its way, what each part of the loss does, and the film afterwards."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core import networks
from core.figures import style_run as figures
from core.jobs import Job
from core.photo import Photo
from core.snippets import style_steps as snippets
from core.style.recipe import Recipe
from core.style.run import best, frames, result, style_order
from pages.applications.style_faders import FADERS, choose_recipe, whole_fader
from pages.applications.style_mask import mask_of
from pages.applications.style_progress import NAME, progress_stage
from pages.shared import controls, jobs, session
from pages.shared.code_panel import code_panel
from pages.shared.fetch_weights import offer
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

LARGER = {64: 128, 96: 192, 128: 256, 192: 384, 256: 512}


def steps_view(photo: Photo, styles: Sequence[Photo]) -> None:
    """The faders above, the picture in the middle, the curves at its right.

    Args:
        styles: one to three pictures.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        content = whole_fader("Content", "style_content", 1.0)
        style = whole_fader("Style", "style_style", 1.0)
        smooth = whole_fader("Smoothness", "style_smooth", 0.0)
        settings = st.container(horizontal=True, width="content", vertical_alignment="bottom")
        buttons = st.container(horizontal=True, width="content")
    desk = st.container(horizontal=True)
    with settings:
        recipe = choose_recipe(content, style, smooth, desk)
    if recipe is None:
        st.warning("All faders are at 0: nothing would happen.", icon=":material/volume_off:")
        return
    if recipe.weights == "trained" and not networks.is_here(recipe.network):
        offer(networks.record(recipe.network), "style_fetch", "Or choose untrained weights in the settings.")
        return
    shares = _shares(styles)
    mask = mask_of(photo)
    with buttons:
        _buttons(photo, styles, recipe, shares, mask)
    job = jobs.mine(NAME)
    fragment(progress_stage, run_every=jobs.EVERY_S if job and job.active else None)(photo, styles, recipe)
    if job is not None and not job.active:
        _afterwards(job)
    how = networks.record(recipe.network).preprocessing
    code_panel(snippets.script(recipe, how.mean, how.std, bgr=how.bgr, shares=shares))


def _shares(styles: Sequence[Photo]) -> tuple[float, ...]:
    """How much each style counts; asked only where there are several."""
    if len(styles) < 2:
        return (1.0,) * len(styles)
    with st.container(horizontal=True):
        found = tuple(
            controls.choices_slider(f"Style {i + 1}", f"style_share_{i}", 1.0, FADERS, width=150)
            for i in range(len(styles))
        )
    return found if any(found) else (1.0,) * len(styles)


def _buttons(photo: Photo, styles: Sequence[Photo], recipe: Recipe, shares: tuple[float, ...], mask) -> None:
    job = jobs.mine(NAME)
    pictures = tuple(each.pixels for each in styles)
    if job is not None and job.active:
        return
    order = style_order(photo.pixels, pictures, recipe, shares=shares, mask=mask)
    st.button(
        "Start",
        type="primary",
        icon=":material/play_arrow:",
        key="style_go",
        on_click=jobs.start,
        args=(NAME, order),
    )
    done = result(job) if job else None
    if done is None or job is None or job.order.arguments["photo"] is not photo.pixels:
        return
    for title, icon, key, side in (
        ("Continue", ":material/resume:", "style_on", recipe.side),
        ("Larger", ":material/zoom_in:", "style_larger", LARGER.get(done.best.side)),
    ):
        if side:
            st.button(
                title,
                icon=icon,
                key=key,
                on_click=_go_on,
                args=(photo, pictures, recipe, shares, mask, side),
                help=None if key == "style_on" else f"The same at {side} pixels, from here",
            )


def _go_on(photo: Photo, pictures, recipe: Recipe, shares, mask, side: int) -> None:
    """From the best picture so far, with the faders as they are now."""
    job = jobs.mine(NAME)
    done = result(job) if job else None
    if job is None or done is None:
        return
    order = style_order(
        photo.pixels,
        pictures,
        replace(recipe, side=side, pyramid=False),
        shares=shares,
        mask=mask,
        begin=done.values,
        before=frames(job),
    )
    jobs.start(NAME, order)
    if side != recipe.side:
        session.assign({"style_side": side})


def _afterwards(job: Job) -> None:
    """Take it home: the picture, and the film."""
    frame, film = best(job), frames(job)
    if frame is None:
        return
    with st.container(horizontal=True):
        st.download_button(
            "Picture (PNG)",
            lambda: figures.png(frame.pixels),
            "style.png",
            "image/png",
            icon=":material/download:",
            key="style_png",
        )
        for kind in ("WEBP", "GIF"):
            st.download_button(
                f"Film ({kind.replace('WEBP', 'WebP')})",
                lambda kind=kind: figures.film(film, kind),
                f"style.{kind.lower()}",
                f"image/{kind.lower()}",
                icon=":material/movie:",
                key=f"style_{kind.lower()}",
            )
    if job.state == "failed":
        st.caption(plain(job.error))
