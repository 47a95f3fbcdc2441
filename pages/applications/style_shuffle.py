"""The section Shuffle: a map loses its places; the Gram matrix does not notice, the content loss does."""

from operator import attrgetter

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.figures import style_why as figures
from core.figures.encoding import encode
from core.figures.palette import magnitude_rgb
from core.formula import Formula
from core.photo import Photo
from core.snippets import style_why as snippets
from core.style import xray
from core.style.trunk import width_of
from core.style.xray import Look, Shuffled
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.heavy import kept
from pages.shared.lesson import Question, ask
from pages.shared.picture import picture

_KEYS = {Photo: attrgetter("digest")}


def shuffle_section(photo: Photo, network: str, layer: str, weights: str, more: DeltaGenerator) -> None:
    """A map and its Gram matrix before and after, and what the two losses say; what a question asks for waits.

    Args:
        more: the place for further controls, beside those of the view.
    """
    with more:
        seed = controls.number("Seed", "seed", 0, 0, 9999, width=110)
        veiled = ask(_questions(layer), "style")
    found = _shuffled(photo, network, layer, weights, seed)
    before, after = st.columns(2, gap="medium")
    with before:
        _map(found.before, found, "The map", layer)
    with after:
        _map(found.after, found, "Its places shuffled", layer)
    if veiled:
        st.caption("The Gram matrices and the numbers are shown after the answer.")
        return
    most = figures.limit_of([found.gram])
    order = np.argsort(-np.diag(found.gram), kind="stable")
    for column, matrix, title in (
        (before, found.gram, "Its Gram matrix"),
        (after, found.gram_after, "The Gram matrix after the shuffle"),
    ):
        with column:
            st.markdown(f"**{title}**")
            shown = figures.gram_picture(matrix[order][:, order], most)
            picture(
                encode(shown.rgb),
                key=f"style_shuffle_{title[:4]}",
                alt=f"{title}, {layer}: {len(matrix)} x {len(matrix)}",
                scale=shown.scale,
                height=270,
            )
    st.caption(
        "The strongest channels stand first; colours follow the root of an entry, all under one scale."
    )
    _losses(found)
    code_panel(snippets.shuffle())


@kept(st.cache_resource, 8, _KEYS)
def _shuffled(photo: Photo, network: str, layer: str, weights: str, seed: int) -> Shuffled:
    return xray.shuffle(xray.maps_of(photo.pixels, Look(network, weights), (layer,))[layer], seed)


def _questions(layer: str) -> tuple[Question, ...]:
    channels = width_of(layer)
    return (
        Question(
            "style_shuffle",
            f"All places of the map of {layer} are shuffled, all channels alike. What changes?",
            "the content loss",
            "A Gram matrix sums over all places, in whatever order; the content loss compares place by place.",
            ("the Gram matrix", "the content loss", "both", "neither"),
        ),
        Question(
            "style_gram_numbers",
            f"{layer} has {channels} channels. How many different numbers can its Gram matrix hold?",
            channels * (channels + 1) // 2,
            f"G is symmetric: {channels} on its diagonal and half of the others, {channels} × {channels + 1} / 2.",
        ),
    )


def _map(values: np.ndarray, found: Shuffled, title: str, layer: str) -> None:
    st.markdown(f"**{title}**")
    low = min(0.0, float(found.before.min()))  # a map before its ReLU goes below zero
    shown = magnitude_rgb(values, low, float(max(found.before.max(), low + 1e-9)))
    picture(
        encode(shown),
        key=f"style_shuffle_{title[:3]}",
        alt=f"{title}: the sum over the channels of {layer}",
        height=270,
    )


def _losses(found: Shuffled) -> None:
    one, other = st.columns(2, gap="medium")
    share = found.largest / found.norm if found.norm else 0.0
    with one:
        show_formula(
            Formula(
                "largest change of the Gram matrix, of its largest entry",
                r"\max |G'_{ij} - G_{ij}| \,/\, \max |G_{ij}|",
                _powers(share),
                share,
                "Only the order of the sums has changed: the last digits of 16. Style forgets where.",
            )
        )
    with other:
        show_formula(
            Formula(
                "content loss, in parts of the map's own energy",
                r"\sum (F' - F)^2 / \sum F^2",
                f"{found.content:.3f}",
                found.content,
                "Content remembers every place: it jumps.",
            )
        )


def _powers(value: float) -> str:
    """A small number in LaTeX: 6.2 times a power of ten."""
    digits, _, power = f"{value:.1e}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if value else "0"
