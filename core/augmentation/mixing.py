"""A second photo: MixUp blends it in, CutMix shows it in a box, and the label becomes a vector of shares.

Sources: Zhang et al. 2018, arXiv 1710.09412 (MixUp); Yun et al. 2019, arXiv 1905.04899 (CutMix).
"""

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from core.augmentation.chain import Draw, Drawn
from core.augmentation.geometry import output_hw

Pixels = UInt8[np.ndarray, "height width 3"]


def mix(drawn: Drawn, pixels: Pixels, second: Pixels | None, scale: float = 1.0) -> Pixels:
    """The picture after MixUp or CutMix.

    Args:
        drawn: what was drawn for the step.
        pixels: the first photo, RGB.
        second: the other one, of any size; its middle is cut to the first one's shape and resized.
        scale: pixels of this copy per pixel of the photo that it was drawn for.

    Raises: ValueError without a second photo.
    """
    if second is None:
        raise ValueError("MixUp and CutMix need a second photo, got none.")
    other = fitted(second, pixels.shape[:2])
    if drawn.transform == "mixup":
        return cv2.addWeighted(pixels, 1 - drawn.strength, other, drawn.strength, 0)
    out = pixels.copy()
    left, top, right, bottom = (round(v * scale) for v in drawn["box"])
    out[top:bottom, left:right] = other[top:bottom, left:right]
    return out


def fitted(pixels: Pixels, hw: tuple[int, int]) -> Pixels:
    """The middle of a photo in the shape and size of `hw`, antialiased."""
    (height, width), (tall, wide) = hw, pixels.shape[:2]
    scale = max(height / tall, width / wide)
    cut_h, cut_w = min(tall, max(1, round(height / scale))), min(wide, max(1, round(width / scale)))
    top, left = (tall - cut_h) // 2, (wide - cut_w) // 2
    cut = np.ascontiguousarray(pixels[top : top + cut_h, left : left + cut_w])
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(cut, (width, height), interpolation=kind)


def mixed_label(draw: Draw) -> tuple[float, float]:
    """Shares of the first and of the second photo's label after a draw; they add up to 1.

    MixUp: (1 - strength, strength). CutMix: by the area of the box after clipping. Several mixes in a row multiply.
    """
    first, hw = 1.0, draw.input_hw
    for drawn in draw.applied:
        first *= 1 - second_share(drawn, hw)
        hw = output_hw(drawn, hw)
    return first, 1 - first


def second_share(drawn: Drawn, hw: tuple[int, int]) -> float:
    """Share of the second photo's label in one step's result."""
    if drawn.transform == "mixup":
        return drawn.strength
    if drawn.transform == "cutmix":
        left, top, right, bottom = drawn["box"]
        return (right - left) * (bottom - top) / (hw[0] * hw[1])
    return 0.0


def mixed_vector(
    draw: Draw, first: Float[np.ndarray, " classes"], second: Float[np.ndarray, " classes"]
) -> Float[np.ndarray, " classes"]:
    """The label vector: share of the first times its vector plus share of the second times its own."""
    one, other = mixed_label(draw)
    return one * np.asarray(first, float) + other * np.asarray(second, float)
