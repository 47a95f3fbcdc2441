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
_WIDTH, _TOP, _BOTTOM = 0.42, 0.22, 0.82


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

    Two boxes of width w, one shifted by d, have the IoU (w - d) / (w + d): the threshold t is at d = w (1 - t) / (1 +
    t). Each box is shifted by 0.7 of that against the one before.

    Raises: ValueError for a threshold that is not between 0 and 1, or an empty photo.
    """
    if not 0 < threshold < 1:
        raise ValueError(f"The IoU threshold is over 0 and under 1, got {threshold:g}.")
    if min(hw) < 1:
        raise ValueError(f"A photo has pixels, got {hw[0]} x {hw[1]}.")
    height, width = hw
    step = _SHIFT * _WIDTH * (1 - threshold) / (1 + threshold)
    left = (1 - _WIDTH) / 2 - step
    edges = np.array([[left + i * step, _TOP, left + i * step + _WIDTH, _BOTTOM] for i in range(3)])
    boxes = edges * [width, height, width, height]
    runs = [Run(np.array(scores), suppress(boxes, scores, iou_threshold=threshold)) for scores in SCORES]
    return Chain(boxes, (runs[0], runs[1]))
