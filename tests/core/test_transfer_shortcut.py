"""The shortcut test tells a network that looks at the background from one that looks at the thing."""

from typing import Any

import numpy as np
import pytest

from core.jobs import Tick
from core.transfer.recipe import Recipe
from core.transfer.shortcut import (
    CONDITIONS,
    ShortcutResult,
    asked_again,
    filled,
    shortcut_test,
    thing,
    versions,
)
from core.transfer.training import fine_tune
from tests.core.transfer_sets import coloured_set, parted

SIDE = 160


def scene(thing_colour: int, ground: int, seed: int) -> np.ndarray:
    """A disk in the middle on a ground, both with some noise."""
    dice = np.random.default_rng([thing_colour, ground, seed])
    y, x = np.indices((SIDE, SIDE)) - SIDE / 2
    pixels = np.zeros((SIDE, SIDE, 3))
    pixels[..., ground] = 200
    inside = x**2 + y**2 < 45**2
    pixels[inside] = 30
    pixels[inside, thing_colour] = 230
    return (pixels + dice.integers(0, 25, pixels.shape)).clip(0, 255).astype(np.uint8)


LABELS = [0, 1] * 8
SCENES = [scene(2 * label, label, i) for i, label in enumerate(LABELS)]  # thing and ground go together


def corner(pixels: np.ndarray) -> int:
    """Says which class by its ground: class 0 has a red one, class 1 a green one."""
    return int(pixels[:12, :12].mean((0, 1))[:2].argmax())


def centre(pixels: np.ndarray) -> int:
    """Says which class by its thing: class 0 a red one, class 1 a blue one."""
    return int(pixels[70:90, 70:90].mean((0, 1))[[0, 2]].argmax())


def result(predict: Any) -> ShortcutResult:
    steps = list(asked_again(SCENES, LABELS, predict, 0))
    assert all(isinstance(step, Tick) for step in steps[:-1])
    return steps[-1]


def test_a_network_that_looks_at_the_ground_is_found_out() -> None:
    found = result(corner)
    counts = {name: right for name, right, _ in found.conditions}
    assert counts["untouched"] == counts["background of the same class"] == 16
    assert counts["background of another class"] == 0
    assert counts["background alone"] == 16
    assert found.sentence.startswith("It looks at backgrounds, too: 16 of 16 before")


def test_a_network_that_looks_at_the_thing_is_not_accused() -> None:
    found = result(centre)
    counts = {name: right for name, right, _ in found.conditions}
    assert [counts[name] for name in CONDITIONS[:3]] == [16, 16, 16]
    assert counts["thing alone"] == 16
    assert found.sentence.startswith("No sign of a shortcut")
    assert [name for name, _ in found.examples] == list(CONDITIONS)


def test_few_photos_tell_nothing() -> None:
    steps = list(asked_again(SCENES[:4], LABELS[:4], corner, 0))
    assert steps[-1].sentence.startswith("Too few photos to tell: 4 of 4 before")


def test_the_thing_is_cut_out() -> None:
    y, x = np.indices((SIDE, SIDE)) - SIDE / 2
    truth = x**2 + y**2 < 45**2
    found = thing(SCENES[0])
    assert (found & truth).sum() / (found | truth).sum() > 0.9
    assert (
        abs(filled(SCENES[0], found)[70:90, 70:90].mean((0, 1))[0] - 210) < 30
    )  # the ground goes on behind it


@pytest.mark.parametrize("level", [0, 255], ids=["black", "white"])
def test_a_plain_picture_gets_an_ellipse(level: int) -> None:
    pixels = np.full((SIDE, SIDE, 3), level, np.uint8)
    found = thing(pixels)
    assert found.mean() == pytest.approx(np.pi * 0.35**2, abs=0.01)
    assert set(versions(pixels, None, None)) == {"untouched", "background alone", "thing alone"}


def test_without_a_partner_nothing_is_swapped() -> None:
    steps = list(asked_again(SCENES[:1], [0], centre, 0))
    assert [of for _, _, of in steps[-1].conditions] == [1, 0, 0, 1, 1]
    assert steps[-1].sentence.startswith("There was no photo")


def test_a_trained_network_is_asked() -> None:
    photos = coloured_set()
    split = parted(photos, 15, 5)
    trained = list(fine_tune(photos, split, Recipe(size_px=48, epochs=8)))[-1]
    steps = list(shortcut_test(photos, split.test, trained.weights, size_px=48))
    right = trained.test.argmax(1) == [photos.samples[number].label for number in split.test]
    assert steps[-1].conditions[0] == ("untouched", right.sum(), 4)  # the very answers of the training
    with pytest.raises(ValueError, match="got 0 photos"):
        next(shortcut_test(photos, (), trained.weights, size_px=48))
    with pytest.raises(ValueError, match="says what it is"):
        next(shortcut_test(photos, split.test, b"", size_px=48))
