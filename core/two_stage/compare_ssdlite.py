"""SSDLite's last steps with other thresholds than its own: default boxes, numbers, classes, suppression.

Source: Liu et al., "SSD", 2016, arXiv 1512.02325, section 2; the steps are those of torchvision's `SSD`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from core.two_stage.faster import as_tensor

TOP, DETECTIONS = 300, 300


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """Boxes of SSDLite on the photo, best first.

    Args:
        defaults: how many default boxes there are. candidates: (box, class) over the score, at most 300 of a class.
    """

    boxes: Float64[np.ndarray, "n 4"]
    scores: Float64[np.ndarray, " n"]
    labels: Int64[np.ndarray, " n"]
    defaults: int
    candidates: int


def detect(
    network: Any, photo: UInt8[np.ndarray, "height width 3"], score: float, overlap: float
) -> Detected:
    """Ask the network; with a score of 0.001 and an overlap of 0.55 as torchvision does.

    Raises: ValueError for a threshold outside 0 to 1.
    """
    import torch
    from torchvision.ops import batched_nms, clip_boxes_to_image

    for value in (score, overlap):
        if not 0 <= value <= 1:
            raise ValueError(f"A threshold is 0 to 1, got {value:g}.")
    with torch.inference_mode():
        images, _ = network.transform([as_tensor(photo)])
        maps = list(network.backbone(images.tensors).values())
        heads, (defaults,) = network.head(maps), network.anchor_generator(images, maps)
        boxes = network.box_coder.decode_single(heads["bbox_regression"][0], defaults)
        boxes = clip_boxes_to_image(boxes, images.image_sizes[0])
        shares = heads["cls_logits"][0].softmax(dim=-1)
        chosen = [_best(shares[:, label], score) for label in range(1, shares.shape[1])]
        labels = torch.cat([torch.full_like(each, label) for label, each in enumerate(chosen, start=1)])
        rows = torch.cat(chosen)
        kept = batched_nms(boxes[rows], shares[rows, labels], labels, overlap)[:DETECTIONS]
    return _on_photo(photo, images.image_sizes[0], boxes[rows[kept]], shares[rows, labels][kept], labels[kept],
                     len(defaults), len(rows))  # fmt: skip


def _best(shares: Any, score: float) -> Any:
    over = (shares > score).nonzero()[:, 0]
    return over[shares[over].topk(min(TOP, len(over))).indices]


def _on_photo(
    photo: Any, shown: Any, boxes: Any, scores: Any, labels: Any, defaults: int, found: int
) -> Detected:
    down, across = (np.float32(a / b) for a, b in zip(photo.shape[:2], shown, strict=True))
    on = boxes.numpy() * np.array([across, down, across, down], np.float32)
    return Detected(on.astype(np.float64), scores.numpy().astype(np.float64), labels.numpy(), defaults, found)
