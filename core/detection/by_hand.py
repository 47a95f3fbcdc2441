"""A target by hand: drawn objects, a grid, and for each recipe which cell is responsible and what it is taught."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from core.detection.anchors import fit_anchors
from core.detection.assignment import Assignment, Claim, yolo_v1, yolo_v2, yolo_v5
from core.detection.encoding import Target, decode_target, encode
from core.detection.grid import Box, Grid
from core.detection.recipes import RECIPES


@dataclass(frozen=True, slots=True)
class Lesson:
    """All objects of a photo under one recipe.

    Args:
        recipe: a key of `RECIPES`. grid: over the photo.
        anchors: (height, width) in pixels, fitted to the objects by k-means; empty for recipes without.
        assignment: who is responsible, and who is lost.
        targets: of each object, in its best slot; None where it reached none.
    """

    recipe: str
    grid: Grid
    anchors: tuple[tuple[float, float], ...]
    assignment: Assignment
    targets: tuple[Target | None, ...]

    def error(self, index: int) -> float:
        """The largest distance in pixels of an object's edges from those decoded of its target; NaN without one."""
        target = self.targets[index]
        if target is None:
            return float("nan")
        return max(abs(a - b) for a, b in zip(target.box, decode_target(target), strict=True))


def uses_anchors(recipe: str) -> bool:
    """The recipe compares sizes with anchors."""
    return RECIPES[recipe].reference == "anchor"


def lesson(recipe: str, boxes: Sequence[Box], labels: Sequence[int], grid: Grid, anchors: int = 3) -> Lesson:
    """Assign and encode.

    YOLOX chooses among several cells by the network's own predictions (SimOTA); by hand there are none, so here the
    cell of the centre is responsible, as in YOLOv1.

    Args:
        boxes: left, top, right, bottom in pixels, at least one. labels: class of each, from 0.
        anchors: so many at most; there are no more than different sizes.

    Raises: ValueError for another recipe, boxes outside the photo, or no box.
    """
    if recipe not in RECIPES:
        raise ValueError(f"A recipe is one of {', '.join(RECIPES)}, got {recipe!r}.")
    if not boxes or len(boxes) != len(labels):
        raise ValueError(
            f"There is one label for each of at least one box, got {len(labels)} for {len(boxes)}."
        )
    fitted = _anchors(boxes, anchors) if uses_anchors(recipe) else np.zeros((0, 2))
    match recipe:
        case "yolo_v2":
            found = yolo_v2(boxes, grid, fitted)
        case "yolo_v5":
            found = yolo_v5(boxes, grid, fitted)
        case _:
            found = yolo_v1(boxes, grid)
    sizes = tuple((float(height), float(width)) for height, width in fitted)
    classes = max(labels) + 1
    targets = tuple(
        _target(
            recipe,
            box,
            label,
            classes,
            grid,
            sizes,
            [claim for claim in found.claims if claim.object == index],
        )
        for index, (box, label) in enumerate(zip(boxes, labels, strict=True))
    )
    return Lesson(recipe, grid, sizes, found, targets)


def _anchors(boxes: Sequence[Box], most: int) -> Float64[np.ndarray, "k 2"]:
    sizes = np.array([(bottom - top, right - left) for left, top, right, bottom in boxes])
    return fit_anchors(sizes, min(most, len(np.unique(sizes, axis=0)))).anchors


def _target(
    recipe: str,
    box: Box,
    label: int,
    classes: int,
    grid: Grid,
    anchors: tuple[tuple[float, float], ...],
    claims: list[Claim],
) -> Target | None:
    """The target in the slot that fits best: for YOLOv5 the smallest ratio of sides, else the largest overlap."""
    if not claims:
        return None
    worse = 1 if recipe == "yolo_v5" else -1
    slot = min(claims, key=lambda claim: worse * claim.fit).slot  # of equals the first: the centre's own cell
    anchor = None if slot.anchor is None else anchors[slot.anchor]
    return encode(
        recipe, box, grid, anchor_hw=anchor, cell=(slot.row, slot.column), label=label, classes=classes
    )
