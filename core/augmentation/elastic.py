"""A smooth field of displacements from a few control points: out(p) = in(p + d(p)).

d is a tensor product of uniform cubic B-splines over CELLS x CELLS cells. With control points up to R pixels, no slope
of d exceeds 2 R / cell, because the derivative of a B-spline is a convex combination of differences of its control
points over the cell. At R = 0.06 of the shorter side that is 0.48 in each of the four directions, so d has a Lipschitz
constant below 1 (in the largest coordinate): p -> p + d(p) never folds, and a point is followed by iterating
p <- q - d(p) (Banach).
Source: Ronneberger, Fischer and Brox 2015 (U-Net), section 3.1, draws displacements on a coarse grid likewise; the
bound is ours.
"""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

CELLS = 4
"""Cells per side; a cubic B-spline has three more control points than cells."""
_ROUNDS = 400
_NEAR_PX = 1e-7


def control_points(reach: float, seed: int) -> Float[np.ndarray, "2 points points"]:
    """Displacements (x, y) of the control points in px, drawn evenly from -reach to reach by their own generator."""
    shape = (2, CELLS + 3, CELLS + 3)
    return reach * (2 * np.random.default_rng(seed).random(shape) - 1)


@dataclass(frozen=True, slots=True, eq=False)
class ElasticStage:
    """An elastic transform of a picture of `input_hw` pixels.

    Args:
        reach: largest displacement of a control point in px.
        seed: of the control points.
        input_hw: height and width; they do not change.
    """

    reach: float
    seed: int
    input_hw: tuple[int, int]
    absolute: bool = False
    _points: Float[np.ndarray, "2 points points"] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_points", control_points(self.reach, self.seed))

    @property
    def output_hw(self) -> tuple[int, int]:
        """As the input's."""
        return self.input_hw

    def displacement(self, points: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 2"]:
        """d at points (x, y) in px; beyond the edge as on the edge."""
        height, width = self.input_hw
        across, down = basis(points[:, 0] / width), basis(points[:, 1] / height)  # [n, CELLS + 3]
        return np.stack([np.einsum("nj,ji,ni->n", down, each, across) for each in self._points], axis=1)

    def backward(self, points: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 2"]:
        """Where in the input the output shows at `points`: p + d(p)."""
        return points + self.displacement(points)

    def forward(self, points: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 2"]:
        """Where in the output the input's `points` are shown: the p with p + d(p) = point."""
        found = points - self.displacement(points)
        for _ in range(_ROUNDS):
            better = points - self.displacement(found)
            moved = np.abs(better - found).max(initial=0.0)
            found = better
            if moved < _NEAR_PX:
                break
        return found

    def maps(self, hw: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """For every pixel of a copy of `hw` pixels, x and y of the input's pixel index; float32 [height, width]."""
        (height, width), (true_height, true_width) = hw, self.input_hw
        xs, ys = np.arange(width) + 0.5, np.arange(height) + 0.5
        across, down = basis(xs / width), basis(ys / height)
        dx, dy = ((down @ each @ across.T).astype(np.float32) for each in self._points)
        dx *= np.float32(width / true_width)
        dy *= np.float32(height / true_height)
        return dx + (xs - 0.5).astype(np.float32), dy + (ys - 0.5).astype(np.float32)[:, None]


def basis(part: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n points"]:
    """Weights of the control points at places from 0 to 1 along a side; each row sums to 1."""
    u = np.clip(np.asarray(part, float), 0, 1) * CELLS
    cell = np.minimum(u.astype(int), CELLS - 1)
    t = u - cell
    weights = (
        np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1) / 6
    )
    rows = np.zeros((len(u), CELLS + 3))
    np.put_along_axis(rows, cell[:, None] + np.arange(4), weights, axis=1)
    return rows
