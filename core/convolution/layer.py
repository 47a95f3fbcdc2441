"""The settings of one single-channel layer: a convolution, a transposed convolution or a pooling."""

from dataclasses import dataclass
from typing import Literal

from core.convolution.arithmetic import (
    check_output_padding,
    named_padding,
    output_size,
    transposed_output_size,
)

OPERATIONS = ("convolution", "transposed", "max_pool", "avg_pool")
MODES = ("zeros", "reflect", "replicate", "circular")
POOLINGS = ("max_pool", "avg_pool")
NUMPY_MODES: dict[str, Literal["constant", "reflect", "edge", "wrap"]] = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
}
Setting = int | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer on one channel, with the meaning PyTorch gives to each setting.

    Args:
        operation: "convolution", "transposed", "max_pool" or "avg_pool".
        kernel: rows and columns of the kernel or window.
        stride: (vertical, horizontal), at least 1.
        padding: (top, bottom, left, right), at least 0; a transposed convolution crops by it instead.
            A pooling takes at most half its window per side.
        dilation: (vertical, horizontal), at least 1; an average pooling has none.
        mode: what the padding of a convolution holds; the other operations know "zeros" only
            (a max pooling pads with minus infinity).
        output_padding: extra rows and columns at the end of a transposed convolution.
        ceil_mode: a pooling rounds its output size up.
        count_include_pad: an average pooling divides by the padded cells of a window too.

    Raises:
        ValueError: a setting is out of range or does not belong to the operation.
    """

    operation: str = "convolution"
    kernel: tuple[int, int] = (3, 3)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)
    mode: str = "zeros"
    output_padding: tuple[int, int] = (0, 0)
    ceil_mode: bool = False
    count_include_pad: bool = True

    def __post_init__(self) -> None:
        _one_of("operation", self.operation, OPERATIONS)
        _one_of("padding mode", self.mode, MODES)
        _at_least("kernel", self.kernel, 1, 2)
        _at_least("stride", self.stride, 1, 2)
        _at_least("padding", self.padding, 0, 4)
        _at_least("dilation", self.dilation, 1, 2)
        _at_least("output padding", self.output_padding, 0, 2)
        self._check_operation()

    def _check_operation(self) -> None:
        if self.operation != "convolution" and self.mode != "zeros":
            raise ValueError(f"Only a convolution has a padding mode other than zeros, got {self.mode}.")
        if self.ceil_mode and not self.pools:
            raise ValueError(f"Only a pooling can round its size up, got {self.operation}.")
        if self.operation == "avg_pool" and self.dilation != (1, 1):
            raise ValueError(f"An average pooling has no dilation, got {self.dilation}.")
        if self.operation == "transposed":
            for axis in (0, 1):
                check_output_padding(self.output_padding[axis], self.stride[axis], self.dilation[axis])
        elif any(self.output_padding):
            raise ValueError(f"Only a transposed convolution has output padding, got {self.operation}.")
        if self.pools:
            for axis in (0, 1):
                _check_pool_padding(self.sides(axis), self.kernel[axis])

    @property
    def pools(self) -> bool:
        """Whether the layer is a pooling: it has a window, but no weights."""
        return self.operation in POOLINGS

    def sides(self, axis: int) -> tuple[int, int]:
        """Padding (before, after) along an axis: 0 is vertical (top, bottom), 1 horizontal (left, right)."""
        return self.padding[2 * axis], self.padding[2 * axis + 1]

    def output_hw(self, input_hw: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of the output; ValueError when the layer does not fit on this input."""
        return self.output_size(input_hw[0], 0), self.output_size(input_hw[1], 1)

    def output_size(self, n: int, axis: int) -> int:
        """Outputs along one axis of `n` inputs: 0 is vertical, 1 horizontal."""
        sides = self.sides(axis)
        kernel, stride, dilation = self.kernel[axis], self.stride[axis], self.dilation[axis]
        if self.operation == "transposed":
            return transposed_output_size(n, kernel, stride, sides, dilation, self.output_padding[axis])
        check_mode(self.mode, n, sides)
        return output_size(n, kernel, stride, sides, dilation, self.ceil_mode)


def padding_by_name(
    name: str, kernel: tuple[int, int], dilation: tuple[int, int] = (1, 1)
) -> tuple[int, int, int, int]:
    """(top, bottom, left, right) for "valid", "same" or "full"; see `arithmetic.named_padding`."""
    top, bottom = named_padding(name, kernel[0], dilation[0])
    left, right = named_padding(name, kernel[1], dilation[1])
    return top, bottom, left, right


def global_pooling(operation: str, input_hw: tuple[int, int]) -> Layer:
    """The pooling whose one window is the whole input."""
    return Layer(operation=operation, kernel=input_hw, stride=input_hw)


def pair(setting: Setting) -> tuple[int, int]:
    """One number for both axes, or (vertical, horizontal)."""
    return (setting, setting) if isinstance(setting, int) else (setting[0], setting[1])


def four(padding: Setting | tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Padding as (top, bottom, left, right), from one number or (vertical, horizontal) or all four."""
    if isinstance(padding, int):
        return padding, padding, padding, padding
    if len(padding) == 2:
        return padding[0], padding[0], padding[1], padding[1]
    return padding


def check_mode(mode: str, n: int, sides: tuple[int, int]) -> None:
    """Raises ValueError where a padding mode would need more input than there is.

    Reflection leaves out the border itself, so it has n - 1 cells to give; wrapping around has n.
    """
    most = {"reflect": n - 1, "circular": n}.get(mode)
    if most is not None and max(sides) > most:
        raise ValueError(f"Padding by {mode} can be at most {most} on an input of {n}, got {max(sides)}.")


def _one_of(what: str, value: str, allowed: tuple) -> None:
    if value not in allowed:
        raise ValueError(f"The {what} must be one of {', '.join(allowed)}, got {value}.")


def _at_least(what: str, values: tuple, least: int, count: int) -> None:
    if len(values) != count or any(value < least for value in values):
        raise ValueError(f"The {what} must be {count} numbers of at least {least}, got {values}.")


def _check_pool_padding(sides: tuple[int, int], kernel: int) -> None:
    if max(sides) > kernel // 2:
        raise ValueError(
            f"The padding of a pooling can be at most half its window of {kernel}, got {max(sides)}."
        )
