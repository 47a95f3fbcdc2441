"""What the view At once shows of a result, whichever network made it: before and after, and the file."""

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from core.figures.encoding import encode
from core.photo import Photo
from core.style.colours import keep_luminance
from core.style.fast import SIDE, SIDES
from core.style.package import reduced
from pages.shared import controls
from pages.shared.split_view import split_view

STRENGTHS = tuple(i / 10 for i in range(11))


def how_to_show() -> tuple[int, bool]:
    """The longer side of the result, and whether the photo keeps its colours."""
    side = controls.choice("Longer side, pixels", "style_size", SIDE, SIDES)
    return side, controls.toggle("Keep my colours", "style_own_colours", False)


def before_and_after(photo: Photo, result: UInt8[np.ndarray, "height width 3"], side: int, own: bool) -> None:
    """The photo and the result under one sliding line.

    Args:
        own: the result's brightness with the photo's colours (Y of one, I and Q of the other).
    """
    before = reduced(photo.pixels, side)
    after = keep_luminance(result, before) if own else result
    split_view(
        encode(before),
        encode(after),
        key="style_split",
        alt="A line between the photo and the photo in the style",
        titles=("Photo", "In the style"),
        alts=("The photo", "The photo in the style"),
    )
    st.download_button(
        "Picture (PNG)",
        lambda: encode(after, lossless=True).data,
        "style.png",
        "image/png",
        icon=":material/download:",
        key="style_once_png",
    )
