"""One small layer as data for the Numbers component: every value, every colour and every wire, ready to be looked up.

The wires of a convolution, a transposed convolution or a pooling are the product of one table per axis
(Dumoulin & Visin 2016, section 2), so two short tables stand for the tens of thousands of single multiplications.
"""

import base64
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, Num, UInt8

from core.convolution import AxisWiring, Layer, Wiring, pad, run, winners, wire
from core.figures.palette import MAGNITUDE_LUT, SIGNED_LUT, as_hex, signed_limit

VEIL = 4  # rows and columns of the grid of question marks: the same whatever the output's size
DIGITS = 6  # decimals that travel to the browser, which shows four
INK_LUT = SIGNED_LUT[
    np.rint(np.linspace(46, 209, 256)).astype(int)
]  # without the dark ends: numbers stand on it
GREY_LUT = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)  # [256, 3]
NO_COLOUR = -1
_CELL = re.compile(r"(?P<panel>input|kernel|output)\.(?P<row>-?\d{1,3})\.(?P<column>-?\d{1,3})", re.ASCII)
_SIGNS = {"convolution": "⋆", "transposed": "×"}  # cross-correlation; every input times the kernel

Data = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """One layer worked through on one grid.

    Args:
        layer: its settings.
        grid: the input.
        kernel: its weights; None for a pooling.
        wiring: every multiplication.
        output: the result.
    """

    layer: Layer
    grid: Num[np.ndarray, "height width"]
    kernel: Num[np.ndarray, "kh kw"] | None
    wiring: Wiring
    output: Num[np.ndarray, "oh ow"]


def work_through(
    layer: Layer, grid: Num[np.ndarray, "height width"], kernel: Num[np.ndarray, "kh kw"] | None = None
) -> Numbers:
    """Run the layer and list its wires; a pooling leaves the kernel aside."""
    weights = None if layer.pools else kernel
    return Numbers(layer, grid, weights, wire(layer, grid.shape), run(layer, grid, weights))


def component_data(
    numbers: Numbers,
    *,
    photo: bool = False,
    veiled: bool = False,
    matrix: Float[np.ndarray, "outputs inputs"] | None = None,
    pin: Data | None = None,
) -> Data:
    """Everything the Numbers component draws, as plain lists.

    Args:
        photo: the grid holds grey levels 0..255 of a photo and is drawn in grey.
        veiled: leave out the output, its size and everything that follows from it.
        matrix: the layer as a matrix, drawn beneath; None leaves it out.
        pin: the cell whose sum stays in sight, from `find_cell`.
    """
    rows, columns = axis_tables(numbers) if not veiled else (_table(None), _table(None))
    return {
        "operation": numbers.layer.operation,
        "veiled": veiled,
        "sign": _SIGNS.get(numbers.layer.operation, "→"),
        "scales": _scales(photo),
        "input": _input(numbers, photo, veiled),
        "kernel": _kernel(numbers),
        "output": _veil() if veiled else _output(numbers),
        "rows": rows,
        "columns": columns,
        "matrix": None if veiled or matrix is None else _matrix(matrix),
        "pin": None if veiled else pin,
    }


def find_cell(numbers: Numbers, name: str) -> Data | None:
    """The cell with this name: "output.1.5" is row 1, column 5 of the output; None where there is no such cell.

    Rows and columns of the input count from its own first number, so that padding, which stands before it, is
    negative and a name means the same number whatever the padding.
    """
    match = _CELL.fullmatch(name)
    if match is None:
        return None
    panel = match["panel"]
    shapes = {
        "input": numbers.wiring.padded_hw,
        "kernel": numbers.layer.kernel,
        "output": numbers.output.shape,
    }
    before = _first(numbers) if panel == "input" else (0, 0)
    row, column = (int(match[axis]) - first for axis, first in zip(("row", "column"), before, strict=True))
    rows, columns = shapes[panel]
    if not (0 <= row < rows and 0 <= column < columns):
        return None
    return {"panel": panel, "index": row * columns + column}


def axis_tables(numbers: Numbers) -> tuple[Data, Data]:
    """The wires of the rows and those of the columns: every pair of the two is one wire of the layer.

    Returns:
        Per axis the lists "output", "cell" and "weight", equally long: indices along that axis.
    """
    return _table(numbers.wiring.rows), _table(numbers.wiring.columns)


def _table(axis: AxisWiring | None) -> Data:
    if axis is None:
        return {"output": [], "cell": [], "weight": []}
    output, weight = np.nonzero(axis.taps >= 0)
    cell = axis.taps[output, weight]
    return {"output": output.tolist(), "cell": cell.tolist(), "weight": weight.tolist()}


def _input(numbers: Numbers, photo: bool, veiled: bool) -> Data:
    wiring = numbers.wiring
    padded = pad(numbers.grid, numbers.layer, wiring)
    size = _size(wiring.input_hw)
    if wiring.padded_hw != wiring.input_hw:
        size += f", padded to {_size(wiring.padded_hw)}"
    own = _own_cells(numbers)
    kinds = np.where(own, "", "pad").astype("<U6")
    uses = np.full(wiring.padded_hw, NO_COLOUR)
    uses[own] = wiring.uses.ravel()
    if not veiled:
        kinds[uses == 0] = "unread"
    return _grid(padded, "grey" if photo else "signed") | {
        "what": "Input",
        "size": size,
        "first": list(_first(numbers)),
        "source": wiring.source.tolist(),
        "kinds": kinds.ravel().tolist(),
        "editable": True,
        "counts": None if veiled else _counts(uses, "outputs"),
    }


def _own_cells(numbers: Numbers) -> np.ndarray:
    """Which cells of the padded grid are the input itself: not padding, not copies of it either."""
    own = np.zeros(numbers.wiring.padded_hw, bool)
    top, left = (-first for first in _first(numbers))
    height, width = numbers.wiring.input_hw
    own[top : top + height, left : left + width] = True
    return own


def _first(numbers: Numbers) -> tuple[int, int]:
    """Row and column of the padded grid's first cell, counted from the input's own first number."""
    top, _, left, _ = (0, 0, 0, 0) if numbers.layer.operation == "transposed" else numbers.layer.padding
    return -top, -left


def _kernel(numbers: Numbers) -> Data:
    words = {"what": "Kernel", "size": _size(numbers.layer.kernel), "first": [0, 0], "counts": None}
    if numbers.kernel is not None:
        return _grid(numbers.kernel, "signed") | words | {"named": True, "editable": True}
    word = "Max" if numbers.layer.operation == "max_pool" else "Mean"
    blank = _grid(np.zeros(numbers.layer.kernel), "signed")
    blank |= {
        "values": [""] * len(blank["values"]),
        "shade": [NO_COLOUR] * len(blank["shade"]),
        "range": [0, 0],
    }
    return blank | words | {"what": f"{word} window", "named": False, "editable": False}


def _output(numbers: Numbers) -> Data:
    wiring = numbers.wiring
    reads = np.bincount(wiring.output[wiring.input >= 0], minlength=numbers.output.size)
    data = _grid(numbers.output, "signed") | {
        "what": "Output",
        "size": _size(numbers.output.shape),
        "first": [0, 0],
        "editable": False,
        "counts": _counts(reads.reshape(numbers.output.shape), "inputs"),
    }
    if numbers.layer.operation == "max_pool":
        padded = pad(numbers.grid, numbers.layer, wiring)
        data["winners"] = wiring.cell[winners(wiring, padded)].tolist()
    if wiring.divisor is not None:
        data["divisors"] = wiring.divisor.tolist()
    return data


def _veil() -> Data:
    cells = VEIL * VEIL
    return {
        "rows": VEIL,
        "columns": VEIL,
        "values": ["?"] * cells,
        "shade": [NO_COLOUR] * cells,
        "kinds": ["veil"] * cells,
        "scale": "signed",
        "range": [0, 0],
        "what": "Output",
        "size": "? × ?",
        "first": [0, 0],
        "editable": False,
        "counts": None,
    }


def _grid(values: Num[np.ndarray, "rows columns"], scale: str) -> Data:
    """Values and their places 0..255 on the colour scale; minus infinity is None and has no colour."""
    finite = np.isfinite(values)
    known = np.where(finite, values, 0)
    low, high = (0.0, 255.0) if scale == "grey" else (-signed_limit(known), signed_limit(known))
    shade = np.where(finite, _steps(known, low, high), NO_COLOUR)
    return {
        "rows": values.shape[0],
        "columns": values.shape[1],
        "values": _rounded(known, finite),
        "shade": shade.ravel().tolist(),
        "scale": scale,
        "range": [_short(low), _short(high)],
    }


def _rounded(values: Num[np.ndarray, "rows columns"], shown: Bool[np.ndarray, "rows columns"]) -> list:
    """The values as they travel, row by row; None where there is nothing to show."""
    short = np.round(values, DIGITS).ravel() + 0.0  # no minus before a zero
    numbers = short.astype(int).tolist() if (short == np.rint(short)).all() else short.tolist()
    if shown.all():
        return numbers
    return [number if seen else None for number, seen in zip(numbers, shown.ravel().tolist(), strict=True)]


def _counts(counts: Int[np.ndarray, "rows columns"], unit: str) -> Data:
    """Counts for the heat map; NO_COLOUR marks the cells that are not counted."""
    most = int(counts.max(initial=1))
    shade = np.where(counts >= 0, _steps(counts, 0, most), NO_COLOUR)
    return {
        "values": [count if count >= 0 else "" for count in counts.ravel().tolist()],
        "shade": shade.ravel().tolist(),
        "range": [0, most],
        "unit": unit,
    }


def _matrix(matrix: Float[np.ndarray, "outputs inputs"]) -> Data:
    limit = signed_limit(matrix)
    shade = _steps(matrix, -limit, limit).astype(np.uint8)
    return {
        "rows": matrix.shape[0],
        "columns": matrix.shape[1],
        "shade": base64.b64encode(shade.tobytes()).decode("ascii"),
    }


def _steps(
    values: Num[np.ndarray, "*shape"], low: float | int, high: float | int
) -> Int[np.ndarray, "*shape"]:
    """Places 0..255 on a scale from low to high."""
    return np.clip(np.rint((values - low) * (255 / ((high - low) or 1))), 0, 255).astype(int)


@cache
def _scale(name: str) -> Data:
    lut = {"signed": INK_LUT, "magnitude": MAGNITUDE_LUT, "grey": GREY_LUT}[name]
    return {"colours": as_hex(lut), "ink": "".join("1" if dark else "0" for dark in _dark_ink(lut))}


def _scales(photo: bool) -> Data:
    return {name: _scale(name) for name in ("signed", "magnitude", *(("grey",) if photo else ()))}


def _dark_ink(lut: UInt8[np.ndarray, "256 3"]) -> list[bool]:
    """Where dark text is easier to read than white: relative luminance above 0.179 (WCAG 2.2, contrast ratio)."""
    share = lut / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return (linear @ [0.2126, 0.7152, 0.0722] > 0.179).tolist()


def _short(value: float) -> float | int:
    rounded = round(value, DIGITS)
    return int(rounded) if rounded == int(rounded) else rounded


def _size(hw: tuple[int, ...]) -> str:
    return f"{hw[0]} × {hw[1]}"
