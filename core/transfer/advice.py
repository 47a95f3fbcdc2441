"""Which approach the textbook advises: the two-by-two of data size and similarity to ImageNet.

The size is counted. The similarity is measured: how well the untouched network's features already separate the classes
(leave-one-out accuracy of the nearest class mean, Mensink et al. 2013, IEEE TPAMI 35) and how sure ImageNet's own head
is. The four quadrants are those of the Stanford course CS231n, "Transfer learning"; where it says "small" and "similar"
without numbers, the edges here are conventions of this app, and shown as such.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from core.transfer.recipe import Recipe
from core.transfer.significance import wilson

SMALL_BELOW = 100
"""Photos a class: fewer are called small here."""

SIMILAR_FROM = 0.75
"""Of the way from chance to all right, the leave-one-out accuracy from which a set is called similar here."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a set.

    Args:
        photos, classes: in the training part; classes with photos.
        right: photos whose nearest class mean is their own.
        confidence: mean of the largest probability that ImageNet's head gives; NaN for a network without one.
        entropy: mean entropy of that head in bits, of at most log2 of its outputs; NaN likewise.
    """

    photos: int
    classes: int
    right: int
    confidence: float
    entropy: float

    @property
    def accuracy(self) -> float:
        """Leave-one-out accuracy of the nearest class mean."""
        return self.right / self.photos

    @property
    def chance(self) -> float:
        """Of guessing among the classes."""
        return 1 / self.classes

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, of the accuracy."""
        return wilson(self.right, self.photos)

    @property
    def per_class(self) -> float:
        """Photos a class."""
        return self.photos / self.classes

    @property
    def similarity_edge(self) -> float:
        """The accuracy from which the set is called similar."""
        return self.chance + SIMILAR_FROM * (1 - self.chance)

    @property
    def small(self) -> bool:
        """Fewer photos a class than `SMALL_BELOW`."""
        return self.per_class < SMALL_BELOW

    @property
    def similar(self) -> bool:
        """The features separate the classes."""
        return self.accuracy >= self.similarity_edge


@dataclass(frozen=True, slots=True)
class Advice:
    """What the textbook says of a set.

    Args:
        measured: where the set stands.
        quadrant: in words. approach: what it advises. why: the reason.
        follows, contradicts: recipes to test it with.
    """

    measured: Measured
    quadrant: str
    approach: str
    why: str
    follows: Recipe
    contradicts: Recipe


TEXTBOOK = {
    (True, True): (
        "train a new head only",
        "Few photos overfit a deep network, and its features already separate your classes.",
    ),
    (True, False): (
        "fine-tune the last stages with a small rate",
        "The last features are made for other things, and there are too few photos to learn all of them anew: the "
        "hardest corner.",
    ),
    (False, True): (
        "fine-tune the last stages, then more",
        "There are enough photos not to overfit, and the features start from a good place.",
    ),
    (False, False): (
        "fine-tune everything",
        "There are enough photos to change all features; ImageNet's are still a better start than random numbers.",
    ),
}
"""(few photos, similar to ImageNet): what is advised, and why."""


def nearest_mean_hits(
    features: Float[np.ndarray, "photos channels"],
    labels: Int[np.ndarray, " photos"],
    groups: Sequence[Sequence[int]] = (),
) -> np.ndarray:
    """Which photos lie nearest to the mean of their own class, each left out of it [photos] bool.

    With s_k the sum and n_k the number of class k, the mean without photo i of its own class is (s_k - f_i)/(n_k - 1).
    A near-duplicate left in the mean would vouch for its twin: of a group, all are left out. A class of which nothing
    remains has no mean, and its photo is not a hit.

    Args:
        groups: places of photos that are near-duplicates of each other.
    """
    values = features.astype(np.float64)
    classes = np.unique(labels)
    own = np.searchsorted(classes, labels)
    sums = np.stack([values[labels == each].sum(0) for each in classes])
    counts = np.array([(labels == each).sum() for each in classes])
    distances = np.stack(
        [((values - mean) ** 2).sum(1) for mean in sums / counts[:, None]], 1
    )  # [photos, classes]
    alone = counts[own] == 1
    without = (sums[own] - values) / np.maximum(counts[own] - 1, 1)[:, None]
    distances[np.arange(len(labels)), own] = np.where(alone, np.inf, ((values - without) ** 2).sum(1))
    for group in groups:
        members = np.array(group)
        kept = counts - np.bincount(own[members], minlength=len(classes))
        rest = sums.copy()
        np.subtract.at(rest, own[members], values[members])
        means = rest / np.maximum(kept, 1)[:, None]
        for i in members:
            distances[i] = np.where(kept > 0, ((values[i] - means) ** 2).sum(1), np.inf)
            alone[i] = kept[own[i]] == 0
    return (distances.argmin(1) == own) & ~alone


def measured(
    features: Float[np.ndarray, "photos channels"],
    logits: Float[np.ndarray, "photos outputs"],
    labels: Sequence[int],
    groups: Sequence[Sequence[int]] = (),
) -> Measured:
    """The measurements of a set from the untouched network's features and outputs.

    Raises: ValueError for fewer than two classes.
    """
    given = np.asarray(labels)
    classes = len(np.unique(given))
    if classes < 2:
        raise ValueError(f"Similarity is measured between at least two classes, got {classes}.")
    shifted = logits.astype(np.float64) - logits.max(1, keepdims=True)
    shares = np.exp(shifted) / np.exp(shifted).sum(1, keepdims=True)
    entropy = -(shares * np.log2(np.maximum(shares, 1e-30))).sum(1)
    hits = int(nearest_mean_hits(features, given, groups).sum())
    return Measured(len(given), classes, hits, float(shares.max(1).mean()), float(entropy.mean()))


def advised(found: Measured, recipe: Recipe) -> Advice:
    """The quadrant's advice, with two recipes like the given one: one follows it, one does the opposite."""
    approach, why = TEXTBOOK[found.small, found.similar]
    quadrant = (
        f"{'few' if found.small else 'many'} photos, {'similar to' if found.similar else 'unlike'} ImageNet"
    )
    head = replace(recipe, approach="features", stages=1)
    some = replace(recipe, approach="tune", stages=2, size_px=min(recipe.size_px, 160))
    whole = replace(some, stages=1000)
    follows, contradicts = {
        (True, True): (head, whole),
        (True, False): (some, head),
        (False, True): (some, head),
        (False, False): (whole, head),
    }[found.small, found.similar]
    return Advice(found, quadrant, approach, why, follows, contradicts)
