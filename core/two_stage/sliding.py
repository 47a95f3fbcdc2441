"""A classifier slid over the photo: every window at once, at several sizes of the photo.

A network that ends in global average pooling and a linear layer becomes fully convolutional: the pooling takes the mean
of as many cells as one window has, at every place, and the linear layer is a 1 x 1 convolution. The map that comes out
holds the classes of every window, and neighbours share all that they have in common.

Source: Sermanet et al., "OverFeat", 2014, arXiv 1312.6229, section 3.5 (dense, several scales); the boxes here are the
windows themselves, where OverFeat learned a second network that moves and sizes them (section 4).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8

from core import networks
from core.detection.suppression import keep
from core.networks.softmax import softmax

NETWORK = networks.DEFAULT
WINDOW, STRIDE = 224, 32
CELLS = WINDOW // STRIDE
SIDES = (224, 320, 448, 640)
"""Shorter sides of the photo that may be looked at, in pixels: half an octave apart, whole strides."""
LONGEST = 1280
Pixels = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """The classes of all windows of the photo at one size.

    Args:
        side: the shorter side of the photo, in pixels; one of `SIDES`.
        hw: height and width of the photo as it was shown, both whole strides.
        photo_hw: of the photo itself.
        logits: before the softmax, for each window: row r, column c begins at pixel (32 r, 32 c).
        seconds: that one pass through the network took.
    """

    side: int
    hw: tuple[int, int]
    photo_hw: tuple[int, int]
    logits: Float32[np.ndarray, "classes rows columns"]
    seconds: float

    def __post_init__(self) -> None:
        if self.logits.shape[1:] != grid(self.hw):
            raise ValueError(
                f"There is a place for each of {grid(self.hw)} windows, got {self.logits.shape}."
            )

    @property
    def rows_columns(self) -> tuple[int, int]:
        """How many windows lie below and beside each other."""
        return grid(self.hw)

    def probabilities(self) -> Float32[np.ndarray, "classes rows columns"]:
        """The softmax over the classes at every place, 0 to 1."""
        return softmax(self.logits)

    def window(self, row: int, column: int) -> tuple[float, float, float, float]:
        """A window as left, top, right, bottom on the photo, in its pixels."""
        down, across = self.photo_hw[0] / self.hw[0], self.photo_hw[1] / self.hw[1]
        top, left = row * STRIDE, column * STRIDE
        return left * across, top * down, (left + WINDOW) * across, (top + WINDOW) * down

    def windows(self) -> Float64[np.ndarray, "places 4"]:
        """All windows on the photo, row by row."""
        rows, columns = self.rows_columns
        return np.array([self.window(row, column) for row in range(rows) for column in range(columns)])

    def nearest(self, row: int, column: int) -> tuple[int, int]:
        """Row and column of the window whose middle is nearest to a pixel of the photo."""
        found = []
        for place, whole, shown, most in zip(
            (row, column), self.photo_hw, self.hw, self.rows_columns, strict=True
        ):
            first = ((place + 0.5) * shown / whole - WINDOW / 2) / STRIDE
            found.append(min(most - 1, max(0, round(first))))
        return found[0], found[1]


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows over a threshold, before and after suppression; the best first.

    Args:
        boxes: on the photo. scores: probability of the class. labels: its number. sides: which size of the photo.
        kept: indices of those that are left.
    """

    boxes: Float64[np.ndarray, "n 4"]
    scores: Float64[np.ndarray, " n"]
    labels: Int64[np.ndarray, " n"]
    sides: Int64[np.ndarray, " n"]
    kept: Int64[np.ndarray, " kept"]


def shown_hw(photo_hw: tuple[int, int], side: int) -> tuple[int, int]:
    """Height and width at which a photo is shown: the shorter one `side`, both whole strides, at most `LONGEST`.

    Rounding to whole strides stretches the photo a little; a strip longer than `LONGEST` allows is squeezed.

    Raises: ValueError for another side or a photo without pixels.
    """
    if side not in SIDES:
        raise ValueError(f"The shorter side is one of {', '.join(map(str, SIDES))} pixels, got {side}.")
    if min(photo_hw) < 1:
        raise ValueError(f"A photo has pixels, got {photo_hw[0]} x {photo_hw[1]}.")
    longer = round(max(photo_hw) * side / min(photo_hw) / STRIDE) * STRIDE
    longer = min(max(longer, side), LONGEST)
    return (side, longer) if photo_hw[0] <= photo_hw[1] else (longer, side)


def grid(hw: tuple[int, int]) -> tuple[int, int]:
    """How many windows of 224 pixels, 32 apart, fit into a picture: (n - 224) / 32 + 1 on each axis."""
    return (hw[0] - WINDOW) // STRIDE + 1, (hw[1] - WINDOW) // STRIDE + 1


def resized(photo: Pixels, side: int) -> Pixels:
    """The photo as it is shown at one size."""
    height, width = shown_hw(photo.shape[:2], side)
    shrinks = height * width < photo.shape[0] * photo.shape[1]
    return cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def dense(photo: Pixels, side: int) -> Dense:
    """All windows of the photo at one size, in one pass."""
    import torch

    shown = resized(photo, side)
    network, tensor = networks.load(NETWORK), _tensor(shown)
    with torch.inference_mode():
        start = time.perf_counter()
        logits = head(network, network.forward_features(tensor))[0].numpy()
        seconds = time.perf_counter() - start
    return Dense(side, shown.shape[:2], photo.shape[:2], logits, seconds)


def head(network: Any, features: Any) -> Any:
    """The network's pooling and classifier at every place: [1, 1280, h, w] -> [1, classes, h - 6, w - 6].

    Mean over 7 x 7 cells, one cell apart; then a 1 x 1 convolution with the linear layer's weights.
    """
    from torch.nn import functional

    means = functional.avg_pool2d(features, CELLS, stride=1)
    return functional.conv2d(means, network.classifier.weight[:, :, None, None], network.classifier.bias)


def one_window(shown: Pixels, row: int, column: int) -> Float32[np.ndarray, " classes"]:
    """The classifier as it is, on the crop of one window: its logits."""
    import torch

    top, left = row * STRIDE, column * STRIDE
    crop = shown[top : top + WINDOW, left : left + WINDOW]
    with torch.inference_mode():
        return networks.load(NETWORK)(_tensor(crop))[0].numpy()


def head_difference(shown: Pixels) -> float:
    """Largest difference of a logit between the convolutional head and the classifier on the first window's crop."""
    import torch

    network, tensor = networks.load(NETWORK), _tensor(shown[:WINDOW, :WINDOW])
    with torch.inference_mode():
        alike = head(network, network.forward_features(tensor))[:, :, 0, 0]
        return float((alike - network(tensor)).abs().max())


def found(maps: Sequence[Dense], threshold: float, overlap: float = 0.3, label: int | None = None) -> Windows:
    """The windows over a threshold at all sizes, and those that greedy suppression leaves, class by class.

    Args:
        threshold: a window counts with a probability over this. overlap: IoU threshold of the suppression.
        label: only this class; None takes the best class of every window.

    Raises: ValueError for a threshold outside 0 to 1.
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"The threshold of the probability is 0 to 1, got {threshold:g}.")
    if not maps:
        raise ValueError("Windows are found at one size of the photo or more, got none.")
    parts = [_over(each, threshold, label) for each in maps]
    boxes, scores, labels, sides = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.argsort(-scores, kind="stable")
    boxes, scores, labels, sides = boxes[order], scores[order], labels[order], sides[order]
    return Windows(boxes, scores, labels, sides, keep(boxes, scores, overlap, labels))


def _over(each: Dense, threshold: float, label: int | None) -> tuple[np.ndarray, ...]:
    shares = each.probabilities().reshape(len(each.logits), -1)
    labels = shares.argmax(axis=0) if label is None else np.full(shares.shape[1], label)
    scores = shares[labels, np.arange(shares.shape[1])].astype(np.float64)
    chosen = np.flatnonzero(scores > threshold)
    return each.windows()[chosen], scores[chosen], labels[chosen], np.full(len(chosen), each.side)


def _tensor(pixels: Pixels) -> Any:
    from core.networks.preparing import normalised

    return normalised(networks.record(NETWORK).preprocessing, pixels)
