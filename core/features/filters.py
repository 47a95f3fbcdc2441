"""The weights of a layer: each filter's picture, its direction and frequency, the classic kernel it is nearest to.

Filters of the first layer read red, green and blue and are pictures; deeper ones read channels that have no colour.
Sources: Krizhevsky et al. 2012, figure 3; Zeiler and Fergus 2014, section 4.1 (dead and doubled filters); Gabor (1946),
Daugman (1985) for the templates.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float

from core.convolution.kernels import PRESETS
from core.formula import Formula

ALIKE = 0.95  # filters whose cosine is at least this are near-duplicates
_GRID = 64  # samples of the Fourier transform per axis
_DEAD = 0.01  # of the median norm of the layer: less is a filter that has died
NEAR = 0.7  # a cosine below this is no likeness
_FLAT = 0.6  # share of the largest amplitude that the mean must have to make a filter a blob


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """All filters of one convolution.

    Args:
        layer: its name.
        weight: [filters, channels per filter, kh, kw].
        groups: into how many groups its channels are divided; filter f reads the channels of its group.
        colour: its input is the picture, and the channels are red, green and blue.
    """

    layer: str
    weight: Float[np.ndarray, "filters channels kh kw"]
    groups: int
    colour: bool

    def reads(self, index: int) -> range:
        """The input channels that a filter reads."""
        per_group = len(self.weight) // self.groups
        first = index // per_group * self.weight.shape[1]
        return range(first, first + self.weight.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A filter as one kernel times one mix of channels, the best such product (its largest singular value).

    Args:
        kernel: [kh, kw], of norm 1.
        mix: weight of each channel, so that mix x kernel is nearest to the filter.
        share: of the filter's energy that the product has, 0 to 1.
    """

    kernel: Float[np.ndarray, "kh kw"]
    mix: Float[np.ndarray, " channels"]
    share: float


@dataclass(frozen=True, slots=True)
class Wave:
    """The strongest wave in a kernel.

    Args:
        frequency: cycles per pixel, 0 to 0.71.
        edges: direction of its crests in degrees, 0 (horizontal) to 180, counted against the clock; None for a blob.
    """

    frequency: float
    edges: float | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """The classic kernel nearest to a kernel.

    Args:
        name: in words.
        cosine: of the angle between both, 0 to 1, whatever the sign.
        inverted: it is nearest to minus the classic kernel.
    """

    name: str
    cosine: float
    inverted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """What can be said of one filter.

    Args:
        norm: root of the sum of its squared weights.
        dead: the norm is next to nothing beside the others': training has switched the filter off.
        plane, wave, likeness: as one kernel, its strongest wave, its nearest classic kernel; for 1 x 1 and dead
            filters the last two are None.
        twins: near-duplicates in the layer, nearest first, with the cosine.
    """

    norm: float
    dead: bool
    plane: Plane
    wave: Wave | None
    likeness: Likeness | None
    twins: tuple[tuple[int, float], ...]


def convolutions(network: Any) -> tuple[str, ...]:
    """The names of a network's convolutions, in the order in which they were built."""
    from torch import nn

    return tuple(name for name, module in network.named_modules() if isinstance(module, nn.Conv2d))


def bank(network: Any, layer: str, *, bgr: bool = False) -> Bank:
    """The filters of a convolution; a copy.

    Args:
        network: any `torch.nn.Module`.
        layer: one of `convolutions(network)`.
        bgr: the network reads blue, green, red; the bank holds red first.
    """
    names = convolutions(network)
    if layer not in names:
        raise ValueError(f"The layer is one of the network's convolutions ({names[0]}, ...), got {layer!r}.")
    module = network.get_submodule(layer)
    weight = module.weight.detach().float().numpy().copy()
    colour = layer == names[0] and weight.shape[1] == 3
    return Bank(layer, weight[:, ::-1].copy() if colour and bgr else weight, module.groups, colour)


def card(filters: Bank, index: int) -> Card:
    """Everything about one filter."""
    own = filters.weight[index]
    all_norms = norms(filters)
    best = plane(own)
    dead = bool(all_norms[index] <= _DEAD * np.median(all_norms))
    spatial = min(own.shape[1:]) > 1 and not dead
    return Card(
        float(all_norms[index]),
        dead,
        best,
        wave(best.kernel) if spatial else None,
        likeness(best.kernel) if spatial else None,
        () if dead else twins(filters, index),
    )


def norms(filters: Bank) -> Float[np.ndarray, " filters"]:
    """The norm of every filter of the layer."""
    return np.linalg.norm(filters.weight.reshape(len(filters.weight), -1), axis=1)


def plane(weights: Float[np.ndarray, "channels kh kw"]) -> Plane:
    """The best product of one kernel and one mix: the first term of the singular value decomposition.

    The kernel's sign is chosen so that the mix adds up to something positive.
    """
    channels, kh, kw = weights.shape
    u, s, v = np.linalg.svd(weights.reshape(channels, -1).astype(np.float64), full_matrices=False)
    sign = 1.0 if u[:, 0].sum() >= 0 else -1.0
    energy = float((s**2).sum())
    return Plane(
        (sign * v[0]).reshape(kh, kw), sign * s[0] * u[:, 0], float(s[0] ** 2 / energy) if energy else 0.0
    )


def spectrum(kernel: Float[np.ndarray, "kh kw"]) -> Float[np.ndarray, "grid grid"]:
    """Amplitude of each wave in a kernel; frequency 0 in the middle, half a cycle per pixel at the left and top."""
    return np.abs(np.fft.fftshift(np.fft.fft2(kernel, (_GRID, _GRID))))


def wave(kernel: Float[np.ndarray, "kh kw"]) -> Wave:
    """The strongest wave: the largest amplitude of the Fourier transform."""
    amplitude = spectrum(kernel)
    down, across = np.unravel_index(int(amplitude.argmax()), amplitude.shape)
    fy, fx = ((int(place) - _GRID // 2) / _GRID for place in (down, across))
    if amplitude[_GRID // 2, _GRID // 2] >= _FLAT * amplitude.max():
        return Wave(float(np.hypot(fx, fy)), None)
    # The wave runs along (fx, fy); its crests are square to it. Rows count downwards, so y is turned over.
    return Wave(float(np.hypot(fx, fy)), float(np.degrees(np.arctan2(-fy, fx)) + 90) % 180)


def likeness(kernel: Float[np.ndarray, "kh kw"]) -> Likeness:
    """The nearest of Sobel kernels, Gabor kernels and blobs of the same size, by the cosine."""
    names, templates = _classics(kernel.shape)
    own = kernel.ravel() / (np.linalg.norm(kernel) or 1.0)
    cosines = templates @ own
    best = int(np.abs(cosines).argmax())
    return Likeness(names[best], float(min(abs(cosines[best]), 1.0)), bool(cosines[best] < 0))


def twins(filters: Bank, index: int, most: int = 5) -> tuple[tuple[int, float], ...]:
    """The filters of the layer whose cosine with this one is `ALIKE` or more, or as near to -1, nearest first."""
    flat = filters.weight.reshape(len(filters.weight), -1)
    unit = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    cosines = unit @ unit[index]
    cosines[index] = 0
    order = np.argsort(-np.abs(cosines))[:most]
    return tuple((int(i), float(cosines[i])) for i in order if abs(cosines[i]) >= ALIKE)


def norm_formula(weights: Float[np.ndarray, "channels kh kw"]) -> Formula:
    """The norm of a filter with its numbers."""
    channels, kh, kw = weights.shape
    total = float(np.square(weights.astype(np.float64)).sum())
    return Formula(
        "norm of the filter",
        r"\lVert w \rVert = \sqrt{\textstyle\sum_{c, i, j} w_{c i j}^2}",
        rf"\sqrt{{{total:.5g}}}",
        float(f"{total**0.5:.5g}"),
        f"Sum over {channels} × {kh} × {kw} weights. Batch normalisation rescales the output afterwards.",
    )


@lru_cache(maxsize=32)
def _classics(hw: tuple[int, int]) -> tuple[tuple[str, ...], Float[np.ndarray, "templates weights"]]:
    """Names and unit vectors of the classic kernels of a size."""
    height, width = hw
    y, x = np.mgrid[:height, :width].astype(float)
    y, x = (height - 1) / 2 - y, x - (width - 1) / 2  # y upwards, the middle is 0
    spread = max(min(hw) / 4, 0.75)
    bell = np.exp(-(x**2 + y**2) / (2 * spread**2))
    found = [("blob (Gaussian blur)", bell), ("box blur", np.ones(hw))]
    narrow = np.exp(-(x**2 + y**2) / spread**2 * 2)
    if hw == (3, 3):
        narrow = -next(preset.values for preset in PRESETS if preset.name == "laplacian")
    found.append(("blob against its surround (Laplacian)", narrow - narrow.mean()))
    centre = np.zeros(hw)
    centre[height // 2, width // 2] = 1
    found.append(("single pixel (identity)", centre))
    for degrees in range(0, 180, 15):
        angle = np.radians(degrees)
        across = -x * np.sin(angle) + y * np.cos(angle)  # distance from the crest
        found.append((f"Sobel, edge at {degrees}°", _sobel(hw, angle, across, bell)))
        for cycles in (1, 2) if min(hw) >= 5 else (1,):
            phase = 2 * np.pi * across * cycles / (min(hw) * 0.8)
            even = bell * np.cos(phase)
            found.append((f"Gabor, stripes at {degrees}°", even - bell * even.sum() / bell.sum()))
            if min(hw) >= 5:
                found.append((f"Gabor, stripes at {degrees}°", bell * np.sin(phase)))
    vectors = np.stack([each.ravel() / np.linalg.norm(each) for _, each in found])
    return tuple(name for name, _ in found), vectors


def _sobel(hw: tuple[int, int], angle: float, across: np.ndarray, bell: np.ndarray) -> np.ndarray:
    """Sobel's pair turned by mixing; in larger sizes the slope of a Gaussian, which it is a small copy of."""
    if hw != (3, 3):
        return -bell * across
    x, y = (preset.values for name in ("sobel_x", "sobel_y") for preset in PRESETS if preset.name == name)
    return np.sin(angle) * x + np.cos(angle) * y


def weights_formula(filters: Bank) -> Formula:
    """How many weights a layer's filters have, without biases."""
    count, channels, kh, kw = filters.weight.shape
    return Formula(
        "weights of the layer",
        r"F \cdot C \cdot k_h \cdot k_w",
        rf"{count} \cdot {channels} \cdot {kh} \cdot {kw}",
        count * channels * kh * kw,
        f"Each filter reads {channels} of the {channels * filters.groups} channels."
        if filters.groups > 1
        else "",
    )


def likeness_formula(found: Card) -> Formula:
    """The cosine between a filter's best kernel k and the nearest classic kernel t."""
    if found.likeness is None:
        raise ValueError("A 1 x 1 or dead filter is like no classic kernel, got one.")
    _, templates = _classics(found.plane.kernel.shape)
    sums = templates @ found.plane.kernel.ravel()
    value = float(sums[int(np.abs(sums).argmax())])
    return Formula(
        f"cosine to {found.likeness.name}",
        r"\cos(k, t) = \frac{\sum_{i, j} k_{i j} t_{i j}}{\lVert k \rVert \, \lVert t \rVert}",
        rf"\frac{{{value:.4g}}}{{1 \cdot 1}}",
        float(f"{value:.4g}"),
        "1 is the same up to a factor, −1 its opposite, 0 nothing in common. Both have norm 1.",
    )
