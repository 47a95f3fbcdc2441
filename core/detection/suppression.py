"""One box per object: non-maximum suppression, every decision written down.

A detector finds an object many times. Suppression takes the best box and removes those that overlap it too much, then
the best of the rest, and so on. `suppress` keeps the record of who was removed by whom; `keep` only decides, fast.

Sources: Felzenszwalb et al., "Object Detection with Discriminatively Trained Part-Based Models", 2010, section 4.4
(greedy); Bodla et al., "Soft-NMS", 2017, equations 3 and 4 with 1 - IoU and the Gaussian; Zheng et al., "Distance-IoU
Loss", 2020, equation 12 (DIoU-NMS); Zhou et al., "CAD", 2017, and YOLOv5 (boxes merged by their scores).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64, Int64
from numpy.typing import ArrayLike

from core.detection.boxes import Boxes, checked, diou, iou
from core.detection.greedy import greedy

METHODS = ("greedy", "soft-linear", "soft-gaussian", "diou", "merge")
MANY = 500  # boxes; from here on a class by itself is faster than telling classes apart pair by pair
Indices = Int64[np.ndarray, " boxes"]
Values = Float64[np.ndarray, " boxes"]
NO_INDICES, NO_VALUES = np.zeros(0, dtype=np.int64), np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One decision: a box is kept, and what that does to the others.

    Args:
        kept: index of the box.
        score: its score when it was its turn (the soft methods may have lowered it before).
        removed: indices of the boxes it removes.
        overlaps: their IoU with it; for "diou" their DIoU, which is what was compared.
        lowered: indices of the boxes that stay with a lower score (soft methods).
        lowered_overlaps: their IoU with the kept box.
        lowered_scores: their scores from here on.
    """

    kept: int
    score: float
    removed: Indices
    overlaps: Values
    lowered: Indices = field(default_factory=lambda: NO_INDICES)
    lowered_overlaps: Values = field(default_factory=lambda: NO_VALUES)
    lowered_scores: Values = field(default_factory=lambda: NO_VALUES)


@dataclass(frozen=True, slots=True)
class Kill:
    """A removed box, the kept one that removed it, and their overlap (IoU; for "diou" the DIoU)."""

    who: int
    by: int
    overlap: float


@dataclass(frozen=True, slots=True, eq=False)
class Suppression:
    """What is left, and how it came to that.

    Args:
        kept: indices into the boxes given, best first.
        steps: one for each kept box, in the same order.
        boxes: the kept boxes; for "merge" the merged ones.
    """

    kept: Indices
    steps: tuple[Step, ...]
    boxes: Boxes

    @property
    def killed(self) -> tuple[Kill, ...]:
        """Every removed box, in the order of removal; of one step, the best box first."""
        return tuple(
            Kill(who, step.kept, overlap)
            for step in self.steps
            for who, overlap in zip(step.removed.tolist(), step.overlaps.tolist(), strict=True)
        )

    @property
    def scores(self) -> Values:
        """The scores of the kept boxes when they were kept."""
        return np.array([step.score for step in self.steps], dtype=np.float64)


def keep(
    boxes: ArrayLike, scores: ArrayLike, iou_threshold: float = 0.5, labels: ArrayLike | None = None
) -> Indices:
    """Greedy suppression without a record: the same `.kept` as `suppress`, for many boxes.

    Args, errors: as in `suppress`.
    """
    array, values, classes = _checked_input(boxes, scores, labels, iou_threshold)
    order = (-values).argsort(kind="stable")
    if classes is None or len(array) < MANY:
        return order[greedy(array[order], iou_threshold, None if classes is None else classes[order])[0]]
    by_class = order[classes[order].argsort(kind="stable")]
    starts = np.flatnonzero(np.diff(classes[by_class])) + 1
    stays = np.zeros(len(array), dtype=bool)
    for members in np.split(by_class, starts):
        stays[members[greedy(array[members], iou_threshold)[0]]] = True
    return order[stays[order]]


def suppress(
    boxes: ArrayLike,
    scores: ArrayLike,
    *,
    iou_threshold: float = 0.5,
    labels: ArrayLike | None = None,
    method: str = "greedy",
    sigma: float = 0.5,
    score_floor: float = 0.001,
) -> Suppression:
    """Suppress doubles, and write down every decision.

    Args:
        boxes: [n, 4], left, top, right, bottom in pixels.
        scores: [n]; of equal scores the box with the lower index counts as better.
        iou_threshold: from 0 to 1; a box goes when its overlap is strictly greater (as in torchvision).
        labels: [n] whole numbers: only boxes of one class act on one another. None: all do.
        method: "greedy" removes; "soft-linear" multiplies the score by 1 - IoU where the IoU is over the threshold;
            "soft-gaussian" by exp(-IoU^2 / sigma), whatever the threshold; "diou" removes by DIoU, so that boxes with
            other centres stay; "merge" is greedy, and the kept box becomes the mean of itself and those it removed,
            weighed by their scores.
        sigma: over 0; the width of the Gaussian.
        score_floor: the soft methods remove a box once they lower its score below this.

    Raises: ValueError for bad boxes, scores, labels, settings, and for negative scores where scores are weights.
    """
    array, values, classes = _checked_input(boxes, scores, labels, iou_threshold)
    _check_settings(method, values, sigma, score_floor)
    if method in ("greedy", "merge"):
        steps = _greedy_steps(array, values, classes, iou_threshold)
    else:
        steps = tuple(_one_by_one(array, values, classes, method, iou_threshold, sigma, score_floor))
    kept = np.array([step.kept for step in steps], dtype=np.int64)
    left = array[kept]
    if method == "merge" and steps:
        left = np.array([_merged(array, values, step) for step in steps])
    return Suppression(kept, steps, left)


def _greedy_steps(boxes: Boxes, scores: Values, labels: Indices | None, threshold: float) -> tuple[Step, ...]:
    """The record of `greedy`, one step for each kept box."""
    order = (-scores).argsort(kind="stable")
    kept, (killers, killed, overlaps) = greedy(
        boxes[order], threshold, None if labels is None else labels[order]
    )
    row = (killers * len(boxes) + killed).argsort()  # by who removed them, then best first
    ends = killers[row].searchsorted(kept, side="right").tolist()
    removed, overlaps = order[killed[row]], overlaps[row]
    indices = order[kept]
    starts = [0, *ends]
    return tuple(
        Step(index, score, removed[start:end], overlaps[start:end], NO_INDICES, NO_VALUES, NO_VALUES)
        for index, score, start, end in zip(
            indices.tolist(), scores[indices].tolist(), starts[:-1], ends, strict=True
        )
    )


def _one_by_one(
    boxes: Boxes,
    scores: Values,
    labels: Indices | None,
    method: str,
    threshold: float,
    sigma: float,
    floor: float,
) -> Iterator[Step]:
    """Keep the best box that is left, act on the others, and again: scores may change on the way."""
    now, left = scores.copy(), np.arange(len(boxes))
    measure = diou if method == "diou" else iou
    while left.size:
        best = int(left[now[left].argmax()])  # of equal scores the first
        left = left[left != best]
        overlaps = measure(boxes[[best]], boxes[left])[0]
        if labels is not None:
            overlaps[labels[left] != labels[best]] = 0
        factors = _factors(method, overlaps, threshold, sigma)
        touched = factors < 1
        now[left] *= factors
        gone = touched & ((now[left] < floor) | (method == "diou"))
        stays = touched & ~gone
        first = (-scores[left[gone]]).argsort(kind="stable")
        yield Step(
            best,
            float(now[best]),
            left[gone][first],
            overlaps[gone][first],
            left[stays],
            overlaps[stays],
            now[left[stays]],
        )
        left = left[~gone]


def _factors(method: str, overlaps: Values, threshold: float, sigma: float) -> Values:
    """What the scores are multiplied by; 1 leaves a box alone."""
    if method == "soft-gaussian":
        return np.exp(-(overlaps**2) / sigma)
    if method == "soft-linear":
        return np.where(overlaps > threshold, 1 - overlaps, 1.0)
    return np.where(overlaps > threshold, 0.0, 1.0)


def _merged(boxes: Boxes, scores: Values, step: Step) -> Float64[np.ndarray, "4"]:
    """The mean of the kept box and those it removed, weighed by score; the kept box where all scores are 0."""
    members = np.array([step.kept, *step.removed.tolist()])
    weights = scores[members]
    return np.average(boxes[members], axis=0, weights=weights) if weights.any() else boxes[step.kept]


def _checked_input(
    boxes: ArrayLike, scores: ArrayLike, labels: ArrayLike | None, iou_threshold: float
) -> tuple[Boxes, Values, Indices | None]:
    array, values = checked(boxes), np.asarray(scores, dtype=np.float64)
    if values.shape != array.shape[:1]:
        raise ValueError(f"There must be one score for each of {len(array)} boxes, got shape {values.shape}.")
    if values.size and not (values.min() > -np.inf and values.max() < np.inf):  # NaN fails both
        raise ValueError(f"Scores must be finite, got {values[~np.isfinite(values)][0]}.")
    if not 0 <= iou_threshold <= 1:
        raise ValueError(f"The IoU threshold must be from 0 to 1, got {iou_threshold}.")
    if labels is None:
        return array, values, None
    classes = np.asarray(labels)
    if classes.shape != values.shape or (classes.size and classes.dtype.kind not in "iu"):
        raise ValueError(
            f"There must be one whole number as label for each of {len(array)} boxes, "
            f"got shape {classes.shape} of {classes.dtype}."
        )
    return array, values, classes.astype(np.int64)


def _check_settings(method: str, scores: Values, sigma: float, score_floor: float) -> None:
    if method not in METHODS:
        raise ValueError(f"The method must be one of {', '.join(METHODS)}, got {method!r}.")
    if not 0 < sigma < np.inf:
        raise ValueError(f"sigma must be over 0 and finite, got {sigma}.")
    if not 0 <= score_floor < np.inf:
        raise ValueError(f"The score floor must be 0 or more and finite, got {score_floor}.")
    if method not in ("greedy", "diou") and scores.size and scores.min() < 0:
        raise ValueError(f"The method {method} weighs by scores: they must be 0 or more, got {scores.min()}.")
