"""Where the style goes: a brush on the photo."""

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from core.augmentation.marks import LONGEST, Marks, marks_from_text, marks_to_text
from core.figures import augmentation_targets as marked
from core.figures.encoding import encode
from core.photo import Photo
from pages.shared import controls, edits, session
from pages.shared.plain_text import plain
from pages.shared.target_pen import target_pen

_KEY, _PEN, _REFUSED = "style_mask", "style_mask_pen", "style_mask_refused"


def mask_of(photo: Photo) -> UInt8[np.ndarray, "height width"] | None:
    """The pen, folded away, and what was painted: 255 where the style goes; None for everywhere."""
    with st.expander("Only where I paint", icon=":material/brush:"):
        text = controls.text("Strokes, in thousandths of width and height", _KEY, "", most=LONGEST)
        try:
            marks = marks_from_text(text)
        except ValueError as error:
            st.caption(f":material/info: {plain(str(error))} The style goes everywhere.")
            marks = Marks()
        target_pen(
            encode(photo.pixels),
            marked.pen_marks(marks),
            key=_PEN,
            alt="The photo, to paint where the style goes",
            on_edit=_take,
            refused=session.held(_REFUSED, ""),
            serial=edits.taken(_PEN),
            tools=("brush", "erase"),
            height=380,
        )
        if not any(not stroke.erases for stroke in marks.strokes):
            st.caption("Nothing is painted: the style goes everywhere.")
            return None
    return marks.mask(photo.pixels.shape[:2]) * np.uint8(255)


def _take() -> None:
    """What the pen sent: into the link, or one sentence why not."""
    try:
        marks = marked.marks_from_edit(edits.take(_PEN))
        session.assign({_KEY: marks_to_text(marks), _REFUSED: ""})
    except ValueError as error:
        session.assign({_REFUSED: str(error)})
