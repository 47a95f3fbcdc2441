"""Style pictures of pieces: stained glass, a mosaic, truchet tiles, circles in squares, gold leaf."""

import numpy as np
from jaxtyping import Float

from core.style.pictures.canvas import (
    Colours,
    Picture,
    drawn_by_chance,
    edge,
    finer,
    finished,
    flat,
    grained,
    grid,
    nearest_two,
    noise,
    over,
    ramp,
    spread,
    stroked,
)


def glass(side: int, seed: int) -> Picture:
    """A rose window: panes on rings around the middle, in lead, with light behind them."""
    dice = np.random.default_rng(seed)
    fine = finer(side)
    points, hues = [], []
    for ring, (radius, count) in enumerate(
        ((0, 1), (0.11, 7), (0.22, 12), (0.34, 16), (0.47, 22), (0.62, 26))
    ):
        for turn in (
            2 * np.pi * (np.arange(count) + 0.5 * (ring % 2) + dice.uniform(-0.12, 0.12, count)) / count
        ):
            points.append((0.5 + radius * np.sin(turn), 0.5 + radius * np.cos(turn)))
            hues.append(_PANES[(ring + int(dice.integers(0, 2)) * 3) % len(_PANES)])
    pane, far, border = nearest_two(fine, np.array(points, np.float32))
    colour = (np.array(hues) + dice.normal(0, 12, (len(hues), 3)))[pane].astype(np.float32)
    cloud = noise(fine, dice, 10, 4)
    light = 0.74 + 0.3 * np.exp(-((far / 0.05) ** 2)) + 0.2 * cloud
    image = np.clip(colour * light[..., None] + 14, 0, 255)
    image = over(image, (255, 246, 214), 0.5 * edge(cloud - 0.75, 0.4))
    lead = edge(0.0085 - border, 0.003)
    shine = edge(0.003 - border, 0.0025)
    return finished(over(over(image, (24, 22, 28), lead), (92, 88, 92), 0.8 * shine), side)


_PANES = ((250, 214, 96), (196, 30, 52), (30, 84, 178), (240, 142, 36), (26, 132, 96), (112, 52, 150))


def mosaic(side: int, seed: int) -> Picture:
    """Small stones laid in rings around several middles, in mortar."""
    dice = np.random.default_rng(seed)
    fine, count, pitch = finer(side), 7, 0.026
    rows, columns = grid(fine)
    middles = spread(dice, count)
    field, far, border = nearest_two(fine, middles)
    ring = np.floor(far / pitch).astype(np.int64)
    around = np.maximum(np.round(2 * np.pi * (ring + 0.5)), 3)
    turn = np.arctan2(rows - middles[field, 0], columns - middles[field, 1]) / (2 * np.pi) + 0.5
    along = turn * around + 7 * drawn_by_chance(seed, field, ring)
    stone = np.floor(along).astype(np.int64)
    tones = dice.permuted(np.tile(np.arange(len(_STONES)), (count, 3)), axis=1)
    chance = drawn_by_chance(seed + 1, field, ring, stone)
    pick = np.where(
        chance < 0.16, (chance * 997).astype(int) % len(_STONES), tones[field, ring // 2 % tones.shape[1]]
    )
    colour = _STONES[pick] * (0.8 + 0.36 * drawn_by_chance(seed + 2, field, ring, stone))[..., None]
    inward = np.abs(far / pitch - ring - 0.5)
    sideways = np.abs(along - stone - 0.5) * np.minimum(2 * np.pi * (ring + 0.5) / around, 1.4)
    gap = np.maximum(inward, sideways) + 0.05 * noise(fine, dice, 60, 2)
    bevel = 1.1 - 0.5 * gap
    image = over(
        flat(fine, (104, 96, 86)),
        colour * bevel[..., None],
        edge(0.44 - gap, 0.06) * edge(border - 0.004, 0.003),
    )
    return finished(grained(image, dice, 0.09), side)


_STONES = np.array(
    [
        (22, 62, 112),
        (52, 128, 158),
        (222, 178, 84),
        (178, 66, 44),
        (240, 228, 200),
        (88, 122, 82),
        (124, 44, 48),
    ],
    np.float32,
)


def truchet(side: int, seed: int) -> Picture:
    """Square tiles with three bands that go round two corners, turned by chance: bands without an end."""
    dice = np.random.default_rng(seed)
    fine, tiles = finer(side), 7
    rows, columns = grid(fine)
    row, column = np.floor(rows * tiles).astype(np.int64), np.floor(columns * tiles).astype(np.int64)
    down, right = rows * tiles - row, columns * tiles - column
    turned = drawn_by_chance(seed, row, column) < 0.5
    right = np.where(turned, 1 - right, right)
    near = np.hypot(down, right) < np.hypot(1 - down, 1 - right)
    far = np.where(near, np.hypot(down, right), np.hypot(1 - down, 1 - right))
    lane = np.abs(far - 0.5)
    hue = np.clip(0.5 + 0.75 * noise(fine, dice, 2, 2), 0, 1)
    middle = ramp(hue, (238, 178, 60), (226, 92, 52), (176, 38, 78), (84, 44, 116))
    outer = ramp(hue, (18, 88, 110), (28, 126, 128), (92, 168, 138), (238, 198, 110))
    image = ramp(hue, (250, 238, 208), (246, 226, 196), (238, 214, 190))
    image = over(image, (196, 178, 150), 0.55 * edge(0.1 - np.abs((np.minimum(far, 1) * 16) % 1 - 0.5), 0.1))
    for least, most, colour in (
        (0.34, 0.36, (30, 26, 52)),
        (0.2, 0.34, outer),
        (0.13, 0.2, (30, 26, 52)),
        (0, 0.13, middle),
    ):
        image = over(image, colour, edge(lane - least + 0.006, 0.012) * edge(most + 0.006 - lane, 0.012))
    image = over(image, (255, 244, 214), 0.8 * edge(0.018 - lane, 0.012))
    stitch = edge(np.abs(0.27 - lane) * -1 + 0.014, 0.01) * (np.sin(14 * np.arctan2(down, right) * 2) > 0)
    image = over(image, (250, 238, 208), 0.75 * stitch)
    return finished(grained(image, dice, 0.05), side)


def circles(side: int, seed: int) -> Picture:
    """Rings in squares, painted by hand in wet colours."""
    dice = np.random.default_rng(seed)
    fine, tiles = finer(side), 4
    rows, columns = grid(fine)
    wobble, pigment = noise(fine, dice, 9, 3), noise(fine, dice, 24, 4)
    row = np.clip(np.floor((rows + 0.006 * wobble) * tiles), 0, tiles - 1).astype(np.int64)
    column = np.clip(np.floor((columns + 0.006 * wobble[::-1]) * tiles), 0, tiles - 1).astype(np.int64)
    shift = dice.normal(0, 0.035, (tiles, tiles, 2)).astype(np.float32)
    down = rows * tiles - row - 0.5 + shift[row, column, 0]
    right = columns * tiles - column - 0.5 + shift[row, column, 1]
    far = (
        np.hypot(down, right * dice.uniform(0.9, 1.1, (tiles, tiles)).astype(np.float32)[row, column])
        + 0.03 * wobble
    )
    widths = np.cumsum(dice.uniform(0.055, 0.105, (tiles, tiles, 5)), axis=2).astype(np.float32)
    ring = (far[..., None] > widths[row, column]).sum(axis=2)
    orders = np.stack([dice.permutation(len(_PAINTS)) for _ in range(tiles * tiles)]).reshape(
        tiles, tiles, -1
    )
    colour = _PAINTS[orders[row, column, ring]]
    rim = np.abs(far[..., None] - widths[row, column]).min(axis=2)
    wet = 1 + 0.13 * pigment - 0.2 * np.exp(-((rim / 0.014) ** 2))
    image = colour * wet[..., None]
    image = over(image, (250, 244, 226), 0.3 * edge(noise(fine, dice, 5, 4) - 0.35, 0.6))
    return finished(grained(image, dice, 0.06), side)


_PAINTS = np.array(
    [(196, 40, 48), (246, 196, 62), (32, 84, 152), (44, 138, 104), (236, 122, 44), (104, 54, 128), (242, 234, 214),
     (36, 40, 66), (128, 186, 206)],
    np.float32,
)  # fmt: skip


def gold(side: int, seed: int) -> Picture:
    """Gold leaf with spirals, little windows and eyes."""
    dice = np.random.default_rng(seed)
    rows, columns = grid(side)
    leaf = np.clip(0.5 + 0.5 * noise(side, dice, 6, 5), 0, 1)
    image = ramp(leaf, (128, 84, 20), (196, 142, 40), (226, 182, 72), (250, 226, 140))
    image = _windows(image, dice, seed)
    whirl = noise(side, dice, 3, 2)
    for row, column in spread(dice, 17):
        image = _spiral(image, row, column, dice)
    image = over(image, (255, 240, 176), 0.55 * edge(noise(side, dice, 70, 1) - 0.9, 0.2) * edge(whirl, 0.3))
    for row, column in spread(dice, 26):
        image = _eye(image, rows, columns, row, column, dice)
    return finished(grained(image, dice, 0.07), side)


def _windows(image: Colours, dice: np.random.Generator, seed: int) -> Colours:
    """Upright rectangles in some fields, each with a dark rim."""
    side = image.shape[0]
    rows, columns = grid(side)
    down, right = 17 * rows + 0.2 * np.sin(6 * columns), 26 * columns + 0.25 * np.sin(5 * rows)
    row, column = np.floor(down).astype(np.int64), np.floor(right).astype(np.int64)
    chance = drawn_by_chance(seed, row, column)
    here = (noise(side, dice, 4, 2) > 0.05) & (chance < 0.72)
    inset = np.maximum(np.abs(down - row - 0.5), np.abs(right - column - 0.5))
    colour = _LEAVES[(chance * 1000).astype(int) % len(_LEAVES)]
    image = over(image, (44, 32, 26), here * edge(0.45 - inset, 0.06))
    return over(image, colour, here * edge(0.36 - inset, 0.06))


_LEAVES = np.array(
    [
        (240, 226, 180),
        (30, 28, 34),
        (206, 150, 44),
        (36, 104, 104),
        (240, 226, 180),
        (150, 50, 40),
        (228, 188, 84),
    ],
    np.float32,
)


def _spiral(image: Colours, row: float, column: float, dice: np.random.Generator) -> Colours:
    side = image.shape[0]
    turn = np.linspace(0, dice.uniform(3.2, 5) * np.pi, 60)
    radius = dice.uniform(0.05, 0.095) * turn / turn[-1] * side
    spin = dice.uniform(0, 2 * np.pi) + turn * dice.choice((-1, 1))
    way: Float[np.ndarray, "1 60 2"] = np.stack(
        [column * side + radius * np.cos(spin), row * side + radius * np.sin(spin)], axis=1
    )[None]
    image = stroked(image, way, np.array([[58.0, 38.0, 22.0]]), 0.016 * side)
    return stroked(image, way, np.array([[250.0, 214.0, 110.0]]), 0.009 * side)


def _eye(
    image: Colours,
    rows: np.ndarray,
    columns: np.ndarray,
    row: float,
    column: float,
    dice: np.random.Generator,
) -> Colours:
    far = np.hypot(rows - row, (columns - column) * dice.uniform(0.6, 1.2)) / dice.uniform(0.014, 0.03)
    hue = _LEAVES[int(dice.integers(0, len(_LEAVES)))]
    for radius, colour in (
        (1.0, (46, 30, 24)),
        (0.8, tuple(hue)),
        (0.5, (246, 232, 190)),
        (0.3, (34, 54, 96)),
    ):
        image = over(image, colour, edge(radius - far, 0.14))
    return image
