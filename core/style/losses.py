"""What style transfer makes small: content, one part for each style layer, and roughness.

With N channels and M positions of a layer, F the map of the picture and P that of the photo, G and A the mean Gram
matrices (divided by M, so that picture and style may differ in size):

    name        content                 style of a layer
    gatys       1/2 sum (F - P)^2       sum (G - A)^2 / (4 N^2)
    tutorial    mean (F - P)^2          mean ((G - A) / N)^2            = sum (G - A)^2 / N^4
    johnson     mean (F - P)^2          sum ((G - A) / N)^2             = sum (G - A)^2 / N^2

For pictures of one size the first is Gatys' 1 / (4 N^2 M^2) of the sums. The tutorial's weighs a layer of 64 channels
64 times more against one of 512 than the paper's, so numbers do not carry over from one code to another.

Sources: Gatys, Ecker and Bethge 2016, CVPR, equations 1, 4 and 5; PyTorch's neural style tutorial; Johnson, Alahi and
Fei-Fei 2016, arXiv 1603.08155, section 3.2.
"""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

Normalisation = Literal["gatys", "tutorial", "johnson"]
NORMALISATIONS: tuple[Normalisation, ...] = ("gatys", "tutorial", "johnson")
TITLES = {"gatys": "Gatys et al.", "tutorial": "PyTorch tutorial", "johnson": "Johnson et al."}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the loss as it stands.

    Args:
        name: "content relu4_2", "style relu1_1" or "roughness".
        value: before its weight. weight: what it is multiplied with.
    """

    name: str
    value: float
    weight: float

    @property
    def weighted(self) -> float:
        """What it adds to the total."""
        return self.weight * self.value


@dataclass(frozen=True, slots=True)
class Pull:
    """How strongly a part pulls at a picture: the length of its slope there, with its weight, and the share of all."""

    name: str
    length: float
    share: float


def content_loss(found: Tensor, wanted: Tensor, normalisation: Normalisation) -> Tensor:
    """Of two maps [1, N, height, width]."""
    squares = (found - wanted).square()
    return squares.sum() / 2 if normalisation == "gatys" else squares.mean()


def style_loss(found: Tensor, wanted: Tensor, normalisation: Normalisation) -> Tensor:
    """Of two mean Gram matrices [N, N]."""
    channels = len(found)
    total = (found - wanted).square().sum()
    return total / {"gatys": 4 * channels**2, "tutorial": channels**4, "johnson": channels**2}[normalisation]


def roughness(picture: Tensor) -> Tensor:
    """Total variation: the mean square of the steps between neighbours, down and to the right.

    Of a picture [1, 3, height, width], 0 to 1. Source: Mahendran and Vedaldi 2015, arXiv 1412.0035, with beta = 2.
    """
    down, right = picture.diff(dim=2).square(), picture.diff(dim=3).square()
    return (down.sum() + right.sum()) / picture.numel()
