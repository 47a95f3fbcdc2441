"""What a texture is to a network: which channels are strong together, wherever that is.

G_ij = sum over the positions k of F_ik F_jk: rows of F are channels, columns are positions. Places are summed away, so
that shuffling the positions of a map changes nothing.

Source: Gatys, Ecker and Bethge 2015, "Texture synthesis using convolutional neural networks", arXiv 1505.07376,
equation 1.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from torch import Tensor


def gram(features: Float[np.ndarray, "channels height width"]) -> Float[np.ndarray, "channels channels"]:
    """The Gram matrix of a feature map, not normalised.

    Raises: ValueError for an array with other than three dimensions, or without a position.
    """
    values = np.asarray(features)
    if values.ndim != 3 or not values.shape[1] * values.shape[2]:
        raise ValueError(f"A feature map is [channels, height, width], got the shape {values.shape}.")
    flat = values.reshape(len(values), -1)  # [channels, positions]
    return flat @ flat.T


def mean_gram(features: "Tensor", mask: "Tensor | None" = None) -> "Tensor":
    """The Gram matrix divided by the number of positions, so that pictures of different sizes compare.

    Args:
        features: [1, channels, height, width].
        mask: [1, 1, height, width], how much each position counts, 0 to 1; None for all alike. With m_k:
            sum of m_k F_ik F_jk divided by the sum of m_k (Gatys et al. 2017, arXiv 1611.07865, guided Gram matrices).

    Returns: [channels, channels].
    """
    flat = features.flatten(2)[0]  # [channels, positions]
    if mask is None:
        return flat @ flat.T / flat.shape[1]
    weight = mask.flatten(2)[0]  # [1, positions]
    return (flat * weight) @ flat.T / weight.sum().clamp_min(1e-6)


def difference(one: Any, other: Any) -> float:
    """How far apart two mean Gram matrices are: |one - other| / |other| (Frobenius norms), 0 where both are 0."""
    first, second = np.asarray(one, np.float64), np.asarray(other, np.float64)
    norm = float(np.linalg.norm(second))
    gap = float(np.linalg.norm(first - second))
    return gap / norm if norm else (0.0 if not gap else float("inf"))
