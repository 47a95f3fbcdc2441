"""What a classifier's answers are worth: confusion, accuracy by class, the most confident mistakes, calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

Shares = Float[np.ndarray, "photos classes"]
Labels = Int[np.ndarray, " photos"]


def right_of(probabilities: Shares, labels: Labels) -> np.ndarray:
    """Which photos it got right [photos] bool: the largest probability is that of the label."""
    return probabilities.argmax(1) == labels


def confusion(probabilities: Shares, labels: Labels) -> Int[np.ndarray, "classes classes"]:
    """How often photos of a class (row) were said to be of a class (column)."""
    classes = probabilities.shape[1]
    found = np.zeros((classes, classes), np.int64)
    np.add.at(found, (labels, probabilities.argmax(1)), 1)
    return found


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class.

    Args:
        right, of: photos of the class that were recognised, and all of it.
        said: photos of any class that were said to be of it.
    """

    right: int
    of: int
    said: int

    @property
    def recall(self) -> float:
        """right / of; NaN without photos."""
        return self.right / self.of if self.of else float("nan")

    @property
    def precision(self) -> float:
        """right / said; NaN where it was never said."""
        return self.right / self.said if self.said else float("nan")


def by_class(table: Int[np.ndarray, "classes classes"]) -> tuple[ClassScore, ...]:
    """Each class of a confusion matrix."""
    return tuple(
        ClassScore(int(table[i, i]), int(table[i].sum()), int(table[:, i].sum())) for i in range(len(table))
    )


@dataclass(frozen=True, slots=True)
class Mistake:
    """A photo that was taken for another class.

    Args:
        row: its place among the photos that were asked about.
        true, said: classes. confidence: the probability of what was said.
    """

    row: int
    true: int
    said: int
    confidence: float


def mistakes(probabilities: Shares, labels: Labels) -> tuple[Mistake, ...]:
    """All of them, the most confident first."""
    said = probabilities.argmax(1)
    wrong = np.flatnonzero(said != labels)
    found = [Mistake(int(i), int(labels[i]), int(said[i]), float(probabilities[i, said[i]])) for i in wrong]
    return tuple(sorted(found, key=lambda each: -each.confidence))


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence: how many, their mean confidence, the share that is right."""

    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far confidence is from accuracy.

    Args:
        bins: those with answers, by rising confidence.
        error: ECE, sum over the bins of count / photos x |accuracy - confidence|.
        brier: mean over photos of sum_k (p_k - [k is the label])^2, 0 to 2.
    """

    bins: tuple[Bin, ...]
    error: float
    brier: float


def calibration(probabilities: Shares, labels: Labels, bins: int = 10) -> Calibration:
    """Bins of equal width over the confidence of the answer. Source: Guo et al. 2017, arXiv 1706.04599, equation 3.

    Raises: ValueError without photos, or without bins.
    """
    if not len(labels) or bins < 1:
        raise ValueError(f"Calibration needs photos and bins, got {len(labels)} and {bins}.")
    confidence = probabilities.max(1).astype(np.float64)
    right = right_of(probabilities, labels)
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    found = tuple(
        Bin(int(inside.sum()), float(confidence[inside].mean()), float(right[inside].mean()))
        for inside in (place == i for i in range(bins))
        if inside.any()
    )
    error = sum(each.count * abs(each.accuracy - each.confidence) for each in found) / len(labels)
    truth = np.eye(probabilities.shape[1])[labels]
    return Calibration(found, error, float(((probabilities - truth) ** 2).sum(1).mean()))


def cross_entropy(probabilities: Shares, labels: Sequence[int]) -> float:
    """-mean(log p of the label); NaN without photos."""
    if not len(labels):
        return float("nan")
    shares = probabilities[np.arange(len(labels)), np.asarray(labels)].astype(np.float64)
    return float(-np.log(np.maximum(shares, 1e-12)).mean())
