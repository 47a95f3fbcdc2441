"""Two channels in the style, the photo and the current picture: how strong they are together, and where."""

from collections.abc import Mapping
from operator import attrgetter

import numpy as np
import streamlit as st

from core.figures import style_why as figures
from core.photo import Photo
from core.style.pairs import PATCHES, Pair, pair_of
from core.style.xray import Look, maps_of
from pages.applications.style_current import Scene
from pages.shared.heavy import kept
from pages.shared.picture import Box, picture
from pages.shared.tiles import tiles

_KEYS = {Photo: attrgetter("digest")}


def pair_section(scene: Scene, here: Mapping[str, np.ndarray], layer: str, channels: tuple[int, int]) -> None:
    """The patches that excite both channels most, enlarged, over the pictures that they come from."""
    first, second = channels
    itself = (
        "a channel with itself: the mean of its square" if first == second else "the same two in all three"
    )
    st.markdown(f"Channels **{first}** and **{second}** of {layer}, {itself}; where both are strongest")
    pictures = (("style", scene.styles[0]), *scene.pictures())
    for column, (name, of) in zip(st.columns(3, gap="medium"), pictures, strict=True):
        pair = pair_of(_maps(of, scene.look, layer), channels, of.pixels.shape[:2], scene.look, layer)
        with column:
            st.markdown(f"The {name}: mean product **{here[name][first, second]:.4g}**")
            _places(name, of, pair)
    st.caption(
        f"Up to {PATCHES} places, each as large as what one unit sees; those that see no padding where there are "
        "enough. The ranking leaves out the diagonal, a channel with itself."
    )


def _places(name: str, of: Photo, pair: Pair) -> None:
    if pair.boxes:
        tiles(
            figures.patch_tiles(of.pixels, pair.boxes, name),
            key=f"style_patches_{name[:5]}",
            alt=f"{len(pair.boxes)} places of the {name}, enlarged",
            columns=PATCHES,
            least_px=56,
            scrolls=True,
        )
    else:
        st.caption("Nowhere are both above zero.")
    picture(
        of.pixels,
        key=f"style_pair_{name[:5]}",
        alt=f"The {name} with {len(pair.boxes)} places that excite both channels most",
        boxes=[Box(*box, label=str(i + 1)) for i, box in enumerate(pair.boxes)],
        height=260,
    )


@kept(st.cache_resource, 6, _KEYS)
def _maps(of: Photo, look: Look, layer: str) -> np.ndarray:
    """[channels, height, width]: up to 25 MB, so few are kept; another pair of the same layer is at once there."""
    return maps_of(of.pixels, look, (layer,))[layer].astype(np.float32)
