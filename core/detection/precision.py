"""The steps of average precision with the numbers filled in: one rank, the points that are read, the mean of them.

Sources: see `core.detection.evaluation`.
"""

from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from jaxtyping import Bool

from core.detection.evaluation import (
    Curve,
    Detections,
    Evaluation,
    Matching,
    Truths,
    Values,
    average_precision,
    match,
)
from core.formula import Formula

_TERMS = 6  # of a sum that are written out
_MOST = 10**9  # detections of a picture: all of them


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits (TP), false alarms (FP) and missed objects (FN), each 0 or more."""

    hits: int
    alarms: int
    missed: int

    def __post_init__(self) -> None:
        if min(self.hits, self.alarms, self.missed) < 0:
            raise ValueError(f"Counts are 0 or more, got {self.hits}, {self.alarms}, {self.missed}.")

    @property
    def precision(self) -> float:
        """TP / (TP + FP); NaN where nothing was found."""
        return _share(self.hits, self.hits + self.alarms)

    @property
    def recall(self) -> float:
        """TP / (TP + FN); NaN where there are no objects."""
        return _share(self.hits, self.hits + self.missed)

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall; NaN where there is nothing at all."""
        return _share(2 * self.hits, 2 * self.hits + self.alarms + self.missed)


def over(detections: Detections, threshold: float) -> Detections:
    """Those with a score over a threshold."""
    stay = detections.scores > threshold
    return Detections(
        detections.pictures[stay], detections.boxes[stay], detections.labels[stay], detections.scores[stay]
    )


def one_class(things: Truths) -> Truths:
    """The same boxes, all of class 0."""
    return replace(things, labels=np.zeros(len(things.boxes), np.int64))


def hit_rows(
    detections: Detections, truths: Truths, iou_threshold: float = 0.5
) -> Bool[np.ndarray, " boxes"]:
    """Which rows of the detections are hits, each within its class; all detections of a picture count.

    Raises: ValueError for a threshold that is not over 0 and at most 1.
    """
    hits = np.zeros(len(detections.boxes), bool)
    for label in np.unique(detections.labels):
        found = match(detections, truths, int(label), iou_threshold, most_per_picture=_MOST)
        hits[found.detections] = found.hits
    return hits


def counts(detections: Detections, truths: Truths, iou_threshold: float = 0.5) -> Counts:
    """Hits, false alarms and missed objects of all classes together.

    Raises: ValueError for a threshold that is not over 0 and at most 1.
    """
    hits = int(hit_rows(detections, truths, iou_threshold).sum())
    return Counts(hits, len(detections.boxes) - hits, len(truths.boxes) - hits)


def at_rank(matching: Matching, rank: int) -> Counts:
    """What stands when the detections up to a rank are taken (0: none).

    Raises: ValueError for a rank that does not exist.
    """
    if not 0 <= rank <= len(matching.hits):
        raise ValueError(f"The rank is 0 to {len(matching.hits)}, got {rank}.")
    hits = int(matching.hits[:rank].sum())
    return Counts(hits, rank - hits, matching.objects - hits)


def at_score(matching: Matching, threshold: float) -> Counts:
    """What stands when all detections with a score over the threshold are taken."""
    return at_rank(matching, int((matching.scores > threshold).sum()))


def read_points(found: Curve, interpolation: str) -> tuple[Values, Values]:
    """Where an interpolation reads the envelope: recalls and the precisions there, 0 beyond the last recall.

    For "all-point" the ranks where recall rises.

    Raises: ValueError for an unknown interpolation.
    """
    average_precision(found, interpolation)  # checks the name
    if interpolation == "all-point":
        rises = np.diff(found.recall, prepend=0.0) > 0
        return found.recall[rises], found.envelope[rises]
    points = np.arange(11) / 10 if interpolation == "11-point" else np.linspace(0, 1, 101)
    first = found.recall.searchsorted(points, side="left")
    return points, np.append(found.envelope, 0.0)[first]


def rank_formulas(matching: Matching, rank: int) -> tuple[Formula, Formula]:
    """Precision and recall after a rank, from 1."""
    now = at_rank(matching, rank)
    return (
        Formula(
            f"precision after rank {rank}",
            r"\frac{\text{TP}}{\text{TP} + \text{FP}}",
            rf"\frac{{{now.hits}}}{{{now.hits} + {now.alarms}}}",
            now.precision,
        ),
        Formula(
            f"recall after rank {rank}",
            r"\frac{\text{TP}}{\text{TP} + \text{FN}}",
            rf"\frac{{{now.hits}}}{{{now.hits} + {now.missed}}}",
            now.recall,
            f"Objects of the class in all: {now.hits + now.missed}.",
        ),
    )


def area_formula(found: Curve, interpolation: str, objects: int, iou_threshold: float) -> Formula:
    """AP of one class at one threshold, as the interpolation counts it."""
    value = average_precision(found, interpolation, objects=objects)
    name = f"AP at IoU {iou_threshold:g}, {interpolation}"
    if not objects:
        return Formula(name, r"\text{AP}", r"\frac{0}{0}", value, "No object of the class: there is no AP.")
    recalls, heights = read_points(found, interpolation)
    if interpolation == "all-point":
        steps = np.diff(recalls, prepend=0.0)
        terms = [rf"{step:.3g} \cdot {height:.3g}" for step, height in zip(steps, heights, strict=True)]
        return Formula(
            name, r"\sum_k (r_k - r_{k-1})\, p_\text{env}(r_k)", _sum(terms) or "0", value,
            "One term for each hit: how far recall rose, times the best precision from there on.",
        )  # fmt: skip
    terms = [
        rf"{len(list(run))} \cdot {height:.3g}"
        for height, run in groupby(heights.tolist())
    ]  # fmt: skip
    count = len(heights)
    return Formula(
        name,
        rf"\frac{{1}}{{{count}}} \sum_{{r \in \{{0, {1 / (count - 1):g}, \ldots, 1\}}}} p_\text{{env}}(r)",
        rf"\frac{{{_sum(terms)}}}{{{count}}}",
        value,
        "Points of equal height are counted together.",
    )


def thresholds_formula(evaluation: Evaluation, row: int) -> Formula:
    """AP@[.5:.95] of one class: the mean of its ten values."""
    values = evaluation.table[row]
    terms = [f"{value:.2f}" for value in values.tolist()]
    lines = [" + ".join(terms[at : at + 5]) for at in range(0, len(terms), 5)]
    written = r"\begin{gathered}" + r" \\ {} + ".join(lines) + r"\end{gathered}"
    return Formula(
        "AP@[.5:.95]",
        r"\frac{1}{10} \sum_{t = 0.5, 0.55, \ldots, 0.95} \text{AP}_t",
        rf"\frac{{{written}}}{{{len(values)}}}",
        float(values.mean()),
        "Each with its own matching: a box that is a hit at 0.5 may be a false alarm at 0.75.",
    )


def classes_formula(evaluation: Evaluation) -> Formula:
    """The mean over the classes that have objects, each the mean over the thresholds."""
    means = [row.mean() for row in evaluation.table if not np.isnan(row).any()]
    terms = _sum([f"{mean:.3f}" for mean in means])
    return Formula(
        "mean AP",
        r"\frac{1}{C} \sum_c \text{AP}_c",
        rf"\frac{{{terms}}}{{{len(means)}}}" if means else r"\frac{0}{0}",
        evaluation.mean,
        "Over the classes that have objects; a class that is only found by mistake has no AP.",
    )


def _sum(terms: list[str]) -> str:
    if len(terms) > _TERMS:
        terms = [*terms[: _TERMS - 1], r"\ldots", terms[-1]]
    return " + ".join(terms)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
