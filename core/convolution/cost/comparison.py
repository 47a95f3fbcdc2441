"""The classic pairs of layers that every course compares, both sides counted, never quoted.

Depthwise separable: Howard et al. 2017; the 1 x 1 bottleneck: Szegedy et al. 2015 (Inception) after Lin et al.
2014; three 3 x 3 for one 7 x 7: Simonyan and Zisserman 2015 (VGG), section 2.3.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Literal

from core.convolution.cost.arrangement import separable
from core.convolution.cost.conv_layer import ConvLayer, fully_connected
from core.convolution.cost.count import LayerCost, layer_cost, tex, tex_words
from core.formula import Formula

Measure = Literal["parameters", "macs"]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: a name, the layers and their cost."""

    label: str
    layers: tuple[ConvLayer, ...]
    cost: LayerCost

    @property
    def title(self) -> str:
        """The label as the beginning of a sentence."""
        return self.label[0].upper() + self.label[1:]

    @property
    def receptive_field(self) -> tuple[int, int]:
        """Rows and columns of the input that one output sees: r += (k - 1) d * (strides of the layers before)."""
        height, width = (_field(self.layers, axis) for axis in (0, 1))
        return height, width


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two ways to do a similar job.

    Args:
        key: name in a link.
        title: what is compared.
        lesson: one sentence to take home.
        left, right: the plain way and the other one.
        measure: the count that the comparison is known for.
        law: the ratio as a closed form in LaTeX, with symbols and with numbers; empty where there is none.
    """

    key: str
    title: str
    lesson: str
    left: Side
    right: Side
    measure: Measure
    law: tuple[str, str] = ("", "")

    def count(self, side: Side) -> Formula:
        """The number that is compared, of one side."""
        return getattr(side.cost, self.measure)

    @property
    def ratio(self) -> Fraction:
        """Right over left, exactly."""
        return Fraction(int(self.count(self.right).value), int(self.count(self.left).value))

    @property
    def ratio_formula(self) -> Formula:
        """The ratio with both counts filled in."""
        symbol = {"parameters": "P", "macs": r"\mathrm{MACs}"}[self.measure]
        symbolic, filled = (f" = {part}" if part else "" for part in self.law)
        return Formula(
            f"{self.right.title} over {self.left.label}",
            rf"\frac{{{symbol}_{{{tex_words(self.right.label)}}}}}{{{symbol}_{{{tex_words(self.left.label)}}}}}{symbolic}",
            rf"\frac{{{tex(int(self.count(self.right).value))}}}{{{tex(int(self.count(self.left).value))}}}{filled}",
            float(self.ratio),
            f"{float(1 / self.ratio):,.3g} times fewer.",
        )


def comparisons() -> tuple[Comparison, ...]:
    """The classic comparisons, in teaching order."""
    return (separable_comparison(), bottleneck_comparison(), dense_comparison(), stack_comparison())


def separable_comparison() -> Comparison:
    """A 3 × 3 convolution of a 6 × 6 picture with 5 filters, against depthwise + pointwise."""
    standard = ConvLayer(3, 5, (3, 3), (6, 6), bias=False)
    return Comparison(
        "separable",
        "Depthwise separable",
        "Filtering each channel by itself and mixing the channels afterwards splits one product into a sum.",
        _side("standard", standard),
        _side("depthwise + pointwise", *separable(standard)),
        "macs",
        (
            r"\frac{1}{N} + \frac{1}{k_h k_w}",
            rf"\frac{{1}}{{{standard.filters}}} + \frac{{1}}{{{prod(standard.kernel)}}}",
        ),
    )


def bottleneck_comparison() -> Comparison:
    """A 5 × 5 convolution of 192 channels to 32, against a 1 × 1 to 16 channels first."""
    wide = ConvLayer(192, 32, (5, 5), (28, 28), padding=(2, 2), name="5 × 5")
    squeeze = ConvLayer(192, 16, (1, 1), (28, 28), name="1 × 1")
    return Comparison(
        "bottleneck",
        "A 1 × 1 bottleneck first",
        "A 1 × 1 convolution shrinks the channels before the expensive kernel reads them.",
        _side("5 × 5 directly", wide),
        _side("1 × 1, then 5 × 5", squeeze, replace(wide, in_channels=squeeze.filters)),
        "macs",
    )


def dense_comparison() -> Comparison:
    """A dense layer of 1000 units on a 1000 × 1000 colour picture, against 64 filters of 3 × 3."""
    dense = fully_connected((1000, 1000), channels=3, units=1000)
    return Comparison(
        "dense",
        "Dense layer or convolution",
        "A convolution shares its weights between all positions: far fewer to learn, each used everywhere.",
        _side("dense", dense),
        _side("3 × 3 convolution", ConvLayer(3, 64, (3, 3), (1000, 1000), padding=(1, 1))),
        "parameters",
    )


def stack_comparison(channels: int = 64) -> Comparison:
    """One 7 × 7 convolution against three 3 × 3 in a row: 49 C^2 and 27 C^2 weights, the same receptive field."""
    one = ConvLayer(channels, channels, (7, 7), (56, 56), padding=(3, 3), bias=False)
    small = replace(one, kernel=(3, 3), padding=(1, 1))
    return Comparison(
        "stack",
        "Three 3 × 3 or one 7 × 7",
        "Both see the same window; the stack is cheaper and has three nonlinearities where the other has one.",
        _side("one 7 × 7", one),
        _side("three 3 × 3", *(replace(small, name=f"3 × 3, no. {index}") for index in (1, 2, 3))),
        "parameters",
        (r"\frac{3 \cdot 3^2\,C^2}{7^2\,C^2}", r"\frac{27}{49}"),
    )


def vgg_first_dense() -> ConvLayer:
    """VGG-16's first dense layer, 7 × 7 × 512 to 4096, as a convolution: most of that network's parameters."""
    return fully_connected((7, 7), channels=512, units=4096, name="fc6")


def _side(label: str, *layers: ConvLayer) -> Side:
    return Side(label, layers, layer_cost(*layers))


def _field(layers: tuple[ConvLayer, ...], axis: int) -> int:
    size, jump = 1, 1
    for layer in layers:
        size += (layer.kernel[axis] - 1) * layer.dilation[axis] * jump
        jump *= layer.stride[axis]
    return size
