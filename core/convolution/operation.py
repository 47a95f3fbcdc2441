"""Convolution and transposed convolution of whole pictures, in NumPy.

As in every deep-learning library "convolution" means cross-correlation: the kernel is not flipped. Floating-point
pictures are convolved by matrix products over strips of rows that stay in the processor's cache: per strip only
the horizontal neighbours are copied side by side, the vertical ones are a view of the same memory, and padding with
zeros is memory left empty. Integers are added up tap by tap, exactly. Sources: Goodfellow, Bengio & Courville,
"Deep Learning" (2016), equation 9.6; Dumoulin & Visin (2016), chapter 4, for the transposed convolution.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Num
from numpy.lib.stride_tricks import sliding_window_view

from core.convolution.layer import NUMPY_MODES, Layer, Setting, four, pair
from core.convolution.pooling import pool_layer

STRIP_ROWS = 16  # output rows at a time: their input stays in the second-level cache
# Multiplications up to which OpenBLAS computes a product with a matrix or with a vector in the calling thread. Its own
# threads wait for one another: beside other busy threads a photo took seconds with them, and never less than without.
SMALL_PRODUCT, SMALL_SUM = 1 << 18, 9216


def convolve(
    image: Num[np.ndarray, "channels height width"],
    weight: Num[np.ndarray, "filters channels_per_group kh kw"],
    bias: Num[np.ndarray, " filters"] | None = None,
    *,
    stride: Setting = 1,
    padding: Setting | tuple[int, int, int, int] = 0,
    dilation: Setting = 1,
    groups: int = 1,
    mode: str = "zeros",
) -> Num[np.ndarray, "filters h w"]:
    """y[f, i, j] = b[f] + sum over c, u, v of w[f, c, u, v] x[c, i s + u d, j s + v d], with x padded.

    Args:
        stride, dilation: one number, or (vertical, horizontal).
        padding: one number, (vertical, horizontal), or (top, bottom, left, right).
        groups: a filter reads only the channels of its own group, the f // (filters / groups)-th.
        mode: what the padding holds: "zeros", "reflect", "replicate" or "circular".

    Returns:
        float32 for float32 inputs, exact int64 for integers, else NumPy's common type of the inputs.

    Raises:
        ValueError: a setting is out of range, the shapes do not go together, or the kernel does not fit.
    """
    _check_axes(image, weight)
    _check_groups(groups, len(image), weight.shape[1] * groups, len(weight), bias)
    image, weight, bias = _common_type(image, weight, bias)
    layer = _layer(weight, stride, padding, dilation, mode=mode)
    out = np.empty((len(weight), *layer.output_hw(image.shape[1:])), image.dtype)  # [filters, h, w]
    if layer.mode != "zeros":
        image, layer = _pad(image, layer), replace(layer, padding=(0, 0, 0, 0))
    correlate = _by_matrix_product if image.dtype.kind == "f" else _by_adding_taps
    for group in range(groups):
        channels, filters = _part(group, weight.shape[1]), _part(group, len(weight) // groups)
        correlate(image[channels], weight[filters], layer, out[filters])
    if bias is not None:
        out += bias[:, None, None]
    return out


def convolve_transposed(
    image: Num[np.ndarray, "channels height width"],
    weight: Num[np.ndarray, "channels filters_per_group kh kw"],
    bias: Num[np.ndarray, " filters"] | None = None,
    *,
    stride: Setting = 1,
    padding: Setting | tuple[int, int, int, int] = 0,
    output_padding: Setting = 0,
    dilation: Setting = 1,
    groups: int = 1,
) -> Num[np.ndarray, "filters h w"]:
    """Every input stamps the kernel times its value: y[f, i s + u d - p, j s + v d - p] += w[c, f, u, v] x[c, i, j].

    The settings are those of the convolution that goes the other way, so `padding` crops. Types and errors are
    those of `convolve`.
    """
    _check_axes(image, weight)
    filters = weight.shape[1] * groups
    _check_groups(groups, len(image), len(weight), filters, bias)
    image, weight, bias = _common_type(image, weight, bias)
    layer = _layer(
        weight, stride, padding, dilation, operation="transposed", output_padding=pair(output_padding)
    )
    height, width = layer.output_hw(image.shape[1:])
    top, bottom, left, right = layer.padding
    full = np.zeros((filters, height + top + bottom, width + left + right), image.dtype)  # before cropping
    for group in range(groups):
        channels = _part(group, len(image) // groups)
        _stamp(image[channels], weight[channels], layer, full[_part(group, weight.shape[1])])
    if bias is not None:
        full += bias[:, None, None]
    return full[:, top : top + height, left : left + width]


def run(
    layer: Layer, grid: Num[np.ndarray, "height width"], kernel: Num[np.ndarray, "kh kw"] | None = None
) -> Num[np.ndarray, "h w"]:
    """The output of one single-channel layer on one grid; a pooling takes no kernel.

    Raises:
        ValueError: the kernel does not have the layer's size, or the layer does not fit on the grid.
    """
    if layer.pools:
        return pool_layer(layer, grid[None])[0]
    if kernel is None or kernel.shape != layer.kernel:
        found = "none" if kernel is None else kernel.shape
        raise ValueError(f"The kernel must have the layer's size {layer.kernel}, got {found}.")
    image, weight = grid[None], kernel[None, None]  # [1, h, w], [1, 1, kh, kw]
    shared = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
    if layer.operation == "transposed":
        return convolve_transposed(image, weight, output_padding=layer.output_padding, **shared)[0]
    return convolve(image, weight, mode=layer.mode, **shared)[0]


def _by_matrix_product(image: np.ndarray, weight: np.ndarray, layer: Layer, out: np.ndarray) -> None:
    """Fills the output strip by strip."""
    (filters, channels, kh, kw), (height, width) = weight.shape, out.shape[1:]
    stride, dilation = layer.stride[0], layer.dilation[0]
    matrix = weight.transpose(0, 2, 1, 3).reshape(filters, -1)  # [filters, kh * channels * kw]
    strip, span = min(STRIP_ROWS, height), dilation * (kh - 1) + 1
    rows = (strip - 1) * stride + span
    neighbours = np.zeros((rows, channels, kw, width), out.dtype)  # the kw inputs of every output, per row
    windows = sliding_window_view(neighbours.reshape(rows, -1, width), span, axis=0)
    windows = windows[::stride, ..., ::dilation]
    windows = np.moveaxis(windows, -1, 1)  # [strip, kh, channels * kw, width], no copy
    most = max((SMALL_PRODUCT if filters > 1 else SMALL_SUM) // matrix.size, 8)  # columns at a time
    for first in range(0, height, strip):
        _copy_neighbours(neighbours, image, first * stride - layer.padding[0], layer)
        count = min(strip, height - first)
        columns = windows[:count].reshape(count, -1, width)  # [count, kh * channels * kw, width]
        rows_out = out[:, first : first + count].transpose(1, 0, 2)  # [count, filters, width]
        for left in range(0, width, most):
            part = slice(left, left + most)
            np.matmul(matrix, columns[..., part], out=rows_out[..., part])


def _copy_neighbours(neighbours: np.ndarray, image: np.ndarray, top: int, layer: Layer) -> None:
    """Copies the rows of the image from `top` on, which may lie outside it, once per horizontal tap."""
    rows, _, taps, width = neighbours.shape
    above, below = min(max(-top, 0), rows), max(min(image.shape[1] - top, rows), 0)
    neighbours[:above] = 0
    neighbours[max(above, below) :] = 0
    source = image[:, top + above : max(top + below, 0)].transpose(1, 0, 2)  # [rows inside, channels, width]
    for tap in range(taps):
        to, start = _inside(layer, 1, tap, width, image.shape[2])
        neighbours[above:below, :, tap, to] = source[:, :, start]


def _inside(layer: Layer, axis: int, tap: int, outputs: int, n: int) -> tuple[slice, slice]:
    """Along an axis, the outputs for which a tap of the kernel lies on the image, and the cells it lies on."""
    stride, first = layer.stride[axis], tap * layer.dilation[axis] - layer.sides(axis)[0]
    begin = max(-(first // stride), 0)
    end = max(min((n - 1 - first) // stride + 1, outputs), begin)
    if begin == end:
        return slice(0), slice(0)
    return slice(begin, end), slice(begin * stride + first, (end - 1) * stride + first + 1, stride)


def _by_adding_taps(image: np.ndarray, weight: np.ndarray, layer: Layer, out: np.ndarray) -> None:
    padded = _pad(image, layer)
    out[:] = 0
    for channel, row, column in np.ndindex(weight.shape[1:]):
        cells = _reads(layer, 0, row, out.shape[1]), _reads(layer, 1, column, out.shape[2])
        out += weight[:, channel, row, column, None, None] * padded[(channel, *cells)]


def _stamp(image: np.ndarray, weight: np.ndarray, layer: Layer, full: np.ndarray) -> None:
    for row, column in np.ndindex(weight.shape[2:]):
        cells = _reads(layer, 0, row, image.shape[1]), _reads(layer, 1, column, image.shape[2])
        full[(slice(None), *cells)] += np.tensordot(weight[:, :, row, column], image, axes=(0, 0))


def _reads(layer: Layer, axis: int, tap: int, count: int) -> slice:
    """Along an axis, the cells under one tap of the kernel at its `count` places."""
    first, step = tap * layer.dilation[axis], layer.stride[axis]
    return slice(first, first + (count - 1) * step + 1, step)


def _pad(image: np.ndarray, layer: Layer) -> np.ndarray:
    return np.pad(image, ((0, 0), layer.sides(0), layer.sides(1)), mode=NUMPY_MODES[layer.mode])


def _common_type(image: np.ndarray, weight: np.ndarray, bias: np.ndarray | None):
    """The three arrays in one type: the inputs' own if it is a float type, else int64."""
    arrays = [image, weight] if bias is None else [image, weight, bias]
    dtype = np.result_type(*arrays)
    dtype = np.result_type(dtype, np.float32) if dtype.kind == "f" else np.dtype(np.int64)
    image, weight, *rest = (array.astype(dtype, copy=False) for array in arrays)
    return image, weight, rest[0] if rest else None


def _layer(weight: np.ndarray, stride, padding, dilation, **more) -> Layer:
    kernel = weight.shape[2], weight.shape[3]
    return Layer(kernel=kernel, stride=pair(stride), padding=four(padding), dilation=pair(dilation), **more)


def _check_axes(image: np.ndarray, weight: np.ndarray) -> None:
    if image.ndim != 3:
        raise ValueError(f"An image has the axes (channel, row, column), got the shape {image.shape}.")
    if weight.ndim != 4:
        raise ValueError(f"A weight has four axes, two of them the kernel's, got the shape {weight.shape}.")


def _check_groups(groups: int, channels: int, expected: int, filters: int, bias: np.ndarray | None) -> None:
    """Checks that image, weight and bias go together; `expected` are the channels the weight is made for."""
    if groups < 1 or channels % groups or filters % groups:
        raise ValueError(f"The groups must divide {channels} channels and {filters} filters, got {groups}.")
    if channels != expected:
        raise ValueError(
            f"The weight must have as many input channels as the image, {channels}, got {expected}."
        )
    if bias is not None and bias.shape != (filters,):
        raise ValueError(f"The bias must have one number per filter, {filters}, got the shape {bias.shape}.")


def _part(group: int, size: int) -> slice:
    return slice(group * size, (group + 1) * size)
