"""The target of one object in one cell: what a detector's numbers would have to be for the box to come out right.

A network never predicts pixels. `encode` says what it is taught instead, in the units of each recipe, and `decode`
turns such numbers back into a box. The two are exact inverses; `core.detection.encoding_steps` shows the arithmetic.
Sources: see `core.detection.recipes`.
"""

import math
from dataclasses import dataclass

from core.detection.grid import Box, Cell, Grid, centres, sizes
from core.detection.recipes import RECIPES, Recipe

Hw = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Target:
    """What one cell is taught about one object.

    Args:
        recipe: a key of `RECIPES`.
        grid, cell: the cell that is responsible, (row, column).
        anchor_hw: height and width of the anchor in pixels; None for recipes without.
        box: the object, left, top, right, bottom in pixels.
        x, y, w, h: the four numbers in the recipe's own units. x or y is minus infinity where YOLOv2 would need the
            sigmoid to be 0: for a centre on its cell's border.
        label, classes: which of how many classes it is.
    """

    recipe: str
    grid: Grid
    cell: Cell
    anchor_hw: Hw | None
    box: Box
    x: float
    y: float
    w: float
    h: float
    label: int = 0
    classes: int = 1

    @property
    def entries(self) -> tuple[tuple[str, float], ...]:
        """The whole target in the recipe's order as (LaTeX symbol, value): objectness, box and one class after another.

        The course puts objectness first (p, b_x, b_y, b_h, b_w, c_1 ...), the others put it behind the box.
        """
        recipe = RECIPES[self.recipe]
        position = [(symbol(recipe, axis), value) for axis, value in (("x", self.x), ("y", self.y))]
        size = [(symbol(recipe, axis), value) for axis, value in (("w", self.w), ("h", self.h))]
        one_hot = [(f"c_{{{index + 1}}}", float(index == self.label)) for index in range(self.classes)]
        if recipe.height_first:
            return (("p", 1.0), *position, *size[::-1], *one_hot)
        return (*position, *size, ("p", 1.0), *one_hot)


def encode(
    recipe: str,
    box: Box,
    grid: Grid,
    *,
    anchor_hw: Hw | None = None,
    cell: Cell | None = None,
    label: int = 0,
    classes: int = 1,
) -> Target:
    """The target of one object.

    Args:
        recipe: a key of `RECIPES`.
        box: left, top, right, bottom in pixels, inside the photo.
        grid: over the photo.
        anchor_hw: height and width of the anchor in pixels, for "yolo_v2" and "yolo_v5" only.
        cell: (row, column) that is responsible; None for the one of the centre. YOLOv5 also teaches neighbours, and
            YOLOX whichever cells predict the object best.
        label, classes: class number, from 0, and how many there are.

    Raises: ValueError for a box outside the photo, an anchor that is missing or not wanted, a class that does not
        exist, and a cell or anchor from which the recipe cannot reach the box.
    """
    rules = checked_recipe(recipe)
    if not 0 <= label < classes:
        raise ValueError(f"A class must be a number from 0 to {classes - 1}, got {label}.")
    array = grid.inside([box])
    y, x = (float(value) for value in centres(array)[0])
    height, width = (float(value) for value in sizes(array)[0])
    row, column = grid.cell_at(y, x) if cell is None else grid.checked_cell(cell)
    down, across = grid.cells_from_top_left(y, x)
    reference = reference_hw(rules, grid, anchor_hw)
    return Target(
        recipe,
        grid,
        (row, column),
        anchor_hw,
        box,
        rules.position.written(across - column),
        rules.position.written(down - row),
        rules.size.written(width / reference[1]),
        rules.size.written(height / reference[0]),
        label,
        classes,
    )


def decode(
    recipe: str,
    numbers: tuple[float, float, float, float],
    cell: Cell,
    grid: Grid,
    *,
    anchor_hw: Hw | None = None,
) -> Box:
    """The box that a cell predicts with the numbers x, y, w, h: left, top, right, bottom in pixels.

    It may reach beyond the photo: nothing in a network keeps it inside. Raises ValueError as `encode` does, and for
    numbers that give no finite box.
    """
    rules = checked_recipe(recipe)
    row, column = grid.checked_cell(cell)
    cell_height, cell_width = grid.cell_hw
    reference = reference_hw(rules, grid, anchor_hw)
    try:
        x, y = (
            (place + rules.position.decode(n)) for place, n in zip((column, row), numbers[:2], strict=True)
        )
        w, h = (rules.size.decode(n) for n in numbers[2:])
    except OverflowError:
        w = h = x = y = math.inf
    across, down = x * cell_width, y * cell_height
    half_w, half_h = w * reference[1] / 2, h * reference[0] / 2
    box = (across - half_w, down - half_h, across + half_w, down + half_h)
    if not all(map(math.isfinite, box)):
        raise ValueError(f"The numbers of a box must give finite pixels, got {numbers}.")
    return box


def decode_target(target: Target) -> Box:
    """The box of a target, back from its four numbers; equal to the object's but for rounding."""
    numbers = target.x, target.y, target.w, target.h
    return decode(target.recipe, numbers, target.cell, target.grid, anchor_hw=target.anchor_hw)


def checked_recipe(recipe: str) -> Recipe:
    """The recipe of that name; ValueError for another."""
    if recipe not in RECIPES:
        raise ValueError(f"A recipe must be one of {', '.join(RECIPES)}, got {recipe}.")
    return RECIPES[recipe]


def reference_hw(recipe: Recipe, grid: Grid, anchor_hw: Hw | None) -> Hw:
    """Height and width in pixels of what the box's size is compared with."""
    if recipe.reference != "anchor":
        if anchor_hw is not None:
            raise ValueError(f"{recipe.title} must be used without an anchor, got {anchor_hw}.")
        return grid.cell_hw if recipe.reference == "cell" else grid.photo_hw
    if anchor_hw is None or len(anchor_hw) != 2 or not all(0 < side < math.inf for side in anchor_hw):
        raise ValueError(f"{recipe.title} must have an anchor of two sides longer than 0, got {anchor_hw}.")
    return anchor_hw


def symbol(recipe: Recipe, axis: str) -> str:
    """LaTeX name of the number for x, y, w or h."""
    rule = recipe.position if axis in "xy" else recipe.size
    return rule.symbol.replace("AXIS", axis)
