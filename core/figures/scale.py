"""How the values of a map become colours, with the legend that belongs under the picture.

Signed values take the diverging palette with zero in its neutral middle, values after a ReLU the sequential one, and
maps that look like pictures stay grey. The few most extreme values may saturate so that the rest can be seen; the
legend says at which value, and the true range beside it.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from core.figures.palette import MAGNITUDE_LUT, SIGNED_LUT, as_hex, magnitude_rgb, signed_rgb

_STOPS = 17  # colours in a legend
_SHARE = 99.0  # per cent of the values that keep their own colour
_SAMPLE = 100_000  # values that are looked at to find that limit


@dataclass(frozen=True, slots=True)
class Scale:
    """The legend of a coloured map.

    Args:
        low, high: the values at the ends of the colour strip; beyond them colours saturate.
        colours: CSS colours from low to high, evenly spaced.
        smallest, largest: the true range of the map.
    """

    low: float
    high: float
    colours: tuple[str, ...]
    smallest: float
    largest: float

    def __post_init__(self) -> None:
        if not self.low < self.high or len(self.colours) < 2:
            raise ValueError(f"A scale runs upwards over two colours or more, got {self.low} to {self.high}.")


@dataclass(frozen=True, slots=True, eq=False)
class Coloured:
    """A map as a picture: RGB and the legend."""

    rgb: UInt8[np.ndarray, "height width 3"]
    scale: Scale


def colour_map(
    values: Float[np.ndarray, "height width"],
    *,
    signed: bool = False,
    rectified: bool = False,
    limit: float | None = None,
) -> Coloured:
    """Colour one map: diverging if a value is negative, sequential after a ReLU, else grey.

    Args:
        signed: diverging even if no value happens to be negative.
        rectified: the map has passed a ReLU.
        limit: where the colours saturate; by default so that 99 % of the values keep their own colour.
    """
    smallest, largest = float(values.min()), float(values.max())
    if signed or smallest < 0:
        limit = _typical(values) if limit is None else limit
        return Coloured(signed_rgb(values, limit), signed_scale(values, limit))
    if rectified:
        limit = _typical(values) if limit is None else limit
        return Coloured(magnitude_rgb(values, high=limit), legend(MAGNITUDE_LUT, 0, limit, smallest, largest))
    white = max(255.0, largest)
    grey = (values * (255 / white)).astype(np.uint8)
    return Coloured(np.repeat(grey[:, :, None], 3, axis=2), legend(_GREY, 0, white, smallest, largest))


def signed_scale(values: Float[np.ndarray, "..."], limit: float) -> Scale:
    """The legend of signed values coloured from -limit to +limit."""
    return legend(SIGNED_LUT, -limit, limit, float(values.min()), float(values.max()))


def colour_channels(values: Float[np.ndarray, "3 height width"], *, centred: bool) -> Coloured:
    """Three maps as the red, green and blue of one picture.

    Args:
        centred: zero is middle grey and the range symmetric (edge kernels); otherwise the range is widened from
            0..255 to hold every value, so nothing is cut off (blurring and sharpening kernels).
    """
    smallest, largest = float(values.min()), float(values.max())
    if centred and smallest < 0:
        high = _typical(values)
        low = -high
    else:
        low, high = min(0.0, smallest), max(255.0, largest)
    scaled = np.clip((np.moveaxis(values, 0, -1) - low) * (255 / (high - low)), 0, 255)
    return Coloured(scaled.astype(np.uint8), legend(_GREY, low, high, smallest, largest))


_GREY: UInt8[np.ndarray, "256 3"] = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


def legend(lut: np.ndarray, low: float, high: float, smallest: float, largest: float) -> Scale:
    """The legend of a map coloured by a palette from low to high, with its true range."""
    stops = np.linspace(0, 255, _STOPS).round().astype(int)
    return Scale(low=low, high=high, colours=tuple(as_hex(lut[stops])), smallest=smallest, largest=largest)


def _typical(values: np.ndarray) -> float:
    """The magnitude that all but a few values stay below; 1 where all are zero."""
    sample = np.abs(values.ravel()[:: max(values.size // _SAMPLE, 1)])
    return float(np.percentile(sample, _SHARE)) or float(np.abs(values).max()) or 1.0
