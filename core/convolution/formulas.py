"""The output size as a formula with the numbers filled in, and in words what an inexact division leaves out."""

from functools import lru_cache

from core.convolution.arithmetic import effective_kernel, remainder
from core.convolution.layer import Layer
from core.convolution.wiring import axis_wiring
from core.formula import Formula

_SIZES = ("output height", "output width")
_CELLS = ("row", "column")
_SYMBOLS = (("h", "h_o", "p_t + p_b"), ("w", "w_o", "p_l + p_r"))


def size_formulas(layer: Layer, input_hw: tuple[int, int]) -> tuple[Formula, Formula]:
    """Height and width of the output of `layer`; ValueError when it does not fit."""
    return size_formula(layer, input_hw, 0), size_formula(layer, input_hw, 1)


@lru_cache(maxsize=256)
def size_formula(layer: Layer, input_hw: tuple[int, int], axis: int) -> Formula:
    """Rows (axis 0) or columns (axis 1) of the output, as in `arithmetic.output_size` and its relatives.

    The note explains the rounding of an inexact division and counts the rows that are never read.
    """
    make = _transposed if layer.operation == "transposed" else _windows
    symbolic, filled = make(layer, input_hw[axis], axis)
    return Formula(
        name=_SIZES[axis],
        symbolic=symbolic,
        filled=filled,
        value=layer.output_hw(input_hw)[axis],
        note=_note(layer, input_hw, axis),
    )


def _windows(layer: Layer, n: int, axis: int) -> tuple[str, str]:
    size, out, paddings = _SYMBOLS[axis]
    before, after = layer.sides(axis)
    kernel, stride, dilation = layer.kernel[axis], layer.stride[axis], layer.dilation[axis]
    way = "ceil" if layer.ceil_mode else "floor"
    frame = rf"\left\l{way} \frac{{%s}}{{%s}} \right\r{way} + 1"
    symbolic = frame % (f"{size} + {paddings} - d\\,(k - 1) - 1", "s")
    filled = frame % (rf"{n} + {before} + {after} - {dilation} \cdot ({kernel} - 1) - 1", stride)
    dropped = _dropped(layer, n, axis)
    return f"{out} = {symbolic}" + " - 1" * dropped, filled + " - 1" * dropped


def _transposed(layer: Layer, n: int, axis: int) -> tuple[str, str]:
    size, out, paddings = _SYMBOLS[axis]
    before, after = layer.sides(axis)
    kernel, stride, dilation = layer.kernel[axis], layer.stride[axis], layer.dilation[axis]
    symbolic = rf"{out} = ({size} - 1)\,s - ({paddings}) + d\,(k - 1) + p_o + 1"
    filled = (
        rf"({n} - 1) \cdot {stride} - ({before} + {after}) + {dilation} \cdot ({kernel} - 1) "
        rf"+ {layer.output_padding[axis]} + 1"
    )
    return symbolic, filled


def _note(layer: Layer, input_hw: tuple[int, int], axis: int) -> str:
    n = input_hw[axis]
    unread = axis_wiring(layer, axis, n).uses == 0  # [n]
    if layer.operation == "transposed":
        return " ".join(filter(None, (_ambiguity(layer, axis), _cropped(int(unread.sum()), axis))))
    left_over = 0 if layer.ceil_mode else max(_remainder(layer, n, axis) - layer.sides(axis)[1], 0)
    at_end = int(unread[max(n - left_over, 0) :].sum())
    rounding = _rounding(layer, n, axis, left_over, at_end)
    return " ".join(filter(None, (rounding, _skipped(int(unread.sum()) - at_end, axis))))


def _rounding(layer: Layer, n: int, axis: int, left_over: int, at_end: int) -> str:
    rest = _remainder(layer, n, axis)
    if not rest:
        return ""
    start = f"The division leaves a remainder of {rest}: it is rounded"
    if _dropped(layer, n, axis):
        return f"{start} up, and the last window is dropped because it would start behind the input."
    if layer.ceil_mode:
        return f"{start} up, and the last window reaches beyond the padded input."
    if at_end:
        return f"{start} down, and {_count(at_end, axis)} never read."
    if left_over:
        return f"{start} down, and what that leaves out is read elsewhere, as padding."
    return f"{start} down, and only padding is left out."


def _skipped(count: int, axis: int) -> str:
    return f"{_count(count, axis)} skipped between the taps and windows." if count else ""


def _cropped(count: int, axis: int) -> str:
    return f"{_count(count, axis)} without effect: all it feeds is cropped away." if count else ""


def _ambiguity(layer: Layer, axis: int) -> str:
    stride, extra = layer.stride[axis], layer.output_padding[axis]
    if stride == 1:
        return ""
    return (
        f"A convolution with stride {stride} maps {stride} sizes to this input; "
        f"the output padding, {extra}, picks one of them."
    )


def _remainder(layer: Layer, n: int, axis: int) -> int:
    return remainder(n, layer.kernel[axis], layer.stride[axis], layer.sides(axis), layer.dilation[axis])


def _dropped(layer: Layer, n: int, axis: int) -> bool:
    """Whether rounding up gave a window more than there is, see `arithmetic.output_size`."""
    room = n + sum(layer.sides(axis)) - effective_kernel(layer.kernel[axis], layer.dilation[axis])
    return layer.ceil_mode and layer.output_size(n, axis) < -(-room // layer.stride[axis]) + 1


def _count(count: int, axis: int) -> str:
    return f"{count} {_CELLS[axis]} is" if count == 1 else f"{count} {_CELLS[axis]}s are"
