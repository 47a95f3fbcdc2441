"""Pixels through a geometric stage: one warp, antialiased when it shrinks; masks by the nearest pixel.

OpenCV counts pixel centres from 0; the matrices here count from the corner of the first pixel, so half a pixel is taken
off and put on again. A warp that shrinks is preceded by averages over blocks of pixels, so that it does not alias
(Williams 1983, "Pyramidal parametrics"; torchvision calls it `antialias`).
"""

import math

import cv2
import numpy as np
from jaxtyping import UInt8

from core.augmentation.chain import Border, Interpolation
from core.augmentation.elastic import ElasticStage
from core.augmentation.geometry import (
    Hw,
    Matrix,
    MatrixStage,
    Stage,
    corners,
    inverse,
    scaling,
    shifting,
    through,
)

_BORDERS = {"constant": cv2.BORDER_CONSTANT, "reflect": cv2.BORDER_REFLECT_101, "edge": cv2.BORDER_REPLICATE}
_HALVED_BELOW = 0.6
"""Below this many output pixels per input pixel, blocks of 2 x 2 pixels are averaged before the picture is warped."""
_HALF_ON = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
_HALF_OFF = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
_NEAR = 1e-6


def warp(
    stage: Stage,
    pixels: UInt8[np.ndarray, "height width *channels"],
    *,
    border: Border = "constant",
    fill: int = 0,
    interpolation: Interpolation = "bilinear",
) -> UInt8[np.ndarray, "new_height new_width *channels"]:
    """The picture (or mask) after one geometric stage.

    Args:
        stage: from `core.augmentation.geometry.stages`.
        pixels: of the stage's input size, or of a smaller copy of it: the result shrinks likewise.
        border, fill, interpolation: as `Chain` has them.
    """
    hw = pixels.shape[0], pixels.shape[1]
    rim = {"borderMode": _BORDERS[border], "borderValue": (fill,) * 4}
    if isinstance(stage, ElasticStage):
        across, down = stage.maps(hw)
        return cv2.remap(pixels, across, down, _flag(interpolation), **rim)
    out = scaled_hw(stage, hw)
    matrix = _rescaled(stage, hw, out)
    straight = _straight(matrix, pixels, out, interpolation)
    return _warped(matrix, pixels, out, rim, interpolation) if straight is None else straight


def scaled_hw(stage: Stage, hw: Hw) -> Hw:
    """Size of the result for an input of `hw` pixels, which may be a smaller copy of the stage's input."""
    if stage.absolute or hw == stage.input_hw:
        return stage.output_hw
    height, width = (
        max(1, round(n * m / k)) for n, m, k in zip(stage.output_hw, hw, stage.input_hw, strict=True)
    )
    return height, width


def _flag(interpolation: Interpolation) -> int:
    return cv2.INTER_NEAREST if interpolation == "nearest" else cv2.INTER_LINEAR


def _rescaled(stage: MatrixStage, hw: Hw, out: Hw) -> Matrix:
    if hw == stage.input_hw and out == stage.output_hw:
        return stage.matrix
    before = scaling(stage.input_hw[1] / hw[1], stage.input_hw[0] / hw[0])
    return scaling(out[1] / stage.output_hw[1], out[0] / stage.output_hw[0]) @ stage.matrix @ before


def _straight(matrix: Matrix, pixels: np.ndarray, out: Hw, interpolation: Interpolation) -> np.ndarray | None:
    """Crops, flips and resizes without a warp, where they cut along whole pixels inside the picture."""
    (a, b, x), (c, d, y), (e, f, _) = matrix.tolist()
    if b or c or e or f or not a or not d:
        return None
    cuts = []
    for scale, shift, n, limit in ((d, y, out[0], pixels.shape[0]), (a, x, out[1], pixels.shape[1])):
        ends = sorted((-shift / scale, (n - shift) / scale))
        first, last = (round(v) for v in ends)
        if (
            abs(first - ends[0]) > _NEAR
            or abs(last - ends[1]) > _NEAR
            or first < 0
            or last > limit
            or first == last
        ):
            return None
        cuts.append(slice(first, last))
    cut = pixels[cuts[0], cuts[1]]
    if cut.shape[:2] != out:
        cut = _resized(cut, out, interpolation)
    if a < 0 or d < 0:
        return cv2.flip(cut, {(True, False): 1, (False, True): 0, (True, True): -1}[(a < 0, d < 0)])
    return cut.copy() if np.shares_memory(cut, pixels) else cut


def _resized(pixels: np.ndarray, out: Hw, interpolation: Interpolation) -> np.ndarray:
    """A whole picture at another size: halved as often as it takes, and then bilinear."""
    if interpolation == "nearest":
        return cv2.resize(pixels, (out[1], out[0]), interpolation=cv2.INTER_NEAREST_EXACT)
    small, placed = _halved(pixels, out[1] / pixels.shape[1], out[0] / pixels.shape[0])
    if all(n == m * round(n / m) for n, m in zip(pixels.shape[:2], small.shape[:2], strict=True)):
        return cv2.resize(small, (out[1], out[0]), interpolation=cv2.INTER_LINEAR)
    matrix = scaling(out[1] / pixels.shape[1], out[0] / pixels.shape[0]) @ placed
    return _by_opencv(matrix, small, out, {"borderMode": cv2.BORDER_REPLICATE}, interpolation)


def _warped(
    matrix: Matrix, pixels: np.ndarray, out: Hw, rim: dict, interpolation: Interpolation
) -> np.ndarray:
    if interpolation != "nearest":
        pixels, matrix = _averaged(matrix, pixels, out, whole=rim["borderMode"] != cv2.BORDER_CONSTANT)
    return _by_opencv(matrix, pixels, out, rim, interpolation)


def _by_opencv(
    matrix: Matrix, pixels: np.ndarray, out: Hw, rim: dict, interpolation: Interpolation
) -> np.ndarray:
    """OpenCV's warp, with half a pixel taken off the output's coordinates and put on the input's."""
    moved = _HALF_OFF @ matrix @ _HALF_ON
    size, flag = (out[1], out[0]), _flag(interpolation)
    if matrix[2, 0] == 0 and matrix[2, 1] == 0:
        return cv2.warpAffine(pixels, moved[:2], size, flags=flag, **rim)
    return cv2.warpPerspective(pixels, moved, size, flags=flag, **rim)


def _averaged(matrix: Matrix, pixels: np.ndarray, out: Hw, *, whole: bool) -> tuple[np.ndarray, Matrix]:
    """What is seen of the picture (or the whole), halved to about the output's resolution; the matrix from it."""
    across, down = _magnification(matrix, out)
    if min(across, down) >= _HALVED_BELOW:
        return pixels, matrix
    back = inverse(matrix)
    seen = corners(pixels.shape[:2]) if whole else through(back, corners(out))
    margin = 2 / max(min(across, down), 1e-3)
    left, top = (max(0, math.floor(v - margin)) for v in seen.min(axis=0))
    right = min(pixels.shape[1], math.ceil(seen[:, 0].max() + margin))
    bottom = min(pixels.shape[0], math.ceil(seen[:, 1].max() + margin))
    if left >= right or top >= bottom:
        return pixels, matrix
    small, placed = _halved(pixels[top:bottom, left:right], across, down)
    return small, matrix @ shifting(left, top) @ placed


def _halved(pixels: np.ndarray, across: float, down: float) -> tuple[np.ndarray, Matrix]:
    """The picture averaged over blocks of 2^i x 2^j pixels until what remains to do is at least _HALVED_BELOW.

    Args:
        pixels: the picture; an odd last row or column is left out.
        across, down: output pixels per pixel of it.

    Returns: the small picture, and the matrix that takes its points to `pixels`.
    """
    times_x = _halvings(across, pixels.shape[1])
    times_y = _halvings(down, pixels.shape[0])
    for i in range(max(times_x, times_y)):
        height, width = pixels.shape[:2]
        down_by, across_by = (2 if i < times else 1 for times in (times_y, times_x))
        size = width // across_by, height // down_by
        even = pixels[: size[1] * down_by, : size[0] * across_by]
        pixels = cv2.resize(even, size, interpolation=cv2.INTER_LINEAR)  # at a half, this is the average
    return pixels, scaling(2**times_x, 2**times_y)


def _halvings(scale: float, side: int) -> int:
    count = 0
    while scale < _HALVED_BELOW and side >= 2:
        scale, side, count = scale * 2, side // 2, count + 1
    return count


def _magnification(matrix: Matrix, out: Hw) -> tuple[float, float]:
    """Output pixels per input pixel along x and along y, in the middle of the output."""
    (a, b, _), (c, d, _), (e, f, _) = matrix.tolist()
    if not e and not f:
        return math.hypot(a, c), math.hypot(b, d)
    middle = np.array([out[1] / 2, out[0] / 2])
    w = 1 / float(
        (inverse(matrix) @ np.append(middle, 1.0))[2]
    )  # of the input's point, with third coordinate 1
    jacobian = (matrix[:2, :2] - np.outer(middle, matrix[2, :2])) / w
    return float(np.hypot(*jacobian[:, 0])), float(np.hypot(*jacobian[:, 1]))
