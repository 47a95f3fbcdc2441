"""Every multiplication of a layer, listed: which output reads which input with which weight.

Convolution, transposed convolution and pooling are all separable in *where* they read, so one table per axis
(output x tap -> cell) says everything; their product is the list. A transposed convolution is the same list read
the other way round (Dumoulin & Visin 2016, section 4.1).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, Num

from core.convolution.layer import NUMPY_MODES, Layer
from core.convolution.pooling import divisors


@dataclass(frozen=True, slots=True, eq=False)
class AxisWiring:
    """The wires along one axis.

    Args:
        taps: the padded cell that each tap of each output reads, or -1 where there is none.
        source: the input that each padded cell holds, or -1 where it holds a constant.
        uses: by how many outputs each input is read; an output that reads it twice counts once.
    """

    taps: Int[np.ndarray, "outputs kernel"]
    source: Int[np.ndarray, " padded"]
    uses: Int[np.ndarray, " inputs"]


@dataclass(frozen=True, slots=True, eq=False)
class Wiring:
    """The wires of a layer on an input of one size, sorted by output and, within one output, by weight.

    Flat indices count row by row.

    Args:
        output: output each wire feeds.
        cell: cell of the padded input it reads; for a transposed convolution a cell of the input itself.
        weight: position in the kernel it multiplies by.
        input_hw, padded_hw, output_hw: sizes (rows, columns).
        source: per padded cell, the input it holds, or -1 where the padding holds a constant.
        uses: per input, how many outputs read it, padding made of it included.
        unread_rows, unread_columns: input rows and columns that no output reads.
        rows, columns: the wires of each axis; every pair of one of the rows' and one of the columns' is a wire.
        divisor: what an average pooling divides each output by; None for the other operations.
    """

    output: Int[np.ndarray, " wires"]
    cell: Int[np.ndarray, " wires"]
    weight: Int[np.ndarray, " wires"]
    input_hw: tuple[int, int]
    padded_hw: tuple[int, int]
    output_hw: tuple[int, int]
    source: Int[np.ndarray, " padded_cells"]
    uses: Int[np.ndarray, "height width"]
    unread_rows: tuple[int, ...]
    unread_columns: tuple[int, ...]
    rows: AxisWiring
    columns: AxisWiring
    divisor: Int[np.ndarray, " outputs"] | None = None

    @property
    def input(self) -> Int[np.ndarray, " wires"]:
        """Per wire, the input whose value it carries, or -1 where that is a constant."""
        return self.source[self.cell]


def wire(layer: Layer, input_hw: tuple[int, int]) -> Wiring:
    """Lists every multiplication of `layer` on an input of `input_hw`.

    In ceil mode the part of a window beyond the padding has no wires. Wires of a transposed convolution that its
    padding crops away are left out.

    Raises:
        ValueError: the layer does not fit on this input.
    """
    rows, columns = (axis_wiring(layer, axis, input_hw[axis]) for axis in (0, 1))
    output, cell, weight = _cross(rows.taps, columns.taps, len(columns.source))
    source_row, source_column = rows.source[:, None], columns.source  # [ph, 1], [pw]
    source = np.where((source_row < 0) | (source_column < 0), -1, source_row * input_hw[1] + source_column)
    return Wiring(
        output=output,
        cell=cell,
        weight=weight,
        input_hw=input_hw,
        padded_hw=(len(rows.source), len(columns.source)),
        output_hw=(len(rows.taps), len(columns.taps)),
        source=source.ravel(),
        uses=np.outer(rows.uses, columns.uses),
        unread_rows=_zeros(rows.uses),
        unread_columns=_zeros(columns.uses),
        rows=rows,
        columns=columns,
        divisor=divisors(layer, input_hw).ravel() if layer.operation == "avg_pool" else None,
    )


def axis_wiring(layer: Layer, axis: int, n: int) -> AxisWiring:
    """The wires along one axis (0 vertical, 1 horizontal) of `n` inputs; ValueError when the layer does not fit."""
    outputs = layer.output_size(n, axis)
    source = _sources(layer, axis, n)
    taps = _taps(layer, axis, outputs, len(source))
    return AxisWiring(taps, source, _uses(taps, source, n))


def pad(grid: Num[np.ndarray, "h w"], layer: Layer, wiring: Wiring) -> Num[np.ndarray, "ph pw"]:
    """The padded grid that `wiring.cell` counts in; constant cells are 0, or minus infinity for a max pooling."""
    constant = -np.inf if layer.operation == "max_pool" else 0
    values = np.append(grid, constant)[wiring.source]  # source -1 picks the constant at the end
    return values.reshape(wiring.padded_hw)


def winners(wiring: Wiring, padded: Num[np.ndarray, "ph pw"]) -> Int[np.ndarray, " outputs"]:
    """Per output of a max pooling, the wire that wins: the first of the largest, as PyTorch picks it."""
    values = padded.ravel()[wiring.cell]
    first = np.searchsorted(wiring.output, np.arange(wiring.output_hw[0] * wiring.output_hw[1]))
    largest = np.maximum.reduceat(values, first)
    wins = np.flatnonzero(values == largest[wiring.output])
    return wins[np.searchsorted(wiring.output[wins], np.arange(len(first)))]


def _taps(layer: Layer, axis: int, outputs: int, cells: int) -> Int[np.ndarray, "outputs taps"]:
    stride, dilation = layer.stride[axis], layer.dilation[axis]
    reach = np.arange(layer.kernel[axis]) * dilation  # [taps]
    if layer.operation != "transposed":
        cell = np.arange(outputs)[:, None] * stride + reach  # [outputs, taps]
        return np.where(cell < cells, cell, -1)
    target = np.arange(outputs)[:, None] + layer.sides(axis)[0] - reach  # [outputs, taps], cell * stride
    cell, rest = np.divmod(target, stride)
    return np.where((rest == 0) & (cell >= 0) & (cell < cells), cell, -1)


def _sources(layer: Layer, axis: int, n: int) -> Int[np.ndarray, " cells"]:
    if layer.operation == "transposed":
        return np.arange(n)
    if layer.mode == "zeros":
        return np.pad(np.arange(n), layer.sides(axis), constant_values=-1)
    return np.pad(np.arange(n), layer.sides(axis), mode=NUMPY_MODES[layer.mode])


def _cross(rows: np.ndarray, columns: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Joins the two tables of taps: flat (output, cell, weight) of every wire."""
    (h, kh), (w, kw) = rows.shape, columns.shape
    row, column = rows[:, None, :, None], columns[None, :, None, :]  # [h, 1, kh, 1], [1, w, 1, kw]
    cell = np.where((row >= 0) & (column >= 0), row * width + column, -1).reshape(h * w, kh * kw)
    output, weight = np.nonzero(cell >= 0)
    return output, cell[output, weight], weight


def _uses(taps: np.ndarray, source: np.ndarray, n: int) -> Int[np.ndarray, " n"]:
    reads = np.zeros((len(taps), n + 1), bool)  # the last column collects the constants
    place = np.where(taps >= 0, source[taps], -1)
    reads[np.arange(len(taps))[:, None], place] = True
    return reads[:, :n].sum(axis=0)


def _zeros(counts: np.ndarray) -> tuple[int, ...]:
    return tuple(np.flatnonzero(counts == 0).tolist())
