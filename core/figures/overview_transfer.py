"""The first page's pictures of transfer learning: a set, what trains of a network, how sure an accuracy is."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from core.figures.overview import HEIGHT, HUES, MARK, QUIET, WIDTH, svg
from core.transfer.bundled_sets import bundled_set
from core.transfer.significance import wilson
from core.transfer.stages import Stage

ROWS, COLUMNS = 5, 9
SHARES = ((8, 10), (80, 100), (800, 1000))
_ICE = "#7f93ad"


def set_picture() -> UInt8[np.ndarray, "432 768 3"]:
    """Nine photos of each class of the textures, a class in a row."""
    photos = bundled_set("textures", COLUMNS)
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    wide, high = WIDTH // COLUMNS, HEIGHT // ROWS
    place = [0] * len(photos.classes)
    for sample in photos.samples:
        row, column = sample.label, place[sample.label]
        place[sample.label] += 1
        if row < ROWS and column < COLUMNS:
            tile = Image.fromarray(sample.photo.pixels).resize(
                (wide - 4, high - 4), Image.Resampling.BILINEAR
            )
            y, x = row * high + 3, column * wide + 4
            picture[y : y + high - 4, x : x + wide - 4] = np.asarray(tile)
    return picture


def strip_svg(stages: Sequence[Stage], trained: int) -> str:
    """The stages as bars of the square root of their parameters, the last `trained` and a new head in colour."""
    most = max(stage.parameters for stage in stages) ** 0.5
    wide, floor = (WIDTH - 80) / (len(stages) + 1), HEIGHT - 70
    shapes = []
    for place in range(len(stages) + 1):
        head = place == len(stages)
        height = 14.0 if head else max(8.0, 300 * stages[place].parameters ** 0.5 / most)
        colour = MARK if head else HUES[0] if place >= len(stages) - trained else _ICE
        x = 40 + place * wide
        shapes.append(
            f'<rect x="{x + 6:.1f}" y="{floor - height:.1f}" width="{wide - 12:.1f}" height="{height:.1f}" rx="5" '
            f'fill="{colour}"/>'
        )
    x = 40 + (len(stages) - trained) * wide
    shapes.append(
        f'<path d="M{x:.1f} 30V{floor + 30}" stroke="{MARK}" stroke-width="6" stroke-linecap="round"/>'
    )
    return svg(shapes)


def sure_svg() -> str:
    """80 % right, of 10, of 100 and of 1,000 photos: the same accuracy, and Wilson's interval around it."""
    left, right = 170, WIDTH - 50
    shapes = []
    for place, (hits, of) in enumerate(SHARES):
        y = 95 + 120 * place
        low, high = (left + share * (right - left) for share in wilson(hits, of))
        x = left + hits / of * (right - left)
        shapes += [
            f'<text x="{left - 30}" y="{y + 12}" font-family="sans-serif" font-size="34" text-anchor="end" '
            f'fill="{QUIET}">{of:,}</text>',
            f'<path d="M{left} {y}H{right}" stroke="{QUIET}" stroke-opacity=".35" stroke-width="3"/>',
            f'<path d="M{low:.1f} {y}H{high:.1f}" stroke="{HUES[0]}" stroke-width="10" stroke-linecap="round"/>',
            f'<circle cx="{x:.1f}" cy="{y}" r="17" fill="{MARK}"/>',
        ]
    return svg(shapes)
