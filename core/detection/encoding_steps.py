"""The arithmetic behind a target, line by line with its numbers filled in, for a page to show."""

import math
from dataclasses import dataclass

from core.detection.encoding import Target, reference_hw, symbol
from core.detection.recipes import RECIPES
from core.formula import Formula

NEVER = (
    "No finite number brings the sigmoid to 0, so the centre is approached and never reached; training compares the "
    "sigmoid itself with the offset and goes on."
)


@dataclass(frozen=True, slots=True)
class _Axis:
    """The words of one direction, and where its numbers lie: in boxes at `low`, in (height, width) at `of_hw`."""

    position: str
    side: str
    ends: tuple[str, str]
    line: str
    length: str
    low: int
    of_hw: int


ACROSS = _Axis("x", "w", ("left", "right"), "column", "width", 0, 1)
DOWN = _Axis("y", "h", ("top", "bottom"), "row", "height", 1, 0)


def steps(target: Target) -> tuple[Formula, ...]:
    """From pixels to the four numbers: three lines for x, two for w, three for y and two for h, in this order."""
    return tuple(line for axis in (ACROSS, DOWN) for line in (*_position(target, axis), *_size(target, axis)))


def _position(target: Target, axis: _Axis) -> tuple[Formula, ...]:
    """Centre in cells, its offset in the responsible cell, and how the recipe writes the offset."""
    recipe, grid, name = RECIPES[target.recipe], target.grid, axis.position
    low, high = target.box[axis.low], target.box[axis.low + 2]
    cells, pixels = (grid.rows, grid.columns)[axis.of_hw], grid.photo_hw[axis.of_hw]
    in_cells = (low + high) / 2 * cells / pixels
    index = target.cell[axis.of_hw]
    learnt = target.x if axis is ACROSS else target.y
    first, last = axis.ends
    return (
        Formula(
            f"centre {name} in cells",
            rf"\hat{{{name}}} = \frac{{\text{{{first}}} + \text{{{last}}}}}{{2}} \cdot "
            r"\frac{\text{cells}}{\text{pixels}}",
            rf"\frac{{{tex(low)} + {tex(high)}}}{{2}} \cdot \frac{{{cells}}}{{{pixels}}}",
            in_cells,
        ),
        Formula(
            f"offset in {axis.line} {index}",
            rf"u_{name} = \hat{{{name}}} - \text{{{axis.line}}}",
            f"{tex(in_cells)} - {index}",
            in_cells - index,
        ),
        Formula(
            f"{name} of the target",
            f"{symbol(recipe, name)} = {recipe.position.formula.replace('VALUE', f'u_{name}')}",
            recipe.position.formula.replace("VALUE", tex(in_cells - index)),
            learnt,
            "" if math.isfinite(learnt) else NEVER,
        ),
    )


def _size(target: Target, axis: _Axis) -> tuple[Formula, ...]:
    """The side as a ratio to the cell's, the photo's or the anchor's, and how the recipe writes the ratio."""
    recipe, side = RECIPES[target.recipe], axis.side
    length = target.box[axis.low + 2] - target.box[axis.low]
    reference = reference_hw(recipe, target.grid, target.anchor_hw)[axis.of_hw]
    return (
        Formula(
            f"{axis.length} by the {recipe.reference}'s",
            rf"r_{side} = \frac{{{side}}}{{{side}_\text{{{recipe.reference}}}}}",
            rf"\frac{{{tex(length)}}}{{{tex(reference)}}}",
            length / reference,
        ),
        Formula(
            f"{side} of the target",
            f"{symbol(recipe, side)} = {recipe.size.formula.replace('VALUE', f'r_{side}')}",
            recipe.size.formula.replace("VALUE", tex(length / reference)),
            target.w if axis is ACROSS else target.h,
        ),
    )


def tex(number: float) -> str:
    r"""A number in LaTeX to five digits, 1.5 \cdot 10^{-7}, in brackets below 0 so that it can stand anywhere."""
    text = f"{number:.5g}"
    if "e" in text:
        digits, power = text.split("e")
        text = rf"{digits} \cdot 10^{{{int(power)}}}"
    return f"({text})" if number < 0 else text
