"""The arithmetic from a cell's numbers to its box, with the numbers filled in."""

import math

from core.detection.boxes import Overlap
from core.detection.detector import Seen
from core.detection.layout import cells
from core.formula import Formula


def cell_formulas(seen: Seen, cell: int) -> tuple[Formula, ...]:
    """Centre, size and score of one cell: four numbers in pixels of the input, and one from 0 to 1."""
    column, row, stride = (int(each) for each in cells(seen.side)[cell])
    x, y, w, h, objectness = (float(each) for each in seen.raw[cell, :5])
    best = float(seen.raw[cell, 5:].max())
    return (
        _centre("centre x, pixels of the input", "x", "column", column, x, stride),
        _centre("centre y, pixels of the input", "y", "row", row, y, stride),
        _size("width, pixels of the input", "w", w, stride),
        _size("height, pixels of the input", "h", h, stride),
        Formula(
            "score",
            r"\text{objectness} \cdot P(\text{class})",
            rf"{objectness:.3f} \cdot {best:.3f} = {objectness * best:.3f}",
            objectness * best,
            "Both have been through a sigmoid of their own.",
        ),
    )


def photo_formula(seen: Seen, value: float) -> Formula:
    """From pixels of the input back to pixels of the photo: the letterbox undone."""
    scale = seen.box.scale
    return Formula(
        "centre x, pixels of the photo",
        r"c_x / s",
        rf"{value:.1f} / {scale:.4g} = {value / scale:.1f}",
        value / scale,
        "s is how much the photo was scaled to fit into the square.",
    )


def _centre(name: str, symbol: str, along: str, place: int, offset: float, stride: int) -> Formula:
    value = (place + offset) * stride
    return Formula(
        name,
        rf"c_{symbol} = (\text{{{along}}} + {symbol}) \cdot \text{{stride}}",
        rf"({place} {offset:+.3f}) \cdot {stride} = {value:.1f}",
        value,
    )


def _size(name: str, symbol: str, log: float, stride: int) -> Formula:
    value = math.exp(log) * stride
    return Formula(
        name,
        rf"{symbol} = e^{{{symbol}'}} \cdot \text{{stride}}",
        rf"e^{{{log:.3f}}} \cdot {stride} = {value:.1f}",
        value,
    )


def iou_formula(pair: Overlap, threshold: float, name: str) -> Formula:
    """Intersection over union of two boxes, and what the threshold makes of it."""
    kept = "not over" if pair.iou <= threshold else "over"
    return Formula(
        name,
        r"\text{IoU} = \frac{I}{A + B - I}",
        rf"\frac{{{pair.intersection_area:,.0f}}}{{{pair.union_area:,.0f}}} = {pair.iou:.4f}".replace(
            ",", r"{,}"
        ),
        pair.iou,
        f"{pair.iou:.4f} is {kept} {threshold:g}. Areas in square pixels of the photo.",
    )
