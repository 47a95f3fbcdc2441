"""Two channels that are strong together: which pairs they are, and what a picture shows where both are strong.

Source: Gatys, Ecker and Bethge 2015, arXiv 1505.07376; Araujo, Norris and Sim 2019, Distill (what a unit sees).
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float

from core import networks
from core.receptive_field import network_fields
from core.style.pixels import small_size
from core.style.trunk import BLOCKS
from core.style.xray import SIDE, Look, Maps, Matrix

PATCHES = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """Two channels that are strong together.

    Args:
        first, second: channels, first <= second. value: of the mean Gram matrix.
        boxes: left, top, right, bottom in pixels of the picture as given: what the units see where the product of both
            is largest, cut at the edges, the strongest first. Only places that see no padding count where there are
            enough of them; any two are half a field or more apart in a direction.
    """

    first: int
    second: int
    value: float
    boxes: tuple[tuple[float, float, float, float], ...]


def strongest_pairs(matrix: Matrix, count: int = 5) -> tuple[tuple[int, int], ...]:
    """The pairs of two different channels with the largest entries of a matrix, the largest first; for a Gram matrix
    those that are strong together, for |target - current| those that are missing most.
    """
    above = np.triu_indices(len(matrix), 1)
    best = np.argsort(-matrix[above], kind="stable")[:count]
    return tuple((int(above[0][i]), int(above[1][i])) for i in best)


def pair_of(
    maps: Maps, channels: tuple[int, int], picture_hw: tuple[int, int], look: Look, layer: str
) -> Pair:
    """Two channels, which may be one and the same, and where both are strong.

    Args:
        maps: of `layer`. picture_hw: height and width of the picture that they were made of, by `look`.
    """
    first, second = channels
    product = maps[first] * maps[second]
    size, jump, _ = _field(look.network, layer)
    gap = max(2, math.ceil(size / jump / 2))
    places = _distinct(np.where(_unpadded(product.shape, picture_hw, look, layer), product, 0), gap)
    if len(places) < PATCHES:
        places = _distinct(product, gap)
    boxes = tuple(box_of(look, layer, row, column, picture_hw) for row, column in places)
    return Pair(first, second, float(product.mean()), boxes)


def box_of(
    look: Look, layer: str, row: int, column: int, picture_hw: tuple[int, int]
) -> tuple[float, float, float, float]:
    """What a unit sees, in pixels of the picture as it was before `maps_of` scaled it, cut at its edges."""
    size, jump, start = _field(look.network, layer)
    edges = []
    for place, length, small in zip(
        (row, column), picture_hw, small_size(picture_hw, look.side), strict=True
    ):
        first, scale = start + place * jump - size / 2, small / length
        edges.append((np.clip(first / scale, 0, length), np.clip((first + size) / scale, 0, length)))
    (top, bottom), (left, right) = edges
    return float(left), float(top), float(right), float(bottom)


def _unpadded(
    map_hw: tuple[int, ...], picture_hw: tuple[int, int], look: Look, layer: str
) -> Bool[np.ndarray, "height width"]:
    """Which units see nothing beyond the picture's edges."""
    size, jump, start = _field(look.network, layer)
    inside = []
    for count, small in zip(map_hw, small_size(picture_hw, look.side), strict=True):
        centres = start + np.arange(count) * jump
        inside.append((centres >= size / 2) & (centres + size / 2 <= small))
    rows, columns = inside
    return rows[:, None] & columns[None]  # [height, width]


def _distinct(product: Float[np.ndarray, "height width"], gap: int) -> list[tuple[int, int]]:
    """Rows and columns of the largest products, any two of them `gap` or more apart in a direction."""
    left, found = product.copy(), []
    while len(found) < PATCHES and left.max() > 0:
        row, column = (int(each) for each in np.unravel_index(int(left.argmax()), left.shape))
        found.append((row, column))
        left[max(0, row - gap + 1) : row + gap, max(0, column - gap + 1) : column + gap] = 0
    return found


@lru_cache(maxsize=64)
def _field(network: str, layer: str) -> tuple[float, float, float]:
    """Size, jump and centre of the first unit of a layer, in pixels of the input."""
    block, number = (int(each) for each in layer[4:].split("_"))
    convolutions = [
        each for each in network_fields(networks.record(network).architecture, SIDE) if each.kind == "conv"
    ]
    found = convolutions[sum(BLOCKS[network][: block - 1]) + number - 1]
    return found.size, found.jump, found.start
