"""The VGG network that looks at content and style: its layers by name, cut after the deepest one that is used.

Names are those of the papers: conv3_2 is the second convolution of the third block, relu3_2 the same after the ReLU,
of which the paper of 2016 means all its layers. The weights are shared and frozen; the picture alone has slopes.

Source: Simonyan and Zisserman 2015, arXiv 1409.1556; Gatys, Ecker and Bethge 2016, "Image style transfer using
convolutional neural networks", CVPR, section 2 (average pooling).
"""

from collections.abc import Iterable
from typing import Literal

import torch
from torch import Tensor, nn

from core import networks

Pooling = Literal["average", "max"]
POOLINGS: tuple[Pooling, ...] = ("average", "max")
BLOCKS = {"vgg16_hed": (2, 2, 3, 3, 3), "vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
"""How many convolutions each block of a network has; a pooling stands behind each block."""


WIDTHS = (64, 128, 256, 512, 512)
"""Channels of the blocks, in all of these networks."""


def width_of(layer: str) -> int:
    """How many channels a layer has, by its name."""
    return WIDTHS[int(layer[4]) - 1]


def layer_names(network: str) -> tuple[str, ...]:
    """All layers that content and style can be read from, in order.

    Raises: ValueError for a network that is not a VGG known here.
    """
    if network not in BLOCKS:
        raise ValueError(f"The network is one of {', '.join(BLOCKS)}, got {network!r}.")
    return tuple(
        f"{kind}{block}_{i}"
        for block, count in enumerate(BLOCKS[network], start=1)
        for i in range(1, count + 1)
        for kind in ("conv", "relu")
    )


class Trunk(nn.Module):
    """A VGG up to the deepest of some layers, with the pooling of choice.

    Args:
        network: "vgg16_hed", "vgg16" or "vgg19".
        layers: those that are wanted.
        pooling: "average" is smoother, "max" is what the network was trained with.
        weights: "trained", or "untrained" with `seed`.

    Raises: ValueError for unknown layers, or none; what `networks.load` raises.
    """

    def __init__(
        self,
        network: str,
        layers: Iterable[str],
        pooling: Pooling = "average",
        weights: networks.shelf.WeightsChoice = "trained",
        seed: int = 0,
    ) -> None:
        super().__init__()
        known, self._wanted = layer_names(network), frozenset(layers)
        if not self._wanted or not self._wanted <= set(known):
            odd = sorted(self._wanted - set(known)) or "none"
            raise ValueError(f"Layers are some of {known[0]} to {known[-1]}, got {odd}.")
        if pooling not in POOLINGS:
            raise ValueError(f"The pooling is one of {', '.join(POOLINGS)}, got {pooling!r}.")
        features = networks.load(network, weights, seed=seed).features
        convolutions = iter([each for each in features if isinstance(each, nn.Conv2d)])
        self._steps: list[tuple[str, nn.Module]] = []
        left = set(self._wanted)
        for block, count in enumerate(BLOCKS[network], start=1):
            for i in range(1, count + 1):
                for name, step in (
                    (f"conv{block}_{i}", next(convolutions)),
                    (f"relu{block}_{i}", nn.ReLU()),  # not in place: the map before it is kept
                ):
                    if left:
                        self._steps.append((name, step))
                        left.discard(name)
            if left:
                pool = nn.AvgPool2d(2) if pooling == "average" else nn.MaxPool2d(2)
                self._steps.append((f"pool{block}", pool))
        self._walk = nn.Sequential(*(step for _, step in self._steps))
        how = networks.record(network).preprocessing
        self._bgr = how.bgr
        self.register_buffer("_mean", torch.tensor(how.mean).view(1, 3, 1, 1))
        self.register_buffer("_std", torch.tensor(how.std).view(1, 3, 1, 1))

    @property
    def smallest(self) -> int:
        """The side of the smallest picture that still has a position in the deepest map."""
        return 2 ** sum(name.startswith("pool") for name, _ in self._steps)

    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        """The wanted maps, [1, channels, height, width] each.

        Args:
            picture: [1, 3, height, width], RGB, 0 to 1.

        Raises: ValueError for a picture smaller than `smallest`.
        """
        if min(picture.shape[-2:]) < self.smallest:
            raise ValueError(
                f"A picture for these layers is at least {self.smallest} pixels on each side, got "
                f"{picture.shape[-1]} x {picture.shape[-2]}."
            )
        shown = picture.flip(1) if self._bgr else picture
        x = (255 * shown - self._mean) / self._std
        found = {}
        for name, step in self._steps:
            x = step(x)
            if name in self._wanted:
                found[name] = x
        return found
