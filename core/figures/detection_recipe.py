"""The grid over the photo, with the cells that are responsible."""

import cv2
import numpy as np
from jaxtyping import UInt8

from core.detection.by_hand import Lesson

_LINE, _TAUGHT, _LOST = (255, 255, 255), (77, 208, 255), (217, 115, 31)
_STRENGTH = 0.45


def grid_picture(
    photo: UInt8[np.ndarray, "height width 3"], lesson: Lesson
) -> UInt8[np.ndarray, "height width 3"]:
    """The photo under its grid; responsible cells are blue, those that two objects wanted orange."""
    shown = photo.copy()
    height, width = lesson.grid.cell_hw
    contested = {claim.slot for claim in lesson.assignment.claims if claim.object in lesson.assignment.lost}
    for claim in lesson.assignment.claims:
        slot = claim.slot
        colour = _LOST if slot in contested else _TAUGHT
        part = shown[
            round(slot.row * height) : round((slot.row + 1) * height),
            round(slot.column * width) : round((slot.column + 1) * width),
        ]
        if part.size:
            part[:] = cv2.addWeighted(part, 1 - _STRENGTH, np.full_like(part, colour), _STRENGTH, 0)
    for row in range(1, lesson.grid.rows):
        cv2.line(shown, (0, round(row * height)), (shown.shape[1], round(row * height)), _LINE, 1)
    for column in range(1, lesson.grid.columns):
        cv2.line(shown, (round(column * width), 0), (round(column * width), shown.shape[0]), _LINE, 1)
    return shown
