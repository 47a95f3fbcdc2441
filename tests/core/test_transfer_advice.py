"""The advisor: what it measures against loops, and its four corners."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Tick
from core.transfer.advice import SMALL_BELOW, Measured, advised, measured, nearest_mean_hits
from core.transfer.advisor import advise
from core.transfer.formulas import nearest_mean_formula
from core.transfer.recipe import Recipe
from tests.core.transfer_sets import coloured_set, parted


def by_loops(values: np.ndarray, labels: np.ndarray) -> list[bool]:
    """Leave one out, take the means, look for the nearest."""
    hits = []
    for i in range(len(values)):
        rest = np.delete(values, i, 0)
        of = np.delete(labels, i)
        means = {label: rest[of == label].mean(0) for label in np.unique(of)}
        nearest = min(means, key=lambda label: float(((values[i] - means[label]) ** 2).sum()))
        hits.append(bool(nearest == labels[i]))
    return hits


@given(st.integers(0, 10**6), st.integers(2, 40), st.integers(2, 5))
def test_the_nearest_mean_is_that_of_loops(seed: int, photos: int, classes: int) -> None:
    dice = np.random.default_rng(seed)
    labels = dice.integers(0, classes, photos)
    if len(np.unique(labels)) < 2:
        return
    values = (dice.normal(size=(photos, 6)) + labels[:, None]).astype(np.float32)
    assert nearest_mean_hits(values, labels).tolist() == by_loops(values.astype(np.float64), labels)


@given(st.integers(0, 10**6), st.integers(2, 14), st.integers(1, 3))
def test_near_duplicates_are_left_out_together(seed: int, originals: int, copies: int) -> None:
    """The oracle deletes the whole group; and copies of noise no longer look like classes."""
    dice = np.random.default_rng(seed)
    values = np.repeat(dice.normal(size=(originals, 4)), copies, 0).astype(np.float32)
    labels = np.repeat(np.arange(originals) % 2, copies)
    groups = [tuple(range(copies * i, copies * (i + 1))) for i in range(originals)] if copies > 1 else []
    hits = []
    for i in range(len(values)):
        rest = np.arange(len(values)) // copies != i // copies
        means = {k: values[rest & (labels == k)].astype(float).mean(0) for k in np.unique(labels[rest])}
        nearest = min(means, key=lambda k: float(((values[i] - means[k]) ** 2).sum()))
        hits.append(bool(nearest == labels[i]))
    assert nearest_mean_hits(values, labels, groups).tolist() == hits


def test_what_is_measured() -> None:
    values = np.array([[0.0], [0.2], [1.0], [1.2], [0.1]], np.float32)
    logits = np.zeros((5, 8), np.float32)
    found = measured(values, logits, [0, 0, 1, 1, 1])
    assert (found.photos, found.classes, found.right) == (5, 2, 4)
    assert (found.confidence, found.entropy) == (pytest.approx(1 / 8), pytest.approx(3))
    assert found.chance == 0.5
    assert found.similarity_edge == 0.875
    assert nearest_mean_formula(found).value == found.accuracy == 0.8
    with pytest.raises(ValueError, match="got 1"):
        measured(values, logits, [3] * 5)


@pytest.mark.parametrize(
    ("photos", "right", "approach", "follows"),
    [
        (40, 40, "new head only", ("features", 1)),
        (40, 10, "last stages with a small rate", ("tune", 2)),
        (2 * SMALL_BELOW, 2 * SMALL_BELOW, "last stages, then more", ("tune", 2)),
        (2 * SMALL_BELOW, 10, "fine-tune everything", ("tune", 1000)),
    ],
    ids=["few and similar", "few and unlike", "many and similar", "many and unlike"],
)
def test_the_four_corners(photos: int, right: int, approach: str, follows: tuple[str, int]) -> None:
    found = advised(Measured(photos, 2, right, 0.5, 1.0), Recipe(seed=7))
    assert approach in found.approach
    assert (found.follows.approach, found.follows.stages) == follows
    assert found.follows.seed == found.contradicts.seed == 7
    assert replace(found.follows, approach="scratch", stages=9, size_px=64) == replace(
        found.contradicts, approach="scratch", stages=9, size_px=64
    )  # they differ in nothing else
    assert (found.follows.approach, found.follows.stages) != (
        found.contradicts.approach,
        found.contradicts.stages,
    )


def test_a_set_that_the_features_tell_apart_is_similar() -> None:
    photos = coloured_set()
    steps = list(advise(photos, parted(photos, 18, 6), Recipe(size_px=64)))
    advice = steps[-1]
    assert all(isinstance(step, Tick) for step in steps[:-1])
    assert advice.measured.photos == 18
    assert advice.measured.accuracy > 0.8
    assert advice.quadrant == "few photos, similar to ImageNet"
