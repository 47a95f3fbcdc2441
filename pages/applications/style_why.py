"""The view Why it works: shuffled places, channels that are strong together, and how far styles are."""

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
import streamlit as st

from core import networks
from core.figures import style as figures
from core.figures.encoding import encode
from core.figures.palette import magnitude_rgb
from core.formula import Formula
from core.photo import Photo
from core.snippets import style_why as snippets
from core.style import xray
from core.style.pictures import STYLES, style_picture
from core.style.trunk import BLOCKS, layer_names
from core.style.xray import Pair, Shuffled
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.fetch_weights import offer
from pages.shared.formula_view import show_formula
from pages.shared.heavy import kept
from pages.shared.picture import Box, picture

SECTIONS = ("Shuffle", "Rebuild", "Gram X-ray", "Distance")
LAYERS = tuple(f"relu{block}_1" for block in range(1, 6))
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
    if weights == "trained" and not networks.is_here(network):
        offer(networks.record(network), "style_why_fetch", "Or choose untrained weights.")
        return
    if section == SECTIONS[0]:
        _shuffle(photo, network, layer, weights)
    elif section == SECTIONS[1]:
        from pages.applications.style_rebuild import rebuild_section

        rebuild_section(photo, styles[0], network, layer, weights)
    elif section == SECTIONS[2]:
        _xray(photo, styles[0], network, layer, weights)
    else:
        _distance(photo, network, weights)


@kept(st.cache_resource, 8, _KEYS)
def _shuffled(photo: Photo, network: str, layer: str, weights: str, seed: int) -> Shuffled:
    return xray.shuffle(xray.maps_of(photo.pixels, network, (layer,), weights)[layer], seed)


def _shuffle(photo: Photo, network: str, layer: str, weights: str) -> None:
    """A map before and after, and what the two losses say of it."""
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


@kept(st.cache_resource, 8, _KEYS)
def _pairs(picture_: Photo, network: str, layer: str, weights: str) -> tuple[tuple[Pair, ...], np.ndarray]:
    maps = xray.maps_of(picture_.pixels, network, (layer,), weights)[layer]
    return xray.strongest_pairs(maps, picture_.pixels.shape[:2], network, layer), xray.mean_matrix(maps)


def _xray(photo: Photo, style: Photo, network: str, layer: str, weights: str) -> None:
    """The Gram matrices of both, and the patches that excite a strong pair."""
    pairs, own = _pairs(photo, network, layer, weights)
    style_pairs, wanted = _pairs(style, network, layer, weights)
    most = float(max(own.max(), wanted.max(), 1e-9))
    shown = ("The photo", own), ("The style", wanted), ("How far apart", np.abs(own - wanted))
    for column, (title, matrix) in zip(st.columns(3, gap="small"), shown, strict=True):
        with column:
            st.markdown(f"**{title}**")
            rooted = np.sqrt(np.abs(matrix))
            picture(
                encode(magnitude_rgb(rooted, 0.0, float(most**0.5))),
                key=f"style_gram_{title[-5:]}",
                alt=f"Gram matrix, {title.lower()}: {len(matrix)} x {len(matrix)}",
                height=340,
            )
    st.caption(
        f"{len(own)} × {len(own)} pairs of channels of {layer}; the brighter, the stronger together (the root is "
        "shown)."
    )
    rank = controls.slider("Strongest pair", "style_pair", 1, 1, len(pairs), width=220) - 1 if pairs else 0
    for column, (who, of, found) in zip(
        st.columns(2, gap="medium"), (("photo", photo, pairs), ("style", style, style_pairs)), strict=True
    ):
        with column:
            if rank < len(found):
                pair = found[rank]
                st.markdown(
                    f"The {who}: channels **{pair.first}** and **{pair.second}**, mean product **{pair.value:.4g}**"
                )
                boxes = [Box(*box, label=str(i + 1)) for i, box in enumerate(pair.boxes)]
                picture(
                    of.pixels,
                    key=f"style_pair_{who}",
                    alt=f"The {who} with {len(boxes)} places that excite both channels most",
                    boxes=boxes,
                    height=420,
                )


@kept(st.cache_resource, 4, _KEYS)
def _distances(photo: Photo, network: str, weights: str) -> np.ndarray:
    made = [style_picture(name, 224) for name in STYLES]
    return xray.distances(photo.pixels, made, network, LAYERS, weights)


def _distance(photo: Photo, network: str, weights: str) -> None:
    """Every made style, ranked by its distance to the photo."""
    found = _distances(photo, network, weights)
    names = [style.title for style in STYLES.values()]
    order = np.argsort(found.mean(axis=1), kind="stable")
    st.plotly_chart(
        figures.distance_chart(names, LAYERS, found),
        key="style_distance",
        alt="Distance of the styles to the photo, nearest first: "
        + ", ".join(f"{names[i]} {found[i].mean():.2f}" for i in order),
        config={"displayModeBar": False},
    )
    st.caption(
        "|S - P| / |P| of the mean Gram matrices, layer by layer; the nearest style stands above. The deeper the "
        "layer, the larger the patterns that are compared."
    )
