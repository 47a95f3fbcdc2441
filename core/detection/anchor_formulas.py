"""How well anchors fit, with the numbers filled in. Source: see `core.detection.anchors`."""

import numpy as np
from jaxtyping import Float64
from numpy.typing import ArrayLike

from core.detection.anchors import AnchorFit, checked_sizes, shape_iou
from core.formula import Formula

_IN_A_LINE = 6


def mean_best_formula(sizes: ArrayLike, fit: AnchorFit, name: str) -> Formula:
    """The mean over the boxes of the IoU with the best anchor."""
    values = shape_iou(sizes, fit.anchors).max(axis=1)
    terms = [f"{value:.2f}" for value in values.tolist()]
    lines = [" + ".join(terms[at : at + _IN_A_LINE]) for at in range(0, len(terms), _IN_A_LINE)]
    written = r"\begin{gathered}" + r" \\ {} + ".join(lines) + r"\end{gathered}"
    return Formula(
        name,
        r"\frac{1}{n} \sum_i \max_k \text{IoU}(\text{box}_i, \text{anchor}_k)",
        rf"\frac{{{written}}}{{{len(terms)}}}",
        fit.mean_best_iou,
    )


def worst_fit(sizes: ArrayLike, fit: AnchorFit) -> int:
    """The box whose best anchor has the least IoU with it; of equals the first."""
    return int(shape_iou(sizes, fit.anchors).max(axis=1).argmin())


def best_anchor(size: ArrayLike, fit: AnchorFit) -> Float64[np.ndarray, "2"]:
    """The anchor with the greatest IoU with one box, (height, width) in pixels."""
    return fit.anchors[int(shape_iou(np.asarray(size)[None], fit.anchors)[0].argmax())]


def shape_formula(size: ArrayLike, anchor: ArrayLike, name: str) -> Formula:
    """IoU of one box and one anchor on one corner, each (height, width) in pixels."""
    (high, wide), (tall, broad) = (
        checked_sizes(np.asarray(each)[None])[0].tolist() for each in (size, anchor)
    )
    shared = min(high, tall) * min(wide, broad)
    union = high * wide + tall * broad - shared
    return Formula(
        name,
        r"\frac{\min(h, h_a)\,\min(w, w_a)}{h w + h_a w_a - \min(h, h_a)\,\min(w, w_a)}",
        rf"\frac{{{min(high, tall):.0f} \cdot {min(wide, broad):.0f}}}{{{union:.0f}}}",
        shared / union,
        "Only the shape counts: both lie on one corner.",
    )
