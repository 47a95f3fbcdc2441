"""From a decoder's pixels to RGB bytes, whatever the picture's mode.

Pillow's own conversion clips everything deeper than eight bits (a 16-bit grey ramp turns white, a float picture in
[0, 1] turns black), drops transparency and knows no Lab; here each mode becomes what a viewer would show on a white
page. Colour profiles are not applied: the networks here were trained on the stored numbers.
Sources: Pillow handbook, "Concepts: Modes"; TIFF 6.0, section 23 (CIE L*a*b*); IEC 61966-2-1 (sRGB).
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
_TRANSPARENT_MODES = ("LA", "PA", "RGBA", "RGBa")
_D50_TO_SRGB = np.array(  # Bradford-adapted XYZ (D50, the white of TIFF's Lab) to linear sRGB
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ],
    dtype=np.float32,
)
_D50_WHITE = np.array([0.96422, 1.0, 0.82521], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Tones:
    """The values of a deep grey picture that become black and white; a note where we had to choose them."""

    black: float
    white: float
    note: str = ""

    def bytes_of(self, values: np.ndarray) -> np.ndarray:
        """round(255 (v - black) / (white - black)), clipped to 0..255; NaN becomes black."""
        if values.dtype.itemsize == 2:  # sixteen bits: look each value up
            return self._scaled(np.arange(2**16))[values]
        return self._scaled(values)

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        scaled = values.astype(np.float64)
        scaled -= self.black
        scaled *= 255
        scaled /= self.white - self.black
        np.clip(scaled, 0, 255, out=scaled)
        scaled += 0.5
        np.nan_to_num(scaled, copy=False, nan=0)
        return scaled.astype(np.uint8)


def tones(image: Image.Image, bits: int) -> Tones:
    """Which values of a deep grey picture are black and white.

    Up to 16 bits the format says it (0 and 2^bits - 1). For 32-bit integers and floats no format does: a picture
    within 0..1 (float), 0..255 or 0..65535 (integer) is read as such, any other is stretched over its own range.
    """
    if image.mode.startswith("I;16"):
        return Tones(0, 2**bits - 1)
    low, high = _finite_range(image)
    natural = (1.0,) if image.mode == "F" else (255.0, 65535.0)
    for white in natural:
        if low >= 0 and high <= white:
            return Tones(0, white)
    if high == low:
        high = low + 1
    return Tones(low, high, f"Its values from {low:.6g} to {high:.6g} are shown from black to white.")


def _finite_range(image: Image.Image) -> tuple[float, float]:
    """Smallest and largest finite value; (0, 0) where there is none."""
    low, high = np.inf, -np.inf
    for box in row_boxes(image.size):
        values = np.asarray(image.crop(box))
        finite = values[np.isfinite(values)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return (low, high) if low <= high else (0.0, 0.0)


def row_boxes(size: tuple[int, int], multiple: int = 1) -> list[tuple[int, int, int, int]]:
    """Boxes of whole rows that tile a picture of `size` (width, height), about a million pixels each.

    Converting box by box keeps the scratch memory small beside the picture. Every box but the last has a height
    that is a multiple of `multiple`.
    """
    width, height = size
    rows = max(1, 2**20 // (width * multiple)) * multiple
    return [(0, top, width, min(top + rows, height)) for top in range(0, height, rows)]


def to_rgb(image: Image.Image, levels: Tones | None, inverted: bool) -> Image.Image:
    """A piece of a picture as RGB: deep grey by `levels`, transparency over white, Lab by formula."""
    if levels is not None:
        return _deep_grey(image, levels, inverted)
    if image.mode == "La":
        image = image.convert("LA")
    if image.mode in _TRANSPARENT_MODES or "transparency" in image.info or _palette_has_alpha(image):
        return _over_white(image)
    if image.mode == "LAB":
        return Image.fromarray(_lab_to_rgb(np.asarray(image)))
    return image if image.mode == "RGB" else image.convert("RGB")


def _palette_has_alpha(image: Image.Image) -> bool:
    return image.mode == "P" and image.palette is not None and image.palette.mode == "RGBA"


def _over_white(image: Image.Image) -> Image.Image:
    """round(alpha colour) + (255 - alpha): premultiplied colour, and white for what shines through."""
    if image.mode == "RGBa":
        layer = image
    else:
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        if layer.getchannel("A").getextrema() == (255, 255):
            return layer.convert("RGB")
        layer = layer.convert("RGBa")
    values = np.asarray(layer)  # [h, w, 4]
    return Image.fromarray(values[..., :3] + (255 - values[..., 3:]))


def _deep_grey(image: Image.Image, levels: Tones, inverted: bool) -> Image.Image:
    values = np.asarray(image)
    grey = levels.bytes_of(values)
    if inverted:
        grey = 255 - grey
    key = image.info.get("transparency")
    if isinstance(key, int):
        grey[values == key] = 255
    return Image.fromarray(grey).convert("RGB")


def _lab_to_rgb(lab: np.ndarray) -> np.ndarray:
    """CIE L*a*b* bytes as TIFF stores them (L* 255 / 100, a* and b* signed) [h, w, 3] to sRGB bytes."""
    a, b = (lab[..., channel].view(np.int8).astype(np.float32) for channel in (1, 2))
    y = (lab[..., 0] * np.float32(100 / 255) + 16) / 116
    f = np.stack([y + a / 500, y, y - b / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * _D50_WHITE
    linear = np.clip(xyz @ _D50_TO_SRGB.T, 0, 1)
    gamma = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (gamma * 255 + 0.5).astype(np.uint8)
