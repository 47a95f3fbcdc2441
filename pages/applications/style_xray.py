"""The section Gram X-ray: what the style wants, what the photo and the current picture have, and what is missing."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

import numpy as np
import streamlit as st

from core.figures import style_why as figures
from core.figures.encoding import encode
from core.photo import Photo
from core.snippets import style_why as snippets
from core.style import xray
from core.style.pairs import strongest_pairs
from core.style.xray import Look
from pages.applications.style_current import Scene, choose_scene
from pages.applications.style_pairs import pair_section
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.heavy import kept
from pages.shared.picture import picture
from pages.shared.tiles import tiles

LAYERS = tuple(f"relu{block}_1" for block in range(1, 6))
PAIRS = ("strong in the style", "missing most", "any two")
RANKS = 10
_CHANNELS = ("style_pair_first", "style_pair_second")
_KEYS = {Photo: attrgetter("digest")}
_OTHERS = ("photo", "current picture")


def xray_section(photo: Photo, styles: Sequence[Photo], network: str, layer: str, weights: str) -> None:
    """The distance in every layer, three Gram matrices under one scale, two differences, and one pair of channels."""
    scene = choose_scene(photo, styles, Look(network, weights))
    found = {name: _matrices_of(each, scene.look, layer) for name, each in scene.pictures()}
    found = {"style": _target(scene, layer), **found}
    _summary(scene, {name: {each: found[name][each] for each in LAYERS} for name in found})
    here = {name: each[layer] for name, each in found.items()}
    place = st.container()  # above the choice of the pair that is marked in them
    channels = _choose_pair(here)
    with place:
        _all_matrices(here, layer, channels)
    pair_section(scene, here, layer, channels)
    code_panel(snippets.gram_difference())


@kept(st.cache_resource, 48, _KEYS)
def matrices(of: Photo, look: Look, layers: tuple[str, ...] = LAYERS) -> Mapping[str, np.ndarray]:
    """The mean Gram matrices of a picture."""
    return xray.matrices_of(of.pixels, look, layers)


def _matrices_of(of: Photo, look: Look, layer: str) -> Mapping[str, np.ndarray]:
    """Of the five style layers, which are kept whatever further layer is looked at, and of that one."""
    found = matrices(of, look)
    return found if layer in found else {**found, **matrices(of, look, (layer,))}


def _target(scene: Scene, layer: str) -> Mapping[str, np.ndarray]:
    each = [_matrices_of(style, scene.look, layer) for style in scene.styles]
    return each[0] if len(each) == 1 else xray.mean_of(each, scene.shares)


def _summary(scene: Scene, found: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """The pictures at the left, how far they are from the style at the right."""
    gaps = {name: xray.apart(found[name], found["style"]) for name in _OTHERS}
    left, right = st.columns([6, 5], gap="medium", vertical_alignment="center")
    with left:
        looked = [("The style", scene.styles[0].pixels, None)]
        looked += [(f"The {name}", of.pixels, gaps[name]) for name, of in scene.pictures()]
        tiles(
            figures.looked_at(looked),
            key="style_xray_pictures",
            alt="The pictures that are compared, with the mean of their distances to the style",
            columns=3,
            least_px=96,
        )
    with right:
        st.markdown("**How far from the style, layer by layer**")
        st.plotly_chart(
            figures.layers_chart({f"the {name}": each for name, each in gaps.items()}),
            key="style_xray_layers",
            alt=figures.layers_alt(gaps),
            config={"displayModeBar": False},
        )


def _choose_pair(here: Mapping[str, np.ndarray]) -> tuple[int, int]:
    """Two channels: by rank, or any two that are named or clicked in a matrix."""
    most = len(here["style"]) - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = controls.choice("A pair of channels", "style_pairs", PAIRS[0], PAIRS)
        if which != PAIRS[2]:
            missing = np.abs(here["style"] - here["current picture"])
            pairs = strongest_pairs(here["style"] if which == PAIRS[0] else missing, RANKS)
            found = pairs[controls.slider("Rank", "style_pair", 1, 1, len(pairs), width=220) - 1]
            session.assign(dict(zip(_CHANNELS, found, strict=True)))  # from here on any two can be chosen
        first, second = (
            controls.number(label, key, 0, 0, most, width=130, disabled=which != PAIRS[2])
            for label, key in zip(("First channel", "Second channel"), _CHANNELS, strict=True)
        )
    return (first, second) if which == PAIRS[2] else found


def _all_matrices(here: Mapping[str, np.ndarray], layer: str, channels: tuple[int, int]) -> None:
    """Three matrices under one scale, and under them what is missing under another."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Gram matrices of {layer}**, {len(here['style'])} × {len(here['style'])} channels")
        ordered = controls.toggle(
            "Channels by their strength in the style",
            "style_xray_sorted",
            True,
            help="The channel that is strongest in the style stands first. Off: as the network has them.",
        )
    order = np.argsort(-np.diag(here["style"]), kind="stable") if ordered else np.arange(len(here["style"]))
    titles = ("Wanted: the style, A", "The photo, G", "The current picture, G")
    most = figures.limit_of(list(here.values()))
    for column, title, (name, matrix) in zip(st.columns(3, gap="small"), titles, here.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            shown = figures.gram_picture(matrix[order][:, order], most)
            _matrix(shown, f"Gram matrix of the {name}", f"style_gram_{name[:5]}", order, channels)
    gaps = {name: here["style"] - here[name] for name in _OTHERS}
    limit = figures.limit_of(list(gaps.values()))
    words, *columns = st.columns(3, gap="small")
    with words:
        st.markdown("**What is missing, A − G**")
        st.caption(
            "Each entry: how strong two channels are together, on average over all places. Orange is missing in the "
            "picture, blue is too much. A style transfer makes these white, in every layer."
        )
        st.caption(
            "Colours follow the root; of 200 entries the largest lies beyond the end of the scale. Click an entry: "
            "its two channels are looked at below."
        )
    for column, (name, gap) in zip(columns, gaps.items(), strict=True):
        with column:
            share = xray.difference(here[name], here["style"])
            st.markdown(f"**Style − {name}**: |A − G| / |A| = **{share:.3g}**")
            shown = figures.difference_picture(gap[order][:, order], limit)
            _matrix(
                shown,
                f"Gram matrix of the style minus that of the {name}",
                f"style_gap_{name[:5]}",
                order,
                channels,
            )


def _matrix(
    shown: figures.Coloured, alt: str, key: str, order: np.ndarray, channels: tuple[int, int]
) -> None:
    """One matrix whose entries can be clicked, with the pair marked."""

    def receive() -> None:
        row, column = (session.held(key) or {}).get("pixel") or (None, None)
        if (
            isinstance(row, int)
            and isinstance(column, int)
            and 0 <= min(row, column) <= max(row, column) < len(order)
        ):
            first, second = sorted((int(order[row]), int(order[column])))
            session.assign({"style_pairs": PAIRS[2], **dict(zip(_CHANNELS, (first, second), strict=True))})

    places = np.argsort(order)
    picture(
        encode(shown.rgb),
        key=key,
        alt=f"{alt}: {len(order)} x {len(order)}",
        marker=(int(places[channels[0]]), int(places[channels[1]])),
        scale=shown.scale,
        height=300,
        on_pick=receive,
    )
