"""Candidates that a visitor draws: a name may end in a score ("cat 0.8"), boxes without one follow in falling order."""

import re

import numpy as np

from core.augmentation.marks import Marks
from core.detection.detector import Candidates

EXAMPLE = (
    "b120,150,520,850 cat 0.9; b170,180,570,900 cat 0.8; b330,160,740,860 cat 0.7; b620,300,900,800 dog 0.6; "
    "b600,330,880,860 dog 0.75; b140,140,500,820 dog 0.5"
)
_FIRST, _STEP, _LEAST = 0.95, 0.05, 0.05
_SCORE = re.compile(r"(.*?)\s*([01]?\.\d+)", re.ASCII | re.DOTALL)


def name_and_score(text: str, otherwise: float) -> tuple[str, float]:
    """The class and the score in a name; a score has a point, and over 1 or without one it is `otherwise`.

    >>> name_and_score("cat 0.8", 0.5), name_and_score("object 3", 0.5), name_and_score(".7", 0.5)
    (('cat', 0.8), ('object', 0.5), ('box', 0.7))
    """
    found = _SCORE.fullmatch(text.strip())
    if found is None:
        return re.sub(r"\s*\d+$", "", text.strip()) or "box", otherwise
    score = float(found[2])
    return found[1].strip() or "box", score if score <= 1 else otherwise


def own_candidates(marks: Marks, hw: tuple[int, int], threshold: float) -> tuple[Candidates, tuple[str, ...]]:
    """The drawn boxes with a score over a threshold, the best first, and the names of their classes.

    Args:
        hw: height and width of the photo they are drawn on.

    Raises: ValueError for a threshold outside 0 to 1.
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"The score threshold is 0 to 1, got {threshold:g}.")
    boxes = np.asarray(marks.targets(hw).boxes, dtype=np.float64).reshape(-1, 4)
    read = [
        name_and_score(name, max(_LEAST, round(_FIRST - _STEP * place, 2)))
        for place, name in enumerate(marks.names)
    ]
    names = tuple(dict.fromkeys(name for name, _ in read))
    labels = np.array([names.index(name) for name, _ in read], np.int64)
    scores = np.array([score for _, score in read], np.float64)
    chosen = np.flatnonzero(scores > threshold)
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
    return Candidates(boxes[chosen], scores[chosen], labels[chosen], chosen), names
