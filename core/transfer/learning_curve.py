"""How good a new head is with fewer photos: the learning curve over the photos per class.

The features are ImageNet's, computed once; heads are logistic regressions of scikit-learn. The photos of a repeat are
nested (the four are among the eight), so that a curve's rise is not the luck of another draw.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from core.jobs import Tick, work
from core.transfer.features import trunk_features
from core.transfer.samples import PhotoSet
from core.transfer.split import Split

_STRENGTH = 1.0  # C of the regression: the inverse of its weight decay


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """So many photos of each class.

    Args:
        per_class: photos. accuracies: of each repeat, on the same photos.
    """

    per_class: int
    accuracies: tuple[float, ...]


def sizes(most: int) -> tuple[int, ...]:
    """1, 2, 4, ... and `most` itself."""
    doubling = [2**power for power in range(most.bit_length()) if 2**power < most]
    return (*doubling, most)


def head_accuracy(
    features: Float[np.ndarray, "photos channels"],
    labels: Int[np.ndarray, " photos"],
    asked: Float[np.ndarray, "others channels"],
    truth: Int[np.ndarray, " others"],
) -> float:
    """Train a head on some photos and ask it about others, features scaled by their deviation on the former."""
    from sklearn.linear_model import LogisticRegression

    mean, deviation = features.mean(0), features.std() or 1.0
    head = LogisticRegression(C=_STRENGTH, max_iter=300)
    head.fit((features - mean) / deviation, labels)
    return float((head.predict((asked - mean) / deviation) == truth).mean())


@work
def learning_curve(
    photos: PhotoSet, split: Split, network: str, *, size_px: int, repeats: int = 5, seed: int = 0
) -> Generator[Any, bool | None, None]:
    """A `CurvePoint` for 1, 2, 4, ... photos of each class of the training part, and ticks.

    Raises: ValueError for fewer than two classes with training photos, or nothing to judge with; WeightsMissing.
    """
    judging = (*split.validation, *split.test)
    by_class = [
        [number for number in split.training if photos.samples[number].label == label]
        for label in range(len(photos.classes))
    ]
    used = [numbers for numbers in by_class if numbers]
    if len(used) < 2 or not judging:
        got = f"{len(used)} and {len(judging)}"
        raise ValueError(
            f"A learning curve needs two classes to train on and photos to judge with, got {got}."
        )
    numbers = (*split.training, *judging)
    found = yield from trunk_features([photos.samples[number].photo for number in numbers], network, size_px)
    if found is None:
        return
    row = {number: place for place, number in enumerate(numbers)}
    labels = np.array([photos.samples[number].label for number in numbers])
    asked = np.array([row[number] for number in judging])
    orders = [
        [np.random.default_rng([seed, repeat, i]).permutation(each) for i, each in enumerate(used)]
        for repeat in range(repeats)
    ]
    counts = sizes(min(map(len, used)))
    for done, count in enumerate(counts):
        chosen = [np.array([row[n] for each in order for n in each[:count]]) for order in orders]
        accuracies = tuple(
            head_accuracy(found.values[each], labels[each], found.values[asked], labels[asked])
            for each in chosen
        )
        if (yield CurvePoint(count, accuracies)) or (
            yield Tick(done + 1, len(counts), f"{count} photos a class", photos=len(numbers))
        ):
            return
