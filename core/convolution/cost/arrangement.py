"""From a standard through a grouped to a depthwise separable layer, and what each step saves.

The separable form replaces one kh x kw convolution by a depthwise one (every channel by itself) and a pointwise
one (1 x 1 across the channels); its share of the multiply-adds is exactly 1/N + 1/(kh kw)
(Howard et al. 2017, MobileNets, section 3.1).
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, prod

from core.convolution.cost.conv_layer import ConvLayer
from core.convolution.cost.count import LayerCost, layer_cost, tex
from core.formula import Formula

SEPARABLE = 0  # as a number of groups: every channel by itself, then a 1 x 1 across the channels


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One way to connect the same channels and filters.

    Args:
        groups: how many groups, or SEPARABLE.
        label: its name in words.
        layers: the layers it consists of.
        cost: what they cost together.
    """

    groups: int
    label: str
    layers: tuple[ConvLayer, ...]
    cost: LayerCost


def group_choices(in_channels: int, filters: int) -> tuple[int, ...]:
    """The numbers of groups that divide both channel counts, rising, then SEPARABLE."""
    common = gcd(in_channels, filters)
    return (*(g for g in range(1, common + 1) if common % g == 0), SEPARABLE)


def arrangement_label(in_channels: int, groups: int) -> str:
    """The name of a number of groups, in words."""
    if groups == SEPARABLE:
        return "depthwise + pointwise"
    if groups == 1:
        return "standard"
    return f"{groups} groups, depthwise" if groups == in_channels else f"{groups} groups"


def arrange(layer: ConvLayer, groups: int, batch: int = 1, optimiser: str = "Adam") -> Arrangement:
    """The layer with its channels connected in that many groups, or as depthwise + pointwise.

    Raises:
        ValueError: the groups do not divide both channel counts.
    """
    layers = separable(layer) if groups == SEPARABLE else (replace(layer, groups=groups),)
    cost = layer_cost(*layers, batch=batch, optimiser=optimiser)
    return Arrangement(groups, arrangement_label(layer.in_channels, groups), layers, cost)


def arrangements(layer: ConvLayer) -> tuple[Arrangement, ...]:
    """Every arrangement, from standard to depthwise + pointwise."""
    return tuple(arrange(layer, groups) for groups in group_choices(layer.in_channels, layer.filters))


def separable(layer: ConvLayer) -> tuple[ConvLayer, ConvLayer]:
    """Depthwise with the layer's kernel, stride, padding and dilation, then pointwise to its filters."""
    depthwise = replace(layer, filters=layer.in_channels, groups=layer.in_channels, name="depthwise")
    pointwise = ConvLayer(
        layer.in_channels, layer.filters, (1, 1), depthwise.output_hw, bias=layer.bias, name="pointwise"
    )
    return depthwise, pointwise


def separable_ratio(layer: ConvLayer) -> Fraction:
    """Multiply-adds of depthwise + pointwise over those of the standard layer: 1/N + 1/(kh kw), exactly."""
    return Fraction(1, layer.filters) + Fraction(1, prod(layer.kernel))


def ratio_formula(layer: ConvLayer) -> Formula:
    """The separable ratio with its numbers filled in."""
    ratio = separable_ratio(layer)
    kernel = r" \cdot ".join(map(tex, layer.kernel))
    return Formula(
        "Depthwise separable over standard",
        r"\frac{\mathrm{MACs}_\mathrm{separable}}{\mathrm{MACs}_\mathrm{standard}} = \frac{1}{N} + \frac{1}{k_h k_w}",
        rf"\frac{{1}}{{{tex(layer.filters)}}} + \frac{{1}}{{{kernel}}} = "
        rf"\frac{{{tex(ratio.numerator)}}}{{{tex(ratio.denominator)}}}",
        float(ratio),
        "Exact, whatever the input size: above 1 the separable form costs more."
        if ratio > 1
        else "Exact, whatever the input size and the number of input channels.",
    )
