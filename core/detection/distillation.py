"""What a student is told by its teacher: the loss between two raw outputs, cell by cell.

    loss = 1/N sum over cells [ BCE(objectness) + s BCE(classes) + s (5 (1 - GIoU) + |box - box'|_1) ],
    s = the teacher's best score in the cell, N = sum of s

Objectness is learned everywhere, class and box where the teacher sees something, the more the surer it is. BCE is the
cross-entropy against the teacher's own probabilities, which are soft (Hinton et al. 2015, arXiv 1503.02531).
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from core.detection.layout import cells

_BOX, _RAW = 5.0, 1.0


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the loss, each a scalar."""

    objectness: Tensor
    classes: Tensor
    overlap: Tensor
    raw: Tensor

    @property
    def total(self) -> Tensor:
        """Their weighted sum."""
        return self.objectness + self.classes + _BOX * self.overlap + _RAW * self.raw


def distillation(student: Tensor, teacher: Tensor, side: int) -> Parts:
    """The loss of the student's logits [b, cells, 85] against the teacher's raw output of the same shape."""
    best = teacher[..., 4] * teacher[..., 5:].amax(dim=-1)  # [b, cells]
    total = best.sum().clamp_min(len(teacher))
    entropy = functional.binary_cross_entropy_with_logits
    objectness = entropy(student[..., 4], teacher[..., 4], reduction="sum") / total
    classes = (best * entropy(student[..., 5:], teacher[..., 5:], reduction="none").sum(-1)).sum() / total
    overlap = (best * (1 - generalised(_boxes(student, side), _boxes(teacher, side)))).sum() / total
    raw = (best * (student[..., :4] - teacher[..., :4]).abs().sum(-1)).sum() / total
    return Parts(objectness, classes, overlap, raw)


def _boxes(raw: Tensor, side: int) -> Tensor:
    """`core.detection.layout.decode` with gradients, in units of strides: GIoU does not change with the scale."""
    place = torch.from_numpy(cells(side).copy()).to(raw.device)[:, :2]  # [cells, 2]
    centre = raw[..., :2] + place
    half = raw[..., 2:4].clamp_max(8).exp() / 2
    return torch.cat([centre - half, centre + half], dim=-1)


def generalised(one: Tensor, other: Tensor) -> Tensor:
    """GIoU of boxes [..., 4] pair by pair: IoU - (enclosing - union) / enclosing (Rezatofighi et al. 2019)."""
    size = (
        torch.minimum(one[..., 2:], other[..., 2:]) - torch.maximum(one[..., :2], other[..., :2])
    ).clamp_min(0)
    shared = size[..., 0] * size[..., 1]
    union = _area(one) + _area(other) - shared
    around = torch.maximum(one[..., 2:], other[..., 2:]) - torch.minimum(one[..., :2], other[..., :2])
    enclosing = (around[..., 0] * around[..., 1]).clamp_min(1e-9)
    return shared / union.clamp_min(1e-9) - (enclosing - union) / enclosing


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
