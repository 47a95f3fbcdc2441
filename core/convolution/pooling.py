"""Pooling: the largest or the mean value of every window. Both are done one axis at a time.

Source: the PyTorch documentation of MaxPool2d and AvgPool2d, whose borders are followed exactly.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Int, Num

from core.convolution.arithmetic import effective_kernel
from core.convolution.layer import Layer, Setting, four, pair


def pool(
    image: Num[np.ndarray, "channels height width"],
    kind: str,
    kernel: Setting,
    stride: Setting | None = None,
    padding: Setting | tuple[int, int, int, int] = 0,
    dilation: Setting = 1,
    *,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Num[np.ndarray, "channels h w"]:
    """The largest ("max") or the mean ("avg") value of every window, channel by channel, as PyTorch pools.

    Args:
        kernel: rows and columns of the window; the stride is the same unless given.
        padding: at most half the window; it holds the smallest value for "max" and 0 for "avg".
        ceil_mode: round the output size up.
        count_include_pad: the mean counts the cells of the padding.

    Returns:
        "max" keeps the type of the image; "avg" gives float64 for integers.

    Raises:
        ValueError: a setting is out of range, or no window fits.
    """
    if kind not in ("max", "avg"):
        raise ValueError(f"A pooling is max or avg, got {kind}.")
    layer = Layer(
        operation="max_pool" if kind == "max" else "avg_pool",
        kernel=pair(kernel),
        stride=pair(kernel if stride is None else stride),
        padding=four(padding),
        dilation=pair(dilation),
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
    return pool_layer(layer, image)


def pool_layer(
    layer: Layer, image: Num[np.ndarray, "channels height width"]
) -> Num[np.ndarray, "channels h w"]:
    """`pool` with the settings of a layer."""
    if layer.operation == "max_pool":
        return _along_both(image, layer, np.maximum, _lowest(image.dtype))
    image = image if image.dtype.kind == "f" else image.astype(np.float64)
    total = _along_both(image, layer, np.add, 0)  # [channels, h, w]
    return total / divisors(layer, image.shape[1:]).astype(image.dtype)


def divisors(layer: Layer, input_hw: tuple[int, int]) -> Int[np.ndarray, "h w"]:
    """What an average pooling divides every output by: the cells of its window that count.

    Those are the cells of the padded input, or of the input alone without `count_include_pad`; what a window
    of ceil mode covers beyond the padding never counts.
    """
    rows, columns = (
        _counted(layer, axis, input_hw[axis], layer.output_hw(input_hw)[axis]) for axis in (0, 1)
    )
    return np.outer(rows, columns)


def _counted(layer: Layer, axis: int, n: int, windows: int) -> Int[np.ndarray, " windows"]:
    before, after = layer.sides(axis)
    first = np.arange(windows) * layer.stride[axis] - before
    end = np.minimum(first + layer.kernel[axis], n + after)
    if layer.count_include_pad:
        return end - first
    return np.minimum(end, n) - np.maximum(first, 0)


def _along_both(image: np.ndarray, layer: Layer, combine: Callable, constant: float | int) -> np.ndarray:
    output_hw = layer.output_hw(image.shape[1:])
    down = _along(image, 1, layer, output_hw[0], combine, constant)  # [channels, h, width]
    return _along(down, 2, layer, output_hw[1], combine, constant)


def _along(
    image: np.ndarray, axis: int, layer: Layer, windows: int, combine: Callable, constant: float | int
) -> np.ndarray:
    """Combines the taps of every window along one axis of [channels, height, width]."""
    stride, dilation = layer.stride[axis - 1], layer.dilation[axis - 1]
    before, after = layer.sides(axis - 1)
    end = (windows - 1) * stride + effective_kernel(layer.kernel[axis - 1], dilation)
    beyond = max(end - before - image.shape[axis] - after, 0)  # a window of ceil mode hangs over
    widths = [(0, 0)] * 3
    widths[axis] = (before, after + beyond)
    padded = np.pad(image, widths, constant_values=constant) if any(widths[axis]) else image
    out = None
    for tap in range(layer.kernel[axis - 1]):
        cells: list[slice] = [slice(None)] * 3
        cells[axis] = slice(tap * dilation, tap * dilation + (windows - 1) * stride + 1, stride)
        out = padded[tuple(cells)].copy() if out is None else combine(out, padded[tuple(cells)], out=out)
    assert out is not None  # a window has at least one tap
    return out


def _lowest(dtype: np.dtype) -> float | int:
    return -np.inf if dtype.kind == "f" else int(np.iinfo(dtype).min)
