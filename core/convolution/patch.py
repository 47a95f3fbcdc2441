"""A small grid of numbers taken from a photo: one channel of a patch, each number the mean of a block of pixels.

Luminance weighs red, green and blue by 0.299, 0.587 and 0.114 (Recommendation ITU-R BT.601).
"""

import numpy as np
from jaxtyping import Int, UInt8

CHANNELS = {
    "luminance": (0.299, 0.587, 0.114),
    "red": (1.0, 0.0, 0.0),
    "green": (0.0, 1.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
}


def patch(
    pixels: UInt8[np.ndarray, "height width 3"],
    corner: tuple[int, int],
    hw: tuple[int, int],
    *,
    block: int = 1,
    channel: str = "luminance",
) -> Int[np.ndarray, "rows columns"]:
    """Whole numbers 0..255: the mean over block x block pixels per number, rounded.

    Args:
        pixels: RGB.
        corner: (row, column) of the patch's first pixel.
        hw: rows and columns of the grid; it covers hw * block pixels.
        block: pixels on a side that make one number.
        channel: a key of CHANNELS.

    Raises:
        ValueError: the patch reaches outside the photo, or there is no such channel.
    """
    if channel not in CHANNELS:
        raise ValueError(f"The channel must be one of {', '.join(CHANNELS)}, got {channel}.")
    (top, left), (rows, columns) = corner, hw
    height, width = rows * block, columns * block
    region = pixels[max(top, 0) : top + height, max(left, 0) : left + width]  # [height, width, 3]
    if min(rows, columns, block) < 1 or region.shape[:2] != (height, width):
        raise ValueError(
            f"A patch must lie inside the photo of {pixels.shape[0]} x {pixels.shape[1]} pixels, "
            f"got {height} x {width} from row {top}, column {left}."
        )
    level = region.astype(float) @ np.array(CHANNELS[channel])  # [height, width]
    means = level.reshape(rows, block, columns, block).mean(axis=(1, 3))  # [rows, columns]
    return np.rint(means).astype(int)
