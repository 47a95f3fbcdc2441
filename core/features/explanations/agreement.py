"""How alike two explanations are: their ranks, and their pictures.

Rank correlation (Spearman) asks whether the same places come first; SSIM (Wang et al. 2004) whether the pictures look
alike. Both are 1 for equal maps and near 0 for maps that have nothing to do with each other.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from core.features.explanations.explanation import Explanation

_SIDE = 112  # both maps are compared at this size
_WINDOW = 7  # of SSIM, as scikit-image has it


@dataclass(frozen=True, slots=True)
class Likeness:
    """An explanation beside the one of the trained network: 1 unchanged, near 0 unrelated, NaN for an empty map."""

    ranks: float
    picture: float


def likeness(before: Explanation, after: Explanation) -> Likeness:
    """Rank correlation and SSIM of an explanation before and after something was changed."""
    return Likeness(rank_correlation(before, after), structural_similarity(before, after))


def rank_correlation(first: Explanation, second: Explanation) -> float:
    """Spearman's: the correlation of the ranks, equal values sharing their mean rank; NaN if a map is empty."""
    one, other = _alike(first.strength, second.strength)
    one, other = _ranks(one.ravel()), _ranks(other.ravel())
    one, other = one - one.mean(), other - other.mean()
    size = math.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other) / size if size else math.nan


def structural_similarity(first: Explanation, second: Explanation) -> float:
    """SSIM of the two pictures, each in its own range from 0 to 1; NaN if one is empty."""
    if first.empty or second.empty:
        return math.nan
    one, other = (_picture(each) for each in (first, second))
    return ssim(one, other)


def ssim(one: Float[np.ndarray, "height width"], other: Float[np.ndarray, "height width"]) -> float:
    """Mean SSIM of two pictures of the range 0..1 over windows of 7 x 7 that lie inside."""
    import cv2

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.blur(values, (_WINDOW, _WINDOW))

    one, other = one.astype(np.float64), other.astype(np.float64)
    steady, cells = (0.01**2, 0.03**2), _WINDOW**2
    first, second = mean(one), mean(other)
    scale = cells / (cells - 1)
    spread_one = scale * (mean(one * one) - first * first)
    spread_other = scale * (mean(other * other) - second * second)
    together = scale * (mean(one * other) - first * second)
    above = (2 * first * second + steady[0]) * (2 * together + steady[1])
    below = (first**2 + second**2 + steady[0]) * (spread_one + spread_other + steady[1])
    edge = _WINDOW // 2
    return float((above / below)[edge:-edge, edge:-edge].mean())


def _alike(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if one.shape != other.shape:
        raise ValueError(f"The maps are of one size, got {one.shape} and {other.shape}.")
    return one, other


def _picture(each: Explanation) -> Float[np.ndarray, "height width"]:
    import cv2

    strong = each.strength
    shrink = min(strong.shape) > _SIDE
    how = cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
    small = np.maximum(cv2.resize(np.ascontiguousarray(strong), (_SIDE, _SIDE), interpolation=how), 0)
    return small / (float(small.max()) or 1.0)


def _ranks(values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """The rank of each value from 0 on; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return ((last - count + last - 1) / 2)[place]
