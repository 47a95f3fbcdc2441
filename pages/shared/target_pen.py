"""A pen for the photo: boxes, keypoints and a brush, drawn in the browser and sent back as one whole."""

import json
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.figures.encoding import Encoded
from pages.shared.assets import component_file

_HTML = """
<section class="pen">
  <div class="tools" role="toolbar" aria-label="Tools">
    <span class="size"><input type="range" min="5" max="200" value="60" aria-label="Size of the brush"></span>
  </div>
  <div class="stage" tabindex="0" role="application">
    <img alt=""><canvas aria-hidden="true"></canvas>
    <svg aria-hidden="true" viewBox="0 0 1000 1000" preserveAspectRatio="none"></svg>
  </div>
  <div class="names"></div>
  <div class="foot">
    <button type="button" class="undo">Undo stroke</button><button type="button" class="clear">Clear all</button>
    <output class="where"></output>
  </div>
  <p class="status" role="alert" hidden></p>
</section>
"""
TOOLS = ("move", "box", "point", "brush", "erase")
_component = st.components.v2.component(
    "target_pen",
    html=_HTML,
    css=component_file("target_pen.css"),
    js=component_file("target_pen.js"),
)


def target_pen(
    image: Encoded,
    marks: Mapping[str, Any],
    *,
    key: str,
    alt: str,
    on_edit: Callable[[], None],
    refused: str = "",
    serial: int = 0,
    height: int = 520,
    tools: tuple[str, ...] = TOOLS,
) -> None:
    """Show the photo with its marks.

    Args:
        image: the photo, as it travels.
        marks: boxes, points and strokes in thousandths, as `core.figures.augmentation_targets.pen_marks` gives them.
        key: the widget's key.
        alt: what the photo shows, in words.
        on_edit: takes the marks over, in the state under `key` as `.edit`, or refuses them with a sentence.
        refused: that sentence, or "".
        serial: the number of the last edit that was taken over; an answer to an older one is not drawn.
        height: at most so many CSS pixels tall.
        tools: those that are offered.
    """
    header = {
        "marks": dict(marks),
        "alt": alt,
        "refused": refused,
        "serial": serial,
        "width": image.width,
        "height": image.height,
        "tallest": height,
        "tools": list(tools),
        "type": f"image/{image.kind}",
        "checksum": zlib.crc32(image.data),
    }
    text = json.dumps(header).encode()
    _component(
        key=key, data=b"".join([struct.pack("<I", len(text)), text, image.data]), on_edit_change=on_edit
    )
