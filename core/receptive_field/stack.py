"""How far a unit of a plain stack of layers sees: one pass from the picture up, one row per layer.

Size, jump and start follow the recurrence of Araujo, Norris and Sim, "Computing Receptive Fields of
Convolutional Neural Networks" (Distill 2019), equations 2 and 3. Pixels are half-open: pixel 0 covers
[0, 1) and has its centre at 0.5.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from core.formula import Formula
from core.receptive_field import recurrence
from core.receptive_field.backward import read_extent
from core.receptive_field.layer import StackLayer

LAYERS_MOST = 24
SIDE_MOST = 4096
SIZE_MOST = 8192
DIVISION_MOST = 64


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what a map is and how much of the picture one of its units sees.

    Args:
        index: 0 for the picture itself, then 1, 2, ...
        name: "Picture", or the layer in words ("Convolution 3 x 3").
        layer: the layer that makes the map; None for the picture.
        output_hw, channels: shape of the map.
        size: side of the receptive field in pixels (the largest of all units if a transposed layer is below).
        jump: pixels between the fields of neighbouring units; a Fraction after a transposed layer.
        start: centre of the field of unit 0 in pixels, on either axis.
        parameters: weights and biases of this layer alone.
        macs: multiply-adds of this layer for one picture.
        before: the row of the map that the layer reads; None for the picture.
    """

    index: int
    name: str
    layer: StackLayer | None
    output_hw: tuple[int, int]
    channels: int
    size: int
    jump: int | Fraction
    start: float
    parameters: int
    macs: int
    before: "Row | None" = field(repr=False)

    @property
    def below(self) -> tuple[StackLayer, ...]:
        """All layers from the picture up to and including this one."""
        if self.before is None or self.layer is None:
            return ()
        return (*self.before.below, self.layer)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Output height, size, jump, start, parameters and multiply-adds with the numbers filled in."""
        if self.before is None or self.layer is None:
            return ()
        return recurrence.formulas(self.before, self.layer, self.size)

    @property
    def slips(self) -> tuple[Formula, ...]:
        """The two common slips made at every layer up to here, with the wrong size each gives."""
        if self.before is None or self.layer is None:
            return recurrence.no_slips()
        return recurrence.slips(self.before, self.layer)

    @property
    def neurons(self) -> int:
        """Values in the map: channels x height x width."""
        return self.channels * self.output_hw[0] * self.output_hw[1]

    @property
    def memory_bytes(self) -> int:
        """Bytes of the map in float32."""
        return 4 * self.neurons

    @property
    def shift_invariant(self) -> bool:
        """Whether every unit's field has the same size and neighbours' fields lie one jump apart."""
        return all(layer.kind != "transposed" for layer in self.below)

    def interval(self, axis: int, i: int) -> tuple[float, float]:
        """First and one past the last pixel that unit i reads on `axis` (0 down, 1 across), padding included."""
        centre = self.start + float(i * self.jump)
        if self.shift_invariant:
            return centre - self.size / 2, centre + self.size / 2
        first, last = read_extent(self.below, i) or (centre, centre)
        return float(first), float(last)


def trace_stack(
    layers: Sequence[StackLayer], input_hw: tuple[int, int] = (224, 224), input_channels: int = 3
) -> tuple[Row, ...]:
    """Follow size, jump and start from the picture through all `layers`.

    r_l = r_(l-1) + (d (k - 1)) j_(l-1),   j_l = j_(l-1) s_l,
    start_l = start_(l-1) + (d (k - 1) / 2 - p) j_(l-1),   with r_0 = j_0 = 1 and start_0 = 0.5.

    Returns: the row of the picture, then one row per layer.
    Raises: ValueError with one sentence that names the layer when a map would vanish or grow beyond
        `SIDE_MOST` pixels a side, a field beyond `SIZE_MOST`, or a jump below 1 / `DIVISION_MOST` be reached; also
        when there are more than `LAYERS_MOST` layers.
    """
    if len(layers) > LAYERS_MOST:
        raise ValueError(f"A stack has at most {LAYERS_MOST} layers, got {len(layers)}.")
    if min(*input_hw, input_channels) < 1 or max(input_hw) > SIDE_MOST:
        raise ValueError(
            f"The picture is 1 to {SIDE_MOST} pixels a side, got {input_hw}, {input_channels} channels."
        )
    rows = [Row(0, "Picture", None, input_hw, input_channels, 1, 1, 0.5, 0, 0, None)]
    for layer in layers:
        rows.append(_next_row(rows[-1], layer))
    return tuple(rows)


def _next_row(before: Row, layer: StackLayer) -> Row:
    index, below = before.index + 1, (*before.below, layer)
    height, width = (_checked_side(n, layer, index) for n in before.output_hw)
    _check_field(before, layer, below)
    size, jump, start = _field(before, layer, below)
    positions = layer.positions(before.output_hw)
    return Row(
        index=index,
        name=layer.words,
        layer=layer,
        output_hw=(height, width),
        channels=layer.channels if layer.has_weights else before.channels,
        size=size,
        jump=jump,
        start=start,
        parameters=layer.parameters(before.channels),
        macs=layer.multiplications(before.channels) * positions[0] * positions[1],
        before=before,
    )


def _checked_side(n: int, layer: StackLayer, index: int) -> int:
    try:
        side = layer.output_side(n)
    except ValueError as error:
        raise ValueError(
            f"Layer {index} ({layer.words}) leaves nothing of a map of {n} pixels: {error}"
        ) from error
    if side > SIDE_MOST:
        raise ValueError(
            f"Layer {index} ({layer.words}) makes a map of {side} pixels a side, at most {SIDE_MOST}."
        )
    return side


def _check_field(before: Row, layer: StackLayer, below: tuple[StackLayer, ...]) -> None:
    taps = layer.reach // layer.stride if layer.kind == "transposed" else layer.reach
    if before.size + taps * before.jump > SIZE_MOST:
        raise ValueError(f"Layer {len(below)} ({layer.words}) would see more than {SIZE_MOST} pixels.")
    if _period(below) > DIVISION_MOST:
        raise ValueError(
            f"Layer {len(below)} ({layer.words}) would divide the jump by {_period(below)}, at most {DIVISION_MOST}."
        )


def _period(below: tuple[StackLayer, ...]) -> int:
    """After so many units the fields repeat: the product of all transposed strides."""
    return math.prod(layer.stride for layer in below if layer.kind == "transposed")


def _field(
    before: Row, layer: StackLayer, below: tuple[StackLayer, ...]
) -> tuple[int, int | Fraction, float]:
    """Size, jump and start above `layer`; a transposed layer divides the jump where others multiply it."""
    half_reach = Fraction(layer.reach, 2)
    if layer.kind == "transposed":
        jump = Fraction(before.jump) / layer.stride
        start = before.start + float((layer.padding - half_reach) * jump)
    else:
        jump = Fraction(before.jump) * layer.stride
        start = before.start + float((half_reach - layer.padding) * before.jump)
    whole_jump = jump.numerator if jump.denominator == 1 else jump
    if all(each.kind != "transposed" for each in below):
        return before.size + layer.reach * int(before.jump), whole_jump, start
    return _largest_size(below), whole_jump, start


def _largest_size(below: tuple[StackLayer, ...]) -> int:
    """Largest field of any unit: above transposed layers the fields repeat after as many units as they divide."""
    extents = [read_extent(below, unit) for unit in range(_period(below))]
    return max((last - first for first, last in filter(None, extents)), default=0)
