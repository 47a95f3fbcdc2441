"""Where the style goes: a brush on the photo."""

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from core.augmentation.marks import LONGEST, Marks, marks_from_text
from core.photo import Photo
from pages.shared import controls
from pages.shared.marks_pen import marks_pen
from pages.shared.plain_text import plain

_KEY = "style_mask"


def mask_of(photo: Photo) -> UInt8[np.ndarray, "height width"] | None:
    """The pen, folded away, and what was painted: 255 where the style goes; None for everywhere."""
    with st.expander("Only where I paint", icon=":material/brush:"):
        text = controls.text("Strokes, in thousandths of width and height", _KEY, "", most=LONGEST)
        try:
            marks = marks_from_text(text)
        except ValueError as error:
            st.caption(f":material/info: {plain(str(error))} The style goes everywhere.")
            marks = Marks()
        marks_pen(
            photo.pixels,
            marks,
            _KEY,
            "The photo, to paint where the style goes",
            tools=("brush", "erase"),
            height=380,
        )
        if not any(not stroke.erases for stroke in marks.strokes):
            st.caption("Nothing is painted: the style goes everywhere.")
            return None
    return marks.mask(photo.pixels.shape[:2]) * np.uint8(255)
