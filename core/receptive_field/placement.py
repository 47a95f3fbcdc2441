r"""Where on the picture a unit's field lies: the unit nearest to a pixel, and its box with the numbers filled in.

Unit i of an axis sees [start + i j - r/2, start + i j + r/2) (Araujo, Norris and Sim, Distill 2019, equation 3).
"""

from core.formula import Formula
from core.receptive_field.boxes import Mapped, padding_share, unit_box
from core.receptive_field.recurrence import tex


def nearest_unit(row: Mapped, pixel: tuple[int, int]) -> tuple[int, int]:
    """The unit (row, column) whose field's centre lies nearest to the centre of `pixel` (row, column)."""
    return _nearest(row, 0, pixel[0]), _nearest(row, 1, pixel[1])


def _nearest(row: Mapped, axis: int, pixel: int) -> int:
    return min(range(row.output_hw[axis]), key=lambda i: abs(sum(row.interval(axis, i)) / 2 - (pixel + 0.5)))


def box_formulas(row: Mapped, unit: tuple[int, int], input_hw: tuple[int, int]) -> tuple[Formula, Formula]:
    """The left edge of the unit's box, and the share of the box that is only padding.

    Args:
        unit: row and column in the map.
        input_hw: height and width of the picture.
    """
    return _left_edge(row, unit[1]), _padding(row, unit, input_hw)


def _left_edge(row: Mapped, column: int) -> Formula:
    left, right = row.interval(1, column)
    start = sum(row.interval(1, 0)) / 2
    jump = (sum(row.interval(1, 1)) / 2 - start) if row.output_hw[1] > 1 else 0.0
    filled = rf"{tex(start)} + {column} \cdot {tex(jump)} - \tfrac{{{tex(right - left)}}}{{2}}"
    note = "" if left >= 0 else "Negative: it lies in the padding, left of the picture."
    return Formula("Left edge of the box", r"x_1 = c_0 + i\,j - \tfrac{r}{2}", filled, left, note)


def _padding(row: Mapped, unit: tuple[int, int], input_hw: tuple[int, int]) -> Formula:
    x1, y1, x2, y2 = box = unit_box(row, unit)
    across = max(0.0, min(x2, input_hw[1]) - max(x1, 0.0))
    down = max(0.0, min(y2, input_hw[0]) - max(y1, 0.0))
    filled = rf"1 - \frac{{{tex(across)} \cdot {tex(down)}}}{{{tex(x2 - x1)} \cdot {tex(y2 - y1)}}}"
    symbolic = r"1 - \frac{\mathrm{area\ inside}}{\mathrm{area\ of\ the\ box}}"
    return Formula(
        "Share of the box that is only padding", symbolic, filled, round(padding_share(box, input_hw), 4)
    )
