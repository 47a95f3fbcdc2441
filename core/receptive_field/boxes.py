"""The box of pixels that a unit depends on, and how much of it is padding."""

from typing import Protocol, runtime_checkable

Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in pixels, half-open, may leave the picture


@runtime_checkable
class Mapped(Protocol):
    """A row of a table: a map whose units read known intervals (`Row` of a stack, `LayerField` of a network)."""

    @property
    def output_hw(self) -> tuple[int, int]: ...

    def interval(self, axis: int, i: int) -> tuple[float, float]: ...


def unit_box(row: Mapped, unit: tuple[int, int]) -> Box:
    """The pixels that a unit (row, column) depends on: [start + i j - r/2, start + i j + r/2) on each axis.

    Above a transposed layer the fields of neighbours differ and the indices are followed down instead. The box
    is not clipped: what leaves the picture is padding. A unit that reads no pixel at all (a transposed kernel
    smaller than its stride) gets the empty box at its centre.

    Returns: x1, y1, x2, y2 in pixels, half-open.
    Raises: ValueError if the map has no such unit.
    """
    if not all(0 <= i < n for i, n in zip(unit, row.output_hw, strict=True)):
        raise ValueError(f"The unit lies in the {row.output_hw[0]} x {row.output_hw[1]} map, got {unit}.")
    (y1, y2), (x1, x2) = (row.interval(axis, i) for axis, i in enumerate(unit))
    return x1, y1, x2, y2


def padding_share(box: Box, input_hw: tuple[int, int]) -> float:
    """Share of the box's area that lies outside the picture, 0 to 1; 0 for an empty box."""
    x1, y1, x2, y2 = box
    area = (x2 - x1) * (y2 - y1)
    if area <= 0:
        return 0.0
    inside_x = max(0.0, min(x2, input_hw[1]) - max(x1, 0.0))
    inside_y = max(0.0, min(y2, input_hw[0]) - max(y1, 0.0))
    return 1.0 - inside_x * inside_y / area
