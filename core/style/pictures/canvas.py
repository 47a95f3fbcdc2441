"""What the style pictures are drawn with: soft noise, colour ramps, paper, and strokes that follow a direction."""

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Float, Int, UInt8

Picture = UInt8[np.ndarray, "side side 3"]
Colours = Float[np.ndarray, "side side 3"]
Grid = Float[np.ndarray, "side side"]
Band, Strip = Float[np.ndarray, "rows side 3"], Float[np.ndarray, "rows side"]
"""Some rows of a picture, and one number for each of their pixels."""
Colour = tuple[int, int, int]


def grid(side: int) -> tuple[Grid, Grid]:
    """Rows and columns of the pixels' centres, from 0 to 1."""
    line = (np.arange(side, dtype=np.float32) + 0.5) / side
    return np.repeat(line[:, None], side, axis=1), np.repeat(line[None], side, axis=0)


def finer(side: int) -> int:
    """The side to draw at where edges would be jagged: `finished` makes it smaller."""
    return min(round(1.5 * side), 1024)


def noise(
    side: int, dice: np.random.Generator, cells: int, octaves: int = 4, *, stretch: tuple[int, int] = (1, 1)
) -> Grid:
    """Soft noise, mean 0, nearly all of it from -1 to 1: random grids, each twice as fine and half as strong.

    Args:
        cells: of the coarsest grid along an edge. stretch: so many times more cells down and across.
    """
    found = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        down, across = (min(2 * side, cells * 2**octave * each) + 3 for each in stretch)
        small = dice.uniform(-1, 1, (down, across)).astype(np.float32)
        large = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)
        found += large / 2**octave
    found -= found.mean()
    return found / max(2.2 * float(found.std()), 1e-6)


def ramp(values: Strip, *colours: Colour) -> Band:
    """Values from 0 to 1 as colours, evenly spaced."""
    at = np.linspace(0, 1, len(colours))
    channels = [np.interp(values, at, [colour[c] for colour in colours]) for c in range(3)]
    return np.stack(channels, axis=2).astype(np.float32)


def flat(side: int, colour: Colour) -> Colours:
    """One colour everywhere."""
    return np.full((side, side, 3), colour, np.float32)


def over(ground: Band, colour: Colour | Band, cover: Strip) -> Band:
    """A colour laid over the ground, where `cover` is 1; what is between 0 and 1 mixes."""
    share = np.clip(cover, 0, 1)[..., None]
    return ground * (1 - share) + np.asarray(colour, np.float32) * share


def edge(values: Strip, softness: float) -> Strip:
    """0 below 0, 1 above `softness`, a soft step between."""
    part = np.clip(values / softness, 0, 1)
    return part * part * (3 - 2 * part)


def grained(image: Colours, dice: np.random.Generator, amount: float = 0.06) -> Colours:
    """The grain of paper or canvas: fine and coarse noise, multiplied."""
    side = image.shape[0]
    fine = noise(side, dice, max(2, side // 2), 1) * 0.6 + noise(side, dice, max(2, side // 9), 2) * 0.4
    return image * (1 + amount * fine[..., None])


def finished(image: Colours, side: int) -> Picture:
    """The picture, reduced to its side if it was drawn larger, so that its edges are smooth."""
    small = image if image.shape[0] == side else cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    return np.clip(small + 0.5, 0, 255).astype(np.uint8)


def drawn_by_chance(seed: int, *numbers: Int[np.ndarray, "side side"]) -> Grid:
    """A number from 0 to 1 for each combination of whole numbers, always the same for the same seed."""
    mixed = np.full(numbers[0].shape, seed * 2654435761 % 2**32, np.uint64)
    for each in numbers:
        mixed = (mixed ^ (each.astype(np.int64).astype(np.uint64) & np.uint64(0xFFFF))) * np.uint64(
            0x9E3779B1
        )
        mixed = (mixed ^ (mixed >> np.uint64(15))) & np.uint64(0xFFFFFFFF)
    return (mixed / 2**32).astype(np.float32)


def nearest_two(
    side: int, points: Float[np.ndarray, "n 2"]
) -> tuple[Int[np.ndarray, "side side"], Grid, Grid]:
    """For each pixel the nearest of some points (row, column), how far it is, and how far the border to the next is."""
    rows, columns = grid(side)
    first, second = (np.full((side, side), 9, np.float32) for _ in range(2))
    who, next_one = (np.zeros((side, side), np.int64) for _ in range(2))
    for number, (row, column) in enumerate(points):
        far = (rows - np.float32(row)) ** 2 + (columns - np.float32(column)) ** 2
        closer = far < first
        between = ~closer & (far < second)
        next_one = np.where(closer, who, np.where(between, number, next_one))
        second = np.where(closer, first, np.where(between, far, second))
        who, first = np.where(closer, number, who), np.where(closer, far, first)
    apart = np.linalg.norm(points[who] - points[next_one], axis=2).astype(np.float32)
    return who, np.sqrt(first), (second - first) / np.maximum(2 * apart, 1e-6)


def spread(dice: np.random.Generator, count: int, rounds: int = 3) -> Float[np.ndarray, "n 2"]:
    """Points that keep their distance: chance, then each moves to the middle of what is nearest to it."""
    points = dice.random((count, 2)).astype(np.float32)
    rows, columns = grid(64)
    for _ in range(rounds):
        far = (rows[..., None] - points[:, 0]) ** 2 + (columns[..., None] - points[:, 1]) ** 2
        who = far.argmin(axis=2).ravel()
        held = np.maximum(np.bincount(who, minlength=count), 1)
        middle = [np.bincount(who, each.ravel(), minlength=count) / held for each in (rows, columns)]
        points = np.where((np.bincount(who, minlength=count) > 0)[:, None], np.stack(middle, 1), points)
        points = points.astype(np.float32)
    return points


def paths(
    angle: Grid, starts: Float[np.ndarray, "n 2"], length: float, joints: int
) -> Float[np.ndarray, "n k 2"]:
    """Strokes that follow a direction, each around its start: points (x, y) in pixels.

    Args:
        angle: of the direction, radians. starts: (row, column), 0 to 1. length: of a stroke, 0 to 1. joints: its parts.
    """
    side = angle.shape[0]
    step = length * side / joints
    halves = []
    for sign in (-1, 1):
        at, way = starts[:, ::-1] * side, []
        for _ in range(joints // 2):
            column, row = (np.clip(at[:, i].astype(int), 0, side - 1) for i in (0, 1))
            turn = angle[row, column]
            at = at + sign * step * np.stack([np.cos(turn), np.sin(turn)], axis=1)
            way.append(at)
        halves.append(way)
    return np.stack([*halves[0][::-1], starts[:, ::-1] * side, *halves[1]], axis=1)


def stroked(
    image: Colours,
    ways: Float[np.ndarray, "n k 2"],
    colours: Float[np.ndarray, "n 3"],
    width: float | Sequence[float],
    *,
    relief: float = 0.0,
) -> Colours:
    """Strokes on the image, in order; with a relief each has a lit and a dark edge, as thick paint has."""
    canvas = np.ascontiguousarray(np.clip(image, 0, 255).astype(np.uint8))
    widths = np.broadcast_to(np.asarray(width, float), len(ways))
    sixteenths = np.round(ways * 16).astype(np.int32)
    for way, colour, wide in zip(sixteenths, colours, widths, strict=True):
        thick = max(1, round(float(wide)))
        if relief:
            slip = np.int32(round(16 * wide * 0.28))
            for shift, light in ((slip, -relief), (-slip, relief)):
                _line(canvas, way + shift, colour * (1 + light), thick)
        _line(canvas, way, colour, max(1, round(float(wide) * (0.6 if relief else 1))))
    return canvas.astype(np.float32)


def _line(canvas: Picture, way: Int[np.ndarray, "k 2"], colour: Float[np.ndarray, "3"], width: int) -> None:
    shade = tuple(float(each) for each in np.clip(colour, 0, 255))
    cv2.polylines(canvas, [way], isClosed=False, color=shade, thickness=width, lineType=cv2.LINE_AA, shift=4)
