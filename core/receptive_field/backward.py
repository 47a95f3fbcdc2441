"""Which pixels a unit reads, followed down index by index: exact for every stack, transposed layers included."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from core.receptive_field.layer import StackLayer


def read_indices(layers: Sequence[StackLayer], unit: int) -> Int[np.ndarray, " read"]:
    """All positions on one axis of the picture that output position `unit` reads, sorted, padding included.

    A convolution or pooling reads i s - p + d t, a transposed convolution (i + p - d t) / s where that is whole,
    for t = 0 ... k - 1. Positions below 0 or beyond the picture are padding.
    """
    positions = np.array([unit])
    for layer in reversed(layers):
        taps = layer.dilation * np.arange(layer.kernel)
        if layer.kind == "transposed":
            scaled = np.subtract.outer(positions + layer.padding, taps).ravel()
            positions = np.unique(scaled[scaled % layer.stride == 0] // layer.stride)
        else:
            positions = np.unique(np.add.outer(positions * layer.stride - layer.padding, taps))
    return positions


def read_extent(layers: Sequence[StackLayer], unit: int) -> tuple[int, int] | None:
    """First and one past the last position that `unit` reads on one axis, or None if it reads nothing."""
    positions = read_indices(layers, unit)
    return (int(positions[0]), int(positions[-1]) + 1) if positions.size else None
