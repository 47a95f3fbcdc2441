"""Style transfer step by step against PyTorch's neural style tutorial: seconds to the same loss.

Run with `python -m benchmarks.style_steps`. Both look through the same VGG-16 trunk at the same layers (the first five
convolutions for style, the fourth for content, before their ReLU), with the tutorial's normalisation and weights
(style 1,000,000, content 1), from the same start at 256 px. The tutorial's 300 looks give the loss that is to be
reached, the smallest on their way; it clips within the closure and lets L-BFGS step without a line search, as its code
does.

Counted are the seconds until the app's own way has that loss at the full size, smaller sizes counted in.
Memory is measured by `benchmarks.style_memory`.
"""

import copy
import statistics
import sys
import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.timing import machine
from core import networks
from core.bundled import bundled
from core.jobs import Tick
from core.style.pixels import sized
from core.style.recipe import Recipe
from core.style.stylize import stylize

LAYERS = ("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1")
LOOKS, ROUNDS = 300, 3
RECIPE = Recipe(
    content=(("conv2_2", 1.0),),
    style=tuple((name, 1.0) for name in LAYERS),
    style_weight=1e6,
    like=False,
    normalisation="tutorial",
    pooling="max",
    steps=LOOKS,
)


class Normalized(nn.Module):
    """The picture as the trunk wants it."""

    def __init__(self) -> None:
        super().__init__()
        how = networks.record("vgg16_hed").preprocessing
        self.mean, self.std = (torch.tensor(each).view(-1, 1, 1) for each in (how.mean, how.std))

    def forward(self, picture: Tensor) -> Tensor:
        """Blue, green, red, without the mean."""
        return (255 * picture.flip(1) - self.mean) / self.std


def tutorial_gram(maps: Tensor) -> Tensor:
    """The tutorial's gram_matrix."""
    a, b, c, d = maps.size()
    features = maps.view(a * b, c * d)
    return torch.mm(features, features.t()).div(a * b * c * d)


def tutorial(photo: np.ndarray, style: np.ndarray, looks: int = LOOKS) -> float:
    """The smallest loss in so many looks, as the tutorial's own code counts it: it may end in a leap upwards."""
    content, painted = (
        torch.from_numpy(each).permute(2, 0, 1)[None].float().contiguous() / 255 for each in (photo, style)
    )
    shared = networks.load("vgg16_hed").features
    features = copy.deepcopy(shared[:11]).to(memory_format=torch.contiguous_format)
    steps = [Normalized(), *(nn.ReLU() if isinstance(each, nn.ReLU) else each for each in features)]
    places = [i for i, each in enumerate(steps) if isinstance(each, nn.Conv2d)]

    def maps(picture: Tensor) -> list[Tensor]:
        found = []
        for i, step in enumerate(steps):
            picture = step(picture)
            if i in places:
                found.append(picture)
        return found

    with torch.no_grad():
        wanted = maps(content)[3]
        grams = [tutorial_gram(each) for each in maps(painted)]
    picture = content.clone().requires_grad_(True)
    optimiser = torch.optim.LBFGS([picture])
    run = [0]
    least = [float("inf")]
    while run[0] < looks:

        def closure() -> Tensor:
            with torch.no_grad():
                picture.clamp_(0, 1)
            optimiser.zero_grad()
            found = maps(picture)
            style_score = sum(
                functional.mse_loss(tutorial_gram(f), g) for f, g in zip(found, grams, strict=True)
            )
            loss = 1e6 * style_score + functional.mse_loss(found[3], wanted)
            loss.backward()
            run[0] += 1
            least[0] = min(least[0], loss.item())
            return loss

        optimiser.step(closure)
    return least[0]


def reached(photo: np.ndarray, style: np.ndarray, loss: float) -> float:
    """Seconds until the app's own way is there; infinity if it never is."""
    since = time.perf_counter()
    for step in stylize(photo, (style,), RECIPE):
        if isinstance(step, Tick) and step.seen.frame.side == RECIPE.side and step.seen.frame.total <= loss:
            return time.perf_counter() - since
    return float("inf")


def pairs(side: int = 256) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """What is painted in which style."""
    for content, style in (("Astronaut", "Coffee"), ("Cat", "Bricks")):
        yield f"{content} as {style}", *(sized(bundled(name).pixels, side) for name in (content, style))


def speed() -> None:
    """Both ways in turn."""
    for title, photo, style in pairs():
        theirs, ours, losses = [], [], []
        for _ in range(ROUNDS):
            since = time.perf_counter()
            losses.append(tutorial(photo, style))
            theirs.append(time.perf_counter() - since)
            ours.append(reached(photo, style, losses[-1]))
        one, other = statistics.median(ours), statistics.median(theirs)
        print(f"{title}, loss {losses[-1]:.4g}: {one:.1f} s against {other:.1f} s: {one / other:.2f} times")


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else torch.get_num_threads())
    print(machine(), f"{torch.get_num_threads()} threads")
    speed()
