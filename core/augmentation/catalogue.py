"""Every transform with what its strength means: range, unit, the strength that changes nothing, and its options.

A transform has one strength, so that a curve over it can be drawn; what else it draws (a place, a direction, a field of
displacements) is listed among the drawn parameters. Sources stand with the transforms.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["geometric", "photometric", "mix", "policy"]


@dataclass(frozen=True, slots=True)
class Option:
    """A further setting of a transform.

    Args:
        name: the word in code, links and YAML.
        title: in words, with its unit.
        default: a number, or one of `words`.
        low, high: range of a number, inclusive.
        whole: only whole numbers.
        words: the choices, where it is not a number.
    """

    name: str
    title: str
    default: float | str
    low: float = 0.0
    high: float = 1.0
    whole: bool = False
    words: tuple[str, ...] = ()

    def checked(self, value: object) -> float | str:
        """The value, as a number or word of this option; ValueError with the rule and the value otherwise."""
        if self.words:
            if value not in self.words:
                raise ValueError(f"{self.name} is one of {', '.join(self.words)}, got {value!r}.")
            return str(value)
        fits = (
            isinstance(value, (int, float)) and not isinstance(value, bool) and self.low <= value <= self.high
        )
        if not fits or (self.whole and value != int(value)):
            kind = "a whole number" if self.whole else "a number"
            raise ValueError(f"{self.name} is {kind} from {self.low:g} to {self.high:g}, got {value!r}.")
        return int(value) if self.whole else float(value)


@dataclass(frozen=True, slots=True)
class Transform:
    """One transform as a page prints it.

    Args:
        name: the word in code, links and YAML.
        title: in a menu.
        kind: "geometric" moves pixels (and with them boxes, masks and keypoints), "photometric" changes values in
            their places, "mix" blends a second photo in, "policy" draws other transforms.
        low, high: the range that the strength may have, in `unit`.
        unit: of the strength, as it is written after the number ("°", "px", "of the area"); "" for a plain factor.
        identity: the strength at which no pixel changes; None where there is none.
        default: the range that is drawn from unless a step says otherwise.
        weakest, strongest: ends of the strip that a page shows, from nearly nothing to the most.
        meaning: the formula in a sentence.
        source: paper or library that defines it.
        whole: only whole strengths; with low 0 and high 1 it is a switch.
        options: its further settings.
    """

    name: str
    title: str
    kind: Kind
    low: float
    high: float
    unit: str
    identity: float | None
    default: tuple[float, float]
    weakest: float
    strongest: float
    meaning: str
    source: str
    whole: bool = False
    options: tuple[Option, ...] = ()

    @property
    def switch(self) -> bool:
        """It is on or off and has no strength in between."""
        return self.whole and (self.low, self.high) == (0, 1)

    def option(self, name: str) -> Option:
        """The option called `name`; ValueError for another word."""
        for each in self.options:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.options) or "none"
        raise ValueError(f"The options of {self.name} are {known}, got {name!r}.")


_TV = "torchvision.transforms.v2"
_RGB_MEAN = "g = 0.299 R + 0.587 G + 0.114 B"
_GAMMA = "out = 255 (in / 255)^strength"
_CORNER = Option("corner", "hold the top left corner still (1) or the centre (0)", 0, whole=True)
_ASPECT = Option("aspect", "most that a box is wider than high, or higher than wide", 4 / 3, 1.0, 4.0)
_ALPHA = Option("alpha", "alpha of the Beta distribution that the share is drawn from", 1.0, 0.05, 10.0)


def _geometric(
    name: str, title: str, low: float, high: float, unit: str, identity: float, **more
) -> Transform:
    return Transform(name, title, "geometric", low, high, unit, identity, **more)


def _photometric(
    name: str, title: str, low: float, high: float, unit: str, identity: float | None, **more
) -> Transform:
    return Transform(name, title, "photometric", low, high, unit, identity, **more)


def _switch(name: str, title: str, kind: Kind, meaning: str, source: str) -> Transform:
    return Transform(name, title, kind, 0, 1, "", 0, (1, 1), 0, 1, meaning, source, whole=True)


_ALL = (
    # the five classics
    _geometric("zoom", "Zoom", 0.25, 4, "×", 1, default=(0.8, 1.25), weakest=0.5, strongest=2,
               meaning="x' = c + strength (x − c) about the centre c; above 1 magnifies",
               source=f"{_TV}.RandomAffine(scale)"),
    _geometric("rotate", "Rotate", -180, 180, "°", 0, default=(-30, 30), weakest=-180, strongest=180,
               meaning="turns about the centre, positive counter-clockwise", source=f"{_TV}.RandomRotation"),
    _geometric("crop", "Crop", 0.02, 1, "of the area", 1, default=(0.5, 1), weakest=1, strongest=0.05,
               meaning="a box of this share of the area at a random place; its sides are those of the picture times "
                       "√(strength a) and √(strength / a), a drawn log-uniformly",
               source="Krizhevsky et al. 2012, section 4.1",
               options=(Option("aspect", "most that the box's shape may differ from the picture's", 1.0, 1.0, 4.0),)),
    _photometric("contrast", "Contrast", 0, 4, "×", 1, default=(0.6, 1.4), weakest=0, strongest=3,
                 meaning=f"out = m + strength (in − m), m the mean of {_RGB_MEAN}", source=f"{_TV}.ColorJitter"),
    _switch("flip", "Flip left and right", "geometric", "x' = width − x", f"{_TV}.RandomHorizontalFlip"),
    # the other geometric ones
    _switch("flip_vertical", "Flip up and down", "geometric", "y' = height − y", f"{_TV}.RandomVerticalFlip"),
    _geometric("shear_x", "Shear sideways", -45, 45, "°", 0, default=(-15, 15), weakest=-45, strongest=45,
               options=(_CORNER,),
               meaning="x' = x − tan(strength) (y − c)", source=f"{_TV}.RandomAffine(shear)"),
    _geometric("shear_y", "Shear upwards", -45, 45, "°", 0, default=(-15, 15), weakest=-45, strongest=45,
               options=(_CORNER,),
               meaning="y' = y − tan(strength) (x − c)", source=f"{_TV}.RandomAffine(shear)"),
    _geometric("translate_x", "Shift sideways", -1, 1, "of the width", 0,
               default=(-0.1, 0.1), weakest=-0.5, strongest=0.5,
               meaning="x' = x + strength · width", source=f"{_TV}.RandomAffine(translate)"),
    _geometric("translate_y", "Shift up and down", -1, 1, "of the height", 0,
               default=(-0.1, 0.1), weakest=-0.5, strongest=0.5,
               meaning="y' = y + strength · height", source=f"{_TV}.RandomAffine(translate)"),
    _geometric("perspective", "Perspective", 0, 0.9, "of half a side", 0, default=(0.1, 0.5), weakest=0, strongest=0.8,
               meaning="each corner moves inwards by a random part, up to the strength, of half the width and height",
               source=f"{_TV}.RandomPerspective"),
    _geometric("elastic", "Elastic", 0, 0.06, "of the shorter side", 0,
               default=(0.01, 0.05), weakest=0, strongest=0.06,
               meaning="out(p) = in(p + d(p)), d a cubic B-spline on 4 x 4 cells whose control points are drawn "
                       "up to the strength; up to 0.06 it never folds",
               source="Ronneberger et al. 2015, section 3.1; Simard et al. 2003"),
    _geometric("resized_crop", "Crop and resize", 0.02, 1, "of the area", None,
               default=(0.08, 1), weakest=1, strongest=0.08,
               meaning="a box of this share of the area, resized to a square",
               source=f"{_TV}.RandomResizedCrop; Szegedy et al. 2015",
               options=(Option("size", "side of the result in px", 224, 1, 1024, whole=True), _ASPECT)),
    _geometric("resize", "Resize", 1, 1024, "px", None, default=(256, 256), weakest=512, strongest=32, whole=True,
               meaning="the shorter side gets this many pixels, antialiased; the longer one at most 10,000",
               source=f"{_TV}.Resize(antialias=True)"),
    # the other photometric ones
    _photometric("brightness", "Brightness", 0, 4, "×", 1, default=(0.6, 1.4), weakest=0, strongest=3,
                 meaning="out = strength · in", source=f"{_TV}.ColorJitter"),
    _photometric("saturation", "Saturation", 0, 4, "×", 1, default=(0.6, 1.4), weakest=0, strongest=3,
                 meaning=f"out = g + strength (in − g), {_RGB_MEAN}", source=f"{_TV}.ColorJitter"),
    _photometric("hue", "Hue", -180, 180, "°", 0, default=(-18, 18), weakest=-180, strongest=180,
                 meaning="turns the colour circle of HSV", source=f"{_TV}.ColorJitter"),
    _photometric("gamma", "Gamma", 0.1, 10, "", 1, default=(0.7, 1.4), weakest=0.25, strongest=4,
                 meaning=_GAMMA, source=f"{_TV}.functional.adjust_gamma"),
    _switch("greyscale", "Greyscale", "photometric", f"every channel becomes {_RGB_MEAN}", f"{_TV}.RandomGrayscale"),
    _photometric("posterize", "Posterize", 1, 8, "bits", 8, default=(3, 6), weakest=8, strongest=1, whole=True,
                 meaning="keeps the highest bits of every value",
               source="Cubuk et al. 2019, arXiv 1805.09501, table 6"),
    _photometric("solarize", "Solarize", 0, 256, "", 256, default=(128, 256), weakest=256, strongest=0,
                 meaning="values from the threshold on become 255 − value",
               source="Cubuk et al. 2019, arXiv 1805.09501, table 6"),
    _switch("equalize", "Equalize", "photometric", "spreads each channel's histogram evenly", f"{_TV}.RandomEqualize"),
    _switch("autocontrast", "Autocontrast", "photometric", "each channel's darkest value becomes 0, its lightest 255",
            f"{_TV}.RandomAutocontrast"),
    _switch("invert", "Invert", "photometric", "out = 255 − in", f"{_TV}.RandomInvert"),
    _photometric("sharpness", "Sharpness", 0, 4, "×", 1, default=(0.5, 2), weakest=0, strongest=4,
                 meaning="out = s + strength (in − s), s smoothed with 1 1 1, 1 5 1, 1 1 1 over 13; the rim stays",
                 source=f"{_TV}.RandomAdjustSharpness"),
    _photometric("blur", "Blur", 0, 20, "px", 0, default=(0.1, 2), weakest=0, strongest=10,
                 meaning="Gaussian with this standard deviation", source=f"{_TV}.GaussianBlur"),
    _photometric("noise", "Noise", 0, 100, "of 255", 0, default=(5, 25), weakest=0, strongest=80,
                 meaning="adds Gaussian noise of this standard deviation to every value",
               source=f"{_TV}.GaussianNoise"),
    _photometric("jpeg", "JPEG", 1, 100, "quality", None, default=(30, 95), weakest=100, strongest=1, whole=True,
                 meaning="written as JPEG of this quality and read back", source=f"{_TV}.JPEG"),
    _photometric("erasing", "Erasing (cutout)", 0, 0.6, "of the area", 0,
               default=(0.02, 0.33), weakest=0, strongest=0.5,
                 meaning="a box of this share of the area at a random place is painted over",
                 source="Zhong et al. 2020, arXiv 1708.04896; DeVries and Taylor 2017, arXiv 1708.04552",
                 options=(Option("value", "grey value of the box", 0, 0, 255, whole=True),
                          Option("aspect", "most that the box is wider than high, or higher than wide",
                                 10 / 3, 1.0, 10.0))),
    # a second photo
    Transform("mixup", "MixUp", "mix", 0, 1, "of the second photo", 0, (0, 1), 0, 1,
              "out = (1 − strength) first + strength second, and so the label", "Zhang et al. 2018, arXiv 1710.09412",
              options=(_ALPHA,)),
    Transform("cutmix", "CutMix", "mix", 0, 1, "of the area", 0, (0, 1), 0, 1,
              "a box of this share of the area shows the second photo; the label mixes by what is left after clipping",
              "Yun et al. 2019, arXiv 1905.04899", options=(_ALPHA,)),
    # policies
    Transform("randaugment", "RandAugment", "policy", 0, 30, "of 30", None, (9, 9), 0, 30,
              "draws transforms evenly, all at one magnitude", "Cubuk et al. 2020, arXiv 1909.13719, section 3",
               whole=True,
              options=(Option("operations", "transforms in a row", 2, 1, 5, whole=True),)),
    Transform("trivialaugment", "TrivialAugment", "policy", 0, 30, "of 30", None, (0, 30), 0, 30,
              "draws one transform and its magnitude evenly (wide space)",
               "Müller and Hutter 2021, arXiv 2103.10158, table 1",
              whole=True),
    Transform("autoaugment", "AutoAugment", "policy", 0, 1, "", None, (1, 1), 0, 1,
              "draws one of 25 pairs of transforms found by search",
               "Cubuk et al. 2019, arXiv 1805.09501, tables 7 to 9", whole=True,
              options=(Option("table", "found on", "imagenet", words=("imagenet", "cifar10", "svhn")),)),
)  # fmt: skip

CATALOGUE: dict[str, Transform] = {each.name: each for each in _ALL}
CLASSICS = ("zoom", "rotate", "crop", "contrast", "flip")
NAMES = tuple(CATALOGUE)


def transform(name: str) -> Transform:
    """The transform called `name`; ValueError for another word."""
    found = CATALOGUE.get(name) if isinstance(name, str) else None
    if found is None:
        raise ValueError(f"A transform is one of the {len(NAMES)} in the catalogue, got {name!r}.")
    return found
