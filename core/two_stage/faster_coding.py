"""How boxes become numbers and numbers boxes in Faster R-CNN, which anchors are taught, and which map is read.

Sources: Ren et al., "Faster R-CNN", 2015, arXiv 1506.01497, section 3.1.2 and equation 2; Girshick, "Fast R-CNN", 2015,
arXiv 1504.08083 (the weights are those of its released code); Lin et al., "Feature Pyramid Networks", 2017, arXiv
1612.03144, equation 1.
"""

import math
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from numpy.typing import ArrayLike

from core.detection.boxes import iou

FIRST, SECOND = (1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)
"""Weights of the numbers: of the first stage (anchor to proposal) and the second (proposal to box)."""
LARGEST = math.log(1000 / 16)
"""A log of a size is cut here: nothing grows to more than 62.5 times its anchor."""
POSITIVE, NEGATIVE = 0.7, 0.3
NOTHING, IGNORED = -1, -2
CANONICAL, AT = 224, 4
Weights = tuple[float, float, float, float]
Boxes = Float[np.ndarray, "n 4"]


def encode(boxes: Boxes, anchors: Boxes, weights: Weights = FIRST) -> Boxes:
    """t = (w_x (x - x_a) / w_a, w_y (y - y_a) / h_a, w_w log(w / w_a), w_h log(h / h_a)), x and y being the middles.

    Raises: ValueError for a box or an anchor without area.
    """
    (x, y, w, h), (x_a, y_a, w_a, h_a) = _middles(boxes), _middles(anchors)
    for name, sides in (("box", np.minimum(w, h)), ("anchor", np.minimum(w_a, h_a))):
        if sides.size and not sides.min() > 0:
            raise ValueError(f"The logarithm needs a {name} with an area, got a side of {sides.min():g}.")
    numbers = [(x - x_a) / w_a, (y - y_a) / h_a, np.log(w / w_a), np.log(h / h_a)]
    return np.stack([weight * each for weight, each in zip(weights, numbers, strict=True)], axis=1)


def decode(numbers: Boxes, anchors: Boxes, weights: Weights = FIRST) -> Boxes:
    """The box that four numbers make of an anchor; the inverse of `encode` but for sizes that are cut at `LARGEST`."""
    x_a, y_a, w_a, h_a = _middles(anchors)
    dx, dy, dw, dh = (numbers[:, i] / numbers.dtype.type(weights[i]) for i in range(4))
    dw, dh = (np.minimum(each, each.dtype.type(LARGEST)) for each in (dw, dh))
    x, y = dx * w_a + x_a, dy * h_a + y_a
    w, h = np.exp(dw) * w_a / 2, np.exp(dh) * h_a / 2
    return np.stack([x - w, y - h, x + w, y + h], axis=1)


def _middles(boxes: Boxes) -> tuple[np.ndarray, ...]:
    w, h = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return boxes[:, 0] + w / 2, boxes[:, 1] + h / 2, w, h


def level_of(boxes: ArrayLike, k_least: int, k_most: int) -> Int64[np.ndarray, " n"]:
    """k = floor(4 + log2(sqrt(w h) / 224)), cut to the levels there are; [n, 4] in pixels of the scaled photo."""
    array = np.asarray(boxes, np.float64).reshape(-1, 4)
    sides = np.sqrt((array[:, 2] - array[:, 0]) * (array[:, 3] - array[:, 1]))
    with np.errstate(divide="ignore"):
        k = np.floor(AT + np.log2(sides / CANONICAL) + 1e-6)  # a square of exactly 224 belongs to 4
    return np.clip(k, k_least, k_most).astype(np.int64)


def taught(
    anchors: ArrayLike, objects: ArrayLike, positive: float = POSITIVE, negative: float = NEGATIVE
) -> Int64[np.ndarray, " anchors"]:
    """For each anchor the object that it is taught, `NOTHING` for background, `IGNORED` for neither.

    An anchor is taught the object that it overlaps most from an IoU of `positive` on, background below `negative`. The
    best anchors of each object count in any case, and are taught the object that they overlap most themselves.
    """
    overlaps: Any = iou(objects, anchors)  # [objects, anchors]
    if not len(overlaps):
        return np.full(overlaps.shape[1], NOTHING)
    owner, best = overlaps.argmax(axis=0), overlaps.max(axis=0)
    found = np.where(best >= positive, owner, np.where(best < negative, NOTHING, IGNORED))
    top = overlaps.max(axis=1, keepdims=True)
    forced = ((overlaps == top) & (top > 0)).any(axis=0)
    return np.where(forced, owner, found)
