r"""The recurrence of the receptive field with its numbers filled in, beside the two slips that are common.

r_l = r_(l-1) + d (k - 1) j_(l-1) uses the jump of the layers *before*. Using the jump after the layer's own stride,
or leaving the first stride out of the product, gives plausible and wrong sizes.
"""

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from core.formula import Formula
from core.receptive_field.layer import StackLayer

if TYPE_CHECKING:
    from core.receptive_field.stack import Row

_UNEVEN = (
    "Above a transposed layer the fields of neighbours differ; this is the largest one, counted exactly."
)


def formulas(before: "Row", layer: StackLayer, size: int) -> tuple[Formula, ...]:
    """Output height, size, jump, start, parameters and multiply-adds of `layer` on top of the row `before`.

    Args:
        size: the counted field; the recurrence is only a bound above transposed layers.
    """
    by_recurrence = _size(layer, before.size, before.jump)
    exact = by_recurrence.value == size
    return (
        _output_height(layer, before.output_hw[0]),
        by_recurrence if exact else replace(by_recurrence, value=size, note=_UNEVEN),
        _jump(layer, before.jump),
        _start(layer, before.start, before.jump),
        _parameters(layer, before.channels),
        _macs(layer, before.channels, layer.positions(before.output_hw)),
    )


def no_slips() -> tuple[Formula, ...]:
    """Both slips start from the right answer: one pixel sees itself."""
    names = ("Slip: the layer's own stride", "Slip: first stride left out")
    return tuple(Formula(name, r"r_0", "1", 1) for name in names)


def slips(before: "Row", layer: StackLayer) -> tuple[Formula, ...]:
    """What the size would be with each slip made at every layer up to `layer`."""
    own_stride, first_left_out = before.slips
    after = before.jump * _factor(layer)
    without_first = before.jump / _factor(before.below[0]) if before.below else before.jump
    return (
        _slip(own_stride, r"r_l = r_{l-1} + d(k-1)\, j_l", layer, after),
        _slip(first_left_out, r"r_l = r_{l-1} + d(k-1)\prod_{i=2}^{l-1} s_i", layer, without_first),
    )


def _factor(layer: StackLayer) -> Fraction:
    return Fraction(1, layer.stride) if layer.kind == "transposed" else Fraction(layer.stride)


def _slip(before: Formula, symbolic: str, layer: StackLayer, jump: int | Fraction) -> Formula:
    value = Fraction(before.value) + layer.reach * jump
    filled = rf"{tex(before.value)} + {layer.reach} \cdot {tex(jump)}"
    return Formula(before.name, symbolic, filled, _plain(value))


def _output_height(layer: StackLayer, n: int) -> Formula:
    k, s, p, d = layer.kernel, layer.stride, layer.padding, layer.dilation
    if layer.kind == "transposed":
        symbolic = r"h' = (h-1)s - 2p + d(k-1) + o + 1"
        filled = rf"({n}-1)\cdot {s} - 2\cdot {p} + {d}\,({k}-1) + {layer.output_padding} + 1"
        return Formula("Output height", symbolic, filled, layer.output_side(n))
    symbolic = r"h' = \left\lfloor \frac{h + 2p - d(k-1) - 1}{s} \right\rfloor + 1"
    filled = rf"\left\lfloor \frac{{{n} + 2\cdot {p} - {d}\,({k}-1) - 1}}{{{s}}} \right\rfloor + 1"
    left = (n + 2 * p - layer.reach - 1) % s
    note = f"The division is not exact: the last {left} rows are never read." if left > p else ""
    return Formula("Output height", symbolic, filled, layer.output_side(n), note)


def _size(layer: StackLayer, size: int, jump: int | Fraction) -> Formula:
    if layer.kind == "transposed":
        taps = layer.reach // layer.stride
        symbolic = r"r_l = r_{l-1} + \left\lfloor \frac{d(k-1)}{s} \right\rfloor j_{l-1}"
        filled = rf"{size} + {taps} \cdot {tex(jump)}"
        return Formula("Receptive field", symbolic, filled, _plain(size + taps * Fraction(jump)))
    symbolic = r"r_l = r_{l-1} + (k_{\mathrm{eff}} - 1)\, j_{l-1}"
    filled = rf"{size} + ({layer.reach + 1} - 1) \cdot {tex(jump)}"
    return Formula("Receptive field", symbolic, filled, _plain(size + layer.reach * Fraction(jump)))


def _jump(layer: StackLayer, jump: int | Fraction) -> Formula:
    if layer.kind == "transposed":
        return Formula("Jump", r"j_l = j_{l-1} / s", rf"{tex(jump)} / {layer.stride}", _divided(jump, layer))
    return Formula(
        "Jump", r"j_l = j_{l-1}\, s", rf"{tex(jump)} \cdot {layer.stride}", _plain(jump * layer.stride)
    )


def _start(layer: StackLayer, start: float, jump: int | Fraction) -> Formula:
    half = layer.reach / 2
    if layer.kind == "transposed":
        symbolic = r"c_l = c_{l-1} + \left(p - \tfrac{d(k-1)}{2}\right) \frac{j_{l-1}}{s}"
        filled = rf"{tex(start)} + ({layer.padding} - {tex(half)}) \cdot {tex(_divided(jump, layer))}"
        return Formula("Start", symbolic, filled, start + (layer.padding - half) * float(jump) / layer.stride)
    symbolic = r"c_l = c_{l-1} + \left(\tfrac{d(k-1)}{2} - p\right) j_{l-1}"
    filled = rf"{tex(start)} + ({tex(half)} - {layer.padding}) \cdot {tex(jump)}"
    return Formula("Start", symbolic, filled, start + (half - layer.padding) * float(jump))


def _parameters(layer: StackLayer, channels: int) -> Formula:
    value = layer.parameters(channels)
    if not layer.has_weights:
        return Formula("Parameters", "0", "0", 0, "Pooling has no weights.")
    filled = rf"({layer.kernel}^2 \cdot {channels} + 1) \cdot {layer.channels}"
    return Formula("Parameters", r"(k^2 c_{\mathrm{in}} + 1)\, c_{\mathrm{out}}", filled, value)


def _macs(layer: StackLayer, channels: int, positions: tuple[int, int]) -> Formula:
    value = layer.multiplications(channels) * positions[0] * positions[1]
    if not layer.has_weights:
        return Formula("Multiply-adds", "0", "0", 0, "Pooling multiplies nothing.")
    symbolic = r"k^2\, c_{\mathrm{in}}\, c_{\mathrm{out}}\, h\, w"
    filled = (
        rf"{layer.kernel}^2 \cdot {channels} \cdot {layer.channels} \cdot {positions[0]} \cdot {positions[1]}"
    )
    return Formula("Multiply-adds", symbolic, filled, value)


def _divided(jump: int | Fraction, layer: StackLayer) -> int | float:
    return _plain(Fraction(jump) / layer.stride)


def _plain(value: int | Fraction) -> int | float:
    """A whole number stays one; a fraction becomes a float for printing."""
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)


def tex(value: int | float | Fraction) -> str:
    r"""A number in LaTeX: 3, 0.25, \tfrac{1}{3}."""
    exact = Fraction(value).limit_denominator(10**6)
    if exact.denominator in (1, 2, 4, 8):
        return str(_plain(exact))
    return rf"\tfrac{{{exact.numerator}}}{{{exact.denominator}}}"
