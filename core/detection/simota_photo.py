"""SimOTA on a detector's own raw output of a photo: costs from its numbers, one grid of its three.

The cost of the class is what YOLOX computes: the binary cross-entropy, summed over all classes, of the root of class
times objectness. Source: see `core.detection.simota`.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy.typing import ArrayLike

from core.detection.boxes import Boxes, checked
from core.detection.detector import Seen
from core.detection.grid import Grid
from core.detection.layout import CLASSES, STRIDES, cells, decode
from core.detection.simota import CANDIDATES, ELSEWHERE, IOU_WEIGHT, Trace, trace
from core.formula import Formula

_LOG_LEAST = -100.0  # as PyTorch's binary cross-entropy: the logarithm of 0 must stay a number


@dataclass(frozen=True, slots=True, eq=False)
class PhotoTrace:
    """SimOTA on one grid of a detector.

    Args:
        stride: of the grid. side: cells across and down; the photo may end before.
        trace: [objects, cells], row by row.
        boxes: the predicted box of every cell, in pixels of the detector's square.
        scale: pixels of the square per pixel of the photo.
    """

    stride: int
    side: int
    trace: Trace
    boxes: Float64[np.ndarray, "cells 4"]
    scale: float

    def owner(self) -> Int64[np.ndarray, " cells"]:
        """The object that each cell learns, -1 for none."""
        owners = np.full(self.side**2, -1, np.int64)
        for claim in self.trace.assignment.responsible:
            owners[claim.slot.row * self.side + claim.slot.column] = claim.object
        return owners


def class_costs(raw: np.ndarray, labels: ArrayLike) -> Float64[np.ndarray, "objects cells"]:
    """Binary cross-entropy of each cell's scores against each object's class, summed over the classes.

    Args:
        raw: [cells, 85], the raw output. labels: [n], from 0 to 79.
    """
    scores = np.sqrt(raw[:, 4:5].astype(np.float64) * raw[:, 5:])  # [cells, 80]
    with np.errstate(divide="ignore"):
        yes = np.maximum(np.log(scores), _LOG_LEAST)
        no = np.maximum(np.log1p(-np.minimum(scores, 1.0)), _LOG_LEAST)
    numbers = np.asarray(labels, np.int64)
    return -(no.sum(axis=1) + (yes - no)[:, numbers].T)  # [n, cells]


def on_photo(seen: Seen, boxes: ArrayLike, labels: ArrayLike, stride: int) -> PhotoTrace:
    """Assign objects to the cells of one grid.

    Args:
        boxes: [n, 4], on the photo, in its pixels. labels: [n], classes of COCO, 0 to 79.

    Raises: ValueError for another stride, labels that are no classes, boxes outside the photo.
    """
    if stride not in STRIDES:
        raise ValueError(f"The stride is one of {', '.join(map(str, STRIDES))}, got {stride}.")
    array, numbers = checked(boxes), np.asarray(labels, np.int64)
    if numbers.shape != (len(array),) or ((numbers < 0) | (numbers >= CLASSES)).any():
        raise ValueError(
            f"There is one class, 0 to {CLASSES - 1}, for each of {len(array)} boxes, got {labels}."
        )
    place, side = cells(seen.side)[:, 2] == stride, seen.side // stride
    raw = seen.raw[place]
    said: Boxes = decode(seen.raw)[place]
    scaled = np.minimum(array * seen.box.scale, seen.side)  # rounding may put an edge behind the square's
    made = trace(scaled, Grid(side, side, (seen.side, seen.side)), said, class_costs(raw, numbers))
    return PhotoTrace(stride, side, made, said, seen.box.scale)


def worth_formula(made: Trace, index: int) -> Formula:
    """The dynamic k of one object."""
    overlaps = np.sort(made.overlaps[index, made.candidates])[::-1][:CANDIDATES]
    terms = [f"{value:.2f}" for value in overlaps]
    written = r" \\ {} + ".join(" + ".join(terms[at : at + 5]) for at in range(0, len(terms), 5))
    return Formula(
        "cells the object takes, k",
        rf"\max\left(1, \left\lfloor \sum_{{{CANDIDATES}\text{{ largest}}}} \text{{IoU}} \right\rfloor\right)",
        rf"\max\left(1, \left\lfloor \begin{{gathered}}{written}\end{{gathered}} \right\rfloor\right)",
        made.worth[index],
        "The better the network already finds it, the more cells learn it.",
    )


def cost_formula(made: Trace, index: int, cell: int) -> Formula:
    """The cost of one cell to one object."""
    overlap, near = float(made.overlaps[index, cell]), bool(made.near[index, cell])
    far = "" if near else r" + 10^6"
    return Formula(
        "cost of the cell",
        rf"\text{{BCE}} - {IOU_WEIGHT:g} \ln(\text{{IoU}} + 10^{{-8}})" + far,
        rf"{made.class_cost[index, cell]:.3f} - {IOU_WEIGHT:g} \ln({overlap:.4f})" + far,
        float(made.cost[index, cell]),
        "" if near else f"{ELSEWHERE:,.0f} more: its middle is not near the centre of this object.",
    )
