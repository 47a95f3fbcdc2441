"""What is on a photo, to score a detector against: boxes drawn by hand, or the detector's own sure ones to begin with.

Boxes are marks in thousandths (`core.augmentation.marks`), so that they travel in a link.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from numpy.typing import ArrayLike

from core.augmentation.marks import BOXES_MOST, NAME_MOST, Marks, marks_from_text
from core.detection.boxes import Boxes, iou
from core.detection.detector import Candidates, Seen, candidates, class_names
from core.detection.evaluation import Detections, Truths
from core.detection.suppression import Suppression, keep

BY_HAND = {
    "Cat": "b40,10,885,1000 cat",
    "Coffee": "b290,40,685,780 cup; b545,160,705,815 spoon; b0,0,1000,1000 dining table",
    "Photographer": "b0,120,650,1000 person",
    "Astronaut": "b45,25,715,1000 person",
}
"""The objects of COCO's classes on bundled photos, as a person drew them."""
SURE = 0.5
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Start:
    """A truth to begin with.

    Args:
        marks: the boxes. by_hand: a person drew them; otherwise the detector did.
        left_out: boxes that the detector found but that are more than a visitor can edit.
    """

    marks: Marks
    by_hand: bool
    left_out: int = 0


def start(photo_name: str, seen: Seen) -> Start:
    """The boxes drawn by hand for a bundled photo; for any other what `found_marks` gives."""
    if photo_name in BY_HAND:
        return Start(marks_from_text(BY_HAND[photo_name]), True)
    return found_marks(seen)


def found_marks(seen: Seen, threshold: float = SURE) -> Start:
    """What the detector finds with a score over a threshold, doubles removed at IoU 0.5 per class, the best first.

    Raises: ValueError for a threshold outside 0 to 1.
    """
    found = candidates(seen, threshold)
    kept = keep(found.boxes, found.scores, 0.5, found.labels)
    width, height = seen.box.size
    edges = (found.boxes[kept] / [width, height, width, height] * 1000).round().astype(int)
    drawn = [
        (tuple(box), class_names()[label])
        for box, label in zip(edges.tolist(), found.labels[kept], strict=True)
        if box[0] < box[2] and box[1] < box[3]  # thinner than a thousandth
    ]
    shown = drawn[:BOXES_MOST]
    return Start(
        Marks(tuple(box for box, _ in shown), tuple(name for _, name in shown)),
        False,
        len(drawn) - len(shown),
    )


def labels_of(names: Sequence[str], boxes: ArrayLike, found: Candidates) -> Int64[np.ndarray, " boxes"]:
    """The class of each box: the one its name says, else that of the candidate it overlaps most, else `UNKNOWN`."""
    array = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    numbers = {name: number for number, name in enumerate(class_names())}
    overlaps = iou(array, found.boxes)
    labels = np.full(len(array), UNKNOWN, np.int64)
    for row, name in enumerate(names):
        known = numbers.get(name.strip().lower()[:NAME_MOST])
        if known is not None:
            labels[row] = known
        elif overlaps.shape[1] and overlaps[row].max() > 0:
            labels[row] = found.labels[overlaps[row].argmax()]
    return labels


def truths_of(marks: Marks, hw: tuple[int, int], found: Candidates) -> Truths:
    """Drawn boxes as the objects of picture 0, in pixels of a photo of `hw`; those without a class are left out."""
    boxes: Boxes = np.asarray(marks.targets(hw).boxes, dtype=np.float64).reshape(-1, 4)
    labels = labels_of(marks.names, boxes, found)
    known = labels != UNKNOWN
    return Truths(np.zeros(int(known.sum()), np.int64), boxes[known], labels[known])


def as_found(found: Candidates) -> Detections:
    """All candidates, doubles and all, as the detections of picture 0."""
    count = len(found.scores)
    return Detections(
        np.zeros(count, np.int64), found.boxes, np.asarray(found.labels, np.int64), found.scores
    )


def detections_of(left: Suppression, found: Candidates) -> Detections:
    """What suppression left, as the detections of picture 0."""
    labels = np.asarray(found.labels, np.int64)[left.kept]
    return Detections(np.zeros(len(left.kept), np.int64), left.boxes, labels, left.scores)
