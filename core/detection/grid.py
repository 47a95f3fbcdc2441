"""The grid that a one-stage detector lays over the photo: one row of predictions for every cell.

A box is left, top, right, bottom in pixels of the photo; sizes are (height, width); a cell is (row, column). The row
comes from y and the column from x. Source: Redmon et al., "You Only Look Once", 2016, section 2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.detection.boxes import Boxes, checked

Box = tuple[float, float, float, float]
Cell = tuple[int, int]
THINNEST = 1e-3  # pixels; a box without width or height has no logarithm
MOST_CELLS, MOST_PIXELS = 1000, 1_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows x columns of equal cells over a photo.

    Args:
        rows, columns: 1 to 1,000 each; YOLOv1 has 7 and 7, the Coursera course 3 and 3 or 19 and 19.
        photo_hw: height and width of the photo in pixels.

    Raises: ValueError for a size out of range.
    """

    rows: int
    columns: int
    photo_hw: tuple[int, int]

    def __post_init__(self) -> None:
        for name, cells in (("rows", self.rows), ("columns", self.columns)):
            if not 1 <= cells <= MOST_CELLS:
                raise ValueError(f"A grid must have 1 to {MOST_CELLS} {name}, got {cells}.")
        if len(self.photo_hw) != 2 or not all(1 <= side <= MOST_PIXELS for side in self.photo_hw):
            raise ValueError(f"A photo must have 1 to {MOST_PIXELS:,} pixels a side, got {self.photo_hw}.")

    @property
    def cell_hw(self) -> tuple[float, float]:
        """Height and width of a cell in pixels; where they are one whole number it is the network's stride."""
        return self.photo_hw[0] / self.rows, self.photo_hw[1] / self.columns

    def cells_from_top_left(self, y: float, x: float) -> tuple[float, float]:
        """A point in cells, (rows from the top, columns from the left), with fractions."""
        height, width = self.photo_hw
        return y * self.rows / height, x * self.columns / width

    def cell_at(self, y: float, x: float) -> Cell:
        """The cell that a point lies in; a point on a border belongs to the cell below or to the right of it.

        A point on the photo's own bottom or right edge, behind which there is no cell, belongs to the last one.
        """
        down, across = self.cells_from_top_left(y, x)
        return _within(int(down), self.rows), _within(int(across), self.columns)

    def inside(self, boxes: ArrayLike) -> Boxes:
        """The boxes as float64 [n, 4], every one inside the photo and at least a thousandth of a pixel thick.

        Raises: ValueError naming the first box that is not.
        """
        array = checked(boxes)
        height, width = self.photo_hw
        for row, (left, top, right, bottom) in enumerate(array.tolist()):
            if left < 0 or top < 0 or right > width or bottom > height:
                raise ValueError(
                    f"A box must lie inside the photo of {width} x {height} pixels, "
                    f"got left {left:g}, top {top:g}, right {right:g}, bottom {bottom:g} as box {row}."
                )
            if min(right - left, bottom - top) < THINNEST:
                raise ValueError(
                    f"A box must be at least {THINNEST:g} pixels wide and high, "
                    f"got {right - left:g} x {bottom - top:g} as box {row}."
                )
        return array

    def box_of(self, cell: Cell) -> Box:
        """Left, top, right, bottom of a cell in pixels."""
        (row, column), (height, width) = self.checked_cell(cell), self.cell_hw
        return column * width, row * height, (column + 1) * width, (row + 1) * height

    def checked_cell(self, cell: Cell) -> Cell:
        """The same cell; ValueError where the grid has none."""
        row, column = cell
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            raise ValueError(
                f"A cell must be a row below {self.rows} and a column below {self.columns}, got {cell}."
            )
        return cell


def centres(boxes: Boxes) -> np.ndarray:
    """[n, 4] -> [n, 2], the centre of each box as y, x in pixels."""
    return (boxes[:, [1, 0]] + boxes[:, [3, 2]]) / 2


def sizes(boxes: Boxes) -> np.ndarray:
    """[n, 4] -> [n, 2], height and width of each box in pixels."""
    return boxes[:, [3, 2]] - boxes[:, [1, 0]]


def _within(index: int, cells: int) -> int:
    return min(max(index, 0), cells - 1)
