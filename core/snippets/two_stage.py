"""A few lines that reproduce the numbers of selective search; they leave their answer in `result`."""


def search(scale: float, use: tuple[str, ...]) -> str:
    """The proposals of the app's own search, and how the first merge's colour similarity comes about."""
    return f"""import numpy as np
from core.two_stage.selective_search import search

# photo: [height, width, 3], uint8
found = search(photo, scale={scale:g}, use={use})
merge = found.merges[0]
one, other = found.regions[merge.first], found.regions[merge.second]
shares = [region.colour / region.colour.sum() for region in (one, other)]  # {{hue, saturation, value}} x 25 bins
colour = np.minimum(*shares).sum()
assert np.isclose(colour, merge.alike.colour)
result = found.boxes  # left, top, right, bottom: the most promising first
"""
