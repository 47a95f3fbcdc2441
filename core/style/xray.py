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


def mean_matrix(maps: Maps) -> Float[np.ndarray, "channels channels"]:
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


def strongest_pairs(
    maps: Maps, picture_hw: tuple[int, int], network: str, layer: str, count: int = 5
) -> tuple[Pair, ...]:
    """The pairs of different channels with the largest entries of the Gram matrix, and where they are strong.

    Args:
        maps: of `layer`. picture_hw: height and width of the picture that they were made of.
    """
    matrix = np.triu(mean_matrix(maps), 1)
    best = np.argsort(-matrix, axis=None, kind="stable")[:count]
    pairs = []
    for first, second in zip(*np.unravel_index(best, matrix.shape), strict=True):
        product = maps[first] * maps[second]
        places = _distinct(product, PATCHES)
        boxes = tuple(box_of(network, layer, row, column, picture_hw) for row, column in places)
        pairs.append(Pair(int(first), int(second), float(matrix[first, second]), boxes))
    return tuple(pairs)


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


def distances(
    photo: Picture, styles: Sequence[Picture], network: str, layers: Sequence[str], weights: str = "trained"
) -> Float[np.ndarray, "styles layers"]:
    """How far the mean Gram matrices of each style are from the photo's: |S - P| / |P| for each layer."""
    own = {name: mean_matrix(each) for name, each in maps_of(photo, network, layers, weights).items()}
    rows = []
    for style in styles:
        maps = maps_of(style, network, layers, weights)
        rows.append([difference(mean_matrix(maps[name]), own[name]) for name in layers])
    return np.array(rows, dtype=np.float64).reshape(len(styles), len(layers))


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
