"""Style pictures of marks: pen strokes, dots of paint, a woodcut."""

import cv2
import numpy as np

from core.style.pictures.canvas import (
    Colours,
    Grid,
    Picture,
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
    stroked,
)


def hatching(side: int, seed: int) -> Picture:
    """Round bodies in pen strokes: the darker, the more directions cross; a little red chalk, white on the lights."""
    dice = np.random.default_rng(seed)
    rows, columns = grid(side)
    tone, angle = _bodies(rows, columns, dice)
    image = over(flat(side, (226, 204, 168)), (206, 176, 134), 0.5 + 0.5 * noise(side, dice, 4, 4))
    inks = ((64, 40, 30), (64, 40, 30), (48, 30, 28), (156, 70, 44))
    for turn, limit, colour in zip((0.0, 1.0, 1.9, 0.5), (0.74, 0.5, 0.3, 0.2), inks, strict=True):
        starts = dice.random((3400, 2))
        row, column = (np.clip((starts[:, i] * side).astype(int), 0, side - 1) for i in (0, 1))
        starts = starts[tone[row, column] + dice.normal(0, 0.05, 3400) < limit]
        ways = paths(angle + turn, starts, 0.06, 4)
        colours = np.array(colour) + dice.normal(0, 12, (len(starts), 1))
        image = stroked(image, ways, colours, max(1.0, 0.0027 * side))
    starts = dice.random((2600, 2))
    row, column = (np.clip((starts[:, i] * side).astype(int), 0, side - 1) for i in (0, 1))
    lights = starts[tone[row, column] > 0.9]
    image = stroked(
        image, paths(angle, lights, 0.04, 4), np.full((len(lights), 3), 250.0), max(1.0, 0.003 * side)
    )
    return finished(grained(image, dice, 0.07), side)


def _bodies(rows: Grid, columns: Grid, dice: np.random.Generator) -> tuple[Grid, Grid]:
    """How light it is, 0 to 1, and along which direction the surface runs, of some lit balls in front of a wall."""
    tone = 0.62 + 0.22 * noise(rows.shape[0], dice, 3, 3)
    angle = 0.7 + 0.4 * noise(rows.shape[0], dice, 2, 2)
    for _ in range(9):
        row, column, radius = dice.uniform(0, 1), dice.uniform(0, 1), dice.uniform(0.11, 0.24)
        down, right = (rows - row) / radius, (columns - column) / radius
        far = np.hypot(down, right)
        cast = np.hypot(down - 0.5, right - 0.6)
        tone = np.where((far >= 1) & (cast < 1.05), tone * (0.45 + 0.5 * np.clip(cast, 0, 1)), tone)
        up = np.sqrt(np.maximum(1 - far**2, 0))
        lit = np.clip(0.12 + 0.9 * (0.62 * up - 0.55 * down - 0.5 * right), 0, 1)
        tone = np.where(far < 1, lit, tone)
        angle = np.where(far < 1, np.arctan2(down, right) + np.pi / 2, angle)
    return tone, angle


def points(side: int, seed: int) -> Picture:
    """A shore in dots of pure paint, each a little off the colour it stands for."""
    dice = np.random.default_rng(seed)
    rows, columns = grid(side)
    wide = noise(side, dice, 4, 3)
    sky = ramp(np.clip(rows * 2 + 0.2 * wide, 0, 1), (66, 122, 196), (150, 190, 220), (250, 214, 164))
    sun = np.hypot(rows - 0.3, columns - dice.uniform(0.25, 0.75))
    sky = over(sky, (255, 236, 150), np.exp(-((sun / 0.13) ** 2)))
    sea = ramp(
        np.clip(0.5 + 0.6 * noise(side, dice, 3, 3, stretch=(8, 1)), 0, 1),
        (28, 88, 150),
        (54, 140, 168),
        (236, 206, 150),
    )
    shore = 0.74 + 0.1 * np.sin(3 * columns + dice.uniform(0, 6)) + 0.03 * wide
    grass = ramp(np.clip(0.5 + 0.7 * wide, 0, 1), (34, 92, 62), (120, 156, 58), (236, 196, 76))
    scene = over(over(sky, sea, edge(rows - 0.45, 0.01)), grass, edge(rows - shore, 0.02))
    for _ in range(5):
        row, column, size = dice.uniform(0.55, 0.85), dice.uniform(0, 1), dice.uniform(0.07, 0.15)
        crown = np.hypot((rows - row) * 0.9, columns - column) + 0.03 * wide
        leaf = ramp(np.clip((rows - row) / size + 0.5, 0, 1), (150, 180, 70), (40, 110, 74), (46, 44, 108))
        scene = over(scene, leaf, edge(size - crown, 0.01))
    return finished(_dotted(scene, dice), side)


def _dotted(scene: Colours, dice: np.random.Generator) -> Colours:
    side = scene.shape[0]
    canvas = np.clip(0.55 * scene + 0.45 * np.array([238, 228, 204]), 0, 255).astype(np.uint8)
    for count, radius in ((4200, 0.0098), (7000, 0.007)):
        places = dice.random((count, 2))
        row, column = (np.clip((places[:, i] * side).astype(int), 0, side - 1) for i in (0, 1))
        near = scene[row, column]
        grey = near.mean(axis=1, keepdims=True)
        pure = grey + (near - grey) * dice.uniform(1.2, 2.1, (count, 1))
        turned = dice.random((count, 1)) < 0.14
        colours = np.where(turned, 0.45 * pure + 0.7 * pure[:, [2, 0, 1]], pure) + dice.normal(
            0, 20, (count, 3)
        )
        sizes = np.maximum(16, radius * side * 16 * dice.uniform(0.75, 1.25, count)).astype(int)
        centres = (places[:, ::-1] * side * 16).astype(int)
        for (x, y), size, colour in zip(
            centres.tolist(), sizes.tolist(), np.clip(colours, 0, 255).tolist(), strict=True
        ):
            cv2.circle(canvas, (x, y), size, colour, cv2.FILLED, cv2.LINE_AA, 4)
    return canvas.astype(np.float32)


def woodcut(side: int, seed: int) -> Picture:
    """Lines cut into wood, broad in the shade and thin in the light: rays, clouds, hills and a field."""
    dice = np.random.default_rng(seed)
    fine = finer(side)
    rows, columns = grid(fine)
    wide, rough = noise(fine, dice, 3, 3), noise(fine, dice, 40, 3)
    row, column = 0.3, dice.uniform(0.3, 0.7)
    far, turn = np.hypot(rows - row, columns - column), np.arctan2(rows - row, columns - column)
    tone = np.clip(0.3 + 0.75 * far + 0.1 * wide, 0.16, 0.8)
    phase = 64 * turn / (2 * np.pi) * 1.5 + 0.4 * wide
    colour = ramp(np.clip(far * 1.7, 0, 1), (246, 206, 112), (236, 158, 82), (206, 108, 76))
    disc = far < 0.105
    tone, phase = np.where(disc, 0.08, tone), np.where(disc, far * 80, phase)
    colour = over(colour, (250, 232, 178), edge(0.105 - far, 0.004))
    rim = edge(0.004 - np.abs(far - 0.107), 0.002)
    hues = ((118, 150, 160), (84, 128, 118), (176, 158, 84), (66, 104, 84))
    for layer, hue in enumerate(hues):
        line = (
            0.5
            + 0.125 * layer
            + 0.06 * np.sin(2 * np.pi * (columns * dice.uniform(0.7, 1.6) + dice.random()))
        )
        under = rows - line + 0.035 * wide
        bend = noise(fine, dice, 3, 2)
        inside = under > 0
        tone = np.where(inside, np.clip(0.75 - 3.4 * under + 0.34 * bend, 0.2, 0.86), tone)
        way = 0.75 * columns * (-1) ** layer + 1.4 * under + 0.05 * bend
        phase = np.where(inside, (44 + 5 * layer) * way, phase)
        colour = over(colour, hue, edge(under, 0.002))
        rim = np.where(inside, 0, rim)
        rim = np.maximum(rim, edge(0.0045 - np.abs(under), 0.002))
    cut = np.abs((phase + 0.1 * rough) % 1 - 0.5) * 2
    black = np.maximum(edge(tone + 0.12 * rough - cut, 0.16), rim)
    image = over(over(flat(fine, (244, 234, 208)), colour, 0.92 - 0.2 * np.abs(rough)), (26, 22, 28), black)
    return finished(grained(image, dice, 0.05), side)
