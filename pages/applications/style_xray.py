"""The section Gram X-ray: what the style wants, what the photo and the current picture have, and what is missing."""

from collections.abc import Mapping
from operator import attrgetter

import numpy as np
import streamlit as st

from core.figures import style_why as figures
from core.figures.encoding import encode
from core.photo import Photo
from core.snippets import style_why as snippets
from core.style import xray
from core.style.run import best, frames
from core.style.xray import Pair
from pages.applications.style_progress import NAME
from pages.applications.style_source import painted
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.heavy import kept
from pages.shared.picture import Box, picture

LAYERS = tuple(f"relu{block}_1" for block in range(1, 6))
CURRENT = ("painted at once", "of the run")
PAIRS = ("strong in the style", "missing most")
_KEYS = {Photo: attrgetter("digest")}


def xray_section(photo: Photo, style: Photo, network: str, layer: str, weights: str) -> None:
    """Three Gram matrices under one scale, two differences, the distance in every layer, and one pair of channels."""
    current = _current(photo, style)
    pictures = {"style": style, "photo": photo, "current picture": current}
    found = {name: matrices(each, network, weights, layer) for name, each in pictures.items()}
    _matrices({name: each[layer] for name, each in found.items()}, layer)
    target = {name: found["style"][name] for name in LAYERS}
    gaps = {
        f"the {name}": xray.apart({each: found[name][each] for each in LAYERS}, target)
        for name in ("photo", "current picture")
    }
    st.markdown("**How far from the style, layer by layer**")
    st.plotly_chart(
        figures.layers_chart(gaps),
        key="style_xray_layers",
        alt=figures.layers_alt(gaps),
        config={"displayModeBar": False},
    )
    _pair(pictures, {name: each[layer] for name, each in found.items()}, network, layer, weights)
    code_panel(snippets.gram_difference())


def _current(photo: Photo, style: Photo) -> Photo:
    """The picture of the run in Step by step, one of its frames, or what is painted at once."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = controls.choice("Current picture", "style_xray_current", CURRENT[0], CURRENT)
        job = jobs.mine(NAME)
        film = frames(job) if job else ()
        if which == CURRENT[1] and job is not None and film:
            last = best(job) or film[-1]
            steps = tuple(dict.fromkeys([*(frame.step for frame in film), last.step]))
            step = last.step
            if len(steps) > 1:
                step = st.select_slider(
                    "Frame", steps, last.step, key=f"style_xray_frame_{last.step}", width=320
                )
            frame = last if step == last.step else next(each for each in film if each.step == step)
            return Photo.of(frame.pixels.copy())
    if which == CURRENT[1]:
        st.info(
            "There is no run yet: start one in **Step by step**. Until then this is the photo painted at once.",
            icon=":material/info:",
        )
    return Photo.of(painted(photo, (style,), (1.0,), 1.0).pixels.copy())


@kept(st.cache_resource, 64, _KEYS)
def matrices(of: Photo, network: str, weights: str, layer: str = LAYERS[0]) -> Mapping[str, np.ndarray]:
    """The mean Gram matrices of a picture: of the five style layers, and of one more."""
    return xray.matrices_of(of.pixels, network, tuple(dict.fromkeys((*LAYERS, layer))), weights)


def _matrices(found: Mapping[str, np.ndarray], layer: str) -> None:
    most = figures.limit_of(list(found.values()))
    for column, (name, matrix) in zip(st.columns(3, gap="small"), found.items(), strict=True):
        with column:
            st.markdown(f"**{'Wanted: the style' if name == 'style' else f'The {name}'}**")
            picture(
                encode(figures.gram_rgb(matrix, most)),
                key=f"style_gram_{name[:5]}",
                alt=f"Gram matrix of the {name}: {len(matrix)} x {len(matrix)}",
                height=300,
            )
    gaps = {name: found["style"] - found[name] for name in ("photo", "current picture")}
    limit = figures.limit_of(list(gaps.values()))
    words, *columns = st.columns(3, gap="small")
    with words:
        st.markdown("**What is missing**")
        st.caption(
            f"{len(found['style'])} × {len(found['style'])} pairs of channels of {layer}: how strong both are "
            f"together, on average over all places. The root is shown, from 0 to {most:.3g}; of 200 entries the "
            "largest lies above."
        )
        st.caption(
            f"Right: wanted minus there, the signed root, from −{limit:.3g} (blue, too much) over 0 (white) to "
            f"{limit:.3g} (orange, missing). A style transfer makes this white, in every layer."
        )
    for column, (name, gap) in zip(columns, gaps.items(), strict=True):
        with column:
            share = xray.difference(found[name], found["style"])
            st.markdown(f"**Style minus {name}**: {share:.3g} of the style's norm")
            picture(
                encode(figures.difference_rgb(gap, limit)),
                key=f"style_gap_{name[:5]}",
                alt=f"Gram matrix of the style minus that of the {name}",
                height=300,
            )


@kept(st.cache_resource, 24, _KEYS)
def _pair_of(of: Photo, network: str, layer: str, weights: str, channels: tuple[int, int]) -> Pair:
    maps = xray.maps_of(of.pixels, network, (layer,), weights)[layer]
    return xray.pair_of(maps, channels, of.pixels.shape[:2], network, layer)


def _pair(
    pictures: Mapping[str, Photo], found: Mapping[str, np.ndarray], network: str, layer: str, weights: str
) -> None:
    """The same two channels in all three pictures."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = controls.choice("A pair of channels", "style_pairs", PAIRS[0], PAIRS)
        missing = np.abs(found["style"] - found["current picture"])
        pairs = xray.strongest_pairs(found["style"] if which == PAIRS[0] else missing)
        rank = controls.slider("Rank", "style_pair", 1, 1, len(pairs), width=220)
    channels = pairs[rank - 1]
    st.markdown(f"Channels **{channels[0]}** and **{channels[1]}** of {layer}, and where both are strongest")
    for column, (name, of) in zip(st.columns(3, gap="small"), pictures.items(), strict=True):
        pair = _pair_of(of, network, layer, weights, channels)
        with column:
            st.markdown(f"The {name}: mean product **{pair.value:.4g}**")
            picture(
                of.pixels,
                key=f"style_pair_{name[:5]}",
                alt=f"The {name} with {len(pair.boxes)} places that excite both channels most",
                boxes=[Box(*box, label=str(i + 1)) for i, box in enumerate(pair.boxes)],
                height=300,
            )
            if pair.boxes:
                st.image(
                    encode(figures.crops(of.pixels, pair.boxes)).data,
                    alt=f"These {len(pair.boxes)} places, enlarged",
                    width="stretch",
                )
