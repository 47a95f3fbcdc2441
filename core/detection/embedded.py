"""The detector that the project trained itself: it works on every computer, without internet.

EfficientNet-Lite0 up to its last block sees the photo; a feature pyramid carries what the deep maps know up to the fine
ones and back down; a decoupled head says of every cell of the strides 8, 16 and 32 where a box would lie, whether it
holds an object, and of which of COCO's 80 classes. The raw output is laid out as YOLOX's (`core.detection.layout`).

Sources: Tan and Le 2019 (EfficientNet; the Lite variant is Google's), Lin et al. 2017 (feature pyramid), Liu et al.
2018 (the way back down), Ge et al. 2021 (decoupled head), Howard et al. 2017 (depthwise separable convolutions).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.detection.layout import CLASSES

WIDTH = 192
TAPS = (2, 4, 6)
"""Blocks of the trunk whose results are the maps of strides 8, 16 and 32."""
CHANNELS = (40, 112, 320)
_MEAN, _STD = 127.0, 128.0  # what the Lite networks were trained with, on 0 to 255
_RARE = -4.6  # logit of 1 %: at the start no cell claims an object (Lin et al. 2017, focal loss)


class Separable(nn.Sequential):
    """A depthwise 3 x 3 convolution and a 1 x 1 that mixes the channels."""

    def __init__(self, width: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(width, width, 3, stride, 1, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.SiLU(),
            nn.Conv2d(width, width, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.SiLU(),
        )


def _mixed(channels: int, width: int) -> nn.Sequential:
    """A 1 x 1 convolution to another number of channels."""
    return nn.Sequential(nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width), nn.SiLU())


class Pyramid(nn.Module):
    """Maps of three strides, each made to know the others: deep to fine, then fine to deep."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(_mixed(channels, width) for channels in CHANNELS)
        self.smooth = nn.ModuleList(Separable(width) for _ in range(2))
        self.down = nn.ModuleList(Separable(width, 2) for _ in range(2))
        self.again = nn.ModuleList(Separable(width) for _ in range(2))

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """[b, 40, s/8, s/8], [b, 112, s/16, s/16], [b, 320, s/32, s/32] -> three of [b, width, ...]."""
        fine, middle, deep = (layer(each) for layer, each in zip(self.lateral, maps, strict=True))
        middle = self.smooth[0](middle + functional.interpolate(deep, scale_factor=2.0))
        fine = self.smooth[1](fine + functional.interpolate(middle, scale_factor=2.0))
        middle = self.again[0](middle + self.down[0](fine))
        return [fine, middle, self.again[1](deep + self.down[1](middle))]


class Head(nn.Module):
    """What one grid's cells say: one path for the classes, one for box and objectness."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.classes = nn.Sequential(Separable(width), Separable(width))
        self.place = nn.Sequential(Separable(width), Separable(width))
        self.of_class = nn.Conv2d(width, CLASSES, 1)
        self.of_box = nn.Conv2d(width, 5, 1)
        nn.init.constant_(self.of_class.bias, _RARE)  # type: ignore[arg-type]
        nn.init.zeros_(self.of_box.bias)  # type: ignore[arg-type]
        nn.init.constant_(self.of_box.bias[4:], _RARE)  # type: ignore[index]

    def forward(self, maps: Tensor) -> Tensor:
        """[b, width, n, n] -> [b, n * n, 85]: box, objectness, classes; the last 81 are logits."""
        found = torch.cat([self.of_box(self.place(maps)), self.of_class(self.classes(maps))], dim=1)
        return found.flatten(2).transpose(1, 2)


class EmbeddedDetector(nn.Module):
    """Trunk, pyramid and heads.

    Args:
        trunk: EfficientNet-Lite0 of timm; its last convolution and classifier are not used.
    """

    def __init__(self, trunk: Any, width: int = WIDTH) -> None:
        super().__init__()
        self.stem = nn.Sequential(trunk.conv_stem, trunk.bn1)
        self.blocks = trunk.blocks
        self.pyramid = Pyramid(width)
        self.heads = nn.ModuleList(Head(width) for _ in CHANNELS)

    @torch.no_grad()
    def draw(self, dice: torch.Generator) -> None:
        """Draw the weights of pyramid and heads anew, uniform in +-1 / sqrt(inputs), from a generator of one's own."""
        for part in (*self.pyramid.modules(), *self.heads.modules()):
            if isinstance(part, nn.Conv2d):
                bound = (part.weight.shape[1] * part.weight[0, 0].numel()) ** -0.5
                part.weight.uniform_(-bound, bound, generator=dice)

    def logits(self, pictures: Tensor) -> Tensor:
        """Letterboxed pictures [b, 3, side, side], blue, green, red, 0 to 255 -> [b, cells, 85] before the sigmoid."""
        values = self.stem((pictures.flip(1) - _MEAN) / _STD)
        maps = []
        for number, block in enumerate(self.blocks):
            values = block(values)
            if number in TAPS:
                maps.append(values)
        return torch.cat(
            [head(each) for head, each in zip(self.heads, self.pyramid(maps), strict=True)], dim=1
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """The raw output [b, cells, 85] of `core.detection.layout`."""
        found = self.logits(pictures)
        return torch.cat([found[..., :4], found[..., 4:].sigmoid()], dim=-1)
