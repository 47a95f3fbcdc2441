"""Why a Gram matrix is a style: which channels are strong together, where, and what shuffling the places does to it.

Source: Gatys, Ecker and Bethge 2015, arXiv 1505.07376 (a Gram matrix knows no places); 2016, CVPR.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, UInt8

from core import networks
from core.receptive_field import network_fields
from core.style.gram_matrix import difference, gram
from core.style.pixels import as_tensor, sized
from core.style.trunk import BLOCKS, Trunk

SIDE = 224
PATCHES = 4
Picture = UInt8[np.ndarray, "height width 3"]
Maps = Float[np.ndarray, "channels height width"]
Matrix = Float[np.ndarray, "channels channels"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two channels that are strong together.

    Args:
        first, second: channels, first <= second. value: of the mean Gram matrix.
        boxes: left, top, right, bottom in pixels of the picture as given: what the units see where the product of both
            is largest, cut at the edges; distinct places, the strongest first.
    """

    first: int
    second: int
    value: float
    boxes: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shuffled:
    """A map whose positions were permuted.

    Args:
        before, after: the map summed over its channels, [height, width].
        gram_gap: |G' - G| / |G| (Frobenius), in float64.
        largest: the largest difference of two entries, in float64; its scale is that of `norm`, the largest entry.
        content: 1/2 sum (F' - F)^2 over 1/2 sum F^2: 0 before, and what it is afterwards.
    """

    before: Float[np.ndarray, "height width"]
    after: Float[np.ndarray, "height width"]
    gram_gap: float
    largest: float
    norm: float
    content: float


def maps_of(
    picture: Picture, network: str, layers: Sequence[str], weights: str = "trained", seed: int = 0
) -> dict[str, Maps]:
    """The maps of a picture whose longer edge is scaled to 224 pixels, in float64.

    Raises: ValueError for unknown layers; what `core.networks.load` raises.
    """
    trunk = Trunk(network, layers, "max", weights, seed)  # type: ignore[arg-type]
    with torch.inference_mode():
        found = trunk.cpu()(as_tensor(sized(picture, SIDE)).cpu())
    return {name: each[0].double().numpy() for name, each in found.items()}


def mean_matrix(maps: Maps) -> Matrix:
    """The Gram matrix divided by the number of positions."""
    return gram(maps) / (maps.shape[1] * maps.shape[2])


def shuffle(maps: Maps, seed: int = 0) -> Shuffled:
    """Permute the positions of a map, all channels alike."""
    channels, height, width = maps.shape
    order = np.random.default_rng(seed).permutation(height * width)
    moved = maps.reshape(channels, -1)[:, order].reshape(maps.shape)
    before, after = gram(maps), gram(moved)
    energy = float((maps**2).sum())
    return Shuffled(
        maps.sum(axis=0),
        moved.sum(axis=0),
        difference(after, before),
        float(np.abs(after - before).max()),
        float(np.abs(before).max()),
        float(((moved - maps) ** 2).sum()) / energy if energy else 0.0,
    )


def strongest_pairs(matrix: Matrix, count: int = 5) -> tuple[tuple[int, int], ...]:
    """The pairs of two different channels with the largest entries of a matrix, the largest first; for a Gram matrix
    those that are strong together, for |target - current| those that are missing most.
    """
    above = np.triu_indices(len(matrix), 1)
    best = np.argsort(-matrix[above], kind="stable")[:count]
    return tuple((int(above[0][i]), int(above[1][i])) for i in best)


def pair_of(
    maps: Maps, channels: tuple[int, int], picture_hw: tuple[int, int], network: str, layer: str
) -> Pair:
    """Two channels, and where both are strong.

    Args:
        maps: of `layer`. picture_hw: height and width of the picture that they were made of.
    """
    first, second = channels
    product = maps[first] * maps[second]
    boxes = tuple(
        box_of(network, layer, row, column, picture_hw) for row, column in _distinct(product, PATCHES)
    )
    return Pair(first, second, float(product.mean()), boxes)


def box_of(
    network: str, layer: str, row: int, column: int, picture_hw: tuple[int, int]
) -> tuple[float, float, float, float]:
    """What a unit sees, in pixels of the picture as it was before `maps_of` scaled it, cut at its edges."""
    size, jump, start = _field(network, layer)
    height, width = picture_hw
    scale = SIDE / max(height, width)
    edges = []
    for place, length in ((column, width), (row, height)):
        first = start + place * jump - size / 2
        edges.append((np.clip(first / scale, 0, length), np.clip((first + size) / scale, 0, length)))
    (left, right), (top, bottom) = edges
    return float(left), float(top), float(right), float(bottom)


def matrices_of(
    picture: Picture, network: str, layers: Sequence[str], weights: str = "trained", seed: int = 0
) -> dict[str, Matrix]:
    """The mean Gram matrix of each layer for a picture, as in `maps_of`."""
    return {
        name: mean_matrix(maps) for name, maps in maps_of(picture, network, layers, weights, seed).items()
    }


def apart(one: dict[str, Matrix], other: dict[str, Matrix]) -> dict[str, float]:
    """|one - other| / |other| for each layer of both."""
    return {name: difference(one[name], other[name]) for name in one}


def distances(
    own: dict[str, Matrix], others: Sequence[dict[str, Matrix]]
) -> Float[np.ndarray, "others layers"]:
    """How far the mean Gram matrices of some pictures are from one's own: |S - P| / |P| for each layer."""
    rows = [[difference(each[name], matrix) for name, matrix in own.items()] for each in others]
    return np.array(rows, dtype=np.float64).reshape(len(others), len(own))


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's: the correlation of the ranks, ties at their mean rank; -1 to 1, 0 where one side is all alike.

    Raises: ValueError for two lists of different lengths, or fewer than two values.
    """
    if len(one) != len(other) or len(one) < 2:
        raise ValueError(
            f"Two lists of one length, 2 or more, are compared, got {len(one)} and {len(other)}."
        )
    ranks = [
        np.array([np.mean(np.flatnonzero(np.sort(values) == value)) for value in values])
        for values in (one, other)
    ]
    first, second = (each - each.mean() for each in ranks)
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / scale if scale else 0.0


def _distinct(product: Float[np.ndarray, "height width"], count: int) -> list[tuple[int, int]]:
    """Rows and columns of the largest products, no two of them neighbours."""
    left, found = product.copy(), []
    while len(found) < count and left.max() > 0:
        row, column = (int(each) for each in np.unravel_index(int(left.argmax()), left.shape))
        found.append((row, column))
        left[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2] = 0
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
