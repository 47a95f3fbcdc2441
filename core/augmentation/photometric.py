"""Values of pixels, in their places: uint8 in, uint8 out, every result rounded and held to 0 to 255.

What depends on one value alone is a table of 256 entries; what mixes the channels is a 3 x 3 matrix; the rest are
OpenCV's kernels. These steps come before normalisation, which belongs to the network. Definitions as in
`torchvision.transforms.v2.functional`, which the tests compare with.
"""

from collections.abc import Callable

import cv2
import numpy as np
from jaxtyping import UInt8

from core.augmentation.catalogue import transform
from core.augmentation.chain import Drawn

Pixels = UInt8[np.ndarray, "height width 3"]
GREY = (0.299, 0.587, 0.114)
"""Weights of red, green and blue: ITU-R BT.601, as torchvision and Pillow."""
_LEVELS = np.arange(256, dtype=np.float32)


def adjust(drawn: Drawn, pixels: Pixels, scale: float = 1.0) -> Pixels:
    """The picture after one photometric step; never the same memory as `pixels`.

    Args:
        drawn: what was drawn for the step.
        pixels: RGB.
        scale: pixels of this copy per pixel of the photo that it was drawn for, for lengths in pixels.
    """
    if transform(drawn.transform).switch and not drawn.strength:
        return pixels.copy()
    return _STEPS[drawn.transform](pixels, drawn, scale)


def _looked_up(pixels: Pixels, values: np.ndarray) -> Pixels:
    """Each value through a table of 256 numbers, rounded and held to 0 to 255."""
    return cv2.LUT(pixels, np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _brightness(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    return cv2.convertScaleAbs(pixels, alpha=drawn.strength)


def _contrast(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    sums = cv2.sumElems(pixels)  # nine times as fast as cv2.mean
    mean = sum(share * value for share, value in zip(GREY, sums[:3], strict=True)) / pixels[..., 0].size
    return cv2.addWeighted(pixels, drawn.strength, pixels, 0, (1 - drawn.strength) * mean)


def _saturation(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    """strength in + (1 - strength) g: a weighted sum of the picture and its grey copy."""
    grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if drawn.strength == 0:
        return grey
    return cv2.addWeighted(pixels, drawn.strength, grey, 1 - drawn.strength, 0)


def _greyscale(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    return cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def _hue(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    """Hue in 256 steps around the circle, as Pillow; a turn by less than half a step changes nothing."""
    turn = round(drawn.strength / 360 * 256) % 256
    if turn == 0:
        return pixels.copy()
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV_FULL)
    rows = hsv.reshape(len(hsv), -1)
    turns = np.zeros(rows.shape[1], np.uint8)
    turns[::3] = turn
    rows += turns  # uint8 goes around the circle by itself
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL)


def _gamma(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    return _looked_up(pixels, 255 * (_LEVELS / 255) ** np.float32(drawn.strength))


def _posterize(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    return _looked_up(pixels, np.arange(256) & (256 - (1 << (8 - int(drawn.strength)))))


def _solarize(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    return _looked_up(pixels, np.where(drawn.strength > _LEVELS, _LEVELS, 255 - _LEVELS))


def _equalize(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    """Pillow's: step = (pixels - lightest ones) // 255; out = (count of darker ones + step // 2) // step."""
    return _per_channel(pixels, _equalizing)


def _equalizing(histogram: np.ndarray) -> np.ndarray:
    present = histogram[histogram > 0]
    step = int((present.sum() - present[-1]) // 255)
    if len(present) <= 1 or step == 0:
        return _LEVELS
    darker = np.concatenate([[0], np.cumsum(histogram)[:-1]])
    return (darker + step // 2) // step


def _autocontrast(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    return _per_channel(pixels, _stretching)


def _stretching(histogram: np.ndarray) -> np.ndarray:
    present = np.flatnonzero(histogram)
    low, high = int(present[0]), int(present[-1])
    return _LEVELS if low == high else (_LEVELS - low) * (255 / (high - low))


def _per_channel(pixels: Pixels, table_of: Callable[[np.ndarray], np.ndarray]) -> Pixels:
    """Each channel through a table made from its histogram."""
    tables = [
        table_of(np.rint(cv2.calcHist([pixels], [channel], None, [256], [0, 256])[:, 0]).astype(np.int64))
        for channel in range(3)
    ]
    return _looked_up(pixels, np.stack(tables, axis=1)[None])


def _invert(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    return cv2.bitwise_not(pixels)


_SMOOTH = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13


def _sharpness(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    if min(pixels.shape[:2]) <= 2:
        return pixels.copy()
    out = pixels.copy()
    inside = np.ascontiguousarray(cv2.filter2D(pixels, -1, _SMOOTH)[1:-1, 1:-1])
    out[1:-1, 1:-1] = cv2.addWeighted(
        np.ascontiguousarray(pixels[1:-1, 1:-1]), drawn.strength, inside, 1 - drawn.strength, 0
    )
    return out


def _blur(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    sigma = drawn.strength * scale
    if sigma < 1e-3:
        return pixels.copy()
    side = 2 * round(4 * sigma) + 1  # four deviations to each side
    return cv2.GaussianBlur(pixels, (side, side), sigma, borderType=cv2.BORDER_REFLECT_101)


def _noise(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    if drawn.strength == 0:
        return pixels.copy()
    values = np.random.default_rng(drawn["seed"]).standard_normal(pixels.shape, dtype=np.float32)
    values *= np.float32(drawn.strength)
    values += pixels
    np.rint(values, out=values)
    return np.clip(values, 0, 255, out=values).astype(np.uint8)


def _jpeg(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    """OpenCV reads and writes BGR."""
    done, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(drawn.strength)])
    if not done:
        raise ValueError(
            f"A picture of at most 65,535 px a side can be written as JPEG, got {pixels.shape[:2]}."
        )
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def _erasing(pixels: Pixels, drawn: Drawn, scale: float) -> Pixels:
    out = pixels.copy()
    left, top, right, bottom = (round(v * scale) for v in drawn["box"])
    out[top:bottom, left:right] = drawn["value"]
    return out


_STEPS: dict[str, Callable[[Pixels, Drawn, float], Pixels]] = {
    "brightness": _brightness,
    "contrast": _contrast,
    "saturation": _saturation,
    "greyscale": _greyscale,
    "hue": _hue,
    "gamma": _gamma,
    "posterize": _posterize,
    "solarize": _solarize,
    "equalize": _equalize,
    "autocontrast": _autocontrast,
    "invert": _invert,
    "sharpness": _sharpness,
    "blur": _blur,
    "noise": _noise,
    "jpeg": _jpeg,
    "erasing": _erasing,
}
