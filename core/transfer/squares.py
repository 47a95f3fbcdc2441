"""The photos as the network sees them: squares of one side, plain or augmented, and as normalised tensors."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

from core.augmentation.applying import apply
from core.augmentation.chain import Chain
from core.augmentation.drawing import draw_variant
from core.networks.preparing import crop_box
from core.networks.record import Preprocessing
from core.photo import Photo

if TYPE_CHECKING:
    from torch import Tensor

_PHOTOS_MOST = 2_000  # numbers of variants are photo + epoch times so many: no two photos share their dice


def square(
    pixels: UInt8[np.ndarray, "height width 3"], how: Preprocessing
) -> UInt8[np.ndarray, "side side 3"]:
    """The middle of a picture as `core.networks.prepare` cuts it."""
    from PIL import Image

    resample = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}[how.interpolation]
    box = crop_box(how, pixels.shape[0], pixels.shape[1])
    return np.asarray(Image.fromarray(pixels).resize((how.crop_px, how.crop_px), resample, box=box))


def middle(pixels: UInt8[np.ndarray, "height width 3"], side: int) -> UInt8[np.ndarray, "side side 3"]:
    """The largest square around the middle, reduced or enlarged to `side`: for people to look at."""
    from PIL import Image

    height, width = pixels.shape[:2]
    short = min(height, width)
    left, top = (width - short) / 2, (height - short) / 2
    box = (left, top, left + short, top + short)
    how = Image.Resampling.NEAREST if short < side // 4 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(pixels).resize((side, side), how, box))


def squares(photos: Sequence[Photo], how: Preprocessing) -> UInt8[np.ndarray, "photos side side 3"]:
    """All of them, as they are."""
    out = np.empty((len(photos), how.crop_px, how.crop_px, 3), np.uint8)
    for i, photo in enumerate(photos):
        out[i] = square(photo.pixels, how)
    return out


def augmented(
    photos: Sequence[Photo], numbers: Sequence[int], how: Preprocessing, chain: Chain, seed: int, epoch: int
) -> UInt8[np.ndarray, "photos side side 3"]:
    """Each as the chain makes it in one epoch; photo and epoch choose the dice, not the order of the photos.

    Args:
        numbers: of each photo in its set, below 2,000.
    """
    out = np.empty((len(photos), how.crop_px, how.crop_px, 3), np.uint8)
    for i, (photo, number) in enumerate(zip(photos, numbers, strict=True)):
        hw = photo.pixels.shape[0], photo.pixels.shape[1]
        draw = draw_variant(chain, hw, seed, number + _PHOTOS_MOST * epoch)
        out[i] = square(apply(draw, photo.pixels), how)
    return out


def as_tensor(pixels: UInt8[np.ndarray, "photos side side 3"], how: Preprocessing) -> "Tensor":
    """(channel - mean) / std as float32 [photos, 3, side, side], channels last in memory as the pixels are."""
    import torch

    ordered = np.require(pixels[..., ::-1] if how.bgr else pixels, requirements=["C", "W"])
    mean, std = (torch.tensor(values, dtype=torch.float32) for values in (how.mean, how.std))
    values = torch.from_numpy(ordered).float().sub_(mean).div_(std)  # [photos, side, side, 3]
    return values.permute(0, 3, 1, 2)
