"""Why a Gram matrix is a style: which channels are strong together, where, and what shuffling the places does to it.

G is what a picture has, A what the style wants; a style transfer makes A - G small. Matrices are means over positions.

Source: Gatys, Ecker and Bethge 2015, arXiv 1505.07376 (a Gram matrix knows no places); 2016, CVPR.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from core.style.gram_matrix import difference, gram, mean_gram
from core.style.pixels import as_tensor, sized
from core.style.trunk import Pooling, Trunk

SIDE = 224
Picture = UInt8[np.ndarray, "height width 3"]
Maps = Float[np.ndarray, "channels height width"]
Matrix = Float[np.ndarray, "channels channels"]


@dataclass(frozen=True, slots=True, eq=False)
class Shuffled:
    """A map whose positions were permuted.

    Args:
        before, after: the map summed over its channels, [height, width].
        gram, gram_after: their mean Gram matrices. gram_gap: |G' - G| / |G| (Frobenius), in float64.
        largest: the largest difference of two entries, in float64; its scale is that of `norm`, the largest entry.
        content: 1/2 sum (F' - F)^2 over 1/2 sum F^2: 0 before, and what it is afterwards.
    """

    before: Float[np.ndarray, "height width"]
    after: Float[np.ndarray, "height width"]
    gram: Matrix
    gram_after: Matrix
    gram_gap: float
    largest: float
    norm: float
    content: float


@dataclass(frozen=True, slots=True)
class Look:
    """How pictures are looked at.

    Args:
        network, weights, pooling: as for `core.style.trunk.Trunk`.
        side: a picture's longer edge is scaled to so many pixels before.
    """

    network: str
    weights: Literal["trained", "untrained"] = "trained"
    pooling: Pooling = "max"
    side: int = SIDE


def maps_of(picture: Picture, look: Look, layers: Sequence[str]) -> dict[str, Maps]:
    """The maps of a picture, in float64.

    Raises: ValueError for unknown layers; what `core.networks.load` raises.
    """
    return {name: each[0].numpy() for name, each in _looked(picture, look, layers).items()}


def _looked(picture: Picture, look: Look, layers: Sequence[str]) -> dict[str, Tensor]:
    """[1, channels, height, width] of each layer, float64."""
    trunk = Trunk(look.network, layers, look.pooling, look.weights).cpu()
    with torch.inference_mode():
        found = trunk(as_tensor(sized(picture, look.side)).cpu())
    return {name: each.double() for name, each in found.items()}


def shuffle(maps: Maps, seed: int = 0) -> Shuffled:
    """Permute the positions of a map, all channels alike."""
    channels, height, width = maps.shape
    order = np.random.default_rng(seed).permutation(height * width)
    moved = maps.reshape(channels, -1)[:, order].reshape(maps.shape)
    before, after = gram(maps), gram(moved)
    places = height * width
    energy = float((maps**2).sum())
    return Shuffled(
        maps.sum(axis=0),
        moved.sum(axis=0),
        before / places,
        after / places,
        difference(after, before),
        float(np.abs(after - before).max()),
        float(np.abs(before).max()),
        float(((moved - maps) ** 2).sum()) / energy if energy else 0.0,
    )


def matrices_of(picture: Picture, look: Look, layers: Sequence[str]) -> dict[str, Matrix]:
    """The mean Gram matrix of each layer for a picture: summed in float64, kept in float32.

    By PyTorch, which keeps to the threads that it was given: NumPy's product takes all, and waits on a busy computer.
    """
    return {name: mean_gram(each).float().numpy() for name, each in _looked(picture, look, layers).items()}


def mean_of(
    matrices: Sequence[Mapping[str, Matrix]], shares: Sequence[float] | None = None
) -> dict[str, Matrix]:
    """What several styles want together, in each layer: the mean of their matrices, each as much as it counts.

    Raises: ValueError without a style that counts.
    """
    given = [1.0] * len(matrices) if shares is None else list(shares)
    if len(given) != len(matrices) or not sum(given) > 0:
        raise ValueError(f"Each style has a share, and one of them more than 0, got {given}.")
    pairs = list(zip(matrices, given, strict=True))
    return {
        name: sum(np.multiply(each[name], share / sum(given)) for each, share in pairs)
        for name in matrices[0]
    }


def apart(one: Mapping[str, Matrix], other: Mapping[str, Matrix]) -> dict[str, float]:
    """|one - other| / |other| for each layer of both."""
    return {name: difference(one[name], other[name]) for name in one}


def distances(
    own: Mapping[str, Matrix], others: Sequence[Mapping[str, Matrix]]
) -> Float[np.ndarray, "others layers"]:
    """How far the mean Gram matrices of some pictures are from one's own: |S - P| / |P| for each layer."""
    rows = [list(apart(each, own).values()) for each in others]
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
