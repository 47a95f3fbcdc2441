"""Where a loss pulls a predicted box: five regression losses of one pair, and their gradients in closed form.

A step of gradient descent moves the coordinates against the gradient. The IoU loss has none when the boxes lie apart:
nothing tells the prediction which way to go, and that is what GIoU, DIoU and CIoU mend.

Sources: Girshick, "Fast R-CNN", 2015, equation 3 (smooth L1); Yu et al., "UnitBox", 2016, and Rezatofighi et al.,
"Generalized Intersection over Union", 2019, Algorithm 2 (IoU as 1 - IoU, GIoU); Zheng et al., "Distance-IoU Loss",
2020, equations 7 and 11 (DIoU, CIoU).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy.typing import ArrayLike

from core.detection.boxes import checked, overlap

Four = Float64[np.ndarray, "4"]
WIDTH, HEIGHT = (
    np.array([-1.0, 0.0, 1.0, 0.0]),
    np.array([0.0, -1.0, 0.0, 1.0]),
)  # by left, top, right, bottom


@dataclass(frozen=True, slots=True)
class BoxLoss:
    """A loss of one predicted box and what it asks of it.

    Args:
        name: a key of `BOX_LOSSES`.
        value: the loss; 0 for a perfect prediction.
        gradient: its derivatives by the prediction's left, top, right and bottom, per pixel.
    """

    name: str
    value: float
    gradient: tuple[float, ...]

    @property
    def pull(self) -> tuple[float, ...]:
        """The direction descent moves the four coordinates in: the gradient's opposite."""
        return tuple(0.0 - slope for slope in self.gradient)

    @property
    def shift(self) -> tuple[float, float]:
        """The part of the pull that moves the whole box: the mean over its two x and its two y coordinates."""
        left, top, right, bottom = self.pull
        return (left + right) / 2, (top + bottom) / 2


def box_loss(name: str, predicted: ArrayLike, target: ArrayLike) -> BoxLoss:
    """One of `BOX_LOSSES` of a predicted box against its target; each is left, top, right, bottom in pixels.

    Where two coordinates are equal, a minimum or maximum of them has two slopes and the mean is taken, as automatic
    differentiation does; boxes that only touch do not overlap.

    Raises: ValueError for inverted boxes and for an unknown name.
    """
    if name not in BOX_LOSSES:
        raise ValueError(f"A loss must be one of {', '.join(BOX_LOSSES)}, got {name!r}.")
    (p,), (t,) = checked(np.asarray(predicted)[None]), checked(np.asarray(target)[None])
    value, gradient = BOX_LOSSES[name](p, t)
    return BoxLoss(name, float(value), tuple(gradient.tolist()))


def smooth_l1(p: Four, t: Four) -> tuple[float, Four]:
    """Sum over the coordinates' differences d, in pixels, of d^2 / 2 where |d| < 1 and |d| - 1/2 elsewhere.

    Each coordinate on its own: the loss does not know that the four make up a box, and grows with the box's size.
    """
    difference = p - t
    near = np.abs(difference) < 1
    terms = np.where(near, difference**2 / 2, np.abs(difference) - 0.5)
    return float(terms.sum()), np.where(near, difference, np.sign(difference))


def iou_loss(p: Four, t: Four) -> tuple[float, Four]:
    """1 - IoU, from 0 to 1; the gradient is 0 where the boxes share no area."""
    pair = overlap(p, t)
    shared, union = pair.intersection_area, pair.union_area
    shared_slope, union_slope = _area_slopes(p, t)
    slope = (shared_slope - shared / union * union_slope) / union if union > 0 else np.zeros(4)
    return 1 - pair.iou, 0.0 - slope


def giou_loss(p: Four, t: Four) -> tuple[float, Four]:
    """1 - GIoU = 1 - IoU + (C - U) / C, from 0 to below 2: apart, it shrinks the air in the box around both."""
    pair = overlap(p, t)
    union, enclosing = pair.union_area, pair.enclosing_area
    gradient = iou_loss(p, t)[1]
    if enclosing > 0:
        width, height, width_slope, height_slope = _enclosing(p, t)
        enclosing_slope = width_slope * height + width * height_slope
        union_slope = _area_slopes(p, t)[1]
        gradient = gradient - (union_slope - union / enclosing * enclosing_slope) / enclosing
    return 1 - pair.giou, gradient


def diou_loss(p: Four, t: Four) -> tuple[float, Four]:
    """1 - DIoU = 1 - IoU + d^2 / c^2, from 0 to below 2: pulls the centres together."""
    pair = overlap(p, t)
    gradient = iou_loss(p, t)[1]
    if pair.diagonal > 0:
        distance, diagonal = pair.centre_distance**2, pair.diagonal**2
        apart = ((p - t)[:2] + (p - t)[2:]) / 2  # of the centres, (x, y)
        distance_slope = np.concatenate([apart, apart])  # each coordinate moves the centre by a half
        width, height, width_slope, height_slope = _enclosing(p, t)
        diagonal_slope = 2 * (width * width_slope + height * height_slope)
        gradient = gradient + (distance_slope - distance / diagonal * diagonal_slope) / diagonal
    return 1 - pair.diou, gradient


def ciou_loss(p: Four, t: Four) -> tuple[float, Four]:
    """1 - CIoU = 1 - DIoU + alpha v, from 0 to below 2.5: also asks for the target's shape.

    alpha counts as a constant in the gradient (the paper, after equation 11), and the derivative of v keeps its
    1 / (w^2 + h^2), which the paper's own code leaves out to avoid large steps for small boxes.
    """
    pair = overlap(p, t)
    gradient = diou_loss(p, t)[1]
    (width, height), (wanted_width, wanted_height) = (box[2:] - box[:2] + 0.0 for box in (p, t))
    if width**2 + height**2 > 0:
        turn = np.arctan2(width, height) - np.arctan2(wanted_width, wanted_height)
        by_side = (WIDTH * height - HEIGHT * width) / (width**2 + height**2)  # of arctan(w / h)
        gradient = gradient + pair.trade_off * 8 / np.pi**2 * turn * by_side
    return 1 - pair.ciou, gradient


BOX_LOSSES: dict[str, Callable[[Four, Four], tuple[float, Four]]] = {
    "smooth_l1": smooth_l1,
    "iou": iou_loss,
    "giou": giou_loss,
    "diou": diou_loss,
    "ciou": ciou_loss,
}


def _area_slopes(p: Four, t: Four) -> tuple[Four, Four]:
    """Derivatives of intersection and union by the predicted coordinates."""
    inner = np.concatenate([np.maximum(p, t)[:2], np.minimum(p, t)[2:]])
    width, height = inner[2:] - inner[:2]
    inside = np.concatenate(
        [_beyond(p - t)[:2], _beyond(t - p)[2:]]
    )  # 1 where p's edge bounds the intersection
    shared = (WIDTH * height + HEIGHT * width) * inside if width > 0 and height > 0 else np.zeros(4)
    own = WIDTH * (p[3] - p[1]) + HEIGHT * (p[2] - p[0])
    return shared, own - shared


def _enclosing(p: Four, t: Four) -> tuple[float, float, Four, Four]:
    """Width and height of the smallest box around both, and their derivatives by the predicted coordinates."""
    outer = np.concatenate([np.minimum(p, t)[:2], np.maximum(p, t)[2:]])
    outside = np.concatenate(
        [_beyond(t - p)[:2], _beyond(p - t)[2:]]
    )  # 1 where p's edge bounds the enclosing box
    width, height = outer[2:] - outer[:2]
    return float(width), float(height), WIDTH * outside, HEIGHT * outside


def _beyond(difference: np.ndarray) -> np.ndarray:
    """1 where positive, 1/2 at 0, 0 where negative: the slope of max(p, t) by p for the difference p - t."""
    return np.heaviside(difference, 0.5)
