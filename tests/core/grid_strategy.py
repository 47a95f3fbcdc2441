"""Grids and boxes inside their photo, for the property tests of what a cell is taught."""

from hypothesis import strategies as st

from core.detection.grid import Box, Grid

ANCHORS = ((10.0, 13.0), (64.0, 32.0), (116.0, 90.0), (373.0, 326.0))  # height, width in pixels


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    photo = draw(st.tuples(st.integers(20, 2000), st.integers(20, 2000)))
    return Grid(draw(st.integers(1, 20)), draw(st.integers(1, 20)), photo)


@st.composite
def boxes_in(draw: st.DrawFn, grid: Grid) -> Box:
    """Any box in the photo, often one that touches its edge or is centred on a border of cells."""
    height, width = grid.photo_hw
    across, down = (
        draw(_side(pixels, cells)) for pixels, cells in ((width, grid.columns), (height, grid.rows))
    )
    return across[0], down[0], across[1], down[1]


def _side(pixels: int, cells: int) -> st.SearchStrategy[tuple[float, float]]:
    edges = st.floats(0, pixels)
    free = st.tuples(edges, edges).map(sorted).filter(lambda ends: ends[1] - ends[0] >= 0.01).map(tuple)
    touching = st.sampled_from([(0.0, pixels / 2), (pixels / 3, float(pixels)), (0.0, float(pixels))])
    if cells == 1:
        return free | touching
    border = st.integers(1, cells - 1).map(lambda index: index * pixels / cells)
    return free | touching | border.map(lambda middle: _around(middle, pixels))


def _around(middle: float, pixels: int) -> tuple[float, float]:
    half = min(middle, pixels - middle) / 2
    return middle - half, middle + half
