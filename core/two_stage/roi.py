"""A region of any size becomes a map of one size: RoIPool, which rounds, and RoIAlign, which does not.

Both divide the region, in cells of the map, into bins. RoIPool rounds the region's edges to whole cells, the bins'
edges outwards, and takes the largest value; RoIAlign puts points into each bin, reads the map between its cells, and
takes their mean.

Sources: Girshick 2015, "Fast R-CNN", arXiv 1504.08083, section 2.1; He et al. 2017, "Mask R-CNN", arXiv 1703.06870,
section 3. Edge cases are torchvision's.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

Maps = Float[np.ndarray, "channels height width"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Rounded:
    """How RoIPool lays a region on a map.

    Args:
        exact: left, top, right, bottom in cells. edges: the same rounded; the right and lower cells are in.
        rows, columns: first and last cell (not in) of each bin.
    """

    exact: Box
    edges: tuple[int, int, int, int]
    rows: Int[np.ndarray, "bins 2"]
    columns: Int[np.ndarray, "bins 2"]

    @property
    def lost(self) -> float:
        """The largest distance of a rounded edge from the exact one, in cells; the half-open cell is counted in."""
        found = (self.edges[0], self.edges[1], self.edges[2] + 1, self.edges[3] + 1)
        return max(abs(a - b) for a, b in zip(self.exact, found, strict=True))


def rounded(box: Box, scale: float, hw: tuple[int, int], bins: int) -> Rounded:
    """RoIPool's cells for a region.

    Args:
        box: x1, y1, x2, y2 in pixels. scale: cells per pixel. hw: of the map. bins: down and across.
    """
    exact = tuple(float(each) * scale for each in box)
    left, top, right, bottom = (_half_away(each) for each in exact)
    sides = (bottom, top, hw[0]), (right, left, hw[1])
    rows, columns = (_bins(first, max(last - first + 1, 1), bins, most) for last, first, most in sides)
    return Rounded(exact, (left, top, right, bottom), rows, columns)  # type: ignore[arg-type]


def roi_pool(maps: Maps, box: Box, scale: float, bins: int) -> Float[np.ndarray, "channels bins bins"]:
    """The largest value of each bin, 0 where a bin has no cell on the map."""
    laid = rounded(box, scale, maps.shape[1:], bins)  # type: ignore[arg-type]
    found = np.zeros((len(maps), bins, bins), maps.dtype)
    for i, (top, bottom) in enumerate(laid.rows):
        for j, (left, right) in enumerate(laid.columns):
            if bottom > top and right > left:
                found[:, i, j] = maps[:, top:bottom, left:right].max(axis=(1, 2))
    return found


def sampled(
    box: Box, scale: float, bins: int, ratio: int = 2, *, aligned: bool = True
) -> tuple[Float[np.ndarray, " rows"], Float[np.ndarray, " columns"], int, int]:
    """RoIAlign's points: their rows and columns in cells (0 is the middle of the first), and how many in a bin.

    Args:
        ratio: points along a bin's side; 0 for as many as it has cells.
        aligned: half a cell is subtracted, because a cell's value belongs to its middle.
    """
    offset = 0.5 if aligned else 0.0
    left, top, right, bottom = (float(each) * scale - offset for each in box)
    height, width = bottom - top, right - left
    if not aligned:
        height, width = max(height, 1.0), max(width, 1.0)
    down = ratio if ratio > 0 else int(np.ceil(height / bins))
    across = ratio if ratio > 0 else int(np.ceil(width / bins))
    return _points(top, height / bins, bins, down), _points(left, width / bins, bins, across), down, across


def roi_align(
    maps: Maps, box: Box, scale: float, bins: int, ratio: int = 2, *, aligned: bool = True
) -> Float[np.ndarray, "channels bins bins"]:
    """The mean of the points in each bin, read from the map by bilinear interpolation."""
    rows, columns, down, across = sampled(box, scale, bins, ratio, aligned=aligned)
    if not down * across:
        return np.zeros((len(maps), bins, bins), maps.dtype)
    by_row, by_column = _weights(rows, maps.shape[1]), _weights(columns, maps.shape[2])
    values = by_row @ maps @ by_column.T  # [channels, rows, columns]
    return values.reshape(len(maps), bins, down, bins, across).mean(axis=(2, 4)).astype(maps.dtype)


def _half_away(value: float) -> int:
    """Rounded to the nearest whole number, halves away from 0, as C does."""
    return int(np.floor(abs(value) + 0.5) * np.sign(value))


def _bins(first: int, length: int, bins: int, most: int) -> Int[np.ndarray, "bins 2"]:
    size = np.float32(length) / np.float32(bins)  # torchvision divides in float32, which decides some edges
    start = np.floor(np.arange(bins, dtype=np.float32) * size).astype(np.int64)
    end = np.ceil((np.arange(bins, dtype=np.float32) + 1) * size).astype(np.int64)
    return np.clip(np.stack([start, end], axis=1) + first, 0, most)


def _points(first: float, size: float, bins: int, count: int) -> Float[np.ndarray, " points"]:
    within = (np.arange(count) + 0.5) / count if count else np.zeros(0)
    return (first + (np.arange(bins)[:, None] + within) * size).ravel()


def _weights(points: Float[np.ndarray, " points"], length: int) -> Float[np.ndarray, "points cells"]:
    """How much each cell counts for each point; nothing for a point more than a cell outside."""
    found = np.zeros((len(points), length))
    inside = (points >= -1) & (points <= length)
    place = np.clip(points, 0, length - 1)
    low = np.minimum(np.floor(place).astype(np.int64), length - 1)
    high = np.minimum(low + 1, length - 1)
    share = place - low
    index = np.arange(len(points))
    np.add.at(found, (index, low), 1 - share)
    np.add.at(found, (index, high), share)
    found[~inside] = 0
    return found
