"""R-CNN and Fast R-CNN on one network: every region through all of it, or all of the photo once and the rest for each.

R-CNN cuts each proposal out of the photo with some context, warps it to 224 x 224 and classifies it. Fast R-CNN sends
the photo through the trunk once, cuts each proposal out of the last map (RoIAlign or RoIPool, 7 x 7 cells) and
classifies that: only the last convolution, the mean and the classifier are left to do for each.

The network is the embedded ImageNet classifier: it has no class for the background and corrects no boxes, as both
papers' networks were trained to. What is compared here is the way, with the same weights.

Sources: Girshick, Donahue, Darrell and Malik 2014, arXiv 1311.2524, appendix A (context of 16 pixels); Girshick 2015,
"Fast R-CNN", arXiv 1504.08083.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from jaxtyping import Float, Int, UInt8

from core import networks
from core.detection.suppression import keep
from core.jobs import Order, Tick, work
from core.networks.preparing import normalised
from core.two_stage.roi import roi_align, roi_pool

NETWORK = "tf_efficientnet_lite0"
SIDE, CONTEXT, BINS, STRIDE = 224, 16, 7, 32
SHORTER, LONGEST = 384, 768
"""Fast R-CNN's input: the photo's shorter edge in pixels, unless the longer one would pass the other."""
BATCH = 25
Way = Literal["rcnn", "fast"]
Cut = Literal["align", "pool"]
Boxes = Float[np.ndarray, "n 4"]
Pixels = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Proposals with what the network says of each.

    Args:
        way: "rcnn" or "fast". boxes: those that are scored so far. scores, labels: the best class's probability, and
            its number. seconds: it took. passes: forward passes of the whole trunk.
    """

    way: Way
    boxes: Boxes
    scores: Float[np.ndarray, " n"]
    labels: Int[np.ndarray, " n"]
    seconds: float
    passes: int

    def kept(self, threshold: float, overlap: float = 0.3) -> Int[np.ndarray, " m"]:
        """The rows over a threshold that are left when each class is suppressed by itself, best first."""
        rows = np.flatnonzero(self.scores > threshold)
        return rows[
            keep(self.boxes[rows], self.scores[rows], iou_threshold=overlap, labels=self.labels[rows])
        ]


def crop(photo: Pixels, box: tuple[float, float, float, float]) -> UInt8[np.ndarray, "224 224 3"]:
    """What R-CNN shows the network of a proposal: 16 pixels of context around it at its final size, all warped.

    What lies outside the photo is its mean colour.
    """
    left, top, right, bottom = box
    inner = SIDE - 2 * CONTEXT
    across, down = (
        max(right - left, 1.0) / inner,
        max(bottom - top, 1.0) / inner,
    )  # photo pixels per pixel shown
    turn = np.array(
        [
            [across, 0, left - CONTEXT * across + (across - 1) / 2],
            [0, down, top - CONTEXT * down + (down - 1) / 2],
        ]
    )
    mean = tuple(float(each) for each in photo.reshape(-1, 3).mean(axis=0))
    way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        photo, turn, (SIDE, SIDE), flags=way, borderMode=cv2.BORDER_CONSTANT, borderValue=mean
    )


def fast_input(photo: Pixels) -> tuple[Pixels, tuple[float, float]]:
    """The photo as Fast R-CNN's trunk sees it, a multiple of 32 pixels on each side; its scales (across, down)."""
    height, width = photo.shape[:2]
    scale = min(SHORTER / min(height, width), LONGEST / max(height, width))
    size = tuple(max(STRIDE, round(each * scale / STRIDE) * STRIDE) for each in (width, height))
    return cv2.resize(photo, size, interpolation=cv2.INTER_LINEAR), (size[0] / width, size[1] / height)


def last_map(photo: Pixels) -> Float[np.ndarray, "channels rows columns"]:
    """The map that Fast R-CNN cuts regions from: the trunk's last, one cell every 32 pixels of its input."""
    return _map_of(fast_input(photo)[0])


def rcnn(photo: Pixels, boxes: Boxes) -> Scored:
    """Every proposal through the whole network."""
    *_, last = rcnn_steps(photo, boxes)
    return last


def rcnn_steps(photo: Pixels, boxes: Boxes) -> Generator[Scored, None, None]:
    """As `rcnn`, a batch at a time."""
    import torch

    network, since = networks.load(NETWORK), time.perf_counter()
    said: list[Any] = []
    for first in range(0, len(boxes), BATCH):
        crops = np.stack([crop(photo, tuple(box)) for box in boxes[first : first + BATCH].tolist()])
        with torch.inference_mode():
            said.append(network(normalised(_preprocessing(), crops)).softmax(dim=1).numpy())
        yield _scored("rcnn", boxes, np.concatenate(said), since, min(first + BATCH, len(boxes)))
    if not len(boxes):
        yield _scored("rcnn", boxes, np.zeros((0, 1000)), since, 0)


def fast(photo: Pixels, boxes: Boxes, cut: Cut = "align") -> Scored:
    """The photo through the trunk once, and each proposal's part of the last map through the rest."""
    import torch

    network, since = networks.load(NETWORK), time.perf_counter()
    shown, scales = fast_input(photo)
    maps = _map_of(shown)
    if not len(boxes):
        return _scored("fast", boxes, np.zeros((0, 1000)), since, 1)
    regions = np.stack([region_of(maps, box, scales, cut) for box in boxes.tolist()])  # [n, c, 7, 7]
    with torch.inference_mode():
        x = torch.from_numpy(regions).contiguous(memory_format=torch.channels_last)
        said = network.forward_head(network.bn2(network.conv_head(x))).softmax(dim=1).numpy()
    return _scored("fast", boxes, said, since, 1)


def region_of(
    maps: Float[np.ndarray, "channels rows columns"],
    box: tuple[float, ...] | list[float],
    scales: tuple[float, float],
    cut: Cut,
) -> Float[np.ndarray, "channels 7 7"]:
    """A proposal's part of the map; the box is in pixels of the photo, the scales lead to the trunk's input."""
    shown = box_shown(box, scales)
    if cut == "align":
        return roi_align(maps, shown, 1 / STRIDE, BINS)
    return roi_pool(maps, shown, 1 / STRIDE, BINS)


def box_shown(
    box: tuple[float, ...] | list[float], scales: tuple[float, float]
) -> tuple[float, float, float, float]:
    """A box of the photo in pixels of the trunk's input."""
    across, down = scales
    return box[0] * across, box[1] * down, box[2] * across, box[3] * down


def both_order(photo: Pixels, boxes: Boxes, cut: Cut) -> Order:
    """The order for what `both` makes."""
    return Order("core.two_stage.rcnn:both", {"photo": photo, "boxes": boxes, "cut": cut})


@work
def both(photo: Pixels, boxes: Boxes, cut: Cut) -> Generator[Any, bool | None, None]:
    """Fast R-CNN, and then R-CNN batch by batch: results are `Scored`; ticks hold what R-CNN has so far."""
    networks.load(NETWORK)
    fast(photo, boxes[:1], cut)  # the first pass of a process prepares its kernels
    total = len(boxes) + 1
    if (yield fast(photo, boxes, cut)):
        return
    last = None
    for last in rcnn_steps(photo, boxes):
        what = f"R-CNN, proposal {len(last.boxes)} of {len(boxes)}"
        if (yield Tick(1 + len(last.boxes), total, what, photos=len(last.boxes) + 1, seen=last)):
            break
    yield last


def _scored(way: Way, boxes: Boxes, said: np.ndarray, since: float, passes: int) -> Scored:
    labels = said.argmax(axis=1)
    scores = said[np.arange(len(said)), labels].astype(np.float64)
    return Scored(way, boxes[: len(said)], scores, labels, time.perf_counter() - since, passes)


def _map_of(shown: Pixels) -> Float[np.ndarray, "channels rows columns"]:
    """The trunk's last map of what `fast_input` gave."""
    import torch

    network = networks.load(NETWORK)
    with torch.inference_mode():
        x = normalised(_preprocessing(), shown)
        return network.blocks(network.bn1(network.conv_stem(x)))[0].numpy()


def _preprocessing() -> networks.Preprocessing:
    return networks.record(NETWORK).preprocessing
