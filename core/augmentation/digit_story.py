"""A digit over the whole strength of a transform: what is written on it, what a reader sees, what the network says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from core.augmentation.applying import apply
from core.augmentation.cautions import digit_meaning
from core.augmentation.digits import (
    CATEGORIES,
    DigitNetwork,
    as_input,
    digit_pixels,
    digits,
)
from core.augmentation.drawing import fixed
from core.augmentation.survival import SurvivalCurve, curve, curve_strengths

Outcome = Literal["right", "the label is wrong", "no digit", "the network errs"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One digit at one strength.

    Args:
        strength: of the transform.
        label: the digit that was written.
        meaning: the digit that a reader sees; None where nobody can say.
        answer: the digit that the network says.
        probability: that the network gives its answer.
        of_label: probability that it gives the label.
    """

    strength: float
    label: int
    meaning: int | None
    answer: int
    probability: float
    of_label: float

    @property
    def outcome(self) -> Outcome:
        """Who is wrong, if anyone: a label that no longer fits is wrong whatever the network says."""
        if self.meaning is None:
            return "no digit"
        if self.meaning != self.label:
            return "the label is wrong"
        return "right" if self.answer == self.label else "the network errs"


@dataclass(frozen=True, slots=True, eq=False)
class DigitStory:
    """One digit over all strengths.

    Args:
        curve: of P(label).
        table: [strengths, 10], the probability of every digit.
        readings: one for each strength.
    """

    curve: SurvivalCurve
    table: Float[np.ndarray, "strengths 10"]
    readings: tuple[Reading, ...]

    def zones(self) -> tuple[tuple[float, float, int | None], ...]:
        """Runs of strengths at which a reader sees the same: (from, to, digit or None), touching half-way."""
        found: list[tuple[float, float, int | None]] = []
        for each in self.readings:
            if found and found[-1][2] == each.meaning:
                found[-1] = (found[-1][0], each.strength, each.meaning)
            else:
                start = (found[-1][1] + each.strength) / 2 if found else each.strength
                if found:
                    found[-1] = (found[-1][0], start, found[-1][2])
                found.append((start, each.strength, each.meaning))
        return tuple(found)


def digit_story(
    network: DigitNetwork, name: str, index: int, count: int = 37, *, seed: int = 0
) -> DigitStory:
    """The digit of this number at `count` strengths of a transform that leaves its size as it is."""
    values = curve_strengths(name, count)
    readings, table = _read(network, name, index, values, seed)
    untouched = network.answers(as_input(digit_pixels(index))[None])[0]
    label = int(digits()[1][index])
    return DigitStory(
        curve(name, values, table, CATEGORIES, untouched=untouched, label=label), table, readings
    )


def read_digit(network: DigitNetwork, name: str, index: int, strength: float, seed: int = 0) -> Reading:
    """The digit at one strength."""
    return _read(network, name, index, (strength,), seed)[0][0]


def digit_picture(name: str, index: int, strength: float, seed: int = 0) -> np.ndarray:
    """The digit at one strength, [32, 32, 3]."""
    pixels = digit_pixels(index)
    return apply(fixed(name, strength, pixels.shape[:2], seed=seed), pixels)


def _read(
    network: DigitNetwork, name: str, index: int, values: Sequence[float], seed: int
) -> tuple[tuple[Reading, ...], np.ndarray]:
    label = int(digits()[1][index])
    table = network.answers(np.stack([as_input(digit_picture(name, index, v, seed)) for v in values]))
    readings = tuple(
        Reading(
            float(value),
            label,
            digit_meaning(label, name, value),
            int(row.argmax()),
            float(row.max()),
            float(row[label]),
        )
        for value, row in zip(values, table, strict=True)
    )
    return readings, table
