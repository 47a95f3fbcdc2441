"""Average precision by hand: who is a hit, the curve, the area under it, and the mean over thresholds and classes.

Detections of a class are taken best first, over all pictures together. Each takes the free object it overlaps most, if
the IoU reaches the threshold, and is a hit (TP); otherwise it is a false alarm (FP). Objects nobody took are missed.

Sources: Everingham et al., "The PASCAL Visual Object Classes Challenge", 2010, section 4.2 (11 points), and the VOC2010
development kit (all points); Lin et al., "Microsoft COCO", 2014, with pycocotools' COCOeval (101 points, matching).
Crowd and difficult objects, which COCO and VOC leave out of the count, are not told apart here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy.typing import ArrayLike

from core.detection.boxes import Boxes, checked, iou

COCO_THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).tolist())
MOST_PER_PICTURE = 100  # detections of a class that COCO looks at
INTERPOLATIONS = ("11-point", "all-point", "coco")
Whole = Int64[np.ndarray, " boxes"]
Values = Float64[np.ndarray, " ranks"]


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """The objects of all pictures, one row each: picture (any whole number), box in its pixels, class."""

    pictures: Whole
    boxes: Boxes
    labels: Whole

    def __post_init__(self) -> None:
        object.__setattr__(self, "boxes", checked(self.boxes))
        for name in ("pictures", "labels"):
            object.__setattr__(self, name, _whole(getattr(self, name), name, len(self.boxes)))


@dataclass(frozen=True, slots=True, eq=False)
class Detections(Truths):
    """What a detector found in all pictures: as `Truths`, with a score for each."""

    scores: Float64[np.ndarray, " boxes"]

    def __post_init__(self) -> None:
        Truths.__post_init__(self)
        scores = np.asarray(self.scores, dtype=np.float64)
        if scores.shape != (len(self.boxes),) or not np.isfinite(scores).all():
            raise ValueError(
                f"There must be one finite score for each of {len(self.boxes)} boxes, got {scores}."
            )
        object.__setattr__(self, "scores", scores)


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """The detections of one class, best first, and what each of them is.

    Args:
        label, iou_threshold: what was asked for.
        detections: rows of `Detections`; of equal scores the earlier picture, then the earlier row comes first.
        scores: theirs.
        hits: True for TP, False for FP.
        truths: the row of `Truths` each hit took, -1 for a false alarm.
        overlaps: IoU with it; for a false alarm the IoU with the nearest object of the class, 0 where there is none.
        missed: rows of `Truths` that nobody took (FN).
    """

    label: int
    iou_threshold: float
    detections: Whole
    scores: Values
    hits: Bool[np.ndarray, " ranks"]
    truths: Whole
    overlaps: Values
    missed: Whole

    @property
    def objects(self) -> int:
        """How many objects of the class there are."""
        return int(self.hits.sum()) + len(self.missed)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Precision over recall as the score falls, rank by rank.

    Args:
        recall: TP / (TP + FN), hits so far over all objects; NaN where there are no objects.
        precision: TP / (TP + FP), hits so far over detections so far.
        envelope: the best precision at this recall or any higher, which interpolation reads.
    """

    recall: Values
    precision: Values
    envelope: Values


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Average precision of every class at every threshold; NaN for a class without objects.

    Args:
        labels: the classes, ascending.
        thresholds: of IoU.
        table: [classes, thresholds], from 0 to 1.
    """

    labels: tuple[int, ...]
    thresholds: tuple[float, ...]
    table: Float64[np.ndarray, "classes thresholds"]

    @property
    def mean(self) -> float:
        """Mean over thresholds and classes with objects (COCO's AP, VOC's mAP); NaN where there are no objects."""
        return _mean(self.table)

    def at(self, iou_threshold: float) -> float:
        """Mean over the classes at one of the thresholds (0.5: AP50).

        Raises: ValueError for a threshold that was not evaluated.
        """
        columns = np.isclose(self.thresholds, iou_threshold, rtol=0, atol=1e-9)
        if not columns.any():
            raise ValueError(f"The threshold must be one of {self.thresholds}, got {iou_threshold}.")
        return _mean(self.table[:, columns])


def match(
    detections: Detections,
    truths: Truths,
    label: int,
    iou_threshold: float = 0.5,
    *,
    most_per_picture: int = MOST_PER_PICTURE,
) -> Matching:
    """Decide for each detection of a class, best first, whether it is a hit.

    Each takes the free object of its picture and class with the greatest IoU, if that is the threshold or more; of
    equal IoUs the later object (as pycocotools). A second detection of an object taken already is a false alarm, unless
    it reaches the threshold with another free one.

    Args:
        most_per_picture: detections with lower scores than this many of one picture are left out.

    Raises: ValueError for a threshold that is not over 0 and at most 1, or fewer than 1 detection per picture.
    """
    _check(iou_threshold, most_per_picture)
    rank, grids = _ranked(detections, truths, label, most_per_picture)
    return _matching(detections, truths, label, iou_threshold, rank, grids)


def curve(matching: Matching) -> Curve:
    """The precision-recall curve of a matching, one point per rank."""
    hits = matching.hits.cumsum(dtype=np.float64)
    precision = hits / np.arange(1, len(hits) + 1)
    recall = hits / matching.objects if matching.objects else np.full(len(hits), np.nan)
    return Curve(recall, precision, np.maximum.accumulate(precision[::-1])[::-1])


def average_precision(found: Curve, interpolation: str = "coco", *, objects: int | None = None) -> float:
    """Area under a curve, from 0 to 1; NaN for a class without objects.

    "11-point" (VOC to 2009) and "coco" (101 points) are the mean of the envelope at recalls evenly spaced from 0 to 1,
    0 beyond the last recall reached; "all-point" (VOC from 2010) the exact area under the envelope, sum over the ranks
    of (recall - recall before) x envelope.

    Args:
        objects: how many there are; needed only for a curve without detections, where 0 tells NaN from 0.

    Raises: ValueError for an unknown interpolation.
    """
    if interpolation not in INTERPOLATIONS:
        raise ValueError(
            f"The interpolation must be one of {', '.join(INTERPOLATIONS)}, got {interpolation!r}."
        )
    if objects == 0 or np.isnan(found.recall).any():
        return float("nan")
    if interpolation == "all-point":
        return float((np.diff(found.recall, prepend=0.0) * found.envelope).sum())
    # Tenths divided, not multiplied: 3 x 0.1 is over 0.3, and the point would miss a recall of 3 / 10. COCO's own
    # points are multiplied, and some do.
    points = np.arange(11) / 10 if interpolation == "11-point" else np.linspace(0, 1, 101)
    first = found.recall.searchsorted(points, side="left")  # the first rank that reaches each point
    return float(np.append(found.envelope, 0.0)[first].mean())


def evaluate(
    detections: Detections,
    truths: Truths,
    *,
    thresholds: Sequence[float] = COCO_THRESHOLDS,
    interpolation: str = "coco",
    most_per_picture: int = MOST_PER_PICTURE,
) -> Evaluation:
    """Average precision for every class that has objects or detections; as it stands, COCO's AP at 0.5:0.95.

    Raises: ValueError for bad settings (see `match` and `average_precision`).
    """
    for threshold in thresholds:
        _check(threshold, most_per_picture)
    labels = np.union1d(detections.labels, truths.labels).tolist()
    table = np.full((len(labels), len(thresholds)), np.nan)
    for row, label in enumerate(labels):
        rank, grids = _ranked(detections, truths, label, most_per_picture)
        for column, threshold in enumerate(thresholds):
            found = _matching(detections, truths, label, threshold, rank, grids)
            table[row, column] = average_precision(curve(found), interpolation, objects=found.objects)
    return Evaluation(tuple(labels), tuple(thresholds), table)


Grid = tuple[
    Whole, Whole, Float64[np.ndarray, "detections truths"]
]  # rows of each in one picture, and their IoU


def _ranked(detections: Detections, truths: Truths, label: int, most: int) -> tuple[Whole, list[Grid]]:
    """The rows of a class best first, and picture by picture what is compared there."""
    rows = np.flatnonzero(detections.labels == label)
    rows = rows[np.lexsort((rows, -detections.scores[rows], detections.pictures[rows]))]
    starts = np.flatnonzero(np.diff(detections.pictures[rows])) + 1
    grids = []
    for there in np.split(rows, starts) if rows.size else []:
        best = there[:most]
        picture = detections.pictures[best[0]]
        objects = np.flatnonzero((truths.labels == label) & (truths.pictures == picture))
        grids.append((best, objects, iou(detections.boxes[best], truths.boxes[objects])))
    rank = np.concatenate([grid[0] for grid in grids]) if grids else rows
    return rank[(-detections.scores[rank]).argsort(kind="stable")], grids


def _matching(
    detections: Detections, truths: Truths, label: int, threshold: float, rank: Whole, grids: list[Grid]
) -> Matching:
    taken_by = np.full(len(detections.boxes), -1)
    overlaps = np.zeros(len(detections.boxes))
    for best, objects, grid in grids:
        chosen = _chosen(grid, threshold)
        hit = chosen >= 0
        taken_by[best[hit]] = objects[chosen[hit]]
        overlaps[best] = (
            np.where(hit, grid[np.arange(len(best)), chosen], grid.max(axis=1)) if objects.size else 0.0
        )
    taken = taken_by[rank]
    missed = np.setdiff1d(np.flatnonzero(truths.labels == label), taken)
    return Matching(
        label, threshold, rank, detections.scores[rank], taken >= 0, taken, overlaps[rank], missed
    )


def _chosen(grid: Float64[np.ndarray, "detections truths"], threshold: float) -> Whole:
    """The column each row takes, best row first; -1 where none reaches the threshold."""
    free, chosen = grid.copy(), np.full(len(grid), -1)
    for row in range(len(grid) if grid.shape[1] else 0):
        column = grid.shape[1] - 1 - int(free[row, ::-1].argmax())  # of equal ones the last
        if free[row, column] >= min(
            threshold, 1 - 1e-10
        ):  # pycocotools' cap: rounding must not cost a perfect box
            chosen[row] = column
            free[:, column] = -1.0
    return chosen


def _mean(table: np.ndarray) -> float:
    known = table[~np.isnan(table)]
    return float(known.mean()) if known.size else float("nan")


def _whole(values: ArrayLike, name: str, count: int) -> Whole:
    array = np.asarray(values)
    if array.shape != (count,) or (count and array.dtype.kind not in "iu"):
        raise ValueError(
            f"There must be one whole number in {name} for each of {count} boxes, "
            f"got shape {array.shape} of {array.dtype}."
        )
    return array.astype(np.int64)


def _check(iou_threshold: float, most_per_picture: int) -> None:
    if not 0 < iou_threshold <= 1:
        raise ValueError(f"The IoU threshold must be over 0 and at most 1, got {iou_threshold}.")
    if most_per_picture < 1:
        raise ValueError(f"At least 1 detection per picture must count, got {most_per_picture}.")
