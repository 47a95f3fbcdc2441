"""The colours of every map: a diverging scale centred on zero and a sequential one.

Both are safe for the common colour-vision deficiencies: the diverging one runs from blue through a light neutral
to orange-brown (the pair that deuteranopes and protanopes tell apart), the sequential one grows
steadily in lightness only (Crameri, Shephard and Heron 2020, "The misuse of colour in science communication").
"""

import numpy as np
from jaxtyping import Num, UInt8
from PIL import Image

_SIGNED_STOPS = (  # position, RGB: negative is blue, zero is near white, positive is orange-brown
    (0.00, (8, 48, 107)),
    (0.18, (33, 102, 172)),
    (0.35, (103, 169, 207)),
    (0.50, (247, 247, 247)),
    (0.65, (244, 165, 88)),
    (0.82, (200, 90, 12)),
    (1.00, (94, 36, 3)),
)
_MAGNITUDE_STOPS = (  # dark blue to pale yellow, lightness rising steadily
    (0.00, (4, 12, 48)),
    (0.25, (30, 60, 122)),
    (0.50, (62, 122, 140)),
    (0.75, (132, 186, 124)),
    (1.00, (252, 245, 190)),
)

MASK_RGB = (77, 208, 255)  # an object's mask, laid over a photo half transparent
MASK_ALPHA = 95


def _lut(stops: tuple) -> UInt8[np.ndarray, "256 3"]:
    positions, colours = zip(*stops, strict=True)
    ramp = np.linspace(0, 1, 256)
    channels = [np.interp(ramp, positions, channel) for channel in zip(*colours, strict=True)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)  # [256, 3]


SIGNED_LUT = _lut(_SIGNED_STOPS)
MAGNITUDE_LUT = _lut(_MAGNITUDE_STOPS)


def as_hex(lut: UInt8[np.ndarray, "colours 3"]) -> list[str]:
    """The table as CSS colours, for the browser components."""
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in lut.tolist()]


def signed_limit(values: Num[np.ndarray, "..."]) -> float:
    """The symmetric range +-limit that shows every value: max |value|, or 1 when all are zero."""
    return float(np.abs(values).max(initial=0)) or 1.0


def signed_rgb(
    values: Num[np.ndarray, "*shape"], limit: float | None = None
) -> UInt8[np.ndarray, "*shape 3"]:
    """Colour signed values: -limit dark blue, 0 near white, +limit dark orange; beyond the limit saturates."""
    limit = signed_limit(values) if limit is None else limit
    index = np.rint((np.asarray(values, np.float32) / limit + 1) * 127.5)
    return _paint(SIGNED_LUT, np.clip(index, 0, 255).astype(np.uint8))


def magnitude_rgb(
    values: Num[np.ndarray, "*shape"], low: float = 0.0, high: float | None = None
) -> UInt8[np.ndarray, "*shape 3"]:
    """Colour values from low (dark) to high (light); high defaults to the largest value."""
    high = float(np.max(values, initial=low)) if high is None else high
    span = (high - low) or 1.0
    index = np.rint((np.asarray(values, np.float32) - low) * (255.0 / span))
    return _paint(MAGNITUDE_LUT, np.clip(index, 0, 255).astype(np.uint8))


def _paint(
    lut: UInt8[np.ndarray, "256 3"], index: UInt8[np.ndarray, "*shape"]
) -> UInt8[np.ndarray, "*shape 3"]:
    """Look every index up; whole pictures by Pillow, which takes a quarter of NumPy's time."""
    if index.ndim != 2 or index.size == 0:
        return np.take(lut, index, axis=0)
    image = Image.fromarray(index)
    image.putpalette(lut.tobytes())
    return np.asarray(image.convert("RGB"))


BLUE, ORANGE, TEAL, GREY = "#2f7ed8", "#d9731f", "#2b8f86", "#8795a6"
"""Lines and bars on light and dark ground: told apart by everyone, by lightness too."""
VIOLET, PINK, OLIVE, GREEN, PALE = "#7b6fd0", "#c9538c", "#b08a1e", "#3f8f4f", "#c8d0da"
"""More of them, where several kinds stand side by side; the last for what is left out."""
PAIR, THIRD = ("#2b7a78", "#c85a0c"), "#6b7a99"
"""Two measures of one thing, and one more."""
BRIGHT = ("#ffffff", "#7ee787", "#4dd0ff", "#ff9d6c", "#ffd92f")
"""Over any photo, on the rim."""
RIM = "#14181e"


def clear(colour: str, opacity: float) -> str:
    """A CSS colour "#rrggbb" made see-through."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
