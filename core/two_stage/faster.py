"""Faster R-CNN, one decision at a time: anchors, proposals, regions, classes, boxes, with what is left at each stage.

torchvision's network computes the maps and the two heads; everything between them is done here step by step, so that it
can be looked at, and ends in the very boxes that torchvision gives.

Source: Ren, He, Girshick and Sun 2015, arXiv 1506.01497; the defaults are torchvision's (`faster_rcnn.py`).
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int, UInt8

from core.detection.suppression import keep
from core.networks import store
from core.two_stage.anchors import DESIGNS, FIRST_STAGE, SECOND_STAGE, decode, level_of

NAMES = tuple(DESIGNS)
PER_LEVEL = 1000
"""Anchors of a level that go on: those with the best objectness."""
PROPOSALS, DETECTIONS = 1000, 100
RPN_IOU, BOX_IOU, BOX_SCORE = 0.7, 0.5, 0.05
RPN_SCORE = {"fasterrcnn_mobilenet_v3_large_fpn": 0.05, "fasterrcnn_resnet50_fpn": 0.0}
_LEAST = {"rpn": 1e-3, "box": 1e-2}  # pixels of the input: smaller boxes are dropped


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What is left after a decision.

    Args:
        title: what was decided. boxes: x1, y1, x2, y2 on the photo, the best first. scores: objectness, later the
            class's probability. labels: numbers of classes, or -1 where there is none yet. count: how many there are;
            more than boxes where only the best are listed.
    """

    title: str
    boxes: Float[np.ndarray, "n 4"]
    scores: Float[np.ndarray, " n"]
    labels: Int[np.ndarray, " n"]
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """The whole way of a photo.

    Args:
        stages: from all anchors to the last boxes. scale: input pixels for a pixel of the photo, down and across.
        size: height and width of the photo as it was shown, without the padding.
        objectness: of each level, the best anchor's probability for each cell [rows, columns]. strides: their cells'
            height and width in pixels of the input. levels: which level each proposal's region was taken from, and
            how many of each.
    """

    stages: tuple[Stage, ...]
    scale: tuple[float, float]
    size: tuple[int, int]
    objectness: tuple[Float[np.ndarray, "rows columns"], ...]
    strides: tuple[tuple[int, int], ...]
    levels: dict[int, int]

    @property
    def result(self) -> Stage:
        """The last boxes."""
        return self.stages[-1]


def load(name: str) -> Any:
    """The network, frozen, shared by all callers.

    Raises: WeightsMissing; WeightsDamaged; ValueError for another name.
    """
    if name not in NAMES:
        raise ValueError(f"The network is one of {', '.join(NAMES)}, got {name!r}.")
    path = store.located(name)
    return _loaded(name, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def class_names() -> tuple[str, ...]:
    """COCO's 91 numbers, of which 80 are used; 0 is the background."""
    from torchvision.models.detection import FasterRCNN_ResNet50_FPN_Weights

    return tuple(FasterRCNN_ResNet50_FPN_Weights.COCO_V1.meta["categories"])


def funnel(photo: UInt8[np.ndarray, "height width 3"], name: str, *, rpn_iou: float = RPN_IOU) -> Funnel:
    """Send a photo through, and keep every stage.

    Args:
        rpn_iou: the overlap over which a proposal is dropped for a better one.

    Raises: as `load`.
    """
    import torch

    network = load(name)
    height, width = photo.shape[:2]
    pixels = torch.from_numpy(photo.transpose(2, 0, 1).copy()).float() / 255
    with torch.inference_mode():
        shown, _ = network.transform([pixels])
        maps = network.backbone(shown.tensors)
        logits, steps = network.rpn.head(list(maps.values()))
        anchors = network.rpn.anchor_generator(shown, list(maps.values()))[0].double().numpy()
    size = shown.image_sizes[0]
    scale = size[0] / height, size[1] / width
    counts = [each[0].numel() for each in logits]
    scores = torch.cat([each[0].permute(1, 2, 0).reshape(-1) for each in logits]).sigmoid()
    moved = torch.cat([_rows(each[0]) for each in steps]).double().numpy()
    first = _proposals(anchors, scores.double().numpy(), moved, counts, size, name, rpn_iou)
    boxes = first[-1].boxes
    with torch.inference_mode():
        rows = [torch.from_numpy(boxes).float()]
        taken = network.roi_heads.box_roi_pool(maps, rows, [size])
        logits2, steps2 = network.roi_heads.box_predictor(network.roi_heads.box_head(taken))
        probability = logits2.softmax(dim=1).double().numpy()
    second = _detections(boxes, probability, steps2.double().numpy(), size)
    low, high = DESIGNS[name].levels[0], DESIGNS[name].levels[-1]
    levels, numbers = np.unique(level_of(boxes, low, high), return_counts=True)
    return Funnel(
        tuple(_on_photo(stage, scale) for stage in (*first, *second)),
        scale,
        size,
        tuple(each[0].sigmoid().amax(dim=0).numpy() for each in logits),
        tuple(
            (shown.tensors.shape[2] // each.shape[2], shown.tensors.shape[3] // each.shape[3])
            for each in logits
        ),
        dict(zip(levels.tolist(), numbers.tolist(), strict=True)),
    )


def _rows(steps: Any) -> Any:
    """[anchors x 4, rows, columns] -> [rows x columns x anchors, 4]."""
    return steps.reshape(-1, 4, *steps.shape[1:]).permute(2, 3, 0, 1).reshape(-1, 4)


def _proposals(
    anchors: Float[np.ndarray, "n 4"],
    scores: Float[np.ndarray, " n"],
    steps: Float[np.ndarray, "n 4"],
    counts: list[int],
    size: tuple[int, int],
    name: str,
    rpn_iou: float,
) -> list[Stage]:
    """The first stage: from all anchors to the proposals, boxes in pixels of the input."""
    level = np.repeat(np.arange(len(counts)), counts)
    none = np.full(len(anchors), -1)
    order = np.argsort(-scores, kind="stable")
    stages = [_stage("anchors", anchors, scores, none, order[:PER_LEVEL], len(anchors))]
    maps = [np.flatnonzero(level == i) for i in range(len(counts))]
    best = np.concatenate([rows[np.argsort(-scores[rows], kind="stable")][:PER_LEVEL] for rows in maps])
    boxes = _cut(decode(anchors[best], steps[best], FIRST_STAGE), size)
    found, level = scores[best], level[best]
    stages.append(
        _stage("best 1,000 of each map, moved", boxes, found, none, np.argsort(-found, kind="stable"))
    )
    there = _large(boxes, _LEAST["rpn"]) & (found >= RPN_SCORE[name])
    boxes, found, level = boxes[there], found[there], level[there]
    if RPN_SCORE[name]:
        title = f"objectness {RPN_SCORE[name]:g} or more"
        stages.append(_stage(title, boxes, found, none, np.argsort(-found, kind="stable")))
    left = keep(boxes, found, iou_threshold=rpn_iou, labels=level)[:PROPOSALS]
    stages.append(_stage(f"proposals after suppression at {rpn_iou:g}", boxes, found, none, left))
    return stages


def _detections(
    proposals: Float[np.ndarray, "n 4"],
    probability: Float[np.ndarray, "n classes"],
    steps: Float[np.ndarray, "n numbers"],
    size: tuple[int, int],
) -> list[Stage]:
    """The second stage: each proposal with each class, boxes in pixels of the input."""
    classes = probability.shape[1]
    regions = np.repeat(proposals, classes, axis=0)
    boxes = _cut(decode(regions, steps.reshape(-1, 4), SECOND_STAGE), size).reshape(-1, classes, 4)[:, 1:]
    scores, labels = probability[:, 1:], np.broadcast_to(np.arange(1, classes), (len(proposals), classes - 1))
    boxes, scores, labels = boxes.reshape(-1, 4), scores.reshape(-1), labels.reshape(-1)
    order = np.argsort(-scores, kind="stable")
    stages = [
        _stage("proposals × classes, moved again", boxes, scores, labels, order[:PER_LEVEL], len(boxes))
    ]
    sure = np.flatnonzero((scores > BOX_SCORE) & _large(boxes, _LEAST["box"]))
    boxes, scores, labels = boxes[sure], scores[sure], labels[sure]
    stages.append(
        _stage(f"probability over {BOX_SCORE:g}", boxes, scores, labels, np.argsort(-scores, kind="stable"))
    )
    left = keep(boxes, scores, iou_threshold=BOX_IOU, labels=labels)[:DETECTIONS]
    stages.append(_stage(f"boxes after suppression at {BOX_IOU:g}", boxes, scores, labels, left))
    return stages


def _stage(title: str, boxes, scores, labels, rows, count: int | None = None) -> Stage:
    return Stage(
        title, boxes[rows], scores[rows], np.asarray(labels)[rows], len(rows) if count is None else count
    )


def _cut(boxes: Float[np.ndarray, "n 4"], size: tuple[int, int]) -> Float[np.ndarray, "n 4"]:
    return np.clip(boxes, 0, np.array([size[1], size[0], size[1], size[0]], np.float64))


def _large(boxes: Float[np.ndarray, "n 4"], least: float) -> np.ndarray:
    return ((boxes[:, 2:] - boxes[:, :2]) >= least).all(axis=1)


def _on_photo(stage: Stage, scale: tuple[float, float]) -> Stage:
    boxes = stage.boxes / np.array([scale[1], scale[0], scale[1], scale[0]])
    return Stage(stage.title, boxes, stage.scores, stage.labels, stage.count)


@lru_cache(maxsize=2)
def _loaded(name: str, path: Path, _changed: int) -> Any:
    from core.two_stage.building import filled_detector

    return filled_detector(name, path)
