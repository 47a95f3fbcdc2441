"""What regions of a picture are compared by: colour, texture, size and how well they fit into one another.

Each similarity is from 0 to 1:

    colour   sum over the bins of min(c_i, c_j)     25 bins for each of hue, saturation, value
    texture  sum over the bins of min(t_i, t_j)     10 bins for 8 directions of the slope, for each of red, green, blue
    size     1 - (size_i + size_j) / size of the picture: small regions first
    fill     1 - (box around both - size_i - size_j) / size of the picture: those that fill each other's gaps

Histograms sum to 1, and those of a merged region are the mean of both, each as much as it is large.

Source: Uijlings, van de Sande, Gevers and Smeulders 2013, "Selective search for object recognition", section 3.2.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Int, UInt8

MEASURES = ("colour", "texture", "size", "fill")
COLOUR_BINS, TEXTURE_BINS, DIRECTIONS = 25, 10, 8
_SIGMA = 1.0

Pixels = UInt8[np.ndarray, "height width 3"]
Labels = Int[np.ndarray, "height width"]
Bins = Int[np.ndarray, " bins"]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Some connected pixels.

    Args:
        size: how many. box: left, top, right, bottom, half-open.
        colour, texture: their histograms as counts, each channel counted for itself; of two regions they are added.
    """

    size: int
    box: tuple[int, int, int, int]
    colour: Bins
    texture: Bins

    def with_other(self, other: "Region") -> "Region":
        """Both as one."""
        return Region(
            self.size + other.size,
            _around(self.box, other.box),
            self.colour + other.colour,
            self.texture + other.texture,
        )


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike two regions are; each from 0 to 1."""

    colour: float
    texture: float
    size: float
    fill: float

    def total(self, use: tuple[str, ...]) -> float:
        """The sum of those that are used."""
        return sum(float(getattr(self, name)) for name in use)


def alike(one: Region, other: Region, area: int) -> Alike:
    """The four similarities of two regions of a picture with so many pixels."""
    left, top, right, bottom = _around(one.box, other.box)
    together = one.size + other.size
    gap = (right - left) * (bottom - top) - together
    return Alike(
        intersection(one.colour, other.colour),
        intersection(one.texture, other.texture),
        1 - together / area,
        1 - gap / area,
    )


def intersection(one: Bins, other: Bins) -> float:
    """The histogram intersection of two lists of counts, each as shares of its sum: sum of min(a_k / A, b_k / B).

    As sum of min(a_k B, b_k A) / (A B) it is exact up to one rounding, so that equal similarities are equal numbers.
    """
    total, other_total = int(one.sum()), int(other.sum())
    return int(np.minimum(one * other_total, other * total).sum()) / (total * other_total)


def regions_of(pixels: Pixels, labels: Labels) -> tuple[Region, ...]:
    """The region of each label, 0, 1, ...

    Raises: ValueError for labels of another size than the picture, or with a number left out.
    """
    if labels.shape != pixels.shape[:2]:
        raise ValueError(f"There is a label for each pixel, got {labels.shape} for {pixels.shape[:2]}.")
    sizes = np.bincount(labels.ravel())
    if not sizes.all():
        raise ValueError("Labels are 0, 1, ... without a gap, got one that no pixel has.")
    colour = _histograms(colour_bins(pixels), labels, COLOUR_BINS, len(sizes))
    texture = _histograms(texture_bins(pixels), labels, TEXTURE_BINS, len(sizes))
    boxes = _boxes(labels, len(sizes))
    return tuple(
        Region(int(size), box, *both) for size, box, *both in zip(sizes, boxes, colour, texture, strict=True)
    )


def colour_bins(pixels: Pixels) -> Int[np.ndarray, "height width channels"]:
    """The bin of each pixel's hue, saturation and value."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV).astype(np.float64)
    return np.minimum(hsv / np.array([180.0, 256.0, 256.0]) * COLOUR_BINS, COLOUR_BINS - 1).astype(np.int64)


def texture_bins(pixels: Pixels) -> Int[np.ndarray, "height width channels"]:
    """The bin of each pixel's slope in 8 directions, for each colour: [height, width, 24].

    The slope towards a direction is max(0, dx cos a + dy sin a) of the picture smoothed with a Gaussian of sigma 1; 255
    levels a pixel would be the steepest.
    """
    smooth = cv2.GaussianBlur(pixels.astype(np.float64), (0, 0), _SIGMA, borderType=cv2.BORDER_REPLICATE)
    down, across = (_slope(smooth, axis) for axis in (0, 1))
    angles = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    slopes = across[..., None] * np.cos(angles) + down[..., None] * np.sin(angles)  # [h, w, 3, 8]
    steep = np.maximum(slopes, 0).reshape(*pixels.shape[:2], -1)
    # most slopes are gentle: the root spreads them over the bins
    return np.minimum(np.sqrt(steep / 255) * TEXTURE_BINS, TEXTURE_BINS - 1).astype(np.int64)


def _slope(values: Float[np.ndarray, "height width 3"], axis: int) -> Float[np.ndarray, "height width 3"]:
    return np.gradient(values, axis=axis) if values.shape[axis] > 1 else np.zeros_like(values)


def _histograms(
    bins: Int[np.ndarray, "height width channels"], labels: Labels, count: int, regions: int
) -> Int[np.ndarray, "regions bins"]:
    channels = bins.shape[2]
    place = (labels[..., None] * channels + np.arange(channels)) * count + bins
    found = np.bincount(place.ravel(), minlength=regions * channels * count)
    return found.reshape(regions, channels * count)


def _boxes(labels: Labels, regions: int) -> list[tuple[int, int, int, int]]:
    rows, columns = np.mgrid[: labels.shape[0], : labels.shape[1]]
    edges = []
    for values, first in ((columns, True), (rows, True), (columns, False), (rows, False)):
        edge = np.full(regions, values.size if first else -1)
        (np.minimum if first else np.maximum).at(edge, labels.ravel(), values.ravel())
        edges.append(edge if first else edge + 1)
    return [tuple(int(each) for each in box) for box in zip(*edges, strict=True)]


def _around(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, int, int, int]:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )
