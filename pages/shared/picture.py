"""A picture at full width that answers with the pixel that was clicked."""

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from core.figures.encoding import Encoded, encode
from core.figures.scale import Scale
from pages.shared.assets import component_file

_HTML = """
<figure class="picture">
  <div class="stage" tabindex="0" role="application">
    <img class="base" alt="" hidden><img class="overlay" alt="" hidden><svg class="marks" aria-hidden="true"
      preserveAspectRatio="none"></svg>
  </div>
  <div class="bar">
    <output class="where"></output>
    <span class="scale" hidden><span class="low"></span><span class="strip"></span><span class="high"></span></span>
    <label class="strength" hidden>Overlay <input type="range" min="0" max="100" value="60"></label>
  </div>
</figure>
"""
_component = st.components.v2.component(
    "explorer_picture",
    html=_HTML,
    css=component_file("picture.css"),
    js=component_file("picture.js"),
)


@dataclass(frozen=True, slots=True)
class Box:
    """A frame drawn over the picture, in image pixels: half-open, continuous, may reach outside the picture.

    Args:
        x0, y0, x1, y1: left, top, right and bottom edge; x0 <= x1 and y0 <= y1.
        label: a short text at its top left corner, or "".
        role: its colour: "primary" yellow, "second" light blue, "third" orange, "muted" white.
        dashed: a broken line instead of a full one.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    label: str = ""
    role: Literal["primary", "second", "third", "muted"] = "primary"
    dashed: bool = False

    def __post_init__(self) -> None:
        if self.x0 > self.x1 or self.y0 > self.y1:
            raise ValueError(
                f"A box runs from left to right and from top to bottom, got {self.x0}, {self.y0}, {self.x1}, {self.y1}."
            )


def picture(
    image: UInt8[np.ndarray, "height width 3"] | Encoded,
    *,
    key: str,
    alt: str,
    boxes: Sequence[Box] = (),
    overlay: UInt8[np.ndarray, "h w 4"] | Encoded | None = None,
    opacity: float = 0.6,
    marker: tuple[int, int] | None = None,
    scale: Scale | None = None,
    height: int = 640,
    of: tuple[int, int] | None = None,
    on_pick: Callable[[], None] | None = None,
) -> tuple[int, int] | None:
    """Show a picture as wide as its place allows and return the pixel that was clicked last.

    Hovering and the arrow keys (Shift for steps of 16) show a pixel's coordinates without a rerun; a click or
    Enter picks it and reruns the page or the fragment around the picture. Put the photo's digest into the key where
    a pick should not outlive the photo.

    Args:
        image: RGB; an `Encoded` picture saves encoding it again on every rerun.
        key: the widget's key.
        alt: what the picture shows, in words.
        boxes: frames over the picture; where one reaches outside, the padding around is hatched.
        overlay: RGBA of any size, stretched over the picture; its strength has a slider.
        opacity: the overlay's strength at first, 0..1.
        marker: (row, column) to mark; None marks the last pick.
        scale: the legend of a coloured map, drawn under the picture with its true range.
        height: at most so many CSS pixels tall.
        of: height and width of what `image` is an enlargement of; its size and the place under the pointer are told in
            these pixels. Boxes, the marker and the pick stay in those of `image`.
        on_pick: called before the rerun that a click starts.

    Returns:
        (row, column) inside the picture, or None before the first click.
    """
    shown = image if isinstance(image, Encoded) else encode(image)
    above = encode(overlay) if isinstance(overlay, np.ndarray) else overlay
    header = {
        "pictures": [_parcel(one) for one in (shown, above) if one],
        "name": key,
        "width": shown.width,
        "height": shown.height,
        "alt": alt,
        "boxes": [asdict(box) for box in boxes],
        "strength": opacity,
        "marker": list(marker) if marker else None,
        "scale": _legend(scale) if scale else None,
        "tallest": height,
        "of": list(of or (shown.height, shown.width)),
    }
    files = [one.data for one in (shown, above) if one]
    answer = _component(
        key=key, data=_packed(header, files), default={"pixel": None}, on_pixel_change=on_pick or _nothing
    )
    return _inside(answer.pixel, shown)


def _parcel(encoded: Encoded) -> dict[str, str | int]:
    """What the browser must know of a picture's bytes; the checksum tells whether it already shows them."""
    return {
        "type": f"image/{encoded.kind}",
        "length": len(encoded.data),
        "checksum": zlib.crc32(encoded.data),
    }


def _packed(header: dict, files: Sequence[bytes]) -> bytes:
    """One message: the header's length in four bytes, the header as JSON, then the files. Half the work of base64."""
    text = json.dumps(header).encode()
    return b"".join([struct.pack("<I", len(text)), text, *files])


def _nothing() -> None:
    """A state that keeps its value needs a callback, even an empty one."""


def _legend(scale: Scale) -> dict[str, str | list[str]]:
    return {
        "low": _short(scale.low),
        "high": _short(scale.high),
        "colours": list(scale.colours),
        "range": f"values from {_short(scale.smallest)} to {_short(scale.largest)}",
    }


def _short(value: float) -> str:
    """A number with three digits or all of its whole ones, and a real minus sign."""
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace("-", "−")


def _inside(answer: object, shown: Encoded) -> tuple[int, int] | None:
    """The answer of the browser, if it is a pixel of the picture that is shown."""
    match answer:
        case [int(row), int(column)] if 0 <= row < shown.height and 0 <= column < shown.width:
            return row, column
        case _:
            return None
