"""What YOLOv1 is punished for, part by part and cell by cell: place, size, objectness, false alarms and class.

The loss is a sum of squared differences. Boxes of cells with an object count five times, the confidence of boxes
without one half: most cells are empty, and would otherwise drown the few that are not. Source: Redmon et al., "You
Only Look Once", 2016, section 2.2, equation 3.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy.typing import ArrayLike

from core.detection.assignment import yolo_v1
from core.detection.boxes import iou
from core.detection.encoding import encode
from core.detection.grid import Grid

COORDINATES_WEIGHT, NO_OBJECT_WEIGHT = 5.0, 0.5
LARGEST = 1e6  # a prediction beyond is a broken one, and its square must stay a number
PARTS = ("coordinates", "sizes", "objectness", "no_object", "classes")


@dataclass(frozen=True, slots=True, eq=False)
class TargetGrid:
    """What every cell should say.

    Args:
        has_object: [rows, columns], the centre of an object lies in the cell.
        boxes: [rows, columns, 4], x, y (fractions of the cell) and the roots of w, h (of the photo's sides); 0 without.
        classes: [rows, columns, classes], one-hot; 0 without.

    Raises: ValueError for arrays that do not belong together.
    """

    has_object: Bool[np.ndarray, "rows columns"]
    boxes: Float64[np.ndarray, "rows columns 4"]
    classes: Float64[np.ndarray, "rows columns classes"]

    def __post_init__(self) -> None:
        _check("target boxes", self.boxes, (*self.has_object.shape, 4))
        _check("target classes", self.classes, (*self.has_object.shape, self.classes.shape[-1]))


@dataclass(frozen=True, slots=True, eq=False)
class PredictedGrid:
    """What every cell says: any finite numbers, as they come out of the network.

    Args:
        boxes: [rows, columns, B, 5], x, y, roots of w and h, and confidence of each of the cell's B boxes; B is 2 in
            the paper.
        classes: [rows, columns, classes], one distribution for the whole cell.

    Raises: ValueError for arrays that do not belong together or hold something else than finite numbers.
    """

    boxes: Float64[np.ndarray, "rows columns B 5"]
    classes: Float64[np.ndarray, "rows columns classes"]

    def __post_init__(self) -> None:
        if self.boxes.ndim != 4 or not self.boxes.shape[2]:
            raise ValueError(
                f"Predicted boxes must be rows x columns x boxes x 5, got shape {self.boxes.shape}."
            )
        _check("predicted boxes", self.boxes, (*self.boxes.shape[:3], 5))
        _check("predicted classes", self.classes, (*self.boxes.shape[:2], self.classes.shape[-1]))


@dataclass(frozen=True, slots=True, eq=False)
class LossParts:
    """The loss of every cell, already weighted, so that everything simply adds up.

    Args:
        coordinates: [rows, columns], 5 ((x - x')^2 + (y - y')^2) of the responsible box.
        sizes: [rows, columns], 5 ((sqrt w - sqrt w')^2 + (sqrt h - sqrt h')^2) of the responsible box.
        objectness: [rows, columns], (IoU - confidence')^2 of the responsible box.
        no_object: [rows, columns], 0.5 confidence'^2, summed over the boxes that are not responsible.
        classes: [rows, columns], the squared differences summed over the classes, in cells with an object.
        responsible: [rows, columns], index of the box that overlaps the object most, -1 where there is none.
        ious: [rows, columns], its IoU with the object, 0 where there is none.
    """

    coordinates: Float64[np.ndarray, "rows columns"]
    sizes: Float64[np.ndarray, "rows columns"]
    objectness: Float64[np.ndarray, "rows columns"]
    no_object: Float64[np.ndarray, "rows columns"]
    classes: Float64[np.ndarray, "rows columns"]
    responsible: Int64[np.ndarray, "rows columns"]
    ious: Float64[np.ndarray, "rows columns"]

    @property
    def cells(self) -> Float64[np.ndarray, "rows columns"]:
        """The loss of each cell: the sum of its five parts."""
        return self.coordinates + self.sizes + self.objectness + self.no_object + self.classes

    @property
    def sums(self) -> dict[str, float]:
        """Each part summed over the grid, in the order of `PARTS`."""
        return {part: float(getattr(self, part).sum()) for part in PARTS}

    @property
    def total(self) -> float:
        """The loss of the photo: the sum of everything."""
        return sum(self.sums.values())


def target_grid(boxes: ArrayLike, labels: ArrayLike, classes: int, grid: Grid) -> TargetGrid:
    """The grid to learn from: an object in the cell of its centre, the first if there are several.

    Args:
        boxes: [n, 4], in pixels, inside the photo.
        labels: [n], the class number of each, from 0.
        classes: how many there are.
        grid: over the photo.

    Raises: ValueError for a box outside the photo, another number of labels, or a class that does not exist.
    """
    array, numbers = grid.inside(boxes), np.asarray(labels, dtype=np.int64)
    if numbers.shape != (len(array),):
        raise ValueError(
            f"There must be one label for each of {len(array)} boxes, got shape {numbers.shape}."
        )
    shape = grid.rows, grid.columns
    target = TargetGrid(np.zeros(shape, bool), np.zeros((*shape, 4)), np.zeros((*shape, classes)))
    for claim in yolo_v1(array, grid).responsible:
        cell, label = (claim.slot.row, claim.slot.column), int(numbers[claim.object])
        left, top, right, bottom = array[claim.object].tolist()
        one = encode("yolo_v1", (left, top, right, bottom), grid, label=label, classes=classes)
        target.has_object[cell] = True
        target.boxes[cell] = one.x, one.y, one.w, one.h
        target.classes[(*cell, label)] = 1.0
    return target


def yolo_v1_loss(target: TargetGrid, predicted: PredictedGrid) -> LossParts:
    """The five parts of equation 3 for every cell.

    In a cell with an object one box is responsible: the one with the highest IoU, and if none overlaps the object,
    the one with the nearest four numbers (darknet, too, compares the boxes' numbers then), the first of equals. It
    alone answers for place and size, and its confidence should be its IoU; all other confidences should be 0.

    Raises: ValueError for grids of different sizes or numbers of classes.
    """
    if (
        predicted.boxes.shape[:2] != target.has_object.shape
        or predicted.classes.shape != target.classes.shape
    ):
        raise ValueError(
            f"Target and prediction must have the same rows, columns and classes, "
            f"got {target.classes.shape} and {predicted.classes.shape}."
        )
    has = target.has_object
    difference = (predicted.boxes[..., :4] - target.boxes[:, :, None]) ** 2  # [rows, columns, B, 4]
    overlaps = _overlaps(target, predicted)  # [rows, columns, B]
    nearest = np.where(
        overlaps.max(axis=2) > 0, overlaps.argmax(axis=2), difference.sum(axis=3).argmin(axis=2)
    )
    mine = has[..., None] & (np.arange(overlaps.shape[2]) == nearest[..., None])  # [rows, columns, B]
    confidence = predicted.boxes[..., 4]
    return LossParts(
        coordinates=COORDINATES_WEIGHT * (difference[..., :2].sum(axis=3) * mine).sum(axis=2),
        sizes=COORDINATES_WEIGHT * (difference[..., 2:].sum(axis=3) * mine).sum(axis=2),
        objectness=((overlaps - confidence) ** 2 * mine).sum(axis=2),
        no_object=NO_OBJECT_WEIGHT * (confidence**2 * ~mine).sum(axis=2),
        classes=((predicted.classes - target.classes) ** 2).sum(axis=2) * has,
        responsible=np.where(has, nearest, -1),
        ious=(overlaps * mine).sum(axis=2),
    )


def _overlaps(target: TargetGrid, predicted: PredictedGrid) -> Float64[np.ndarray, "rows columns B"]:
    """IoU of every predicted box with the object of its cell, 0 where there is none."""
    rows, columns, count = predicted.boxes.shape[:3]
    result = np.zeros((rows, columns, count))
    for row, column in np.argwhere(target.has_object):
        own = _corners(target.boxes[row, column][None], rows, columns)
        result[row, column] = iou(_corners(predicted.boxes[row, column, :, :4], rows, columns), own)[:, 0]
    return result


def _corners(numbers: np.ndarray, rows: int, columns: int) -> Float64[np.ndarray, "boxes 4"]:
    """[n, 4] x, y and roots to corners in shares of the photo, seen from the cell's own corner: the IoU is the same."""
    centre = numbers[:, :2] / (columns, rows)
    half = numbers[:, 2:] ** 2 / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _check(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"The {name} must have the shape {shape}, got {array.shape}.")
    wrong = ~(np.abs(array) <= LARGEST)  # NaN fails too
    if wrong.any():
        raise ValueError(f"The {name} must be finite numbers, at most {LARGEST:g}, got {array[wrong][0]:g}.")
