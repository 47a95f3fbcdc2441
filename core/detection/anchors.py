"""Anchors from the sizes of real boxes: k-means, once with 1 - IoU as the distance and once with Euclid's.

Only shapes count: all boxes are laid on one corner. Euclid's distance measures in pixels and spends the anchors on
large boxes; 1 - IoU measures in proportion. Source: Redmon & Farhadi, "YOLO9000", 2017, section 2, figure 2.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64
from numpy.typing import ArrayLike

Distance = Literal["iou", "euclidean"]
Sizes = Float64[np.ndarray, "boxes 2"]
MOST_ANCHORS = 9  # as many as YOLOv3 has, over its three levels
STARTS = 10


@dataclass(frozen=True, slots=True, eq=False)
class AnchorFit:
    """k anchors and how well they fit.

    Args:
        distance: what was minimised.
        anchors: [k, 2], height and width in pixels, smallest area first.
        nearest: [n], the anchor that each box is nearest to.
        cost: mean over the boxes of 1 - IoU, or of the squared Euclidean distance, to the nearest anchor.
        mean_best_iou: mean over the boxes of the IoU with the anchor of the most similar shape, 0 to 1.
        path: the anchors before every round of the run that won, in the order of its start.
        refilled: how often in that run an anchor had lost all its boxes and was set on the worst-fitting box.
    """

    distance: Distance
    anchors: Float64[np.ndarray, "k 2"]
    nearest: Int64[np.ndarray, " boxes"]
    cost: float
    mean_best_iou: float
    path: tuple[Float64[np.ndarray, "k 2"], ...]
    refilled: int


def shape_iou(a: ArrayLike, b: ArrayLike) -> Float64[np.ndarray, "first second"]:
    """IoU of sizes laid on one corner: min(h) min(w) / (A + B - min(h) min(w)), [n, 2] and [m, 2] -> [n, m].

    Raises: ValueError for sizes that are not positive (see `checked_sizes`).
    """
    first, second = checked_sizes(a)[:, None], checked_sizes(b)[None]  # [n, 1, 2], [1, m, 2]
    shared = np.minimum(first, second).prod(axis=2)  # [n, m]
    return shared / (first.prod(axis=2) + second.prod(axis=2) - shared)


def checked_sizes(sizes: ArrayLike) -> Sizes:
    """Heights and widths as float64 [n, 2]; ValueError unless there is one at least, and all are from 1e-6 to 1e9."""
    array = np.asarray(sizes, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2 or not len(array):
        raise ValueError(f"Sizes must be an array of n x 2 heights and widths, got shape {array.shape}.")
    wrong = ~((array >= 1e-6) & (array <= 1e9))  # NaN fails both
    if wrong.any():
        raise ValueError(f"A height or width must be from 1e-06 to 1e+09 pixels, got {array[wrong][0]:g}.")
    return array


def mean_best_iou(sizes: ArrayLike, anchors: ArrayLike) -> float:
    """Mean over the boxes of the IoU with the anchor of the most similar shape, over 0, at most 1."""
    return float(shape_iou(sizes, anchors).max(axis=1).mean())


def fit_anchors(
    sizes: ArrayLike,
    k: int,
    *,
    distance: Distance = "iou",
    seed: int = 0,
    first_start: ArrayLike | None = None,
) -> AnchorFit:
    """The best of `STARTS` runs of k-means, each begun at k different sizes drawn by the seed.

    The first is any, each further one likelier the farther it is from those drawn (Arthur & Vassilvitskii,
    "k-means++", 2007): runs from starts close together often end in a poor sharing-out.

    Args:
        sizes: [n, 2], height and width of each box in pixels.
        k: how many anchors, 1 to the number of different sizes.
        distance: "iou" for 1 - IoU, "euclidean".
        seed: of the draws.
        first_start: [k, 2], one more start, tried before the others.

    Raises: ValueError for a k out of range, an unknown distance or sizes that are not positive.
    """
    array = checked_sizes(sizes)
    different = np.unique(array, axis=0)
    if not 1 <= k <= len(different):
        raise ValueError(
            f"There must be 1 to {len(different)} anchors, one for each different size, got {k}."
        )
    generator = np.random.default_rng(seed)
    starts = [] if first_start is None else [checked_sizes(first_start)]
    starts += [_spread_start(different, k, distance, generator) for _ in range(STARTS)]
    return min((k_means(array, start, distance) for start in starts), key=lambda fit: fit.cost)


def k_means(sizes: ArrayLike, start: ArrayLike, distance: Distance = "iou") -> AnchorFit:
    """Lloyd's algorithm: give every box to its nearest anchor, move the anchor to their mean, repeat.

    It ends when a sharing-out comes up a second time. With Euclid's distance that is the first one to change nothing;
    the mean is not the best anchor under 1 - IoU, so there a round may be a step back, and the best round counts.
    """
    array, anchors = checked_sizes(sizes), checked_sizes(start)
    path: list[np.ndarray] = []
    costs: list[float] = []
    seen: set[bytes] = set()
    refilled = 0
    while True:
        apart = _distances(array, anchors, distance)  # [n, k]
        nearest = apart.argmin(axis=1)
        path.append(anchors)
        costs.append(float(apart.min(axis=1).mean()))
        if nearest.tobytes() in seen:
            break
        seen.add(nearest.tobytes())
        anchors, refills = _moved(array, anchors, nearest, apart.min(axis=1))
        refilled += refills
    best = path[int(np.argmin(costs))]
    ordered = best[np.lexsort((best[:, 0], best.prod(axis=1)))]
    nearest = _distances(array, ordered, distance).argmin(axis=1)
    return AnchorFit(
        distance, ordered, nearest, min(costs), mean_best_iou(array, ordered), tuple(path), refilled
    )


def anchor_curve(sizes: ArrayLike, *, seed: int = 0) -> tuple[tuple[AnchorFit, AnchorFit], ...]:
    """The fits for k = 1, 2 ... 9 (fewer if there are fewer different sizes), by 1 - IoU and by Euclid's distance.

    Each k also starts from the anchors of k - 1 and the box they fit worst, so that under 1 - IoU the mean best IoU
    never falls with one anchor more.
    """
    array = checked_sizes(sizes)
    most = min(MOST_ANCHORS, len(np.unique(array, axis=0)))
    curves = [_curve(array, most, distance, seed) for distance in ("iou", "euclidean")]
    return tuple(zip(*curves, strict=True))


def _curve(sizes: Sizes, most: int, distance: Distance, seed: int) -> list[AnchorFit]:
    fits = [fit_anchors(sizes, 1, distance=distance, seed=seed)]
    for k in range(2, most + 1):
        before = fits[-1].anchors
        worst = sizes[_distances(sizes, before, distance).min(axis=1).argmax()]
        start = np.concatenate([before, worst[None]])  # [k, 2]
        fits.append(fit_anchors(sizes, k, distance=distance, seed=seed, first_start=start))
    return fits


def _distances(sizes: Sizes, anchors: np.ndarray, distance: Distance) -> np.ndarray:
    """[n, 2] and [k, 2] -> [n, k]; Euclid's is squared, whose sum the mean minimises."""
    if distance == "iou":
        return 1 - shape_iou(sizes, anchors)
    if distance == "euclidean":
        return ((sizes[:, None] - anchors[None]) ** 2).sum(axis=2)
    raise ValueError(f'A distance must be "iou" or "euclidean", got {distance}.')


def _spread_start(
    different: Sizes, k: int, distance: Distance, generator: np.random.Generator
) -> Float64[np.ndarray, "k 2"]:
    """k of the different sizes, far from each other more often than not."""
    chosen = [int(generator.integers(len(different)))]
    apart = np.full(len(different), np.inf)
    while len(chosen) < k:
        apart = np.minimum(apart, _distances(different, different[chosen[-1:]], distance)[:, 0])
        apart[chosen] = 0.0  # 1 - IoU of a size with itself may be a rounding error
        chosen.append(int(generator.choice(len(different), p=apart / apart.sum())))
    return different[chosen]


def _moved(
    sizes: Sizes, anchors: np.ndarray, nearest: np.ndarray, worst: np.ndarray
) -> tuple[np.ndarray, int]:
    """Each anchor at the mean of its boxes, and how many had none and were set on a badly fitting box.

    `worst` holds the boxes' distances to their anchors. Anchors are set on different sizes, or they would share their
    boxes; one for which no badly fitting size is left stays where it was.
    """
    moved = anchors.copy()
    empty = []
    for index in range(len(anchors)):
        own = sizes[nearest == index]
        if len(own):
            moved[index] = own.mean(axis=0)
        else:
            empty.append(index)
    worst_first = [tuple(sizes[i]) for i in np.argsort(-worst, kind="stable") if worst[i] > 0]
    refills = list(zip(empty, dict.fromkeys(worst_first), strict=False))
    for index, size in refills:
        moved[index] = size
    return moved, len(refills)
