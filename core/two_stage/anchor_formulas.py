"""The arithmetic of anchors, steps and levels, with the numbers filled in."""

import math

from core.formula import Formula
from core.two_stage.anchors import CANONICAL_LEVEL, CANONICAL_PX, Design, decode, level_of


def grids(hw: tuple[int, int], design: Design) -> tuple[tuple[int, int], ...]:
    """Rows and columns of each map, of an input padded to a multiple of 32 pixels."""
    padded = [-(-round(side) // 32) * 32 for side in hw]
    return tuple((-(-padded[0] // stride), -(-padded[1] // stride)) for stride in design.strides)


def count_formula(hw: tuple[int, int], design: Design) -> Formula:
    """How many anchors there are on an input of this height and width."""
    counts = [
        (rows, columns, len(sizes) * len(design.ratios))
        for (rows, columns), sizes in zip(grids(hw, design), design.sizes, strict=True)
    ]
    total = sum(rows * columns * each for rows, columns, each in counts)
    filled = " + ".join(rf"{rows} \cdot {columns} \cdot {each}" for rows, columns, each in counts)
    return Formula(
        "anchors in all",
        r"\sum_{\text{maps}} \text{rows} \cdot \text{columns} \cdot \text{anchors}",
        rf"{filled} = {total:,}".replace(",", r"\,"),
        total,
        "Each gets an objectness and four steps.",
    )


def shape_formula(size: int, ratio: float) -> Formula:
    """The width of an anchor; its height is the size squared over it."""
    width = size / math.sqrt(ratio)
    return Formula(
        "width of the anchor, before rounding",
        r"s / \sqrt{r}",
        rf"{size} / \sqrt{{{ratio:g}}} = {width:.1f}",
        width,
        f"Its height is {size * math.sqrt(ratio):.1f}: all shapes of one size have the same area.",
    )


def step_formulas(anchor: tuple[float, ...], steps: tuple[float, ...]) -> tuple[Formula, ...]:
    """Centre x and width of the box that the steps lead to; y and height go alike."""
    left, _, right, _ = anchor
    width, centre = right - left, (left + right) / 2
    box = decode([anchor], [steps])[0]
    x, w = float(box[0] + box[2]) / 2, float(box[2] - box[0])
    return (
        Formula(
            "centre x of the box",
            "x_a + t_x w_a",
            rf"{centre:.0f} + {steps[0]:g} \cdot {width:.0f} = {x:.1f}",
            x,
        ),
        Formula(
            "width of the box",
            r"w_a\, e^{t_w}",
            rf"{width:.0f} \cdot e^{{{steps[2]:g}}} = {w:.1f}",
            w,
            "As a factor, a step of one size means the same for large and small anchors.",
        ),
    )


def level_formula(box: tuple[float, ...], design: Design) -> Formula:
    """Which map a region is cut from."""
    width, height = box[2] - box[0], box[3] - box[1]
    low, high = design.levels[0], design.levels[-1]
    level = int(level_of([box], low, high)[0])
    side = math.sqrt(width * height)
    value = CANONICAL_LEVEL + math.log2(side / CANONICAL_PX) if side else -math.inf
    cut = "" if math.isfinite(value) and math.floor(value + 1e-6) == level else rf" \rightarrow {level}"
    shown = f"{math.floor(value + 1e-6)}" if math.isfinite(value) else r"-\infty"
    return Formula(
        "level of the pyramid",
        rf"\lfloor {CANONICAL_LEVEL} + \log_2 (\sqrt{{w h}} / {CANONICAL_PX}) \rfloor",
        rf"\lfloor {CANONICAL_LEVEL} + \log_2 ({side:.0f} / {CANONICAL_PX}) \rfloor = {shown}{cut}",
        level,
        f"This network cuts regions from the levels {low} to {high}."
        if low != high
        else f"This network cuts all regions from maps of level {low}.",
    )
