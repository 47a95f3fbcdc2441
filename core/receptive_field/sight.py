"""What the units of a map see along one axis, and how windows and branches change it.

Unit i of a map sees the pixels [first + i jump, first + i jump + size). Source: Araujo, Norris and Sim,
"Computing Receptive Fields of Convolutional Neural Networks" (Distill 2019), section "Arbitrary computation graphs".
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """Field of unit 0 as [first, first + size) in pixels, and the jump to the next unit's."""

    first: int = 0
    size: int = 1
    jump: int = 1

    @property
    def start(self) -> float:
        """Centre of the field of unit 0; pixel 0 has its centre at 0.5."""
        return self.first + self.size / 2

    def through_window(self, kernel: int, stride: int, padding: int, dilation: int) -> "Axis":
        """After a window of `kernel` elements: size + d (k - 1) jump, jump s, first - p jump."""
        size = self.size + dilation * (kernel - 1) * self.jump
        return Axis(self.first - padding * self.jump, size, self.jump * stride)


@dataclass(frozen=True, slots=True)
class Sight:
    """The field of a map's units.

    Args:
        rows, columns: the field down and across, without what gates see.
        whole_image: a gate fed by the global average (squeeze-and-excitation) lies below: every unit sees all.
        aligned: all branches below agree in their jump; if not, the field differs from unit to unit and
            rows and columns are those of the widest branch.
    """

    rows: Axis = Axis()
    columns: Axis = Axis()
    whole_image: bool = False
    aligned: bool = True


def joined(sights: list[Sight]) -> Sight:
    """The field of a sum or concatenation: the smallest interval that holds the field of every branch."""
    rows, rows_agree = _hull([sight.rows for sight in sights])
    columns, columns_agree = _hull([sight.columns for sight in sights])
    aligned = rows_agree and columns_agree and all(sight.aligned for sight in sights)
    return Sight(rows, columns, any(sight.whole_image for sight in sights), aligned)


def _hull(axes: list[Axis]) -> tuple[Axis, bool]:
    if len({axis.jump for axis in axes}) > 1:
        return max(axes, key=lambda axis: axis.size), False
    first = min(axis.first for axis in axes)
    last = max(axis.first + axis.size for axis in axes)
    return Axis(first, last - first, axes[0].jump), True
