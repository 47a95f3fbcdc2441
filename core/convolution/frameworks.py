"""The same layer in other frameworks: they agree on the arithmetic and differ in where they pad and how they round.

Sources: the documentation of PyTorch's Conv2d and pooling layers, TensorFlow's "Notes on padding in 2D
convolution", Keras' Conv2D, Conv2DTranspose and pooling layers, Caffe's pooling_layer.cpp.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Num

from core.convolution.arithmetic import effective_kernel, same_padding_tensorflow
from core.convolution.layer import Layer, padding_by_name
from core.convolution.operation import run


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """What one framework's spelling of a layer gives.

    Args:
        name: framework and setting.
        layer: the settings it amounts to; None where the framework has no such layer.
        output_hw, values: the output; None where there is none.
        difference: largest absolute difference from the first variant; None where the sizes differ.
        note: one sentence: why there is no output, or what is worth seeing.
    """

    name: str
    layer: Layer | None
    output_hw: tuple[int, int] | None = None
    values: Num[np.ndarray, "h w"] | None = None
    difference: float | None = None
    note: str = ""


def same_layer(
    layer: Layer, grid: Num[np.ndarray, "height width"], kernel: Num[np.ndarray, "kh kw"] | None = None
) -> tuple[Variant, ...]:
    """The layer as it is set (the first one), and with each framework's own padding or rounding instead."""
    spellings = {"convolution": _convolutions, "transposed": _transposed}.get(layer.operation, _poolings)
    hw = (grid.shape[0], grid.shape[1])
    found: list[Variant] = []
    for name, settings in spellings(layer, hw):
        found.append(_variant(name, settings, grid, kernel, found[0] if found else None))
    return tuple(found)


def _variant(name: str, settings: Layer | str, grid, kernel, first: Variant | None) -> Variant:
    """Runs one spelling; `settings` is a sentence where the framework has no such layer."""
    if isinstance(settings, str):
        return Variant(name, None, note=settings)
    values = run(settings, grid, kernel)
    hw = (values.shape[0], values.shape[1])
    if first is None or first.values is None:
        return Variant(name, settings, hw, values, 0.0)
    if hw != first.output_hw:
        return Variant(name, settings, hw, values, note=_sizes_differ(hw, first.values.shape))
    difference = _largest_difference(values, first.values)
    note = "The sizes agree, the windows or their padding do not." if difference else ""
    return Variant(name, settings, hw, values, difference, note)


def _convolutions(layer: Layer, hw: tuple[int, int]) -> Iterator[tuple[str, Layer | str]]:
    yield _as_set(layer), layer
    if layer.stride == (1, 1):
        same = replace(layer, padding=padding_by_name("same", layer.kernel, layer.dilation))
        yield 'PyTorch, padding="same"', _fitting(same, hw)
    else:
        yield 'PyTorch, padding="same"', f"PyTorch allows it with stride 1 only, got {_by(layer.stride)}."
    yield "TensorFlow and Keras, SAME", _tensorflow_convolution(layer, hw)


def _tensorflow_convolution(layer: Layer, hw: tuple[int, int]) -> Layer | str:
    if max(layer.stride) > 1 and max(layer.dilation) > 1:
        return f"Keras has no convolution with stride {_by(layer.stride)} and dilation {_by(layer.dilation)} at once."
    return replace(layer, padding=_same_everywhere(layer, hw), mode="zeros")


def _transposed(layer: Layer, hw: tuple[int, int]) -> Iterator[tuple[str, Layer | str]]:
    yield _as_set(layer), layer
    if max(layer.stride) > 1 and max(layer.dilation) > 1:
        yield "TensorFlow and Keras, SAME", _tensorflow_convolution(layer, hw)
        return
    surplus = [
        effective_kernel(layer.kernel[axis], layer.dilation[axis]) - layer.stride[axis] for axis in (0, 1)
    ]
    top, left = (max(total, 0) // 2 for total in surplus)
    padding = (top, max(surplus[0], 0) - top, left, max(surplus[1], 0) - left)
    output_padding = (max(-surplus[0], 0), max(-surplus[1], 0))
    yield "TensorFlow and Keras, SAME", replace(layer, padding=padding, output_padding=output_padding)


def _poolings(layer: Layer, hw: tuple[int, int]) -> Iterator[tuple[str, Layer | str]]:
    yield _as_set(layer), layer
    other = replace(layer, ceil_mode=not layer.ceil_mode)
    name = "PyTorch, rounded down" if layer.ceil_mode else "PyTorch with ceil_mode, and Caffe"
    yield name, _fitting(other, hw)
    if layer.dilation != (1, 1):
        yield "TensorFlow and Keras, SAME", f"Keras pools without dilation, got {_by(layer.dilation)}."
        return
    padding = _same_everywhere(layer, hw)
    yield (
        "TensorFlow and Keras, SAME",
        replace(layer, padding=padding, ceil_mode=False, count_include_pad=False),
    )


def _as_set(layer: Layer) -> str:
    top, bottom, left, right = layer.padding
    if layer.pools and layer.ceil_mode:
        return "PyTorch with ceil_mode, and Caffe"
    if (top, left) != (bottom, right):
        return "PyTorch, padding by F.pad"
    return f"PyTorch, padding={top if top == left else (top, left)}"


def _fitting(layer: Layer, hw: tuple[int, int]) -> Layer | str:
    """The layer, or in a sentence why it does not fit."""
    try:
        layer.output_hw(hw)
    except ValueError as reason:
        return str(reason)
    return layer


def _same_everywhere(layer: Layer, hw: tuple[int, int]) -> tuple[int, int, int, int]:
    sides = [
        same_padding_tensorflow(hw[axis], layer.kernel[axis], layer.stride[axis], layer.dilation[axis])
        for axis in (0, 1)
    ]
    return sides[0] + sides[1]


def _largest_difference(values: np.ndarray, first: np.ndarray) -> float:
    unequal = values != first  # equal infinities differ by nothing
    return float(np.abs(values[unequal] - first[unequal]).max(initial=0))


def _sizes_differ(hw: tuple[int, int], first: tuple[int, ...]) -> str:
    return f"The sizes differ, so the values cannot be compared: {_by(hw)} here, {_by(first)} in the first."


def _by(pair: tuple[int, ...]) -> str:
    return f"{pair[0]} x {pair[1]}"
