"""The raw output of a YOLO without anchors, as YOLOX lays it out: 85 numbers for every cell of three grids.

Row r belongs to one cell; the cells of stride 8 come first, then 16, then 32, each grid row by row. Of a row's numbers
the first two are the box's centre in cells from the corner of its own cell, the next two the logarithms of its width
and height in strides, then the objectness and the 80 classes, all 81 already through the sigmoid:

    cx = (column + x) stride,  cy = (row + y) stride,  w = exp(w') stride,  h = exp(h') stride
    score of a class = objectness x class

Source: Ge et al. 2021, "YOLOX: Exceeding YOLO series in 2021", arXiv 2107.08430.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

STRIDES = (8, 16, 32)
SIDE = 416
CLASSES = 80
NUMBERS = 5 + CLASSES
_LOG_MOST = 10.0  # e^10 strides are beyond any picture: a broken network must not overflow


@lru_cache(maxsize=16)
def cells(side: int = SIDE) -> Int[np.ndarray, "cells 3"]:
    """Column, row and stride of every cell, in the order of the raw output.

    Raises: ValueError for a side that the largest stride does not divide.
    """
    if side < STRIDES[-1] or side % STRIDES[-1]:
        raise ValueError(f"The side is a multiple of {STRIDES[-1]} pixels, got {side}.")
    grids = []
    for stride in STRIDES:
        rows, columns = np.mgrid[: side // stride, : side // stride]  # [n, n] each
        grids.append(np.stack([columns.ravel(), rows.ravel(), np.full(columns.size, stride)], axis=1))
    found = np.concatenate(grids)  # 416: [52 * 52 + 26 * 26 + 13 * 13 = 3549, 3]
    found.flags.writeable = False
    return found


def side_of(count: int) -> int:
    """The side of the input that has so many cells.

    Raises: ValueError if none has.
    """
    for side in range(STRIDES[-1], 4097, STRIDES[-1]):
        if sum((side // stride) ** 2 for stride in STRIDES) == count:
            return side
    raise ValueError(
        f"Strides {', '.join(map(str, STRIDES))} have 3,549 cells at {SIDE} pixels; no side has {count:,}."
    )


def decode(raw: Float[np.ndarray, "cells 85"]) -> Float[np.ndarray, "cells 4"]:
    """The box of every cell, x1, y1, x2, y2 in pixels of the input, as in the formula above.

    Raises: ValueError for another shape, or numbers that are not finite.
    """
    if raw.ndim != 2 or raw.shape[1] != NUMBERS:
        raise ValueError(f"The raw output has {NUMBERS} numbers for each cell, got the shape {raw.shape}.")
    if not np.isfinite(raw).all():
        raise ValueError("The raw output holds numbers that are not finite.")
    place = cells(side_of(len(raw)))  # [cells, 3]
    stride = place[:, 2:].astype(np.float64)
    centre = (place[:, :2] + raw[:, :2]) * stride  # [cells, 2]
    half = np.exp(np.minimum(raw[:, 2:4].astype(np.float64), _LOG_MOST)) * stride / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def scores(raw: Float[np.ndarray, "cells 85"]) -> Float[np.ndarray, "cells 80"]:
    """Objectness times class, 0 to 1."""
    return raw[:, 4:5] * raw[:, 5:]
