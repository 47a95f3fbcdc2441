"""Small grids of numbers as formulas and as pictures: a kernel and its flip, an output beside another framework's."""

import numpy as np
from jaxtyping import Num, UInt8

from core.convolution import Layer, pad, wire
from core.figures.convolution import INK_LUT, Numbers

TILE = 28  # pixels on a side per number
SEAM = 2  # pixels between two tiles
PADDING_GREY = 150  # padding stands out from every colour of the scale, on a light and on a dark page


def matrix_tex(values: Num[np.ndarray, "rows columns"]) -> str:
    """The numbers as a LaTeX matrix, with at most three decimals."""
    rows = (" & ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in row) for row in values.tolist())
    return r"\begin{bmatrix}" + r" \\ ".join(rows) + r"\end{bmatrix}"


def tiles(values: Num[np.ndarray, "rows columns"], limit: float) -> UInt8[np.ndarray, "height width 4"]:
    """The numbers as coloured squares on a transparent ground, -limit blue and +limit orange, as RGBA."""
    steps = np.clip(np.rint((values / limit + 1) * 127.5), 0, 255).astype(int)
    return _squares(INK_LUT[steps])


def padded_tiles(
    layer: Layer, grid: Num[np.ndarray, "rows columns"], limit: float
) -> UInt8[np.ndarray, "height width 4"]:
    """The input as the layer pads it, in the same squares: cells that hold a constant are grey."""
    wiring = wire(layer, grid.shape)
    constant = (wiring.source < 0).reshape(wiring.padded_hw)
    values = np.where(constant, 0, pad(grid, layer, wiring))
    steps = np.clip(np.rint((values / limit + 1) * 127.5), 0, 255).astype(int)
    colours = INK_LUT[steps]
    colours[constant] = PADDING_GREY
    return _squares(colours)


def _squares(colours: UInt8[np.ndarray, "rows columns 3"]) -> UInt8[np.ndarray, "height width 4"]:
    opaque = np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)])  # [rows, columns, 4]
    picture = opaque.repeat(TILE, axis=0).repeat(TILE, axis=1)
    for seam in range(SEAM):
        picture[seam::TILE] = 0
        picture[:, seam::TILE] = 0
    return picture


def sum_in_words(numbers: Numbers, output: int) -> str:
    """One output as the sum of its products, or the largest or mean of its window: "3·1 + 0·(−2) = 3"."""
    wiring = numbers.wiring
    wires = np.flatnonzero(wiring.output == output)
    values = [_value(numbers, wire) for wire in wires.tolist()]
    result = _plain(numbers.output.ravel()[output])
    if numbers.layer.operation == "max_pool":
        return f"max({', '.join(_plain(v) for v in values)}) = {result}"
    if numbers.kernel is None and wiring.divisor is not None:
        return f"({' + '.join(_factor(v) for v in values)}) / {wiring.divisor[output]} = {result}"
    assert numbers.kernel is not None  # only a pooling has none
    weights = numbers.kernel.ravel()[wiring.weight[wires]].tolist()
    terms = [f"{_factor(v)}·{_factor(w)}" for v, w in zip(values, weights, strict=True)]
    return f"{' + '.join(terms) or '0'} = {result}"


def _value(numbers: Numbers, wire: int) -> float:
    source = numbers.wiring.input[wire]
    if source >= 0:
        return float(numbers.grid.ravel()[source])
    return -np.inf if numbers.layer.operation == "max_pool" else 0.0


def _plain(value: float) -> str:
    return "−∞" if value == -np.inf else f"{value:.4f}".rstrip("0").rstrip(".").replace("-", "−")


def _factor(value: float) -> str:
    return f"({_plain(value)})" if value < 0 else _plain(value)
