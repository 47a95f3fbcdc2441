"""How much two boxes have in common: intersection over union and the measures that followed it.

A box is left, top, right, bottom (xyxy) in continuous pixels, half-open: its width is right - left, without the + 1 of
the old whole-pixel convention. A box without area is allowed; it overlaps nothing, so its IoU is 0 and never 0 / 0.

Sources: Rezatofighi et al., "Generalized Intersection over Union", 2019, Algorithm 1 (GIoU); Zheng et al.,
"Distance-IoU Loss", 2020, equations 7 (DIoU) and 8 to 11 (CIoU).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy.typing import ArrayLike

LARGEST = 1e75  # pixels; the square of an area is still a number
Boxes = Float64[np.ndarray, "boxes 4"]
Pairs = Float64[np.ndarray, "first second"]


def checked(boxes: ArrayLike) -> Boxes:
    """The boxes as float64 [n, 4]; an empty sequence has the shape [0, 4].

    Raises: ValueError for another shape, coordinates that are not finite and for inverted corners.
    """
    array = np.asarray(boxes, dtype=np.float64)
    if array.shape == (0,):
        return array.reshape(0, 4)
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError(f"Boxes must be an array of n x 4 coordinates, got shape {array.shape}.")
    if array.size and not (array.min() >= -LARGEST and array.max() <= LARGEST):  # NaN fails both
        raise ValueError(
            f"Box coordinates must be finite, at most {LARGEST:g}, got {_first_not_finite(array)}."
        )
    inverted = array[:, 2:] < array[:, :2]
    if inverted.any():
        row = int(inverted.any(axis=1).argmax())
        raise ValueError(
            f"A box must have left <= right and top <= bottom, got {array[row].tolist()} as box {row}."
        )
    return array


def _first_not_finite(array: np.ndarray) -> float:
    wrong = ~(np.abs(array) <= LARGEST)
    return float(array[wrong][0])


def areas(boxes: ArrayLike) -> Float64[np.ndarray, " boxes"]:
    """Width times height of each box, in square pixels."""
    array = checked(boxes)
    return (array[:, 2] - array[:, 0]) * (array[:, 3] - array[:, 1])


def intersection(a: ArrayLike, b: ArrayLike) -> Pairs:
    """Area that box i of `a` shares with box j of `b`, in square pixels: [n, 4] and [m, 4] -> [n, m].

    The overlap is cut off at 0 on each axis by itself: the product of two negative overlaps would be positive, and two
    boxes that lie apart in both directions would seem to overlap.
    """
    first, second = checked(a)[:, None], checked(b)[None]  # [n, 1, 4], [1, m, 4]
    left_top = np.maximum(first[..., :2], second[..., :2])  # [n, m, 2]
    right_bottom = np.minimum(first[..., 2:], second[..., 2:])
    return np.maximum(right_bottom - left_top, 0.0).prod(axis=2)


def iou(a: ArrayLike, b: ArrayLike) -> Pairs:
    """Intersection over union, I / U with U = A + B - I: [n, 4] and [m, 4] -> [n, m], from 0 to 1.

    0 for boxes without area, also for one with itself, where the quotient is 0 / 0.

    Raises: ValueError for inverted boxes (see `checked`).
    """
    shared, union = _shared_and_union(a, b)
    return _ratio(shared, union)


def ios(a: ArrayLike, b: ArrayLike) -> Pairs:
    """Intersection over the smaller box, I / min(A, B), from 0 to 1: 1 when one box lies inside the other.

    Used when pictures are cut into tiles, where half an object lies inside the box of the whole one. 0 without area.
    Source: Akyon et al., "Slicing Aided Hyper Inference", 2022.
    """
    return _ratio(intersection(a, b), np.minimum(areas(a)[:, None], areas(b)))


def giou(a: ArrayLike, b: ArrayLike) -> Pairs:
    """Generalized IoU, IoU - (C - U) / C with the area C of the smallest box around both: over -1, at most 1.

    Below 0 for boxes far apart. Where C is 0 the second term is 0.
    """
    shared, union = _shared_and_union(a, b)
    enclosing = _enclosing_sides(a, b).prod(axis=2)
    return _ratio(shared, union) - _ratio(enclosing - union, enclosing)


def diou(a: ArrayLike, b: ArrayLike) -> Pairs:
    """Distance IoU, IoU - d^2 / c^2: over -1, at most 1.

    d is the distance of the centres, c the diagonal of the smallest box around both, in pixels. Where c is 0 (twice
    the same point) the second term is 0.
    """
    return iou(a, b) - _ratio(_centre_distance_squared(a, b), _diagonal_squared(a, b))


def ciou(a: ArrayLike, b: ArrayLike) -> Pairs:
    """Complete IoU, DIoU - alpha v: over -1.5, at most 1.

    v = 4 / pi^2 (arctan(w_a / h_a) - arctan(w_b / h_b))^2 compares the shapes, from 0 to 1; alpha = v / (1 - IoU + v)
    weighs it the more the better the boxes overlap, and is 0 where v is.
    """
    aspect = _aspect(a, b)
    return diou(a, b) - _ratio(aspect, 1 - iou(a, b) + aspect) * aspect


def _shared_and_union(a: ArrayLike, b: ArrayLike) -> tuple[Pairs, Pairs]:
    shared = intersection(a, b)
    return shared, areas(a)[:, None] + areas(b) - shared


def _ratio(above: Pairs, below: Pairs) -> Pairs:
    """The quotient, and 0 where it would be 0 / 0."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _enclosing_sides(a: ArrayLike, b: ArrayLike) -> Float64[np.ndarray, "first second 2"]:
    """Width and height of the smallest box around each pair."""
    first, second = checked(a)[:, None], checked(b)[None]
    return np.maximum(first[..., 2:], second[..., 2:]) - np.minimum(first[..., :2], second[..., :2])


def _diagonal_squared(a: ArrayLike, b: ArrayLike) -> Pairs:
    return (_enclosing_sides(a, b) ** 2).sum(axis=2)


def _centre_distance_squared(a: ArrayLike, b: ArrayLike) -> Pairs:
    first, second = ((box[:, :2] + box[:, 2:]) / 2 for box in (checked(a), checked(b)))
    return ((first[:, None] - second[None]) ** 2).sum(axis=2)


def _aspect(a: ArrayLike, b: ArrayLike) -> Pairs:
    # -0.0 - 0.0 is -0.0, from which arctan2 would make half a turn: + 0.0 takes the sign away
    first, second = (np.arctan2(*(box[:, 2:] - box[:, :2] + 0.0).T) for box in (checked(a), checked(b)))
    return 4 / np.pi**2 * (first[:, None] - second) ** 2


@dataclass(frozen=True, slots=True)
class Overlap:
    """Everything two boxes have in common, for the numbers beside the picture.

    Args:
        first, second: left, top, right, bottom in pixels.
        shared: the box of the intersection, or None where the boxes share no area.
        enclosing: the smallest box around both.
        intersection_area, union_area, enclosing_area: in square pixels.
        centre_distance, diagonal: d and c of DIoU, in pixels.
        aspect, trade_off: v and alpha of CIoU.
        iou, giou, diou, ciou, ios: the five measures.
    """

    first: tuple[float, ...]
    second: tuple[float, ...]
    shared: tuple[float, ...] | None
    enclosing: tuple[float, ...]
    intersection_area: float
    union_area: float
    enclosing_area: float
    centre_distance: float
    diagonal: float
    aspect: float
    trade_off: float
    iou: float
    giou: float
    diou: float
    ciou: float
    ios: float


def overlap(first: ArrayLike, second: ArrayLike) -> Overlap:
    """Measure one pair of boxes; each is left, top, right, bottom in pixels.

    Raises: ValueError for inverted boxes (see `checked`).
    """
    a, b = checked(np.asarray(first)[None]), checked(np.asarray(second)[None])
    shared_area, union = (float(area[0, 0]) for area in _shared_and_union(a, b))
    least, most = np.minimum(a, b)[0], np.maximum(a, b)[0]
    values = {measure.__name__: float(measure(a, b)[0, 0]) for measure in (iou, giou, diou, ciou, ios)}
    aspect = float(_aspect(a, b)[0, 0])
    return Overlap(
        first=tuple(a[0].tolist()),
        second=tuple(b[0].tolist()),
        shared=(*most[:2].tolist(), *least[2:].tolist()) if shared_area > 0 else None,
        enclosing=(*least[:2].tolist(), *most[2:].tolist()),
        intersection_area=shared_area,
        union_area=union,
        enclosing_area=float(_enclosing_sides(a, b).prod()),
        centre_distance=float(np.sqrt(_centre_distance_squared(a, b)[0, 0])),
        diagonal=float(np.sqrt(_diagonal_squared(a, b)[0, 0])),
        aspect=aspect,
        trade_off=aspect / (1 - values["iou"] + aspect) if aspect else 0.0,
        **values,
    )
