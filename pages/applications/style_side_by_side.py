"""The view Three codes: one alpha and one beta in the losses of three codes, one picture beside the other."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from core import networks
from core.figures import style_run as figures
from core.photo import Photo
from core.snippets import style_side_by_side as snippets
from core.style.losses import TITLES
from core.style.pixels import as_pixels, sized
from core.style.recipe import Recipe
from core.style.run import beside
from core.style.side_by_side import (
    ALIKE,
    CODE_TITLES,
    CODES,
    Column,
    beside_order,
    positions,
    same_balance,
)
from core.style.stylize import first_picture
from core.style.trunk import BLOCKS, width_of
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.fetch_weights import offer
from pages.shared.lesson import Question, ask
from pages.shared.picture import picture
from pages.shared.turns import fragment

NAME = "style_codes"
BETAS = tuple(10.0**power for power in range(-6, 5))
SIDES = (64, 96, 128, 192)
_TITLES = {"vgg16_hed": "VGG-16 (HED)", "vgg16": "VGG-16", "vgg19": "VGG-19"}
_TABLE = "style_codes_beta"
_LOSSES = {
    "gatys": r"\tfrac12\sum(F-P)^2 + \beta\sum_l\frac{1}{4N_l^2}\sum(G-A)^2",
    "tutorial": r"\overline{(F-P)^2} + \beta\sum_l\frac{1}{N_l^4}\sum(G-A)^2",
    "johnson": r"\overline{(F-P)^2} + \beta\sum_l\frac{1}{N_l^2}\sum(G-A)^2",
    ALIKE: r"\sum_i \frac{\text{part}_i}{|\nabla \text{part}_i|}\vphantom{\frac{1}{4N_l^2}}",
}


def codes_view(photo: Photo, styles: Sequence[Photo]) -> None:
    """The faders above, four pictures in a row, and the numbers that turn one code's beta into another's.

    Args:
        styles: of which the first is used.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        beta = controls.choices_slider(
            "Style weight β (content: α = 1)",
            "style_beta",
            1.0,
            BETAS,
            width=260,
            format_func=_power,
        )
        start = controls.choice("Begin with", "style_codes_start", "photo", ("photo", "noise"))
        side = controls.choice("Longer edge, pixels", "style_codes_side", 96, SIDES)
        steps = controls.slider("Steps", "style_codes_steps", 40, 20, 200, 20, width=150)
        with st.popover("Network", icon=":material/tune:"):
            network = controls.select(
                "Network", "style_network", "vgg16_hed", tuple(BLOCKS), format_func=_TITLES.get
            )
            weights = controls.choice("Weights", "style_weights", "trained", ("trained", "untrained"))
        buttons = st.container(horizontal=True, width="content")
        lesson = st.container(width="content")
    if weights == "trained" and not networks.is_here(network):
        offer(networks.record(network), "style_codes_fetch", "Or choose untrained weights.")
        return
    base = Recipe(
        network=network,
        weights=weights,
        style_weight=beta,
        start=start,
        side=side,
        steps=steps,
        pyramid=False,
    )
    counted = positions(base.content_layers[0], *sized(photo.pixels, side).shape[:2])
    with lesson:
        veiled = ask(_questions(beta, base, counted), "style")
    job = jobs.mine(NAME)
    if job is None or not job.active:
        buttons.button(
            "Start all",
            type="primary",
            icon=":material/play_arrow:",
            key="style_codes_go",
            on_click=jobs.start,
            args=(NAME, beside_order(photo.pixels, styles[0].pixels, base)),
        )
    fragment(_stage, run_every=jobs.EVERY_S if job and job.active else None)(photo, base)
    if _TABLE not in veiled:
        _exchange(base, counted)
    code_panel(snippets.balances(beta))


def _power(value: float) -> str:
    """1, 10, and the other powers of ten as they are said."""
    return f"{value:g}" if 0.001 <= value <= 1000 else f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")


def _stage(photo: Photo, base: Recipe) -> None:
    """Four columns; drawn again and again while the pictures are made."""
    job = jobs.mine(NAME)
    jobs.follow(job, key="style_codes", what="Four runs")
    made = beside(job) if job else ()
    by_code = {column.code: column for column in made}
    first = as_pixels(first_picture(sized(photo.pixels, base.side), (), base))
    for place, code in zip(st.columns(4, gap="small"), CODES, strict=True):
        with place:
            st.markdown(f"**{CODE_TITLES[code]}**")
            st.latex(rf"\footnotesize \textstyle {_LOSSES[code]}")
            _column(by_code.get(code), code, first)
    if job is None:
        st.info(
            "All four begin with the same picture and have the same faders. Press “Start all”.",
            icon=":material/play_circle:",
        )
    elif job.order.arguments["base"] != base and not job.active:
        st.caption(":material/info: Made with other settings than those above: Start all anew.")


def _column(column: Column | None, code: str, first: UInt8[np.ndarray, "height width 3"]) -> None:
    """The picture so far, and who pulls how strongly."""
    frame = column.frame if column else None
    made = frame.pixels if frame else first
    state = f"after {frame.step} steps" if frame else "not begun"
    picture(
        figures.enlarged(made, 384),
        key=f"style_codes_{code}",
        alt=f"{CODE_TITLES[code]}: {state}",
        height=300,
        of=made.shape[:2],
    )
    if column is None:
        return
    words = f"{column.balance:.2g}" if column.balance < 1000 else f"{column.balance:.1e}"
    loss = f"loss {frame.total:.3g} · step {frame.step}" if frame else "waits for its first step"
    st.markdown(f"Pull, style to content: **{words} : 1**")
    st.plotly_chart(
        figures.pulls_chart(column.pulls),
        key=f"style_codes_pulls_{code}",
        alt=figures.pulls_alt(column.pulls),
        config={"displayModeBar": False},
    )
    st.caption(loss)


def _exchange(base: Recipe, counted: int) -> None:
    """Which beta means the same."""
    content = base.content_layers[0]
    beta = _power(base.style_weight)
    st.markdown(
        f"**Which β weighs a layer against the content as β = {beta} does in the code of Gatys et al.?**"
    )
    rows = [
        {
            "layer": layer,
            "N": width_of(layer),
            "1 / (4 N²)": f"{1 / (4 * width_of(layer) ** 2):.2e}",
            "1 / N⁴": f"{1 / width_of(layer) ** 4:.2e}",
            "1 / N²": f"{1 / width_of(layer) ** 2:.2e}",
            f"β, {TITLES['tutorial']}": _same("tutorial", layer, base, counted),
            f"β, {TITLES['johnson']}": _same("johnson", layer, base, counted),
        }
        for layer in base.style_layers
    ]
    st.dataframe(rows, hide_index=True, height="content")
    st.caption(
        f"{content} has N = {width_of(content)} channels at M = {counted} positions: the tutorial's β is N² / (2 N M) "
        "times the paper's, which differs from layer to layer, so no single number gives the paper's picture. "
        "Johnson's is 1 / (2 N M) times it, the same for every layer."
    )
    st.caption(
        "The bars are lengths of slopes at one picture, half photo, half noise, the same for all four. The "
        "fourth has its faders at 1 and 1, whatever β is: shares of the pull mean the same for every photo and network."
    )


def _same(code: str, layer: str, base: Recipe, counted: int) -> str:
    factor = same_balance(code, layer, base.content_layers[0], counted)  # type: ignore[arg-type]
    return f"{factor * base.style_weight:.3g}"


def _questions(beta: float, base: Recipe, counted: int) -> tuple[Question, ...]:
    narrow, wide = (width_of(layer) for layer in (base.style_layers[0], base.style_layers[-1]))
    factor = same_balance("tutorial", base.style_layers[0], base.content_layers[0], counted)
    return (
        Question(
            "style_codes_layers",
            "The paper divides a style layer by 4 N², the tutorial by N⁴. How many times more does the tutorial weigh "
            f"a layer of {narrow} channels against one of {wide} than the paper does?",
            (wide / narrow) ** 2,
            f"(1 / {narrow}⁴) / (1 / {wide}⁴) is ({wide} / {narrow})⁴, the paper's ratio is ({wide} / {narrow})²: "
            f"{(wide / narrow) ** 2:g} times more.",
        ),
        Question(
            _TABLE,
            f"α is 1 and β is {_power(beta)} in the paper's code. Is the β of the tutorial's code that weighs "
            f"{base.style_layers[0]} alike larger or smaller?",
            "larger" if factor > 1 else "smaller",
            f"It is N² / (2 N M) = {factor:.3g} times as large, with N of the style layer above and N M of the "
            "content's map below.",
            ("larger", "smaller"),
        ),
    )
