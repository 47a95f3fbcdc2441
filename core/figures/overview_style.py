"""The first page's pictures of style transfer: made styles, a mixing desk, and shuffled places."""

import numpy as np
from jaxtyping import UInt8

from core.figures.overview import HEIGHT, WIDTH, svg, wide
from core.figures.style_run import colour_of
from core.photo import Photo
from core.style.pictures import STYLES, style_picture
from core.style.recipe import Recipe

Picture = UInt8[np.ndarray, "432 768 3"]
COLUMNS, _GAP = 4, 8
CELL = 48
_LINE = "#c3ccd8"
_FADERS = (0.55, 0.8, 0.35, 0.65, 0.45, 0.25)
"""Where the knobs of the drawing stand: an example, and no measurement."""


def styles_picture() -> Picture:
    """The made styles, side by side; no photo goes through a network for it, which a class would wait for."""
    side = WIDTH // COLUMNS
    rows = HEIGHT // side
    out = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for place, name in enumerate(tuple(STYLES)[: rows * COLUMNS]):
        row, column = divmod(place, COLUMNS)
        tile = style_picture(name, side - _GAP)
        top, left = row * side + (HEIGHT - rows * side) // 2 + _GAP // 2, column * side + _GAP // 2
        out[top : top + side - _GAP, left : left + side - _GAP] = tile
    return out


def desk_svg() -> str:
    """Faders as on a mixing desk: one for the content, one for each style layer, in the colours of their curves."""
    names = list(Recipe().parts)
    top, bottom, between = 60, HEIGHT - 60, WIDTH / (len(names) + 1)
    shapes = []
    for place, (name, share) in enumerate(zip(names, _FADERS, strict=True), start=1):
        x, y, colour = place * between, bottom - share * (bottom - top), colour_of(name, names)
        shapes += [
            f'<path d="M{x:.1f} {top}V{bottom}" stroke="{_LINE}" stroke-width="10" stroke-linecap="round"/>',
            f'<path d="M{x:.1f} {y:.1f}V{bottom}" stroke="{colour}" stroke-width="10" stroke-linecap="round"/>',
            *(
                f'<path d="M{x - 24:.1f} {tick:.1f}h8m32 0h8" stroke="{_LINE}" stroke-width="3"/>'
                for tick in np.linspace(top, bottom, 6)
            ),
            f'<rect x="{x - 34:.1f}" y="{y - 19:.1f}" width="68" height="38" rx="8" fill="{colour}"/>',
            f'<path d="M{x - 22:.1f} {y:.1f}h44" stroke="#fff" stroke-width="4" stroke-linecap="round"/>',
        ]
    return svg(shapes)


def shuffled_places(photo: Photo) -> Picture:
    """The photo, and right of the middle its own squares at other places."""
    shown = wide(photo.pixels)
    half = WIDTH // 2
    rows, columns = HEIGHT // CELL, half // CELL
    squares = shown[:, half:].reshape(rows, CELL, columns, CELL, 3).swapaxes(1, 2).reshape(-1, CELL, CELL, 3)
    moved = squares[np.random.default_rng(0).permutation(len(squares))]
    shown = shown.copy()
    shown[:, half:] = moved.reshape(rows, columns, CELL, CELL, 3).swapaxes(1, 2).reshape(HEIGHT, half, 3)
    shown[:, half - 2 : half + 2] = 255
    return shown
