"""Which cells learn an object, and what they are punished for: box, objectness and class.

    loss = 1 / N ( 2 sum over N (1 - GIoU) + sum over all cells BCE(objectness) + sum over N CE(class) )

N is the number of cells that learn an object (1 where there is none); their objectness should be 1, all others' 0. The
rules differ in which cells those are. Sources: Redmon et al. 2016, section 2 ("centre"); Tian et al., "FCOS", 2019,
section 3.1 (a cell that several objects claim learns the smallest), and Ge et al., "YOLOX", 2021, section 2.1, "Multi
positives" ("around"); the same, "SimOTA" ("simota"); Rezatofighi et al. 2019 (GIoU).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64, Int64

from core.detection.assignment import Assignment, Claim, Slot, outcome, yolo_v1
from core.detection.boxes import areas
from core.detection.grid import Grid, centres
from core.detection.scenes import Scene
from core.detection.simota import simota
from core.detection.small_yolo import LOG_MOST, said

RULES = ("centre", "around", "simota")
BOX_WEIGHT = 2.0
_NEAR = 1  # cells, across and down


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """What a batch of scenes is taught: one row for each cell that learns an object.

    Args:
        scenes, cells: which cell of which scene; a cell row by row.
        boxes: left, top, right, bottom in pixels. labels: class numbers.
    """

    scenes: Int64[np.ndarray, " taught"]
    cells: Int64[np.ndarray, " taught"]
    boxes: Float64[np.ndarray, "taught 4"]
    labels: Int64[np.ndarray, " taught"]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the loss as they add up: scalars of PyTorch, or plain numbers."""

    box: Any
    objectness: Any
    classes: Any

    @property
    def total(self) -> Any:
        """Their sum."""
        return self.box + self.objectness + self.classes


def around(boxes: Float64[np.ndarray, "objects 4"], grid: Grid) -> Assignment:
    """The cell of each object's centre and its eight neighbours; of several objects the smallest gets a cell.

    Of equally small ones the first. Raises: ValueError for a box outside the photo.
    """
    claims = []
    for index, (y, x) in enumerate(centres(grid.inside(boxes))):
        row, column = grid.cell_at(y, x)
        claims += [
            Claim(index, Slot(down, across), 1.0)
            for down in range(max(row - _NEAR, 0), min(row + _NEAR + 1, grid.rows))
            for across in range(max(column - _NEAR, 0), min(column + _NEAR + 1, grid.columns))
        ]
    size = areas(boxes)
    granted: dict[Slot, Claim] = {}
    for claim in claims:
        holder = granted.get(claim.slot)
        if holder is None or size[claim.object] < size[holder.object]:
            granted[claim.slot] = claim
    return outcome("around", len(size), claims, list(granted.values()))


def assigned(
    rule: str, one: Scene, grid: Grid, raw: Float32[np.ndarray, "cells numbers"] | None = None
) -> Assignment:
    """Who learns what in a scene.

    Args:
        rule: "centre": the cell of the centre. "around": that and its neighbours. "simota": the cells that predict the
            object best already, as many as seem worth it.
        raw: what the network says of the scene now; only "simota" asks for it.

    Raises: ValueError for another rule, or "simota" without what the network says.
    """
    if rule == "centre":
        return yolo_v1(one.boxes, grid)
    if rule == "around":
        return around(one.boxes, grid)
    if rule != "simota" or raw is None:
        raise ValueError(
            f"A rule is one of {', '.join(RULES)}, and simota needs the predictions, got {rule!r}."
        )
    now = said(raw)
    with np.errstate(divide="ignore"):
        cost = -np.log(np.sqrt(now.objectness[:, None] * now.classes)).clip(max=100)  # [cells, classes]
    return simota(one.boxes, grid, now.boxes, cost.T[one.labels])


def taught(
    rule: str, batch: Sequence[Scene], grid: Grid, raw: Float32[np.ndarray, "n cells numbers"] | None = None
) -> Taught:
    """What a batch is taught; arguments and errors as for `assigned`."""
    scenes, cells, boxes, labels = [], [], [], []
    for index, one in enumerate(batch):
        for claim in assigned(rule, one, grid, None if raw is None else raw[index]).responsible:
            scenes.append(index)
            cells.append(claim.slot.row * grid.columns + claim.slot.column)
            boxes.append(one.boxes[claim.object])
            labels.append(one.labels[claim.object])
    return Taught(
        np.array(scenes, np.int64),
        np.array(cells, np.int64),
        np.array(boxes, np.float64).reshape(-1, 4),
        np.array(labels, np.int64),
    )


def loss(raw: Any, wanted: Taught, grid: Grid) -> Parts:
    """The parts of the loss of a batch's raw numbers, a tensor [n, cells, 5 + classes]."""
    import torch
    from torch.nn import functional

    from core.detection.distillation import generalised

    count = max(len(wanted.cells), 1)
    scenes, cells, labels = (torch.from_numpy(each) for each in (wanted.scenes, wanted.cells, wanted.labels))
    aims = torch.zeros(raw.shape[:2], dtype=raw.dtype).index_put(
        (scenes, cells), torch.ones((), dtype=raw.dtype)
    )
    mine = raw[scenes, cells]  # [taught, 5 + classes]
    place = torch.stack([cells % grid.columns, cells // grid.columns], dim=1)
    stride = grid.cell_hw[0]
    middle = (place + mine[:, :2]) * stride
    half = mine[:, 2:4].clamp_max(LOG_MOST).exp() * stride / 2
    found = torch.cat([middle - half, middle + half], dim=1)
    objects = torch.from_numpy(wanted.boxes).to(raw.dtype)
    entropy = functional.binary_cross_entropy_with_logits(raw[..., 4], aims, reduction="sum")
    classes = functional.cross_entropy(mine[:, 5:], labels, reduction="sum")
    return Parts(
        BOX_WEIGHT * (1 - generalised(found, objects)).sum() / count, entropy / count, classes / count
    )
