"""Every way to suppress on the same candidates, scored against the same truth."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from core.detection.detector import Candidates
from core.detection.evaluation import Detections, Truths
from core.detection.precision import Counts, counts, hit_rows, over
from core.detection.suppression import METHODS, suppress
from core.detection.truth import detections_of
from core.formula import Formula


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """What one method left over the score threshold, and how that compares with the truth.

    Args:
        method: one of `METHODS`. left: what stays over the score threshold, with the scores that the method gave.
        hits: for each row of it, True for a hit.
        counts: hits, false alarms, missed objects.
    """

    method: str
    left: Detections
    hits: Bool[np.ndarray, " boxes"]
    counts: Counts


def variants(
    found: Candidates,
    truths: Truths,
    *,
    score_threshold: float,
    iou_threshold: float,
    match_iou: float = 0.5,
    per_class: bool = True,
) -> tuple[Variant, ...]:
    """All of `METHODS`, in their order.

    Args:
        found: candidates over the score threshold. truths: the objects of picture 0.
        score_threshold: what a soft method lowers to this or less is gone, too.
        iou_threshold: of suppression; the Gaussian does without. match_iou: from which a box is a hit.
        per_class: only boxes of one class act on one another.

    Raises: ValueError for bad settings (see `suppress` and `match`).
    """
    labels = found.labels if per_class else None
    made = []
    for method in METHODS:
        left = suppress(found.boxes, found.scores, iou_threshold=iou_threshold, labels=labels, method=method)
        stay = over(detections_of(left, found), score_threshold)
        hits = hit_rows(stay, truths, match_iou)
        made.append(Variant(method, stay, hits, counts(stay, truths, match_iou)))
    return tuple(made)


def best(made: tuple[Variant, ...]) -> tuple[str, ...]:
    """The methods with the highest F1; none where no F1 is a number."""
    values = np.array([each.counts.f1 for each in made])
    if np.isnan(values).all():
        return ()
    return tuple(each.method for each in made if each.counts.f1 == np.nanmax(values))


def f1_formula(now: Counts, name: str) -> Formula:
    """F1 with the numbers filled in."""
    return Formula(
        f"F1, {name}",
        r"\frac{2\,\text{TP}}{2\,\text{TP} + \text{FP} + \text{FN}}",
        rf"\frac{{2 \cdot {now.hits}}}{{2 \cdot {now.hits} + {now.alarms} + {now.missed}}}",
        now.f1,
        "The harmonic mean of precision and recall: high only where both are.",
    )
