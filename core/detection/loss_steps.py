"""YOLOv1's loss of one cell with the numbers filled in, and predictions that are wrong by as much as one likes.

Source: see `core.detection.loss_parts`.
"""

from dataclasses import dataclass

import numpy as np

from core.detection.grid import Box, Cell
from core.detection.loss_parts import (
    COORDINATES_WEIGHT,
    NO_OBJECT_WEIGHT,
    LossParts,
    PredictedGrid,
    TargetGrid,
)
from core.formula import Formula

BOXES = 2  # of every cell, as in the paper
TITLES = {
    "coordinates": "place",
    "sizes": "size",
    "objectness": "confidence with an object",
    "no_object": "confidence without",
    "classes": "class",
}
_OTHER = (0.5, 0.5, 0.5, 0.5)  # the second box: in the middle of its cell, a quarter of the photo


@dataclass(frozen=True, slots=True)
class Guess:
    """How far the predictions of cells with an object are off, and what all cells claim.

    Args:
        across, down: added to x and y, in cells, -1 to 1.
        wider, higher: factors of width and height, over 0, at most 4.
        confidence: of the first box of a cell with an object. other: of its second box.
        empty: of both boxes of a cell without one.
        right: the share of the right class; the rest is spread over the others. All of them 0 to 1.

    Raises: ValueError for a value outside.
    """

    across: float = 0.15
    down: float = -0.1
    wider: float = 1.3
    higher: float = 0.8
    confidence: float = 0.6
    other: float = 0.1
    empty: float = 0.1
    right: float = 0.7

    def __post_init__(self) -> None:
        for name in ("across", "down"):
            if not -1 <= getattr(self, name) <= 1:
                raise ValueError(f"The shift {name} is -1 to 1 cells, got {getattr(self, name):g}.")
        for name in ("wider", "higher"):
            if not 0 < getattr(self, name) <= 4:
                raise ValueError(f"The factor {name} is over 0, at most 4, got {getattr(self, name):g}.")
        for name in ("confidence", "other", "empty", "right"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"The value {name} is 0 to 1, got {getattr(self, name):g}.")


def predicted(target: TargetGrid, guess: Guess) -> PredictedGrid:
    """A prediction that is off by the guess in every cell with an object."""
    has = target.has_object
    boxes = np.zeros((*has.shape, BOXES, 5))
    boxes[..., :4] = _OTHER
    boxes[..., 4] = np.where(has, guess.other, guess.empty)[..., None]
    moved = target.boxes[has] * [1, 1, np.sqrt(guess.wider), np.sqrt(guess.higher)]  # [objects, 4]
    boxes[has, 0, :4] = moved + np.array([guess.across, guess.down, 0, 0])
    boxes[has, 0, 4] = guess.confidence
    count = target.classes.shape[-1]
    rest = (1 - guess.right) / (count - 1) if count > 1 else 0.0
    classes = np.where(target.classes > 0, guess.right, rest)
    return PredictedGrid(boxes, np.where(has[..., None], classes, 1 / count))


def box_in_pixels(
    numbers: np.ndarray, cell: Cell, grid_hw: tuple[int, int], photo_hw: tuple[int, int]
) -> Box:
    """Left, top, right, bottom in pixels of x, y and the roots of w and h, as a cell (row, column) says them."""
    x, y, wide, high = (float(each) for each in numbers[:4])
    (rows, columns), (height, width) = grid_hw, photo_hw
    middle_x, middle_y = (cell[1] + x) * width / columns, (cell[0] + y) * height / rows
    half_w, half_h = wide**2 * width / 2, high**2 * height / 2
    return middle_x - half_w, middle_y - half_h, middle_x + half_w, middle_y + half_h


def cell_formulas(
    target: TargetGrid, said: PredictedGrid, parts: LossParts, cell: Cell
) -> tuple[Formula, ...]:
    """The five parts of a cell with an object; of a cell without one, the only part that counts there."""
    mine = int(parts.responsible[cell])
    values = {part: float(getattr(parts, part)[cell]) for part in TITLES}
    idle = [float(each) for each in np.delete(said.boxes[cell][:, 4], mine if mine >= 0 else [])]
    without = Formula(
        TITLES["no_object"],
        rf"{NO_OBJECT_WEIGHT:g} \sum_{{\text{{idle boxes}}}} \hat C^2",
        rf"{NO_OBJECT_WEIGHT:g}\,({' + '.join(rf'{each:.3g}^2' for each in idle)})",
        values["no_object"],
        "Boxes that are not responsible should claim nothing; half weight, because they are so many.",
    )
    if mine < 0:
        return (without,)
    x, y, w, h = target.boxes[cell].tolist()
    x_said, y_said, w_said, h_said, confidence = said.boxes[cell][mine].tolist()
    overlap = float(parts.ious[cell])
    classes = zip(target.classes[cell].tolist(), said.classes[cell].tolist(), strict=True)
    return (
        Formula(
            TITLES["coordinates"],
            rf"{COORDINATES_WEIGHT:g}\left[(x - \hat x)^2 + (y - \hat y)^2\right]",
            rf"{COORDINATES_WEIGHT:g}\left[({x:.3f} - {_n(x_said)})^2 + ({y:.3f} - {_n(y_said)})^2\right]",
            values["coordinates"],
            "In parts of a cell; five times, or the many empty cells would drown it.",
        ),
        Formula(
            TITLES["sizes"],
            rf"{COORDINATES_WEIGHT:g}\left[(\sqrt w - \sqrt{{\hat w}})^2 + (\sqrt h - \sqrt{{\hat h}})^2\right]",
            rf"{COORDINATES_WEIGHT:g}\left[({w:.3f} - {_n(w_said)})^2 + ({h:.3f} - {_n(h_said)})^2\right]",
            values["sizes"],
            "Roots of parts of the photo: the same error costs more on a small box.",
        ),
        Formula(
            TITLES["objectness"],
            r"(\text{IoU} - \hat C)^2",
            rf"({overlap:.3f} - {confidence:.3g})^2",
            values["objectness"],
            f"Box {mine + 1} of {BOXES} overlaps the object most: it is responsible, and should say its own IoU.",
        ),
        without,
        Formula(
            TITLES["classes"],
            r"\sum_c (p_c - \hat p_c)^2",
            " + ".join(rf"({right:g} - {share:.3g})^2" for right, share in classes),
            values["classes"],
        ),
    )


def total_formula(parts: LossParts) -> Formula:
    """The loss of the photo: the five parts, each summed over all cells."""
    return Formula(
        "loss of the photo",
        r"\sum_{\text{cells}} \sum_{\text{parts}} \ell",
        " + ".join(f"{value:.3f}" for value in parts.sums.values()),
        parts.total,
    )


def _n(value: float) -> str:
    return f"{value:.3f}" if value >= 0 else f"({value:.3f})"
