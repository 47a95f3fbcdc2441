"""Style pictures that flow: brush strokes, a night sky, marbled ink, waves, an ink wash."""

import numpy as np

from core.style.pictures.canvas import (
    Band,
    Colour,
    Colours,
    Grid,
    Picture,
    Strip,
    edge,
    finer,
    finished,
    flat,
    grained,
    grid,
    noise,
    over,
    paths,
    ramp,
    spread,
    stroked,
)


def brush(side: int, seed: int) -> Picture:
    """A sunlit field in short thick strokes along a flow."""
    dice = np.random.default_rng(seed)
    rows, _ = grid(side)
    angle = 1.5 * noise(side, dice, 2, 2) - 0.35
    level = 0.62 * rows + 0.34 * noise(side, dice, 3, 3) + 0.1
    scene = ramp(
        np.clip(level, 0, 1),
        (40, 92, 176),
        (112, 180, 214),
        (214, 226, 206),
        (248, 206, 84),
        (226, 138, 44),
        (112, 138, 60),
        (44, 84, 74),
    )
    return finished(grained(_painted(scene, angle, dice), dice, 0.04), side)


def night(side: int, seed: int) -> Picture:
    """A night sky in strokes: stars with rings of light, wind that turns around them, dark hills."""
    dice = np.random.default_rng(seed)
    rows, columns = grid(side)
    across, down = np.ones((side, side), np.float32), 0.5 * noise(side, dice, 3, 2)
    sky = ramp(
        np.clip(0.5 + 0.55 * noise(side, dice, 4, 3), 0, 1),
        (14, 26, 84),
        (30, 66, 150),
        (64, 120, 190),
        (150, 190, 208),
    )
    for number in range(9):
        row, column = dice.uniform(0.05, 0.62), (number + dice.uniform(0.1, 0.9)) / 9
        size = dice.uniform(0.035, 0.07) * (1.8 if number == 6 else 1)
        far = np.hypot(rows - row, columns - column) / size
        pull = 3 * np.exp(-((far / 2.2) ** 2))
        across += pull * -(rows - row) / size
        down += pull * (columns - column) / size
        rings = 0.5 + 0.5 * np.cos(2.6 * far)
        sky = over(sky, (236, 214, 120), 0.85 * rings * np.exp(-((far / 1.7) ** 2)))
        sky = over(sky, (255, 244, 190), np.exp(-((far / 0.55) ** 2)))
    crest = 0.76 + 0.06 * np.sin(5 * columns + dice.uniform(0, 6)) + 0.05 * noise(side, dice, 3, 2)[side // 2]
    hill = edge(rows - crest, 0.01)
    dark = ramp(np.clip(4 * (rows - crest), 0, 1), (40, 74, 110), (18, 44, 70), (16, 58, 52), (20, 26, 50))
    scene = over(sky, dark, hill)
    angle = np.arctan2(down, across) * (1 - hill) + hill * (0.5 * np.cos(9 * columns) + 0.4)
    return finished(_painted(scene, angle, dice), side)


def _painted(scene: Colours, angle: Grid, dice: np.random.Generator) -> Colours:
    """A scene in three layers of strokes, from broad to fine, each stroke in the colour that lies under it."""
    side = scene.shape[0]
    image = scene * 0.75
    for count, length, width in ((700, 0.11, 0.021), (1500, 0.075, 0.013), (2300, 0.05, 0.008)):
        starts = dice.random((count, 2))
        row, column = (np.clip((starts[:, i] * side).astype(int), 0, side - 1) for i in (0, 1))
        colours = scene[row, column] + dice.normal(0, 15, (count, 3)) + dice.normal(0, 14, (count, 1))
        ways = paths(angle, starts, length, 6)
        image = stroked(image, ways, colours, width * side * dice.uniform(0.7, 1.3, count), relief=0.22)
    return image


def marbling(side: int, seed: int) -> Picture:
    """Drops of ink on water that push one another away, then drawn through with combs.

    Each step is undone for every pixel, the last one first, until the pixel lies in a drop.

    Source: Lu, Jaffer et al. 2012, "Mathematical marbling", IEEE CG&A 32(6).
    """
    dice = np.random.default_rng(seed)
    fine = finer(side)
    rows, columns = (each.copy() for each in grid(fine))
    for teeth, depth, down in ((6, 0.04, True), (2.5, 0.06, False), (12, 0.014, True), (1.5, 0.08, False)):
        turn = (2 * np.pi * teeth * (columns if down else rows) + dice.uniform(0, 6.3)).astype(np.float32)
        moved = np.float32(depth) * (np.sin(turn) + 0.3 * np.sin(2 * turn))
        if down:
            rows += moved
        else:
            columns += moved
    image = flat(fine, (0, 0, 0))
    free = np.ones((fine, fine), bool)
    places = spread(dice, 12)
    for number in range(48):  # the last drop is the first one met: small ones lie in the middle of the older
        row, column = places[number % 12] + dice.normal(0, 0.008, 2).astype(np.float32)
        radius = np.float32(dice.uniform(0.025, 0.045))
        far = (rows - row) ** 2 + (columns - column) ** 2
        inside = free & (far < radius**2)
        image[inside] = _INKS[(number // 12 * 2 + number) % len(_INKS)] + dice.normal(0, 7)
        free &= ~inside
        back = np.sqrt(np.maximum(1 - radius**2 / np.maximum(far, np.float32(1e-9)), 0))
        rows, columns = row + (rows - row) * back, column + (columns - column) * back
    band = np.floor(28 * rows + 0.35 * noise(fine, dice, 5, 2)).astype(int)
    image = np.where(free[..., None], _INKS[dice.permutation(42)[band % 42] % len(_INKS)], image)
    image = image.astype(np.float32)
    veins = noise(fine, dice, 9, 3)[..., None]
    return finished(grained(image * (1 + 0.07 * veins), dice, 0.05), side)


_INKS = np.array(
    [
        (18, 42, 92),
        (238, 224, 196),
        (196, 58, 44),
        (30, 116, 132),
        (244, 238, 222),
        (232, 168, 62),
        (92, 30, 52),
    ]
)


def waves(side: int, seed: int) -> Picture:
    """Waves behind waves with steep crests, striped in blues, and foam."""
    dice = np.random.default_rng(seed)
    fine = finer(side)
    rows, columns = grid(fine)
    image = ramp(rows * 2.2, (238, 224, 190), (226, 204, 168), (196, 196, 178))
    sun = 0.11 - np.hypot(rows - 0.14, columns - dice.uniform(0.2, 0.8))
    image = over(image, (204, 76, 52), edge(sun, 0.004))
    rough, foamy = noise(fine, dice, 6, 4), noise(fine, dice, 26, 3)
    for layer in range(9):
        top = int(fine * max(0, 0.09 + 0.08 * layer))  # nothing of this wave is higher
        count, phase = dice.uniform(1.6, 3.2), dice.uniform(0, 1)
        part = tuple(each[top:] for each in (rows, columns, rough, foamy))
        image[top:] = _wave(image[top:], *part, layer, count, phase)
    return finished(grained(image, dice, 0.05), side)


def _wave(
    behind: Band,
    rows: Strip,
    columns: Strip,
    rough: Strip,
    foamy: Strip,
    layer: int,
    count: float,
    phase: float,
) -> Band:
    """One wave before what is behind it: stripes that follow its crests, foam, spray and a dark line."""
    height = (1 - np.abs(np.sin(np.pi * (count * columns + phase + 0.05 * rough)))) ** 1.3
    under = rows - (0.2 + 0.095 * layer) + (0.05 + 0.012 * layer) * height + 0.01 * rough
    stripe = 0.5 + 0.5 * np.sin(2 * np.pi * (under * 26 / (1 + 1.6 * np.abs(under)) + 0.5 * height))
    depth = np.clip(under * 5, 0, 1)
    sea = ramp(np.clip(0.62 * stripe + 0.38 * depth, 0, 1), *_SEAS[layer % 3])
    foam = edge(0.016 + 0.03 * height * (0.7 + 0.9 * foamy) - under, 0.006)
    spray = 0.9 * edge(foamy - 0.62, 0.05) * edge(0.1 * height - under, 0.03)
    sea = over(sea, (246, 244, 232), np.maximum(foam, spray))
    line = edge(0.004 - np.abs(under), 0.002)
    return over(over(behind, sea, edge(under, 0.003)), (16, 28, 66), line)


_SEAS: tuple[tuple[Colour, ...], ...] = (
    ((14, 38, 92), (32, 84, 148), (126, 176, 202), (222, 232, 222)),
    ((12, 30, 72), (24, 66, 122), (70, 136, 176), (186, 214, 214)),
    ((18, 52, 84), (38, 108, 138), (122, 182, 182), (228, 232, 214)),
)


def ink(side: int, seed: int) -> Picture:
    """Mountains in the mist, in washes of ink, with a red seal."""
    dice = np.random.default_rng(seed)
    rows, columns = grid(side)
    image = ramp(
        np.clip(rows + 0.08 * noise(side, dice, 3), 0, 1), (232, 222, 198), (244, 238, 220), (226, 216, 192)
    )
    image = over(
        image,
        (200, 92, 60),
        0.75 * edge(0.075 - np.hypot(rows - 0.17, columns - dice.uniform(0.25, 0.75)), 0.01),
    )
    bleed = noise(side, dice, 14, 4)
    for layer in range(6):
        line = noise(side, dice, 3 + layer, 5)[side // 2] + 0.5 * np.sin(
            2 * np.pi * (columns[0] * 1.5 + dice.random())
        )
        under = rows - (0.3 + 0.125 * layer) + 0.085 * line[None] + 0.006 * bleed
        strong = 0.34 + 0.13 * layer
        wash = np.exp(-np.maximum(under, 0) / (0.055 + 0.012 * layer))
        creases = noise(side, dice, 5, 3, stretch=(2, 7))
        wash = strong * wash * (0.72 + 0.5 * creases) + 0.5 * strong * np.exp(-((under / 0.006) ** 2))
        tint = ramp(rows, (70, 84, 104), (44, 54, 70), (22, 24, 34))
        image = over(image, tint, np.clip(wash, 0, 0.96) * edge(under + 0.002, 0.006))
    image = _reeds(image, dice)
    seal = edge(0.032 - np.maximum(np.abs(rows - 0.86), np.abs(columns - 0.88)), 0.004)
    image = over(image, (182, 44, 40), 0.92 * seal * edge(bleed + 0.9, 0.3))
    return finished(grained(image, dice, 0.05), side)


def _reeds(image: Colours, dice: np.random.Generator) -> Colours:
    """Thin blades in the foreground, each bent by the wind."""
    side, count = image.shape[0], 150
    foot = np.stack(
        [
            np.where(dice.random(count) < 0.5, dice.beta(1.2, 5, count), dice.beta(5, 1.5, count)),
            dice.uniform(0.97, 1.06, count),
        ],
        axis=1,
    )  # (x, y)
    tall, bent = dice.uniform(0.1, 0.34, (count, 1)), dice.normal(0.05, 0.05, (count, 1))
    along = np.linspace(0, 1, 8)
    x = foot[:, :1] + bent * along**2
    y = foot[:, 1:] - tall * along
    tone = np.clip(dice.normal(46, 22, (count, 1)), 14, 110) * np.array([1.0, 1.0, 1.12])
    return stroked(image, np.stack([x, y], axis=2) * side, tone, side * dice.uniform(0.002, 0.006, count))
