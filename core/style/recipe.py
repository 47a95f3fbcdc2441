"""Everything that a style transfer by optimisation can be told, checked."""

from dataclasses import dataclass
from typing import Literal

from core.style.losses import NORMALISATIONS, Normalisation

Start = Literal["photo", "noise", "style", "mix"]
Optimiser = Literal["L-BFGS", "Adam"]
Colours = Literal["style", "luminance", "matched", "histogram"]
STARTS: tuple[Start, ...] = ("photo", "noise", "style", "mix")
OPTIMISERS: tuple[Optimiser, ...] = ("L-BFGS", "Adam")
COLOURS: tuple[Colours, ...] = ("style", "luminance", "matched", "histogram")
SIDES = (64, 96, 128, 192, 256, 384, 512)
CONTENT = (("relu4_2", 1.0),)
STYLE = tuple((f"relu{block}_1", 1.0) for block in range(1, 6))
_SMALLEST_LEVEL = 96


@dataclass(frozen=True, slots=True)
class Recipe:
    """One style transfer.

    Args:
        network, weights: the VGG that looks (`core.style.trunk.BLOCKS`), "trained" or "untrained".
        content, style: layers and their faders, 0 or more; a layer whose fader is 0 is not looked at.
        content_weight, style_weight, smoothness: faders of content, style and roughness as wholes, 0 or more.
        like: each part is divided by the length of its slope on a picture half photo, half noise, so that faders are
            shares of the pull; else the bare losses are multiplied with the faders.
        normalisation: as in `core.style.losses`.
        pooling: "average" or "max".
        start: the first picture; "mix" is the photo, half hidden by noise.
        optimiser, rate: L-BFGS finds its own step; the rate is Adam's, for values from 0 to 1.
        steps: looks at the picture in all (forward and back), 1 to 2000.
        side: of the longer edge of the result, pixels.
        pyramid: begin small, and double.
        colours: "style" takes the style's; "luminance" keeps the photo's; "matched" and
            "histogram" recolour the style first (`core.style.colours`).
        seed: of the noise.

    Raises: ValueError naming the rule and the value found.
    """

    network: str = "vgg16_hed"
    weights: Literal["trained", "untrained"] = "trained"
    content: tuple[tuple[str, float], ...] = CONTENT
    style: tuple[tuple[str, float], ...] = STYLE
    content_weight: float = 1.0
    style_weight: float = 1.0
    smoothness: float = 0.0
    like: bool = True
    normalisation: Normalisation = "gatys"
    pooling: Literal["average", "max"] = "average"
    start: Start = "photo"
    optimiser: Optimiser = "L-BFGS"
    rate: float = 0.02
    steps: int = 120
    side: int = 256
    pyramid: bool = True
    colours: Colours = "style"
    seed: int = 0

    def __post_init__(self) -> None:
        for what, value, known in (
            ("start", self.start, STARTS),
            ("optimiser", self.optimiser, OPTIMISERS),
            ("way with colours", self.colours, COLOURS),
            ("normalisation", self.normalisation, NORMALISATIONS),
        ):
            if value not in known:
                raise ValueError(f"The {what} is one of {', '.join(known)}, got {value!r}.")
        faders = [*self.content, *self.style]
        faders += [
            ("content", self.content_weight),
            ("style", self.style_weight),
            ("smoothness", self.smoothness),
        ]
        for name, value in faders:
            if not 0 <= value < float("inf"):
                raise ValueError(f"A fader is 0 or more, got {value} for {name}.")
        if not 1 <= self.steps <= 2000 or not 16 <= self.side <= 1024:
            raise ValueError(
                f"Steps are 1 to 2,000 and the side is 16 to 1,024 pixels, got {self.steps} and {self.side}."
            )
        if not 0 < self.rate <= 1:
            raise ValueError(f"The rate is above 0 and at most 1, got {self.rate}.")
        if not self.parts:
            raise ValueError("At least one fader of content, style or smoothness is above 0, got none.")

    @property
    def content_layers(self) -> tuple[str, ...]:
        """Those that are looked at."""
        return tuple(name for name, fader in self.content if fader and self.content_weight)

    @property
    def style_layers(self) -> tuple[str, ...]:
        """Those that are looked at."""
        return tuple(name for name, fader in self.style if fader and self.style_weight)

    @property
    def parts(self) -> dict[str, float]:
        """Every part of the loss by name, and its fader."""
        found = {
            f"content {name}": fader * self.content_weight
            for name, fader in self.content
            if fader and self.content_weight
        }
        found |= {
            f"style {name}": fader * self.style_weight
            for name, fader in self.style
            if fader and self.style_weight
        }
        return found | ({"roughness": self.smoothness} if self.smoothness else {})

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """Side and steps of each size, the smallest first: half of the steps are spent on the largest."""
        sides = [self.side]
        while self.pyramid and sides[0] // 2 >= _SMALLEST_LEVEL:
            sides.insert(0, sides[0] // 2)
        if len(sides) == 1 or self.steps < 2 * len(sides):
            return ((self.side, self.steps),)
        last = self.steps // 2
        each = (self.steps - last) // (len(sides) - 1)
        steps = [each] * (len(sides) - 1)
        return tuple(zip(sides, [*steps, self.steps - sum(steps)], strict=True))
