"""What a visitor draws on the photo, boxes or strokes, for the views that begin with it; it lives in the link."""

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from core.augmentation.marks import LONGEST, Marks, marks_from_text, marks_to_text
from core.detection.grid import THINNEST, Box
from core.figures import augmentation_targets as marked
from core.figures.encoding import encode
from pages.shared import controls, edits, session
from pages.shared.plain_text import plain
from pages.shared.target_pen import target_pen


def boxes_field(key: str, example: str) -> Marks:
    """Draw the field that holds the boxes for the link, folded away, and return them.

    Args:
        key: of the widget. example: what an empty field means.
    """
    with st.expander("These boxes as text", icon=":material/link:"):
        st.caption("In thousandths of the photo's width and height; empty for the example.")
        text = controls.text("Boxes", key, "", most=LONGEST)
        try:
            found = marks_from_text(text or example)
        except ValueError as error:
            st.caption(f":material/info: {plain(str(error))} The example is shown instead.")
            found = marks_from_text(example)
    return Marks(found.boxes, found.names)


def objects_of(marks: Marks, hw: tuple[int, int]) -> tuple[list[Box], list[str]]:
    """The boxes in pixels of a photo of `hw`, and their names; none that is too thin for a logarithm."""
    height, width = hw
    kept = [
        ((left, top, min(right, width), min(bottom, height)), name or "object")
        for (left, top, right, bottom), name in zip(marks.targets(hw).boxes, marks.names, strict=True)
        if right - left > THINNEST and bottom - top > THINNEST  # 1000 thousandths may round above 1
    ]
    return [box for box, _ in kept], [name for _, name in kept]


def marks_pen(
    pixels: UInt8[np.ndarray, "height width 3"],
    marks: Marks,
    key: str,
    alt: str,
    *,
    tools: tuple[str, ...] = ("move", "box"),
    height: int = 520,
) -> None:
    """The pen, with the tools for boxes or others; what it sends goes into the field under `key`, and into the link.

    Args:
        pixels: what is drawn on. key: that of the field that holds the marks. alt: what is shown, in words.
        tools, height: as `target_pen` takes them.
    """
    target_pen(
        encode(pixels),
        marked.pen_marks(marks),
        key=pen_key(key),
        alt=alt,
        on_edit=lambda: _take(key),
        refused=session.held(_refused(key), ""),
        serial=edits.taken(pen_key(key)),
        tools=tools,
        height=height,
    )


def pen_key(key: str) -> str:
    """Under which the pen of a field sends its edits."""
    return f"marks_{key}_pen"


def _refused(key: str) -> str:
    return f"marks_{key}_refused"


def _take(key: str) -> None:
    """What the pen sent: into the link, or one sentence why not."""
    try:
        marks = marked.marks_from_edit(edits.take(pen_key(key)))
        session.assign({key: marks_to_text(marks), _refused(key): ""})
    except ValueError as error:
        session.assign({_refused(key): str(error)})
