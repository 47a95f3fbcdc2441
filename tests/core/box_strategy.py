"""Boxes to test with: drawn by hypothesis, with and without area, and random scenes of them."""

import numpy as np
from hypothesis import strategies as st

WHOLE = st.integers(-20, 20).map(float)
FRACTION = st.floats(-1000, 1000, allow_nan=False, width=32)


@st.composite
def one_box(draw: st.DrawFn, side: st.SearchStrategy[float] = WHOLE, least: float = 0.0) -> tuple[float, ...]:
    """Left, top, right, bottom, with sides of at least `least`."""
    (left, right), (top, bottom) = (sorted((draw(side), draw(side))) for _ in range(2))
    return left, top, max(right, left + least), max(bottom, top + least)


def boxes(side: st.SearchStrategy[float] = WHOLE, *, least: float = 0.0, most: int = 8) -> st.SearchStrategy:
    """Lists of 0 to `most` boxes."""
    return st.lists(one_box(side, least), max_size=most)


def scene(count: int, seed: int, *, objects: int = 0, side: int = 640) -> tuple[np.ndarray, np.ndarray]:
    """Random boxes [count, 4] and scores; with `objects`, crowded around that many as a detector's are."""
    random = np.random.default_rng(seed)
    if objects:
        of = random.integers(0, objects, count)
        sizes = (40 + random.random((objects, 2)) * 160)[of]
        centres = (random.random((objects, 2)) * side)[of] + random.normal(size=(count, 2)) * sizes * 0.12
        sizes = sizes * np.exp(random.normal(size=(count, 2)) * 0.15)
    else:
        centres, sizes = random.random((count, 2)) * side, 8 + random.random((count, 2)) * 120
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1), random.random(count)
