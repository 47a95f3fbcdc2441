"""What a shift of the photo does to a layer: does the output just move along?

A convolution with stride 1 is equivariant to shifts, f(T x) = T f(x), away from the border; with stride s only
shifts by multiples of s move the output by whole cells, all others change its values.
Source: Zhang, "Making Convolutional Networks Shift-Invariant Again" (ICML 2019), sections 2 and 3.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from core.convolution.layer import Layer
from core.convolution.photo_layer import PhotoLayer, apply, planes

LONGEST_SHIFT = 8  # pixels


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the output of a shifted photo is from the shifted output.

    Args:
        pixels: how far the photo moved to the right.
        cells: the whole number of output cells that explains it best.
        largest: max |f(T x) - T f(x)| over all outputs that read no padding.
        mean: the mean of the same.
        relative: mean / mean |f(x)|, or 0 where the output is zero everywhere.
    """

    pixels: int
    cells: int
    largest: float
    mean: float
    relative: float


def shift_test(
    layer: PhotoLayer,
    pixels: UInt8[np.ndarray, "height width 3"],
    shifts: Iterable[int] = range(LONGEST_SHIFT + 1),
) -> tuple[Shift, ...]:
    """Move the photo to the right by each of the shifts and compare.

    The two photos are two cuts from the given one, LONGEST_SHIFT pixels narrower, so real pixels come in at the
    border, as when a camera turns.

    Raises:
        ValueError: the photo is too small for an output that reads no padding.
    """
    still = _Cut(layer, pixels, 0)
    return tuple(_compare(still, _Cut(layer, pixels, shift)) for shift in shifts)


def difference(
    layer: PhotoLayer, pixels: UInt8[np.ndarray, "height width 3"], shift: int
) -> Float[np.ndarray, "filters h w"]:
    """f(T x) - T f(x) for one shift, over the outputs that read no padding."""
    return _aligned(_Cut(layer, pixels, 0), _Cut(layer, pixels, shift))[1]


class _Cut:
    """The layer's output for the photo moved to the right by `shift`, without what the padding touched."""

    def __init__(self, layer: PhotoLayer, pixels: np.ndarray, shift: int) -> None:
        if not 0 <= shift <= LONGEST_SHIFT:
            raise ValueError(f"The shift must be between 0 and {LONGEST_SHIFT} pixels, got {shift}.")
        height, width = pixels.shape[0], pixels.shape[1] - LONGEST_SHIFT
        if width < 1:
            raise ValueError(
                f"The shift test needs a photo wider than {LONGEST_SHIFT} pixels, got {pixels.shape[1]}."
            )
        first = LONGEST_SHIFT - shift
        image = planes(pixels[:, first : first + width]).astype(np.float64)  # its sums are exact: no rounding
        output = apply(layer, image)  # [filters, h, w]
        rows, columns = (clear_of_padding(layer, axis, n) for axis, n in enumerate((height, width)))
        self.output = output[:, rows, columns]
        self.shift = shift
        self.stride = layer.stride[1]
        if self.output.size == 0:
            raise ValueError(
                f"The photo must be larger than the layer's window to leave its padding aside, got {height} × {width}."
            )


def clear_of_padding(layer: PhotoLayer, axis: int, n: int) -> slice:
    """Along one axis of n input cells, the outputs whose whole window lies inside the photo."""
    outputs = layer.output_hw((n, n))[axis]
    first = np.arange(outputs) * layer.stride[axis] - layer.window.sides(axis)[0]
    clear = np.flatnonzero((first >= 0) & (first + span(layer, axis) <= n))
    return slice(int(clear[0]), int(clear[-1]) + 1) if len(clear) else slice(0, 0)


def span(layer: PhotoLayer, axis: int) -> int:
    """Input cells from the first to the last that one output reads, pooling included."""
    reach = _reach(layer.window, axis)
    return reach + (_reach(layer.pooling, axis) - 1) * layer.window.stride[axis] if layer.pooling else reach


def _reach(window: Layer, axis: int) -> int:
    return window.dilation[axis] * (window.kernel[axis] - 1) + 1


def _compare(still: _Cut, moved: _Cut) -> Shift:
    cells, change = _aligned(still, moved)
    size = float(np.abs(still.output).mean())
    mean = float(np.abs(change).mean())
    return Shift(
        pixels=moved.shift,
        cells=cells,
        largest=float(np.abs(change).max()),
        mean=mean,
        relative=mean / size if size else 0.0,
    )


def _aligned(still: _Cut, moved: _Cut) -> tuple[int, Float[np.ndarray, "filters h w"]]:
    """The whole-cell offset (down or up from shift / stride) that fits best, and the difference it leaves."""
    down = moved.shift // moved.stride
    width = still.output.shape[2]
    choices = [cells for cells in {down, -(-moved.shift // moved.stride)} if cells < width] or [0]
    changes = {
        cells: moved.output[:, :, cells:] - still.output[:, :, : width - cells] for cells in sorted(choices)
    }
    return min(changes.items(), key=lambda item: float(np.abs(item[1]).mean()))
