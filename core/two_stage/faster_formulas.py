"""The arithmetic of Faster R-CNN with the numbers filled in."""

import math

import numpy as np

from core.formula import Formula
from core.two_stage.faster_anchors import RATIOS, Level
from core.two_stage.faster_coding import LARGEST, SECOND, Weights, decode, level_of

Four = tuple[float, float, float, float]


def count_formula(levels: tuple[Level, ...]) -> Formula:
    """How many anchors there are."""
    terms = [rf"{each.rows} \cdot {each.columns} \cdot {len(each.base)}" for each in levels]
    return Formula(
        "anchors",
        r"\sum_\text{levels} \text{rows} \cdot \text{columns} \cdot \text{kinds}",
        r"\\ +\, ".join(terms),
        sum(each.count for each in levels),
    )


def shape_formula(size: int, ratio: float) -> Formula:
    """Height of an anchor, before it is rounded to whole pixels."""
    height, width = size * math.sqrt(ratio), size / math.sqrt(ratio)
    return Formula(
        "height of the anchor, pixels",
        r"h = s \sqrt{r}, \quad w = s / \sqrt{r}",
        rf"{size} \sqrt{{{ratio:g}}} = {height:.1f}, \quad w = {width:.1f}",
        height,
        f"Size s = {size}: every ratio r = h / w of {', '.join(f'{each:g}' for each in RATIOS)} has the area s².",
    )


def level_formula(box: Four, k_least: int, k_most: int) -> Formula:
    """Which level a proposal is read from."""
    width, height = box[2] - box[0], box[3] - box[1]
    k = int(level_of([box], k_least, k_most)[0])
    raw = 4 + math.log2(math.sqrt(width * height) / 224)
    cut = "" if k == math.floor(raw + 1e-6) else f" There are levels {k_least} to {k_most}: cut to {k}."
    return Formula(
        "level k",
        r"k = \left\lfloor 4 + \log_2 \frac{\sqrt{w h}}{224} \right\rfloor",
        rf"\left\lfloor 4 + \log_2 \frac{{\sqrt{{{width:.0f} \cdot {height:.0f}}}}}{{224}} \right\rfloor"
        rf" = \lfloor {raw:.3f} \rfloor",
        k,
        f"Its map has {2**k} pixels between cells.{cut}",
    )


def coding_formulas(numbers: Four, anchor: Four, weights: Weights = SECOND) -> tuple[Formula, ...]:
    """From four numbers to the box: middle and size, in pixels of the scaled photo."""
    left, top, right, bottom = (
        float(each) for each in decode(np.array([numbers]), np.array([anchor]), weights)[0]
    )
    w_a, h_a = anchor[2] - anchor[0], anchor[3] - anchor[1]
    x_a, y_a = anchor[0] + w_a / 2, anchor[1] + h_a / 2
    return (
        _middle("x", "w", x_a, w_a, numbers[0], weights[0], (left + right) / 2),
        _middle("y", "h", y_a, h_a, numbers[1], weights[1], (top + bottom) / 2),
        _size("w", w_a, numbers[2], weights[2], right - left),
        _size("h", h_a, numbers[3], weights[3], bottom - top),
    )


def _middle(
    axis: str, side: str, at: float, length: float, number: float, weight: float, value: float
) -> Formula:
    return Formula(
        f"middle {axis}, pixels",
        rf"{axis} = {axis}_a + \frac{{t_{axis}}}{{{weight:g}}} {side}_a",
        rf"{at:.1f} + \frac{{{number:.3f}}}{{{weight:g}}} \cdot {length:.1f}",
        value,
    )


def _size(side: str, length: float, number: float, weight: float, value: float) -> Formula:
    cut = number / weight > LARGEST
    return Formula(
        f"{'width' if side == 'w' else 'height'}, pixels",
        rf"{side} = {side}_a\, e^{{t_{side} / {weight:g}}}",
        rf"{length:.1f} \cdot e^{{{min(number / weight, LARGEST):.3f}}}",
        value,
        f"The exponent is cut at log(1000 / 16) = {LARGEST:.2f}." if cut else "",
    )
