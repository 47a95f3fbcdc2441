"""The view Why it works: shuffled places, channels that are strong together, and how far styles are."""

from collections.abc import Sequence
from operator import attrgetter

import streamlit as st

from core import networks
from core.figures.encoding import encode
from core.figures.palette import magnitude_rgb
from core.formula import Formula
from core.photo import Photo
from core.snippets import style_why as snippets
from core.style import xray
from core.style.trunk import BLOCKS, layer_names, width_of
from core.style.xray import Shuffled
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.fetch_weights import offer
from pages.shared.formula_view import show_formula
from pages.shared.heavy import kept
from pages.shared.lesson import Question, ask
from pages.shared.picture import picture

SECTIONS = ("Shuffle", "Rebuild", "Gram X-ray", "Distance")
_KEYS = {Photo: attrgetter("digest")}
_TITLES = {"vgg16_hed": "VGG-16 (HED)", "vgg16": "VGG-16", "vgg19": "VGG-19"}


def why_view(photo: Photo, styles: Sequence[Photo]) -> None:
    """The section above, under the network that looks."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        section = controls.choice("Show", "style_section", SECTIONS[0], SECTIONS)
        network = controls.select(
            "Network", "style_network", "vgg16_hed", tuple(BLOCKS), width=170, format_func=_TITLES.get
        )
        weights = controls.choice("Weights", "style_weights", "trained", ("trained", "untrained"))
        layer = controls.select("Layer", "style_why_layer", "relu3_1", layer_names(network), width=150)
        lesson = st.container(width="content")
    if weights == "trained" and not networks.is_here(network):
        offer(networks.record(network), "style_why_fetch", "Or choose untrained weights.")
        return
    if section == SECTIONS[0]:
        with lesson:
            veiled = ask(_questions(layer), "style")
        _shuffle(photo, network, layer, weights, bool(veiled))
    elif section == SECTIONS[1]:
        from pages.applications.style_rebuild import rebuild_section

        rebuild_section(photo, styles[0], network, layer, weights)
    elif section == SECTIONS[2]:
        from pages.applications.style_xray import xray_section

        xray_section(photo, styles[0], network, layer, weights)
    else:
        from pages.applications.style_distance import distance_section

        distance_section(photo, styles, network)


@kept(st.cache_resource, 8, _KEYS)
def _shuffled(photo: Photo, network: str, layer: str, weights: str, seed: int) -> Shuffled:
    return xray.shuffle(xray.maps_of(photo.pixels, network, (layer,), weights)[layer], seed)


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


def _shuffle(photo: Photo, network: str, layer: str, weights: str, veiled: bool) -> None:
    """A map before and after, and what the two losses say of it, unless that is asked for."""
    found = _shuffled(photo, network, layer, weights, controls.number("Seed", "seed", 0, 0, 9999, width=120))
    left, right = st.columns(2, gap="medium")
    most = float(max(found.before.max(), 1e-9))
    for column, values, title in (
        (left, found.before, "The map"),
        (right, found.after, "Its places shuffled"),
    ):
        with column:
            st.markdown(f"**{title}**")
            shown = magnitude_rgb(values, 0.0, most)
            times = max(1, 480 // max(shown.shape[:2]))
            picture(
                encode(shown.repeat(times, 0).repeat(times, 1)),
                key=f"style_shuffle_{title[:3]}",
                alt=f"{title}: the sum over the channels of {layer}",
                height=420,
            )
    if veiled:
        st.caption("The numbers are shown after the answer.")
        return
    one, other = st.columns(2, gap="medium")
    with one:
        show_formula(
            Formula(
                "largest change of the Gram matrix, of its largest entry",
                r"\max |G'_{ij} - G_{ij}| \,/\, \max |G_{ij}|",
                _powers(found.largest / found.norm if found.norm else 0.0),
                found.largest / found.norm if found.norm else 0.0,
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
    code_panel(snippets.shuffle())


def _powers(value: float) -> str:
    """A small number in LaTeX: 6.2 times a power of ten."""
    digits, _, power = f"{value:.1e}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if value else "0"
