"""The photo as a detector wants it, and its boxes back on the photo.

The whole photo is scaled to fit into a square and laid into its top left corner; the rest is grey 114. Channels in the
order blue, green, red, values 0 to 255, not normalised: what YOLOX was trained with. Boxes are undone before they are
compared or rounded.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from core.detection.layout import SIDE

GREY = 114


@dataclass(frozen=True, slots=True, eq=False)
class Letterbox:
    """A photo in its square.

    Args:
        pixels: the square, RGB.
        scale: of the photo, square pixels per photo pixel.
        size: width and height of the photo, in pixels.
    """

    pixels: UInt8[np.ndarray, "side side 3"]
    scale: float
    size: tuple[int, int]

    @property
    def tensor(self) -> Float32[np.ndarray, "1 3 side side"]:
        """What goes into the network: blue, green, red, 0 to 255."""
        return np.ascontiguousarray(self.pixels[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)

    def on_photo(self, boxes: Float[np.ndarray, "n 4"]) -> Float[np.ndarray, "n 4"]:
        """Boxes of the square as boxes of the photo, cut at its edges; x1, y1, x2, y2 in its pixels."""
        width, height = self.size
        limits = np.array([width, height, width, height], np.float64)
        return np.clip(np.asarray(boxes, np.float64) / self.scale, 0, limits)


def letterbox(photo: UInt8[np.ndarray, "height width 3"], side: int = SIDE) -> Letterbox:
    """Lay a photo (RGB) into a square of `side` pixels.

    Raises: ValueError for an empty photo.
    """
    height, width = photo.shape[:2]
    if not height or not width:
        raise ValueError(f"A photo has pixels, got {width} x {height}.")
    scale = min(side / height, side / width)
    fitted = max(1, round(width * scale)), max(1, round(height * scale))
    square = np.full((side, side, 3), GREY, np.uint8)
    square[: fitted[1], : fitted[0]] = cv2.resize(photo, fitted, interpolation=cv2.INTER_LINEAR)
    return Letterbox(square, scale, (width, height))
