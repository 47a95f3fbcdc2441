"""Policies: RandAugment, TrivialAugment and AutoAugment, with their published tables.

Each is a way to draw transforms of the catalogue at a strength. Sources: Cubuk et al. 2019 (AutoAugment, arXiv
1805.09501, ranges in table 6, policies in tables 7 to 9), Cubuk et al. 2020 (RandAugment, arXiv 1909.13719), Müller and
Hutter 2021 (TrivialAugment, arXiv 2103.10158, wide space). Magnitudes as torchvision 0.29 counts them: AutoAugment in
10 bins from 0 to 9, the others in 31 from 0 to 30; shears and shifts of AutoAugment hold the top left corner still.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.augmentation.chain import Step

Hw = tuple[int, int]
Pair = tuple[tuple[str, float, int | None], tuple[str, float, int | None]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a policy by its name in the paper, and the step that carries it out; None changes nothing."""

    name: str
    step: Step | None


@dataclass(frozen=True, slots=True)
class Space:
    """The reach of each operation at the highest magnitude, and how magnitudes are counted.

    Args:
        bins: magnitudes are 0 to bins - 1.
        shear: tangent of the shear; `rotate` in degrees; `enhance` is the most that a factor differs from 1.
        shift: share of the side, or `shift_px` pixels where that is above 0.
        bits: how many bits posterize takes away.
    """

    bins: int
    shear: float
    rotate: float
    enhance: float
    bits: int
    shift: float = 150 / 331
    shift_px: int = 0


AUTO = Space(10, 0.3, 30, 0.9, 4)
RAND = Space(31, 0.3, 30, 0.9, 4)
TRIVIAL = Space(31, 0.99, 135, 0.99, 6, shift_px=32)
OPERATIONS = (
    "Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast",
    "Sharpness", "Posterize", "Solarize", "AutoContrast", "Equalize",
)  # fmt: skip
"""What RandAugment and TrivialAugment draw from."""

TABLES: dict[str, tuple[Pair, ...]] = {
    "imagenet": (
        (("Posterize", 0.4, 8), ("Rotate", 0.6, 9)),
        (("Solarize", 0.6, 5), ("AutoContrast", 0.6, None)),
        (("Equalize", 0.8, None), ("Equalize", 0.6, None)),
        (("Posterize", 0.6, 7), ("Posterize", 0.6, 6)),
        (("Equalize", 0.4, None), ("Solarize", 0.2, 4)),
        (("Equalize", 0.4, None), ("Rotate", 0.8, 8)),
        (("Solarize", 0.6, 3), ("Equalize", 0.6, None)),
        (("Posterize", 0.8, 5), ("Equalize", 1.0, None)),
        (("Rotate", 0.2, 3), ("Solarize", 0.6, 8)),
        (("Equalize", 0.6, None), ("Posterize", 0.4, 6)),
        (("Rotate", 0.8, 8), ("Color", 0.4, 0)),
        (("Rotate", 0.4, 9), ("Equalize", 0.6, None)),
        (("Equalize", 0.0, None), ("Equalize", 0.8, None)),
        (("Invert", 0.6, None), ("Equalize", 1.0, None)),
        (("Color", 0.6, 4), ("Contrast", 1.0, 8)),
        (("Rotate", 0.8, 8), ("Color", 1.0, 2)),
        (("Color", 0.8, 8), ("Solarize", 0.8, 7)),
        (("Sharpness", 0.4, 7), ("Invert", 0.6, None)),
        (("ShearX", 0.6, 5), ("Equalize", 1.0, None)),
        (("Color", 0.4, 0), ("Equalize", 0.6, None)),
        (("Equalize", 0.4, None), ("Solarize", 0.2, 4)),
        (("Solarize", 0.6, 5), ("AutoContrast", 0.6, None)),
        (("Invert", 0.6, None), ("Equalize", 1.0, None)),
        (("Color", 0.6, 4), ("Contrast", 1.0, 8)),
        (("Equalize", 0.8, None), ("Equalize", 0.6, None)),
    ),
    "cifar10": (
        (("Invert", 0.1, None), ("Contrast", 0.2, 6)),
        (("Rotate", 0.7, 2), ("TranslateX", 0.3, 9)),
        (("Sharpness", 0.8, 1), ("Sharpness", 0.9, 3)),
        (("ShearY", 0.5, 8), ("TranslateY", 0.7, 9)),
        (("AutoContrast", 0.5, None), ("Equalize", 0.9, None)),
        (("ShearY", 0.2, 7), ("Posterize", 0.3, 7)),
        (("Color", 0.4, 3), ("Brightness", 0.6, 7)),
        (("Sharpness", 0.3, 9), ("Brightness", 0.7, 9)),
        (("Equalize", 0.6, None), ("Equalize", 0.5, None)),
        (("Contrast", 0.6, 7), ("Sharpness", 0.6, 5)),
        (("Color", 0.7, 7), ("TranslateX", 0.5, 8)),
        (("Equalize", 0.3, None), ("AutoContrast", 0.4, None)),
        (("TranslateY", 0.4, 3), ("Sharpness", 0.2, 6)),
        (("Brightness", 0.9, 6), ("Color", 0.2, 8)),
        (("Solarize", 0.5, 2), ("Invert", 0.0, None)),
        (("Equalize", 0.2, None), ("AutoContrast", 0.6, None)),
        (("Equalize", 0.2, None), ("Equalize", 0.6, None)),
        (("Color", 0.9, 9), ("Equalize", 0.6, None)),
        (("AutoContrast", 0.8, None), ("Solarize", 0.2, 8)),
        (("Brightness", 0.1, 3), ("Color", 0.7, 0)),
        (("Solarize", 0.4, 5), ("AutoContrast", 0.9, None)),
        (("TranslateY", 0.9, 9), ("TranslateY", 0.7, 9)),
        (("AutoContrast", 0.9, None), ("Solarize", 0.8, 3)),
        (("Equalize", 0.8, None), ("Invert", 0.1, None)),
        (("TranslateY", 0.7, 9), ("AutoContrast", 0.9, None)),
    ),
    "svhn": (
        (("ShearX", 0.9, 4), ("Invert", 0.2, None)),
        (("ShearY", 0.9, 8), ("Invert", 0.7, None)),
        (("Equalize", 0.6, None), ("Solarize", 0.6, 6)),
        (("Invert", 0.9, None), ("Equalize", 0.6, None)),
        (("Equalize", 0.6, None), ("Rotate", 0.9, 3)),
        (("ShearX", 0.9, 4), ("AutoContrast", 0.8, None)),
        (("ShearY", 0.9, 8), ("Invert", 0.4, None)),
        (("ShearY", 0.9, 5), ("Solarize", 0.2, 6)),
        (("Invert", 0.9, None), ("AutoContrast", 0.8, None)),
        (("Equalize", 0.6, None), ("Rotate", 0.9, 3)),
        (("ShearX", 0.9, 4), ("Solarize", 0.3, 3)),
        (("ShearY", 0.8, 8), ("Invert", 0.7, None)),
        (("Equalize", 0.9, None), ("TranslateY", 0.6, 6)),
        (("Invert", 0.9, None), ("Equalize", 0.6, None)),
        (("Contrast", 0.3, 3), ("Rotate", 0.8, 4)),
        (("Invert", 0.8, None), ("TranslateY", 0.0, 2)),
        (("ShearY", 0.7, 6), ("Solarize", 0.4, 8)),
        (("Invert", 0.6, None), ("Rotate", 0.8, 4)),
        (("ShearY", 0.3, 7), ("TranslateX", 0.9, 3)),
        (("ShearX", 0.1, 6), ("Invert", 0.6, None)),
        (("Solarize", 0.7, 2), ("TranslateY", 0.6, 7)),
        (("ShearY", 0.8, 4), ("Invert", 0.8, None)),
        (("ShearX", 0.7, 9), ("TranslateY", 0.8, 3)),
        (("ShearY", 0.8, 5), ("AutoContrast", 0.7, None)),
        (("ShearX", 0.7, 2), ("Invert", 0.1, None)),
    ),
}  # fmt: skip
"""Of AutoAugment: 25 pairs of (operation, probability, magnitude) per data set."""

_FACTORS = {
    "Brightness": "brightness",
    "Color": "saturation",
    "Contrast": "contrast",
    "Sharpness": "sharpness",
}
_SWITCHES = {"AutoContrast": "autocontrast", "Equalize": "equalize", "Invert": "invert"}


def operation(name: str, magnitude: int, sign: int, space: Space, hw: Hw) -> Operation:
    """An operation of the papers as a step.

    Args:
        name: as in the papers ("ShearX").
        magnitude: 0 to space.bins - 1.
        sign: 1 or -1; operations without direction pay no heed to it.
        space: what a magnitude means.
        hw: height and width of the photo, for shifts.

    Raises: ValueError for another name or magnitude.
    """
    if not 0 <= magnitude < space.bins:
        raise ValueError(f"A magnitude is 0 to {space.bins - 1}, got {magnitude}.")
    part = magnitude / (space.bins - 1)
    builders: dict[str, Callable[[], Step | None]] = {
        "Identity": lambda: None,
        "Rotate": lambda: _at("rotate", sign * part * space.rotate),
        "Posterize": lambda: _at("posterize", 8 - round(part * space.bits)),
        "Solarize": lambda: _at("solarize", 255 * (1 - part)),
        "ShearX": lambda: _at("shear_x", math.degrees(math.atan(sign * part * space.shear)), corner=1),
        "ShearY": lambda: _at("shear_y", math.degrees(math.atan(sign * part * space.shear)), corner=1),
        "TranslateX": lambda: _at("translate_x", sign * _shift(part, space, hw[1])),
        "TranslateY": lambda: _at("translate_y", sign * _shift(part, space, hw[0])),
        **{each: lambda: _at(_FACTORS[name], 1 + sign * part * space.enhance) for each in _FACTORS},
        **{each: lambda: _at(_SWITCHES[name], 1) for each in _SWITCHES},
    }
    if name not in builders:
        raise ValueError(f"An operation is one of {', '.join(builders)}, got {name!r}.")
    return Operation(name, builders[name]())


def policy_operations(
    policy: str, options: dict, magnitude: int, hw: Hw, generator: np.random.Generator
) -> Iterator[Operation]:
    """Draw the operations of one use of a policy ("randaugment", "trivialaugment" or "autoaugment")."""
    if policy == "autoaugment":
        table = TABLES[options["table"]]
        pair = table[int(generator.integers(len(table)))]
        for (name, probability, level), chance, sign in zip(
            pair, generator.random(2), _signs(2, generator), strict=True
        ):
            if chance < probability:
                yield operation(name, level or 0, sign, AUTO, hw)
        return
    space = {"randaugment": RAND, "trivialaugment": TRIVIAL}[policy]
    count = options.get("operations", 1)
    for choice, sign in zip(
        generator.integers(len(OPERATIONS), size=count), _signs(count, generator), strict=True
    ):
        yield operation(OPERATIONS[choice], magnitude, sign, space, hw)


def _signs(count: int, generator: np.random.Generator) -> list[int]:
    return [1 if value else -1 for value in generator.integers(2, size=count)]


def _at(transform: str, strength: float, **options: float) -> Step:
    return Step(transform, strength, strength, options=options)


def _shift(part: float, space: Space, side: int) -> float:
    """Share of the side, in whole pixels and never more than all of it."""
    pixels = int(part * (space.shift_px or space.shift * side))
    return min(pixels, side) / side
