"""A photo as a network sees it, and what the network says it is.

Resize the shorter side, cut the square in the middle, subtract the mean, divide by the deviation; the same pixels as
torchvision's `Resize` and `CenterCrop` on a PIL picture give, but only the square is ever resampled, so that a picture
of 1 x 8,000 pixels costs no more than any other.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8

from core.networks.record import NetworkRecord, Preprocessing
from core.networks.registry import record as record_of
from core.networks.shelf import WeightsChoice, load
from core.photo import Photo


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a network is shown of a photo.

    Args:
        tensor: float32 [1, 3, side, side], normalised, in the network's order of channels.
        box: (left, top, right, bottom) of the square in pixels of the photo, half-open, with fractions.
        pixels: the square as the network sees it before normalisation, RGB, read-only.
    """

    tensor: Any
    box: tuple[float, float, float, float]
    pixels: UInt8[np.ndarray, "side side 3"]

    def __post_init__(self) -> None:
        left, top, right, bottom = self.box
        if not (0 <= left < right and 0 <= top < bottom):
            raise ValueError(f"A crop has its corners in order and inside the photo, got {self.box}.")
        self.pixels.setflags(write=False)


def prepare(record: NetworkRecord, photo: Photo) -> Prepared:
    """The square of `photo` that the network of `record` is shown, as a tensor, a box and pixels."""
    from PIL import Image

    how = record.preprocessing
    box = crop_box(how, photo.pixels.shape[0], photo.pixels.shape[1])
    resample = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}[how.interpolation]
    square = Image.fromarray(photo.pixels).resize((how.crop_px, how.crop_px), resample, box=box)
    pixels = np.array(square)
    return Prepared(normalised(how, pixels), box, pixels)


def crop_box(how: Preprocessing, height: int, width: int) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of what stays of a height x width photo, in its own pixels.

    After resizing, the shorter side has `resize_px` pixels and the longer one floor(resize_px * longer / shorter);
    the square starts at round((side - crop_px) / 2) (torchvision's rounding).
    """
    shorter, longer = min(height, width), max(height, width)
    resized = {shorter: how.resize_px, longer: how.resize_px * longer // shorter}
    if shorter == longer:
        resized = {shorter: how.resize_px}
    edges = []
    for side in (width, height):
        first = round((resized[side] - how.crop_px) / 2.0)
        edges.append((first * side / resized[side], (first + how.crop_px) * side / resized[side]))
    (left, right), (top, bottom) = edges
    return left, top, min(right, width), min(bottom, height)


def normalised(how: Preprocessing, pixels: UInt8[np.ndarray, "*photos height width 3"]) -> Any:
    """(channel - mean) / std as float32 [photos, 3, height, width], channels last in memory; one photo makes one."""
    import torch

    ordered = pixels[..., ::-1] if how.bgr else pixels
    values = (ordered - np.array(how.mean, np.float32)) / np.array(how.std, np.float32)
    batch = values.astype(np.float32).reshape(-1, *pixels.shape[-3:])  # [photos, height, width, 3]
    return torch.from_numpy(batch).permute(0, 3, 1, 2)


def classify(
    name: str, photo: Photo, top: int = 5, *, weights: WeightsChoice = "trained", seed: int = 0
) -> tuple[tuple[str, float], ...]:
    """The `top` categories with the largest softmax probabilities, best first.

    Raises:
        WeightsMissing, WeightsDamaged: see `load`.
        ValueError: no such name, a network without classifier, or `top` outside 1 to the number of categories.
    """
    record = record_of(name)
    if record.trunk:
        raise ValueError(f"A network that classifies has a classifier, got {record.title}, which has none.")
    return ranked(load(name, weights, seed=seed), record, photo, top)


def ranked(network: Any, record: NetworkRecord, photo: Photo, top: int = 5) -> tuple[tuple[str, float], ...]:
    """As `classify`, for a network at hand, for example your own."""
    import torch

    if not 1 <= top <= len(record.categories):
        raise ValueError(f"The number of categories shown is 1 to {len(record.categories)}, got {top}.")
    with torch.inference_mode():
        probabilities = network(prepare(record, photo).tensor).softmax(1)[0]
    shares, indices = probabilities.topk(top)
    return tuple(
        (record.categories[i], float(p)) for p, i in zip(shares.tolist(), indices.tolist(), strict=True)
    )
