"""Whose colours the result has: the style's, or the photo's in one of three ways.

Source: Gatys, Bethge, Hertzmann and Shechtman 2016, "Preserving color in neural artistic style transfer",
arXiv 1606.05897: luminance only (section 3), colour histogram matching and the Cholesky decomposition (section 2).
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, UInt8

RGB_TO_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
_LEAST_VARIANCE = (
    1e-5  # of values from 0 to 1: a grey or plain picture has a covariance that cannot be divided by
)

Picture = UInt8[np.ndarray, "height width 3"]


def keep_luminance(result: Picture, photo: Picture) -> Picture:
    """The result's brightness (Y of YIQ) with the photo's colours (I and Q).

    Raises: ValueError for pictures of different sizes.
    """
    if result.shape != photo.shape:
        raise ValueError(f"Both pictures have one size, got {result.shape} and {photo.shape}.")
    new, old = (each.astype(np.float64) @ RGB_TO_YIQ.T for each in (result, photo))
    mixed = np.concatenate([new[..., :1], old[..., 1:]], axis=2)
    return np.clip(mixed @ np.linalg.inv(RGB_TO_YIQ).T + 0.5, 0, 255).astype(np.uint8)


def recoloured(style: Picture, photo: Picture) -> Picture:
    """The style with the mean and the covariance of the photo's colours.

    x -> L_photo L_style^-1 (x - mean_style) + mean_photo, where L L^T is the covariance of the colours.
    """
    mean, spread = _moments(style)
    wanted_mean, wanted_spread = _moments(photo)
    turn: Float[np.ndarray, "3 3"] = wanted_spread @ np.linalg.inv(spread)
    values = (style.reshape(-1, 3) / 255.0 - mean) @ turn.T + wanted_mean
    return np.clip(255 * values + 0.5, 0, 255).astype(np.uint8).reshape(style.shape)


def histogram_matched(style: Picture, photo: Picture) -> Picture:
    """The style with the photo's distribution of values in each of red, green and blue."""
    from skimage.exposure import match_histograms  # only workers need it, and it takes a while to load

    return match_histograms(style, photo, channel_axis=2)


RECOLOURED: dict[str, Callable[[Picture, Picture], Picture]] = {
    "matched": recoloured,
    "histogram": histogram_matched,
}
"""Ways to give a style the photo's colours before the run."""


def _moments(picture: Picture) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3 3"]]:
    """The mean colour, and the Cholesky factor of the colours' covariance."""
    colours = picture.reshape(-1, 3) / 255.0
    mean = colours.mean(axis=0)
    covariance = (colours - mean).T @ (colours - mean) / len(colours)
    return mean, np.linalg.cholesky(covariance + _LEAST_VARIANCE * np.eye(3))
