"""Outlines of boxes: rectangles and ellipses as polygons, cut by a picture's edges, and boxed again."""

import numpy as np
from jaxtyping import Float

Box = tuple[float, float, float, float]
Polygon = Float[np.ndarray, "n 2"]
PER_SIDE = 16
"""Points along a side of a box: a straight side may be bent by an elastic transform."""
AROUND = 360
"""Points of an ellipse: its box is at most 0.004 % too small."""


def rectangle(box: Box) -> Polygon:
    """The outline of a box, clockwise, with its corners among the points."""
    left, top, right, bottom = box
    ends = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)
    part = np.arange(PER_SIDE)[:, None] / PER_SIDE
    return np.concatenate([ends[i] * (1 - part) + ends[(i + 1) % 4] * part for i in range(4)])


def ellipse(box: Box) -> Polygon:
    """The ellipse that touches the four sides of a box, from inside."""
    left, top, right, bottom = box
    turn = 2 * np.pi * np.arange(AROUND) / AROUND
    x, y = (left + right) / 2, (top + bottom) / 2
    return np.stack([x + (right - left) / 2 * np.cos(turn), y + (bottom - top) / 2 * np.sin(turn)], axis=1)


def clipped(shape: Polygon, hw: tuple[int, int]) -> Polygon:
    """The part of a polygon inside a picture of `hw`, edge by edge (Sutherland and Hodgman 1974); possibly empty."""
    height, width = hw
    for axis, limit, side in ((0, 0.0, 1), (0, float(width), -1), (1, 0.0, 1), (1, float(height), -1)):
        shape = _cut(shape, axis, limit, side)
    return shape


def _cut(shape: Polygon, axis: int, limit: float, side: int) -> Polygon:
    """What lies on the side of a line where side * (coordinate - limit) >= 0."""
    depth = side * (shape[:, axis] - limit)
    if len(shape) == 0 or depth.min() >= 0:
        return shape
    if depth.max() < 0:
        return shape[:0]
    after, depth_after = np.roll(shape, -1, axis=0), np.roll(depth, -1)
    found = []
    for here, there, d, e in zip(shape, after, depth, depth_after, strict=True):
        if d >= 0:
            found.append(here)
        if (d < 0) != (e < 0):
            crossing = here + (there - here) * (d / (d - e))
            crossing[axis] = limit
            found.append(crossing)
    return np.array(found)


def area(shape: Polygon) -> float:
    """Area inside a polygon, whichever way round (Gauss's formula)."""
    if len(shape) < 3:
        return 0.0
    x, y = shape[:, 0] - shape[0, 0], shape[:, 1] - shape[0, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def bounds(shape: Polygon) -> Box | None:
    """The smallest box around a polygon; None where it has no area."""
    if len(shape) < 3:
        return None
    (left, top), (right, bottom) = shape.min(axis=0).tolist(), shape.max(axis=0).tolist()
    return (left, top, right, bottom) if left < right and top < bottom else None


def mask_bounds(mask: np.ndarray) -> Box | None:
    """The smallest box around all pixels of a mask that are not 0; None for an empty one."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def iou(first: Box | None, second: Box | None) -> float:
    """Intersection over union of two boxes, 0 to 1; 0 where one is missing."""
    if first is None or second is None:
        return 0.0
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(0.0, width) * max(0.0, height)
    sizes = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return shared / (sizes - shared) if shared else 0.0
