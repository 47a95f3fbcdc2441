"""Faster R-CNN as pictures: what the first stage says of each place."""

import cv2
import numpy as np
from jaxtyping import UInt8

from core.figures.palette import MAGNITUDE_LUT
from core.two_stage.faster import Funnel


def objectness_map(found: Funnel, level: int) -> UInt8[np.ndarray, "rows columns 4"]:
    """The best anchor's objectness in each cell of a map, over the photo: dark means 0."""
    values = found.objectness[level]
    used = _used(found, level)
    seen = values[: used[0], : used[1]]
    coloured = MAGNITUDE_LUT[np.clip(seen * 255, 0, 255).round().astype(np.uint8)]
    return np.dstack([coloured, np.full(seen.shape, 255, np.uint8)])


def enlarged(cells: UInt8[np.ndarray, "rows columns 4"], longest: int = 640) -> UInt8[np.ndarray, "h w 4"]:
    """Each cell as a square of whole pixels."""
    times = max(1, longest // max(cells.shape[:2]))
    return cv2.resize(cells, None, fx=times, fy=times, interpolation=cv2.INTER_NEAREST)


def _used(found: Funnel, level: int) -> tuple[int, int]:
    """Rows and columns that lie on the photo; the input was padded beyond it."""
    down, across = found.strides[level]
    height, width = found.size
    return max(1, -(-height // down)), max(1, -(-width // across))
