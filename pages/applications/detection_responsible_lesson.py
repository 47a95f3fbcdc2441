"""Questions for a class on the sub-views of Who is responsible?; the answers belong to their present settings."""

import numpy as np

from core.detection.anchors import AnchorFit, shape_iou
from core.detection.loss_parts import LossParts
from core.detection.loss_steps import TITLES
from core.detection.simota_photo import PhotoTrace, worth_formula
from pages.shared.lesson import Question

ALL, SMALL, EMPTY, PIXELS, LARGEST, WORTH, TWO = (
    "det_anchor_all",
    "det_anchor_small",
    "det_loss_empty",
    "det_loss_pixels",
    "det_loss_largest",
    "det_simota_k",
    "det_simota_two",
)
_IOU, _EUCLID, _BOTH = "1 − IoU", "Euclid's distance", "both the same"


def anchor_questions(sizes: np.ndarray, fits: tuple[AnchorFit, AnchorFit]) -> tuple[Question, ...]:
    """As many anchors as shapes, and which distance serves the smallest box."""
    different = len(np.unique(sizes, axis=0))
    smallest = sizes[[int(sizes.prod(axis=1).argmin())]]
    one, two = (float(shape_iou(smallest, fit.anchors).max()) for fit in fits)
    answer = _BOTH if abs(one - two) < 1e-9 else _IOU if one > two else _EUCLID
    return (
        Question(
            ALL,
            f"There are {different} different shapes. With as many anchors, what is the mean best IoU?",
            1,
            "Each shape is its own anchor, so every IoU is 1. A detector has few anchors because each costs outputs.",
        ),
        Question(
            SMALL,
            f"With {len(fits[0].anchors)} anchors: which distance fits the smallest box better?",
            answer,
            f"Its best IoU is {one:.3f} by 1 − IoU and {two:.3f} by Euclid's distance.",
            (_IOU, _EUCLID, _BOTH),
        ),
    )


def loss_questions(parts: LossParts) -> tuple[Question, ...]:
    """The parts of an empty cell, the same error on a small and a large box, and the largest part."""
    largest = max(parts.sums, key=lambda part: parts.sums[part])
    return (
        Question(
            EMPTY,
            "How many of the five parts can be over 0 in a cell without an object?",
            1,
            "Only the confidence: nobody asks an empty cell where its box lies, or of which class it is.",
        ),
        Question(
            PIXELS,
            "A small and a large box are both 10 pixels too wide. Which one costs more?",
            "the small one",
            "The root grows fastest near 0: the same pixels move it further for a small width.",
            ("the small one", "the large one", "both the same"),
        ),
        Question(
            LARGEST,
            "Which part is the largest of this photo now?",
            TITLES[largest],
            f"{TITLES[largest]}: {parts.sums[largest]:.3f} of {parts.total:.3f}.",
            tuple(TITLES.values()),
        ),
    )


def simota_questions(made: PhotoTrace, index: int) -> tuple[Question, ...]:
    """The dynamic k, and what happens to a cell that two objects ask for."""
    total = float(np.sort(made.trace.overlaps[index, made.trace.candidates])[::-1][:10].sum())
    return (
        Question(
            WORTH,
            f"The 10 largest IoUs of object {index + 1} add up to {total:.2f}. For how many cells does it ask?",
            made.trace.worth[index],
            worth_formula(made.trace, index),
        ),
        Question(
            TWO,
            "Two objects ask for the same cell. Who gets it?",
            "the one it costs less",
            "Each cell learns one object at most: the one of least cost, even if the other has no cell then.",
            ("the one it costs less", "the larger one", "both"),
        ),
    )
