"""Two boxes on the photo: what they share, the box around both, and where a loss pulls the first one."""

import cv2
import numpy as np
from jaxtyping import UInt8

from core.detection.box_losses import BoxLoss
from core.detection.boxes import Overlap

_SHARED, _AROUND, _PULL, _RIM = (255, 217, 47), (77, 208, 255), (126, 231, 135), (20, 24, 30)
_STRENGTH = 0.45
_LONGEST = 0.14  # of the photo's longer side: the arrow of the largest slope


def pair_picture(
    photo: UInt8[np.ndarray, "height width 3"], pair: Overlap, loss: BoxLoss
) -> UInt8[np.ndarray, "height width 3"]:
    """The intersection in yellow, the enclosing box in blue, an arrow for each edge that the loss moves.

    Arrows are as long as the slopes are in proportion to the largest of the four; a loss without slopes has none.
    """
    shown = photo.copy()
    if pair.shared is not None:
        left, top, right, bottom = (round(edge) for edge in pair.shared)
        part = shown[top:bottom, left:right]
        if part.size:
            part[:] = cv2.addWeighted(part, 1 - _STRENGTH, np.full_like(part, _SHARED), _STRENGTH, 0)
    thick = max(1, round(max(shown.shape[:2]) / 320))
    left, top, right, bottom = (round(edge) for edge in pair.enclosing)
    cv2.rectangle(shown, (left, top), (right, bottom), _AROUND, thick)
    for start, end in arrows(pair, loss, _LONGEST * max(shown.shape[:2])):
        for ink, width in ((_RIM, 5 * thick), (_PULL, 2 * thick)):
            cv2.arrowedLine(shown, start, end, ink, width, cv2.LINE_AA, tipLength=0.3)
    return shown


def arrows(pair: Overlap, loss: BoxLoss, longest: float) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Start and end of the arrow of each edge that moves, at the middle of the first box's edge, in pixels."""
    most = max(abs(each) for each in loss.pull)
    if not most:
        return []
    left, top, right, bottom = pair.first
    across, down = (left + right) / 2, (top + bottom) / 2
    found = []
    for (x, y), (along_x, along_y), pull in (
        ((left, down), (1, 0), loss.pull[0]),
        ((across, top), (0, 1), loss.pull[1]),
        ((right, down), (1, 0), loss.pull[2]),
        ((across, bottom), (0, 1), loss.pull[3]),
    ):
        length = longest * pull / most
        if abs(length) >= 1:
            found.append(((round(x), round(y)), (round(x + along_x * length), round(y + along_y * length))))
    return found
