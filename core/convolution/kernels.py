"""The classic kernels of image processing, and the flip between correlation and convolution.

Sources: Gonzalez & Woods, "Digital Image Processing" (4th edition), chapters 3 and 10; Prewitt (1970);
Sobel & Feldman (1968); Scharr (2000), "Optimale Operatoren in der digitalen Bildverarbeitung".
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Num


@dataclass(frozen=True, slots=True)
class Preset:
    """A kernel with a name.

    Args:
        name: as in a link ("sobel_x").
        label: as on the page ("Sobel x").
        rows: the numbers as textbooks print them.
        divisor: what all of them are divided by.
        what: one sentence on what the kernel does to a picture.
        source: who introduced it, or where it is found.
    """

    name: str
    label: str
    rows: tuple[tuple[int, ...], ...]
    divisor: int
    what: str
    source: str

    @property
    def values(self) -> Float[np.ndarray, "kh kw"]:
        """The weights: rows / divisor."""
        return np.array(self.rows, float) / self.divisor


_TEXTBOOK = "Gonzalez & Woods, Digital Image Processing"
PRESETS = (
    Preset(
        "numbered",
        "Numbered",
        ((1, 2, 3), (4, 5, 6), (7, 8, 9)),
        1,
        "Nine different weights, so that each one can be followed and a flip cannot go unseen.",
        "for this page",
    ),
    Preset(
        "identity",
        "Identity",
        ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
        1,
        "Copies the picture.",
        _TEXTBOOK,
    ),
    Preset(
        "box",
        "Box blur",
        ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
        9,
        "Replaces each pixel by the mean of its neighbourhood.",
        _TEXTBOOK,
    ),
    Preset(
        "gaussian",
        "Gaussian blur",
        ((1, 2, 1), (2, 4, 2), (1, 2, 1)),
        16,
        "Blurs with weights that fall off with distance, the binomial approximation of a Gaussian.",
        _TEXTBOOK,
    ),
    Preset(
        "sharpen",
        "Sharpen",
        ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
        1,
        "Adds to each pixel its difference from its four neighbours: the picture minus its Laplacian.",
        _TEXTBOOK,
    ),
    Preset(
        "emboss",
        "Emboss",
        ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
        1,
        "Adds the slope along the diagonal, as if light fell in from one corner.",
        "common in image editors",
    ),
    Preset(
        "prewitt_x",
        "Prewitt x",
        ((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
        1,
        "Answers to vertical edges: positive where the picture gets brighter from left to right.",
        "Prewitt (1970)",
    ),
    Preset(
        "prewitt_y",
        "Prewitt y",
        ((-1, -1, -1), (0, 0, 0), (1, 1, 1)),
        1,
        "Answers to horizontal edges: positive where the picture gets brighter from top to bottom.",
        "Prewitt (1970)",
    ),
    Preset(
        "sobel_x",
        "Sobel x",
        ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
        1,
        "Answers to vertical edges, and smooths along them with weights 1, 2, 1.",
        "Sobel & Feldman (1968)",
    ),
    Preset(
        "sobel_y",
        "Sobel y",
        ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
        1,
        "Answers to horizontal edges, and smooths along them with weights 1, 2, 1.",
        "Sobel & Feldman (1968)",
    ),
    Preset(
        "scharr_x",
        "Scharr x",
        ((-3, 0, 3), (-10, 0, 10), (-3, 0, 3)),
        1,
        "Answers to vertical edges, with weights chosen to treat all directions nearly alike.",
        "Scharr (2000)",
    ),
    Preset(
        "scharr_y",
        "Scharr y",
        ((-3, -10, -3), (0, 0, 0), (3, 10, 3)),
        1,
        "Answers to horizontal edges, with weights chosen to treat all directions nearly alike.",
        "Scharr (2000)",
    ),
    Preset(
        "laplacian",
        "Laplacian",
        ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
        1,
        "Sums the second differences of both directions: zero on flat and evenly sloping ground.",
        _TEXTBOOK,
    ),
)


def flip(kernel: Num[np.ndarray, "kh kw"]) -> Num[np.ndarray, "kh kw"]:
    """The kernel turned by half a turn.

    Mathematics' convolution is the cross-correlation with the flipped kernel: what deep learning calls convolution
    leaves the flip out (Goodfellow, Bengio & Courville 2016, equations 9.4 and 9.6).
    """
    return kernel[::-1, ::-1]
