"""Order matters: the same two steps, the same dice, one way round and the other."""

from dataclasses import dataclass

import numpy as np

from core.augmentation.chain import Chain, Draw, OneOf, Step
from core.augmentation.drawing import draw_singly
from core.augmentation.geometry import Hw, corners, stages
from core.augmentation.outlines import area, clipped


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order of two steps.

    Args:
        draw: to apply it.
        hw: height and width of the result in px.
        seen: share of the photo's area that the result shows, 0 to 1.
        scale: pixels of the result per pixel of the photo, along a side.
    """

    draw: Draw
    hw: Hw
    seen: float
    scale: float


def order_effect(
    first: Step | OneOf, second: Step | OneOf, hw: Hw, seed: int, chain: Chain | None = None
) -> tuple[Ordered, Ordered]:
    """`first` then `second`, and `second` then `first`; each step throws the same dice in both.

    Args:
        first, second: for example crop and resize.
        hw: height and width of the photo.
        seed: 0 or more.
        chain: gives border, fill and interpolation.
    """
    base = chain or Chain()
    found = []
    for steps, seeds in (
        ((first, second), ((seed, 0), (seed, 1))),
        ((second, first), ((seed, 1), (seed, 0))),
    ):
        draw = draw_singly(Chain(steps, base.border, base.fill, base.interpolation), hw, seeds)
        found.append(_ordered(draw))
    return found[0], found[1]


def seen_outline(draw: Draw) -> np.ndarray:
    """The part of the photo that the result shows, as a polygon [n, 2] of (x, y) in the photo's pixels."""
    way = stages(draw)
    shape = corners(way[-1].output_hw if way else draw.input_hw)
    for stage in reversed(way):
        shape = clipped(stage.backward(shape), stage.input_hw)
    return shape


def _ordered(draw: Draw) -> Ordered:
    way = stages(draw)
    hw = way[-1].output_hw if way else draw.input_hw
    share = area(seen_outline(draw)) / (draw.input_hw[0] * draw.input_hw[1])
    middle = np.array([[hw[1] / 2, hw[0] / 2]])
    step = np.array([[1.0, 0], [0, 1.0]])
    around = np.concatenate([middle, middle + step])
    for stage in reversed(way):
        around = stage.backward(around)
    (a, b), (c, d) = (around[1:] - around[0]).tolist()
    return Ordered(draw, hw, share, float(abs(a * d - b * c) ** -0.5))
