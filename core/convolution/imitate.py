"""A picture as the target: the kernel that comes closest to making it from the photo, and what it cannot make.

The best kernel is the linear regression of the target's pixels on the photo's windows, so what is left over, the
residual, cannot be made by any kernel of that size. Source: Goodfellow, Bengio & Courville, "Deep Learning" (2016),
section 5.1.4.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageFilter, ImageOps

from core.convolution.learn import Bowl, Descent, Inputs, Method, descend
from core.convolution.operation import convolve
from core.formula import Formula

SIZES = (3, 5, 7)
ROUNDING = 1.0  # grey levels: a picture file keeps whole numbers from 0 to 255
EFFECTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "negative": ImageOps.invert,
    "blurred, radius 2": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "median of 5 × 5": lambda image: image.filter(ImageFilter.MedianFilter(5)),
    "mirrored": ImageOps.mirror,
}


@dataclass(frozen=True, slots=True, eq=False)
class Imitation:
    """How close a kernel comes to a picture.

    Args:
        descent: on the way to the best kernel.
        residual: target minus the best kernel's output and bias, [h, w].
    """

    descent: Descent
    residual: Float[np.ndarray, "h w"]

    @property
    def levels(self) -> float:
        """The root mean square of the residual, in grey levels."""
        return float(np.sqrt(np.mean(self.residual**2)))

    @property
    def made(self) -> bool:
        """Whether the best kernel makes the target, but for the rounding of a picture file."""
        return self.levels < ROUNDING

    def rest_formula(self) -> Formula:
        """The least loss that a kernel of this size can have."""
        bowl = self.descent.bowl
        return Formula(
            name="loss that remains",
            symbolic=r"L(w^*) = c - b^T A^{-1} b",
            filled=rf"{bowl.c:.8g} - {bowl.c - bowl.loss(bowl.best().ravel()):.8g}",
            value=bowl.loss(bowl.best().ravel()),
            note="No kernel of this size has less.",
        )

    def share_formula(self) -> Formula:
        """Which share of the loss of a kernel of zeros the best kernel takes away."""
        bowl = self.descent.bowl
        rest = self.rest_formula().value
        return Formula(
            name="share explained",
            symbolic=r"1 - L(w^*) / L(0)",
            filled=rf"1 - {rest:.6g} / {bowl.c:.6g}",
            value=1 - rest / bowl.c if bowl.c > 0 else 1.0,
            note="L(0) = c is the loss of a kernel of zeros.",
        )


def imitate(
    plane: Float[np.ndarray, "height width"],
    picture: Float[np.ndarray, "height width"],
    size: int,
    *,
    inputs: Inputs = "centred",
    method: Method = "momentum",
    seed: int = 0,
) -> Imitation:
    """Learn the kernel of size x size whose output comes closest to a picture of the photo's size.

    The picture's border of size // 2 pixels, where a window would reach outside, is left aside.

    Raises:
        ValueError: as `bowl` and `learn`.
    """
    plane = plane.astype(np.float64)
    border = size // 2
    height, width = (side - size + 1 for side in plane.shape)
    target = picture[border : border + max(height, 0), border : border + max(width, 0)].astype(np.float64)
    descent = descend(plane, target, (size, size), inputs=inputs, method=method, seed=seed)
    return Imitation(descent, target - _output(descent.bowl, plane))


def _output(bowl: Bowl, plane: Float[np.ndarray, "height width"]) -> Float[np.ndarray, "h w"]:
    best = bowl.best()
    return convolve(plane[None], best[None, None])[0] + bowl.bias(best)


def effect(name: str, pixels: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "height width 3"]:
    """The photo after one of EFFECTS."""
    return np.asarray(EFFECTS[name](Image.fromarray(pixels)))


def scaled(pixels: UInt8[np.ndarray, "h w 3"], hw: tuple[int, int]) -> UInt8[np.ndarray, "height width 3"]:
    """A picture at the photo's size, (height, width)."""
    if pixels.shape[:2] == hw:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(hw[::-1], Image.Resampling.LANCZOS))
