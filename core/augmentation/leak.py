"""The leak simulator: the digit network trained three ways, and the gain that is not real.

"split": the digits are split, then only the training half is augmented. "leak": augmented copies are made first and
split afterwards, so that copies of one digit lie on both sides. "augmented validation": split first, but both halves
are augmented. What each way reports (accuracy on its validation set) is held against what the same network gets right
among fresh digits made into pictures in the same way. The difference is the gain that is not real. An augmented
validation set has no such gain: it answers another question, how well augmented pictures are told apart.
Source: Kapoor and Narayanan 2023, "Leakage and
the reproducibility crisis in machine-learning-based science", Patterns 4(9), leak L1.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.augmentation.chain import Chain, Step
from core.augmentation.digits import accuracy, digits, trained, variants_as_inputs
from core.augmentation.drawing import draw

Way = Literal["split", "leak", "augmented validation"]
WAYS: tuple[Way, ...] = ("split", "leak", "augmented validation")
GENTLE = Chain((Step("rotate", -15, 15), Step("translate_x", -0.1, 0.1), Step("translate_y", -0.1, 0.1)))
FRESH = 800
"""Digits that no training and no validation sees."""


@dataclass(frozen=True, slots=True)
class LeakRun:
    """One training.

    Args:
        way: how the sets were made.
        seed: of the split, the copies and the network.
        reported: accuracy on its own validation set, 0 to 1.
        real: accuracy of the same network on 800 fresh digits, untouched or augmented as the validation set is.
        clean: its accuracy on those 800 digits untouched, 0 to 1: how good it really is.
        training, validation: pictures in each set.
        shared: digits of which a version is in both sets.
    """

    way: Way
    seed: int
    reported: float
    real: float
    clean: float
    training: int
    validation: int
    shared: int

    @property
    def unreal(self) -> float:
        """Reported minus real accuracy."""
        return self.reported - self.real


@dataclass(frozen=True, slots=True)
class LeakSummary:
    """One way over all seeds: means, and the mean of reported - real with its standard error (NaN for one seed)."""

    way: Way
    runs: int
    reported: float
    real: float
    clean: float
    unreal: float
    unreal_error: float


def simulate_leak(
    seeds: Sequence[int], *, originals: int = 60, copies: int = 4, chain: Chain = GENTLE, epochs: int = 12
) -> Iterator[LeakRun]:
    """Train the digit network three ways for each seed; one run after the other is handed out.

    Args:
        seeds: 1 to 20 of them, each 0 or more.
        originals: digits that are split in half, an even number from 40 to 900.
        copies: augmented copies of each, besides itself, 1 to 10.
        chain: how copies are made; it leaves the size as it is.
        epochs: of each training.

    Raises: ValueError naming the rule and the value found.
    """
    if not 1 <= len(seeds) <= 20:
        raise ValueError(f"The simulator takes 1 to 20 seeds, got {len(seeds)}.")
    if not 40 <= originals <= 900 or originals % 2:
        raise ValueError(f"The number of digits is even, 40 to 900, got {originals}.")
    if not 1 <= copies <= 10:
        raise ValueError(f"The number of copies is 1 to 10, got {copies}.")
    return _runs(seeds, originals, copies, chain, epochs)


def leak_summary(runs: Iterable[LeakRun]) -> tuple[LeakSummary, ...]:
    """Means per way, in the order of `WAYS`; ways without a run are left out."""
    listed = list(runs)
    found = []
    for way in WAYS:
        mine = [run for run in listed if run.way == way]
        if mine:
            unreal = np.array([run.unreal for run in mine])
            error = float(unreal.std(ddof=1) / math.sqrt(len(mine))) if len(mine) > 1 else float("nan")
            keys = ("reported", "real", "clean")
            means = (float(np.mean([getattr(run, key) for run in mine])) for key in keys)
            found.append(LeakSummary(way, len(mine), *means, float(unreal.mean()), error))
    return tuple(found)


def _runs(seeds: Sequence[int], originals: int, copies: int, chain: Chain, epochs: int) -> Iterator[LeakRun]:
    values, labels = digits()
    for seed in seeds:
        dice = np.random.default_rng([seed, 1])
        order = dice.permutation(len(values))
        pool, fresh = order[:originals], order[len(order) - FRESH :]
        clean = values[fresh].astype(np.float32) / np.float32(255)
        likewise = _pictures(fresh, copies, chain, dice)
        which = np.repeat(pool, copies + 1)  # the digit that each picture shows
        inputs = _pictures(which, copies, chain, dice)
        for way in WAYS:
            train, check = _sets(way, originals, copies, dice)
            network = trained(inputs[train], labels[which[train]], seed, epochs)
            really = accuracy(network, clean, labels[fresh])
            yield LeakRun(
                way,
                seed,
                accuracy(network, inputs[check], labels[which[check]]),
                really if way == "split" else accuracy(network, likewise, labels[fresh]),
                really,
                len(train),
                len(check),
                len(set(which[train].tolist()) & set(which[check].tolist())),
            )


def _pictures(which: np.ndarray, copies: int, chain: Chain, dice: np.random.Generator) -> np.ndarray:
    """Every (copies + 1)-th picture is the digit itself, the others are drawn; as the network reads them: [n, 8, 8]."""
    draws = [draw(chain if i % (copies + 1) else Chain(), (32, 32), dice) for i in range(len(which))]
    return variants_as_inputs(which.tolist(), draws)


def _sets(way: Way, originals: int, copies: int, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the pictures that are trained on and validated on."""
    each = copies + 1
    pictures = np.arange(originals * each)
    if way == "leak":
        shuffled = dice.permutation(pictures)
        return shuffled[: len(pictures) // 2], shuffled[len(pictures) // 2 :]
    half = originals // 2 * each  # the digits come in random order
    train, check = pictures[:half], pictures[half:]
    return train, check if way == "augmented validation" else check[check % each == 0]
