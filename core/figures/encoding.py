"""Pictures as PNG or JPEG, the form in which they travel to the browser components.

Small pictures are enlarged on screen until single pixels show, so they travel without loss (PNG); large ones travel as
JPEG with full colour resolution (4:4:4), which costs a tenth of the time of PNG and a fifth of the bytes.
"""

import base64
import io
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import UInt8
from PIL import Image

PHOTO_QUALITY = 92
MAP_QUALITY = 85  # maps are full of edges: a third fewer bytes, no difference to be seen
LOSSLESS_PIXELS = 256 * 256  # up to here PNG is as quick as JPEG


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture ready for the browser.

    Args:
        data: the bytes of the PNG or JPEG file.
        kind: "png" or "jpeg".
        height: pixels, at least 1.
        width: pixels, at least 1.
    """

    data: bytes
    kind: Literal["png", "jpeg"]
    height: int
    width: int

    def __post_init__(self) -> None:
        if min(self.height, self.width) < 1:
            raise ValueError(f"A picture has at least one pixel, got {self.height} x {self.width}.")

    @property
    def uri(self) -> str:
        """The picture as an address: "data:image/...;base64,..."."""
        return f"data:image/{self.kind};base64,{base64.b64encode(self.data).decode('ascii')}"


def encode(
    image: UInt8[np.ndarray, "height width channels"],
    *,
    lossless: bool | None = None,
    quality: int = PHOTO_QUALITY,
) -> Encoded:
    """Encode an RGB or RGBA picture as PNG or JPEG.

    Args:
        image: uint8, 3 channels (RGB) or 4 (RGBA, always PNG).
        lossless: True for PNG, False for JPEG; None chooses PNG up to 256 x 256 pixels.
        quality: of a JPEG, 1 to 95.

    Raises:
        ValueError: not height x width x 3 or 4 of uint8, or without pixels.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in (3, 4):
        raise ValueError(
            f"A picture is height x width x 3 or 4 of uint8, got {image.shape} of {image.dtype}."
        )
    height, width, channels = image.shape
    if min(height, width) < 1:
        raise ValueError(f"A picture has at least one pixel, got {height} x {width}.")
    small = height * width <= LOSSLESS_PIXELS
    png = channels == 4 or (small if lossless is None else lossless)
    buffer = io.BytesIO()
    if png:
        Image.fromarray(image).save(buffer, "PNG", compress_level=1)
    else:
        Image.fromarray(image).save(buffer, "JPEG", quality=quality, subsampling=0)
    return Encoded(data=buffer.getvalue(), kind="png" if png else "jpeg", height=height, width=width)
