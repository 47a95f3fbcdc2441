"""Greedy suppression at speed: the same decisions as box by box, worked out for a block of boxes at a time.

The best hundred boxes still there settle among themselves who stays, and those that stay then remove the others, all
in array operations. What the loop of the textbook would decide is decided, to the last bit of the IoU.
"""

import numpy as np
from jaxtyping import Float64, Int64

from core.detection.boxes import Boxes

BLOCK = 100  # boxes settled at a time: fewer suit crowded scenes a little better, more scattered ones
LEFT, TOP, RIGHT, BOTTOM, AREA, SHARE = range(6)
Rows = Float64[np.ndarray, "6 boxes"]
Positions = Int64[np.ndarray, " pairs"]
Hits = tuple[Positions, Positions, Float64[np.ndarray, " pairs"]]  # the better box, the worse one, their IoU


def greedy(
    boxes: Boxes, iou_threshold: float, labels: Int64[np.ndarray, " boxes"] | None = None
) -> tuple[Int64[np.ndarray, " kept"], Hits]:
    """Suppress boxes that are sorted, best first.

    Args:
        boxes: checked, [n, 4].
        iou_threshold: a box goes when its IoU with a kept, better one is strictly greater.
        labels: when given, only boxes of one label remove one another.

    Returns: the positions kept, ascending, and for every other box who removed it (the best that could), with the IoU.
    """
    rows = _rows(boxes, iou_threshold)
    left = np.arange(len(boxes))  # positions of the boxes still there
    kept, killers, killed, overlaps = [], [], [], []
    while left.size:
        head, tail = left[:BLOCK], left[BLOCK:]
        stays, (better, worse, iou) = _settled(rows[:, :BLOCK], iou_threshold, labels, head)
        kept.append(head[stays])
        killers.append(head[better])
        killed.append(head[worse])
        overlaps.append(iou)
        if not tail.size:
            break
        better, worse, iou = _removed(rows[:, :BLOCK].compress(stays, axis=1), rows[:, BLOCK:], iou_threshold)
        if labels is not None:
            better, worse, iou = _alike(labels[head[stays]], labels[tail], better, worse, iou)
        gone = np.zeros(tail.size, dtype=bool)
        gone[worse] = True
        first = np.unique(worse, return_index=True)[
            1
        ]  # pairs come best first: the first to hit a box removes it
        killers.append(head[stays][better[first]])
        killed.append(tail[worse[first]])
        overlaps.append(iou[first])
        left, rows = tail[~gone], rows[:, BLOCK:].compress(~gone, axis=1)
    if not kept:
        return left, (left, left, np.zeros(0))
    return np.concatenate(kept), (np.concatenate(killers), np.concatenate(killed), np.concatenate(overlaps))


def _rows(boxes: Boxes, iou_threshold: float) -> Rows:
    """Coordinates, area and the box's share of the least intersection that can exceed the threshold, row by row.

    I / (A + B - I) > t is I > t / (1 + t) (A + B): a sum of two shares, and no division for the many pairs that are far
    from it. The share is a hair too small, so that rounding loses no pair; the quotient decides about those it lets
    through.
    """
    rows = np.empty((6, len(boxes)))
    rows[:AREA] = boxes.T
    np.multiply(rows[RIGHT] - rows[LEFT], rows[BOTTOM] - rows[TOP], out=rows[AREA])
    np.multiply(rows[AREA], iou_threshold / (1 + iou_threshold) * (1 - 1e-12), out=rows[SHARE])
    return rows


def _settled(
    rows: Rows, iou_threshold: float, labels: Int64[np.ndarray, " boxes"] | None, head: Positions
) -> tuple[np.ndarray, Hits]:
    """Greedy suppression within one block: who stays (a mask), and who was removed by whom."""
    better, worse, iou = _hits_within(rows, iou_threshold)
    if labels is not None:
        better, worse, iou = _alike(labels[head], labels[head], better, worse, iou)
    stays, decided = bytearray(b"\1") * rows.shape[1], []
    for pair, (one, other) in enumerate(zip(better.tolist(), worse.tolist(), strict=True)):
        if stays[one] and stays[other]:
            stays[other] = 0
            decided.append(pair)
    pairs = np.array(decided, dtype=np.int64)
    return np.frombuffer(stays, dtype=bool), (better[pairs], worse[pairs], iou[pairs])


def _hits_within(rows: Rows, iou_threshold: float) -> Hits:
    """The pairs of a block over the threshold, those of the best box first.

    Box i against box i + 1, i + 2, ... around a ring, half way: every pair once instead of twice. Those exactly
    opposite come twice, which changes no decision.
    """
    count = rows.shape[1]
    twice = np.empty((6, 2 * count))
    twice[:, :count] = twice[:, count:] = rows
    turned = np.ndarray(  # [row, step, i] is box i + step + 1: a view, nothing is copied
        (6, count // 2, count), buffer=twice, offset=8, strides=(twice.strides[0], 8, 8)
    )
    near, shared = _near(rows[:, None], turned)
    step, one = np.divmod(near, count)
    other = (one + step + 1) % count
    better, worse = np.minimum(one, other), np.maximum(one, other)
    order = (better * count + worse).argsort()
    return _over(rows, rows, better[order], worse[order], shared[order], iou_threshold)


def _removed(kept: Rows, rest: Rows, iou_threshold: float) -> Hits:
    """The pairs of a kept box and one further back that are over the threshold, those of the best box first."""
    near, shared = _near(kept[:, :, None], rest[:, None])
    better, worse = np.divmod(near, rest.shape[1])
    return _over(kept, rest, better, worse, shared, iou_threshold)


def _near(first: np.ndarray, second: np.ndarray) -> tuple[Positions, Float64[np.ndarray, " pairs"]]:
    """Places in the flattened grid of pairs whose intersection reaches their shares, and the intersection."""
    width = np.minimum(first[RIGHT], second[RIGHT])
    width -= np.maximum(first[LEFT], second[LEFT])
    np.maximum(
        width, 0.0, out=width
    )  # one axis is enough here: the product with a negative height is below any share
    height = np.minimum(first[BOTTOM], second[BOTTOM])
    height -= np.maximum(first[TOP], second[TOP])
    shared = np.multiply(width, height, out=width)
    least = np.add(first[SHARE], second[SHARE], out=height)
    near = (shared > least).ravel().nonzero()[0]
    return near, shared.ravel()[near]


def _over(
    first: Rows, second: Rows, better: Positions, worse: Positions, shared: np.ndarray, iou_threshold: float
) -> Hits:
    """Of the pairs that came near, those whose IoU is greater than the threshold."""
    iou = shared / (first[AREA][better] + second[AREA][worse] - shared)
    over = iou > iou_threshold
    return better[over], worse[over], iou[over]


def _alike(
    first: np.ndarray, second: np.ndarray, better: Positions, worse: Positions, iou: np.ndarray
) -> Hits:
    """The pairs of one label."""
    alike = first[better] == second[worse]
    return better[alike], worse[alike], iou[alike]
