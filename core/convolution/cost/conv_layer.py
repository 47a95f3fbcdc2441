"""The settings of one many-channel convolution layer, and the bare counts that follow from them.

A layer holds kh * kw * (C / g) * N weights and N biases, and does one multiply-add per weight at every position
of its output (Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning").
"""

from dataclasses import dataclass
from math import prod

from core.convolution.arithmetic import effective_kernel, output_size

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ConvLayer:
    """One convolution layer on a map of known size; every pair is (vertical, horizontal).

    Args:
        in_channels, filters: channels of the input and of the output (C and N).
        kernel: height and width of the kernel.
        input_hw: height and width of the map that comes in.
        padding: zeros on each side: (top and bottom, left and right).
        groups: g; each filter sees C / g channels.
        name: what the formula of several layers calls this one.

    Raises:
        ValueError: one sentence with the rule and the value found.
    """

    in_channels: int
    filters: int
    kernel: Pair
    input_hw: Pair
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    bias: bool = True
    name: str = "convolution"

    def __post_init__(self) -> None:
        for label in ("in_channels", "filters", "groups"):
            if getattr(self, label) < 1:
                raise ValueError(f"The {label} must be at least 1, got {getattr(self, label)}.")
        for label in ("kernel", "input_hw", "stride", "dilation"):
            if min(getattr(self, label)) < 1:
                raise ValueError(f"The {label} must be at least 1 on both axes, got {getattr(self, label)}.")
        if min(self.padding) < 0:
            raise ValueError(f"The padding must be at least 0 on both axes, got {self.padding}.")
        self._check_groups()
        self._check_fit()

    def _check_groups(self) -> None:
        if self.in_channels % self.groups or self.filters % self.groups:
            raise ValueError(
                f"The groups must divide the input channels and the filters, got {self.groups} groups for "
                f"{self.in_channels} input channels and {self.filters} filters."
            )

    def _check_fit(self) -> None:
        height, width = (effective_kernel(k, d) for k, d in zip(self.kernel, self.dilation, strict=True))
        rows, columns = (n + 2 * p for n, p in zip(self.input_hw, self.padding, strict=True))
        if height > rows or width > columns:
            raise ValueError(
                f"The kernel must fit into the padded input of {rows} x {columns}, "
                f"got a kernel that spans {height} x {width}."
            )

    @property
    def output_hw(self) -> Pair:
        """Rows and columns of the map that goes out."""
        axes = zip(self.input_hw, self.kernel, self.stride, self.padding, self.dilation, strict=True)
        height, width = (output_size(*axis) for axis in axes)
        return height, width

    @property
    def weights_per_filter(self) -> int:
        """kh * kw * C / g: the multiply-adds behind one output value."""
        return prod(self.kernel) * self.in_channels // self.groups

    @property
    def weights(self) -> int:
        """kh * kw * (C / g) * N, without the biases."""
        return self.weights_per_filter * self.filters

    @property
    def parameters(self) -> int:
        """The weights and, with bias, one number more per filter."""
        return self.weights + self.filters * self.bias

    @property
    def macs(self) -> int:
        """Multiply-adds for one picture: one per weight and output position, products with padding included."""
        return prod(self.output_hw) * self.weights

    @property
    def inputs(self) -> int:
        """Numbers in the map that comes in, for one picture."""
        return prod(self.input_hw) * self.in_channels

    @property
    def outputs(self) -> int:
        """Numbers in the map that goes out, for one picture."""
        return prod(self.output_hw) * self.filters


def fully_connected(input_hw: Pair, channels: int, units: int, name: str = "dense") -> ConvLayer:
    """A dense layer on a whole map, written as the convolution it is: a kernel as large as the map, no padding."""
    return ConvLayer(channels, units, kernel=input_hw, input_hw=input_hw, name=name)
