"""Which pixels of its field a unit of a stack really reads: dilations with a common factor leave holes.

Source: Wang et al., "Understanding Convolution for Semantic Segmentation" (WACV 2018), section 3.2 and figure 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from core.receptive_field.layer import StackLayer

COUNT_MOST = 2**62
SIZE_MOST = 1024


@dataclass(frozen=True, slots=True)
class Coverage:
    """Paths from each pixel of a unit's field to the unit.

    Args:
        paths: per pixel of the field, the number of ways through the kernels' elements; 0 is a hole.
        holes: pixels without any path.
        hole_share: their part of the field, 0 to 1.
    """

    paths: Int[np.ndarray, "size size"]
    holes: int
    hole_share: float


def coverage(layers: Sequence[StackLayer]) -> Coverage:
    """Paths per pixel to one inner unit: the outer product of the two axes' counts, padding left aside.

    On one axis the counts of a layer are those of the layers above it, spread by its stride and convolved with its
    dilated window of ones.

    Raises: ValueError for a transposed layer (its units differ) and for more than 2^62 paths to one pixel
        or a field of more than `SIZE_MOST` pixels.
    """
    if any(layer.kind == "transposed" for layer in layers):
        raise ValueError("Coverage is counted for stacks without transposed layers, whose units differ.")
    axis = _axis_counts(layers)
    if max(axis) ** 2 > COUNT_MOST:
        raise ValueError("Coverage counts at most 2^62 paths to one pixel.")
    counts = np.array(axis)
    paths = np.outer(counts, counts)  # [size, size]
    holes = int((paths == 0).sum())
    return Coverage(paths, holes, holes / paths.size)


def _axis_counts(layers: Sequence[StackLayer]) -> list[int]:
    """From the unit down to the picture: Python integers, so that nothing overflows on the way."""
    counts = [1]
    for layer in reversed(layers):
        size = (len(counts) - 1) * layer.stride + layer.reach + 1
        if size > SIZE_MOST:
            raise ValueError(f"Coverage is counted for fields of at most {SIZE_MOST} pixels, got {size}.")
        below = [0] * size
        for i, count in enumerate(counts):
            for tap in range(0, layer.reach + 1, layer.dilation):
                below[i * layer.stride + tap] += count
        counts = below
    return counts
