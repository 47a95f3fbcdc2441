"""Which cells compete for one object: before suppression several say that it is theirs.

A cell claims an object if its score reaches the threshold and its box overlaps that object most, with an IoU of one
half or more, whatever class it says. Cells that claim no object are false alarms.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from core.detection.boxes import iou
from core.detection.evaluation import Detections, match
from core.detection.scenes import Scene, truths
from core.detection.small_yolo import Raw, Said, detections, suppressed

BELONGS = 0.5
Cells = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Competition:
    """Who claims what in a scene.

    Args:
        threshold: of the score.
        claims: for each object the cells that claim it, best score first.
        kept: for each object those of them that suppression leaves.
        strangers: cells over the threshold that claim no object, best score first. kept_strangers: that are left.
    """

    threshold: float
    claims: tuple[Cells, ...]
    kept: tuple[Cells, ...]
    strangers: Cells
    kept_strangers: Cells

    @property
    def loud(self) -> Cells:
        """All cells over the threshold."""
        return (*(cell for cells in self.claims for cell in cells), *self.strangers)

    @property
    def left(self) -> Cells:
        """All cells whose boxes suppression leaves."""
        return (*(cell for cells in self.kept for cell in cells), *self.kept_strangers)

    @property
    def most_wanted(self) -> int | None:
        """The object that most cells claim, of equals the first; None where no object is claimed."""
        counts = [len(cells) for cells in self.claims]
        return int(np.argmax(counts)) if any(counts) else None


def compete(
    one: Said, boxes: Float64[np.ndarray, "objects 4"], threshold: float, iou_threshold: float = 0.5
) -> Competition:
    """Count the claims before and after suppression within each class.

    Args:
        boxes: the objects that are really there.
        threshold: a cell speaks if its score is at least this. iou_threshold: of the suppression.
    """
    loud = np.flatnonzero(one.scores >= threshold)
    loud = loud[(-one.scores[loud]).argsort(kind="stable")]
    overlaps = iou(one.boxes[loud], boxes)  # [loud, objects]
    if len(boxes):
        owner = np.where(overlaps.max(axis=1) >= BELONGS, overlaps.argmax(axis=1), -1)
    else:
        owner = np.full(len(loud), -1)
    left = set(suppressed(one, threshold, iou_threshold).tolist())
    groups = [tuple(loud[owner == index].tolist()) for index in range(-1, len(boxes))]
    stays = [tuple(cell for cell in group if cell in left) for group in groups]
    return Competition(threshold, tuple(groups[1:]), tuple(stays[1:]), groups[0], stays[0])


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What is left of a scene, and what of it is right.

    Args:
        found: the boxes, with scores and classes.
        hits: for each whether it takes an object of its class with an IoU of 0.5 or more.
        missed: places of the objects that nobody took.
    """

    found: Detections
    hits: tuple[bool, ...]
    missed: tuple[int, ...]


def verdicts(raw: Raw, shown: Scene, threshold: float) -> Verdicts:
    """Hits, false alarms and misses of one scene.

    Args:
        raw: [1, cells, numbers], what the network says of it.
    """
    found, there = detections(raw, threshold), truths([shown])
    hits, missed = np.zeros(len(found.boxes), bool), []
    for label in np.union1d(found.labels, there.labels).tolist():
        matched = match(found, there, label)
        hits[matched.detections] = matched.hits
        missed += matched.missed.tolist()
    return Verdicts(found, tuple(hits.tolist()), tuple(sorted(missed)))
