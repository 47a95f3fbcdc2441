"""What it costs to look at every window: one by one, and all at once."""

from dataclasses import dataclass

from core.formula import Formula
from core.two_stage.sliding import CELLS, NETWORK, STRIDE, WINDOW, grid


@dataclass(frozen=True, slots=True)
class Cost:
    """Multiply-adds at one size of the photo.

    Args:
        hw: height and width of the photo as it is shown. windows: how many there are.
        one: of the classifier on one window. at_once: of one pass over the whole photo.
    """

    hw: tuple[int, int]
    windows: int
    one: int
    at_once: int

    @property
    def one_by_one(self) -> int:
        """Of the classifier on every window."""
        return self.windows * self.one

    @property
    def ratio(self) -> float:
        """How many times more the windows one by one take."""
        return self.one_by_one / self.at_once


def cost(hw: tuple[int, int]) -> Cost:
    """Count both ways for a photo shown at this size; the layers are counted as they were recorded."""
    from core.receptive_field.network import recording

    windows = grid(hw)[0] * grid(hw)[1]
    one = sum(step.macs for step in recording(NETWORK, (WINDOW, WINDOW)).steps)
    steps = recording(NETWORK, hw).steps
    classifier = steps[-1].macs  # of one place: the recorded network pools the whole map into one
    return Cost(hw, windows, one, sum(step.macs for step in steps[:-1]) + windows * classifier)


def windows_formula(hw: tuple[int, int]) -> Formula:
    """How many windows fit."""
    rows, columns = grid(hw)
    return Formula(
        "windows",
        r"\left(\frac{h - w}{s} + 1\right) \left(\frac{b - w}{s} + 1\right)",
        rf"\left(\frac{{{hw[0]} - {WINDOW}}}{{{STRIDE}}} + 1\right) "
        rf"\left(\frac{{{hw[1]} - {WINDOW}}}{{{STRIDE}}} + 1\right) = {rows} \cdot {columns}",
        rows * columns,
        f"Height h and breadth b of the photo as it is shown, windows of w = {WINDOW} pixels, s = {STRIDE} apart: "
        f"{CELLS} × {CELLS} cells of the last map each.",
    )


def ratio_formula(counted: Cost) -> Formula:
    """How many times more multiply-adds the windows one by one take."""
    return Formula(
        "multiply-adds, one by one over all at once",
        r"\frac{n \cdot M_\text{window}}{M_\text{photo}}",
        rf"\frac{{{counted.windows} \cdot {counted.one / 1e9:.3f}\,\text{{G}}}}"
        rf"{{{counted.at_once / 1e9:.3f}\,\text{{G}}}}",
        counted.ratio,
        "G: thousand millions. Neighbours overlap by 6/7: one by one, that part is computed again and again.",
    )
