"""YOLOX's assignment: the cells that already predict an object best learn it, as many as seem worth it.

Nothing here is decided by geometry alone, so it needs a network's predictions. Simplified in one point: YOLOX lets the
cells of its three levels compete; here there is one grid. The rest is its rule, with the numbers of its code.
Source: Ge et al., "YOLOX", 2021, section 2.1, "SimOTA"; Megvii's YOLOX, whose centre radius went from 2.5 to 1.5.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy.typing import ArrayLike

from core.detection.assignment import Assignment, Claim, Slot, outcome, slots
from core.detection.boxes import Boxes, iou
from core.detection.grid import Grid, centres

RADIUS = 1.5  # cells
CANDIDATES = 10
IOU_WEIGHT, ELSEWHERE = 3.0, 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Everything that SimOTA compares on its way, [objects, cells] unless said otherwise.

    Args:
        near: the middle of the cell is near the object's own centre.
        candidates: [cells], near the centre of any object: they take part.
        overlaps: IoU of the cell's predicted box with the object.
        class_cost: binary cross-entropy against the object's class.
        cost: class_cost - 3 ln(IoU + 1e-8), and a million where not near.
        worth: for each object how many cells it takes, k.
        assignment: who got what.
    """

    near: Bool[np.ndarray, "objects cells"]
    candidates: Bool[np.ndarray, " cells"]
    overlaps: Float64[np.ndarray, "objects cells"]
    class_cost: Float64[np.ndarray, "objects cells"]
    cost: Float64[np.ndarray, "objects cells"]
    worth: tuple[int, ...]
    assignment: Assignment


def simota(
    boxes: ArrayLike,
    grid: Grid,
    predicted: ArrayLike,
    class_cost: ArrayLike | None = None,
    *,
    radius: float = RADIUS,
) -> Assignment:
    """Every object takes its k cheapest cells; a cell that several take goes to the object it costs least.

    Cells whose middle is nearer than `radius` cells, across and down, to the centre of any object take part. The cost
    of a cell to an object is class_cost - 3 ln(IoU + 1e-8), and a million more where it is not near this object's own
    centre. k is the whole part of the sum of the object's 10 largest IoUs, at least 1.

    Args:
        boxes: [n, 4], inside the photo.
        grid: over the photo.
        predicted: [cells, 4], the network's box in every cell, row by row, in pixels.
        class_cost: [n, cells], binary cross-entropy of the cell's scores (root of class x objectness) against the
            object's class; None for a network that knows all classes perfectly.
        radius: in cells, more than 0.5, so that every object has a cell at least.

    Raises: ValueError for a box outside the photo, another number of predictions or costs, costs that are not finite,
        or another radius.
    """
    return trace(boxes, grid, predicted, class_cost, radius=radius).assignment


def trace(
    boxes: ArrayLike,
    grid: Grid,
    predicted: ArrayLike,
    class_cost: ArrayLike | None = None,
    *,
    radius: float = RADIUS,
) -> Trace:
    """What `simota` compares and decides; arguments and errors are the same."""
    array, places = grid.inside(boxes), slots(grid)
    if not 0.5 < radius <= 1000:
        raise ValueError(f"The radius must be over 0.5 cells, at most 1000, got {radius:g}.")
    overlaps = iou(array, predicted)  # [n, cells]
    if overlaps.shape[1] != len(places):
        raise ValueError(f"There must be {len(places)} predicted boxes, one a cell, got {overlaps.shape[1]}.")
    classes = np.zeros_like(overlaps) if class_cost is None else np.asarray(class_cost, dtype=np.float64)
    if classes.shape != overlaps.shape or not np.isfinite(classes).all():
        raise ValueError(
            f"Class costs must be finite, one for each object and cell, got shape {classes.shape}."
        )
    near = _near(array, grid, radius)
    cost = classes - IOU_WEIGHT * np.log(overlaps + 1e-8) + ELSEWHERE * ~near
    claims, worth = [], []
    taking_part = np.flatnonzero(near.any(axis=0))
    for index in range(len(array)):
        k = worthwhile(overlaps[index, taking_part])
        worth.append(k)
        cheapest = taking_part[np.argsort(cost[index, taking_part], kind="stable")[:k]]
        claims += [Claim(index, places[cell], float(overlaps[index, cell])) for cell in cheapest]
    found = outcome("simota", len(array), claims, _granted(claims, cost, overlaps, grid))
    return Trace(near, near.any(axis=0), overlaps, classes, cost, tuple(worth), found)


def worthwhile(overlaps: ArrayLike) -> int:
    """How many cells an object takes: the whole part of the sum of its 10 largest IoUs, at least 1."""
    largest = np.sort(np.asarray(overlaps, dtype=np.float64))[::-1][:CANDIDATES]
    return max(int(largest.sum()), 1)


def _granted(claims: list[Claim], cost: np.ndarray, overlaps: np.ndarray, grid: Grid) -> list[Claim]:
    """One claim for each cell; a contested one goes to the object of least cost, even if that one did not ask."""
    asking: dict[Slot, list[int]] = {}
    for claim in claims:
        asking.setdefault(claim.slot, []).append(claim.object)
    granted = []
    for slot, objects in asking.items():
        cell = slot.row * grid.columns + slot.column
        owner = objects[0] if len(objects) == 1 else int(cost[:, cell].argmin())
        granted.append(Claim(owner, slot, float(overlaps[owner, cell])))
    return granted


def _near(array: Boxes, grid: Grid, radius: float) -> Bool[np.ndarray, "objects cells"]:
    """The middle of the cell is less than `radius` cells from the centre of the box, across and down."""
    height, width = grid.cell_hw
    y, x = (axis[:, None, None] for axis in centres(array).T)  # [n, 1, 1]
    down = np.abs((np.arange(grid.rows) + 0.5)[:, None] - y / height) < radius
    across = np.abs((np.arange(grid.columns) + 0.5)[None] - x / width) < radius
    return (down & across).reshape(len(array), grid.rows * grid.columns)
