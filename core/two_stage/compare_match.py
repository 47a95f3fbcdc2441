"""Where each route fails: by the size of the objects and by how crowded they are, whatever class was named.

Sizes as COCO has them: an object is small under 32^2 square pixels, medium under 96^2, large from there on (Lin et al.,
"Microsoft COCO", 2014, arXiv 1405.0312, and its evaluation's code).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy.typing import ArrayLike

from core.detection.boxes import areas, checked, iou
from core.detection.evaluation import Detections, Truths, match

SMALL, MEDIUM = 32**2, 96**2
SIZES = ("small", "medium", "large")
CROWDS = ("alone", "touching", "crowded")
CROWDED = 0.2
ENOUGH = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """What is on the photo, as far as is known.

    Args:
        boxes: on the photo. sizes: indices into `SIZES`. crowds: indices into `CROWDS`: no part shared with another
            object, some, or an IoU over 0.2.
        votes: how many routes found each; 0 for objects that a person drew.
    """

    boxes: Float64[np.ndarray, "n 4"]
    sizes: Int64[np.ndarray, " n"]
    crowds: Int64[np.ndarray, " n"]
    votes: Int64[np.ndarray, " n"]


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """How one route did.

    Args:
        taken: for each object the box that found it, -1 where none did.
        false: boxes that found no object.
    """

    objects: Objects
    taken: Int64[np.ndarray, " n"]
    false: Int64[np.ndarray, " m"]

    def by_size(self) -> tuple[tuple[int, int], ...]:
        """(found, there) of small, medium and large objects."""
        return self._shares(self.objects.sizes, len(SIZES))

    def by_crowd(self) -> tuple[tuple[int, int], ...]:
        """(found, there) of objects alone, touching and crowded."""
        return self._shares(self.objects.crowds, len(CROWDS))

    def _shares(self, kinds: np.ndarray, count: int) -> tuple[tuple[int, int], ...]:
        return tuple(
            (int((self.taken[kinds == i] >= 0).sum()), int((kinds == i).sum())) for i in range(count)
        )


def described(boxes: ArrayLike, votes: ArrayLike | None = None) -> Objects:
    """Boxes as objects, with their size and crowd.

    Raises: ValueError for boxes that are none.
    """
    array = checked(boxes)
    others = iou(array, array)
    np.fill_diagonal(others, 0.0)
    most = others.max(axis=1, initial=0.0)
    known = np.zeros(len(array), np.int64) if votes is None else np.asarray(votes, np.int64)
    return Objects(
        array, np.digitize(areas(array), (SMALL, MEDIUM)), (most > 0) + (most > CROWDED).astype(int), known
    )


def scored(objects: Objects, boxes: ArrayLike, scores: ArrayLike) -> Score:
    """Which objects a route's boxes find: best first, each takes the free object that it overlaps most, from 0.5 on."""
    array = checked(boxes)
    nothing, here = np.zeros(len(array), np.int64), np.zeros(len(objects.boxes), np.int64)
    found = match(
        Detections(nothing, array, nothing, np.asarray(scores, np.float64)),
        Truths(here, objects.boxes, here),
        0,
        ENOUGH,
        most_per_picture=max(1, len(array)),
    )
    taken = np.full(len(objects.boxes), -1)
    taken[found.truths[found.hits]] = found.detections[found.hits]
    return Score(objects, taken, found.detections[~found.hits])


def agreed(found: Sequence[ArrayLike]) -> Objects:
    """What the routes agree on: boxes of different routes with an IoU of 0.5 or more are one object.

    The routes' boxes are gone through in turn, best first; each joins the object that it overlaps most among those that
    its route has no box of yet, or begins one. An object counts when two routes found it; its box is the mean of its
    boxes. One route alone agrees with nobody.

    Args:
        found: the boxes of each route, best first.
    """
    groups: list[list[np.ndarray]] = []
    for boxes in found:
        free = list(range(len(groups)))
        for box in checked(boxes):
            means = np.array([np.mean(groups[i], axis=0) for i in free]).reshape(-1, 4)
            overlaps = iou(box[None], means)[0]
            if overlaps.size and overlaps.max() >= ENOUGH:
                groups[free.pop(int(overlaps.argmax()))].append(box)
            else:
                groups.append([box])
    left = [group for group in groups if len(group) >= 2]
    return described([np.mean(group, axis=0) for group in left], [len(group) for group in left])
