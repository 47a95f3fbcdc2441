"""Anchors of a region proposal network: boxes of a few sizes and shapes at every place of every map.

Of an anchor of size s and ratio r = height / width: width = s / sqrt(r), height = s sqrt(r), both corners rounded to
whole pixels around its centre, which lies on the corner of its cell (torchvision's way). A box is told as four steps
from its anchor (x, y: centres):

    x = x_a + t_x w_a,  y = y_a + t_y h_a,  w = w_a exp(t_w),  h = h_a exp(t_h)

each t divided by its weight before: 1, 1, 1, 1 in the first stage, 10, 10, 5, 5 in the second.

Sources: Ren et al. 2015, "Faster R-CNN", arXiv 1506.01497, sections 3.1 and 3.1.2; Lin et al. 2017, "Feature pyramid
networks", arXiv 1612.03144, equation 1.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

STEP_MOST = math.log(1000 / 16)
"""t_w and t_h are cut here, so that no box becomes more than 62.5 times its anchor."""
FIRST_STAGE, SECOND_STAGE = (1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)
CANONICAL_PX, CANONICAL_LEVEL = 224, 4

Boxes = Float[np.ndarray, "n 4"]


@dataclass(frozen=True, slots=True)
class Design:
    """The anchors of one network.

    Args:
        strides: of its maps, pixels of the input. sizes: of each map's anchors. ratios: height over width.
        levels: the pyramid's name of each map that regions are taken from: 4 for P4. size_px: the shorter edge that a
            photo is scaled to, and the longest that the other may then have.
    """

    strides: tuple[int, ...]
    sizes: tuple[tuple[int, ...], ...]
    ratios: tuple[float, ...]
    levels: tuple[int, ...]
    size_px: tuple[int, int] = (800, 1333)


_RATIOS = (0.5, 1.0, 2.0)
DESIGNS = {
    "fasterrcnn_mobilenet_v3_large_fpn": Design(
        (32, 32, 64), ((32, 64, 128, 256, 512),) * 3, _RATIOS, (5, 5)
    ),
    "fasterrcnn_resnet50_fpn": Design(
        (4, 8, 16, 32, 64), ((32,), (64,), (128,), (256,), (512,)), _RATIOS, (2, 3, 4, 5)
    ),
}


def base_anchors(sizes: tuple[int, ...], ratios: tuple[float, ...]) -> Boxes:
    """The anchors around (0, 0), ratio by ratio, each with all sizes.

    Raises: ValueError for a size or ratio that is not above 0.
    """
    if min(*sizes, *ratios) <= 0:
        raise ValueError(f"Sizes and ratios of anchors are above 0, got {sizes} and {ratios}.")
    roots = np.sqrt(np.array(ratios, np.float32))
    widths = ((1 / roots)[:, None] * np.array(sizes, np.float32)).ravel()
    heights = (roots[:, None] * np.array(sizes, np.float32)).ravel()
    return np.round(np.stack([-widths, -heights, widths, heights], axis=1) / 2).astype(np.float64)


def anchors_at(base: Boxes, stride: int, column: int, row: int) -> Boxes:
    """The anchors of one cell, in pixels of the input."""
    return base + np.array([column, row, column, row], np.float64) * stride


def all_anchors(base: Boxes, grid_hw: tuple[int, int], strides: tuple[int, int]) -> Boxes:
    """Those of a whole map, row by row, cell by cell. `strides`: down and across, pixels of the input."""
    rows, columns = np.mgrid[: grid_hw[0], : grid_hw[1]]
    corner = np.stack([columns.ravel() * strides[1], rows.ravel() * strides[0]], axis=1)  # [cells, 2]
    shifts = np.concatenate([corner, corner], axis=1)[:, None]  # [cells, 1, 4]
    return (shifts + base[None]).reshape(-1, 4).astype(np.float64)


def decode(
    anchors: ArrayLike, steps: ArrayLike, weights: tuple[float, float, float, float] = FIRST_STAGE
) -> Boxes:
    """The boxes that the steps lead to, as in the formula above: [n, 4] each."""
    box, t = np.asarray(anchors, np.float64), np.asarray(steps, np.float64) / np.array(weights)
    size = box[:, 2:] - box[:, :2]
    centre = box[:, :2] + size / 2
    middle = centre + t[:, :2] * size
    half = size * np.exp(np.minimum(t[:, 2:], STEP_MOST)) / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def encode(
    anchors: ArrayLike, boxes: ArrayLike, weights: tuple[float, float, float, float] = FIRST_STAGE
) -> Float[np.ndarray, "n 4"]:
    """The steps that lead to these boxes, for anchors and boxes with an area.

    Raises: ValueError for one without.
    """
    anchor, box = np.asarray(anchors, np.float64), np.asarray(boxes, np.float64)
    size, wanted = anchor[:, 2:] - anchor[:, :2], box[:, 2:] - box[:, :2]
    if not ((size > 0).all() and (wanted > 0).all()):
        raise ValueError("Anchors and boxes have an area, got one without.")
    centre, target = anchor[:, :2] + size / 2, box[:, :2] + wanted / 2
    return np.concatenate([(target - centre) / size, np.log(wanted / size)], axis=1) * np.array(weights)


def level_of(boxes: ArrayLike, lowest: int, highest: int) -> Int[np.ndarray, " n"]:
    """The level of the pyramid that a region is taken from: floor(4 + log2(sqrt(w h) / 224)), within its levels."""
    box = np.asarray(boxes, np.float64)
    side = np.sqrt((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]))
    with np.errstate(divide="ignore"):
        level = np.floor(CANONICAL_LEVEL + np.log2(side / CANONICAL_PX) + 1e-6)
    return np.clip(level, lowest, highest).astype(np.int64)


def input_scale(hw: tuple[int, int], size_px: tuple[int, int]) -> float:
    """How much a photo is scaled: its shorter edge to the one size, unless its longer one would pass the other."""
    return min(size_px[0] / min(hw), size_px[1] / max(hw))
