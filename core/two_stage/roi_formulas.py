"""The arithmetic of a region on a map, with the numbers filled in."""

from core.formula import Formula
from core.two_stage.roi import Rounded


def roi_formulas(laid: Rounded, edge_px: float, stride: int, pixels_per_cell: float) -> tuple[Formula, ...]:
    """The left edge in cells, the same rounded, and what the worst edge is off by on the photo.

    Args:
        edge_px: the left edge in pixels of the trunk's input. stride: input pixels for a cell.
        pixels_per_cell: of the photo, across.
    """
    exact = laid.exact[0]
    return (
        Formula(
            "left edge, cells",
            r"x / \text{stride}",
            rf"{edge_px:.1f} / {stride} = {exact:.3f}",
            exact,
            "RoIAlign goes on with this, less half a cell: a cell's value belongs to its middle.",
        ),
        Formula(
            "left edge of RoIPool",
            r"\text{round}(x / \text{stride})",
            rf"\text{{round}}({exact:.3f}) = {laid.edges[0]}",
            laid.edges[0],
        ),
        Formula(
            "the worst edge is off by, pixels of the photo",
            r"\max |\text{rounded} - \text{exact}| \cdot \text{pixels per cell}",
            rf"{laid.lost:.3f} \cdot {pixels_per_cell:.1f} = {laid.lost * pixels_per_cell:.1f}",
            laid.lost * pixels_per_cell,
            "The right and lower cells count as in, so these edges move up to a cell and a half.",
        ),
    )
