"""Explanations as pictures: laid over exactly the crop that the network saw, and as tiles beside one another.

Under the colours the crop is grey and darker, so that no colour of the photo can be taken for one of the map.
"""

from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8

from core.features.explanations import METHODS, Explanation, enlarged
from core.figures.encoding import Encoded, encode
from core.figures.palette import MAGNITUDE_LUT, SIGNED_LUT
from core.figures.scale import Scale, legend

Style = Literal["heat", "cells", "spotlight", "map"]
STYLES: dict[Style, str] = {
    "heat": "Heat",
    "cells": "Cells",
    "spotlight": "Spotlight",
    "map": "Map alone",
}
STYLE_HELP = (
    "Heat: colours over the grey crop. Cells: the same without smoothing, so that the map's own places show. "
    "Spotlight: the crop is dark where nothing counts. Map alone: only the colours."
)
NOWHERE = (10**6, 10**6)
"""A marker outside every picture."""
_DIM = 0.6  # brightness of the grey crop under the colours
_NIGHT = 0.12  # brightness of the crop where the spotlight is not
_SHARE = 99.5  # per cent of the pixels that keep their own colour where single pixels would outshine the map


def limit_of(found: Explanation) -> float:
    """The value at the end of the colours: the largest, or for maps of single pixels one that few exceed."""
    strong = found.strength
    if METHODS[found.method].kind == "pixels":
        strong = strong[strong > 0]
        return float(np.percentile(strong, _SHARE)) if strong.size else 1.0
    return float(strong.max()) or 1.0


def map_scale(found: Explanation) -> Scale:
    """The legend, with the true range of the values before the ReLU."""
    limit = limit_of(found)
    lut, low = (SIGNED_LUT, -limit) if found.signed else (MAGNITUDE_LUT, 0.0)
    return legend(lut, low, limit, found.smallest, found.largest)


def overlay(
    pixels: UInt8[np.ndarray, "height width 3"], found: Explanation, style: Style
) -> UInt8[np.ndarray, "height width 4"]:
    """What is laid over the crop; at full strength it hides the crop and is the finished picture."""
    rgb = painted(pixels, found, style)
    return np.concatenate([rgb, np.full((*rgb.shape[:2], 1), 255, np.uint8)], axis=2)


def painted(
    pixels: UInt8[np.ndarray, "height width 3"], found: Explanation, style: Style = "heat"
) -> UInt8[np.ndarray, "height width 3"]:
    """The crop and the map in one picture."""
    strength = _relative(found, pixels.shape[:2], smooth=style != "cells")
    if style == "spotlight":
        light = np.abs(strength)[..., None] ** 1.5
        return _bytes(pixels * (_NIGHT + (1 - _NIGHT) * light))
    if found.signed:
        colours = SIGNED_LUT[np.rint((strength + 1) * 127.5).astype(np.uint8)]
    else:
        colours = MAGNITUDE_LUT[np.rint(strength * 255).astype(np.uint8)]
    if style == "map":
        return np.ascontiguousarray(colours)
    grey = pixels.mean(axis=2, keepdims=True, dtype=np.float32) * _DIM
    cover = 0.85 * np.clip(1.3 * np.abs(strength), 0, 1)[..., None]
    return _bytes(grey * (1 - cover) + colours * cover)


def _relative(found: Explanation, hw: tuple[int, int], *, smooth: bool) -> Float[np.ndarray, "height width"]:
    """The values over the crop, -1 to 1 or 0 to 1, in parts of the limit."""
    values = found.values if found.signed else np.maximum(found.values, 0)
    if smooth:
        values = enlarged(values, hw)
    else:
        rows, columns = (np.arange(n) * own // n for n, own in zip(hw, values.shape, strict=True))
        values = values[rows][:, columns]
    return np.clip(values / limit_of(found), -1 if found.signed else 0, 1)


def tile(pixels: UInt8[np.ndarray, "height width 3"], found: Explanation, style: Style = "heat") -> Encoded:
    """One explanation, as large as the crop."""
    return encode(painted(pixels, found, style), lossless=False)


def small_tile(pixels: UInt8[np.ndarray, "height width 3"], found: Explanation, side: int = 112) -> Encoded:
    """One explanation, small."""
    from PIL import Image

    small = np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BOX))
    if min(found.values.shape) > side:  # reduced before it is coloured: single pixels would fade
        values = Image.fromarray(found.values).resize((side, side), Image.Resampling.BOX)
        found = Explanation(found.method, np.asarray(values), found.signed)
    return encode(painted(small, found), lossless=False)


def _bytes(values: np.ndarray) -> UInt8[np.ndarray, "..."]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
