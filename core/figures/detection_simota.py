"""SimOTA on the photo: the cells that take part, and who got which."""

import cv2
import numpy as np
from jaxtyping import UInt8

from core.detection.simota_photo import PhotoTrace

INKS = (
    (77, 208, 255),
    (255, 157, 108),
    (126, 231, 135),
    (255, 217, 47),
    (201, 140, 230),
    (240, 240, 240),
)
"""Of the objects, again from the beginning after the last."""
_PART, _LINE, _RIM = (255, 255, 255), (255, 255, 255), (20, 24, 30)


def owners_picture(
    photo: UInt8[np.ndarray, "height width 3"], made: PhotoTrace, index: int
) -> UInt8[np.ndarray, "height width 3"]:
    """The photo under the grid: a frame around every candidate cell, a fill in the object's colour where one got it.

    Args:
        index: the chosen object, whose cells have its boxes drawn, too.
    """
    shown, owners = photo.copy(), made.owner()
    side = made.stride / made.scale  # of a cell, in pixels of the photo
    thin = max(1, round(max(shown.shape[:2]) / 500))
    for cell in np.flatnonzero(made.trace.candidates | (owners >= 0)).tolist():
        row, column = divmod(cell, made.side)
        left, top, right, bottom = (round(each * side) for each in (column, row, column + 1, row + 1))
        part = shown[top:bottom, left:right]
        if part.size and owners[cell] >= 0:
            ink = INKS[owners[cell] % len(INKS)]
            part[:] = cv2.addWeighted(part, 0.45, np.full_like(part, ink), 0.55, 0)
        cv2.rectangle(shown, (left, top), (right, bottom), _RIM, 2 * thin)
        cv2.rectangle(shown, (left, top), (right, bottom), _PART, thin)
    for cell in np.flatnonzero(owners == index).tolist():
        edges = np.clip(made.boxes[cell] / made.scale, -(10**6), 10**6)
        left, top, right, bottom = (round(float(edge)) for edge in edges)
        cv2.rectangle(shown, (left, top), (right, bottom), INKS[index % len(INKS)], 2 * thin)
    return shown
