"""Style pictures made by code: each a function of a side and a seed, with nothing but arithmetic and a pen.

They are drawn when they are needed; the same seed gives the same picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8

Picture = UInt8[np.ndarray, "side side 3"]
Grid = Float[np.ndarray, "side side"]
_GOLDEN = (1 + 5**0.5) / 2
INK, PAPER = np.array([28, 30, 52], np.float64), np.array([244, 236, 216], np.float64)


@dataclass(frozen=True, slots=True)
class Style:
    """A style picture.

    Args:
        name: the word in links. title: for people. about: how it is made. draw: the generator.
    """

    name: str
    title: str
    about: str
    draw: Callable[[int, np.random.Generator], Picture]


def style_picture(name: str, side: int = 384, seed: int = 0) -> Picture:
    """The picture of a style, RGB.

    Raises: ValueError for an unknown name, or a side that is not 16 to 1,024.
    """
    if name not in STYLES:
        raise ValueError(f"The style picture is one of {', '.join(STYLES)}, got {name!r}.")
    if not 16 <= side <= 1024:
        raise ValueError(f"The side of a style picture is 16 to 1,024 pixels, got {side}.")
    return STYLES[name].draw(side, np.random.default_rng(seed))


def _grid(side: int) -> tuple[Grid, Grid]:
    """Rows and columns from 0 to 1."""
    rows, columns = np.mgrid[:side, :side] / side
    return rows, columns


def _noise(side: int, dice: np.random.Generator, coarse: int, octaves: int = 4) -> Grid:
    """Soft noise, about -1 to 1: random grids, each twice as fine and half as strong as the one before."""
    found = np.zeros((side, side))
    for octave in range(octaves):
        cells = min(side, coarse * 2**octave)
        small = dice.uniform(-1, 1, (cells + 1, cells + 1))
        found += cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC) / 2**octave
    return found / 1.6


def _ramp(values: Grid, *colours: tuple[int, int, int]) -> Picture:
    """Values from 0 to 1 as colours, evenly spaced."""
    at = np.linspace(0, 1, len(colours))
    channels = [np.interp(values, at, [colour[c] for colour in colours]) for c in range(3)]
    return np.stack(channels, axis=2).clip(0, 255).astype(np.uint8)


def _marbling(side: int, dice: np.random.Generator) -> Picture:
    rows, columns = _grid(side)
    bend = _noise(side, dice, 3) * 0.35
    again = _noise(side, dice, 4) * 0.2
    bands = 0.5 + 0.5 * np.sin(
        2 * np.pi * (5 * (columns + bend) + 2 * (rows + again) + 0.6 * _noise(side, dice, 6))
    )
    veins = np.abs(np.sin(9 * np.pi * (rows + bend * 1.4)))[..., None] ** 0.35
    ink = _ramp(bands, (20, 33, 84), (32, 98, 150), (222, 214, 196), (196, 84, 44), (112, 22, 40))
    return (ink * veins + 250 * (1 - veins) * 0.9).clip(0, 255).astype(np.uint8)


def _waves(side: int, dice: np.random.Generator) -> Picture:
    rows, columns = _grid(side)
    lift = 0.06 * np.sin(2 * np.pi * (1.5 * columns + dice.random())) + 0.05 * _noise(side, dice, 3)
    rows = rows + lift
    line = (rows * 14) % 1
    crest = 0.5 + 0.5 * np.sin(2 * np.pi * (7 * columns + 3 * np.floor(rows * 14) * _GOLDEN))
    foam = (line < 0.16 + 0.18 * crest)[..., None]
    sea = _ramp((rows + 0.5 * line * crest) % 1, (8, 30, 80), (16, 84, 140), (70, 160, 190), (10, 40, 96))
    return np.where(foam, np.array([240, 240, 226], np.uint8), sea)


def _cells(side: int, dice: np.random.Generator, count: int) -> tuple[np.ndarray, Grid]:
    """The nearest of some points for each pixel, and how near its edge is: 0 on the border of two."""
    points = dice.random((count, 2))
    rows, columns = _grid(side)
    far = (rows[..., None] - points[:, 0]) ** 2 + (columns[..., None] - points[:, 1]) ** 2
    two = np.sqrt(np.partition(far, 1, axis=2)[..., :2])
    return far.argmin(axis=2), two[..., 1] - two[..., 0]


def _glass(side: int, dice: np.random.Generator) -> Picture:
    cell, edge = _cells(side, dice, 70)
    panes = np.array(
        [(178, 24, 43), (33, 102, 172), (244, 190, 60), (27, 120, 85), (118, 42, 131), (214, 96, 30)]
    )
    colour = panes[dice.integers(0, len(panes), 70)][cell] * (0.82 + 0.3 * _noise(side, dice, 8))[..., None]
    lead = (edge < 0.012)[..., None]
    glow = 1 + 0.25 * np.exp(-((edge / 0.05) ** 2))[..., None]
    return np.where(lead, 24, (colour * glow).clip(0, 255)).astype(np.uint8)


def _mosaic(side: int, dice: np.random.Generator) -> Picture:
    tiles = 30
    rows, columns = _grid(side)
    bent = rows + 0.05 * np.sin(2 * np.pi * columns * 2)
    row, column = np.floor(bent * tiles).astype(int), np.floor(columns * tiles).astype(int)
    centre = np.hypot((row + 0.5) / tiles - 0.5, (column + 0.5) / tiles - 0.5)
    rings = (centre * 6) % 1
    jitter = dice.normal(0, 0.1, (tiles + 8, tiles + 8))[row % (tiles + 8), column % (tiles + 8)]
    colour = _ramp((rings + jitter).clip(0, 1), (20, 60, 110), (230, 190, 90), (180, 60, 40), (240, 230, 205))
    inside = (np.abs((bent * tiles) % 1 - 0.5) < 0.44) & (np.abs((columns * tiles) % 1 - 0.5) < 0.44)
    return np.where(inside[..., None], colour, np.array([92, 84, 76], np.uint8))


def _points(side: int, dice: np.random.Generator) -> Picture:
    field = _noise(side, dice, 3)
    rows, _ = _grid(side)
    image = np.full((side, side, 3), 235, np.uint8)
    colours = np.array(
        [(38, 70, 140), (240, 196, 60), (200, 70, 50), (60, 140, 90), (150, 90, 160), (120, 190, 215)]
    )
    radius = max(1, side // 110)
    for y, x in dice.integers(0, side, (side * side // (2 * radius * radius), 2)):
        level = (field[y, x] + 1) / 2 + 0.5 * rows[y, x]
        pick = int((level * 4 + dice.normal(0, 0.7)) % len(colours))
        shade = (colours[pick] + dice.normal(0, 14, 3)).clip(0, 255)
        cv2.circle(
            image, (int(x), int(y)), radius, tuple(float(each) for each in shade), cv2.FILLED, cv2.LINE_AA
        )
    return image


def _hatching(side: int, dice: np.random.Generator) -> Picture:
    tone = (_noise(side, dice, 3) + 1) / 2
    image = np.tile(PAPER.astype(np.uint8), (side, side, 1))
    step, length = max(3, side // 90), side // 18
    for turn, limit in ((0.8, 0.75), (2.3, 0.5), (0.1, 0.3)):
        for y in range(0, side, step):
            for x in range(int(dice.integers(0, length)), side, length):
                if tone[y, x] < limit:
                    angle = turn + 0.35 * tone[y, x]
                    end = int(x + length * np.cos(angle)), int(y + length * np.sin(angle))
                    cv2.line(image, (x, y), end, (40, 36, 60), 1, cv2.LINE_AA)
    return image


def _truchet(side: int, dice: np.random.Generator) -> Picture:
    tiles = 12
    pitch = side / tiles
    image = np.tile(np.array([242, 228, 196], np.uint8), (side, side, 1))
    for row in range(tiles):
        for column in range(tiles):
            left, top = column * pitch, row * pitch
            corners = [(left, top), (left + pitch, top + pitch)]
            if dice.random() < 0.5:
                corners = [(left + pitch, top), (left, top + pitch)]
            mask = np.zeros((side, side), np.uint8)
            box = (slice(int(top), int(np.ceil(top + pitch))), slice(int(left), int(np.ceil(left + pitch))))
            for corner in corners:
                centre = round(corner[0]), round(corner[1])
                for share, colour in ((0.5, (20, 70, 110)), (0.34, (226, 90, 50)), (0.66, (20, 70, 110))):
                    mask[:] = 0
                    cv2.circle(mask, centre, round(pitch * share), 255, max(2, side // 70), cv2.LINE_AA)
                    share_in = (mask[box] / 255)[..., None]
                    image[box] = (image[box] * (1 - share_in) + np.array(colour) * share_in).astype(np.uint8)
    return image


def _ink(side: int, dice: np.random.Generator) -> Picture:
    wash = np.clip(0.5 + 0.8 * _noise(side, dice, 2, 5), 0, 1)
    edge = np.exp(-(((wash - 0.55) / 0.03) ** 2))
    dark = np.clip(1.2 * wash**2 + 0.5 * edge + 0.06 * _noise(side, dice, 60, 2), 0, 1)[..., None]
    return (PAPER * (1 - dark) + INK * dark).astype(np.uint8)


def _brush(side: int, dice: np.random.Generator) -> Picture:
    angle = 2 * np.pi * _noise(side, dice, 2, 2)
    tone = (_noise(side, dice, 3) + 1) / 2
    image = _ramp(tone, (20, 30, 90), (40, 90, 160), (236, 196, 84))
    palette = [
        (28, 44, 120),
        (52, 110, 180),
        (120, 170, 200),
        (244, 206, 96),
        (236, 150, 60),
        (250, 240, 200),
    ]
    length, width = side // 14, max(2, side // 90)
    for y, x in dice.integers(0, side, (2600, 2)):
        way = angle[y, x]
        pick = palette[int(np.clip(tone[y, x] * len(palette) + dice.normal(0, 0.8), 0, len(palette) - 1))]
        shade = tuple(float(np.clip(each + dice.normal(0, 16), 0, 255)) for each in pick)
        end = int(x + length * np.cos(way)), int(y + length * np.sin(way))
        cv2.line(image, (int(x), int(y)), end, shade, width, cv2.LINE_AA)
    return image


def _circles(side: int, dice: np.random.Generator) -> Picture:
    tiles, pitch = 4, side / 4
    colours = np.array(
        [
            (200, 40, 50),
            (250, 200, 60),
            (30, 90, 160),
            (40, 140, 100),
            (240, 120, 40),
            (110, 50, 130),
            (240, 235, 220),
        ]
    )
    image = np.zeros((side, side, 3), np.uint8)
    for row in range(tiles):
        for column in range(tiles):
            order = dice.permutation(len(colours))
            left, top = round(column * pitch), round(row * pitch)
            image[top : round(top + pitch) + 1, left : round(left + pitch) + 1] = colours[order[0]]
            for ring in range(1, 6):
                radius = round(pitch * (0.5 - 0.08 * ring) * (1 + 0.04 * dice.normal()))
                centre = (
                    round(left + pitch / 2 + dice.normal(0, 1)),
                    round(top + pitch / 2 + dice.normal(0, 1)),
                )
                colour = tuple(float(each) for each in colours[order[ring]])
                cv2.circle(image, centre, max(1, radius), colour, cv2.FILLED, cv2.LINE_AA)
    return (image * (0.92 + 0.12 * _noise(side, dice, 40, 2))[..., None]).clip(0, 255).astype(np.uint8)


STYLES = {
    each.name: each
    for each in (
        Style("brush", "Brush", "Short strokes along a flow, in blue and gold", _brush),
        Style("marbling", "Marbling", "Bands of ink, bent by noise", _marbling),
        Style("glass", "Stained glass", "Panes around random points, leaded", _glass),
        Style("waves", "Waves", "Rows of crests with foam", _waves),
        Style("mosaic", "Mosaic", "Bent rows of small tiles in rings", _mosaic),
        Style("points", "Pointillism", "Dots of six paints", _points),
        Style("circles", "Circles", "Rings in squares", _circles),
        Style("hatching", "Hatching", "Three directions of pen strokes", _hatching),
        Style("truchet", "Truchet tiles", "Quarter circles, turned by chance", _truchet),
        Style("ink", "Ink wash", "Pools of ink that dry at their edges", _ink),
    )
}
