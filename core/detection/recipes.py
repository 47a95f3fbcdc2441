"""Five ways to write down the same box: where its centre is in its cell, and how large it is.

Every recipe is two rules. One turns the centre's offset u in the cell (0 at its left or top border, 1 at the other)
into a number, the other does so with a ratio r of sizes. The recipes differ in what the size is compared with (the
cell, the photo or an anchor) and in which function keeps the network's free number within bounds.

Sources: deeplearning.ai, "Convolutional Neural Networks", week 3 (course); Redmon et al. 2016, section 2.2, with
darknet's sqrt=1 (YOLOv1); Redmon & Farhadi, "YOLO9000", 2017, section 2, and "YOLOv3", 2018, section 2.1 (YOLOv2);
the Ultralytics documentation of YOLOv5's architecture, section "Eliminate grid sensitivity" (YOLOv5); Ge et al.,
"YOLOX", 2021, section 2.1 (YOLOX).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Reference = Literal["cell", "photo", "anchor"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One number, written down and read back.

    Args:
        symbol: LaTeX name of the number, with AXIS for x, y, w or h.
        formula: LaTeX of the right-hand side, with VALUE for what goes in.
        low, high: what can be written, low <= value < high.
        encode: from the offset or ratio to the number the network learns.
        decode: and back.
        why: what lies behind the bounds, the end of an error's sentence.
    """

    symbol: str
    formula: str
    low: float
    high: float
    encode: Callable[[float], float]
    decode: Callable[[float], float]
    why: str

    def written(self, value: float) -> float:
        """`encode`, but ValueError for a value that this rule cannot express."""
        if not self.low <= value < self.high:
            raise ValueError(f"{self.why}, got {value:g}.")
        return self.encode(value)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one detector writes a box.

    Args:
        key: its key in `RECIPES`.
        title: what a page calls it.
        position: the rule for the offset of the centre in the cell, in cells, once for x and once for y.
        size: the rule for the ratio of the box's side to the reference's side, once for w and once for h.
        reference: whose side that is.
        height_first: the course writes b_h before b_w; the others width first.
        objectness: what the number beside the box is taught to be.
    """

    key: str
    title: str
    position: Rule
    size: Rule
    reference: Reference
    height_first: bool
    objectness: str


def logit(p: float) -> float:
    """ln(p / (1 - p)), the inverse of the sigmoid; minus infinity for 0, infinity for 1."""
    if p in (0.0, 1.0):
        return math.inf if p else -math.inf
    return math.log(p / (1 - p))


def sigmoid(t: float) -> float:
    """1 / (1 + e^-t), from 0 to 1; exact at both infinities."""
    if t >= 0:
        return 1 / (1 + math.exp(-t))
    return math.exp(t) / (1 + math.exp(t))  # e^-t would overflow


def _same(value: float) -> float:
    return value


IN_CELL = "The centre must lie in the responsible cell, 0 <= offset < 1"
POSITIVE = "A side must be longer than 0"
SMALLEST = math.ulp(0.0)
FRACTION = Rule("b_AXIS", "VALUE", 0.0, 1.0, _same, _same, IN_CELL)
LOGIT = Rule(r"t_AXIS", r"\ln\frac{VALUE}{1 - VALUE}", 0.0, 1.0, logit, sigmoid, IN_CELL)
WIDE_LOGIT = Rule(
    "t_AXIS",
    r"\sigma^{-1}\!\left(\frac{VALUE + 0.5}{2}\right)",
    -0.5,
    1.5,
    lambda offset: logit((offset + 0.5) / 2),
    lambda t: 2 * sigmoid(t) - 0.5,
    "The centre must lie within half a cell around the responsible cell, -0.5 <= offset < 1.5",
)
SHIFT = Rule("t_AXIS", "VALUE", -math.inf, math.inf, _same, _same, "The offset must be a number")
RATIO = Rule("b_AXIS", "VALUE", SMALLEST, math.inf, _same, _same, POSITIVE)
ROOT = Rule(r"\sqrt{AXIS}", r"\sqrt{VALUE}", SMALLEST, math.inf, math.sqrt, lambda root: root**2, POSITIVE)
LOGARITHM = Rule("t_AXIS", r"\ln VALUE", SMALLEST, math.inf, math.log, math.exp, POSITIVE)
SQUARED_SIGMOID = Rule(
    "t_AXIS",
    r"\sigma^{-1}\!\left(\frac{\sqrt{VALUE}}{2}\right)",
    SMALLEST,
    4.0,
    lambda ratio: logit(math.sqrt(ratio) / 2),
    lambda t: (2 * sigmoid(t)) ** 2,
    "A side must be shorter than 4 times the anchor's",
)

_ALL = (
    Recipe("course", "Coursera course", FRACTION, RATIO, "cell", True, "1 where there is an object"),
    Recipe(
        "yolo_v1",
        "YOLOv1",
        Rule("AXIS", "VALUE", 0.0, 1.0, _same, _same, IN_CELL),
        ROOT,
        "photo",
        False,
        "the IoU of the predicted box with the object",
    ),
    Recipe(
        "yolo_v2",
        "YOLOv2 and v3",
        LOGIT,
        LOGARITHM,
        "anchor",
        False,
        "the IoU of the predicted box with the object in v2, 1 in v3",
    ),
    Recipe(
        "yolo_v5",
        "YOLOv5",
        WIDE_LOGIT,
        SQUARED_SIGMOID,
        "anchor",
        False,
        "the IoU of the predicted box with the object",
    ),
    Recipe("yolox", "YOLOX", SHIFT, LOGARITHM, "cell", False, "1 where there is an object"),
)
RECIPES = {recipe.key: recipe for recipe in _ALL}
