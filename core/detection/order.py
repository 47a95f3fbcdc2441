"""Why greedy suppression has no fixed answer: three boxes in a chain, and two scores that change places.

A overlaps B too much, B overlaps C too much, A and C do not overlap too much. With A the best, A removes B, and C stays
although B would have removed it; with B the best, B removes both. The boxes are the same: which of them stay hangs on
the order in which they are taken. Source: Hosang et al., "Learning non-maximum suppression", 2017, section 2.
"""

from dataclasses import dataclass

import numpy as np

from core.detection.boxes import Boxes
from core.detection.suppression import Suppression, Values, suppress

NAMES = ("A", "B", "C")
SCORES = ((0.9, 0.8, 0.7), (0.8, 0.9, 0.7))
_SHIFT = 0.7  # of the shift at which the IoU is the threshold: one is over it, two are under it
_SIDE = 0.42  # of the photo's width and height


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One order of the same three boxes: their scores and what suppression made of them."""

    scores: Values
    outcome: Suppression


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Three boxes, A, B and C, in pixels, and the runs with A and with B as the best."""

    boxes: Boxes
    runs: tuple[Run, Run]


def chain(threshold: float, hw: tuple[int, int]) -> Chain:
    """The example for a threshold of IoU, on a photo of height and width `hw`.

    Of two equal boxes, one shifted by the share s of its width and of its height, the IoU is q / (2 - q) with q = (1 -
    s)^2: the threshold t is at s = 1 - sqrt(2 t / (1 + t)). Each box is shifted by 0.7 of that against the one before.

    Raises: ValueError for a threshold that is not between 0 and 1, or an empty photo.
    """
    if not 0 < threshold < 1:
        raise ValueError(f"The IoU threshold is over 0 and under 1, got {threshold:g}.")
    if min(hw) < 1:
        raise ValueError(f"A photo has pixels, got {hw[0]} x {hw[1]}.")
    height, width = hw
    step = _SHIFT * _SIDE * (1 - (2 * threshold / (1 + threshold)) ** 0.5)
    first = (1 - _SIDE) / 2 - step
    corners = first + step * np.arange(3)  # left and top alike
    edges = np.stack([corners, corners, corners + _SIDE, corners + _SIDE], axis=1)
    boxes = edges * [width, height, width, height]
    runs = [Run(np.array(scores), suppress(boxes, scores, iou_threshold=threshold)) for scores in SCORES]
    return Chain(boxes, (runs[0], runs[1]))
