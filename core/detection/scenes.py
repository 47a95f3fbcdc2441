"""Generated scenes with exact boxes: something to train a detector on when there are no labelled photos.

A scene is a square of coloured ground with strokes that belong to no class (clutter), objects of one colour each on top
of it, and noise over all. A box is the smallest one around the object's own pixels, also around those that a later
object hides. Every scene has a generator of its own, seeded with the scene's number, so that any of them can be drawn
again alone. Digits to train on and digits to test with are different ones of scikit-learn's 1,797 (Alpaydin and Kaynak
1998, UCI).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8

from core.detection.boxes import ios
from core.detection.evaluation import Truths

SIDE = 96
KINDS: dict[str, tuple[str, ...]] = {
    "shapes": ("circle", "square", "triangle"),
    "circles": ("circle",),
    "digits": tuple("0123456789"),
}
MOST_OBJECTS, MOST_CLUTTER, MOST_NOISE = 12, 30, 80
SMALLEST = 8
Part = Literal["train", "held out", "new"]
PARTS: tuple[Part, ...] = ("train", "held out", "new")
_TRIES = 40  # of finding a place for an object
_INK = 120  # of 255: from here on a pixel of an enlarged digit belongs to it
_CONTRAST = 110.0  # between an object and the ground, as a distance of two colours
_TEST_SHARE = 5  # every fifth digit is kept from training
Mask = Bool[np.ndarray, "height width"]


@dataclass(frozen=True, slots=True)
class SceneSettings:
    """What the scenes hold.

    Args:
        kind: a key of `KINDS`.
        least, most: objects in a scene, 0 <= least <= most <= 12; each number between is as likely.
        smallest, largest: longer side of an object in pixels, 8 <= smallest <= largest <= 96, the side of the scene.
        overlap: largest share of the smaller of two boxes that lies in the other, 0 to 1.
        clutter: strokes that belong to no class, 0 to 30.
        noise: standard deviation of the noise in grey values of 255, 0 to 80.

    Raises: ValueError for settings out of range.
    """

    kind: str = "shapes"
    least: int = 1
    most: int = 4
    smallest: int = 16
    largest: int = 40
    overlap: float = 0.3
    clutter: int = 4
    noise: int = 8

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"The kind of objects is one of {', '.join(KINDS)}, got {self.kind!r}.")
        if not 0 <= self.least <= self.most <= MOST_OBJECTS:
            raise ValueError(
                f"The number of objects must run from 0 to {MOST_OBJECTS}, the least not over the most, "
                f"got {self.least} to {self.most}."
            )
        if not SMALLEST <= self.smallest <= self.largest <= SIDE:
            raise ValueError(
                f"An object must be {SMALLEST} to {SIDE} pixels long, as the scene is, the smallest not over the "
                f"largest, got {self.smallest} to {self.largest}."
            )
        if not 0 <= self.overlap <= 1:
            raise ValueError(f"The overlap must be a share from 0 to 1, got {self.overlap:g}.")
        for name, most in (("clutter", MOST_CLUTTER), ("noise", MOST_NOISE)):
            if not 0 <= getattr(self, name) <= most:
                raise ValueError(f"The {name} must be 0 to {most}, got {getattr(self, name)}.")

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture and what is on it.

    Args:
        pixels: RGB.
        boxes: left, top, right, bottom in pixels, inside the picture; in the order of drawing.
        labels: class number of each.
        left_out: objects that found no place within the allowed overlap.
    """

    pixels: UInt8[np.ndarray, "96 96 3"]
    boxes: Float64[np.ndarray, "objects 4"]
    labels: Int64[np.ndarray, " objects"]
    left_out: int = 0


def scene(settings: SceneSettings, part: Part, seed: int, number: int) -> Scene:
    """One scene: the same for the same arguments.

    Args:
        part: "train", "held out" or "new"; digits of "train" appear in no other part.
        seed, number: from 0.

    Raises: ValueError for another part or a negative number.
    """
    if part not in PARTS or seed < 0 or number < 0:
        raise ValueError(
            f"A scene has a part of {', '.join(PARTS)} and numbers from 0, got {part!r}, {seed}, {number}."
        )
    grounds, objects, dust = (
        np.random.default_rng([seed, number, PARTS.index(part), stream]) for stream in range(3)
    )
    pixels = _ground(settings.clutter, grounds)
    boxes, labels, left_out = _objects(settings, part, pixels, objects)
    if settings.noise:
        grain = dust.standard_normal(pixels.shape, np.float32) * np.float32(settings.noise)
        pixels = np.clip(np.rint(pixels + grain), 0, 255).astype(np.uint8)
    return Scene(pixels, boxes, labels, left_out)


def scenes(settings: SceneSettings, part: Part, seed: int, first: int, count: int) -> tuple[Scene, ...]:
    """Scenes first, first + 1, ..., `count` of them."""
    return tuple(scene(settings, part, seed, first + index) for index in range(count))


def truths(shown: Sequence[Scene]) -> Truths:
    """The objects of all scenes; the picture's number is the scene's place."""
    counts = [len(each.boxes) for each in shown]
    return Truths(
        np.repeat(np.arange(len(shown)), counts),
        np.concatenate([np.zeros((0, 4)), *(each.boxes for each in shown)]),
        np.concatenate([np.zeros(0, np.int64), *(each.labels for each in shown)]),
    )


def _ground(clutter: int, dice: np.random.Generator) -> UInt8[np.ndarray, "96 96 3"]:
    """A colour that runs slowly into another, and strokes."""
    corners = dice.uniform(60, 190) + dice.uniform(-25, 25, (2, 2, 3))
    pixels = cv2.resize(corners, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR).round().astype(np.uint8)
    for _ in range(clutter):
        ends = dice.integers(0, SIDE, 2)
        reach = dice.integers(-16, 17, 2)
        colour = dice.integers(0, 256, 3).tolist()
        cv2.line(pixels, ends.tolist(), (ends + reach).tolist(), colour, int(dice.integers(1, 3)))
    return pixels


def _objects(
    settings: SceneSettings, part: Part, pixels: UInt8[np.ndarray, "96 96 3"], dice: np.random.Generator
) -> tuple[Float64[np.ndarray, "objects 4"], Int64[np.ndarray, " objects"], int]:
    """Draw the objects into the picture; where they are, what they are, and how many found no place."""
    boxes: list[tuple[int, int, int, int]] = []
    labels: list[int] = []
    wanted = int(dice.integers(settings.least, settings.most + 1))
    for _ in range(wanted):
        label = int(dice.integers(len(settings.classes)))
        mask = _mask(settings.classes[label], _side(settings, dice), part, dice)
        place = _place(mask.shape, boxes, settings.overlap, dice)
        if place is None:
            continue
        top, left = place
        under = pixels[top : top + mask.shape[0], left : left + mask.shape[1]]
        under[mask] = _colour(under[mask].mean(axis=0), dice)
        boxes.append((left, top, left + mask.shape[1], top + mask.shape[0]))
        labels.append(label)
    found = np.array(boxes, dtype=np.float64).reshape(-1, 4)
    return found, np.array(labels, dtype=np.int64), wanted - len(boxes)


def _side(settings: SceneSettings, dice: np.random.Generator) -> int:
    return int(dice.integers(settings.smallest, settings.largest + 1))


def _place(
    shape: tuple[int, int], boxes: list[tuple[int, int, int, int]], overlap: float, dice: np.random.Generator
) -> tuple[int, int] | None:
    """Top and left of a place where no box is covered by more than is allowed; None where none was found."""
    height, width = shape
    for _ in range(_TRIES):
        top, left = (int(dice.integers(SIDE - side + 1)) for side in shape)
        if not boxes or ios([(left, top, left + width, top + height)], boxes).max() <= overlap:
            return top, left
    return None


def _colour(ground: Float64[np.ndarray, "3"], dice: np.random.Generator) -> UInt8[np.ndarray, "3"]:
    """A colour that stands out from what it is laid over."""
    while True:
        colour = dice.integers(0, 256, 3)
        if np.abs(colour - ground).sum() >= _CONTRAST:
            return colour.astype(np.uint8)


def _mask(name: str, side: int, part: Part, dice: np.random.Generator) -> Mask:
    """The object's own pixels, cut to the smallest box around them, whose longer side is about `side`."""
    draw = _SHAPES.get(name)
    if draw is None:
        return _digit(int(name), side, part, dice)
    canvas = np.zeros((side, side), np.uint8)
    draw(canvas, dice)
    return _cut(canvas > 0)


def _circle(canvas: UInt8[np.ndarray, "side side"], dice: np.random.Generator) -> None:
    side = len(canvas)
    down, across = np.ogrid[:side, :side]
    middle = (side - 1) / 2
    canvas[(down - middle) ** 2 + (across - middle) ** 2 <= side**2 / 4] = 1


def _square(canvas: UInt8[np.ndarray, "side side"], dice: np.random.Generator) -> None:
    _polygon(canvas, np.pi / 4 + np.pi / 2 * np.arange(4) + dice.uniform(-0.3, 0.3))


def _triangle(canvas: UInt8[np.ndarray, "side side"], dice: np.random.Generator) -> None:
    _polygon(canvas, -np.pi / 2 + 2 * np.pi / 3 * np.arange(3) + dice.uniform(-0.4, 0.4))


def _polygon(canvas: UInt8[np.ndarray, "side side"], angles: Float64[np.ndarray, " corners"]) -> None:
    """A regular polygon that fills its canvas from edge to edge the longer way."""
    corners = np.stack([np.cos(angles), np.sin(angles)], axis=1)  # [corners, 2] x, y
    corners -= corners.min(axis=0)
    corners *= (len(canvas) - 1) / corners.max()
    cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], 1)


_SHAPES: dict[str, Callable[[np.ndarray, np.random.Generator], None]] = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
}


def _digit(value: int, side: int, part: Part, dice: np.random.Generator) -> Mask:
    pool = _digits(value, part == "train")
    drawn = pool[int(dice.integers(len(pool)))]
    times = side / max(drawn.shape)
    height, width = (max(1, round(length * times)) for length in drawn.shape)
    return _cut(cv2.resize(drawn, (width, height), interpolation=cv2.INTER_CUBIC) >= _INK)


@lru_cache(maxsize=20)
def _digits(value: int, train: bool) -> tuple[UInt8[np.ndarray, "height width"], ...]:
    """The digits of one value, cut to their ink; every fifth is kept from training."""
    from sklearn.datasets import load_digits

    found = load_digits()
    all_ = found.images[found.target == value]
    mine = [each for index, each in enumerate(all_) if (index % _TEST_SHARE > 0) == train]
    grey = [np.rint(each * (255 / 16)).astype(np.uint8) for each in mine]
    return tuple(each[_edges(each >= _INK)] for each in grey)


def _cut(mask: Mask) -> Mask:
    return mask[_edges(mask)]


def _edges(mask: Mask) -> tuple[slice, slice]:
    """The rows and columns from the first to the last that hold something."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
