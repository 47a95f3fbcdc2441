"""The optimiser's side: the picture as an angle that cannot leave the range of colours, and the steps.

    picture = (1 + sin z) / 2

Any z is a picture, so nothing is clipped and L-BFGS's picture of the slope stays true; clipping within or between its
steps breaks it, and without a limit the best colours lie far outside.

The loss is divided by a number that makes its first slope 0.1 long on average, and L-BFGS's first step is that slope.
Left alone it begins with a step so short that in float32 the change of the slope is mostly rounding, and takes its
first idea of the curvature from there. And where the loss bends downwards, as it does for a photo whose Gram matrix is
far smaller than the style's, it learns nothing and walks along the bare slope: that must be neither hardly a step nor
far too long a one.

Source: Liu and Nocedal 1989, "On the limited memory BFGS method for large scale optimization"; Kingma and Ba 2015,
arXiv 1412.6980 (Adam).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.style.losses import Part
from core.style.objective import Objective
from core.style.recipe import Recipe

_EDGE = (
    0.99  # sin z at the start, at most: at 1 the slope of the sine is 0, and such a pixel would never move
)
_FIRST = 0.1  # mean length of the first step of an angle, radians
_GENTLE = 1 / 16  # of it where the picture is a good one already
_SHORTER = 1 / 4  # of it after a step that led astray


def between(side: int) -> int:
    """Looks at the picture between two frames: a frame comes, and a stop is heard, about every second on two cores."""
    return 5 if side <= 192 else 1


def remembered(side: int) -> int:
    """How many steps L-BFGS remembers, two pictures each. A long memory goes further (with 20 the usual run at 192 px
    ended at a loss 0.5 to 2.4 % larger), but at 512 px 50 steps take 300 MB, a good part of what the maps take.
    """
    return 50 if side <= 256 else 20


@dataclass(frozen=True, slots=True, eq=False)
class Stand:
    """A picture, [1, 3, height, width] from 0 to 1, and the parts of its loss."""

    picture: Tensor
    parts: tuple[Part, ...]

    @property
    def total(self) -> float:
        """The weighted sum."""
        return sum(part.weighted for part in self.parts)


class Climb:
    """One size: `go` makes some steps.

    Args:
        start: the first picture, [1, 3, height, width], 0 to 1.
        gentle: it is a good one already, from a smaller size or a run before: its first step is shorter.
    """

    def __init__(self, objective: Objective, start: Tensor, recipe: Recipe, *, gentle: bool = False) -> None:
        self._objective, self._recipe = objective, recipe
        self._side = max(start.shape[-2:])
        self._first = _FIRST * (_GENTLE if gentle else 1)
        self._begin(start)

    def _begin(self, start: Tensor) -> None:
        self._scale = 0.0  # what the loss is divided by
        angle = torch.asin((2 * start - 1).clamp(-_EDGE, _EDGE))
        # contiguous, because L-BFGS views it as one line
        self._angle = angle.clone(memory_format=torch.contiguous_format).requires_grad_(True)
        if self._recipe.optimiser == "Adam":
            self._optimiser: torch.optim.Optimizer = torch.optim.Adam([self._angle], lr=self._recipe.rate)
            return
        self._optimiser = torch.optim.LBFGS(
            [self._angle],
            history_size=remembered(self._side),
            tolerance_grad=0.0,
            tolerance_change=0.0,
        )

    def picture(self) -> Tensor:
        """As it is now."""
        return (1 + torch.sin(self._angle)) / 2

    def stand(self) -> Stand:
        """The picture as it is now, and its loss."""
        with torch.no_grad():
            picture = self.picture()
            return Stand(picture, self._objective.total(picture)[1])

    def go(self, looks: int) -> tuple[Stand, int]:
        """Look at the picture and step, some times; L-BFGS's first step is alone.

        Returns: what the first look saw, and how many looks there were.
        """
        if self._recipe.optimiser == "L-BFGS":
            group, fresh = self._optimiser.param_groups[0], not self._optimiser.state
            # PyTorch divides the first step by the sum of the slope's lengths, which `look` makes this very number
            group["lr"] = self._first * self._angle.numel() if fresh else 1.0
            group["max_iter"] = 1 if fresh else looks
        first: list[Stand] = []
        count = 0

        def look() -> Tensor:
            nonlocal count
            count += 1
            picture = self.picture()
            total, parts = self._objective.total(picture)
            slope = torch.autograd.grad(total, self._angle)[0]
            self._scale = self._scale or float(slope.abs().mean()) / self._first or 1.0
            self._angle.grad = (slope / self._scale).contiguous()
            if not first:
                first.append(Stand(picture.detach(), parts))
            return total.detach() / self._scale

        self._optimiser.step(look)  # type: ignore[arg-type]
        while self._recipe.optimiser == "Adam" and count < looks:
            self._optimiser.step(look)  # type: ignore[arg-type]
        return first[0], count

    def begin_again(self, picture: Tensor) -> None:
        """From a good picture, with nothing remembered and a shorter first step: what was remembered led astray."""
        self._first *= _SHORTER
        self._begin(picture)
