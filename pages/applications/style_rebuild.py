"""What does one layer remember? A picture grows from noise until one layer sees the photo's content, or its style."""

import streamlit as st

from core.figures import style_run as figures
from core.jobs import Job, Order
from core.photo import Photo
from core.style.recipe import Recipe
from core.style.run import best, curve, frames, style_order
from pages.shared import controls, jobs
from pages.shared.picture import picture
from pages.shared.turns import fragment

NAME = "style_rebuild"
KINDS = ("content", "style")
_SIDES = (64, 96, 128, 192)


def rebuild_section(photo: Photo, style: Photo, network: str, layer: str, weights: str) -> None:
    """The controls, and the picture on its way beside what it is made from."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = controls.choice("Rebuild", "style_rebuild", KINDS[0], KINDS)
        side = controls.choice("Longer edge, pixels", "style_rebuild_side", 128, _SIDES)
        steps = controls.slider("Steps", "style_rebuild_steps", 80, 20, 300, 20, width=200)
        recipe = only_one(kind, network, layer, weights, side, steps)
        source = photo if kind == "content" else style
        st.button(
            "Rebuild it",
            type="primary",
            icon=":material/play_arrow:",
            key="style_rebuild_go",
            on_click=jobs.start,
            args=(NAME, _order(source, kind, recipe)),
        )
    job = jobs.mine(NAME)
    fragment(_stage, run_every=jobs.EVERY_S if job and job.active else None)(source, kind, layer)


def only_one(kind: str, network: str, layer: str, weights: str, side: int, steps: int) -> Recipe:
    """The recipe whose whole loss is one layer's content or style, from noise."""
    return Recipe(
        network=network,
        weights=weights,  # type: ignore[arg-type]
        content=((layer, 1.0),) if kind == "content" else (),
        style=((layer, 1.0),) if kind == "style" else (),
        start="noise",
        side=side,
        steps=steps,
        pyramid=False,
    )


def _order(source: Photo, kind: str, recipe: Recipe) -> Order:
    return style_order(source.pixels, (source.pixels,) if kind == "style" else (), recipe)


def _stage(source: Photo, kind: str, layer: str) -> None:
    """Both pictures; drawn again and again while the second is made."""
    job = jobs.mine(NAME)
    jobs.follow(job, key="style_rebuild", what="Picture")
    left, right = st.columns(2, gap="medium")
    with left:
        picture(source.pixels, key="style_rebuild_source", alt=f"The {kind}", height=420)
        st.caption(f"Where the {kind} of {layer} is read from.")
    with right:
        if job is None or not frames(job):
            st.info(
                "Press “Rebuild it”: from noise, a picture in which this layer sees the same.",
                icon=":material/play_circle:",
            )
            return
        _made(job)


def _made(job: Job) -> None:
    frame = best(job)
    assert frame is not None
    recipe: Recipe = job.order.arguments["recipe"]
    (part,) = recipe.parts
    picture(figures.shown(frame), key="style_rebuild_made", alt=f"A picture with the same {part}", height=420)
    first = curve(job)[0][2][0].value if curve(job) else frame.parts[0].value
    st.caption(
        f"The same **{part}** after {frame.step} looks: its loss is {frame.parts[0].value / first if first else 0:.2%} "
        "of that of the noise. Shallow layers remember every pixel's neighbours, deep ones what is where; a style "
        "remembers which patterns there are, and no places."
    )
