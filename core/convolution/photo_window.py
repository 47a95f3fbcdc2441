"""One output of a filter bank on a photo, term by term: its window, its products, and what ReLU and pooling make of it.

Everything is read from the few pixels concerned, so that a click is answered without filtering the photo again.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8

from core.convolution.layer import Layer
from core.convolution.photo_layer import CHANNELS, PhotoLayer
from core.formula import Formula


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """One output of a filter, term by term.

    Args:
        unit: (row, column) in the convolution's output.
        rows, columns: the input row and column of each tap, -1 where the padding holds a constant zero.
        box: x0, y0, x1, y1 of the window in input pixels; it may reach outside the photo.
        values, weights, products: per channel and tap.
        sums: the products added up per channel.
        bias: what is added at the end.
        total: sum of the sums, plus the bias.
    """

    unit: tuple[int, int]
    rows: Int[np.ndarray, " kh"]
    columns: Int[np.ndarray, " kw"]
    box: tuple[int, int, int, int]
    values: Float[np.ndarray, "3 kh kw"]
    weights: Float[np.ndarray, "3 kh kw"]
    products: Float[np.ndarray, "3 kh kw"]
    sums: Float[np.ndarray, " 3"]
    bias: float
    total: float


def window_at(
    layer: PhotoLayer, pixels: UInt8[np.ndarray, "height width 3"], unit: tuple[int, int], index: int = 0
) -> Window:
    """The arithmetic of one output of one filter, read from the photo alone.

    Raises:
        ValueError: the unit lies outside the output.
    """
    height, width = pixels.shape[:2]
    output_hw = layer.window.output_hw((height, width))
    if not all(0 <= place < size for place, size in zip(unit, output_hw, strict=True)):
        raise ValueError(f"The unit must lie in an output of {output_hw}, got {unit}.")
    rows, columns = (_taps(layer.window, axis, unit[axis], pixels.shape[axis]) for axis in (0, 1))
    inside = (rows >= 0)[:, None] & (columns >= 0)  # [kh, kw]
    values = np.where(inside, np.moveaxis(pixels[np.ix_(rows, columns)], -1, 0), 0).astype(np.float64)
    mix = (1.0, 1.0, 1.0) if layer.mix is None else layer.mix
    weights = np.array(mix)[:, None, None] * np.array(layer.kernels[index])  # [3, kh, kw]
    products = values * weights
    return Window(
        unit=unit,
        rows=rows,
        columns=columns,
        box=_box(layer.window, unit),
        values=values,
        weights=weights,
        products=products,
        sums=products.sum(axis=(1, 2)),
        bias=layer.bias,
        total=float(products.sum()) + layer.bias,
    )


def unit_of_pixel(layer: PhotoLayer, input_hw: tuple[int, int], pixel: tuple[int, int]) -> tuple[int, int]:
    """The convolution's output whose window has its centre nearest to an input pixel."""
    output_hw = layer.window.output_hw(input_hw)
    return tuple(_nearest_unit(layer.window, axis, pixel[axis], output_hw[axis]) for axis in (0, 1))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One value of a layer's output, from the convolution's outputs that it comes from.

    Args:
        place: (row, column) in the layer's output.
        windows: those outputs, term by term: one, or all that the pooling looks at.
        responses: their values, [maps, windows]: one map, or one per colour channel.
        activated: the same after the ReLU, if the layer has one.
        values: what leaves the layer, [maps].
        chosen: which of the windows is written out: the first map's largest for max pooling, else the first.
    """

    place: tuple[int, int]
    windows: tuple[Window, ...]
    responses: Float[np.ndarray, "maps windows"]
    activated: Float[np.ndarray, "maps windows"]
    values: Float[np.ndarray, " maps"]
    chosen: int


def outcome_at(
    layer: PhotoLayer, pixels: UInt8[np.ndarray, "height width 3"], place: tuple[int, int]
) -> Outcome:
    """How one value of the layer's output comes about; ValueError when it lies outside the output."""
    windows = tuple(window_at(layer, pixels, unit) for unit in _pooled_units(layer, place))
    if layer.mix is None:
        responses = np.stack([window.sums + window.bias for window in windows], axis=1)
    else:
        responses = np.array([[window.total for window in windows]])
    activated = np.maximum(responses, 0) if layer.relu else responses
    largest = layer.pooling is not None and layer.pooling.operation == "max_pool"
    return Outcome(
        place=place,
        windows=windows,
        responses=responses,
        activated=activated,
        values=activated.max(axis=1) if largest else activated.mean(axis=1),
        chosen=int(activated[0].argmax()) if largest else 0,
    )


def outcome_formulas(layer: PhotoLayer, outcome: Outcome) -> tuple[Formula, ...]:
    """ReLU and pooling of one output as formulas, one per map; empty when the layer has neither."""
    if not layer.relu and layer.pooling is None:
        return ()
    names = CHANNELS if layer.mix is None else ("",)
    return tuple(_formula(layer, outcome, index, name) for index, name in enumerate(names))


def _formula(layer: PhotoLayer, outcome: Outcome, index: int, name: str) -> Formula:
    symbols = [f"y_{{{place}}}" for place in range(1, len(outcome.windows) + 1)]
    numbers = [f"{value:.4g}" for value in outcome.responses[index]]
    if layer.relu:
        symbols = [rf"\max(0, {symbol})" for symbol in symbols]
        numbers = [rf"\max(0, {number})" for number in numbers]
    steps = "ReLU" if layer.pooling is None else "ReLU and pooling" if layer.relu else "pooling"
    return Formula(
        name=f"{steps}, {name}".removesuffix(", "),
        symbolic=_pooled(
            layer, [symbols[0], r"\dots", symbols[-1]] if len(symbols) > 2 else symbols, len(symbols)
        ),
        filled=_pooled(layer, numbers, len(symbols)),
        value=float(outcome.values[index]),
    )


def _pooled(layer: PhotoLayer, terms: list[str], count: int) -> str:
    if layer.pooling is None:
        return terms[0]
    if layer.pooling.operation == "max_pool":
        return rf"\max\left({', '.join(terms)}\right)"
    return rf"\frac{{1}}{{{count}}}\left({' + '.join(terms)}\right)"


def _pooled_units(layer: PhotoLayer, place: tuple[int, int]) -> list[tuple[int, int]]:
    """The convolution's outputs that one value of the layer's output comes from, row by row."""
    if layer.pooling is None:
        return [place]
    rows, columns = (
        [place[axis] * layer.pooling.stride[axis] + tap for tap in range(layer.pooling.kernel[axis])]
        for axis in (0, 1)
    )
    return [(row, column) for row in rows for column in columns]


def place_of_pixel(layer: PhotoLayer, input_hw: tuple[int, int], pixel: tuple[int, int]) -> tuple[int, int]:
    """The value of the layer's output that belongs to an input pixel: its window's centre is nearest."""
    unit = unit_of_pixel(layer, input_hw, pixel)
    if layer.pooling is None:
        return unit
    rows, columns = layer.output_hw(input_hw)
    down, across = layer.pooling.stride
    return min(unit[0] // down, rows - 1), min(unit[1] // across, columns - 1)


def _taps(window: Layer, axis: int, place: int, n: int) -> Int[np.ndarray, " taps"]:
    """Along one axis, the input cell each tap reads; -1 where the padding holds zero."""
    cells = place * window.stride[axis] - window.sides(axis)[0]
    cells = cells + np.arange(window.kernel[axis]) * window.dilation[axis]
    match window.mode:
        case "replicate":
            return np.clip(cells, 0, n - 1)
        case "circular":
            return cells % n
        case "reflect":
            cells = np.abs(cells)
            return np.where(cells >= n, 2 * (n - 1) - cells, cells)
        case _:
            return np.where((cells >= 0) & (cells < n), cells, -1)


def _box(window: Layer, unit: tuple[int, int]) -> tuple[int, int, int, int]:
    top, left = (unit[axis] * window.stride[axis] - window.sides(axis)[0] for axis in (0, 1))
    high, wide = (window.dilation[axis] * (window.kernel[axis] - 1) + 1 for axis in (0, 1))
    return left, top, left + wide, top + high


def _nearest_unit(window: Layer, axis: int, cell: int, units: int) -> int:
    middle = window.dilation[axis] * (window.kernel[axis] - 1) / 2
    place = round((cell + window.sides(axis)[0] - middle) / window.stride[axis])
    return min(max(place, 0), units - 1)
