"""Faster R-CNN taken apart: every stage from all anchors to the last boxes, with what each of them leaves.

The two networks of torchvision, run step by step: the same boxes, scores and labels as `model([photo])`.

Source: Ren et al., "Faster R-CNN", 2015, arXiv 1506.01497; the numbers are those of torchvision's defaults.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64, UInt8

from core.two_stage.faster import as_tensor
from core.two_stage.faster_anchors import DESIGNS, Level, levels
from core.two_stage.faster_coding import FIRST, SECOND, decode, level_of

TOP, PROPOSALS, DETECTIONS = 1000, 1000, 100
RPN_OVERLAP, SCORE, OVERLAP = 0.7, 0.05, 0.5
SMALLEST, SMALLEST_LAST = 1e-3, 1e-2  # pixels; sides below are no boxes
STEPS = ("backbone", "first stage", "second stage")


@dataclass(frozen=True, slots=True, eq=False)
class First:
    """The first stage: where could an object be?

    Args:
        name: of the network. photo_hw, shown_hw: of the photo, and as it was scaled.
        objectness: probability of every anchor, all levels one after the other.
        top: anchors that are among the best 1,000 of their level; the following belong to these.
        decoded: what their four numbers make of them, cut at the photo's edge; in pixels of the scaled photo.
        sound: those with an area and enough objectness.
        proposals: positions in `top` of those that suppression keeps, best first, at most 1,000.
        overlap: IoU threshold of the suppression, within each level.
    """

    name: str
    photo_hw: tuple[int, int]
    shown_hw: tuple[int, int]
    objectness: Float32[np.ndarray, " anchors"]
    top: Int64[np.ndarray, " top"]
    decoded: Float32[np.ndarray, "top 4"]
    sound: Bool[np.ndarray, " top"]
    proposals: Int64[np.ndarray, " proposals"]
    overlap: float

    @property
    def levels(self) -> tuple[Level, ...]:
        """Where its anchors lie."""
        return levels(DESIGNS[self.name], self.photo_hw)

    @property
    def boxes(self) -> Float32[np.ndarray, "proposals 4"]:
        """The proposals, in pixels of the scaled photo."""
        return self.decoded[self.proposals]

    def on_photo(self, boxes: np.ndarray) -> Float32[np.ndarray, "n 4"]:
        """Boxes of the scaled photo in pixels of the photo."""
        down, across = (np.float32(a / b) for a, b in zip(self.photo_hw, self.shown_hw, strict=True))
        return boxes * np.array([across, down, across, down], np.float32)

    def level_numbers(self) -> Int64[np.ndarray, " proposals"]:
        """The k of each proposal: which map the second stage reads it from."""
        return level_of(self.boxes, *DESIGNS[self.name].roi_levels)


@dataclass(frozen=True, slots=True, eq=False)
class Second:
    """The second stage, before any threshold: what is it, and where exactly?

    Args:
        probabilities: of each proposal for the 91 classes; 0 is the background.
        numbers: what the second stage says of the box, for each class: with the weights 10, 10, 5, 5.
        regressed: the box of each proposal for each class, cut at the edge of the scaled photo.
    """

    probabilities: Float32[np.ndarray, "proposals classes"]
    numbers: Float32[np.ndarray, "proposals classes 4"]
    regressed: Float32[np.ndarray, "proposals classes 4"]


@dataclass(frozen=True, slots=True, eq=False)
class Last:
    """The last boxes, and those before the last suppression.

    Args:
        pairs: (proposal, class) over the score threshold. boxes: theirs, on the photo. scores, labels: theirs.
        kept: positions in `pairs` of those that are left, best first, at most 100.
    """

    pairs: Int64[np.ndarray, "n 2"]
    boxes: Float32[np.ndarray, "n 4"]
    scores: Float32[np.ndarray, " n"]
    labels: Int64[np.ndarray, " n"]
    kept: Int64[np.ndarray, " kept"]


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """Both stages of one network on one photo, and how long each step took."""

    first: First
    second: Second
    seconds: tuple[float, ...]


def first_stage(network: Any, name: str, pixels: Any, features: Any, shown: Any, overlap: float) -> First:
    """From the feature maps to the proposals.

    Args:
        features: of the backbone, by level. shown: (height, width) of the scaled photo.
        overlap: IoU threshold of the suppression.
    """
    import torch
    from torchvision.ops import batched_nms

    objectness, numbers = network.rpn.head(list(features.values()))
    logits = torch.cat([each[0].permute(1, 2, 0).reshape(-1) for each in objectness])
    numbers = torch.cat([_by_place(each) for each in numbers])
    of = levels(DESIGNS[name], pixels.shape[:2])
    _checked_levels(of, [tuple(each.shape[1:]) for each in objectness])
    top = torch.cat([_best(logits, each) for each in of])
    anchors = np.concatenate([each.anchors() for each in of])[top.numpy()]
    decoded = _cut(decode(numbers[top].numpy(), anchors, FIRST), shown)
    scores = logits[top].sigmoid()
    sound = (_sides(decoded) >= SMALLEST) & (scores.numpy() >= DESIGNS[name].least_objectness)
    number = np.searchsorted([each.first for each in of], top.numpy(), side="right")
    left = np.flatnonzero(sound)
    boxes = torch.from_numpy(decoded[left])
    kept = batched_nms(boxes, scores[left], torch.from_numpy(number[left]), overlap)[:PROPOSALS]
    probabilities = logits.sigmoid().numpy()
    return First(
        name, pixels.shape[:2], shown, probabilities, top.numpy(), decoded, sound, left[kept.numpy()], overlap
    )


def second_stage(network: Any, first: First, features: Any) -> Second:
    """From the proposals and the feature maps to classes and boxes."""
    import torch

    heads = network.roi_heads
    boxes = torch.from_numpy(first.boxes)
    cut = heads.box_roi_pool(features, [boxes], [first.shown_hw])
    logits, numbers = heads.box_predictor(heads.box_head(cut))
    classes = logits.shape[1]
    anchors = np.repeat(first.boxes, classes, axis=0)
    flat = numbers.numpy().reshape(-1, 4)
    regressed = _cut(decode(flat, anchors, SECOND), first.shown_hw)
    shape = (len(first.boxes), classes, 4)
    return Second(logits.softmax(dim=1).numpy(), flat.reshape(shape), regressed.reshape(shape))


def last_boxes(first: First, second: Second, score: float = SCORE, overlap: float = OVERLAP) -> Last:
    """Everything over the score threshold, and what the last suppression leaves, class by class.

    Raises: ValueError for a threshold outside 0 to 1.
    """
    import torch
    from torchvision.ops import batched_nms

    for value in (score, overlap):
        if not 0 <= value <= 1:
            raise ValueError(f"A threshold is 0 to 1, got {value:g}.")
    over = second.probabilities > np.float32(score)
    over[:, 0] = False
    over &= _sides(second.regressed) >= SMALLEST_LAST
    pairs = np.argwhere(over)
    boxes, scores = second.regressed[over], second.probabilities[over]
    tensors = (torch.from_numpy(np.ascontiguousarray(each)) for each in (boxes, scores, pairs[:, 1]))
    kept = batched_nms(*tensors, overlap)[:DETECTIONS].numpy()
    return Last(pairs, first.on_photo(boxes), scores, pairs[:, 1], kept)


def stages(funnel: Funnel, last: Last) -> tuple[tuple[str, int], ...]:
    """How many boxes each stage leaves, from all anchors on."""
    first = funnel.first
    return (
        ("anchors", len(first.objectness)),
        ("best 1,000 per level", len(first.top)),
        ("with an area", int(first.sound.sum())),
        (f"after NMS {first.overlap:g}", len(first.proposals)),
        ("× 90 classes", len(first.proposals) * (funnel.second.probabilities.shape[1] - 1)),
        ("over the score", len(last.pairs)),
        ("after the last NMS", len(last.kept)),
    )


def _by_place(numbers: Any) -> Any:
    """[1, kinds * 4, rows, columns] -> [rows * columns * kinds, 4]."""
    _, channels, rows, columns = numbers.shape
    return numbers.view(channels // 4, 4, rows, columns).permute(2, 3, 0, 1).reshape(-1, 4)


def _best(logits: Any, level: Level) -> Any:
    part = logits[level.first : level.first + level.count]
    return part.topk(min(TOP, level.count)).indices + level.first


def _cut(boxes: np.ndarray, hw: tuple[int, int]) -> np.ndarray:
    """Boxes cut at the edges of a picture."""
    limits = np.array([hw[1], hw[0], hw[1], hw[0]], np.float32)
    return np.clip(boxes, np.float32(0), limits)


def _sides(boxes: np.ndarray) -> np.ndarray:
    """The shorter side of each box, [..., 4] -> [...]."""
    return np.minimum(boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1])


def _checked_levels(of: tuple[Level, ...], maps: list[tuple[int, ...]]) -> None:
    expected = [(len(each.base), each.rows, each.columns) for each in of]
    if expected != maps:
        raise ValueError(f"The maps are anchors x rows x columns {expected}, got {maps}.")


def funnel(
    network: Any, name: str, pixels: UInt8[np.ndarray, "height width 3"], overlap: float = RPN_OVERLAP
) -> Iterator["str | Funnel"]:
    """Both stages, one step at a time: yields the name of the step that begins, and at last the `Funnel`.

    Args:
        network: what `core.two_stage.faster.network` gave for `name`.
        overlap: IoU threshold of the first stage's suppression.
    """
    import torch

    times = [time.perf_counter()]
    yield STEPS[0]
    with torch.inference_mode():
        images, _ = network.transform([as_tensor(pixels)])
        features = network.backbone(images.tensors)
    times.append(time.perf_counter())
    yield STEPS[1]
    with torch.inference_mode():
        first = first_stage(network, name, pixels, features, tuple(images.image_sizes[0]), overlap)
    times.append(time.perf_counter())
    yield STEPS[2]
    with torch.inference_mode():
        second = second_stage(network, first, features)
    times.append(time.perf_counter())
    yield Funnel(first, second, tuple(end - start for start, end in pairwise(times)))
